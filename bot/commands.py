"""What flows ask to have done, as plain values; `bot/services` performs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.prompts import Command


class Imminence(StrEnum):
    """How near the danger is; decides how fast somebody must answer."""

    NOW = "now"
    BREWING = "brewing"
    RUMOUR = "rumour"
    PAST = "past"


class RoleKind(StrEnum):
    """What a person is to the municipality's security."""

    CHIEF = "chief"
    OFFICER = "officer"
    CONTACT = "contact"
    DEPUTY = "deputy"
    OFFICIAL = "official"
    HELPER = "helper"


class Task(StrEnum):
    """What a helper helps with."""

    CHAIR = "chair"
    SECRETARY = "secretary"
    COMMUNICATOR = "communicator"
    HR = "hr"
    LAWYER = "lawyer"
    GUARD = "guard"
    ELECTION = "election"


class Level(StrEnum):
    """How urgent a broadcast is. An emergency breaks quiet hours and overtakes everything that waits."""

    INFORMATION = "information"
    WARNING = "warning"
    EMERGENCY = "emergency"
    ALLCLEAR = "allclear"


class Ask(StrEnum):
    """What a broadcast wants back."""

    NOTHING = "nothing"
    READ = "read"
    SAFE = "safe"


@dataclass(frozen=True)
class Audience:
    """Whom a broadcast is for: these roles, of these parties (none: of all), or those of a meeting (0: none).

    A party without a contact who can be reached is told through its deputies. Of the helpers only those with one of
    these tasks, where some are named.
    """

    roles: tuple[str, ...] = (RoleKind.CONTACT,)
    parties: tuple[int, ...] = ()
    meeting: int = 0
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """What is told of something that is not happening this minute. `affected` is a role, never a name.

    `category` is a key of `config/content/categories.toml`.
    """

    category: str
    what: str
    where: str
    when: datetime | None
    affected: str


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
class Compose(Command):
    """A broadcast in the unit's own words: kept and shown, not sent. `incident` is what it comes from, 0 for none."""

    level: Level
    headline: str
    text: str
    audience: Audience
    ask: Ask
    minutes: int
    exercise: bool
    incident: int = 0


@dataclass(frozen=True)
class ChangeDraft(Command):
    """Other words, readers or answers for a broadcast that is not sent yet; what is None stays."""

    alert: int
    level: Level | None = None
    headline: str | None = None
    text: str | None = None
    audience: Audience | None = None
    ask: Ask | None = None
    minutes: int | None = None
    exercise: bool | None = None


@dataclass(frozen=True)
class PlanDraft(Command):
    """Send it at this time."""

    alert: int
    at: datetime


@dataclass(frozen=True)
class CallMeeting(Command):
    """A meeting that people can be told of. `kind` chooses what prepares for it."""

    title: str
    at: datetime
    audience: Audience
    kind: str = "other"
    place: str = ""


@dataclass(frozen=True)
class AddEvent(Command):
    """A party's own event: stall, square or doors. `support` asks the unit to be there."""

    kind: str
    party: int
    at: datetime
    place: str
    support: bool


@dataclass(frozen=True)
class MoveMeeting(Command):
    """It begins at another time; who was briefed hears it."""

    meeting: int
    at: datetime


@dataclass(frozen=True)
class SetAgenda(Command):
    """The cases of a meeting, one a line, in place of those that it had."""

    meeting: int
    text: str


@dataclass(frozen=True)
class MoveBriefing(Command):
    """It goes out at this time."""

    briefing: int
    at: datetime


@dataclass(frozen=True)
class RewordBriefing(Command):
    """Other words for this once."""

    briefing: int
    title: str
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


@dataclass(frozen=True)
class AddParty(Command):
    """A new party."""

    name: str


@dataclass(frozen=True)
class Invite(Command):
    """Make a single-use invitation. `party` is 0 for none; only a helper has a `task`."""

    role: RoleKind
    party: int
    name: str
    task: str = ""


@dataclass(frozen=True)
class GiveRole(Command):
    """One role more for somebody who is here. `party` is 0 for none; only a helper has a `task`."""

    person: int
    role: RoleKind
    party: int
    task: str = ""


@dataclass(frozen=True)
class EndRole(Command):
    """The person no longer has this role."""

    role: int


@dataclass(frozen=True)
class RevokeAccounts(Command):
    """The person's accounts can no longer do anything: a lost phone, a stolen password."""

    person: int


@dataclass(frozen=True)
class SetNumber(Command):
    """Keep a contact's telephone number, E.164."""

    person: int
    phone: str


@dataclass(frozen=True)
class InviteAgain(Command):
    """A new code for somebody whose accounts were shut out or whose invitation ran out."""

    person: int


@dataclass(frozen=True)
class SetAbout(Command):
    """The first contact's text in a language; empty for the one that the program comes with."""

    language: str
    text: str


@dataclass(frozen=True)
class SetLanguage(Command):
    """Speak this language with the person from now on."""

    language: str


@dataclass(frozen=True)
class FollowAlert(Command):
    """Add to a broadcast: an update, a correction or the all clear. Its readers get it once it has been looked at."""

    alert: int
    change: str
    text: str


@dataclass(frozen=True)
class ReplyToAlert(Command):
    """A reader of a broadcast writes to the unit."""

    alert: int
    text: str


@dataclass(frozen=True)
class AnswerReply(Command):
    """The unit answers what a reader wrote: a line of the broadcast's history."""

    alert: int
    entry: int
    text: str


@dataclass(frozen=True)
class SetQuiet(Command):
    """Let what may wait not come between these hours of the day, "22:00-07:00"; "" for none."""

    hours: str


@dataclass(frozen=True)
class SetRota(Command):
    """From this time these people of the unit are on duty in turn, each for so many days."""

    people: tuple[int, ...]
    days: int
    starts_at: datetime | None


@dataclass(frozen=True)
class EndRota(Command):
    """There is no duty list any more, where it is this one."""

    rota: int


@dataclass(frozen=True)
class OfferShift(Command):
    """Ask whether somebody takes what is left of a shift. `to` is a person, 0 for everybody in the unit."""

    shift: int
    to: int


@dataclass(frozen=True)
class BeAway(Command):
    """Somebody of the unit is away, and cannot be on duty."""

    person: int
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class BeBack(Command):
    """An absence is over, or will not be."""

    absence: int


@dataclass(frozen=True)
class AskToTakeOver(Command):
    """Ask a colleague to take over the duty now from whoever has this shift."""

    shift: int
    to: int


@dataclass(frozen=True)
class Nothing(Command):
    """A conversation that ends without an effect; `said` names the text that says so."""

    said: str
    kept: str = field(default="")


@dataclass(frozen=True)
class StartTogether(Command):
    """Begin a checklist that several tick off, for a meeting or for what `about` says. `people` are asked to join."""

    slug: str
    about: str
    meeting: int
    people: tuple[int, ...]


@dataclass(frozen=True)
class NoteStep(Command):
    """A note on a step of a run, and what was attached with it."""

    run: int
    step: int
    text: str


@dataclass(frozen=True)
class UntickStep(Command):
    """A step was not done after all."""

    run: int
    step: int


@dataclass(frozen=True)
class SignRun(Command):
    """Whoever signs says that it was done as it stands; then nothing of it changes. `left` was read as not done."""

    run: int
    left: tuple[int, ...] = ()


@dataclass(frozen=True)
class DropRun(Command):
    """It is not done to its end, and what was ticked counts for nothing."""

    run: int


@dataclass(frozen=True)
class CallSupport(Command):
    """Ask for support of a kind, in words that whoever is called reads."""

    kind: str
    why: str
    slug: str
    about: int  # the incident that it belongs to, 0 for none
    phone: str = ""


@dataclass(frozen=True)
class AddSupporter(Command):
    """Let a person be called when support of this kind is asked for."""

    kind: str
    person: int


@dataclass(frozen=True)
class RemoveSupporter(Command):
    """Let a person no longer be called for this."""

    supporter: int


@dataclass(frozen=True)
class PutFirst(Command):
    """Let a person be called first for this."""

    supporter: int


@dataclass(frozen=True)
class OpenAdvice(Command):
    """Show a piece of advice, and say why this one: `why` names the text."""

    slug: str
    why: str
