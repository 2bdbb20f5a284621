"""The demo's web server without a browser: who may come in, and what bad requests do not change."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlmodel import Session, SQLModel, select

from bot.catalogue import LANGUAGES, Catalogue
from bot.messages import Message, Title
from bot.picture.chart import Chart
from bot.playground.page import acts
from bot.playground.page.cast import PARTIES
from bot.playground.page.server import PortTaken, served
from bot.playground.page.village import Village
from bot.playground.page.words import slack_blocks, telegram_blocks
from bot.playground.slack import SlackPlayground
from bot.playground.telegram import TelegramPlayground
from bot.playground.town import until
from bot.services import sending
from bot.services.work import Work
from storage.tables import Account, Party

MINE = {"x-tryggvag-page": "1"}


class Client:
    """Posts to the page's server, and looks into the village behind it."""

    def __init__(self, address: str, village: Village, http: httpx.AsyncClient) -> None:
        self.address, self.village, self.http = address, village, http

    async def act(self, **what: Any) -> httpx.Response:
        """Post an act as the page does."""
        return await self.http.post("/act", json=what, headers=MINE)

    async def state(self) -> dict[str, Any]:
        """The village as a page that has just been opened sees it, once the bot is at rest."""
        await self.village.quiet()
        seats: dict[str, Any] = {}
        async with self.http.stream("GET", "/events") as stream:
            name = ""
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: ") and name == "seat":
                    seat = json.loads(line.removeprefix("data: "))
                    seats[seat["key"]] = seat
                elif line.startswith("data: ") and name == "town":
                    return seats
        raise AssertionError("the stream ended")

    def told(self) -> set[str]:
        """The sentences of the trace, by key."""
        return {step.key for group in self.village.trace.groups for step in group.steps}

    async def tells(self, key: str) -> None:
        """Wait until the trace has this sentence."""
        await until(lambda: key in self.told(), key)

    async def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return await self.village.app.database.run(count)


def count(session: Session) -> dict[str, int]:
    tables = SQLModel.metadata.sorted_tables
    return {t.name: session.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """The demo on a free port."""
    async with served(tmp_path) as (address, village), httpx.AsyncClient(base_url=address, timeout=20) as http:
        yield Client(address, village, http)


async def test_the_page_listens_on_loopback_only_and_has_nothing_from_elsewhere(client: Client) -> None:
    assert client.address.startswith("http://127.0.0.1:")
    page = await client.http.get("/")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in ("/", "/app.js", "/chat.js", "/looking.js", "/modal.js", "/trace.js", "/tools.js", "/style.css"):
        answer = await client.http.get(path)
        assert answer.status_code == 200, path
        assert "https://" not in answer.text, path
        assert "http://" not in answer.text, path


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1", "127.0.0.1.example.org:8765", "localhost:1", ""])
async def test_another_hosts_name_is_refused_whatever_it_resolves_to(client: Client, host: str) -> None:
    for path in ("/", "/events", "/texts.json"):
        assert (await client.http.get(path, headers={"host": host})).status_code == 403


async def test_another_site_can_neither_post_nor_read(client: Client) -> None:
    body = json.dumps({"act": "write", "seat": "alva-telegram", "text": "Hej"})
    before = await client.rows()
    plain = await client.http.post("/act", content=body, headers={"content-type": "text/plain"})
    assert plain.status_code == 403
    foreign = {**MINE, "origin": "https://example.org"}
    assert (await client.http.post("/act", content=body, headers=foreign)).status_code == 403
    assert (await client.http.get("/events", headers={"origin": "https://example.org"})).status_code == 403
    assert (await client.http.post("/attach?seat=alva-telegram&name=a", content=b"a")).status_code == 403
    asked = await client.http.options("/act", headers={"origin": "https://example.org"})
    assert "access-control-allow-origin" not in asked.headers
    await client.village.quiet()
    assert await client.rows() == before


BAD: list[tuple[dict[str, Any], int]] = [
    ({}, 422),
    ({"act": "explode"}, 422),
    ({"act": "write", "seat": "alva-telegram"}, 422),
    ({"act": "write", "seat": "alva-telegram", "text": ""}, 422),
    ({"act": "write", "seat": "alva-telegram", "text": "a" * 4001}, 422),
    ({"act": "write", "seat": "alva-telegram", "text": "Hej", "more": 1}, 422),
    ({"act": "write", "seat": 7, "text": "Hej"}, 422),
    ({"act": "write", "seat": "nobody", "text": "Hej"}, 404),
    ({"act": "write", "seat": "alva-telegram", "text": "Hej", "reply": "999"}, 404),
    ({"act": "write", "seat": "siv-slack", "text": "Hej", "chat": "C0"}, 404),
    ({"act": "press", "seat": "alva-telegram", "message": "x", "label": "Ja"}, 404),
    ({"act": "press", "seat": "siv-slack", "message": "1.1", "label": "Ja"}, 404),
    ({"act": "submit", "seat": "siv-slack", "values": {}}, 409),
    ({"act": "submit", "seat": "alva-telegram", "values": {}}, 409),
    ({"act": "close", "seat": "siv-slack"}, 409),
    ({"act": "location", "seat": "siv-slack"}, 409),
    ({"act": "shortcut", "seat": "alva-telegram", "message": "1"}, 409),
    ({"act": "look", "seat": "alva-telegram", "words": "a" * 257}, 422),
    ({"act": "look", "seat": "alva-telegram", "words": "hot", "chat": "-1"}, 404),
    ({"act": "look", "seat": "siv-telegram", "words": "hot", "chat": "Bokpartiet"}, 404),
    ({"act": "look", "seat": "siv-slack", "words": "hot"}, 409),
    ({"act": "choose", "seat": "alva-telegram", "look": "1", "title": "Hot"}, 404),
    ({"act": "follow", "seat": "alva-telegram", "look": "1"}, 404),
    ({"act": "command", "seat": "siv-slack", "name": "meny", "chat": "C0"}, 404),
    ({"act": "redeem", "seat": "elsa-telegram", "code": "not a code!"}, 422),
    ({"act": "command", "seat": "siv-slack", "name": "Flagga; DROP"}, 422),
    ({"act": "clock", "minutes": -1}, 422),
    ({"act": "clock", "minutes": "soon"}, 422),
    ({"act": "clock", "minutes": 10**9}, 422),
    ({"act": "trouble", "platform": "fax", "trouble": "slow"}, 422),
    ({"act": "trouble", "platform": "slack", "trouble": "fire"}, 422),
    ({"act": "language", "language": "xx"}, 422),
]


async def test_what_cannot_be_done_is_refused_in_one_line_and_changes_nothing(client: Client) -> None:
    before, screens = await client.rows(), await client.state()
    for what, status in BAD:
        answer = await client.act(**what)
        assert answer.status_code == status, (what, answer.text)
        assert answer.text.strip(), what
        assert "Traceback" not in answer.text
    for body in (b"", b"{", b"[]", b"\xff\xfe", b'"act"', b"[" * 50_000):
        assert (await client.http.post("/act", content=body, headers=MINE)).status_code == 422, body[:20]
    assert (await client.http.post("/act", content=b" " * 70_000, headers=MINE)).status_code == 413
    assert (await client.http.post("/attach?seat=nobody&name=a", content=b"a", headers=MINE)).status_code == 404
    assert (await client.http.post("/attach?seat=alva-telegram", content=b"a", headers=MINE)).status_code == 422
    assert (await client.http.post("/attach?seat=alva-telegram&name=a", headers=MINE)).status_code == 413
    assert (await client.http.get("/file?seat=alva-telegram&message=1&number=0")).status_code == 404
    assert (await client.http.get("/file?seat=siv-slack&message=1&number=x")).status_code == 404
    assert (await client.http.get("/../../etc/passwd")).status_code == 404
    assert await client.rows() == before
    assert await client.state() == screens


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["write", "press", "submit", "clock", "trouble", "redeem", "start", "shortcut", "command", "look", "choose"]
)
FIELDS = ("seat", "text", "message", "minutes", "values", "chat", "trouble", "words", "look", "title")


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(act=st.fixed_dictionaries({"act": NAMES}, optional=dict.fromkeys(FIELDS, JSON)))
def test_an_act_that_is_made_of_anything_is_read_or_refused_and_never_breaks_the_reader(act: dict[str, Any]) -> None:
    try:
        read = acts.READ.validate_json(json.dumps(act))
    except ValueError:
        return
    assert read.act == act["act"]


async def test_a_person_writes_and_presses_and_both_sides_stand_in_the_conversation(client: Client) -> None:
    assert (await client.act(act="command", seat="nils-slack", name="flagga")).status_code == 204
    await client.village.quiet()
    question = (await client.state())["nils-slack"]["chats"][0]["messages"][-1]
    pressed = await client.act(act="press", seat="nils-slack", message=question["id"], label="Händer nu")
    assert pressed.status_code == 204
    await client.village.quiet()
    assert (await client.act(act="write", seat="nils-slack", text="Torget <!channel> & torn")).status_code == 204
    state = await client.state()
    mine = [one for one in state["nils-slack"]["chats"][0]["messages"] if one["mine"]]
    assert mine[-1]["blocks"][0]["spans"][0]["text"] == "Torget <!channel> & torn"
    assert "Ärende 1 · Händer nu" in json.dumps(state["siv-slack"], ensure_ascii=False)
    assert "Ärende 1" not in json.dumps(state["ove-slack"], ensure_ascii=False)


async def test_nine_parties_are_in_the_register_and_a_stranger_is_not(client: Client) -> None:
    rows = await client.village.app.database.run(lambda session: list(session.exec(select(Party))))
    assert [party.name for party in rows] == list(PARTIES)
    assert len(PARTIES) == 9
    state = await client.state()
    assert state["elsa-telegram"]["open"] is False
    assert (await client.act(act="start", seat="elsa-telegram")).status_code == 204
    await client.village.telegram.wait_for(lambda: client.village.chairs["elsa-telegram"].seat.messages)
    assert "Du behöver en inbjudan" in client.village.chairs["elsa-telegram"].seat.last.text


async def test_a_file_goes_to_the_bot_and_can_be_saved_from_the_chat_but_never_opens_as_a_page(client: Client) -> None:
    await client.act(act="command", seat="nils-slack", name="flagga")
    evil = b"<script>alert(1)</script>"
    sent = await client.http.post(
        "/attach?seat=nils-slack&name=..%2F..%2Fbrev.html&text=Se", content=evil,
        headers={**MINE, "content-type": "text/html"},
    )  # fmt: skip
    assert sent.status_code == 204
    message = (await client.state())["nils-slack"]["chats"][0]["messages"]
    (mine,) = [one for one in message if one["files"]]
    assert mine["files"] == [{"name": "brev.html", "media": "text/html", "size": len(evil)}]
    saved = await client.http.get("/file", params={"seat": "nils-slack", "message": mine["id"], "number": 0})
    assert saved.content == evil
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert saved.headers["x-content-type-options"] == "nosniff"
    other = await client.http.get("/file", params={"seat": "siv-slack", "message": mine["id"], "number": 0})
    assert other.status_code == 404


async def test_a_picture_of_the_bots_shows_and_says_what_it_shows_where_the_platform_does(client: Client) -> None:
    def put(session: Session) -> None:
        work = Work(session, client.village.clock.now(), client.village.app.house)
        message = Message((Title(("Läget",)),))
        chart = Chart("Läget", ("v. 46", "v. 47"), (("Hot", (3, 1)),), "Hot: 3, sedan 1.")
        for account in session.exec(select(Account)).all():
            sending.picture_to_account(work, account, message, chart)

    await client.village.app.database.run(put)
    client.village.app.delivery.wake()
    seats = await client.state()
    for key, alt in (("siv-slack", "Hot: 3, sedan 1."), ("alva-telegram", None)):
        (shown,) = [one for one in seats[key]["chats"][0]["messages"] if one["files"]]
        (file,) = shown["files"]
        assert (file["name"], file["media"], file.get("alt")) == ("lagesbild.png", "image/png", alt)
        saved = await client.http.get("/file", params={"seat": key, "message": shown["id"], "number": 0})
        assert saved.headers["content-type"] == "image/png" and len(saved.content) == file["size"]


async def test_the_trace_holds_the_steps_and_neither_words_nor_codes_nor_tokens(client: Client) -> None:
    await client.act(act="write", seat="alva-telegram", text="Hemligt: kod 1234-ABCD")
    await client.act(act="redeem", seat="elsa-slack", code="ABCD-EFGH-JKLM")
    await client.village.quiet()
    await asyncio.sleep(0.05)
    groups = [group.shown() for group in client.village.trace.groups]
    kinds = [[step["kind"] for step in group["steps"]] for group in groups]
    assert ["event", "transaction", "outbox", "platform"] in kinds
    told = json.dumps(groups)
    for secret in ("Hemligt", "1234-ABCD", "ABCD-EFGH-JKLM", "xoxb", "playground", client.village.key):
        assert secret not in told


async def test_every_platform_that_fails_is_told_of_in_the_trace(client: Client) -> None:
    for trouble, step in (("busy", "call.busy"), ("broken", "call.broken"), ("lost", "call.lost")):
        await client.act(act="trouble", platform="telegram", trouble=trouble)
        await client.act(act="write", seat="alva-telegram", text="meny")
        await client.tells(step)
    await client.act(act="trouble", platform="telegram", trouble="none")


@pytest.mark.parametrize(("away", "here"), [("telegram", "slack"), ("slack", "telegram")])
async def test_who_writes_while_a_platform_is_away_is_answered_when_it_is_back_and_the_other_goes_on(
    client: Client, away: str, here: str
) -> None:
    keys = {"telegram": "mira-telegram", "slack": "bo-slack"}
    servers: dict[str, TelegramPlayground | SlackPlayground] = {
        "telegram": client.village.telegram,
        "slack": client.village.slack,
    }
    seats = {platform: client.village.chairs[key].seat for platform, key in keys.items()}
    await client.act(act="trouble", platform=away, trouble="away")
    for platform in (away, here):
        await client.act(act="write", seat=keys[platform], text="meny")
    await servers[here].wait_for(lambda: seats[here].has("Skriv några ord"), 10)
    assert not seats[away].has("Skriv några ord")
    await client.act(act="trouble", platform=away, trouble="none")
    await servers[away].wait_for(lambda: seats[away].has("Skriv några ord"), 40)


async def test_the_clock_ticks_and_can_be_moved_to_the_morning(client: Client) -> None:
    first = client.village.clock.now()
    await asyncio.sleep(0.02)
    assert client.village.clock.now() > first
    assert (await client.act(act="clock", morning=True)).status_code == 204
    await until(lambda: client.village.clock.now().day > first.day, "the morning")
    assert client.village.clock.now().hour == 7  # 8.00 in Sweden
    await client.village.quiet()


async def test_the_page_gets_its_texts_in_both_languages_and_no_others(client: Client) -> None:
    texts = (await client.http.get("/texts.json")).json()
    assert set(texts) == set(LANGUAGES)
    assert texts["sv"].keys() == texts["en"].keys()
    assert all(key.startswith(("demo.", "platform.")) for key in texts["sv"])
    assert texts["sv"]["demo.send"] == Catalogue().texts("sv")["demo.send"]


async def test_a_port_that_is_taken_is_said_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken):
            async with served(tmp_path, other.getsockname()[1]):
                pass
    assert not (tmp_path / "town.db").exists()


async def test_the_command_serves_the_page_until_ctrl_c_and_ends_well() -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "demo", "--no-browser", "--port", "0"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        address = re.findall(r"http://127\.0\.0\.1:\d+", line)[0]
        async with httpx.AsyncClient(base_url=address, timeout=20) as http:
            assert (await http.get("/")).status_code == 200
            async with http.stream("GET", "/events") as stream:  # an open page must not keep it from ending
                assert stream.status_code == 200
                process.send_signal(signal.SIGINT)
                assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()


def test_text_is_cut_by_its_entities_in_utf_16_and_nothing_in_it_is_markup() -> None:
    text = "🌲Titel\n\n<b>nej</b> ring +46 8 465 004 10"
    blocks = telegram_blocks(text, [{"type": "bold", "offset": 0, "length": 7}])
    styles = [(span["text"], span["style"]) for span in blocks[0]["spans"]]
    assert styles == [("🌲Titel", "bold"), ("\n\n<b>nej</b> ring ", ""), ("+46 8 465 004 10", "link")]


def test_slacks_markup_shows_as_it_does_there() -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "*Titel*\nRing <tel:112|112> &amp; vänta"}}
    (block,) = slack_blocks([section], "")
    styles = [(span["text"], span["style"]) for span in block["spans"]]
    assert styles == [("Titel", "bold"), ("\nRing ", ""), ("112", "link"), (" & vänta", "")]
