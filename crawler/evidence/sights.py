"""Questions to a run's evidence about what earlier runs saw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crawler.evidence.outlines import Outlined
from crawler.evidence.records import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSight:
    """What an earlier run saw of an address when it first met it: `as_of` of that run, date and text of the page."""

    as_of: dt.date
    published: Published | None
    text_id: int | None


def dating(
    date: str | None, source: str | None, quote: str | None, confidence: float | None
) -> Published | None:
    if date is None:
        return None
    return Published(
        date=dt.date.fromisoformat(date), source=source or "", quote=quote or "", confidence=confidence or 0.0
    )


class Sighted(Outlined):
    """The part of `Evidence` that knows earlier runs."""

    def earlier_runs(self) -> Mapping[dt.date, bool]:
        """Monitoring points of the runs this one goes on from, and whether each saw all pages."""
        if not self._has("earlier_runs"):
            return {}
        rows = self._sql.execute("SELECT as_of, complete FROM earlier_runs ORDER BY as_of")
        return {dt.date.fromisoformat(day): bool(complete) for day, complete in rows}

    def first_met(self) -> Iterator[tuple[int, str]]:
        """(page id, monitoring point as YYYY-MM-DD of the run that met it first) in page order; not those new in this run."""
        if self._has("first_sights"):
            yield from self._sql.execute("SELECT id, as_of FROM first_sights ORDER BY id")

    _SIGHTED = (
        "FROM first_sights s JOIN pages p ON p.id=s.id"
        " WHERE p.kind='article' AND p.published IS NOT NULL AND s.published IS NOT NULL"
    )

    def dated_before(self) -> int:
        """How many dated articles had a date when an earlier run met them first."""
        if not self._has("first_sights"):
            return 0
        return int(self._sql.execute(f"SELECT count(*) {self._SIGHTED}").fetchone()[0])

    def redated(self, days: int) -> Iterator[tuple[int, FirstSight]]:
        """(page id, what was seen first) of articles that now bear a date so many days later, read in the same way."""
        if not self._has("first_sights"):
            return
        rows = self._sql.execute(
            f"SELECT s.id, s.as_of, s.main_text, s.published, s.date_source, s.date_quote {self._SIGHTED}"
            " AND coalesce(p.date_source, '')=coalesce(s.date_source, '')"
            " AND julianday(p.published)-julianday(s.published)>=? ORDER BY s.id",
            (days,),
        )
        for page_id, as_of, text_id, day, source, quote in rows:
            seen = dating(day, source, quote, 1.0)
            yield page_id, FirstSight(as_of=dt.date.fromisoformat(as_of), text_id=text_id, published=seen)
