"""A proxy, and a server whose certificate only an authority of one's own has signed; both real, on loopback."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one side to the other, until it ends."""
    with suppress(ConnectionError, ssl.SSLError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    with suppress(ConnectionError, ssl.SSLError, RuntimeError):
        writer.close()


async def joined(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int, first: bytes = b""
) -> None:
    """Join a client with a server."""
    far_reader, far_writer = await asyncio.open_connection(host, port)
    far_writer.write(first)
    await asyncio.gather(pipe(reader, far_writer), pipe(far_reader, writer))


@dataclass
class Proxy:
    """An HTTP proxy; `asked` has the first line of every connection."""

    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, OSError):
            head = await reader.readuntil(b"\r\n\r\n")
            line = head.split(b"\r\n")[0].decode()
            self.asked.append(line)
            method, target, _ = line.split(" ")
            if method == "CONNECT":
                host, _, port = target.rpartition(":")
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await joined(reader, writer, host, int(port))
            else:
                parts = urlsplit(target)
                await joined(reader, writer, parts.hostname or "", parts.port or 80, head)


@asynccontextmanager
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy for the length of a block."""
    made = Proxy()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


@asynccontextmanager
async def behind_tls(folder: Path, port: int) -> AsyncIterator[tuple[int, Path]]:
    """The server at `port` behind TLS: the port to use, and the file of the authority that signed for it."""
    certificate, key, authority = certificates(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, OSError):
            await joined(reader, writer, "127.0.0.1", port)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], authority
    finally:
        server.close()


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """A certificate for 127.0.0.1, its key, and the certificate of the authority that signed it."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Fiktiv kommun CA")])
    now = datetime.now(UTC)

    def made(name: x509.Name, public: ec.EllipticCurvePublicKey, *, root: bool) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(root_name).public_key(public)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        builder = builder.not_valid_after(now + timedelta(days=1))
        return builder.add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)

    authority = made(root_name, root_key.public_key(), root=True).sign(root_key, hashes.SHA256())
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    leaf = made(leaf_name, key.public_key(), root=False).add_extension(alternative, critical=False)
    pem = serialization.Encoding.PEM
    files = (folder / "leaf.pem", folder / "leaf.key", folder / "authority.pem")
    files[0].write_bytes(leaf.sign(root_key, hashes.SHA256()).public_bytes(pem))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files[1].write_bytes(key.private_bytes(pem, *plain))
    files[2].write_bytes(authority.public_bytes(pem))
    return files
