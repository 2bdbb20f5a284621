"""The demo's web server without a browser: advice is looked for in a group, and asked for in a channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.playground.page.server import served
from tests.playground import advice
from tests.playground.test_page import Client


@pytest.fixture
async def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """The demo on a free port, with advice."""
    advice.put(monkeypatch)
    async with served(tmp_path) as (address, village), httpx.AsyncClient(base_url=address, timeout=20) as http:
        yield Client(address, village, http)


async def done(client: Client, **what: Any) -> dict[str, Any]:
    """Do it and see the screens afterwards."""
    answer = await client.act(**what)
    assert answer.status_code == 204, answer.text
    return await client.state()


def said(message: dict[str, Any]) -> str:
    return "".join(span["text"] for block in message["blocks"] for span in block["spans"])


async def test_advice_is_found_in_a_group_without_the_bot_and_put_into_it(client: Client) -> None:
    """Everybody in the group reads it, as written by who chose it; the bot hears nothing of it."""
    before = await client.rows()
    group = (await client.state())["alva-telegram"]["chats"][1]
    assert (group["title"], group["messages"]) == ("Bokpartiet", [])
    here = {"seat": "alva-telegram", "chat": group["id"]}
    look = (await done(client, act="look", words="hot", **here))["alva-telegram"]["look"]
    assert [one["title"] for one in look["found"]] == list(advice.TITLES)
    assert (look["answered"], look["words"], look["chat"]) == (True, "hot", group["id"])
    screens = await done(client, act="choose", look=look["id"], title="Hotfullt samtal", **here)
    own, others = (screens[key]["chats"][1]["messages"][-1] for key in ("alva-telegram", "mira-telegram"))
    assert said(own) == said(others) == "Hotfullt samtal\n\nLägg på. Ring 112."
    assert own["blocks"][0]["spans"][0]["style"] == "bold"
    assert (own["mine"], own["via"]) == (True, "tryggvag_bot")
    assert (others["mine"], others["bot"], others["who"]) == (False, False, "Alva")
    assert await client.rows() == before
    missing = await client.act(act="choose", look=look["id"], title="Vapen", **here)
    assert missing.status_code == 409 and "no suggestion 'Vapen'" in missing.text


async def test_what_nobody_else_looked_for_is_on_ones_own_screen_only(client: Client) -> None:
    """Nor can another use the list."""
    group = (await client.state())["alva-telegram"]["chats"][1]
    screens = await done(client, act="look", words="hot", seat="alva-telegram", chat=group["id"])
    assert screens["mira-telegram"]["look"] is None
    look = screens["alva-telegram"]["look"]
    taken = await client.act(act="choose", look=look["id"], title="Hotfullt samtal", seat="mira-telegram")
    assert taken.status_code == 404


async def test_words_that_find_nothing_offer_the_way_to_the_bot(client: Client) -> None:
    """Also in the chat with the bot itself."""
    look = (await done(client, act="look", words="cykel", seat="alva-telegram"))["alva-telegram"]["look"]
    assert (look["found"], look["button"], look["chat"]) == ([], "Öppna boten", "")
    screens = await done(client, act="follow", look=look["id"], seat="alva-telegram")
    own = [said(one) for one in screens["alva-telegram"]["chats"][0]["messages"] if one["mine"]]
    assert own[-1] == "/start inline"


async def test_words_in_a_group_reach_its_members_alone(client: Client) -> None:
    """The bot is not there; answering one another works as anywhere."""
    group = (await client.state())["alva-telegram"]["chats"][1]["id"]
    screens = await done(client, act="write", seat="alva-telegram", chat=group, text="Någon hotade Mira i telefon")
    first = screens["mira-telegram"]["chats"][1]["messages"][-1]
    before = await client.rows()
    screens = await done(client, act="write", seat="mira-telegram", chat=group, text="Jag ringer", reply=first["id"])
    await done(client, act="command", seat="mira-telegram", chat=group, name="flagga")
    texts = [said(one) for one in screens["alva-telegram"]["chats"][1]["messages"]]
    assert texts == ["Någon hotade Mira i telefon", "Jag ringer"]
    assert await client.rows() == before


async def test_a_command_in_a_channel_is_answered_there_to_the_asker_alone(client: Client) -> None:
    """As on Slack itself."""
    channel = (await client.state())["siv-slack"]["chats"][1]
    screens = await done(client, act="command", seat="siv-slack", chat=channel["id"], name="meny")
    shown, others = (screens[key]["chats"][1]["messages"] for key in ("siv-slack", "bo-slack"))
    assert shown[-1]["only"] and shown[-1]["bot"]
    assert not any(one["only"] for one in others)
