"""How each call ended, written down: in its row, in the message that it changed, and to whom it must be told."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from bot.calls import Call
from bot.channels import Gone, Moved, NotSent, PlatformDown, Refused, Unsure, Wait
from bot.gateways import SMS
from bot.logs import trail
from bot.messages import from_json
from bot.picture.chart import Chart
from bot.picture.child import NotDrawn
from bot.services import people, pictures, sending, unreached
from bot.services.work import Work
from storage import outbox
from storage.tables import Account, Outbox, Post, SharedPlace

log = logging.getLogger(__name__)

ODD = 5  # tries of a row that meets an error nobody foresaw


@dataclass(frozen=True)
class Settled:
    """How a call ended: the platform's reference, or why not."""

    call: Call
    ref: str = ""
    problem: Exception | None = None


class NotOurs(Exception):
    """Another process sends there now, or will; nothing left this one."""


class Settling:
    """Settles the rows that this process, `holder`, has claimed."""

    def __init__(self, holder: str) -> None:
        self._holder = holder
        self._down: set[str] = set()

    def settle(self, work: Work, settled: list[Settled]) -> list[Outbox]:
        """Write down how these ended; the rows as they are then."""
        work.once["settling"] = _held(work.session, settled) if len(settled) > 1 else []
        return [self._settle(work, one) for one in settled]

    def _settle(self, work: Work, one: Settled) -> Outbox:
        row = work.session.get_one(Outbox, one.call.row)
        body = row.body
        if row.state == "delivered":  # a press proved it meanwhile
            return row
        taken_for_dead = row.state != "claimed" or row.claimed_by != self._holder
        if taken_for_dead and (one.problem is not None or row.state == "claimed"):  # another process tells how it ends
            return row
        if one.problem is None:
            outbox.delivered(row, one.ref, work.now)
            _drawn(work, row, one.call.drawn, one.ref)
            self._down.discard(row.platform)
            return row
        self._went_wrong(work, row, one.call, one.problem)
        if row.state in ("failed", "uncertain"):
            log.warning("outbox row %s is %s: %s", row.id, row.state, row.reason)
            if row.carried_by is None:
                unreached.ended(work, row, body)
        return row

    def _went_wrong(self, work: Work, row: Outbox, call: Call, problem: Exception) -> None:
        match problem:
            case NotOurs():
                row.tried_at = row.tried_at if row.attempts else None
                outbox.again(row, work.now)
            case Wait(seconds=seconds):
                unreached.later(work, row, str(problem), work.now + timedelta(seconds=seconds))
            case Unsure():
                log.warning("outbox row %s may have arrived: %s", row.id, problem)
                outbox.unsure(row, str(problem), work.now)
            case Moved(chat=chat):
                _move(work, row, chat)
            case Gone():
                _gone(work, row, str(problem))
            case NotDrawn() | Refused(account_ended=False) if call.chart is not None:  # or the platform takes no such
                _in_words(work, row, call.chart, str(problem))
            case Refused(account_ended=ended):
                outbox.failed(row, str(problem), work.now)
                if ended:
                    unreached.account_ended(work, row)
            case PlatformDown():
                unreached.platform_down(work, row, str(problem))
                self._say_down(work, row.platform, str(problem))
            case NotSent(doubtful=doubtful):
                row.attempts += 1
                row.repeat = row.repeat or (doubtful and row.act in outbox.NEW)
                unreached.later(work, row, str(problem), work.now + _rest(row))
            case _:
                log.error("outbox row %s met %s", call.row, trail(problem))
                row.attempts += 1
                if row.attempts < ODD:
                    unreached.later(work, row, type(problem).__name__, work.now + _rest(row))
                else:
                    outbox.failed(row, type(problem).__name__, work.now)

    def _say_down(self, work: Work, platform: str, reason: str) -> None:
        """The chief hears it on the other platform, once; of the gateway, where notices go first."""
        log.error("%s takes nothing from us: %s", platform, reason)
        if platform in self._down:
            return
        self._down.add(platform)
        for chief in people.chiefs(work.session):
            voice = work.voice(chief)
            if platform == SMS:
                sending.to_person(work, chief, voice.say("gateway.down"), "notice")
                continue
            message = voice.say("fault.platform", platform=voice.word(f"platform.{platform}"))
            for account in people.accounts_of(work.session, chief):
                if account.platform != platform:
                    sending.to_account(work, account, message, "notice")


def outcome(row: Outbox) -> str:
    """How it ended, for the figures."""
    return "carried" if row.carried_by is not None else row.state


def _held(session: Session, settled: list[Settled]) -> list[object]:
    """The rows and posts to settle, read at once; the session finds them as long as somebody holds them."""
    rows = session.exec(select(Outbox).where(col(Outbox.id).in_([one.call.row for one in settled]))).all()
    posts = session.exec(select(Post).where(col(Post.id).in_([row.post_id for row in rows if row.post_id]))).all()
    return [rows, posts]


def _drawn(work: Work, row: Outbox, digest: str, ref: str) -> None:
    post = work.session.get(Post, row.post_id) if row.post_id else None
    if post is not None:
        post.ref, post.drawn = ref, digest


def _move(work: Work, row: Outbox, chat: str) -> None:
    places = select(SharedPlace).where(SharedPlace.platform == row.platform, SharedPlace.chat == row.chat)
    for place in work.session.exec(places):
        place.chat = chat
    row.chat = chat
    outbox.again(row, work.now)


def _gone(work: Work, row: Outbox, reason: str) -> None:
    """A message that stays current is sent anew; another edit has nothing left to change."""
    post = work.session.get(Post, row.post_id) if row.post_id else None
    if post is None or post.folded:
        outbox.failed(row, reason, work.now)
        return
    post.ref, post.drawn = None, ""
    outbox.again(row, work.now)


def _in_words(work: Work, row: Outbox, chart: Chart, reason: str) -> None:
    """There is no picture, or nobody takes it: another row carries on what it says and shows, in words."""
    assert row.body is not None
    account = work.session.get_one(Account, row.account_id)
    sent = sending.at_once(work, account, pictures.in_words(from_json(row.body), chart), row.purpose)
    sent.repeat = row.repeat
    work.session.flush()
    outbox.failed(row, reason, work.now)
    row.carried_by = sent.id


def _rest(row: Outbox) -> timedelta:
    """How long to wait before the next try."""
    return timedelta(seconds=min(2 ** (row.attempts - 1), 60))
