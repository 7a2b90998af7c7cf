"""Faults the owner has decided to live with, for a time. An expired waiver comes back by itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from checks.check import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """`check` an id or "*"; `url` a whole address or `pattern` a regular expression over subject and places."""

    check: str
    url: str | None
    pattern: re.Pattern[str] | None
    reason: str
    owner: str
    until: dt.date

    def covers(self, check_id: str, verdict: Verdict) -> bool:
        """Whether a verdict falls under this waiver."""
        if self.check not in ("*", check_id):
            return False
        addresses = {verdict.subject.key, verdict.subject.url or "", str(verdict.facts.get("target_url", ""))}
        if self.url is not None:
            return self.url in addresses
        return self.pattern is not None and any(
            self.pattern.search(address) for address in addresses if address
        )


def waivers(rows: Iterable[Mapping[str, Any]], as_of: dt.date) -> tuple[Waiver, ...]:
    """The waivers of a run's configuration that still hold at the monitoring point."""
    found = []
    for row in rows:
        until = dt.date.fromisoformat(str(row["until"]))
        if until >= as_of:
            pattern = row.get("pattern")
            found.append(
                Waiver(
                    check=row["check"],
                    url=row.get("url"),
                    pattern=re.compile(pattern) if pattern else None,
                    reason=row["reason"],
                    owner=row["owner"],
                    until=until,
                )
            )
    return tuple(found)
