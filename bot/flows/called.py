"""Somebody called: an officer writes down the flag of a caller, in the time of the call."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import Imminence, RecordCall
from bot.prompts import Choice, Flow, Option, Pick, Text

NO_PARTY = SOMEBODY_ELSE = "0"


@dataclass(frozen=True)
class Switchboard:
    """Who may be calling: parties, and their contacts and deputies, as they were when the call began."""

    parties: tuple[tuple[int, str], ...] = ()
    contacts: tuple[tuple[int, int, str], ...] = ()  # person, party, name


def called(all_: Switchboard) -> Flow:
    """Which party, who, how near, and what was said; it is sent as it is written."""
    party = NO_PARTY
    if all_.parties:
        parties = tuple(Option(str(number), name) for number, name in all_.parties)
        party = yield from Pick("called_party", among=(*parties, Option(NO_PARTY)))
    contacts = tuple(Option(str(person), name) for person, of, name in all_.contacts if str(of) == party)
    caller = SOMEBODY_ELSE
    if contacts:
        caller = yield from Pick("caller", among=(*contacts, Option(SOMEBODY_ELSE)))
    imminence = yield from Choice("call_near", Imminence)
    text = yield from Text("call_words")
    return RecordCall(int(party), int(caller), imminence, text)
