"""What walking a stretch of a page gave, kept for the pages that hold the same stretch.

Menus, side columns and footers are the same from page to page, so most of a page has been walked before.
A stretch is one element with all it holds. It is known by its HTML and by what the walk brought along
when it came to it; what is kept is what the walk added, counted from where the stretch begins.
One process reads its pages one after the other: nothing here is locked.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from crawler.evidence.blocks import Piece
    from crawler.evidence.records import Zone
    from crawler.extract.outlined import Block, Place

MOST_BYTES = 12_000_000
"""Held by all kept stretches together, in one process."""
LONGEST = 200_000
"""Characters of HTML of a stretch that is kept."""
SHORTEST = 250
"""A shorter stretch is walked as quickly as it is looked up."""
MOST_MISSED = 80_000
"""Characters of HTML written out on one page for stretches that turned out to be new."""

_SEEN = 16_384
_SPOTS = 16_384
_TRIES = -6
_PAUSE = -40
_CREDIT = 12
_BASES = 16


class Key(NamedTuple):
    """`zone` as inherited, `first` when nothing was said before it, `hidden` the names that styles put out of sight."""

    html: str
    zone: Zone
    first: bool
    hidden: frozenset[str]


class Stretch:
    """What one stretch adds to a walk; see `outline` for the fields. Positions count from the stretch's beginning,
    a block without a parent inside has the parent -1. `label` is None when no link opened.
    """

    __slots__ = (
        "anchors",
        "blocks",
        "bytes",
        "chars",
        "footers",
        "frames",
        "headings",
        "kept",
        "label",
        "labels_read",
        "links",
        "loose",
        "nodes",
        "parts",
        "places",
        "rooted",
        "weight",
        "zones",
    )

    def __init__(
        self,
        *,
        nodes: int,
        parts: list[str],
        places: list[Place],
        zones: list[Zone],
        anchors: list[str],
        headings: list[tuple[str, str]],
        blocks: list[Block],
        frames: list[tuple[int, int, int]],
        footers: list[tuple[int, int, int]],
        weight: int,
        chars: int,
        label: str | None,
        labels_read: int,
    ) -> None:
        self.nodes = nodes
        self.parts = parts
        self.places = places
        self.zones = zones
        self.anchors = anchors
        self.headings = headings
        self.blocks = blocks
        self.frames = frames
        self.footers = footers
        self.weight = weight
        self.chars = chars
        self.label = label
        self.labels_read = labels_read
        self.links: dict[object, tuple[Piece, ...]] = {}
        """Resolved by `links`: by what they were resolved against, the links between one loose place and the next."""
        self.loose: tuple[int, ...] = ()
        """Places whose links are each page's own."""
        self.rooted: bool | None = None
        """Whether the other links are the same on the whole host; None before `links` has looked."""
        self.kept = False
        self.bytes = 0
        """Counted by the store, once it is kept."""

    def size(self) -> int:
        """Bytes, about."""
        return (
            sum(map(sys.getsizeof, self.parts))
            + sum(sys.getsizeof(place.href) + sys.getsizeof(place.text) + 80 for place in self.places)
            + 140 * len(self.blocks)
            + 1_000
        )


class Stretches:
    """The stretches kept in this process, the least recently met forgotten first, and where on a page they are met.

    A spot is a place in the site's templates, named by a number. Where stretches are always new (the article, the
    list of the day) asking costs more than it brings: such a spot is asked again only now and then.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._kept: OrderedDict[Key, Stretch] = OrderedDict()
        self._seen: dict[int, None] = {}
        self._spots: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def worth(self, spot: int) -> bool:
        """Whether to ask at this spot."""
        score = self._spots.get(spot, 0)
        if score >= _TRIES:
            return True
        self._spots[spot] = score + 1
        return False

    def missed(self, spot: int) -> None:
        score = self._spots.get(spot, 0) - 1
        if score < _TRIES:
            score = _PAUSE
        elif len(self._spots) >= _SPOTS and spot not in self._spots:
            self._spots.clear()
        self._spots[spot] = score

    def find(self, key: Key, spot: int) -> Stretch | None:
        found = self._kept.get(key)
        if found is None:
            self.missed(spot)
            return None
        self._kept.move_to_end(key)
        self._spots[spot] = min(_CREDIT, max(0, self._spots.get(spot, 0)) + 3)
        return found

    def seen(self, key: Key) -> bool:
        """Whether this stretch was met before: the first time it may well be the last, too."""
        number = hash(key)
        if number in self._seen:
            return True
        if len(self._seen) >= _SEEN:
            del self._seen[next(iter(self._seen))]
        self._seen[number] = None
        return False

    def keep(self, key: Key, stretch: Stretch) -> None:
        if key in self._kept:
            return
        stretch.kept = True
        self._kept[key] = stretch
        self._grown(stretch, sys.getsizeof(key.html) + stretch.size())

    def keep_links(self, stretch: Stretch, base: object, links: tuple[Piece, ...]) -> None:
        """Keep the links of `stretch` as resolved against `base`."""
        if stretch.kept:
            more = 500 + 250 * sum(map(len, links))
            if len(stretch.links) >= _BASES:
                del stretch.links[next(iter(stretch.links))]
                more = 0
            stretch.links[base] = links
            self._grown(stretch, more)

    def _grown(self, stretch: Stretch, more: int) -> None:
        """Count what a stretch has taken, and forget old ones when they take too much."""
        stretch.bytes += more
        self.bytes += more
        while self.bytes > self.most_bytes and self._kept:
            oldest = self._kept.popitem(last=False)[1]
            oldest.kept = False
            self.bytes -= oldest.bytes

    def clear(self) -> None:
        self.__init__(self.most_bytes)  # type: ignore[misc]


STRETCHES = Stretches()
