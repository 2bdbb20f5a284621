"""A file is what its bytes say, and what could run where it is opened is not taken."""

from __future__ import annotations

import io
import zipfile

import pytest

from bot.services.filekinds import Screen, active_name, media_of, suffix_of

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500)


def packed(*names: str, pad: int = 0) -> bytes:
    """A real archive; with `pad` its last name is so many bytes from its beginning."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, bytes(pad) if number < len(names) - 1 else b"x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "media"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(20), "photo.jpg", "image/jpeg"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(20), "letter.pdf", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "", "image/png"),
        (b"%PDF-1.7\n", "photo.jpg", "application/pdf"),
        (b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead", "voice.oga", "audio/ogg"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "film.mp4", "video/mp4"),
        ("Hej, det här är ord.".encode(), "note.txt", "text/plain"),
        (bytes(range(1, 200)), "note.txt", "application/octet-stream"),
        (packed("a.txt"), "photos.zip", "application/zip"),
        (packed("word/document.xml"), "letter.docx",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)  # fmt: skip
def test_what_it_is_by_its_bytes(data: bytes, name: str, media: str) -> None:
    screen = Screen(name)
    assert screen.feed(data) == ""
    assert screen.media == media == media_of(data[:4096], name)


@pytest.mark.parametrize(
    "name",
    ["a.exe", "a.EXE", "photo.jpg.exe", "a.exe. ", "a.exe\u00a0", "a.e\u200bxe", "a.ps1", "a.js", "a.lnk", "a.html",
     "a.svg", "a.apk", "a.docm", "a.iso"],
)  # fmt: skip
def test_names_of_what_runs(name: str) -> None:
    assert active_name(name)


@pytest.mark.parametrize("name", ["exe", "", "a.jpg", "exe.jpg", "letter.docx", "a.txt", "voice.oga"])
def test_names_of_what_does_not(name: str) -> None:
    assert not active_name(name)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"MZ\x90\x00" + bytes(60), "program"),
        (b"\x7fELF\x02\x01\x01", "program"),
        (b"#!/usr/bin/env python3\n", "program"),
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x34", "program"),
        (b"dex\n035\x00", "program"),
        (packed("META-INF/MANIFEST.MF", "A.class"), "program"),
        (packed("AndroidManifest.xml", "classes.dex"), "program"),
        (packed("word/document.xml", "word/vbaProject.bin"), "program"),
        (OLE + bytes.fromhex("84100c0000000000c000000000000046"), "program"),
        (b"<html><body>", "page"),
        (b"\xef\xbb\xbf \n<!DOCTYPE HTML>", "page"),
        ("<html>".encode("utf-16"), "page"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x">', "page"),
        (b"<!-- hello --><script>", "page"),
        (b"MZ skriver till mig varje dag", ""),
        (b"<?xml version='1.0'?><invoice/>", ""),
        (OLE, ""),
        (packed("word/document.xml"), ""),
    ],
)
def test_bytes_of_what_runs(data: bytes, reason: str) -> None:
    assert Screen("letter.doc").feed(data) == reason


@pytest.mark.parametrize("cut", [1000, 70_010, 70_020, 70_035, 70_060, 70_090])
def test_a_mark_on_the_border_of_two_pieces_is_found(cut: int) -> None:
    data = packed("word/document.xml", "word/vbaProject.bin", pad=70_000)
    screen = Screen("letter.docx")
    assert "program" in (screen.feed(data[:cut]), screen.feed(data[cut:]))


def test_every_suffix_that_we_give_is_harmless() -> None:
    for media in ("image/jpeg", "image/png", "application/pdf", "audio/ogg", "video/mp4", "text/plain", "odd/thing"):
        assert suffix_of(media).startswith(".") and not active_name("a" + suffix_of(media))
