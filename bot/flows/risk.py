"""The risk guide's questions: cases to sort, and one case's statements in step 2 or 3."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from bot.commands import AddCases, KeepAnswers
from bot.prompts import Asked, Confirm, Flow, Option, Pick, Text

ANSWERS, LATER, DONE = ("low", "moderate", "high", "unknown"), "later", "done"
TOPICS = {2: "risk_second", 3: "risk_third"}
MOST_ROLES, CASES = 12, 3000  # characters of the cases


@dataclass(frozen=True)
class Sorter:
    """Whoever writes cases in."""


@dataclass(frozen=True)
class Judging:
    """An assessment of a case, the step, its statements as they are shown (each with its key), and the roles to choose.

    Without roles everybody who takes part is known; `named` when some are.
    """

    case: int
    assessment: int
    step: int
    statements: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...] = ()
    named: bool = False


def cases(_: Sorter) -> Flow:
    """One or several, one a line."""
    text = yield from Text("risk_cases", longest=CASES)
    return AddCases(text)


def judge(me: Judging) -> Flow:
    """Each statement, who took part, and a look at all of it. What is answered by then is kept for later."""
    topic = TOPICS[me.step]
    answers: list[tuple[str, str]] = []
    among = tuple(Option(value) for value in (*ANSWERS, LATER))
    for number, (key, words) in enumerate(me.statements, 1):
        called = f"{number}. {words.splitlines()[-1].rstrip('.')}"
        said = yield from Pick(f"{topic}__{number}", among=among, like=topic, quote=words, called=called)
        if said == LATER:
            return KeepAnswers(me.case, me.assessment, me.step, tuple(answers), later=True)
        answers.append((key, said))
    roles = yield from _roles(me)
    yield from Confirm("risk_sure")
    return KeepAnswers(me.case, me.assessment, me.step, tuple(answers), roles)


def _roles(me: Judging) -> Asked[tuple[str, ...]]:
    chosen: list[str] = []
    for number in islice(range(1, 100), MOST_ROLES if me.roles else 0):
        left = tuple(Option(key, words) for key, words in me.roles if key not in chosen)
        done = (Option(DONE),) if chosen or me.named else ()
        if not left:
            break
        role = yield from Pick(f"risk_role__{number}", among=(*done, *left), like="risk_role")
        if role == DONE:
            break
        chosen.append(role)
    return tuple(chosen)
