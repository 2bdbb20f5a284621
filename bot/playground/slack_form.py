"""Fills in the inputs of a modal as a person does in Slack's own client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.playground.slack_model import Modal
from bot.playground.slack_text import Json, choices

Entry = str | Sequence[str]

SINGLE = ("static_select", "radio_buttons")
SEVERAL = ("multi_static_select", "checkboxes")
DATES = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
}


def fill(modal: Modal, entries: Mapping[str, Entry]) -> None:
    """Enter what is given by label and what the view starts with; AssertionError where the client objects."""
    unknown = [label for label in entries if label not in modal.inputs]
    assert not unknown, f"no input {unknown} in {modal.title!r}; there are {modal.inputs}"
    for block in modal.fields:
        label, element = block["label"]["text"], block["element"]
        earlier = modal.values.get(block["block_id"], {}).get(element["action_id"])
        state = entered(element, entries[label]) if label in entries else earlier or initial(element)
        missing = all(not value for key, value in state.items() if key != "type")
        assert not missing or block.get("optional"), f"Slack's client wants an answer to {label!r}"
        modal.values[block["block_id"]] = {element["action_id"]: state}


def entered(element: Json, entry: Entry) -> Json:
    """The state of one element after a person entered something."""
    kind = element["type"]
    if kind in SINGLE:
        return {"type": kind, "selected_option": _option(element, _one(entry))}
    if kind in SEVERAL:
        labels = [entry] if isinstance(entry, str) else entry
        return {"type": kind, "selected_options": [_option(element, label) for label in labels]}
    if kind == "datetimepicker":
        moment = datetime.fromisoformat(_one(entry))
        assert moment.tzinfo is not None, f"{entry} needs a time zone"
        return {"type": kind, "selected_date_time": int(moment.astimezone(UTC).timestamp())}
    if kind in DATES:
        return {"type": kind, DATES[kind][0]: _one(entry)}
    return {"type": kind, "value": _written(element, _one(entry))}


def initial(element: Json) -> Json:
    """The state of an element that nobody touched."""
    kind = element["type"]
    if kind in SINGLE:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in SEVERAL:
        return {"type": kind, "selected_options": element.get("initial_options") or []}
    if kind == "datetimepicker":
        return {"type": kind, "selected_date_time": element.get("initial_date_time")}
    if kind in DATES:
        key, first = DATES[kind]
        return {"type": kind, key: element.get(first)}
    return {"type": kind, "value": element.get("initial_value")}


def _one(entry: Entry) -> str:
    assert isinstance(entry, str), f"this input takes one value, not {entry}"
    return entry


def _option(element: Json, label: str) -> Json:
    options = list(choices(element))
    for option in options:
        if option["text"]["text"] == label:
            return option
    raise AssertionError(f"no option {label!r}; there are {[option['text']['text'] for option in options]}")


def _written(element: Json, text: str) -> str | None:
    least, most = element.get("min_length") or 0, element.get("max_length") or 3000
    assert not text or least <= len(text) <= most, f"Slack's client takes {least} to {most} characters"
    return text or None
