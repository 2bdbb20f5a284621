"""One case: a flag, the questions, "Jag tar den", a promise, an answer, a reply, and the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from tests.prove.ledger import Case, Claim, Count, Ledger, noted, only, shown, talked, told
from tests.prove.persons import Act, Player

Done = Callable[[], object]


class Patience(Protocol):
    """How the story lets somebody do something until it has worked."""

    ledger: Ledger

    async def step(
        self,
        player: Player,
        act: Callable[[], Awaitable[Act | None]],
        done: Done,
        what: str,
        claim: Claim | None = None,
        *,
        impatient: bool = False,
    ) -> None:
        """Do it until it is seen to have worked."""

    async def until(self, condition: Done, what: str) -> None:
        """Return when it is so."""


async def play(story: Patience, case: Case) -> None:
    """From the flag to the end."""
    reporter, unit = Scene(story, case, case.reporter), Scene(story, case, case.unit)
    await reporter.flags()
    await asyncio.gather(reporter.is_asked(), unit.takes())
    await unit.answers()
    await reporter.writes_back()
    await unit.closes()


@dataclass
class Scene:
    """What one of the two does in a case."""

    story: Patience
    case: Case
    me: Player

    async def flags(self) -> None:
        """By the command, or by the menu's button: both raise at the press of "Händer nu"."""
        me, name = self.me, "flagga" if self.case.serial % 3 else "meny"
        await self.story.step(me, partial(me.command, name), partial(me.find, "", "Händer nu"), f"/{name}")
        claim = self._claim("Händer nu", self.case.raised)
        claim.sort = "flag"
        # Never again without a look: twice on the menu's button are two incidents.
        await self.story.step(me, partial(self._push, "", "Händer nu"), self._has_receipt, "the receipt", claim)
        await self._sees("Var är du")

    def _has_receipt(self) -> bool:
        found = self.me.find(r"Ärende \d+ är sparat")
        if found is not None:
            self.case.number = int(found.text.split("Ärende ")[1].split()[0])
        return found is not None

    async def is_asked(self) -> None:
        """Where, whether 112 has been called, which number."""
        number, where, phone = self.number, self.case.mark("Skolgatan 5"), self.case.phone
        await self._write(where, "Har du ringt", only(told(number, "where", where), where))
        await self._press("Har du ringt", "Ja, jag har ringt", "Vilket nummer", told(number, "called_112", "yes"))
        await self._write(phone, f"har allt du har skrivit i ärende {number}\\b", told(number, "number", phone))

    async def takes(self) -> None:
        """Take it, and say when."""
        number, about = self.number, f"Ärende {self.number} "
        await self._sees(about, "Jag tar den")
        await self._press(about, "Jag tar den", about, noted(number, "taken"), sees="Inom 15 minuter")
        promised = f"{about}(.|\n)*hör av sig senast"
        await self._press(about, "Inom 15 minuter", promised, noted(number, "promised"))
        await self._shows("Svara")

    async def answers(self) -> None:
        """Write to the reporter."""
        number, text = self.number, self.case.mark("Lås dörren, vi kommer")
        asked = f"Skriv ditt svar i ärende {number}\\b"
        await self._press(f"Ärende {number} ", "Svara", asked, talked(number, "answer"), impatient=False)
        await self._write(text, f"Svaret i ärende {number} ", only(noted(number, "answer", text=text), text))

    async def writes_back(self) -> None:
        """Read the answer, and write more."""
        text, answer = self.case.mark("Tack, de har gått"), self.case.mark("Lås dörren, vi kommer")
        await self._sees(f"[Ää]rende {self.number}\\b", "Visa")
        await self._shows("Läs allt", answer)
        done = f"Tillagt i ärende {self.number}\\b"
        await self._write(text, done, only(noted(self.number, "words", text=text), text))

    async def closes(self) -> None:
        """Read what is new, and end it with a sentence."""
        number, text = self.number, self.case.mark("Vi har talat med polisen")
        await self._sees(f"Nytt i ärende {number}\\b", "Visa")
        await self._shows("Avsluta", self.case.mark("Tack, de har gått"))
        asked = f"Skriv en mening .* ärende {number}\\b"
        await self._press(f"Ärende {number} ", "Avsluta", asked, talked(number, "close"), impatient=False)
        closed, confirm = only(noted(number, "close", text=text), text), f"Ska ärende {number} avslutas"
        await self._write(text, confirm, closed)
        await self._press(confirm, "Ja, avsluta", f"Ärende {number} är avslutat", closed)

    async def _shows(self, label: str, words: str = "") -> None:
        """Open the newest notice into the card, which has this button and these words."""
        card, count = f"Ärende {self.number} (.|\n)*{words}", shown(self.number, self.me.person)
        claim = self._claim("Visa", count, several=True)
        act = partial(self._push, f"[Ää]rende {self.number}\\b", "Visa")
        await self._until_seen(act, partial(self.me.find, card, label), claim, impatient=True)

    # What people can do

    @property
    def number(self) -> int:
        """The incident's number."""
        return self.case.number

    async def _write(self, text: str, expected: str, count: Count) -> None:
        claim = self._claim(text, count)
        claim.sort = "answer"
        await self._until_seen(partial(self.me.write, text), partial(self.me.find, expected), claim)

    async def _press(
        self, words: str, label: str, expected: str, count: Count, *, sees: str = "", impatient: bool = True
    ) -> None:
        done = partial(self.me.find, expected, sees)
        await self._until_seen(partial(self._push, words, label), done, self._claim(label, count), impatient=impatient)

    async def _push(self, words: str, label: str) -> Act | None:
        seen = self.me.find(words, label)
        return None if seen is None else await self.me.press(seen, label)

    async def _until_seen(
        self, act: Callable[[], Awaitable[Act | None]], done: Done, claim: Claim, *, impatient: bool = False
    ) -> None:
        await self.story.step(self.me, act, done, f"what follows {claim.what}", claim, impatient=impatient)

    def _claim(self, what: str, count: Count, *, several: bool = False) -> Claim:
        named = f"«{what}» by {self.me}, case {self.case.serial}"
        return self.story.ledger.claim("press", named, count, several=several)

    async def _sees(self, words: str, label: str = "") -> None:
        await self.story.until(partial(self.me.find, words, label), f"«{words}» to come to {self.me}")
