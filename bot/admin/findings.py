"""What the doctor found: how bad it is, what it means and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.admin.terminal import voice

LEVELS = ("ok", "warning", "fault")


@dataclass(frozen=True)
class Finding:
    """`key` names the text: its first line says what it means, the next what to do. No secret may be in `values`."""

    key: str
    level: str
    check: str
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def lines(self) -> list[str]:
        """The words, in the administrator's language."""
        return voice().word(self.key, **dict(self.values)).split("\n")

    def said(self) -> dict[str, str]:
        """The finding as a machine reads it."""
        says, *do = self.lines
        return {"check": self.check, "level": self.level, "says": says, "do": " ".join(do)}


def ok(key: str, check: str, **values: Any) -> Finding:
    """All is well here."""
    return Finding(key, "ok", check, tuple(values.items()))


def warning(key: str, check: str, **values: Any) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(key, "warning", check, tuple(values.items()))


def fault(key: str, check: str, **values: Any) -> Finding:
    """It does not work until somebody mends it."""
    return Finding(key, "fault", check, tuple(values.items()))


def worst(findings: Iterable[Finding]) -> str:
    """The worst level among them."""
    return max((finding.level for finding in findings), key=LEVELS.index, default="ok")
