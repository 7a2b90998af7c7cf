"""The addresses of a run: their ids, what they are asked for, and what came of asking."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crawler.evidence.earlier import ASLEEP
from crawler.evidence.ids import Ids
from crawler.evidence.records import Fetch, FetchOutcome
from crawler.evidence.rows import Rows
from crawler.evidence.texts import Texts, plain

WAITING, DONE, LEFT_OUT = 0, 1, 2

FRONT = (-1, 0)
"""Before every target that waits, as (turn, id)."""

_MOST_URLS = 100_000
"""Ids kept at hand: enough that a site of some ten thousand pages never looks one up."""


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


def milliseconds(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)


class Addresses:
    """Met once each, and asleep while only an earlier run has met them."""

    def __init__(self, rows: Rows, classify: Classify) -> None:
        self._rows = rows
        self._texts = Texts(rows)
        self._classify = classify
        # Keyed by hash to stay small; Python's salted hash cannot be steered.
        self._url_ids: Ids[int] = Ids(
            _MOST_URLS, ((hash(u), i) for u, i in rows.execute("SELECT url, id FROM urls ORDER BY id DESC"))
        )
        self._next_url = 1 + (rows.one("SELECT max(id) FROM urls") or 0)
        self._asleep = (
            bytearray(self._next_url)
            if rows.one(
                "SELECT 1 FROM urls WHERE state=? UNION ALL SELECT 1 FROM unconfirmed LIMIT 1", ASLEEP
            )
            else None
        )
        if self._asleep is not None:
            for (i,) in rows.execute("SELECT id FROM urls WHERE state=?", (ASLEEP,)):
                self._asleep[i] = 1
        self._turned = (
            self._asleep is not None and rows.one("SELECT 1 FROM urls WHERE turn<>0 LIMIT 1") is not None
        )
        self.woken: int | None = None
        """The lowest id among the targets that came in front of others since this was last reset."""

    def target(self, url: str, tag: str = "a", depth: int = 0, found_on: int | None = None) -> int:
        """The id of an address, given once; a new one is classified and waits or is left out."""
        known = self._url_ids.young.get(hash(url))
        if known is None:
            known = self.url_id(url)
        if known is not None:
            if self._asleep is not None and known < len(self._asleep) and self._asleep[known]:
                self._wake(known, plain(url), tag, depth, found_on)
            return known
        key = hash(url)
        cleaned = plain(url)
        if cleaned != url:
            # An address cleaned of half characters may exist already.
            self._url_ids[key] = alias = self.target(cleaned, tag, depth, found_on)
            return alias
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
        self._rows.urls[url] = (new, url, role, state, at_depth, found_on, base_id)
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
        self._rows.met.append((role, state, at_depth, found_on, known))
        self.woken = known if self.woken is None else min(known, self.woken)

    def set_target(self, url: str, role: str, state: int, depth: int = 0) -> int:
        """Add or change an address with an explicit role and state (start page, seeds, promoted targets)."""
        known = self.url_id(url)
        if known is None:
            new = self._next_url
            self._next_url += 1
            self._url_ids[hash(url)] = new
            self._rows.urls[url] = (new, url, role, state, depth, None, None)
            return new
        if self._asleep is not None and known < len(self._asleep):
            self._asleep[known] = 0
        change = "UPDATE urls SET role=?1, state=?2 WHERE id=?3 AND (role<>?1 OR state<>?2)"
        if state == DONE:
            self._rows.later(change, [(role, state, known)])
        else:
            # What comes back after it was asked for must not be taken for done.
            self._rows.execute(change, (role, state, known))
        return known

    def waiting(self, role: str, limit: int, after: tuple[int, int] = FRONT) -> list[Waiting]:
        """Up to `limit` targets that wait to be asked for, by turn and then in the order they were met.

        `after` is the turn and id of the target to go on from.
        """
        rows = self._rows.execute(
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
            known = self._rows.url_id(plain(url))
            if known is not None:
                self._url_ids[key] = known
        return known

    def keep_validators(self, target: int, etag: str | None, modified: str | None) -> None:
        """Remember what a server calls the state of an address, to ask next time whether it changed."""
        if etag or modified:
            self._rows.later("INSERT OR REPLACE INTO validators VALUES (?,?,?)", [(target, etag, modified)])

    def found_on(self, target: int) -> int | None:
        """The id of the page that a target was first met on."""
        found: int | None = self._rows.one("SELECT found_on FROM urls WHERE id=?", target)
        return found

    def counts(self) -> dict[str, int]:
        """Targets by "role:state" (states 0 waiting, 1 done, 2 left out)."""
        rows = self._rows.execute("SELECT role, state, count(*) FROM urls GROUP BY role, state")
        return {f"{role}:{state}": n for role, state, n in rows}

    def met_pages(self) -> Iterator[tuple[str, int]]:
        """(address, state) of every address that this run met as a page."""
        return iter(
            self._rows.execute("SELECT url, state FROM urls WHERE role='page' AND state<>?", (ASLEEP,))
        )

    def listed(self) -> list[Waiting]:
        """The addresses of the earlier run that still sleep, in the order they were met."""
        rows = self._rows.execute(
            "SELECT id, url, role, depth FROM urls WHERE state=? ORDER BY id", (ASLEEP,)
        )
        return [Waiting(id=i, url=u, role=r, depth=d) for i, u, r, d in rows]

    def store_fetch(self, fetch: Fetch, *, depth: int = 0, control: bool | None = None) -> int:
        """Record one attempt and mark its target done. Returns the target's id."""
        url_id = self.target(fetch.url, "a", depth)
        final_id = None
        if fetch.final_url and fetch.final_url != fetch.url:
            final_id = self.target(fetch.final_url, "redirect", depth, url_id)
        self._rows.later(
            "INSERT INTO fetches (url_id, attempt, method, at, outcome, status, final_id, redirects, elapsed_ms,"
            " bytes, content_type, detail, control) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [(
                url_id,
                fetch.attempt,
                fetch.method,
                milliseconds(fetch.at),
                str(fetch.outcome),
                fetch.status,
                final_id,
                json.dumps(fetch.redirects, ensure_ascii=False) if fetch.redirects else None,
                fetch.elapsed_ms,
                fetch.bytes,
                fetch.content_type,
                fetch.detail,
                None if control is None else int(control),
            )],
        )  # fmt: skip
        self._rows.later("UPDATE urls SET state=1 WHERE id=?", [(url_id,)])
        return url_id

    def attempted(self, target: int, attempt: int) -> bool:
        """Whether this attempt at a target is already recorded."""
        return (
            self._rows.one("SELECT 1 FROM fetches WHERE url_id=? AND attempt=?", target, attempt) is not None
        )

    def one_that_worked(self, netloc: str) -> str | None:
        """An address of a host that was answered well in this run."""
        for scheme in ("http", "https"):
            start = f"{scheme}://{netloc}/"
            found: str | None = self._rows.one(
                "SELECT u.url FROM urls u JOIN fetches f ON f.url_id=u.id WHERE u.url>=? AND u.url<? AND f.outcome='ok'"
                " ORDER BY u.id LIMIT 1",
                start,
                start + "\U0010ffff",
            )
            if found is not None:
                return found
        return None

    def failed(self) -> list[tuple[Waiting, Fetch]]:
        """Targets whose walk ended in a failure and which no second look was given yet, with their last attempt."""
        rows = self._rows.execute(
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

    def remember(self, key: str, value: int) -> None:
        """Keep a number for the continuation of this run, in the same transaction as the rest."""
        self._rows.execute("INSERT OR REPLACE INTO progress VALUES (?,?)", (key, value))

    def remembered(self, key: str) -> int | None:
        found: int | None = self._rows.one("SELECT value FROM progress WHERE key=?", key)
        return found

    def all_remembered(self, prefix: str) -> dict[str, int]:
        """The remembered numbers whose key begins with `prefix`, by the rest of the key."""
        rows = self._rows.execute(
            "SELECT substr(key, ?), value FROM progress WHERE substr(key, 1, ?)=?",
            (len(prefix) + 1, len(prefix), prefix),
        )
        return dict(rows.fetchall())
