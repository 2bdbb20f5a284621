"""The proof in small, on every test run; and the proof that the proof can fail."""

from __future__ import annotations

import pytest

from tests.conftest import on_postgresql
from tests.prove.lives import BOUNDARIES
from tests.prove.proof import prove, prove_company

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("prove")]


async def test_twenty_kills_lose_nothing_that_was_accepted() -> None:
    proof = await prove(20, seed=1, on="postgresql" if on_postgresql() else "sqlite")
    assert proof.holds, str(proof)
    assert all(proof.lives.kills[name] >= 3 for name in BOUNDARIES), str(proof)
    assert min(proof.verdict.accepted[sort] for sort in ("flag", "answer", "press")) > 0, str(proof)


@pytest.mark.postgresql
async def test_of_three_bots_two_go_on_within_ten_seconds_when_the_one_that_receives_or_sends_is_killed() -> None:
    proof = await prove_company(3, seed=1)
    assert proof.holds, str(proof)


@pytest.mark.sqlite
async def test_a_bot_that_acknowledges_before_it_commits_is_found_out() -> None:
    """Else a green proof would say nothing."""
    proof = await prove(40, seed=1, hasty=True)
    assert proof.verdict.lost, str(proof)
