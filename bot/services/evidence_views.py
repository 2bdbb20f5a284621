"""Draws what there is on an incident: the line on the card, the receipt, the list, and what has no file."""

from __future__ import annotations

from collections import Counter

from bot.catalogue import Voice
from bot.events import Medium
from bot.messages import Button, Fields, Line, Message, Paragraph, Part, Quote, Words
from bot.services import filekinds, rights
from bot.services.people import Actor
from bot.services.work import Work
from bot.tokens import Act
from storage import evidence as stored
from storage.tables import Evidence, Incident, Person

AT_ONCE = 8  # in one list; the others behind a button
MAP = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=17/{0}/{1}"


def shown(work: Work, actor: Actor, incident: Incident) -> list[Evidence]:
    """What this person may see of it."""
    assert incident.id is not None
    return [row for row in stored.of_incident(work.session, incident.id) if rights.opens(actor, incident, row)]


def on_card(work: Work, actor: Actor, incident: Incident) -> Line:
    """ "2 bilder, 1 röstmeddelande"; nothing where there is none."""
    voice, rows = work.voice(actor.person), shown(work, actor, incident)
    there = [row for row in rows if row.state in ("kept", "waiting")]
    said = [counted(voice, there)] if there else []
    waiting, lost = sum(row.state == "waiting" for row in rows), len(rows) - len(there)
    said += [voice.word("evidence.card.waiting", count=waiting)] if waiting else []
    said += [voice.word("evidence.card.lost", count=lost)] if lost else []
    return (", ".join(said),) if said else ()


def counted(voice: Voice, rows: list[Evidence]) -> str:
    """How many of each kind, in words."""
    counts = Counter(row.medium for row in rows)
    ordered = [(medium, counts[medium]) for medium in Medium if counts[medium]]
    return ", ".join(
        voice.word(f"evidence.{medium}.one" if count == 1 else f"evidence.{medium}.many", count=count)
        for medium, count in ordered
    )


def receipt(work: Work, first: Evidence) -> Message:
    """What the sender may count on now, for all that came together."""
    person = work.session.get_one(Person, first.person_id)
    voice, rows = work.voice(person), stored.together(work.session, first)
    there = [row for row in rows if row.state in ("kept", "waiting")]
    if not there:
        return voice.say("evidence.receipt.none")
    state = "waiting" if any(row.state == "waiting" for row in there) else "kept"
    where = "unit" if first.facts.get("unit") else "incident" if first.incident_id else "held"
    where = "run" if first.run_id else where
    return voice.say(f"evidence.receipt.{where}.{state}", number=first.incident_id or 0, what=counted(voice, there))


def listed(work: Work, actor: Actor, incident: Incident, start: int) -> Message:
    """Each thing with what is known of it, and a button for what can be opened."""
    voice, rows = work.voice(actor.person), shown(work, actor, incident)
    here = rows[start : start + AT_ONCE]
    parts: list[Part] = [voice.title("evidence.list", number=incident.id), voice.paragraph("evidence.list.warning")]
    parts.append(Fields(tuple((_label(voice, row), _facts(work, voice, row)) for row in here)))
    buttons = [
        Button(voice.word("evidence.open", item=row.facts["number"]), str(Act("open", _of(incident), str(row.id))))
        for row in here
        if row.state == "kept"
    ]
    if start + AT_ONCE < len(rows):
        buttons.append(voice.button("evidence.more", str(Act("evidence", _of(incident), str(start + AT_ONCE)))))
    return Message(tuple(parts), tuple((button,) for button in buttons), notice=parts[0].line)  # type: ignore[union-attr]


def _label(voice: Voice, row: Evidence) -> str:
    return f"{row.facts['number']}. {voice.word(f'evidence.{row.medium}')}"


def _facts(work: Work, voice: Voice, row: Evidence) -> Line:
    """From whom, when it was sent and made, how it is."""
    person = work.session.get_one(Person, row.person_id)
    said = [voice.word("evidence.from", who=person.name, sent=voice.when(row.sent_at))]
    if row.made_at is not None:
        said.append(voice.word("evidence.made", made=voice.when(row.made_at)))
    if author := row.facts.get("author"):
        said.append(voice.word("evidence.author", author=author))
    if row.state == "kept":
        said.append(voice.word("evidence.whole", size=sized(voice, row.size), digest=row.sha256[:12]))
    elif row.state == "waiting":
        said.append(voice.word("evidence.state.waiting"))
    else:
        said.append(voice.word("evidence.state.lost", why=voice.word(f"evidence.why.{row.reason}")))
    line = ". ".join(said) + "."
    return (Words(line) if row.facts.get("author") else line,)


def sized(voice: Voice, size: int) -> str:
    """A size as people say it: "240 kB", "3,2 MB"."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    return f"{size / 1_000_000:.1f} MB".replace(".", voice.word("evidence.decimal"))


def opened(work: Work, actor: Actor, incident: Incident, row: Evidence) -> Message:
    """The message below a file, or all of what is no file. The first line may show on a locked screen."""
    voice = work.voice(actor.person)
    title = voice.title("evidence.title", number=incident.id, item=row.facts["number"])
    if stored.is_file(row):
        return Message((title,), notice=title.line)
    text = row.facts["text"]
    parts: list[Part] = [title, Paragraph(_facts(work, voice, row)), Quote(text)]
    if row.medium == Medium.PLACE:
        latitude, _, longitude = text.partition(", ")
        if name := row.facts.get("name"):
            parts.append(Quote(name))
        parts.append(voice.paragraph("evidence.map", link=(Words(MAP.format(latitude, longitude)),)))
    return Message(tuple(parts), notice=title.line)


def file_name(voice: Voice, row: Evidence) -> str:
    """A name that tells nothing on a locked screen, with the suffix of what it is."""
    number, item = (row.incident_id, row.facts["number"]) if row.incident_id else (row.run_id, row.id)
    name = voice.word("evidence.file" if row.incident_id else "run.thing_file", number=number, item=item)
    return name + filekinds.suffix_of(row.media)


def _of(incident: Incident) -> int:
    assert incident.id is not None
    return incident.id
