"""What was seen, as frozen records. Shapes only: no rule, no fetching, no clock.

Addresses are absolute and resolved as a browser resolves them. Times are aware UTC datetimes,
dates are plain dates of the site's calendar. Offsets count characters of `Reading.text`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class FetchOutcome(StrEnum):
    """How one attempt to fetch an address ended. Closed: an unknown ending is a programming error."""

    OK = "ok"
    HTTP_ERROR = "http_error"
    DNS_FAILURE = "dns_failure"
    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    TLS_FAILURE = "tls_failure"
    OUTDATED_TLS = "outdated_tls"
    REDIRECT_LOOP = "redirect_loop"
    ROBOTS = "robots"
    BLOCKED = "blocked"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    NOT_FETCHED = "not_fetched"


class PageKind(StrEnum):
    HOME = "home"
    LIST = "list"
    ARTICLE = "article"
    INDEX = "index"
    OTHER = "other"


class Zone(StrEnum):
    """Where on the page a link stands."""

    NAV = "nav"
    BODY = "body"
    FOOTER = "footer"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charset:
    """`declared` as the server or page names it, `used` the codec that read it, `fault` in words or None.

    Faults: "declared-wrong" (bytes are not in the declared charset), "undeclared", "broken-bytes".
    """

    declared: str | None
    used: str
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A publication date with where it was read. `confidence` 0..1; `source` names the rule."""

    date: dt.date
    source: str
    quote: str
    confidence: float


class Item(NamedTuple):
    """One row of a list page. `date` None when the row shows none that can be read."""

    title: str
    url: str
    date: dt.date | None = None
    pinned: bool = False


class Link(NamedTuple):
    """One address a page points to, with `url` resolved (fragment kept) and `text` as a reader sees it.

    `tag` is the element and, unless it is a[href], the attribute ("img", "area", "script:record").
    `href` keeps the address as written where resolving changed more than the base (None otherwise).
    A tuple, as `Item` is: a page has a hundred of them.
    """

    url: str
    text: str
    tag: str
    zone: Zone
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MandatedItem:
    """A disclosure item this page itself publishes; `item` is an id of the disclosure table."""

    item: str
    year: int | None
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something structured read from a page or document: `kind` says which shape `data` has.

    Kinds: "leader", "letter", "mark" (identity), "contact", "budget", "table" ... (see extract/).
    """

    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that the extractors read out of one decoded page. `inspect` prints it, the writer stores it.

    `text` is the visible text in reading order, `main_text` the content without frame and navigation.
    `column_path` names from the breadcrumb or the ColumnName tag, home left out, page title left out.
    `listing` says how the page's list is made: "static", "script" (data found), "unreadable"
    (filled by script, data not found), "empty" (says or shows that nothing is there), None (no list).
    `next_pages` further pages of the same list; `data_calls` addresses of script-filled data.
    `anchors` are ids and names a fragment can point to.
    """

    url: str
    charset: Charset
    title: str
    raw_title: str
    kind: PageKind
    column_path: tuple[str, ...]
    published: Published | None
    items: tuple[Item, ...]
    links: tuple[Link, ...]
    mandated: tuple[MandatedItem, ...]
    text: str
    main_text: str
    meta: Mapping[str, str] = field(default_factory=dict)
    anchors: frozenset[str] = frozenset()
    listing: str | None = None
    next_pages: tuple[str, ...] = ()
    data_calls: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One attempt. `redirects` are the addresses passed on the way; `final_url` where it ended."""

    url: str
    method: str
    at: dt.datetime
    outcome: FetchOutcome
    attempt: int = 1
    status: int | None = None
    final_url: str | None = None
    redirects: tuple[str, ...] = ()
    elapsed_ms: int | None = None
    bytes: int | None = None
    content_type: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A stored page, as the reader hands it to checks. Text and facts are fetched by id when needed."""

    id: int
    url: str
    kind: PageKind
    depth: int
    column_id: int | None
    column_path: tuple[str, ...]
    title: str
    raw_title: str
    charset: Charset
    published: Published | None
    listing: str | None
    body_sha256: str
    seen_at: dt.datetime
    warc_offset: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """栏目. `path` names from the top; `column_class` news | notice | policy | personnel | plan |
    statistics | interpretation | service | interaction | static | archived | other;
    `newest` the newest credible item over its pages and child columns; `readable` False when its list could
    not be read; `dated` / `items` count list rows; `exempt` the reason when `site.toml` exempts it.
    """

    id: int
    path: tuple[str, ...]
    url: str
    column_class: str
    declared: bool
    depth: int
    items: int
    dated: int
    newest: Published | None
    newest_url: str | None
    newest_title: str | None
    listing: str | None
    readable: bool
    on_home: bool
    first_level: bool
    exempt: str | None = None

    @property
    def name(self) -> str:
        return self.path[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPlace:
    """One place where a target is linked from. `pages` > 1 when the link is part of a shared block."""

    page_url: str
    page_title: str
    text: str
    tag: str
    zone: Zone
    position: int
    pages: int = 1
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A link target and every attempt to reach it, in order of time."""

    id: int
    url: str
    internal: bool
    fetches: tuple[Fetch, ...]
    control_ok: bool | None = None
    """Whether a control request to the same host worked at the time of the second attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An attachment. `readable` False with `why` when it was fetched but could not be read.

    `recognised` when its text came from pictures: it may be misread, no fault may rest on it alone.
    """

    id: int
    url: str
    kind: str
    bytes: int
    readable: bool
    why: str | None
    title: str
    text: str
    recognised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How complete one kind of evidence is: state "complete" | "partial" | "absent", with why."""

    state: str
    why: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    id: str
    name: str
    home_url: str
    hosts: tuple[str, ...]
    path_prefix: str
    sponsor: str
    site_code: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One walk of one site. `coverage` by kind of evidence: pages, links, columns, documents, home_probes."""

    id: str
    site: Site
    as_of: dt.date
    started_at: dt.datetime
    finished_at: dt.datetime | None
    version: str
    config: Mapping[str, Any]
    coverage: Mapping[str, Coverage]

    @property
    def is_recheck(self) -> bool:
        """Whether only listed addresses were visited, on top of an earlier run's evidence."""
        return "recheck" in self.config
