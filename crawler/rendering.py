"""Pages that only a script completes, read through a browser: few, late, and within a budget.

The browser has no network of its own. Each of its requests is made by our fetcher, with its manners, its
limits and its refusal of private addresses.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from crawler.evidence.records import FetchOutcome
from crawler.extract.address import normal
from crawler.extract.postcalls import Posting, as_call
from crawler.fetching import PAGE_FIRST, Fetcher, decoded
from crawler.scope import Scope

if TYPE_CHECKING:
    from playwright.async_api import Browser, Request, Route

HOW_TO_INSTALL = "安装浏览器组件后可以读取：pip install 'xuncha[browser]'，并安装 chromium"

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WANTED = frozenset({"document", "script", "xhr", "fetch"})
_DATA = frozenset({"xhr", "fetch"})
_MOST_BYTES = 5_000_000
_MOST_DATA = 1_000_000
_MOST_REQUESTS = 80
_QUIET_SECONDS = 0.7
_DROPPED_HEADERS = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"}
)


class DataCall(NamedTuple):
    """What a page's script asked the site for (a POST as in `postcalls`), and the answer without its content coding."""

    url: str
    content_type: str | None
    body: bytes


class Rendered(NamedTuple):
    """A page as its scripts left it, and the data calls they made to the site."""

    html: str
    data_calls: tuple[DataCall, ...]


class NoBrowser(Exception):
    """Raised when there is no browser to render with: the message says what is missing."""


class Renderer:
    """Opens pages one after the other. Use as an asynchronous context manager; entering raises NoBrowser."""

    def __init__(self, fetcher: Fetcher, scope: Scope, seconds: float) -> None:
        self._fetcher = fetcher
        self._scope = scope
        self._seconds = seconds
        self._browser: Browser | None = None
        self._stop: Callable[[], Awaitable[None]] | None = None

    async def __aenter__(self) -> Renderer:
        try:
            from playwright.async_api import Error, async_playwright
        except ImportError as error:
            raise NoBrowser("没有浏览器组件") from error
        program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
        if program is None:
            raise NoBrowser("没有找到 chromium")
        manager = await async_playwright().start()
        self._stop = manager.stop
        # The names of hosts are resolved by nobody: whatever slips past the routing finds no network.
        arguments = ["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-gpu", "--disable-dev-shm-usage"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        try:
            self._browser = await manager.chromium.launch(executable_path=program, args=arguments)
        except Error as error:
            await manager.stop()
            raise NoBrowser("浏览器没有启动") from error
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._browser is not None:
            await self._browser.close()
        if self._stop is not None:
            await self._stop()

    async def render(self, url: str) -> Rendered | None:
        """The page after its scripts came to rest; None when it did not load."""
        from playwright.async_api import Error

        assert self._browser is not None
        context = await self._browser.new_context(
            locale="zh-CN", service_workers="block", accept_downloads=False
        )
        visit = _Visit(self._fetcher, self._scope)
        try:
            async with asyncio.timeout(2 * self._seconds):
                page = await context.new_page()
                page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.dismiss()))
                await page.route("**/*", visit.answer)
                await page.goto(url, wait_until="domcontentloaded", timeout=self._seconds * 1000)
                await visit.at_rest(self._seconds)
                return Rendered(await page.content(), tuple(visit.data_calls.values()))
        except (Error, TimeoutError):
            return None
        finally:
            await context.close()


class _Visit:
    """The requests of one page."""

    def __init__(self, fetcher: Fetcher, scope: Scope) -> None:
        self._fetcher = fetcher
        self._scope = scope
        self._loop = asyncio.get_running_loop()
        self._busy = 0
        self._count = 0
        self._last = self._loop.time()
        self.data_calls: dict[str, DataCall] = {}

    async def answer(self, route: Route, request: Request) -> None:
        self._count += 1
        kind = request.resource_type
        own = self._scope.own_host(request.url)
        allowed = kind in _WANTED and self._count <= _MOST_REQUESTS and request.url.startswith("http")
        # POST is how many list services are asked; nothing else that could change a site leaves this machine.
        reads = request.method == "GET" or (request.method == "POST" and own and kind in _DATA)
        if not (allowed and reads):
            await route.abort()
            return
        asked = Posting(
            normal(request.url), request.post_data_buffer or b"", request.headers.get("content-type", "")
        )
        self._busy += 1
        try:
            got = await self._fetcher.get(
                request.url,
                method=request.method,
                admit=lambda head: _MOST_BYTES,
                priority=PAGE_FIRST,
                payload=asked.body,
                content_type=asked.content_type,
            )
        finally:
            self._busy -= 1
            self._last = self._loop.time()
        if got.head is None or got.fetch.outcome is FetchOutcome.TOO_LARGE:
            await route.abort()
            return
        headers = {k: v for k, v in got.head.headers if k.lower() not in _DROPPED_HEADERS}
        body = decoded(got.head, got.body, 4 * _MOST_BYTES)
        if own and kind in _DATA and got.fetch.outcome is FetchOutcome.OK:
            # Nobody clicks here: what is asked, the page asks of everyone who opens it.
            call = asked.url if request.method == "GET" else as_call(asked)
            if call is not None:
                self.data_calls[call] = DataCall(call, got.head.get("content-type"), body[:_MOST_DATA])
        await route.fulfill(status=got.head.status, headers=headers, body=body)

    async def at_rest(self, seconds: float) -> None:
        """Wait until no request was under way for a moment, `seconds` at most."""
        end = self._loop.time() + seconds
        while self._loop.time() < end:
            if not self._busy and self._loop.time() - self._last >= _QUIET_SECONDS:
                return
            await asyncio.sleep(0.1)
