"""How well dates are read: `python -m bench.dates [--misses] [--peers]`.

Reads the real pages beside the repository (../shared/realdata) and prints one table for publication dates,
one for lists. `--peers` runs htmldate and trafilatura on the same pages where they are installed.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from crawler.evidence.records import Published
from crawler.extract.dates import published
from crawler.extract.lists import listing
from crawler.extract.text import main_text, text
from crawler.extract.webpage import open_page

REALDATA = Path(__file__).resolve().parents[2].parent / "shared" / "realdata"
BASE = "http://www.example.gov.cn/"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def dated_pages() -> Iterator[tuple[str, str, bytes, str]]:
    """(collection, address, body, date or "") of every page whose truth is known."""
    for folder in sorted(path.parent for path in (REALDATA / "gov-html").glob("*/_truth_pages.tsv")):
        for row in rows(folder / "_truth_pages.tsv"):
            yield folder.name, BASE + row["path"], (folder / row["path"]).read_bytes(), row["pub_date"]
    folder = REALDATA / "date-extraction-zh"
    for row in rows(folder / "_truth.tsv"):
        yield folder.name, row["url"], (folder / row["file"]).read_bytes(), row["date"]


def ours(url: str, body: bytes) -> tuple[str, Published | None, float]:
    """The date read, and the CPU seconds reading it took once the page had been walked."""
    page = open_page(url, body)
    visible, content = text(page), main_text(page)
    started = time.thread_time()
    found = published(page, content, visible)
    spent = time.thread_time() - started
    return (found.date.isoformat() if found else ""), found, spent


def peers() -> dict[str, Callable[[str, bytes], str]]:
    found: dict[str, Callable[[str, bytes], str]] = {}
    try:
        find_date = import_module("htmldate").find_date
        found["htmldate"] = lambda url, body: (
            find_date(body, url=url, original_date=True, extensive_search=True) or ""
        )
        found["htmldate, strict"] = lambda url, body: (
            find_date(body, url=url, original_date=True, extensive_search=False) or ""
        )
    except ImportError:
        pass
    try:
        bare = import_module("trafilatura").bare_extraction

        def trafilatura(url: str, body: bytes) -> str:
            document = bare(body, url=url, with_metadata=True)
            return (document.date or "") if document is not None else ""

        found["trafilatura"] = trafilatura
    except ImportError:
        pass
    return found


def publication_dates(misses: bool, with_peers: bool) -> None:
    others = peers() if with_peers else {}
    counts: dict[str, Counter[str]] = {}
    spent = 0.0
    for name, url, body, want in dated_pages():
        count = counts.setdefault(name, Counter())
        got, found, seconds = ours(url, body)
        spent += seconds
        answers = {"xuncha": got, **{peer: read(url, body) for peer, read in others.items()}}
        count["dated" if want else "dateless"] += 1
        for who, answer in answers.items():
            count[
                f"{who} right"
                if want and answer == want
                else f"{who} invented"
                if not want and answer
                else "-"
            ] += 1
        if misses and got != want:
            print(
                f"    {name} {url.removeprefix(BASE)}: {want or 'none'}, read {got or 'none'}",
                found.quote if found else "",
            )
    names = ["xuncha", *others]
    print(
        f"{'pages':20} {'dated':>6} {'none':>6}"
        + "".join(f"{n + ' right':>22}{'invented':>9}" for n in names)
    )
    total: Counter[str] = Counter()
    for name, count in [*counts.items(), ("all gov-html", total)]:
        if name == "date-extraction-zh":
            extra = count
        line = f"{name:20} {count['dated']:6} {count['dateless']:6}"
        print(line + "".join(f"{count[f'{n} right']:22}{count[f'{n} invented']:9}" for n in names))
        if name not in ("date-extraction-zh", "all gov-html"):
            total.update(count)
    pages = total["dated"] + total["dateless"] + extra["dated"]
    print(f"exact day {total['xuncha right'] / max(1, total['dated']):.2%} of dated pages, "
          f"invented on {total['xuncha invented'] / max(1, total['dateless']):.2%} of the others, {spent / pages * 1e3:.2f} ms a page")  # fmt: skip


def newest_rows(misses: bool) -> None:
    right = total = pages = 0
    spent = 0.0
    for folder in sorted(path.parent for path in (REALDATA / "gov-html").glob("*/_truth_lists.tsv")):
        truth = {row["path"]: row["newest_row_date"] for row in rows(folder / "_truth_lists.tsv")}
        for row in rows(folder / "_truth_pages.tsv"):
            page = open_page(BASE + row["path"], (folder / row["path"]).read_bytes())
            text(page)
            started = time.thread_time()
            found = listing(page)
            spent += time.thread_time() - started
            pages += 1
            if row["path"] not in truth:
                continue
            total += 1
            newest = max((item.date for item in found.items if item.date), default=None)
            right += str(newest) == truth[row["path"]]
            if misses and str(newest) != truth[row["path"]]:
                print(f"    {folder.name} {row['path']}: {truth[row['path']]}, read {newest}")
    print(
        f"newest date of a list exact on {right} of {total}; {spent / max(1, pages) * 1e3:.2f} ms a page over {pages} pages"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--peers", action="store_true")
    given = parser.parse_args()
    if not REALDATA.is_dir():
        raise SystemExit(f"no real pages at {REALDATA}")
    publication_dates(given.misses, given.peers)
    newest_rows(given.misses)


if __name__ == "__main__":
    main()
