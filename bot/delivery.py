"""The outbox pump: claim, pace, send, settle. The only place that sends what was promised."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.calls import Call, prepare, ready
from bot.channels import Channel, File, Unsure
from bot.events import Platform
from bot.gateways import SMS, Gateway, words_of
from bot.leases import Leases
from bot.logs import trail
from bot.messages import Message
from bot.pacing import Pace
from bot.picture.child import Draw, NotDrawn
from bot.services import unreached
from bot.services.work import House, Work
from bot.settling import NotOurs, Settled, Settling, outcome
from storage import evidence, leases, outbox
from storage.database import Database, Probe
from storage.tables import Outbox
from storage.types import keyring

log = logging.getLogger(__name__)

AT_ONCE = 30  # rows claimed at a time: about what may be sent in a second
UNPACED = 100  # where there is no limit to keep to
URGENT = 30  # so many emergencies more: they wait for nothing that was claimed before them
FILES = 1  # sent at a time: each is whole in memory
AHEAD = 2  # files claimed: one is drawn or read while another is on its way. They take no room from other rows
LOOK = 1.0  # seconds between looks for rows that another process wrote
SWEEP = timedelta(seconds=1)  # between looks for what nobody got round to trying again in time
NEVER = -inf
CALL_WITHIN = 200.0  # seconds that one call may take, whatever drips in; a row has five minutes


class Delivery:
    """Sends what the outbox holds, through the channels that are up and for which this process holds the lease."""

    def __init__(
        self,
        database: Database,
        house: House,
        now: Callable[[], datetime],
        pace: Pace | None,
        leases: Leases,
        draw: Draw,
        probe: Probe = lambda _: None,
    ) -> None:
        self.channels: dict[Platform, Channel] = {}
        self.gateway: Gateway | None = None
        self.count: Callable[[str, str, float], None] = lambda *_: None  # a call's platform, how it ended, the seconds
        self._leases, self._draw, self._settling = leases, draw, Settling(leases.holder)
        self._database, self._house, self._now, self._pace, self._probe = database, house, now, pace, probe
        self._wake = asyncio.Event()
        self._settled: list[Settled] = []
        self._ended: list[tuple[str, str, float]] = []  # to be counted once it is committed
        self._under_way: dict[asyncio.Task[None], Call] = {}
        self._drawing: set[asyncio.Task[Any]] = set()
        self._held: set[int] = set()  # rows that are claimed, until how they ended is committed
        self._in_doubt = False  # whether the last commit's answer was lost
        self._swept = datetime.min.replace(tzinfo=UTC)  # when what is out of time was last ended
        self._looked = NEVER  # when the rows of dead processes were last looked for, monotonic
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
        files = sum(call.act == "file" for call in self._under_way.values())
        room, look = at_once - len(self._under_way) + files, self._must_look()
        try:
            calls = await self._database.run(self._settle_and_claim, settled, room, look, AHEAD - files)
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
            self._under_way[task] = call
            task.add_done_callback(self._finished)

    def _must_look(self) -> bool:
        """Whether it is time to look for what dead processes left; on SQLite only at the start."""
        now, every = time.monotonic(), LOOK if self._database.shared else inf
        must = now - self._looked >= every
        self._looked = now if must else self._looked
        return must

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
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
        """Let what is under way end, and settle it. A picture that is being drawn is drawn at the next start."""
        for task in self._drawing:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=5)
        settled, self._settled = self._settled, []
        await self._database.run(self._settle_and_claim, settled, -URGENT, False, 0)
        self._count_ended()

    def _count_ended(self) -> None:
        for ended in self._ended:
            self.count(*ended)

    async def _deliver(self, call: Call) -> None:
        """Whatever goes wrong is how the call ended. A picture is drawn, and a file's turn comes, before its pace."""
        try:
            if call.chart is not None:
                call = await self._pictured(call)
            async with self._files if call.act == "file" else nullcontext():
                ref = await self._paced(call)
        except Exception as problem:
            self._settled.append(Settled(call, problem=problem))
            return
        self._probe("between send and settle")
        self._settled.append(Settled(call, ref=ref))

    async def _pictured(self, call: Call) -> Call:
        """With its picture. What ends the drawing here is `stop`, and then nothing has left this process."""
        assert call.chart is not None
        task = asyncio.current_task()
        assert task is not None
        self._drawing.add(task)
        try:
            return replace(call, content=await self._draw(call.chart), media="image/png")
        except asyncio.CancelledError:
            raise NotOurs from None
        except Exception as problem:
            raise problem if isinstance(problem, NotDrawn) else NotDrawn(type(problem).__name__) from None
        finally:
            self._drawing.discard(task)

    async def _paced(self, call: Call) -> str:
        if self._pace is not None:
            await self._pace.turn(call.platform, call.chat)
        began = time.monotonic()
        self._probe("between acknowledgement and send")
        try:
            if not self._leases.held(f"send:{call.platform}"):
                raise NotOurs
            return await self._within(call)
        finally:
            if self._pace is not None:
                self._pace.done(call.platform, call.chat, time.monotonic() - began)

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
            alt = (call.chart.words or call.chart.title) if call.chart is not None else ""
            return File(call.name, call.media, call.content, alt)
        pieces: list[bytes] = []
        while sealed := await self._database.run(evidence.sealed_piece, call.evidence, len(pieces)):
            pieces.append(await asyncio.to_thread(keyring.open, sealed))
        return File(call.name, call.media, b"".join(pieces))

    def _settle_and_claim(
        self, session: Session, settled: list[Settled], room: int, look: bool, files: int
    ) -> list[Call]:
        work, platforms = Work(session, self._now(), self._house), self._ours()
        rows = self._settling.settle(work, settled)
        self._ended = [(row.platform, outcome(row), (work.now - row.created_at).total_seconds()) for row in rows]
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
                session, platforms, work.now, max(room, 0), self._leases.holder, urgent=room + URGENT, files=files
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
