"""The walk over one site, as Scrapy sees it: pages come from the frontier, answers go to the page work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

from scrapy import Spider
from scrapy.http import Response

if TYPE_CHECKING:
    from crawler.downloader import Limits
    from crawler.fetching import Fetcher
    from crawler.frontier import Frontier


class WalkSpider(Spider):
    """Walks what `crawler.walk` set up. Given by it: the frontier, the fetcher, the size limits."""

    name = "walk"

    def __init__(self, frontier: Frontier, fetcher: Fetcher, limits: Limits, **more: Any) -> None:
        super().__init__(**more)
        self.frontier = frontier
        self.fetcher = fetcher
        self.limits = limits

    async def start(self) -> AsyncIterator[Any]:
        """Nothing: the frontier knows where to begin, also after an interruption."""
        engine = self.crawler.engine
        self.frontier.wake_pages = lambda: engine._slot and engine._slot.nextcall.schedule()
        self.frontier.begin()
        for nothing in ():
            yield nothing

    def parse(self, response: Response, **more: Any) -> Iterable[Any]:
        meta = response.meta
        self.frontier.answered(meta["target"], meta["got"], keep_body=True)
        return ()
