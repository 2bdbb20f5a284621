"""What can be started: commands, their English twins, and the menu; always the few that fit the role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import col, or_, select

from bot.catalogue import Voice
from bot.commands import RoleKind
from bot.flows.answer import Writing
from bot.flows.flag import Reporter
from bot.messages import Button, Fields, Line, Message, Paragraph, Part
from bot.services import (
    advising,
    amending,
    approving,
    calendar,
    callers,
    composing,
    coverage_table,
    duty_list,
    events,
    helpers,
    incidents,
    linked_views,
    linking,
    measures,
    meeting_day,
    numbers,
    occasions,
    outgoing,
    people,
    quiet_hours,
    register,
    rights,
    risk_judging,
    risk_sorting,
    runs,
    sending,
    situation,
    support,
    talks,
    terse,
    views,
    watch_list,
)
from bot.services.doing import act, on_incident, on_number
from bot.services.people import Actor
from bot.services.rights import Right, incident_for
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Alert, Incident, Receipt

LATELY = timedelta(hours=12)  # words out of turn may answer a broadcast for so long
MOST = talks.MOST  # incidents in one list; more are named by number


def reporter(work: Work, actor: Actor, *, words: str = "", practice: bool = False, attached: bool = False,
             meeting: int = 0) -> Reporter:  # fmt: skip
    """Who flags, as the flow needs to know it."""
    taken = people.taken_by(work.session, actor.id) if actor.unit else []
    return Reporter(
        phone=actor.person.phone or "",
        words=words,
        ask_party=incidents.can_choose_party(actor),
        party_sees=bool(actor.contact_of),
        practice=practice,
        attached=attached,
        incidents=tuple(incidents.number_of(i) for i in writes_on(work, actor)[:MOST]),
        categories=work.house.catalogue.categories,
        alerts=heard(work, actor) if words else (),
        terse=work.terse(actor.account),
        meeting=meeting,
        answering=tuple(incidents.number_of(i) for i in taken[:MOST] if i.reporter_id != actor.id),
    )


def heard(work: Work, actor: Actor) -> tuple[int, ...]:
    """The newest broadcast that words out of turn may answer."""
    lately = (Alert.state == "sent", col(Alert.sent_at) > work.now - LATELY)
    query = select(Alert.id).join(Receipt).where(Receipt.person_id == actor.id, *lately)
    newest = work.session.exec(query.order_by(col(Alert.id).desc()).limit(1)).first()
    return (newest,) if newest is not None else ()


def writes_on(work: Work, actor: Actor, *, withdrawn: bool = False) -> list[Incident]:
    """The open incidents that the person's words may belong to: flagged, or taken over for the party."""
    own = people.own_open(work.session, actor.id, withdrawn=withdrawn)
    return [*own, *people.passed_open(work.session, actor)]


def which(work: Work, actor: Actor, key: str) -> None:
    """Whose role is over may write on the own open incidents, and nothing else."""
    voice = work.voice(actor.person)
    numbers = [incidents.number_of(incident) for incident in people.own_open(work.session, actor.id)]
    message = voice.say(key, *(more_button(voice, number) for number in numbers))
    sending.to_account(work, actor.account, message, "answer")


@on_number("flag", Right.LINKED)
def flag(work: Work, actor: Actor, _: int, __: str) -> None:
    """Something happens or is brewing."""
    talks.start(work, actor, "flag", reporter(work, actor))


@on_number("worried", Right.LINKED)
def worried(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Jag är orolig för något": the questions of a flag, tied to the meeting."""
    occasions.find(work, actor, number)
    talks.start(work, actor, "flag", reporter(work, actor, meeting=number))


@on_number("now", Right.LINKED)
def now(work: Work, actor: Actor, _: int, __: str) -> None:
    """ "Händer nu", wherever it is pressed, raises at that press."""
    talks.start(work, actor, "flag", reporter(work, actor), {"imminence": "now"})


@on_number("practise", Right.LINKED)
def practise(work: Work, actor: Actor, _: int, __: str) -> None:
    """A flag that reaches nobody."""
    sending.to_account(work, actor.account, work.voice(actor.person).say("practice.starts"), "answer")
    talks.start(work, actor, "flag", reporter(work, actor, practice=True))


def words(work: Work, actor: Actor, text: str) -> None:
    """Words that nobody asked for are kept and asked about."""
    talks.start(work, actor, "words", reporter(work, actor, words=text))


@on_incident("answer", Right.UNIT)
def answer(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Svara"."""
    talks.start(work, actor, "answer", Writing(incidents.number_of(incident)))


@on_incident("more", Right.WRITE)
def more(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Skriv mer"."""
    talks.start(work, actor, "more", Writing(incidents.number_of(incident)))


@on_incident("close", Right.UNIT)
def close(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """ "Avsluta"."""
    talks.start(work, actor, "close", linking.closing(work, incident))


@on_number("party", Right.CHIEF)
def party(work: Work, actor: Actor, _: int, __: str) -> None:
    """A new party."""
    talks.start(work, actor, "party", register.everything(work, actor))


@on_number("invite", Right.CHIEF)
def invite(work: Work, actor: Actor, _: int, __: str) -> None:
    """A new person."""
    talks.start(work, actor, "invite", register.everything(work, actor))


@on_number("people", Right.CHIEF)
def manage(work: Work, actor: Actor, _: int, __: str) -> None:
    """Somebody who is here."""
    talks.start(work, actor, "people", register.everything(work, actor))


@on_number("language", Right.LINKED)
def language(work: Work, actor: Actor, _: int, __: str) -> None:
    """Which language."""
    talks.start(work, actor, "language", register.languages(work))


@on_number("mine", Right.LINKED)
def mine(work: Work, actor: Actor, _: int, __: str) -> None:
    """What is mine: what I flagged, what I have taken, what nobody has, what my party shares."""
    voice = work.voice(actor.person)
    found, going = _mine(work, actor), runs.open_of(work, actor, joined=True)
    promised = measures.mine(work, actor)[:MOST]
    helps = helpers.remind(work, actor)
    if not (found or going or promised) and helps:
        return
    if not (found or going or promised):
        button = voice.button("button.flag", str(Act("flag", 0)))
        sending.to_account(work, actor.account, voice.say("mine.none", button), "answer")
        return
    rows: list[tuple[str, Line]] = []
    buttons: list[tuple[Button, ...]] = []
    shown = linked_views.folded(actor, found)
    for incident in shown[:MOST]:
        number = incidents.number_of(incident)
        label = voice.word("mine.one", number=number)
        event = linked_views.line(work, actor, incident)
        line = (f"{views.kind(voice, incident)}. ", *views.status(work, voice, incident))
        rows.append((label, (*line, " ", *event) if event else line))
        buttons.append((Button(label, str(Act("show", number))),))
    title = voice.title("mine.title") if len(shown) <= MOST else voice.title("mine.title_many", count=len(found))
    parts: list[Part] = (
        [title, Fields(tuple(rows))] if rows else [voice.title("run.mine" if going else "mine.promised")]
    )
    parts += [Paragraph((runs.line(work, actor, run),)) for run in going]
    buttons += [(runs.button(work, actor, run),) for run in going]
    parts += [Paragraph(measures.line(work, voice, row)) for row in promised]
    buttons += [(measures.button(row),) for row in promised]
    sending.to_account(work, actor.account, Message(tuple(parts), tuple(buttons)), "answer")


def _mine(work: Work, actor: Actor) -> list[Incident]:
    mine = [col(Incident.reporter_id) == actor.id, col(Incident.taken_by) == actor.id]
    mine.append(col(Incident.party_id).in_(actor.contact_of))
    if actor.unit:
        mine.append(col(Incident.taken_by).is_(None))
    query = select(Incident).where(col(Incident.status) != "closed", or_(*mine)).order_by(col(Incident.id))
    return [incident for incident in work.session.exec(query) if rights.sees(actor, incident)]


@on_number("menu", Right.LINKED)
def menu(work: Work, actor: Actor, _: int, __: str) -> None:
    """The few things that this person can start."""
    voice = work.voice(actor.person)
    names = ["now", "flag", "mine"]
    names += ["checklists", "calendar"]
    names += ["broadcast", "called"] if actor.unit else []
    names += ["invite", "party", "people"] if actor.chief else []
    names += ["language"] if all(role.kind == RoleKind.HELPER for role in actor.roles) else ["practise", "language"]
    names += ["link"] if len(work.house.platforms) > 1 else []
    bare = work.terse(actor.account)
    wanted = [name for name in names if not (bare and name in terse.STARTS)]
    buttons = [voice.button(f"button.{name}", str(Act(name, 0))) for name in wanted]
    key = "terse.menu" if bare else "menu.title"
    message = voice.say(key, *buttons, phone=work.house.number_at(work.now))
    sending.to_account(work, actor.account, message, "answer")


def more_button(voice: Voice, number: int) -> Button:
    """Write more on this incident."""
    return Button(voice.word("mine.more", number=number), str(Act("more", number)))


def _show(work: Work, actor: Actor, text: str) -> None:
    digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())[:9]
    incident = incident_for(work.session, actor, Right.SEE, int(digits or 0))
    incidents.post_card(work, actor, incident)


def _break_off(work: Work, actor: Actor, _: str) -> None:
    row = talks.current(work, actor)
    if row is None:
        menu(work, actor, 0, "")
    else:
        talks.cancel(work, actor, row)


def _starts(name: str) -> Callable[[Work, Actor, str], None]:
    return lambda work, actor, _: act(work, actor, name, 0, "")


_NAMES: dict[str, Callable[[Work, Actor, str], None]] = {
    "start meny menu": _starts("menu"),
    "flagga flag larm hjalp hjälp help": _starts("flag"),
    "mina mine": _starts("mine"),
    "arende ärende case": _show,
    "avbryt cancel": _break_off,
    "koppla link": _starts("link"),
    "checklista checklist": advising.open_by_words,
    "stod stöd support": support.command,
    "utskick broadcast": _starts("broadcast"),
    "ringde called": _starts("called"),
    "kalender calendar mote möte meeting": _starts("calendar"),
    "risk": _starts("risk"),
    "bevaka watch": _starts("watch_list"),
    "omboten about": _starts("about"),
    "ova öva practise practice": _starts("practise"),
    "sprak språk language": _starts("language"),
    "tyst quiet": _starts("quiet"),
    "bjudin invite": _starts("invite"),
    "parti party": _starts("party"),
    "personer people": _starts("people"),
    "nummer number": _starts("number"),
    "tackning täckning coverage": _starts("coverage"),
    "lage läge situation": _starts("situation"),
    "jour joursschema duty": _starts("duty"),
}
COMMANDS = {name: start for names, start in _NAMES.items() for name in names.split()}


# Their actions are registered by being imported.
_ = (amending, approving, calendar, callers, composing, coverage_table, duty_list, events, numbers, outgoing,
     quiet_hours, risk_judging, risk_sorting, situation, watch_list, meeting_day)  # fmt: skip


def command(work: Work, actor: Actor, name: str, text: str) -> bool:
    """Do what a command asks; False when there is no such command."""
    start = COMMANDS.get(name) if actor.roles else None
    if start is None:
        return False
    start(work, actor, text)
    return True
