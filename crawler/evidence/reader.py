"""Read-only, typed questions to a run's evidence. The only SQL besides the writer's."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from crawler.evidence.linked import FragmentLink, WrittenLink
from crawler.evidence.opened import Note, at
from crawler.evidence.records import (
    Charset,
    Column,
    Document,
    Fact,
    Item,
    MandatedItem,
    Page,
    PageKind,
)
from crawler.evidence.schema import whole_lines
from crawler.evidence.sights import FirstSight, Sighted, dating

__all__ = ["Evidence", "FirstSight", "FragmentLink", "Note", "TextBlock", "WrittenLink"]


@dataclass(frozen=True, kw_only=True)
class TextBlock:
    """One text and the pages that hold it. The same text on 300 pages is one block.

    `role` "main" (content), "frame" (what the template adds), "title" or "document";
    `dated` the publication date of its first page; `url` and `title` are of the first page.
    `sha` is the same for the same text; a title has none. `unpack` gives the lines; a text that no one asks for
    stays packed.
    """

    id: int
    role: str
    pages: tuple[int, ...]
    dated: dt.date | None
    url: str
    title: str
    sha: bytes
    unpack: Callable[[], list[str]]

    @cached_property
    def lines(self) -> list[str]:
        return self.unpack()

    @cached_property
    def text(self) -> str:
        return "\n".join(self.lines)


def _day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def _block(
    number: int,
    role: str,
    sha: bytes,
    unpack: Callable[[], list[str]],
    pages: str,
    published: str | None,
    url: str,
    title: str,
) -> TextBlock:
    return TextBlock(
        id=number,
        role=role,
        pages=tuple(sorted(map(int, pages.split(",")))) if "," in pages else (int(pages),),
        dated=_day(published),
        url=url,
        title=title,
        sha=sha,
        unpack=unpack,
    )


class Evidence(Sighted):
    """What a run saw. Opened read-only; raises EvidenceSchemaError when the folder holds no evidence."""

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
            published=dating(*row[11:15]),
            listing=row[15],
            body_sha256=row[16].hex(),
            seen_at=at(row[17]),
            warc_offset=row[18],
        )

    def pages(
        self, *, column_id: int | None = None, kind: PageKind | None = None, besides: PageKind | None = None
    ) -> Iterator[Page]:
        """Every stored page in the order of its address's first sight; or those that have these values.

        `besides` leaves a kind out. See `outlines` for what needs no whole page.
        """
        wanted = {"p.column_id=?": column_id, "p.kind=?": kind, "p.kind<>?": besides}
        given = {test: value for test, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(given)}" if given else ""
        for row in self._sql.execute(f"{self._PAGE} {where} ORDER BY p.id", tuple(given.values())):
            yield self._page(row)

    def titles(self) -> Iterator[tuple[int, str, str]]:
        """(id, address, title) of every page, in the order of `pages`, for a tenth of the work."""
        yield from self._sql.execute(
            "SELECT p.id, u.url, p.title FROM pages p JOIN urls u ON u.id=p.id ORDER BY p.id"
        )

    def dated_articles(self) -> Iterator[tuple[int, str, str, int | None, str]]:
        """(id, address, date as YYYY-MM-DD, column id, source of the date) of every dated article, in page order."""
        yield from self._sql.execute(
            "SELECT p.id, u.url, p.published, p.column_id, coalesce(p.date_source, '') FROM pages p"
            " JOIN urls u ON u.id=p.id WHERE p.kind='article' AND p.published IS NOT NULL ORDER BY p.id"
        )

    def address(self, target_id: int) -> str:
        """The address that an id stands for."""
        return str(self._sql.execute("SELECT url FROM urls WHERE id=?", (target_id,)).fetchone()[0])

    def first_titles(self) -> Iterator[tuple[int, str]]:
        """(id of the first page that bears it, title), each title once."""
        yield from self._sql.execute(
            "SELECT min(id), title FROM pages WHERE title<>'' GROUP BY title ORDER BY 1"
        )

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

    @cached_property
    def _shared(self) -> dict[str, str]:
        """Lines that texts have in common, for the next text."""
        return {}

    def _text(self, number: str, value: int) -> str:
        """The text whose number a query finds for `value`; "" where there is none."""
        row = self._sql.execute(f"SELECT body FROM texts WHERE id=({number})", (value,)).fetchone()
        return "\n".join(whole_lines(self._sql, row[0], self._shared)) if row else ""

    def text(self, page_id: int) -> str:
        """The content of a page without frame and navigation; of a document, its whole text."""
        return self._text(
            "coalesce((SELECT main_text FROM pages WHERE id=?1), (SELECT text_id FROM documents WHERE id=?1))",
            page_id,
        )

    def frame_text(self, page_id: int) -> str:
        """The lines that the template adds around a page's content, link labels left out."""
        return self._text("SELECT frame_text FROM pages WHERE id=?", page_id)

    def texts(self, roles: Collection[str] = ("main", "frame", "title", "document")) -> Iterator[TextBlock]:
        """Every text of these roles once: contents, frames, titles, documents, in that order.

        Texts that were recognised in pictures may be misread: only the role "recognised" gives them.
        """
        for role, column in (("main", "main_text"), ("frame", "frame_text")):
            if role not in roles:
                continue
            # Beside a lone min() SQLite takes the other columns from that row: the first page's.
            rows = self._sql.execute(
                f"SELECT t.id, t.sha, t.body, group_concat(p.id), min(p.id), p.published, u.url, p.title FROM pages p"
                f" JOIN texts t ON t.id=p.{column} JOIN urls u ON u.id=p.id GROUP BY t.id ORDER BY t.id"
            )
            for text_id, sha, body, pages, _, published, url, title in rows:
                unpack = partial(whole_lines, self._sql, body, self._shared)
                yield _block(text_id, role, sha, unpack, pages, published, url, title)
        if "title" in roles:
            rows = self._sql.execute(
                "SELECT p.title, group_concat(p.id), min(p.id), p.published, u.url FROM pages p JOIN urls u ON u.id=p.id"
                " WHERE p.title<>'' GROUP BY p.title ORDER BY 3"
            )
            for title, pages, first, published, url in rows:
                yield _block(first, "title", b"", partial(title.split, "\n"), pages, published, url, title)
        if not {"document", "recognised"}.isdisjoint(roles):
            rows = self._sql.execute(
                "SELECT d.id, t.sha, t.body, u.url, d.title, CASE WHEN EXISTS"
                " (SELECT 1 FROM facts f WHERE f.page_id=d.id AND f.kind='recognised') THEN 'recognised' ELSE 'document' END"
                " FROM documents d JOIN texts t ON t.id=d.text_id JOIN urls u ON u.id=d.id ORDER BY d.id"
            )
            for number, sha, body, url, title, role in rows:
                if role in roles:
                    unpack = partial(whole_lines, self._sql, body, self._shared)
                    yield _block(number, role, sha, unpack, str(number), None, url, title)

    def meta(self, page_id: int) -> Mapping[str, str]:
        """The page's <meta name> tags, names as written."""
        text = self._text("SELECT meta FROM pages WHERE id=?", page_id)
        return json.loads(text) if text else {}

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
        page: Page | None = None
        for page_id, data in rows:
            if page is None or page.id != page_id:
                page = self.page(page_id)
            yield page, Fact(kind=kind, data=json.loads(data))

    def told(self, kind: str) -> Iterator[tuple[int, str]]:
        """(page id, data as JSON) of the facts of one kind, in page order: the same data is often told of many pages."""
        yield from self._sql.execute(
            "SELECT f.page_id, f.data FROM facts f JOIN pages p ON p.id=f.page_id WHERE f.kind=?"
            " ORDER BY f.page_id, f.position",
            (kind,),
        )

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
        page: Page | None = None
        for page_id, item, year, confidence in rows:
            if page is None or page.id != page_id:
                page = self.page(page_id)
            yield page, MandatedItem(item=item, year=year, confidence=confidence)

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
                newest=dating(*r[8:12]),
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

    def listed_titles(self) -> Iterator[tuple[int, str]]:
        """(page id, title) of the rows of every page that is a list, in page order."""
        yield from self._sql.execute(
            "SELECT i.page_id, s.value FROM items i JOIN pages p ON p.id=i.page_id JOIN strings s ON s.id=i.title_id"
            " WHERE p.listing IS NOT NULL ORDER BY i.page_id, i.position"
        )

    def dated(self) -> Iterator[tuple[int, str, dt.date]]:
        """(column id, address, date) of every dated article in a column, then of every dated row of a column's lists."""
        rows = self._sql.execute(
            "SELECT p.column_id, u.url, p.published FROM pages p JOIN urls u ON u.id=p.id"
            " WHERE p.kind='article' AND p.published IS NOT NULL AND p.column_id IS NOT NULL UNION ALL"
            " SELECT p.column_id, u.url, i.date FROM items i JOIN pages p ON p.id=i.page_id JOIN urls u ON u.id=i.target_id"
            " WHERE p.kind<>'article' AND i.date IS NOT NULL AND p.column_id IS NOT NULL"
        )
        days: dict[str, dt.date] = {}
        for column_id, url, date in rows:
            day = days.get(date)
            if day is None:
                day = days[date] = dt.date.fromisoformat(date)
            yield column_id, url, day

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
            text=self.text_of(r[7]) if r[7] else "",
            recognised=bool(r[8]),
        )

    def text_of(self, text_id: int) -> str:
        """A kept text by its own id, as `FirstSight` and `TextBlock` name it."""
        return self._text("?", text_id)

    def modified_days(self) -> Iterator[tuple[int, str]]:
        """(page id, what the server said in Last-Modified) in page order."""
        yield from self._sql.execute(
            "SELECT v.id, v.modified FROM validators v JOIN pages p ON p.id=v.id WHERE v.modified<>'' ORDER BY v.id"
        )

    def documents(self, *, texts: bool = True) -> Iterator[Document]:
        """Every attachment; without `texts` their text is "", which spares unpacking it."""
        for row in self._sql.execute(self._DOCUMENT + " ORDER BY d.id"):
            yield self._document(row if texts else (*row[:7], None, row[8]))

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

    def attachments(self, page_id: int) -> Mapping[str, int]:
        """The attachments that a page's content links to: address as linked -> document id, in reading order.

        An attachment that answered from another address counts for the one that was asked for.
        """
        linked = "FROM page_blocks pb JOIN blocks b ON b.id=pb.block_id AND b.zone='body' JOIN links l ON l.block_id=pb.block_id"
        rows = self._sql.execute(
            f"SELECT pb.position, l.position, l.target_id, d.id {linked} JOIN documents d ON d.id=l.target_id"
            f" WHERE pb.page_id=?1 UNION SELECT pb.position, l.position, l.target_id, d.id {linked}"
            " JOIN fetches f ON f.url_id=l.target_id JOIN documents d ON d.id=f.final_id"
            " WHERE pb.page_id=?1 ORDER BY 1, 2, 4",
            (page_id,),
        ).fetchall()
        return {self.address(target): document for _, _, target, document in rows}

    def tables(self, document_id: int) -> list[list[list[str]]]:
        """The tables of a document: table, row, cell."""
        text = self._text("SELECT tables_id FROM documents WHERE id=?", document_id)
        return json.loads(text) if text else []

    def sharing_pages(self, url: str, role: str = "main") -> tuple[str, ...]:
        """Addresses of the pages with the same content as the page at `url`, or the same "frame" or "title"."""
        column = {"main": "main_text", "frame": "frame_text", "title": "title"}[role]
        rows = self._sql.execute(
            f"SELECT v.url FROM pages p JOIN urls u ON u.id=p.id JOIN pages q ON q.{column}=p.{column}"
            " JOIN urls v ON v.id=q.id WHERE u.url=? ORDER BY q.id",
            (url,),
        )
        return tuple(row[0] for row in rows)
