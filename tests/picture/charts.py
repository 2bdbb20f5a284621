"""Charts of every shape."""

from __future__ import annotations

from bot.picture.chart import Chart

KINDS = (
    "Hot", "Hatbrott", "Trakasserier", "Skadegörelse på partilokal", "Klotter", "Hot mot familj eller anhörig",
    "Oönskade besök i hemmet", "Störning av möte", "Drev på nätet", "Spridda personuppgifter", "Försändelse",
    "Förföljelse", "Påverkan och desinformation", "Annat",
)  # fmt: skip
WEEKS = tuple(f"v. {week}" for week in range(36, 48))
MONTHS = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november")
LINES = (
    "3 möten väntar: fullmäktige 30 november har hög risk.",
    "Svar i tid: 41 av 44. Det som tog längst tid väntade 26 minuter på att någon skulle ta det.",
    "Partier med kontakt: 7 av 8. Kottepartiet saknar ersättare.",
)
LONG = "Otillåtenpåverkansförsök mot förtroendevaldas familjemedlemmar och närstående i hemmet eller på arbetet"


def table(columns: tuple[str, ...], names: tuple[str, ...], most: int = 11, few: str = "") -> Chart:
    """Figures that differ from cell to cell, from none at all to the most; with `few` some are too few to show."""
    rows = []
    for row, name in enumerate(names):
        cells = [max(0, (row * 7 + column * 5) % 15 - 3) * most // 11 for column in range(len(columns))]
        rows.append((name, tuple(None if few and cell % 4 == 1 else cell for cell in cells)))
    totals = tuple(sum(cells[column] or 0 for _, cells in rows) for column in range(len(columns)))
    return Chart("Läget vecka 36–47", columns, tuple(rows), "Hot 3.", "Alla händelser", totals, few, LINES)


SHAPES = {
    "whole": table(WEEKS, KINDS),
    "one row": table(WEEKS, KINDS[:1]),
    "one column": table(("november",), KINDS),
    "one cell": table(("v. 47",), KINDS[:1]),
    "few": table(("okt", "nov", "dec", "jan"), KINDS, few="<5"),
    "few in words": table(WEEKS, KINDS, few="färre än 5"),
    "months": table(MONTHS, KINDS),
    "dates": table(tuple(f"2026-{month:02}" for month in range(1, 13)), KINDS),
    "long names": table(WEEKS, (LONG, LONG.upper())),
    "hundreds": table(WEEKS, KINDS, most=900),
    "ten thousands": table(WEEKS, KINDS, most=29_000),
    "nothing": table(WEEKS, KINDS[:4], most=0),
    "no totals": Chart("Läget", WEEKS[:3], (("Hot", (0, 1, 2)),), "Hot."),
    "empty": Chart("Läget vecka 47", WEEKS, (), "Inget.", lines=LINES[:1]),
    "bare": Chart("Läget", (), (), ""),
}
