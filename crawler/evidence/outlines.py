"""Pages in outline: what a check asks of every page before it looks at the few that matter to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from crawler.evidence.linked import Linked
from crawler.evidence.records import PageKind
from crawler.evidence.schema import whole_text


class Outline(NamedTuple):
    """A page as it is stored, for a tenth of the work: `column_path` parted by tabs, `published` as YYYY-MM-DD,
    `seen_at` in milliseconds.
    """

    id: int
    url: str
    kind: str
    title: str
    column_id: int | None
    column_path: str | None
    published: str | None
    confidence: float | None
    listing: str | None
    charset_declared: str | None
    charset_used: str
    charset_fault: str | None
    body_sha256: bytes
    seen_at: int


class Outlined(Linked):
    """The part of `Evidence` that goes through all pages."""

    def outlines(self, *, kind: PageKind | None = None, listed: bool = False) -> Iterator[Outline]:
        """Every stored page, or those of a kind; `listed` only those a list leads to. In the order of `pages`."""
        some = ["p.kind=:kind"] if kind else []
        if listed:
            some.append("p.id IN (SELECT target_id FROM items)")
        rows = self._sql.execute(
            "SELECT p.id, u.url, p.kind, p.title, p.column_id, s.value, p.published, p.date_confidence, p.listing,"
            " p.charset_declared, p.charset_used, p.charset_fault, p.body_sha256, p.seen_at FROM pages p JOIN urls u ON u.id=p.id LEFT JOIN strings s ON s.id=p.column_path"
            f"{' WHERE ' if some else ''}{' AND '.join(some)} ORDER BY p.id",
            {"kind": kind} if kind else {},
        )
        return map(Outline._make, rows)

    def metas(self) -> Iterator[Mapping[str, str]]:
        """The <meta name> tags of every page, names as written, in the order of `pages`."""
        rows = self._sql.execute("SELECT t.body FROM pages p LEFT JOIN texts t ON t.id=p.meta ORDER BY p.id")
        for (body,) in rows:
            tags: Mapping[str, Any] = json.loads(whole_text(self._sql, body)) if body else {}
            yield tags
