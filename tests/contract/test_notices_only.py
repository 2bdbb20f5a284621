"""Point 6: with TRYGGVAG_TELEGRAM__CONTENT=notices no word that somebody wrote comes in or goes out on Telegram."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select

from bot.calls import ready
from bot.commands import Level
from bot.events import Event, Kind
from bot.intake import Intake
from bot.messages import Message, Paragraph, to_json
from bot.playground.seat import Seat, TelegramSeat
from bot.services.work import Work
from config.settings import Settings
from storage import tables
from storage.tables import Entry, Incident, KeptEvent, Outbox
from tests.contract.conftest import BOOKS, PUBLIC, House, bare, swedish
from tests.contract.test_alerts import broadcast
from tests.contract.test_evidence import JPEG

SAID, TYPED = "HEMLIGT", "TYST"  # words of Slack, which must not come out on Telegram; words of Telegram


class Terse(House):
    """The unit is on Slack, and Omar on Telegram too; Alva is on both, Dag and Oda on Telegram alone."""

    @property
    def settings(self) -> Settings:
        plain = super().settings
        assert plain.telegram is not None
        return plain.model_copy(update={"telegram": plain.telegram.model_copy(update={"content": "notices"})})

    async def everybody(self) -> None:
        self.chief = await self.linked("Siv Almgren", "chief", on="slack")
        self.chief_there = await self.linked("Siv Almgren", "chief", on="telegram")
        self.officer = await self.linked("Omar Lind", "officer", on="telegram")
        self.officer_slack = await self.linked("Omar Lind", "officer", on="slack")
        self.contact = await self.linked("Alva Berg", "contact", BOOKS, on="telegram")
        self.contact_slack = await self.linked("Alva Berg", "contact", BOOKS, on="slack")
        self.deputy = await self.linked("Dag Ek", "deputy", BOOKS, on="telegram")
        self.official = await self.linked("Oda Ros", "official", BOOKS, on="telegram")
        self.helper = await self.linked("Vera Lag", "helper", on="telegram")
        await self.look(self._task)

    def _task(self, session: Session) -> None:
        for role in session.exec(select(tables.Role).where(tables.Role.kind == "helper")):
            role.task = "lawyer"

    async def stored(self) -> str:
        """Everything in every table, as it is when it is decrypted."""
        return await self.look(everything_stored)

    @property
    def sent(self) -> str:
        """Everything that was ever given to Telegram."""
        return "\n".join(f"{call.method} {call.params}" for call in self.telegram.calls)


def everything_stored(session: Session) -> str:
    """Every value of every row."""
    kinds = [kind for kind in vars(tables).values() if isinstance(kind, type) and issubclass(kind, SQLModel)]
    named = [kind for kind in kinds if hasattr(kind, "__table__")]
    assert len(named) == len(SQLModel.metadata.tables)
    return "\n".join(str(row.model_dump()) for kind in named for row in session.exec(select(kind)))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Terse]:
    async with Terse(tmp_path, platforms=("telegram", "slack")) as house:
        await house.everybody()
        yield house


async def flagged(town: Terse, who: Seat, imminence: str = "Händer nu") -> None:
    """Flag by presses alone, and leave out what may be left out."""
    await who.command("flagga")
    await who.press(imminence)


async def test_a_flag_is_presses_and_a_number_and_nothing_else(town: Terse) -> None:
    await flagged(town, town.contact)
    assert (await town.incident()).imminence == "now"
    await town.contact.press("Ja, jag har ringt")
    await town.contact.write("070-174 06 05")
    await town.contact.press("Hot")
    incident = await town.incident()
    assert incident.category == "threat"
    assert incident.details == {"called_112": "yes", "number": "+46701740605", "category": "threat"}
    assert "Säkerhetsenheten har dina svar i ärende 1" in town.contact.last.text
    assert town.contact.last.labels == ("Ring mig",)
    assert "Händer nu · Hot" in town.chief.last.text or town.chief.has("Händer nu · Hot")


@pytest.mark.parametrize("imminence", ["På gång", "Rykte"])
async def test_what_is_not_happening_now_is_raised_at_the_press_too(town: Terse, imminence: str) -> None:
    await flagged(town, town.official, imminence)
    assert town.chief.has(f"Ärende 1 · {imminence}")
    for label in ("Hoppa över", "Vet inte", "Mitt partis kontakt"):
        await town.official.press(label)
    assert (await town.incident()).party_sees and town.deputy.has("Ärende 1 i ditt parti")


async def test_a_known_number_is_a_press(town: Terse) -> None:
    await flagged(town, town.contact, "Rykte")
    await town.contact.write("070-174 06 05")
    await flagged(town, town.contact, "Rykte")
    assert "070-174 06 05" in town.contact.last.labels
    await town.contact.press("070-174 06 05")
    assert (await town.incident(2)).details["number"] == "+46701740605"


async def test_words_are_not_kept_and_the_answer_says_what_to_do(town: Terse) -> None:
    before = await town.rows()
    await town.contact.write(f"Någon följer efter mig {TYPED}")
    text = bare(town.contact.last.text)
    assert "Det du skickade är inte sparat" in text and PUBLIC in text and "112" in text and "Slack" in text
    assert town.contact.last.labels == ("Händer nu", "Flagga något")
    after = await town.rows()
    assert (after["incident"], after["conversation"]) == (before["incident"], before["conversation"])
    assert TYPED not in await town.stored()


async def test_with_an_open_incident_the_answer_has_a_button_to_be_called(town: Terse) -> None:
    await flagged(town, town.deputy)
    await town.deputy.write(f"de är kvar {TYPED}")
    await town.deputy.press("Ring om ärende 1")
    assert town.chief.has("Ring upp i ärende 1") and TYPED not in await town.stored()


async def test_answers_that_are_options_can_be_typed_by_number_or_word(town: Terse) -> None:
    await town.contact.command("flagga")
    await town.contact.write("1")
    await town.contact.write("ja")
    await town.contact.write("hoppa över")
    await town.contact.write("hot")
    incident = await town.incident()
    assert (incident.imminence, incident.category) == ("now", "threat")
    assert incident.details["called_112"] == "yes"


async def test_commands_can_be_written_without_a_slash_and_an_unknown_one_is_not_kept(town: Terse) -> None:
    await town.contact.write("meny")
    assert town.contact.last.labels[:3] == ("Händer nu", "Flagga något", "Mina ärenden")
    await town.contact.command("hemligt", f"något {TYPED}")
    assert "inte sparat" in town.contact.last.text and TYPED not in await town.stored()


async def test_to_be_called_is_told_once_until_the_unit_does_something(town: Terse) -> None:
    await flagged(town, town.deputy)
    await town.officer.press("Jag tar den")
    before = len(town.chief.messages)
    await town.deputy.press("Ring mig", "tog ärende 1")
    assert "Ring upp i ärende 1" in town.officer.last.text
    assert len(town.chief.messages) == before, "only who has it is told"
    again = await town.told(town.deputy, town.forge(town.deputy, "a.call_me.1"))
    assert "vet redan" in again
    assert len([e for e in await town.all(Entry) if e.kind == "call_me"]) == 1
    await town.officer.press("Inom 15 minuter")
    await town.forge(town.deputy, "a.call_me.1")
    assert len([e for e in await town.all(Entry) if e.kind == "call_me"]) == 2


async def test_nobody_of_another_party_asks_to_be_called(town: Terse) -> None:
    await flagged(town, town.contact)
    assert "hittar jag inte" in await town.told(town.helper, helper_forges(town))
    assert not [e for e in await town.all(Entry) if e.kind == "call_me"]


async def helper_forges(town: Terse) -> None:
    await town.helper.command("meny")
    await town.forge(town.helper, "a.call_me.1")


async def test_the_card_on_telegram_has_state_and_number_to_call_but_no_words(town: Terse) -> None:
    await town.flag_later(town.contact_slack, what=f"{SAID} på dörren")
    await town.officer.press("Visa")
    card = town.officer.last
    assert "Ärende 1 · På gång" in card.text and "Ord visas inte på Telegram" in card.text
    assert SAID not in card.text and "Alva" not in card.text and BOOKS not in card.text
    assert not {"Svara", "Avsluta", "Ta hjälp"} & set(card.labels) and "Jag tar den" in card.labels
    await town.officer_slack.command("arende", "1")
    assert SAID in town.officer_slack.last.text and {"Svara", "Avsluta"} <= set(town.officer_slack.last.labels)


async def test_read_all_on_telegram_says_where_it_can_be_read(town: Terse) -> None:
    await town.flag_later(town.contact_slack, what=f"{SAID} på dörren")
    await town.officer.command("arende", "1")
    await town.officer.press("Läs allt")
    assert "Läs, svara och avsluta på Slack" in town.officer.last.text
    await town.deputy.command("arende", "1")
    await town.deputy.press("Läs allt")
    assert "visas inte på Telegram. Ring" in town.deputy.last.text and SAID not in town.sent


@pytest.mark.parametrize("token", ["a.answer.1", "a.close.1", "a.help.1", "a.called.0"])
async def test_the_unit_is_told_to_write_on_slack(town: Terse, token: str) -> None:
    await flagged(town, town.contact)
    told = await town.told(town.officer, town.forge(town.officer, token, town.officer.find("Ärende 1")))
    assert "Gör det på Slack" in told
    assert not [talk for talk in await town.all(tables.Conversation) if talk.flow not in ("flag",)]


async def test_an_answer_and_a_closing_reach_telegram_without_their_words(town: Terse) -> None:
    await flagged(town, town.contact)
    await town.answer(town.officer_slack, f"{SAID} stanna inne")
    told = bare(town.contact.last.text)
    assert "Säkerhetsenheten har svarat i ärende 1" in told and f"Läs det på Slack, eller ring {PUBLIC}" in told
    await town.contact_slack.command("arende", "1")
    assert f"{SAID} stanna inne" in town.contact_slack.last.text
    await town.close(town.officer_slack, f"{SAID} klart nu")
    assert "Säkerhetsenheten har avslutat ärende 1" in town.contact.last.text
    assert "Inte klart än" in town.contact.last.labels and SAID not in town.sent


async def test_the_last_word_to_somebody_without_a_role_is_a_number_to_call(town: Terse) -> None:
    await flagged(town, town.deputy)
    await town.chief.command("personer")
    for label in ("Dag Ek", f"Avsluta: ersättare för säkerhetsansvarig, {BOOKS}", "Ja, gör det"):
        await town.chief.press(label)
    await town.close(town.officer_slack, f"{SAID} klart nu")
    assert "Säkerhetsenheten har avslutat ärende 1" in town.deputy.last.text
    assert "visas inte på Telegram. Ring" in town.deputy.last.text and SAID not in town.sent


async def test_whose_role_is_over_is_answered_with_a_call_too(town: Terse) -> None:
    await flagged(town, town.deputy)
    await town.chief.command("personer")
    for label in ("Dag Ek", f"Avsluta: ersättare för säkerhetsansvarig, {BOOKS}", "Ja, gör det"):
        await town.chief.press(label)
    await town.deputy.press("Avbryt")
    await town.deputy.write(f"hallå {TYPED}")
    assert "inte sparat" in town.deputy.last.text and town.deputy.last.labels == ("Ring om ärende 1",)
    await town.deputy.press("Ring om ärende 1")
    assert town.chief.has("Ring upp i ärende 1") and TYPED not in await town.stored()


async def test_a_question_of_words_that_was_begun_on_slack_is_not_answered_on_telegram(town: Terse) -> None:
    await town.contact_slack.command("flagga")
    await town.contact_slack.press("På gång")
    await town.contact_slack.press("Vet inte")
    await town.contact.write(f"{TYPED} ett svar")
    assert "inte sparat" in town.contact.last.text and TYPED not in await town.stored()
    await town.contact_slack.write(f"{SAID} hot i ett brev")
    for _ in range(3):
        await town.contact_slack.press("Hoppa över")
    await town.contact.command("flagga")
    await town.contact.press("Avbryt")
    assert "Skicka till enheten" in town.contact.last.labels, "the summary is asked here again"
    assert SAID not in town.sent
    await town.contact.press("Skicka till enheten")
    await town.officer_slack.command("arende", "1")
    assert f"{SAID} hot i ett brev" in town.officer_slack.last.text and SAID not in town.sent


async def test_the_chief_is_sent_to_slack_for_what_takes_words(town: Terse) -> None:
    await town.chief_there.command("meny")
    assert not {"Bjud in någon", "Lägg till parti", "Skriv upp ett samtal"} & set(town.chief_there.last.labels)
    for command in ("bjudin", "parti", "ringde"):
        assert "Gör det på Slack" in await town.told(town.chief_there, town.chief_there.command(command))
    await town.chief_there.command("omboten")
    assert not town.chief_there.last.labels
    await town.chief.command("omboten")
    assert town.chief.last.labels == ("Ändra texten",)


async def test_a_helper_on_telegram_answers_without_having_the_words_there(town: Terse) -> None:
    await town.flag_later(town.contact_slack, what=f"{SAID} på dörren")
    await town.officer_slack.command("arende", "1")
    await town.officer_slack.press("Ta hjälp")
    await town.officer_slack.press("Jurist: Vera Lag")
    await town.officer_slack.write(f"{SAID} en blankett")
    await town.officer_slack.press("Ja, skicka")
    await town.helper.press("Visa")
    assert "Omar Lind på säkerhetsenheten ber dig om hjälp" in town.helper.last.text
    assert "visas inte på Telegram. Ring" in town.helper.last.text
    await town.helper.press("Jag tar det")
    assert town.officer.has("Vera Lag hjälper till i ärende 1") and SAID not in town.sent


async def test_in_a_whole_story_no_marked_word_passes_telegram_and_none_typed_there_is_stored(town: Terse) -> None:
    await town.flag_later(town.contact_slack, what=f"{SAID}-1 på dörren")
    await town.officer.press("Jag tar den")
    await town.contact_slack.write(f"{SAID}-2 nu är det fem")
    await town.deputy.write(f"{TYPED}-1 jag såg det")
    await town.deputy.command("arende", "1")
    await town.deputy.write(f"{TYPED}-2 i tråden", reply_to=town.deputy.last)
    await town.officer.write(f"{TYPED}-3 vi kommer", reply_to=town.officer.last)
    await town.answer(town.officer_slack, f"{SAID}-3 vi kommer")
    await town.chief.command("ringde")
    for label in (BOOKS, "Dag Ek", "Händer nu"):
        await town.chief.press(label)
    await town.chief.write(f"{SAID}-4 de bankar på")
    assert town.deputy.has("har skrivit upp det du ringde om")
    await town.deputy.press("Visa", "har skrivit upp")
    await town.officer.command("arende", "2")
    await town.officer.press("Läs allt")
    await flagged(town, town.official)
    await town.official.write(f"{TYPED}-4 Skolgatan 5")
    await town.advance(minutes=7)
    for label in ("Nej, inte än", "Hoppa över", "Hoppa över", "Bara enheten"):
        await town.official.press(label)
    await town.close(town.officer_slack, f"{SAID}-5 klart")
    await town.contact.press("Inte klart än", "avslutat ärende 1")
    await town.contact_slack.command("about", f"{SAID}-6")
    for seat in (town.officer, town.contact, town.deputy, town.official, town.chief_there):
        await seat.command("mina")
        await seat.command("arende", "1")
    await town.restart()
    await town.advance(hours=3)
    assert SAID not in town.sent
    stored = await town.stored()
    assert TYPED not in stored and all(f"{SAID}-{number}" in stored for number in (1, 2, 3, 4, 5))
    assert await town.nothing_kept() and not await town.unsettled()


async def test_the_guard_itself_is_what_holds_when_a_view_forgets(town: Terse, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.services import views

    monkeypatch.setattr(views, "terse_card", views.card)
    await town.flag_later(town.contact_slack, what=f"{SAID} på dörren")
    await town.contact_slack.write(f"{SAID} mer")
    await town.officer.command("arende", "1")
    assert "Från: Alva Berg" in town.officer.last.text, "the whole card was drawn"
    assert SAID not in town.sent and "Läs det på Slack" in town.officer.last.text


def of_kind(event: Event, kind: Kind, **more: Any) -> Event:
    return replace(event, uid=f"{event.uid}:{kind}", kind=kind, token="", message="", **more)


async def test_files_captions_and_what_meets_an_error_leave_no_words_either(
    town: Terse, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Event] = []
    handle = Intake.handle

    async def listen(intake: Intake, event: Event) -> Any:
        seen.append(event)
        return await handle(intake, event)

    monkeypatch.setattr(Intake, "handle", listen)
    town.app.intake.handle = listen.__get__(town.app.intake)  # type: ignore[method-assign]
    await flagged(town, town.contact)
    await town.app.stop()
    await town.open()
    await town.contact.write("meny")
    sample = next(event for event in reversed(seen) if event.sender.user == town.contact.user)
    for kind in (Kind.EVIDENCE, Kind.OTHER):
        before = len(town.contact.messages)
        await handle(town.app.intake, of_kind(sample, kind, text=f"{TYPED} bildtext"))
        await town.quiet()
        assert "inte sparat" in town.contact.messages[before].text
    monkeypatch.setattr("bot.intake._text", lambda *_: 1 / 0)
    await handle(town.app.intake, of_kind(sample, Kind.TEXT, text=f"{TYPED} fel"))
    await town.app.intake.keep_raw({"update_id": 7, "message": {"text": TYPED}}, "Odd")
    await town.quiet()
    kept = await town.all(KeptEvent)
    assert len(kept) == 2 and "Försök igen" in town.contact.last.text
    assert kept[1].body == {"raw": {"update_id": 7}} and TYPED not in await town.stored()


async def test_pictures_and_passed_on_messages_from_slack_are_not_opened_on_telegram(town: Terse) -> None:
    await town.flag_now(town.contact_slack)
    await town.contact_slack.press("Avbryt")
    await town.contact_slack.attach("dorr.jpg", JPEG, "image/jpeg")
    await town.officer.command("arende", "1")
    assert not [label for label in town.officer.last.labels if "nderlag" in label]
    for token in ("a.evidence.1", "a.open.1.1"):
        told = await town.told(town.officer, town.forge(town.officer, token))
        assert "Bilder och filer visas inte på Telegram" in told
    assert not [entry for entry in await town.all(Entry) if entry.kind == "opened"]
    await town.officer_slack.command("arende", "1")
    await town.officer_slack.press("Visa underlag")
    await town.officer_slack.press("Öppna 1")
    assert [entry for entry in await town.all(Entry) if entry.kind == "opened"]
    assert not [call for call in town.telegram.calls if call.method in ("sendDocument", "sendPhoto")]


async def test_a_picture_with_words_a_place_and_a_passed_on_message_on_telegram_leave_nothing(town: Terse) -> None:
    await flagged(town, town.deputy)
    before = await town.rows()
    acts = [
        town.deputy.attach("dorr.jpg", JPEG, "image/jpeg", f"{TYPED} bildtext"),
        town.deputy.pass_on(f"{TYPED} vidare", "Någon Annan", town.clock.now()),
        town.deputy.place(59.32932, 18.06858) if isinstance(town.deputy, TelegramSeat) else town.deputy.write(TYPED),
    ]
    for act in acts:
        assert "inte sparat" in await town.told(town.deputy, act)
    after = await town.rows()
    assert {table: after[table] for table in ("evidence", "entry", "conversation")} == {
        table: before[table] for table in ("evidence", "entry", "conversation")
    }
    stored = await town.stored()
    assert TYPED not in stored and "59.32932" not in stored and "Någon Annan" not in stored


async def test_a_file_that_waits_when_the_setting_is_changed_does_not_go_out(town: Terse) -> None:
    await town.flag_now(town.contact_slack)
    await town.contact_slack.attach("dorr.jpg", JPEG, "image/jpeg")
    account = await town.account(town.officer)

    def waits(session: Session) -> tuple[object, str]:
        work = Work(session, town.clock.now(), town.app.house)
        row = Outbox(
            created_at=work.now, not_before=work.now, platform="telegram", team="", chat=account.user, act="file",
            account_id=account.id, purpose="answer", priority=0, incident_id=1, evidence_id=1, state="claimed",
            body=to_json(Message((Paragraph(("Underlag",)),))),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return ready(work, row), row.state

    assert await town.look(waits) == (None, "failed")


async def test_on_slack_everything_is_as_before(town: Terse) -> None:
    await town.chief.write(f"{SAID} ute på torget")
    await town.chief.press("Händer nu")
    assert (await town.all(Incident))[0].details["words"].startswith(SAID) and SAID not in town.sent


async def test_the_menu_on_telegram_leaves_out_what_asks_for_words(town: Terse) -> None:
    await town.restart()
    await town.quiet()
    scope = json.dumps({"chat_id": town.chief_there.human.id, "type": "chat"}, sort_keys=True)
    offered = {entry["command"] for entry in town.telegram.commands[scope, ""]}
    assert {"flagga", "mina", "personer"} <= offered
    assert not {"ringde", "bjudin", "parti"} & offered


async def test_a_digest_has_no_words_of_anybody_and_quiet_hours_are_chosen_by_presses(town: Terse) -> None:
    await town.contact.command("tyst")
    assert "Välj egna tider" not in town.contact.last.labels
    await town.contact.press("Var tyst 22–07")
    await town.move_to(swedish(11, 23, 23))
    before = len(town.sent)
    for _ in range(2):
        await broadcast(town, level=Level.WARNING, headline=f"{SAID} på torget")
    await town.move_to(swedish(11, 24, 7))
    assert town.contact.find("Medan det var tyst").labels == ("Visa 1", "Visa 2", "Visa alla")
    await town.contact.press("Visa alla")
    assert "Läst" in town.contact.last.labels and "VARNING" in town.sent[before:]
    assert SAID not in town.sent


async def test_the_unit_lets_cases_belong_together_by_presses_alone(town: Terse) -> None:
    await flagged(town, town.contact)
    await flagged(town, town.deputy)
    await town.officer.command("arende", "2")
    await town.officer.press("Hör ihop med")
    await town.officer.press("Ärende 1 · Händer nu")
    await town.officer.press("Ja, hör ihop")
    await town.officer.command("arende", "1")
    assert "Hör ihop med 2 (1 rapportör till)." in town.officer.last.text
    assert "Ta isär" in town.officer.last.labels and "Skriv till alla" not in town.officer.last.labels
    await town.officer.press("Jag tar den")
    assert [row.taken_by for row in await town.all(Incident)] == [2, 2]
