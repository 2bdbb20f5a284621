"""Where an export goes: a new folder, or a new zip; each file with its checksum."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from bot.admin.terminal import Told


class Files:
    """Takes files one after the other, each in pieces; the last is the list of their checksums."""

    def __init__(self, folder: Path | None, archive: zipfile.ZipFile | None) -> None:
        self._folder, self._archive = folder, archive
        self.sums: dict[str, str] = {}

    def put(self, name: str, pieces: Iterable[bytes]) -> str:
        """Write a file; its sha256."""
        digest = hashlib.sha256()
        with self._opened(name) as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        self.sums[name] = digest.hexdigest()
        return digest.hexdigest()

    def put_text(self, name: str, text: str) -> None:
        """Write words."""
        self.put(name, [text.encode("utf-8", "replace")])

    def put_json(self, name: str, value: Any) -> None:
        """Write plain values."""
        self.put_text(name, json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def finish(self) -> None:
        """Write the checksums, as `sha256sum -c` reads them."""
        self.put_text("sha256.txt", "".join(f"{digest}  {name}\n" for name, digest in self.sums.items()))

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        if self._archive is not None:
            with self._archive.open(name, "w", force_zip64=True) as inside:
                yield inside  # type: ignore[misc]
            return
        assert self._folder is not None
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            yield file


@contextmanager
def opened(to: Path) -> Iterator[Files]:
    """A new place, which only its owner reads; when anything goes wrong nothing of it is left. Raises Told."""
    if to.exists():
        raise Told("cli.file_exists", file=to)
    try:
        if to.suffix.lower() == ".zip":
            with to.open("xb") as file:
                to.chmod(0o600)
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                    yield Files(None, archive)
        else:
            to.mkdir(mode=0o700)
            yield Files(to, None)
    except OSError as error:
        _remove(to)
        raise Told("cli.file_write", file=to, problem=error.strerror or type(error).__name__) from None
    except BaseException:
        _remove(to)
        raise


def _remove(path: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def safe(name: str) -> str:
    """A name that any file system takes, and that leads nowhere else."""
    return re.sub(r"[^0-9A-Za-zÅÄÖåäöÉéÜü._-]+", "-", name).lstrip(".-")[:60]
