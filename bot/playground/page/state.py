"""What the page is told: everything at first, then only what has changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from sqlmodel import Session, select

from bot.playground.page.views import chair_view
from bot.playground.page.village import ZONE, Village
from storage.tables import Account, Person

Json = dict[str, Any]
LOOK = 0.1  # seconds between looks while something happens
STIRRED = 12  # looks after the last sign of life, for what comes a little later
ALIVE = 5.0  # seconds after which the clock is told again


class State:
    """Turns the village into messages for one or several pages."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self.stopping = asyncio.Event()
        self.languages: dict[str, str] = {}
        self.acts = 0

    async def stream(self) -> AsyncIterator[str]:
        """Server-sent events: `cast`, `seat`, `trace`, `town`; ends when the demo stops."""
        yield _sent("cast", self._cast())
        told: dict[str, str] = {}
        traced, looks, signs, quiet = 0, STIRRED, self._signs(), 0.0
        while not self.stopping.is_set():
            if looks == STIRRED:
                await self._read_languages()
            if looks:
                for line in self._news(told):
                    yield line
                for group in [g for g in self.village.trace.groups if g.version > traced]:
                    yield _sent("trace", group.shown())
                traced = self.village.trace.version
            if looks == STIRRED or quiet > ALIVE:
                quiet = 0.0
                yield _sent("town", self._town())
            await asyncio.sleep(LOOK)
            before, signs = signs, self._signs()
            looks = STIRRED if signs != before else max(0, looks - 1)
            quiet += LOOK

    def _signs(self) -> tuple[int, ...]:
        """Numbers that change whenever anything may have happened."""
        village = self.village
        return (
            self.acts,
            len(village.telegram.calls),
            len(village.slack.calls),
            len(village.slack.acked),
            len(village.slack.timeouts),
            village.trace.version,
        )

    def _news(self, told: dict[str, str]) -> list[str]:
        found = []
        for key, chair in self.village.chairs.items():
            line = _sent("seat", chair_view(chair, self.languages.get(key, self.village.languages[0])))
            if told.get(key) != line:
                told[key] = line
                found.append(line)
        return found

    def _cast(self) -> list[Json]:
        return [
            {"key": c.key, "person": c.part.key, "name": c.part.name, "role": c.part.role, "party": c.part.party,
             "platform": c.seat.platform}
            for c in self.village.chairs.values()
        ]  # fmt: skip

    def _town(self) -> Json:
        troubles = {platform: str(switch.trouble) for platform, switch in self.village.switches.items()}
        now = self.village.clock.now().timestamp()
        return {"now": now, "zone": ZONE.key, "troubles": troubles, "name": self.village.app.house.name}

    async def _read_languages(self) -> None:
        self.languages = await self.village.app.database.run(self._spoken)

    def _spoken(self, session: Session) -> dict[str, str]:
        query = select(Account.platform, Account.user, Person.language).join(Person)
        spoken = {(platform, user): language for platform, user, language in session.exec(query)}
        seats = {key: (chair.seat.platform, chair.seat.user) for key, chair in self.village.chairs.items()}
        return {key: spoken[seat] for key, seat in seats.items() if seat in spoken}


def _sent(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
