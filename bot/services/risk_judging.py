"""Steps 2 and 3 of the risk guide for one case: asked, kept for later, answered by several, and begun anew."""

from __future__ import annotations

from sqlmodel import select

from bot.commands import KeepAnswers
from bot.flows.risk import ANSWERS, TOPICS, Judging
from bot.messages import Message, Words
from bot.risk.guide import SORT, Guide, Statement, in_
from bot.services import occasions, risk_cases, risk_levels, risk_views, sending, talks
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import Right
from bot.services.risk_cases import RAISED
from bot.services.work import Work
from storage.tables import Assessment, Conversation, Meeting, RiskCase

FLOW = "risk_judge"
Given = tuple[tuple[str, str], ...]  # each statement's key with the answer


@on_number("risk_case", Right.UNIT)
def show(work: Work, actor: Actor, number: int, _: str) -> None:
    """One case: its level, what to do, and what can be done with it."""
    sending.to_account(work, actor.account, risk_views.card(work, actor, risk_cases.find(work, number)), "answer")


@on_number("risk_judge", Right.UNIT)
def judge(work: Work, actor: Actor, number: int, step: str) -> None:
    """ "Steg 2" or "Steg 3"; what this person answered before is there already."""
    case = risk_cases.find(work, number)
    row = risk_cases.newest(work, case)
    if step not in ("2", "3") or row is None or not (row.sorted or row.level):
        raise Already("risk.sort_first")
    if step == "2" and row.sorted not in RAISED and not row.level:
        raise Already("risk.low_enough")
    if step == "3" and not row.level:
        raise Already("risk.second_first")
    _end_earlier(work, actor, number, int(step))
    risk_cases.renew(work, row)
    guide, language = risk_cases.guide_of(work, row), actor.person.language
    statements = guide.second if step == "2" else guide.third
    shown = tuple((one.key, _shown(guide, case, one, language)) for one in statements)
    new = str(actor.id) not in {person for key, by in row.answers.items() if key != SORT for person in by}
    asked = new or not row.roles
    roles = tuple((key, in_(said, language)) for key, said in guide.roles if asked and key not in row.roles)
    inputs = Judging(number, row.id or 0, int(step), shown, roles, bool(row.roles))
    talks.start(work, actor, FLOW, inputs, _known(actor, row, statements, step))


def _end_earlier(work: Work, actor: Actor, number: int, step: int) -> None:
    """Of this person's own unfinished round of the same questions what was answered is kept; it does not go on."""
    mine = (Conversation.person_id == actor.id, Conversation.flow == FLOW, Conversation.state == "open")
    for talk in work.session.exec(select(Conversation).where(*mine)).all():
        if (talk.inputs.get("case"), talk.inputs.get("step")) == (number, step):
            _kept(work, actor, talk)
            talk.state = "cancelled"
            work.session.add(talk)


def _kept(work: Work, actor: Actor, talk: Conversation) -> Message:
    """What was answered of a round that is broken off, for later. Returns what is said of it."""
    topic = f"{TOPICS[talk.inputs['step']]}__"
    given = {int(key.removeprefix(topic)): said for key, said in talk.answers.items() if key.startswith(topic)}
    statements = talk.inputs["statements"]
    answers = tuple((statements[n - 1][0], said) for n, said in sorted(given.items()) if said in ANSWERS)
    case = work.session.get(RiskCase, talk.inputs["case"])
    row = work.session.get(Assessment, talk.inputs["assessment"])
    voice = work.voice(actor.person)
    if case is None or row is None or not actor.unit or not _is_newest(work, case, row):
        return voice.say("risk.newer")
    _keep(work, actor, case, row, answers)
    return voice.say("risk.kept_later", risk_views.go_on(voice, case, talk.inputs["step"]), count=len(answers))


def _is_newest(work: Work, case: RiskCase, row: Assessment) -> bool:
    newest = risk_cases.newest(work, case)
    return newest is not None and newest.id == row.id


def _shown(guide: Guide, case: RiskCase, one: Statement, language: str) -> str:
    """The case, the heading, the statement."""
    return f"{case.title}\n{in_(dict(guide.groups)[one.group], language)}\n{in_(one.said, language)}"


def _known(actor: Actor, row: Assessment, statements: tuple[Statement, ...], step: str) -> dict[str, str]:
    """What this person answered before, by the questions' keys."""
    mine = {key: by[str(actor.id)] for key, by in row.answers.items() if str(actor.id) in by}
    topic = TOPICS[int(step)]
    return {f"{topic}__{place}": mine[one.key] for place, one in enumerate(statements, 1) if one.key in mine}


@performs(KeepAnswers, Right.UNIT)
def keep(work: Work, actor: Actor, command: KeepAnswers) -> None:
    """Keep them beside what others answered; the result counts at once, also for the meeting's plan."""
    case = risk_cases.find(work, command.case)
    row = work.session.get(Assessment, command.assessment)
    if row is None or row.case_id != case.id or not _is_newest(work, case, row):
        raise Already("risk.newer")  # somebody began anew meanwhile
    row.roles = list(dict.fromkeys([*row.roles, *command.roles]))
    meeting = _keep(work, actor, case, row, command.answers)
    _tell(work, actor, case, meeting, command)


def _keep(work: Work, actor: Actor, case: RiskCase, row: Assessment, answers: Given) -> Meeting | None:
    guide = risk_cases.guide_of(work, row)
    risk_cases.answer(work, actor, row, {key: said for key, said in answers if guide.statement(key)})
    risk_cases.settle(work, actor, case, row)
    meeting = work.session.get(Meeting, case.meeting_id) if case.meeting_id is not None else None
    if meeting is not None and meeting.cancelled_at is None:
        risk_levels.changed(work, meeting)
    return meeting


talks.ON_CANCEL[FLOW] = _kept


def _tell(work: Work, actor: Actor, case: RiskCase, meeting: Meeting | None, command: KeepAnswers) -> None:
    """The result, or that it goes on later; a meeting that was cancelled meanwhile is said first."""
    voice = work.voice(actor.person)
    if meeting is not None and meeting.cancelled_at is not None:
        said = voice.say("risk.kept_cancelled", what=occasions.line(voice, meeting))
        sending.to_account(work, actor.account, said, "answer")
    if command.later:
        button = risk_views.go_on(voice, case, command.step)
        said = voice.say("risk.kept_later", button, count=len(command.answers))
        sending.to_account(work, actor.account, said, "answer")
    else:
        sending.to_account(work, actor.account, risk_views.card(work, actor, case), "answer")


@on_number("risk_anew", Right.UNIT)
def anew(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Bedöm på nytt": what was answered stays to be compared with, and counts until there is a new result."""
    case = risk_cases.find(work, number)
    row = risk_cases.newest(work, case)
    if row is None or not (row.sorted or row.level):
        raise Already("risk.sort_first")
    if row.decided_at is None:
        raise Already("risk.under_way")
    risk_cases.begin(work, actor, case)
    sending.replace_pressed(work, actor.account, risk_views.card(work, actor, case))


@on_number("risk_unanew", Right.UNIT)
def not_anew(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ångra": the former assessment is the only one again, while nobody has answered the new one."""
    case = risk_cases.find(work, number)
    row = risk_cases.newest(work, case)
    if row is None or row.answers or len(risk_cases.assessments(work, case)) < 2:
        raise Already("engine.already")
    work.session.delete(row)
    work.session.flush()
    sending.replace_pressed(work, actor.account, risk_views.card(work, actor, case))


@on_number("risk_answers", Right.UNIT)
def answers(work: Work, actor: Actor, number: int, _: str) -> None:
    """Every answer, whose differ, and by which version of the guide."""
    sending.to_account(
        work, actor.account, risk_views.all_answers(work, actor, risk_cases.find(work, number)), "answer"
    )


@on_number("risk_changes", Right.UNIT)
def changes(work: Work, actor: Actor, number: int, _: str) -> None:
    """What is otherwise than at the assessment before."""
    message = risk_views.changes(work, actor, risk_cases.find(work, number))
    if message is None:
        raise Already("risk.only_one")
    sending.to_account(work, actor.account, message, "answer")


@on_number("risk_off", Right.UNIT)
def take_off(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ta bort från mötet": what stands on the agenda no longer counts no longer for the meeting."""
    case = risk_cases.find(work, number)
    if not risk_views.can_go(work, case):
        raise Already("engine.already")
    voice = work.voice(actor.person)
    if risk_cases.newest(work, case) is None:  # nobody has said anything of it
        work.session.delete(case)
        work.session.flush()
        sending.replace_pressed(work, actor.account, voice.say("risk.gone", title=(Words(case.title),)))
        return
    case.meeting_id = None
    work.session.add(case)
    work.session.flush()
    work.toast = voice.word("risk.off_toast")
    sending.replace_pressed(work, actor.account, risk_views.card(work, actor, case))
