"""A message survives the outbox whole, and what is too long becomes several without losing a letter."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.messages import (
    LONGEST,
    Button,
    Fields,
    Line,
    Message,
    Paragraph,
    Part,
    Phone,
    Quote,
    Title,
    Words,
    clip,
    from_json,
    part_text,
    pieces,
    plain,
    split,
    to_json,
    units,
)
from bot.prompts import phone_number

TELEGRAM = 4096  # UTF-16 units of one message
MOST = 60  # a limit that generated texts often pass

words = st.text(st.characters(codec="utf-8"), max_size=150)
phones = st.sampled_from([Phone("112"), Phone("11414"), Phone("+46846500410"), Phone("+4712345678")])
lines: st.SearchStrategy[Line] = st.lists(words | phones, max_size=3).map(tuple)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=10)
fields = st.lists(st.tuples(names, lines), max_size=4).map(lambda rows: Fields(tuple(rows)))
parts: st.SearchStrategy[Part] = (
    st.builds(Title, lines) | st.builds(Paragraph, lines) | fields | st.builds(Quote, words)
)
buttons = st.builds(Button, words, names, form=st.booleans(), danger=st.booleans())
messages = st.builds(
    Message,
    st.lists(parts, min_size=1, max_size=6).map(tuple),
    st.lists(st.lists(buttons, max_size=2).map(tuple), max_size=3).map(tuple),
    lines,
)


def all_words(message: Message) -> str:
    """Every letter that a reader would see, without a field's name and the breaks between parts."""
    found = []
    for part in message.parts:
        if isinstance(part, Fields):
            found += [plain(line) for _, line in part.rows]
        else:
            found.append(part_text(part))
    return "".join(found)


def length(message: Message) -> int:
    """The length as it is sent: the parts with an empty line between them."""
    return units("\n\n".join(part_text(part) for part in message.parts))


@given(messages)
def test_a_message_comes_out_of_the_outbox_as_it_went_in(message: Message) -> None:
    assert from_json(json.loads(json.dumps(to_json(message)))) == message


@given(messages)
def test_a_split_message_has_lost_no_letter(message: Message) -> None:
    assert "".join(all_words(piece) for piece in split(message, MOST)) == all_words(message)


@given(messages)
def test_every_piece_of_a_split_message_fits(message: Message) -> None:
    assert all(length(piece) <= MOST for piece in split(message, MOST))


@given(messages)
def test_the_buttons_follow_the_last_piece_and_no_other(message: Message) -> None:
    *first, last = split(message, MOST)
    assert last.buttons == message.buttons
    assert not any(piece.buttons for piece in first)


@given(messages)
def test_every_piece_shows_the_same_neutral_notice_on_a_locked_screen(message: Message) -> None:
    assert {piece.notice for piece in split(message, MOST)} == {message.notice}


@given(messages.filter(lambda message: sum(units(part_text(p)) + 2 for p in message.parts) <= MOST))
def test_a_message_that_fits_is_left_as_it_is(message: Message) -> None:
    assert split(message, MOST) == [message]


@given(st.text(st.characters(codec="utf-8")), st.integers(2, 30))
def test_pieces_of_a_text_are_the_text_and_each_fits(text: str, most: int) -> None:
    found = pieces(text, most)
    assert "".join(found) == text
    assert all(units(piece) <= most for piece in found)


def test_a_long_text_is_cut_between_words() -> None:
    assert pieces("ett två tre fyra", 9) == ["ett två ", "tre fyra"]


def test_a_long_text_without_white_space_is_cut_where_it_must_be() -> None:
    assert pieces("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


def test_a_smiley_counts_as_the_two_units_that_telegram_counts() -> None:
    assert units("å") == 1 and units("😀") == 2 and units("\ud83d") == 1
    assert all(units(piece) <= 9 for piece in pieces("😀" * 20, 9))


def test_a_long_field_keeps_its_name_in_every_piece() -> None:
    message = Message((Fields((("Händelse", ("ord " * 40,)),)),))
    assert all(
        part.rows[0][0] == "Händelse" for p in split(message, MOST) for part in p.parts if isinstance(part, Fields)
    )
    assert len(split(message, MOST)) > 1


def test_the_longest_piece_leaves_room_for_what_a_repeat_adds() -> None:
    assert LONGEST + 200 < TELEGRAM


@given(words, st.integers(2, 40))
def test_a_clipped_text_is_short_enough_or_says_that_it_goes_on(text: str, most: int) -> None:
    shown = clip(text, most)
    assert shown == text or (shown.endswith(" …") and text.startswith(shown.removesuffix(" …")))
    assert units(shown) <= most


@pytest.mark.parametrize(
    ("number", "at_home", "abroad"),
    [
        ("112", "112", "112"),
        ("11414", "114 14", "114 14"),
        ("+46846500410", "08-465 004 10", "+46 8 465 004 10"),
        ("+46701740605", "070-174 06 05", "+46 70 174 06 05"),
        ("+4721234567", "+47 21 23 45 67", "+47 21 23 45 67"),
    ],
)
def test_a_number_is_written_as_its_readers_write_it(number: str, at_home: str, abroad: str) -> None:
    assert (Phone(number).national, Phone(number).international) == (at_home, abroad)


@given(st.from_regex(r"\+?[0-9 ()-]{3,20}", fullmatch=True))
@example("00000000")
@example("0001000")
def test_whatever_is_read_as_a_number_can_be_shown_and_read_again(text: str) -> None:
    number = phone_number(text)
    if number is not None:
        assert phone_number(Phone(number).international) == number
        assert phone_number(Phone(number).national) == number


@given(st.text())
def test_no_text_makes_the_reading_of_a_number_fail(text: str) -> None:
    number = phone_number(text)
    assert number is None or number.startswith("+")


def test_what_notifications_show_is_the_notice_else_the_first_line() -> None:
    title = Title(("Ring ", Phone("112"), " först"))
    assert Message((title,)).fallback == "Ring 112 först"
    assert Message((title,), notice=("Ärende 7",)).fallback == "Ärende 7"


def test_what_notifications_show_is_never_somebodys_own_words() -> None:
    assert Message((Quote("hot mot Alva"),)).fallback == ""
    assert Message((Fields((("Från", ("Alva",)),)),)).fallback == ""


def test_what_somebody_wrote_is_told_apart_also_after_the_outbox_and_a_split() -> None:
    said = Words("ord " * 2000)
    message = Message((Paragraph(("Plats: ", said)), Fields((("Plats", (said,)),)), Paragraph(("vårt",))))
    back = from_json(to_json(message))
    assert back == message
    for piece in split(back):
        for part in piece.parts:
            lines = [row[1] for row in part.rows] if isinstance(part, Fields) else [getattr(part, "line", ())]
            for line in lines:
                assert "ord" not in "".join(str(s) for s in line if not isinstance(s, Words))
