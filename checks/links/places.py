"""Where a link stands and how it is shown: one row per target, the template's links named as such."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks.check import MOST_CITATIONS, Citation
from crawler.evidence.reader import Evidence
from crawler.evidence.records import LinkPlace, Zone

LIMITS: Mapping[str, Any] = {"everywhere_share": 0.6, "everywhere_pages": 5}
"""A link on this share of all pages, and on no fewer than this many, stands "on every page"."""

ZONES = {Zone.NAV: "导航", Zone.BODY: "正文", Zone.FOOTER: "页脚", Zone.HIDDEN: "隐藏区域"}
TEMPLATE_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A target's places: `facts` for templates and reports, `citations` one per place, up to MOST_CITATIONS.

    A target on every page is cited with a few examples of the template and all its other places.
    """

    label: str
    labels: tuple[str, ...]
    """What the links say, each once, those that are cited first."""
    posted: bool
    """Whether only forms lead there that send by POST: then a failure by GET proves nothing."""
    facts: Mapping[str, Any]
    citations: tuple[Citation, ...]


class Places:
    """Finds the places of link targets in one run's evidence."""

    def __init__(self, evidence: Evidence, limits: Mapping[str, Any], most: float = MOST_CITATIONS) -> None:
        """`most`: places of a target that are cited, besides the examples of the template."""
        self._evidence = evidence
        self._most = most
        home = evidence.home()
        self._home = home.url if home else None
        self._everywhere_from = max(
            limits["everywhere_pages"], limits["everywhere_share"] * evidence.page_count()
        )

    def of(self, target_id: int, url: str, at: dt.datetime | None = None) -> Located | None:
        """The places of a target, or None when nothing links to it (a seed, a redirect on the way)."""
        first: LinkPlace | None = None
        count = pages = 0
        label, page, posted, on_home = "", "", True, False
        shown: list[LinkPlace] = []
        shared: list[LinkPlace] = []
        single: list[LinkPlace] = []
        labels: dict[str, None] = {}
        own_labels: dict[str, None] = {}
        # One by one, in the order of the pages: a link of the template stands in a hundred thousand places.
        for place in self._evidence.each_place(target_id):
            first = first or place
            count += 1
            if place.page_url != page:
                page = place.page_url
                pages += 1
                on_home = on_home or page == self._home
            label = label or place.text
            posted = posted and place.tag == "form[post]"
            labels.setdefault(place.text)
            if len(shown) < self._most:
                shown.append(place)
            if place.pages == 1:
                own_labels.setdefault(place.text)
                if len(single) < self._most:
                    single.append(place)
            elif len(shared) < TEMPLATE_EXAMPLES:
                shared.append(place)
        if first is None:
            return None
        everywhere = pages >= self._everywhere_from
        if everywhere:
            shown = shared + single
            labels = dict.fromkeys([*(place.text for place in shared), *own_labels])
        label = label or url
        return Located(
            label=label,
            labels=tuple(labels),
            posted=posted,
            facts={
                "target_url": url,
                "label": label,
                "pages": pages,
                "places": count,
                "everywhere": everywhere,
                "on_home": on_home,
                "zone": ZONES[first.zone],
                "element": first.tag,
                "spread": f"每个页面（{pages} 页）" if everywhere else f" {pages} 个页面",
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
