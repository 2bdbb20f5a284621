"""Draws a digest: a line and a button for each message that waited, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence

from bot.catalogue import Voice
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Quote, from_json
from bot.services import resting, views
from bot.services.work import Work
from bot.tokens import Act
from storage import held
from storage.tables import Held, Post

LISTED = 8  # lines at a time
IN_ROW = 4  # buttons beside each other


def page(work: Work, voice: Voice, rows: Sequence[Held], start: int = 0, closed: int = 0) -> Message:
    """A line for each that has not been shown, from this one on; numbers stay as they were."""
    left = {row.id for row in unsent(work, rows)}
    here = [(n, row) for n, row in enumerate(rows, 1) if row.id in left and start < n <= start + LISTED]
    flood = all(row.until - row.created_at <= resting.FLOOD for row in rows)
    title = voice.title("digest.flood" if flood else "digest.quiet", count=len(rows))
    parts: list[Part] = [title]
    if here:
        parts.append(Fields(tuple((str(n), _headline(work, row)) for n, row in here)))
    parts += [Paragraph(line) for line in _rest_lines(voice, len(left) - len(here), bool(here), closed)]
    return Message(tuple(parts), _buttons(voice, rows, here, len(left), start), notice=title.line)


def start_of(rows: Sequence[Held], row: Held) -> int:
    """Where the page begins that this one is on."""
    return rows.index(row) // LISTED * LISTED


def _rest_lines(voice: Voice, more: int, some: bool, closed: int) -> list[Line]:
    lines: list[Line] = []
    if more:
        lines.append(voice.line("digest.more", count=more))
    elif not some:
        lines.append(voice.line("digest.nothing_left"))
    if closed:
        lines.append(voice.line("digest.closed_one" if closed == 1 else "digest.closed", count=closed))
    return lines


def _headline(work: Work, row: Held) -> Line:
    """What the locked screen would have shown of it, now."""
    post = work.session.get(Post, row.post_id) if row.post_id else None
    message = views.draw(work, post) if post is not None else from_json(row.body or {})
    first = message.parts[0]
    return message.notice or (first.line if not isinstance(first, Quote | Fields) else ("…",))


def _buttons(
    voice: Voice, rows: Sequence[Held], here: Sequence[tuple[int, Held]], left: int, start: int
) -> tuple[tuple[Button, ...], ...]:
    shows = [Button(voice.word("digest.show", number=n), str(Act("held", row.id or 0))) for n, row in here]
    lines = [tuple(shows[n : n + IN_ROW]) for n in range(0, len(shows), IN_ROW)]
    first = rows[0].id or 0
    if left > len(here):
        lines.append((voice.button("digest.next", str(Act("held_next", first, str(_after(rows, start))))),))
    if left > 1:
        lines.append((voice.button("digest.show_all", str(Act("held_all", first))),))
    return tuple(lines)


def _after(rows: Sequence[Held], start: int) -> int:
    """Where the next page begins; after the last one comes the first."""
    return start + LISTED if start + LISTED < len(rows) else 0


def unsent(work: Work, rows: Sequence[Held]) -> list[Held]:
    """Those that have neither been shown nor been overtaken by a newer message."""
    gone = held.sent(work.session, rows)
    posts = (work.session.get_one(Post, row.post_id) for row in rows if row.post_id is not None)
    folded = {post.id for post in posts if post.folded}
    return [row for row in rows if row.id not in gone and row.post_id not in folded]
