"""Every address a page points to, resolved as a browser resolves it, with its words and its zone."""

from __future__ import annotations

from crawler.evidence.records import Link
from crawler.extract.webpage import WebPage

LONGEST = 2_000
"""An unreadable address longer than this is no address."""
_LEFT_OUT = ("javascript:", "data:", "about:", "blob:", "vbscript:")


def links(page: WebPage) -> tuple[Link, ...]:
    """The links of `page` in document order: see `outline` for the places they are looked for.

    An address that no browser can make sense of keeps its written form as `url` and as `href`.
    """
    resolver = page.resolver
    found: list[Link] = []
    for place, zone in zip(page.outline.places, page.outline.zones, strict=True):
        href = place.href
        if place.tag == "img[usemap]" and href.strip("# ").casefold() in _maps(page):
            continue
        resolved = resolver(href)
        if resolved is None:
            url = href.strip()
            if not url or len(url) > LONGEST or url[:12].lower().startswith(_LEFT_OUT):
                continue
            written: str | None = url
        else:
            url, written = resolved.url, resolved.written
            if url[:4] != "http" and url.startswith(_LEFT_OUT):
                continue
        found.append(Link(url=url, text=place.text, tag=place.tag, zone=zone, href=written))
    return tuple(found)


def _maps(page: WebPage) -> set[str]:
    """The names of the page's image maps; browsers differ in whether their case matters."""
    found = (node.attributes for node in page.tree.css("map"))
    return {(names.get(key) or "").casefold() for names in found for key in ("name", "id")}


def anchors(page: WebPage) -> frozenset[str]:
    """The ids and names a fragment can point to on this page."""
    return frozenset(page.outline.anchors)
