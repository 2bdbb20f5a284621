"""Issue 4, point 5: quiet hours. What may wait comes when they end, together; what presses comes at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from bot.commands import Ask, Audience, EndRole, GiveRole, Imminence, Level, RaiseIncident, RoleKind
from bot.playground.faults import Misbehaviour
from bot.playground.seat import Seat
from bot.services import duty, incidents, people, register, resting
from bot.services.work import Work
from storage.tables import Account, Held, Incident, Outbox, Person
from tests.contract.conftest import House, swedish
from tests.contract.test_alerts import broadcast
from tests.contract.test_faults import SEND, plan

NIGHT, MORNING = swedish(11, 23, 23), swedish(11, 24, 7)
TITLE = "Medan det var tyst"


async def rests(town: House, who: Seat, hours: str = "22:00-07:00") -> None:
    """Let somebody have these quiet hours."""
    number = (await town.account(who)).person_id

    def store(session: Session) -> None:
        session.get_one(Person, number).quiet = hours

    await town.look(store)


async def do(town: House, who: Seat, act: Callable[[Work, people.Actor], Any]) -> None:
    """Something happens in somebody's name, without a conversation about it."""
    number = (await town.account(who)).id

    def run(session: Session) -> None:
        actor = people.actor(session, session.get_one(Account, number))
        act(Work(session, town.clock.at, town.app.house), actor)

    await town.look(run)
    town.app.clock.ring()
    town.app.delivery.wake()
    await town.quiet()


async def flag(town: House, imminence: str = "brewing", who: Seat | None = None) -> None:
    """A flag, told of all at once."""
    command = RaiseIncident(Imminence(imminence), words="Klotter på dörren")
    await do(town, who or town.neighbour, lambda work, actor: incidents.raise_incident(work, actor, command))


def digests(who: Seat, title: str = TITLE) -> list[str]:
    return [seen.text for seen in who.messages if seen.text.startswith(title)]


@pytest.fixture
async def night(town: House) -> House:
    """The officer and Alva sleep; it is 23."""
    for who in (town.officer, town.contact):
        await rests(town, who)
    await town.move_to(NIGHT)
    return town


async def test_what_may_wait_is_no_row_to_be_sent_until_the_quiet_ends(night: House) -> None:
    before = len(night.officer.messages)
    await flag(night)
    assert night.chief.has("Ärende 1 · På gång")
    assert len(night.officer.messages) == before and await night.unsettled() == []
    await night.move_to(MORNING - timedelta(seconds=1))
    assert len(night.officer.messages) == before
    await night.move_to(MORNING)
    assert night.officer.last.text.startswith("Ärende 1 · På gång"), "one message comes as itself"
    assert night.officer.last.labels == ("Jag tar den", "Visa") and not digests(night.officer)
    assert all(row.settled_at and row.row_id for row in await night.all(Held))


async def test_several_come_as_one_digest_with_a_line_and_a_button_each(night: House) -> None:
    for imminence in ("brewing", "rumour", "past"):
        await flag(night, imminence)
    await night.move_to(MORNING)
    [text] = digests(night.officer)
    assert text.splitlines()[0] == "Medan det var tyst: 3 meddelanden"
    assert "1: Ärende 1 · På gång" in text and "3: Ärende 3 · Har hänt" in text and "Klotter" not in text
    assert night.officer.last.labels == ("Visa 1", "Visa 2", "Visa 3", "Visa alla")


async def test_what_is_shown_from_the_digest_is_alive_and_drawn_from_what_is_true_now(night: House) -> None:
    await flag(night)
    await flag(night, "rumour")
    await night.move_to(MORNING)
    await do(night, night.chief, lambda work, actor: incidents.take(work, actor, work.session.get_one(Incident, 2), ""))
    await night.officer.press("Visa 2")
    assert "Siv Almgren" in night.officer.last.text and "Jag tar den" not in night.officer.last.labels
    assert night.officer.find(TITLE).labels == ("Visa 1",), "what is shown has no button any more"
    await night.officer.press("Visa 1")
    await night.officer.press("Jag tar den", "Ärende 1")
    assert (await night.incident(1)).taken_by == (await night.account(night.officer)).person_id
    assert "Allt är visat." in night.officer.find(TITLE).text and not night.officer.find(TITLE).labels


async def test_all_can_be_shown_at_once_and_nothing_comes_twice(night: House) -> None:
    await flag(night)
    await flag(night, "rumour")
    await night.move_to(MORNING)
    await night.officer.press("Visa alla")
    shown = [seen.text.splitlines()[0] for seen in night.officer.messages[-2:]]
    assert shown == ["Ärende 1 · På gång", "Ärende 2 · Rykte"]
    before = len(night.officer.messages)
    number = (await night.all(Held))[0].id
    for token in (f"a.held.{number}", f"a.held_all.{number}"):
        told = await night.told(night.officer, night.forge(night.officer, token))
        assert "Det står redan här i chatten." in told
    toasts = [seen for seen in night.officer.messages if seen.text.startswith("Det står redan")]  # messages on Slack
    assert len(night.officer.messages) == before + len(toasts)


async def test_what_waits_for_somebody_else_is_not_there_for_others(night: House) -> None:
    await flag(night)
    await flag(night)
    number = (await night.all(Held))[0].id
    await night.move_to(MORNING)
    await night.chief.command("meny")
    for token in (f"a.held.{number}", f"a.held_all.{number}", f"a.held_next.{number}.0"):
        told = await night.told(night.chief, night.forge(night.chief, token))
        assert told == await night.told(night.chief, night.forge(night.chief, "a.held.999"))
    assert night.officer.find(TITLE).labels == ("Visa 1", "Visa 2", "Visa alla")


# What never waits


async def test_what_is_happening_now_wakes_everybody_and_so_does_every_step_of_its_chain(night: House) -> None:
    await flag(night, "now")
    assert night.officer.has("Ärende 1 · Händer nu")
    await night.advance(minutes=3)
    assert len([seen for seen in night.officer.messages if "ärende 1" in seen.text.casefold()]) == 2
    assert not await night.all(Held)


async def test_an_officer_hears_at_once_of_the_incident_that_they_have_taken(night: House) -> None:
    await night.move_to(swedish(11, 23, 21))
    await flag(night)
    await night.officer.press("Jag tar den")
    await night.move_to(NIGHT)
    await night.neighbour.write("Nu är de fler")
    assert night.officer.has("Nytt i ärende 1")


async def test_who_flagged_hears_at_once_what_becomes_of_it(night: House) -> None:
    await flag(night, "rumour", night.contact)
    await night.chief.press("Jag tar den")
    assert night.contact.has("Siv Almgren")
    await night.answer(night.chief, "Vi ringer dig.")
    assert night.contact.has("har svarat")
    number = (await night.account(night.contact)).id
    assert number not in {held.account_id for held in await night.all(Held)}


async def test_what_the_person_asks_for_comes_at_once(night: House) -> None:
    await flag(night)
    await night.officer.command("arende", "1")
    assert "Klotter på dörren" in night.officer.last.text
    await night.move_to(MORNING)
    assert not digests(night.officer), "what was read in the night is not told again"
    assert [seen for seen in night.officer.messages if seen.text.startswith("Ärende 1 · På gång")] == [
        night.officer.find("Klotter på dörren")
    ]


async def test_who_is_on_duty_has_no_quiet_towards_incidents(night: House, monkeypatch: pytest.MonkeyPatch) -> None:
    number = (await night.account(night.officer)).person_id
    monkeypatch.setattr(duty, "on_duty", lambda work: work.session.get_one(Person, number))
    await flag(night)
    assert night.officer.has("Ärende 1 · På gång")
    await broadcast(night, Audience(roles=("officer",)), level=Level.WARNING)
    firsts = [seen.text[:9] for seen in night.officer.messages]
    assert "Utskick 1" in firsts and "VARNING ·" not in firsts, "the duty is to watch over it, not to read it"


# Broadcasts


@pytest.mark.parametrize("level", [Level.INFORMATION, Level.WARNING])
async def test_a_broadcast_that_can_be_muted_waits_and_is_alive_when_it_comes(night: House, level: Level) -> None:
    await broadcast(night, level=level)
    assert night.deputy.has("Skolgatan") and not night.contact.has("Skolgatan")
    assert "0 av 2 partier" in night.chief.last.text, "the author's board is what the author asked for"
    await night.move_to(MORNING)
    await night.contact.press("Läst", "Skolgatan")
    assert "Du läste det kl. 7.00" in night.contact.last.text


async def test_a_board_waits_for_who_did_not_send_it_unless_it_is_an_emergencys(town: House) -> None:
    other = await town.linked("Runa Vik", "chief")
    await rests(town, other)
    await town.move_to(NIGHT)
    await broadcast(town, level=Level.WARNING)
    assert town.chief.has("Utskick 1") and not other.has("Utskick 1")
    await broadcast(town)
    assert other.has("Utskick 2")
    await town.move_to(MORNING)
    assert other.has("Utskick 1")


async def test_an_emergency_breaks_the_quiet_and_so_does_what_follows_it(night: House) -> None:
    await broadcast(night)
    assert night.contact.has("AKUT · Skolgatan är avspärrad")
    await broadcast(night, level=Level.ALLCLEAR, ask=Ask.NOTHING, follows=1, change="allclear")
    assert night.contact.has("FARAN ÖVER")


async def test_what_follows_a_warning_waits_as_the_warning_did(night: House) -> None:
    await broadcast(night, level=Level.WARNING)
    await broadcast(night, level=Level.ALLCLEAR, ask=Ask.NOTHING, follows=1, change="allclear")
    assert not night.contact.has("Skolgatan") and not night.contact.has("FARAN ÖVER")
    await night.move_to(MORNING)
    [text] = digests(night.contact)
    assert "VARNING · Skolgatan" in text and "FARAN ÖVER" in text


async def test_a_broadcast_to_many_asks_no_more_of_the_database_for_each_of_them(night: House) -> None:
    extra = [await night.linked(f"Person {n}", "official") for n in range(12)]
    for who in extra[:6]:
        await rests(night, who)
    said: list[str] = []
    event.listen(night.app.database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    await broadcast(night, Audience(roles=("official",)), level=Level.WARNING)
    many = re.compile(r" held|deadline\.subject IN \([^,]*,")  # a chain's own steps are of one number
    looks = [text for text in said if text.startswith("SELECT") and many.search(text)]
    assert len(looks) == 1, "one look for the deadlines that there are"
    assert not any(who.has("Skolgatan") for who in extra[:6]) and all(who.has("Skolgatan") for who in extra[6:])
    await night.move_to(MORNING)
    assert all(who.has("Skolgatan") for who in extra)


async def test_a_preview_can_say_who_gets_it_later(night: House) -> None:
    def ask(session: Session) -> None:
        work = Work(session, night.clock.at, night.app.house)
        persons = {person.name: person for person in session.exec(select(Person))}
        alva, dag = persons["Alva Berg"], persons["Dag Ek"]
        assert resting.quiet_until(work, alva, Level.WARNING) == MORNING
        assert resting.quiet_until(work, alva, Level.EMERGENCY) is None
        assert resting.quiet_until(work, dag, Level.WARNING) is None
        assert resting.waiting_for(work, persons.values(), Level.INFORMATION) == {
            alva.id: MORNING, persons["Omar Lind"].id: MORNING,
        }  # fmt: skip
        assert resting.waiting_for(work, persons.values(), Level.EMERGENCY) == {}

    await night.look(ask)


# What became of it meanwhile


async def test_what_the_unit_closed_in_the_night_is_counted_and_not_listed(night: House) -> None:
    for _ in range(3):
        await flag(night)
    await night.close(night.chief, "Det var en övning.", 2)
    await night.move_to(MORNING)
    [text] = digests(night.officer)
    assert "Medan det var tyst: 2 meddelanden" in text and "Ärende 2" not in text
    assert "Ett ärende till avslutades under tiden." in text


async def test_a_digest_with_nothing_left_is_not_sent(night: House) -> None:
    before = len(night.officer.messages)
    await flag(night)
    await flag(night)
    for number in (1, 2):
        await night.close(night.chief, "Klart.", number)
    await night.move_to(MORNING)
    assert len(night.officer.messages) == before
    assert all(held.settled_at and held.row_id is None for held in await night.all(Held))


async def test_several_notices_about_one_incident_are_one_line_the_newest(night: House) -> None:
    await flag(night)
    await flag(night, "rumour")
    await do(night, night.neighbour, lambda work, actor: incidents.undo(
        work, actor, work.session.get_one(Incident, 1), ""))  # fmt: skip
    await night.move_to(MORNING)
    [text] = digests(night.officer)
    assert "2 meddelanden" in text and "Ärende 1 är återtaget" in text and "Ärende 1 · På gång" not in text


async def test_what_may_no_longer_be_seen_is_not_spoken_of(night: House) -> None:
    await flag(night, "rumour", night.deputy)  # of Alva's party

    def hide(session: Session) -> None:
        session.get_one(Incident, 1).party_sees = False

    await do(night, night.deputy, lambda work, actor: incidents.share(
        work, actor, work.session.get_one(Incident, 1), ""))  # fmt: skip
    number = (await night.account(night.contact)).id
    assert number in {held.account_id for held in await night.all(Held)}, (
        "the party's contact was to be told in the morning"
    )
    await night.look(hide)
    before = len(night.contact.messages)
    await night.move_to(MORNING)
    assert len(night.contact.messages) == before


async def test_a_restart_in_the_night_loses_nothing(night: House) -> None:
    await flag(night)
    await flag(night, "rumour")
    await night.app.stop()
    night.clock.at = MORNING + timedelta(hours=2)
    await night.open()
    await night.quiet()
    assert len(digests(night.officer)) == 1


@pytest.mark.parametrize(
    ("evening", "end"),
    [
        (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
    ],
)
async def test_it_is_seven_by_the_wall_also_when_the_clocks_change(
    town: House, evening: datetime, end: datetime
) -> None:
    await rests(town, town.officer)
    await town.move_to(evening)
    await flag(town)
    await town.move_to(end - timedelta(minutes=1))
    assert not town.officer.has("Ärende 1")
    await town.move_to(end)
    assert town.officer.has("Ärende 1")


# More accounts, and none


async def test_a_person_with_two_accounts_gets_one_digest_where_notices_go_first(both: House) -> None:
    second = await both.linked("Omar Lind", "officer", on=both.platforms[1])
    await rests(both, both.officer)
    await both.move_to(NIGHT)
    await flag(both)
    await flag(both, "rumour")
    await both.move_to(MORNING)
    await both.move_to(MORNING + timedelta(days=1))  # with every reminder to "all accounts" there is
    waited = [seen.text for seen in (*both.officer.messages, *second.messages) if seen.text.startswith(TITLE)]
    assert digests(both.officer) and len(digests(both.officer)) == len(waited)


async def test_a_digest_that_fails_goes_another_way_with_everything_in_it(both: House) -> None:
    second = await both.linked("Omar Lind", "officer", on=both.platforms[1])
    await rests(both, both.officer)
    await both.move_to(NIGHT)
    await flag(both)
    await flag(both, "rumour")
    plan(both, SEND, Misbehaviour.BLOCKED)
    await both.move_to(MORNING)
    assert not digests(both.officer) and len(digests(second)) == 1
    await second.press("Visa alla")
    await second.press("Jag tar den", "Ärende 2")
    assert second.has("Ärende 1 · På gång") and (await both.incident(2)).taken_by


async def test_with_no_account_left_the_row_is_seen_to_fail(night: House) -> None:
    await flag(night)
    number = (await night.account(night.officer)).id

    def block(session: Session) -> None:
        session.get_one(Account, number).state = "blocked"

    await night.look(block)
    plan(night, SEND, Misbehaviour.BLOCKED)
    await night.move_to(MORNING)
    assert [row.reason for row in await night.all(Outbox) if row.state == "failed"]
    assert all(held.row_id for held in await night.all(Held))


async def test_who_was_shut_out_gets_nothing(night: House) -> None:
    await flag(night)
    await night.shut_out(night.officer)
    before = len(night.officer.messages)
    await night.move_to(MORNING)
    assert len(night.officer.messages) == before and not [
        row for row in await night.all(Outbox) if row.state == "failed"
    ]


async def test_what_is_told_of_ones_roles_waits_and_who_has_none_left_presses_nothing(night: House) -> None:
    def give(work: Work, actor: people.Actor) -> None:
        for command in (GiveRole(alva, RoleKind.OFFICIAL, 0), GiveRole(alva, RoleKind.HELPER, 0)):
            register.give_role(work, actor, command)

    alva = (await night.account(night.contact)).person_id
    before = len(night.contact.messages)
    await do(night, night.chief, give)
    assert len(night.contact.messages) == before
    await night.move_to(MORNING)
    [text] = digests(night.contact)
    assert "2 meddelanden" in text
    await night.contact.press("Visa 1")
    assert "förtroendevald" in night.contact.last.text
    assert {} in [held.body for held in await night.all(Held)], "what is sent is not kept twice"


async def test_the_last_news_of_somebody_without_a_role_come_as_themselves(night: House) -> None:
    alva = (await night.account(night.contact)).person_id
    await do(night, night.chief, lambda work, actor: register.give_role(
        work, actor, GiveRole(alva, RoleKind.OFFICIAL, 0)))  # fmt: skip

    def end_all(work: Work, actor: people.Actor) -> None:
        for role in people.roles_of(work.session, alva):
            register.end_role(work, actor, EndRole(role.id or 0))

    await do(night, night.chief, end_all)
    before = len(night.contact.messages)
    await night.move_to(MORNING)
    assert not digests(night.contact) and len(night.contact.messages) == before + 3


# Choosing them


async def test_tyst_shows_what_holds_and_what_comes_all_the_same(town: House) -> None:
    await town.contact.command("tyst")
    assert town.contact.last.text.startswith("Du har inga tysta timmar.")
    assert town.contact.last.labels == ("Var tyst 22–07", "Var tyst 20–08", "Välj egna tider")
    await town.contact.press("Var tyst 22–07")
    assert "Det är tyst för dig 22–07." in town.contact.last.text
    assert "AKUT och det som gäller dig just nu kommer alltid." in town.contact.last.text
    assert "jour" not in town.contact.last.text and [*town.contact.last.labels] == ["Ändra tyst tid"]
    await town.contact.press("Ändra tyst tid")
    assert town.contact.last.labels == ("Var tyst 20–08", "Välj egna tider", "Var aldrig tyst")
    await town.officer.command("quiet")
    await town.officer.press("Var tyst 20–08")
    assert "När du har jour kommer ärenden som vanligt." in town.officer.last.text


async def test_own_times_are_read_kindly_and_refused_kindly(town: House) -> None:
    await town.contact.command("tyst")
    await town.contact.press("Välj egna tider")
    await town.contact.write("7-7")
    assert "Då börjar och slutar det samtidigt." in town.contact.last.text
    await town.contact.write("sen")
    assert "Jag förstod inte tiderna. Skriv till exempel 22-7" in town.contact.last.text
    await town.contact.write("mellan 21.30 och 6")
    assert "Det är tyst för dig 21.30–06.00." in town.contact.last.text
    number = (await town.account(town.contact)).person_id
    assert (await town.look(lambda session: session.get_one(Person, number).quiet)) == "21:30-06:00"


async def test_a_second_press_on_the_same_hours_changes_nothing(town: House) -> None:
    await town.contact.command("tyst")
    await town.contact.press("Var tyst 22–07")
    assert "Så är det redan." in await town.told(town.contact, town.forge(town.contact, "a.quiet_set.0.night"))
    await town.forge(town.contact, "a.quiet_set.0.whenever")
    number = (await town.account(town.contact)).person_id
    assert (await town.look(lambda session: session.get_one(Person, number).quiet)) == "22:00-07:00"


async def test_what_waits_comes_at_once_when_it_is_no_longer_quiet(night: House) -> None:
    await flag(night)
    await flag(night, "rumour")
    await night.officer.command("tyst")
    await night.officer.press("Var aldrig tyst")
    assert len(digests(night.officer)) == 1
    await night.move_to(MORNING)
    assert len(digests(night.officer)) == 1


@pytest.mark.parametrize("label", ["Var tyst 20–08", "22-6"])
async def test_what_waits_follows_the_new_hours(night: House, label: str) -> None:
    await flag(night)
    await flag(night, "rumour")
    await night.officer.command("tyst")
    if label.startswith("Var"):
        await night.officer.press(label)
    else:
        await night.officer.press("Välj egna tider")
        await night.officer.write(label)
    end = MORNING + timedelta(hours=1 if label.startswith("Var") else -1)
    await night.move_to(end - timedelta(seconds=1))
    assert not digests(night.officer)
    await night.move_to(end)
    assert len(digests(night.officer)) == 1
    await night.move_to(end + timedelta(hours=3))
    assert len(digests(night.officer)) == 1


async def test_a_notice_that_waits_counts_as_one_that_may_still_arrive(night: House) -> None:
    """The reporter is not told that nobody can be reached while somebody will be, in the morning."""
    plan(night, SEND, Misbehaviour.BLOCKED, times=1)
    await flag(night)
    assert not night.neighbour.has("når jag ingen")
    assert [held for held in await night.all(Held) if held.settled_at is None]


async def test_it_speaks_the_persons_language(night: House) -> None:
    def english(session: Session) -> None:
        session.get_one(Person, number).language = "en"

    number = (await night.account(night.officer)).person_id
    await night.look(english)
    await flag(night)
    await flag(night)
    await night.move_to(MORNING)
    assert "While it was quiet: 2 messages" in night.officer.last.text
    assert night.officer.last.labels == ("Show 1", "Show 2", "Show all")
