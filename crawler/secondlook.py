"""The second opinion: whatever failed is asked for once more, later, by GET, on a connection of its own.

Beside each stands a control: did the same host answer something else at that time? Only then is a dead
link the link's fault. (A name that is gone twice needs no control.)
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

from crawler.downloader import Limits
from crawler.evidence.records import Fetch, FetchOutcome
from crawler.fetching import PROBE_LAST, Fetcher, Got, only_head
from crawler.frontier import ToAsk
from crawler.outside import Outside
from crawler.scope import netloc

_CONTROL_LASTS = 60.0
_ANSWERS = (FetchOutcome.OK, FetchOutcome.OUTDATED_TLS, FetchOutcome.TRUNCATED, FetchOutcome.TOO_LARGE)


class SecondLook:
    """Asks again. `worked` names an address of a host that answered well before, None when there was none."""

    def __init__(
        self,
        fetcher: Fetcher,
        limits: Limits,
        home: str,
        again_after: float,
        worked: Callable[[str], Awaitable[str | None]],
        outside: Outside,
    ) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._home = home
        self._after = again_after
        self._worked = worked
        self._outside = outside
        self._controls: dict[str, tuple[float, asyncio.Task[bool]]] = {}
        self._loop = asyncio.get_running_loop()

    async def look(self, target: ToAsk, first: Fetch) -> tuple[Got, bool | None]:
        """The second attempt and whether its host answered the control; None for a name that is gone."""
        wait = self._after - (dt.datetime.now(dt.UTC) - first.at).total_seconds()
        if wait > 0:
            await asyncio.sleep(wait)
        # What is only asked for needs no body; a page that comes back is read after all.
        got = await self._fetcher.get(
            target.url,
            admit=only_head if target.role == "probe" else self._limits.of(target.role),
            priority=PROBE_LAST,
            attempt=first.attempt + 1,
            fresh=True,
        )
        self._outside.learn(got)
        if got.fetch.outcome in _ANSWERS or got.fetch.outcome is FetchOutcome.DNS_FAILURE:
            return got, None
        return got, await self._control(netloc(got.fetch.final_url or target.url), target.url)

    async def _control(self, host: str, url: str) -> bool:
        known = self._controls.get(host)
        if known is None or self._loop.time() - known[0] > _CONTROL_LASTS:
            known = (self._loop.time(), self._loop.create_task(self._ask_control(host, url)))
            self._controls[host] = known
        return await known[1]

    async def _ask_control(self, host: str, url: str) -> bool:
        address = self._home if netloc(self._home) == host else await self._worked(host)
        if address is None:
            address = f"{url.partition('://')[0]}://{host}/"
        got = await self._fetcher.get(address, admit=only_head, priority=PROBE_LAST, fresh=True)
        return got.fetch.outcome in _ANSWERS
