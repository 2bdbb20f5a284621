"""Every word that users see: there in both languages, used by somebody, short, plain and kind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

import bot
from bot import templates
from bot.advice.piece import KINDS
from bot.catalogue import FIXED, LANGUAGES, POLICE, SOS, Catalogue, Voice
from bot.commands import Ask, Imminence, Level, RoleKind, Task
from bot.events import Kind, Medium, Platform
from bot.flows import meeting_day
from bot.flows.flag import Called
from bot.ical import REASONS
from bot.messages import Paragraph, Title, plain
from bot.plans import plan as plan_kinds
from bot.playground.page.cast import CAST
from bot.playground.page.trace import ANSWERS
from bot.playground.page.trouble import Trouble
from bot.risk.guide import LEVELS
from bot.services import (
    alert_changes,
    alert_table,
    alerts,
    asking,
    attending,
    audience,
    figures,
    look_back,
    menus,
    quiet_hours,
    run_table,
    situation_table,
    supporters,
    sweeps,
)
from bot.services.notices import Reason
from bot.services.views import DETAILS
from tests.check_catalogues import main, places, problems
from tests.walking import all_prompts

CATALOGUE = Catalogue()
TEXTS = {language: CATALOGUE.texts(language) for language in LANGUAGES}
KEYS = set(TEXTS["sv"])
VOICES = {
    language: Voice(CATALOGUE, language, ZoneInfo("Europe/Stockholm"), datetime(2026, 11, 22, 12, tzinfo=UTC))
    for language in LANGUAGES
}
BUTTON, LINE, LIX = 20, 160, 35
NAMES_ITS_EFFECT = {"write_all.yes"}  # what cannot be undone says how many it reaches, and may be as long as an English
SOURCES = [file for file in Path(bot.__file__).parent.rglob("*.py") if "playground" not in file.parts]
PAGE = Path(bot.__file__).parent / "playground" / "page"  # whose words are used by its script and its markup

# What the notices say, by who reads them; for any other reason the number and the state alone are said ("asked").
UNIT_REASONS = {
    "raised", "again", "turn", "call_round",
    "ask_promise", "promise_soon", "promise_broken", "words", "withdrawn", "not_done", "recorded",
    "help_yes", "help_no", "call_me", "evidence", "evidence_lost", "joined",
}  # fmt: skip
REPORTER_REASONS = {
    "untaken", "untaken_next", "untaken_some", "untaken_unit", "untaken_chief", "unreached", "taken", "promised",
    "promise_broken", "answered", "closed", "shared", "recorded", "passed",
}  # fmt: skip
DRAFTS = ("draft", "asked", "scheduled", "sent", "dropped")
LOST = {"too_big", "program", "page", "empty", "gone", "unreachable"}  # why evidence did not come
ENTRIES = {
    "raised", "detail", "words", "answer", "close", "taken", "promised", "promise_broken", "again", "asked",
    "told_untaken", "not_done", "withdrawn", "shared", "unit_only", "recorded", "help_asked", "help_yes", "help_no",
    "passed", "call_me", "evidence", "evidence_lost", "opened", "linked", "unlinked", "to_all", "support_called",
    "police", "police_undone",
}  # fmt: skip


MORE_BUTTONS = ("call_me", "called", "help", "help_yes", "help_no", "more", "answer", "close", "take_over", "not_done",
                "alert_from", "broadcast", "call_off_alert", "together", "apart", "to_all")  # fmt: skip


OF_ADVICE = (
    "speak", "run", "run_together", "support", "to_group", "earlier_page", "next_page", "checklists",
    *(f"all_{shelf}" for shelf in ("lists", "rules", "templates", "cards")),
    *(f"run_{name}" for name in ("note", "sign", "end", "file", "things", "drop")),
    *(f"support_{name}" for name in ("add", "first", "out", "over", "stop", "yes", "no", "show")),
)  # fmt: skip


RUN_ENDS = ("signed", "finished", "dropped")


STEPS = ("planned", "held", "open", "done", "sent", "skipped", "missed", "cancelled")
# What is put together of a meeting's kind, of how a step stands, and of what was answered.
OF_CALENDAR: dict[str, Iterable[object]] = {
    "occasion": plan_kinds.KINDS,
    "briefing": [f"{change}{line}" for change in alerts.CHANGES for line in ("", "_line")],
    "event": [*attending.ANSWERS, *(f"said_{said}" for said in attending.ANSWERS),
              *(f"state.{said}" for said in ("asked", *attending.ANSWERS))],
    "step": [*STEPS, "posted", "read", "reached", "only_raised", "only_high", *(f"already.{state}" for state in STEPS),
             *(f"skipped_{why}" for why in ("budget", "condition", "empty", "nobody")), "cancelled_meeting"],
    "step.not_sent": ("condition", "budget", "empty", "nobody", "meeting", "plan"),
    "outgoing.to": get_args(plan_kinds.To),
    "outgoing.in": LANGUAGES,
    "outgoing": ("preview", "preview_bare"),
    "ical": (*REASONS, "forgotten"),
    "morning": ("to_do", "today", "know"),
    "situation": [*(f"risk.{level}" for level in (*figures.LEVELS, "none")),
                  *(f"figure.{name}" for name in situation_table.FIGURES)],
}  # fmt: skip
# What is put together of a risk's level, of how somebody is seen, and of how a measure ended.
OF_RISK: dict[str, Iterable[object]] = {
    "risk": [f"{what}.{level}" for what in ("level", "short", "head") for level in LEVELS]
    + ["level.none", "head.none"],
    "watch": [f"{what}_{faces}" for what in ("faces", "face_toast") for faces in ("one", "several")]
    + ["faces_unknown"],
    "measure": [f"{what}_{state}" for what in ("is", "already") for state in ("done", "dropped")],
}
OF_PROMISES = (
    *(f"risk_{which}_{step}" for which in ("step", "too") for step in (2, 3)),
    *(f"measure_{what}" for what in ("done", "move", "cannot", "drop", "keep", "give", "list")),
    "watch_list",
    *(f"face_{faces}" for faces in ("one", "several")),
)
OF_STEPS = ("brief_show", "brief_move", "brief_words", "brief_hold", "brief_skip", "brief_back", "brief_done",
            "brief_board", "brief_undo", "support_coming", "support_call", "calendar", "ical_yes", "ical_no",
            "new_meeting", "outgoing", "new_event")  # fmt: skip


# What is put together of a meeting's day: how it stands, what is ordered, decided and signed for.
OF_MUSTER = ("out", "away")
OF_DAY: dict[str, Iterable[object]] = {
    "day.do": alerts.STATUSES,
    "day.next": alerts.STATUSES,
    "day.is": (*alerts.STATUSES, "moved"),
    **{f"day.{name}": ("none", "open", "signed") for name in sweeps.LISTS.values()},
    **{f"order.{what}": meeting_day.Support for what in ("what", "short")},
    **{f"order.{what}": ("order_yes", "order_no") for what in ("told", "is", "already")},
    "check.ground": [danger for danger in meeting_day.Danger if danger is not meeting_day.Danger.NONE],
    "back": look_back.QUESTIONS,
    "toast": OF_MUSTER,
    "gateway": ("safe", "out"),
}
OF_DAY_BUTTONS = (*(f"status_{status}" for status in alerts.STATUSES), *OF_MUSTER, "here", "order_yes", "order_no",
                  "sweep", "guard", *(f"opens_{where}" for where in ("risk", "look_back", "day")))  # fmt: skip


def dynamic() -> set[str]:
    """The keys that code puts together, family by family."""
    prompts = all_prompts()
    families: dict[str, Iterable[object]] = {
        "imminence": Imminence,
        "shown": ("duty_who.done", "run_who.done", "risk_role.done", "risk_second.later", "risk_third.later"),
        "alive": ("late_none", "overdue_none"),
        "category": CATALOGUE.categories,
        "template": [f"{key}.{part}" for key in CATALOGUE.templates for part in templates.LONGEST],
        "draft.head": DRAFTS,
        "draft.already": DRAFTS,
        "draft": ("send", "send_one", "alone", "alone_one"),
        "called_112": Called,
        "alert": [
            *(f"level.{level}" for level in Level),
            *(f"change.{change}" for change in alert_changes.CHANGES),
            *(f"ask.{ask}" for ask in ("read", "safe", "out")),
            *(f"{when}.{said}" for when in ("answered", "late") for said in (*alerts.ANSWERS, *OF_MUSTER)),
        ],
        "board": [f"{ask}{more}" for ask in Ask for more in ("", "_no_party")],
        "table": [
            *alerts.ANSWERS,
            *OF_MUSTER,
            "told",
            *(f"answer.{said}" for said in (*alerts.ANSWERS, *OF_MUSTER, "told")),
            *(f"column.{name}" for name in alert_table.COLUMNS),
        ],
        "unreached": (audience.NO_ACCOUNT, audience.BLOCKED, audience.FAILED),
        "button.follow": alert_changes.CHANGES,
        "role": RoleKind,
        "platform": Platform,
        "notice.unit": UNIT_REASONS | {"asked"},
        "notice.reporter": REPORTER_REASONS | {"asked"},
        "entry": ENTRIES,
        **{f"audit.{about}": ("late", "missing") for about in ("incident", "alert")},
        "alert.nudge": ("read", "safe", "done", "out"),
        "field": DETAILS,
        "receipt": ("now", "later"),
        "evidence": {*Medium, *LOST, *(f"why.{why}" for why in LOST)},
        **{f"evidence.{medium}": ("one", "many") for medium in Medium},
        **{f"evidence.receipt.{where}": ("waiting", "kept") for where in ("incident", "unit", "held", "run")},
        "status": ("taken", "promised", "answered"),
        "button": (
            *("now", "flag", "mine", "invite", "party", "people", "practise", "language", "link"),
            *(f"quiet_{name}" for name in quiet_hours.OFFERED),
            *("safe", "need_help", "quiet_own"),
            *MORE_BUTTONS,
            *OF_ADVICE,
            *OF_STEPS,
            *OF_PROMISES,
            *OF_DAY_BUTTONS,
        ),
        "advice.kind": KINDS,
        "run": [
            *(f"column.{name}" for name in (*run_table.COLUMNS, *RUN_ENDS)),
            *(f"{what}_{end}" for what in ("is", "told", "ended") for end in RUN_ENDS),
            *("button.tick", "button.step"),
        ],
        "support": [
            *(f"kind.{kind}" for kind in supporters.KINDS),
            *(f"head.{state}" for state in ("open", "taken", "ended")),
            *(f"asked.{answer}" for answer in ("waiting", "yes", "no")),
        ],
        **OF_CALENDAR,
        **OF_RISK,
        **OF_DAY,
        "guide": ("threat_spoken", "threat_written", "false", "again", "matter", "hard", "many"),
        "help": ("said.help_yes", "said.help_no"),
        "helping": Task,
        "welcome": [f"silent_{platform}" for platform in Platform],
        "sheet": ("submit", "close", *(prompt.form.key for prompt in prompts if prompt.form)),
        "menus": [command.english for command in (*menus.COMMANDS, *menus.STRANGERS)],
        "ask": [prompt.topic for prompt in prompts],
        "short": [prompt.topic for prompt in prompts if type(prompt).__name__ != "Confirm"],
        "demo.role": {part.role or "stranger" for part in CAST},
        "demo.trouble": Trouble,
        "demo.kind": ("event", "transaction", "outbox", "platform"),
        "demo.act": ("send", "edit", "pin", "leave", "file", "menu", "post"),
        "demo.state": ("waiting", "claimed", "delivered", "failed", "uncertain", "again", "repeat"),
        "demo.step": (
            "transaction",
            "transaction.empty",
            "transaction.back",
            "transaction.one",
            "outbox",
            "outbox.one",
        ),
        "demo.step.event": (*Kind, "deadline", "background", "visitor", "detour"),
        "demo.step.call": {"ok", *ANSWERS.values()},
    }
    options = {
        f"{prompt.topic}.{re.sub(r'[0-9]+$', '', option.value) or option.value}"
        for prompt in prompts
        for option in prompt.options
        if not option.label
    }
    return {f"{family}.{member}" for family, members in families.items() for member in members} | options


@cache
def trees() -> list[tuple[Path, ast.Module]]:
    return [(file, ast.parse(file.read_text())) for file in SOURCES]


def literals() -> set[str]:
    """Every string that stands in the code."""
    nodes = (node for _, tree in trees() for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)} | of_page()


def of_page() -> set[str]:
    """Every key that stands in the demo's page: its code, its script and its markup."""
    written = "\n".join(
        file.read_text() for file in sorted(PAGE.rglob("*.*")) if file.suffix in (".py", ".js", ".html")
    )
    return set(re.findall(r"demo\.[a-z0-9_.]*[a-z0-9_]", written))


SAYING = (
    "word",
    "line",
    "say",
    "title",
    "paragraph",
    "split",
    "button",
    "_say",
    "_fail",
    "fail",
    "Told",
    "ok",
    "warning",
    "fault",
    "Already",
    "Rejected",
    "Nothing",
)


def sayings() -> Iterator[tuple[str, str, set[str] | None]]:
    """Each place where a text is used by its name: where, which, and the places that are filled (None: unknown)."""
    for file, tree in trees():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            for key in _keys_of(call) if name in SAYING and call.args else ():
                named = {keyword.arg for keyword in call.keywords}
                filled = None if None in named else {word for word in named if word}
                yield f"{file.name}:{call.lineno}", key, filled


def _keys_of(call: ast.Call) -> list[str]:
    first = call.args[0]
    found = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    values = [node.value for node in found if isinstance(node, ast.Constant)]
    return [value for value in values if isinstance(value, str) and re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)+", value)]


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    assert problems(CATALOGUE) == []


def test_the_check_prints_that_all_is_well_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert capsys.readouterr().out == "the catalogues match\n"


def catalogue_of(folder: Path, **texts: dict[str, str]) -> Catalogue:
    """A catalogue of a few texts."""
    for language in LANGUAGES:
        entries = [f'msgid "{key}"\nmsgstr "{text}"\n' for key, text in texts[language].items()]
        (folder / language).mkdir()
        (folder / language / "core.po").write_text("\n".join(['msgid ""\nmsgstr ""\n', *entries]))
    return Catalogue(folder)


@pytest.mark.parametrize(
    ("swedish", "english", "problem"),
    [
        ({"a.b": "Ja", "a.c": "Nej"}, {"a.b": "Yes"}, "a.c: there is no text in en"),
        ({"a.b": "Ja"}, {"a.b": "Yes", "a.c": "No"}, "a.c: there is no text in sv"),
        ({"a.b": "Ring {phone}"}, {"a.b": "Call {number}"}, "a.b: sv has the places"),
        ({"a.b": "Ring"}, {"a.b": "Ring"}, "a.b: the same in sv and en"),
        ({"a.b": "Ring {phone"}, {"a.b": "Call {phone}"}, "a.b: expected '}'"),
        ({"a.b": "Ja"}, {"a.b": ""}, "a.b: the text is empty"),
        ({"platform.slack": "Slack"}, {"platform.slack": "Slak"}, "listed as alike, but differs"),
    ],
)
def test_the_check_notices_what_is_wrong(
    tmp_path: Path, swedish: dict[str, str], english: dict[str, str], problem: str
) -> None:
    (found,) = problems(catalogue_of(tmp_path, sv=swedish, en=english))
    assert problem in found


def test_every_text_that_the_code_names_is_there() -> None:
    missing = [f"{where}: {key}" for where, key, _ in sayings() if key not in KEYS]
    assert missing == []
    assert len(list(sayings())) > 100, "the search finds too little to mean anything"


def test_every_text_that_the_code_puts_together_is_there() -> None:
    assert dynamic() - KEYS == set()


def test_every_text_that_the_page_names_is_there() -> None:
    families = {key.rpartition(".")[0] for key in dynamic() if key.startswith("demo.")}
    assert of_page() - KEYS - families - {"demo.step.call"} == set()


def test_no_text_is_there_that_nobody_uses() -> None:
    assert KEYS - literals() - dynamic() == set()


def test_every_place_of_a_text_is_filled_where_the_text_is_used() -> None:
    unfilled = {
        f"{where}: {key} lacks {sorted(lacking)}"
        for where, key, filled in sayings()
        if filled is not None and (lacking := set(places(TEXTS["sv"][key])) - set(FIXED) - filled)
    }
    assert unfilled == set()


def test_every_reason_of_a_notice_is_known_here_and_reaches_somebody() -> None:
    assert set(get_args(Reason)) == UNIT_REASONS | REPORTER_REASONS


def test_every_kind_of_entry_that_is_written_is_known_here() -> None:
    written = set()
    for _, tree in trees():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "timeline.add":
                kind = call.args[2]
                nodes = [kind.body, kind.orelse] if isinstance(kind, ast.IfExp) else [kind]
                written |= {ast.literal_eval(node) for node in nodes}
    assert written == ENTRIES - {"again"}, "which earlier versions wrote"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_shouts(language: str) -> None:
    assert [key for key, text in TEXTS[language].items() if "!" in text] == []


def test_no_swedish_text_uses_the_words_of_machines_or_of_blame() -> None:
    banned = re.compile(r"\b(användar\w*|ogiltig\w*|exekver\w*|process\w*|fel format|felaktig\w*|misslycka\w*)\b", re.I)
    assert {key: text for key, text in TEXTS["sv"].items() if banned.search(text)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_is_longer_than_a_glance(language: str) -> None:
    long = {key: len(line) for key, text in TEXTS[language].items() for line in text.split("\n") if len(line) > LINE}
    assert long == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_has_more_than_five_lines(language: str) -> None:
    assert [key for key, text in TEXTS[language].items() if text.count("\n") > 4] == []


def buttons() -> set[str]:
    """The keys of all texts that stand on a button."""
    drawn = {
        key
        for _, tree in trees()
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        if isinstance(call.func, ast.Attribute) and call.func.attr == "button" and call.args
        for key in _keys_of(call)
    }
    families = {key for key in KEYS if key.split(".")[0] in ("button", "promise")}
    options = {key for key in dynamic() if key.split(".")[0] in {prompt.topic for prompt in all_prompts()}}
    return drawn | families | options | {"engine.edit", "mine.more", "mine.one"}


def on_button(language: str, key: str) -> str:
    """The words as they stand there, with an incident's number of four figures."""
    return VOICES[language].word(key, number=1234, what="", count=15)


def test_a_swedish_button_is_twenty_characters_or_fewer() -> None:
    ordinary = buttons() - NAMES_ITS_EFFECT
    assert {key: words for key in ordinary if len(words := on_button("sv", key)) > BUTTON} == {}
    assert {key: words for key in NAMES_ITS_EFFECT if len(words := on_button("sv", key)) > 30} == {}


def test_an_english_button_is_within_what_both_platforms_show() -> None:
    assert {key: words for key in buttons() if len(words := on_button("en", key)) > 30} == {}


def test_a_swedish_button_that_changes_an_answer_names_it_in_twenty_characters() -> None:
    shorts = [key for key in dynamic() if key.startswith("short.")]
    words = {key: VOICES["sv"].word("engine.edit", what=TEXTS["sv"][key].lower()) for key in shorts}
    assert {key: text for key, text in words.items() if len(text) > BUTTON} == {}


def test_no_two_options_of_a_question_have_the_same_words() -> None:
    for voice in VOICES.values():
        for prompt in all_prompts():
            labels = [asking.label(voice, prompt, option).casefold() for option in prompt.options]
            assert len(labels) == len(set(labels)), prompt.key


def lix(texts: list[str]) -> float:
    """Läsbarhetsindex: words in a sentence, and long words in a hundred."""
    sentences = [s for text in texts for line in text.split("\n") for s in re.split(r"[.?:](?:\s|$)", line)]
    counted = [words for s in sentences if (words := re.findall(r"\w+", s))]
    words = [word for sentence in counted for word in sentence]
    return len(words) / len(counted) + 100 * sum(len(word) > 6 for word in words) / len(words)


def test_the_index_of_a_text_that_is_known() -> None:
    assert lix(["Katten sov."]) == 2
    assert lix(["Säkerhetsenheten kommer. Den tar ditt ärende."]) == pytest.approx(6 / 2 + 100 / 6)


def test_swedish_instructions_are_easy_to_read() -> None:
    ordinary = [text for key, text in TEXTS["sv"].items() if not key.startswith("cli.") and len(text.split()) > 3]
    for_reading = [re.sub(r"\{\w+\}", "ord", text) for text in ordinary]
    assert len(for_reading) > 80
    assert lix(for_reading) <= LIX
    hard = {text: round(index) for text in for_reading if (index := lix([text])) > 60}
    assert hard == {}


# The voice


def test_a_text_is_filled_and_its_numbers_can_be_pressed() -> None:
    line = VOICES["sv"].line("receipt.nobody", phone=SOS, number=7)
    assert SOS in line
    assert "112" in plain(line) and "{" not in plain(line)
    assert POLICE in VOICES["sv"].line("receipt.no_night")


def test_each_line_of_a_text_is_a_part_of_its_own_and_the_first_is_the_title() -> None:
    message = VOICES["sv"].say("ask.imminence")
    assert [type(part) for part in message.parts] == [Title, Paragraph]
    assert "\n" not in "".join(plain(part.line) for part in message.parts if isinstance(part, Title | Paragraph))


def test_what_people_wrote_is_put_in_as_it_is_and_never_read_as_a_place() -> None:
    assert VOICES["sv"].word("people.end", role="{sos} {0}") == "Avsluta: {sos} {0}"


def test_a_text_that_is_missing_or_not_filled_is_an_error_at_once() -> None:
    with pytest.raises(KeyError):
        VOICES["sv"].word("no.such")
    with pytest.raises(KeyError):
        VOICES["sv"].word("people.end")
    assert not CATALOGUE.has("no.such") and CATALOGUE.has("people.end")


def test_a_place_may_have_any_name(tmp_path: Path) -> None:
    catalogue = catalogue_of(tmp_path, sv={"a.b": "{key} {language}"}, en={"a.b": "{language} {key}"})
    voice = Voice(catalogue, "sv", VOICES["sv"].zone, VOICES["sv"].now)
    assert voice.say("a.b", key="nyckel", language="fi").fallback == "nyckel fi"
