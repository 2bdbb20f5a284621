"""What a button carries comes back as it was sent, and what others make up is refused."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.tokens import HIGHEST, Act, BadToken, Reply, read, with_row

LIMIT = 64  # bytes, Telegram's for callback data
ids = st.integers(0, 999_999_999)
actions = st.from_regex(r"[a-z_]{1,16}", fullmatch=True)
acts = st.builds(Act, actions, ids, st.from_regex(r"[a-zA-Z0-9_-]{0,16}", fullmatch=True))
keys = st.from_regex(r"[a-z0-9_]{1,15}", fullmatch=True)
options = st.from_regex(r"[a-zA-Z0-9_+:.-]{0,18}", fullmatch=True)
replies = st.builds(Reply, ids, st.integers(0, 999), keys, options)
tokens = acts | replies


@given(tokens)
def test_a_token_is_read_as_what_was_written(token: Act | Reply) -> None:
    assert read(str(token)) == (token, 0)


@given(tokens, st.integers(1, HIGHEST))
def test_the_row_that_carried_it_comes_with_it(token: Act | Reply, row: int) -> None:
    assert read(with_row(str(token), row)) == (token, row)


@given(tokens, st.integers(1, 999_999_999))
def test_a_token_with_a_row_of_nine_digits_is_within_the_platforms_limit(token: Act | Reply, row: int) -> None:
    assert len(with_row(str(token), row).encode()) <= LIMIT


@given(st.text())
@example("")
@example("a.take.7\n")
@example("a.take.٧")
@example("a.take.7~")
@example("c.1.2.Key.yes")
@example("a.take.99999999999")
@example("c.1.2.key.yes~1~2")
@example("c.1.2.key.å")
@example("\ud800")
def test_whatever_else_is_pressed_is_refused_and_never_an_error_of_ours(text: str) -> None:
    with pytest.raises(BadToken):
        read(text)


@given(tokens, st.text(min_size=1, max_size=3), st.integers(0, 80))
def test_a_token_that_was_tampered_with_is_refused_or_a_whole_other_token(
    token: Act | Reply, put: str, at: int
) -> None:
    text = str(token)
    forged = text[:at] + put + text[at:]
    try:
        read_as, row = read(forged)
    except BadToken:
        return
    assert (with_row(str(read_as), row) if row else str(read_as)) == canonical(forged)


def canonical(text: str) -> str:
    """The same with numbers as we write them: without zeros in front, and no row 0."""
    body, _, row = text.partition("~")
    parts = body.split(".", 4 if body.startswith("c") else 3)
    numbers = (1, 2) if parts[0] == "c" else (2,)
    parts = [str(int(part)) if place in numbers else part for place, part in enumerate(parts)]
    return ".".join(parts) + (f"~{int(row)}" if row and int(row) else "")
