"""The outbox pump: claim, pace, send, settle. The only place that sends what was promised."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from bot.calls import Call, prepare, ready
from bot.channels import Channel, File, Gone, Moved, NotSent, PlatformDown, Refused, Unsure, Wait
from bot.events import Platform
from bot.gateways import SMS, Gateway, words_of
from bot.leases import Leases
from bot.logs import trail
from bot.messages import Message
from bot.pacing import Pace
from bot.services import people, sending, unreached
from bot.services.work import House, Work
from storage import evidence, leases, outbox
from storage.database import Database, Probe
from storage.tables import Outbox, Post, SharedPlace
from storage.types import keyring

log = logging.getLogger(__name__)

AT_ONCE = 30  # rows claimed at a time: about what may be sent in a second
UNPACED = 100  # where there is no limit to keep to
URGENT = 30  # so many emergencies more: they wait for nothing that was claimed before them
FILES = 1  # sent at a time: each is whole in memory
LOOK = 1.0  # seconds between looks for rows that another process wrote
SWEEP = timedelta(seconds=1)  # between looks for what nobody got round to trying again in time
NEVER = -inf
ODD = 5  # tries of a row that meets an error nobody foresaw
CALL_WITHIN = 200.0  # seconds that one call may take, whatever drips in; a row has five minutes


@dataclass(frozen=True)
class Settled:
    """How a call ended: the platform's reference, or why not."""

    call: Call
    ref: str = ""
    problem: Exception | None = None


class NotOurs(Exception):
    """Another process sends there now; nothing left this one."""


class Delivery:
    """Sends what the outbox holds, through the channels that are up and for which this process holds the lease."""

    def __init__(
        self,
        database: Database,
        house: House,
        now: Callable[[], datetime],
        pace: Pace | None,
        leases: Leases,
        probe: Probe = lambda _: None,
    ) -> None:
        self.channels: dict[Platform, Channel] = {}
        self.gateway: Gateway | None = None
        self.count: Callable[[str, str, float], None] = lambda *_: None  # a call's platform, how it ended, the seconds
        self._leases = leases
        self._database, self._house, self._now, self._pace, self._probe = database, house, now, pace, probe
        self._wake = asyncio.Event()
        self._settled: list[Settled] = []
        self._ended: list[tuple[str, str, float]] = []  # to be counted once it is committed
        self._under_way: set[asyncio.Task[None]] = set()
        self._held: set[int] = set()  # rows that are claimed, until how they ended is committed
        self._in_doubt = False  # whether the last commit's answer was lost
        self._swept = datetime.min.replace(tzinfo=UTC)  # when what is out of time was last ended
        self._looked = NEVER  # when the rows of dead processes were last looked for, monotonic
        self._down: set[str] = set()
        self._empty = False
        self._files = asyncio.Semaphore(FILES)

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    async def run(self) -> None:
        """Pump until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._empty = False
            self._wake.clear()
            try:
                await self._turn()
            except Exception as error:
                log.error("the outbox could not be read; trying again: %s", trail(error))
                await asyncio.sleep(LOOK)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):  # Python 3.11's wait_for may swallow a cancellation
                    await self._wake.wait()

    @property
    def resting(self) -> bool:
        """Whether nothing is under way and the last look found nothing to send."""
        return self._empty and not (self._wake.is_set() or self._under_way or self._settled)

    async def serve(self, channel: Channel) -> None:
        """This channel is up; what waits for it is sent by whichever process holds its lease."""
        self.channels[channel.platform] = channel
        await self._leases.want(f"send:{channel.platform}", self._on_lease)
        self.wake()

    async def serve_gateway(self, gateway: Gateway) -> None:
        """There is a gateway; it is tried when there is something to send."""
        self.gateway = gateway
        await self._leases.want(f"send:{SMS}", self._on_lease)
        self.wake()

    async def _on_lease(self, held: bool) -> None:
        self._looked = NEVER  # the one who had it may have left something half done
        self.wake()

    @property
    def sends_all(self) -> bool:
        """Whether whatever is in the outbox is this process's to send."""
        return len(self._ours()) == len(self._house.platforms) + (SMS in self._house.gateways)

    def _ours(self) -> list[str]:
        names = [*map(str, self.channels), *([SMS] if self.gateway is not None else [])]
        return [name for name in names if self._leases.held(f"send:{name}")]

    async def _turn(self) -> None:
        settled, self._settled = self._settled, []
        at_once = UNPACED if self._pace is None else AT_ONCE
        room, look = at_once - len(self._under_way), self._must_look()
        try:
            calls = await self._database.run(self._settle_and_claim, settled, room, look)
        except BaseException:
            self._settled, self._in_doubt, self._looked = settled + self._settled, True, NEVER
            raise
        self._count_ended()
        self._in_doubt = False
        self._held.difference_update(one.call.row for one in settled)
        self._held.update(call.row for call in calls)
        self._empty = not calls and room > 0
        for call in calls:
            task = asyncio.create_task(self._deliver(call))
            self._under_way.add(task)
            task.add_done_callback(self._finished)

    def _must_look(self) -> bool:
        """Whether it is time to look for what dead processes left; on SQLite only at the start."""
        now, every = time.monotonic(), LOOK if self._database.shared else inf
        must = now - self._looked >= every
        self._looked = now if must else self._looked
        return must

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._wake.set()

    def _recover(self, work: Work, platforms: list[str]) -> None:
        """What a process that is gone left half done; a notice that is given up goes another way."""
        living = {self._leases.holder}
        if self._database.shared:
            living |= leases.holders(work.session)
        for row in outbox.left_claimed(work.session, work.now, platforms, living):
            if row.state == "uncertain":
                unreached.ended(work, row, None)  # what it said may be what ends the process: no further account

    async def stop(self) -> None:
        """Let what is under way end, and settle it."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=5)
        settled, self._settled = self._settled, []
        await self._database.run(self._settle_and_claim, settled, -URGENT, False)
        self._count_ended()

    def _count_ended(self) -> None:
        for ended in self._ended:
            self.count(*ended)

    async def _deliver(self, call: Call) -> None:
        if self._pace is not None:
            await self._pace.turn(call.platform, call.chat)
        began = time.monotonic()
        self._probe("between acknowledgement and send")
        try:
            if not self._leases.held(f"send:{call.platform}"):
                raise NotOurs
            ref = await self._send(call)
        except Exception as problem:
            self._settled.append(Settled(call, problem=problem))
            return
        finally:
            if self._pace is not None:
                self._pace.done(call.platform, call.chat, time.monotonic() - began)
        self._probe("between send and settle")
        self._settled.append(Settled(call, ref=ref))

    async def _send(self, call: Call) -> str:
        if call.act != "file":
            return await self._within(call)
        async with self._files:
            return await self._within(call)

    async def _within(self, call: Call) -> str:
        """The platform's reference. Who has no answer in time cannot know whether it arrived."""
        ask = self._phone(call) if call.platform == SMS else self._ask(call, self.channels[Platform(call.platform)])
        try:
            async with asyncio.timeout(CALL_WITHIN):
                return await ask
        except TimeoutError:
            raise Unsure("no answer in time") from None

    async def _ask(self, call: Call, channel: Channel) -> str:
        match call.act, call.message:
            case "send", Message() as message:
                return await channel.send(call.chat, message, call.hangs_on)
            case "edit", Message() as message:
                return await channel.edit(call.chat, call.ref, message)
            case "file", Message() as message:
                return await channel.send_file(call.chat, await self._file(call), message)
            case "menu", _:
                await channel.menu(call.chat, call.entries, "")
                return call.ref
            case "pin", _:
                return await channel.pin(call.chat, call.ref)
            case _:
                await channel.leave(call.chat)
                return "left"

    async def _phone(self, call: Call) -> str:
        assert self.gateway is not None
        assert call.message is not None
        way = self.gateway.call if call.act == "call" else self.gateway.text
        return await way(call.chat, words_of(call.message))

    async def _file(self, call: Call) -> File:
        """Read a piece at a time in the database's thread, opened in another: nobody's press waits for it."""
        if call.content:
            return File(call.name, call.media, call.content)
        pieces: list[bytes] = []
        while sealed := await self._database.run(evidence.sealed_piece, call.evidence, len(pieces)):
            pieces.append(await asyncio.to_thread(keyring.open, sealed))
        return File(call.name, call.media, b"".join(pieces))

    def _settle_and_claim(self, session: Session, settled: list[Settled], room: int, look: bool) -> list[Call]:
        work, platforms = Work(session, self._now(), self._house), self._ours()
        work.once["settling"] = _held(session, settled) if len(settled) > 1 else []
        rows = [self._settle(work, one) for one in settled]
        self._ended = [(row.platform, _outcome(row), (work.now - row.created_at).total_seconds()) for row in rows]
        session.flush()
        if self._in_doubt:
            outbox.give_back(session, self._leases.holder, self._held, work.now)
        if look:
            self._recover(work, platforms)
        session.flush()
        if room <= -URGENT or not platforms:
            return []
        if work.now - self._swept >= SWEEP or work.now < self._swept:
            self._swept = work.now
            if unreached.sweep(work, platforms):
                self._wake_soon()
        calls: list[Call | None] = []
        while not any(calls):  # what needs no call is settled here, and frees the row behind it
            claimed = outbox.claim(
                session, platforms, work.now, max(room, 0), self._leases.holder, urgent=room + URGENT
            )
            if not claimed:
                break
            prepare(work, claimed)
            calls = [self._call(work, row) for row in claimed]
            session.flush()
        if calls and None in calls:
            self._wake_soon()
        return [call for call in calls if call is not None]

    def _wake_soon(self) -> None:
        """From the database's thread: look again at once."""
        self._loop.call_soon_threadsafe(self._wake.set)

    def _call(self, work: Work, row: Outbox) -> Call | None:
        """The row as it is sent; None when there is nothing to do, and the row is settled."""
        row.state = "claimed"
        try:
            return ready(work, row)
        except DBAPIError:
            raise  # the transaction is broken: all of it is done anew
        except Exception as error:
            log.error("outbox row %s cannot be drawn: %s", row.id, trail(error))
            outbox.failed(row, type(error).__name__, work.now)
            return None

    def _settle(self, work: Work, one: Settled) -> Outbox:
        row = work.session.get_one(Outbox, one.call.row)
        body = row.body
        if row.state == "delivered":  # a press proved it meanwhile
            return row
        taken_for_dead = row.state != "claimed" or row.claimed_by != self._leases.holder
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


def _held(session: Session, settled: list[Settled]) -> list[object]:
    """The rows and posts to settle, read at once; the session finds them as long as somebody holds them."""
    rows = session.exec(select(Outbox).where(col(Outbox.id).in_([one.call.row for one in settled]))).all()
    posts = session.exec(select(Post).where(col(Post.id).in_([row.post_id for row in rows if row.post_id]))).all()
    return [rows, posts]


def _outcome(row: Outbox) -> str:
    return "carried" if row.carried_by is not None else row.state


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


def _rest(row: Outbox) -> timedelta:
    """How long to wait before the next try."""
    return timedelta(seconds=min(2 ** (row.attempts - 1), 60))
