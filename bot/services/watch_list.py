"""The watch list (`/bevaka`): issues that may heat up, each with an owner, a level and when to look next."""

from __future__ import annotations

from sqlmodel import col, select

from bot.catalogue import Voice
from bot.commands import AddWatch, LookAgain
from bot.flows.promising import Handing, Looking, Watching
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Words
from bot.risk.guide import LEVELS
from bot.services import advice_views, by_when, measures, people, risk_cases, sending, talks, titles
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage import deadlines
from storage.tables import Deadline, Person, Watch

DEADLINE = "watch"
PAGE, LABEL = 8, 20
DAYS = (7, 14, 30)  # ahead, that can be pressed
FACE = "vem-ar-ansiktet"  # the questions to ask when one person stands alone


def find(work: Work, number: int) -> Watch:
    """The issue; nobody else changes it until this transaction is over. Raises NotFound."""
    row = work.session.get(Watch, number, with_for_update=True) if 0 < number < 2**31 else None
    if row is None:
        raise NotFound
    return row


def id_of(row: Watch) -> int:
    """Its number."""
    assert row.id is not None
    return row.id


def watched(work: Work) -> list[Watch]:
    """All that are kept an eye on: the highest first, then what is to be looked at first."""
    query = select(Watch).where(col(Watch.ended_at).is_(None)).order_by(col(Watch.look_at), col(Watch.id))
    return sorted(work.session.exec(query), key=lambda row: -LEVELS.index(row.level))


@on_number("watch_list", Right.UNIT)
def listed(work: Work, actor: Actor, start: int, _: str) -> None:
    """The list, a page at a time."""
    voice, found = work.voice(actor.person), watched(work)
    start = start if start < len(found) else 0
    shown = found[start : start + PAGE]
    parts: list[Part] = [voice.title("watch.list" if found else "watch.none", count=len(found))]
    parts += [Fields(tuple((label(row), _stands(work, voice, row)) for row in shown))] if shown else []
    rows = [(Button(label(row), str(Act("watch", id_of(row)))),) for row in shown]
    if start + PAGE < len(found):
        rows.append((voice.button("button.later_ones", str(Act("watch_list", start + PAGE))),))
    rows.append((voice.button("button.watch_new", str(Act("watch_new", 0))),))
    message = Message(tuple(parts), tuple(rows))
    if start:
        sending.replace_pressed(work, actor.account, message)
    else:
        sending.to_account(work, actor.account, message, "answer")


def label(row: Watch) -> str:
    """Its name on a button."""
    return Words(row.title if len(row.title) <= LABEL else row.title[: LABEL - 1].rstrip() + "…")


def _stands(work: Work, voice: Voice, row: Watch) -> Line:
    """ "Hög risk. Bo tittar igen i morgon kl. 8.00."; and that somebody stands alone."""
    who = work.session.get_one(Person, row.owner_id).name
    key = "watch.stands_due" if row.look_at <= work.now else "watch.stands"
    alone = voice.line("watch.alone_short") if row.faces == "one" else ()
    return (*voice.line(key, level=voice.word(f"risk.level.{row.level}"), who=who, at=voice.time(row.look_at)), *alone)


@on_number("watch_new", Right.UNIT)
def begin(work: Work, actor: Actor, case: int, _: str) -> None:
    """ "Bevaka": a new issue, or that of a case."""
    voice = work.voice(actor.person)
    who = tuple((person.id or 0, person.name) for person in people.unit_people(work.session))
    times = by_when.offers(voice, DAYS, by_when.MORNING)
    if not case:
        talks.start(work, actor, "watch", Watching(who, times))
        return
    row = risk_cases.find(work, case)
    known = _of_case(work, case)
    if known is not None:
        sending.to_account(work, actor.account, card(work, actor, known), "answer")
        return
    talks.start(work, actor, "watch", Watching(who, times, case, row.title, row.level))


def _of_case(work: Work, case: int) -> Watch | None:
    return work.session.exec(select(Watch).where(Watch.case_id == case, col(Watch.ended_at).is_(None))).first()


@performs(AddWatch, Right.UNIT)
def add(work: Work, actor: Actor, command: AddWatch) -> None:
    """Keep an eye on it from now on."""
    owner = _owner(work, command.owner)
    if command.at <= work.now:
        raise Already("engine.past_time")
    if command.case and (known := _of_case(work, command.case)) is not None:
        sending.to_account(work, actor.account, card(work, actor, known), "answer")  # somebody was faster
        return
    faces = command.faces if command.faces in ("one", "several") else ""
    row = Watch(
        title=" ".join(command.title.split()), level=command.level, faces=faces, owner_id=command.owner,
        look_at=command.at, case_id=command.case or None, created_by=actor.id, created_at=work.now,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    deadlines.promise(work.session, DEADLINE, id_of(row), "", row.look_at)
    if not command.case:
        titles.warn(work, actor, [row.title], Act("retitle", id_of(row), "watch"))
    if owner.id != actor.id:
        _tell_owner(work, owner, row, "watch.yours")
    sending.to_account(work, actor.account, card(work, actor, row), "answer")


def _owner(work: Work, number: int) -> Person:
    """Somebody of the unit. Raises Already."""
    owner = next((person for person in people.unit_people(work.session) if person.id == number), None)
    if owner is None:
        raise Already("watch.owner_gone")
    return owner


@on_number("watch_give", Right.UNIT)
def ask_owner(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Ge till någon annan"."""
    row = _open(work, number)
    others = tuple((one.id or 0, one.name) for one in people.unit_people(work.session) if one.id != row.owner_id)
    if not others:
        raise Already("measure.nobody_else", phone=work.house.number_at(work.now))
    talks.start(work, actor, "hand", Handing("watch", number, others))


def give(work: Work, actor: Actor, number: int, owner: int) -> None:
    """Somebody else keeps an eye on it, and hears so."""
    row, heir = _open(work, number), _owner(work, owner)
    row.owner_id = owner
    work.session.add(row)
    work.session.flush()
    if heir.id != actor.id:
        _tell_owner(work, heir, row, "watch.yours")
    sending.to_account(work, actor.account, card(work, actor, row), "answer")


def hand_back(work: Work, person: Person) -> None:
    """Somebody is of the unit no longer: a chief keeps an eye on what was theirs."""
    if any(role.kind in people.UNIT for role in people.roles_of(work.session, person.id or 0)):
        return
    chiefs = [chief for chief in people.chiefs(work.session) if chief.id != person.id]
    query = select(Watch).where(Watch.owner_id == person.id, col(Watch.ended_at).is_(None)).order_by(col(Watch.id))
    for row in work.session.exec(query).all() if chiefs else ():
        row.owner_id = chiefs[0].id or 0
        work.session.add(row)
        work.session.flush()
        _tell_owner(work, chiefs[0], row, "watch.yours")


def _tell_owner(work: Work, owner: Person, row: Watch, key: str) -> None:
    voice = work.voice(owner)
    show = voice.button("button.show", str(Act("watch", id_of(row))))
    said = voice.say(key, show, title=(Words(row.title),), at=voice.time(row.look_at))
    sending.to_person(work, owner, Message(said.parts, said.buttons, notice=voice.line("watch.notice")), "notice")


def due(work: Work, deadline: Deadline) -> None:
    """The day to look has come: its owner is told; the chief's post says it too."""
    row = work.session.get(Watch, deadline.subject)
    if row is None or row.ended_at is not None or row.look_at > work.now:
        return
    if row.owner_id in {person.id for person in people.unit_people(work.session)}:
        _tell_owner(work, work.session.get_one(Person, row.owner_id), row, "watch.look_now")


@on_number("watch", Right.UNIT)
def show(work: Work, actor: Actor, number: int, _: str) -> None:
    """One of them."""
    sending.to_account(work, actor.account, card(work, actor, find(work, number)), "answer")


def card(work: Work, actor: Actor, row: Watch) -> Message:
    """How it stands, who is the face of it, what is promised; and what can be done."""
    voice, number = work.voice(actor.person), id_of(row)
    parts: list[Part] = [voice.title(f"risk.head.{row.level}", title=(Words(row.title),))]
    if row.ended_at is not None:
        return Message((*parts, voice.paragraph("watch.ended", time=voice.when(row.ended_at))))
    who = work.session.get_one(Person, row.owner_id).name
    key = "watch.due" if row.look_at <= work.now else "watch.next"
    parts.append(voice.paragraph(key, who=who, at=voice.time(row.look_at)))
    parts.append(voice.paragraph(f"watch.faces_{row.faces or 'unknown'}"))
    parts += [Paragraph(line) for line in measures.lines(work, voice, PAGE, watch=number)]
    return Message(tuple(parts), tuple(_buttons(work, voice, row)))


def _buttons(work: Work, voice: Voice, row: Watch) -> list[tuple[Button, ...]]:
    number = id_of(row)
    rows: list[tuple[Button, ...]] = [(voice.button("button.watch_look", str(Act("watch_look", number))),)]
    face = work.house.library.get(FACE)
    if row.faces == "one" and face is not None:
        rows += list(advice_views.buttons(voice, [face]))
    others = [name for name in ("one", "several") if name != row.faces]
    rows.append(tuple(voice.button(f"button.face_{name}", str(Act("watch_face", number, name))) for name in others))
    rows.append((voice.button("button.measure_new", str(Act("measure_new", number, "watch"))),))
    if row.case_id is not None:
        rows.append((voice.button("button.risk_case", str(Act("risk_case", row.case_id))),))
    rows.append((voice.button("button.watch_give", str(Act("watch_give", number))),
                 voice.button("button.retitle", str(Act("retitle", number, "watch")))))  # fmt: skip
    rows.append((voice.button("button.watch_end", str(Act("watch_end", number))),))
    return rows


def _open(work: Work, number: int) -> Watch:
    row = find(work, number)
    if row.ended_at is not None:
        raise Already("watch.ended_already")
    return row


@on_number("watch_look", Right.UNIT)
def ask_look(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Jag har tittat": how likely now, and when next."""
    _open(work, number)
    talks.start(
        work, actor, "watch_look", Looking(number, by_when.offers(work.voice(actor.person), DAYS, by_when.MORNING))
    )


@performs(LookAgain, Right.UNIT)
def look(work: Work, actor: Actor, command: LookAgain) -> None:
    """Somebody has looked; it is due again then."""
    row = _open(work, command.watch)
    if command.at <= work.now:
        raise Already("engine.past_time")
    row.level, row.look_at = command.level, command.at
    work.session.add(row)
    work.session.flush()
    deadlines.promise(work.session, DEADLINE, id_of(row), "", row.look_at)
    sending.to_account(work, actor.account, card(work, actor, row), "answer")


@on_number("watch_face", Right.UNIT)
def face(work: Work, actor: Actor, number: int, faces: str) -> None:
    """How many stand for it: one person should not stand alone."""
    row = _open(work, number)
    if faces not in ("one", "several"):
        raise Already("engine.already")
    row.faces = faces
    work.session.add(row)
    work.session.flush()
    work.toast = work.voice(actor.person).word(f"watch.face_toast_{faces}")
    sending.replace_pressed(work, actor.account, card(work, actor, row))


@on_number("watch_end", Right.UNIT)
def end(work: Work, actor: Actor, number: int, sure: str) -> None:
    """ "Sluta bevaka": once more, for it leaves the list."""
    row = _open(work, number)
    voice = work.voice(actor.person)
    if not sure:
        yes = voice.button("button.watch_end_yes", str(Act("watch_end", number, "yes")))
        said = voice.say("watch.end_sure", yes, title=(Words(row.title),))
        sending.to_account(work, actor.account, said, "answer")
        return
    row.ended_at = work.now
    work.session.add(row)
    work.session.flush()
    deadlines.call_off(work.session, number, DEADLINE)
    sending.replace_pressed(work, actor.account, card(work, actor, row))
