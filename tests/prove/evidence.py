"""Compares what people know with what is stored, and what is stored with what they got."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from storage.tables import Outbox, Post
from tests.prove.ledger import Case, Claim, Ledger, Records
from tests.prove.persons import Player, Seen
from tests.prove.stage import Stage

REPEATED = "Upprepat: det här kan ha kommit förut."
Thing = tuple[str, int]  # what is sent once if nothing crashes: a message that stays current, or a row of the outbox


@dataclass
class Verdict:
    """What was found. Each list says in a line what is wrong; the proof holds when all are empty."""

    accepted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notices: int = 0
    delivered: int = 0
    messages: int = 0
    extra: int = 0
    most: int = 0

    @property
    def wrong(self) -> list[str]:
        """Everything that is wrong, the losses first."""
        return [*self.lost, *self.undelivered, *self.doubled, *self.copies, *self.faults]


def judge(ledger: Ledger, records: Records, stage: Stage, hits: Counter[int]) -> Verdict:
    """The verdict on one run."""
    verdict, players = Verdict(), [*stage.unit, *stage.contacts]
    for claim in ledger.claims:
        _claim(verdict, claim, records)
    _flags(verdict, ledger, records, stage.contacts)
    chats = {player.person: {seen.ref: seen for seen in player.everything} for player in players}
    for case in ledger.cases:
        if case.complete:
            _notices(verdict, case, records, stage.unit, chats)
    _copies(verdict, records, chats, hits)
    _left(verdict, ledger, records)
    return verdict


def _claim(verdict: Verdict, claim: Claim, records: Records) -> None:
    count = claim.count(records)
    verdict.accepted[claim.sort] += claim.accepted
    verdict.found[claim.sort] += claim.accepted and count > 0
    if claim.accepted and not count:
        verdict.lost.append(f"lost {claim.sort}: {claim.what}")
    if count > 1 and not claim.several:
        verdict.doubled.append(f"{count} times: {claim.sort} {claim.what}")


def _flags(verdict: Verdict, ledger: Ledger, records: Records, contacts: list[Player]) -> None:
    """No incident that nobody flagged."""
    for player in contacts:
        pressed = sum(bool(case.number) for case in ledger.cases if case.reporter is player)
        stored = sum(incident.reporter_id == player.person for incident in records.incidents.values())
        if stored > pressed:
            verdict.doubled.append(f"{stored} incidents of {player}, who has {pressed} receipts")


def _notices(
    verdict: Verdict, case: Case, records: Records, unit: list[Player], chats: dict[int, dict[str, Seen]]
) -> None:
    """Everybody who must be told was told, once, and what they have is true to this day."""
    for reason, player in [*(("raised", one) for one in unit), *case.notices]:
        verdict.notices += 1
        posts = records.posted(case.number, player.person, reason=reason)
        seen = chats[player.person].get(posts[0].ref or "") if posts else None
        newest = max(post.id or 0 for post in records.posted(case.number, player.person)) if posts else 0
        what = f"the notice «{reason}» to {player}, {case}"
        if len(posts) > 1:
            verdict.doubled.append(f"{len(posts)} times: {what}")
        if seen is None or not seen.about(case.number):
            verdict.undelivered.append(f"not delivered: {what}")
        elif posts[0].id == newest and "avslutat" not in seen.text.casefold():
            verdict.undelivered.append(f"out of date: {what} still says «{seen.text}»")
        else:
            verdict.delivered += 1


def _copies(verdict: Verdict, records: Records, chats: dict[int, dict[str, Seen]], hits: Counter[int]) -> None:
    """Each thing is in the chats once, and once more at most for each kill while it was being sent."""
    sends = {row.id or 0: row for row in records.rows if row.act == "send"}
    rows_of: dict[Thing, list[int]] = defaultdict(list)
    for number, row in sends.items():
        rows_of[_thing(row)].append(number)
    came: Counter[Thing] = Counter()
    for chat in chats.values():
        came.update(_attributed(verdict, list(chat.values()), sends))
    verdict.messages = sum(map(len, chats.values()))
    for thing, numbers in rows_of.items():
        extra, killed = came[thing] - 1, sum(hits[number] for number in numbers)
        if extra < 0:
            verdict.undelivered.append(f"never came: {thing} of the rows {numbers}")
        if extra > killed:
            verdict.copies.append(f"{extra} extra copies after {killed} kills: {thing} of the rows {numbers}")
        verdict.extra, verdict.most = verdict.extra + max(extra, 0), max(verdict.most, extra)


def _thing(row: Outbox) -> Thing:
    return ("post", row.post_id) if row.post_id is not None else ("row", row.id or 0)


def _attributed(verdict: Verdict, chat: list[Seen], sends: dict[int, Outbox]) -> list[Thing]:
    """What each message is a copy of: by its reference, its buttons, or as the twin of one that has a reference."""
    owners = {row.ref: _thing(row) for row in sends.values() if row.ref}
    texts = {_bare(seen.said[0]): owners[seen.ref] for seen in chat if seen.ref in owners}
    things = []
    for seen in chat:
        row = next((sends[number] for number in seen.rows if number in sends), None)
        thing = owners.get(seen.ref) or (_thing(row) if row else texts.get(_bare(seen.said[0])))
        if thing is None:
            verdict.copies.append(f"nobody knows why this was sent: «{seen.text}»")
        else:
            things.append(thing)
    return things


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace(REPEATED, "")).strip()


def _left(verdict: Verdict, ledger: Ledger, records: Records) -> None:
    """Nothing waits, nothing failed, nothing was kept for a human to look at."""
    for row in records.rows:
        if row.state != "delivered":
            what = f"outbox row {row.id} ({row.purpose}, {row.act}) is {row.state} {row.reason}".rstrip()
            verdict.faults.append(what)
    posts: list[Post] = [post for post in records.posts if post.ref is None]
    verdict.faults += [f"post {post.id} ({post.reason}) has no message" for post in posts]
    verdict.faults += [f"kept: {kept.uid} {kept.error}" for kept in records.kept]
    verdict.faults += [f"stalled: {line}" for line in ledger.stalled]
