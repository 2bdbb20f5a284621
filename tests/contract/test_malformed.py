"""Malformed input gets a clear refusal, changes nothing, and the process lives on."""

from __future__ import annotations

import copy
import json
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session

from bot.playground.seat import Seat, SlackSeat, TelegramSeat
from bot.playground.slack_socket import Delivery
from storage.tables import Conversation, Incident, KeptEvent, Outbox, SeenEvent
from tests.contract.conftest import House

Json = dict[str, Any]
HUGE = "å" * 200_000
GROWS = ("keptevent", "seenevent", "outbox")  # what a refusal may leave behind: itself, and its answer


def unchanged(before: dict[str, int], after: dict[str, int]) -> bool:
    """Whether nothing but the refusals themselves was stored."""
    return all(after[table] == count for table, count in before.items() if table not in GROWS)


async def lives_on(town: House) -> None:
    """The next ordinary flag works."""
    count = len(await town.all(Incident))
    await town.flag_now(town.contact)
    assert len(await town.all(Incident)) == count + 1
    assert town.officer.has(f"Ärende {count + 1} · Händer nu")


# Tokens

FORGED = [
    " ", "a", "a.", "a.take", "a.take.", "a.take.x", "a.take.-1", "a.take.1.2.3", "a.TAKE.1", "a.take.1~",
    "a.take.1~x",
    "a.nothing.1", "a.__init__.1", "a.take.99999999999999999999", "a.promise.1.99", "a.promise.1.x", "a.promise.1",
    "c.", "c.1", "c.1.0.imminence.now.", "c.0.0.imminence.now", "c.9999999999.0.imminence.now", "c.1.0.drop table.x",
    "c.1.999999.imminence.now", "x.1.2.3", "a.take.1\x00", "a.take.1\n", "a.tåke.1", "💥" * 16, "{}", "null",
    "a.take.1~999999999999",
]  # fmt: skip


async def test_a_forged_token_is_refused_in_words_and_changes_nothing(town: House) -> None:
    await town.flag_now(town.contact)
    await town.deputy.command("meny")
    menu, before = town.deputy.last, await town.rows()
    for token in FORGED:
        told = await town.told(town.deputy, town.forge(town.deputy, token, menu))
        assert told.strip(), token
        assert unchanged(before, await town.rows()) and await town.nothing_kept(), token
    incident = await town.incident()
    assert (incident.taken_by, incident.promised_at, incident.status) == (None, None, "open")


async def test_a_forged_row_in_a_token_proves_nothing_about_another_persons_message(town: House) -> None:
    await town.deputy.command("meny")
    await town.contact.command("meny")
    owner = await town.account(town.contact)
    theirs = next(row for row in await town.all(Outbox) if row.account_id == owner.id and row.act == "send")

    def doubt(session: Session) -> None:
        row = session.get_one(Outbox, theirs.id)
        row.state, row.ref, row.attempts = "uncertain", None, 1

    await town.app.database.run(doubt)
    await town.forge(town.deputy, f"a.menu.0~{theirs.id}")
    assert (await town.look(lambda session: session.get_one(Outbox, theirs.id))).state == "uncertain"
    await town.forge(town.contact, f"a.menu.0~{theirs.id}")
    assert (await town.look(lambda session: session.get_one(Outbox, theirs.id))).state == "delivered"


async def test_a_huge_token_is_refused(town: House) -> None:
    await town.deputy.command("meny")
    before = await town.rows()
    await town.forge(town.deputy, "a.take." + "1" * 50_000)
    assert unchanged(before, await town.rows())
    await lives_on(town)


async def test_another_persons_conversation_cannot_be_answered(town: House) -> None:
    await town.contact.command("flagga")
    [row] = await town.all(Conversation)
    await town.deputy.command("meny")
    before = await town.rows()
    theirs = await town.told(town.deputy, town.forge(town.deputy, f"c.{row.id}.0.imminence.now"))
    nobodys = await town.told(town.deputy, town.forge(town.deputy, "c.4711.0.imminence.now"))
    assert theirs == nobodys and theirs.strip()
    assert unchanged(before, await town.rows()) and not await town.all(Incident)


@pytest.mark.parametrize("option", ["nonsense", "", "-nonsense", "-e.what", "-e.", "-form", "-fill", "-skip", "-back"])
async def test_an_answer_that_was_never_offered_is_refused(town: House, option: str) -> None:
    await town.contact.command("flagga")
    [row] = await town.all(Conversation)
    before = await town.rows()
    told = await town.told(town.contact, town.forge(town.contact, f"c.{row.id}.0.imminence.{option}"))
    assert told.strip()
    assert unchanged(before, await town.rows()) and await town.nothing_kept()
    assert (await town.all(Conversation))[0].answers == {}
    await town.contact.press("Händer nu")
    assert await town.all(Incident)


async def test_a_token_for_another_question_than_the_one_that_waits_is_refused(town: House) -> None:
    await town.contact.command("flagga")
    [row] = await town.all(Conversation)
    told = await town.told(town.contact, town.forge(town.contact, f"c.{row.id}.0.called_112.now"))
    assert told.strip() and not await town.all(Incident)


async def test_a_press_on_an_old_question_is_told_that_it_is_answered(town: House) -> None:
    await town.contact.command("flagga")
    [row] = await town.all(Conversation)
    await town.contact.press("Rykte")
    before = await town.rows()
    told = await town.told(town.contact, town.forge(town.contact, f"c.{row.id}.0.imminence.now"))
    assert "Det är redan besvarat" in told
    assert unchanged(before, await town.rows())


# Words

WORDS = ["å" * 4000, "\u202e\u0000\ufeff", "<script>alert(1)</script> <!channel> @here *fet* _kursiv_ `kod`",
         "{number} {sos} %s %(x)s", "🏳️‍🌈" * 200, "/", "//", "/flagga" * 300, "'; drop table incident; --"]  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
async def test_strange_words_are_kept_as_words(town: House, words: str) -> None:
    await town.contact.write(words)
    assert await town.nothing_kept() and town.contact.messages
    await lives_on(town)


async def test_strange_words_reach_the_unit_as_they_were_written(town: House) -> None:
    words = "<!channel> & <b>fet</b> {number} @here &amp; 5 < 6"
    await town.flag_later(town.contact, what=words)
    await town.officer.command("arende", "1")
    assert words in town.officer.last.text


async def test_words_too_long_for_a_question_are_asked_for_again(town: House) -> None:
    await town.contact.command("flagga")
    await town.contact.press("Rykte")
    await town.contact.press("Hot")
    await town.contact.write("Något")
    await town.contact.write("a" * 4000)
    assert "Skriv högst 300" in town.contact.last.text
    assert (await town.all(Conversation))[0].answers["what"] == "Något"


# Raw payloads

TELEGRAM: list[Json] = [
    {},
    {"message": None},
    {"message": 7},
    {"message": "hej"},
    {"message": []},
    {"message": {}},
    {"message": {"message_id": "x", "date": "nu", "chat": 5, "from": "Alva", "text": {"a": 1}}},
    {"message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
    {"message": {"message_id": 1, "date": 10**18, "chat": {"id": 1, "type": "private"}, "text": "hej"}},
    {"callback_query": {}},
    {"callback_query": {"id": "1", "data": "a.take.1"}},
    {"callback_query": {"id": 1, "from": {}, "data": 5}},
    {"inline_query": {}},
    {"inline_query": 7},
    {"inline_query": {"id": "1", "query": "x"}},
    {"inline_query": {"id": 1, "from": {}, "query": {"a": 1}, "offset": 5}},
    {"my_chat_member": {"chat": {}}},
    {"edited_message": {"text": "hej"}},
    {"something_new": {"a": [1, 2, {"b": None}]}},
    {"message": {"message_id": 1, "text": HUGE}},
]


@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
async def test_a_malformed_update_changes_nothing_and_the_next_is_read(town: House) -> None:
    for update in TELEGRAM:
        before = await town.rows()
        await town.telegram.inject(update)
        await town.quiet()
        assert town.telegram.pending == 0, update
        await reads_on(town, before, update)
    await lives_on(town)


def event(**inner: Any) -> Json:
    """A payload of the events API for this workspace, with this event in it."""
    return {"type": "event_callback", "team_id": "T0FIKTIV", "event_id": f"Ev{uuid4().hex}", "event": inner}


def press(**more: Any) -> Json:
    """A pressed button as Slack tells it, with some of it replaced."""
    action = {"type": "button", "action_id": "press:0", "block_id": "b", "value": "a.take.1", "action_ts": "1.000001"}
    whole: Json = {
        "type": "block_actions",
        "team": {"id": "T0FIKTIV"},
        "user": {"id": "U0OKAND", "team_id": "T0FIKTIV"},
        "container": {"type": "message", "message_ts": "1.000001", "channel_id": "D1"},
        "channel": {"id": "D1", "name": "directmessage"},
        "trigger_id": "1.1.1",
        "actions": [action],
    }
    return {**whole, **more}


SLACK: list[tuple[str, Any]] = [
    ("events_api", {}),
    ("events_api", None),
    ("events_api", 5),
    ("events_api", "hej"),
    ("events_api", []),
    ("events_api", {"type": "event_callback"}),
    ("events_api", event()),
    ("events_api", event(type=5)),
    ("events_api", event(type="message", channel_type="im")),
    ("events_api", event(type="message", channel_type="im", user="U1", channel="D1", ts="inte en tid", text={"a": 1})),
    ("events_api", event(type="message", channel_type="im", user=None, channel="D1", ts="1.000001", text="hej")),
    ("events_api", event(type="message", channel_type="im", subtype="message_changed")),
    ("events_api", event(type="member_joined_channel")),
    ("events_api", {**event(type="message", channel_type="im", user="U1", channel="D1", ts="1.1"), "team_id": 7}),
    ("interactive", {}),
    ("interactive", {"type": "block_actions"}),
    ("interactive", press(actions=[])),
    ("interactive", press(actions=5)),
    ("interactive", press(actions=[{"type": "button"}])),
    ("interactive", press(user=None)),
    ("interactive", press(user={"id": 5})),
    ("interactive", press(trigger_id=None)),
    ("interactive", press(team=None)),
    ("interactive", {"type": "view_submission", "team": {"id": "T0FIKTIV"}, "view": {}}),
    ("interactive", {"type": "view_submission", "team": {"id": "T0FIKTIV"}, "user": {"id": "U1"},
                     "view": {"id": "V1", "hash": "h", "callback_id": "form", "private_metadata": HUGE, "state": 5}}),
    ("slash_commands", {}),
    ("slash_commands", {"command": "/flagga"}),
    ("slash_commands", {"command": "/flagga", "team_id": "T0FIKTIV", "user_id": 5, "channel_id": None,
                        "trigger_id": "1.2.3"}),
    ("nonsense", {"type": "x"}),
    ("events_api", event(type="message", channel_type="im", text=HUGE)),
]  # fmt: skip


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
async def test_a_malformed_payload_changes_nothing_and_the_next_is_read(town: House) -> None:
    for kind, payload in SLACK:
        before = await town.rows()
        envelope = {"envelope_id": str(uuid4()), "type": kind, "payload": payload, "accepts_response_payload": True}
        await town.slack.inject(envelope)
        await reads_on(town, before, payload)
    await lives_on(town)


ENVELOPES = ["", "inte json", "[]", "5", "null", '{"envelope_id": 5}', "{" * 5000, '{"type": "events_api"}']


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
async def test_an_envelope_that_is_none_changes_nothing_and_the_next_is_read(town: House) -> None:
    for text in ENVELOPES:
        before = await town.rows()
        await town.slack.inject(text)
        await reads_on(town, before, text)
    await lives_on(town)


async def reads_on(town: House, before: dict[str, int], what: object) -> None:
    """An ordinary act that comes after has its effect, and what came before had none."""
    await town.contact.command("meny")
    after = await town.rows()
    assert unchanged(before, after) and after["seenevent"] == before["seenevent"] + 1, str(what)[:300]


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
async def test_a_payload_from_another_workspace_is_acknowledged_and_leaves_no_row(town: House) -> None:
    assert isinstance(town.contact, SlackSeat)
    await town.flag_now(town.contact)
    theirs = [
        ("events_api", {**event(type="message", channel_type="im", user=town.contact.user, channel="D1", ts="1.000001",
                                text="hej"), "team_id": "T0ANNAN"}),
        ("interactive", press(team={"id": "T0ANNAN"}, user={"id": town.officer.user, "team_id": "T0ANNAN"})),
        ("slash_commands", {"command": "/flagga", "team_id": "T0ANNAN", "user_id": town.contact.user,
                            "channel_id": "D1", "trigger_id": "9.9.9", "text": ""}),
    ]  # fmt: skip
    before = await town.rows()
    for kind, payload in theirs:
        sent = await town.slack.inject({"envelope_id": str(uuid4()), "type": kind, "payload": payload})
        await town.slack.wait_for(sent.acked.is_set, what="the acknowledgement")
    await town.quiet()
    assert await town.rows() == before and (await town.incident()).taken_by is None


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
async def test_the_same_user_id_in_another_workspace_is_a_stranger(town: House) -> None:
    assert isinstance(town.officer, SlackSeat)
    await town.flag_now(town.contact)
    before = await town.rows()
    forged = press(user={"id": town.officer.user, "team_id": "T0ANNAN"})
    await town.slack.inject({"envelope_id": str(uuid4()), "type": "interactive", "payload": forged})
    await town.contact.command("meny")
    assert (await town.incident()).taken_by is None
    after = await town.rows()
    assert (after["account"], after["entry"]) == (before["account"], before["entry"])


# The same thing again


def again(town: House, times: int = 1) -> None:
    """Let the next act arrive more than once under the same id."""
    server: Any = getattr(town, town.platform)
    server.duplicate_next(times)


async def test_the_same_words_delivered_twice_have_one_effect(town: House) -> None:
    await town.flag_later(town.contact)
    before = await town.rows()
    again(town)
    await town.contact.write("De är tre stycken")
    after = await town.rows()
    assert after["entry"] == before["entry"] + 1 and after["seenevent"] == before["seenevent"] + 1
    assert [m.text for m in town.contact.messages].count(town.contact.last.text) == 1


async def test_the_same_flag_delivered_twice_raises_one_incident(town: House) -> None:
    await town.contact.command("flagga")
    again(town)
    await town.contact.write("händer nu")
    assert len(await town.all(Incident)) == 1
    assert len([m for m in town.officer.messages if "Ärende" in m.text]) == 1


@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
async def test_a_press_under_a_new_update_id_has_one_effect(town: House) -> None:
    await town.contact.command("flagga")
    town.telegram.duplicate_next(1, new_id=True)
    await town.contact.press("Händer nu")
    assert len(await town.all(Incident)) == 1 and len(await town.all(Conversation)) == 1
    town.telegram.duplicate_next(1, new_id=True)
    await town.officer.press("Jag tar den")
    await town.officer.command("arende", "1")
    await town.officer.press("Läs allt")
    assert town.officer.last.text.count("tog ärendet") == 1


async def test_a_press_that_is_pressed_twice_by_impatient_hands_has_one_effect(town: House) -> None:
    await town.contact.command("flagga")
    question = town.contact.last
    for _ in range(3):
        await town.contact.human.press(question.native, "Händer nu")
    await town.quiet()
    assert len(await town.all(Incident)) == 1
    assert "Var är du?" in town.contact.last.text


async def test_words_that_overtake_each_other_are_both_kept(town: House) -> None:
    await town.flag_later(town.contact)
    server: Any = getattr(town, town.platform)
    server.reorder_next()
    for words in ("Först detta", "Sedan detta"):
        await town.contact.human.write(words)
    await town.quiet()
    await town.officer.command("arende", "1")
    await town.officer.press("Läs allt")
    assert "Först detta" in town.officer.last.text and "Sedan detta" in town.officer.last.text


@pytest.mark.parametrize("platform", ["slack"], indirect=True)
async def test_a_press_that_slack_delivers_again_under_another_envelope_has_one_effect(town: House) -> None:
    await town.flag_now(town.contact)
    assert isinstance(town.officer, SlackSeat)
    pressed: Delivery = await town.officer.human.press(town.officer.last.native, "Jag tar den")
    await town.quiet()
    before = await town.rows()
    await town.slack.inject(copy.deepcopy(pressed.envelope(str(uuid4()))))
    await town.contact.command("meny")
    assert (await town.rows())["entry"] == before["entry"]
    assert (await town.incident()).taken_by == 2


# Strangers


async def test_strangers_leave_no_rows_whatever_they_do(town: House) -> None:
    stranger: Seat = town.newcomer("Sten Okänd")
    await town.flag_now(town.contact)
    before = await town.rows()
    await stranger.write("hej")
    for token in ("a.take.1", "a.let_in.1", "c.1.0.imminence.now", "nonsense", "a.now.0"):
        await town.forge(stranger, token)
    for name, text in (("flagga", ""), ("arende", "1"), ("start", "ABCD-ABCD-ABCD"), ("bjudin", ""), ("larm", "")):
        await stranger.command(name, text)
    await stranger.write("ABCD-ABCD-ABCD")
    await stranger.write("x" * 3000)
    assert await town.rows() == before
    assert all("Fara för liv: ring 112" in m.text or "ring 112" in m.text for m in stranger.messages)
    assert await town.nothing_kept()


@pytest.mark.parametrize("platform", ["telegram"], indirect=True)
async def test_a_stranger_who_blocks_the_bot_leaves_no_rows(town: House) -> None:
    stranger = town.newcomer("Sten Okänd")
    assert isinstance(stranger, TelegramSeat)
    await stranger.write("hej")
    before = await town.rows()
    stranger.human.block()
    stranger.human.unblock()
    await town.quiet()
    assert await town.rows() == before


async def test_what_could_not_be_read_is_kept_for_whoever_looks_after_the_bot(town: House) -> None:
    if town.platform == "telegram":
        await town.telegram.inject({"message": {"message_id": "x", "chat": 5, "text": "Hjälp oss"}})
    else:
        await town.slack.inject({"envelope_id": "e1", "type": "interactive", "payload": press(user=None)})
    await town.contact.command("meny")
    [kept] = await town.all(KeptEvent)
    assert kept.error and json.dumps(kept.body)
    assert kept.uid == "" and not [seen for seen in await town.all(SeenEvent) if seen.uid == ""]
