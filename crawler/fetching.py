"""Asking for one address, with everything that belongs to it: manners, cookies, redirects, outcome in words."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import re
import zlib
from collections.abc import Callable
from typing import NamedTuple

from isal import isal_zlib

from crawler import outcomes
from crawler.answers import Validators
from crawler.evidence.records import Fetch, FetchOutcome
from crawler.extract.address import fetchable, normal, resolve
from crawler.extract.walls import wall
from crawler.hosts import (
    LONGEST_PAUSE,
    Host,
    forbids_something,
    retry_after,
    robots_rules,
    seconds_until_open,
)
from crawler.outcomes import NotAllowed, TooManyRedirects
from crawler.scope import Scope
from crawler.siteconfig import SiteConfig
from crawler.wire import Admit, Answer, Head, Place, Wire

PAGE_FIRST, FILE_NEXT, PROBE_LAST = 0, 1, 2

PATIENCE, PATIENCE_WITH_HOME = 60.0, 600.0
"""Seconds without any answer after which another host, and the site itself, are asked nothing more."""

_MOST_REDIRECTS = 20
"""Chromium and Firefox follow as many; what they follow is no loop."""
_PATIENT_TRIES = 3
_ROBOTS_NAME = "xuncha"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_TO_REUSE = 65_536
_COOKIES_KEPT = 40
_BAD_IN_LINE = re.compile(r"[\x00-\x20\x7f-\U0010ffff]")
_WALL_PAGE = 8_192


class _Way(NamedTuple):
    """How the addresses of one scheme and host:port are asked for: found out once."""

    host: Host
    own: bool
    name: str
    place: Place


class Got(NamedTuple):
    """What asking for one address gave. `head` and `body` are of the last answer, None and empty without one."""

    fetch: Fetch
    head: Head | None
    body: bytes
    peer: str | None


class Fetcher:
    """Asks politely. One for a whole run; safe for any number of tasks of one event loop.

    `note` is told what a report must say: robots, certificates, pauses.
    """

    def __init__(
        self, config: SiteConfig, scope: Scope, note: Callable[[str, str, str | None], None]
    ) -> None:
        self._config = config
        self._scope = scope
        self._note = note
        self._loop = asyncio.get_running_loop()
        self._timeout = config.crawl.timeout
        self._home = config.netloc
        self.wire = Wire(scope.may_connect, config.crawl.timeout)
        self._hosts: dict[str, Host] = {}
        self._lines: dict[str, str] = {}
        self._ways: dict[tuple[str, str], _Way] = {}
        self._said: set[tuple[str, str]] = set()
        self.asked: dict[int, tuple[float, str]] = {}
        """What is being asked for just now: since when, and which address. Waiting for a turn does not count."""
        self.home_is_silent: Callable[[], None] = lambda: None
        """Called when the site itself has kept silent for so long that the walk had better end."""
        self.sitemaps: list[str] = []
        self.requests = 0
        self.bytes = 0
        self._gate_until = 0.0

    def close(self) -> None:
        self.wire.close()

    def host(self, netloc: str) -> Host:
        found = self._hosts.get(netloc)
        if found is None:
            crawl = self._config.crawl
            own = netloc in self._config.netlocs
            access = self._config.access(netloc) or self._config.access(netloc.partition(":")[0])
            delay = crawl.delay if own else self._config.outside_delay
            if access is not None and access.delay is not None:
                delay = access.delay
            together = crawl.concurrency if own or not delay else min(crawl.concurrency, 2)
            found = self._hosts[netloc] = Host(self._loop, delay, together, self._gate)
            if access is not None:
                found.cookies.update(access.cookies)
        return found

    def _way(self, scheme: str, netloc: str) -> _Way:
        found = self._ways.get((scheme, netloc))
        if found is None:
            name, port = _host_port(scheme, netloc)
            access = self._config.access(netloc) or self._config.access(name)
            place = Place(scheme, name, port, access.proxy if access is not None else None)
            own = netloc in self._config.netlocs
            found = self._ways[scheme, netloc] = _Way(self.host(netloc), own, name, place)
        return found

    def _gate(self) -> float:
        hours = self._config.crawl.hours
        return seconds_until_open(hours, dt.datetime.now().astimezone()) if hours else 0.0

    async def get(
        self,
        url: str,
        *,
        method: str = "GET",
        admit: Admit,
        priority: int,
        attempt: int = 1,
        fresh: bool = False,
        payload: bytes = b"",
        content_type: str = "",
        held: Validators = None,
    ) -> Got:
        """Ask for `url`, following redirects, and say how it ended. Never raises for what a server does.

        `held` are the validators of a copy we have: a server that knows them answers 304 without a body.
        """
        at = dt.datetime.now(dt.UTC)
        chain: list[str] = []
        seconds = 0.0
        answer: Answer | None = None
        outcome, detail = FetchOutcome.NOT_FETCHED, None
        begun: int | None = None
        try:
            answer, seconds = await self._follow(
                url, chain, method, admit, priority, fresh, payload, content_type, held
            )
            outcome, detail = self._judge(url, chain, answer)
        except outcomes_expected as error:
            outcome, detail = outcomes.of_error(error)
            if isinstance(error, _Forbidden):
                outcome = FetchOutcome.ROBOTS
            if isinstance(error, outcomes.Stalled):
                begun = error.status
            final = chain[-1] if chain and outcome is not FetchOutcome.REDIRECT_LOOP else None
            between = tuple(chain[:-1]) if final else tuple(chain)
        else:
            final = chain[-1] if chain else None
            between = tuple(chain[:-1])
        head = answer.head if answer is not None else None
        fetch = Fetch(
            url=url,
            method=method,
            at=at,
            outcome=outcome,
            attempt=attempt,
            status=head.status if head is not None else begun,
            final_url=final,
            redirects=between,
            elapsed_ms=int(seconds * 1000) if answer is not None else None,
            bytes=len(answer.body) if answer is not None and method != "HEAD" else None,
            content_type=(head.get("content-type") or None) if head is not None else None,
            detail=detail,
        )
        return Got(
            fetch,
            head,
            answer.body if answer is not None else b"",
            answer.peer if answer is not None else None,
        )

    async def _follow(
        self,
        url: str,
        chain: list[str],
        method: str,
        admit: Admit,
        priority: int,
        fresh: bool,
        payload: bytes,
        content_type: str,
        held: Validators,
    ) -> tuple[Answer, float]:
        seen: set[tuple[str, str]] = set()
        here = url
        jar: dict[str, str] = {}
        spent = 0.0
        while True:
            answer, seconds = await self._ask(
                here, method, admit, priority, fresh, jar, payload, content_type, None if chain else held
            )
            spent += seconds
            location = answer.head.get("location") if answer.head.status in _REDIRECTS else None
            if not location:
                return answer, spent
            there = _target(here, location)
            if there is None:
                return answer, spent
            if not chain:
                seen.add((url, ""))
            chain.append(there)
            # A server that answers with a redirect to itself and a cookie wants the cookie back.
            step = (there, "&".join(sorted(f"{k}={v}" for k, v in jar.items())))
            if step in seen:
                raise TooManyRedirects("跳转绕圈，回到已经走过的地址")
            if len(chain) > _MOST_REDIRECTS:
                raise TooManyRedirects(f"跳转超过 {_MOST_REDIRECTS} 次仍没有到头")
            seen.add(step)
            if answer.head.status == 303 and method == "POST":
                method, payload = "GET", b""
            here = there

    async def _ask(
        self,
        url: str,
        method: str,
        admit: Admit,
        priority: int,
        fresh: bool,
        jar: dict[str, str],
        payload: bytes,
        content_type: str,
        held: Validators,
    ) -> tuple[Answer, float]:
        scheme, netloc, target = _parts(url)
        host, own, name, place = self._way(scheme, netloc)
        if own and self._config.crawl.respect_robots:
            if host.robots is None or not host.robots.done():
                await self._robots(host, scheme, netloc)
            if not host.allows(url, _ROBOTS_NAME):
                raise _Forbidden("robots.txt 不允许访问")
        if place.proxy is not None:
            self._check_literal(name)
        for tried in range(_PATIENT_TRIES):
            head = self._request(
                method,
                scheme,
                netloc,
                target,
                url,
                host.cookies if own else jar,
                place,
                payload,
                content_type,
                held,
            )
            await host.enter(priority)
            began = self._loop.time()
            good = impatient = False
            self.asked[id(head)] = (began, url)
            try:
                if not fresh:
                    self._give_up_on_silence(host, netloc)
                self.requests += 1
                answer = await self.wire.ask(place, head, method, admit, self._timeout, fresh=fresh)
                good = answer.head.status < 400
                # Before the turn is given up: whoever is next must find the pause already set.
                impatient = self._impatient(host, netloc, answer, tried)
                host.answered()
            except (OSError, outcomes.Dropped):
                host.unanswered(began)
                raise
            finally:
                del self.asked[id(head)]
                seconds = self._loop.time() - began
                host.leave(seconds, good)
            self.bytes += len(answer.body)
            self._remember_cookies(answer.head, host.cookies if own else jar)
            if name in self.wire.certificates:
                self._say("certificate", self.wire.certificates[name], f"https://{netloc}/")
            if not impatient:
                break
        return answer, seconds

    def _impatient(self, host: Host, netloc: str, answer: Answer, tried: int) -> bool:
        """Whether the host wants to be asked again later; tells it off the pace when it does."""
        status = answer.head.status
        if status not in outcomes.IMPATIENT:
            host.praise()
            return False
        asked = retry_after(answer.head.get("retry-after"), dt.datetime.now(dt.UTC))
        pause = host.strike(asked, firmly=status != 503)
        if host.pauses == 1 and pause:
            self._say("pause", f"服务器要求放慢（状态码 {status}），已暂停并放慢访问", f"//{netloc}/")
        return (
            (status == 429 or asked is not None)
            and tried < _PATIENT_TRIES - 1
            and (asked or 0.0) <= LONGEST_PAUSE
        )

    def _say(self, kind: str, detail: str, url: str | None) -> None:
        key = (kind, url or detail)
        if key not in self._said and len(self._said) < 2000:
            self._said.add(key)
            self._note(kind, detail, url)

    def _give_up_on_silence(self, host: Host, netloc: str) -> None:
        """Ask a host nothing more that has kept silent for long; only the second look still does."""
        home = netloc == self._home
        if not host.is_silent(PATIENCE_WITH_HOME if home else PATIENCE):
            return
        if home:
            self.home_is_silent()
        raise NotAllowed("这台服务器接连没有回应，其余地址没有再试，不能判断")

    def _check_literal(self, name: str) -> None:
        """Through a proxy names are resolved elsewhere; an address written as a number is known here."""
        if not self._scope.may_connect(name, [name.strip("[]")]):
            raise NotAllowed("内网地址，公众打不开，也没有去访问")

    def _request(
        self,
        method: str,
        scheme: str,
        netloc: str,
        target: str,
        url: str,
        cookies: dict[str, str],
        place: Place,
        payload: bytes,
        content_type: str,
        held: Validators = None,
    ) -> bytes:
        lines = self._lines.get(netloc)
        if lines is None:
            lines = self._lines[netloc] = self._standing_lines(netloc)
        if place.proxy is not None and scheme == "http":
            target = url
        text = f"{method} {target} HTTP/1.1\r\nHost: {netloc}\r\n{lines}"
        if cookies:
            text += "Cookie: " + "; ".join(f"{k}={v}" for k, v in cookies.items()) + "\r\n"
        if held is not None:
            etag, modified = held
            text += f"If-None-Match: {etag}\r\n" if etag else ""
            text += f"If-Modified-Since: {modified}\r\n" if modified else ""
        if payload or method == "POST":
            # Without a length some servers wait for a body that never comes, others answer 411.
            text += f"Content-Type: {content_type}\r\n" if payload else ""
            text += f"Content-Length: {len(payload)}\r\n"
        return (text + "\r\n").encode("latin-1", "replace") + payload

    def _standing_lines(self, netloc: str) -> str:
        access = self._config.access(netloc) or self._config.access(netloc.partition(":")[0])
        headers = {
            "User-Agent": self._config.agent,
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "keep-alive",
        }
        if access is not None:
            headers.update(access.headers)
            if access.basic_auth is not None:
                pair = f"{access.basic_auth.user}:{access.basic_auth.password}".encode()
                headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        return "".join(f"{k}: {v}\r\n" for k, v in headers.items())

    def _remember_cookies(self, head: Head, jar: dict[str, str]) -> None:
        for name, value in head.headers:
            if len(name) != len("set-cookie") or name.lower() != "set-cookie":
                continue
            pair, _, attributes = value.partition(";")
            key, equals, content = pair.strip().partition("=")
            if not equals or len(pair) > 4096 or re.search(r"[\s\x00-\x1f]", key):
                continue
            if re.search(r"max-age\s*=\s*0\b", attributes, re.I):
                jar.pop(key, None)
            elif key in jar or len(jar) < _COOKIES_KEPT:
                jar[key] = content

    def _judge(self, url: str, chain: list[str], answer: Answer) -> tuple[FetchOutcome, str | None]:
        status = answer.head.status
        outcome, detail = outcomes.classify(status)
        if status >= 400 or len(answer.body) < _WALL_PAGE:
            known = (
                wall(status, _joined(answer.head), _start_of(answer))
                if status >= 400 or answer.body
                else None
            )
            if known is not None and status not in outcomes.IMPATIENT:
                host = self._hosts.get(_parts(chain[-1] if chain else url)[1])
                if host is not None and host.strike(None, firmly=True):
                    self._say("wall", f"网站防护拦截程序访问（{known}），已放慢", url)
            if known is not None:
                return FetchOutcome.BLOCKED, known
        if status in _REDIRECTS and answer.head.get("location"):
            return FetchOutcome.HTTP_ERROR, "跳转到的不是正确的网址"
        if outcome is FetchOutcome.OK:
            if answer.end == "cut":
                return FetchOutcome.TRUNCATED, "内容没有传完连接就断了"
            if answer.end == "large":
                return FetchOutcome.TOO_LARGE, "超过单个文件的大小上限，没有读取"
            last = chain[-1] if chain else url
            if last[:6].lower() == "https:" and self.wire.old_tls(_host_port("https", _parts(last)[1])[0]):
                return FetchOutcome.OUTDATED_TLS, "只能用浏览器已经停用的旧加密协议打开"
        return outcome, detail

    async def _robots(self, host: Host, scheme: str, netloc: str) -> None:
        """Read robots.txt once for a host; whoever comes meanwhile waits for it."""
        if host.robots is not None:
            await asyncio.shield(host.robots)
            return
        host.robots = self._loop.create_future()
        try:
            answer = await self._robots_answer(host, scheme, netloc)
            if answer is not None:
                body = decoded(answer.head, answer.body, 500_000)
                rules = robots_rules(body, answer.head.get("content-type") or "")
                if rules is not None:
                    self.sitemaps += list(rules.sitemaps)[:20]
                    wait = rules.crawl_delay(_ROBOTS_NAME)
                    if wait:
                        host.raise_floor(float(wait))
                        self._say("robots", f"robots.txt 要求每次访问间隔 {wait} 秒，已遵守", f"//{netloc}/")
                    if forbids_something(body):
                        host.rules = rules
        finally:
            host.robots.set_result(None)

    async def _robots_answer(self, host: Host, scheme: str, netloc: str) -> Answer | None:
        """The robots.txt behind at most three redirects, None when there is none."""
        url = f"{scheme}://{netloc}/robots.txt"
        for _ in range(4):
            scheme, where, target = _parts(url)
            place = self._way(scheme, where).place
            request = self._request("GET", scheme, where, target, url, host.cookies, place, b"", "")
            await host.enter(PAGE_FIRST)
            began = self._loop.time()
            good = False
            try:
                self.requests += 1
                answer = await self.wire.ask(place, request, "GET", lambda head: 500_000, self._timeout)
                good = answer.head.status == 200
            except outcomes_expected:
                return None
            finally:
                host.leave(self._loop.time() - began, good)
            location = answer.head.get("location") if answer.head.status in _REDIRECTS else None
            there = _target(url, location) if location else None
            if there is None or _parts(there)[1] != netloc:
                return answer if good else None
            url = there
        return None


class _Forbidden(NotAllowed):
    """Raised when robots.txt forbids an address."""


outcomes_expected = (
    OSError,
    TimeoutError,
    EOFError,
    UnicodeError,
    outcomes.NotAllowed,
    outcomes.Dropped,
    outcomes.NotHttp,
    outcomes.TooManyRedirects,
)
"""What a server, a name server or our own rules can end an attempt with."""


def only_head(head: Head) -> int:
    """Wants no body, except one so short that reading it keeps the connection, or one that may explain an error."""
    if head.status >= 400:
        return _KEPT_TO_REUSE
    length = head.get("content-length")
    if (
        length is not None
        and length.isascii()
        and length.isdigit()
        and len(length) < 7
        and int(length) <= 16_384
    ):
        return 16_384
    return 0


def decoded(head: Head, body: bytes, most: int) -> bytes:
    """The body without its content coding, at most `most` bytes; a bomb or a broken stream gives what came out."""
    coding = (head.get("content-encoding") or "").lower().strip()
    if not body or coding in ("", "identity"):
        return body[:most]
    if coding not in ("gzip", "x-gzip", "deflate"):
        return body[:most]
    if most > len(body):
        # Whole streams, as nearly all are, in half the time; what is wrong with others zlib tells.
        quick = isal_zlib.decompressobj(47)
        with contextlib.suppress(Exception):
            plain: bytes = quick.decompress(body, most)
            if quick.eof:
                return plain
    for bits in (47, -15):
        unpacker = zlib.decompressobj(bits)
        try:
            return unpacker.decompress(body, most)
        except zlib.error:
            if bits == 47 and body[:2] == b"\x1f\x8b":
                return _as_far_as_it_goes(body, most)
    return body[:most]


def _as_far_as_it_goes(body: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj(47)
    out = bytearray()
    for at in range(0, len(body), 512):
        try:
            out += unpacker.decompress(body[at : at + 512], max(1, most - len(out)))
        except zlib.error:
            break
        if len(out) >= most:
            break
    return bytes(out)


def _start_of(answer: Answer) -> str:
    return decoded(answer.head, answer.body, 20_000).decode("utf-8", "replace")


def _joined(head: Head) -> dict[str, str]:
    headers: dict[str, str] = {}
    for key, value in head.headers:
        key = key.lower()
        headers[key] = f"{headers[key]}; {value}" if key in headers else value
    return headers


def _target(here: str, location: str) -> str | None:
    """Where a Location header leads; raw bytes in it are UTF-8 or, failing that, GB18030."""
    raw = location.encode("latin-1", "replace")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    there = resolve(here, text)
    return normal(there) if there is not None and fetchable(there) else None


def _parts(url: str) -> tuple[str, str, str]:
    """(scheme, host:port as written, request target) of a normal http address."""
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    if "?" in authority:
        authority, _, query = rest.partition("?")
        path, slash = "?" + query, "/"
    target = slash + path if slash else "/"
    if _BAD_IN_LINE.search(target):
        target = _BAD_IN_LINE.sub(
            lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "replace")), target
        )
    return scheme.lower(), authority.rpartition("@")[2].lower(), target.partition("#")[0]


def _host_port(scheme: str, netloc: str) -> tuple[str, int]:
    name, colon, port = netloc.rpartition(":")
    if colon and port.isdigit():
        return name, int(port)
    return netloc, 443 if scheme == "https" else 80


__all__ = ["FILE_NEXT", "PAGE_FIRST", "PROBE_LAST", "Fetcher", "Got", "decoded", "only_head"]
