"""How well columns are found: `python -m bench.columns [--misses] [--testsite FOLDER] [SITE ...]`.

Real sites are read from ../shared/realdata and compared with the hand-marked columns under
tests/columns_truth. With --testsite, a folder written by the generator is surveyed too and each column's
newest date compared with its columns.jsonl.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from crawler.evidence.records import Column, Fact, Fetch, FetchOutcome, PageKind, Run
from crawler.evidence.writer import EvidenceWriter
from crawler.extract.navigation import navigation
from crawler.extract.reading import read_page
from crawler.extract.webpage import open_page
from crawler.siteconfig import from_url
from crawler.surveying import survey

ROOT = Path(__file__).resolve().parents[2]
REALDATA = ROOT.parent / "shared" / "realdata" / "gov-html"
TRUTH = ROOT / "tests" / "columns_truth"
HOMES = ("index.html", "Default.html", "index.htm")


def site_pages(folder: Path, base: str) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix.lower() in (".html", ".htm", ".shtml"):
            yield base + file.relative_to(folder).as_posix(), file.read_bytes()


def survey_folder(folder: Path, base: str, as_of: dt.date) -> tuple[Column, ...]:
    """The columns an audit of these pages would find: read, stored and surveyed as the walk does it."""
    config = from_url(base)
    at = dt.datetime.combine(as_of, dt.time(8), dt.UTC)
    run = Run(
        id="bench", site=config.site(), as_of=as_of, started_at=at, finished_at=None, version="", config={},
        coverage={},
    )  # fmt: skip
    pages = sorted(site_pages(folder, base), key=lambda row: row[0].removeprefix(base) not in HOMES)
    with tempfile.TemporaryDirectory() as out, EvidenceWriter(Path(out), run) as writer:
        for url, body in pages:
            url = base if url.removeprefix(base) in HOMES else url
            page = open_page(url, body)
            reading = read_page(page)
            menu = navigation(page) if reading.kind is PageKind.HOME else ()
            facts = (Fact(kind="navigation", data={"entries": list(menu)}),) if menu else ()
            fetch = Fetch(url=url, method="GET", at=at, outcome=FetchOutcome.OK, status=200)
            depth = 0 if url == base else url.count("/") - 2
            writer.store_page(fetch, reading, hashlib.sha256(body).digest(), depth=depth, facts=facts)
        writer.commit()
        return tuple(survey(Path(out), config)[0])


def truth_of(site: str) -> list[tuple[str, str]]:
    """(path of names joined by /, address below the site's root) of each hand-marked column."""
    with (TRUTH / f"{site}.tsv").open(encoding="utf-8", newline="") as file:
        return [(row["path"], row["url"]) for row in csv.DictReader(file, delimiter="\t")]


def compare(site: str, misses: bool) -> tuple[int, int, int]:
    """Columns of the truth that were found, missed, and columns found that are none."""
    base = f"http://{site}.gov.cn/"
    found = survey_folder(REALDATA / site, base, dt.date(2021, 6, 30))
    want = {path for path, _ in truth_of(site)}
    have = {"/".join(column.path) for column in found}
    if misses:
        for path in sorted(want - have):
            print("    missed  ", path)
        for path in sorted(have - want):
            print("    no column", path)
    return len(want & have), len(want - have), len(have - want)


def generated(folder: Path, misses: bool) -> None:
    """The generated site: every column's newest date against columns.jsonl."""
    settings = json.loads((folder / "site.json").read_text("utf-8"))
    base = settings["start_url"]
    as_of = dt.date.fromisoformat(settings["arguments"]["today"])
    started = time.perf_counter()
    found = survey_folder(folder / "www", base, as_of)
    spent = time.perf_counter() - started
    by_path = {
        "/" + column.url.removeprefix(base).split("?")[0].removesuffix("index.html"): column
        for column in found
    }
    right = wrong = 0
    for line in (folder / "columns.jsonl").read_text("utf-8").splitlines():
        column = json.loads(line)
        got = by_path.get(column["path"])
        newest = got.newest.date.isoformat() if got is not None and got.newest is not None else None
        if (
            got is not None
            and newest == column["newest"]
            and got.path[-1] == column["name"]
            and got.items == column["articles"]
        ):
            right += 1
        else:
            wrong += 1
            if misses:
                print("    ", column, "found", got and (got.path, newest, got.items))
    print(
        f"generated site: {right} of {right + wrong} columns right (name, newest date, items); {len(found)} found, {spent:.1f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sites", nargs="*")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--testsite", type=Path)
    given = parser.parse_args()
    sites = given.sites or sorted(path.stem for path in TRUTH.glob("*.tsv"))
    sums = [0, 0, 0]
    if sites and REALDATA.is_dir():
        print(f"{'site':20} {'columns':>8} {'found':>6} {'missed':>7} {'extra':>6} {'F1':>6}")
        for site in sites:
            hit, missed, extra = compare(site, given.misses)
            sums = [sums[0] + hit, sums[1] + missed, sums[2] + extra]
            print(f"{site:20} {hit + missed:8} {hit:6} {missed:7} {extra:6} {_f1(hit, missed, extra):6.3f}")
        print(f"{'all':20} {sums[0] + sums[1]:8} {sums[0]:6} {sums[1]:7} {sums[2]:6} {_f1(*sums):6.3f}")
    if given.testsite is not None:
        generated(given.testsite, given.misses)


def _f1(hit: int, missed: int, extra: int) -> float:
    return 2 * hit / (2 * hit + missed + extra) if hit else 0.0


if __name__ == "__main__":
    main()
