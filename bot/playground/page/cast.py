"""Who lives in the demo's municipality: nine invented parties, and the people whom a visitor can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.commands import Audience, RoleKind, Task
from bot.moments import from_wall
from bot.playground.seat import Seat, SharedSeat
from bot.playground.town import Town
from bot.risk.guide import SORT
from bot.services import audience, meetings, menus, occasions, people, planner, risk_cases, risk_levels
from bot.services.work import Work
from storage.tables import Meeting

PARTIES = ("Bokpartiet", "Almpartiet", "Tallpartiet", "Rönnpartiet", "Lindpartiet",
           "Askpartiet", "Hasselpartiet", "Sälgpartiet", "Björkpartiet")  # fmt: skip
UNIT_CHANNEL = "Säkerhetsenheten"
COUNCIL, HALL = "Kommunfullmäktige", "Stadshuset, Lönnsalen"
AGENDA = ("Ny skola i Norrby", "Vattentaxan", "Val av revisorer")
PARTY_GROUP = "Bokpartiet"  # on Telegram, without the bot: there advice is looked for by the bot's name


@dataclass(frozen=True)
class Part:
    """One person of the cast; an empty `role` is a stranger, whom the bot has never heard of. `chair` is a helper's."""

    key: str
    name: str
    role: str
    party: str
    platforms: tuple[str, ...]


CAST = (
    Part("alva", "Alva Bergfors", "contact", "Bokpartiet", ("telegram",)),
    Part("nils", "Nils Tallmo", "contact", "Almpartiet", ("slack",)),
    Part("siv", "Siv Almgren", "chief", "", ("slack", "telegram")),
    Part("bo", "Bo Ekdal", "officer", "", ("slack",)),
    Part("mira", "Mira Ljungqvist", "deputy", "Bokpartiet", ("telegram",)),
    Part("ove", "Ove Granlid", "official", "Tallpartiet", ("slack",)),
    Part("gun", "Gun Sandell", "chair", "", ("telegram",)),
    Part("elsa", "Elsa Nyman", "", "", ("telegram", "slack")),
)


@dataclass
class Chair:
    """A seat with its place on the page: `key` is "alva-telegram"; `places` are the shared ones it can look into."""

    key: str
    part: Part
    seat: Seat
    places: list[SharedSeat] = field(default_factory=list)


async def settle(town: Town) -> list[Chair]:
    """Let the parties and the people in, and give the unit its channel. The chief is on Slack first."""
    await town.app.database.run(lambda session: [town.party(session, name) for name in PARTIES])
    chairs = [await _chair(town, part, platform) for part in CAST for platform in part.platforms]
    await town.app.database.run(lambda session: _call_meeting(Work(session, town.clock.now(), town.app.house)))
    await town.app.database.run(lambda session: menus.fill(Work(session, town.clock.now(), town.app.house)))
    town.app.delivery.wake()
    unit = [chair for chair in chairs if chair.part.role in ("chief", "officer") and chair.seat.platform == "slack"]
    place = town.place(UNIT_CHANNEL, "slack", [chair.seat for chair in unit])
    await place.add_bot(unit[0].seat)
    await unit[0].seat.press(unit[0].seat.last.labels[0])
    for chair in unit:
        chair.places.append(place)
    party = [chair for chair in chairs if chair.part.party == PARTY_GROUP and chair.seat.platform == "telegram"]
    group = town.place(PARTY_GROUP, "telegram", [chair.seat for chair in party])
    for chair in party:
        chair.places.append(group)
    return chairs


def _call_meeting(work: Work) -> None:
    """The council meets tomorrow evening: moving the clock lets a visitor see what comes before and after."""
    tomorrow = work.now.astimezone(work.house.zone) + timedelta(days=1)
    at = from_wall(tomorrow.replace(hour=18, minute=0, second=0, microsecond=0, tzinfo=None), work.house.zone)
    everybody = Audience((RoleKind.CONTACT, RoleKind.DEPUTY, RoleKind.OFFICIAL))
    council = Meeting(title=COUNCIL, kind="council", starts_at=at, place=HALL, audience=audience.to_json(everybody),
                      created_at=work.now)  # fmt: skip
    meetings.keep(work, council)
    occasions.set_agenda(work, council, AGENDA)
    _assess(work, council)
    for step in planner.of(work, council):
        if step.due_at <= work.now:  # what was to be done last week has been done
            step.state, step.acted_at = "done", step.due_at
            work.session.add(step)


def _assess(work: Work, council: Meeting) -> None:
    """The chief sorted the cases last week, and found one that may heat up."""
    siv = next(people.actor(work.session, people.accounts_of(work.session, chief)[0])
               for chief in people.chiefs(work.session))  # fmt: skip
    for case in risk_cases.bring_in(work, siv, council):
        row = risk_cases.begin(work, siv, case)
        risk_cases.answer(work, siv, row, {SORT: "high" if case.title == AGENDA[0] else "low"})
        risk_cases.settle(work, siv, case, row)
    risk_levels.changed(work, council)


async def _chair(town: Town, part: Part, platform: str) -> Chair:
    if part.role:
        role = f"helper:{part.role}" if part.role == Task.CHAIR else part.role
        seat = await town.member(part.name, platform, role, part.party)
    else:
        seat = town.seat(part.name, platform)
    return Chair(f"{part.key}-{platform}", part, seat)
