"""The menu of a page: labels, addresses and levels, as the survey of columns wants them."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from crawler.extract.columns import clean_name, is_frame_name
from crawler.extract.rows import MARKS
from crawler.extract.webpage import WebPage

_NAV_NAME = re.compile(r"(?i)(?:^|[\s_-])(?:\w*nav\w*|\w*menu\w*|daohang|dh|top_?bar|channels?|subs?|second)(?:$|[\s_\d-])")
_NOT_NAV = re.compile(r"(?i)(?:^|[\s_-])(?:foot\w*|bottom|copyright|link\w*|friend\w*|yqlj|share|search|pagination|page|crumb\w*|breadcrumb|location)(?:$|[\s_\d-])")
_MORE = re.compile("|".join(MARKS["more"]["words"]))
MOST_ENTRIES = 600


def navigation(page: WebPage) -> tuple[tuple[str, str, int], ...]:
    """(label, address, level) of the menu links, level 1 for the main bar and 2, 3 for what opens below it.

    A menu is what is named or tagged as one; a heading with a link beside it (更多) on a home page names a
    column as well and comes at level 2.
    """
    root = page.tree.body
    if root is None:
        return ()
    found: dict[tuple[str, str], int] = {}
    for node in root.css("a[href], area[href]"):
        level = _level(node)
        if level is None:
            continue
        href = (node.attributes.get("href") or "").strip()
        if not href or href.startswith(("#", "javascript:", "mailto:")):
            continue
        label = clean_name(node.text() or node.attributes.get("title") or node.attributes.get("alt") or "")
        if not label:
            label = clean_name(node.attributes.get("title") or _alt(node))
        url = page.resolve(href)
        if url is None or not label or len(label) > 16 or is_frame_name(label) or _MORE.match(label):
            continue
        found.setdefault((label, url), level)
        if len(found) >= MOST_ENTRIES:
            break
    return tuple((label, url, level) for (label, url), level in found.items())


def _alt(node: LexborNode) -> str:
    image = node.css_first("img[alt]")
    return (image.attributes.get("alt") or "") if image is not None else ""


def _level(node: LexborNode) -> int | None:
    """How deep in a menu a link stands; None outside any menu."""
    items = 0
    above = node.parent
    for _ in range(14):
        if above is None or above.tag in ("body", "html"):
            return None
        tag = above.tag
        attributes = above.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if tag == "footer" or (names != " " and _NOT_NAV.search(names)):
            return None
        if tag in ("li", "dd", "dl"):
            items += 1
        if tag in ("nav", "map") or (names != " " and _NAV_NAME.search(names) and tag not in ("a", "li", "ul", "dd", "span", "p")):
            return max(1, min(items, 3))
        above = above.parent
    return None
