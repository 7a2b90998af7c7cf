"""The scope of a visit to listed addresses: what is not on the list is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.evidence.writer import LEFT_OUT, WAITING
from crawler.scope import Note, Scope
from crawler.siteconfig import SiteConfig

MOST_ROWS = 40
"""New addresses on one list page that are read as well: what was published since, not a walk."""

MOST_NEW = 400
"""New addresses of a whole visit."""


class Listed(Scope):
    """Admits the addresses of `visit`, the data their scripts ask for, and new rows of the pages in `follow`.

    `visit` and `follow` come from the run's own record: a page work that is started again knows them still.
    """

    def __init__(self, config: SiteConfig, note: Note | None, recheck: Mapping[str, Any]) -> None:
        super().__init__(config, note)
        self._listed = frozenset(recheck["visit"])
        self._follow = frozenset(recheck["follow"])
        self._page = ""
        self._rows = 0
        self._new: set[str] = set()

    def classify(self, url: str, tag: str, depth: int) -> tuple[str, int, int]:
        """(role, state, depth) as the walk would have it; an address that is not admitted is left out."""
        role, state, depth = super().classify(url, tag, depth)
        if state == WAITING and not self._admitted(url, tag, role):
            return role, LEFT_OUT, depth
        return role, state, depth

    def _admitted(self, url: str, tag: str, role: str) -> bool:
        if url in self._listed or role == "data":
            return True
        if tag == "redirect" or role == "probe":
            return False
        # The attachments of a new page are part of what was published.
        if not (self._page in self._follow or (self._page in self._new and role == "file")):
            return False
        if self._rows >= MOST_ROWS or len(self._new) >= MOST_NEW:
            self._say("recheck-rows", "新增的内容较多，复查只看了一部分", self._page, hash(self._page))
            return False
        self._rows += 1
        self._new.add(url)
        return True

    def begin_page(self, url: str) -> None:
        super().begin_page(url)
        self._page = url
        self._rows = 0
