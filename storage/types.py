"""Column types that keep what they promise: encrypted text, and times that are never naive."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import DateTime, LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class WrongKey(Exception):
    """The encryption keys are missing, malformed, or not those that the data was written with."""


class Keyring:
    """The keys in force. The first encrypts; every one decrypts, so that a new key can be put first."""

    def __init__(self) -> None:
        self._fernet: MultiFernet | None = None
        self._keys: list[bytes] = []

    def use(self, keys: list[str]) -> None:
        """Put these keys (as `tryggvag new-key` makes them) in force. Raises WrongKey."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
            self._keys = [key.encode() for key in keys]
        except (ValueError, TypeError) as error:
            raise WrongKey("an encryption key is not 32 bytes in URL-safe base64") from error

    def seal(self, data: bytes) -> bytes:
        """Encrypt with the first key."""
        return self._in_force().encrypt(data)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt with whichever key fits. Raises WrongKey."""
        try:
            return self._in_force().decrypt(sealed)
        except InvalidToken as error:
            raise WrongKey("none of the encryption keys fits what is stored") from error

    def digests(self, text: str) -> list[str]:
        """A keyed digest of a secret for each key, the newest first: to recognise it without keeping it."""
        return [hmac.new(key, text.encode(), "sha256").hexdigest() for key in self._keys]

    def _in_force(self) -> MultiFernet:
        if self._fernet is None:
            raise WrongKey("no encryption key is set")
        return self._fernet


keyring = Keyring()  # a column type has no other way to its keys; Database.__init__ sets it


class Encrypted(TypeDecorator[Any]):
    """Any JSON value, encrypted at rest. It cannot be searched."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return keyring.seal(text.encode("utf-8", "surrogatepass"))  # half a smiley must not stop what came with it

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(keyring.open(bytes(value)))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC. A naive one is refused: nobody could say when it was."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)
