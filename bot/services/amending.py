"""What is put right: what a case or an issue is called, and whose a measure or an issue is."""

from __future__ import annotations

from sqlmodel import select

from bot.commands import Hand, Retitle
from bot.flows.promising import Called
from bot.services import measure_acts, risk_cases, risk_views, sending, talks, titles, watch_list
from bot.services.doing import on_number, performs
from bot.services.people import Actor
from bot.services.rights import NotFound, Right
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import AgendaItem, RiskCase


@on_number("retitle", Right.UNIT)
def ask(work: Work, actor: Actor, number: int, kind: str) -> None:
    """ "Ändra titeln" of a case or an issue."""
    if kind not in ("case", "watch"):
        raise NotFound
    title = risk_cases.find(work, number).title if kind == "case" else watch_list.find(work, number).title
    talks.start(work, actor, "retitle", Called(kind, number, title))


@performs(Retitle, Right.UNIT)
def retitle(work: Work, actor: Actor, command: Retitle) -> None:
    """Call it this from now on, on the agenda too; what was assessed and promised stays with it."""
    title = " ".join(command.title.split())
    if command.kind == "case":
        case = risk_cases.find(work, command.subject)
        _on_agenda(work, case, title)
        case.title = title
        work.session.add(case)
        card = risk_views.card(work, actor, case)
    else:
        row = watch_list.find(work, command.subject)
        row.title = title
        work.session.add(row)
        card = watch_list.card(work, actor, row)
    titles.warn(work, actor, [title], Act("retitle", command.subject, command.kind))
    sending.to_account(work, actor.account, card, "answer")


def _on_agenda(work: Work, case: RiskCase, title: str) -> None:
    query = select(AgendaItem).where(AgendaItem.meeting_id == case.meeting_id)
    items = work.session.exec(query) if case.meeting_id is not None else ()
    for item in (item for item in items if item.title == case.title):
        item.title = title
        work.session.add(item)
        return


@performs(Hand, Right.UNIT)
def hand(work: Work, actor: Actor, command: Hand) -> None:
    """Let somebody else have it."""
    if command.kind == "measure":
        measure_acts.give(work, actor, command.subject, command.owner)
    else:
        watch_list.give(work, actor, command.subject, command.owner)
