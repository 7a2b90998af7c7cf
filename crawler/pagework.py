"""What happens to an answer after it came: decoding, reading, storing. Runs in a process of its own.

`PageWork` holds the evidence writer; its methods are called one after the other, directly or over a pipe.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from crawler.answers import Seen, Stored, Validators
from crawler.documents.capped import close_readers, read_capped
from crawler.documents.kinds import kind_of
from crawler.documents.record import DocumentText, Limits
from crawler.evidence.earlier import begin_from, clear_unbegun, faces_before, last_run
from crawler.evidence.records import Coverage, Fact, Fetch, FetchOutcome, Link, Reading, Run, Zone
from crawler.evidence.schema import EVIDENCE_FILE, index
from crawler.evidence.warc import WarcFile
from crawler.evidence.writer import FRONT, WAITING, EvidenceWriter
from crawler.extract.face import alike
from crawler.extract.lists import read_data_call
from crawler.extract.postcalls import posting_of
from crawler.extract.soft404 import fingerprint, not_found_words, similar
from crawler.extract.styles import style_links
from crawler.fetching import decoded
from crawler.listed import Listed
from crawler.readers import PageRead, Readers, Unread, read_one
from crawler.scope import Scope, related
from crawler.siteconfig import SiteConfig
from crawler.surveying import survey
from crawler.wire import Head

_COMMIT_SECONDS = 0.7
_COMMIT_ITEMS = 200
_LIKE_CONTROL = 0.85
_MOST_CALLS = 100
"""Further data calls of one list that are followed."""
_MOST_GONE = 500
"""Pages of the earlier run, not met again, that are named."""
_UNPACKED = 40_000_000
_PAGE_SECONDS = 10
"""Time that recognising one scanned page may take."""
_KEPT = (FetchOutcome.OK, FetchOutcome.OUTDATED_TLS, FetchOutcome.TRUNCATED)


class _Control(NamedTuple):
    """How a host answers for an address that cannot exist."""

    url: str
    title: str
    text: str
    print: bytes

    def match(self, title: str, text: str, words: str | None) -> Fact | None:
        """The fact that a page is as missing as this one; None when it is not."""
        if title != self.title and not words:
            return None
        likeness = 1.0 if text == self.text else similar(fingerprint(text), self.print)
        if likeness < _LIKE_CONTROL:
            return None
        return Fact(
            kind="soft-404", data={"control": self.url, "likeness": round(likeness, 3), "words": words}
        )


class PageWork:
    """Stores one run's answers.

    `issued` are targets that the sender still holds from before a restart, `helpers` how many further processes read.
    """

    def __init__(
        self, config: SiteConfig, folder: Path, run: Run, issued: Sequence[int] = (), helpers: int = 0
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._config = config
        self._run = run
        self._faces: dict[str, dict[str, Any]] | None = None
        self._lock = _lock(folder)
        self._scope = (
            Listed(config, self._noticed, run.config["recheck"])
            if run.is_recheck
            else Scope(config, self._noticed)
        )
        self._since = run.started_at if run.is_recheck else None
        self._now = dt.datetime.now(dt.UTC)
        clear_unbegun(folder)
        if not (folder / EVIDENCE_FILE).exists() and (earlier := last_run(folder, run)) is not None:
            begin_from(earlier, folder)
        self.writer = EvidenceWriter(folder, run, self._scope.classify)
        kept = self.writer.remembered("warc_bytes")
        self._warc = WarcFile(folder, keep=kept or 0)
        if not kept:
            self._warc.info(f"xuncha {run.version}", run.started_at)
        self._issued = set(issued)
        self._reopened = bool(issued)
        self._cursor: dict[str, tuple[int, int]] = {}
        self._lists_out: set[int] = set()
        self._stored: list[int] = []
        counts = self.writer.counts()
        self._pages = self.writer.row_counts()["pages"]
        self._scope.pages = sum(n for kind, n in counts.items() if kind in ("page:0", "page:1"))
        if self._scope.pages:
            self._scope.resume(
                self.writer.met_pages(),
                [(kind, url) for kind, url, _ in self.writer.noted()],
                self.writer.all_remembered("chain:"),
            )
        self._column: str | None = None
        self._controls: dict[str, list[_Control]] = {}
        self._calls: dict[int, int] = {}
        self._since_commit = 0
        self._last_commit = time.monotonic()
        self._to_read: queue.SimpleQueue[Seen | None] = queue.SimpleQueue()
        self._read: queue.SimpleQueue[tuple[Seen, DocumentText, bytes]] = queue.SimpleQueue()
        self._reading = 0
        self._thread: threading.Thread | None = None
        self._readers = Readers(helpers)
        self._begun: deque[list[tuple[Seen, bool, int | None]]] = deque()
        """Batches that are being read: each answer, whether it is carried over, the number of its page."""
        self.meanwhile: Callable[[], None] = lambda: None
        """Called between two answers that are stored."""

    # -- what the walk asks for

    def begin(self, batch: Sequence[Seen]) -> None:
        """Let helpers read the pages of a batch that will be given to `work` after those begun before it."""
        kinds = self._kinds(batch)
        numbers = self._readers.begin(
            [
                self._unread(seen, url)
                for seen, (same, url) in zip(batch, kinds, strict=True)
                if url is not None and not same
            ]
        )
        self._begun.append(
            [
                (seen, same, None if same or url is None else next(numbers))
                for seen, (same, url) in zip(batch, kinds, strict=True)
            ]
        )

    def work(self, batch: Sequence[Seen], wants: Mapping[str, int]) -> Stored:
        """Store a batch and say what to ask for next; `wants` is how many targets of each role are welcome."""
        if not self._begun:
            self.begin(batch)
        for seen, same, number in self._begun.popleft():
            self.meanwhile()
            self._now = seen.fetch.at
            if same:
                self._carry_over(seen)
            elif number is not None:
                self._store(seen, self._readers.read(number))
            elif self._is_document(seen):
                self._reading += 1
                self._reader().put(seen)
            else:
                self._store(seen, None)
        while not self._read.empty():
            self._store_document(*self._read.get())
        if self._reading and self._thread is not None and not self._thread.is_alive() and self._read.empty():
            # Without this the walk would wait for its answer for ever.
            raise RuntimeError("the thread that reads attachments ended")
        self._since_commit += len(batch)
        if (
            self._since_commit >= _COMMIT_ITEMS
            or (
                (self._since_commit or self._stored)
                and time.monotonic() - self._last_commit > _COMMIT_SECONDS
            )
            or (not batch and self._stored)
        ):
            self._commit()
        if self.writer.woken is not None:
            # Addresses of the earlier run come back with their old, low ids.
            front = (0, self.writer.woken - 1)
            self._cursor = {role: min(at, front) for role, at in self._cursor.items()}
            self.writer.woken = None
        waiting = {role: self._next(role, count) for role, count in wants.items() if count > 0}
        committed, self._stored = ([], self._stored) if self._since_commit else (self._stored, [])
        return Stored(waiting, committed, self._pages, self._scope.pages, self._column)

    def start(self, seeds: Sequence[str]) -> Stored:
        """Make the home page and the seeds wait, unless this run knows them."""
        home = self._config.home_url
        if not self.writer.is_met(home):
            self.writer.set_target(home, "page", WAITING, 0)
        for column in self._config.column:
            self.writer.target(column.url, "a", 0)
        self.seed(seeds, 0)
        self._commit()
        return self.work((), {})

    def revisit(self) -> None:
        """Make what is listed wait, under the role and depth it was met with; data waits for the page that asks it."""
        for was in self.writer.listed():
            if was.role != "data":
                self.writer.set_target(was.url, was.role, WAITING)
        self._commit()

    def keep_unseen(self) -> None:
        self.writer.keep_unseen()
        self._commit()

    def seed(self, urls: Sequence[str], depth: int) -> int:
        """Add addresses that no page was seen to link to (seeds, sitemaps); returns how many are new and the site's."""
        before = self.writer.known
        for url in urls:
            if self._scope.internal(url):
                self.writer.target(url, "a", depth)
        self._since_commit += 1
        return self.writer.known - before

    def control(self, host: str, fetch: Fetch, head: Head | None, body: bytes) -> None:
        """Take the answer to a made-up address of a host: pages that look like it are not there either."""
        control = self._control_of(fetch, head, body)
        if control is not None:
            self._controls.setdefault(host, []).append(control)

    def _control_of(self, fetch: Fetch, head: Head | None, body: bytes) -> _Control | None:
        if fetch.outcome is not FetchOutcome.OK or head is None:
            return None
        url = fetch.final_url or fetch.url
        reading = read_one(
            Unread(0, url, head.get("content-type"), decoded(head, body, _UNPACKED), False)
        ).reading
        if reading is None:
            return None
        data = {"status": fetch.status, "final_url": fetch.final_url, "title": reading.title}
        self.note("soft-404-control", json.dumps(data, ensure_ascii=False), fetch.url, fetch.at)
        return _Control(fetch.url, reading.title, reading.main_text, fingerprint(reading.main_text))

    def unfinished(self, limit: int) -> list[tuple[int, str]]:
        """Pages that only a browser can complete, with their addresses."""
        self._commit()
        return self.writer.unfinished_pages(limit, self._since)

    def rendered(
        self, page_id: int, url: str, html: str, data_calls: Sequence[tuple[str, str | None, bytes]]
    ) -> bool:
        """Take a page as its scripts left it; False when that says no more than its source.

        `data_calls` are (address, content type, answer): those whose answer holds rows that the page now shows are
        remembered, so that the next run can ask them without a browser.
        """
        reading = read_one(
            Unread(
                page_id,
                url,
                "text/html; charset=utf-8",
                html.encode("utf-8", "replace"),
                url == self._config.home_url,
            )
        ).reading
        if (
            reading is None
            or (reading.listing == "unreadable" and not reading.items)
            or not (reading.text or reading.links)
        ):
            return False
        self._scope.begin_page(url)
        listing = "script" if reading.items else reading.listing
        shown = {i.url for i in reading.items} | {link.url for link in reading.links}
        calls = [
            call
            for call, kind, body in data_calls
            if any(item.url in shown for item in read_data_call(body, kind, call).items)
        ]
        fact = Fact(kind="rendered", data={"data_calls": calls})
        self.writer.store_rendered(page_id, dataclasses.replace(reading, listing=listing), (fact,))
        self._scope.end_page(url)
        self._since_commit += 1
        return True

    def suspects(self) -> list[tuple[int, str]]:
        """Pages that say they do not exist, with their addresses, and were not yet compared with a made-up neighbour."""
        self._commit()
        return self.writer.pages_with_fact("soft-404-words", but_not="soft-404", since=self._since)

    def compare(self, pages: Sequence[int], fetch: Fetch, head: Head | None, body: bytes) -> None:
        """Take the answer to a made-up address beside these pages."""
        control = self._control_of(fetch, head, body)
        if control is None:
            return
        for page_id in pages:
            title, text = self.writer.title_and_text(page_id)
            fact = control.match(title, text, not_found_words(text, title))
            if fact is not None:
                self.writer.add_fact(page_id, fact)
        self._since_commit += 1

    def note(self, kind: str, detail: str, url: str | None, at: dt.datetime | None = None) -> None:
        self.writer.note(kind, detail, at or self._now, url)
        self._since_commit += 1

    def face(self, target: int, url: str, shown: Mapping[str, Any]) -> None:
        """Take what an outside page showed; beside it is kept what an earlier run of the site saw there."""
        if self._faces is None:
            self._faces = faces_before(self.writer.folder, self._run)
        before = self._faces.get(url)
        older = before.pop("before", None) if before else None
        if before is not None and older is not None and not alike(before, older):
            # Once it had changed, the first owner's page stays what is compared with.
            before = older
        self.writer.add_fact(target, Fact(kind="outside-face", data={**shown, "before": before}))
        self._since_commit += 1

    def failed(self) -> list[tuple[int, str, str, int, Fetch]]:
        """Targets for the second look. Nothing is posted a second time."""
        self._commit()
        failed = [(w, f) for w, f in self.writer.failed() if w.role != "data" or posting_of(w.url) is None]
        return [(w.id, w.url, w.role, w.depth, f) for w, f in failed]

    def worked_on(self, netloc: str) -> str | None:
        """An address of a host that answered well in this run, for a control request."""
        return self.writer.one_that_worked(netloc)

    def counts(self) -> dict[str, int]:
        """Targets by "role:state", and rows of "pages", "documents", "columns"; lists "turned" by script."""
        turned = self.writer.pages_with_fact("turned-by-script", but_not="rendered")
        return self.writer.counts() | self.writer.row_counts() | {"turned": len(turned)}

    def unread(self) -> tuple[int, bool]:
        """How many pages no one could complete, and whether the home page is one of them."""
        pages = self.writer.unfinished_pages(self._pages + 1)
        return len(pages), any(url == self._config.home_url for _, url in pages)

    def limits(self) -> list[str]:
        """The limits of the walk that were hit while pages were read, in words."""
        said = (detail for kind, _, detail in self.writer.noted() if kind in ("depth", "limit"))
        return list(dict.fromkeys(said))

    def survey(self) -> None:
        """Find the columns among the stored pages, and notice which pages of the earlier run are gone."""
        counts = self.writer.counts()
        if not counts.get("page:0") and not self.limits():
            for url, status in self.writer.gone_pages(_MOST_GONE):
                words = f"已经打不开（状态码 {status}）" if status else "没有页面再链接到它"
                self.note("gone-page", f"上次检查时在的页面，这次{words}", url)
        self.writer.forget_unconfirmed()
        self._commit()
        with ThreadPoolExecutor(1) as pool:
            # The database lets go of the interpreter, which the survey keeps busy.
            indexed = pool.submit(index, self.writer.folder)
            columns, places = survey(self.writer.folder, self._config)
            indexed.result()
        self.writer.store_columns(columns, places)
        for host, url in self.writer.menu_hosts():
            if host not in self._config.netlocs and any(related(host, own) for own in self._config.netlocs):
                self.note(
                    "candidate-host",
                    f"菜单链接到同属本网站的另一个域名 {host}，没有检查；需要检查请写进 hosts",
                    url,
                )
        self._commit()

    def finish(self, finished_at: dt.datetime, coverage: Mapping[str, Coverage], run: Run) -> None:
        """Seal the run."""
        self._commit()
        self._warc.close()
        site = dataclasses.replace(
            run.site,
            name=run.site.name or self.writer.home_name(),
            sponsor=run.site.sponsor or self.writer.home_sponsor(),
        )
        self.writer.finish(finished_at, coverage, site)
        self._end()

    def stop(self) -> None:
        """Leave a run that can be continued."""
        try:
            if not self._warc.closed:
                self._commit()
                self._warc.close()
                self.writer.close()
        finally:
            self._end()

    def abandon(self) -> None:
        """Leave with what the last commit left: after a fault a page may be stored by half."""
        self.writer.abandon()
        with contextlib.suppress(OSError):
            self._warc.close()
        self._end()

    # -- storing

    def _kinds(self, batch: Sequence[Seen]) -> list[tuple[bool, str | None]]:
        """Of each answer, whether the earlier run holds just this, and the address of the page of the site that it is."""
        held = self.writer.held([seen.target for seen in batch if _may_be_held(seen)])
        unchanged = {seen.target for seen in batch if self._unchanged(seen, held.get(seen.target))}
        if unchanged:
            self.writer.look_ahead(unchanged)
        return [(seen.target in unchanged, self._page_url(seen)) for seen in batch]

    def _unread(self, seen: Seen, url: str) -> Unread:
        assert seen.head is not None
        return Unread(
            seen.target,
            url,
            seen.head.get("content-type"),
            decoded(seen.head, seen.body, _UNPACKED),
            url == self._config.home_url,
        )

    def _unchanged(self, seen: Seen, held: bytes | None) -> bool:
        """Whether an answer is just what the earlier run holds of it; `held` is the hash of that."""
        if held is None or seen.head is None:
            return False
        return seen.fetch.status == 304 or (
            bool(seen.body) and hashlib.sha256(decoded(seen.head, seen.body, _UNPACKED)).digest() == held
        )

    def _page_url(self, seen: Seen) -> str | None:
        """The address a web page of the site was served from; None when an answer is none."""
        fetch = seen.fetch
        if seen.role in ("probe", "data") or not seen.body or seen.head is None or fetch.outcome not in _KEPT:
            return None
        if seen.role == "file" and fetch.final_url is None:
            # A web page in the place of an attachment is that attachment's fault, not a page of the site.
            return None
        url = fetch.final_url or fetch.url
        if (fetch.status or 0) >= 300 or not self._scope.internal(url):
            return None
        kind = (seen.head.get("content-type") or "").lower()
        return url if _is_markup(kind, seen.body, seen.head) else None

    def _carry_over(self, seen: Seen) -> None:
        """The earlier run's page or document stands for this answer."""
        url = seen.fetch.url
        self.writer.store_fetch(seen.fetch, depth=seen.depth, control=seen.control)
        self._done(seen)
        body = b"" if seen.fetch.status == 304 else seen.body
        self._scope.begin_page(url)
        captured = self.writer.carry_over(seen.target, seen.fetch, seen.depth)
        self._scope.end_page(url)
        self._warc.revisit(url, seen.fetch.at, captured or seen.fetch.at, body)
        self._pages += seen.role == "page"

    def _store(self, seen: Seen, page: PageRead | None) -> None:
        fetch = seen.fetch
        if self._reopened and self.writer.attempted(seen.target, fetch.attempt):
            self._done(seen)
            return
        self.writer.store_fetch(fetch, depth=seen.depth, control=seen.control)
        self._done(seen)
        url = fetch.final_url or fetch.url
        if seen.role in ("page", "file") and seen.head is not None and fetch.final_url is None:
            self.writer.keep_validators(seen.target, seen.head.get("etag"), seen.head.get("last-modified"))
        if seen.role == "data" and seen.body and seen.head is not None and fetch.outcome in _KEPT:
            self._keep(seen, url)
            self._store_rows(seen, decoded(seen.head, seen.body, _UNPACKED))
        if seen.body and seen.head is not None and fetch.outcome in _KEPT and _is_style(seen.head):
            self._keep(seen, url)
            sheet = decoded(seen.head, seen.body, _UNPACKED).decode("utf-8", "replace")
            self.writer.store_links(url, style_links(url, sheet), seen.depth)
        if page is None:
            return
        if not self.writer.holds(page.blocks):
            # No block of a run is ever forgotten while it is walked; should one be, the page is read once more.
            page = read_one(self._unread(seen, url))
        offset = self._keep(seen, url)
        if page.reading is None:
            self.note("unreadable-page", f"页面内容未能读取（{page.fault}）", url)
            return
        reading = page.reading
        extra = self._soft_404(url, reading)
        self._scope.begin_page(url)
        if self.writer.store_page(
            fetch,
            reading,
            page.sha256,
            depth=seen.depth,
            warc_offset=offset,
            facts=extra,
            blocks=page.blocks,
            frame=page.frame,
        ):
            self._readers.stored(page.blocks)
            self._pages += 1
            if reading.column_path:
                self._column = reading.column_path[-1]
        self._scope.end_page(url)
        page_id = self.writer.url_id(url)
        for call in (*reading.data_calls, *self.writer.calls_before(page_id, page.sha256)):
            self.writer.target(call, "data", seen.depth, page_id)

    def _store_rows(self, seen: Seen, body: bytes) -> None:
        """Take the answer to a data call: the rows belong to the page that asks it."""
        page_id = self.writer.found_on(seen.target)
        if page_id is None or seen.head is None:
            return
        listing = read_data_call(body, seen.head.get("content-type"), seen.fetch.final_url or seen.fetch.url)
        if listing.state in ("script", "empty"):
            self.writer.add_rows(page_id, listing.items, listing.state, seen.depth - 1)
        if listing.items:
            calls = self._calls[page_id] = self._calls.get(page_id, 0) + 1
            if calls <= _MOST_CALLS:
                for call in listing.data_calls:
                    self.writer.target(call, "data", seen.depth - 1, page_id)

    def _keep(self, seen: Seen, url: str) -> int:
        head = seen.head
        assert head is not None
        return self._warc.response(
            url, seen.fetch.at, head.status, head.reason, head.headers, seen.body, address=seen.peer
        )

    def _soft_404(self, url: str, reading: Reading) -> tuple[Fact, ...]:
        if url == self._config.home_url:
            return ()
        words = not_found_words(reading.main_text, reading.title)
        for control in self._controls.get(url.split("/", 3)[2], ()):
            fact = control.match(reading.title, reading.main_text, words)
            if fact is not None:
                return (fact,)
        return (Fact(kind="soft-404-words", data={"words": words}),) if words else ()

    def _is_document(self, seen: Seen) -> bool:
        if seen.role in ("probe", "data") or seen.head is None or seen.fetch.outcome not in _KEPT:
            return False
        if (not seen.body and seen.role != "file") or _is_style(seen.head):
            return False
        if not self._config.crawl.documents or (seen.fetch.status or 0) >= 300:
            return False
        if not self._scope.internal(seen.fetch.final_url or seen.fetch.url):
            return False
        return self._page_url(seen) is None

    def _store_document(self, seen: Seen, document: DocumentText, body: bytes) -> None:
        self._reading -= 1
        if self._reopened and self.writer.attempted(seen.target, seen.fetch.attempt):
            self._done(seen)
            return
        self.writer.store_fetch(seen.fetch, depth=seen.depth, control=seen.control)
        self._done(seen)
        if seen.head is not None and seen.fetch.final_url is None:
            self.writer.keep_validators(seen.target, seen.head.get("etag"), seen.head.get("last-modified"))
        url = seen.fetch.final_url or seen.fetch.url
        self._keep(seen, url)
        links = [
            Link(url=link, text="", tag="document", zone=Zone.BODY)
            for link in dict.fromkeys(document.links)
            if link
        ]
        self.writer.store_document(
            url,
            kind=document.kind,
            body=body,
            readable=document.readable,
            why=document.why,
            title=document.title,
            text=_with_members(document),
            tables=document.tables,
            links=links,
            facts=(Fact(kind="recognised", data={}),) if document.recognised else (),
        )

    def _reader(self) -> queue.SimpleQueue[Seen | None]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._read_documents, daemon=True)
            self._thread.start()
        return self._to_read

    def _read_documents(self) -> None:
        crawl = self._config.crawl
        limits = Limits(file_bytes=int(crawl.file_megabytes * 1_000_000), ocr_pages=crawl.ocr_pages)
        seconds = 30 + _PAGE_SECONDS * crawl.ocr_pages
        while (seen := self._to_read.get()) is not None:
            assert seen.head is not None
            body = decoded(seen.head, seen.body, _UNPACKED)
            name = (seen.fetch.final_url or seen.fetch.url).partition("?")[0].rpartition("/")[2]
            self._read.put((seen, read_capped(body, name, seconds, limits=limits), body))

    # -- order and safety

    def _done(self, seen: Seen) -> None:
        self._stored.append(seen.target)
        self._issued.discard(seen.target)
        self._lists_out.discard(seen.target)

    def _next(self, role: str, count: int) -> list[tuple[int, str, int, Validators]]:
        rows = self.writer.waiting(role, count, self._cursor.get(role, FRONT))
        if not rows and not self._issued:
            # Everything given out came back: look once more from the start for targets that were promoted.
            rows = self.writer.waiting(role, count)
        if role == "page":
            if any(w.turn < 0 and w.id not in self._issued for w in rows):
                rows = [w for w in rows if w.turn < 0]
                self._lists_out.update(w.id for w in rows)
            elif self._lists_out:
                # The rest waits until the lists have said what is new.
                return []
        held = self.writer.validators([w.id for w in rows]) if role in ("page", "file") else {}
        fresh = [(w.id, w.url, w.depth, held.get(w.id)) for w in rows if w.id not in self._issued]
        if rows:
            self._cursor[role] = max(self._cursor.get(role, FRONT), (rows[-1].turn, rows[-1].id))
        self._issued.update(row[0] for row in fresh)
        return fresh

    def _noticed(self, kind: str, detail: str, url: str | None) -> None:
        # Called while a page is being stored, by the classifier.
        self.writer.note(kind, detail, self._now, url)

    def _commit(self) -> None:
        self.writer.remember("warc_bytes", self._warc.tell())
        for shape, length in self._scope.chains_changed.items():
            self.writer.remember(f"chain:{shape}", length)
        self._scope.chains_changed.clear()
        self.writer.commit()
        self._since_commit = 0
        self._last_commit = time.monotonic()

    def _end(self) -> None:
        if self._thread is not None:
            self._to_read.put(None)
            close_readers()
        self._readers.close()
        os.close(self._lock)


def _may_be_held(seen: Seen) -> bool:
    """Whether what came can stand for itself: under the address that was asked, from a server that answered."""
    return seen.role in ("page", "file") and seen.head is not None and seen.fetch.final_url is None


def _is_style(head: Head) -> bool:
    return (head.get("content-type") or "").lower().startswith("text/css")


def _with_members(document: DocumentText) -> str:
    """The text of a document; of an archive, those of its members below their names."""
    if not document.members:
        return document.text
    return "\n".join(
        [document.text, *(f"【{name}】\n{_with_members(member)}" for name, member in document.members)]
    )


def _is_markup(content_type: str, body: bytes, head: Head) -> bool:
    """Whether a body is to be read as a web page. The declared type decides unless the bytes contradict it."""
    start = decoded(head, body[:8192], 4096)
    kind = kind_of(start, "")
    if kind == "html":
        return True
    if "html" in content_type or not content_type:
        return kind in ("txt", "unknown", "empty")
    return False


def _lock(folder: Path) -> int:
    """Wait until no other process writes to the folder: the page work of a killed walk may still be ending."""
    import fcntl

    handle = os.open(folder / "walk.lock", os.O_CREAT | os.O_RDWR, 0o644)
    for _ in range(200):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        time.sleep(0.05)
    os.close(handle)
    raise BlockingIOError(f"{folder}：另一个检查正在写这个目录")
