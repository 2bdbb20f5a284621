"""Something attached as an answer to a message belongs to what that message is about, for who may see it."""

from __future__ import annotations

from itertools import count

from bot.events import Address, Attached, Chat, Event, Kind, Medium, Platform
from bot.playground.seat import Seat
from storage.tables import Conversation, Evidence, Outbox
from tests.contract.conftest import House

NOTE = Attached(Medium.MESSAGE, text="Vi vet var du bor", author="Okänt Konto")
_serial = count(1)


async def ref_about(town: House, who: Seat, incident: int) -> str:
    """The platform's reference of a message to this person about the incident."""
    account = await town.account(who)
    rows = [row for row in await town.all(Outbox) if row.account_id == account.id and row.incident_id == incident]
    return next(row.ref for row in reversed(rows) if row.ref and row.act == "send")


async def attach(town: House, who: Seat, *attached: Attached, text: str = "", reply_to: str = "") -> None:
    """What an adapter tells of something attached."""
    sender = Address(Platform(who.platform), who.team, who.user)
    chat = Chat(who.user, private=True)
    now = town.clock.now()
    uid = f"test:{next(_serial)}"
    event = Event(uid, sender, chat, Kind.EVIDENCE, now, now, text=text, reply_to=reply_to, attached=attached)
    for _ in range(2):  # every platform may tell the same twice
        await town.app.intake.handle(event)
    await town.quiet()


async def homes(town: House) -> list[int | None]:
    return [row.incident_id for row in await town.all(Evidence)]


async def two_incidents(town: House) -> None:
    for _ in range(2):
        await town.flag_now(town.contact)
        await town.contact.press("Avbryt")


async def test_the_reporter_answers_one_of_several(town: House) -> None:
    await two_incidents(town)
    await attach(town, town.contact, NOTE, text="Titta", reply_to=await ref_about(town, town.contact, 2))
    assert await homes(town) == [2]
    await town.chief.command("arende", "2")
    assert "Titta" in town.chief.last.text


async def test_with_several_open_and_no_thread_the_bot_asks(town: House) -> None:
    await two_incidents(town)
    await attach(town, town.contact, NOTE)
    assert await homes(town) == [None]
    assert "Vad ska jag göra med det du skickade?" in town.contact.last.text
    await town.contact.press("Hör till ärende 2")
    assert await homes(town) == [2] and town.contact.has("Sparat i ärende 2: 1 meddelande från någon annan.")
    assert town.chief.has("Nytt underlag i ärende 2")


async def test_a_contact_of_the_party_adds_to_what_is_shared(town: House) -> None:
    await town.flag_now(town.contact)
    await town.deputy.command("arende", "1")
    await attach(town, town.deputy, NOTE, text="Det här kom till mig", reply_to=await ref_about(town, town.deputy, 1))
    assert await homes(town) == [1]
    await town.chief.command("arende", "1")
    assert "Det här kom till mig" in town.chief.last.text and "Dag Ek" in town.chief.last.text


async def test_who_may_not_see_the_incident_any_more_hears_the_same_as_if_there_were_none(town: House) -> None:
    await town.flag_now(town.contact)
    await town.deputy.command("arende", "1")
    ref = await ref_about(town, town.deputy, 1)
    await town.contact.command("arende", "1")
    await town.contact.press("Bara enheten")
    await attach(town, town.deputy, NOTE, reply_to=ref)
    assert await homes(town) == []
    assert "Det ärendet hittar jag inte" in town.deputy.last.text


async def test_the_unit_keeps_to_itself_what_it_puts_in_a_thread_without_words(town: House) -> None:
    await town.flag_now(town.contact)
    await town.chief.command("arende", "1")
    await attach(town, town.chief, NOTE, reply_to=await ref_about(town, town.chief, 1))
    assert await homes(town) == [1]
    await town.contact.command("arende", "1")
    assert "Underlag" not in town.contact.last.text
    await town.officer.command("arende", "1")
    assert "Underlag: 1 meddelande" in town.officer.last.text


async def test_the_units_words_in_a_thread_are_sent_after_a_yes_and_take_it_with_them(town: House) -> None:
    await town.flag_now(town.contact)
    await town.chief.command("arende", "1")
    await attach(town, town.chief, NOTE, text="Känner du igen det här?", reply_to=await ref_about(town, town.chief, 1))
    assert await homes(town) == [None]
    await town.chief.press("Ja, skicka")
    assert await homes(town) == [1]
    await town.contact.command("arende", "1")
    assert "Känner du igen det här?" in town.contact.last.text and "Underlag" in town.contact.last.text


async def test_a_no_to_that_sends_and_keeps_nothing(town: House) -> None:
    await town.flag_now(town.contact)
    await town.chief.command("arende", "1")
    await attach(town, town.chief, NOTE, text="Känner du igen det här?", reply_to=await ref_about(town, town.chief, 1))
    await town.chief.press("Avbryt")
    assert await homes(town) == []


async def test_an_answer_to_another_incident_leaves_the_conversation_alone(town: House) -> None:
    await two_incidents(town)
    await town.contact.command("flagga")
    await town.contact.press("På gång")
    await attach(town, town.contact, NOTE, reply_to=await ref_about(town, town.contact, 1))
    assert await homes(town) == [1]
    assert [talk.state for talk in await town.all(Conversation)][-1] == "open"


async def test_an_answer_to_the_receipt_goes_where_the_receipt_is_about(town: House) -> None:
    await two_incidents(town)
    await attach(town, town.contact, NOTE, reply_to=await ref_about(town, town.contact, 1))
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    await attach(town, town.contact, NOTE, reply_to=await ref_about(town, town.contact, 1))
    assert await homes(town) == [1, 1]


async def test_several_at_once_are_one_batch_and_nobodys_empty_message_is_stored(town: House) -> None:
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    empty = Attached(Medium.MESSAGE, author="Okänt Konto")
    place = Attached(Medium.PLACE, text="59.32932, 18.06858")
    await attach(town, town.contact, NOTE, empty, place)
    assert [row.medium for row in await town.all(Evidence)] == ["message", "place"]
    assert town.contact.has("Sparat i ärende 1: 1 plats, 1 meddelande från någon annan.")


async def test_an_empty_message_is_said_to_be_empty_and_the_words_with_it_are_kept(town: House) -> None:
    await attach(town, town.contact, Attached(Medium.MESSAGE, text=" \n"), text="och det här")
    assert town.contact.has("Det var tomt när det kom fram")
    assert "och det här" in town.contact.last.text, "the words with it were lost"


async def test_a_menu_word_as_caption_is_not_lost(town: House) -> None:
    await attach(town, town.contact, NOTE, text="meny")
    assert "meny" in town.contact.last.text


async def test_a_photo_while_the_chief_registers_a_party_is_asked_about(town: House) -> None:
    await town.chief.command("parti")
    await attach(town, town.chief, NOTE, text="Nya partiet")
    assert "Vad ska jag göra med det?" in town.chief.last.text
    await town.chief.press("Kasta")
    assert "Vad heter partiet?" in town.chief.last.text


async def test_flagging_anew_lets_what_was_attached_before_be_put_there(town: House) -> None:
    await attach(town, town.contact, NOTE)
    await town.flag_now(town.contact)
    await town.contact.press("Avbryt")
    await town.contact.press("Hör till ärende 1")
    assert await homes(town) == [1]


async def test_a_role_that_is_over_with_several_open_must_choose_first_and_is_told_so(town: House) -> None:
    await two_incidents(town)
    await town.end_role(town.contact)
    await attach(town, town.contact, NOTE)
    assert await homes(town) == []
    assert "inte sparat än" in town.contact.last.text
    await town.contact.press("Skriv i ärende 2")
    await attach(town, town.contact, NOTE)
    assert await homes(town) == [2]


async def test_what_a_conversation_holds_and_what_is_refused_have_an_end(town: House) -> None:
    await attach(town, town.contact, *[NOTE] * 51)
    assert len(await homes(town)) == 50
    assert town.contact.has("Jag håller högst 50 bilder och filer åt dig.")
    await town.contact.press("Händer nu")
    await town.contact.press("Avbryt")
    await attach(town, town.contact, NOTE)
    assert await homes(town) == [1] * 50 and town.contact.has("Ärende 1 rymmer 50 bilder och filer")
    await town.flag_now(town.neighbour)
    await town.neighbour.press("Avbryt")
    program = Attached(Medium.DOCUMENT, remote="x", name="a.exe")
    await attach(town, town.neighbour, *[program] * 10)
    assert len([seen for seen in town.neighbour.messages if "Den här sorten tar jag inte emot" in seen.text]) == 1
    for _ in range(20):
        await attach(town, town.neighbour, *[program] * 10)
    assert (await homes(town)).count(2) == 200
