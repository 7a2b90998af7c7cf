"""Where a link stands and how it is shown: one row per target, the template's links named as such."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks.check import Citation
from crawler.evidence.reader import Evidence
from crawler.evidence.records import LinkPlace, Zone

LIMITS: Mapping[str, Any] = {"everywhere_share": 0.6, "everywhere_pages": 5}
"""A link on this share of all pages, and on no fewer than this many, stands "on every page"."""

ZONES = {Zone.NAV: "导航", Zone.BODY: "正文", Zone.FOOTER: "页脚", Zone.HIDDEN: "隐藏区域"}
TEMPLATE_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A target's places: `facts` for templates and reports, `citations` one per place.

    A target on every page is cited with a few examples of the template and all its other places.
    """

    label: str
    posted: bool
    """Whether only forms lead there that send by POST: then a failure by GET proves nothing."""
    facts: Mapping[str, Any]
    citations: tuple[Citation, ...]


class Places:
    """Finds the places of link targets in one run's evidence."""

    def __init__(self, evidence: Evidence, limits: Mapping[str, Any]) -> None:
        self._evidence = evidence
        home = evidence.home()
        self._home = home.url if home else None
        self._everywhere_from = max(
            limits["everywhere_pages"], limits["everywhere_share"] * evidence.page_count()
        )

    def of(self, target_id: int, url: str, at: dt.datetime | None = None) -> Located | None:
        """The places of a target, or None when nothing links to it (a seed, a redirect on the way)."""
        places = self._evidence.places(target_id)
        if not places:
            return None
        sources = dict.fromkeys(place.page_url for place in places)
        everywhere = len(sources) >= self._everywhere_from
        label = next((place.text for place in places if place.text), "") or url
        shown = places
        if everywhere:
            shared = [place for place in places if place.pages > 1]
            shown = shared[:TEMPLATE_EXAMPLES] + [place for place in places if place.pages == 1]
        return Located(
            label=label,
            posted=all(place.tag == "form[post]" for place in places),
            facts={
                "target_url": url,
                "label": label,
                "pages": len(sources),
                "places": len(places),
                "everywhere": everywhere,
                "on_home": self._home in sources,
                "zone": ZONES[places[0].zone],
                "element": places[0].tag,
                "spread": f"每个页面（{len(sources)} 页）" if everywhere else f" {len(sources)} 个页面",
            },
            citations=tuple(_citation(place, at) for place in shown),
        )


def _citation(place: LinkPlace, at: dt.datetime | None) -> Citation:
    # A page has many links: its address and title are kept once for all of them.
    return Citation(
        url=sys.intern(place.page_url),
        seen_at=at,
        quote=sys.intern(place.text),
        where=sys.intern(f"{ZONES[place.zone]}第 {place.position + 1} 个链接"),
        title=sys.intern(place.page_title),
    )
