"""Everything the extractors read out of one page, in one call."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

from crawler.evidence.records import PageKind, Reading
from crawler.extract import text as texts
from crawler.extract.links import anchors, links
from crawler.extract.webpage import WebPage, open_page


def _landed(module: str, name: str, otherwise: Any) -> Any:
    """An extractor that may not be there yet."""
    try:
        return getattr(import_module(f"crawler.extract.{module}"), name)
    except (ImportError, AttributeError):
        return otherwise


_NO_LIST = SimpleNamespace(items=(), state=None, next_pages=(), data_calls=())
published = _landed("dates", "published", lambda *_: None)
listing = _landed("lists", "listing", lambda *_: _NO_LIST)
column_path = _landed("columns", "column_path", lambda *_: ())
page_kind = _landed("columns", "page_kind", lambda *_: PageKind.OTHER)
mandated = _landed("mandated", "mandated", lambda *_: ())
facts = _landed("facts", "facts", lambda *_: ())


def read(url: str, body: bytes, content_type: str | None = None) -> Reading:
    """Read the page served from `url`. Never raises on what a site sends."""
    return read_page(open_page(url, body, content_type))


def read_page(page: WebPage) -> Reading:
    """Read an opened page: one parse and one walk serve all extractors."""
    text = texts.text(page)
    main_text = texts.main_text(page)
    title = texts.title(page)
    listed = listing(page)
    path = column_path(page)
    date = published(page, main_text, text)
    kind = page_kind(page, listed.items, main_text, date)
    return Reading(
        url=page.url,
        charset=page.charset,
        title=title,
        raw_title=texts.raw_title(page),
        kind=kind,
        column_path=path,
        published=date,
        items=listed.items,
        links=links(page),
        mandated=mandated(page, title, path, main_text, listed.items, kind),
        text=text,
        main_text=main_text,
        meta=page.meta,
        anchors=anchors(page),
        listing=listed.state,
        next_pages=listed.next_pages,
        data_calls=listed.data_calls,
        facts=facts(page, title, kind, path, main_text),
    )
