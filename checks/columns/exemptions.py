"""Columns that the site's configuration frees from being fed: why, until when, and whether that still holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crawler.evidence.records import Column, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """`until` is the last day it holds, None when the configuration sets no end."""

    path: tuple[str, ...]
    url: str
    reason: str
    until: dt.date | None
    holds: bool

    def covers(self, column: Column) -> bool:
        return column.url == self.url or column.path == self.path


def exemptions(run: Run) -> tuple[Exemption, ...]:
    """Every exemption of a run's configuration, lapsed ones too, in the order written."""
    found = []
    for row in run.config.get("column") or ():
        if row.get("exempt"):
            until = dt.date.fromisoformat(str(row["until"])) if row.get("until") else None
            found.append(
                Exemption(
                    path=tuple(part.strip() for part in row["name"].split("/") if part.strip()),
                    url=row["url"],
                    reason=row["exempt"],
                    until=until,
                    holds=until is None or run.as_of <= until,
                )
            )
    return tuple(found)
