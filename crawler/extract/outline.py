"""One walk over a parsed page: visible text, places of addresses, zones, anchors, meta tags, content block.

A page is walked once because building the nodes is what costs. What the walk notes down is turned
into links by `links` and into titles and main text by `text`.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.evidence.records import Zone
from crawler.extract.addressed import ADDRESSED, MOST_LINKS, RARE, WORDED, Addresses
from crawler.extract.opened import OpenBlock, OpenHeading, OpenLink, Recording
from crawler.extract.outlined import GAP, Block, Outline, label, plain
from crawler.extract.stretches import LONGEST, MOST_MISSED, SHORTEST, STRETCHES, Key, Stretch, Stretches
from crawler.extract.zones import (
    BODY,
    BODY_TAGS,
    FOOTER,
    FRAME_TAGS,
    NAV,
    NO_FRAME_TAGS,
    OUT_OF_SIGHT,
    PARTS,
    is_content,
    is_planted,
    is_telling,
    out_of_sight,
    part,
)  # fmt: skip

MOST_NODES = 400_000

_FOOTER_PHRASE = re.compile("|".join(map(re.escape, PARTS["footer"]["phrases"])))

_GAPS = dict.fromkeys(PARTS["text"]["blocks"], 3) | {"br": 3, "td": 2, "th": 2}
_LISTS = frozenset(("ul", "ol", "dl", "table", "div", "td"))
_CONTAINERS = _LISTS | FRAME_TAGS | {"section", "article", "main", "form", "center", "body"}
_HEADINGS = frozenset(("h1", "h2", "h3"))
_FOOTER_BLOCKS = frozenset(("div", "table", "td", "center", "footer", "ul", "dl", "section"))

_MOST_HEADINGS = 40
_FEWEST_LABELS = 5
_MOST_LABELS = 400
_LABEL = 6.5
"""Characters of a menu's labels on average, at most."""
_FRAME_WORDS = 400
"""A menu or footer block with more characters outside links than this and half the page's is the content."""
_FOOTER_LINKS = 60
_FOOTER_LABEL = 14
"""A block with several longer labels than this holds news, even if the footer's words stand in it too."""
_NEAR = 60
_SILENT = frozenset(PARTS["text"]["silent"])
_PLAIN = frozenset(
    (
        "p",
        "span",
        "li",
        "tr",
        "tbody",
        "b",
        "strong",
        "em",
        "i",
        "u",
        "font",
        "small",
        "dd",
        "dt",
        "br",
        "label",
    )
)
"""Nothing but their words and their gaps counts, when they have no attributes."""
_OPEN = Block(-1, 0, 0, 0, 0, False, False)


def outline(tree: LexborHTMLParser, kept: Stretches = STRETCHES) -> Outline:
    """Walk the document; stretches that `kept` holds are not walked again. Bounded in nodes and links."""
    found = Outline()
    root = tree.root
    if root is not None:
        Walk(found, kept=kept).over(root)
    return found


_Closer = int | OpenLink | OpenHeading | OpenBlock
_Open = tuple[LexborNode | None, Zone, bool, _Closer]
"""An element the walk is inside of: its next sibling, the zone and silence around it, and what closes it."""


class Walk(Addresses):
    """The state of one walk: `pending` is the white space due before the next words (see GAP)."""

    def __init__(
        self,
        found: Outline,
        *,
        prefix: str = "",
        zone: Zone = BODY,
        depth: int = 0,
        kept: Stretches | None = None,
    ) -> None:
        super().__init__(found, prefix, depth)
        self.zone = zone
        self.edge = False
        self.weight = 0
        self.chars = 0
        self.nodes = 0
        self.link: OpenLink | None = None
        self.links_opened = 0
        self.open_block = -1
        self.footers: list[tuple[int, int, int]] = []
        self.frames: list[tuple[int, int, int]] = []
        self.kept = kept
        self.recordings: list[Recording] = []
        self.missed = 0
        self.spot = 0

    def say(self, text: str) -> None:
        """Add words to the text, with the gap that is due before them."""
        words = text.split()
        if not words:
            return
        parts = self.found.parts
        pending = self.pending
        if not pending and text[0] <= " ":
            pending = 1
        if parts:
            if pending:
                parts.append(GAP[pending])
            elif self.edge and (text[0].isdigit() or parts[-1][-1].isdigit()):
                parts.append(" ")
        self.edge = False
        if len(words) == 1:
            said = words[0]
        elif "\n" in text:
            said = plain(text)
        else:
            said = " ".join(words)
        parts.append(said)
        self.pending = 1 if text[-1].isspace() else 0
        if self.link is None:
            self.weight += len(said)
        else:
            self.chars += len(said)

    def over(self, root: LexborNode) -> None:
        """Walk `root` and the elements below in document order, closing each where its content ends."""
        found = self.found
        stack: list[_Open] = []
        footer_phrase = _FOOTER_PHRASE.search
        zone, silent = self.zone, False
        nodes = 0
        # The text right before what comes next, "" where that is no text.
        before = ""
        node: LexborNode | None = root
        while node is not None or stack:
            if node is None:
                node, zone, silent, closer = stack.pop()
                before = ""
                if closer.__class__ is not int:
                    self.nodes = nodes
                    self.close(closer)
                elif closer > self.pending:
                    self.pending = closer
                continue
            content = node.text_content
            if content is not None:
                node = node.next
                if silent:
                    nodes += 1
                    continue
                if before:
                    # Two texts in a row are written as one.
                    self.recordings.clear()
                before = content
                if content.isspace():
                    continue
                nodes += 1
                if ">" in content:
                    content = content.replace("]]>", " ")
                self.say(content)
                if footer_phrase(content):
                    self.footer_words(stack)
                continue
            tag = node.tag
            nodes += 1
            if nodes > MOST_NODES:
                self.recordings.clear()
                break
            following = node.next if stack else None
            if tag is None or tag[0] == "-":
                before = ""
                node = following
                continue
            gap = closer = 0
            if not silent:
                gap = closer = _GAPS.get(tag, 0)
                if not gap and before and not self.pending and before[-1].isspace():
                    # White space on its own parts two inline elements.
                    self.pending = 1
            before = ""
            opened = zone
            attributes = node.attributes
            if not attributes and tag in _PLAIN:
                if gap > self.pending:
                    self.pending = gap
            else:
                names = ""
                ident: str | None = None
                placed = True
                telling = False
                if attributes:
                    if ident := attributes.get("id"):
                        self.anchors.append(ident)
                        names = ident
                    if classes := attributes.get("class"):
                        names = f"{classes} {names}" if names else classes
                    style = attributes.get("style")
                    telling = style is not None and is_telling(style)
                    if telling or tag == "marquee" or self.hidden:
                        if out_of_sight(tag, style, attributes, self.hidden):
                            opened = OUT_OF_SIGHT
                        elif not names and style and "none" in style:
                            # What it is depends on its neighbours.
                            placed = False
                            if is_planted(node):
                                opened = OUT_OF_SIGHT
                if opened is BODY and (names or tag in FRAME_TAGS) and tag not in NO_FRAME_TAGS:
                    opened = part(tag, names)
                if gap:
                    if tag in _CONTAINERS:
                        outer = self.spot
                        self.spot = hash((outer, tag, names))
                        recording = None
                        if (
                            gap == 3
                            and placed
                            and self.kept is not None
                            and self.link is None
                            and tag != "body"
                        ):
                            key = self.key(self.kept, node, zone)
                            if key is not None:
                                kept = self.kept.find(key, self.spot)
                                if kept is not None and self.fits(kept, nodes):
                                    if ident:
                                        self.anchors.pop()
                                    self.replay(kept)
                                    nodes += kept.nodes - 1
                                    self.spot = outer
                                    node = following
                                    continue
                                self.missed += len(key.html)
                                if self.kept.seen(key):
                                    recording = key
                        if gap > self.pending:
                            self.pending = gap
                        named = tag in BODY_TAGS or (names != "" and is_content(names))
                        frame = opened is not zone and opened is not OUT_OF_SIGHT
                        closer = OpenBlock(tag, gap, opened, frame, named, len(found.blocks), outer, self)
                        if recording is not None:
                            self.recordings.append(Recording(recording, closer, nodes, self))
                            if ident:
                                self.recordings[-1].anchors -= 1
                        self.open_block = closer.index
                        found.blocks.append(_OPEN)
                    else:
                        if gap > self.pending:
                            self.pending = gap
                        if tag in _HEADINGS:
                            closer = OpenHeading(tag, len(found.parts))
                if tag == "a":
                    link = OpenLink(self.link is None and not silent, len(found.parts))
                    if link.outer:
                        self.link = link
                        self.in_link = True
                        self.label = ""
                        self.links_opened += 1
                    self.edge = True
                    link.place = self.a(attributes, opened)
                    closer = link
                elif tag in WORDED or (
                    attributes and (tag in ADDRESSED or telling or not RARE.isdisjoint(attributes))
                ):
                    self.addresses(node, tag, attributes, opened)
            inner = node.first_child
            if inner is None and closer.__class__ is int:
                if closer > self.pending:
                    self.pending = closer
                node = following
                continue
            stack.append((following, zone, silent, closer))
            node, zone, silent = inner, opened, silent or tag in _SILENT
        self.nodes = nodes
        while stack:
            self.close(stack.pop()[3])
        self.settle()
        found.anchors.update(self.anchors)

    # --- kept stretches

    def key(self, kept: Stretches, node: LexborNode, zone: Zone) -> Key | None:
        """What the stretch is kept under, when asking is worth it here."""
        if not kept.worth(self.spot) or self.missed > MOST_MISSED:
            return None
        html = node.html or ""
        if not SHORTEST <= len(html) <= LONGEST:
            self.missed += len(html)
            kept.missed(self.spot)
            return None
        return Key(html, zone, not self.found.parts, self.hidden)

    def fits(self, kept: Stretch, nodes: int) -> bool:
        """Whether no bound would be met on the way."""
        return (
            nodes + kept.nodes <= MOST_NODES
            and len(self.found.places) + len(kept.places) < MOST_LINKS
            and self.labels_left >= kept.labels_read
        )

    def replay(self, kept: Stretch) -> None:
        """Add what walking the stretch would add."""
        found = self.found
        parts, places, blocks = len(found.parts), len(found.places), len(found.blocks)
        outer = self.open_block
        found.parts += kept.parts
        found.places += kept.places
        found.zones += kept.zones
        found.blocks += [
            Block(outer if up < 0 else up + blocks, start + parts, end + parts, weight, labels, named, frame)
            for up, start, end, weight, labels, named, frame in kept.blocks
        ]
        if kept.places:
            found.stretches.append((places, places + len(kept.places), kept))
        if kept.headings:
            found.headings += kept.headings[: max(0, _MOST_HEADINGS - len(found.headings))]
        self.anchors += kept.anchors
        self.frames += [(first + places, last + places, weight) for first, last, weight in kept.frames]
        self.footers += [(block + blocks, first + places, at + places) for block, first, at in kept.footers]
        self.weight += kept.weight
        self.chars += kept.chars
        self.labels_left -= kept.labels_read
        self.pending = 3
        if kept.label is not None:
            self.label = kept.label
            self.links_opened += 1

    def keep(self, recording: Recording) -> None:
        """Keep the stretch that ends here."""
        found, block = self.found, recording.block
        parts, places, blocks = block.start, block.places, block.index
        html = recording.key.html
        if (
            self.kept is None
            or len(found.headings) >= _MOST_HEADINGS
            or len(found.places) >= MOST_LINKS
            or self.labels_left < 0
            # Inside these, elements and text can be written alike.
            or "<svg" in html
            or "<math" in html
        ):
            return
        self.kept.keep(
            recording.key,
            Stretch(
                nodes=self.nodes - recording.node + 1,
                parts=found.parts[parts:],
                places=found.places[places:],
                zones=found.zones[places:],
                anchors=self.anchors[recording.anchors :],
                headings=found.headings[recording.headings :],
                blocks=[
                    Block(max(-1, up - blocks), start - parts, end - parts, weight, labels, named, frame)
                    for up, start, end, weight, labels, named, frame in found.blocks[blocks:]
                ],
                frames=[(a - places, b - places, weight) for a, b, weight in self.frames[recording.frames :]],
                footers=[
                    (a - blocks, b - places, c - places) for a, b, c in self.footers[recording.footers :]
                ],
                weight=self.weight - block.weight,
                chars=self.chars - block.chars,
                label=self.label if self.links_opened > recording.links else None,
                labels_read=recording.labels_left - self.labels_left,
            ),
        )

    def close(self, closer: _Closer) -> None:
        """Do what is due at the end of an element."""
        parts = self.found.parts
        if isinstance(closer, OpenLink):
            if closer.outer:
                self.link = None
                self.in_link = False
                self.edge = True
            place = closer.place
            if place is not None:
                said = label(parts, closer.start) or plain(place.text)
                if not said and not closer.outer:
                    # The label is that of an earlier link, which may stand anywhere.
                    self.recordings.clear()
                place.text = said or self.label
        elif isinstance(closer, int):
            self.pending = max(self.pending, closer)
        elif isinstance(closer, OpenBlock):
            self.pending = max(self.pending, closer.gap)
            self.open_block = closer.parent
            self.spot = closer.spot
            weight = self.weight - closer.weight
            self.found.blocks[closer.index] = Block(
                closer.parent,
                closer.start,
                len(parts),
                weight,
                self.chars - closer.chars,
                closer.named,
                closer.frame,
            )
            places = len(self.found.places)
            if closer.frame:
                self.frames.append((closer.places, places, weight))
            elif closer.zone is BODY and places - closer.places >= _FEWEST_LABELS:
                self.short_list(closer, weight)
            if self.recordings and self.recordings[-1].block is closer:
                self.keep(self.recordings.pop())
        else:
            self.pending = 3
            headings = self.found.headings
            if len(headings) < _MOST_HEADINGS and (said := label(parts, closer.start)):
                headings.append((closer.tag, said))

    def footer_words(self, stack: list[_Open]) -> None:
        """Words that only footers have: the block around them is one."""
        for *_, closer in reversed(stack[-_NEAR:]):
            if isinstance(closer, OpenBlock) and closer.tag in _FOOTER_BLOCKS:
                self.footers.append((closer.index, closer.places, len(self.found.places)))
                while self.recordings and self.recordings[-1].block.index > closer.index:
                    # The block lies around the stretch.
                    self.recordings.pop()
                return
        self.recordings.clear()

    def short_list(self, block: OpenBlock, weight: int) -> None:
        """Many short labels and next to no other words are a menu, whatever its name."""
        places, zones = self.found.places, self.found.zones
        number = len(places) - block.places
        chars = self.chars - block.chars
        if number > _MOST_LABELS or chars > (_LABEL + 0.5) * number or weight > chars * 0.3:
            return
        labelled = sum(1 for place in places[block.places :] if place.tag == "a" and place.text)
        if labelled < _FEWEST_LABELS or chars > _LABEL * labelled:
            return
        for at in range(block.places, len(places)):
            if zones[at] is BODY:
                zones[at] = NAV

    def settle(self) -> None:
        """Undo a frame that turned out to hold the content; mark the footers known by their words."""
        places, blocks = self.found.places, self.found.blocks
        for first, last, weight in self.frames:
            if weight > _FRAME_WORDS and weight > self.weight * 0.5:
                self.rezone(first, last, BODY)
        for index, first, at in self.footers:
            block = blocks[index]
            if block.weight <= _FRAME_WORDS:
                blocks[index] = block._replace(frame=True)
            news = sum(1 for place in places[first:at] if len(place.text) > _FOOTER_LABEL)
            if at - first <= _FOOTER_LINKS and news < 3:
                self.rezone(first, min(at + 6, len(places)), FOOTER)

    def rezone(self, first: int, last: int, zone: Zone) -> None:
        zones = self.found.zones
        for at in range(first, last):
            if zones[at] is not OUT_OF_SIGHT:
                zones[at] = zone

    # --- what scripts write

    def written(self, html: str, place: str, zone: Zone) -> Outline | None:
        tree = LexborHTMLParser(html, scripting=True)
        if tree.root is None:
            return None
        inner = Outline()
        Walk(inner, prefix=f"script:{place}:", zone=zone, depth=self.depth + 1).over(tree.root)
        return inner

    def not_kept(self) -> None:
        self.recordings.clear()
