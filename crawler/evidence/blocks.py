"""A page's links cut into blocks of neighbouring links: what stands on a thousand pages is few blocks, kept once."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from crawler.evidence.records import Link, Reading

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


def cut(links: Sequence[Link], start: int = 0) -> list[Block]:
    """The blocks of a page's links; `start` is the position of the first. No block holds two zones."""
    ends = {n for n, link in enumerate(links, 1) if not zlib.crc32(link[0].encode("utf-8", "replace")) & CUT}
    ends.update(n for n, (one, other) in enumerate(pairwise(links), 1) if one[3] is not other[3])
    if links:
        ends.add(len(links))
    return [_block(start + begin, links[begin:end]) for begin, end in pairwise([0, *sorted(ends)])]


def _block(start: int, links: Sequence[Link]) -> Block:
    zone = str(links[0].zone)
    lines = [f"{url}\t{text}\t{tag}\t{href or ''}" for url, text, tag, _, href in links]
    content = "\n".join((zone, *lines)).encode("utf-8", "replace")
    return Block(start, hashlib.blake2b(content, digest_size=16).digest(), zone, links)


def frame(reading: Reading) -> str:
    """The lines around the content that are no link labels: what a template adds to a page."""
    if reading.main_text == reading.text:
        return ""
    inside = set(reading.main_text.split("\n"))
    labels = {link.text for link in reading.links}
    return "\n".join(
        line for line in reading.text.split("\n") if line and line not in inside and line not in labels
    )
