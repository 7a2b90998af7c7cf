"""Real pages on loopback: our dead targets against those a second parser and a plain look-up found."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Collection
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from bench.links.serving import CASES, Folder, cases_page, faults, serving, walked

REAL = Path(__file__).parents[3] / "shared" / "realdata" / "gov-html"
PAGES = (".html", ".htm", ".shtml")


def report() -> None:
    """Print per site: pages visited, dead links of the truth found, and dead links that the truth does not know."""
    print("\n| site | pages | visited | truth dead | recall | said dead | precision |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    sums = [0] * 5
    wrong: list[str] = []
    for folder in sorted(p for p in REAL.iterdir() if (p / "_truth_links.tsv").is_file()):
        row, strange = _site(folder)
        sums = [a + b for a, b in zip(sums, row, strict=True)]
        wrong += strange
        print(_line(folder.name, row))
    print(_line("all", sums))
    print(f"\nDifferences ({len(wrong)}):", *wrong[:40], sep="\n- ")


def _line(name: str, row: list[int]) -> str:
    pages, visited, truth, hit, said = row
    return (
        f"| {name} | {pages} | {visited / pages:.1%} | {truth} | {hit / truth if truth else 1:.2%} | {said} |"
        f" {hit / said if said else 1:.2%} |"
    )


def _site(folder: Path) -> tuple[list[int], list[str]]:
    """([pages, visited, dead in truth, both, said by us], differences); dead counted as (page, target) on visited pages."""
    files = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in PAGES]
    made = {CASES: cases_page(["/" + str(p.relative_to(folder)) for p in files])}
    with serving(Folder([folder], made)) as server, tempfile.TemporaryDirectory() as into:
        with walked(server.base + CASES, Path(into), robots=False) as evidence:
            found = faults(evidence, ("dead-link",))
            visited = {unquote(urlsplit(page.url).path) for page in evidence.pages()}
        base = server.base
    pages = {"/" + str(p.relative_to(folder)) for p in files}
    dead, alive, corrected = truth(folder, server, visited)
    everything = {
        (unquote(urlsplit(page).path), path_of(target))
        for page, rows in found.items()
        for target, _ in rows
        if target.startswith(base)
    }
    said = everything & (dead | alive)
    # Style sheets, scripts and the like that the truth does not list: the folder itself tells.
    beyond = {(page, target) for page, target in everything - said if page != CASES}
    dead |= {(page, target) for page, target in beyond if server.found(target.partition("?")[0]) is None}
    said |= beyond
    differences = [f"{folder.name}{page}: missed {target}" for page, target in sorted(dead - said)]
    differences += [f"{folder.name}{page}: wrongly {target}" for page, target in sorted(said - dead)]
    differences += [
        f"{folder.name}: the truth says 404 but the file is there: {target}" for target in sorted(corrected)
    ]
    return [len(pages), len(pages & visited), len(dead), len(dead & said), len(said)], differences


def truth(
    folder: Path, server: Folder, visited: Collection[str]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]], set[str]]:
    """(dead, alive, corrected): pairs of page and target on the visited pages, and targets where the truth errs."""
    dead: set[tuple[str, str]] = set()
    alive: set[tuple[str, str]] = set()
    corrected: set[str] = set()
    with (folder / "_truth_links.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            page = "/" + row["page"]
            if row["kind"] != "internal" or page not in visited:
                continue
            href = row["href"].strip()
            # urljoin drops a last ";", which browsers keep.
            target = path_of(urljoin(f"{server.base}{page}", href) + (";" if href.endswith(";") else ""))
            missing = row["status_when_served_from_this_folder"] == "404"
            if missing and server.found(target.partition("?")[0]):
                # A file whose name holds ";": the truth looked for the part before it.
                corrected.add(target)
                continue
            (dead if missing else alive).add((page, target))
    return dead, alive, corrected


def path_of(url: str) -> str:
    """Path and query of an address, decoded."""
    parts = urlsplit(url)
    return unquote(parts.path) + ("?" + unquote(parts.query) if parts.query else "")
