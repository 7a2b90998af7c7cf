"""Asking whether targets are there that are no pages of the site: HEAD first, then GET that stops at the head.

A HEAD that succeeds counts; one that fails never does.
"""

from __future__ import annotations

import asyncio

from crawler.evidence.records import FetchOutcome
from crawler.fetching import PROBE_LAST, Fetcher, Got, only_head
from crawler.frontier import Frontier, ToAsk

MOST = 400
"""Probes under way at once over all hosts; each host has its own, much lower limit."""


async def probe(fetcher: Fetcher, url: str) -> Got:
    got = await fetcher.get(url, method="HEAD", admit=only_head, priority=PROBE_LAST)
    if got.fetch.outcome in (
        FetchOutcome.OK,
        FetchOutcome.OUTDATED_TLS,
        FetchOutcome.ROBOTS,
        FetchOutcome.NOT_FETCHED,
    ):
        return got
    return await fetcher.get(url, method="GET", admit=only_head, priority=PROBE_LAST)


class Probes:
    """Runs the frontier's probes as tasks; waiting for a host's turn costs a task nothing."""

    def __init__(self, fetcher: Fetcher, frontier: Frontier) -> None:
        self._fetcher = fetcher
        self._frontier = frontier
        self._tasks: set[asyncio.Task[None]] = set()
        frontier.wake_probes = self.more

    def more(self) -> None:
        while len(self._tasks) < MOST:
            target = self._frontier.take("probe")
            if target is None:
                return
            task = asyncio.get_running_loop().create_task(self._one(target))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._frontier.fail(error)
            return
        self.more()

    async def _one(self, target: ToAsk) -> None:
        self._frontier.answered(target, await probe(self._fetcher, target.url), keep_body=False)

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
