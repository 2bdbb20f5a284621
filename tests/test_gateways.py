"""What an SMS can hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateways import GSM, gsm, words_of
from bot.messages import Message, Paragraph, Phone, Title


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Åsa på Öland äter 3 € ö", "Åsa på Öland äter 3 ? ö"),
        ("Dálvvadis – ”Jokkmokk” · it’s", 'Dalvvadis - "Jokkmokk" - it\'s'),
        ("08-465\xa0004 10…", "08-465 004 10..."),
        ("🚨 eld", "? eld"),
    ],
)
def test_a_character_that_would_make_it_dearer_becomes_the_nearest_one(text: str, sent: str) -> None:
    assert gsm(text) == sent


@given(st.text())
def test_any_text_can_be_sent_and_what_can_be_sent_stays(text: str) -> None:
    sent = gsm(text)
    assert set(sent) <= GSM and gsm(sent) == sent and len(sent) >= len(text)


def test_a_message_is_a_line_for_each_part_with_numbers_as_people_write_them() -> None:
    message = Message((Title(("Ärende 1",)), Paragraph(("Ring ", Phone("+46846500410"), "."))))
    assert words_of(message) == "Ärende 1\nRing 08-465 004 10."
