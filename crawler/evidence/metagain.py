"""What an earlier run saw of a site, while this one meets it again: taken over, replaced or removed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from crawler.evidence.addresses import Addresses, Classify, milliseconds
from crawler.evidence.earlier import ASLEEP, source_of
from crawler.evidence.ids import Ids
from crawler.evidence.records import Fetch
from crawler.evidence.rows import Rows

_MOST_BLOCKS = 50_000
"""Ids kept at hand: enough that a site of some ten thousand pages never looks one up."""

_OF_A_PAGE = (
    ("items", "page_id"), ("facts", "page_id"), ("mandated", "page_id"), ("page_blocks", "page_id"), ("pages", "id"),
    ("documents", "id"), ("unconfirmed", "id"), ("captured", "id"),
)  # fmt: skip


class MetAgain(Addresses):
    def __init__(self, rows: Rows, classify: Classify) -> None:
        super().__init__(rows, classify)
        self._block_ids = self._blocks_at_hand()
        self._next_block = 1 + (rows.one("SELECT max(id) FROM blocks") or 0)
        self._blocks_awake: set[int] = set()
        """Blocks of the earlier run whose addresses this one has met."""
        self._calls_before: dict[int, list[str]] = {}
        if self._asleep is not None:
            for page, url in rows.execute(
                "SELECT found_on, url FROM urls WHERE role='data' AND state=? AND found_on IS NOT NULL ORDER BY id",
                (ASLEEP,),
            ):
                self._calls_before.setdefault(page, []).append(url)

    def _blocks_at_hand(self) -> Ids[bytes]:
        return Ids(_MOST_BLOCKS, self._rows.execute("SELECT sha, id FROM blocks ORDER BY id DESC"))

    def validators(self, target: int) -> tuple[str | None, str | None] | None:
        """(etag, modified) of an address whose page or document an earlier run holds; None when it is to be asked afresh."""
        if self._asleep is None:
            return None
        row = self._rows.execute(
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
        found: bytes | None = self._rows.one(
            "SELECT coalesce(p.body_sha256, d.body_sha256) FROM unconfirmed n LEFT JOIN pages p ON p.id=n.id"
            " LEFT JOIN documents d ON d.id=n.id WHERE n.id=?",
            target,
        )
        return found

    def captured(self, target: int) -> dt.datetime | None:
        """When the body of a page or document that an earlier run holds was received."""
        at = self._rows.one("SELECT at FROM captured WHERE id=?", target)
        return None if at is None else dt.datetime.fromtimestamp(at / 1000, dt.UTC)

    def carry_over(self, target: int, fetch: Fetch, depth: int) -> None:
        """Take an unchanged page or document over from the earlier run, and meet everything it links to."""
        self._rows.execute("DELETE FROM unconfirmed WHERE id=?", (target,))
        self._rows.execute(
            "UPDATE pages SET seen_at=?, depth=? WHERE id=?", (milliseconds(fetch.at), depth, target)
        )
        blocks = [
            b for (b,) in self._rows.execute("SELECT block_id FROM page_blocks WHERE page_id=?", (target,))
        ]
        for block in blocks:
            if block in self._blocks_awake:
                continue
            self._blocks_awake.add(block)
            rows = self._rows.execute(
                "SELECT u.url, s.value FROM links l JOIN urls u ON u.id=l.target_id JOIN strings s ON s.id=l.tag_id"
                " WHERE l.block_id=? ORDER BY l.position",
                (block,),
            ).fetchall()
            for url, tag in rows:
                self.target(url, tag, depth, target)
        rows = self._rows.execute(
            "SELECT u.url FROM items i JOIN urls u ON u.id=i.target_id WHERE i.page_id=? AND u.state=?",
            (target, ASLEEP),
        ).fetchall()
        for (url,) in rows:
            self.target(url, "a", depth, target)
        for kind, tag in (("next-pages", "a"), ("data-calls", "data")):
            data = self._rows.one("SELECT data FROM facts WHERE page_id=? AND kind=?", target, kind)
            for url in json.loads(data)["urls"] if data else ():
                self.target(url, tag, depth, target)

    def _forget(self, target: int) -> None:
        """Remove what an earlier run stored under an address."""
        for table, column in _OF_A_PAGE:
            self._rows.execute(f"DELETE FROM {table} WHERE {column}=?", (target,))

    def keep_unseen(self) -> None:
        """Let what the earlier run held stand where this one could not look: neither gone nor answered otherwise."""
        self._rows.execute(
            "DELETE FROM unconfirmed WHERE id NOT IN (SELECT f.url_id FROM fetches f WHERE f.outcome IN ('ok',"
            " 'truncated') OR f.status IN (404, 410) AND f.attempt=(SELECT max(g.attempt) FROM fetches g"
            " WHERE g.url_id=f.url_id) AND f.outcome='http_error')"
        )

    def gone_pages(self, limit: int) -> list[tuple[str, int | None]]:
        """Pages of the earlier run that this one did not find again: (address, status it answered when asked)."""
        rows = self._rows.execute(
            "SELECT u.url, max(f.status) FROM unconfirmed n JOIN pages p ON p.id=n.id JOIN urls u ON u.id=n.id"
            " LEFT JOIN fetches f ON f.url_id=u.id WHERE u.state=? OR f.status IN (404, 410) GROUP BY u.id LIMIT ?",
            (ASLEEP, limit),
        )
        return [(url, status) for url, status in rows]

    def forget_unconfirmed(self) -> None:
        """Remove what an earlier run held and this one did not meet, and the blocks that no page holds any more."""
        if self._asleep is None:
            return
        gone = [i for (i,) in self._rows.execute("SELECT id FROM unconfirmed")]
        for target in gone:
            self._forget(target)
        self._rows.execute("DELETE FROM links WHERE block_id NOT IN (SELECT block_id FROM page_blocks)")
        self._rows.execute("DELETE FROM blocks WHERE id NOT IN (SELECT block_id FROM page_blocks)")
        self._block_ids = self._blocks_at_hand()
