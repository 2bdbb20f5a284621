"""`tryggvag coverage`: the table that the chief gets in chat, in a terminal and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from storage.database import Database
from storage.tables import Account, Invitation, Party, Person, Role
from tests.admin.conftest import KEY, call, done

NOW = datetime.now(UTC)
PHONE = "+46701740605"


@pytest.fixture
def town(env: pytest.MonkeyPatch, tmp_path: object) -> Database:
    """Siv is chief and Omar of the unit; Bokpartiet has Alva, Dag was invited; nobody is of Kottepartiet."""
    done(call("init", "--name", "Storköping", "--public-number", "08-465 004 10", "--chief", "Siv Almgren"))
    env.setenv("TRYGGVAG_TELEGRAM__TOKEN", "12345:hemligt")
    database = Database(f"sqlite:///{tmp_path}/bot.db", [KEY])
    with database.transaction() as session:
        books, cones = Party(name="Bokpartiet", created_at=NOW), Party(name="Kottepartiet", created_at=NOW)
        session.add_all([books, cones])
        session.flush()
        siv, omar, dag = (Person(name=name, language="sv", created_at=NOW) for name in ("Siv", "Omar", "Dag"))
        alva = Person(name="Alva", language="sv", created_at=NOW, phone=PHONE)
        session.add_all([siv, omar, alva, dag])
        session.flush()
        there = [(siv, "chief", None), (omar, "officer", None), (alva, "contact", books)]
        for number, (person, kind, party) in enumerate(there):
            role = Role(person_id=person.id or 0, kind=kind, party_id=party.id if party else None, since=NOW)
            account = Account(person_id=person.id or 0, platform="telegram", team="", user=str(number), state="active",
                              linked_at=NOW)  # fmt: skip
            session.add_all([role, account])
        session.add(
            Invitation(
                selector="ABCD",
                secret_hash="x",
                person_id=dag.id or 0,
                role="deputy",
                party_id=books.id,
                created_by=siv.id,
                created_at=NOW,
                expires_at=NOW - timedelta(days=1),
            )
        )
    return database


def block(database: Database) -> None:
    """Alva has blocked the bot."""
    with database.transaction() as session:
        account = session.get_one(Account, 3)
        account.state = "blocked"
        session.add(account)
    database.close()


def test_it_is_a_table_with_what_to_do_and_ends_with_one(town: Database) -> None:
    block(town)
    lines = done(call("coverage"), status=1).splitlines()
    assert lines[0].split() == ["Säkerhetsenheten", "nås", "(2", "personer)"]
    text = "\n".join(" ".join(line.split()) for line in lines)
    assert "Bokpartiet nås inte" in text
    assert "Alva går inte att nå på Telegram längre. Ring 070-174 06 05. Ett ord till boten räcker." in text
    assert "Dag (ersättare för säkerhetsansvarig) kom aldrig." in text
    assert "Kottepartiet nås inte\nIngen säkerhetsansvarig. Bjud in: /bjudin\nIngen ersättare. Bjud in: /bjudin" in text
    starts = {line.index("Bjud in: /bjudin") for line in lines if "Bjud in: /bjudin" in line}
    assert len(starts) == 1, "the columns do not stand below each other"


def test_the_same_as_json(town: Database) -> None:
    block(town)
    answer = json.loads(done(call("coverage", "--json"), status=1))
    unit, books, cones = answer["groups"]
    assert (unit["party"], books["party"], cones["party"]) == (None, "Bokpartiet", "Kottepartiet")
    assert (unit["reached"], books["reached"]) == (2, 0)
    blocked = next(finding for finding in books["findings"] if finding["kind"] == "blocked")
    assert (blocked["person"], blocked["platform"], blocked["phone"]) == ("Alva", "telegram", PHONE)
    assert blocked["do"].startswith("Ring 070-174 06 05") and not blocked["hint"]
    assert [finding["kind"] for finding in cones["findings"]] == ["no_contact", "no_deputy"]
    assert answer["to_do"] == sum(len(group["findings"]) for group in answer["groups"])


def test_where_nothing_stands_in_the_way_it_ends_well(town: Database) -> None:
    with town.transaction() as session:
        for party in (1, 2):
            for kind in ("contact", "deputy"):
                person = Person(name=f"{kind} {party}", language="sv", created_at=NOW, phone=PHONE)
                session.add(person)
                session.flush()
                user = f"{kind}{party}"
                session.add(Role(person_id=person.id or 0, kind=kind, party_id=party, since=NOW))
                session.add(Account(person_id=person.id or 0, platform="telegram", team="", user=user, state="active",
                                    linked_at=NOW))  # fmt: skip
        for invitation in session.exec(select(Invitation)):
            invitation.settled_at = NOW
    town.close()
    assert done(call("coverage")).splitlines()[-1] == "Alla går att nå."
    assert json.loads(done(call("coverage", "--json")))["to_do"] == 0


def test_without_an_installation_it_says_so() -> None:
    result = call("coverage")
    assert result.exit_code == 2 and "tryggvag init" in result.stderr
