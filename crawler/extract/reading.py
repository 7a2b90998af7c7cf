"""Everything the extractors read out of one page, in one call."""

from __future__ import annotations

from crawler.evidence.records import Fact, Reading
from crawler.extract import text as texts
from crawler.extract.columns import column_path, is_plain_article, page_kind
from crawler.extract.dates import published
from crawler.extract.facts import facts
from crawler.extract.links import anchors, links
from crawler.extract.lists import Listing, listing
from crawler.extract.mandated import mandated
from crawler.extract.webpage import WebPage, open_page


def read(url: str, body: bytes, content_type: str | None = None) -> Reading:
    """Read the page served from `url`. Never raises on what a site sends."""
    return read_page(open_page(url, body, content_type))


def read_page(page: WebPage) -> Reading:
    """Read an opened page: one parse and one walk serve all extractors."""
    text = texts.text(page)
    main_text = texts.main_text(page)
    title = texts.title(page)
    path = column_path(page)
    date = published(page, main_text, text)
    # Beside an article stand lists of other pages, which are read where they belong; looking for them costs most.
    listed = Listing() if is_plain_article(page.url, main_text, date) else listing(page)
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
        facts=(
            *facts(page, title, kind, path, main_text),
            *((Fact(kind="turned-by-script", data={}),) if listed.turned_unread else ()),
        ),
    )
