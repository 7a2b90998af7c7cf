"""Elements that a walk has entered and not yet left, with what its counters stood at then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.evidence.records import Zone
from crawler.extract.outlined import Place
from crawler.extract.stretches import Key

if TYPE_CHECKING:
    from crawler.extract.outline import Walk


class OpenLink:
    """An <a> that is open: where its words start, and the address they belong to."""

    __slots__ = ("outer", "place", "start")

    def __init__(self, outer: bool, start: int) -> None:
        self.outer = outer
        self.start = start
        self.place: Place | None = None


class OpenHeading:
    __slots__ = ("start", "tag")

    def __init__(self, tag: str, start: int) -> None:
        self.tag = tag
        self.start = start


class OpenBlock:
    """A container that is open. The counters hold what they stood at when it was opened."""

    __slots__ = (
        "chars",
        "frame",
        "gap",
        "index",
        "named",
        "parent",
        "places",
        "spot",
        "start",
        "tag",
        "weight",
        "zone",
    )

    def __init__(
        self, tag: str, gap: int, zone: Zone, frame: bool, named: bool, index: int, spot: int, walk: Walk
    ) -> None:
        self.tag = tag
        self.gap = gap
        self.zone = zone
        self.frame = frame
        self.named = named
        self.index = index
        self.parent = walk.open_block
        self.spot = spot
        self.start = len(walk.found.parts)
        self.places = len(walk.found.places)
        self.weight = walk.weight
        self.chars = walk.chars


class Recording:
    """A stretch being walked that will be kept: what the counters stood at when it was opened."""

    __slots__ = ("anchors", "block", "footers", "frames", "headings", "key", "labels_left", "links", "node")

    def __init__(self, key: Key, block: OpenBlock, node: int, walk: Walk) -> None:
        self.key = key
        self.block = block
        self.node = node
        self.anchors = len(walk.anchors)
        self.headings = len(walk.found.headings)
        self.frames = len(walk.frames)
        self.footers = len(walk.footers)
        self.labels_left = walk.labels_left
        self.links = walk.links_opened
