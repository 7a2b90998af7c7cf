"""The walk's side of the frontier: a small buffer of what to ask for next, and the way back for answers.

The frontier itself lies in the evidence database, in the same transactions as the pages. Here are a few
hundred targets ready to go, the limits of the run, and Scrapy's scheduler on top of that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Self

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

from crawler.answers import Seen, Stored, Validators
from crawler.fetching import Got
from crawler.progress import Progress
from crawler.workline import WorkLine

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_CAPACITY = {"page": 300, "file": 40, "data": 40, "probe": 600}
_BATCH_ITEMS = 48
_BATCH_BYTES = 400_000
_CALLS = 3
_UNSAFE_BYTES = 10_000_000
_LOOK_AGAIN_SECONDS, _LOOK_SOON_SECONDS = 0.1, 0.02


class ToAsk(NamedTuple):
    """A target on its way out."""

    id: int
    url: str
    depth: int
    role: str
    validators: Validators = None


class Frontier:
    """Buffers targets and answers between Scrapy, the probes and the page work."""

    def __init__(
        self, line: WorkLine, *, pages_left: int, progress: Callable[[Progress], None] | None
    ) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._ready: dict[str, deque[ToAsk]] = {role: deque() for role in _CAPACITY}
        self._out: dict[int, ToAsk] = {}
        self._batch: list[Seen] = []
        self._batch_bytes = 0
        self._unsafe_bytes = 0
        self._sizes: dict[int, int] = {}
        self._calls = 0
        self._dry = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._flush: asyncio.TimerHandle | None = None
        self._progress = progress
        self._began = self._loop.time()
        self._told = 0.0
        self._first_pages: int | None = None
        self.pages_left = pages_left
        self.megabytes_left: float | None = None
        self.received = 0
        self.limits: dict[str, str] = {}
        """Limits that were hit, in words."""
        self.stopped = False
        self.failure: BaseException | None = None
        self.over = asyncio.Event()
        self.wake_pages: Callable[[], None] = lambda: None
        self.wake_probes: Callable[[], None] = lambda: None
        self.last: Stored | None = None
        line.issued = self._issued

    def _issued(self) -> list[int]:
        return [*self._out, *(t.id for ready in self._ready.values() for t in ready)]

    @property
    def full(self) -> bool:
        """Whether the page work is behind and nothing new should be fetched."""
        return (
            self._batch_bytes > 2 * _BATCH_BYTES
            or len(self._batch) > 4 * _BATCH_ITEMS
            or (self._unsafe_bytes > _UNSAFE_BYTES)
        )

    def take(self, *roles: str) -> ToAsk | None:
        """The next target of one of these roles, None when there is none just now."""
        if self.full or self.stopped:
            return None
        for role in roles:
            ready = self._ready[role]
            if not ready:
                continue
            if role == "page":
                if self.pages_left <= 0:
                    self.hit("pages", "达到页数上限")
                    ready.clear()
                    continue
                self.pages_left -= 1
            target = ready.popleft()
            self._out[target.id] = target
            if len(ready) < _CAPACITY[role] // 4 and not self._dry:
                self._stir()
            return target
        return None

    def answered(self, target: ToAsk, got: Got, *, keep_body: bool, control: bool | None = None) -> None:
        """Take an answer; it goes to the page work with the next batch."""
        self._out.pop(target.id, None)
        body = got.body if keep_body else b""
        seen = Seen(
            target.id,
            target.role,
            target.depth,
            got.fetch,
            got.head if keep_body else None,
            body,
            got.peer if keep_body else None,
            control,
        )
        self._batch.append(seen)
        self._batch_bytes += len(body)
        self.received += len(got.body)
        if self.megabytes_left is not None and self.received > self.megabytes_left * 1_000_000:
            self.hit("bytes", "达到下载量上限")
            self.stop()
        if self._batch_bytes >= _BATCH_BYTES or len(self._batch) >= _BATCH_ITEMS:
            self._stir()
        elif self._flush is None:
            self._flush = self._loop.call_later(0.02, self._stir)

    def hit(self, limit: str, words: str) -> None:
        self.limits.setdefault(limit, words)

    def stop(self) -> None:
        """Ask for nothing more; what is under way is still taken."""
        self.stopped = True
        for ready in self._ready.values():
            ready.clear()
        self._stir()

    def begin(self) -> None:
        """Start (again) to ask for what waits on disk."""
        self._dry = False
        self.over.clear()
        self._stir()

    async def drained(self) -> None:
        """Wait until every answer given is safe, without asking for more."""
        self.stopped = True
        self.over.clear()
        self._stir()
        await self.over.wait()
        if self.failure is not None:
            raise self.failure

    def _stir(self, asking: bool = False) -> None:
        """Send what is there, ask for more (in any case when `asking`), notice the end."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if self.failure is not None:
            return
        while self._calls < _CALLS and (
            self._batch or (self._calls == 0 and (asking or (not self._dry and self._hungry())))
        ):
            asking = False
            batch, self._batch, self._batch_bytes = self._batch, [], 0
            for seen in batch:
                self._line.unsafe[seen.target] = seen
                self._sizes[seen.target] = len(seen.body)
                self._unsafe_bytes += len(seen.body)
            wants: dict[str, int] = (
                {} if self.stopped else {r: _CAPACITY[r] - len(q) for r, q in self._ready.items()}
            )
            self._calls += 1
            task = self._loop.create_task(self._hand_over(batch, wants))
            self._tasks.add(task)
            task.add_done_callback(self._handed_over)
        if self._calls or self._batch:
            return
        if self._line.unsafe:
            # Attachments are read beside the calls: only a further call tells what became safe, and makes room.
            # When nothing more may come before that, it is asked for soon.
            wait = _LOOK_SOON_SECONDS if self.full else _LOOK_AGAIN_SECONDS
            self._flush = self._loop.call_later(wait, self._look_again)
        elif self._out or any(self._ready.values()):
            return
        elif self._dry or self.stopped:
            self.over.set()
            self.wake_pages()
        else:
            self._flush = self._loop.call_later(_LOOK_AGAIN_SECONDS, self._look_again)

    def _hungry(self) -> bool:
        return any(len(q) < _CAPACITY[r] // 4 for r, q in self._ready.items())

    def _look_again(self) -> None:
        self._flush = None
        self._dry = False
        self._stir(asking=True)

    def _handed_over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """End the walk because of a fault of our own; the run can be continued."""
        self.failure = self.failure or error
        self.stopped = True
        self.over.set()
        self.wake_pages()

    def leave(self) -> None:
        """Hand nothing over any more: to a page work that has stopped it would seem lost, and another be started."""
        self.failure = self.failure or asyncio.CancelledError()

    async def _hand_over(self, batch: list[Seen], wants: dict[str, int]) -> None:
        stored: Stored = await self._line.call("work", batch, wants)
        self._calls -= 1
        self._line.forget(stored.committed)
        for target in stored.committed:
            self._unsafe_bytes -= self._sizes.pop(target, 0)
        came = 0
        if not self.stopped:
            for role, rows in stored.waiting.items():
                self._ready[role].extend(ToAsk(i, url, depth, role, held) for i, url, depth, held in rows)
                came += len(rows)
        # After a batch there may be new targets even if this reply brought none.
        self._dry = not batch and not came
        self.last = stored
        self._tell(stored)
        self.wake_probes()
        self.wake_pages()
        self._stir()

    def _tell(self, stored: Stored, stage: str = "walk") -> None:
        now = self._loop.time()
        if self._first_pages is None:
            self._first_pages = stored.pages
        if self._progress is None or now - self._told < 0.2:
            return
        self._told = now
        rate = (stored.pages - self._first_pages) / max(0.001, now - self._began)
        left = (stored.known - stored.pages) / rate if rate else None
        self._progress(
            Progress(
                seen=stored.pages, known=stored.known, rate=rate, column=stored.column, left=left, stage=stage
            )
        )


class FrontierScheduler(BaseScheduler):
    """Scrapy's scheduler, fed from the frontier: no queue and no seen set of its own."""

    def __init__(self, frontier: Frontier) -> None:
        self._frontier = frontier

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.spider.frontier)  # type: ignore[union-attr]

    def has_pending_requests(self) -> bool:
        return not self._frontier.over.is_set()

    def enqueue_request(self, request: Request) -> bool:
        return False

    def next_request(self) -> Request | None:
        target = self._frontier.take("page", "file", "data")
        if target is None:
            return None
        # Addresses of the frontier are in their normal form; quoting them again is a tenth of what Scrapy costs.
        return Request(target.url, dont_filter=True, meta={"target": target, "verbatim_url": True})
