"""What a new person is handed: the way in as words, as a link and as a picture for the telephone's camera."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import segno

from bot.admin.people_import import Invited
from bot.admin.terminal import Told
from bot.catalogue import Voice


def deep_link(telegram: str, code: str) -> str:
    """The link that opens the bot on Telegram and hands it the code."""
    return f"https://t.me/{telegram}?start={code}"


def picture(link: str) -> str:
    """The link as a picture of characters, for a terminal."""
    out = io.StringIO()
    segno.make(link, error="m", micro=False).terminal(out=out, compact=True, border=2)
    return out.getvalue()


def text(voice: Voice, place: str, invited: Invited, telegram: str) -> str:
    """The letter's words, in the reader's voice; without a name for the bot on Telegram there is only the code."""
    lines = [
        voice.word("letter.title", name=invited.name, place=place),
        voice.word("letter.role", role=invited.role),
        "",
    ]
    if telegram:
        lines += [voice.word("letter.telegram"), deep_link(telegram, invited.code), ""]
    lines += [
        voice.word("letter.code"),
        invited.code,
        "",
        voice.word("letter.until", until=voice.time(invited.until)),
        voice.word("letter.danger"),
    ]
    return "\n".join(lines) + "\n"


def make_folder(folder: Path) -> None:
    """A new folder that only its owner reads. Raises Told."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise Told("cli.file_exists", file=folder) from None
    except OSError as error:
        raise Told("cli.file_write", file=folder, problem=error.strerror or type(error).__name__) from None


def write(folder: Path, letters: list[tuple[Invited, str]], telegram: str) -> list[Path]:
    """A text, a page to print and a picture for each, in a folder. Raises Told."""
    made = []
    try:
        for number, (invited, words) in enumerate(letters, 1):
            stem = folder / f"{number:03}-{re.sub(r'[^0-9A-Za-zÅÄÖåäöÉéÜü]+', '-', invited.name).strip('-')[:40]}"
            link = deep_link(telegram, invited.code) if telegram else ""
            made += [_put(stem.with_suffix(".txt"), words), _put(stem.with_suffix(".html"), page(words, link))]
            if link:
                segno.make(link, error="m", micro=False).save(str(stem.with_suffix(".png")), scale=8)
                made.append(stem.with_suffix(".png"))
    except OSError as error:
        raise Told("cli.file_write", file=folder, problem=error.strerror or type(error).__name__) from None
    return made


def _put(path: Path, words: str) -> Path:
    path.write_text(words, encoding="utf-8")
    return path


def page(words: str, link: str) -> str:
    """The letter as a page to print; what stands in it is never markup."""
    title, *rest = words.splitlines()
    drawn = segno.make(link, error="m", micro=False).svg_inline(scale=6) if link else ""
    body = "<br>\n".join(html.escape(line) for line in rest)
    style = "body{font:16px/1.5 sans-serif;max-width:34em;margin:3em auto}svg{display:block;margin:1em 0}"
    return (
        f'<!doctype html><meta charset="utf-8"><title>{html.escape(title)}</title><style>{style}</style>\n'
        f"<h1>{html.escape(title)}</h1>\n{drawn}\n<p>{body}</p>\n"
    )
