"""People from a file: first what would change, then all of it or nothing; nobody twice; roles that end."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlmodel import Session, col, select

from bot.admin import letters, people_file, people_import, people_plan
from bot.admin.people_file import Line
from bot.admin.terminal import Told
from bot.catalogue import Catalogue
from bot.commands import RoleKind
from bot.playground.town import TOKEN, Town
from bot.services import escalation_plan
from bot.services.work import Work, read_house
from storage import deadlines
from storage.database import Database
from storage.tables import Account, Deadline, Incident, Invitation, Outbox, Party, Person, Role
from tests.admin.conftest import NOW, call, done, person, refused
from tests.contract.conftest import CODE

Writes = Callable[[str], str]
HEAD = "Namn;Parti;Roll;Slutdatum\n"


@pytest.fixture
def file(tmp_path: Path) -> Writes:
    """Writes a file with these words; its path."""

    def write(words: str) -> str:
        path = tmp_path / "people.csv"
        path.write_text(words, encoding="utf-8")
        return str(path)

    return write


def people_of(house: Database) -> dict[str, list[tuple[str, str, datetime | None]]]:
    """Everybody, with the roles in force."""
    with house.transaction() as session:
        parties = {party.id: party.name for party in session.exec(select(Party))}
        rows = session.exec(select(Person).order_by(col(Person.id))).all()
        return {
            row.name: [
                (role.kind, parties.get(role.party_id, ""), role.ends_at)
                for role in session.exec(select(Role).where(Role.person_id == row.id, col(Role.ended_at).is_(None)))
            ]
            for row in rows
        }


def state(house: Database) -> list[object]:
    """All that an import could change."""
    with house.transaction() as session:
        tables = (Person, Role, Party, Invitation, Deadline, Outbox)
        return [repr(row) for table in tables for row in session.exec(select(table))]


# What a file may look like


def test_what_excel_writes_is_read_in_every_form_of_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    words = "Namn;Parti;Roll;Slutdatum\nÅsa Öberg;Bokpartiet;Säkerhetsansvarig;2027-12-31\n"
    english = "name,end date,party,role\nÅsa Öberg,2027-12-31,Bokpartiet,Säkerhetsansvarig\n"
    book, sheet = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["Namn", "Parti", "Roll", "Slutdatum", None])
    book.active.append([" Åsa  Öberg", "Bokpartiet", "Säkerhetsansvarig", date(2027, 12, 31)])
    book.save(sheet)
    for data in (
        words.encode(),
        words.encode("utf-8-sig"),
        words.encode("cp1252"),
        words.replace("\n", "\r\n").encode("utf-8-sig"),
        words.replace(";", ",").encode(),
        words.replace(";", "\t").encode(),
        (words + ";;;\n\n").encode(),
        english.encode(),
        sheet.getvalue(),
    ):
        path.write_bytes(data)
        assert people_file.read(path) == [Line(2, "Åsa Öberg", "Bokpartiet", "Säkerhetsansvarig", "2027-12-31")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "inga rader"),
        (b"\n;;\n", "inga rader"),
        (b"Namn;Roll;Favoritf\xe4rg\nA;B;C\n", "Favoritfärg"),
        (b"Namn;Parti\nA;B\n", "rubrikerna namn och roll"),
        (b"Namn;Namn;Roll\nA;B;C\n", "rubrikerna namn och roll"),
        (b'Namn;Roll\n"A"x;B\n', "rad 2"),
        (b"\x81\x8d\x8f", "varken text eller"),
        (b"PK\x03\x04 not a sheet", "Kalkylbladet går inte att läsa"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_nothing_changes(
    house: Database, tmp_path: Path, data: bytes, said: str
) -> None:
    (tmp_path / "bad").write_bytes(data)
    before = state(house)
    assert said in refused(call("people", "import", str(tmp_path / "bad"), "--yes"))
    assert state(house) == before


def test_no_bytes_make_it_stumble(tmp_path: Path) -> None:
    import random

    chosen, path = random.Random(4), tmp_path / "noise"
    book, sheet = Workbook(), io.BytesIO()
    book.save(sheet)
    for number in range(300):
        noise = bytearray(sheet.getvalue()) if number % 2 else bytearray(HEAD.encode() * 3)
        for _ in range(chosen.randrange(1, 40)):
            noise[chosen.randrange(len(noise))] = chosen.randrange(256)
        path.write_bytes(noise[: chosen.randrange(1, len(noise))] if number % 3 == 0 else noise)
        try:
            people_file.read(path)
        except Told:
            continue


# What becomes of it


def test_new_people_get_roles_an_end_and_an_invitation_each(house: Database, file: Writes) -> None:
    path = file(HEAD + "Alva Berg;bokpartiet;säkerhetsansvarig;2027-12-31\nOmar Lind;;Handläggare;\n")
    said = done(call("people", "import", path, "--yes"))
    end = datetime(2027, 12, 31, 23, tzinfo=UTC)  # midnight in Sweden
    found = people_of(house)
    assert found["Alva Berg"] == [("contact", "Bokpartiet", end)]
    assert found["Omar Lind"] == [("officer", "", None)]
    codes = CODE.findall(said)
    assert len(set(codes)) == 2
    with house.transaction() as session:
        for invitation in session.exec(select(Invitation)):
            left = invitation.expires_at - datetime.now(UTC)
            assert timedelta(days=13, hours=23) < left <= timedelta(days=14)
        (due,) = session.exec(select(Deadline))
        role = session.get_one(Role, due.subject)
        assert (due.kind, due.step, due.due_at, role.kind) == ("role_ends", "", end, "contact")


def test_the_same_file_again_changes_nothing_and_makes_nobody_twice(house: Database, file: Writes) -> None:
    path = file(HEAD + "Alva Berg;Bokpartiet;säkerhetsansvarig;2027-12-31\n")
    done(call("people", "import", path, "--yes"))
    before = state(house)
    assert "stämmer redan" in done(call("people", "import", path, "--yes"))
    assert "stämmer redan" in done(
        call("people", "import", file(HEAD + "ALVA  berg;Bokpartiet;Säkerhetsansvarig;\n"), "--yes")
    )
    assert state(house) == before


def test_who_is_there_gets_what_is_new_and_is_told_and_needs_no_invitation(house: Database, file: Writes) -> None:
    with house.transaction() as session:
        person(session, "Alva Berg", "official", 1)
    path = file(HEAD + "Alva Berg;Bokpartiet;ersättare;2027-01-31\n")
    said = done(call("people", "import", path, "--yes"))
    assert "ändras" in said and not CODE.findall(said)
    assert {role[0] for role in people_of(house)["Alva Berg"]} == {"official", "deputy"}
    with house.transaction() as session:
        (told,) = session.exec(select(Outbox).where(Outbox.act == "send"))
        assert "ersättare" in str(told.body)
    moved = done(call("people", "import", file(HEAD + "Alva Berg;Bokpartiet;ersättare;2027-02-28\n"), "--yes"))
    assert "ändras" in moved
    with house.transaction() as session:
        (due,) = session.exec(select(Deadline))
        assert due.due_at == datetime(2027, 2, 28, 23, tzinfo=UTC)


def test_the_same_name_in_another_party_is_somebody_else(house: Database, file: Writes) -> None:
    with house.transaction() as session:
        person(session, "Alva Berg", "contact", 1)
    done(call("people", "import", file(HEAD + "Alva Berg;Kottepartiet;ersättare;\n"), "--yes", "--new-parties"))
    with house.transaction() as session:
        assert len(session.exec(select(Person)).all()) == 3


def test_two_lines_about_one_new_person_make_one_person_with_two_roles(house: Database, file: Writes) -> None:
    words = HEAD + "Alva Berg;Kottepartiet;förtroendevald;\nAlva Berg;kottepartiet;ersättare;\n"
    said = done(call("people", "import", file(words), "--yes", "--new-parties"))
    assert len(CODE.findall(said)) == 1
    assert [role[:2] for role in people_of(house)["Alva Berg"]] == [
        ("official", "Kottepartiet"),
        ("deputy", "Kottepartiet"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (";Bokpartiet;ersättare;", "Rad 3: Namnet ska ha 1 till 60 tecken"),
        (f"{'A' * 61};Bokpartiet;ersättare;", "Rad 3: Namnet ska ha"),
        ("Dag Ek;Bokpartiet;kung;", 'Rad 3: Rollen "kung" finns inte'),
        ("Dag Ek;;säkerhetschef;", "invite-chief"),
        ("Dag Ek;;ersättare;", "Rollen behöver ett parti"),
        ("Dag Ek;Bokpartiet;handläggare;", "hör inte till något parti"),
        ("Dag Ek;Kottepartiet;ersättare;", 'Partiet "Kottepartiet" finns inte'),
        ("Dag Ek;Bokpartiet;ersättare;i vår", 'Datumet "i vår" går inte att tyda'),
        ("Dag Ek;Bokpartiet;ersättare;2027-02-30", 'Datumet "2027-02-30" går inte att tyda'),
        ("Dag Ek;Bokpartiet;ersättare;2020-01-01", "2020-01-01 har redan varit"),
        ("Alva Berg;Bokpartiet;säkerhetsansvarig;", "står redan på rad 2"),
        ("Dag Ek;Bokpartiet;ersättare: jurist;", "Bara en hjälpare har en uppgift"),
    ],
)
def test_a_mistake_on_one_line_changes_nothing_at_all(house: Database, file: Writes, line: str, said: str) -> None:
    before = state(house)
    path = file(HEAD + "Alva Berg;Bokpartiet;säkerhetsansvarig;\n" + line + "\n")
    told = done(call("people", "import", path, "--yes"), 1)
    assert said in told and "Inget är ändrat. Rader att rätta: 1." in told
    assert state(house) == before


def test_language_and_telephone_are_taken_along_and_checked(house: Database, file: Writes) -> None:
    head = "namn;parti;roll;språk;telefon\n"
    done(call("people", "import", file(head + "Alva Berg;Bokpartiet;contact;engelska;070-174 06 35\n"), "--yes"))
    with house.transaction() as session:
        alva = session.get_one(Person, 2)
        assert (alva.language, alva.phone) == ("en", "+46701740635")
    told = done(call("people", "import", file(head + "A;Bokpartiet;contact;finska;\nB;Bokpartiet;contact;;blå\n")), 1)
    assert 'Språket "finska" erbjuds inte' in told and 'Numret "blå" går inte att läsa' in told


def test_a_helper_has_a_task_where_there_is_such_a_role(house: Database, file: Writes) -> None:
    result = call("people", "import", file("namn;roll\nJo Li;hjälpare: jurist\n"), "--yes")
    if "helper" in set(RoleKind):
        assert result.exit_code == 0
        with house.transaction() as session:
            assert session.exec(select(Role).where(Role.kind == "helper")).one().task == "lawyer"
    else:
        assert "finns inte" in done(result, 1)


def test_a_dry_run_and_a_no_change_nothing(house: Database, file: Writes) -> None:
    before = state(house)
    path = file(HEAD + "Alva Berg;Bokpartiet;ersättare;\n")
    assert "Inget är ändrat" in done(call("people", "import", path, "--dry-run"))
    assert "Inget är ändrat" in done(call("people", "import", path, answers="n\n"))
    assert state(house) == before
    assert "Klart. Nya: 1" in done(call("people", "import", path, answers="y\n"))


def test_what_changed_after_it_was_shown_stops_the_import(house: Database) -> None:
    lines = [Line(2, "Alva Berg", "Bokpartiet", "ersättare")]
    with house.transaction() as session:
        work = work_of(session)
        shown = people_plan.plan(work, lines, new_parties=False)
        person(session, "Alva Berg", "official", 1)
        assert people_plan.plan(work, lines, new_parties=False) != shown


def test_letters_lie_in_a_folder_that_only_its_owner_reads(house: Database, file: Writes, tmp_path: Path) -> None:
    words = HEAD + "Alva <b>Berg;Bokpartiet;säkerhetsansvarig;\n../../Dag;Bokpartiet;ersättare;\n"
    folder = tmp_path / "letters"
    said = done(call("people", "import", file(words), "--yes", "--letters", str(folder)))
    assert not CODE.findall(said) and folder.stat().st_mode & 0o077 == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["001-Alva-b-Berg.html", "001-Alva-b-Berg.txt", "002-Dag.html", "002-Dag.txt"]
    assert CODE.search((folder / names[1]).read_text()) and "Storköping" in (folder / names[1]).read_text()
    assert "<b>" not in (folder / names[0]).read_text()
    before = state(house)
    assert "finns redan" in refused(call("people", "import", file(words), "--yes", "--letters", str(folder)))
    assert state(house) == before


def test_codes_are_not_lost_when_the_folder_cannot_be_written(
    house: Database, file: Writes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(HEAD + "Alva Berg;Bokpartiet;säkerhetsansvarig;\n")
    before = state(house)
    assert "går inte att skriva" in refused(
        call("people", "import", path, "--yes", "--letters", str(tmp_path / "no" / "letters"))
    )
    assert state(house) == before

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(letters, "_put", full)
    result = call("people", "import", path, "--yes", "--letters", str(tmp_path / "letters"))
    assert len(CODE.findall(done(result))) == 1 and "No space left" in result.stderr


# When the day is over, and the way in through Telegram


def work_of(session: Session) -> Work:
    return Work(session, NOW, read_house(session, Catalogue(), escalation_plan.load()))


async def test_a_role_ends_with_its_last_day_and_what_was_taken_goes_back(tmp_path: Path) -> None:
    async with Town(tmp_path, platforms=("telegram",)) as town:
        chief = await town.member("Siv Almgren", "telegram", "chief")
        contact = await town.member("Alva Berg", "telegram", "contact", "Bokpartiet")
        officer = await town.member("Omar Lind", "telegram", "officer")
        lines = [Line(2, "Omar Lind", "", "handläggare", "2026-11-23")]

        def take_in(session: Session) -> None:
            work = Work(session, town.clock.now(), town.app.house)
            people_import.carry_out(work, people_plan.plan(work, lines, new_parties=False))

        await town.app.database.run(take_in)
        await contact.command("flagga")
        await contact.press("Händer nu")
        await officer.press("Jag tar den")
        await town.move_to(datetime(2026, 11, 23, 22, 59, tzinfo=UTC))
        assert not officer.has("är avslutat")
        await town.move_to(datetime(2026, 11, 23, 23, 1, tzinfo=UTC))
        assert officer.has("Ditt uppdrag som säkerhetsenheten är avslutat.")
        with town.app.database.transaction() as session:
            role = session.exec(select(Role).where(Role.kind == "officer")).one()
            assert role.ended_at == datetime(2026, 11, 23, 23, 1, tzinfo=UTC)
            assert session.get_one(Incident, 1).taken_by is None
        assert "Jag tar den" in chief.find("1", "Jag tar den").labels


async def test_a_role_that_the_chief_ended_does_not_end_again(tmp_path: Path) -> None:
    async with Town(tmp_path, platforms=("telegram",)) as town:
        chief = await town.member("Siv Almgren", "telegram", "chief")
        alva = await town.member("Alva Berg", "telegram", "contact", "Bokpartiet")
        lines = [Line(2, "Alva Berg", "Bokpartiet", "säkerhetsansvarig", "2026-11-23")]

        def take_in(session: Session) -> None:
            work = Work(session, town.clock.now(), town.app.house)
            people_import.carry_out(work, people_plan.plan(work, lines, new_parties=False))

        await town.app.database.run(take_in)
        await chief.command("personer")
        await chief.press("Alva Berg")
        await chief.press("Avsluta: säkerhetsansvarig, Bokpartiet")
        await chief.press("Ja, gör det")
        told = len(alva.messages)
        await town.advance(days=2)
        assert len(alva.messages) == told
        with town.app.database.transaction() as session:
            due = session.exec(select(Deadline).where(Deadline.kind == "role_ends")).one()
            assert due.state == "void"


async def test_the_last_chief_stays_whatever_the_calendar_says(tmp_path: Path) -> None:
    async with Town(tmp_path, platforms=("telegram",)) as town:
        await town.member("Siv Almgren", "telegram", "chief")

        def end_soon(session: Session) -> None:
            deadlines.promise(session, "role_ends", 1, "", town.clock.now() + timedelta(hours=1))

        await town.app.database.run(end_soon)
        await town.advance(hours=2)
        with town.app.database.transaction() as session:
            assert session.get_one(Role, 1).ended_at is None


async def test_an_imported_persons_link_lets_them_in_once_the_chief_agrees(
    tmp_path: Path, env: pytest.MonkeyPatch
) -> None:
    async with Town(tmp_path, platforms=("telegram",)) as town:
        chief = await town.member("Siv Almgren", "telegram", "chief")
        env.setenv("TRYGGVAG_DATABASE_URL", town.database_url)
        env.setenv("TRYGGVAG_ENCRYPTION_KEYS", town.key)
        env.setenv("TRYGGVAG_TELEGRAM__TOKEN", TOKEN)
        env.setenv("TRYGGVAG_TELEGRAM__BASE_URL", town.telegram.base_url)
        (tmp_path / "people.csv").write_text(HEAD + "Alva Berg;Bokpartiet;säkerhetsansvarig;2027-12-31\n")
        wanted = ["people", "import", str(tmp_path / "people.csv"), "--yes", "--new-parties"]
        said = done(await asyncio.to_thread(call, *wanted))
        (link,) = set(re.findall(r"https://t\.me/tryggvag_bot\?start=(\S+)", said))
        assert "▄" in said
        alva = town.seat("Alva Berg", "telegram")
        await alva.redeem(link)
        assert chief.has("säkerhetsansvarig, Bokpartiet")
        await chief.press("Ja, släpp in")
        with town.app.database.transaction() as session:
            (role,) = session.exec(select(Role).where(Role.kind == "contact"))
            assert role.ends_at == datetime(2027, 12, 31, 23, tzinfo=UTC)
            assert session.exec(select(Account).where(Account.person_id == role.person_id)).one().state == "active"
