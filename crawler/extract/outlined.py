"""What one walk over a page found: visible text, places of addresses, zones, anchors, meta tags, blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from crawler.evidence.records import Zone

if TYPE_CHECKING:
    from crawler.evidence.blocks import Piece
    from crawler.extract.stretches import Stretch

GAP = ("", " ", "\t", "\n")
"""The white space between two words that a walk parted by 0 to 3."""

_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_WRAPPED = re.compile(rf"(?<=[{_CJK}])\s*\n\s*(?=[{_CJK}])")


class Place:
    """An address on the page as it stands there. Its text is final once its element has ended."""

    __slots__ = ("href", "tag", "text")

    def __init__(self, tag: str, href: str, text: str) -> None:
        self.tag = tag
        self.href = href
        self.text = text


class Block(NamedTuple):
    """A container: `start` and `end` index `Outline.parts`, `weight` its characters outside links, `labels` those
    inside. `named` says its name marks it as the content, `frame` that it is a menu, header or footer."""

    parent: int
    start: int
    end: int
    weight: int
    labels: int
    named: bool
    frame: bool


@dataclass
class Outline:
    """What one walk found. `parts` joined are the visible text; `blocks` stand in order of their beginnings.

    `zones` holds the zone of each of `places`. `stretches` says from which place to which a kept stretch was taken.
    """

    parts: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    zones: list[Zone] = field(default_factory=list)
    stretches: list[tuple[int, int, Stretch]] = field(default_factory=list)
    pieces: list[tuple[int, Piece]] = field(default_factory=list)
    """The links of stretches, each after the place of its first among the page's links: noted by `links`."""
    anchors: set[str] = field(default_factory=set)
    meta: dict[str, str] = field(default_factory=dict)
    headings: list[tuple[str, str]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    article: str = ""
    """The content that a script carries as HTML, when the page is built that way."""
    lang: str = ""
    base: str | None = None
    """The first <base href>."""

    @cached_property
    def text(self) -> str:
        return "".join(self.parts)


def plain(text: str) -> str:
    """`text` with white space as a reader sees it: single spaces, none where a Chinese line was wrapped."""
    text = text.strip()
    if "\n" in text:
        text = _WRAPPED.sub("", text)
    return " ".join(text.split())


def label(parts: list[str], start: int) -> str:
    """What was said from `start` on, on one line."""
    if len(parts) <= start:
        return ""
    if parts[start] in GAP:
        start += 1
    if len(parts) == start + 1:
        return parts[start]
    text = "".join(parts[start:])
    return plain(text.replace("\t", " ")) if "\n" in text or "\t" in text else text.strip()
