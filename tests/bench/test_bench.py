"""The benchmark works: in a tiny size it gives every figure. Nothing here depends on how fast it was."""

from __future__ import annotations

import json

import pytest

from tests.bench.figures import TINY, measure, percentile

POSITIVE = (
    "flag_to_handover_p50_ms", "flag_to_handover_p99_ms", "flag_to_handover_max_ms", "flag_cpu_ms",
    "bare_commit_p50_ms", "bare_commit_p99_ms", "updates_per_s",
    "updates_per_s_bare_ptb", "updates_vs_bare_ptb", "start_s", "resident_mb",
    "search_to_handover_p50_ms", "search_to_handover_p99_ms", "search_cpu_ms",
    "fanout_ours_per_s", "fanout_limit_share", "emergency_first_second_share",
    "plan_year_1000_meetings_s", "plan_year_rows", "wakeup_1e6_ms", "wakeup_1e3_ms", "wakeup_1e6_vs_1e3",
    "briefings_sent", "risk_presses", "risk_press_p50_ms", "risk_press_p99_ms",
    "figures_10k_ms", "picture_10k_s", "presses_while_drawing", "press_while_drawing_p99_ms",
)  # fmt: skip


async def test_every_figure_is_there_and_positive() -> None:
    figures = json.loads(json.dumps(await measure(TINY)))
    for name in POSITIVE:
        assert figures[name] > 0, name
    assert figures["flags"] == TINY.reporters * TINY.rounds
    assert figures["lists"] == TINY.lists
    assert figures["restarts"] == TINY.restarts
    assert figures["briefings_missed"] == figures["briefings_doubled"] == 0
    assert len(figures["start_s_all"]) == TINY.starts


@pytest.mark.parametrize(("share", "found"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.0, 1.0)])
def test_percentile_is_the_nearest_rank(share: float, found: float) -> None:
    assert percentile([float(n) for n in range(1, 101)], share) == found
