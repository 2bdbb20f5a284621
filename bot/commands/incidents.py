"""What is done with incidents."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands.words import Details, Imminence
from bot.prompts import Command


@dataclass(frozen=True)
class RaiseIncident(Command):
    """Flag. `words` were written before the bot had asked anything; `practice` reaches nobody.

    `meeting` is what the reporter is worried about, 0 for none.
    """

    imminence: Imminence
    details: Details | None = None
    words: str = ""
    party_sees: bool = False
    practice: bool = False
    meeting: int = 0


@dataclass(frozen=True)
class RecordCall(Command):
    """An officer wrote down what a caller said. `party` is 0 for none, `caller` is 0 for nobody who is known here."""

    party: int
    caller: int
    imminence: Imminence
    text: str


@dataclass(frozen=True)
class AskHelp(Command):
    """Ask a helper, named by the role, with exactly these words; the incident itself stays hidden."""

    incident: int
    role: int
    text: str


@dataclass(frozen=True)
class AddDetail(Command):
    """One answer more on an incident: where, called_112, number or category."""

    incident: int
    name: str
    value: str
    practice: bool = False


@dataclass(frozen=True)
class ShareWithParty(Command):
    """Let the reporter's own party's contacts see the incident, or no longer."""

    incident: int
    shared: bool
    practice: bool = False


@dataclass(frozen=True)
class AddWords(Command):
    """The reporter writes more on an incident."""

    incident: int
    text: str


@dataclass(frozen=True)
class AttachTo(Command):
    """What the conversation holds, and came without words, belongs to this incident."""

    incident: int


@dataclass(frozen=True)
class SendAnswer(Command):
    """The unit writes to the reporter of an incident."""

    incident: int
    text: str


@dataclass(frozen=True)
class CloseIncident(Command):
    """The unit is done, and tells the reporter so in a sentence."""

    incident: int
    text: str


@dataclass(frozen=True)
class CloseTogether(Command):
    """The unit is done with an incident and with these that are one event with it; each reporter gets the sentence."""

    incident: int
    numbers: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class LinkIncidents(Command):
    """An incident, with what follows it, is handled together with another."""

    incident: int
    other: int


@dataclass(frozen=True)
class TakeApart(Command):
    """All that is handled together with an incident stands for itself again."""

    incident: int


@dataclass(frozen=True)
class WriteToAll(Command):
    """The same answer to the reporter of each of these, which are one event with the incident."""

    incident: int
    numbers: tuple[int, ...]
    text: str
