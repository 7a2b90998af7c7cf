"""A loopback server that behaves as badly as real ones: real sockets, real TLS, scripted per path."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gzip
import ipaddress
import ssl
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    number: int
    """How often this path was asked for, this time included."""


Behaviour = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Server:
    """Routes by path (with query). `port` once started; `seen` every request in order."""

    address: str = "127.0.0.1"
    context: ssl.SSLContext | None = None
    routes: dict[str, Behaviour] = field(default_factory=dict)
    other: Behaviour | None = None
    seen: list[Request] = field(default_factory=list)
    port: int = 0
    most_at_once: int = 0
    banner: bytes = b""
    """Said to whoever connects, before any request."""
    pause: float = 0.0
    """Seconds each answer takes, so that requests can overlap."""
    _now: int = 0
    _counts: Counter[str] = field(default_factory=Counter)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _ended: asyncio.Event | None = None
    _transports: set[asyncio.WriteTransport] = field(default_factory=set)
    _watchers: list[tuple[int, threading.Event]] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"{'https' if self.context else 'http'}://{self.address}:{self.port}"

    def start(self) -> Server:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def stop(self) -> None:
        assert self._loop is not None
        assert self._thread is not None
        assert self._ended is not None
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    def after(self, count: int) -> threading.Event:
        """An event that is set when that many requests more have come."""
        event = threading.Event()
        self._watchers.append((len(self.seen) + count, event))
        return event

    def paths(self, method: str | None = None) -> list[str]:
        return [r.path for r in self.seen if method in (None, r.method)]

    async def _serve(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        server = await asyncio.start_server(
            self._connected, self.address, self.port, ssl=self.context, backlog=500
        )
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._ended.wait()
        server.close()
        for transport in list(self._transports):
            transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # Aborted transports close their sockets in the loop's next round.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._transports.add(writer.transport)
        writer.write(self.banner)
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError
        ):
            while await self._one(reader, writer):
                pass
        writer.transport.abort()
        self._transports.discard(writer.transport)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self._counts[path] += 1
        assert self._loop is not None
        request = Request(
            method=method,
            path=path,
            headers=headers,
            body=body,
            at=self._loop.time(),
            number=self._counts[path],
        )
        self.seen.append(request)
        for count, event in self._watchers:
            if len(self.seen) >= count:
                event.set()
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            if self.pause:
                await asyncio.sleep(self.pause)
            await (self.routes.get(path) or self.other or missing())(request, writer)
            await writer.drain()
        finally:
            self._now -= 1
        return not writer.is_closing()


def answer(
    body: bytes | str = b"",
    status: int = 200,
    *,
    kind: str = "text/html; charset=utf-8",
    headers: tuple[tuple[str, str], ...] = (),
    packed: bool = False,
    chunked: bool = False,
) -> Behaviour:
    raw = body.encode() if isinstance(body, str) else body

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        data = gzip.compress(raw, mtime=0) if packed else raw
        lines = [f"HTTP/1.1 {status} Reason", f"Content-Type: {kind}", *(f"{k}: {v}" for k, v in headers)]
        if packed:
            lines.append("Content-Encoding: gzip")
        lines.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(data)}")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        if request.method == "HEAD":
            return
        if chunked:
            for start in range(0, len(data), 100):
                piece = data[start : start + 100]
                writer.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
            writer.write(b"0\r\n\r\n")
        else:
            writer.write(data)

    return behave


def page(title: str, *links: str, text: str = "", charset: str = "utf-8") -> Behaviour:
    """A small web page with links; an entry may be whole HTML or an address."""
    items = "\n".join(
        link if link.startswith("<") else f'<p><a href="{link}">{link}</a></p>' for link in links
    )
    html = (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><div class='content'><p>{text or title + '的内容。'}</p>\n{items}</div></body></html>"
    )
    return answer(html.encode(charset), kind="text/html")


def redirect(where: str, status: int = 302) -> Behaviour:
    return answer(b"", status, headers=(("Location", where),))


def missing() -> Behaviour:
    return answer("<html><title>404</title>not found</html>", 404)


def raw(data: bytes) -> Behaviour:
    """Exactly these bytes, then the end of the connection."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return behave


def reset() -> Behaviour:
    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    return behave


def hang() -> Behaviour:
    """Accepts the request and never answers."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    return behave


def drip() -> Behaviour:
    """Begins a page and sends on, byte by byte, for ever."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour per request for the path, the last one for all further ones."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        await behaviours[min(request.number, len(behaviours)) - 1](request, writer)

    return behave


def by_method(**behaviours: Behaviour) -> Behaviour:
    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        await behaviours[request.method](request, writer)

    return behave


@contextlib.contextmanager
def serving(*servers: Server) -> Iterator[tuple[Server, ...]]:
    try:
        yield tuple(server.start() for server in servers)
    finally:
        for server in servers:
            server.stop()


class Issuer:
    """One who signs certificates; `file` is what a client must trust."""

    def __init__(self, folder: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test issuer")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=900))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.file = folder / "issuer.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def tls_context(
    folder: Path,
    *,
    name: str = "127.0.0.1",
    days: tuple[int, int] = (-1, 30),
    old: bool = False,
    issuer: Issuer | None = None,
) -> ssl.SSLContext:
    """A server's context with a real certificate: for `name`, valid from and to days from today.

    Signed by `issuer`, or by itself. `old` speaks nothing newer than TLS 1.0.
    """
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    key = rsa.generate_private_key(65537, 2048) if old else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.name if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=days[0]))
        .not_valid_after(now + dt.timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    file = folder / f"{name}-{days[1]}-{old}-{issuer is not None}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.maximum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(file)
    return context
