"""The reckoning of turns: no gap and no overlap, everybody in order, and the same time on the wall all year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot import turns
from bot.moments import from_wall
from bot.turns import NOBODY, Turn

ZONE = ZoneInfo("Europe/Stockholm")
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
START = datetime(2026, 11, 23, 7, tzinfo=UTC)

days = st.sampled_from([1, 7, 14])
orders = st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001  clocks on the wall
    lambda wall: from_wall(wall.replace(second=0, microsecond=0), ZONE)
)


def hours(offset: int) -> datetime:
    return START + timedelta(hours=offset)


@st.composite
def layers(draw: st.DrawFn) -> list[Turn]:
    """Rows that lie over each other; a later row has a higher number."""
    found = []
    for row in range(1, draw(st.integers(0, 9)) + 1):
        begins = draw(st.integers(0, 40))
        ends = begins + draw(st.integers(1, 20))
        found.append(Turn(draw(st.integers(1, 4)), hours(begins), hours(ends), row))
    return found


@given(orders, days, starts)
def test_turns_follow_each_other_without_a_gap_and_everybody_comes_in_order(
    order: list[int], length: int, start: datetime
) -> None:
    found = list(islice(turns.reckoned(order, length, start, ZONE), 3 * len(order)))
    assert all(one.ends_at == other.starts_at for one, other in pairwise(found))
    assert [turn.person for turn in found] == order * 3


@given(days, st.times(time(0), time(23, 59)), st.sampled_from([SPRING, AUTUMN]), st.integers(0, 20))
def test_a_change_is_at_the_same_time_on_the_wall_through_both_changes_of_daylight_saving(
    length: int, clock: time, changing: date, before: int
) -> None:
    wall = datetime.combine(changing - timedelta(days=before), clock.replace(second=0, microsecond=0))
    start = from_wall(wall, ZONE)
    wanted = start.astimezone(ZONE).time()
    for turn in islice(turns.reckoned([1, 2], length, start, ZONE), 30):
        shown = turn.starts_at.astimezone(ZONE)
        skipped = wanted.hour == 2 and shown.time() == time(3)  # there is no such time on that day
        assert skipped or shown.time() == wanted


def test_eight_in_the_morning_is_23_and_25_hours_from_the_day_before() -> None:
    for changing, long in ((SPRING, 23), (AUTUMN, 25)):
        start = from_wall(datetime.combine(changing - timedelta(days=1), time(8)), ZONE)
        first, second = islice(turns.reckoned([1, 2], 1, start, ZONE), 2)
        assert first.ends_at - first.starts_at == timedelta(hours=long)
        assert [t.ends_at.astimezone(ZONE).time() for t in (first, second)] == [time(8), time(8)]


@given(orders, days, starts, st.integers(1, 300), st.integers(0, 5))
def test_topping_up_goes_on_as_if_all_had_been_made_at_once(
    order: list[int], length: int, start: datetime, many: int, more: int
) -> None:
    whole = list(islice(turns.reckoned(order, length, start, ZONE), many + more))
    last = whole[many - 1]
    rest = turns.reckoned(order, length, start, ZONE, since=last.ends_at, before=last.person)
    assert list(islice(rest, more)) == whole[many:]


@given(orders, days, starts, st.data())
def test_who_has_left_is_skipped_and_the_others_keep_their_order(
    order: list[int], length: int, start: datetime, data: st.DataObject
) -> None:
    here = data.draw(st.sets(st.sampled_from(order)))
    found = list(islice(turns.reckoned(order, length, start, ZONE, here=here), 12))
    kept = [person for person in order if person in here]
    assert [turn.person for turn in found] == (kept * 12)[: len(found)]
    assert len(found) == (12 if kept else 0)


@given(orders, days, starts, st.integers(0, 10_000))
def test_a_list_that_begins_in_the_middle_of_a_turn_has_no_gap_at_its_beginning(
    order: list[int], length: int, start: datetime, minutes: int
) -> None:
    since = start + timedelta(minutes=minutes)
    first = next(turns.reckoned(order, length, start, ZONE, since=since))
    assert first.starts_at == since < first.ends_at


@given(layers(), st.integers(-1, 60))
def test_at_every_moment_the_highest_row_holds(rows: list[Turn], since: int) -> None:
    held = turns.held(rows, hours(since))
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(held))
    for offset in range(62):
        moment = hours(offset) + timedelta(minutes=30)
        over = [row for row in rows if row.starts_at <= moment < row.ends_at and moment >= hours(since)]
        found = turns.at(held, moment)
        assert (found.row if found else 0) == max((row.row for row in over), default=0)


@given(layers())
def test_neighbours_of_one_person_are_one_and_no_time_is_lost(rows: list[Turn]) -> None:
    held = turns.held(rows, START)
    joined = turns.by_person(held)
    assert all(one.person != other.person or one.ends_at < other.starts_at for one, other in pairwise(joined))
    assert sum((t.ends_at - t.starts_at for t in joined), timedelta()) == sum(
        (t.ends_at - t.starts_at for t in held), timedelta()
    )


@given(layers())
def test_gaps_and_turns_fill_the_whole_time(rows: list[Turn]) -> None:
    held = turns.held(rows, START)
    free = turns.gaps(held, START, hours(61))
    whole = sorted([*held, *free], key=lambda turn: turn.starts_at)
    assert whole[0].starts_at == START and whole[-1].ends_at == hours(61)
    assert all(one.ends_at == other.starts_at for one, other in pairwise(whole))


@given(st.lists(st.integers(1, 5), max_size=5, unique=True), layers())
def test_never_is_nobody_asked_to_cover_who_could_and_never_somebody_who_is_away(
    candidates: list[int], away: list[Turn]
) -> None:
    parts = turns.covered(hours(5), hours(30), candidates, away)
    assert parts[0].starts_at == hours(5) and parts[-1].ends_at == hours(30)
    assert all(one.ends_at == other.starts_at for one, other in pairwise(parts))
    for offset in range(5, 30):
        moment = hours(offset) + timedelta(minutes=30)
        part = turns.at(parts, moment)
        assert part is not None
        gone = {turn.person for turn in away if turn.starts_at <= moment < turn.ends_at}
        assert part.person not in gone
        assert (part.person == NOBODY) == (not set(candidates) - gone)


def test_who_covers_goes_on_covering_and_the_first_in_turn_is_asked_first() -> None:
    away = [Turn(2, hours(0), hours(4)), Turn(3, hours(8), hours(9))]
    parts = turns.covered(hours(0), hours(12), [2, 3], away)
    assert [(part.person, part.ends_at) for part in parts] == [(3, hours(8)), (2, hours(12))]
