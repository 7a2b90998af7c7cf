"""The table of disclosure items and what a run's evidence holds for each of them."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, proxy

from checks.mandated.profile import profile_of
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column, Document, MandatedItem, Page, PageKind

SURE = 0.55
"""Confidence from which a page counts as publishing an item."""
MOST_PAGES = 40
MOST_FILES = 20
_LONGEST_LABEL = 20
_OTHER_SITE = re.compile(r"(?<![局委厅])(?<!单位)(?<!机关)网站?[^。；\n]{0,8}(?:公开|公布|发布)")
_NAMED_TEXT = re.compile(r"《[^》\n]{0,100}》")
"""The name of a rule says nothing about what the body has."""
_CLEAN = re.compile(r"[\s\u3000\u00a0·•●▪■◆》>»\-—|【】\[\]()“”\"‘’':：]+|更多|MORE|more")
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)(?!\s*[〕\]】)）]\s*\d+\s*号)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One thing a complete item shows. Asked for from `since` and before `until`; `must`: its lack is certain."""

    name: str
    seen: re.Pattern[str]
    must: bool
    since: dt.date
    until: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The work of year N is there by month/day of year N + after."""

    since: dt.date
    after: int
    month: int
    day: int
    sure: bool

    def year(self, as_of: dt.date) -> int:
        """The latest year whose work must be there on `as_of`."""
        year = as_of.year - self.after
        return year if as_of > dt.date(as_of.year, self.month, self.day) else year - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Wording of an older rule: `seen` without `unless`."""

    since: dt.date
    seen: re.Pattern[str]
    unless: re.Pattern[str]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    since: dt.date
    text: str
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureItem:
    """One row of the table. Shapes of the fields are explained at the head of disclosure-items.toml."""

    id: str
    name: str
    always: bool
    profiles: frozenset[str]
    since: dt.date
    basis: tuple[Basis, ...]
    deadline: str
    words: tuple[str, ...]
    row: re.Pattern[str] | None
    due: tuple[Due, ...]
    elements: tuple[Element, ...]
    stale: tuple[Stale, ...]
    link_counts: bool
    column_counts: bool
    full: int
    has: re.Pattern[str] | None
    within: tuple[str, ...]
    within_seen: re.Pattern[str] | None

    def binds(self, profile: str, as_of: dt.date) -> bool:
        """Whether a body of this profile is asked for the item at that time."""
        return as_of >= self.since and bool(self.profiles & {"*", profile})

    def rule(self, as_of: dt.date) -> Basis:
        """The basis in force on a day."""
        return next((basis for basis in self.basis if basis.since <= as_of), self.basis[-1])

    def wanted(self, as_of: dt.date) -> tuple[Element, ...]:
        """What a complete one shows on a day."""
        return tuple(e for e in self.elements if e.since <= as_of < e.until)

    def expected(self, as_of: dt.date, *, sure: bool) -> int | None:
        """The latest year that must be there: by a certain date, or by one that is only recalled or derived."""
        dates = [due for due in self.due if due.sure is sure and due.since <= as_of]
        return max(dates, key=lambda due: due.since).year(as_of) if dates else None


@cache
def table() -> tuple[DisclosureItem, ...]:
    """Every item, in table order."""
    path = Path(__file__).parent / "disclosure-items.toml"
    return tuple(_item(row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["item"])


def _item(row: Mapping[str, Any]) -> DisclosureItem:
    since: dt.date = row["since"]
    return DisclosureItem(
        id=row["id"],
        name=row["name"],
        always=row["need"] == "always",
        profiles=frozenset(row["profiles"]),
        since=since,
        basis=tuple(Basis(since=b["from"], text=b["text"], sure=b["sure"]) for b in row["basis"]),
        deadline=row["deadline"],
        words=tuple(row["words"]),
        row=re.compile(row["row"]) if "row" in row else None,
        due=tuple(
            Due(since=d["from"], after=d["after"], month=d["month"], day=d["day"], sure=d["sure"])
            for d in row.get("due", ())
        ),
        elements=tuple(
            Element(
                name=e["name"],
                seen=re.compile(e["seen"], re.I),
                must=e["must"],
                since=e.get("from", since),
                until=e.get("until", dt.date.max),
            )
            for e in row.get("elements", ())
        ),
        stale=tuple(
            Stale(since=s["from"], seen=re.compile(s["seen"]), unless=re.compile(s["unless"]), why=s["why"])
            for s in row.get("stale", ())
        ),
        link_counts=row.get("link_counts", False),
        column_counts=row.get("column_counts", False),
        full=row.get("full", 120),
        has=re.compile(row["has"]) if "has" in row else None,
        within=tuple(row.get("with", ())),
        within_seen=re.compile(row["with_seen"]) if "with_seen" in row else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A page that publishes an item."""

    page: Page
    found: MandatedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What the evidence holds for one item.

    `columns` are named like the item, `links` are (address, label) of links named like it, own pages first.
    """

    item: DisclosureItem
    hits: tuple[Hit, ...] = ()
    columns: tuple[Column, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    years: Mapping[int, Page] = field(default_factory=dict)

    @property
    def best(self) -> Page | None:
        return self.hits[0].page if self.hits else None

    @property
    def judged(self) -> Page:
        """The page that is judged: of a yearly item the latest year's own page, else the best. Only with hits."""
        dated = [hit for hit in self.hits if hit.found.year is not None]
        if self.item.due and dated:
            return max(dated, key=lambda hit: (hit.found.year or 0, hit.found.confidence)).page
        articles = [hit.page for hit in self.hits if hit.page.kind is PageKind.ARTICLE]
        return articles[0] if articles else self.hits[0].page


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an item's pages say, their attachments included. `unread` are attachments that could not be read, or misread."""

    text: str
    unread: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWord:
    """A passage in which the body says that it has such matters; `elsewhere` when it published them on another site."""

    page: Page
    quote: str
    elsewhere: bool


class Holdings:
    """Reads a run's evidence once and answers per item."""

    def __init__(self, evidence: Evidence) -> None:
        # Kept beside the evidence for as long as that lives, so it must not keep it alive.
        self._evidence: Evidence = proxy(evidence)
        self._held: dict[str, Holding] = {}
        self._contents: dict[str, Content] = {}
        run = evidence.run
        self.as_of = run.as_of
        self.profile = profile_of(run.site)
        self.ruled = {row["id"]: row for row in run.config.get("item", ())}
        """What the owner says of single items: id -> {id, applies, reason}."""
        self.items = tuple(self._asked())
        self.excused = tuple(
            (item, self.ruled[item.id]["reason"])
            for item in table()
            if item.id in self.ruled and not self.ruled[item.id]["applies"]
        )
        self._hits: dict[str, list[Hit]] = {}
        for page, found in evidence.mandated():
            if found.confidence >= SURE:
                self._hits.setdefault(found.item, []).append(Hit(page=page, found=found))
        self._columns = evidence.columns()
        self._column_labels = [label(column.name) for column in self._columns]

    def _asked(self) -> Iterator[DisclosureItem]:
        """The items that bind the body, as its profile has it and as its owner says of single ones."""
        for item in table():
            ruled = self.ruled.get(item.id)
            if ruled is not None and ruled["applies"] and self.as_of >= item.since:
                yield replace(item, always=True)
            elif ruled is None and item.binds(self.profile.id, self.as_of):
                yield item

    def of(self, item: DisclosureItem) -> Holding:
        """What is held for an item: best pages first."""
        if item.id not in self._held:
            self._held[item.id] = self._gather(item)
        return self._held[item.id]

    def _gather(self, item: DisclosureItem) -> Holding:
        hits = sorted(self._hits.get(item.id, ()), key=lambda hit: (-hit.found.confidence, hit.page.id))
        if not hits and item.within:
            hits = self._inside(item)
        columns = tuple(
            column
            for column, name in zip(self._columns, self._column_labels, strict=True)
            if _named(name, item)
        )
        return Holding(
            item=item,
            hits=tuple(hits[:MOST_PAGES]),
            columns=columns,
            links=self._named_links(item),
            years=self._years(item, hits),
        )

    def content(self, holding: Holding) -> Content:
        """The text by which a holding with hits is judged, with that of the attachments that belong to it."""
        item = holding.item
        if item.id not in self._contents:
            self._contents[item.id] = self._read(holding)
        return self._contents[item.id]

    def _read(self, holding: Holding) -> Content:
        item = holding.item
        pages = [holding.judged] if item.due else [hit.page for hit in holding.hits]
        texts = [self._evidence.text(page.id) for page in pages]
        attached = [document for page in pages for document in self._attached(item, page)]
        return Content(
            text="\n".join([*texts, *(document.text for document in attached)]),
            unread=tuple(d for d in attached if not d.readable or d.recognised),
        )

    def _attached(self, item: DisclosureItem, page: Page) -> list[Document]:
        """The attachments of an article; of a list, those whose row names the item, of a yearly item the latest one."""
        files = self._evidence.attachments(page.id)
        if page.kind is PageKind.ARTICLE or not files:
            return [
                self._evidence.document(number) for number in list(dict.fromkeys(files.values()))[:MOST_FILES]
            ]
        rows = [
            row
            for row in self._evidence.items(page.id)
            if row.url in files
            and ((item.row is not None and item.row.search(row.title)) or _named(label(row.title), item))
        ]
        if item.due and rows:
            latest = max(int(max(_YEAR.findall(row.title), default=0)) for row in rows)
            rows = [row for row in rows if int(max(_YEAR.findall(row.title), default=0)) == latest]
        return [self._evidence.document(files[row.url]) for row in rows[:MOST_FILES]]

    def own_word(self, item: DisclosureItem) -> OwnWord | None:
        """A passage of the body's own reports and lists that says it has such matters; never a guess."""
        if item.has is None:
            return None
        for source in ("DI-08", "DI-22", "DI-01"):
            latest = sorted(self._hits.get(source, ()), key=lambda hit: (-(hit.found.year or 0), hit.page.id))
            for hit in latest[:3]:
                text = _NAMED_TEXT.sub("", self._evidence.text(hit.page.id))
                if match := item.has.search(text):
                    quote = text[max(0, match.start() - 20) : match.end() + 20].replace("\n", " ").strip()
                    told = _OTHER_SITE.search(text, match.start(), match.end() + 60)
                    return OwnWord(page=hit.page, quote=quote, elsewhere=told is not None)
        return None

    def _inside(self, item: DisclosureItem) -> list[Hit]:
        """Pages of other items whose text holds this one (三公 inside a budget)."""
        assert item.within_seen is not None
        return [
            hit
            for other in item.within
            for hit in self._hits.get(other, ())[:MOST_PAGES]
            if item.within_seen.search(self._evidence.text(hit.page.id))
        ]

    def _years(self, item: DisclosureItem, hits: list[Hit]) -> dict[int, Page]:
        """Years for which the item is there: read from its pages and from the rows of its columns."""
        if not item.due:
            return {}
        years: dict[int, Page] = {}
        for hit in hits:
            if hit.found.year is not None:
                years.setdefault(hit.found.year, hit.page)
            elif item.row is not None:
                for row in self._evidence.items(hit.page.id):
                    if item.row.search(row.title):
                        for year in map(int, _YEAR.findall(row.title)[:1]):
                            years.setdefault(year, hit.page)
        return years

    def written(self, item: DisclosureItem) -> tuple[str, Page] | None:
        """A name of the item that stands alone on a line of a page that is no article, and that page."""
        return next(((word, self._lines[word]) for word in item.words if word in self._lines), None)

    @cached_property
    def _lines(self) -> Mapping[str, Page]:
        """Every name of an item that is a whole line somewhere: what a script leads to has no address."""
        words = {word for item in self.items for word in item.words if len(word) > 2}
        found: dict[str, Page] = {}
        for page in self._evidence.pages(besides=PageKind.ARTICLE):
            text = self._evidence.frame_text(page.id) + "\n" + self._evidence.text(page.id)
            for line in set(text.split("\n")):
                if len(line) <= _LONGEST_LABEL and (name := label(line)) in words:
                    found.setdefault(name, page)
        return found

    def _named_links(self, item: DisclosureItem) -> tuple[tuple[str, str], ...]:
        hosts = self._evidence.run.site.hosts
        named = [link for name, links in self._links.items() if _named(name, item) for link in links]
        return tuple(sorted(dict.fromkeys(named), key=lambda link: (host(link[0]) not in hosts, link))[:10])

    @cached_property
    def _links(self) -> Mapping[str, list[tuple[str, str]]]:
        """(address, label) of every link, by its plain label, where an item could be meant by it."""
        words = tuple({word for item in self.items for word in item.words})
        by_name: dict[str, list[tuple[str, str]]] = {}
        for url, text in self._evidence.link_labels():
            name = label(text)
            if name.endswith(words) and not url.startswith("javascript:"):
                by_name.setdefault(name, []).append((url, text))
        return by_name


_gathered: WeakKeyDictionary[Evidence, Holdings] = WeakKeyDictionary()


def holdings_of(evidence: Evidence) -> Holdings:
    """The holdings of a run, gathered once and shared by the checks of this room."""
    found = _gathered.get(evidence)
    if found is None:
        found = _gathered[evidence] = Holdings(evidence)
    return found


def walked(evidence: Evidence) -> bool:
    """Whether every page of the site was visited: only then what was not met is not there."""
    coverage = evidence.run.coverage.get("pages")
    return coverage is not None and coverage.state == "complete"


def label(text: str) -> str:
    """A column name or link label without blanks, brackets and bullets."""
    return _CLEAN.sub("", unicodedata.normalize("NFKC", text))


def host(url: str) -> str:
    """Host with port of an absolute address; empty for others."""
    return url.split("/", 3)[2].lower() if url.count("/") >= 2 else ""


def _named(name: str, item: DisclosureItem) -> bool:
    """Whether a label is one of the item's names, or ends with one behind a body's own name."""
    return any(
        name == word or (len(word) >= 3 and name.endswith(word) and len(name) <= len(word) + 12)
        for word in item.words
    )
