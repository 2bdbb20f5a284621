"""As fast as the platform allows and no faster, by a clock that the tests hold."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import pacing
from bot.pacing import LIMITS, SECOND, Bucket, Limits, Pace, Window


class Watch:
    """A monotonic clock; sleeping moves it."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    found = Watch()
    monkeypatch.setattr("bot.pacing.asyncio.sleep", found.sleep)
    return found


def test_a_burst_goes_at_once_and_what_follows_waits_its_turn() -> None:
    bucket = Bucket(rate=1.0, burst=3.0)
    assert [bucket.wait(100.0) for _ in range(5)] == [0.0, 0.0, 0.0, 1.0, 2.0]


def test_a_clock_that_starts_at_nought_is_a_clock_like_others() -> None:
    bucket = Bucket(rate=2.0, burst=1.0)
    assert [bucket.wait(0.0) for _ in range(4)] == [0.0, 0.5, 1.0, 1.5]


def test_a_rest_gives_the_burst_back_and_never_more() -> None:
    bucket = Bucket(rate=1.0, burst=2.0)
    assert [bucket.wait(0.0) for _ in range(2)] == [0.0, 0.0]
    assert bucket.wait(1.0) == 0.0, "one second gives one back"
    assert [bucket.wait(1_000_000.0) for _ in range(3)] == [0.0, 0.0, 1.0]


@given(
    rate=st.sampled_from([0.5, 1.0, 30.0]),
    burst=st.sampled_from([1.0, 3.0, 30.0]),
    gaps=st.lists(st.floats(0, 5, allow_subnormal=False), min_size=1, max_size=60),
)
def test_no_span_of_time_lets_more_through_than_its_burst_and_its_seconds(
    rate: float, burst: float, gaps: list[float]
) -> None:
    bucket, now, let_through = Bucket(rate, burst), 0.0, []
    for gap in gaps:
        now += gap
        let_through.append(now + bucket.wait(now))
    for first, begin in enumerate(let_through):
        for count, end in enumerate(let_through[first:], 1):
            assert count <= burst + (end - begin) * rate + 1e-6


async def test_a_busy_chat_waits_and_another_does_not(watch: Watch) -> None:
    pace = Pace({"slack": Limits(overall=100)}, watch.now)
    for _ in range(3):
        await pace.turn("slack", "busy")
    assert watch.slept == []
    await pace.turn("slack", "other")
    assert watch.slept == []
    await pace.turn("slack", "busy")
    assert watch.slept == [1.0]


async def test_the_time_that_a_call_took_gives_nothing_back(watch: Watch) -> None:
    pace = Pace({"slack": Limits(overall=100)}, watch.now)
    for _ in range(4):
        await pace.turn("slack", "busy")
    assert watch.slept == [1.0]
    watch.at += 0.7  # the platform may have counted it at the end of that time
    pace.done("slack", "busy", 0.7)
    await pace.turn("slack", "busy")
    assert watch.slept[1:] == [pytest.approx(1.0)]


async def test_all_chats_share_the_platforms_own_limit(watch: Watch) -> None:
    pace = Pace({"telegram": Limits(overall=30)}, watch.now)
    for number in range(31):
        await pace.turn("telegram", str(number))
    assert watch.slept == [pytest.approx(SECOND)]


@given(
    count=st.sampled_from([1, 3, 30]), gaps=st.lists(st.floats(0, 2, allow_subnormal=False), min_size=1, max_size=90)
)
def test_no_second_lets_more_through_than_the_window_allows(count: int, gaps: list[float]) -> None:
    window, now, let_through = Window(count), 0.0, []
    for gap in gaps:
        now += gap
        let_through.append(now + window.wait(now))
    assert let_through == sorted(let_through)
    for first, later in zip(let_through, let_through[count:], strict=False):
        assert later - first >= 1


def test_a_long_queue_goes_out_evenly_and_uses_nearly_all_that_is_allowed() -> None:
    window = Window(30)
    times = [window.wait(0.0) for _ in range(900)]
    assert times[29] == 0 and times[30] == pytest.approx(SECOND)
    assert {round(after - before, 4) for before, after in pairwise(times[30:])} == {0.0335}
    assert 900 / times[-1] / 30 >= 0.98


async def test_a_platform_without_limits_never_waits(watch: Watch) -> None:
    pace = Pace({}, watch.now)
    for _ in range(100):
        await pace.turn("pigeon", "loft")
    assert watch.slept == []


async def test_one_platforms_load_does_not_slow_the_other(watch: Watch) -> None:
    pace = Pace({"telegram": Limits(overall=1), "slack": Limits(overall=1)}, watch.now)
    await pace.turn("telegram", "a")
    await pace.turn("slack", "a")
    assert watch.slept == []


async def test_chats_at_rest_are_forgotten_and_busy_ones_are_not(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "FORGET", 5)
    pace = Pace({"slack": Limits(overall=1000, chat=0.01)}, watch.now)
    for number in range(6):
        await pace.turn("slack", str(number))
    watch.at += 61
    for _ in range(3):
        await pace.turn("slack", "busy")
    assert set(pace._chats) == {("slack", "busy")}
    await pace.turn("slack", "busy")
    assert watch.slept, "the busy chat kept its debt"


def test_the_platforms_documented_limits_are_kept() -> None:
    assert LIMITS["telegram"].overall <= 30 and LIMITS["telegram"].chat <= 1
    assert LIMITS["slack"].chat <= 1
