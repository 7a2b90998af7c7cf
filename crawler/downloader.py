"""Scrapy's downloader, in front of our own fetcher: no slots, no handlers, no middlewares on the way.

Scrapy's own enforces no per-host limit at delay 0, hides redirects and errors behind middlewares, and costs
three times as much a request.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from scrapy import Request
from scrapy.http import Response
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from crawler.extract.postcalls import FORM, Posting, may_change, posting_of
from crawler.fetching import FILE_NEXT, PAGE_FIRST, Fetcher, Got
from crawler.frontier import ToAsk
from crawler.wire import Admit, Head

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class GentleDownloader:
    """Asks for pages and attachments through the fetcher. Its response carries what was got in `meta["got"]`."""

    def __init__(self, crawler: Crawler) -> None:
        self._spider = crawler.spider
        self._most = crawler.settings.getint("CONCURRENT_REQUESTS")
        self.active: dict[Request, asyncio.Task[None]] = {}

    def needs_backout(self) -> bool:
        return len(self.active) >= self._most or self._spider.frontier.full  # type: ignore[union-attr]

    def fetch(self, request: Request) -> Deferred[Response]:
        fetched: Deferred[Response] = Deferred()
        self.active[request] = asyncio.get_running_loop().create_task(self._answer(request, fetched))
        return fetched

    async def _answer(self, request: Request, fetched: Deferred[Response]) -> None:
        """Fire `fetched`. Made by hand: Scrapy's bridge from coroutine to Deferred takes four calls more a page."""
        try:
            response = await self._fetch(request)
        except BaseException as error:
            self._spider.frontier.fail(error)  # type: ignore[union-attr]
            del self.active[request]
            fetched.errback(Failure(error))  # type: ignore[no-untyped-call]
        else:
            # In the same turn as the callback: between the two the engine would find nothing to do, and close.
            del self.active[request]
            fetched.callback(response)

    async def _fetch(self, request: Request) -> Response:
        target: ToAsk = request.meta["target"]
        fetcher: Fetcher = self._spider.fetcher  # type: ignore[union-attr]
        limits = self._spider.limits  # type: ignore[union-attr]
        posting = posting_of(target.url) if target.role == "data" else None
        if posting is None:
            got = await fetcher.get(
                target.url,
                admit=limits.of(target.role),
                priority=PAGE_FIRST if target.role != "file" else FILE_NEXT,
                held=target.validators,
            )
            if target.role == "data" and (got.fetch.status or 0) >= 400:
                posting = _as_form(target.url)
        if posting is not None:
            got = await self._posted(fetcher, limits, target, posting)
        request.meta["got"] = got
        return Response(got.fetch.final_url or target.url, status=got.fetch.status or 0, request=request)

    async def _posted(self, fetcher: Fetcher, limits: Limits, target: ToAsk, posting: Posting) -> Got:
        """A data call by POST; its answer is known by the address of the target."""
        got = await fetcher.get(
            posting.url,
            method="POST",
            admit=limits.page,
            priority=PAGE_FIRST,
            payload=posting.body,
            content_type=posting.content_type,
        )
        return got._replace(fetch=dataclasses.replace(got.fetch, url=target.url))

    def close(self) -> None:
        """Nothing to close: connections belong to the fetcher, which the second look still needs."""


def _as_form(url: str) -> Posting | None:
    """A data call that GET did not answer, with its query as a form, as the page's own script may ask.

    None without a query, and when a word in it speaks of changing something: that is not tried.
    """
    address, question, query = url.partition("?")
    if not question or may_change(unquote_plus("/".join(url.split("/")[3:]))):
        return None
    return Posting(address, query.encode("ascii", "replace"), FORM)


class Limits:
    """How much of an answer's body is wanted, by what its head says it is."""

    def __init__(self, page_bytes: int, file_bytes: int) -> None:
        self._page = page_bytes
        self._file = file_bytes

    def of(self, role: str) -> Admit:
        return self.file if role == "file" else self.page

    def page(self, head: Head) -> int:
        kind = (head.get("content-type") or "").lower()
        if "html" in kind or not kind or "xml" in kind or "text/" in kind or "json" in kind:
            return self._page
        if kind.startswith(("image/", "video/", "audio/", "font/")):
            return 0
        return self._file

    def file(self, head: Head) -> int:
        kind = (head.get("content-type") or "").lower()
        return self._page if "html" in kind else self._file
