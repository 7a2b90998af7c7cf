"""A page's links cut into blocks of neighbouring links: what stands on a thousand pages is few blocks, kept once."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from crawler.evidence.records import Link, Reading, Zone

CUT = 15
"""A block of links ends after an address whose checksum has these bits clear: 16 links on average.

Cutting by content and not by count lets two pages share the blocks before and after a difference.
"""


class Block(NamedTuple):
    """`start`: where on the page its first link stands. `links` None: whoever gets it holds the block `sha` names."""

    start: int
    sha: bytes
    zone: str
    links: Sequence[Link] | None


class Run:
    """Neighbouring links from `begin` to `end` with one zone, and no end of a block but, if `closed`, behind the last.

    `packed` is what they add to what a block's `sha` is of; `sha` their own, should they be a block.
    """

    __slots__ = ("begin", "closed", "end", "links", "packed", "sha", "zone")

    def __init__(self, begin: int, links: Sequence[Link], closed: bool) -> None:
        self.begin = begin
        self.end = begin + len(links)
        self.links = links
        self.closed = closed
        self.zone = links[0].zone
        lines = [f"{url}\t{text}\t{tag}\t{href or ''}" for url, text, tag, _, href in links]
        self.packed = "\n".join(lines).encode("utf-8", "replace")
        self.sha = _sha(self.zone, [self.packed]) if closed else b""


class Piece(tuple[Link, ...]):
    """Neighbouring links that stand on many pages: the runs they make are worked out once."""

    @cached_property
    def runs(self) -> list[Run]:
        return _runs(self)


def cut(links: Sequence[Link], start: int = 0, pieces: Iterable[tuple[int, Piece]] = ()) -> list[Block]:
    """The blocks of a page's links; `start` is the position of the first. No block holds two zones.

    `pieces` are the pieces among the links, each after the place its first link has in `links`.
    """
    blocks: list[Block] = []
    begin, zone = 0, Zone.BODY
    waiting: list[bytes] = []
    """What is packed of the block that is open."""
    for first, runs in _all_runs(links, pieces):
        for run in runs:
            if waiting and run.zone is not zone:
                blocks.append(
                    Block(start + begin, _sha(zone, waiting), str(zone), links[begin : first + run.begin])
                )
                waiting = []
            if not waiting:
                begin, zone = first + run.begin, run.zone
                if run.closed:
                    blocks.append(Block(start + begin, run.sha, str(zone), run.links))
                    continue
            waiting.append(run.packed)
            if run.closed:
                blocks.append(
                    Block(start + begin, _sha(zone, waiting), str(zone), links[begin : first + run.end])
                )
                waiting = []
    if waiting:
        blocks.append(Block(start + begin, _sha(zone, waiting), str(zone), links[begin:]))
    return blocks


def _all_runs(
    links: Sequence[Link], pieces: Iterable[tuple[int, Piece]]
) -> Iterator[tuple[int, Sequence[Run]]]:
    """The runs of all links, with the place their positions count from."""
    at = 0
    for first, piece in pieces:
        if at < first:
            yield at, _runs(links[at:first])
        yield first, piece.runs
        at = first + len(piece)
    if at < len(links):
        yield at, _runs(links[at:])


def _runs(links: Sequence[Link]) -> list[Run]:
    runs = []
    begin = 0
    for n, link in enumerate(links, 1):
        closed = not zlib.crc32(link[0].encode("utf-8", "replace")) & CUT
        if closed or n == len(links) or links[n][3] is not link[3]:
            runs.append(Run(begin, links[begin:n], closed))
            begin = n
    return runs


def _sha(zone: Zone, packed: Sequence[bytes]) -> bytes:
    return hashlib.blake2b(b"\n".join((zone.encode(), *packed)), digest_size=16).digest()


def frame(reading: Reading) -> str:
    """The lines around the content that are no link labels: what a template adds to a page."""
    if reading.main_text == reading.text:
        return ""
    inside = set(reading.main_text.split("\n"))
    labels = {link.text for link in reading.links}
    return "\n".join(
        line for line in reading.text.split("\n") if line and line not in inside and line not in labels
    )
