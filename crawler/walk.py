"""The one entry to the crawl: walk a site and leave a sealed folder of evidence behind."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import gc
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.utils.sitemap import Sitemap

from crawler.answers import COLLECT_AFTER
from crawler.downloader import Limits
from crawler.evidence.earlier import clear_unbegun, has_begun
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Coverage, Fetch, FetchOutcome, Run
from crawler.evidence.schema import MANIFEST_FILE
from crawler.evidence.writer import EvidenceWriter
from crawler.extract.address import fetchable, normal
from crawler.fetching import PAGE_FIRST, Fetcher, decoded
from crawler.frontier import Frontier, ToAsk
from crawler.memory import give_back
from crawler.outside import Outside, beside
from crawler.probes import Probes
from crawler.progress import Progress
from crawler.rendering import HOW_TO_INSTALL, NoBrowser, Renderer
from crawler.room import NoRoom
from crawler.scope import Scope, netloc, related
from crawler.secondlook import SecondLook
from crawler.siteconfig import SiteConfig, seeds_of
from crawler.spiders.walk import WalkSpider
from crawler.workline import Started, WorkLine, WorkLost

_SITEMAP_DEPTH = 8
_MOST_SITEMAPS = 60
_MADE_UP = "zzqq-not-here-40417.html"
_MOST_NEIGHBOURS = 60
_SECOND_LOOKS = 200
_STUCK_TIMES = 4
_STUCK_SECONDS = 60.0
_WATCH_SECONDS = 5.0

__all__ = ["Progress", "walk"]


def walk(
    config: SiteConfig,
    folder: Path,
    run: Run,
    progress: Callable[[Progress], None] | None = None,
    *,
    full: bool = False,
    own_process: bool | None = None,
    started: Started | None = None,
) -> None:
    """Walk the site of `config` and store what is seen under `folder`; sealed when the walk ends.

    An unfinished folder is continued where it stopped, a sealed one is left as it is. A new one begins with what
    the last run beside it saw, unless `full`. `own_process` False keeps everything in this process (default: a
    second one when there are two cores), `started` is that process when it is loading already. KeyboardInterrupt leaves a folder that the same call continues. Raises
    WorkLost, NoRoom, EvidenceSchemaError.
    """
    if (folder / MANIFEST_FILE).exists():
        return
    give_back()
    before = gc.get_threshold()
    gc.set_threshold(*COLLECT_AFTER)
    try:
        asyncio.run(_Walk(config, folder, run, progress, full, own_process, started).go())
    finally:
        gc.set_threshold(*before)


class _Walk:
    """One walk in progress: its stages, one after the other."""

    def __init__(
        self,
        config: SiteConfig,
        folder: Path,
        run: Run,
        progress: Callable[[Progress], None] | None,
        full: bool,
        own_process: bool | None,
        started: Started | None = None,
    ) -> None:
        self._config = config
        self._folder = folder
        self._run = run
        self._progress = progress
        self._full = full
        self._own_process = own_process
        self._started = started
        crawl = config.crawl
        self._limits = Limits(int(crawl.page_megabytes * 1_000_000), int(crawl.file_megabytes * 1_000_000))
        self._clock: asyncio.TimerHandle | None = None
        self._notes: list[tuple[str, str, str | None]] = []

    async def go(self) -> None:
        start = self._config.home_url
        self._fetcher = Fetcher(self._config, Scope(self._config), self._noticed)
        await self._settle_home()
        self._outside = Outside(self._config, beside(self._folder))
        if self._full and not has_begun(self._folder):
            clear_unbegun(self._folder)
            # What is there already is continued: no earlier run is looked for.
            EvidenceWriter(self._folder, self._run).close()
        self._line = WorkLine(
            self._config, self._folder, self._run, own_process=self._own_process, started=self._started
        )
        await self._line.open()
        sealed = False
        guard = asyncio.create_task(self._watch())
        try:
            await self._pages([start, *seeds_of(self._config)])
            while await self._second_look() and not self._frontier.limits:
                # Pages that came back brought new targets.
                await self._walk_on()
            if await self._render():
                await self._walk_on()
                await self._second_look()
            await self._suspects()
            await self._columns()
            self._say_reused()
            await self._flush_notes()
            await self._line.call("finish", dt.datetime.now(dt.UTC), await self._coverage(), self._run)
            sealed = True
        finally:
            guard.cancel()
            if self._clock is not None:
                self._clock.cancel()
            self._fetcher.close()
            self._outside.close()
            # Aborted connections let go of their sockets in the loop's next rounds.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            if not sealed:
                await self._leave()
            await self._line.close()

    async def _leave(self) -> None:
        """Commit what was stored; best effort, since the page work may be what failed."""
        if (frontier := getattr(self, "_frontier", None)) is not None:
            frontier.leave()
        try:
            async with asyncio.timeout(10):
                await self._line.call("stop")
        except (OSError, RuntimeError, TimeoutError, WorkLost, NoRoom):
            return

    def _noticed(self, kind: str, detail: str, url: str | None) -> None:
        self._notes.append((kind, detail, url))

    async def _flush_notes(self) -> None:
        notes, self._notes = self._notes, []
        for kind, detail, url in notes:
            await self._line.call("note", kind, detail, url, dt.datetime.now(dt.UTC))

    # -- the walk itself

    async def _settle_home(self) -> None:
        """Find out where the home page really lies before anything is counted as the site's or not."""
        home = self._config.home_url
        if has_begun(self._folder):
            with Evidence(self._folder) as evidence:
                found = evidence.run.site.home_url
        else:
            got = await self._fetcher.get(home, admit=lambda head: 0, priority=PAGE_FIRST)
            found = got.fetch.final_url or home
        if netloc(found) in self._config.netlocs:
            return
        if related(netloc(home), netloc(found)):
            self._config = self._config.moved_to(found)
            self._run = dataclasses.replace(self._run, site=self._config.site())
            self._fetcher.close()
            self._fetcher = Fetcher(self._config, Scope(self._config), self._noticed)
        else:
            words = f"首页跳转到另一个网站 {found}，没有跟过去检查；如果是本网站的新地址，请写进 hosts"
            self._noticed("moved", words, home)

    async def _pages(self, seeds: Sequence[str]) -> None:
        crawl = self._config.crawl
        stored = await self._line.call("start", seeds)
        frontier = Frontier(
            self._line, pages_left=max(0, crawl.max_pages - stored.pages), progress=self._progress
        )
        frontier.megabytes_left = crawl.max_megabytes
        self._frontier = frontier
        self._fetcher.home_is_silent = self._home_is_silent
        await self._controls()
        if crawl.max_minutes is not None:
            self._clock = asyncio.get_running_loop().call_later(crawl.max_minutes * 60, self._time_is_up)
        await self._walk_on()
        if crawl.sitemap and not frontier.stopped and await self._sitemaps():
            await self._walk_on()

    def _home_is_silent(self) -> None:
        self._frontier.hit("silent", "网站接连没有回应，提前结束，其余页面没有访问")
        self._frontier.stop()

    def _time_is_up(self) -> None:
        self._frontier.hit("minutes", f"达到时间上限（{self._config.crawl.max_minutes:g} 分钟）")
        self._frontier.stop()

    async def _walk_on(self) -> None:
        """Ask for everything that waits."""
        probes = Probes(
            self._fetcher,
            self._frontier,
            Scope(self._config),
            self._outside,
            partial(self._line.call, "face"),
        )
        try:
            await self._scrapy(self._frontier)
        finally:
            probes.cancel()

    async def _scrapy(self, frontier: Frontier) -> None:
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        settings = Settings()
        settings.setmodule("crawler.settings", priority="project")
        settings.set("STARTED_BY_WALK", True)
        settings.set("CONCURRENT_REQUESTS", max(8, int(1.5 * self._config.crawl.concurrency)))
        frontier.stopped = bool(frontier.limits.keys() - {"pages"})
        frontier.over.clear()
        await AsyncCrawlerRunner(settings).crawl(
            WalkSpider, frontier=frontier, fetcher=self._fetcher, limits=self._limits
        )
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # Scrapy's engine takes a cancellation for an orderly end.
            raise asyncio.CancelledError
        if frontier.failure is not None:
            raise frontier.failure
        await self._flush_notes()

    async def _controls(self) -> None:
        """Ask each of the site's hosts for an address that cannot exist: what it says then is no page."""
        home = self._config.home_url
        for host in sorted(self._config.netlocs):
            scheme = home.partition(":")[0]
            await self._control(host, f"{scheme}://{host}{self._config.path_prefix}{_MADE_UP}")

    async def _control(self, host: str, url: str) -> None:
        got = await self._fetcher.get(url, admit=lambda head: 2_000_000, priority=PAGE_FIRST)
        await self._line.call("control", host, got.fetch, got.head, got.body)

    async def _suspects(self) -> None:
        """For pages that say they do not exist: ask for a made-up neighbour in the same folder and compare."""
        groups: dict[str, list[int]] = {}
        for page_id, url in await self._line.call("suspects"):
            path, _, name = url.partition("?")[0].rpartition("/")
            ending = name[name.rfind(".") :] if "." in name else ""
            groups.setdefault(f"{path}/{_MADE_UP.removesuffix('.html')}{ending}", []).append(page_id)
        for url, pages in list(groups.items())[:_MOST_NEIGHBOURS]:
            got = await self._fetcher.get(url, admit=lambda head: 2_000_000, priority=PAGE_FIRST)
            await self._line.call("compare", pages, got.fetch, got.head, got.body)

    async def _sitemaps(self) -> int:
        """Add the pages of the sitemaps that no page linked to; returns how many."""
        home = self._config.home_url
        root = "/".join(home.split("/", 3)[:3])
        waiting = list(dict.fromkeys([*self._fetcher.sitemaps, f"{root}/sitemap.xml"]))
        asked: set[str] = set()
        added = 0
        while waiting and len(asked) < _MOST_SITEMAPS:
            url = waiting.pop(0)
            if url in asked or not fetchable(url) or netloc(url) not in self._config.netlocs:
                continue
            asked.add(url)
            got = await self._fetcher.get(url, admit=lambda head: 20_000_000, priority=PAGE_FIRST)
            if got.fetch.outcome is not FetchOutcome.OK or got.head is None:
                continue
            body = decoded(got.head, got.body, 60_000_000)
            if b"<urlset" in body[:4096] or b"<sitemapindex" in body[:4096]:
                found, further = _locations(body)
                waiting += further
                for start in range(0, len(found), 5000):
                    added += await self._line.call("seed", found[start : start + 5000], _SITEMAP_DEPTH)
        if added:
            self._noticed(
                "sitemap", f"有 {added} 个地址只出现在网站地图里，没有页面链接到", f"{root}/sitemap.xml"
            )
        return added

    # -- afterwards

    async def _second_look(self) -> bool:
        """Look again at what failed; whether that brought targets to ask for."""
        failed = await self._line.call("failed")
        if not failed:
            return False
        self._fetcher.wire.close()
        self._fetcher.wire.forget_names()
        again = SecondLook(
            self._fetcher,
            self._limits,
            self._config.home_url,
            self._config.crawl.again_after,
            lambda host: self._line.call("worked_on", host),
            self._outside,
        )
        at_once = asyncio.Semaphore(_SECOND_LOOKS)

        async def one(target: ToAsk, first: Fetch) -> None:
            async with at_once:
                got, control = await again.look(target, first)
            self._frontier.answered(target, got, keep_body=target.role != "probe", control=control)

        self._frontier.stopped = True
        async with asyncio.TaskGroup() as group:
            for id_, url, role, depth, first in failed:
                group.create_task(one(ToAsk(id_, url, depth, role), first))
        await self._frontier.drained()
        return any(key.endswith(":0") for key in await self._line.call("counts"))

    def _say_reused(self) -> None:
        if self._outside.oldest is not None:
            self._noticed(
                "outside-reused",
                f"有 {self._outside.reused} 个外站地址沿用了本机检查其他网站时的核查结果，"
                f"最早的是 {self._outside.oldest:%Y-%m-%d %H:%M} UTC；打不开的都在本次重新核查过",
                self._config.home_url,
            )

    async def _render(self) -> bool:
        """Read through a browser what only a script completes; whether that brought anything."""
        crawl = self._config.crawl
        pages = await self._line.call("unfinished", crawl.render_pages + 1)
        if not pages:
            return False
        home = self._config.home_url
        if not crawl.render or not crawl.render_pages:
            self._noticed("render-limit", f"有 {len(pages)} 个页面由脚本生成，设置了不用浏览器读取", home)
            return False
        if len(pages) > crawl.render_pages:
            self._noticed(
                "render-limit", f"由脚本生成的页面超过 {crawl.render_pages} 个，其余没有用浏览器读取", home
            )
        brought = False
        try:
            async with Renderer(self._fetcher, Scope(self._config), crawl.timeout) as browser:
                for page_id, url in pages[: crawl.render_pages]:
                    rendered = await browser.render(url)
                    if rendered is not None:
                        brought |= await self._line.call(
                            "rendered", page_id, url, rendered.html, rendered.data_calls
                        )
        except NoBrowser as error:
            self._noticed(
                "not-rendered",
                f"有 {len(pages)} 个页面由脚本生成，没有读到（{error}）。{HOW_TO_INSTALL}",
                home,
            )
        return brought

    async def _columns(self) -> None:
        await self._line.call("survey")

    async def _coverage(self) -> dict[str, Coverage]:
        counts = await self._line.call("counts")
        limits = (*self._frontier.limits.values(), *await self._line.call("limits"))
        pages, probes = counts.get("page:1", 0), counts.get("probe:1", 0)
        left = counts.get("page:0", 0)
        left_links = sum(n for key, n in counts.items() if key.endswith(":0"))
        read = counts.get("pages", 0)
        documents = counts.get("documents", 0)
        unread, home_unread = await self._line.call("unread")
        if read == 0 or unread >= read:
            words = ("页面里没有可读的文字（多半由脚本生成）" if read else "首页没有打开，没有读到任何页面",)
            read = 0
            page_coverage = Coverage(state="absent", why=words, counts={"pages": 0})
        elif limits or left:
            page_coverage = Coverage(
                state="partial", why=limits or ("还有页面没有访问",), counts={"pages": read, "left": left}
            )
        else:
            page_coverage = Coverage(state="complete", counts={"pages": read, "left": 0})
        if read and home_unread:
            # What the home page would name cannot be called missing.
            why = (*page_coverage.why, "首页没有可读的文字（多半由脚本生成）")
            page_coverage = Coverage(state="partial", why=why, counts=page_coverage.counts)
        columns = page_coverage
        if read and (turned := counts.get("turned", 0)):
            # The first page of a list says what is newest; what is missing are articles.
            why = (*page_coverage.why, f"{turned} 个列表由脚本翻页，只读到第一页")
            page_coverage = Coverage(state="partial", why=why, counts=page_coverage.counts)
        whole = not limits and not left_links and columns == page_coverage
        state = "absent" if not read else "complete" if whole else "partial"
        why = page_coverage.why if state != "complete" else ()
        return {
            "pages": page_coverage,
            "links": Coverage(state=state, why=why, counts={"targets": pages + probes, "left": left_links}),
            "columns": Coverage(
                state=columns.state, why=columns.why, counts={"columns": counts.get("columns", 0)}
            ),
            "documents": Coverage(
                state=state if self._config.crawl.documents else "absent",
                why=why if self._config.crawl.documents else ("设置了不下载附件",),
                counts={"documents": documents},
            ),
            "home_probes": Coverage(state="absent", why=("没有连续多日的首页拨测记录",)),
        }

    async def _watch(self) -> None:
        """Name addresses that are under way for longer than their deadlines allow."""
        limit = _STUCK_TIMES * self._config.crawl.timeout + _STUCK_SECONDS
        named: set[str] = set()
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            now = asyncio.get_running_loop().time()
            for since, url in list(self._fetcher.asked.values()):
                if now - since > limit and url not in named:
                    named.add(url)
                    self._noticed("stuck", f"等待超过 {int(now - since)} 秒还没有结果", url)


def _locations(body: bytes) -> tuple[list[str], list[str]]:
    """(pages, further sitemaps) that a sitemap names; what cannot be parsed gives nothing."""
    try:
        sitemap = Sitemap(body)
        found = [normal(entry["loc"].strip()) for entry in sitemap if fetchable(entry.get("loc", "").strip())]
    except (ValueError, TypeError, AttributeError, KeyError):
        return [], []
    return ([], found) if sitemap.type == "sitemapindex" else (found, [])
