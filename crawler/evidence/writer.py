"""The only place that writes evidence. Everything written between two `commit` calls lands together or not at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crawler.evidence.addresses import DONE, FRONT, LEFT_OUT, WAITING, Classify, milliseconds
from crawler.evidence.blocks import Block, cut
from crawler.evidence.blocks import frame as frame_of
from crawler.evidence.metagain import MetAgain
from crawler.evidence.records import (
    Column,
    Coverage,
    Fact,
    Fetch,
    FetchOutcome,
    Item,
    Link,
    Reading,
    Run,
    Site,
    Zone,
)
from crawler.evidence.rows import Rows
from crawler.evidence.schema import (
    EVIDENCE_FILE,
    EvidenceSchemaError,
    add_indexes,
    open_for_writing,
    whole_text,
)
from crawler.evidence.sealing import file_sha256, seal
from crawler.evidence.texts import plain

__all__ = ["DONE", "FRONT", "LEFT_OUT", "WAITING", "EvidenceWriter", "file_sha256"]

_JSON = json.JSONEncoder(ensure_ascii=False, default=str).encode
_CHECKPOINT = 4_000
"""Pages of the database that the log holds before they are copied: most are changed again and again."""
_LONGEST_BLOCK = 100_000
"""More links than a block holds: where the links of rows that came later begin."""


def _leave_out(url: str, tag: str, depth: int) -> tuple[str, int, int]:
    return "probe", LEFT_OUT, depth + 1


class EvidenceWriter(MetAgain):
    """Writes one run's evidence.db. Open on an unfinished folder it continues where the last commit ended."""

    def __init__(self, folder: Path, run: Run, classify: Classify = _leave_out) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._closed = False
        self.db = open_for_writing(folder)
        self.db.conn.isolation_level = None
        self.db.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT}")
        rows = Rows(self.db.conn)
        if rows.one("SELECT count(*) FROM run") == 0:
            rows.execute(
                "INSERT INTO run VALUES (?,?,?,?,?,?,?,?)",
                (
                    run.id,
                    json.dumps(dataclasses.asdict(run.site), ensure_ascii=False),
                    run.as_of.isoformat(),
                    run.started_at.isoformat(),
                    None,
                    run.version,
                    json.dumps(dict(run.config), ensure_ascii=False, default=str),
                    "{}",
                ),
            )
        elif rows.one("SELECT id FROM run") != run.id:
            raise EvidenceSchemaError(f"{folder / EVIDENCE_FILE}: holds another run than {run.id}")
        super().__init__(rows, classify)
        self._pages = bytearray(self._next_url)
        """Of each address by its id whether a page is stored under it."""
        for (page_id,) in rows.execute("SELECT id FROM pages"):
            self._pages[page_id] = 1
        rows.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.db.close()

    def commit(self) -> None:
        """Make everything since the last commit durable."""
        self._rows.execute("COMMIT")
        self._rows.execute("BEGIN")

    def close(self) -> None:
        """Commit and let go of the files. A second call does nothing."""
        if not self._closed:
            self._closed = True
            self._rows.execute("COMMIT")
            self.db.close()

    def abandon(self) -> None:
        """Let go of the files without what came after the last commit."""
        if not self._closed:
            self._closed = True
            self.db.close()

    def row_counts(self) -> dict[str, int]:
        """Rows of "pages", "documents" and "columns" that this run has met."""
        met = "WHERE id NOT IN (SELECT id FROM unconfirmed)"
        return {t: int(self._rows.one(f"SELECT count(*) FROM {t} {met}")) for t in ("pages", "documents")} | {
            "columns": int(self._rows.one("SELECT count(*) FROM columns"))
        }

    def store_page(
        self,
        fetch: Fetch,
        reading: Reading,
        body_sha256: bytes,
        *,
        depth: int = 0,
        warc_offset: int | None = None,
        seen_in: str | None = None,
        facts: Sequence[Fact] = (),
        blocks: Sequence[Block] | None = None,
        frame: str | None = None,
    ) -> bool:
        """Store what was read from a fetched page under the address it was served from.

        Returns False when that address was stored before (two links that redirect to one page).
        `facts` are what the crawl itself noticed about the page, kept with those that were read from it.
        `seen_in` names the earlier run whose unchanged page is carried over.
        `blocks` and `frame` (see `blocks.py`) stand for the reading's links and text, which are not looked at then.
        """
        page_id = self.set_target(fetch.final_url or fetch.url, "page", DONE, depth)
        if len(self._pages) <= page_id:
            self._pages.extend(bytes(self._next_url))
        if self._pages[page_id]:
            if not self.held([page_id]):
                return False
            self._forget(page_id)
        self._pages[page_id] = 1
        published = reading.published
        self._rows.later(
            "INSERT INTO pages VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [(
                page_id,
                str(reading.kind),
                depth,
                None,
                self._texts.string("\t".join(reading.column_path)) if reading.column_path else None,
                plain(reading.title),
                None if reading.raw_title == reading.title else plain(reading.raw_title),
                reading.charset.declared,
                reading.charset.used,
                reading.charset.fault,
                published.date.isoformat() if published else None,
                published.source if published else None,
                plain(published.quote) if published else None,
                published.confidence if published else None,
                reading.listing,
                self._texts.text(reading.main_text),
                self._texts.text(frame_of(reading) if frame is None else frame),
                self._texts.text(_JSON(reading.meta)) if reading.meta else None,
                _packed_names(reading.anchors) if reading.anchors else None,
                body_sha256,
                milliseconds(fetch.at),
                warc_offset,
                seen_in,
            )],
        )  # fmt: skip
        self._store_blocks(page_id, cut(reading.links) if blocks is None else blocks, depth)
        self._rows.later(
            "INSERT INTO items VALUES (?,?,?,?,?,?)",
            [
                (
                    page_id,
                    position,
                    self.target(item.url, "a", depth, page_id),
                    self._texts.string(item.title),
                    item.date.isoformat() if item.date else None,
                    int(item.pinned),
                )
                for position, item in enumerate(reading.items)
            ],
        )
        self._rows.later(
            "INSERT INTO mandated VALUES (?,?,?,?)",
            [(page_id, m.item, m.year, m.confidence) for m in reading.mandated],
        )
        facts = [*reading.facts, *facts]
        if reading.next_pages:
            facts.append(Fact(kind="next-pages", data={"urls": reading.next_pages}))
            for url in reading.next_pages:
                self.target(url, "a", depth, page_id)
        if reading.data_calls:
            facts.append(Fact(kind="data-calls", data={"urls": reading.data_calls}))
        self._store_facts(page_id, facts)
        return True

    def add_rows(self, page_id: int, items: Sequence[Item], listing: str, depth: int) -> None:
        """Add rows of a list that came later than the page (from a data call or a browser) to what was read."""
        known = {
            url for (url,) in self._rows.execute(
                "SELECT u.url FROM items i JOIN urls u ON u.id=i.target_id WHERE i.page_id=?", (page_id,)
            )
        }  # fmt: skip
        position = 1 + (self._rows.one("SELECT max(position) FROM items WHERE page_id=?", page_id) or 0)
        links = []
        for item in items:
            if item.url and item.url not in known:
                known.add(item.url)
                links.append(Link(url=item.url, text=item.title, tag="script:record", zone=Zone.BODY))
                self._rows.execute(
                    "INSERT INTO items VALUES (?,?,?,?,?,?)",
                    (
                        page_id,
                        position,
                        self.target(item.url, "a", depth, page_id),
                        self._texts.string(item.title),
                        item.date.isoformat() if item.date else None,
                        int(item.pinned),
                    ),
                )
                position += 1
        self._rows.execute(
            "UPDATE pages SET listing=?1 WHERE id=?2 AND (listing IS NULL OR listing<>'static')"
            " AND NOT (?1='empty' AND EXISTS (SELECT 1 FROM items WHERE page_id=?2))",
            (listing, page_id),
        )
        after = self._rows.one("SELECT max(position) FROM page_blocks WHERE page_id=?", page_id)
        start = 0 if after is None else after + _LONGEST_BLOCK
        self._store_blocks(page_id, cut(links, start), depth)

    def unfinished_pages(self, limit: int, since: dt.datetime | None = None) -> list[tuple[int, str]]:
        """(id, address) of pages that a script has yet to complete: lists without readable rows, pages without content.

        `since` leaves out what was not seen since then.
        """
        rows = self._rows.execute(
            "SELECT p.id, u.url FROM pages p JOIN urls u ON u.id=p.id WHERE p.id NOT IN (SELECT id FROM unconfirmed)"
            " AND (p.listing='unreadable' OR p.main_text IS NULL AND p.frame_text IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM page_blocks b JOIN links l ON l.block_id=b.block_id JOIN strings s ON s.id=l.text_id"
            " WHERE b.page_id=p.id AND s.value<>'')) AND p.seen_at>=?"
            " ORDER BY p.depth, p.id LIMIT ?",
            (milliseconds(since) if since else 0, limit),
        )
        return [(i, u) for i, u in rows]

    def _forget(self, target: int) -> None:
        super()._forget(target)
        if target < len(self._pages):
            self._pages[target] = 0

    def store_rendered(self, page_id: int, reading: Reading, facts: Sequence[Fact] = ()) -> None:
        """Put what a page says after its scripts ran in the place of what its source said."""
        row = self._rows.execute(
            "SELECT u.url, p.depth, p.seen_at, p.body_sha256, p.warc_offset FROM pages p JOIN urls u ON u.id=p.id"
            " WHERE p.id=?",
            (page_id,),
        ).fetchone()
        self._forget(page_id)
        fetch = Fetch(
            url=row[0],
            method="GET",
            at=dt.datetime.fromtimestamp(row[2] / 1000, dt.UTC),
            outcome=FetchOutcome.OK,
        )
        self.store_page(fetch, reading, row[3], depth=row[1], warc_offset=row[4], facts=facts)

    def add_fact(self, page_id: int, fact: Fact) -> None:
        """Add what was noticed about a page after it was stored."""
        position = self._rows.one("SELECT coalesce(max(position) + 1, 0) FROM facts WHERE page_id=?", page_id)
        self._rows.execute(
            "INSERT INTO facts VALUES (?,?,?,?)",
            (page_id, position, fact.kind, _JSON(fact.data)),
        )

    def pages_with_fact(
        self, kind: str, *, but_not: str, since: dt.datetime | None = None
    ) -> list[tuple[int, str]]:
        """(id, address) of the pages, seen `since` then, that have a fact of one kind and none of another."""
        rows = self._rows.execute(
            "SELECT DISTINCT u.id, u.url FROM facts f JOIN pages p ON p.id=f.page_id JOIN urls u ON u.id=f.page_id"
            " WHERE f.kind=? AND p.seen_at>=? AND NOT EXISTS (SELECT 1 FROM facts g WHERE g.page_id=f.page_id AND g.kind=?)"
            " AND u.id NOT IN (SELECT id FROM unconfirmed) ORDER BY u.id",
            (kind, milliseconds(since) if since else 0, but_not),
        )
        return [(i, u) for i, u in rows]

    def title_and_text(self, page_id: int) -> tuple[str, str]:
        """A stored page's title and content."""
        title, body = self._rows.execute(
            "SELECT p.title, t.body FROM pages p LEFT JOIN texts t ON t.id=p.main_text WHERE p.id=?",
            (page_id,),
        ).fetchone()
        return title, whole_text(self._rows.sql, body) if body else ""

    def home_name(self) -> str:
        """What the home page calls the site: its SiteName tag, else its title; "" when it was not read."""
        row = self._rows.execute("SELECT title, meta FROM pages ORDER BY depth, id LIMIT 1").fetchone()
        if row is None:
            return ""
        body = (
            self._rows.execute("SELECT body FROM texts WHERE id=?", (row[1],)).fetchone() if row[1] else None
        )
        meta = json.loads(zlib.decompress(body[0])) if body else {}
        named = next((str(v) for k, v in meta.items() if k.lower() == "sitename" and v), "")
        return (named or str(row[0])).strip()[:60]

    def home_sponsor(self) -> str:
        """The body that the home page's footer names as running the site; "" when none was read."""
        row = self._rows.execute(
            "SELECT f.data FROM facts f WHERE f.kind='mark' AND f.page_id="
            "(SELECT id FROM pages ORDER BY depth, id LIMIT 1)"
        ).fetchone()
        data = json.loads(row[0]) if row else {}
        return str(data.get("sponsor") or data.get("owner") or "")[:60]

    def menu_hosts(self) -> list[tuple[str, str]]:
        """(host with port, an address there) of what menus link to, each host once."""
        rows = self._rows.execute(
            "SELECT url FROM urls WHERE role='probe' AND url LIKE 'http%//%/%' AND id IN (SELECT l.target_id"
            " FROM blocks b CROSS JOIN links l ON l.block_id=b.id WHERE b.zone='nav') ORDER BY id"
        )
        hosts: dict[str, str] = {}
        for (url,) in rows:
            hosts.setdefault(url.split("/", 3)[2].lower(), url)
        return list(hosts.items())

    def store_document(
        self,
        url: str,
        *,
        kind: str,
        body: bytes,
        readable: bool,
        why: str | None,
        title: str,
        text: str,
        tables: Sequence[Any] = (),
        links: Sequence[Link] = (),
        facts: Sequence[Fact] = (),
    ) -> None:
        """Store what was read from an attachment; its links are kept like a page's."""
        document_id = self.target(url)
        if self._rows.one("SELECT 1 FROM documents WHERE id=?", document_id):
            if not self.held([document_id]):
                return
            self._forget(document_id)
        self._rows.execute(
            "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?)",
            (
                document_id,
                kind,
                len(body),
                int(readable),
                why,
                title,
                self._texts.text(text),
                self._texts.text(json.dumps(tables, ensure_ascii=False)) if tables else None,
                hashlib.sha256(body).digest(),
            ),
        )
        self._store_blocks(document_id, cut(links), 0)
        self._store_facts(document_id, facts)

    def store_links(self, url: str, links: Sequence[Link], depth: int) -> None:
        """Store what a style sheet points to, in place of what it said before; its links are kept like a page's."""
        sheet = self.target(url)
        self._rows.execute("DELETE FROM page_blocks WHERE page_id=?", (sheet,))
        if links:
            self._store_blocks(sheet, cut(links), depth)

    def store_columns(self, columns: Iterable[Column], pages: Iterable[tuple[int, int | None]]) -> None:
        """Replace the column table; `pages` are ids of pages with the column they belong to."""
        self._rows.execute("DELETE FROM columns")
        self._rows.executemany(
            "INSERT INTO columns VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [
                (
                    c.id,
                    json.dumps(c.path, ensure_ascii=False),
                    c.url,
                    c.column_class,
                    int(c.declared),
                    c.depth,
                    c.items,
                    c.dated,
                    c.newest.date.isoformat() if c.newest else None,
                    c.newest.source if c.newest else None,
                    c.newest.quote if c.newest else None,
                    c.newest.confidence if c.newest else None,
                    c.newest_url,
                    c.newest_title,
                    c.listing,
                    int(c.readable),
                    int(c.on_home),
                    int(c.first_level),
                    c.exempt,
                )
                for c in columns
            ],
        )
        self._rows.sql.executemany(
            "UPDATE pages SET column_id=?2 WHERE id=?1 AND column_id IS NOT ?2",
            pages,
        )

    def note(self, kind: str, detail: str, at: dt.datetime, url: str | None = None) -> None:
        """Record something the report must say, once: a limit hit, a trap, a candidate host."""
        self._rows.execute(
            "INSERT INTO notes (at, kind, url, detail) SELECT ?1, ?2, ?3, ?4"
            " WHERE NOT EXISTS (SELECT 1 FROM notes WHERE kind=?2 AND url IS ?3 AND detail=?4)",
            (milliseconds(at), kind, url, detail),
        )

    def noted(self) -> list[tuple[str, str | None, str]]:
        """(kind, address, detail) of the notes so far."""
        return self._rows.execute("SELECT kind, url, detail FROM notes ORDER BY id").fetchall()

    def finish(
        self, finished_at: dt.datetime, coverage: Mapping[str, Coverage], site: Site | None = None
    ) -> None:
        """Close the run, fold the log into one file and seal the folder with a manifest of hashes."""
        self._rows.execute(
            "UPDATE run SET finished_at=?, coverage=?",
            (
                finished_at.isoformat(),
                json.dumps({k: dataclasses.asdict(c) for k, c in coverage.items()}, ensure_ascii=False),
            ),
        )
        if site is not None:
            self._rows.execute(
                "UPDATE run SET site=?", (json.dumps(dataclasses.asdict(site), ensure_ascii=False),)
            )
        self.forget_unconfirmed()
        self._rows.execute("COMMIT")
        add_indexes(self.db)
        self._rows.execute("ANALYZE")
        self._rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._rows.execute("PRAGMA journal_mode=DELETE")
        self._closed = True
        self.db.close()
        seal(self.folder)

    def holds(self, blocks: Sequence[Block]) -> bool:
        """Whether the blocks that come without their links are known and their addresses met."""
        return all(
            block.links is not None
            or ((known := self._block_id(block.sha)) is not None and self._block_met(known))
            for block in blocks
        )

    def _block_id(self, sha: bytes) -> int | None:
        known = self._block_ids.get(sha)
        if known is None and not self._block_ids.complete:
            known = self._rows.block_id(sha)
            if known is not None:
                self._block_ids[sha] = known
        return known

    def _store_blocks(self, page_id: int, blocks: Sequence[Block], depth: int) -> None:
        for start, sha, zone, links in blocks:
            block_id = self._block_id(sha)
            if block_id is None:
                assert links is not None
                self._block_ids[sha] = block_id = self._next_block
                self._next_block += 1
                self._rows.blocks[sha] = (block_id, sha, zone)
                string, target = self._texts.string, self.target
                tags = {tag: string(tag) for tag in dict.fromkeys(link[2] for link in links)}
                rows = [
                    (
                        block_id,
                        n,
                        target(url, tag, depth, page_id),
                        string(text),
                        tags[tag],
                        None if href is None else string(href),
                    )
                    for n, (url, text, tag, _, href) in enumerate(links)
                ]
                self._rows.links += rows
            elif not self._block_met(block_id):
                assert links is not None
                self._blocks_met[block_id] = 1
                for link in links:
                    self.target(link[0], link[2], depth, page_id)
            self._rows.page_blocks.append((page_id, start, block_id))
        self._rows.write_some()

    def _store_facts(self, page_id: int, facts: Sequence[Fact]) -> None:
        self._rows.later(
            "INSERT INTO facts VALUES (?,?,?,?)",
            [(page_id, n, f.kind, _JSON(f.data)) for n, f in enumerate(facts)],
        )


@lru_cache(maxsize=512)
def _packed_names(names: frozenset[str]) -> bytes:
    """Ids of elements, packed; a template puts the same ones on all its pages."""
    return zlib.compress("\n".join(sorted(names)).encode("utf-8", "replace"), 1)
