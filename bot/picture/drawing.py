"""A chart as PNG. Only the child process imports this: what it draws with weighs more than the bot itself."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.text import Text as Written
from matplotlib.transforms import IdentityTransform

from bot.picture.chart import Chart
from bot.picture.layout import PAPER, WIDTH, Box, Text, planned

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"  # what comes with the library: the same on every machine
DPI = 72  # so that a point is a pixel


def png(chart: Chart) -> bytes:
    """The picture; the same chart gives the same bytes. Raises ValueError when there is too much for one."""
    plan = planned(chart, measured)
    figure = Figure(figsize=(WIDTH / DPI, plan.high / DPI), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    for box in plan.boxes:
        figure.add_artist(_filled(box, plan.high))
    for text in plan.texts:
        figure.add_artist(_written(text, plan.high))
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _filled(box: Box, high: float) -> Rectangle:
    corner = (box.x, high - box.y - box.high)
    return Rectangle(
        corner, box.wide, box.high, facecolor=box.colour, linewidth=0, antialiased=False, transform=IdentityTransform()
    )


def _written(text: Text, high: float) -> Written:
    return Written(
        text.x,
        high - text.y,
        text.words,
        color=text.colour,
        fontproperties=_font(text.size, text.bold),
        horizontalalignment=text.anchor,
        verticalalignment="baseline",
        rotation=90 if text.turned else 0,
        rotation_mode="anchor",
        parse_math=False,  # a dollar sign is a dollar sign
        transform=IdentityTransform(),
    )


def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(fname=FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"), size=size)


@lru_cache(maxsize=4096)
def measured(text: str, size: float, bold: bool) -> float:
    """How wide a text is drawn, in pixels."""
    wide, _, _ = _renderer().get_text_width_height_descent(text, _font(size, bold), ismath=False)
    return float(wide)


@lru_cache(maxsize=1)
def _renderer() -> Any:
    canvas: Any = FigureCanvasAgg(Figure(figsize=(1, 1), dpi=DPI))
    return canvas.get_renderer()
