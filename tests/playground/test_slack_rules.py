"""Each limit of Block Kit that Slack enforces, met over the wire by Slack's own client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.slack import Human, SlackPlayground
from bot.playground.slack_rules import check_message, check_view
from bot.playground.slack_text import plain as read
from tests.playground.slack_rig import (
    Json,
    actions,
    button,
    client,
    error_of,
    field,
    menu,
    mrkdwn,
    options,
    plain,
    section,
    view,
)


@pytest.fixture
async def server() -> AsyncIterator[SlackPlayground]:
    async with SlackPlayground() as server:
        yield server


@pytest.fixture
def user(server: SlackPlayground) -> Human:
    return server.person("Alva Berg")


async def refused(server: SlackPlayground, user: Human, *blocks: Json) -> list[str]:
    """The findings of a message that must be refused and leave nothing behind."""
    answer = await error_of(client(server).chat_postMessage(channel=user.id, text="hej", blocks=list(blocks)))
    assert answer["error"] == "invalid_blocks", answer
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {problem}" for problem in answer["errors"]]
    assert user.messages == []
    problems: list[str] = answer["errors"]
    return problems


async def test_a_message_at_every_limit_is_accepted(server: SlackPlayground, user: Human) -> None:
    """Nothing is refused that Slack takes: https://docs.slack.dev/reference/block-kit/blocks."""
    blocks = [
        {"type": "header", "text": plain("h" * 150), "block_id": "b" * 255},
        section("s" * 3000),
        {"type": "section", "fields": [mrkdwn("f" * 300)] * 10},
        {"type": "context", "elements": [mrkdwn("liten")] * 10},
        {"type": "divider"},
        actions(*(button("k" * 75, f"{index:0255}", value="v" * 2000) for index in range(25))),
        actions(menu(options=options(100))) | {"block_id": "other"},
    ]
    blocks += [{"type": "divider"}] * (50 - len(blocks))
    sent = await client(server).chat_postMessage(channel=user.id, text="hej", blocks=blocks)
    assert sent["ok"]
    assert len(user.last.blocks) == 50


async def test_more_than_fifty_blocks_are_refused(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks: up to 50 blocks in each message."""
    problems = await refused(server, user, *[{"type": "divider"}] * 51)
    assert problems == ["no more than 50 items allowed [json-pointer:/blocks]"]


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (section("x" * 3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
        (
            {"type": "section", "fields": [mrkdwn("f")] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            {"type": "section", "fields": [mrkdwn("f" * 2001)]},
            "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        ),
    ],
)
async def test_a_section_beyond_its_limits_is_refused(
    server: SlackPlayground, user: Human, block: Json, problem: str
) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/section-block: text 1–3000, 10 fields of 2000."""
    assert await refused(server, user, block) == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (plain("x" * 151), "must be less than 151 characters [json-pointer:/blocks/0/text/text]"),
        (mrkdwn("fel slag"), "must be one of: plain_text [json-pointer:/blocks/0/text/type]"),
    ],
)
async def test_a_header_is_plain_and_at_most_150(
    server: SlackPlayground, user: Human, text: Json, problem: str
) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/header-block: plain_text of at most 150."""
    assert await refused(server, user, {"type": "header", "text": text}) == [problem]


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        (button("x" * 76), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"),
        (
            button(value="v" * 2001),
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            button(action_id="a" * 256),
            "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
        ),
        (button(style="fancy"), "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]"),
    ],
)
async def test_a_button_beyond_its_limits_is_refused(
    server: SlackPlayground, user: Human, element: Json, problem: str
) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element: 75, 2000, 255, two styles."""
    assert await refused(server, user, actions(element)) == [problem]


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (
            actions(*(button(action_id=f"a{index}") for index in range(26))),
            "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            actions(button("Ja", "same"), button("Nej", "same")),
            "action_id already exists: same [json-pointer:/blocks/0/elements/1/action_id]",
        ),
        (actions(), "must provide at least 1 items [json-pointer:/blocks/0/elements]"),
        (
            actions({"type": "hologram"}),
            "unsupported type: hologram [json-pointer:/blocks/0/elements/0/type]",
        ),
    ],
)
async def test_an_actions_block_beyond_its_limits_is_refused(
    server: SlackPlayground, user: Human, block: Json, problem: str
) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/actions-block: 25 elements with ids of their own."""
    assert await refused(server, user, block) == [problem]


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        (
            menu(options=options(101)),
            "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            menu(options=options(1, "x" * 76)),
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
        ),
        (
            menu(options=[{"text": plain("ett"), "value": "v" * 151}]),
            "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
        ),
        (
            {"type": "radio_buttons", "action_id": "r", "options": options(11)},
            "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
    ],
)
async def test_options_beyond_their_limits_are_refused(
    server: SlackPlayground, user: Human, element: Json, problem: str
) -> None:
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object: 100 of 75, value 150;
    https://docs.slack.dev/reference/block-kit/block-elements/radio-button-group-element: at most 10.
    """
    assert await refused(server, user, actions(element)) == [problem]


async def test_a_context_takes_ten_elements(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/context-block: maximum number of items is 10."""
    problems = await refused(server, user, {"type": "context", "elements": [mrkdwn("x")] * 11})
    assert problems == ["no more than 10 items allowed [json-pointer:/blocks/0/elements]"]


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        (
            [{**section(), "block_id": "b" * 256}],
            "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
        ),
        (
            [{**section(), "block_id": "b"}, {**section(), "block_id": "b"}],
            "block_id already exists: b [json-pointer:/blocks/1/block_id]",
        ),
        ([{"type": "hologram"}], "unsupported type: hologram [json-pointer:/blocks/0/type]"),
    ],
)
async def test_a_block_has_a_known_type_and_an_id_of_its_own(
    server: SlackPlayground, user: Human, blocks: list[Json], problem: str
) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks: block_id is unique in a message and at most 255."""
    assert await refused(server, user, *blocks) == [problem]


async def test_a_text_object_takes_no_other_fields(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object: emoji is of plain_text."""
    problems = await refused(server, user, {"type": "section", "text": {**mrkdwn("x"), "emoji": True}})
    assert problems == ["invalid additional property: emoji [json-pointer:/blocks/0/text]"]


async def test_blocks_that_are_no_list_are_refused(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/methods/chat.postMessage#errors: invalid_blocks_format."""
    answer = await error_of(
        client(server).api_call("chat.postMessage", json={"channel": user.id, "blocks": {"type": "section"}})
    )
    assert answer["error"] == "invalid_blocks_format"


async def test_too_much_text_in_all_is_refused(server: SlackPlayground, user: Human) -> None:
    """https://github.com/slackapi/bolt-js/issues/2509: msg_blocks_too_long above some 13,200 characters."""
    blocks = [section("x" * 3000)] * 5
    answer = await error_of(client(server).chat_postMessage(channel=user.id, text="hej", blocks=blocks))
    assert answer["error"] == "msg_blocks_too_long"


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        (
            view(section(), title=plain("x" * 25)),
            "must be less than 25 characters [json-pointer:/view/title/text]",
        ),
        (
            view(section(), submit=plain("x" * 25)),
            "must be less than 25 characters [json-pointer:/view/submit/text]",
        ),
        (
            view(section(), close=plain("x" * 25)),
            "must be less than 25 characters [json-pointer:/view/close/text]",
        ),
        (
            view(section(), private_metadata="x" * 3001),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (
            view(section(), callback_id="x" * 256),
            "must be less than 256 characters [json-pointer:/view/callback_id]",
        ),
        (view(field(), submit=None), "missing required field: submit [json-pointer:/view]"),
        (view(*[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (view(section(), type="dialog"), "must be one of: modal [json-pointer:/view/type]"),
        (
            view(field("x" * 2001)),
            "must be less than 2001 characters [json-pointer:/view/blocks/0/label/text]",
        ),
    ],
)
async def test_a_view_beyond_its_limits_is_refused(
    server: SlackPlayground, user: Human, shape: Json, problem: str
) -> None:
    """https://docs.slack.dev/reference/views/modal-views: 24, 3000, 255, 100 blocks, submit beside input.

    The error is invalid_arguments: https://github.com/rtCamp/frappe-slack-connector/issues/54.
    """
    trigger = server.space.new_trigger(user.account)
    answer = await error_of(client(server).views_open(trigger_id=trigger, view=shape))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {problem}"]
    assert user.modal is None


async def test_a_view_of_more_than_250_kb_is_refused(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/methods/views.open#errors: view_too_large."""
    trigger = server.space.new_trigger(user.account)
    heavy = view(*(section("x" * 3000) for _ in range(90)))
    answer = await error_of(client(server).views_open(trigger_id=trigger, view=heavy))
    assert answer["error"] == "view_too_large"


KEYS = [
    "type",
    "text",
    "blocks",
    "elements",
    "fields",
    "label",
    "element",
    "options",
    "option_groups",
    "title",
]
LEAVES = st.sampled_from(["section", "actions", "input", "plain_text", "mrkdwn", "rich_text", "button", 5, None])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
)


@given(st.lists(ANYTHING, max_size=3))
def test_no_shape_of_blocks_makes_the_rules_fail(blocks: list[Any]) -> None:
    """Whatever comes, there is an answer; and what is accepted can be read."""
    if not check_message(blocks).messages:
        assert isinstance(read(blocks, ""), str)
    assert isinstance(check_view({"type": "modal", "blocks": blocks}).messages, list)
