"""The risk guide's cases, how they are assessed, and what level counts: for a case, and for a meeting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from bot.risk import guide as guides
from bot.risk.guide import SORT, Guide
from bot.risk.shelf import digest
from bot.services import occasions
from bot.services.people import Actor
from bot.services.rights import NotFound
from bot.services.work import Work
from storage.tables import Assessment, Meeting, RiskCase, RiskVersion, Watch

RAISED = ("moderate", "high")
SHOWN = 60  # cases of no meeting that are looked at


def find(work: Work, number: int) -> RiskCase:
    """The case; nobody else changes it until this transaction is over. Raises NotFound."""
    case = work.session.get(RiskCase, number, with_for_update=True) if 0 < number < 2**31 else None
    if case is None:
        raise NotFound
    return case


def id_of(case: RiskCase) -> int:
    """Its number."""
    assert case.id is not None
    return case.id


def add_all(work: Work, actor: Actor, titles: Sequence[str], meeting: int | None = None) -> None:
    """Cases that nobody has sorted yet."""
    rows = [RiskCase(title=t, meeting_id=meeting, created_by=actor.id, created_at=work.now) for t in titles]
    work.session.add_all(rows)
    work.session.flush()


def of_meeting(work: Work, meeting: Meeting) -> list[RiskCase]:
    """Its cases: as they stand on the agenda, then those that no longer do and count all the same."""
    titles = occasions.agenda(work, meeting)
    query = select(RiskCase).where(RiskCase.meeting_id == meeting.id).order_by(col(RiskCase.id))
    left = list(work.session.exec(query))
    found: list[RiskCase] = []
    for title in titles:
        same = next((case for case in left if case.title == title), None)
        if same is not None:
            left.remove(same)
            found.append(same)
    return [*found, *left]


def is_off(work: Work, case: RiskCase, meeting: Meeting) -> bool:
    """Whether it stands on the meeting's agenda no longer."""
    return case.title not in occasions.agenda(work, meeting)


def bring_in(work: Work, actor: Actor, meeting: Meeting) -> list[RiskCase]:
    """The same, with a row for each case of the agenda."""
    known = [case.title for case in of_meeting(work, meeting)]
    new: list[str] = []
    for title in occasions.agenda(work, meeting):
        if title in known:
            known.remove(title)
        else:
            new.append(title)
    add_all(work, actor, new, occasions.id_of(meeting))
    return of_meeting(work, meeting)


def by_itself(work: Work) -> list[RiskCase]:
    """The newest cases of no meeting, in the order in which they were written in."""
    query = select(RiskCase).where(col(RiskCase.meeting_id).is_(None)).order_by(col(RiskCase.id).desc())
    return list(work.session.exec(query.limit(SHOWN)))[::-1]


def level_of(work: Work, meeting: Meeting) -> str:
    """The highest of its cases; "" while none is sorted."""
    level = ""
    for one in work.session.exec(select(RiskCase.level).where(RiskCase.meeting_id == meeting.id)):
        level = guides.higher(level, one)
    return level


def unsorted(work: Work, meeting: Meeting) -> int:
    """How many cases of its agenda nobody has sorted yet; 0 before anybody has begun."""
    titles, known = occasions.agenda(work, meeting), of_meeting(work, meeting)
    if not any(case.level for case in known):
        return 0
    done = Counter(case.title for case in known if case.level)
    return sum((Counter(titles) - done).values())


def raised(work: Work, meeting: Meeting, *, listed: bool = False) -> list[RiskCase]:
    """Its cases of moderate or high risk, the highest first; only those `listed` on its agenda where that is asked."""
    titles = occasions.agenda(work, meeting) if listed else []
    some = [case for case in of_meeting(work, meeting) if case.level in RAISED]
    some = [case for case in some if not listed or case.title in titles]
    return sorted(some, key=lambda case: case.level != "high")


# How it is assessed


def assessments(work: Work, case: RiskCase) -> list[Assessment]:
    """All of its assessments, the newest first."""
    query = select(Assessment).where(Assessment.case_id == case.id).order_by(col(Assessment.id).desc())
    return list(work.session.exec(query))


def newest(work: Work, case: RiskCase) -> Assessment | None:
    """The one that counts, or is under way."""
    return next(iter(assessments(work, case)), None)


def begin(work: Work, actor: Actor, case: RiskCase) -> Assessment:
    """A new assessment, by the guide as it is now. Who took part is asked anew."""
    row = Assessment(
        case_id=id_of(case), version_id=_version(work), answers={}, roles=[], started_by=actor.id, started_at=work.now
    )
    work.session.add(row)
    work.session.flush()
    return row


def _version(work: Work) -> int:
    guide = work.house.guides.guide
    mark = digest(guide)
    known = work.session.exec(select(RiskVersion.id).where(RiskVersion.digest == mark)).first()
    if known is not None:
        return known
    row = RiskVersion(version=guide.version, digest=mark, content=guides.to_json(guide), kept_at=work.now)
    work.session.add(row)
    work.session.flush()
    assert row.id is not None
    return row.id


def renew(work: Work, row: Assessment) -> None:
    """Let the guide as it is now count for one of which only step 1 is answered."""
    if not set(row.answers) - {SORT}:
        row.version_id = _version(work)
        work.session.add(row)


def in_force(work: Work, case: RiskCase) -> Assessment | None:
    """The assessment that the case's level is of: the newest, or the one before while the newest has no answers."""
    rows = assessments(work, case)
    return next((row for row in rows if row.answers), next(iter(rows), None))


def guide_of(work: Work, row: Assessment) -> Guide:
    """The guide that it was assessed by, however old."""
    version = work.session.get_one(RiskVersion, row.version_id)
    key = ("guide", version.digest)
    if key not in work.once:
        now = work.house.guides.guide
        work.once[key] = now if version.digest == digest(now) else guides.from_json(version.content)
    found: Guide = work.once[key]
    return found


def counting(work: Work, row: Assessment) -> dict[str, str]:
    """Each question with the answer that counts, where several have answered it."""
    guide = guide_of(work, row)
    given = {key: list(by.values()) for key, by in row.answers.items() if by}
    order = ("", *guides.LEVELS)
    return {
        key: max(some, key=order.index) if key == SORT else guides.counted(guide, some) for key, some in given.items()
    }


def differing(row: Assessment) -> list[str]:
    """The questions that were answered differently by several."""
    return [key for key, by in row.answers.items() if len(set(by.values())) > 1]


def answer(work: Work, actor: Actor, row: Assessment, given: dict[str, str]) -> None:
    """Keep what this person answers; what others answered stays."""
    answers = {key: dict(by) for key, by in row.answers.items()}
    for key, said in given.items():
        answers.setdefault(key, {})[str(actor.id)] = said
    row.answers = answers


def settle(work: Work, actor: Actor, case: RiskCase, row: Assessment) -> None:
    """What the answers come to now: for the assessment, and for the case."""
    guide, given = guide_of(work, row), counting(work, row)
    second, third = guides.second(guide, given), guides.third(guide, given)
    row.sorted = given.get(SORT, "")
    row.level = second.level if second is not None else ""
    row.square = third.square if third is not None else ""
    done = bool(row.level or row.sorted == "low")
    row.decided_by, row.decided_at = (actor.id, work.now) if done else (None, None)
    work.session.add(row)
    before = next((old for old in assessments(work, case) if old.id != row.id), None)
    case.level = _in_force(row, before)
    work.session.add(case)
    watched = select(Watch).where(Watch.case_id == case.id, col(Watch.ended_at).is_(None))
    for watch in work.session.exec(watched) if case.level else ():
        watch.level = case.level  # the list is tied to what was assessed
        work.session.add(watch)
    work.session.flush()


def _in_force(row: Assessment, before: Assessment | None) -> str:
    """The result of step 2; before there is one that of step 1, and never lower than what was there before."""
    if row.level or row.sorted == "low":
        return row.level or row.sorted
    earlier = (before.level or before.sorted) if before is not None else ""
    return guides.higher(row.sorted, earlier)


def decided_at(row: Assessment) -> datetime:
    """When it got its result, or was begun."""
    return row.decided_at or row.started_at
