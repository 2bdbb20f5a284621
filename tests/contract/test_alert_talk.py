"""Issue 4, points 2 to 4: replies, what follows a broadcast, its table, and passing it on to who is outside the bot."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlmodel import Session

from bot.commands import Audience
from bot.services import alerts, tally
from bot.services.work import Work
from storage.tables import Account, Alert, AlertEntry, Receipt
from tests.contract.conftest import House
from tests.contract.test_alerts import broadcast, count

CONTACTS = Audience(roles=("contact",))


async def test_a_reply_in_words_is_relayed_to_the_unit_behind_a_press_and_answered_to_that_reader_alone(
    town: House,
) -> None:
    await broadcast(town, CONTACTS)
    await town.contact.write("Jag är kvar i huset, bakdörren är låst", reply_to=town.contact.find("Skolgatan"))
    assert "Säkerhetsenheten har fått det du skrev" in town.contact.last.text
    assert town.contact.last.labels == ("Läst",), "who wrote and did not press is not asked to"
    notice = town.chief.find("Läs ett svar på utskick 1")
    assert "bakdörren" not in notice.text
    await town.chief.press("Visa", "Läs ett svar")
    assert town.chief.has("bakdörren är låst") and town.chief.has("Alva Berg (säkerhetsansvarig, Bokpartiet)")
    await town.chief.press("Svara", "bakdörren")
    await town.chief.write("Stanna där. Vi kommer.")
    assert town.contact.has("Stanna där. Vi kommer.") and not town.neighbour.has("Stanna där")
    assert (await count(town)).answered == 0, "only a press is an answer"


async def test_words_without_a_thread_may_be_a_reply(town: House) -> None:
    await broadcast(town, CONTACTS)
    await town.contact.write("Ska vi ställa in mötet i kväll?")
    await town.contact.press("Svar på utskick 1")
    await town.chief.press("Visa", "Läs ett svar")
    assert town.chief.has("Ska vi ställa in mötet i kväll?")


async def test_a_correction_goes_to_the_same_people_and_the_first_message_says_so(town: House) -> None:
    await broadcast(town, CONTACTS)
    await town.chief.press("Rätta", "Utskick 1")
    await town.chief.write("Det gäller Storgatan, inte Skolgatan.")
    await confirm(town)
    for seat in (town.contact, town.neighbour):
        assert seat.last.text.startswith("RÄTTELSE · Skolgatan är avspärrad")
        assert "Storgatan" in seat.last.text and "Läst" in seat.last.labels
        assert "Rättat kl. 10.00." in seat.find("AKUT").text
    assert not town.deputy.has("Storgatan")
    await town.contact.press("Läst", "RÄTTELSE")
    await town.advance(seconds=3)
    assert "RÄTTELSE kl. 10.00: 1 av 2 har läst." in town.chief.find("Utskick 1 ·").text


async def test_the_all_clear_ends_it_for_the_same_people_also_for_who_has_left_the_audience(town: House) -> None:
    await broadcast(town, CONTACTS, ask="safe")
    await town.end_role(town.neighbour)
    await town.chief.press("Faran över", "Utskick 1")
    await town.chief.press("Hoppa över")
    await confirm(town)
    assert town.contact.last.text.startswith("FARAN ÖVER · Det är lugnt igen")
    assert "Gäller inte längre: Skolgatan är avspärrad." in town.contact.last.text
    first = town.contact.find("AKUT")
    assert "Faran är över sedan kl. 10.00." in first.text and "Jag behöver hjälp" not in first.labels
    await town.advance(seconds=3)
    assert "Nytt läge" not in town.chief.find("Utskick 1 ·").labels
    await town.forge(town.chief, "a.follow.1.allclear")
    assert not town.chief.last.text.startswith("Vad vill du säga"), "it was ended twice"


async def confirm(town: House) -> None:
    """Approve the preview of what follows a broadcast."""
    await town.chief.press(next(label for label in town.chief.last.labels if label.startswith("Skicka till")))


async def test_the_table_lists_everybody_by_party_and_bears_out_every_figure_of_the_board(town: House) -> None:
    await broadcast(town)
    await town.contact.press("Läst")
    await town.advance(minutes=20)
    await town.neighbour.press("Läst", "Skolgatan")
    await town.chief.press("Visa alla", "Utskick 1")
    table = town.chief.last.text
    assert "Alva Berg" in table and "läste kl. 10.00" in table and "läste kl. 10.20, sent" in table
    assert table.index("Bokpartiet") < table.index("Kottepartiet") < table.index("Utan parti")

    def lines(session: Session) -> tuple[tally.Count, list[tally.Line]]:
        work, alert = Work(session, town.clock.at, town.app.house), session.get_one(Alert, 1)
        return tally.counted(work, alert), tally.table(work, alert)

    figures, rows = await town.look(lines)
    assert (figures.people, figures.answered, figures.late) == (
        len(rows),
        sum(bool(row.answer) for row in rows),
        sum(row.late for row in rows),
    )


async def test_whatever_people_answer_the_board_shows_no_number_that_the_table_does_not_bear_out(town: House) -> None:
    await broadcast(town, ask="safe")
    dice = random.Random(4)
    for _ in range(30):
        await town.look(lambda session: _answer_and_compare(town, session, dice))
        town.clock.at += timedelta(minutes=1)  # half of the answers come too late


def _answer_and_compare(town: House, session: Session, dice: random.Random) -> None:
    work, alert = Work(session, town.clock.at, town.app.house), session.get_one(Alert, 1)
    person = dice.choice([line.person for line in tally.table(work, alert)])
    if dice.random() < 0.2:
        alerts.out_of_reach(work, alert, person, dice.choice(["blocked", "failed"]))
    else:
        alerts.answer(work, alert, person, dice.choice(["read", "safe", "help", "told"]))
    rows, figures = tally.table(work, alert), tally.counted(work, alert)
    answered = [row for row in rows if row.answer]
    assert figures == tally.Count(
        people=len(rows),
        answered=len(answered),
        parties=len({row.party for row in rows if row.party}),
        parties_answered=len({row.party for row in answered if row.party}),
        late=sum(row.late for row in rows),
        unreached=sum(bool(row.unreached) and not row.answer for row in rows),
        help=sum(row.answer == "help" for row in rows),
        safe=sum(row.answer == "safe" for row in rows),
        away=0,
    )


async def test_the_table_comes_as_a_file_that_a_spreadsheet_opens_and_runs_nothing(town: House) -> None:
    await town.linked("=HYPERLINK(1)", "contact", "Bokpartiet")
    await broadcast(town, CONTACTS)
    await town.contact.press("Läst")
    await town.chief.press("Hämta som fil", "Utskick 1")
    name, _, content = town.chief.files[-1]
    text = content.decode("utf-8-sig")
    assert name == "utskick-1.csv"
    assert "Bokpartiet;Alva Berg;läst;2026-11-23 10:00" in text
    assert "'=HYPERLINK" in text


async def test_only_the_unit_sees_the_board_and_the_table(town: House) -> None:
    await broadcast(town, CONTACTS)
    for action in ("table", "board", "table_file", "follow"):
        told = await town.told(town.contact, town.forge(town.contact, f"a.{action}.1"))
        assert "Kim Holm" not in told and "Utskick 1" not in told, action


async def test_a_contact_passes_it_on_and_says_whom_they_have_reached(town: House) -> None:
    account = await town.account(town.official)

    def block(session: Session) -> None:
        session.get_one(Account, account.id).state = "blocked"

    await town.look(block)
    await broadcast(town, Audience(roles=("contact", "deputy", "official")))
    await town.contact.press("Skicka vidare")
    assert not town.contact.find("Frågor:").labels, "what is forwarded has buttons"
    await town.contact.press("Nådd: Oda Ros")
    receipts = {r.person_id: r for r in await town.all(Receipt)}
    assert receipts[account.person_id].answer == "told"
    await town.contact.press("Jag nådde en till")
    await town.forge(town.contact, "a.outside.1.1")
    assert town.contact.has("Nådda utanför boten: 1.")
    assert len([e for e in await town.all(AlertEntry) if e.kind == "outside"]) == 1, "one press counted twice"
    await town.advance(seconds=3)
    board = town.chief.find("Utskick 1 ·").text
    assert "1 av 5 personer" in board and "Nådda utanför boten, enligt kontakterna: 1." in board


async def test_nobody_marks_another_partys_people_as_reached(town: House) -> None:
    await broadcast(town)
    person = (await town.account(town.neighbour)).person_id
    await town.forge(town.contact, f"a.reached.1.{person}")
    assert (await count(town)).answered == 0
