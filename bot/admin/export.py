"""Everything about an incident, about a person, or all there is, as files that anybody can read."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, col, or_, select

from bot.admin import export_files
from bot.admin.backup import snapshot
from bot.admin.export_files import Files, safe
from bot.admin.terminal import Told
from bot.catalogue import Catalogue, Voice
from bot.messages import Quote, part_text
from bot.services import escalation_plan, people, sending, timeline
from bot.services.work import Work, read_house
from storage import evidence
from storage.tables import (
    Absence,
    Account,
    AgendaItem,
    Alert,
    AlertEntry,
    Briefing,
    Conversation,
    Entry,
    Evidence,
    Held,
    Incident,
    Invitation,
    Meeting,
    Municipality,
    Outbox,
    Party,
    Person,
    QuarterFigures,
    Receipt,
    Role,
    Rota,
    Run,
    RunEntry,
    RunMember,
    SharedPlace,
    Shift,
    SupportAsked,
    SupportCall,
    Supporter,
    Tick,
)
from storage.types import WrongKey, keyring

# Of no use to a reader: what only the bot needs, and what would be a key.
LEFT_OUT = {"secret_hash", "selector", "remote", "offered", "claimed_by", "chain", "attempts", "not_before"}


class Export:
    """One export under way. `altered` has the evidence that is not what once came in."""

    def __init__(self, work: Work, files: Files, language: str) -> None:
        self.work, self.files = work, files
        self.voice: Voice = work.house.voice(language, work.now)
        self.altered: list[int] = []

    def incident(self, row: Incident, *, unit: bool = True) -> None:
        """A folder with the facts, the timeline and the evidence; for the unit also what it is one event with."""
        folder = f"incident-{row.id}"
        found = self.plain(row)
        found |= {name: self._name(getattr(row, name)) for name in ("reporter_id", "taken_by", "recorded_by")}
        found["party"] = people.party_name(self.work.session, row.party_id)
        kept = list(self._all(Evidence, Evidence.incident_id == row.id))
        entries = [one for one in timeline.of(self.work, row) if unit or one.kind not in timeline.LINKS]
        found |= {"timeline": [self.plain(e) for e in entries], "evidence": [self.plain(e) for e in kept]}
        if unit:
            found["linked_from"] = [one.id for one in self._all(Incident, Incident.linked_to == row.id)]
        else:
            del found["linked_to"]
        self.files.put_json(f"{folder}/incident.json", found)
        self.files.put_text(f"{folder}/timeline.md", self._timeline(row, entries))
        for one in kept:
            self._evidence(folder, one)

    def _timeline(self, row: Incident, entries: list[Entry]) -> str:
        lines = [f"# {row.id} · {self.voice.word(f'imminence.{row.imminence}')}", ""]
        for entry in entries:
            parts = timeline.drawn(self.work, self.voice, entry)
            said = " ".join(part_text(part) for part in parts if not isinstance(part, Quote))
            lines.append(f"- {self.local(entry.at)} · {said}")
            quotes = [part_text(part) for part in parts if isinstance(part, Quote)]
            lines += [f"  > {line}" for quote in quotes for line in quote.splitlines()]
        return "\n".join(lines) + "\n"

    def _evidence(self, folder: str, row: Evidence) -> None:
        if row.state != "kept":
            return
        name = safe(str(row.facts.get("name") or "")) or row.medium
        if "." not in name:
            name += (mimetypes.guess_extension(row.media) or "") if evidence.is_file(row) else ".txt"
        digest = self.files.put(f"{folder}/evidence/{row.id}-{name}", self._pieces(row))
        if digest != row.sha256:
            self.altered.append(row.id or 0)

    def _pieces(self, row: Evidence) -> Iterator[bytes]:
        try:
            yield from evidence.read(self.work.session, row)
        except WrongKey:
            return  # what there is of it is kept, and its checksum tells

    def person(self, row: Person) -> None:
        """All that is stored about a person and by them, with the incidents that they flagged."""
        mine: list[tuple[str, type[SQLModel], Any]] = [
            ("roles", Role, Role.person_id == row.id),
            ("accounts", Account, Account.person_id == row.id),
            ("invitations", Invitation, Invitation.person_id == row.id),
            ("conversations", Conversation, Conversation.person_id == row.id),
            ("wrote", Entry, Entry.author_id == row.id),
            ("sent_evidence", Evidence, Evidence.person_id == row.id),
            ("places", SharedPlace, SharedPlace.asked_by == row.id),
            ("receipts", Receipt, or_(col(Receipt.person_id) == row.id, col(Receipt.told_by) == row.id)),
            ("alerts", Alert, or_(col(Alert.author_id) == row.id, col(Alert.approved_by) == row.id)),
            ("wrote_on_alerts", AlertEntry, AlertEntry.author_id == row.id),
            ("meetings", Meeting, or_(col(Meeting.created_by) == row.id, col(Meeting.support_by) == row.id)),
            ("changed_briefings", Briefing, Briefing.acted_by == row.id),
            ("shifts", Shift, Shift.person_id == row.id),
            ("absences", Absence, Absence.person_id == row.id),
            ("rotas", Rota, Rota.created_by == row.id),
            ("checklists", Run, or_(col(Run.started_by) == row.id, col(Run.ended_by) == row.id)),
            ("took_part_in", RunMember, RunMember.person_id == row.id),
            ("ticked", Tick, Tick.person_id == row.id),
            ("wrote_on_checklists", RunEntry, RunEntry.author_id == row.id),
            ("called_for", Supporter, or_(col(Supporter.person_id) == row.id, col(Supporter.added_by) == row.id)),
            ("asked_for_support", SupportCall, SupportCall.asked_by == row.id),
            ("gave_support", SupportCall, SupportCall.taken_by == row.id),
            ("was_asked_for_support", SupportAsked, SupportAsked.person_id == row.id),
        ]
        accounts = [account.id for account in self._all(Account, Account.person_id == row.id)]
        to_them = or_(col(Outbox.account_id).in_(accounts), Outbox.chat == sending.phone_of(row))
        mine.append(("messages", Outbox, to_them))
        mine.append(("held", Held, col(Held.account_id).in_(accounts)))
        found: dict[str, Any] = {"person": self.plain(row)}
        found |= {name: [self.plain(one) for one in self._all(table, which)] for name, table, which in mine}
        concerned = or_(
            *(column == row.id for column in (Incident.reporter_id, Incident.taken_by, Incident.recorded_by))
        )
        found["incidents"] = [one.id for one in self._all(Incident, concerned)]
        self.files.put_json("person.json", found)
        for one in self._all(Incident, Incident.reporter_id == row.id):
            self.incident(one, unit=False)

    def alert(self, row: Alert) -> None:
        """A broadcast: its words, who got it and what each answered, and what happened with it."""
        found = self.plain(row) | {name: self._name(getattr(row, name)) for name in ("author_id", "approved_by")}
        receipts = self._all(Receipt, Receipt.alert_id == row.id)
        answers = [self.plain(one) | {"person": self._name(one.person_id)} for one in receipts]
        entries = [self.plain(one) for one in self._all(AlertEntry, AlertEntry.alert_id == row.id)]
        self.files.put_json(f"alert-{row.id}.json", found | {"receipts": answers, "entries": entries})

    def run(self, row: Run) -> None:
        """A checklist that was ticked off: each step as it was written, who did it, and what was noted."""
        found = self.plain(row) | {name: self._name(getattr(row, name)) for name in ("started_by", "ended_by")}
        done = self._all(Tick, Tick.run_id == row.id)
        ticks = [self.plain(one) | {"person": self._name(one.person_id)} for one in done]
        entries = [self.plain(one) for one in self._all(RunEntry, RunEntry.run_id == row.id)]
        kept = self._all(Evidence, Evidence.run_id == row.id)
        members = [self._name(one.person_id) for one in self._all(RunMember, RunMember.run_id == row.id)]
        more = {"ticks": ticks, "entries": entries, "members": members, "evidence": [self.plain(one) for one in kept]}
        self.files.put_json(f"checklist-{row.id}/checklist.json", found | more)
        for one in kept:
            self._evidence(f"checklist-{row.id}", one)

    def support(self, row: SupportCall) -> None:
        """Support that somebody asked for, and who was asked."""
        found = self.plain(row) | {name: self._name(getattr(row, name)) for name in ("asked_by", "taken_by")}
        asked = self._all(SupportAsked, SupportAsked.call_id == row.id)
        named = [self.plain(one) | {"person": self._name(one.person_id)} for one in asked]
        self.files.put_json(f"support-{row.id}.json", found | {"asked": named})

    def everything(self) -> None:
        """The register with the duty list, every broadcast and every incident."""
        tables: tuple[type[SQLModel], ...] = (
            Municipality,
            Party,
            Person,
            Role,
            Account,
            SharedPlace,
            Meeting,
            AgendaItem,
            Briefing,
            Rota,
            Shift,
            Absence,
            Supporter,
            QuarterFigures,
        )
        found = {str(table.__tablename__): [self.plain(one) for one in self._all(table, True)] for table in tables}
        self.files.put_json("register.json", found)
        for one in self._all(Alert, True):
            self.alert(one)
        for one in self._all(Run, True):
            self.run(one)
        for one in self._all(SupportCall, True):
            self.support(one)
        for one in self._all(Incident, True):
            self.incident(one)

    def _all(self, table: Any, which: Any) -> list[Any]:
        query = select(table).order_by(table.id)
        return list(self.work.session.exec(query if which is True else query.where(which)))

    def _name(self, person: int | None) -> str | None:
        return self.work.session.get_one(Person, person).name if person is not None else None

    def plain(self, row: SQLModel) -> dict[str, Any]:
        """A row as plain values, times in the municipality's zone."""
        values = {name: getattr(row, name) for name in type(row).model_fields if name not in LEFT_OUT}
        return {name: self.local(v) if isinstance(v, datetime) else v for name, v in values.items()}

    def local(self, at: datetime) -> str:
        """A time as it was on the clocks there, with the offset from UTC."""
        return at.astimezone(self.work.house.zone).isoformat(sep=" ", timespec="seconds")


def export(url: str, keys: list[str], to: Path, now: datetime, *, incident: int | None, person: str | None,
           language: str) -> tuple[int, list[int]]:  # fmt: skip
    """Write the export; how many files there are, and which evidence is not what came in. Raises Told."""
    keyring.use(keys)
    if to.exists():
        raise Told("cli.file_exists", file=to)
    with snapshot(url) as connection, Session(bind=connection) as session:
        work = Work(session, now, read_house(session, Catalogue(), escalation_plan.load()))
        chosen = _chosen(work, incident, person)
        with export_files.opened(to) as files:
            made = Export(work, files, language)
            if isinstance(chosen, Incident):
                made.incident(chosen)
            elif isinstance(chosen, Person):
                made.person(chosen)
            else:
                made.everything()
            files.finish()
            return len(files.sums), made.altered


def _chosen(work: Work, incident: int | None, person: str | None) -> Incident | Person | None:
    if incident is not None:
        found = work.session.get(Incident, incident)
        if found is None:
            raise Told("cli.export_no_incident", number=incident)
        return found
    return _person(work, person) if person is not None else None


def _person(work: Work, wanted: str) -> Person:
    """By name, or by the number that tells namesakes apart."""
    if wanted.isdecimal():
        numbered = work.session.get(Person, int(wanted[:9]))
        if numbered is None:
            raise Told("cli.export_no_person", name=wanted)
        return numbered
    name = " ".join(wanted.split()).casefold()
    everybody = work.session.exec(select(Person).order_by(col(Person.id)))
    found = [person for person in everybody if " ".join(person.name.split()).casefold() == name]
    if not found:
        raise Told("cli.export_no_person", name=wanted)
    if len(found) > 1:
        known = ", ".join(f"{person.id} {people.described(work, person, person)}" for person in found)
        raise Told("cli.export_namesakes", people=known)
    return found[0]
