"""Asking whether targets are there that are no pages of the site: HEAD first, then GET that stops at the head.

A HEAD that succeeds counts; one that fails never does. Of each outside host the entry pages and one other
are asked by GET at once, for the beginning of the page: its title tells whose it is.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from crawler.evidence.records import FetchOutcome
from crawler.extract.address import host
from crawler.fetching import PROBE_LAST, Fetcher, Got, decoded, only_head
from crawler.frontier import Frontier, ToAsk
from crawler.outside import Face, Outside
from crawler.scope import Scope, netloc
from crawler.wire import Head

MOST = 400
"""Probes under way at once over all hosts; each host has its own, much lower limit."""

_FACE_BYTES = 32_768
_ENTRY = re.compile(r"https?://[^/?#]+/?(?:(?:index|default|home|main)\.\w{2,5})?", re.I)
_FILE = re.compile(r"\.(?!html?$|shtml$|php$|aspx?$|jsp$|do$|action$)\w{1,5}$", re.I)

TellFace = Callable[[int, str, Face], Awaitable[Any]]


async def probe(fetcher: Fetcher, url: str, *, show: bool = False) -> Got:
    """Ask whether `url` is there; with `show` by GET, for the beginning of the page."""
    if show:
        return await fetcher.get(url, admit=beginning, priority=PROBE_LAST)
    got = await fetcher.get(url, method="HEAD", admit=only_head, priority=PROBE_LAST)
    if got.fetch.outcome in (
        FetchOutcome.OK,
        FetchOutcome.OUTDATED_TLS,
        FetchOutcome.ROBOTS,
        FetchOutcome.NOT_FETCHED,
    ):
        return got
    again = await fetcher.get(url, method="GET", admit=only_head, priority=PROBE_LAST)
    # A host given up in between: what it did stands, for the second look to confirm.
    return got if again.fetch.outcome is FetchOutcome.NOT_FETCHED else again


def beginning(head: Head) -> int:
    """Wants the first part of a web page, of anything else no more than `only_head` does."""
    kind = (head.get("content-type") or "text/html").lower()
    return -_FACE_BYTES if head.status < 400 and "html" in kind else only_head(head)


def face_of(got: Got) -> Face | None:
    """Whose page an answer shows, None when it shows none."""
    if got.fetch.outcome is not FetchOutcome.OK or got.head is None or not got.body:
        return None
    kind = got.head.get("content-type")
    if kind and "html" not in kind.lower():
        return None
    from crawler.extract.face import face

    return face(got.fetch.final_url or got.fetch.url, decoded(got.head, got.body, 8 * _FACE_BYTES), kind)


class Probes:
    """Runs the frontier's probes as tasks; waiting for a host's turn costs a task nothing.

    `tell` takes what an outside page showed: target, its address, face.
    """

    def __init__(
        self, fetcher: Fetcher, frontier: Frontier, scope: Scope, outside: Outside, tell: TellFace
    ) -> None:
        self._fetcher = fetcher
        self._frontier = frontier
        self._scope = scope
        self._outside = outside
        self._tell = tell
        self._shown: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        frontier.wake_probes = self.more

    def more(self) -> None:
        while len(self._tasks) < MOST:
            target = self._frontier.take("probe")
            if target is None:
                return
            task = asyncio.get_running_loop().create_task(self._lane(target))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._frontier.fail(error)

    async def _lane(self, target: ToAsk | None) -> None:
        """One probe after another, as long as any is ready."""
        while target is not None:
            await self._one(target)
            target = self._frontier.take("probe")

    async def _one(self, target: ToAsk) -> None:
        url = target.url
        if self._scope.own_host(url):
            got, shown = await probe(self._fetcher, url), None
        elif (known := self._outside.known(url)) is not None:
            got, shown = Got(known[0], None, b"", None), known[1]
        else:
            got = await probe(self._fetcher, url, show=self._to_show(url))
            shown = face_of(got)
            passed = {host(step) for step in (url, *got.fetch.redirects, got.fetch.final_url or url)}
            self._outside.learn(got, shown, doubtful=not passed.isdisjoint(self._fetcher.wire.certificates))
        if shown is not None:
            await self._tell(target.id, url, shown)
        self._frontier.answered(target, got, keep_body=False)

    def _to_show(self, url: str) -> bool:
        """Whether this page shall show its face: an entry page, and of each host the first other one."""
        if _ENTRY.fullmatch(url):
            return True
        where = netloc(url)
        if where in self._shown or _FILE.search(url.partition("?")[0]):
            return False
        self._shown.add(where)
        return True

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
