"""The archived pages of a run, as they were decoded when they came; nothing is fetched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crawler.evidence.reader import Evidence
from crawler.evidence.schema import WARC_FILE
from crawler.evidence.warc import Archived, find_responses, read_response
from crawler.extract.webpage import WebPage, open_page
from crawler.fetching import decoded
from crawler.wire import Head

LARGEST_PAGE = 5_000_000
LARGEST_SHEET = 400_000
MOST_SHEETS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    page: WebPage
    seen_at: dt.datetime


class Archive:
    """Opens the pages that the evidence of a run knows, from its own archive or from that of the run they came with."""

    def __init__(self, folder: Path, evidence: Evidence) -> None:
        self._folder = folder
        self._evidence = evidence

    def page(self, url: str) -> ArchivedPage | None:
        """A page by its address; None when it is not archived or cannot be read."""
        where = self._evidence.archived(url)
        known = self._evidence.page_at(url)
        if where is None or known is None:
            return None
        run, offset = where
        folder = self._folder if run is None else self._folder.parent / Path(run).name
        found = read_response(folder / WARC_FILE, offset)
        if found is None or found.url != url:
            return None
        body = _body(found, LARGEST_PAGE)
        return ArchivedPage(
            page=open_page(url, body, found.headers.get("content-type")), seen_at=known.seen_at
        )

    def sheets(self, urls: Iterable[str]) -> dict[str, str]:
        """The style sheets of these addresses that this run archived, as text."""
        found = find_responses(self._folder / WARC_FILE, frozenset(urls))
        return {url: _body(one, LARGEST_SHEET).decode("utf-8", "replace") for url, one in found.items()}


def sheet_urls(page: WebPage) -> list[str]:
    """Addresses of the style sheets a page asks for, in order."""
    found = []
    for node in page.tree.css("link[href]")[:200]:
        if "stylesheet" in (node.attributes.get("rel") or "").lower():
            url = page.resolve(node.attributes.get("href") or "")
            if url is not None:
                found.append(url)
    return found[:MOST_SHEETS]


def _body(found: Archived, most: int) -> bytes:
    return decoded(Head(found.status, "", list(found.headers.items())), found.body, most)
