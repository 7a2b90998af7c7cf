"""Manners towards each host: how far apart, how many at once, when to stop for a while, what robots.txt forbids."""

from __future__ import annotations

import asyncio
import datetime as dt
import heapq
import random
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from protego import Protego

SLOWEST = 60.0
"""Seconds between requests that a host's slowness or its crawl-delay can bring about at most."""

LONGEST_PAUSE = 120.0
"""Seconds to wait at most when a host asks for patience; a longer Retry-After is left for the second look."""

_STRIKES = 2
_SILENT_REQUESTS = 10


class Host:
    """One host's turn-taking. Every request enters and leaves; in between it may use the network."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, delay: float, concurrency: int, gate: Callable[[], float]
    ) -> None:
        self._loop = loop
        self._floor = delay
        self._gate = gate
        self._next = 0.0
        self._active = 0
        self._waiters: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0
        self._strikes = 0
        self._timer: asyncio.TimerHandle | None = None
        self.delay = delay
        self.concurrency = concurrency
        self.pauses = 0
        self._unanswered = 0
        self._silent_since = 0.0
        self.rules: Protego | None = None
        self.robots: asyncio.Future[None] | None = None
        self.cookies: dict[str, str] = {}

    async def enter(self, priority: int) -> None:
        """Wait for this host's turn; lower `priority` goes first."""
        now = self._loop.time()
        if not self._waiters and self._active < self.concurrency and now >= self._next and self._gate() <= 0:
            self._begin(now)
            return
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._count += 1
        heapq.heappush(self._waiters, (priority, self._count, waiter))
        self._wake()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.leave(0.0, True)
            raise

    def _begin(self, now: float) -> None:
        self._active += 1
        if self.delay:
            self._next = now + self.delay * random.uniform(1.0, 1.25)

    def leave(self, seconds: float, good: bool) -> None:
        """A request ended after `seconds`. Slow hosts are asked more slowly, fast ones never below the floor."""
        self._active -= 1
        if self._floor:
            delay = max(seconds, (self.delay + seconds) / 2)
            if good or delay > self.delay:
                self.delay = min(max(self._floor, delay), max(SLOWEST, self._floor))
        if self._waiters:
            self._wake()

    def raise_floor(self, seconds: float) -> None:
        """Never faster than this (crawl-delay)."""
        self._floor = max(self._floor, min(seconds, SLOWEST))
        self.delay = max(self.delay, self._floor)

    def answered(self) -> None:
        """The host sent something, whatever it was."""
        self._unanswered = 0

    def unanswered(self, began: float) -> None:
        """A request that began then got no answer at all."""
        if not self._unanswered:
            self._silent_since = began
        self._unanswered += 1

    def is_silent(self, patience: float) -> bool:
        """Whether so many requests in a row got no answer for `patience` seconds that asking on is of no use."""
        return self._unanswered >= _SILENT_REQUESTS and self._loop.time() - self._silent_since >= patience

    def praise(self) -> None:
        """The host answered in peace."""
        self._strikes = 0

    def strike(self, asked: float | None, *, firmly: bool) -> float:
        """The host asked for patience or put up a wall; returns the pause in seconds.

        `asked` is its Retry-After. Without one a single 503 is one page's trouble; from the second in a row on,
        or at once when `firmly` (429, wall), it is the host's.
        """
        self._strikes += 1
        if asked is None and not firmly and self._strikes < _STRIKES:
            return 0.0
        pause = (
            asked
            if asked is not None
            else max(self.delay, 0.5 if self._floor else 0.05) * 2 ** min(self._strikes, 6)
        )
        pause = min(pause, LONGEST_PAUSE)
        self._next = max(self._next, self._loop.time() + pause)
        self.pauses += 1
        if self._floor:
            self.delay = min(self.delay * 1.5, SLOWEST)
        return pause

    def _wake(self) -> None:
        """Let in whoever may go now; come back when the next one may."""
        now = self._loop.time()
        while self._waiters and self._active < self.concurrency:
            wait = max(self._next - now, self._gate())
            if wait > 0:
                if self._timer is None:
                    self._timer = self._loop.call_later(min(wait, 60.0), self._tick)
                return
            waiter = heapq.heappop(self._waiters)[2]
            if not waiter.done():
                self._begin(now)
                waiter.set_result(None)

    def _tick(self) -> None:
        self._timer = None
        self._wake()

    def allows(self, url: str, agent: str) -> bool:
        return self.rules is None or self.rules.can_fetch(url, agent)


def robots_rules(body: bytes, content_type: str) -> Protego | None:
    """The rules of a robots.txt; None when it forbids nothing or is a web page put in its place."""
    text = body[:500_000].decode("utf-8", "replace")
    if "<html" in text[:2000].lower() or "text/html" in content_type.lower():
        return None
    if "disallow" not in text.lower() and "crawl-delay" not in text.lower() and "sitemap" not in text.lower():
        return None
    return Protego.parse(text)


def forbids_something(body: bytes) -> bool:
    """Whether a robots.txt has a Disallow line that names a path."""
    return any(
        line.split(b":", 1)[1].split(b"#")[0].strip()
        for line in body.splitlines()
        if line.strip().lower().startswith(b"disallow") and b":" in line
    )


def retry_after(value: str | None, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After header asks for, given as a number or a date; None when it says nothing."""
    if not value:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        then = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=dt.UTC)
    return max(0.0, (then - now).total_seconds())


def seconds_until_open(hours: tuple[str, ...], now: dt.datetime) -> float:
    """Seconds until the next of the windows "HH:MM-HH:MM" opens; 0 inside one or when there are none."""
    if not hours:
        return 0.0
    minute = now.hour * 60 + now.minute + now.second / 60
    best = 24 * 60.0
    for window in hours:
        begin, end = (int(t[:2]) * 60 + int(t[3:]) for t in window.split("-"))
        inside = begin <= minute < end if begin <= end else minute >= begin or minute < end
        if inside or begin == end:
            return 0.0
        best = min(best, (begin - minute) % (24 * 60))
    return best * 60
