"""The story, again and again: a flag, the questions, "Jag tar den", a promise, an answer, a reply, the end.

People do as people do: they press what they see, and when Slack shows an error they look, and press again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from tests.prove.ledger import Case, Claim, Ledger, Records, Sort
from tests.prove.lives import Lives
from tests.prove.persons import Act, Player
from tests.prove.stage import Stage

GLANCE = 0.01  # seconds between two looks at a screen
STILL = 1.0  # seconds at rest with an answer missing, before it is said to be lost
NEVER = 90.0  # seconds for one step, whatever happens

Try = Callable[[], Awaitable[Act | None]]  # None: there is nothing to do it with just now
Count = Callable[[Records], int]


class Stalled(Exception):
    """The bot has done all that it will do, and what the person waits for is not there."""


@dataclass
class Story:
    """Plays cases until the lives of the plan are over."""

    stage: Stage
    lives: Lives
    ledger: Ledger

    async def play(self) -> None:
        """Round after round; in each, both contacts flag."""
        stage = self.stage
        for number in range(1000):
            units = (stage.chief, stage.officer) if number % 2 else (stage.officer, stage.chief)
            for player in stage.players:
                player.turn_page()
            await asyncio.gather(*map(self._case, (stage.alva, stage.bo), units))
            if self.lives.over:
                break
        await self._until(self.at_rest, "the end")

    def at_rest(self) -> bool:
        """Whether the bot has nothing more to do."""
        return self.lives.up and self.stage.at_rest()

    async def _case(self, reporter: Player, unit: Player) -> None:
        case = self.ledger.open(reporter, unit)
        try:
            await _Scene(self, case).play()
            case.complete = True
        except Stalled as stalled:
            self.ledger.stalled.append(f"{case}: waited in vain for {stalled}")

    async def step(self, player: Player, act: Try, done: Callable[[], object], what: str, claim: Claim | None,
                   *, impatient: bool) -> None:  # fmt: skip
        """Do it until it is seen to have worked. The impatient press again before they have looked."""
        while not done():
            tried = await act()
            if tried is None:
                await self._until(done, what)
                return
            if claim is not None:
                claim.tries.append(tried)
            await self._until(lambda tried=tried: done() or tried.refused(), what)  # type: ignore[misc]
            if not done():
                await self._until(player.reachable if impatient else self.at_rest, "the bot to come back")

    async def _until(self, condition: Callable[[], object], what: str) -> None:
        started = rested = time.monotonic()
        while not condition():
            await asyncio.sleep(GLANCE)
            now = time.monotonic()
            if now - started < STILL or not self.at_rest():
                rested = now
            if now - rested > STILL or now - started > NEVER:
                raise Stalled(what)


@dataclass
class _Scene:
    story: Story
    case: Case

    async def play(self) -> None:
        """From the flag to the end."""
        await self._flag()
        await asyncio.gather(self._questions(), self._taking())
        await self._answering()
        await self._closing()

    async def _flag(self) -> None:
        case = self.case
        # A command, or the menu's button: both raise at the press of "Händer nu".
        name = "flagga" if case.serial % 3 else "meny"
        await self._command(case.reporter, name, "Händer nu")
        press = partial(self._press_on, case.reporter, "", "Händer nu")
        await self._step(case.reporter, "flag", "Händer nu", press, self._receipt, self._is_raised)
        await self._sees(case.reporter, "Var är du", "the first question")

    def _receipt(self) -> bool:
        found = self.case.reporter.find(r"Ärende \d+ är sparat")
        if found is not None:
            self.case.number = int(found.text.split("Ärende ")[1].split()[0])
        return found is not None

    def _is_raised(self, records: Records) -> int:
        incident = records.incidents.get(self.case.number)
        mine = incident is not None and incident.reporter_id == self.case.reporter.person
        return records.noted(self.case.number, "raised") if mine else 0

    async def _questions(self) -> None:
        me, number = self.case.reporter, self.case.number
        await self._write(me, self.case.mark("Skolgatan 5"), "Har du ringt", "detail", "value")
        yes = "Ja, jag har ringt"
        await self._press(me, "Har du ringt", yes, lambda: me.find("Vilket nummer"),
                          lambda found: found.noted(number, "detail", name="called_112", value="yes"))  # fmt: skip
        asked = f"har allt du har skrivit i ärende {number}\\b"
        await self._write(
            me, self.case.phone, asked, "detail", "value", self.case.phone.replace("-", "").replace("0", "+46", 1)
        )

    async def _taking(self) -> None:
        me, number = self.case.unit, self.case.number
        mine = f"Ärende {number} "
        await self._sees(me, mine, "the notice", "Jag tar den")
        await self._press(me, mine, "Jag tar den", lambda: me.find(mine, "Inom 15 minuter"),
                          lambda found: found.noted(number, "taken"))  # fmt: skip
        await self._press(me, mine, "Inom 15 minuter", lambda: me.find(f"{mine}(.|\n)*hör av sig senast"),
                          lambda found: found.noted(number, "promised"))  # fmt: skip
        await self._show(me, "Svara")

    async def _answering(self) -> None:
        me, them, number = self.case.unit, self.case.reporter, self.case.number
        await self._press(me, f"Ärende {number} ", "Svara", lambda: me.find(f"Skriv ditt svar i ärende {number}\\b"),
                          lambda found: talks(found, "answer", number), patient=True)  # fmt: skip
        answer = self.case.mark("Lås dörren, vi kommer")
        await self._write(me, answer, f"Svaret i ärende {number} ", "answer", "text")
        await self._sees(them, f"ärende {number}\\b|Ärende {number} ", "a notice", "Visa")
        await self._show(them, "Läs allt", answer)
        await self._write(them, self.case.mark("Tack, de har gått"), f"Tillagt i ärende {number}\\b", "words", "text")

    async def _closing(self) -> None:
        me, number = self.case.unit, self.case.number
        await self._sees(me, f"Nytt i ärende {number}\\b", "the news", "Visa")
        await self._show(me, "Avsluta", self.case.mark("Tack, de har gått"))
        await self._press(me, f"Ärende {number} ", "Avsluta", lambda: me.find(f"Skriv en mening .* ärende {number}\\b"),
                          lambda found: talks(found, "close", number), patient=True)  # fmt: skip
        await self._write(
            me, self.case.mark("Vi har talat med polisen"), f"Ska ärende {number} avslutas", "close", "text"
        )
        await self._press(me, f"Ska ärende {number} avslutas", "Ja, avsluta",
                          lambda: me.find(f"Ärende {number} är avslutat"),
                          lambda found: is_closed(found, number))  # fmt: skip

    async def _show(self, me: Player, label: str, words: str = "") -> None:
        number = self.case.number
        pattern = f"[Ää]rende {number}\\b"
        await self._press(me, pattern, "Visa", lambda: me.find(f"Ärende {number} (.|\n)*{words}", label),
                          lambda found: len(found.posted(number, me.person, view="card")), several=True)  # fmt: skip

    # What people can do

    async def _command(self, me: Player, name: str, button: str) -> None:
        done = partial(me.find, "", button)
        await self.story.step(me, partial(me.command, name), done, f"the answer to /{name}", None, impatient=False)

    async def _write(self, me: Player, text: str, expected: str, kind: str, key: str, stored: str = "") -> None:
        number, stored = self.case.number, stored or text

        def count(found: Records) -> int:
            return max(found.noted(number, kind, **{key: stored}), found.written(stored) if stored == text else 0)

        done = partial(me.find, expected)
        await self._step(me, "answer", f"«{text}»", partial(me.write, text), done, count)

    async def _press(self, me: Player, words: str, label: str, done: Callable[[], object], count: Count, *,
                     patient: bool = False, several: bool = False) -> None:  # fmt: skip
        act = partial(self._press_on, me, words, label)
        await self._step(me, "press", f"[{label}]", act, done, count, impatient=not patient, several=several)

    async def _press_on(self, me: Player, words: str, label: str) -> Act | None:
        seen = me.find(words, label)
        return None if seen is None else await me.press(seen, label)

    async def _step(self, me: Player, sort: Sort, what: str, act: Try, done: Callable[[], object], count: Count, *,
                    impatient: bool = False, several: bool = False) -> None:  # fmt: skip
        case = self.case
        claim = self.story.ledger.claim(sort, f"{what} by {me}, case {case.serial}", count, several)
        await self.story.step(me, act, done, f"what follows {what}", claim, impatient=impatient)

    async def _sees(self, me: Player, words: str, what: str, label: str = "") -> None:
        await self.story._until(partial(me.find, words, label), what)


def talks(found: Records, flow: str, number: int) -> int:
    """How many conversations of this kind there were about the incident."""
    return sum(talk.flow == flow and talk.inputs.get("incident") == number for talk in found.talks)


def is_closed(found: Records, number: int) -> int:
    """How often it was closed."""
    incident = found.incidents.get(number)
    return found.noted(number, "close") if incident is not None and incident.status == "closed" else 0
