"""A message reads in Slack as it was meant, within Slack's limits, and no word in it acts as markup."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.handlers import slack_blocks
from bot.handlers.slack_blocks import blocks, fallback, view
from bot.messages import (
    LONGEST,
    Button,
    Field,
    Fields,
    Line,
    Message,
    Paragraph,
    Part,
    Phone,
    Quote,
    Sheet,
    Title,
    part_text,
    split,
)
from bot.playground.slack_rules import MOST_BLOCK_TEXT, check_message, check_view
from bot.playground.slack_text import plain

Json = dict[str, Any]

UNIT = Phone("+46846500410")
REAL = str.maketrans({"∗": "*", "ˍ": "_", "∼": "~", "ˋ": "`", "꞉": ":", "＆": "&", "‹": "<", "›": ">"})
NASTY = (
    "<!channel>",
    "<@U1>",
    "<!here|x>",
    "*fet*",
    "_k_",
    "~s~",
    "`kod`",
    "```",
    "&amp;",
    ":fire:",
    "> x",
    "🚨",
    "\n",
)

words = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(NASTY), max_size=8).map(" ".join))
spans = st.one_of(words, st.just(Phone("112")), st.just(UNIT))
lines: st.SearchStrategy[Line] = st.lists(spans, max_size=4).map(tuple)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Title, lines),
    st.builds(Paragraph, lines),
    st.builds(Quote, words),
    st.builds(Fields, st.lists(st.tuples(words, lines), max_size=4).map(tuple)),
)
buttons = st.builds(Button, st.text(min_size=1, max_size=20), st.just("t"), st.booleans(), st.booleans())
rows = st.lists(st.lists(buttons, max_size=3).map(tuple), max_size=60).map(tuple)
messages = st.builds(Message, st.lists(parts, min_size=1, max_size=70).map(tuple), rows)


def sections(found: list[Json]) -> list[str]:
    return [block["text"]["text"] for block in found if block["type"] == "section"]


def elements(found: list[Json]) -> list[Json]:
    return [element for block in found if block["type"] == "actions" for element in block["elements"]]


def squeezed(text: str) -> str:
    """A text without what layout may change: white space, and the letters that stand in for signs."""
    return re.sub(r"\s+", "", text.translate(REAL))


def test_a_title_is_bold_and_verbatim() -> None:
    (block,) = blocks(Message((Title(("Händer nu",)),)))
    assert block == {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "*Händer nu*", "verbatim": True},
    }


def test_paragraphs_that_follow_each_other_share_a_section() -> None:
    found = blocks(Message((Paragraph(("Ett.",)), Paragraph(("Två.",)))))
    assert sections(found) == ["Ett.\nTvå."]


def test_numbers_can_be_pressed_and_read_as_swedes_write_them() -> None:
    found = blocks(Message((Paragraph(("Ring ", Phone("112"), " eller ", UNIT, ".")),)))
    assert sections(found) == ["Ring <tel:112|112> eller <tel:+46846500410|08-465 004 10>."]


def test_a_number_in_a_title_can_be_pressed_too() -> None:
    assert sections(blocks(Message((Title(("Ring ", Phone("112"))),)))) == ["*Ring <tel:112|112>*"]


def test_fields_are_lines_and_not_columns() -> None:
    found = blocks(Message((Fields((("Plats", ("Skolgatan 5",)), ("Ring", (UNIT,)))),)))
    assert sections(found) == ["*Plats:* Skolgatan 5\n*Ring:* <tel:+46846500410|08-465 004 10>"]


def test_a_quote_is_rich_text_so_that_no_sign_in_it_means_anything() -> None:
    (block,) = blocks(Message((Quote("<!channel> *nu*"),)))
    assert block["elements"] == [{"type": "rich_text_quote", "elements": [{"type": "text", "text": "<!channel> *nu*"}]}]


def test_what_is_harmless_stays_as_it_was_written() -> None:
    text = "anna_berg@example.se, 5*3, kl. 18:30:15, 2 > 1"
    assert sections(blocks(Message((Paragraph((text,)),)))) == [text.replace(">", "&gt;")]


def test_signs_of_style_become_letters_that_look_the_same() -> None:
    found = blocks(Message((Paragraph(("*Bo* _Ek_ ~x~ `y` :fire:\n> så",)),)))
    assert sections(found) == ["∗Bo∗ ˍEkˍ ∼x∼ ˋyˋ ꞉fire:\n› så"]


def test_a_button_carries_its_token_and_says_whether_it_opens_a_form() -> None:
    row = (Button("Fyll i", "t1", form=True), Button("Avbryt", "t2", danger=True))
    opens, danger = elements(blocks(Message((Paragraph(("x",)),), (row,))))
    assert (opens["action_id"], opens["value"], "style" in opens) == ("form:0", "t1", False)
    assert (danger["action_id"], danger["value"], danger["style"]) == ("press:1", "t2", "danger")


def test_the_rows_of_buttons_keep_their_order() -> None:
    found = blocks(Message((Paragraph(("x",)),), ((Button("A", "a"), Button("B", "b")), (Button("C", "c"),))))
    assert [[e["value"] for e in block["elements"]] for block in found[1:]] == [["a", "b"], ["c"]]


def test_the_fallback_is_the_neutral_notice_on_one_line() -> None:
    message = Message((Paragraph(("Hemligt",)),), notice=("Ärende 7:\n", "svara & visa"))
    assert fallback(message) == "Ärende 7: svara &amp; visa"


def test_a_message_that_begins_with_a_quote_says_nothing_on_a_locked_screen() -> None:
    assert fallback(Message((Quote("Hemligt"),))) == slack_blocks.FALLBACK


def test_quotes_between_paragraphs_are_joined_when_they_would_be_too_many() -> None:
    many = tuple(part for n in range(40) for part in (Paragraph((f"Rad {n}",)), Quote(f"ord {n}")))
    found = blocks(Message(many, ((Button("Läst", "t"),),)))
    assert len(found) < 10 and not check_message(found).messages
    assert "&gt; ord 39" in sections(found)[-1] and elements(found)[0]["value"] == "t"


def test_more_rows_of_buttons_than_blocks_are_joined() -> None:
    found = blocks(Message((Paragraph(("x",)),), tuple((Button(f"K{n}", f"t{n}"),) for n in range(60))))
    assert not check_message(found).messages
    assert [element["value"] for element in elements(found)] == [f"t{n}" for n in range(60)]


def test_a_text_of_nothing_but_signs_that_must_be_escaped_is_not_too_long_for_slack() -> None:
    found = blocks(Message((Paragraph(("&" * LONGEST,)),)))
    assert check_message(found).size <= MOST_BLOCK_TEXT and not check_message(found).messages


@given(messages)
def test_any_message_is_one_that_slack_takes(message: Message) -> None:
    for one in split(message):
        found = check_message(blocks(one))
        assert not found.messages and found.size <= MOST_BLOCK_TEXT
        assert 0 < len(fallback(one)) <= 4000


@given(messages)
def test_every_word_is_shown_and_none_of_them_acts(message: Message) -> None:
    for one in split(message):
        found = [block for block in blocks(one) if block["type"] != "actions"]
        bare = squeezed(plain(found, " ")).replace(":", "").replace(">", "")
        wanted = "".join(squeezed(part_text(part)) for part in one.parts).replace(":", "").replace(">", "")
        assert bare == wanted
        marked = " ".join(sections(found))
        assert not re.search(r"<(?!tel:\+?\d+\|[\d -]+>)", marked)


@given(st.text(max_size=9000))
def test_a_paragraph_of_any_length_is_cut_nowhere(text: str) -> None:
    found = blocks(Message((Paragraph((text,)),)))
    assert all(len(section) <= 3000 for section in sections(found))
    assert squeezed("".join(sections(found))).replace("&lt;", "<").replace("&gt;", ">").replace(
        "&amp;", "&"
    ) == squeezed(text)


@given(messages)
def test_no_two_buttons_share_an_id(message: Message) -> None:
    ids = [element["action_id"] for element in elements(blocks(message))]
    assert len(set(ids)) == len(ids)


def form(*fields: Field, title: str = "Flagga") -> Sheet:
    return Sheet(title, "Skicka", "Stäng", "tok", fields)


def test_a_form_has_a_menu_for_options_and_a_line_for_text() -> None:
    kind = Field("kind", "Vad?", (("threat", "Hot"), ("theft", "Stöld")), value="theft")
    text = Field("text", "Berätta", optional=True, hint="Vad såg du?", long=True, value="Jag")
    menu, line = view(form(kind, text))["blocks"]
    assert menu["block_id"] == "kind" and menu["element"]["initial_option"]["value"] == "theft"
    assert [option["text"]["text"] for option in menu["element"]["options"]] == ["Hot", "Stöld"]
    assert line["optional"] and line["hint"]["text"] == "Vad såg du?"
    assert line["element"] == {
        "type": "plain_text_input",
        "action_id": "answer",
        "multiline": True,
        "initial_value": "Jag",
    }


def test_a_form_carries_its_token_and_the_chat_it_came_from() -> None:
    assert view(form(Field("a", "A")))["private_metadata"] == "tok"
    assert view(form(Field("a", "A")), "D1")["private_metadata"] == "tok D1"


@given(
    st.text(min_size=1, max_size=80),
    st.lists(st.text(min_size=1, max_size=100), max_size=120),
    st.text(max_size=4000),
)
def test_any_form_is_one_that_slack_takes(title: str, labels: list[str], value: str) -> None:
    options = tuple((f"v{n}", label) for n, label in enumerate(labels))
    sheet = form(Field("a", title, options, value=value), Field("b", title, value=value), title=title)
    assert not check_view(view(sheet)).messages


def test_a_window_with_a_text_is_one_that_slack_takes() -> None:
    assert not check_view(slack_blocks.note("Ett ögonblick, vi hämtar frågorna", "Stäng", "x" * 4000)).messages
