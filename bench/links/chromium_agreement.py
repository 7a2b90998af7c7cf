"""How far our addresses agree with Chromium's own on the same pages.

    python bench/links/chromium_agreement.py [FOLDER...] [--most N] [--show N]

Every page is answered to a real Chromium by interception (nothing leaves the machine) with scripts
forbidden by policy, so that the document is the one its source describes; `a.href`, `img.src` and the
like are then compared, per page and element, with ours. Prints one line per folder.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Route, sync_playwright

from crawler.extract.charset import decode
from crawler.extract.links import links
from crawler.extract.webpage import open_page

REALDATA = Path(__file__).parents[3] / "shared" / "realdata"
FOLDERS = ("gov-html", "linkcheck-fixtures", "date-extraction-zh")
TAGS = (
    "a",
    "area",
    "img",
    "script",
    "link",
    "iframe",
    "frame",
    "form",
    "embed",
    "source",
    "video",
    "audio",
    "object",
)
HOST = "http://www.example.test"
SKIPPED = ("javascript:", "data:", "about:", "blob:", "vbscript:")

SEEN = """() => {
  const own = {a: 'href', area: 'href', link: 'href', form: 'action', object: 'data'};
  const found = [];
  for (const tag of TAGS) for (const el of document.getElementsByTagName(tag)) {
    const attribute = own[tag] || 'src';
    if (!el.hasAttribute(attribute)) continue;
    const written = el.getAttribute(attribute);
    if (tag != 'a' && !written) continue;
    if (tag == 'link' && (!el.rel || /dns-prefetch|preconnect|pingback|edituri|wlwmanifest/i.test(el.rel))) continue;
    let value = tag == 'form' ? new URL(written, document.baseURI).href : el[attribute];
    if (value instanceof SVGAnimatedString) value = value.baseVal;
    found.push([tag, value, written]);
  }
  return found;
}""".replace("TAGS", str(list(TAGS)))


def pages(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in (".html", ".htm", ".shtml", ".xhtml"):
            yield path


def charset(body: bytes) -> str:
    """For pages that declare none: Chromium would take them for windows-1252, which is not the question here."""
    read = decode(body)[1]
    return "" if read.declared else f"; charset={read.used}"


def ours(url: str, body: bytes) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for link in links(open_page(url, body, f"text/html{charset(body)}")):
        tag = "form" if link.tag.startswith("form") else link.tag
        if tag in TAGS:
            found[tag, link.url] += 1
    return found


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folders", nargs="*", type=Path, default=[REALDATA / name for name in FOLDERS])
    asked.add_argument("--most", type=int, default=100_000)
    asked.add_argument("--show", type=int, default=20)
    options = asked.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        answer: dict[str, bytes] = {}

        def serve(route: Route) -> None:
            body = answer.get(route.request.url)
            if body is None or route.request.resource_type != "document":
                route.fulfill(status=204)
            else:
                headers = {
                    "content-type": f"text/html{charset(body)}",
                    "content-security-policy": "script-src 'none'; frame-src 'none'",
                }
                route.fulfill(body=body, headers=headers)

        page.route("**/*", serve)
        for folder in options.folders:
            total, agreed, whole, seen, shown = 0, 0, 0, 0, 0
            for path in list(pages(folder))[: options.most]:
                body = path.read_bytes()
                url = f"{HOST}/{quote(str(path.relative_to(folder)))}"
                answer.clear()
                answer[url] = body
                try:
                    page.goto(url, wait_until="commit", timeout=15_000)
                    page.wait_for_load_state("domcontentloaded", timeout=15_000)
                    rows = page.evaluate(SEEN)
                except Exception as error:  # a page Chromium itself cannot open is no measure
                    print(
                        f"  not opened: {path.relative_to(folder)}: {str(error).splitlines()[0]}",
                        file=sys.stderr,
                    )
                    continue
                theirs: Counter[tuple[str, str]] = Counter()
                for tag, value, _ in rows:
                    if (
                        not value.lower().lstrip().startswith(SKIPPED)
                        and "{{" not in value
                        and "${" not in value
                        and "<%" not in value
                    ):
                        theirs[tag, value.strip()] += 1
                mine = ours(url, body)
                seen += 1
                total += theirs.total()
                agreed += (theirs & mine).total()
                whole += theirs == mine
                if theirs != mine and shown < options.show:
                    shown += 1
                    print(f"  {path.relative_to(folder)}")
                    for row in list((theirs - mine).elements())[:4]:
                        print(f"    only Chromium: {row}")
                    for row in list((mine - theirs).elements())[:4]:
                        print(f"    only ours:     {row}")
            share = agreed / total if total else 1.0
            print(f"{folder.name}: {seen} pages, {total} addresses, {share:.4%} agree; {whole} pages wholly")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
