"""The one door: an inbound event is one transaction. Rights, state, replies and promises, all or nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from bot.commands import AddWords, ReplyToAlert
from bot.events import Event, Kind, Outcome, Platform
from bot.flows.answer import Writing
from bot.logs import trail
from bot.messages import Message
from bot.pacing import Strangers
from bot.prompts import Rejected
from bot.services import (
    advice_lead,
    advising,
    alert_answers,
    alert_changes,
    alert_forward,
    alert_replies,
    alert_table,
    attaching,
    ended_accounts,
    guide,
    incidents,
    invitations,
    menu,
    opening,
    people,
    places,
    register,
    rights,
    run_table,
    runs,
    seen,
    sending,
    talks,
    terse,
)
from bot.services.doing import Already, NotAllowed, NotFound, act
from bot.services.people import Actor
from bot.services.work import House, Work
from bot.tokens import BadToken, Reply, read
from storage import outbox
from storage.database import Database
from storage.tables import Account, KeptEvent, Outbox, SeenEvent

log = logging.getLogger(__name__)
Count = Callable[[str, str, str, float], None]  # an event's platform, kind, what became of it, and the seconds

LONGEST = 20_000  # characters of one event's text; platforms send less
REMEMBERED = timedelta(days=8)  # how long a seen event is remembered; Telegram keeps updates for 24 hours
_ = (
    guide,
    run_table,
    runs,
    advice_lead,
    register,
    incidents,
    opening,
    alert_answers,
    alert_changes,
    alert_forward,
    alert_table,
)  # their commands and actions are registered by being imported


@dataclass
class Intake:
    """Takes events in. `wake` is called after each commit: there may be something to send."""

    database: Database
    house: House
    now: Callable[[], datetime]
    wake: Callable[[], None]
    fetch: Callable[[], None] = lambda: None  # there is something to fetch too
    strangers: Strangers = field(default_factory=Strangers)
    count: Count = lambda *_: None

    async def handle(self, event: Event) -> Outcome:
        """Commit the event's effects, or keep it whole if that fails. Raises only when the database does not answer."""
        began, result = time.monotonic(), "busy"
        try:
            outcome = await self.database.run(self._accept, event)
            result = "refused" if outcome.refused else "taken"
        except OperationalError:
            raise  # the database is busy, full or gone: the platform is told nothing, and sends it again
        except Exception as error:
            if event.kind is Kind.INLINE:  # it changed nothing, and is asked anew with the next letter
                log.error("a search met an unexpected error: %s", trail(error))
                return Outcome()
            log.error("event %s met an unexpected error and is kept: %s", event.uid, trail(error))
            outcome = await self.database.run(self._keep, event, type(error).__name__)
            result = "kept"
        finally:
            self.count(event.sender.platform, event.kind, result, time.monotonic() - began)
        self.wake()
        if event.kind is Kind.EVIDENCE:
            self.fetch()
        return outcome

    async def keep_raw(self, body: dict[str, Any], error: str) -> None:
        """Keep an update that could not even be read."""
        log.error("an update could not be read and is kept: %s", error)
        await self.database.run(
            lambda session: session.add(
                KeptEvent(uid="", at=self.now(), body={"raw": self._storable(body)}, error=error)
            )
        )

    def _storable(self, body: dict[str, Any]) -> dict[str, Any]:
        """An update of Telegram's has words in it that are not kept where only notices pass."""
        if self.house.notices_only and "update_id" in body:
            return {"update_id": body["update_id"]}
        return body

    def _accept(self, session: Session, event: Event) -> Outcome:
        work = Work(session, self.now(), self.house, event)
        account = people.find_account(session, event.sender)
        if account is not None and account.state == "blocked" and event.kind not in (Kind.REMOVED, Kind.INLINE):
            account.state = "active"  # whoever writes has let us in again
        actor = people.actor(session, account) if account is not None and account.state == "active" else None
        if actor is not None and not actor.roles and not people.own_open(session, actor.id, withdrawn=True):
            actor = None
        if event.kind is Kind.INLINE:
            return advising.inline(work, actor, event.text)
        if actor is None:
            outcome = _stranger(work, event, account)
            if outcome.direct and not self.strangers.may_be_answered(str(event.sender), work.now.timestamp()):
                return Outcome()
            return outcome
        if session.get(SeenEvent, event.uid) is not None:
            return Outcome()
        seen.note(actor.account, work.now)
        outcome = _known(work, actor, event)
        if not outcome.errors:  # a form that went back changed nothing, and comes again under the same id
            session.add(SeenEvent(uid=event.uid, at=work.now))
        return outcome

    def _keep(self, session: Session, event: Event, error: str) -> Outcome:
        now = self.now()
        if session.get(SeenEvent, event.uid) is not None:
            return Outcome()
        session.add(SeenEvent(uid=event.uid, at=now))
        work = Work(session, now, self.house, event)
        account = people.find_account(session, event.sender)
        silent = self.house.notices_only and event.sender.platform is Platform.TELEGRAM
        kept = replace(event, text="", values={}, attached=()) if silent else event
        session.add(KeptEvent(uid=event.uid, at=now, body=_plain(kept), error=error))
        phone = self.house.number_at(now)
        if account is None or account.state != "active":
            return Outcome(direct=self.house.voice("", now).say("fault.kept", phone=phone))
        voice = work.voice(people.actor(session, account).person)
        key = "terse.fault" if silent and event.kind is not Kind.PRESS else "fault.kept"
        sending.to_account(work, account, voice.say(key, phone=phone), "answer")
        return Outcome(toast=voice.word("fault.toast"))


def forget_seen(session: Session, now: datetime) -> None:
    """Let go of the memory of events that no platform can deliver again."""
    session.execute(delete(SeenEvent).where(col(SeenEvent.at) < now - REMEMBERED))


def _plain(event: Event) -> dict[str, Any]:
    return asdict(event) | {
        "sent_at": event.sent_at.isoformat(),
        "received_at": event.received_at.isoformat(),
        "attached": [
            asdict(one) | {"made_at": one.made_at.isoformat() if one.made_at else None} for one in event.attached
        ],
    }


def _stranger(work: Work, event: Event, account: Account | None) -> Outcome:
    """Somebody without rights: a code may open the door; everybody else gets the same polite answer, and no row."""
    if event.kind is Kind.ADDED and not event.chat.private:
        return Outcome(leave=True)
    if event.kind is Kind.REMOVED:
        places.removed(work, event)
        return Outcome()
    if event.kind in (Kind.ADDED, Kind.OTHER, Kind.EVIDENCE) and not event.chat.private:
        return Outcome()
    code = event.text.strip()
    if event.chat.private and event.kind in (Kind.TEXT, Kind.COMMAND) and invitations.looks_like_code(code):
        if invitations.redeem(work, event, code, account):
            return Outcome()
        return Outcome(direct=_polite(work, "stranger.bad_code"))
    if (told := advising.for_stranger(work, event)) is not None:
        return told
    message = _polite(work, "stranger.hello")
    return Outcome(direct=message, toast=work.house.voice("", work.now).word("stranger.toast"))


def _polite(work: Work, key: str) -> Message:
    voice = work.house.voice("", work.now)
    return voice.say(key, municipality=work.house.name, phone=work.house.public_number)


def _known(work: Work, actor: Actor, event: Event) -> Outcome:
    """Somebody with rights. What cannot be done is said, and has changed nothing."""
    phone = work.house.number_at(work.now)
    try:
        return _dispatch(work, actor, event)
    except NotFound:
        return _refuse(work, actor, event, "rights.not_found", {})
    except BadToken:
        return _refuse(work, actor, event, "rights.unknown", {})
    except NotAllowed:
        if not actor.roles:
            return Outcome(direct=_polite(work, "stranger.hello"))
        return _refuse(work, actor, event, "rights.not_allowed", {"phone": phone})
    except Already as already:
        return _refuse(work, actor, event, already.said, already.values)
    except Rejected as rejected:
        return _refuse(work, actor, event, rejected.reason, rejected.values)


def _refuse(work: Work, actor: Actor, event: Event, key: str, values: dict[str, Any]) -> Outcome:
    voice = work.voice(actor.person)
    if event.kind is Kind.PRESS:
        return Outcome(toast=voice.word(key, **values), refused=True)
    sending.to_account(work, actor.account, voice.say(key, **values), "answer")
    return Outcome()


def _dispatch(work: Work, actor: Actor, event: Event) -> Outcome:
    if work.terse(actor.account) and _has_more_than_presses(event):
        _no_words(work, actor)
        return Outcome()
    match event.kind:
        case Kind.COMMAND:
            return _command(work, actor, event)
        case Kind.TEXT:
            _text(work, actor, event, event.text)
        case Kind.EVIDENCE:
            _evidence(work, actor, event)
        case Kind.PRESS:
            return _press(work, actor, event.token)
        case Kind.FORM:
            return _form(work, actor, event)
        case Kind.ADDED:
            return Outcome(leave=not event.chat.private and not places.added(work, actor, event))
        case Kind.REMOVED:
            _removed(work, actor, event)
        case Kind.OTHER:
            _other(work, actor, event)
    return Outcome(toast=work.toast)


def _has_more_than_presses(event: Event) -> bool:
    """A file, a place, a forwarded message, an edit: whatever is no text that may be an option's number."""
    return event.chat.private and event.kind in (Kind.EVIDENCE, Kind.OTHER) and event.command != "migrated"


def _no_words(work: Work, actor: Actor) -> None:
    terse.refuse(work, actor, [incidents.number_of(incident) for incident in menu.writes_on(work, actor)[: menu.MOST]])


def _command(work: Work, actor: Actor, event: Event) -> Outcome:
    voice = work.voice(actor.person)
    if event.command == "start" and invitations.looks_like_code(event.text):
        sending.to_account(work, actor.account, voice.say("invite.already_in"), "answer")
    elif event.command == "start" and actor.roles and advising.open_by_link(work, actor, event.text):
        pass
    elif not actor.roles and event.command in menu.COMMANDS:
        _no_words(work, actor) if work.terse(actor.account) else menu.which(work, actor, "mine.which")
    elif not menu.command(work, actor, event.command, event.text) and event.chat.private:
        _words(work, actor, f"/{event.command} {event.text}".strip())  # in a shared place nothing is relayed
    toast = "" if event.chat.private or work.direct is not None else voice.word("toast.in_dm")
    return Outcome(toast=toast, direct=work.direct, aloud=work.aloud)


def _text(work: Work, actor: Actor, event: Event, words: str) -> None:
    """Free words: an answer, a command, a button by its number, a reply in a thread, or something new."""
    text = words.strip()[:LONGEST]
    replied = _replied(work, event)
    talk = talks.current(work, actor)
    asked = replied is None or (talk is not None and replied.id == talk.question_row)
    bare = work.terse(actor.account)
    meant = talk is not None and asked and (not bare or talks.takes(work, actor, talk, text))
    if talk is not None and meant and talks.typed(work, actor, talk, text):
        return
    if invitations.looks_like_code(text):
        sending.to_account(work, actor.account, work.voice(actor.person).say("invite.already_in"), "answer")
        return
    if menu.command(work, actor, text.casefold().lstrip("/"), ""):
        return
    if asked and (token := _offered(actor.account, text)):
        _press(work, actor, token)
        return
    if replied is not None and replied.incident_id is not None:
        _on_incident(work, actor, replied.incident_id, text)
        return
    if replied is not None and replied.alert_id is not None and alert_replies.takes(work, actor, replied.alert_id):
        _on_alert(work, actor, replied.alert_id, text)
        return
    _words(work, actor, text)


def _replied(work: Work, event: Event) -> Outbox | None:
    return outbox.by_ref(work.session, event.sender.platform, event.reply_to) if event.reply_to else None


def _evidence(work: Work, actor: Actor, event: Event) -> None:
    """Files, a place, somebody else's message: they go where words would, and so do the words with them."""
    if not event.chat.private:
        return
    work.toast = work.voice(actor.person).word("toast.in_dm")  # Slack's shortcut is used in any channel
    caption = event.text.strip()[:LONGEST]
    if words := attaching.take(work, actor, event.attached, caption, _replied(work, event)):
        _text(work, actor, event, words)


def _offered(account: Account, text: str) -> str | None:
    """The button of the newest message that is meant by its number, its words or its first word."""
    wanted = text.rstrip(".!").casefold()
    offered = [(label.casefold(), token) for label, token in account.offered or []]
    numbered = {str(number): token for number, (_, token) in enumerate(offered, 1)}
    whole = numbered.get(wanted) or dict(offered).get(wanted)
    firsts = [token for label, token in offered if label.split(" ")[0].rstrip(",") == wanted]
    return whole or (firsts[0] if len(firsts) == 1 else None)


def _on_incident(work: Work, actor: Actor, number: int, text: str) -> None:
    """Words in the thread of an incident: the reporter's go on to it, the unit's are sent after a yes."""
    if work.terse(actor.account):
        _no_words(work, actor)
        return
    incident = rights.incident_for(work.session, actor, rights.Right.SEE, number)
    writes = rights.allows(actor, rights.Right.WRITE, incident)
    if incident.reporter_id == actor.id or (writes and not actor.unit):
        incidents.add_words(work, actor, AddWords(number, text))
    elif actor.unit:
        talks.start(work, actor, "answer", Writing(number, text))
    else:
        menu.words(work, actor, text)


def _on_alert(work: Work, actor: Actor, number: int, text: str) -> None:
    """Words in the thread of a broadcast go to the unit."""
    if work.terse(actor.account):
        _no_words(work, actor)
    else:
        alert_replies.reply(work, actor, ReplyToAlert(number, text))


def _words(work: Work, actor: Actor, text: str) -> None:
    """Words out of turn are never lost: they go to the only open incident, else the bot asks what they are."""
    if work.terse(actor.account):
        _no_words(work, actor)
        return
    mine = menu.writes_on(work, actor, withdrawn=not actor.roles)
    talk = talks.current(work, actor)
    if len(mine) == 1 and not actor.unit:
        incidents.add_words(work, actor, AddWords(incidents.number_of(mine[0]), text))
        if talk is not None:
            talks.ask_again(work, actor, talk)
    elif not actor.roles:
        menu.which(work, actor, "mine.which")
    elif talk is None or not talks.with_words(work, actor, talk, text):
        menu.words(work, actor, text)


def _press(work: Work, actor: Actor, text: str) -> Outcome:
    token, row = read(text)
    if row and work.event is not None and work.event.message and _sent_here(work, actor, row):
        outbox.arrived(work.session, row, work.now, work.event.message)
    if isinstance(token, Reply):
        return talks.press(work, actor, token)
    act(work, actor, token.action, token.subject, token.argument)
    return Outcome(toast=work.toast, direct=work.direct, aloud=work.aloud)


def _sent_here(work: Work, actor: Actor, number: int) -> bool:
    """Whether that row went where the press comes from; who forges a token must not settle another's message."""
    row = work.session.get(Outbox, number)
    if row is None or work.event is None:
        return False
    return row.account_id == actor.account.id if row.account_id is not None else row.chat == work.event.chat.id


def _form(work: Work, actor: Actor, event: Event) -> Outcome:
    token, _ = read(event.token)
    if not isinstance(token, Reply):
        raise BadToken
    return talks.fill(work, actor, token, event.values)


def _removed(work: Work, actor: Actor, event: Event) -> None:
    if event.chat.private:
        ended_accounts.block(work, actor.account)
    else:
        places.removed(work, event)


def _other(work: Work, actor: Actor, event: Event) -> None:
    """What cannot be read: say so, and keep what words came with it."""
    if event.command == "migrated":
        places.moved(work, event)
        return
    if not event.chat.private:
        return
    key = "other.edited" if event.command == "edited" else "other.file"
    sending.to_account(work, actor.account, work.voice(actor.person).say(key), "answer")
    if event.text.strip():
        _text(work, actor, event, event.text)
