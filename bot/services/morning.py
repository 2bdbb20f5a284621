"""The chief's one post: at eight on working days, what is today, to be done, unanswered, and what goes out.

Nothing when there is nothing to say. The calendar is brought in line with the plans before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from bot.catalogue import Voice
from bot.messages import Button, Line, Message, Paragraph, Part, Title, Words
from bot.moments import from_wall
from bot.services import (
    advice_views,
    alerts,
    briefing_views,
    briefings,
    coverage_table,
    meetings,
    occasions,
    order_book,
    order_views,
    outgoing,
    people,
    planner,
    promised,
    rounds,
    sending,
    situation,
    standing,
    sweeps,
)
from bot.services.doing import has_action, on_number
from bot.services.hours import is_working_day
from bot.services.order_book import Order
from bot.services.people import Actor
from bot.services.promised import Promises
from bot.services.rights import Right
from bot.services.work import Work
from bot.tokens import Act
from storage import deadlines
from storage.tables import Alert, Briefing, Deadline, Incident, Meeting, Receipt

ROUND, REPLAN = "morning", "replan"
SENT, BEFORE, LAST = "morning_sent", "before", "last"  # when the post before the last one went, and the last one
AT = time(8)
SHOWN, LISTED = 5, 12  # things of a kind, and what came to nothing; more are counted
ANSWERED_WITHIN = timedelta(days=7)  # how old a broadcast may be that somebody has not answered


@dataclass
class Facts:
    """What there is to say on a morning."""

    today: list[Meeting] = field(default_factory=list)
    to_do: list[Briefing] = field(default_factory=list)
    to_know: list[Briefing] = field(default_factory=list)
    missed: list[Briefing] = field(default_factory=list)
    untaken: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    support: list[Meeting] = field(default_factory=list)
    alerts: list[tuple[Alert, int]] = field(default_factory=list)
    goes_out: list[Briefing] = field(default_factory=list)
    promises: Promises = field(default_factory=Promises)
    orders: list[Order] = field(default_factory=list)
    signed: list[Briefing] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say; what is done already is nothing."""
        others = (name for name in self.__dataclass_fields__ if name not in ("to_do", "signed"))
        return not self.left and not any(getattr(self, name) for name in others)

    @property
    def left(self) -> int:
        """How much is to be done still."""
        return sum(row.state == "open" for row in self.to_do)


def keep(work: Work) -> None:
    """Let the next post wait; and bring the calendar in line now, for plans and days may be others since."""
    standing.keep(work, ROUND, _slots(work))
    _in_line(work, 0)


def _slots(work: Work) -> standing.Slots:
    return rounds.slots(work.house.zone, work.now, AT, is_working_day)


def replan_due(work: Work, step: str) -> None:
    """The next part, where there is more than one transaction should hold."""
    _in_line(work, int(step))


def _in_line(work: Work, after: int) -> None:
    """The days of the data file into the calendar, and some meetings' steps in line, from the one after this id on."""
    if not after:
        changed = occasions.sync(work)
        for row in changed.gone:
            meetings.cancel(work, row)
        for row, at in changed.moved:
            meetings.change(work, row, at)
    if last := planner.everything(work, after):
        deadlines.promise(work.session, REPLAN, 1, str(last), work.now)


def round_due(work: Work, step: str) -> None:
    """Send the post. One whose morning the bot missed waits for the next working day: what it had to say is in that."""
    _in_line(work, 0)
    if rounds.in_time(work.house.zone, work.now, date.fromisoformat(step)):
        since = _sent(work, LAST) or work.now - timedelta(days=1)
        _settle(work)
        facts = gather(work, since, work.now)
        deadlines.note(work.session, SENT, 0, BEFORE, since, since)
        deadlines.note(work.session, SENT, 0, LAST, since, work.now)
        situation.begin_week(work, ROUND)
        for person in people.chiefs(work.session):
            for account in people.accounts_of(work.session, person)[:1]:
                _send(work, people.actor(work.session, account), facts)
    standing.follow(work, ROUND, _slots(work))


def _send(work: Work, actor: Actor, facts: Facts) -> None:
    message = _whole(work, actor, facts)
    if message is not None:
        sending.to_account(work, actor.account, message, "info")
    situation.after_post(work, actor, alone=message is None)


def _sent(work: Work, which: str) -> datetime | None:
    query = select(Deadline.done_at).where(Deadline.kind == SENT, Deadline.step == which)
    return work.session.exec(query).first()


def _whole(work: Work, actor: Actor, facts: Facts) -> Message | None:
    """The post, with the situation once a week and the coverage table on its days; None without post and table."""
    table = coverage_table.for_post(work, actor)
    if facts.empty:
        return replace(table, parts=(*table.parts, *situation.for_post(work, actor))) if table is not None else None
    post = draw(work, actor, facts)
    post = replace(post, parts=(*post.parts, *situation.for_post(work, actor)))
    if table is None:
        return post
    below = tuple(Paragraph(part.line) if isinstance(part, Title) else part for part in table.parts)
    return replace(post, parts=(*post.parts, *below), buttons=(*post.buttons, *table.buttons))


def _settle(work: Work) -> None:
    """What is due today or was before: is to be done or known, or has come to nothing. Once, when the post goes."""
    for row in outgoing.undone(work, _today(work)[1]):
        step, over = planner.step_of(work, row), row.helps_until <= work.now
        if step is None or (not step.posted and not over):
            continue
        if not outgoing.stands(work, row):
            row.state, row.reason = ("skipped", "condition") if over else (row.state, row.reason)
        elif over:
            row.state, row.reason, row.acted_by, row.acted_at = "missed", "late", None, work.now
        elif row.state == "planned" and step.ask == "done":
            row.state = "open"
        elif row.state == "planned":
            row.state, row.words, row.acted_at = "sent", briefings.snapshot(work, row, step), work.now
        work.session.add(row)
    work.session.flush()


def gather(work: Work, since: datetime, shown: datetime) -> Facts:
    """What there is to say, when the post before went at `since`; and what has been done since `shown`.

    Changes nothing.
    """
    begin, end = _today(work)
    facts = Facts(today=occasions.coming(work, begin, end))
    query = select(Briefing).where(col(Briefing.state).in_(("planned", "open", "done", "sent", "missed", "skipped")))
    lately = (col(Briefing.state) == "open") | (col(Briefing.acted_at) > since) | (col(Briefing.state) == "planned")
    for row in work.session.exec(query.where(lately, col(Briefing.due_at) < end).order_by(col(Briefing.id))):
        if row.state != "done" or (row.acted_at or since) >= shown:
            _sort_in(work, facts, row)
        elif row.reason == sweeps.SIGNED:
            facts.signed.append(row)
    facts.untaken, facts.broken = _incidents(work)
    facts.support = [row for row in occasions.coming(work) if row.support == "asked"]
    facts.alerts = _unanswered(work)
    facts.orders = order_book.waiting(work)
    facts.promises = promised.due(work, end)
    return facts


def _sort_in(work: Work, facts: Facts, row: Briefing) -> None:
    step = planner.step_of(work, row)
    if row.state == "missed" or (row.state, row.reason) == ("skipped", "nobody"):
        facts.missed.append(row)
    elif step is None:
        return
    elif step.posted and row.state in ("open", "done") and step.ask == "done":
        facts.to_do.append(row)
    elif step.posted and row.state == "sent":
        facts.to_know.append(row)
    elif not step.posted and row.state == "planned" and outgoing.stands(work, row):
        facts.goes_out.append(row)


def _today(work: Work) -> tuple[datetime, datetime]:
    day = work.now.astimezone(work.house.zone).date()
    begin, end = (from_wall(datetime.combine(d, time()), work.house.zone) for d in (day, day + timedelta(days=1)))
    return begin, end


def _incidents(work: Work) -> tuple[list[int], list[int]]:
    """The numbers of those that nobody has, and of those whose promise is broken."""
    query = select(Incident).where(Incident.status == "open").order_by(col(Incident.id))
    rows = list(work.session.exec(query))
    untaken = [row.id or 0 for row in rows if row.taken_by is None]
    broken = [
        row.id or 0 for row in rows
        if row.taken_by is not None and row.answered_at is None and row.promised_at is not None
        and row.promised_at < work.now
    ]  # fmt: skip
    return untaken, broken


def _unanswered(work: Work) -> list[tuple[Alert, int]]:
    """Each broadcast and briefing that still wants an answer, with how many have not given one."""
    asks = (Alert.state == "sent", col(Alert.ask).in_(("read", "safe")), col(Alert.ended_at).is_(None))
    lately = (col(Alert.sent_at) > work.now - ANSWERED_WITHIN, Receipt.answer == "")
    query = select(Alert.id, func.count()).join(Receipt).where(*asks, *lately).group_by(col(Alert.id))
    found = dict(work.session.exec(query.order_by(col(Alert.id))).all())
    rows = [(work.session.get_one(Alert, number), count) for number, count in found.items()]
    return [(alert, count) for alert, count in rows if not _is_over(work, alert)]


def _is_over(work: Work, alert: Alert) -> bool:
    """Whether a briefing's meeting has been: then nobody needs to read it any more."""
    meeting = work.session.get(Meeting, alert.meeting_id) if alerts.by_itself(alert) and alert.meeting_id else None
    return meeting is not None and meeting.starts_at <= work.now


def draw(work: Work, actor: Actor, facts: Facts) -> Message:
    """The post for one chief."""
    voice = work.voice(actor.person)
    parts: list[Part] = [Title(_head(voice, facts))]
    parts += [Paragraph(line) for line in _lines(work, voice, facts)]
    return Message(tuple(parts), tuple(_buttons(work, voice, facts)), notice=voice.line("morning.notice"))


def _head(voice: Voice, facts: Facts) -> Line:
    """What to do comes first."""
    unanswered = len(facts.untaken) + len(facts.broken) + len(facts.support) + len(facts.promises)
    unanswered += len(facts.orders)
    if facts.left or unanswered:
        return voice.line("morning.to_do", count=facts.left + unanswered)
    return voice.line("morning.today" if facts.today else "morning.know")


def _lines(work: Work, voice: Voice, facts: Facts) -> Iterable[Line]:
    """Today, what nobody has answered, what is to be done, what is good to know."""
    meets = [_meets(voice, row) for row in facts.today]
    yield from _some(voice, meets, "morning.meets_more")
    if facts.untaken:
        yield voice.line("morning.untaken", numbers=_numbers(facts.untaken))
    if facts.broken:
        yield voice.line("morning.broken", numbers=_numbers(facts.broken))
    for row in facts.support[:SHOWN]:
        yield voice.line("morning.support", party=occasions.named_party(work, row), what=occasions.line(voice, row))
    yield from order_views.post_lines(work, voice, facts.orders)
    do = [
        voice.line("morning.did" if row.state == "done" else "morning.do", number=n, what=_named(work, voice, row))
        for n, row in enumerate(facts.to_do, 1)
    ]
    yield from _some(voice, do, "morning.do_more")
    yield from promised.lines(work, voice, facts.promises)
    yield from sweeps.post_lines(work, voice, facts.signed)
    yield from (_named(work, voice, row) for row in facts.to_know)
    for alert, count in facts.alerts[:SHOWN]:
        yield voice.line("morning.unanswered", what=_alert(work, voice, alert), count=count)
    missed = [voice.line("morning.missed", what=_named(work, voice, row)) for row in facts.missed]
    yield from _some(voice, missed, "morning.missed_more", LISTED)
    if facts.goes_out:
        yield voice.line("morning.goes_out", count=len(facts.goes_out))


def _meets(voice: Voice, row: Meeting) -> Line:
    place: Line = (", ", Words(row.place)) if row.place else ()
    what = (occasions.title(voice, row), *place)
    if row.whole_day:
        return voice.line("morning.meets_all_day", what=what)
    return voice.line("morning.meets", at=voice.when(row.starts_at), what=what)


def _some(voice: Voice, lines: list[Line], more: str, most: int = SHOWN) -> Iterable[Line]:
    yield from lines[:most]
    if len(lines) > most:
        yield voice.line(more, count=len(lines) - most)


def _numbers(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def _named(work: Work, voice: Voice, row: Briefing) -> Line:
    said = briefing_views.saying(work, voice, row)
    return (said.title, " (", *occasions.short(voice, work.session.get_one(Meeting, row.meeting_id)), ")")


def _alert(work: Work, voice: Voice, alert: Alert) -> Line:
    if alert.briefing_id is not None:
        return _named(work, voice, work.session.get_one(Briefing, alert.briefing_id))
    if alerts.by_itself(alert):
        return (voice.word(f"briefing.{alert.change}"),)
    return voice.line("morning.alert", number=alert.id)


def _buttons(work: Work, voice: Voice, facts: Facts) -> Iterable[tuple[Button, ...]]:
    if facts.untaken or facts.broken:
        yield (voice.button("button.mine", str(Act("mine", 0))),)
    for row in facts.support[:SHOWN]:
        yield (Button(occasions.label(voice, row), str(Act("occasion", row.id or 0))),)
    yield from order_views.post_buttons(voice, facts.orders)
    for number, step in enumerate(facts.to_do[:SHOWN], 1):
        yield tuple(_doing(work, voice, number, step))
    for step in facts.to_know[:SHOWN]:
        if opened := list(_opening(work, voice, step)):
            yield tuple(opened)
    yield from promised.buttons(voice, facts.promises)
    if facts.goes_out or len(facts.to_do) > SHOWN:
        yield (voice.button("button.outgoing", str(Act("outgoing", 0))),)


def _doing(work: Work, voice: Voice, number: int, row: Briefing) -> Iterable[Button]:
    """It is done, and the list that helps to do it."""
    step = planner.step_of(work, row)
    if row.state == "done":  # in its place, so that no other step comes under the finger
        yield Button(voice.word("morning.undo", number=number), str(Act("morning_undo", planner.id_of(row))))
    elif step is not None:
        label = voice.word("morning.done", number=number)
        yield Button(label, str(Act("morning_done", planner.id_of(row))))
        advice = work.house.library.get(step.checklist)
        if advice is not None:
            yield advice_views.buttons(voice, [advice])[0][0]
        yield from _opening(work, voice, row)


def _opening(work: Work, voice: Voice, row: Briefing) -> Iterable[Button]:
    """Where the step is done."""
    step = planner.step_of(work, row)
    if step is not None and step.opens and has_action(step.opens):
        yield voice.button(f"button.opens_{step.opens}", str(Act(step.opens, row.meeting_id)))


@on_number("morning_done", Right.UNIT)
def done(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Klart 2": the post says so, each step where it stood."""
    outgoing.finish(work, actor, outgoing.find(work, number))
    _redraw(work, actor)


@on_number("morning_undo", Right.UNIT)
def undo(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ångra 2": it was not done after all."""
    outgoing.unfinish(work, actor, outgoing.find(work, number))
    _redraw(work, actor)


def _redraw(work: Work, actor: Actor) -> None:
    day_before = work.now - timedelta(days=1)
    facts = gather(work, _sent(work, BEFORE) or day_before, _sent(work, LAST) or day_before)
    message = _whole(work, actor, facts) or draw(work, actor, facts)
    sending.replace_pressed(work, actor.account, message)
