"""What a file is, by its bytes; and what is not taken, because it could run on the phone that opens it."""

from __future__ import annotations

import mimetypes

import puremagic

HEAD = 4096  # bytes by which a file is known
OVERLAP = 64  # bytes kept from piece to piece, so that a mark on the border is found
# Programs, scripts, installers, disks, links, web pages and documents with macros.
_ACTIVE = """
exe dll msi msp com scr pif cpl sys drv bat cmd ps1 psm1 psd1 sh bash command js jse mjs vbs vbe wsf wsh hta
jar apk aab ipa xap app dmg pkg deb rpm iso img vhd appimage lnk url desktop reg inf
chm html htm xhtml mht mhtml svg svgz docm dotm xlsm xltm xlam pptm potm ppsm
"""
ACTIVE_NAMES = frozenset(_ACTIVE.split())
PROGRAMS = (b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"dex\n", b"L\0\0\0\x01\x14\x02\0", b"!<arch>\ndebian",
            b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")  # fmt: skip
PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<svg")
ZIP, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
IN_ZIP = (b"META-INF/MANIFEST.MF", b"AndroidManifest.xml", b"classes.dex", b"vbaProject.bin")
IN_SOUND = (b"OpusHead", b"\x01vorbis")
INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")  # the class of a Windows installer package
SUFFIXES = {"image/jpeg": ".jpg", "application/ogg": ".ogg", "audio/ogg": ".ogg", "text/plain": ".txt",
            "audio/mp4": ".m4a", "image/heif": ".heic"}  # fmt: skip


class Screen:
    """Looks at a file as it comes, a piece at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.head = b""
        self._tail = b""

    def feed(self, piece: bytes) -> str:
        """Why the file is not taken, or nothing so far: program, or page for a web page that was called another."""
        self.head += piece[: HEAD - len(self.head)]
        near = self._tail + piece
        self._tail = near[-OVERLAP:]
        if active_name(self._name) or is_program(self.head):
            return "program"
        if is_page(self.head):
            return "page"
        marks = IN_ZIP if self.head.startswith(ZIP) else (INSTALLER,) if self.head.startswith(OLE) else ()
        return "program" if any(mark in near for mark in marks) else ""

    @property
    def media(self) -> str:
        """What it is, by its bytes alone; the name only chooses among what the bytes allow."""
        return media_of(self.head, self._name)


def active_name(name: str) -> bool:
    """Whether a file of this name would be run by the machine that opens it."""
    return _suffix(name) in ACTIVE_NAMES


def is_program(head: bytes) -> bool:
    """Whether a machine would run it."""
    return head.startswith(PROGRAMS) or (head.startswith(b"MZ") and b"\0" in head)


def is_page(head: bytes) -> bool:
    """Whether it is a web page or a drawing that can hold a script."""
    plain = head.removeprefix(b"\xef\xbb\xbf")
    if plain[:2] in (b"\xff\xfe", b"\xfe\xff"):
        plain = plain.replace(b"\0", b"")[2:]
    start = plain.lstrip().lower()
    return start.startswith(PAGES) or (start.startswith((b"<?xml", b"<!--")) and any(p in start for p in PAGES))


def media_of(head: bytes, name: str) -> str:
    """The media type; application/octet-stream when nobody can tell."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return "text/plain" if _is_text(head) else "application/octet-stream"
    named = [one for one in found if one.mime_type and one.extension == f".{_suffix(name)}"]
    if not named and head.startswith((ZIP, OLE)):
        return "application/zip" if head.startswith(ZIP) else "application/octet-stream"
    best = next((one.mime_type for one in (*named, *found) if one.mime_type), "application/octet-stream")
    return "audio/ogg" if best == "application/ogg" and any(mark in head for mark in IN_SOUND) else best


def suffix_of(media: str) -> str:
    """How a file of this type is named when we send it on: never as it was named when it came."""
    return SUFFIXES.get(media) or mimetypes.guess_extension(media) or ".bin"


def _suffix(name: str) -> str:
    """The last suffix, however the name tries to hide it."""
    plain = "".join(letter for letter in name if letter.isprintable()).rstrip(". \u00a0")
    return plain.rpartition(".")[2].casefold() if "." in plain else ""


def _is_text(head: bytes) -> bool:
    try:
        text = head[:-4].decode() if len(head) == HEAD else head.decode()
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\r\n\t\f" for letter in text)
