"""Do the catalogues say the same in both languages? `python -m tests.check_catalogues` prints what does not."""

from __future__ import annotations

import sys
from collections import Counter
from string import Formatter

from bot.catalogue import LANGUAGES, Catalogue

# Names, numbers and bare patterns: the only texts that are alike in both languages.
ALIKE = {
    "advice.head",
    "advice.version",
    "alert_level.information",
    "approve.phone",
    "board.unreached_one",
    "demo.clock.1",
    "demo.clock.5",
    "entry.detail",
    "help.one",
    "numbers.112",
    "numbers.11414",
    "platform.slack",
    "platform.telegram",
    "role.for_party",
    "run.head",
    "support.entry",
    "use.missed_one",
    "short.alert_text",
    "short.called_112",
    "short.person",
}


def places(text: str) -> Counter[str]:
    """The `{places}` of a text. Raises ValueError for a brace without its fellow."""
    return Counter(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def problems(catalogue: Catalogue) -> list[str]:
    """What is wrong, a line for each."""
    first, *others = LANGUAGES
    found = []
    for other in others:
        here, there = catalogue.texts(first), catalogue.texts(other)
        found += [f"{key}: there is no text in {other}" for key in here if key not in there]
        found += [f"{key}: there is no text in {first}" for key in there if key not in here]
        for key in (key for key in here if key in there):
            found += _different(key, here[key], there[key], first, other)
    return found


def _different(key: str, here: str, there: str, first: str, other: str) -> list[str]:
    if not here or not there:
        return [f"{key}: the text is empty"]
    try:
        ours, theirs = places(here), places(there)
    except ValueError as error:
        return [f"{key}: {error}"]
    found = []
    if set(ours) != set(theirs):
        found.append(f"{key}: {first} has the places {sorted(ours)}, {other} has {sorted(theirs)}")
    if (here == there) != (key in ALIKE):
        what = "the same in" if here == there else "listed as alike, but differs between"
        found.append(f"{key}: {what} {first} and {other}")
    return found


def main() -> int:
    """Print every problem; 1 when there is any."""
    found = problems(Catalogue())
    print("\n".join(found) or "the catalogues match")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
