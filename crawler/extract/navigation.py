"""The menu of a page: labels, addresses and levels, as the survey of columns wants them."""

from __future__ import annotations

import re
from collections import Counter

from selectolax.lexbor import LexborNode

from crawler.extract.columns import clean_name, is_frame_name
from crawler.extract.rows import MARKS
from crawler.extract.webpage import WebPage

_NAV_NAME = re.compile(
    r"(?i)(?:^|[\s_-])(?:\w*nav\w*|\w*menu\w*|\w*mnue\w*|daohang|dh|channels?)(?:$|[\s_\d-])"
)
_NOT_NAV = re.compile(
    r"(?i)(?:^|[\s_-])(?:foot\w*|bottom|copyright|\w*link\w*|friend\w*|yqlj|share|search|pagination|page|crumb\w*|breadcrumb|location)(?:$|[\s_\d-])"
)
_MORE = re.compile("|".join(MARKS["more"]["words"]))
MOST_ENTRIES = 600
_LONGEST_LABEL = 16

NavEntry = tuple[str, str, int]
"""A menu entry: its label, its address ("" when it only opens a sub-menu), its level, 0 outside menus."""


def navigation(page: WebPage) -> tuple[NavEntry, ...]:
    """The menu of `page` in reading order, level 1 for the main bar and 2, 3 for what opens below an entry.

    A menu is what is tagged or named as one. After the menus come headings of blocks that name
    a column (label and 更多 lead to one address); they stand at level 0.
    """
    root = page.tree.body
    if root is None:
        return ()
    found: dict[tuple[str, str], int] = {}
    times: Counter[str] = Counter()
    written: list[tuple[str, str, frozenset[str]]] = []
    above: list[tuple[int, int]] = []
    for node in root.css("a, area[href]"):
        place = _place(node)
        if place is None:
            continue
        depth, items = place
        href = (node.attributes.get("href") or "").strip()
        label = _label(node)
        if not label or len(label) > _LONGEST_LABEL or is_frame_name(label) or _MORE.match(label):
            continue
        url = ""
        if href and not href.startswith("#") and not href.lower().startswith("javascript:"):
            url = page.resolve(href) or ""
            if not url.startswith(("http://", "https://")):
                continue
            url = "" if url == page.url else url
        while above and not (above[-1][0] < depth and above[-1][1] in items):
            above.pop()
        level = min(len(above) + 1, 3)
        if items:
            above.append((depth, items[0]))
        found.setdefault((label, url), level)
        times[url] += 1
        written.append((label, url, _marking(node)))
        if len(found) >= MOST_ENTRIES:
            break
    for label, url in _headings(page, root):
        if not any(known == url for _, known in found):
            found.setdefault((label, url), 0)
    entries = _demoted([(label, url, level) for (label, url), level in found.items()], times)
    entries = _below_their_heads(entries, written)
    following = [*(level for _, _, level in entries[1:]), 0][: len(entries)]
    return tuple(
        entry for entry, after in zip(entries, following, strict=True) if entry[1] or after > entry[2]
    )


def _demoted(entries: list[NavEntry], times: Counter[str]) -> list[NavEntry]:
    """A site map beside the main bar lists everything flat: what stands in it alone, in the folder of an entry
    that the bar repeats, is not of the first level."""
    folders = {url.rsplit("/", 1)[0] + "/" for _, url, level in entries if level == 1 and times[url] > 1}
    result = []
    for label, url, level in entries:
        alone = level == 1 and times[url] == 1
        result.append((label, url, 0 if alone and not folders.isdisjoint(_folders_above(url)) else level))
    return result


def _below_their_heads(
    entries: list[NavEntry], written: list[tuple[str, str, frozenset[str]]]
) -> list[NavEntry]:
    """A flat site map marks the entries below a heading alike: what is marked as those that lie in the heading's
    folder, and stands with them, is below it too wherever its address lies."""
    level = {(label, url): at for label, url, at in entries}
    placed: dict[tuple[str, str], tuple[str, str]] = {}
    head: tuple[str, str, frozenset[str]] | None = None
    waiting: list[tuple[str, str]] = []
    sure = False
    for label, url, marking in [*written, ("", "", frozenset(("end",)))]:
        if head is not None and marking != head[2] and label:
            inside = (head[1].rsplit("/", 1)[0] + "/") in _folders_above(url)
            sure |= inside and level.get((label, url)) == 0
            if url and url != head[1] and not inside and level.get((label, url)) == 1:
                waiting.append((label, url))
            continue
        if sure and head is not None:
            placed |= dict.fromkeys(waiting, head[:2])
        head = (label, url, marking) if url and level.get((label, url)) == 1 else None
        waiting, sure = [], False
    below: dict[tuple[str, str], list[NavEntry]] = {}
    for (label, url), above in placed.items():
        below.setdefault(above, []).append((label, url, 2))
    result: list[NavEntry] = []
    for entry in entries:
        if entry[:2] not in placed:
            result += [entry, *below.get(entry[:2], ())]
    return result


def _marking(node: LexborNode) -> frozenset[str]:
    """The inline elements around and in a link, up to the block it stands in."""
    tags: set[str] = set()
    for one in node.css("*")[:6]:
        tags.add(one.tag or "")
    above = node.parent
    for _ in range(4):
        if above is None or above.tag not in _INLINE:
            break
        tags.add(above.tag)
        above = above.parent
    return frozenset(tags & _INLINE)


_INLINE = frozenset(("span", "b", "strong", "em", "i", "font", "u", "small"))


def _folders_above(url: str) -> list[str]:
    """The folders that hold the folder of an address: http://h/a/ for http://h/a/b/index.html."""
    parts = url.rsplit("/", 1)[0].split("/")
    return ["/".join(parts[:end]) + "/" for end in range(4, len(parts))]


def _label(node: LexborNode) -> str:
    label = clean_name(node.text())
    if label:
        return label
    image = node.css_first("img[alt]")
    written = (
        node.attributes.get("title")
        or node.attributes.get("alt")
        or (image.attributes.get("alt") if image is not None else "")
    )
    return clean_name(written or "")


def _place(node: LexborNode) -> tuple[int, list[int]] | None:
    """How many lists deep below its menu a link stands, and the list items around it (mem_ids, nearest first).

    None outside any menu. A dt shares the item of its dl: what follows in dd opens below it.
    """
    lists = 0
    items: list[int] = []
    above = node.parent
    for _ in range(14):
        if above is None or above.tag in ("body", "html"):
            return None
        tag = above.tag
        attributes = above.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if tag == "footer" or (names != " " and _NOT_NAV.search(names)):
            return None
        if tag in ("ul", "ol", "dd"):
            lists += 1
        if tag in ("li", "dl"):
            items.append(above.mem_id)
        if tag in ("nav", "map"):
            return lists, items
        if names != " " and _NAV_NAME.search(names):
            if tag in ("div", "section", "header", "table", "td", "dl"):
                return lists, items
            if tag in ("ul", "ol") and not _inside_list(above):
                return lists, items
        above = above.parent
    return None


def _inside_list(node: LexborNode) -> bool:
    above = node.parent
    for _ in range(6):
        if above is None:
            return False
        if above.tag in ("li", "dd"):
            return True
        above = above.parent
    return False


def _headings(page: WebPage, root: LexborNode) -> list[tuple[str, str]]:
    """Headings of home-page blocks: a short label whose address a 更多 nearby repeats."""
    more: set[str] = set()
    named: list[tuple[str, str]] = []
    for node in root.css("a[href]"):
        href = (node.attributes.get("href") or "").strip()
        if not href or href.startswith("#") or href.lower().startswith("javascript:"):
            continue
        label = clean_name(node.text())
        if not label or _MORE.match(node.text().strip()):
            more.add(href)
        elif 2 <= len(label) <= 10 and not is_frame_name(label):
            named.append((label, href))
    found = []
    for label, href in named:
        if (
            href in more
            and (url := page.resolve(href)) is not None
            and url.startswith(("http://", "https://"))
        ):
            found.append((label, url))
    return found
