"""Questions to a run's evidence about links: where they lead, what came of asking, where they stand."""

from __future__ import annotations

import itertools
import json
import operator
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crawler.evidence.opened import Opened, at
from crawler.evidence.records import Fetch, FetchOutcome, LinkPlace, Target, Zone

_MOST_FRAGMENTS = 5_000
"""Parts of one page whose links are looked for: a hostile page could name more than a query may hold."""


_GOOD = (
    "SELECT url_id FROM fetches GROUP BY url_id"
    " HAVING count(*)=1 AND max(outcome)='ok' AND max(final_id) IS NULL AND max(redirects) IS NULL"
)
"""Ids of the targets that were asked once and answered well where they stand."""


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


class Linked(Opened):
    """The part of `Evidence` that knows links."""

    def fetches(self, url_id: int) -> tuple[Fetch, ...]:
        rows = self._sql.execute(
            "SELECT u.url, f.method, f.at, f.outcome, f.attempt, f.status, v.url, f.redirects, f.elapsed_ms, f.bytes,"
            " f.content_type, f.detail FROM fetches f JOIN urls u ON u.id=f.url_id LEFT JOIN urls v ON v.id=f.final_id"
            " WHERE f.url_id=? ORDER BY f.id",
            (url_id,),
        )
        return tuple(_fetch(r) for r in rows)

    def attempts(self, outcome: FetchOutcome) -> Mapping[int, int]:
        """How many attempts had this outcome, by target id."""
        return dict(
            self._sql.execute(
                "SELECT url_id, count(*) FROM fetches WHERE outcome=? GROUP BY url_id", (outcome,)
            ).fetchall()
        )

    def targets(
        self,
        *,
        secure: bool = False,
        turned: bool = False,
        doubtful: bool = False,
        ended_at: Collection[str] = (),
    ) -> Iterator[Target]:
        """Every link target that was asked for, with its attempts, in the order of first sight.

        `secure` only those by https, `turned` those that redirect, `doubtful`
        those that are not among `good_targets`, `ended_at` those that were led to one of these addresses.
        """
        some = [f"u.id NOT IN ({_GOOD})"] if doubtful else []
        if secure:
            some.append("substr(u.url, 1, 6)='https:'")
        if turned:
            some.append("u.id IN (SELECT url_id FROM fetches WHERE redirects<>'' OR outcome='redirect_loop')")
        if ended_at:
            some.append(
                "u.id IN (SELECT url_id FROM fetches WHERE final_id IN"
                " (SELECT id FROM urls WHERE url IN (SELECT value FROM json_each(?))))"
            )
        rows = self._sql.execute(
            "SELECT u.id, u.url, f.control, u.url, f.method, f.at, f.outcome, f.attempt, f.status, v.url, f.redirects,"
            " f.elapsed_ms, f.bytes, f.content_type, f.detail FROM fetches f JOIN urls u ON u.id=f.url_id"
            f" LEFT JOIN urls v ON v.id=f.final_id{' WHERE ' if some else ''}{' AND '.join(some)} ORDER BY u.id, f.id",
            [json.dumps(list(ended_at))] if ended_at else [],
        )
        hosts = set(self.run.site.hosts)
        for _, attempts in itertools.groupby(rows, key=operator.itemgetter(0)):
            asked = list(attempts)
            known = [bool(row[2]) for row in asked if row[2] is not None]
            yield Target(
                id=asked[0][0],
                url=asked[0][1],
                internal=_netloc(asked[0][1]) in hosts,
                fetches=tuple(_fetch(row[3:]) for row in asked),
                control_ok=known[-1] if known else None,
            )

    def good_targets(self) -> Iterator[tuple[str, bool]]:
        """(address, whether it is of this site) of every target that was asked once and answered well where it stands."""
        hosts = set(self.run.site.hosts)
        for (url,) in self._sql.execute(f"SELECT url FROM urls WHERE id IN ({_GOOD}) ORDER BY id"):
            yield url, _netloc(url) in hosts

    def last_answers(self) -> Iterator[tuple[int, str, FetchOutcome, int]]:
        """(target id, address that answered in the end, outcome, when in milliseconds) of every last attempt."""
        for target_id, url, outcome, ms, _ in self._sql.execute(
            "SELECT f.url_id, u.url, f.outcome, f.at, max(f.id) FROM fetches f"
            " JOIN urls u ON u.id=coalesce(f.final_id, f.url_id) GROUP BY f.url_id"
        ):
            yield target_id, url, FetchOutcome(outcome), ms

    def addresses_like(self, masked: str) -> list[str]:
        """The addresses that read as `masked`, in which each * stands for any one character."""
        pattern = masked.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "_")
        rows = self._sql.execute("SELECT url FROM urls WHERE url LIKE ? ESCAPE '\\' ORDER BY id", (pattern,))
        return [url for (url,) in rows]

    def target_at(self, url: str) -> Target | None:
        """One link target with its attempts, None when it was not asked for."""
        rows = self._sql.execute(
            "SELECT u.id, f.control FROM fetches f JOIN urls u ON u.id=f.url_id WHERE u.url=? ORDER BY f.id",
            (url,),
        ).fetchall()
        if not rows:
            return None
        known = [bool(row[1]) for row in rows if row[1] is not None]
        return Target(
            id=rows[0][0],
            url=url,
            internal=_netloc(url) in self.run.site.hosts,
            fetches=self.fetches(rows[0][0]),
            control_ok=known[-1] if known else None,
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

    def places(self, target_id: int) -> list[LinkPlace]:
        """Every place that links to a target, by page and position, its fragment links included."""
        return list(self.each_place(target_id))

    def each_place(self, target_id: int) -> Iterator[LinkPlace]:
        """What `places` lists, one by one: a link of the template stands in a hundred thousand places.

        `pages` counts the pages that share the block the link stands in.
        """
        targets = (target_id, *self._fragments.get(target_id, ())[:_MOST_FRAGMENTS])
        rows = self._sql.execute(
            "SELECT u.url, coalesce(p.title, d.title, ''), s.value, g.value, b.zone, pb.position + l.position, l.block_id"
            " FROM links l JOIN page_blocks pb ON pb.block_id=l.block_id JOIN blocks b ON b.id=l.block_id"
            " JOIN urls u ON u.id=pb.page_id LEFT JOIN pages p ON p.id=pb.page_id"
            " LEFT JOIN documents d ON d.id=pb.page_id JOIN strings s ON s.id=l.text_id JOIN strings g ON g.id=l.tag_id"
            f" WHERE l.target_id IN ({','.join('?' * len(targets))}) ORDER BY pb.page_id, 6",
            targets,
        )
        sharing: dict[int, int] = {}
        for url, title, text, tag, zone, position, block in rows:
            pages = sharing.get(block)
            if pages is None:
                counted = self._sql.execute("SELECT count(*) FROM page_blocks WHERE block_id=?", (block,))
                pages = sharing[block] = counted.fetchone()[0]
            yield LinkPlace(
                page_url=url,
                page_title=title,
                text=text,
                tag=tag,
                zone=Zone(zone),
                position=position,
                pages=pages,
            )

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

    @cached_property
    def _linked(self) -> str:
        """A table of what links say, each once: target_id, text_id, tag_id, href_id, zone.

        It holds a tenth of the links, those that a template repeats only once, and answers many questions.
        """
        self._sql.execute(
            "CREATE TEMP TABLE linked AS SELECT DISTINCT l.target_id, l.text_id, l.tag_id, l.href_id, b.zone"
            " FROM blocks b CROSS JOIN links l ON l.block_id=b.id"
        )
        return "linked"

    def written_links(self) -> Iterator[WrittenLink]:
        """Targets linked by an address with a typing fault, once each."""
        rows = self._sql.execute(
            "SELECT u.id, u.url, min(s.value), (SELECT f.outcome FROM fetches f"
            " WHERE f.url_id=coalesce(u.base_id, u.id) ORDER BY f.id DESC LIMIT 1)"
            f" FROM {self._linked} l"
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
            "SELECT u.id, u.url, max(l.zone='hidden'), max(l.zone<>'hidden')"
            f" FROM {self._linked} l JOIN urls u ON u.id=l.target_id JOIN strings g ON g.id=l.tag_id"
            " WHERE u.role<>'fragment' AND (g.value IN ('a', 'area') OR g.value LIKE 'a[%')"
            " GROUP BY u.id ORDER BY u.id"
        ):
            yield target_id, url, bool(hidden), bool(seen)

    def link_texts(self) -> Iterator[tuple[int, str]]:
        """(target id, text of a link to it), each pair once."""
        yield from self._sql.execute(
            f"SELECT l.target_id, s.value FROM (SELECT DISTINCT target_id, text_id FROM {self._linked}) l"
            " JOIN strings s ON s.id=l.text_id WHERE s.value<>''"
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
            "SELECT u.url, s.value"
            f" FROM (SELECT DISTINCT target_id, text_id FROM {self._linked}) l JOIN urls u ON u.id=l.target_id"
            " JOIN strings s ON s.id=l.text_id WHERE length(s.value) BETWEEN 2 AND 24 ORDER BY u.id, s.value"
        )

    def link_count(self) -> int:
        """Links on all pages together, shared blocks counted once per page."""
        row = self._sql.execute(
            "SELECT total(n * m) FROM (SELECT block_id, count(*) n FROM links GROUP BY block_id)"
            " JOIN (SELECT block_id, count(*) m FROM page_blocks GROUP BY block_id) USING (block_id)"
        ).fetchone()
        return int(row[0])


def _fetch(r: Sequence[Any]) -> Fetch:
    return Fetch(
        url=r[0],
        method=r[1],
        at=at(r[2]),
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


def _netloc(url: str) -> str:
    return url.split("/", 3)[2].lower() if url.count("/") >= 2 else ""
