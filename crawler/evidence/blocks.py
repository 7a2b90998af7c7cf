"""A page's links cut into blocks of neighbouring links: what stands on a thousand pages is few blocks, kept once."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
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
    blocks: list[Block] = []
    lines: list[str] = []
    begin = 0
    zone = links[0].zone if links else None
    for n, (url, text, tag, now, href) in enumerate(links):
        if now is not zone:
            if lines:
                blocks.append(_block(start + begin, links[begin:n], lines))
            begin, zone, lines = n, now, []
        lines.append(f"{url}\t{text}\t{tag}\t{href or ''}")
        if not zlib.crc32(url.encode("utf-8", "replace")) & CUT:
            blocks.append(_block(start + begin, links[begin : n + 1], lines))
            begin, lines = n + 1, []
    if lines:
        blocks.append(_block(start + begin, links[begin:], lines))
    return blocks


def _block(start: int, links: Sequence[Link], lines: list[str]) -> Block:
    zone = str(links[0].zone)
    content = "\n".join((zone, *lines))
    sha = hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=16).digest()
    return Block(start, sha, zone, links)


def frame(reading: Reading) -> str:
    """The lines around the content that are no link labels: what a template adds to a page."""
    if reading.main_text == reading.text:
        return ""
    inside = set(reading.main_text.split("\n"))
    labels = {link.text for link in reading.links}
    return "\n".join(
        line for line in reading.text.split("\n") if line and line not in inside and line not in labels
    )
