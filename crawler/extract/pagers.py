"""The further pages of a list, in every dialect: printed links, createPageHTML, counted scripts, select boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode, urljoin, urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.rows import MARKS
from crawler.extract.webpage import WebPage

MOST_PAGES = 200
"""Pages named ahead from the first page of a list; each later page names those after it."""

_NEXT = frozenset(MARKS["pager"]["next"])
_LAST = frozenset(MARKS["pager"]["last"])
_ENDS = _NEXT | _LAST
_TOTAL = re.compile(MARKS["pager"]["total"])
_CALL = re.compile(
    r"(?:createPageHTML|createPage|showPageHTML|createPagerHTML)\s*\(\s*(?:[\"'][\w#.-]{1,40}[\"']\s*,\s*)?(?P<total>\d{1,5})\s*,\s*(?P<cur>\d{1,5})\s*,"
    r"\s*[\"'](?P<name>[\w-]{1,80})[\"']\s*,\s*[\"'](?P<ext>\w{2,6})[\"']"
)
_COUNT = re.compile(r"var(?<!\wvar)\s+countPage\s*=\s*(\d{1,5})")
_CURRENT = re.compile(r"var(?<!\wvar)\s+currentPage\s*=\s*(\d{1,5})")
_CONFIG_TOTAL = re.compile(r"pagination_script_config\s*=\s*\{[^}]{0,200}?\btotal\s*:\s*(\d{1,5})")
_ARTICLE_PART = re.compile(r"^[tW]\d{6,8}_\d+|^art_|^content_")
_PAGE_OPTION = re.compile(r"(?:page|Page|yema|goto)", re.I)


def further_pages(page: WebPage, anchors: Sequence[tuple[str, str, LexborNode]]) -> tuple[str, ...]:
    """Addresses of the pages that continue this list, in order; `anchors` are (label, href, node) of the page."""
    found: dict[str, None] = {}
    own = page.url.split("#")[0]
    for url in _all(page, anchors):
        if url.split("#")[0] != own and url.startswith(("http://", "https://")):
            found.setdefault(url)
        if len(found) >= MOST_PAGES:
            break
    return tuple(found)


def _all(page: WebPage, anchors: Sequence[tuple[str, str, LexborNode]]) -> Iterator[str]:
    html = page.html
    if "reatePage" in html or "howPage" in html or "ountPage" in html or "pagination_script_config" in html:
        yield from _counted(page)
    yield from _printed(page, anchors)
    if "article_paging_list_hidden" in html or "totalpage" in html:
        yield from _easysite(page)
    if "<select" in html or "<SELECT" in html:
        yield from _selected(page)


def _counted(page: WebPage) -> Iterator[str]:
    """TRS: page 1 is name.ext, page k is name_<k-1>.ext; the call in an article splits a text, not a list."""
    html = page.html
    match = _CALL.search(html)
    if match is not None:
        if _ARTICLE_PART.match(match["name"]):
            return
        yield from _numbered(page, int(match["total"]), int(match["cur"]), match["name"], match["ext"])
        return
    count = _COUNT.search(html) or _CONFIG_TOTAL.search(html)
    if count is None:
        return
    file = urlsplit(page.url).path.rsplit("/", 1)[-1]
    stem, _, ext = file.rpartition(".")
    stem = re.sub(r"_\d{1,4}$", "", stem) or "index"
    if _ARTICLE_PART.match(stem):
        return
    current = _CURRENT.search(html)
    yield from _numbered(page, int(count[1]), int(current[1]) if current else 0, stem, ext or "html")


def _numbered(page: WebPage, total: int, current: int, name: str, ext: str) -> Iterator[str]:
    end = min(total, current + 1 + MOST_PAGES)
    for number in range(current + 1, end):
        yield urljoin(page.url, f"{name}_{number}.{ext}")


def _printed(page: WebPage, anchors: Sequence[tuple[str, str, LexborNode]]) -> Iterator[str]:
    """Links that read as a pager: next, last, and the numbers beside them."""
    marks = [i for i, (label, _, _) in enumerate(anchors) if label.strip("[]【】()（） \xa0") in _ENDS]
    if not marks:
        numbers = [i for i, (label, _, _) in enumerate(anchors) if label.strip("[]") in ("2", "3")]
        if len(numbers) < 2 or numbers[1] - numbers[0] != 1:
            return
        marks = numbers
    low, high = max(0, marks[0] - 14), min(len(anchors), marks[-1] + 4)
    urls: list[tuple[int, str]] = []
    for number in range(low, high):
        label, href, _ = anchors[number]
        words = label.strip("[]【】()（） \xa0")
        if not (words in _NEXT or words in _LAST or (words.isdigit() and len(words) <= 4)):
            continue
        if words in (">", "›", "next") and not any(anchors[i][0].strip().isdigit() for i in range(low, high)):
            continue
        # "[LASTPAGE]" and the like are marks for a script.
        if not href or href[0] in "#[{" or href.lower().startswith("javascript:"):
            continue
        url = page.resolve(href)
        if url is None or not _same_list(page.url, url):
            continue
        urls.append((int(words) if words.isdigit() else (1 if words in _NEXT else 1 << 20), url))
    urls.sort(key=lambda entry: entry[0])
    last = next((url for order, url in urls if order == 1 << 20), None)
    for order, url in urls:
        if order != 1 << 20:
            yield url
    if last is not None:
        yield from _up_to(page.url, [url for order, url in urls if order != 1 << 20], last)


def _same_list(here: str, there: str) -> bool:
    first, second = urlsplit(here), urlsplit(there)
    if first.netloc != second.netloc:
        return False
    if first.path == second.path:
        return True
    base = first.path.rsplit("/", 1)[0]
    stem = re.sub(r"\.\w{2,5}$", "", first.path)
    folder = second.path.rsplit("/", 1)[0]
    return (
        folder == base
        or second.path.startswith(stem + "/")
        or base.startswith(folder)
        or folder.startswith(base)
    )


_NUMBER = re.compile(r"(\d{1,5})(?=\D*$)")


def _up_to(here: str, known: list[str], last: str) -> Iterator[str]:
    """The pages between the known ones and the last, where their addresses differ in one number only."""
    final = _NUMBER.search(last)
    if final is not None and known:
        frame = (last[: final.start(1)], last[final.end(1) :])
        numbers = []
        for url in known:
            match = _NUMBER.search(url)
            if match is not None and (url[: match.start(1)], url[match.end(1) :]) == frame:
                numbers.append(int(match[1]))
        if numbers:
            high, end = max(numbers), int(final[1])
            if end > high:
                for number in range(high + 1, min(end, high + MOST_PAGES)):
                    yield f"{frame[0]}{number}{frame[1]}"
            elif end < min(numbers):
                for number in range(min(numbers) - 1, max(end, min(numbers) - MOST_PAGES), -1):
                    yield f"{frame[0]}{number}{frame[1]}"
    yield last


def _easysite(page: WebPage) -> Iterator[str]:
    """<a tagname="/list/11871-2.html">: no href; page k replaces the last number."""
    total = 0
    for node in page.tree.css("input[totalpage], [totalpage]")[:3]:
        value = node.attributes.get("totalpage") or ""
        total = max(total, int(value)) if value.isdigit() and len(value) < 6 else total
    for node in page.tree.css("a[tagname]")[:30]:
        name = node.attributes.get("tagname") or ""
        match = re.match(r"^(.{1,300}?-)(\d{1,5})(\.\w{2,5})$", name)
        if match is None:
            continue
        for number in range(2, min(max(total, int(match[2])), MOST_PAGES + 1) + 1):
            url = page.resolve(f"{match[1]}{number}{match[3]}")
            if url:
                yield url
        return


def _selected(page: WebPage) -> Iterator[str]:
    """A select box with one option a page, either addresses or numbers for the form it stands in."""
    for node in page.tree.css("select[onchange], select[name]")[:10]:
        name = node.attributes.get("name") or node.attributes.get("id") or ""
        if not _PAGE_OPTION.search(f"{name} {node.attributes.get('onchange') or ''}"):
            continue
        values = [
            (option.attributes.get("value") or option.text()).strip()
            for option in node.css("option")[: MOST_PAGES + 1]
        ]
        if len(values) < 2:
            continue
        if all(value.isdigit() for value in values) and [int(v) for v in values[:2]] in ([1, 2], [0, 1]):
            base = _form_address(page, node, name)
            if base is not None:
                for value in values[1:]:
                    yield f"{base}{'&' if '?' in base else '?'}{urlencode({name: value})}"
        elif sum(1 for value in values if "." in value or "/" in value) >= len(values) - 1:
            for value in values:
                url = page.resolve(value)
                if url and _same_list(page.url, url):
                    yield url
        return


def _form_address(page: WebPage, node: LexborNode, name: str) -> str | None:
    """The address of the form around the select box, with its hidden fields, or the page's own for a bare box."""
    above = node.parent
    for _ in range(20):
        if above is None:
            break
        if above.tag == "form":
            action = above.attributes.get("action") or ""
            url = page.resolve(action) if action.strip() else page.url.split("#")[0]
            if url is None:
                return None
            hidden = [
                (field.attributes.get("name") or "", field.attributes.get("value") or "")
                for field in above.css("input[type=hidden][name]")[:30]
            ]
            kept = [(k, v) for k, v in hidden if k and k != name and not k.startswith("__") and len(v) < 200]
            if not action.strip() or not kept:
                return _without(url, name)
            return f"{_without(url, name)}{'&' if '?' in url else '?'}{urlencode(kept)}"
        above = above.parent
    return _without(page.url.split("#")[0], name)


def _without(url: str, name: str) -> str:
    """`url` without the query field `name`."""
    head, mark, query = url.partition("?")
    kept = [part for part in query.split("&") if part and part.split("=")[0] != name]
    return head + (mark if kept else "") + "&".join(kept)
