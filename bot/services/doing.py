"""What can be done, by name, and the right that each takes: checked here at every command and every press."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.prompts import Command
from bot.services.people import Actor
from bot.services.rights import NotAllowed, NotFound, Right, alert_for, call_for, incident_for, require, run_for
from bot.services.work import Work
from storage.tables import Alert, Incident, Run, SupportCall

C = TypeVar("C", bound=Command)
OF_INCIDENT = (Right.SEE, Right.REPORTER, Right.WRITE)


class Already(Exception):
    """It is done already, or no longer makes sense; `args[0]` names the text that says so kindly."""

    def __init__(self, said: str, **values: Any) -> None:
        super().__init__(said)
        self.said = said
        self.values = values


@dataclass(frozen=True)
class _Doing:
    right: Right
    run: Callable[..., Any]
    find: Callable[..., Any] | None = None  # what the number is of, if the person has the right to it


_commands: dict[type[Command], _Doing] = {}
_actions: dict[str, _Doing] = {}


def performs(command: type[C], right: Right) -> Callable[[Callable[[Work, Actor, C], Any]], Callable[..., Any]]:
    """Registers what performs a command of a flow. It returns a plain value, which the flow gets."""

    def register(run: Callable[[Work, Actor, C], Any]) -> Callable[..., Any]:
        _commands[command] = _Doing(right, run)
        return run

    return register


def on_incident(
    name: str, right: Right
) -> Callable[[Callable[[Work, Actor, Incident, str], None]], Callable[..., Any]]:
    """Registers an action on an incident: idempotent, for two presses may both arrive."""

    def register(run: Callable[[Work, Actor, Incident, str], None]) -> Callable[..., Any]:
        _actions[name] = _Doing(right, run, incident_for)
        return run

    return register


def on_alert(name: str, right: Right) -> Callable[[Callable[[Work, Actor, Alert, str], None]], Callable[..., Any]]:
    """Registers an action on a broadcast: idempotent too."""

    def register(run: Callable[[Work, Actor, Alert, str], None]) -> Callable[..., Any]:
        _actions[name] = _Doing(right, run, alert_for)
        return run

    return register


def on_run(name: str, right: Right) -> Callable[[Callable[[Work, Actor, Run, str], None]], Callable[..., Any]]:
    """Registers an action on a checklist that is ticked off: idempotent too."""

    def register(run: Callable[[Work, Actor, Run, str], None]) -> Callable[..., Any]:
        _actions[name] = _Doing(right, run, run_for)
        return run

    return register


def on_call(name: str, right: Right) -> Callable[[Callable[[Work, Actor, SupportCall, str], None]], Callable[..., Any]]:
    """Registers an action on a call for support: idempotent too."""

    def register(run: Callable[[Work, Actor, SupportCall, str], None]) -> Callable[..., Any]:
        _actions[name] = _Doing(right, run, call_for)
        return run

    return register


def on_number(name: str, right: Right) -> Callable[[Callable[[Work, Actor, int, str], None]], Callable[..., Any]]:
    """Registers an action on something else, which gets its bare id."""

    def register(run: Callable[[Work, Actor, int, str], None]) -> Callable[..., Any]:
        _actions[name] = _Doing(right, run)
        return run

    return register


def perform(work: Work, actor: Actor, command: Command) -> Any:
    """Do what a flow asks. Raises NotFound, NotAllowed, Already."""
    doing = _commands[type(command)]
    incident, alert = getattr(command, "incident", 0), getattr(command, "alert", 0)
    if run := getattr(command, "run", 0):
        run_for(work.session, actor, doing.right, run)
    elif alert:
        alert_for(work.session, actor, doing.right, alert)
    elif incident:
        incident_for(work.session, actor, doing.right, incident)
    elif doing.right not in OF_INCIDENT:
        require(actor, doing.right)
    return doing.run(work, actor, command)


def has_action(name: str) -> bool:
    """Whether there is something that a button of this name does."""
    return name in _actions


def act(work: Work, actor: Actor, name: str, subject: int, argument: str) -> None:
    """Do what a press asks. Raises NotFound, NotAllowed, Already."""
    doing = _actions.get(name)
    if doing is None:
        raise NotFound
    if doing.find is not None:
        doing.run(work, actor, doing.find(work.session, actor, doing.right, subject), argument)
        return
    require(actor, doing.right)
    doing.run(work, actor, subject, argument)


__all__ = [
    "Already",
    "NotAllowed",
    "NotFound",
    "act",
    "has_action",
    "on_alert",
    "on_call",
    "on_incident",
    "on_number",
    "on_run",
    "perform",
    "performs",
]
