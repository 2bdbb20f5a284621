"""How a message looks in Telegram."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.handlers.telegram_text import Rendered, clean, render
from bot.messages import Button, Fields, Message, Paragraph, Part, Phone, Quote, Title, units

UNIT = Phone("+46846500410")
NASTY = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=[])),
    st.sampled_from(["@channel <b>fet</b> *stjärna* [a](tg://user?id=1) &amp;", "👩‍👩‍👧", "\ud83d", "\udc4d hej"]),
)
LINES = st.lists(st.one_of(NASTY, st.just(UNIT)), max_size=3).map(tuple)
PARTS = st.one_of(
    LINES.map(Title),
    LINES.map(Paragraph),
    NASTY.map(Quote),
    st.lists(st.tuples(NASTY, LINES), max_size=3).map(lambda rows: Fields(tuple(rows))),
)


def covered(rendered: Rendered, entity: MessageEntity) -> str:
    """The text that an entity covers, counted as Telegram counts."""
    data = rendered.text.encode("utf-16-le")
    return data[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")


def marked(rendered: Rendered) -> list[tuple[str, str]]:
    return [(entity.type, covered(rendered, entity)) for entity in rendered.entities]


def test_a_message_reads_well_on_a_phone() -> None:
    """The title and the quote stand by themselves, and the rest follows line by line."""
    message = Message(
        (
            Title(("AKUT 🚨 Skolgatan avspärrad",)),
            Paragraph(("Gå inte dit.",)),
            Fields((("Var", ("Skolgatan 4",)), ("När", ("i dag kl. 18.30",)))),
            Quote("Det luktar rök."),
            Paragraph(("Vi hör av oss före 19.00.",)),
        )
    )
    rendered = render(message)
    assert rendered.text == (
        "AKUT 🚨 Skolgatan avspärrad\n\nGå inte dit.\nVar: Skolgatan 4\nNär: i dag kl. 18.30\n\n"
        "Det luktar rök.\n\nVi hör av oss före 19.00."
    )
    assert marked(rendered) == [
        ("bold", "AKUT 🚨 Skolgatan avspärrad"),
        ("bold", "Var"),
        ("bold", "När"),
        ("blockquote", "Det luktar rök."),
    ]
    assert rendered.markup is None


def test_a_title_alone_has_nothing_below_it() -> None:
    """No empty line is left at the end."""
    assert render(Message((Title(("Tack.",)),))).text == "Tack."


def test_a_number_is_written_so_that_it_can_be_pressed() -> None:
    """Telegram's apps want the country's code; a short number stays as people know it."""
    message = Message((Paragraph(("Ring ", Phone("112"), " eller ", UNIT, ".")),))
    assert render(message).text == f"Ring 112 eller {UNIT.international}."
    assert UNIT.international.startswith("+46 ")


def test_a_button_that_opens_a_form_is_left_out_with_its_row() -> None:
    """Telegram has no windows."""
    rows = ((Button("Läst", "t1"), Button("Fyll i", "t2", form=True)), (Button("Fyll i", "t3", form=True),))
    markup = render(Message((Title(("Hej",)),), rows)).markup
    assert markup is not None
    assert [[(b.text, b.callback_data) for b in row] for row in markup.inline_keyboard] == [[("Läst", "t1")]]
    assert render(Message((Title(("Hej",)),), rows[1:])).markup is None


def test_a_token_that_telegram_cannot_carry_is_our_mistake() -> None:
    """64 bytes go through, 65 do not."""
    render(Message((Title(("Hej",)),), ((Button("Ja", "å" * 32),),)))
    with pytest.raises(AssertionError, match="token"):
        render(Message((Title(("Hej",)),), ((Button("Ja", "å" * 32 + "x"),),)))


@given(st.lists(PARTS, min_size=1, max_size=5))
def test_every_entity_covers_a_whole_text_inside_the_message(parts: list[Part]) -> None:
    """Whatever is written: no entity is empty, reaches outside, splits a character or overlaps another."""
    rendered = render(Message(tuple(parts)))
    end = 0
    for entity in rendered.entities:
        assert entity.offset >= end
        assert entity.length > 0
        end = entity.offset + entity.length
        assert covered(rendered, entity)
    assert end <= units(rendered.text)


@given(NASTY)
def test_untrusted_text_is_never_interpreted(text: str) -> None:
    """A quote stands there as it was written, under one entity, whatever markup it imitates."""
    rendered = render(Message((Quote(text),)))
    assert rendered.text == clean(text)
    assert marked(rendered) == ([("blockquote", clean(text))] if text else [])


@given(NASTY)
def test_cleaning_changes_nothing_but_broken_characters(text: str) -> None:
    """Halves of characters are replaced, pairs of halves joined, and all else stays."""
    assert clean(clean(text)) == clean(text)
    clean(text).encode()
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert clean(text) == text
