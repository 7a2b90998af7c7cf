"""Read-only, typed questions to a run's evidence. The only SQL besides the writer's."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crawler.evidence.records import (
    Charset,
    Column,
    Coverage,
    Document,
    Fact,
    Fetch,
    FetchOutcome,
    Item,
    LinkPlace,
    MandatedItem,
    Page,
    PageKind,
    Published,
    Run,
    Site,
    Target,
    Zone,
)
from crawler.evidence.schema import EVIDENCE_FILE, EvidenceSchemaError, whole_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """One text and the pages that hold it. The same text on 300 pages is one block.

    `role` "main" (content), "frame" (what the template adds), "title" or "document";
    `dated` the publication date of its first page; `url` and `title` are of the first page.
    """

    id: int
    role: str
    text: str
    pages: tuple[int, ...]
    dated: dt.date | None
    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentLink:
    """A link to a place inside a page of the site: does the page have that anchor?"""

    target_id: int
    url: str
    page_url: str
    fragment: str
    anchors: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLink:
    """A target whose address was written otherwise than it is fetched; `outcome` of its last attempt."""

    target_id: int
    url: str
    href: str
    outcome: FetchOutcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSight:
    """What an earlier run saw of an address when it first met it: `as_of` of that run, date and text of the page."""

    as_of: dt.date
    published: Published | None
    text_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something the crawl noticed that the report must say: limits hit, traps, candidate hosts."""

    at: dt.datetime
    kind: str
    url: str | None
    detail: str


_MOST_FRAGMENTS = 5_000
"""Parts of one page whose links are looked for: a hostile page could name more than a query may hold."""


def _at(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC)


def _day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def _block(
    number: int, role: str, text: str, pages: str, published: str | None, url: str, title: str
) -> TextBlock:
    return TextBlock(
        id=number,
        role=role,
        text=text,
        pages=tuple(sorted(map(int, pages.split(",")))),
        dated=_day(published),
        url=url,
        title=title,
    )


def _published(
    date: str | None, source: str | None, quote: str | None, confidence: float | None
) -> Published | None:
    if date is None:
        return None
    return Published(
        date=dt.date.fromisoformat(date), source=source or "", quote=quote or "", confidence=confidence or 0.0
    )


class Evidence:
    """What a run saw. Opened read-only; raises EvidenceSchemaError when the folder holds no evidence."""

    def __init__(self, folder: Path) -> None:
        path = folder / EVIDENCE_FILE
        if not path.is_file():
            raise EvidenceSchemaError(f"{path}: no evidence here; expected the folder of a run")
        self.folder = folder
        self._shared: dict[int, str] = {}
        self._sql = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            self._sql.execute("SELECT id FROM run").fetchone()
        except sqlite3.DatabaseError as error:
            self._sql.close()
            raise EvidenceSchemaError(f"{path}: not an evidence database ({error})") from error

    def close(self) -> None:
        self._sql.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def run(self) -> Run:
        row = self._sql.execute(
            "SELECT id, site, as_of, started_at, finished_at, version, config, coverage FROM run"
        ).fetchone()
        if row is None:
            raise EvidenceSchemaError(f"{self.folder / EVIDENCE_FILE}: no run was begun")
        site = json.loads(row[1])
        site["hosts"] = tuple(site["hosts"])
        coverage = {
            kind: Coverage(state=c["state"], why=tuple(c["why"]), counts=c["counts"])
            for kind, c in json.loads(row[7]).items()
        }
        return Run(
            id=row[0],
            site=Site(**site),
            as_of=dt.date.fromisoformat(row[2]),
            started_at=dt.datetime.fromisoformat(row[3]),
            finished_at=dt.datetime.fromisoformat(row[4]) if row[4] else None,
            version=row[5],
            config=json.loads(row[6]),
            coverage=coverage,
        )

    _PAGE = (
        "SELECT p.id, u.url, p.kind, p.depth, p.column_id, s.value, p.title, p.raw_title, p.charset_declared,"
        " p.charset_used, p.charset_fault, p.published, p.date_source, p.date_quote, p.date_confidence, p.listing,"
        " p.body_sha256, p.seen_at, p.warc_offset FROM pages p JOIN urls u ON u.id=p.id"
        " LEFT JOIN strings s ON s.id=p.column_path"
    )

    def _page(self, row: Sequence[Any]) -> Page:
        return Page(
            id=row[0],
            url=row[1],
            kind=PageKind(row[2]),
            depth=row[3],
            column_id=row[4],
            column_path=tuple(row[5].split("\t")) if row[5] else (),
            title=row[6],
            raw_title=row[6] if row[7] is None else row[7],
            charset=Charset(declared=row[8], used=row[9], fault=row[10]),
            published=_published(*row[11:15]),
            listing=row[15],
            body_sha256=row[16].hex(),
            seen_at=_at(row[17]),
            warc_offset=row[18],
        )

    def pages(self, *, column_id: int | None = None) -> Iterator[Page]:
        """Every stored page in the order of its address's first sight; or those of one column."""
        where, values = (" WHERE p.column_id=?", (column_id,)) if column_id is not None else ("", ())
        for row in self._sql.execute(self._PAGE + where + " ORDER BY p.id", values):
            yield self._page(row)

    def page(self, page_id: int) -> Page:
        return self._page(self._sql.execute(self._PAGE + " WHERE p.id=?", (page_id,)).fetchone())

    def page_at(self, url: str) -> Page | None:
        row = self._sql.execute(self._PAGE + " WHERE u.url=?", (url,)).fetchone()
        return self._page(row) if row else None

    def archived(self, url: str) -> tuple[str | None, int] | None:
        """Where the bytes of a page lie: the run whose archive holds them (None: this one's own) and the offset there."""
        row = self._sql.execute(
            "SELECT p.seen_in, p.warc_offset FROM pages p JOIN urls u ON u.id=p.id WHERE u.url=?", (url,)
        ).fetchone()
        return (row[0], row[1]) if row and row[1] is not None else None

    def home(self) -> Page | None:
        """The home page: the stored page of least depth."""
        return self._home

    @cached_property
    def _home(self) -> Page | None:
        row = self._sql.execute(self._PAGE + " ORDER BY p.depth, p.id LIMIT 1").fetchone()
        return self._page(row) if row else None

    def linked_pages(self, page_id: int) -> Iterator[Page]:
        """The stored pages that a page links to, once each."""
        rows = self._sql.execute(
            self._PAGE
            + " WHERE p.id IN (SELECT l.target_id FROM page_blocks b JOIN links l ON l.block_id=b.block_id"
            " WHERE b.page_id=?) ORDER BY p.id",
            (page_id,),
        ).fetchall()
        for row in rows:
            yield self._page(row)

    def page_count(self) -> int:
        return int(self._sql.execute("SELECT count(*) FROM pages").fetchone()[0])

    def _body(self, text_id: int) -> str:
        row = self._sql.execute("SELECT body FROM texts WHERE id=?", (text_id,)).fetchone()
        return whole_text(self._sql, row[0], self._shared)

    def text(self, page_id: int) -> str:
        """The content of a page without frame and navigation; of a document, its whole text."""
        row = self._sql.execute(
            "SELECT main_text FROM pages WHERE id=?1 UNION ALL SELECT text_id FROM documents WHERE id=?1",
            (page_id,),
        ).fetchone()
        return self._body(row[0]) if row and row[0] else ""

    def frame_text(self, page_id: int) -> str:
        """The lines that the template adds around a page's content, link labels left out."""
        row = self._sql.execute("SELECT frame_text FROM pages WHERE id=?", (page_id,)).fetchone()
        return self._body(row[0]) if row and row[0] else ""

    def texts(self, roles: Collection[str] = ("main", "frame", "title", "document")) -> Iterator[TextBlock]:
        """Every text of these roles once: contents, frames, titles, documents, in that order.

        Texts that were recognised in pictures may be misread: only the role "recognised" gives them.
        """
        for role, column in (("main", "main_text"), ("frame", "frame_text")):
            if role not in roles:
                continue
            # Beside a lone min() SQLite takes the other columns from that row: the first page's.
            rows = self._sql.execute(
                f"SELECT t.id, t.body, group_concat(p.id), min(p.id), p.published, u.url, p.title FROM pages p"
                f" JOIN texts t ON t.id=p.{column} JOIN urls u ON u.id=p.id GROUP BY t.id ORDER BY t.id"
            )
            for text_id, body, pages, _, published, url, title in rows:
                text = whole_text(self._sql, body, self._shared)
                yield _block(text_id, role, text, pages, published, url, title)
        rows = self._sql.execute(
            "SELECT p.title, group_concat(p.id), min(p.id), p.published, u.url FROM pages p JOIN urls u ON u.id=p.id"
            " WHERE p.title<>'' GROUP BY p.title ORDER BY 3"
        )
        for title, pages, first, published, url in rows if "title" in roles else ():
            yield _block(first, "title", title, pages, published, url, title)
        for document in self.documents() if not {"document", "recognised"}.isdisjoint(roles) else ():
            role = "recognised" if document.recognised else "document"
            if document.text and role in roles:
                yield TextBlock(
                    id=document.id,
                    role=role,
                    text=document.text,
                    pages=(document.id,),
                    dated=None,
                    url=document.url,
                    title=document.title,
                )

    def meta(self, page_id: int) -> Mapping[str, str]:
        """The page's <meta name> tags, names as written."""
        row = self._sql.execute("SELECT meta FROM pages WHERE id=?", (page_id,)).fetchone()
        return json.loads(self._body(row[0])) if row and row[0] else {}

    def navigation_labels(self) -> Mapping[int, tuple[str, ...]]:
        """The texts of menu links by the page they lead to."""
        rows = self._sql.execute(
            "SELECT DISTINCT coalesce(t.base_id, t.id), s.value FROM blocks b JOIN links l ON l.block_id=b.id"
            " JOIN urls t ON t.id=l.target_id JOIN strings s ON s.id=l.text_id"
            " WHERE b.zone='nav' AND s.value<>'' AND t.role IN ('page', 'fragment') ORDER BY 1, 2"
        )
        labels: dict[int, tuple[str, ...]] = {}
        for page_id, text in rows:
            labels[page_id] = (*labels.get(page_id, ()), text)
        return labels

    def column_names(self) -> Mapping[int, str]:
        """What pages say in their ColumnName tag, by page."""
        names: dict[int, str] = {}
        for page_id, body in self._sql.execute(
            "SELECT p.id, t.body FROM pages p JOIN texts t ON t.id=p.meta"
        ):
            raw = zlib.decompress(body)
            if b"olumn" in raw.lower():
                for name, value in json.loads(raw).items():
                    if name.lower() == "columnname" and value:
                        names[page_id] = value
        return names

    def next_pages(self, page_id: int) -> tuple[str, ...]:
        """The further pages of the list that a page begins or continues."""
        row = self._sql.execute(
            "SELECT data FROM facts WHERE page_id=? AND kind='next-pages'", (page_id,)
        ).fetchone()
        return tuple(json.loads(row[0])["urls"]) if row else ()

    def facts(self, kind: str) -> Iterator[tuple[Page, Fact]]:
        """Facts of one kind on pages, in page order."""
        rows = self._sql.execute(
            "SELECT f.page_id, f.data FROM facts f JOIN pages p ON p.id=f.page_id WHERE f.kind=?"
            " ORDER BY f.page_id, f.position",
            (kind,),
        )
        for page_id, data in rows:
            yield self.page(page_id), Fact(kind=kind, data=json.loads(data))

    def faces(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """(target id, address, face) of outside addresses whose page was looked at; see `crawler.extract.face`.

        A face that has `before` is followed by what an earlier run saw there.
        """
        for target_id, url, data in self._sql.execute(
            "SELECT f.page_id, u.url, f.data FROM facts f JOIN urls u ON u.id=f.page_id"
            " WHERE f.kind='outside-face' ORDER BY f.page_id, f.position"
        ):
            yield target_id, url, json.loads(data)

    def mandated(self) -> Iterator[tuple[Page, MandatedItem]]:
        """Which pages publish which disclosure item themselves."""
        rows = self._sql.execute(
            "SELECT page_id, item, year, confidence FROM mandated ORDER BY page_id, item, year"
        )
        for page_id, item, year, confidence in rows:
            yield self.page(page_id), MandatedItem(item=item, year=year, confidence=confidence)

    def columns(self) -> tuple[Column, ...]:
        """The columns of the site, in the order the survey found them."""
        rows = self._sql.execute(
            "SELECT id, path, url, column_class, declared, depth, items, dated, newest, newest_source, newest_quote,"
            " newest_confidence, newest_url, newest_title, listing, readable, on_home, first_level, exempt"
            " FROM columns ORDER BY id"
        )
        return tuple(
            Column(
                id=r[0],
                path=tuple(json.loads(r[1])),
                url=r[2],
                column_class=r[3],
                declared=bool(r[4]),
                depth=r[5],
                items=r[6],
                dated=r[7],
                newest=_published(*r[8:12]),
                newest_url=r[12],
                newest_title=r[13],
                listing=r[14],
                readable=bool(r[15]),
                on_home=bool(r[16]),
                first_level=bool(r[17]),
                exempt=r[18],
            )
            for r in rows
        )

    def items(self, page_id: int) -> tuple[Item, ...]:
        """The rows of one list page."""
        rows = self._sql.execute(
            "SELECT s.value, u.url, i.date, i.pinned FROM items i JOIN urls u ON u.id=i.target_id"
            " JOIN strings s ON s.id=i.title_id WHERE i.page_id=? ORDER BY i.position",
            (page_id,),
        )
        return tuple(Item(title=t, url=u, date=_day(d), pinned=bool(p)) for t, u, d, p in rows)

    def dated(self) -> Iterator[tuple[int, str, dt.date]]:
        """(column id, address, date) of every dated article in a column, then of every dated row of a column's lists."""
        rows = self._sql.execute(
            "SELECT p.column_id, u.url, p.published FROM pages p JOIN urls u ON u.id=p.id"
            " WHERE p.kind='article' AND p.published IS NOT NULL AND p.column_id IS NOT NULL UNION ALL"
            " SELECT p.column_id, u.url, i.date FROM items i JOIN pages p ON p.id=i.page_id JOIN urls u ON u.id=i.target_id"
            " WHERE p.kind<>'article' AND i.date IS NOT NULL AND p.column_id IS NOT NULL"
        )
        for column_id, url, date in rows:
            yield column_id, url, dt.date.fromisoformat(date)

    def listed(self) -> frozenset[int]:
        """Ids of the pages that a list leads to."""
        return frozenset(row[0] for row in self._sql.execute("SELECT DISTINCT target_id FROM items"))

    _DOCUMENT = (
        "SELECT d.id, u.url, d.kind, d.bytes, d.readable, d.why, d.title, d.text_id,"
        " EXISTS (SELECT 1 FROM facts f WHERE f.page_id=d.id AND f.kind='recognised')"
        " FROM documents d JOIN urls u ON u.id=d.id"
    )

    def _document(self, r: Sequence[Any]) -> Document:
        return Document(
            id=r[0],
            url=r[1],
            kind=r[2],
            bytes=r[3],
            readable=bool(r[4]),
            why=r[5],
            title=r[6],
            text=self._body(r[7]) if r[7] else "",
            recognised=bool(r[8]),
        )

    def earlier_runs(self) -> Mapping[dt.date, bool]:
        """Monitoring points of the runs this one goes on from, and whether each saw all pages."""
        if not self._has("earlier_runs"):
            return {}
        rows = self._sql.execute("SELECT as_of, complete FROM earlier_runs ORDER BY as_of")
        return {dt.date.fromisoformat(day): bool(complete) for day, complete in rows}

    def first_sights(self) -> Mapping[int, FirstSight]:
        """What earlier runs saw, by page id; a page that is not there was first met in this run."""
        if not self._has("first_sights"):
            return {}
        rows = self._sql.execute(
            "SELECT id, as_of, main_text, published, date_source, date_quote FROM first_sights"
        )
        return {
            r[0]: FirstSight(
                as_of=dt.date.fromisoformat(r[1]), text_id=r[2], published=_published(r[3], r[4], r[5], 1.0)
            )
            for r in rows
        }

    def text_of(self, text_id: int) -> str:
        """A kept text by its own id, as `FirstSight` and `TextBlock` name it."""
        return self._body(text_id)

    def modified_days(self) -> Mapping[int, str]:
        """What the server said in Last-Modified, by page id."""
        rows = self._sql.execute(
            "SELECT v.id, v.modified FROM validators v JOIN pages p ON p.id=v.id WHERE v.modified<>''"
        )
        return dict(rows.fetchall())

    def _has(self, table: str) -> bool:
        return (
            self._sql.execute(
                "SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", (table,)
            ).fetchone()
            is not None
        )

    def documents(self) -> Iterator[Document]:
        for row in self._sql.execute(self._DOCUMENT + " ORDER BY d.id"):
            yield self._document(row)

    def document(self, document_id: int) -> Document:
        return self._document(self._sql.execute(self._DOCUMENT + " WHERE d.id=?", (document_id,)).fetchone())

    def document_at(self, url: str) -> Document | None:
        """The attachment that an address answered with."""
        row = self._sql.execute(
            self._DOCUMENT + " WHERE u.url=?1 OR d.id IN (SELECT f.final_id FROM fetches f JOIN urls v ON"
            " v.id=f.url_id WHERE v.url=?1)",
            (url,),
        ).fetchone()
        return self._document(row) if row else None

    @cached_property
    def recognised(self) -> frozenset[str]:
        """Addresses of the attachments whose text came from pictures."""
        rows = self._sql.execute(
            "SELECT u.url FROM facts f JOIN urls u ON u.id=f.page_id WHERE f.kind='recognised'"
        )
        return frozenset(row[0] for row in rows)

    def attachments(self) -> Mapping[int, Mapping[str, int]]:
        """By page id, the attachments that a page's content links to: address as linked -> document id.

        An attachment that answered from another address counts for the one that was asked for.
        """
        return self._attachments

    @cached_property
    def _attachments(self) -> Mapping[int, Mapping[str, int]]:
        found: dict[int, dict[str, int]] = {}
        for page_id, url, document_id in self._sql.execute(
            "SELECT DISTINCT pb.page_id, u.url, t.doc FROM"
            " (SELECT id AS target, id AS doc FROM documents UNION"
            "  SELECT f.url_id, f.final_id FROM fetches f JOIN documents d ON d.id=f.final_id) t"
            " JOIN links l ON l.target_id=t.target JOIN blocks b ON b.id=l.block_id AND b.zone='body'"
            " JOIN page_blocks pb ON pb.block_id=l.block_id JOIN urls u ON u.id=t.target"
            " JOIN pages p ON p.id=pb.page_id ORDER BY pb.page_id, pb.position, l.position"
        ):
            found.setdefault(page_id, {})[url] = document_id
        return found

    def tables(self, document_id: int) -> list[list[list[str]]]:
        """The tables of a document: table, row, cell."""
        row = self._sql.execute("SELECT tables_id FROM documents WHERE id=?", (document_id,)).fetchone()
        return json.loads(self._body(row[0])) if row and row[0] else []

    def fetches(self, url_id: int) -> tuple[Fetch, ...]:
        rows = self._sql.execute(
            "SELECT u.url, f.method, f.at, f.outcome, f.attempt, f.status, v.url, f.redirects, f.elapsed_ms, f.bytes,"
            " f.content_type, f.detail FROM fetches f JOIN urls u ON u.id=f.url_id LEFT JOIN urls v ON v.id=f.final_id"
            " WHERE f.url_id=? ORDER BY f.id",
            (url_id,),
        )
        return tuple(_fetch(r) for r in rows)

    def targets(self) -> Iterator[Target]:
        """Every link target that was asked for, with its attempts, in the order of first sight."""
        home_hosts = set(self.run.site.hosts)
        rows = self._sql.execute(
            "SELECT u.id, u.url, f.control, u.url, f.method, f.at, f.outcome, f.attempt, f.status, v.url, f.redirects,"
            " f.elapsed_ms, f.bytes, f.content_type, f.detail FROM fetches f JOIN urls u ON u.id=f.url_id"
            " LEFT JOIN urls v ON v.id=f.final_id ORDER BY u.id, f.id"
        )
        current: tuple[int, str] | None = None
        attempts: list[Fetch] = []
        control: bool | None = None
        for row in rows:
            if current is not None and row[0] != current[0]:
                yield _target(current, attempts, control, home_hosts)
                attempts, control = [], None
            current = (row[0], row[1])
            attempts.append(_fetch(row[3:]))
            if row[2] is not None:
                control = bool(row[2])
        if current is not None:
            yield _target(current, attempts, control, home_hosts)

    def target_at(self, url: str) -> Target | None:
        """One link target with its attempts, None when it was not asked for."""
        rows = self._sql.execute(
            "SELECT u.id, f.control FROM fetches f JOIN urls u ON u.id=f.url_id WHERE u.url=? ORDER BY f.id",
            (url,),
        ).fetchall()
        if not rows:
            return None
        known = [bool(row[1]) for row in rows if row[1] is not None]
        return _target(
            (rows[0][0], url),
            list(self.fetches(rows[0][0])),
            known[-1] if known else None,
            set(self.run.site.hosts),
        )

    @cached_property
    def _fragments(self) -> Mapping[int, list[int]]:
        """Addresses with a fragment by the address without."""
        found: dict[int, list[int]] = {}
        for base, target in self._sql.execute(
            "SELECT base_id, id FROM urls WHERE base_id IS NOT NULL ORDER BY id"
        ):
            found.setdefault(base, []).append(target)
        return found

    def linking_pages(self, url: str) -> tuple[str, ...]:
        """Addresses of the pages, attachments and style sheets that link to an address, in the order they were met."""
        row = self._sql.execute("SELECT id FROM urls WHERE url=?", (url,)).fetchone()
        targets = [row[0], *self._fragments.get(row[0], ())] if row else []
        found: dict[int, str] = {}
        for target in targets:
            found.update(
                self._sql.execute(
                    "SELECT DISTINCT s.id, s.url FROM links l JOIN page_blocks b ON b.block_id=l.block_id"
                    " JOIN urls s ON s.id=b.page_id WHERE l.target_id=?",
                    (target,),
                ).fetchall()
            )
        return tuple(url for _, url in sorted(found.items()))

    def linked_documents(self, url: str) -> tuple[str, ...]:
        """Addresses of the attachments that the page at `url` links to."""
        rows = self._sql.execute(
            "SELECT DISTINCT t.id, t.url FROM urls u JOIN page_blocks b ON b.page_id=u.id"
            " JOIN links l ON l.block_id=b.block_id JOIN urls t ON t.id=l.target_id"
            " WHERE u.url=? AND t.role='file' ORDER BY t.id",
            (url,),
        )
        return tuple(target for _, target in rows)

    def sharing_pages(self, url: str, role: str = "main") -> tuple[str, ...]:
        """Addresses of the pages with the same content as the page at `url`, or the same "frame" or "title"."""
        column = {"main": "main_text", "frame": "frame_text", "title": "title"}[role]
        rows = self._sql.execute(
            f"SELECT v.url FROM pages p JOIN urls u ON u.id=p.id JOIN pages q ON q.{column}=p.{column}"
            " JOIN urls v ON v.id=q.id WHERE u.url=? ORDER BY q.id",
            (url,),
        )
        return tuple(row[0] for row in rows)

    def places(self, target_id: int) -> list[LinkPlace]:
        """Every place that links to a target, by page and position, its fragment links included.

        `pages` counts the pages that share the block the link stands in.
        """
        targets = (target_id, *self._fragments.get(target_id, ())[:_MOST_FRAGMENTS])
        rows = self._sql.execute(
            "SELECT u.url, coalesce(p.title, d.title, ''), s.value, g.value, b.zone, pb.position + l.position,"
            " (SELECT count(*) FROM page_blocks x WHERE x.block_id=l.block_id), l.block_id"
            " FROM links l JOIN page_blocks pb ON pb.block_id=l.block_id JOIN blocks b ON b.id=l.block_id"
            " JOIN urls u ON u.id=pb.page_id LEFT JOIN pages p ON p.id=pb.page_id"
            " LEFT JOIN documents d ON d.id=pb.page_id JOIN strings s ON s.id=l.text_id JOIN strings g ON g.id=l.tag_id"
            f" WHERE l.target_id IN ({','.join('?' * len(targets))}) ORDER BY pb.page_id, 6",
            targets,
        ).fetchall()
        return [
            LinkPlace(
                page_url=r[0],
                page_title=r[1],
                text=r[2],
                tag=r[3],
                zone=Zone(r[4]),
                position=r[5],
                pages=r[6],
            )
            for r in rows
        ]

    def fragment_links(self) -> Iterator[FragmentLink]:
        """Links to a place inside a stored page, with the anchors that page has."""
        rows = self._sql.execute(
            "SELECT u.id, u.url, b.url, p.anchors FROM urls u JOIN urls b ON b.id=u.base_id"
            " LEFT JOIN fetches f ON f.url_id=b.id AND f.outcome='ok'"
            " JOIN pages p ON p.id=coalesce(f.final_id, b.id) WHERE u.role='fragment'"
            " AND u.id IN (SELECT target_id FROM links) GROUP BY u.id ORDER BY u.id"
        )
        for target_id, url, page_url, anchors in rows:
            names = zlib.decompress(anchors).decode("utf-8").split("\n") if anchors else ()
            yield FragmentLink(
                target_id=target_id,
                url=url,
                page_url=page_url,
                fragment=url.partition("#")[2],
                anchors=frozenset(names),
            )

    def written_links(self) -> Iterator[WrittenLink]:
        """Targets linked by an address with a typing fault, once each."""
        rows = self._sql.execute(
            "SELECT u.id, u.url, min(s.value), (SELECT f.outcome FROM fetches f"
            " WHERE f.url_id=coalesce(u.base_id, u.id) ORDER BY f.id DESC LIMIT 1) FROM links l"
            " JOIN strings s ON s.id=l.href_id JOIN urls u ON u.id=l.target_id GROUP BY u.id ORDER BY u.id"
        )
        for target_id, url, href, outcome in rows:
            yield WrittenLink(
                target_id=target_id, url=url, href=href, outcome=FetchOutcome(outcome) if outcome else None
            )

    def linked_urls(self) -> Iterator[tuple[int, str]]:
        """(id, address) of everything a page or attachment points to, fragments left out."""
        yield from self._sql.execute(
            "SELECT u.id, u.url FROM urls u WHERE u.role<>'fragment'"
            " AND EXISTS (SELECT 1 FROM links l WHERE l.target_id=u.id) ORDER BY u.id"
        )

    def sighted_urls(self) -> Iterator[tuple[int, str, bool, bool]]:
        """(id, address, stands in a hidden zone, stands in sight) of everything a reader could click."""
        for target_id, url, hidden, seen in self._sql.execute(
            "SELECT u.id, u.url, max(b.zone='hidden'), max(b.zone<>'hidden') FROM links l"
            " JOIN blocks b ON b.id=l.block_id JOIN urls u ON u.id=l.target_id JOIN strings g ON g.id=l.tag_id"
            " WHERE u.role<>'fragment' AND (g.value IN ('a', 'area') OR g.value LIKE 'a[%')"
            " GROUP BY u.id ORDER BY u.id"
        ):
            yield target_id, url, bool(hidden), bool(seen)

    def link_texts(self) -> Iterator[tuple[int, str]]:
        """(target id, text of a link to it), each pair once."""
        yield from self._sql.execute(
            "SELECT DISTINCT l.target_id, s.value FROM links l JOIN strings s ON s.id=l.text_id WHERE s.value<>''"
        )

    def links_of(self, page_id: int) -> Iterator[tuple[str, str]]:
        """(address, label) of every link of a page, forms and pictures too, in reading order."""
        yield from self._sql.execute(
            "SELECT u.url, s.value FROM page_blocks pb JOIN links l ON l.block_id=pb.block_id"
            " JOIN urls u ON u.id=l.target_id JOIN strings s ON s.id=l.text_id WHERE pb.page_id=?"
            " ORDER BY pb.position, l.position",
            (page_id,),
        )

    def link_labels(self) -> Iterator[tuple[str, str]]:
        """(address, label) of every link with a short label, each pair once."""
        yield from self._sql.execute(
            "SELECT DISTINCT u.url, s.value FROM links l JOIN urls u ON u.id=l.target_id"
            " JOIN strings s ON s.id=l.text_id WHERE length(s.value) BETWEEN 2 AND 24 ORDER BY u.id, s.value"
        )

    def link_count(self) -> int:
        """Links on all pages together, shared blocks counted once per page."""
        row = self._sql.execute(
            "SELECT total(n * m) FROM (SELECT block_id, count(*) n FROM links GROUP BY block_id)"
            " JOIN (SELECT block_id, count(*) m FROM page_blocks GROUP BY block_id) USING (block_id)"
        ).fetchone()
        return int(row[0])

    def notes(self, kind: str | None = None) -> tuple[Note, ...]:
        where, values = (" WHERE kind=?", (kind,)) if kind else ("", ())
        rows = self._sql.execute(f"SELECT at, kind, url, detail FROM notes{where} ORDER BY id", values)
        return tuple(Note(at=_at(a), kind=k, url=u, detail=d) for a, k, u, d in rows)


def _fetch(r: Sequence[Any]) -> Fetch:
    return Fetch(
        url=r[0],
        method=r[1],
        at=_at(r[2]),
        outcome=FetchOutcome(r[3]),
        attempt=r[4],
        status=r[5],
        final_url=r[6],
        redirects=tuple(json.loads(r[7])) if r[7] else (),
        elapsed_ms=r[8],
        bytes=r[9],
        content_type=r[10],
        detail=r[11],
    )


def _target(current: tuple[int, str], attempts: list[Fetch], control: bool | None, hosts: set[str]) -> Target:
    netloc = current[1].split("/", 3)[2] if current[1].count("/") >= 2 else ""
    return Target(
        id=current[0],
        url=current[1],
        internal=netloc.lower() in hosts,
        fetches=tuple(attempts),
        control_ok=control,
    )
