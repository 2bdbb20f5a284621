"""Who is told of what about an incident."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from bot.services import people, sending
from bot.services.steps import Accounts
from bot.services.work import Work
from storage.tables import Account, Incident, Person, Post

Reason = Literal[
    "raised", "again", "turn", "call_round",
    "untaken", "untaken_next", "untaken_some", "untaken_unit", "untaken_chief", "unreached",
    "taken", "promised", "ask_promise", "promise_soon", "promise_broken",
    "answered", "words", "evidence", "evidence_lost",
    "withdrawn", "closed", "not_done", "shared", "recorded", "help_yes", "help_no", "passed",
    "call_me", "joined",
]  # fmt: skip


def to_unit(
    work: Work, incident: Incident, reason: Reason, accounts: Accounts = "preferred", *, besides: int | None = None
) -> int:
    """Everybody in the unit but `besides`, and its shared places; returns how many notices went out."""
    unit = [person for person in people.unit_people(work.session) if person.id != besides]
    others = [person for person in unit if not people.is_reporter(incident, person.id or 0)]
    count = sum(len(_post(work, incident, person, reason, accounts)) for person in others)
    if reason in ("raised", "not_done") or accounts == "all":
        count += to_places(work, incident, reason)
    sending.refresh(work, _id(incident))
    return count


def to_people(work: Work, incident: Incident, some: Iterable[Person], reason: Reason, accounts: Accounts) -> int:
    """These, and nobody else; returns how many notices went out."""
    count = sum(len(_post(work, incident, person, reason, accounts)) for person in some)
    sending.refresh(work, _id(incident))
    return count


def to_places(work: Work, incident: Incident, reason: Reason) -> int:
    """The unit's shared places; returns how many there are."""
    places = sending.shared_places(work)
    for place in places:
        sending.post_to_place(work, place, _id(incident), reason)
    return len(places)


def to_person(work: Work, incident: Incident, person: int | None, reason: Reason) -> None:
    """One person, where notices go first."""
    if person is not None:
        _post(work, incident, work.session.get_one(Person, person), reason, "preferred")
    sending.refresh(work, _id(incident))


def to_reporter(work: Work, incident: Incident, reason: Reason) -> None:
    """The one who flagged, and who took over for the party since. Of a call that nobody here made, only an answer."""
    if people.is_reporter(incident, incident.reporter_id) or reason == "answered":
        to_person(work, incident, incident.reporter_id, reason)
    to_successor(work, incident, reason)


def to_successor(work: Work, incident: Incident, reason: Reason) -> None:
    """Who took over for the party, while they are its contact."""
    if (heir := people.heir(work.session, incident)) is not None:
        _post(work, incident, work.session.get_one(Person, heir), reason, "preferred")
    sending.refresh(work, _id(incident))


def to_party(work: Work, incident: Incident, reason: Reason) -> None:
    """The safety contacts of the incident's party, other than the one who flagged."""
    for person in people.people_with(work.session, people.PARTY_CONTACTS, incident.party_id):
        if person.id != incident.reporter_id:
            _post(work, incident, person, reason, "preferred")


def _post(work: Work, incident: Incident, person: Person, reason: Reason, which: Accounts) -> list[Post]:
    posts = []
    for account in _accounts(people.accounts_of(work.session, person), which):
        post = sending.post_to_account(work, account, _id(incident), "notice", reason)
        assert post.id is not None
        work.refreshed.add(post.id)
        posts.append(post)
    return posts


def _accounts(accounts: list[Account], which: Accounts) -> list[Account]:
    if which == "all":
        return accounts
    return accounts[:1] if which == "preferred" or len(accounts) == 1 else accounts[1:]


def _id(incident: Incident) -> int:
    assert incident.id is not None
    return incident.id
