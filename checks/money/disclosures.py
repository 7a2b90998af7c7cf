"""A bureau's own disclosures of money among its pages and attachments, gathered once per run."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from checks.check import Citation, Subject
from checks.money.figures import three_public
from checks.money.labels import title_year_kind
from checks.money.statement import Rows, Statement
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Document, Page, PageKind, Published

WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
_TITLE = re.compile(WORDS["title"])
_NOT_TITLE = re.compile(WORDS["not_title"])
_FULL = re.compile(WORDS["full"])
_QUOTES = re.compile("[“”\"'‘’]")
_FIGURES = re.compile(r"三公|公务接待|财政拨款|决算|预算")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One page or attachment of a disclosure. `why` when an attachment could not be read."""

    url: str
    title: str
    text: str
    tables: tuple[Rows, ...]
    seen_at: dt.datetime | None
    readable: bool = True
    why: str | None = None
    is_document: bool = False

    def cite(self, quote: str, where: str = "") -> Citation:
        return Citation(url=self.url, seen_at=self.seen_at, quote=quote[:300], where=where, title=self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """A page with its attachments, or a lone attachment, that publishes a budget, accounts or the three expenses.

    `year` and `kind` ("budget", "final") from the title. `full` when it is the whole budget or accounts.
    """

    url: str
    title: str
    year: int | None
    kind: str | None
    full: bool
    published: Published | None
    column: str | None
    sources: tuple[Source, ...]

    @property
    def subject(self) -> Subject:
        return self.subject_of("")

    def subject_of(self, mark: str) -> Subject:
        """The disclosure as a subject; `mark` tells several of one check apart."""
        key = f"{self.url}#{mark}" if mark else self.url
        return Subject(kind="page", key=key, url=self.url, title=self.title, column=self.column)

    @property
    def unread(self) -> tuple[Source, ...]:
        return tuple(source for source in self.sources if not source.readable)

    def statements(self) -> Iterator[tuple[Source, Statement]]:
        """What each source states of the three public expenses."""
        for source in self.sources:
            named = source.title if title_year_kind(source.title)[0] else self.title
            statement = three_public(source.text, source.tables, title=named)
            if statement is not None:
                yield source, statement


_gathered: WeakKeyDictionary[Evidence, tuple[Disclosure, ...]] = WeakKeyDictionary()


def disclosures(evidence: Evidence) -> tuple[Disclosure, ...]:
    """Every disclosure of money in a run, in page order. Read once per run, shared by the checks of this room."""
    found = _gathered.get(evidence)
    if found is None:
        found = _gathered[evidence] = tuple(_gather(evidence))
    return found


def is_disclosure_title(title: str) -> bool:
    return bool(_TITLE.search(title)) and not _NOT_TITLE.search(title)


def _gather(evidence: Evidence) -> Iterator[Disclosure]:
    pages = {
        page.url: page
        for number, _, title in evidence.titles()
        if is_disclosure_title(title) and (page := evidence.page(number)).kind is not PageKind.LIST
    }
    attached: dict[str, list[Source]] = {}
    lone: list[tuple[Document, str, Page | None]] = []
    for document in evidence.documents(texts=False):
        places = evidence.places(document.id)
        carrier = next((place for place in places if place.page_url in pages), None)
        if carrier is not None:
            attached.setdefault(carrier.page_url, []).append(_source(evidence, document, carrier.text))
            continue
        label = next((place.text for place in places if is_disclosure_title(place.text)), "")
        if not label and is_disclosure_title(document.title) and document.readable:
            label = document.title
        if label:
            lone.append((document, label, evidence.page_at(places[0].page_url) if places else None))
    tables = _tables(evidence, {page.id for page in pages.values()})
    for page in pages.values():
        own = Source(
            url=page.url, title=page.title, text=evidence.text(page.id), tables=tuple(tables.get(page.id, ())),
            seen_at=page.seen_at,
        )  # fmt: skip
        sources = (own, *attached.get(page.url, ()))
        if own.tables or len(sources) > 1 or _FIGURES.search(own.text):
            yield _disclosure(page.url, page.title, page.published, page.column_path, sources)
    for document, label, lister in lone:
        path = lister.column_path if lister is not None else ()
        yield _disclosure(document.url, label, None, path, (_source(evidence, document, label),))


def _disclosure(
    url: str, title: str, published: Published | None, path: tuple[str, ...], sources: tuple[Source, ...]
) -> Disclosure:
    year, kind = title_year_kind(title)
    plain = _QUOTES.sub("", title)
    full = bool(_FULL.search(plain)) and WORDS["only_three_public"] not in plain
    return Disclosure(
        url=url, title=title, year=year, kind=kind, full=full, published=published,
        column=path[-1] if path else None, sources=sources,
    )  # fmt: skip


def _source(evidence: Evidence, document: Document, label: str) -> Source:
    return Source(
        url=document.url, title=document.title or label, text=evidence.document(document.id).text,
        tables=tuple(evidence.tables(document.id)), seen_at=None, readable=document.readable, why=document.why,
        is_document=True,
    )  # fmt: skip


def _tables(evidence: Evidence, wanted: set[int]) -> dict[int, list[Rows]]:
    found: dict[int, list[Rows]] = {}
    for page, fact in evidence.facts("table"):
        if page.id in wanted:
            found.setdefault(page.id, []).append(fact.data["rows"])
    return found
