"""Where a page's time goes: `python -m bench.crawl.profile SITE_FOLDER` (a folder written by the site generator).

Prints milliseconds of CPU a page for opening, for each extractor, for handing a reading to another process, for
storing and within that for the archive, and a document of each kind for reading and for the archive; measured on the
same files in one process.
"""

from __future__ import annotations

import datetime as dt
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from crawler.answers import Seen
from crawler.documents.reading import read
from crawler.evidence.ids import Ids
from crawler.evidence.records import Fetch, FetchOutcome, Run
from crawler.evidence.warc import WarcFile
from crawler.extract import reading as extractors
from crawler.pagework import PageWork
from crawler.readers import PageRead, Unread, flat, read_one, rebuilt
from crawler.siteconfig import from_url
from crawler.wire import Head

_NAMES = (
    "open_page", "texts.text", "texts.main_text", "texts.title", "texts.raw_title", "listing", "column_path", "published",
    "page_kind", "links", "mandated", "anchors", "facts",
)  # fmt: skip

_BASE = "http://127.0.0.1:8780/"
_ATTACHMENTS = {".pdf", ".doc", ".docx", ".xls", ".xlsx", ".wps", ".ofd", ".zip", ".rar", ".csv"}


def main() -> int:
    folder = Path(sys.argv[1]) / "www"
    files = sorted(folder.rglob("*.html"))[:800]
    pages = [
        Unread(n, _BASE + f.relative_to(folder).as_posix(), "text/html", f.read_bytes(), False)
        for n, f in enumerate(files, 1)
    ]
    for page in pages[:50]:
        read_one(page)
    whole, readings = _timed(lambda: [read_one(page) for page in pages])
    print(
        f"{len(pages)} pages, {sum(len(p.body) for p in pages) / len(pages) / 1000:.1f} kB each; ms CPU a page"
    )
    print(f"{'reading, all':24}{whole / len(pages):7.3f}")
    spent = dict.fromkeys(_NAMES, 0.0)
    _instrument(spent)
    for page in pages:
        read_one(page)
    for name, seconds in sorted(spent.items(), key=lambda row: -row[1]):
        print(f"  {name:22}{seconds * 1000 / len(pages):7.3f}")
    packing, packed = _timed(lambda: _packed(readings))
    unpacking, readings = _timed(lambda: [rebuilt(pickle.loads(p)) for p in packed])
    print(
        f"{'to another process':24}{packing / len(pages):7.3f}\n{'from another process':24}{unpacking / len(pages):7.3f}"
    )
    head = Head(200, "OK", [("Content-Type", "text/html"), ("Server", "nginx")])
    config = from_url(_BASE)
    now = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)
    run = Run(
        id="r",
        site=config.site(),
        as_of=now.date(),
        started_at=now,
        finished_at=None,
        version="",
        config={},
        coverage={},
    )
    with tempfile.TemporaryDirectory() as out:
        work = PageWork(config, Path(out), run)
        archive = {"response": 0.0}
        _count(work._warc, "response", archive)
        seens = [
            Seen(
                p.target,
                "page",
                2,
                Fetch(url=p.url, method="GET", at=now, outcome=FetchOutcome.OK, status=200),
                head,
                p.body,
                None,
            )
            for p in pages
        ]
        storing, _ = _timed(lambda: list(map(work._store, seens, readings)))
        work.stop()
    print(f"{'storing':24}{storing / len(pages):7.3f}")
    print(f"  {'archive':22}{archive['response'] * 1000 / len(pages):7.3f}")
    _documents(folder)
    return 0


def _documents(folder: Path) -> None:
    """Attachments of each kind: reading as their own process does it, and the archive."""
    found = sorted(f for f in folder.rglob("*") if f.suffix in _ATTACHMENTS)
    for ending in sorted({f.suffix for f in found}):
        files = [(f.name, f.read_bytes()) for f in found if f.suffix == ending][:100]
        read(files[0][1], files[0][0])
        reading, keeping = _reading_and_keeping(files)
        size = sum(len(body) for _, body in files) / len(files) / 1000
        print(f"{len(files)} {ending}, {size:.1f} kB each; ms CPU a document")
        print(f"  {'reading':22}{reading / len(files):7.3f}\n  {'archive':22}{keeping / len(files):7.3f}")


def _reading_and_keeping(files: Sequence[tuple[str, bytes]]) -> tuple[float, float]:
    now = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)
    headers = [("Content-Type", "application/octet-stream"), ("Server", "nginx")]
    reading, _ = _timed(lambda: [read(body, name) for name, body in files])
    with tempfile.TemporaryDirectory() as out, WarcFile(Path(out)) as warc:
        keeping, _ = _timed(lambda: [warc.response(_BASE, now, 200, "OK", headers, b) for _, b in files])
    return reading, keeping


def _packed(readings: list[PageRead]) -> list[bytes]:
    """As a helper sends them that is told soon what is stored."""
    held: Ids[bytes] = Ids(50_000)
    packed = []
    for page in readings:
        packed.append(pickle.dumps(flat(page, held), pickle.HIGHEST_PROTOCOL))
        for block in page.blocks:
            held[block.sha] = 1
    return packed


def _timed(what: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds of CPU, and the result."""
    began = time.process_time()
    result = what()
    return (time.process_time() - began) * 1000, result


def _instrument(spent: dict[str, float]) -> None:
    """Let the calls inside the reading of a page count their own time; what one computes first others find done."""
    import crawler.readers as readers

    for name in spent:
        holder: Any = readers if name == "open_page" else extractors
        *path, last = name.split(".")
        for part in path:
            holder = getattr(holder, part)
        _count(holder, last, spent, name)


def _count(holder: Any, last: str, spent: dict[str, float], name: str = "") -> None:
    """Let the calls of `holder`'s function `last` add their seconds of CPU to `spent`."""
    calm = getattr(holder, last)

    def counted(*args: Any, **more: Any) -> Any:
        began = time.process_time()
        try:
            return calm(*args, **more)
        finally:
            spent[name or last] += time.process_time() - began

    setattr(holder, last, counted)


if __name__ == "__main__":
    sys.exit(main())
