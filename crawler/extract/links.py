"""Every address a page points to, resolved as a browser resolves it, with its words and its zone."""

from __future__ import annotations

from crawler.evidence.blocks import Piece
from crawler.evidence.records import Link, Zone
from crawler.extract.address import HOST, PAGE, reach
from crawler.extract.outlined import Place
from crawler.extract.stretches import STRETCHES, Stretch
from crawler.extract.webpage import WebPage

LONGEST = 2_000
"""An unreadable address longer than this is no address."""
_LEFT_OUT = ("javascript:", "data:", "about:", "blob:", "vbscript:")
_SAME_ANYWHERE = ("javascript:", "mailto:", "tel:")


def links(page: WebPage) -> tuple[Link, ...]:
    """The links of `page` in document order: see `outline` for the places they are looked for.

    An address that no browser can make sense of keeps its written form as `url` and as `href`.
    """
    outline = page.outline
    places, zones = outline.places, outline.zones
    found: list[Link] = []
    page.outline.pieces.clear()
    at = 0
    for first, last, kept in outline.stretches:
        found += _resolved(page, places[at:first], zones[at:first])
        at = last
        _of_kept(page, kept, zones[first:last], found)
    found += _resolved(page, places[at:], zones[at:])
    return tuple(found)


def _resolved(page: WebPage, places: list[Place], zones: list[Zone]) -> list[Link]:
    resolver = page.resolver
    found = []
    for place, zone in zip(places, zones, strict=True):
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
            url, written = resolved
            if url[:4] != "http" and url.startswith(_LEFT_OUT):
                continue
        found.append(Link(url, place.text, place.tag, zone, written))
    return found


def _of_kept(page: WebPage, kept: Stretch, zones: list[Zone], found: list[Link]) -> None:
    """Add the links of a kept stretch to `found`: the same ones again where they were resolved before."""
    if kept.rooted is None:
        hrefs = [place.href for place in kept.places]
        kept.loose = tuple(
            at for at, href in enumerate(hrefs) if reach(href) == PAGE or kept.places[at].tag == "img[usemap]"
        )
        kept.rooted = all(
            at in kept.loose or reach(href) == HOST or href.startswith(_SAME_ANYWHERE)
            for at, href in enumerate(hrefs)
        )
    base = page.resolver.host if kept.rooted else page.resolver.folder
    against = (base, None if zones == kept.zones else tuple(zones))
    pieces = kept.links.get(against) if base is not None else None
    if pieces is None:
        starts = (0, *(at + 1 for at in kept.loose))
        ends = (*kept.loose, len(zones))
        pieces = tuple(
            Piece(_resolved(page, kept.places[start:end], zones[start:end]))
            for start, end in zip(starts, ends, strict=True)
        )
        if base is not None:
            STRETCHES.keep_links(kept, against, pieces)
    for number, piece in enumerate(pieces):
        if number:
            at = kept.loose[number - 1]
            found += _resolved(page, kept.places[at : at + 1], zones[at : at + 1])
        if piece:
            page.outline.pieces.append((len(found), piece))
            found += piece


def _maps(page: WebPage) -> set[str]:
    """The names of the page's image maps; browsers differ in whether their case matters."""
    found = (node.attributes for node in page.tree.css("map"))
    return {(names.get(key) or "").casefold() for names in found for key in ("name", "id")}


def anchors(page: WebPage) -> frozenset[str]:
    """The ids and names a fragment can point to on this page."""
    return frozenset(page.outline.anchors)
