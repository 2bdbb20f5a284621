"""A picture as the rows of the outbox hold it, and the same in words, for where none passes or none is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.catalogue import Voice
from bot.messages import Message, Paragraph, Words, split, to_json
from bot.picture import chart as charts
from bot.picture.chart import Chart

CAPTION = 900  # units of the words below a picture: Telegram's 1024, with room for "upprepat"


def rows(message: Message, chart: Chart, *, unit: bool) -> list[dict[str, Any]]:
    """What the rows hold: the picture with a caption, then what of the message is more than that.

    With `unit` it is for the unit alone.
    """
    assert not message.buttons, "no buttons hang on a picture"
    first, *rest = split(message, CAPTION)
    body = to_json(first) | {"chart": charts.to_json(chart), "unit": unit}
    return [{"act": "file", "body": body}, *({"body": to_json(piece)} for piece in rest)]


def chart_in(body: dict[str, Any] | None) -> Chart | None:
    """The chart that a row holds, if any."""
    return charts.from_json(body["chart"]) if body is not None and "chart" in body else None


def for_unit(body: dict[str, Any]) -> bool:
    """Whether it is for the unit alone."""
    return bool(body.get("unit"))


def in_words(message: Message, chart: Chart) -> Message:
    """The same without the picture: what it shows stands below."""
    said = Words if isinstance(chart.words, Words) else str
    lines = [line.strip() for line in chart.words.splitlines()]
    return replace(message, parts=(*message.parts, *(Paragraph((said(line),)) for line in lines if line)))


def name_of(voice: Voice) -> str:
    """What the file is called: nothing of what it shows."""
    return voice.word("picture.file_name")
