"""The walk over one site, as Scrapy sees it: pages come from the frontier, answers go to the page work."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter

USE_INSTEAD = "walk 不能单独运行：请用 xuncha audit 网址（或 site.toml），检查会自己启动它"

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.settings import BaseSettings

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

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        if not settings.getbool("STARTED_BY_WALK"):
            # "scrapy crawl walk": without a site's configuration and a folder there is nothing to walk.
            sys.stderr.write(f"{USE_INSTEAD}\n")
            raise SystemExit(2)
        super().update_settings(settings)

    async def start(self) -> AsyncIterator[Any]:
        """Nothing: the frontier knows where to begin, also after an interruption."""
        self.frontier.wake_pages = self._wake
        self.frontier.begin()
        for nothing in tuple[Any, ...]():
            yield nothing

    def _wake(self) -> None:
        """Let the engine ask the frontier again; its own heartbeat comes only every 5 seconds."""
        slot = self.crawler.engine._slot
        if slot is not None:
            slot.nextcall.schedule()

    def parse(self, response: Response, **more: Any) -> Iterable[Any]:
        # Taken out: request and response hold each other, and the body would wait for the garbage collector.
        self.frontier.answered(response.meta["target"], response.meta.pop("got"), keep_body=True)
        return ()


class NoLine(LogFormatter):
    """Says nothing of a page that came; what went wrong is still said."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> None:  # type: ignore[override]
        return None
