"""Looks for chains that should have moved and did not, as the running bot does every minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from sqlmodel import Session

from bot.admin.findings import Finding, fault, ok, warning
from bot.catalogue import Catalogue
from bot.services import chain_audit, escalation_plan
from bot.services.work import NoMunicipality, Work, read_house

MOST = 10  # numbers shown


def look(session: Session, now: datetime) -> Iterator[Finding]:
    """What stands still, by what it is about. The steps are frozen on each: no plan is needed."""
    try:
        house = read_house(session, Catalogue(), escalation_plan.load())
    except (NoMunicipality, ZoneInfoNotFoundError, ValueError, OSError):
        return  # told already
    found = chain_audit.find(Work(session, now, house))
    rotas = [finding for finding in found if finding.what == "rota"]
    incidents = sorted({finding.subject for finding in found if finding.of_incident})
    alerts = sorted({finding.subject for finding in found if not finding.of_incident and finding not in rotas})
    if incidents:
        yield fault("cli.doctor_chain_incidents", "chains", numbers=_shown(incidents))
    if alerts:
        yield fault("cli.doctor_chain_alerts", "chains", numbers=_shown(alerts))
    if rotas:
        yield warning("cli.doctor_rota", "chains")
    if not found:
        yield ok("cli.doctor_chains", "chains")


def _shown(numbers: list[int]) -> str:
    return ", ".join([*map(str, numbers[:MOST]), *(["…"] if len(numbers) > MOST else [])])
