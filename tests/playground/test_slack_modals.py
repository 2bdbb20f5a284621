"""Modals in the Slack playground open, take input, object and close as Slack's do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import Human, Modal, SlackPlayground
from tests.playground.slack_rig import (
    Clock,
    Json,
    Socket,
    actions,
    bolt,
    button,
    client,
    error_of,
    field,
    menu,
    plain,
    running,
    section,
    socket_of,
    view,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[SlackPlayground]:
    async with SlackPlayground(clock=clock, echo=False) as server:
        yield server


@pytest.fixture
def user(server: SlackPlayground) -> Human:
    return server.person("Alva Berg")


@pytest.fixture
async def socket(server: SlackPlayground) -> AsyncIterator[Socket]:
    async with socket_of(server) as socket:
        yield socket


async def opened(server: SlackPlayground, user: Human, shape: Json) -> Modal:
    """A modal on the person's screen."""
    trigger = server.space.new_trigger(user.account)
    answer = await client(server).views_open(trigger_id=trigger, view=shape)
    assert user.modal is not None
    assert answer["view"]["id"] == user.modal.id
    return user.modal


async def answered(user: Human, socket: Socket, entries: dict[str, str], answer: Json | None) -> Json:
    """Submit, acknowledge with `answer`, and give back what the app was told."""
    delivery = await user.submit(entries)
    envelope = await socket.next()
    await socket.ack(envelope, answer)
    await delivery.answer()
    payload: Json = envelope["payload"]
    return payload


async def test_bolt_runs_a_form_from_command_to_thanks(server: SlackPlayground, user: Human) -> None:
    """A command opens a modal, a bad answer is objected to at its field, a good one closes it."""
    app = bolt(server)

    @app.command("/flagga")
    async def flag(command: Json, ack: AsyncAck, client: AsyncWebClient) -> None:
        blocks = (field("Vad hände?", "what"), field("När?", "when", **menu()))
        await client.views_open(trigger_id=command["trigger_id"], view=view(*blocks, callback_id="flag"))
        await ack()

    @app.view("flag")
    async def submitted(ack: AsyncAck, view: Json) -> None:
        values = view["state"]["values"]
        if len(values["what"]["text"]["value"]) < 5:
            await ack(response_action="errors", errors={"what": "Skriv lite mer"})
        else:
            assert values["when"]["kind"]["selected_option"]["value"] == "1"
            await ack()

    async with running(server, app):
        await (await user.command("/flagga")).answer()
        assert user.modal is not None
        assert user.modal.inputs == ["Vad hände?", "När?"]
        await (await user.submit({"Vad hände?": "Bråk", "När?": "val 1"})).answer()
        assert user.modal.errors == {"Vad hände?": "Skriv lite mer"}
        await (await user.submit({"Vad hände?": "Bråk på torget"})).answer()
    assert user.modal is None
    assert server.refused_acks == []


@pytest.mark.parametrize(
    ("age", "spent", "known", "error"),
    [
        (3.1, False, True, "expired_trigger_id"),
        (0, True, True, "exchanged_trigger_id"),
        (0, False, False, "invalid_trigger_id"),
    ],
)
async def test_a_trigger_opens_one_modal_within_three_seconds(
    server: SlackPlayground, user: Human, clock: Clock, age: float, spent: bool, known: bool, error: str
) -> None:
    """https://docs.slack.dev/reference/methods/views.open#errors: expired, exchanged, invalid trigger_id."""
    trigger = server.space.new_trigger(user.account) if known else "1.2.gissad"
    if spent:
        await client(server).views_open(trigger_id=trigger, view=view(section()))
        await user.close_modal()
    clock.forward(age)
    refused = await error_of(client(server).views_open(trigger_id=trigger, view=view(section())))
    assert (refused["error"], user.modal) == (error, None)


async def test_a_modal_changes_only_as_the_version_that_was_read(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/methods/views.update#errors: hash_conflict, not_found."""
    modal, bot = await opened(server, user, view(section("ett"))), client(server)
    old = modal.hash
    await bot.views_update(view_id=modal.id, hash=old, view=view(section("två")))
    assert modal.plain == "två"
    refused = await error_of(bot.views_update(view_id=modal.id, hash=old, view=view(section("tre"))))
    assert (refused["error"], modal.plain) == ("hash_conflict", "två")
    refused = await error_of(bot.views_update(view_id="V0INGEN", view=view(section())))
    assert refused["error"] == "not_found"
    await user.close_modal()
    refused = await error_of(bot.views_update(view_id=modal.id, view=view(section())))
    assert refused["error"] == "not_found"


async def test_nothing_is_pushed_on_nothing(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/methods/views.push#errors: not_found without an open view."""
    trigger = server.space.new_trigger(user.account)
    refused = await error_of(client(server).views_push(trigger_id=trigger, view=view(section())))
    assert (refused["error"], user.modal) == ("not_found", None)


async def test_an_objection_lasts_until_the_next_answer(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """Only what the bot said last stands at the fields."""
    modal = await opened(server, user, view(field("Vad?", "what"), field("Var?", "where")))
    for block, label in (("what", "Vad?"), ("where", "Var?")):
        answer = {"response_action": "errors", "errors": {block: "Mer"}}
        await answered(user, socket, {"Vad?": "bråk", "Var?": "torget"}, answer)
        assert modal.errors == {label: "Mer"}


async def test_three_views_stack_and_no_more(server: SlackPlayground, user: Human) -> None:
    """https://docs.slack.dev/reference/methods/views.push#errors: push_limit_reached at 3."""
    bottom = await opened(server, user, view(section("botten")))
    for name in ("mitten", "toppen"):
        trigger = server.space.new_trigger(user.account)
        await client(server).views_push(trigger_id=trigger, view=view(section(name)))
    assert user.modal is not None
    assert user.modal.root == bottom.id
    trigger = server.space.new_trigger(user.account)
    refused = await error_of(client(server).views_push(trigger_id=trigger, view=view(section("fyra"))))
    assert refused["error"] == "push_limit_reached"
    await user.close_modal()
    assert user.modal.plain == "mitten"


async def test_what_was_entered_survives_an_update_with_the_same_ids(
    server: SlackPlayground, user: Human, socket: Socket
) -> None:
    """https://docs.slack.dev/reference/views/modal-views: same block_id and action_id preserve the entry."""
    modal = await opened(server, user, view(field("Vad?", "what"), field("Var?", "where")))
    await answered(
        user,
        socket,
        {"Vad?": "bråk", "Var?": "torget"},
        {"response_action": "errors", "errors": {"what": "Mer"}},
    )
    await client(server).views_update(
        view_id=modal.id, view=view(field("Vad?", "what"), field("Var?", "place", optional=True))
    )
    assert list(modal.values) == ["what"]


async def test_a_submission_carries_every_kind_of_input(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """Each element's state has the shape that Slack documents, and what is untouched its first value."""
    several = {"type": "checkboxes", "options": menu()["options"]}
    await opened(
        server,
        user,
        view(
            field("Text", "b1", initial_value="från början"),
            field("Val", "b2", **menu()),
            field("Flera", "b3", **several),
            field("Dag", "b4", type="datepicker"),
            field("Tid", "b5", type="timepicker"),
            field("Stund", "b6", type="datetimepicker"),
            private_metadata="hemligt",
        ),
    )
    delivery = await user.submit(
        {"Val": "val 1", "Flera": ["val 0", "val 1"], "Dag": "2026-09-13", "Tid": "18:30"}
        | {"Stund": "2026-09-13T20:00+02:00"}
    )
    envelope = await socket.next()
    await socket.ack(envelope)
    await delivery.answer()
    values = envelope["payload"]["view"]["state"]["values"]
    assert values["b1"]["text"]["value"] == "från början"
    assert values["b2"]["kind"]["selected_option"]["value"] == "1"
    assert [option["value"] for option in values["b3"]["text"]["selected_options"]] == ["0", "1"]
    assert values["b4"]["text"]["selected_date"] == "2026-09-13"
    assert values["b5"]["text"]["selected_time"] == "18:30"
    assert values["b6"]["text"]["selected_date_time"] == 1789322400
    assert envelope["payload"]["view"]["private_metadata"] == "hemligt"


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ({}, "wants an answer to 'Vad\\?'"),
        ({"Vad?": "x" * 11}, "takes 0 to 10 characters"),
        ({"Fel": "x"}, "no input .'Fel'."),
    ],
)
async def test_slacks_own_client_stops_a_bad_form(
    server: SlackPlayground, user: Human, entries: dict[str, str], complaint: str
) -> None:
    """A required answer, the longest text and the labels are the client's to check; nothing is sent."""
    await opened(server, user, view(field("Vad?", max_length=10)))
    with pytest.raises(AssertionError, match=complaint):
        await user.submit(entries)
    assert server.unacked == 0


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (None, "under"),
        ({"response_action": "clear"}, None),
        ({"response_action": "update", "view": view(section("nytt"))}, "nytt"),
        ({"response_action": "push", "view": view(section("ovanpå"))}, "ovanpå"),
    ],
)
async def test_an_answer_to_a_submission_moves_the_stack(
    server: SlackPlayground, user: Human, socket: Socket, answer: Json | None, left: str | None
) -> None:
    """Nothing closes the top view, clear all of them; update and push show another."""
    await opened(server, user, view(section("under")))
    trigger = server.space.new_trigger(user.account)
    await client(server).views_push(trigger_id=trigger, view=view(section("över")))
    await answered(user, socket, {}, answer)
    assert (user.modal.plain if user.modal else None) == left
    assert server.refused_acks == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"response_action": "errors", "errors": {"okänd": "Fel"}}, "errors names no input block: okänd"),
        ({"response_action": "errors", "errors": {"text": "Fel"}}, "errors names no input block: text"),
        ({"response_action": "errors", "errors": {}}, "errors must be an object with at least one field"),
        ({"response_action": "errors", "errors": {"what": ""}}, "each error must be a text"),
        ({"response_action": "dance"}, "unknown response_action: dance"),
        (
            {"response_action": "update", "view": view(section(), title=plain("x" * 25))},
            "must be less than 25 characters [json-pointer:/view/title/text]",
        ),
        ({"response_action": "push"}, "missing required field: view"),
    ],
)
async def test_an_answer_that_slack_cannot_use_shows_an_error(
    server: SlackPlayground, user: Human, socket: Socket, answer: Json, problem: str
) -> None:
    """https://docs.slack.dev/surfaces/modals#displaying_errors: errors name input blocks;
    https://github.com/slackapi/bolt-python/issues/241: a bad view leaves the old one with an error.
    """
    modal = await opened(server, user, view({**section(), "block_id": "text"}, field("Vad?", "what")))
    await answered(user, socket, {"Vad?": "bråk"}, answer)
    assert [refusal.problems for refusal in server.refused_acks] == [(f"[ERROR] {problem}",)]
    assert (user.modal, modal.errors) == (modal, {})


async def test_a_command_is_not_answered_with_blocks_that_slack_refuses(
    server: SlackPlayground, user: Human, socket: Socket
) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/section-block: also in an acknowledgement."""
    delivery = await user.command("/flagga")
    await socket.ack(await socket.next(), {"blocks": [section("")]})
    await delivery.answer()
    assert (len(server.refused_acks), user.messages) == (1, [])


async def test_a_button_in_a_modal_tells_which_view(server: SlackPlayground, user: Human, socket: Socket) -> None:
    """A press in a view carries the view and a trigger that pushes, and no message."""
    modal = await opened(server, user, view(actions(button("Mer", "more", value="2"))))
    await user.press_in_modal("Mer")
    payload = (await socket.next())["payload"]
    assert (payload["container"], payload["view"]["id"]) == ({"type": "view", "view_id": modal.id}, modal.id)
    assert "message" not in payload
    await client(server).views_push(trigger_id=payload["trigger_id"], view=view(section("mer")))
    assert user.modal is not modal


@pytest.mark.parametrize(("notify", "told"), [(True, True), (False, False)])
async def test_closing_is_told_when_asked_for(
    server: SlackPlayground, user: Human, socket: Socket, notify: bool, told: bool
) -> None:
    """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload: view_closed."""
    await opened(server, user, view(section(), notify_on_close=notify))
    delivery = await user.close_modal()
    assert (delivery is not None, user.modal) == (told, None)
    if delivery is not None:
        assert (await socket.next())["payload"]["type"] == "view_closed"


async def test_a_submission_that_is_not_answered_leaves_the_modal(
    server: SlackPlayground, user: Human, socket: Socket
) -> None:
    """https://docs.slack.dev/surfaces/modals: without an answer in 3 seconds the person sees an error."""
    server.ack_within = 0.01
    modal = await opened(server, user, view(section()))
    delivery = await user.submit()
    await server.wait_for(lambda: server.timeouts == [delivery], what="the error")
    assert user.modal is modal
