"""Modals: the views methods of the Web API, and what an acknowledged submission does to the stack."""

from __future__ import annotations

import json
from typing import Any

from bot.playground.slack_methods import Method
from bot.playground.slack_model import Account, Modal, Refusal, Refused
from bot.playground.slack_rules import check_view
from bot.playground.slack_text import Json
from bot.playground.slack_workspace import Workspace, invalid

MOST_STACKED = 3
MOST_VIEW_BYTES = 250_000


def open_view(space: Workspace, params: Json) -> Json:
    """Show a modal to the person whose trigger it is."""
    view = checked(space, params.get("view"))
    account = _spend(space, params)
    drop(space, account, everything=True)
    return {"view": shown(space, place(space, account, view))}


def push_view(space: Workspace, params: Json) -> Json:
    """Show a modal on top of the one that the trigger came from."""
    view = checked(space, params.get("view"))
    account = _spend(space, params)
    if not account.stack:
        raise Refused("not_found")
    if len(account.stack) >= MOST_STACKED:
        raise Refused("push_limit_reached")
    return {"view": shown(space, place(space, account, view))}


def update_view(space: Workspace, params: Json) -> Json:
    """Change a modal that is still open."""
    view = checked(space, params.get("view"))
    modal = _open_modal(space, params)
    if params.get("hash") and params["hash"] != modal.hash:
        raise Refused("hash_conflict")
    replace(space, modal, view)
    return {"view": shown(space, modal)}


def checked(space: Workspace, view: object) -> Json:
    """A view that Slack accepts, with the ids that the app left out."""
    if view is None:
        raise invalid("missing required field: view")
    found = check_view(view)
    if found.messages:
        raise invalid(*found.messages)
    assert isinstance(view, dict)
    if len(json.dumps(view)) > MOST_VIEW_BYTES:
        raise Refused("view_too_large")
    space.identify(view["blocks"])
    return view


def place(space: Workspace, account: Account, view: Json) -> Modal:
    """Put a view on top of a person's stack."""
    view_id = space.new_id("V")
    below = account.stack[-1] if account.stack else None
    root, previous = (below.root, below.id) if below else (view_id, None)
    modal = Modal(view_id, view, new_hash(space), root, previous)
    account.stack.append(modal)
    space.modals[view_id] = (account, modal)
    space.changed()
    return modal


def replace(space: Workspace, modal: Modal, view: Json) -> None:
    """Show other content in an open modal; what was entered stays where block and action ids are the same."""
    modal.raw, modal.hash = view, new_hash(space)
    modal.errors.clear()
    kept = {block["block_id"]: block["element"]["action_id"] for block in modal.fields}
    modal.values = {block: state for block, state in modal.values.items() if kept.get(block) in state}
    space.changed()


def drop(space: Workspace, account: Account, *, everything: bool) -> None:
    """Close the top view or the whole stack."""
    for modal in account.stack if everything else account.stack[-1:]:
        space.modals.pop(modal.id, None)
    del account.stack[0 if everything else -1 :]
    space.changed()


def new_hash(space: Workspace) -> str:
    """What tells one version of a view from the next."""
    return f"{space.new_ts()}.fiktiv"


def shown(space: Workspace, modal: Modal) -> Json:
    """A view as answers and payloads carry it."""
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        **modal.raw,
        "id": modal.id,
        "team_id": space.team,
        "state": {"values": modal.values},
        "hash": modal.hash,
        "previous_view_id": modal.previous,
        "root_view_id": modal.root,
        "app_id": space.app_id,
        "bot_id": space.bot_id,
    }


def answered(space: Workspace, account: Account, modal: Modal, event_id: str, payload: Json) -> None:
    """Carry out the app's answer to a submission, or record why Slack cannot."""
    modal.errors.clear()
    try:
        _act(space, account, modal, payload)
    except Refused as refused:
        metadata: Json = refused.details.get("response_metadata", {})
        problems = tuple(metadata.get("messages") or (refused.error,))
        space.refused_acks.append(Refusal(event_id, payload, problems))
    space.changed()


def _act(space: Workspace, account: Account, modal: Modal, payload: Json) -> None:
    action = payload.get("response_action")
    if not payload:
        if modal in account.stack:
            drop(space, account, everything=False)
    elif action == "clear":
        drop(space, account, everything=True)
    elif action == "errors":
        modal.errors.update(_errors(modal, payload.get("errors")))
    elif action == "update":
        replace(space, modal, checked(space, payload.get("view")))
    elif action == "push":
        view = checked(space, payload.get("view"))
        if len(account.stack) >= MOST_STACKED:
            raise Refused("push_limit_reached")
        place(space, account, view)
    else:
        raise invalid(f"unknown response_action: {action}")


def _errors(modal: Modal, errors: Any) -> dict[str, str]:
    if not isinstance(errors, dict) or not errors:
        raise invalid("errors must be an object with at least one field")
    labels = {block["block_id"]: block["label"]["text"] for block in modal.fields}
    strangers = [key for key in errors if key not in labels]
    if strangers:
        raise invalid(*(f"errors names no input block: {key}" for key in strangers))
    if not all(isinstance(text, str) and text for text in errors.values()):
        raise invalid("each error must be a text")
    return {labels[key]: text for key, text in errors.items()}


def _spend(space: Workspace, params: Json) -> Account:
    if not params.get("trigger_id"):
        raise invalid("missing required field: trigger_id")
    return space.spend_trigger(params["trigger_id"])


def _open_modal(space: Workspace, params: Json) -> Modal:
    view_id, external = params.get("view_id"), params.get("external_id")
    if not view_id and not external:
        raise invalid("missing required field: view_id")
    if isinstance(view_id, str) and view_id in space.modals:
        return space.modals[view_id][1]
    for _, modal in space.modals.values() if external else ():
        if modal.raw.get("external_id") == external:
            return modal
    raise Refused("not_found")


VIEWS: dict[str, Method] = {"views.open": open_view, "views.push": push_view, "views.update": update_view}
