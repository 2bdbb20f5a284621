"""`tryggvag doctor`: looks at everything that must be right, and says what to do about what is not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import typer

from bot.admin import doctor_content, doctor_database, doctor_network
from bot.admin.findings import Finding, fault, ok, worst
from bot.admin.terminal import say, show_json, voice
from config.settings import BadSettings, Settings, read_settings


def examine(*, offline: bool) -> list[Finding]:
    """Every finding, in the order in which they are best mended."""
    try:
        chosen = read_settings()
    except BadSettings as error:
        return [fault("cli.doctor_settings_bad", "settings", problem=error)]
    findings = [ok("cli.doctor_settings", "settings"), *doctor_content.look(chosen)]
    findings += doctor_database.look(chosen, datetime.now(UTC))
    return findings if offline else [*findings, *asyncio.run(_outside(chosen))]


async def _outside(chosen: Settings) -> list[Finding]:
    return [finding async for finding in doctor_network.look(chosen)]


def run_doctor(*, offline: bool, as_json: bool) -> None:
    """The whole command. Exit status 1 when there is a fault."""
    findings = examine(offline=offline)
    level = worst(findings)
    if as_json:
        show_json({"level": level, "findings": [finding.said() for finding in findings]})
    else:
        _show(findings)
        if level == "ok":
            say("cli.doctor_well")
    raise typer.Exit(1 if level == "fault" else 0)


def _show(findings: list[Finding]) -> None:
    speaker = voice()
    words = {
        "ok": speaker.word("cli.doctor_ok"),
        "warning": speaker.word("cli.doctor_warning"),
        "fault": speaker.word("cli.doctor_fault"),
    }
    for finding in findings:
        says, *do = finding.lines
        typer.echo(f"{words[finding.level]:<9} {says}")
        for line in do:
            typer.echo(f"{'':<9} → {line}")
