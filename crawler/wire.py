"""One HTTP/1.1 exchange on one connection, and where connections come from.

Own code and not a client library, because an auditor has to know what a library hides: which header was
sent, whether the answer was cut short, at which stage time ran out, which address was really asked (a name
may resolve to an intranet), and that an old server's protocol was the fault. It reads what browsers read:
header lines without a colon, bare line feeds, bodies without a length.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.outcomes import (
    ConnectTimeout,
    DnsTimeout,
    Dropped,
    NotAllowed,
    NotHttp,
    Stalled,
    certificate_fault,
    maybe_old_tls,
)

_LONGEST_HEAD = 65_536
_IDLE_KEPT = 64
_ROOM = 128_000
_FRAMING = frozenset(map(len, ("content-length", "transfer-encoding", "connection")))
_LINES_KEPT, _LINE_KEPT = 1_000, 200
_LOOK_SECONDS = 0.05
_DNS_KEPT_SECONDS = 600.0


class Head(NamedTuple):
    """Status line and headers, values as latin-1 text in the order they came."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    version: str = "1.1"

    def get(self, name: str) -> str | None:
        """The first value of a header, `name` in lower case."""
        length = len(name)
        for key, value in self.headers:
            if len(key) == length and key.lower() == name:
                return value
        return None


class Answer(NamedTuple):
    """`end` says how the body ended: "whole", "cut" (connection lost), "large" or "unread" (not wanted)."""

    head: Head
    body: bytes
    end: str
    peer: str | None


Admit = Callable[[Head], int]
"""How many bytes of body are wanted after seeing the head; 0 ends the exchange there.

Below zero: the first so many bytes are enough, a longer body is not too large but left there ("unread").
"""


class Deadlines:
    """Ends what takes too long, up to `_LOOK_SECONDS` late: a timer for each request costs more than writing it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due: dict[Connection, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def set(self, connection: Connection, seconds: float) -> None:
        self._due[connection] = self._loop.time() + seconds
        if self._timer is None:
            self._timer = self._loop.call_later(_LOOK_SECONDS, self._look)

    def clear(self, connection: Connection) -> None:
        self._due.pop(connection, None)

    def _look(self) -> None:
        now = self._loop.time()
        for connection in [connection for connection, due in self._due.items() if due <= now]:
            del self._due[connection]
            connection.expire()
        self._timer = self._loop.call_later(_LOOK_SECONDS, self._look) if self._due else None


class Connection(asyncio.BufferedProtocol):
    """A connection that answers one request at a time.

    What comes is read into `room`, which all connections of a loop may share, and taken out at once: left alone,
    asyncio asks the system for 256 kB of memory for every reading and gives nearly all of it back.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, deadlines: Deadlines, room: memoryview) -> None:
        self._loop = loop
        self._deadlines = deadlines
        self._room = room
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._buffer = bytearray()
        self._parts: list[bytes] = []
        self._state = ""
        self._reusable = True
        self.used = False
        self.broken = False
        self.peer: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if isinstance(peer, tuple) else None

    def take_over(self, transport: asyncio.Transport) -> None:
        """Go on over a transport that was upgraded to TLS."""
        self._transport = transport

    @property
    def transport(self) -> asyncio.Transport:
        assert self._transport is not None
        return self._transport

    @property
    def alive(self) -> bool:
        return self._reusable and self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        self._reusable = False
        if self._transport is not None:
            self._transport.abort()

    async def ask(self, payload: bytes, method: str, admit: Admit, timeout: float) -> Answer:
        """Send a request and wait for its answer: `timeout` seconds for the head, three times that for all of it.

        Raises Dropped, NotHttp, TimeoutError (no head) or Stalled (no end).
        """
        if self._transport is None or self._transport.is_closing():
            raise Dropped
        self._method, self._admit, self._timeout = method, admit, timeout
        self._parts = []
        self._state, self._got, self._wanted, self._beyond = "head", 0, 0, "large"
        self._waiter = self._loop.create_future()
        self._deadlines.set(self, timeout)
        self._transport.write(payload)
        try:
            return await self._waiter
        finally:
            self._deadlines.clear(self)
            if self._state:
                self.close()
            self._waiter = None
            self.used = True

    def expire(self) -> None:
        """Time is up."""
        self._fail(TimeoutError() if self._state == "head" else Stalled(self._head.status))

    def _fail(self, error: BaseException) -> None:
        self._state = ""
        self.close()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)

    def _finish(self, end: str) -> None:
        if end != "whole":
            self._reusable = False
        self._state = ""
        if not self._reusable:
            self.close()
        if self._waiter is not None and not self._waiter.done():
            parts = self._parts
            body = parts[0] if len(parts) == 1 else b"".join(parts)
            self._parts = []
            self._waiter.set_result(Answer(self._head, body, end, self.peer))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._room

    def buffer_updated(self, came: int) -> None:
        self._take_in(bytes(self._room[:came]))

    def _take_in(self, data: bytes) -> None:
        if self._state == "length":
            self._take(data)
        elif self._state == "head":
            self._buffer += data
            self._read_head()
        elif self._state == "chunks":
            self._buffer += data
            self._read_chunks()
        elif self._state == "rest":
            self._take(data)
        else:
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._reusable = False
        if self._state in ("length", "chunks") or (self._state == "rest" and error is not None):
            self._finish("cut")
        elif self._state == "rest":
            self._finish("whole")
        elif self._state == "head":
            self.broken = not self._buffer
            self._fail(error if isinstance(error, ConnectionResetError | ssl.SSLError) else Dropped())

    def _read_head(self) -> None:
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n")
        skip = 4
        if end < 0:
            end = buffer.find(b"\n\n")
            skip = 2
        if end < 0:
            if len(buffer) > _LONGEST_HEAD or (
                len(buffer) > 8 and not buffer.lstrip()[:4].upper().startswith(b"HTTP")
            ):
                self._fail(NotHttp())
            return
        head = _head(bytes(buffer[:end]))
        if head is None:
            self._fail(NotHttp())
            return
        rest = bytes(buffer[end + skip :])
        self._buffer = bytearray()
        if 100 <= head.status < 200:
            if rest:
                self._buffer += rest
                self._read_head()
            return
        self._head = head
        self._begin_body(head, rest)

    def _begin_body(self, head: Head, rest: bytes) -> None:
        length: int | None = None
        chunked = close = keep = False
        for key, value in head.headers:
            if len(key) not in _FRAMING:
                continue
            name = key.lower()
            if name == "content-length":
                digits = value.partition(",")[0].strip()
                length = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
            elif name == "transfer-encoding":
                chunked = "chunked" in value.lower()
            elif name == "connection":
                close, keep = "close" in value.lower(), "keep-alive" in value.lower()
        if self._method == "CONNECT":
            self._finish("whole")
            return
        if close or (not keep and head.version == "1.0"):
            self._reusable = False
        if self._method == "HEAD" or head.status in (204, 304) or (length == 0 and not chunked):
            if rest:
                self._reusable = False
            self._finish("whole")
            return
        wanted = self._admit(head)
        self._wanted, self._beyond = abs(wanted), "unread" if wanted < 0 else "large"
        if not wanted:
            self._finish("unread")
        elif chunked:
            self._arm_end()
            self._state = "chunks"
            self._chunk = -1
            self._buffer += rest
            self._read_chunks()
        elif length is not None:
            if length > self._wanted and self._beyond == "large":
                self._finish("large")
                return
            self._state, self._length = "length", length
            if len(rest) < length:
                self._arm_end()
            if rest:
                self._take(rest)
        else:
            self._arm_end()
            self._state, self._length = "rest", -1
            self._reusable = False
            if rest:
                self._take(rest)

    def _arm_end(self) -> None:
        self._deadlines.set(self, 3 * self._timeout)

    def _take(self, data: bytes) -> None:
        self._got += len(data)
        self._parts.append(data)
        if self._state == "length":
            if self._got >= self._length:
                if self._got > self._length:
                    self._parts = [b"".join(self._parts)[: self._length]]
                    self._reusable = False
                self._finish("whole")
            elif self._got > self._wanted:
                self._finish(self._beyond)
        elif self._got > self._wanted:
            self._finish(self._beyond)

    def _read_chunks(self) -> None:
        buffer = self._buffer
        at = 0
        while True:
            if self._chunk < 0:
                end = buffer.find(b"\n", at)
                if end < 0:
                    if len(buffer) - at > 1024:
                        self._finish("cut")
                        return
                    break
                size = bytes(buffer[at:end]).partition(b";")[0].strip()
                at = end + 1
                if not size:
                    continue
                try:
                    self._chunk = int(size, 16)
                except ValueError:
                    self._finish("cut")
                    return
                if self._chunk < 0:
                    self._finish("cut")
                    return
                if self._chunk == 0:
                    if len(buffer) - at > 2:
                        self._reusable = False
                    elif len(buffer) - at < 2:
                        # The line that ends the trailers is still on its way.
                        self._reusable = False
                    self._finish("whole")
                    return
            piece = bytes(buffer[at : at + self._chunk])
            if not piece:
                break
            at += len(piece)
            self._chunk -= len(piece)
            if self._chunk == 0:
                self._chunk = -1
            self._got += len(piece)
            self._parts.append(piece)
            if self._got > self._wanted:
                self._finish(self._beyond)
                return
        del buffer[:at]


_LINES: dict[str, tuple[str, str] | tuple[()]] = {}
"""Header lines met lately, read: most of a server's answers repeat them. Empty for what is none."""


def _head(raw: bytes) -> Head | None:
    lines = raw.decode("latin-1").lstrip("\r\n").split("\n")
    version, _, rest = lines[0].strip().partition(" ")
    if not version.upper().startswith("HTTP/"):
        return None
    status, _, reason = rest.strip().partition(" ")
    if not (len(status) == 3 and status.isascii() and status.isdigit()):
        return None
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        known = _LINES.get(line)
        if known is None:
            name, colon, value = line.partition(":")
            known = (name.rstrip(), value.strip()) if colon and name and name[0] not in " \t" else ()
            if len(_LINES) >= _LINES_KEPT:
                _LINES.clear()
            if len(line) <= _LINE_KEPT:
                _LINES[line] = known
        if known:
            headers.append(known)
    return Head(int(status), reason.strip(), headers, version.rpartition("/")[2])


def _context(level: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if level != "strict":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if level == "legacy":
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.options |= 0x4  # OP_LEGACY_SERVER_CONNECT, which Python 3.11 does not name
    return context


class Place(NamedTuple):
    """Where a request goes: scheme, host name and port, through a proxy or not."""

    scheme: str
    host: str
    port: int
    proxy: str | None = None


class Wire:
    """Opens, keeps and hands out connections; knows names, protocols and certificates of the hosts met."""

    def __init__(self, may_connect: Callable[[str, list[str]], bool], timeout: float) -> None:
        self._may_connect = may_connect
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._deadlines = Deadlines(self._loop)
        self._room = memoryview(bytearray(_ROOM))
        self._idle: dict[Place, deque[Connection]] = {}
        self._names: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._levels: dict[str, str] = {}
        self._no_legacy: set[str] = set()
        self.certificates: dict[str, str] = {}
        """Hosts whose certificate failed, with why; they are read all the same, as citizens click on."""

    def old_tls(self, host: str) -> bool:
        """Whether a host speaks only protocols that browsers refuse."""
        return self._levels.get(host) == "legacy"

    async def ask(
        self, place: Place, payload: bytes, method: str, admit: Admit, timeout: float, *, fresh: bool = False
    ) -> Answer:
        """One exchange, on a kept connection unless `fresh`. Raises what `crawler.outcomes` knows."""
        kept = None if fresh else self._kept(place)
        if kept is not None:
            try:
                return await self._exchange(kept, place, payload, method, admit, timeout)
            except (Dropped, ConnectionResetError):
                if not kept.broken:
                    raise
                # The server had closed a kept connection, or closes any for this request: a new one tells.
        connection = await self._open(place)
        return await self._exchange(connection, place, payload, method, admit, timeout, keep=not fresh)

    async def _exchange(
        self,
        connection: Connection,
        place: Place,
        payload: bytes,
        method: str,
        admit: Admit,
        timeout: float,
        keep: bool = True,
    ) -> Answer:
        answer = await connection.ask(payload, method, admit, timeout)
        if keep and connection.alive:
            idle = self._idle.setdefault(place, deque())
            idle.append(connection)
            if len(idle) > _IDLE_KEPT:
                idle.popleft().close()
        else:
            connection.close()
        return answer

    def _kept(self, place: Place) -> Connection | None:
        idle = self._idle.get(place)
        while idle:
            connection = idle.pop()
            if connection.alive:
                return connection
        return None

    def close(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()

    async def _open(self, place: Place) -> Connection:
        if place.scheme != "https":
            return await self._connect(place, None)
        level = self._levels.get(place.host, "strict")
        try:
            connection = await self._connect(place, level)
        except ssl.SSLCertVerificationError as error:
            self.certificates.setdefault(place.host, certificate_fault(error))
            self._levels[place.host] = "lax"
            return await self._open(place)
        except (OSError, Dropped) as error:
            if level == "legacy" or place.host in self._no_legacy or not maybe_old_tls(error):
                raise
            try:
                connection = await self._connect(place, "legacy")
            except (OSError, Dropped):
                self._no_legacy.add(place.host)
                raise error from None
            self._levels[place.host] = "legacy"
            return connection
        self._levels.setdefault(place.host, level)
        return connection

    async def _connect(self, place: Place, level: str | None) -> Connection:
        context = None
        if level is not None:
            context = self._contexts.get(level)
            if context is None:
                context = self._contexts[level] = _context(level)
        if place.proxy is not None:
            return await self._through_proxy(place, context)
        error: BaseException | None = None
        for address in (await self.addresses(place.host, place.port))[:3]:
            try:
                return await self._dial(address, place.port, context, place.host)
            except ssl.SSLError:
                raise
            except OSError as failed:
                error = failed
        assert error is not None
        raise error

    async def _dial(self, address: str, port: int, context: ssl.SSLContext | None, name: str) -> Connection:
        try:
            async with asyncio.timeout(self._timeout):
                _, connection = await self._loop.create_connection(
                    lambda: Connection(self._loop, self._deadlines, self._room),
                    address,
                    port,
                    ssl=context,
                    server_hostname=name.strip("[]") if context is not None else None,
                )
        except TimeoutError as error:
            raise ConnectTimeout from error
        return connection

    async def _through_proxy(self, place: Place, context: ssl.SSLContext | None) -> Connection:
        parts = urlsplit(place.proxy or "")
        connection = await self._dial(parts.hostname or "", parts.port or 3128, None, "")
        if context is None:
            return connection
        line = f"CONNECT {place.host}:{place.port} HTTP/1.1\r\nHost: {place.host}:{place.port}\r\n\r\n"
        answer = await connection.ask(line.encode("ascii"), "CONNECT", lambda head: 0, self._timeout)
        if answer.head.status != 200:
            raise ConnectionRefusedError
        transport = await self._loop.start_tls(
            connection.transport, connection, context, server_hostname=place.host.strip("[]")
        )
        assert isinstance(transport, asyncio.Transport)
        connection.take_over(transport)
        return connection

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host, if it may be asked. Raises NotAllowed, socket.gaierror, DnsTimeout."""
        known = self._names.get((host, port))
        if known is None or known[0] < self._loop.time():
            found = await self._resolve(host, port)
            known = self._names[host, port] = (self._loop.time() + _DNS_KEPT_SECONDS, found)
        if not self._may_connect(host, known[1]):
            raise NotAllowed("内网地址，公众打不开，也没有去访问")
        return known[1]

    def forget_names(self) -> None:
        """Ask the name servers anew from now on: a second opinion must not rest on the first answer."""
        self._names.clear()

    async def _resolve(self, host: str, port: int) -> list[str]:
        bare = host.strip("[]")
        if _is_ip(bare):
            return [bare]
        if bare.endswith(".localhost"):
            return ["127.0.0.1"]
        if bare.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "reserved name")
        try:
            async with asyncio.timeout(self._timeout):
                found = await self._loop.getaddrinfo(bare, port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise DnsTimeout from error
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise DnsTimeout from error
            raise
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_ip(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except OSError:
            continue
        return True
    return False
