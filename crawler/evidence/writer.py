"""The only place that writes evidence. Everything written between two `commit` calls lands together or not at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crawler.evidence.earlier import ASLEEP, source_of
from crawler.evidence.ids import Ids
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
from crawler.evidence.schema import (
    EVIDENCE_FILE,
    LONG_LINE,
    MANIFEST_FILE,
    REFERENCE,
    WARC_FILE,
    EvidenceSchemaError,
    add_indexes,
    open_for_writing,
    whole_text,
)

WAITING, DONE, LEFT_OUT = 0, 1, 2

FRONT = (-1, 0)
"""Before every target that waits, as (turn, id)."""

_LINES_REMEMBERED = 1 << 19

_OF_A_PAGE = (
    ("items", "page_id"), ("facts", "page_id"), ("mandated", "page_id"), ("page_blocks", "page_id"), ("pages", "id"),
    ("documents", "id"), ("unconfirmed", "id"), ("captured", "id"),
)  # fmt: skip

_LONGEST_BLOCK = 100_000
_MOST_URLS, _MOST_STRINGS, _MOST_TEXTS, _MOST_BLOCKS = 100_000, 100_000, 30_000, 50_000
"""Ids kept at hand: enough that a site of some ten thousand pages never looks one up."""
"""More links than a block holds: where the links of rows that came later begin."""

CUT = 15
"""A block of links ends after an address whose checksum has these bits clear: 16 links on average.

Cutting by content and not by count lets two pages share the blocks before and after a difference.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A target that has still to be asked for. `role` "page" is read, "file" downloaded, "probe" only asked.

    `turn` below 0: a list that tells what is new, to be read before the rest.
    """

    id: int
    url: str
    role: str
    depth: int
    turn: int = 0


Classify = Callable[[str, str, int], tuple[str, int, int]]
"""(address, tag of the link, depth of the linking page) -> (role, state, depth) of a target met first."""


def _leave_out(url: str, tag: str, depth: int) -> tuple[str, int, int]:
    return "probe", LEFT_OUT, depth + 1


def _plain(value: str) -> str:
    """`value` without half surrogates, which neither SQLite nor a report can hold."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _ms(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)


class EvidenceWriter:
    """Writes one run's evidence.db. Open on an unfinished folder it continues where the last commit ended."""

    def __init__(self, folder: Path, run: Run, classify: Classify = _leave_out) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._classify = classify
        self._closed = False
        self.db = self._sql = open_for_writing(folder)
        self._sql.isolation_level = None
        if self._one("SELECT count(*) FROM run") == 0:
            self._sql.execute(
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
        elif self._one("SELECT id FROM run") != run.id:
            raise EvidenceSchemaError(f"{folder / EVIDENCE_FILE}: holds another run than {run.id}")
        # Keyed by hash to stay small; Python's salted hash cannot be steered.
        self._url_ids: Ids[int] = Ids(
            _MOST_URLS,
            ((hash(u), i) for u, i in self._sql.execute("SELECT url, id FROM urls ORDER BY id DESC")),
        )
        self._string_ids: Ids[int] = Ids(
            _MOST_STRINGS,
            ((hash(v), i) for v, i in self._sql.execute("SELECT value, id FROM strings ORDER BY id DESC")),
        )
        self._text_ids: Ids[bytes] = Ids(
            _MOST_TEXTS, self._sql.execute("SELECT sha, id FROM texts ORDER BY id DESC")
        )
        self._block_ids: Ids[bytes] = Ids(
            _MOST_BLOCKS, self._sql.execute("SELECT sha, id FROM blocks ORDER BY id DESC")
        )
        self._next_url = 1 + (self._one("SELECT max(id) FROM urls") or 0)
        self._next_string = 1 + (self._one("SELECT max(id) FROM strings") or 0)
        self._next_text = 1 + (self._one("SELECT max(id) FROM texts") or 0)
        self._next_block = 1 + (self._one("SELECT max(id) FROM blocks") or 0)
        self._asleep = (
            bytearray(self._next_url)
            if self._one(
                "SELECT 1 FROM urls WHERE state=? UNION ALL SELECT 1 FROM unconfirmed LIMIT 1", ASLEEP
            )
            else None
        )
        self._calls_before: dict[int, list[str]] = {}
        if self._asleep is not None:
            for (i,) in self._sql.execute("SELECT id FROM urls WHERE state=?", (ASLEEP,)):
                self._asleep[i] = 1
            for page, url in self._sql.execute(
                "SELECT found_on, url FROM urls WHERE role='data' AND state=? AND found_on IS NOT NULL ORDER BY id",
                (ASLEEP,),
            ):
                self._calls_before.setdefault(page, []).append(url)
        self._turned = (
            self._asleep is not None and self._one("SELECT 1 FROM urls WHERE turn<>0 LIMIT 1") is not None
        )
        self._blocks_awake: set[int] = set()
        self.woken: int | None = None
        """The lowest id among the targets that came in front of others since this was last reset."""
        self._lines_once = array("q", bytes(8 * _LINES_REMEMBERED))
        self._sql.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._sql.close()

    def _one(self, sql: str, *values: Any) -> Any:
        row = self._sql.execute(sql, values).fetchone()
        return row[0] if row else None

    def commit(self) -> None:
        """Make everything since the last commit durable."""
        self._sql.execute("COMMIT")
        self._sql.execute("BEGIN")

    def close(self) -> None:
        """Commit and let go of the files. A second call does nothing."""
        if not self._closed:
            self._closed = True
            self._sql.execute("COMMIT")
            self._sql.close()

    def abandon(self) -> None:
        """Let go of the files without what came after the last commit."""
        if not self._closed:
            self._closed = True
            self._sql.close()

    def target(self, url: str, tag: str = "a", depth: int = 0, found_on: int | None = None) -> int:
        """The id of an address, given once; a new one is classified and waits or is left out."""
        key = hash(url)
        known = self.url_id(url)
        if known is not None:
            if self._asleep is not None and known < len(self._asleep) and self._asleep[known]:
                self._wake(known, _plain(url), tag, depth, found_on)
            return known
        url = _plain(url)
        base, _, fragment = url.partition("#")
        if fragment and base:
            base_id = self.target(base, tag, depth, found_on)
            role, state, at_depth = "fragment", DONE, depth
        elif base != url and base:
            # "page.html#" names the page itself.
            self._url_ids[key] = alias = self.target(base, tag, depth, found_on)
            return alias
        else:
            base_id = None
            role, state, at_depth = self._classify(url, tag, depth)
        new = self._next_url
        self._next_url += 1
        self._url_ids[key] = new
        self._sql.execute(
            "INSERT INTO urls VALUES (?,?,?,?,?,?,?,0)", (new, url, role, state, at_depth, found_on, base_id)
        )
        if self._turned and self.woken is None:
            self.woken = new
        return new

    def _wake(self, known: int, url: str, tag: str, depth: int, found_on: int | None) -> None:
        """Meet an address of the earlier run again: it is classified as if it were new."""
        assert self._asleep is not None
        self._asleep[known] = 0
        base, _, fragment = url.partition("#")
        if fragment and base:
            self.target(base, tag, depth, found_on)
            role, state, at_depth = "fragment", DONE, depth
        else:
            role, state, at_depth = self._classify(url, tag, depth)
        self._sql.execute(
            "UPDATE urls SET role=?, state=?, depth=?, found_on=? WHERE id=?",
            (role, state, at_depth, found_on, known),
        )
        self.woken = known if self.woken is None else min(known, self.woken)

    def keep_validators(self, target: int, etag: str | None, modified: str | None) -> None:
        """Remember what a server calls the state of an address, to ask next time whether it changed."""
        if etag or modified:
            self._sql.execute("INSERT OR REPLACE INTO validators VALUES (?,?,?)", (target, etag, modified))

    def validators(self, target: int) -> tuple[str | None, str | None] | None:
        """(etag, modified) of an address whose page or document an earlier run holds; None when it is to be asked afresh."""
        if self._asleep is None:
            return None
        row = self._sql.execute(
            "SELECT v.etag, v.modified FROM validators v JOIN unconfirmed n ON n.id=v.id WHERE v.id=?",
            (target,),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def calls_before(self, target: int | None, body_sha256: bytes) -> Sequence[str]:
        """The data calls with which an earlier run completed a page, when its source is still the same."""
        if target is None or target not in self._calls_before:
            return ()
        same = self.remembered(f"source:{target}") == source_of(body_sha256)
        return self._calls_before[target] if same else ()

    def held(self, target: int) -> bytes | None:
        """The body's hash of a page or document that an earlier run holds and this one has not met yet."""
        if self._asleep is None:
            return None
        found: bytes | None = self._one(
            "SELECT coalesce(p.body_sha256, d.body_sha256) FROM unconfirmed n LEFT JOIN pages p ON p.id=n.id"
            " LEFT JOIN documents d ON d.id=n.id WHERE n.id=?",
            target,
        )
        return found

    def captured(self, target: int) -> dt.datetime | None:
        """When the body of a page or document that an earlier run holds was received."""
        at = self._one("SELECT at FROM captured WHERE id=?", target)
        return None if at is None else dt.datetime.fromtimestamp(at / 1000, dt.UTC)

    def carry_over(self, target: int, fetch: Fetch, depth: int) -> None:
        """Take an unchanged page or document over from the earlier run, and meet everything it links to."""
        self._sql.execute("DELETE FROM unconfirmed WHERE id=?", (target,))
        self._sql.execute("UPDATE pages SET seen_at=?, depth=? WHERE id=?", (_ms(fetch.at), depth, target))
        blocks = [
            b for (b,) in self._sql.execute("SELECT block_id FROM page_blocks WHERE page_id=?", (target,))
        ]
        for block in blocks:
            if block in self._blocks_awake:
                continue
            self._blocks_awake.add(block)
            rows = self._sql.execute(
                "SELECT u.url, s.value FROM links l JOIN urls u ON u.id=l.target_id JOIN strings s ON s.id=l.tag_id"
                " WHERE l.block_id=? ORDER BY l.position",
                (block,),
            ).fetchall()
            for url, tag in rows:
                self.target(url, tag, depth, target)
        rows = self._sql.execute(
            "SELECT u.url FROM items i JOIN urls u ON u.id=i.target_id WHERE i.page_id=? AND u.state=?",
            (target, ASLEEP),
        ).fetchall()
        for (url,) in rows:
            self.target(url, "a", depth, target)
        for kind, tag in (("next-pages", "a"), ("data-calls", "data")):
            data = self._one("SELECT data FROM facts WHERE page_id=? AND kind=?", target, kind)
            for url in json.loads(data)["urls"] if data else ():
                self.target(url, tag, depth, target)

    def _forget(self, target: int) -> None:
        """Remove what an earlier run stored under an address."""
        for table, column in _OF_A_PAGE:
            self._sql.execute(f"DELETE FROM {table} WHERE {column}=?", (target,))

    def listed(self) -> list[Waiting]:
        """The addresses of the earlier run that still sleep, in the order they were met."""
        rows = self._sql.execute("SELECT id, url, role, depth FROM urls WHERE state=? ORDER BY id", (ASLEEP,))
        return [Waiting(id=i, url=u, role=r, depth=d) for i, u, r, d in rows]

    def keep_unseen(self) -> None:
        """Let what the earlier run held stand where this one could not look: neither gone nor answered otherwise."""
        self._sql.execute(
            "DELETE FROM unconfirmed WHERE id NOT IN (SELECT f.url_id FROM fetches f WHERE f.outcome IN ('ok',"
            " 'truncated') OR f.status IN (404, 410) AND f.attempt=(SELECT max(g.attempt) FROM fetches g"
            " WHERE g.url_id=f.url_id) AND f.outcome='http_error')"
        )

    def gone_pages(self, limit: int) -> list[tuple[str, int | None]]:
        """Pages of the earlier run that this one did not find again: (address, status it answered when asked)."""
        rows = self._sql.execute(
            "SELECT u.url, max(f.status) FROM unconfirmed n JOIN pages p ON p.id=n.id JOIN urls u ON u.id=n.id"
            " LEFT JOIN fetches f ON f.url_id=u.id WHERE u.state=? OR f.status IN (404, 410) GROUP BY u.id LIMIT ?",
            (ASLEEP, limit),
        )
        return [(url, status) for url, status in rows]

    def forget_unconfirmed(self) -> None:
        """Remove what an earlier run held and this one did not meet, and the blocks that no page holds any more."""
        if self._asleep is None:
            return
        gone = [i for (i,) in self._sql.execute("SELECT id FROM unconfirmed")]
        for target in gone:
            self._forget(target)
        self._sql.execute("DELETE FROM links WHERE block_id NOT IN (SELECT block_id FROM page_blocks)")
        self._sql.execute("DELETE FROM blocks WHERE id NOT IN (SELECT block_id FROM page_blocks)")

    def set_target(self, url: str, role: str, state: int, depth: int = 0) -> int:
        """Add or change an address with an explicit role and state (start page, seeds, promoted targets)."""
        known = self.url_id(url)
        if known is None:
            new = self._next_url
            self._next_url += 1
            self._url_ids[hash(url)] = new
            self._sql.execute(
                "INSERT INTO urls VALUES (?,?,?,?,?,?,?,0)", (new, url, role, state, depth, None, None)
            )
            return new
        if self._asleep is not None and known < len(self._asleep):
            self._asleep[known] = 0
        self._sql.execute("UPDATE urls SET role=?, state=? WHERE id=?", (role, state, known))
        return known

    def waiting(self, role: str, limit: int, after: tuple[int, int] = FRONT) -> list[Waiting]:
        """Up to `limit` targets that wait to be asked for, by turn and then in the order they were met.

        `after` is the turn and id of the target to go on from.
        """
        rows = self._sql.execute(
            "SELECT id, url, role, depth, turn FROM urls WHERE state=0 AND role=? AND (turn, id)>(?, ?)"
            " ORDER BY turn, id LIMIT ?",
            (role, *after, limit),
        )
        return [Waiting(id=i, url=u, role=r, depth=d, turn=t) for i, u, r, d, t in rows]

    @property
    def known(self) -> int:
        """How many addresses were met so far, targets of every state and fragments."""
        return self._next_url - 1

    def is_met(self, url: str) -> bool:
        """Whether this run has met an address."""
        known = self.url_id(url)
        return known is not None and not (
            self._asleep is not None and known < len(self._asleep) and self._asleep[known]
        )

    def url_id(self, url: str) -> int | None:
        key = hash(url)
        known = self._url_ids.get(key)
        if known is None and not self._url_ids.complete:
            known = self._one("SELECT id FROM urls WHERE url=?", _plain(url))
            if known is not None:
                self._url_ids[key] = known
        return known

    def row_counts(self) -> dict[str, int]:
        """Rows of "pages", "documents" and "columns" that this run has met."""
        met = "WHERE id NOT IN (SELECT id FROM unconfirmed)"
        return {t: int(self._one(f"SELECT count(*) FROM {t} {met}")) for t in ("pages", "documents")} | {
            "columns": int(self._one("SELECT count(*) FROM columns"))
        }

    def attempted(self, target: int, attempt: int) -> bool:
        """Whether this attempt at a target is already recorded."""
        return self._one("SELECT 1 FROM fetches WHERE url_id=? AND attempt=?", target, attempt) is not None

    def one_that_worked(self, netloc: str) -> str | None:
        """An address of a host that was answered well in this run."""
        for scheme in ("http", "https"):
            start = f"{scheme}://{netloc}/"
            found: str | None = self._one(
                "SELECT u.url FROM urls u JOIN fetches f ON f.url_id=u.id WHERE u.url>=? AND u.url<? AND f.outcome='ok'"
                " ORDER BY u.id LIMIT 1",
                start,
                start + "\U0010ffff",
            )
            if found is not None:
                return found
        return None

    def remember(self, key: str, value: int) -> None:
        """Keep a number for the continuation of this run, in the same transaction as the rest."""
        self._sql.execute("INSERT OR REPLACE INTO progress VALUES (?,?)", (key, value))

    def remembered(self, key: str) -> int | None:
        found: int | None = self._one("SELECT value FROM progress WHERE key=?", key)
        return found

    def counts(self) -> dict[str, int]:
        """Targets by "role:state" (states 0 waiting, 1 done, 2 left out)."""
        rows = self._sql.execute("SELECT role, state, count(*) FROM urls GROUP BY role, state")
        return {f"{role}:{state}": n for role, state, n in rows}

    def failed(self) -> list[tuple[Waiting, Fetch]]:
        """Targets whose walk ended in a failure and which no second look was given yet, with their last attempt."""
        rows = self._sql.execute(
            "SELECT u.id, u.url, u.role, u.depth, f.method, f.at, f.outcome, f.status, f.attempt, max(f.id)"
            " FROM fetches f JOIN urls u ON u.id=f.url_id"
            " GROUP BY u.id HAVING max(f.attempt)=1 AND f.outcome NOT IN"
            " ('ok', 'robots', 'not_fetched', 'too_large', 'outdated_tls') ORDER BY u.id"
        ).fetchall()
        return [
            (
                Waiting(id=i, url=u, role=r, depth=d),
                Fetch(
                    url=u,
                    method=m,
                    at=dt.datetime.fromtimestamp(at / 1000, dt.UTC),
                    outcome=FetchOutcome(o),
                    status=s,
                    attempt=n,
                ),
            )
            for i, u, r, d, m, at, o, s, n, _ in rows
        ]

    def store_fetch(self, fetch: Fetch, *, depth: int = 0, control: bool | None = None) -> int:
        """Record one attempt and mark its target done. Returns the target's id."""
        url_id = self.target(fetch.url, "a", depth)
        final_id = None
        if fetch.final_url and fetch.final_url != fetch.url:
            final_id = self.target(fetch.final_url, "redirect", depth, url_id)
        self._sql.execute(
            "INSERT INTO fetches (url_id, attempt, method, at, outcome, status, final_id, redirects, elapsed_ms,"
            " bytes, content_type, detail, control) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                url_id,
                fetch.attempt,
                fetch.method,
                _ms(fetch.at),
                str(fetch.outcome),
                fetch.status,
                final_id,
                json.dumps(fetch.redirects, ensure_ascii=False) if fetch.redirects else None,
                fetch.elapsed_ms,
                fetch.bytes,
                fetch.content_type,
                fetch.detail,
                None if control is None else int(control),
            ),
        )
        self._sql.execute("UPDATE urls SET state=1 WHERE id=?", (url_id,))
        return url_id

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
    ) -> bool:
        """Store what was read from a fetched page under the address it was served from.

        Returns False when that address was stored before (two links that redirect to one page).
        `facts` are what the crawl itself noticed about the page, kept with those that were read from it.
        `seen_in` names the earlier run whose unchanged page is carried over.
        """
        page_id = self.set_target(fetch.final_url or fetch.url, "page", DONE, depth)
        if self._one("SELECT 1 FROM pages WHERE id=?", page_id):
            if self.held(page_id) is None:
                return False
            self._forget(page_id)
        published = reading.published
        self._sql.execute(
            "INSERT INTO pages VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                page_id,
                str(reading.kind),
                depth,
                None,
                self._string("\t".join(reading.column_path)) if reading.column_path else None,
                _plain(reading.title),
                None if reading.raw_title == reading.title else _plain(reading.raw_title),
                reading.charset.declared,
                reading.charset.used,
                reading.charset.fault,
                published.date.isoformat() if published else None,
                published.source if published else None,
                _plain(published.quote) if published else None,
                published.confidence if published else None,
                reading.listing,
                self._text(reading.main_text),
                self._text(_frame(reading)),
                self._text(json.dumps(dict(reading.meta), ensure_ascii=False)) if reading.meta else None,
                zlib.compress("\n".join(sorted(reading.anchors)).encode("utf-8", "replace"), 1)
                if reading.anchors
                else None,
                body_sha256,
                _ms(fetch.at),
                warc_offset,
                seen_in,
            ),
        )
        self._store_links(page_id, reading.links, depth)
        self._sql.executemany(
            "INSERT INTO items VALUES (?,?,?,?,?,?)",
            [
                (
                    page_id,
                    position,
                    self.target(item.url, "a", depth, page_id),
                    self._string(item.title),
                    item.date.isoformat() if item.date else None,
                    int(item.pinned),
                )
                for position, item in enumerate(reading.items)
            ],
        )
        self._sql.executemany(
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
            url for (url,) in self._sql.execute(
                "SELECT u.url FROM items i JOIN urls u ON u.id=i.target_id WHERE i.page_id=?", (page_id,)
            )
        }  # fmt: skip
        position = 1 + (self._one("SELECT max(position) FROM items WHERE page_id=?", page_id) or 0)
        links = []
        for item in items:
            if item.url and item.url not in known:
                known.add(item.url)
                links.append(Link(url=item.url, text=item.title, tag="script:record", zone=Zone.BODY))
                self._sql.execute(
                    "INSERT INTO items VALUES (?,?,?,?,?,?)",
                    (
                        page_id,
                        position,
                        self.target(item.url, "a", depth, page_id),
                        self._string(item.title),
                        item.date.isoformat() if item.date else None,
                        int(item.pinned),
                    ),
                )
                position += 1
        self._sql.execute(
            "UPDATE pages SET listing=?1 WHERE id=?2 AND (listing IS NULL OR listing<>'static')"
            " AND NOT (?1='empty' AND EXISTS (SELECT 1 FROM items WHERE page_id=?2))",
            (listing, page_id),
        )
        after = self._one("SELECT max(position) FROM page_blocks WHERE page_id=?", page_id)
        self._store_links(page_id, links, depth, 0 if after is None else after + _LONGEST_BLOCK)

    def unfinished_pages(self, limit: int, since: dt.datetime | None = None) -> list[tuple[int, str]]:
        """(id, address) of pages that a script has yet to complete: lists without readable rows, pages without content.

        `since` leaves out what was not seen since then.
        """
        rows = self._sql.execute(
            "SELECT p.id, u.url FROM pages p JOIN urls u ON u.id=p.id WHERE p.id NOT IN (SELECT id FROM unconfirmed)"
            " AND (p.listing='unreadable' OR p.main_text IS NULL AND p.frame_text IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM page_blocks b JOIN links l ON l.block_id=b.block_id JOIN strings s ON s.id=l.text_id"
            " WHERE b.page_id=p.id AND s.value<>'')) AND p.seen_at>=?"
            " ORDER BY p.depth, p.id LIMIT ?",
            (_ms(since) if since else 0, limit),
        )
        return [(i, u) for i, u in rows]

    def store_rendered(self, page_id: int, reading: Reading, facts: Sequence[Fact] = ()) -> None:
        """Put what a page says after its scripts ran in the place of what its source said."""
        row = self._sql.execute(
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
        position = self._one("SELECT coalesce(max(position) + 1, 0) FROM facts WHERE page_id=?", page_id)
        self._sql.execute(
            "INSERT INTO facts VALUES (?,?,?,?)",
            (page_id, position, fact.kind, json.dumps(fact.data, ensure_ascii=False, default=str)),
        )

    def pages_with_fact(
        self, kind: str, *, but_not: str, since: dt.datetime | None = None
    ) -> list[tuple[int, str]]:
        """(id, address) of the pages, seen `since` then, that have a fact of one kind and none of another."""
        rows = self._sql.execute(
            "SELECT DISTINCT u.id, u.url FROM facts f JOIN pages p ON p.id=f.page_id JOIN urls u ON u.id=f.page_id"
            " WHERE f.kind=? AND p.seen_at>=? AND NOT EXISTS (SELECT 1 FROM facts g WHERE g.page_id=f.page_id AND g.kind=?)"
            " AND u.id NOT IN (SELECT id FROM unconfirmed) ORDER BY u.id",
            (kind, _ms(since) if since else 0, but_not),
        )
        return [(i, u) for i, u in rows]

    def title_and_text(self, page_id: int) -> tuple[str, str]:
        """A stored page's title and content."""
        title, body = self._sql.execute(
            "SELECT p.title, t.body FROM pages p LEFT JOIN texts t ON t.id=p.main_text WHERE p.id=?",
            (page_id,),
        ).fetchone()
        return title, whole_text(self._sql, body) if body else ""

    def home_name(self) -> str:
        """What the home page calls the site: its SiteName tag, else its title; "" when it was not read."""
        row = self._sql.execute("SELECT title, meta FROM pages ORDER BY depth, id LIMIT 1").fetchone()
        if row is None:
            return ""
        body = (
            self._sql.execute("SELECT body FROM texts WHERE id=?", (row[1],)).fetchone() if row[1] else None
        )
        meta = json.loads(zlib.decompress(body[0])) if body else {}
        named = next((str(v) for k, v in meta.items() if k.lower() == "sitename" and v), "")
        return (named or str(row[0])).strip()[:60]

    def home_sponsor(self) -> str:
        """The body that the home page's footer names as running the site; "" when none was read."""
        row = self._sql.execute(
            "SELECT f.data FROM facts f WHERE f.kind='mark' AND f.page_id="
            "(SELECT id FROM pages ORDER BY depth, id LIMIT 1)"
        ).fetchone()
        data = json.loads(row[0]) if row else {}
        return str(data.get("sponsor") or data.get("owner") or "")[:60]

    def menu_hosts(self) -> list[tuple[str, str]]:
        """(host with port, an address there) of what menus link to, each host once."""
        rows = self._sql.execute(
            "SELECT u.url FROM blocks b JOIN links l ON l.block_id=b.id JOIN urls u ON u.id=l.target_id"
            " WHERE b.zone='nav' AND u.role='probe' AND u.url LIKE 'http%//%/%' ORDER BY u.id"
        )
        hosts: dict[str, str] = {}
        for (url,) in rows:
            hosts.setdefault(url.split("/", 3)[2].lower(), url)
        return list(hosts.items())

    def found_on(self, target: int) -> int | None:
        """The id of the page that a target was first met on."""
        found: int | None = self._one("SELECT found_on FROM urls WHERE id=?", target)
        return found

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
        if self._one("SELECT 1 FROM documents WHERE id=?", document_id):
            if self.held(document_id) is None:
                return
            self._forget(document_id)
        self._sql.execute(
            "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?)",
            (
                document_id,
                kind,
                len(body),
                int(readable),
                why,
                title,
                self._text(text),
                self._text(json.dumps(tables, ensure_ascii=False)) if tables else None,
                hashlib.sha256(body).digest(),
            ),
        )
        self._store_links(document_id, links, 0)
        self._store_facts(document_id, facts)

    def store_links(self, url: str, links: Sequence[Link], depth: int) -> None:
        """Store what a style sheet points to, in place of what it said before; its links are kept like a page's."""
        sheet = self.target(url)
        self._sql.execute("DELETE FROM page_blocks WHERE page_id=?", (sheet,))
        if links:
            self._store_links(sheet, links, depth)

    def store_columns(self, columns: Iterable[Column], pages: Mapping[int, int]) -> None:
        """Replace the column table; `pages` maps page ids to the column they belong to."""
        self._sql.execute("DELETE FROM columns")
        self._sql.executemany(
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
        self._sql.executemany("UPDATE pages SET column_id=? WHERE id=?", [(c, p) for p, c in pages.items()])

    def note(self, kind: str, detail: str, at: dt.datetime, url: str | None = None) -> None:
        """Record something the report must say, once: a limit hit, a trap, a candidate host."""
        self._sql.execute(
            "INSERT INTO notes (at, kind, url, detail) SELECT ?1, ?2, ?3, ?4"
            " WHERE NOT EXISTS (SELECT 1 FROM notes WHERE kind=?2 AND url IS ?3 AND detail=?4)",
            (_ms(at), kind, url, detail),
        )

    def noted(self) -> list[tuple[str, str | None, str]]:
        """(kind, address, detail) of the notes so far."""
        return self._sql.execute("SELECT kind, url, detail FROM notes ORDER BY id").fetchall()

    def met_pages(self) -> Iterator[tuple[str, int]]:
        """(address, state) of every address that this run met as a page."""
        return iter(
            self._sql.execute("SELECT url, state FROM urls WHERE role='page' AND state<>?", (ASLEEP,))
        )

    def all_remembered(self, prefix: str) -> dict[str, int]:
        """The remembered numbers whose key begins with `prefix`, by the rest of the key."""
        rows = self._sql.execute(
            "SELECT substr(key, ?), value FROM progress WHERE substr(key, 1, ?)=?",
            (len(prefix) + 1, len(prefix), prefix),
        )
        return dict(rows.fetchall())

    def finish(
        self, finished_at: dt.datetime, coverage: Mapping[str, Coverage], site: Site | None = None
    ) -> None:
        """Close the run, fold the log into one file and seal the folder with a manifest of hashes."""
        self._sql.execute(
            "UPDATE run SET finished_at=?, coverage=?",
            (
                finished_at.isoformat(),
                json.dumps({k: dataclasses.asdict(c) for k, c in coverage.items()}, ensure_ascii=False),
            ),
        )
        if site is not None:
            self._sql.execute(
                "UPDATE run SET site=?", (json.dumps(dataclasses.asdict(site), ensure_ascii=False),)
            )
        self.forget_unconfirmed()
        self._sql.execute("COMMIT")
        add_indexes(self._sql)
        self._sql.execute("ANALYZE")
        self._sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._sql.execute("PRAGMA journal_mode=DELETE")
        self._closed = True
        self._sql.close()
        seal(self.folder)

    def _string(self, value: str) -> int:
        key = hash(value)
        known = self._string_ids.get(key)
        if known is None:
            plain = _plain(value)
            # A string cleaned of half characters may exist already.
            if value != plain or not self._string_ids.complete:
                known = self._one("SELECT id FROM strings WHERE value=?", plain)
            if known is None:
                known = self._next_string
                self._next_string += 1
                self._sql.execute("INSERT INTO strings VALUES (?,?)", (known, plain))
            self._string_ids[key] = known
        return known

    def _text(self, text: str) -> int | None:
        if not text:
            return None
        data = text.encode("utf-8", "replace")
        sha = hashlib.blake2b(data, digest_size=16).digest()
        known = self._text_ids.get(sha)
        if known is None and not self._text_ids.complete:
            known = self._one("SELECT id FROM texts WHERE sha=?", sha)
        if known is None:
            known = self._next_text
            self._next_text += 1
            body = zlib.compress(self._with_references(text).encode("utf-8", "replace"), 6)
            self._sql.execute("INSERT INTO texts VALUES (?,?,?)", (known, sha, body))
        self._text_ids[sha] = known
        return known

    def _with_references(self, text: str) -> str:
        """`text` with long lines that stood in an earlier text named by the id of that string.

        The same rows, notices and paragraphs stand on many pages. What was seen once is remembered in a table of
        fixed size: a line pushed out of it is written out once more, nothing worse.
        """
        if REFERENCE in text:
            text = text.replace(REFERENCE, " ")
        lines = text.split("\n")
        once = self._lines_once
        for n, line in enumerate(lines):
            if len(line) < LONG_LINE:
                continue
            key = hash(line)
            place = key & (len(once) - 1)
            if key in self._string_ids or once[place] == key:
                lines[n] = f"{REFERENCE}{self._string(line)}"
            else:
                once[place] = key
        return "\n".join(lines)

    def _store_links(self, page_id: int, links: Sequence[Link], depth: int, start: int = 0) -> None:
        block: list[Link] = []
        for position, link in enumerate(links, start):
            if block and link.zone is not block[0].zone:
                self._store_block(page_id, start, block, depth)
                start, block = position, []
            block.append(link)
            if not zlib.crc32(link.url.encode("utf-8", "replace")) & CUT:
                self._store_block(page_id, start, block, depth)
                start, block = position + 1, []
        if block:
            self._store_block(page_id, start, block, depth)

    def _store_block(self, page_id: int, start: int, links: Sequence[Link], depth: int) -> None:
        content = "\n".join(f"{k.url}\t{k.text}\t{k.tag}\t{k.href or ''}" for k in links)
        sha = hashlib.blake2b(
            f"{links[0].zone}\n{content}".encode("utf-8", "replace"), digest_size=16
        ).digest()
        block_id = self._block_ids.get(sha)
        if block_id is None and not self._block_ids.complete:
            block_id = self._one("SELECT id FROM blocks WHERE sha=?", sha)
        if block_id is None:
            block_id = self._next_block
            self._next_block += 1
            self._sql.execute("INSERT INTO blocks VALUES (?,?,?)", (block_id, sha, str(links[0].zone)))
            self._sql.executemany(
                "INSERT INTO links VALUES (?,?,?,?,?,?)",
                [
                    (
                        block_id,
                        position,
                        self.target(k.url, k.tag, depth, page_id),
                        self._string(k.text),
                        self._string(k.tag),
                        self._string(k.href) if k.href is not None else None,
                    )
                    for position, k in enumerate(links)
                ],
            )
        elif self._asleep is not None and block_id not in self._blocks_awake:
            self._blocks_awake.add(block_id)
            for k in links:
                self.target(k.url, k.tag, depth, page_id)
        self._block_ids[sha] = block_id
        self._sql.execute("INSERT INTO page_blocks VALUES (?,?,?)", (page_id, start, block_id))

    def _store_facts(self, page_id: int, facts: Sequence[Fact]) -> None:
        self._sql.executemany(
            "INSERT INTO facts VALUES (?,?,?,?)",
            [
                (page_id, n, f.kind, json.dumps(f.data, ensure_ascii=False, default=str))
                for n, f in enumerate(facts)
            ],
        )


def _frame(reading: Reading) -> str:
    """The lines around the content that are no link labels: what a template adds to a page."""
    if reading.main_text == reading.text:
        return ""
    inside = set(reading.main_text.split("\n"))
    labels = {link.text for link in reading.links}
    return "\n".join(
        line for line in reading.text.split("\n") if line and line not in inside and line not in labels
    )


def seal(folder: Path) -> None:
    """Write the manifest of hashes over the evidence of a finished run."""
    files = {}
    for name in (EVIDENCE_FILE, WARC_FILE):
        path = folder / name
        if path.exists():
            files[name] = {
                "sha256": file_sha256(path),
                "bytes": path.stat().st_size,
                "blocks": block_hashes(path),
            }
    (folder / MANIFEST_FILE).write_text(
        json.dumps({"schema": 1, "block_bytes": BLOCK, "files": files}, indent=1, sort_keys=True) + "\n",
        encoding="utf-8",
    )


BLOCK = 65_536
"""Bytes that share one hash in the manifest, so that a changed byte can be found again."""


def block_hashes(path: Path) -> str:
    """The first 16 hex digits of the SHA-256 of every block of a file, one after the other."""
    with path.open("rb") as handle:
        blocks = iter(lambda: handle.read(BLOCK), b"")
        return " ".join(hashlib.sha256(block).hexdigest()[:16] for block in blocks)


def file_sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
