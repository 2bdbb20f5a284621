"""Single-use codes: an invitation by the chief, and a person's own second account."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.commands import Invite, InviteAgain, RoleKind
from bot.events import Event, Platform
from bot.messages import Fields, Line, Message
from bot.services import people, sending, succession, welcome
from bot.services.doing import Already, on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Account, Invitation, Person
from storage.types import keyring

VALID = timedelta(days=14)
LINK_VALID = timedelta(minutes=15)
TRIES = 5
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that looks like another
_CODE = re.compile(rf"([{_LETTERS}]{{4}})-?([{_LETTERS}]{{4}})-?([{_LETTERS}]{{4}})")


def looks_like_code(text: str) -> bool:
    """Whether somebody wrote a code and nothing else."""
    return _CODE.fullmatch(text.strip().upper()) is not None


def issue(session: Session, now: datetime, person: int, *, role: str = "", party: int | None = None,
          by: int | None = None, valid: timedelta = VALID) -> str:  # fmt: skip
    """Make a code. It is shown once and never stored; earlier unused ones of the person for this are void."""
    for old in session.exec(select(Invitation).where(Invitation.person_id == person, Invitation.role == role)):
        old.settled_at = old.settled_at or (now if old.used_at is None else None)
    secret = "".join(secrets.choice(_LETTERS) for _ in range(8))
    selector = _free_selector(session)
    session.add(
        Invitation(
            selector=selector,
            secret_hash=keyring.digests(secret)[0],
            person_id=person,
            role=role,
            party_id=party,
            created_by=by,
            created_at=now,
            expires_at=now + valid,
        )
    )
    session.flush()
    return f"{selector}-{secret[:4]}-{secret[4:]}"


def _free_selector(session: Session) -> str:
    while True:
        selector = "".join(secrets.choice(_LETTERS) for _ in range(4))
        if session.exec(select(Invitation).where(Invitation.selector == selector)).first() is None:
            return selector


@performs(Invite, Right.CHIEF)
def invite(work: Work, actor: Actor, command: Invite) -> None:
    """A new person with an invitation to a role."""
    person = Person(name=_one_line(command.name), language=work.house.languages[0], created_at=work.now)
    work.session.add(person)
    work.session.flush()
    assert person.id is not None
    role, party = role_name(command.role, command.task), command.party or None
    code = issue(work.session, work.now, person.id, role=role, party=party, by=actor.id)
    sending.to_account(work, actor.account, letter(work, actor.person, person.name, role, party, code), "answer")


@performs(InviteAgain, Right.CHIEF)
def invite_again(work: Work, actor: Actor, command: InviteAgain) -> None:
    """A new code for a person who has lost the way in."""
    person = work.session.get(Person, command.person)
    if person is None:
        raise NotFound
    role, party = "", None
    if not people.roles_of(work.session, command.person):
        query = select(Invitation).where(Invitation.person_id == person.id, Invitation.role != "")
        if last := work.session.exec(query.order_by(col(Invitation.id).desc())).first():
            role, party = last.role, last.party_id
    code = issue(work.session, work.now, command.person, role=role, party=party, by=actor.id)
    sending.to_account(work, actor.account, letter(work, actor.person, person.name, role, party, code), "answer")


def role_name(kind: str, task: str) -> str:
    """A role as an invitation holds it: a helper's has the task behind it, "helper.lawyer"."""
    return f"{kind}.{task}" if task else kind


def _role_words(work: Work, reader: Person, role: str, party: int | None) -> str:
    kind, _, task = role.partition(".")
    return people.role_words(work, reader, kind, party, task)


def letter(work: Work, reader: Person, name: str, role: str, party: int | None, code: str) -> Message:
    """What the chief hands over: the link and the code, and until when they hold."""
    voice = work.voice(reader)
    words = _role_words(work, reader, role, party) if role else voice.word("invite.same_role")
    message = voice.say("invite.made", name=name, role=words, until=voice.time(work.now + VALID))
    return Message((*message.parts, Fields(tuple(_ways(work, reader, code)))))


def _ways(work: Work, reader: Person, code: str, besides: str = "") -> list[tuple[str, Line]]:
    voice = work.voice(reader)
    ways: list[tuple[str, Line]] = []
    if Platform.TELEGRAM in work.house.platforms and besides != Platform.TELEGRAM:
        ways.append((voice.word("invite.telegram"), (deep_link(work, code),)))
    if Platform.SLACK in work.house.platforms and besides != Platform.SLACK:
        ways.append((voice.word("invite.slack"), (code,)))
    return ways


def deep_link(work: Work, code: str) -> str:
    """The link that opens the bot on Telegram and hands it the code."""
    return f"https://t.me/{work.house.telegram_name}?start={code}"


@on_number("link", Right.LINKED)
def link(work: Work, actor: Actor, _: int, __: str) -> None:
    """A short-lived code for the person's account on the other platform."""
    code = issue(work.session, work.now, actor.id, by=actor.id, valid=LINK_VALID)
    voice = work.voice(actor.person)
    message = voice.say("link.made", until=voice.when(work.now + LINK_VALID))
    ways = Fields(tuple(_ways(work, actor.person, code, besides=actor.account.platform)))
    sending.to_account(work, actor.account, Message((*message.parts, ways)), "answer")


def redeem(work: Work, event: Event, code: str, account: Account | None) -> bool:
    """Take the code with this account. False, in every case alike, when it opens nothing."""
    invitation = _matching(work, code)
    if invitation is None or (account is not None and not _may_take(account)):
        return False
    account = account or Account(
        person_id=invitation.person_id,
        platform=event.sender.platform,
        team=event.sender.team,
        user=event.sender.user,
        state="pending",
        linked_at=work.now,
    )
    account.person_id, account.state, account.linked_at = invitation.person_id, "pending", work.now
    work.session.add(account)
    work.session.flush()
    invitation.used_at, invitation.account_id = work.now, account.id
    if invitation.role == RoleKind.CHIEF or invitation.created_by == invitation.person_id:
        _open(work, invitation, account)
    else:
        _ask_chief(work, invitation, event)
        person = work.session.get_one(Person, invitation.person_id)
        sending.to_account(work, account, work.voice(person).say("invite.waits"), "answer")
    return True


def _may_take(account: Account) -> bool:
    """Only a shut-out account can be let in anew; one that is in already belongs to somebody."""
    return account.state in ("revoked", "pending")


def _matching(work: Work, code: str) -> Invitation | None:
    found = _CODE.fullmatch(code.strip().upper())
    if found is None:
        return None
    query = select(Invitation).where(Invitation.selector == found[1]).with_for_update()
    invitation = work.session.exec(query).first()
    if invitation is None or invitation.used_at or invitation.settled_at or invitation.tries >= TRIES:
        return None
    if not any(hmac.compare_digest(d, invitation.secret_hash) for d in keyring.digests(found[2] + found[3])):
        invitation.tries += 1
        return None
    return invitation if work.now < invitation.expires_at else None


def _ask_chief(work: Work, invitation: Invitation, event: Event) -> None:
    """The chief says whether the right person took it."""
    assert invitation.id is not None
    person = work.session.get_one(Person, invitation.person_id)
    for chief in people.chiefs(work.session):
        voice = work.voice(chief)
        words = voice.word("invite.same_role")
        if invitation.role:
            words = _role_words(work, chief, invitation.role, invitation.party_id)
        who = event.sender_name or event.sender.user
        platform = voice.word(f"platform.{event.sender.platform}")
        yes = voice.button("invite.let_in", str(Act("let_in", invitation.id)))
        no = voice.button("invite.turn_away", str(Act("turn_away", invitation.id)))
        asks = voice.say("invite.taken", yes, no, name=person.name, role=words, who=who, platform=platform)
        sending.to_person(work, chief, asks, "question")


def _waiting(work: Work, number: int) -> tuple[Invitation, Account, Person]:
    invitation = work.session.get(Invitation, number)
    if invitation is None or invitation.account_id is None:
        raise NotFound
    if invitation.settled_at is not None:
        raise Already("engine.already")
    account = work.session.get_one(Account, invitation.account_id)
    return invitation, account, work.session.get_one(Person, invitation.person_id)


@on_number("let_in", Right.CHIEF)
def let_in(work: Work, actor: Actor, number: int, _: str) -> None:
    """It was the right person."""
    invitation, account, person = _waiting(work, number)
    _open(work, invitation, account)
    voice = work.voice(actor.person)
    sending.replace_pressed(
        work,
        actor.account,
        voice.say("invite.is_in", name=person.name, who=actor.person.name, time=voice.when(work.now)),
    )


@on_number("turn_away", Right.CHIEF)
def turn_away(work: Work, actor: Actor, number: int, _: str) -> None:
    """It was somebody else: the account is shut out and the code is spent."""
    invitation, account, person = _waiting(work, number)
    account.state = "revoked"
    invitation.settled_at = work.now
    voice = work.voice(actor.person)
    sending.replace_pressed(
        work,
        actor.account,
        voice.say("invite.is_out", name=person.name, who=actor.person.name, time=voice.when(work.now)),
    )


def _open(work: Work, invitation: Invitation, account: Account) -> None:
    person = work.session.get_one(Person, invitation.person_id)
    account.state, invitation.settled_at = "active", work.now
    first = person.preferred is None
    others = [a for a in people.accounts_of(work.session, person) if a.id != account.id]
    if first or not others:
        person.preferred = account.id
    if invitation.role:
        kind, _, task = invitation.role.partition(".")
        people.give_role(work, invitation.person_id, kind, invitation.party_id, task)
    work.session.add(person)
    work.session.flush()
    for other in others:
        welcome.second_account(work, other, account)
    welcome.arrive(work, person, account, first=not others)
    succession.came(work, person)


def _one_line(text: str) -> str:
    return " ".join(text.split())
