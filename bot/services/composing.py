"""What the unit presses to write to many: a template, own words, a change."""

from __future__ import annotations

from bot.commands import Ask, Audience, Compose, Level
from bot.flows.broadcast import Changing, Composer
from bot.messages import Button, Message
from bot.services import alerts, drafts, incidents, meetings, people, planned, sending, talks
from bot.services.doing import Already, on_alert, on_incident, on_number
from bot.services.people import Actor
from bot.services.rights import Right, incident_for
from bot.services.work import Work
from bot.tokens import Act
from storage.tables import Alert, Incident


@on_number("broadcast", Right.UNIT)
def broadcast(work: Work, actor: Actor, _: int, __: str) -> None:
    """Templates first, for who has no time to write."""
    offer(work, actor, 0)


@on_incident("alert_from", Right.UNIT)
def alert_from(work: Work, actor: Actor, incident: Incident, _: str) -> None:
    """From an incident, of which the readers learn nothing."""
    offer(work, actor, incidents.number_of(incident))


def offer(work: Work, actor: Actor, incident: int) -> None:
    """The templates, own words where words are taken, and what is planned."""
    voice = work.voice(actor.person)
    buttons = [
        Button(_label(work, actor, key), str(Act("template", incident, key))) for key in work.house.catalogue.templates
    ]
    if not work.terse(actor.account):
        buttons.append(voice.button("button.own_words", str(Act("own_words", incident))))
    if waiting := len(planned.coming(work)):
        buttons.append(Button(voice.word("planned.count", count=waiting), str(Act("planned", 0))))
    said = voice.say("compose.from_incident" if incident else "compose.what", number=incident)
    sending.to_account(work, actor.account, Message(said.parts, tuple((button,) for button in buttons)), "answer")


def _label(work: Work, actor: Actor, key: str) -> str:
    """ "AKUT · Utrym lokalen"; an exercise says so."""
    voice, template = work.voice(actor.person), work.house.catalogue.templates[key]
    mark = voice.word("alert.exercise") if template.exercise else voice.word(f"alert.level.{template.level}")
    return f"{mark} · {voice.word(f'template.{key}.title')}"


@on_number("template", Right.UNIT)
def template(work: Work, actor: Actor, number: int, key: str) -> None:
    """A template is a whole broadcast, to the contacts: it only needs to be looked at and sent."""
    found = work.house.catalogue.templates.get(key)
    if found is None:
        raise Already("compose.no_template")
    incident = number and incidents.number_of(incident_for(work.session, actor, Right.UNIT, number))
    voice = work.voice(actor.person)
    words = Compose(
        Level(found.level), voice.word(f"template.{key}.headline"), voice.word(f"template.{key}.text"), Audience(),
        Ask(found.ask), found.minutes, found.exercise, incident,
    )  # fmt: skip
    drafts.begin(work, actor, words, key)


@on_number("own_words", Right.UNIT)
def own_words(work: Work, actor: Actor, number: int, _: str) -> None:
    """ "Skriv eget"."""
    incident = number and incidents.number_of(incident_for(work.session, actor, Right.UNIT, number))
    talks.start(work, actor, "broadcast", Composer(parties(work), meetings.choices(work, actor), incident))


def parties(work: Work) -> tuple[tuple[int, str], ...]:
    """The parties by name, as they are now."""
    return tuple((party.id or 0, party.name) for party in people.parties(work.session))


@on_alert("change_alert", Right.UNIT)
def change(work: Work, actor: Actor, alert: Alert, _: str) -> None:
    """ "Ändra": one thing, and then it is shown again."""
    drafts.mine(work, actor, alert, *drafts.CHANGEABLE)
    bare = work.terse(actor.account)
    words = ("", "") if bare else (alert.headline, alert.text)
    follows = alert.follows is not None
    choices = (parties(work), meetings.choices(work, actor))
    talks.start(work, actor, "changing", Changing(alerts.id_of(alert), *words, *choices, follows, bare))
