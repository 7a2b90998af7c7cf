"""What the walk visits of real sites against what a browser's links reach: `python -m bench.crawl.reach [SITE...]`.

Each site of realdata/gov-html is served on loopback. An independent walk opens every page in Chromium, takes the
addresses that its DOM resolves for a, area, iframe and frame, and follows those that exist as files. Our own walk
starts at the same places. Two rows of figures a site: from the home page alone, and with a seed for every page that
nothing links to (seeds are not counted as reached). Scripts stay off, as they did when the copies were made.
"""

from __future__ import annotations

import dataclasses
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from playwright.sync_api import Error, Page, Route, sync_playwright

from bench.links.serving import AT, Folder, serving
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Run
from crawler.extract.charset import decode
from crawler.siteconfig import from_url
from crawler.walk import walk

REAL = Path(__file__).parents[3] / "shared" / "realdata" / "gov-html"
PAGES = (".html", ".htm", ".shtml")
LINKS = """() => [...document.querySelectorAll('a[href],area[href],iframe[src],frame[src]')]
    .map(el => el.href instanceof SVGAnimatedString ? '' : String(el.href || el.src))"""
HOMES = ("index.html", "index.htm", "Default.html", "default.html", "index1.html", "1.html")


def main() -> int:
    names = sys.argv[1:] or sorted(p.name for p in REAL.iterdir() if p.is_dir() and p.name != "single-pages")
    print(
        "| site | pages | from home: reachable | visited | with seeds: seeds | reachable | visited | share |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    missed: list[str] = []
    sums = [0, 0]
    for name, graph in _graphs(names).items():
        with serving(Folder([REAL / name], {})) as server:
            home = next(page for page in (*(f"/{h}" for h in HOMES), *sorted(graph)) if page in graph)
            near = _reached([home], graph)
            seeds = _seeds(home, graph)
            far = _reached([home, *seeds], graph) - {home, *seeds}
            visited = _visited(server, home, [])
            all_visited = _visited(server, home, seeds)
        hit, all_ = len(far & all_visited) + len(near & visited), len(far) + len(near)
        sums = [sums[0] + hit, sums[1] + all_]
        print(
            f"| {name} | {len(graph)} | {len(near)} | {len(near & visited)} | {len(seeds)} | {len(far)} |"
            f" {len(far & all_visited)} | {hit / all_:.2%} |",
            flush=True,
        )
        missed += [f"{name}{page}" for page in sorted((far - all_visited) | (near - visited))]
    print(f"\nall: {sums[0]} of {sums[1]} ({sums[0] / sums[1]:.2%})")
    print("\n".join(f"- missed {page}" for page in missed))
    return 0 if sums[0] >= 0.99 * sums[1] else 1


def _graphs(names: Sequence[str]) -> dict[str, dict[str, set[str]]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page()
        graphs = {}
        for name in names:
            with serving(Folder([REAL / name], {})) as server:
                graphs[name] = _graph(server, tab)
        browser.close()
    return graphs


def _graph(server: Folder, tab: Page) -> dict[str, set[str]]:
    """The pages that Chromium's links of each page lead to, by path of file."""
    root = server.roots[0]
    files = ["/" + str(p.relative_to(root)) for p in sorted(root.rglob("*")) if p.suffix.lower() in PAGES]
    graph: dict[str, set[str]] = {}
    for page in files:
        body = (root / page[1:]).read_bytes()
        url = server.base + quote(page)
        read = decode(body)[1]
        headers = {
            "content-type": "text/html" + ("" if read.declared else f"; charset={read.used}"),
            "content-security-policy": "script-src 'none'; frame-src 'none'; object-src 'none'",
        }

        tab.unroute_all()
        tab.route("**/*", _answer(url, body, headers))
        try:
            tab.goto(url, wait_until="domcontentloaded", timeout=15_000)
            found = tab.evaluate(LINKS)
        except Error:
            found = []
        graph[page] = {file for address in found if (file := _file(server, address)) is not None} & set(files)
    return graph


def _answer(url: str, body: bytes, headers: dict[str, str]) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        if route.request.url == url:
            route.fulfill(body=body, headers=headers)
        else:
            route.fulfill(status=204)

    return answer


def _file(server: Folder, address: str) -> str | None:
    """The file that an in-site address is served from."""
    if not address.startswith(server.base + "/"):
        return None
    found = server.found(unquote(urlsplit(address).path))
    return None if found is None else "/" + str(found[0].relative_to(server.roots[0]))


def _reached(starts: Sequence[str], graph: dict[str, set[str]]) -> set[str]:
    reached, waiting = set(starts), list(starts)
    while waiting:
        new = graph[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def _seeds(home: str, graph: dict[str, set[str]]) -> list[str]:
    """Pages from which, with the home page, every other is reached: first those that nothing links to."""
    linked = {there for here, targets in graph.items() for there in targets if there != here}
    seeds: list[str] = []
    reached = _reached([home], graph)
    for page in sorted(graph, key=lambda page: (page in linked, page)):
        if page not in reached:
            seeds.append(page)
            reached |= _reached([page], graph)
    return seeds


def _visited(server: Folder, home: str, seeds: Sequence[str]) -> set[str]:
    """The files of the pages that our walk read."""
    with tempfile.TemporaryDirectory() as held:
        listed = Path(held) / "seeds.txt"
        listed.write_text("\n".join(server.base + quote(page) for page in seeds), encoding="utf-8")
        config = from_url(server.base + quote(home)).with_limits(
            timeout=5, again_after=0, sitemap=False, render=False, check_outside=False, documents=False,
            respect_robots=False, seeds=str(listed),
        )  # fmt: skip
        run = Run(
            id="reach", site=dataclasses.replace(config.site(), path_prefix="/"), as_of=AT.date(), started_at=AT,
            finished_at=None, version="bench", config={}, coverage={},
        )  # fmt: skip
        walk(config, Path(held) / "run", run, own_process=False)
        with Evidence(Path(held) / "run") as evidence:
            return {file for page in evidence.pages() if (file := _file(server, page.url)) is not None}


if __name__ == "__main__":
    sys.exit(main())
