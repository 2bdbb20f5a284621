"""A proxy and a server with a certificate of its own: the roads that an adapter may have to take."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Proxy:
    """Its address, and what each connection first asked for: "CONNECT host:port" or "POST http://host:port".

    It finds every host on this machine, those too that nobody else finds.
    """

    url: str = ""
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: forward what it asks for, or open a tunnel."""
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        tunnel = method == "CONNECT"
        where = urlsplit(f"//{target}" if tunnel else target)
        self.asked.append(f"{method} {target if tunnel else f'{where.scheme}://{where.netloc}'}")
        there = await asyncio.open_connection("127.0.0.1", where.port)
        if tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            there[1].write(head)
        await asyncio.gather(pour(reader, there[1]), pour(there[0], writer))


async def pour(source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
    """Everything from one end to the other, until either hangs up."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while piece := await source.read(65536):
            drain.write(piece)
            await drain.drain()
    drain.close()


@asynccontextmanager
async def proxy() -> AsyncIterator[Proxy]:
    """A forwarding proxy on a loopback port."""
    found = Proxy()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()


@asynccontextmanager
async def behind_tls(port: int, folder: Path) -> AsyncIterator[tuple[str, Path]]:
    """A loopback port as https, by a certificate that nobody knows; its address, and the file that makes it trusted."""
    own = authority(folder)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pour(reader, there[1]), pour(there[0], writer))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own, folder / "key.pem")
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", own
    finally:
        server.close()


def authority(folder: Path) -> Path:
    """A certificate for this machine, signed by itself, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lönnköpings egen")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, bare))
    (folder / "own.pem").write_bytes(certificate.public_bytes(pem))
    return folder / "own.pem"
