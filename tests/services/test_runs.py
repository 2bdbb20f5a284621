"""Whatever several do to a checklist at once, in any order: what is ticked is what a plain model says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, col, select

from bot.advice.library import Library
from bot.catalogue import Catalogue
from bot.commands import DropRun, NoteStep, SignRun, UntickStep
from bot.messages import part_text
from bot.services import escalation_plan, people, run_table, runs, views
from bot.services.doing import Already, NotFound, act, perform
from bot.services.people import Actor
from bot.services.work import House, Work, read_house
from storage.database import Database
from storage.tables import Account, Conversation, Municipality, Person, Post, Role, Run, RunEntry, RunMember, Tick
from tests.advice.pieces import write

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NAMES, STEPS = ("Siv", "Omar", "Alva"), 8  # two of the unit, and one who is not
PARTS = (("Salen", tuple(f"Rum {n}. †" for n in range(5))), ("Vägar", tuple(f"Dörr {n}. †" for n in range(3))))
ACTS = ("tick", "tick", "tick", "untick", "note", "part", "show", "read", "sign", "sign", "drop", "leave", "return")
moves = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, STEPS + 1)), min_size=5, max_size=40
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Library]]:
    """Two officers and a contact, and one list of theirs."""
    folder: Path = tmp_path_factory.mktemp("town")
    write(folder, "salen", sections=PARTS, audience="unit")
    database = Database(f"sqlite:///{folder / 'bot.db'}", [Fernet.generate_key().decode()])
    SQLModel.metadata.create_all(database.engine)
    with database.transaction() as session:
        where, hours = ("Europe/Stockholm", "+46846500410"), "mån-fre 08:00-17:00"
        place = Municipality(
            name="Lönnköping",
            timezone=where[0],
            languages=["sv"],
            public_number=where[1],
            staffed=hours,
            created_at=NOW,
        )
        session.add(place)
        for name in NAMES:
            person = Person(name=name, language="sv", created_at=NOW)
            session.add(person)
            session.flush()
            number = person.id or 0
            session.add(Role(person_id=number, kind="contact" if name == "Alva" else "officer", since=NOW))
            session.add(Account(person_id=number, platform="telegram", team="", user=str(number), state="active",
                                linked_at=NOW))  # fmt: skip
    yield database, Library(folder)
    database.close()


class Walk:
    """A shared run, and what a plain model says of it."""

    def __init__(self, session: Session, house: House) -> None:
        self.session, self.house = session, house
        accounts = session.exec(select(Account).order_by(col(Account.id))).all()
        self.actors = [people.actor(session, account) for account in accounts]
        one = house.library.get("salen")
        assert one is not None
        runs._start(self.work(), self.actors[0], one, shared=True)
        self.done: dict[int, str] = {}
        self.read: set[int] = set(range(1, STEPS + 1))  # what who signs was last shown as not done
        self.part_of = {"Siv"}
        self.state = "open"
        self.events = 1

    def work(self) -> Work:
        return Work(self.session, NOW, self.house)

    def move(self, kind: str, who: int, step: int) -> None:
        actor = self.actors[who]
        if kind in ("leave", "return"):
            self._moved(who, kind)
            return
        try:
            self._do(kind, actor, step)
        except (Already, NotFound):
            return  # refused: what the model says has not changed either
        assert actor.unit, "somebody who is not of the unit did something to it"
        joins = kind == "tick" or (kind == "show" and self.state == "open")
        self.part_of |= {actor.person.name} if joins else set()

    def _moved(self, who: int, kind: str) -> None:
        """Omar leaves the unit for a party, and comes back; the others stay what they are."""
        if NAMES[who] != "Omar":
            return
        person = self.actors[who].id
        role = self.session.exec(select(Role).where(Role.person_id == person)).one()
        role.kind = "contact" if kind == "leave" else "officer"
        self.session.flush()
        self.actors[who] = people.actor(self.session, self.actors[who].account)

    def _do(self, kind: str, actor: Actor, step: int) -> None:
        work, there = self.work(), 1 <= step <= STEPS
        if kind == "tick":
            act(work, actor, "tick", 1, str(step))
            assert there and self.state == "open" and step not in self.done
            self.done[step] = actor.person.name
        elif kind == "untick":
            perform(work, actor, UntickStep(1, step))
            assert self.state == "open" and step in self.done
            del self.done[step]
        elif kind == "note":
            perform(work, actor, NoteStep(1, step, "ord"))
            assert there and self.state == "open"
        elif kind == "part":
            act(work, actor, "run_part", 1, str(step))
            assert step < len(PARTS)
        elif kind == "show":
            act(work, actor, "run_show", 1, "")  # joining a second time is no second part in it
        elif kind == "read":
            act(work, actor, "run_sign", 1, "")
            [talk] = self.session.exec(select(Conversation).order_by(col(Conversation.id).desc()).limit(1))
            self.read = set(talk.inputs["steps"])
            assert self.read == set(range(1, STEPS + 1)) - self.done.keys()
        elif kind == "sign":
            perform(work, actor, SignRun(1, tuple(self.read)))
            assert self.state == "open"
            assert set(range(1, STEPS + 1)) - self.done.keys() <= self.read, "signed for what nobody read"
            self.state = "signed"
        else:
            perform(work, actor, DropRun(1))
            assert self.state == "open" and actor.person.name == "Siv"
            self.state = "dropped"

    def check(self) -> None:
        run = self.session.get_one(Run, 1)
        names = {person.id: person.name for person in self.session.exec(select(Person))}
        ticks = {tick.step: names[tick.person_id] for tick in self.session.exec(select(Tick))}
        assert ticks == self.done
        assert run.state == self.state
        members = [names[one.person_id] for one in self.session.exec(select(RunMember))]
        assert sorted(members) == sorted(self.part_of)
        entries = list(self.session.exec(select(RunEntry)))
        ticked = sum(entry.kind == "ticked" for entry in entries) - sum(entry.kind == "unticked" for entry in entries)
        assert ticked == len(self.done), "the log tells another story than the ticks"
        for post in self.session.exec(select(Post).where(Post.view == "run")):
            text = "\n".join(map(part_text, views.draw(self.work(), post).parts))
            if not self.actors[NAMES.index(names[post.person_id or 0])].unit:
                assert "klar" not in text and "Rum" not in text and "Salen" not in text
                continue
            assert post.folded or self.state != "open" or f"{len(self.done)} av {STEPS} klara" in text
        lines = run_table.as_csv(self.work(), self.house.voice("sv", NOW), run).decode("utf-8-sig").splitlines()
        assert sum(";ja;" in line for line in lines) == len(self.done)
        assert lines[-1].startswith("Signerad") == (self.state == "signed")


@given(moves)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_walk_leaves_what_the_model_says(town: tuple[Database, Library], turns: list[tuple[str, int, int]]) -> None:
    database, library = town
    with Session(database.engine, expire_on_commit=False) as session:
        house = read_house(session, Catalogue(), escalation_plan.load(), library)
        walk = Walk(session, house)
        for kind, who, step in turns:
            walk.move(kind, who, step)
            session.flush()
            walk.check()
        session.rollback()
