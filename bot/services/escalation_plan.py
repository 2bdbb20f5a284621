"""The plan for when nobody answers: which steps run when, and which times can be promised."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Self

from bot.services.after import After, Elapsed, due, parse_after
from bot.services.steps import (
    GATEWAY_ACTS,
    Accounts,
    AlertStep,
    Step,
    Table,
    in_order,
    read_after,
    read_elapsed,
    read_list,
    read_table,
)

CHAINS = ("now", "brewing", "rumour", "past")
ALERTS = ("information", "warning", "emergency")  # the levels that may ask for an answer
FILE = "escalation.toml"


class BadPlan(ValueError):
    """The file cannot be used; one line says which file, which key and why."""


@dataclass(frozen=True)
class Chain:
    """Steps in the order they run; frozen as JSON on what it watches over when that starts."""

    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, object]:
        return {"steps": [step.to_json() for step in self.steps]}

    @classmethod
    def from_json(cls, data: object, where: str = "chain") -> Self:
        listed = _listed(data, where)
        return cls(in_order((Step.from_json(step, at) for at, step in listed), where))


@dataclass(frozen=True)
class AlertChain:
    """The same for an alert that is not answered in time."""

    steps: tuple[AlertStep, ...]

    def to_json(self) -> dict[str, object]:
        return {"steps": [step.to_json() for step in self.steps]}

    @classmethod
    def from_json(cls, data: object, where: str = "chain") -> Self:
        listed = _listed(data, where)
        return cls(in_order((AlertStep.from_json(step, at) for at, step in listed), where))


def _listed(data: object, where: str) -> list[tuple[str, object]]:
    table = read_table(data, where, {"steps"})
    listed = read_list(table.get("steps"), f"{where}.steps")
    return [(f"{where}.steps[{number}]", step) for number, step in enumerate(listed, 1)]


@dataclass(frozen=True)
class Promise:
    """A time within which an officer can promise to be back; `key` names the choice."""

    key: str
    due: After
    remind_before: timedelta

    def to_json(self) -> dict[str, object]:
        return {"key": self.key, "due": str(self.due), "remind_before": str(Elapsed(self.remind_before))}

    @classmethod
    def from_json(cls, data: object, where: str = "promise") -> Self:
        table = read_table(data, where, {"key", "due", "remind_before"})
        before = read_elapsed(table.get("remind_before"), f"{where}.remind_before")
        promise = cls(str(table.get("key")), read_after(table.get("due"), f"{where}.due"), before)
        _check_reminder(promise, where)
        return promise


@dataclass(frozen=True)
class Plan:
    """One chain for each imminence, one for some levels of alerts, the promises in the order of their buttons."""

    chains: dict[str, Chain]
    promises: tuple[Promise, ...]
    ask_again_after: timedelta
    alerts: dict[str, AlertChain] = field(default_factory=dict)

    @property
    def gateway_acts(self) -> list[str]:
        """What some step does that takes a gateway, in the order of the levels."""
        acts = [step.do for chain in self.alerts.values() for step in chain.steps]
        return list(dict.fromkeys(act for act in acts if act in GATEWAY_ACTS))

    def to_json(self) -> dict[str, object]:
        return {
            "chains": {name: chain.to_json() for name, chain in self.chains.items()},
            "promises": [promise.to_json() for promise in self.promises],
            "ask_again_after": str(Elapsed(self.ask_again_after)),
            "alerts": {level: chain.to_json() for level, chain in self.alerts.items()},
        }

    @classmethod
    def from_json(cls, data: object, where: str = "plan") -> Self:
        table = read_table(data, where, {"chains", "promises", "ask_again_after", "alerts"})
        chains = read_table(table.get("chains"), f"{where}.chains", set(CHAINS))
        promises = read_list(table.get("promises"), f"{where}.promises")
        return cls(
            _chains(chains),
            tuple(Promise.from_json(promise, f"{where}.promises") for promise in promises),
            read_elapsed(table.get("ask_again_after"), f"{where}.ask_again_after"),
            _alerts(table.get("alerts", {})),
        )


def load(path: Path | None = None) -> Plan:
    """The plan in the file, or the shipped one. Raises BadPlan."""
    source = path or resources.files("config").joinpath("content", FILE)
    try:
        return _plan(tomllib.loads(source.read_text(encoding="utf-8")))
    except OSError as problem:
        raise BadPlan(f"{source.name}: cannot be read ({problem.strerror})") from problem
    except ValueError as problem:
        raise BadPlan(f"{source.name}: {' '.join(str(problem).split())}") from problem


def load_for(folder: Path | None, gateways: Collection[str] = ()) -> Plan:
    """The municipality's own plan where its folder holds one, else the shipped one. Raises BadPlan.

    `gateways` are the acts that a gateway is set up for: a step that could never be done is refused now.
    """
    if folder is not None and not folder.is_dir():
        raise BadPlan(f"{folder}: there is no such folder")
    own = folder / FILE if folder is not None else None
    plan = load(own if own is not None and own.exists() else None)
    for act in plan.gateway_acts:
        if act not in gateways:
            raise BadPlan(f'{FILE}: alert: a step does "{act}", and no gateway for that is set up')
    return plan


def _plan(document: Table) -> Plan:
    read_table(document, "the file", {*CHAINS, "alert", "promise"})
    promise = read_table(document.get("promise"), "promise", {"choices", "remind_before", "ask_again_after"})
    choices = read_list(promise.get("choices"), "promise.choices")
    reminders = read_list(promise.get("remind_before"), "promise.remind_before")
    if len(choices) != len(reminders):
        raise ValueError("promise.remind_before: must have one time for each of the choices")
    if len(set(map(str, choices))) != len(choices):
        raise ValueError("promise.choices: the same choice is there twice")
    return Plan(
        _chains(document),
        tuple(_promise(*pair, number) for number, pair in enumerate(zip(choices, reminders, strict=True), 1)),
        read_elapsed(promise.get("ask_again_after"), "promise.ask_again_after"),
        _alerts(document.get("alert", {})),
    )


def _chains(table: Table) -> dict[str, Chain]:
    """Each of them must tell the reporter some time: the receipt says when."""
    found = {name: Chain.from_json(table.get(name), name) for name in CHAINS}
    for name, chain in found.items():
        if not any(step.tell_reporter for step in chain.steps):
            raise ValueError(f"{name}.steps: one of them must have tell_reporter = true")
    return found


def _alerts(table: object) -> dict[str, AlertChain]:
    levels = read_table(table, "alert", set(ALERTS))
    return {level: AlertChain.from_json(levels[level], f"alert.{level}") for level in ALERTS if level in levels}


def _promise(choice: object, reminder: object, number: int) -> Promise:
    after = read_after(choice, f"promise.choices[{number}]")
    before = read_elapsed(reminder, f"promise.remind_before[{number}]")
    promise = Promise(str(choice), after, before)
    _check_reminder(promise, f"promise.choices[{number}]")
    return promise


def _check_reminder(promise: Promise, where: str) -> None:
    if isinstance(promise.due, Elapsed) and promise.remind_before >= promise.due.amount:
        raise ValueError(f"{where}: the reminder would come before the promise is made")


__all__ = [
    "ALERTS", "CHAINS", "FILE", "Accounts", "After", "AlertChain", "AlertStep", "BadPlan", "Chain", "Elapsed", "Plan",
    "Promise", "Step", "due", "load", "load_for", "parse_after",
]  # fmt: skip
