"""A town that writes down what people do and what the bot answers, as a transcript to be read aloud."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.playground.seat import Seat, SharedSeat
from bot.playground.town import Town

_CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b")


@dataclass
class Stage(Town):
    """`reload` starts the bot anew after every act: what is not stored is lost, and shows."""

    reload: bool = False
    lines: list[str] = field(default_factory=list)
    on_line: Callable[[str], None] = lambda _: None

    def diary(self, line: str) -> None:
        """Write a line down; codes differ each time and are masked."""
        masked = _CODE.sub("XXXX-XXXX-XXXX", line)
        self.lines.append(masked)
        self.on_line(masked)

    def tell(self, line: str) -> None:
        """What happens in the story, between the acts."""
        self.diary(f"\n— {line}")

    async def rest(self) -> None:
        """Wait for the bot, write down what it said, and let it start anew if the stage says so."""
        await self.quiet()
        self._write_down()
        if self.reload:
            await self.restart()
            await self.quiet()

    def _write_down(self) -> None:
        readers: list[Seat | SharedSeat] = [*self.seats, *self.places]
        for seat in readers:
            for text in seat.news():
                first, *rest = text.splitlines()
                self.diary(f"    {seat} läser: {first}")
                for line in rest:
                    self.diary(f"        {line}" if line.strip() else "")

    def code(self, text: str) -> str:
        """The code in a message."""
        found = _CODE.search(text)
        assert found is not None, f"there is no code in: {text}"
        return found[0]
