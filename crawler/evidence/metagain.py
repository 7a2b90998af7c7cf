"""What an earlier run saw of a site, while this one meets it again: taken over, replaced or removed."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from crawler.evidence.addresses import Addresses, Classify, milliseconds
from crawler.evidence.earlier import ASLEEP, source_of
from crawler.evidence.ids import Ids
from crawler.evidence.records import Fetch
from crawler.evidence.rows import Rows

_MOST_BLOCKS = 50_000
"""Ids kept at hand: enough that a site of some ten thousand pages never looks one up."""

_FURTHER = {"next-pages": "a", "data-calls": "data"}
"""Facts that name addresses which are no links, and the tag these are met with."""

_OF_A_PAGE = (
    ("items", "page_id"), ("facts", "page_id"), ("mandated", "page_id"), ("page_blocks", "page_id"), ("pages", "id"),
    ("documents", "id"), ("unconfirmed", "id"), ("captured", "id"),
)  # fmt: skip


@dataclass(slots=True)
class _Unchanged:
    """What carrying a page or document over needs: when its body was received, and where it leads.

    `blocks` are those that were not met yet, each with (address, tag) of what slept in it.
    """

    captured: dt.datetime | None = None
    blocks: list[tuple[int, list[tuple[str, str]]]] = field(default_factory=list)
    further: list[tuple[str, str]] = field(default_factory=list)


class MetAgain(Addresses):
    def __init__(self, rows: Rows, classify: Classify) -> None:
        super().__init__(rows, classify)
        self._block_ids = self._blocks_at_hand()
        self._next_block = 1 + (rows.one("SELECT max(id) FROM blocks") or 0)
        self._blocks_met = bytearray(0 if self._asleep is None else self._next_block)
        """Which blocks of the earlier run this one has met the addresses of, by id."""
        self._ahead: dict[int, _Unchanged] = {}
        self._calls_before: dict[int, list[str]] = {}
        if self._asleep is not None:
            for page, url in rows.execute(
                "SELECT found_on, url FROM urls WHERE role='data' AND state=? AND found_on IS NOT NULL ORDER BY id",
                (ASLEEP,),
            ):
                self._calls_before.setdefault(page, []).append(url)

    def _blocks_at_hand(self) -> Ids[bytes]:
        return Ids(_MOST_BLOCKS, self._rows.execute("SELECT sha, id FROM blocks ORDER BY id DESC"))

    def validators(self, targets: Collection[int]) -> dict[int, tuple[str | None, str | None]]:
        """(etag, modified) of those addresses whose page or document an earlier run holds; the rest is to be asked afresh."""
        if self._asleep is None:
            return {}
        rows = self._each(
            targets,
            "SELECT v.id, v.etag, v.modified FROM json_each(?) j CROSS JOIN unconfirmed n ON n.id=j.value"
            " JOIN validators v ON v.id=n.id",
        )
        return {target: (etag, modified) for target, etag, modified in rows}

    def calls_before(self, target: int | None, body_sha256: bytes) -> Sequence[str]:
        """The data calls with which an earlier run completed a page, when its source is still the same."""
        if target is None or target not in self._calls_before:
            return ()
        same = self.remembered(f"source:{target}") == source_of(body_sha256)
        return self._calls_before[target] if same else ()

    def held(self, targets: Collection[int]) -> dict[int, bytes]:
        """The bodies' hashes of those pages and documents that an earlier run holds and this one has not met yet."""
        if self._asleep is None:
            return {}
        rows = self._each(
            targets,
            "SELECT n.id, coalesce(p.body_sha256, d.body_sha256) FROM json_each(?) j"
            " CROSS JOIN unconfirmed n ON n.id=j.value LEFT JOIN pages p ON p.id=n.id LEFT JOIN documents d ON d.id=n.id",
        )
        return dict(rows)

    def look_ahead(self, targets: Collection[int]) -> None:
        """Ask at once for what carrying over these pages and documents needs, one after the other."""
        found = {target: _Unchanged() for target in targets}
        for target, at in self._each(
            found, "SELECT c.id, c.at FROM json_each(?) j CROSS JOIN captured c ON c.id=j.value"
        ):
            found[target].captured = dt.datetime.fromtimestamp(at / 1000, dt.UTC)
        links: dict[int, list[tuple[str, str]]] = {}
        for target, block in self._each(
            found,
            "SELECT b.page_id, b.block_id FROM json_each(?) j CROSS JOIN page_blocks b ON b.page_id=j.value",
        ):
            if not self._block_met(block):
                found[target].blocks.append((block, links.setdefault(block, [])))
        # Nearly all that is linked was met before: only for the rest are addresses asked.
        asleep = self._asleep or b""
        known = len(asleep)
        rows = [
            (block, target, tag)
            for block, target, tag in self._each(
                links,
                "SELECT l.block_id, l.target_id, l.tag_id FROM json_each(?) j CROSS JOIN links l ON l.block_id=j.value",
            )
            if target < known and asleep[target]
        ]
        urls = dict(
            self._each(
                {target for _, target, _ in rows},
                "SELECT u.id, u.url FROM json_each(?) j CROSS JOIN urls u ON u.id=j.value",
            )
        )
        tags = dict(
            self._each(
                {tag for _, _, tag in rows},
                "SELECT s.id, s.value FROM json_each(?) j CROSS JOIN strings s ON s.id=j.value",
            )
        )
        for block, target, tag in rows:
            links[block].append((urls[target], tags[tag]))
        for page, url in self._each(
            found,
            "SELECT i.page_id, u.url FROM json_each(?) j CROSS JOIN items i ON i.page_id=j.value"
            f" JOIN urls u ON u.id=i.target_id AND u.state={ASLEEP}",
        ):
            found[page].further.append((url, "a"))
        for kind, tag in _FURTHER.items():
            for page, data in self._each(
                found,
                "SELECT f.page_id, f.data FROM json_each(?) j CROSS JOIN facts f ON f.page_id=j.value"
                f" AND f.kind='{kind}'",
            ):
                found[page].further += ((url, tag) for url in json.loads(data)["urls"])
        self._ahead |= found

    def carry_over(self, target: int, fetch: Fetch, depth: int) -> dt.datetime | None:
        """Take an unchanged page or document over from the earlier run, and meet everything it links to.

        Returns when its body was received.
        """
        if target not in self._ahead:
            self.look_ahead([target])
        unchanged = self._ahead.pop(target)
        self._rows.later("DELETE FROM unconfirmed WHERE id=?", [(target,)])
        self._rows.later(
            "UPDATE pages SET seen_at=?, depth=? WHERE id=?", [(milliseconds(fetch.at), depth, target)]
        )
        for block, leads in unchanged.blocks:
            if not self._block_met(block):
                self._blocks_met[block] = 1
                for url, tag in leads:
                    self.target(url, tag, depth, target)
        for url, tag in unchanged.further:
            self.target(url, tag, depth, target)
        return unchanged.captured

    def _block_met(self, block: int) -> bool:
        return block >= len(self._blocks_met) or self._blocks_met[block] == 1

    def _each(self, ids: Collection[int], statement: str) -> sqlite3.Cursor:
        """Rows of many ids by one statement, whose parameter is their list."""
        return self._rows.execute(statement, (json.dumps(list(ids)),))

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
        stray = self._rows.execute(
            "SELECT id FROM blocks WHERE id NOT IN (SELECT block_id FROM page_blocks)"
        ).fetchall()
        if stray:
            self._rows.executemany("DELETE FROM links WHERE block_id=?", stray)
            self._rows.executemany("DELETE FROM blocks WHERE id=?", stray)
            self._block_ids = self._blocks_at_hand()
