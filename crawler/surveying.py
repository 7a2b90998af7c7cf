"""From a walked run's evidence to its columns: streams the stored pages past the survey."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column, PageKind
from crawler.extract.navigation import NavEntry
from crawler.siteconfig import SiteConfig
from crawler.survey import Declared, PageFacts, Survey

_LISTS = (PageKind.HOME, PageKind.LIST, PageKind.INDEX, PageKind.OTHER)


def survey(folder: Path, config: SiteConfig) -> tuple[list[Column], Iterator[tuple[int, int | None]]]:
    """The columns of a run whose pages are committed, and of each page its id and that of its column."""
    with Evidence(folder) as evidence, evidence.at_once():
        as_of = evidence.run.as_of
        nav: list[NavEntry] = []
        for _, fact in evidence.facts("navigation"):
            nav += [(label, url, level) for label, url, level in fact.data["entries"]]
        declared = [
            Declared(
                url=c.url,
                path=tuple(part.strip() for part in c.name.split("/") if part.strip()),
                column_class=c.column_class,
                exempt=c.exempt if c.until is None or as_of <= c.until else None,
            )
            for c in config.column
        ]
        found = Survey(nav, declared, as_of=as_of, home_url=config.home_url)
        names = evidence.column_names()
        for seen in _pages(evidence, names):
            found.add(seen)
        columns = found.columns()
        pages, places = array("q"), array("i")
        for page in evidence.outlines():
            path = tuple(page.column_path.split("\t")) if page.column_path else ()
            place = found.column_of(page.url, path, names.get(page.id, ""))
            pages.append(page.id)
            places.append(0 if place is None else place + 1)
    return columns, ((page, place or None) for page, place in zip(pages, places, strict=True))


def _pages(evidence: Evidence, names: Mapping[int, str]) -> Iterator[PageFacts]:
    """`names` are the names of columns that pages say in their tags, by the pages' ids."""
    labels = evidence.navigation_labels()
    for page in evidence.pages():
        listed = page.kind in _LISTS or page.listing is not None
        yield PageFacts(
            url=page.url,
            kind=page.kind,
            depth=page.depth,
            title=page.title,
            column_path=page.column_path,
            column_name=names.get(page.id, ""),
            items=evidence.items(page.id) if listed else (),
            published=page.published,
            listing=page.listing,
            next_pages=evidence.next_pages(page.id) if listed else (),
            labels=tuple(labels.get(page.id, ())),
            links=tuple(linked.url for linked in evidence.linked_pages(page.id))
            if page.kind is PageKind.HOME
            else (),
        )
