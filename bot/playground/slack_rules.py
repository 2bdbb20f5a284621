"""What Slack refuses in blocks and views, from the reference at docs.slack.dev/reference/block-kit.

Every finding ends with a JSON pointer, as Slack's own do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.playground.slack_text import Json

MOST_MESSAGE_BLOCKS = 50
MOST_VIEW_BLOCKS = 100
MOST_BLOCK_TEXT = 13_200  # measured by github.com/slackapi/bolt-js/issues/2509, not documented
EITHER = ("plain_text", "mrkdwn")
PLAIN = ("plain_text",)
TEXT_FIELDS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
STYLES = ("primary", "danger")


class Findings:
    """What is wrong with one message or view; `size` is how much text its blocks hold."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.size = 0

    def add(self, where: str, what: str) -> None:
        """Note one fault at a JSON pointer."""
        self.messages.append(f"{what} [json-pointer:{where}]")

    def string(self, holder: Json, key: str, where: str, most: int, *, required: bool = False) -> None:
        """Check the length of a plain string."""
        value = holder.get(key)
        if value is None:
            if required:
                self.add(where, f"missing required field: {key}")
        elif not isinstance(value, str):
            self.add(f"{where}/{key}", "must be a string")
        elif len(value) > most:
            self.add(f"{where}/{key}", f"must be less than {most + 1} characters")
        elif required and not value:
            self.add(f"{where}/{key}", "must be more than 0 characters")

    def text(
        self,
        holder: Json,
        key: str,
        where: str,
        most: int,
        *,
        kinds: tuple[str, ...] = EITHER,
        required: bool = True,
    ) -> None:
        """Check a text object that is a field of `holder`."""
        if holder.get(key) is None:
            if required:
                self.add(where, f"missing required field: {key}")
            return
        self.text_object(holder[key], f"{where}/{key}", most, kinds)

    def text_object(self, value: object, where: str, most: int, kinds: tuple[str, ...] = EITHER) -> None:
        """Check one text object."""
        if not isinstance(value, dict):
            self.add(where, "must provide an object")
        elif value.get("type") not in kinds:
            self.add(f"{where}/type", f"must be one of: {', '.join(kinds)}")
        else:
            for extra in value.keys() - TEXT_FIELDS[value["type"]]:
                self.add(where, f"invalid additional property: {extra}")
            self.string(value, "text", where, most, required=True)
            self.size += len(value["text"]) if isinstance(value.get("text"), str) else 0

    def items(self, holder: Json, key: str, where: str, most: int, least: int = 1) -> list[tuple[str, Json]]:
        """The objects of a list with their pointers, after its length and their type were checked."""
        value = holder.get(key)
        if not isinstance(value, list):
            self.add(where, f"missing required field: {key}")
            return []
        if len(value) > most:
            self.add(f"{where}/{key}", f"no more than {most} items allowed")
        if len(value) < least:
            self.add(f"{where}/{key}", f"must provide at least {least} items")
        placed = [(f"{where}/{key}/{index}", item) for index, item in enumerate(value)]
        for pointer, item in placed:
            if not isinstance(item, dict):
                self.add(pointer, "must provide an object")
        return [(pointer, item) for pointer, item in placed if isinstance(item, dict)]

    def unique(self, placed: list[tuple[str, Json]], key: str) -> None:
        """Check that no two items share an identifier."""
        seen: set[str] = set()
        for pointer, item in placed:
            value = item.get(key)
            if isinstance(value, str) and value in seen:
                self.add(f"{pointer}/{key}", f"{key} already exists: {value}")
            elif isinstance(value, str):
                seen.add(value)


def check_message(blocks: list[Any]) -> Findings:
    """What Slack holds against the blocks of a message."""
    found = Findings()
    _blocks(found, {"blocks": blocks}, "", MOST_MESSAGE_BLOCKS, MESSAGE_BLOCKS)
    return found


def check_view(view: object) -> Findings:
    """What Slack holds against a modal view."""
    found = Findings()
    if not isinstance(view, dict):
        found.add("/view", "must provide an object")
        return found
    if view.get("type") != "modal":
        found.add("/view/type", "must be one of: modal")
    found.text(view, "title", "/view", 24, kinds=PLAIN)
    found.text(view, "submit", "/view", 24, kinds=PLAIN, required=False)
    found.text(view, "close", "/view", 24, kinds=PLAIN, required=False)
    found.string(view, "private_metadata", "/view", 3000)
    found.string(view, "callback_id", "/view", 255)
    found.string(view, "external_id", "/view", 255)
    placed = _blocks(found, view, "/view", MOST_VIEW_BLOCKS, VIEW_BLOCKS)
    if view.get("submit") is None and any(block.get("type") == "input" for _, block in placed):
        found.add("/view", "missing required field: submit")
    return found


def _blocks(found: Findings, holder: Json, where: str, most: int, allowed: Blocks) -> list[tuple[str, Json]]:
    placed = found.items(holder, "blocks", where, most, least=0)
    for pointer, block in placed:
        found.string(block, "block_id", pointer, 255)
        kind = block.get("type")
        check = allowed.get(kind) if isinstance(kind, str) else None
        if check is None:
            found.add(f"{pointer}/type", f"unsupported type: {kind}")
        else:
            check(found, block, pointer)
    found.unique(placed, "block_id")
    return placed


def _section(found: Findings, block: Json, where: str) -> None:
    found.text(block, "text", where, 3000, required="fields" not in block)
    if "fields" in block:
        for pointer, item in found.items(block, "fields", where, 10):
            found.text_object(item, pointer, 2000)
    if block.get("accessory") is not None:
        _element(found, block["accessory"], f"{where}/accessory", SECTION_ELEMENTS)


def _header(found: Findings, block: Json, where: str) -> None:
    found.text(block, "text", where, 150, kinds=PLAIN)


def _divider(found: Findings, block: Json, where: str) -> None:
    """A divider holds nothing that could be wrong."""


def _context(found: Findings, block: Json, where: str) -> None:
    for pointer, part in found.items(block, "elements", where, 10):
        if part.get("type") == "image":
            _image_element(found, part, pointer)
        else:
            found.text_object(part, pointer, 3000)


def _actions(found: Findings, block: Json, where: str) -> None:
    placed = found.items(block, "elements", where, 25)
    for pointer, part in placed:
        _element(found, part, pointer, ACTION_ELEMENTS)
    found.unique(placed, "action_id")


def _input(found: Findings, block: Json, where: str) -> None:
    found.text(block, "label", where, 2000, kinds=PLAIN)
    found.text(block, "hint", where, 2000, kinds=PLAIN, required=False)
    if block.get("element") is None:
        found.add(where, "missing required field: element")
    else:
        _element(found, block["element"], f"{where}/element", INPUT_ELEMENTS)


def _image(found: Findings, block: Json, where: str) -> None:
    _image_element(found, block, where)
    found.text(block, "title", where, 2000, kinds=PLAIN, required=False)


def _image_element(found: Findings, part: Json, where: str) -> None:
    if "slack_file" not in part:
        found.string(part, "image_url", where, 3000, required=True)
    found.string(part, "alt_text", where, 2000, required=True)


def _rich_text(found: Findings, block: Json, where: str) -> None:
    for pointer, part in found.items(block, "elements", where, 100):
        if part.get("type") not in RICH_PARTS:
            found.add(f"{pointer}/type", f"unsupported type: {part.get('type')}")
        _rich_part(found, part, pointer, depth=0)


def _rich_part(found: Findings, part: Json, where: str, depth: int) -> None:
    if depth > 3:
        found.add(where, "too deep")
        return
    for pointer, inner in found.items(part, "elements", where, 10_000, least=0):
        if "elements" in inner:
            _rich_part(found, inner, pointer, depth + 1)


def _markdown(found: Findings, block: Json, where: str) -> None:
    found.string(block, "text", where, 12_000, required=True)
    found.size += len(block["text"]) if isinstance(block.get("text"), str) else 0


def _element(found: Findings, part: object, where: str, allowed: tuple[str, ...]) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(part, dict) or kind not in allowed:
        found.add(f"{where}/type", f"unsupported type: {kind}")
        return
    found.string(part, "action_id", where, 255)
    if isinstance(part.get("confirm"), dict):
        _confirm(found, part["confirm"], f"{where}/confirm")
    ELEMENTS[kind](found, part, where)


def _confirm(found: Findings, part: Json, where: str) -> None:
    found.text(part, "title", where, 100, kinds=PLAIN)
    found.text(part, "text", where, 300)
    found.text(part, "confirm", where, 30, kinds=PLAIN)
    found.text(part, "deny", where, 30, kinds=PLAIN)


def _button(found: Findings, part: Json, where: str) -> None:
    found.text(part, "text", where, 75, kinds=PLAIN)
    found.string(part, "value", where, 2000)
    found.string(part, "url", where, 3000)
    found.string(part, "accessibility_label", where, 75)
    if part.get("style") is not None and part["style"] not in STYLES:
        found.add(f"{where}/style", "must be one of: primary, danger")


def _menu(found: Findings, part: Json, where: str) -> None:
    found.text(part, "placeholder", where, 150, kinds=PLAIN, required=False)
    if "option_groups" not in part:
        _options(found, part, where, 100, PLAIN)
        return
    for pointer, group in found.items(part, "option_groups", where, 100):
        found.text(group, "label", pointer, 75, kinds=PLAIN)
        _options(found, group, pointer, 100, PLAIN)


def _choice(found: Findings, part: Json, where: str) -> None:
    _options(found, part, where, 10, EITHER)


def _overflow(found: Findings, part: Json, where: str) -> None:
    _options(found, part, where, 5, PLAIN)


def _options(found: Findings, part: Json, where: str, most: int, kinds: tuple[str, ...]) -> None:
    for pointer, option in found.items(part, "options", where, most):
        found.text(option, "text", pointer, 75, kinds=kinds)
        found.string(option, "value", pointer, 150, required=True)
        found.text(option, "description", pointer, 75, kinds=kinds, required=False)


def _field(found: Findings, part: Json, where: str) -> None:
    found.text(part, "placeholder", where, 150, kinds=PLAIN, required=False)
    found.string(part, "initial_value", where, 3000)
    for key, least in (("min_length", 0), ("max_length", 1)):
        value = part.get(key)
        if value is not None and not (isinstance(value, int) and least <= value <= 3000):
            found.add(f"{where}/{key}", f"must be between {least} and 3000")


Check = Callable[[Findings, Json, str], None]
Blocks = dict[str, Check]

RICH_PARTS = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")
PICKERS = ("users_select", "conversations_select", "channels_select", "datepicker", "timepicker")
MENUS = ("static_select", "multi_static_select", "radio_buttons", "checkboxes", *PICKERS)
SECTION_ELEMENTS = ("button", "image", "overflow", *MENUS)
ACTION_ELEMENTS = ("button", "overflow", "datetimepicker", *MENUS)
FIELDS = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input")
INPUT_ELEMENTS = ("datetimepicker", *FIELDS, *MENUS)

ELEMENTS: Blocks = {
    **dict.fromkeys((*PICKERS, "datetimepicker", *FIELDS), _field),
    "button": _button,
    "image": _image_element,
    "overflow": _overflow,
    "static_select": _menu,
    "multi_static_select": _menu,
    "radio_buttons": _choice,
    "checkboxes": _choice,
}
VIEW_BLOCKS: Blocks = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "rich_text": _rich_text,
}
MESSAGE_BLOCKS: Blocks = {**VIEW_BLOCKS, "markdown": _markdown}
