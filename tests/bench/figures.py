"""What is measured, how much of it, and the figures that come out."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import calendar, fanout, machine, risk, searches, situation
from tests.bench.flags import Handover, flag
from tests.bench.municipality import Municipality
from tests.bench.process import bare_bot, cpu_seconds, unpaced_bot, whole_program
from tests.bench.startup import memory_after, seconds_to_first_poll
from tests.bench.updates import updates_per_second

LIMIT = 30  # messages a second, Telegram's
PEERS = (("ptb", 1), ("aiogram", 1), ("apprise", 1), ("aiogram", 30))
Say = Callable[[str], None]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    reporters: int = 200
    rounds: int = 2  # flags of each reporter
    rate: float = 20.0  # flags a second
    updates: int = 1000
    pairs: int = 3
    starts: int = 5
    flags_in_memory: int = 200
    crowd: int = 10_000  # people who get an alert
    alerts: int = 3  # of ours and of each peer's
    peers: bool = True  # whether others are measured too
    limited: int = 900  # people who get one at Telegram's limit
    few: int = 300  # people whom an emergency is for, while as many as `crowd` wait for something else
    lists: int = 500  # checklists and cards that are loaded while people search
    searches: int = 3  # of each reporter
    commits: int = 300  # bare ones, before and after the flags, to judge the machine by
    meetings: int = 1000  # whose steps are planned
    people: int = 300  # in the parties of the calendar that is planned
    waiting: int = 1_000_000  # promises that wait, and
    waiting_few: int = 1000  # as many as wait beside them
    wakeups: int = 200  # of the clock, among each
    days: int = 730  # of the calendar that is lived through
    restarts: int = 1000  # in those days
    cases: int = 30  # of a risk guide that is done in one sitting
    incidents: int = 10_000  # whose situation is drawn
    pictures: int = 12  # of it


FULL = Size()
TINY = Size(
    reporters=3, rounds=1, updates=6, pairs=1, starts=1, flags_in_memory=2, commits=5,
    crowd=8, alerts=1, peers=False, limited=8, few=4, lists=50, searches=1,
    meetings=12, people=20, waiting=2000, waiting_few=100, wakeups=4, days=45, restarts=20, cases=6,
    incidents=60, pictures=1,
)  # fmt: skip


async def measure(size: Size, say: Say = lambda _: None) -> Figures:
    """Everything, on servers and databases of its own."""
    figures: Figures = machine.described()
    for title, part in (("start and memory", _startup), ("updates", _updates), ("flags", _flags)):
        say(f"measuring {title} …")
        with tempfile.TemporaryDirectory() as folder:
            async with Municipality(Path(folder), size.reporters) as town:
                figures |= await part(town, size)
    say("measuring searches …")
    with tempfile.TemporaryDirectory() as folder:
        figures |= await _searches(Path(folder), size)
    say("measuring a risk guide …")
    with tempfile.TemporaryDirectory() as folder:
        figures |= await _risk(Path(folder), size)
    say("measuring the situation …")
    with tempfile.TemporaryDirectory() as folder:
        figures |= await _situation(Path(folder), size)
    say("measuring the calendar …")
    figures |= await _calendar(size)
    say("measuring alerts …")
    async with fanout.sink() as place:
        figures |= await _alerts(place, size)
        figures |= await _at_the_limit(place, size)
    return figures


async def _alerts(place: fanout.Sink, size: Size) -> Figures:
    """To many people without limits, ours and the peers' in turn; the ratio is to the fastest loop of the peers."""
    found: dict[str, list[fanout.Result]] = {}
    peers = PEERS if size.peers else ()
    with tempfile.TemporaryDirectory() as folder:
        crowd = fanout.Crowd(Path(folder), size.crowd, size.few)
        for _ in range(size.alerts):
            found.setdefault("ours", []).append(await fanout.ours(place, crowd))
            for kind, at_once in peers:
                name = kind if at_once == 1 else f"{kind}_{at_once}_at_once"
                found.setdefault(name, []).append(await fanout.peer(place, crowd, kind, at_once))
    rates = {name: median(result.rate for result in results) for name, results in found.items()}
    figures: Figures = {f"fanout_{name}_per_s": round(rate, 1) for name, rate in rates.items()}
    figures |= {f"fanout_{name}_cpu_ms": _ms(median(r.cpu for r in results)) for name, results in found.items()}
    loops = [rates[kind] for kind, at_once in peers if at_once == 1]
    if loops:
        figures["fanout_vs_best_peer"] = round(rates["ours"] / max(loops), 2)
    return figures


async def _at_the_limit(place: fanout.Sink, size: Size) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        paced = await fanout.within_limit(place, fanout.Crowd(Path(folder), size.limited, size.few), LIMIT)
    with tempfile.TemporaryDirectory() as folder:
        seconds = await fanout.overtaking(place, fanout.Crowd(Path(folder), size.crowd, size.few), LIMIT)
    return {
        "fanout_limit_share": round(paced.rate / LIMIT, 3),
        "fanout_limit_refused": paced.refused,
        "emergency_each_second": seconds,
        "emergency_first_second_share": round(seconds[0] / min(LIMIT, size.few), 2),
    }


async def _flags(town: Municipality, size: Size) -> Figures:
    commits = await asyncio.to_thread(machine.commits, town.folder, size.commits)
    async with unpaced_bot(town) as bot:
        used = cpu_seconds(bot)
        handovers = [await flag(town, size.rate) for _ in range(size.rounds)]
        used = cpu_seconds(bot) - used
    commits += await asyncio.to_thread(machine.commits, town.folder, size.commits)
    found = sorted(Handover.times(town, handovers))
    return {
        "flags": len(found),
        "flag_to_handover_p50_ms": _ms(median(found)),
        "flag_to_handover_p99_ms": _ms(percentile(found, 0.99)),
        "flag_to_handover_max_ms": _ms(found[-1]),
        "flag_cpu_ms": _ms(used / len(found)),
        "bare_commit_p50_ms": _ms(median(commits)),
        "bare_commit_p99_ms": _ms(percentile(sorted(commits), 0.99)),
    }


async def _searches(folder: Path, size: Size) -> Figures:
    (folder / "own").mkdir()
    lists = await asyncio.to_thread(searches.fill, folder / "own", size.lists)
    async with Municipality(folder, size.reporters, content=folder / "own") as town, unpaced_bot(town) as bot:
        used = cpu_seconds(bot)
        found = sorted(await searches.search(town, size.searches, size.rate))
        used = cpu_seconds(bot) - used
    return {
        "lists": lists,
        "search_to_handover_p50_ms": _ms(median(found)),
        "search_to_handover_p99_ms": _ms(percentile(found, 0.99)),
        "search_cpu_ms": _ms(used / len(found)),
    }


async def _risk(folder: Path, size: Size) -> Figures:
    async with Municipality(folder, size.reporters) as town, unpaced_bot(town) as bot:
        used = cpu_seconds(bot)
        found = sorted(await risk.sitting(town, size.cases))
        used = cpu_seconds(bot) - used
    return {
        "risk_cases": size.cases,
        "risk_presses": len(found),
        "risk_press_p50_ms": _ms(median(found)),
        "risk_press_p99_ms": _ms(percentile(found, 0.99)),
        "risk_press_cpu_ms": _ms(used / len(found)),
    }


async def _situation(folder: Path, size: Size) -> Figures:
    async with Municipality(folder, size.reporters) as town:
        desk = await asyncio.to_thread(situation.Desk, town.file, town.key, size.incidents)
        reckoned = await situation.reckoned(town.file, town.key, 2 * size.pictures)
        async with unpaced_bot(town):
            found = await situation.drawn(town, desk, size.pictures, size.rate)
    presses = sorted(found.presses)
    return {
        "situation_incidents": size.incidents,
        "figures_10k_ms": _ms(median(reckoned)),
        "figures_10k_max_ms": _ms(reckoned[-1]),
        "picture_10k_s": round(median(found.pictures), 2),
        "picture_10k_max_s": round(max(found.pictures), 2),
        "presses_while_drawing": len(presses),
        "press_while_drawing_p50_ms": _ms(median(presses)),
        "press_while_drawing_p99_ms": _ms(percentile(presses, 0.99)),
        "press_while_drawing_max_ms": _ms(presses[-1]),
        "press_with_no_picture_p99_ms": _ms(percentile(sorted(found.quiet), 0.99)),
    }


async def _calendar(size: Size) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        took, rows = await asyncio.to_thread(calendar.plan_year, Path(folder), size.meetings, size.people)
    with tempfile.TemporaryDirectory() as folder:
        many, few = await calendar.wakeups(Path(folder), size.waiting, size.waiting_few, size.wakeups)
    with tempfile.TemporaryDirectory() as folder:
        restarted = await calendar.restarted(Path(folder), size.days, size.restarts)
    return {
        "plan_year_1000_meetings_s": round(took, 2),
        "plan_year_rows": rows,
        "wakeup_1e6_ms": _ms(many),
        "wakeup_1e3_ms": _ms(few),
        "wakeup_1e6_vs_1e3": round(many / few, 2),
        "restarts": size.restarts,
        **restarted,
    }


async def _updates(town: Municipality, size: Size) -> Figures:
    ours, bare = [], []
    for _ in range(size.pairs):
        ours.append(await updates_per_second(town, unpaced_bot, size.updates))
        bare.append(await updates_per_second(town, bare_bot, size.updates))
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    return {
        "updates_per_s": round(median(ours), 1),
        "updates_per_s_bare_ptb": round(median(bare), 1),
        "updates_vs_bare_ptb": round(median(ratios), 2),
        "updates_vs_bare_ptb_pairs": [round(ratio, 2) for ratio in ratios],
    }


async def _startup(town: Municipality, size: Size) -> Figures:
    starts = [await seconds_to_first_poll(town) for _ in range(size.starts)]
    async with whole_program(town) as program:
        megabytes = await memory_after(town, program, size.flags_in_memory)
    return {
        "start_s": round(median(starts), 2),
        "start_s_all": [round(start, 2) for start in starts],
        "resident_mb": round(megabytes, 1),
    }


def percentile(ordered: list[float], share: float) -> float:
    """The smallest that is at least as great as this share of them."""
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
