"""What has to be seen again for each listed fault, read from the last whole walk's evidence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from checks.check import Citation, Grade, Subject
from checks.privacy.personal_data import mask_address
from crawler.evidence.reader import Evidence

MOST_PLACES = 300
"""Pages of one fault that are visited. More than these are not seen, and said to be not seen."""

TEMPLATE_PLACES = 30
"""Pages visited of a fault that stands on every page of a larger site."""

MOST_LISTS = 200
"""List pages that are visited where a fault may be mended anywhere."""

_LIST_PARTS = 2
"""Further pages of a list: the newest rows stand on the first."""

_FAMILIES = Path(__file__).with_name("recheck.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A finding as it is listed, under its number in the ledger."""

    number: str
    fingerprint: str
    check: str
    grade: Grade
    subject: Subject
    message: str
    facts: Mapping[str, Any]
    places: int
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How faults of a kind are looked at again; see recheck.toml."""

    checks: tuple[str, ...]
    visit: tuple[str, ...]
    by: str
    gone: str
    follow: tuple[str, ...] = ()
    count: tuple[str, ...] = ()
    key: str = ""
    same: str = ""
    told: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)
    survey: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one fault needs: `places` pages that show it, `targets` addresses it is about, `visit` all together.

    `linked` addresses that lead to it as they are linked, `left_out` pages that show it and are not visited because
    they are too many. A fault's own addresses are masked as in every list; those here are whole.
    """

    fault: Fault
    family: Family
    places: tuple[str, ...]
    targets: tuple[str, ...]
    visit: tuple[str, ...]
    follow: tuple[str, ...]
    linked: tuple[str, ...]
    left_out: int


@cache
def families() -> tuple[Family, ...]:
    """The families of recheck.toml; the last one serves every check that none names."""
    rows: list[dict[str, Any]] = tomllib.loads(_FAMILIES.read_text(encoding="utf-8"))["family"]
    return tuple(_family(row) for row in rows)


def _family(row: dict[str, Any]) -> Family:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    return Family(**values)


def family_of(check: str) -> Family:
    return next((family for family in families() if check in family.checks), families()[-1])


class Visits:
    """Plans visits from the evidence of one whole walk."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        home = evidence.home()
        self._home = [home.url] if home else []
        self._columns = evidence.columns()

    def of(self, listed: Fault) -> Wanted:
        """What the listed fault needs."""
        fault = self._whole(listed)
        family = family_of(fault.check)
        targets = _web(self._targets(fault)) if "target" in family.visit else []
        shown = _web(self._places(fault, family, targets))
        template = len(shown) > MOST_PLACES and fault.facts.get("everywhere")
        places = spread(shown, TEMPLATE_PLACES if template else MOST_PLACES)
        follow = _web(url for word in family.follow for url in self._lists(word, fault))
        beside = [url for word in family.visit for url in self._lists(word, fault)]
        if "attachments" in family.visit:
            beside += self._files(places)
        also = places
        if family.by == "column":
            # The articles behind a list only tell which column it is: the list itself has to be seen.
            places = [fault.subject.url] if fault.subject.url else places[:1]
        if family.by == "item":
            places = self._home
        return Wanted(
            fault=listed,
            family=family,
            places=tuple(places),
            targets=tuple(targets),
            visit=tuple(dict.fromkeys([*targets, *places, *also, *_web(beside)])),
            follow=tuple(follow),
            linked=tuple(_linked(fault, targets)),
            left_out=len(shown) - len(places) if family.by not in ("column", "item") else 0,
        )

    def _whole(self, fault: Fault) -> Fault:
        """The fault with the addresses of the walk in place of masked ones."""
        subject, facts = fault.subject, fault.facts
        one, several = facts.get("target_url"), facts.get("target_urls")
        return replace(
            fault,
            subject=replace(
                subject, key=self._address(subject.key), url=subject.url and self._address(subject.url)
            ),
            facts={
                **facts,
                **({"target_url": self._address(one)} if one else {}),
                **({"target_urls": [self._address(url) for url in several]} if several else {}),
            },
            citations=tuple(replace(c, url=self._address(c.url)) for c in fault.citations),
        )

    def _address(self, masked: str) -> str:
        if "*" not in masked or not masked.startswith("http"):
            return masked
        alike = self._evidence.addresses_like(masked)
        return next((url for url in alike if url != masked and mask_address(url) == masked), masked)

    def _targets(self, fault: Fault) -> list[str]:
        facts = fault.facts
        return [
            *(facts.get("target_urls") or ()),
            *filter(None, [facts.get("target_url"), fault.subject.url]),
        ]

    def _places(self, fault: Fault, family: Family, targets: Sequence[str]) -> list[str]:
        cited = [citation.url for citation in fault.citations]
        if "sources" in family.visit:
            linked = _linked(fault, targets)
            sources = [page for url in linked for page in self._evidence.linking_pages(url)]
            return sources or cited
        cited = cited or ([fault.subject.url] if fault.subject.url else [])
        if "sharing" not in family.visit:
            if "places" not in family.visit:
                return [url for word in family.visit for url in self._lists(word, fault)]
            return [*filter(None, [fault.subject.url if family.by == "page" else None]), *cited]
        found = []
        for citation in fault.citations:
            role = (
                "title"
                if citation.where.startswith("标题")
                else "frame"
                if "公共部分" in citation.where
                else "main"
            )
            found += [citation.url, *self._evidence.sharing_pages(citation.url.partition("#")[0], role)]
        if fault.subject.key.startswith("frame:"):
            found += self._evidence.sharing_pages(fault.subject.url or "", "frame")
        return found or cited

    def _lists(self, word: str, fault: Fault) -> list[str]:
        """Addresses of the lists that a word of the family stands for."""
        if word == "home":
            return self._home
        if word == "columns":
            return [column.url for column in self._columns if column.listing][:MOST_LISTS]
        if word != "column":
            return []
        path = tuple(fault.subject.key.split("/"))
        own = [
            c for c in self._columns if "/".join(c.path) == fault.subject.key or c.path[: len(path)] == path
        ]
        urls = [column.url for column in own][:MOST_LISTS] or [fault.subject.url or ""]
        further: list[str] = []
        for url in urls:
            page = self._evidence.page_at(url)
            further += self._evidence.next_pages(page.id)[:_LIST_PARTS] if page else []
        return [*urls, *further]

    def _files(self, places: Sequence[str]) -> list[str]:
        return [url for page in places for url in self._evidence.linked_documents(page)][:MOST_PLACES]


def _linked(fault: Fault, targets: Sequence[str]) -> list[str]:
    """The addresses under which pages may link to what a fault is about."""
    return list(dict.fromkeys([fault.subject.key, *targets, *filter(None, [fault.subject.url])]))


def spread(urls: Sequence[str], most: int) -> list[str]:
    """At most `most` of the addresses, the first among them, evenly spread over all."""
    if len(urls) <= most:
        return list(urls)
    return [urls[n * len(urls) // most] for n in range(most)]


def _web(urls: Iterable[str]) -> list[str]:
    """Web addresses without their fragments, each once."""
    plain = (url.partition("#")[0] for url in urls)
    return list(dict.fromkeys(url for url in plain if url.startswith(("http://", "https://"))))
