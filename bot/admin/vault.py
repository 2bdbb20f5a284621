"""One encrypted file, written and read in small pieces: a cut or changed byte anywhere is noticed.

The pieces are AES-256-GCM under a key of the file's own. The nonce counts them and marks the last one, so that none can
be left out, moved or cut off; the header is bound to each.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"TRYGGVAG BACKUP 1\n"
PIECE = 256 * 1024
LONGEST_HEADER = 4096
_TAG = 16


class NotOurs(Exception):
    """The file is no backup of this program."""


class OtherKey(Exception):
    """The file was sealed with a key that is not among those given."""


class Broken(Exception):
    """The file was cut off or changed."""


def fingerprint(key: str) -> str:
    """Names a key without telling anything about it."""
    return hashlib.sha256(b"tryggvag fingerprint " + key.encode()).hexdigest()[:16]


def _cipher(key: str, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"tryggvag backup 1").derive(key.encode()))


def _nonce(number: int, last: bool) -> bytes:
    return struct.pack(">QHBB", number, 0, 0, last)


class Sealer:
    """Writes to `file`, sealed with `key`. What `header` says stays readable. `sha256` is the file's own."""

    def __init__(self, file: BinaryIO, key: str, header: dict[str, Any]) -> None:
        salt = os.urandom(32)
        head = MAGIC + json.dumps({**header, "key": fingerprint(key), "salt": salt.hex()}).encode() + b"\n"
        self._file, self._cipher, self._bound = file, _cipher(key, salt), hashlib.sha256(head).digest()
        self._pack, self._waiting, self._number = zlib.compressobj(1), bytearray(), 0
        self.sha256 = hashlib.sha256()
        self._put(head)

    def write(self, data: bytes) -> None:
        """Add to the file."""
        self._waiting += self._pack.compress(data)
        while len(self._waiting) > PIECE:  # the last piece is never empty-handed: `close` has something to seal
            self._seal(PIECE, last=False)

    def close(self) -> None:
        """Write the last piece; without it the file is not whole."""
        self._waiting += self._pack.flush()
        while len(self._waiting) > PIECE:
            self._seal(PIECE, last=False)
        self._seal(len(self._waiting), last=True)

    def _seal(self, size: int, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last), bytes(self._waiting[:size]), self._bound)
        del self._waiting[:size]
        self._number += 1
        self._put(struct.pack(">I", len(sealed)) + sealed)

    def _put(self, data: bytes) -> None:
        self.sha256.update(data)
        self._file.write(data)


class Opener:
    """Reads what a Sealer wrote. Raises NotOurs and OtherKey; `pieces` raises Broken."""

    def __init__(self, file: BinaryIO, keys: list[str]) -> None:
        head = file.read(len(MAGIC))
        if head != MAGIC:
            raise NotOurs
        line = file.readline(LONGEST_HEADER)
        try:
            self.header: dict[str, Any] = json.loads(line)
            name, salt = str(self.header["key"]), bytes.fromhex(self.header["salt"])
        except (ValueError, TypeError, KeyError):
            raise Broken from None
        key = next((key for key in keys if fingerprint(key) == name), None)
        if key is None:
            raise OtherKey
        self._file, self._cipher = file, _cipher(key, salt)
        self._bound = hashlib.sha256(head + line).digest()
        self.sha256 = hashlib.sha256(head + line)

    def pieces(self) -> Iterator[bytes]:
        """What was written, in pieces. Only when the last one has come is the file known to be whole."""
        unpack = zlib.decompressobj()
        number, size = 0, self._size()
        while size is not None:
            sealed = self._read(size)
            size = self._size()
            try:
                packed = self._cipher.decrypt(_nonce(number, size is None), sealed, self._bound)
            except InvalidTag:
                raise Broken from None
            yield unpack.decompress(packed)
            number += 1
        if not unpack.eof:
            raise Broken

    def _size(self) -> int | None:
        """The next piece's size; None at the file's end."""
        head = self._file.read(4)
        self.sha256.update(head)
        if not head:
            return None
        size = int.from_bytes(head, "big")
        if len(head) < 4 or not _TAG <= size <= PIECE + _TAG:
            raise Broken
        return size

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        if len(data) < size:
            raise Broken
        return data


def lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of what comes in pieces. Raises Broken when the last one has no end."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        raise Broken
