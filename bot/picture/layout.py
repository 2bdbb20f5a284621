"""Where everything in a picture stands. Pure: how wide a text is, it asks. All in pixels, from the top left.

The picture is as wide as a phone held upright shows sharply, and as high as it needs to be. Every cell has its figure:
the colour only helps the eye to where the many are, and nothing is told by it alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, sqrt
from typing import Literal

from bot.picture.chart import Chart
from bot.picture.wrapping import Measure, broken, clean, fitting, shrunk, wrapped

WIDTH, EDGE = 1080, 44
INNER = WIDTH - 2 * EDGE
TITLE, NAME, FIGURE, HEAD, SAID = 52, 34, 34, 30, 36
LEAST = 24  # of a column's name; narrower ones are turned
SMALLEST = 18  # of what stands where there are too few to show
LEADING = 1.24
GAP = 4  # between cells
LEAST_CELL, MOST_CELL, CELL_HIGH = 52, 150, 62
LEAST_NAMES, MOST_NAMES = 260, 430  # the column of names, where it stands beside the cells
PAD = 5  # on either side of a figure
CAPITAL = 0.36  # half of a capital's height, which is a figure's too, in parts of the size
HIGHEST = 6000

PAPER, INK, SOFT, RULE = "#FBFAF6", "#1C2623", "#4C5751", "#C6C3B4"
HIDDEN = "#E3E1D6"  # too few to show
ON_DARK = "#FFFFFF"
CALM = 10  # so many of a kind at least are the most there is: a lone figure is no blaze
HEAT = (("#DCEBE4", INK), ("#B5D6C8", INK), ("#86BCA7", INK), ("#2B7860", ON_DARK), ("#14523F", ON_DARK))


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    wide: float
    high: float
    colour: str


@dataclass(frozen=True)
class Text:
    """One line of text; `y` is its baseline, `on` the colour that it stands on. `turned` reads upwards."""

    x: float
    y: float
    words: str
    size: float
    colour: str = INK
    on: str = PAPER
    bold: bool = False
    anchor: Literal["left", "center"] = "left"
    turned: bool = False


@dataclass
class Plan:
    """All of it; `high` grows as things are put below each other."""

    high: float = EDGE
    boxes: list[Box] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def write(self, lines: list[str], size: float, *, x: float = EDGE, bold: bool = False) -> None:
        """Put lines below what is there."""
        for words in lines:
            self.texts.append(Text(x, self.high + _baseline(size * LEADING, size), words, size, bold=bold))
            self.high += size * LEADING


def planned(chart: Chart, measure: Measure) -> Plan:
    """The whole picture. Raises ValueError when there is too much for one."""
    plan = Plan()
    plan.write(list(wrapped(chart.title, TITLE, INNER, measure, bold=True)), TITLE, bold=True)
    if chart.rows and chart.columns:
        plan.high += 24
        _Table(plan, chart, measure).draw()
    if said := [line for line in chart.lines if line.strip()]:
        plan.high += 22
        plan.boxes.append(Box(EDGE, plan.high, INNER, 2, RULE))
        plan.high += 6
    for line in said:
        plan.high += 16
        plan.write(list(wrapped(line, SAID, INNER, measure)), SAID)
    plan.high = ceil(plan.high + EDGE)
    if plan.high > HIGHEST:
        raise ValueError("too much for one picture")
    return plan


class _Table:
    """The names beside the cells, or above them where the cells need the whole width."""

    def __init__(self, plan: Plan, chart: Chart, measure: Measure) -> None:
        self.plan, self.chart, self.measure = plan, chart, measure
        self.most = max([CALM, *(cell for _, cells in chart.rows for cell in cells if cell is not None)])
        self.cell, self.names = self._columns()
        self.beside = self.names < INNER
        self.left = EDGE + (self.names if self.beside else 0)
        counts = [str(cell) for _, cells in chart.rows for cell in cells if cell is not None]
        sums = [str(cell) for cell in chart.totals if cell is not None]
        self.size = min([FIGURE, *(shrunk(words, FIGURE, self.cell - 2 * PAD, measure) for words in counts)])
        self.sum_size = min([FIGURE, *(shrunk(words, FIGURE, self.cell - PAD, measure) for words in sums)])
        self.few, self.few_size = self._few()

    def _columns(self) -> tuple[float, float]:
        """How wide a cell is, and how wide the names are: as wide as the picture when they stand above."""
        chart, number = self.chart, len(self.chart.columns)
        counts = {cell for cells in (*(cells for _, cells in chart.rows), chart.totals) for cell in cells}
        shown = [str(cell) if cell is not None else max(clean(chart.few).split(" "), key=len) for cell in counts]
        least = max([LEAST_CELL, *(self.measure(words, FIGURE, True) + 2 * PAD for words in shown)])
        heads = max(self.measure(clean(name), HEAD, False) + 2 * PAD for name in chart.columns)
        most = max(MOST_CELL, min(heads, 2 * MOST_CELL))
        names = [*(name for name, _ in chart.rows), chart.sum_name]
        wanted = min(max(LEAST_NAMES, *(self.measure(clean(name), NAME, True) + 16 for name in names)), MOST_NAMES)
        cell = min(most, max(least, (INNER - wanted) / number))
        if (left := INNER - number * cell) >= LEAST_NAMES:
            return cell, left
        return min(most, INNER / number), INNER

    def _few(self) -> tuple[list[str], float]:
        """What stands where there are too few to show: in lines, when it is more than a sign."""
        room, words = self.cell - 2 * PAD, clean(self.chart.few)
        for size in range(FIGURE, SMALLEST, -2):
            lines = list(wrapped(words, size, room, self.measure))
            if len(lines) * size * 1.1 <= CELL_HIGH and " ".join(lines) == words:
                return lines, size
        return [words], shrunk(words, SMALLEST, room, self.measure)

    def draw(self) -> None:
        """The columns' names, the rows, and what they come to."""
        self._heads()
        for number, (name, cells) in enumerate(self.chart.rows):
            if number:
                self._rule(1, RULE)
            self._row(name, cells)
        if self.chart.totals:
            self._rule(3, INK)
            self._row(self.chart.sum_name, self.chart.totals, total=True)

    def _rule(self, high: int, colour: str) -> None:
        self.plan.boxes.append(Box(EDGE, self.plan.high + 1, INNER, high, colour))
        self.plan.high += high + 2

    def _heads(self) -> None:
        """Whole, else in several lines, else smaller, else turned."""
        room = self.cell - GAP
        for size in (HEAD, LEAST):
            heads = [broken(name, size, room, self.measure) for name in self.chart.columns]
            if all(self.measure(words, size, False) <= room for head in heads for words in head):
                self._upright(heads, size)
                return
        self._turned()

    def _upright(self, heads: list[list[str]], size: float) -> None:
        leading = size * 1.15
        self.plan.high += leading * max(map(len, heads)) + 10
        for column, head in enumerate(heads):
            for number, words in enumerate(reversed(head)):
                y = self.plan.high - 18 - number * leading
                self.plan.texts.append(Text(self._middle(column), y, words, size, SOFT, anchor="center"))

    def _turned(self) -> None:
        names = [fitting(name, HEAD, 420, self.measure) for name in self.chart.columns]
        self.plan.high += max(self.measure(name, HEAD, False) for name in names) + 14
        for column, name in enumerate(names):
            x = self._middle(column) + HEAD * CAPITAL
            self.plan.texts.append(Text(x, self.plan.high - 12, name, HEAD, SOFT, turned=True))

    def _row(self, name: str, cells: tuple[int | None, ...], *, total: bool = False) -> None:
        lines = list(wrapped(name, NAME, self.names - 16, self.measure, bold=total))
        said = len(lines) * NAME * 1.12
        high = max(CELL_HIGH, said + 12) if self.beside else CELL_HIGH
        middle = self.plan.high + (high if self.beside else said + 14) / 2
        for number, words in enumerate(lines):
            y = middle + (number - (len(lines) - 1) / 2) * NAME * 1.12 + NAME * CAPITAL
            self.plan.texts.append(Text(EDGE, y, words, NAME, bold=total))
        self.plan.high += 0 if self.beside else said + 10
        for column, cell in enumerate(cells):
            self._figure(column, cell, high, total=total)
        self.plan.high += high

    def _figure(self, column: int, cell: int | None, high: float, *, total: bool) -> None:
        ground, ink = self._colours(cell, total=total)
        if ground != PAPER:
            x = self.left + column * self.cell + GAP / 2
            self.plan.boxes.append(Box(x, self.plan.high + GAP / 2, self.cell - GAP, high - GAP, ground))
        lines, size = [str(cell)], self.sum_size if total else self.size
        if cell is None:
            lines, size = self.few, self.few_size
        bold = cell is not None and (total or cell > 0)
        for number, words in enumerate(lines):
            y = self.plan.high + high / 2 + (number - (len(lines) - 1) / 2) * size * 1.1 + size * CAPITAL
            self.plan.texts.append(Text(self._middle(column), y, words, size, ink, ground, bold, "center"))

    def _colours(self, cell: int | None, *, total: bool) -> tuple[str, str]:
        """The cell's own and its figure's. By the square root: one large figure must not make all others look alike."""
        if cell is None:
            return (PAPER if total else HIDDEN), INK
        if total or not cell:
            return PAPER, INK if total else SOFT
        return HEAT[ceil(sqrt(cell / self.most) * len(HEAT)) - 1]

    def _middle(self, column: int) -> float:
        return self.left + (column + 0.5) * self.cell


def _baseline(high: float, size: float) -> float:
    """How far below a line's top its letters stand."""
    return (high - size) / 2 + size * 0.79
