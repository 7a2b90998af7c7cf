"""One walk over a parsed page: visible text, places of addresses, zones, anchors, meta tags, content block.

A page is walked once because building the nodes is what costs. What the walk notes down is turned
into links by `links` and into titles and main text by `text`.
"""

from __future__ import annotations

import re
import tomllib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.evidence.records import Zone
from crawler.extract import scripts
from crawler.extract.stretches import LONGEST, MOST_MISSED, SHORTEST, STRETCHES, Key, Stretch, Stretches

MOST_LINKS = 20_000
MOST_NODES = 400_000

_PARTS: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "page_parts.toml").read_text(encoding="utf-8")
)
_NAV_WORDS = frozenset(_PARTS["nav"]["words"])
_NAV_TAGS = frozenset(_PARTS["nav"]["tags"])
_NAV_NAMES = frozenset(_PARTS["nav"]["names"]) | _NAV_WORDS
_FOOTER_WORDS = frozenset(_PARTS["footer"]["words"])
_FOOTER_NAMES = frozenset(_PARTS["footer"]["names"]) | _FOOTER_WORDS
_FOOTER_TAGS = frozenset(_PARTS["footer"]["tags"])
_FOOTER_PHRASE = re.compile("|".join(map(re.escape, _PARTS["footer"]["phrases"])))
_BODY_IDS = frozenset(_PARTS["body"]["ids"])
_BODY_CLASSES = frozenset(_PARTS["body"]["classes"])
_BODY_TAGS = frozenset(_PARTS["body"]["tags"])
_HIDDEN = re.compile("|".join(_PARTS["hidden"]["styles"]), re.I)
_HIDDEN_INLINE = re.compile("|".join(_PARTS["hidden"]["inline_styles"]), re.I)

_GAP = ("", " ", "\t", "\n")
_GAPS = dict.fromkeys(_PARTS["text"]["blocks"], 3) | {"br": 3, "td": 2, "th": 2}
_FRAME_TAGS = _NAV_TAGS | _FOOTER_TAGS
_NO_FRAME_TAGS = frozenset(("html", "body", "a", "img", "h1", "h2", "h3", "p"))
_LISTS = frozenset(("ul", "ol", "dl", "table", "div", "td"))
_CONTAINERS = _LISTS | _FRAME_TAGS | {"section", "article", "main", "form", "center", "body"}
_HEADINGS = frozenset(("h1", "h2", "h3"))
_FOOTER_BLOCKS = frozenset(("div", "table", "td", "center", "footer", "ul", "dl", "section"))

# Members of an enumeration are looked up slowly, and this is asked for every element.
_BODY, _NAV, _FOOTER, _OUT_OF_SIGHT = Zone.BODY, Zone.NAV, Zone.FOOTER, Zone.HIDDEN

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
_LABELS_READ = 1_000_000
"""Characters read for the labels of things that are links by script only: nested ones read the same again."""
_SILENT = frozenset(_PARTS["text"]["silent"])
_INLINE_WORDS = frozenset(("a", "span", "font", "i", "b", "em", "strong", "p", "small"))
_OWN_LINKS = {"img": "src", "iframe": "src", "frame": "src", "embed": "src", "source": "src", "track": "src", "video": "src",
              "audio": "src", "script": "src", "link": "href", "area": "href", "object": "data", "input": "src",
              "image": "href", "use": "href", "bgsound": "src"}  # fmt: skip
_ADDRESSED = frozenset(_OWN_LINKS) | {"base", "meta", "form", "option", "style", "param", "html"}
_WORDED = frozenset(("script", "style", "html"))
"""Addressed by what they hold, or noted without any attribute."""
_SCRIPT_STARTS = frozenset("jJ \t\n\r\f")
_LAZY = ("data-src", "data-original", "data-lazy-src")
_DATA_ADDRESSES = ("data-url", "data-href", "data-link")
_RARE = frozenset(("onclick", "background", "tagname", "formaction", *_DATA_ADDRESSES))
_BACKGROUNDS = frozenset(("body", "table", "thead", "tbody", "tfoot", "td", "th", "tr"))
_UNFILLED = re.compile(r"\{\{|\$\{|<%|" + scripts.UNKNOWN)
_NOT_FETCHED_RELS = frozenset(("dns-prefetch", "preconnect", "pingback", "edituri", "wlwmanifest"))
_CSS_URL = re.compile(
    r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^()"']{0,2000}))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""", re.I
)
_CSS_RULE = re.compile(r"([.#][\w\-]+)\s*\{([^{}]{0,2000})\}")
_REFRESH = re.compile(r"""^\s*\d*(?:\.\d*)?\s*[;,\s]\s*(?:url\s*=\s*)?["']?\s*([^"'\s][^"']*)""", re.I)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
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


def outline(tree: LexborHTMLParser, kept: Stretches = STRETCHES) -> Outline:
    """Walk the document; stretches that `kept` holds are not walked again. Bounded in nodes and links."""
    found = Outline()
    root = tree.root
    if root is not None:
        _Walk(found, kept=kept).over(root)
    return found


def plain(text: str) -> str:
    """`text` with white space as a reader sees it: single spaces, none where a Chinese line was wrapped."""
    text = text.strip()
    if "\n" in text:
        text = _WRAPPED.sub("", text)
    return " ".join(text.split())


class _OpenLink:
    """An <a> that is open: where its words start, and the address they belong to."""

    __slots__ = ("outer", "place", "start")

    def __init__(self, outer: bool, start: int) -> None:
        self.outer = outer
        self.start = start
        self.place: Place | None = None


class _OpenHeading:
    __slots__ = ("start", "tag")

    def __init__(self, tag: str, start: int) -> None:
        self.tag = tag
        self.start = start


class _OpenBlock:
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
        self, tag: str, gap: int, zone: Zone, frame: bool, named: bool, index: int, spot: int, walk: _Walk
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


class _Recording:
    """A stretch being walked that will be kept: what the counters stood at when it was opened."""

    __slots__ = ("anchors", "block", "footers", "frames", "headings", "key", "labels_left", "links", "node")

    def __init__(self, key: Key, block: _OpenBlock, node: int, walk: _Walk) -> None:
        self.key = key
        self.block = block
        self.node = node
        self.anchors = len(walk.anchors)
        self.headings = len(walk.found.headings)
        self.frames = len(walk.frames)
        self.footers = len(walk.footers)
        self.labels_left = walk.labels_left
        self.links = walk.links_opened


_Closer = int | _OpenLink | _OpenHeading | _OpenBlock


class _Walk:
    """The state of one walk: `pending` is the white space due before the next words (see _GAP)."""

    def __init__(
        self,
        found: Outline,
        *,
        prefix: str = "",
        zone: Zone = _BODY,
        depth: int = 0,
        kept: Stretches | None = None,
    ) -> None:
        self.found = found
        self.kept = kept
        self.recordings: list[_Recording] = []
        self.missed = 0
        self.nodes = 0
        self.spot = 0
        self.links_opened = 0
        self.anchors: list[str] = []
        self.hidden = _NO_NAMES
        self.prefix = prefix
        self.zone = zone
        self.depth = depth
        self.pending = 0
        self.edge = False
        self.weight = 0
        self.chars = 0
        self.link: _OpenLink | None = None
        self.label = ""
        self.hidden_names: set[str] = set()
        self.footers: list[tuple[int, int, int]] = []
        self.frames: list[tuple[int, int, int]] = []
        self.open_block = -1
        self.labels_left = _LABELS_READ

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
                parts.append(_GAP[pending])
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
        """Walk the elements below `root` in document order, closing each where its content ends."""
        stack: list[tuple[int, Zone, bool, _Closer]] = [(0, self.zone, False, 0)]
        inside, zone, silent, closer = stack[0]
        nodes = 0
        found = self.found
        walked = root.traverse(include_text=True, skip_empty=True)
        replayed = split = False
        for node in walked:
            nodes += 1
            if nodes > MOST_NODES:
                self.recordings.clear()
                break
            tag = node.tag
            parent = node.parent
            above = parent.mem_id if parent is not None else 0
            if inside != above:
                if replayed and all(one[0] != above for one in stack):
                    # Left over of a kept stretch.
                    continue
                split = False
                while inside != above and nodes > 1 and len(stack) > 1:
                    if closer.__class__ is not int:
                        self.nodes = nodes - 1
                        self.close(closer)
                    elif closer > self.pending:
                        self.pending = closer
                    stack.pop()
                    inside, zone, silent, closer = stack[-1]
            replayed = False
            if tag == "-text":
                if split:
                    # Two texts in a row are written as one.
                    self.recordings.clear()
                split = True
                if not silent and (content := node.text_content):
                    if "]]>" in content:
                        content = content.replace("]]>", " ")
                    self.say(content)
                    if _FOOTER_PHRASE.search(content):
                        self.footer_words(stack)
                continue
            split = False
            if tag is None or tag[0] == "-":
                continue
            attributes = node.attributes
            opened = zone
            names = ""
            ident: str | None = None
            placed = True
            style = None
            if attributes:
                if ident := attributes.get("id"):
                    self.anchors.append(ident)
                    names = ident
                if classes := attributes.get("class"):
                    names = f"{classes} {names}" if names else classes
                style = attributes.get("style")
                if style or tag == "marquee" or self.hidden_names:
                    if self.out_of_sight(tag, style, attributes):
                        opened = _OUT_OF_SIGHT
                    elif not names and style and "none" in style:
                        # What it is depends on its neighbours.
                        placed = False
                        if _is_planted(node):
                            opened = _OUT_OF_SIGHT
            if opened is _BODY and (names or tag in _FRAME_TAGS) and tag not in _NO_FRAME_TAGS:
                opened = _part(tag, names)
            gap = _GAPS.get(tag, 0)
            if silent:
                closer = 0
            else:
                closer = gap
                if tag in _CONTAINERS:
                    recording = None
                    outer = self.spot
                    self.spot = hash((outer, tag, names))
                    if gap == 3 and placed and self.kept is not None and self.link is None and tag != "body":
                        key = self.key(self.kept, node, zone)
                        if key is not None:
                            kept = self.kept.find(key, self.spot)
                            if kept is not None and self.fits(kept, nodes):
                                if ident:
                                    self.anchors.pop()
                                self.replay(kept)
                                nodes += kept.nodes - 1
                                deque(islice(walked, kept.nodes - 1), 0)
                                self.spot = outer
                                replayed = True
                                inside, zone, silent, closer = stack[-1]
                                continue
                            self.missed += len(key.html)
                            if self.kept.seen(key):
                                recording = key
                    if gap > self.pending:
                        self.pending = gap
                    named = tag in _BODY_TAGS or (names != "" and _is_content(names))
                    frame = opened is not zone and opened is not _OUT_OF_SIGHT
                    closer = _OpenBlock(tag, gap, opened, frame, named, len(found.blocks), outer, self)
                    if recording is not None:
                        self.recordings.append(_Recording(recording, closer, nodes, self))
                        if ident:
                            self.recordings[-1].anchors -= 1
                    self.open_block = closer.index
                    found.blocks.append(_OPEN)
                elif gap:
                    if gap > self.pending:
                        self.pending = gap
                    if tag in _HEADINGS:
                        closer = _OpenHeading(tag, len(found.parts))
                elif not self.pending and (before := node.prev) is not None and before.tag == "-text":
                    # White space on its own is left out of the walk: here it parts two inline elements.
                    self.pending = 1 if (before.text_content or "")[-1:].isspace() else 0
            if tag == "a":
                link = _OpenLink(self.link is None and not silent, len(found.parts))
                if link.outer:
                    self.link = link
                    self.label = ""
                    self.links_opened += 1
                self.edge = True
                self.a(attributes, opened, link)
                closer = link
            elif tag in _WORDED or (
                attributes
                and (
                    tag in _ADDRESSED
                    or not _RARE.isdisjoint(attributes)
                    or (style is not None and "url(" in style.lower())
                )
            ):
                self.addresses(node, tag, attributes, opened)
            inside, zone, silent = node.mem_id, opened, silent or tag in _SILENT
            stack.append((inside, zone, silent, closer))
        self.nodes = nodes
        while len(stack) > 1:
            closer = stack.pop()[3]
            self.close(closer)
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

    def keep(self, recording: _Recording) -> None:
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
        if isinstance(closer, _OpenLink):
            if closer.outer:
                self.link = None
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
        elif isinstance(closer, _OpenBlock):
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
            elif closer.zone is _BODY and places - closer.places >= _FEWEST_LABELS:
                self.short_list(closer, weight)
            if self.recordings and self.recordings[-1].block is closer:
                self.keep(self.recordings.pop())
        else:
            self.pending = 3
            headings = self.found.headings
            if len(headings) < _MOST_HEADINGS and (said := label(parts, closer.start)):
                headings.append((closer.tag, said))

    def footer_words(self, stack: list[tuple[int, Zone, bool, _Closer]]) -> None:
        """Words that only footers have: the block around them is one."""
        for *_, closer in reversed(stack[-_NEAR:]):
            if isinstance(closer, _OpenBlock) and closer.tag in _FOOTER_BLOCKS:
                self.footers.append((closer.index, closer.places, len(self.found.places)))
                while self.recordings and self.recordings[-1].block.index > closer.index:
                    # The block lies around the stretch.
                    self.recordings.pop()
                return
        self.recordings.clear()

    def short_list(self, block: _OpenBlock, weight: int) -> None:
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
            if zones[at] is _BODY:
                zones[at] = _NAV

    def settle(self) -> None:
        """Undo a frame that turned out to hold the content; mark the footers known by their words."""
        places, blocks = self.found.places, self.found.blocks
        for first, last, weight in self.frames:
            if weight > _FRAME_WORDS and weight > self.weight * 0.5:
                self.rezone(first, last, _BODY)
        for index, first, at in self.footers:
            block = blocks[index]
            if block.weight <= _FRAME_WORDS:
                blocks[index] = block._replace(frame=True)
            news = sum(1 for place in places[first:at] if len(place.text) > _FOOTER_LABEL)
            if at - first <= _FOOTER_LINKS and news < 3:
                self.rezone(first, min(at + 6, len(places)), _FOOTER)

    def rezone(self, first: int, last: int, zone: Zone) -> None:
        zones = self.found.zones
        for at in range(first, last):
            if zones[at] is not _OUT_OF_SIGHT:
                zones[at] = zone

    # --- addresses

    def place(
        self, tag: str, href: str | None, text: str, zone: Zone, *, empty: bool = False
    ) -> Place | None:
        """Add an address, unless a template or script would have to fill it in first."""
        if not href:
            if not empty:
                return None
            href = ""
        places = self.found.places
        if len(places) >= MOST_LINKS or (
            ("{" in href or "<%" in href or scripts.UNKNOWN in href) and _UNFILLED.search(href)
        ):
            return None
        place = Place(self.prefix + tag, href, text)
        places.append(place)
        self.found.zones.append(zone)
        return place

    def addresses(self, node: LexborNode, tag: str, attributes: dict[str, str | None], zone: Zone) -> None:
        """Note down the addresses an element other than a link holds."""
        get = attributes.get
        own = _OWN_LINKS.get(tag)
        if own is not None:
            self.own(node, tag, own, attributes, zone)
        elif tag == "meta":
            self.meta(attributes, zone)
            return
        elif tag == "base":
            if "href" in attributes and self.found.base is None:
                self.recordings.clear()
                self.found.base = get("href") or ""
        elif tag == "form":
            method = (get("method") or "").strip().lower()
            self.place("form[post]" if method == "post" else "form", get("action"), "", zone)
        elif tag == "option":
            self.option(node, attributes, zone)
        elif tag == "style":
            self.style_sheet(node.text() or "", zone)
        elif tag == "param":
            if (get("name") or "").lower() in ("movie", "src", "filename", "url"):
                self.place("param", get("value"), "", zone)
        elif tag == "html":
            self.recordings.clear()
            self.found.lang = get("lang") or ""
        if "style" in attributes or not _RARE.isdisjoint(attributes):
            self.extra(node, tag, attributes, zone)

    def a(self, attributes: dict[str, str | None], zone: Zone, link: _OpenLink) -> None:
        """Note down where an <a> leads: its href, or what its script opens."""
        get = attributes.get
        if name := get("name"):
            self.anchors.append(name)
        href = get("href")
        title = get("title") or ""
        script = False
        places = self.found.places
        plainly = href and href[0] not in _SCRIPT_STARTS and "{" not in href and "<" not in href
        if plainly and href and not self.prefix and len(places) < MOST_LINKS:
            link.place = Place("a", href, title)
            places.append(link.place)
            self.found.zones.append(zone)
        elif "href" in attributes:
            href = href or ""
            script = href[:1] in _SCRIPT_STARTS and href.lstrip()[:11].lower() == "javascript:"
            if script:
                if address := scripts.handler_address(href.strip()[11:]):
                    link.place = self.place("a[javascript]", address, title, zone)
            else:
                link.place = self.place("a", href, title, zone, empty=True)
        elif other := get("xlink:href"):
            link.place = self.place("a", other, title, zone)
        if "style" not in attributes and _RARE.isdisjoint(attributes):
            return
        if (tagname := get("tagname")) and tagname[0] != "[":
            link.place = self.place("a[tagname]", tagname, title, zone) or link.place
        for attribute in _DATA_ADDRESSES:
            if value := get(attribute):
                link.place = self.place(f"a[{attribute}]", value, title, zone) or link.place
        onclick = get("onclick")
        if onclick and (script or not href or href.strip() == "#"):
            address = scripts.handler_address(onclick)
            if address:
                link.place = self.place("a[onclick]", address, title, zone) or link.place
        style = get("style")
        if style and "url(" in style:
            self.css(style, zone)

    def own(
        self, node: LexborNode, tag: str, attribute: str, attributes: dict[str, str | None], zone: Zone
    ) -> None:
        get = attributes.get
        name = ""
        if tag in ("img", "input", "area"):
            name = plain(get("alt") or get("title") or "")
            if name and self.link is not None and not self.label:
                self.label = name
        elif tag in ("iframe", "frame", "object"):
            name = plain(get("title") or "")
        elif tag == "link":
            rels = (get("rel") or "").lower().split()
            if not rels or not _NOT_FETCHED_RELS.isdisjoint(rels):
                return
        elif tag == "input" and (get("type") or "").lower() != "image":
            return
        href = get(attribute)
        if href is None and tag in ("image", "use"):
            href = get("xlink:href")
        if tag == "area" and href is not None and href.lstrip()[:11].lower() == "javascript:":
            address = scripts.handler_address(href.strip()[11:])
            if address:
                self.place("area[javascript]", address, name, zone)
            href = None
        if tag == "use" and href and href[0] == "#":
            href = None
        if href and not (
            tag in ("iframe", "frame") and href.strip().lower().startswith(("about:", "javascript:"))
        ):
            self.place(tag, href, name, zone)
        if tag in ("img", "source", "link"):
            for candidate in _candidates(get("srcset") or get("imagesrcset") or ""):
                self.place(f"{tag}[srcset]", candidate, name, zone)
        if tag == "img" and (areas := get("usemap")) and len(areas := areas.strip()) > 1 and areas[0] == "#":
            self.place("img[usemap]", areas, name, zone)
        if tag in ("img", "iframe"):
            for lazy in _LAZY:
                if value := get(lazy):
                    self.place(f"{tag}[{lazy}]", value, name, zone)
        elif tag == "video":
            self.place("video[poster]", get("poster"), "", zone)
        elif tag == "script" and not href:
            self.script(node.text() or "", get("type"), zone)

    def meta(self, attributes: dict[str, str | None], zone: Zone) -> None:
        get = attributes.get
        content = get("content")
        name = get("name") or get("property") or get("itemprop")
        if name and content:
            self.recordings.clear()
            self.found.meta.setdefault(name.strip().lower(), content.strip())
        equiv = (get("http-equiv") or "").strip().lower()
        if equiv == "refresh" and content:
            found = _REFRESH.match(content)
            if found:
                self.place("meta", found.group(1).strip(), "", zone)

    def words(self, node: LexborNode) -> str:
        """The label of an element that is a link by script."""
        if self.labels_left < 0:
            return ""
        text = node.text() or ""
        self.labels_left -= len(text)
        return plain(text[:400])[:200]

    def option(self, node: LexborNode, attributes: dict[str, str | None], zone: Zone) -> None:
        value = (attributes.get("value") or "").strip()
        if value[:4].lower() == "http" and "://" in value[:8]:
            self.place("option", attributes.get("value"), self.words(node), zone)
        elif value and _PAGE_VALUE.fullmatch(value):
            self.place("option", value, self.words(node), zone)

    def extra(self, node: LexborNode, tag: str, attributes: dict[str, str | None], zone: Zone) -> None:
        get = attributes.get
        style = get("style")
        if style and ("url(" in style or "URL(" in style):
            self.css(style, zone)
        if tag in ("button", "input"):
            # Its form's method may be any: named like a form that posts.
            self.place("form[post]", get("formaction"), "", zone)
        elif tag in _BACKGROUNDS:
            self.place(f"{tag}[background]", get("background"), "", zone)
        elif tag in ("img", "iframe"):
            return
        for attribute in _DATA_ADDRESSES:
            value = get(attribute)
            if value and _PAGE_VALUE.fullmatch(value.strip()):
                self.place(f"{tag}[{attribute}]", value, self.words(node), zone)
        onclick = get("onclick")
        if onclick and tag not in ("html", "body"):
            address = scripts.handler_address(onclick)
            if address:
                self.place(f"{tag}[onclick]", address, self.words(node) or plain(get("value") or ""), zone)

    def css(self, text: str, zone: Zone) -> None:
        for m in _CSS_URL.finditer(text):
            href = next((g for g in m.groups() if g), "").strip()
            if href and not href.lower().startswith(("data:", "about:", "#", "javascript:")):
                self.place("style", href, "", zone)

    def style_sheet(self, text: str, zone: Zone) -> None:
        if "/*" in text:
            text = "".join(part.partition("*/")[2] if i else part for i, part in enumerate(text.split("/*")))
        if "url(" in text or "@import" in text or "URL(" in text:
            self.css(text, zone)
        if ":-" in text or ": -" in text or "hidden" in text:
            for selector, rules in _CSS_RULE.findall(text):
                if _HIDDEN.search(rules) and "background" not in rules:
                    self.hidden_names.add(selector)
            self.recordings.clear()
            self.hidden = frozenset(self.hidden_names)

    def script(self, code: str, kind: str | None, zone: Zone) -> None:
        if not code or not scripts.is_code(kind):
            return
        for address in scripts.addresses(code):
            self.place(f"script:{address.place}", address.href, plain(address.text), zone)
        if self.depth < 2:
            for written in scripts.written_html(code):
                inner = Outline()
                walk = _Walk(inner, prefix=f"script:{written.place}:", zone=zone, depth=self.depth + 1)
                tree = LexborHTMLParser(written.html, scripting=True)
                if tree.root is None:
                    continue
                walk.over(tree.root)
                room = MOST_LINKS - len(self.found.places)
                for place in inner.places[:room]:
                    if place.tag.endswith(":a"):
                        place.tag = place.tag[:-2]
                    self.found.places.append(place)
                self.found.zones += inner.zones[:room]
                self.anchors += inner.anchors
                if written.place == "config":
                    self.recordings.clear()
                    self.found.article = inner.text
                if written.place != "write":
                    for line in inner.text.split("\n"):
                        self.pending = 3
                        self.say(line)
                    self.pending = 3

    # --- sight

    def out_of_sight(self, tag: str, style: str | None, attributes: dict[str, str | None]) -> bool:
        """Whether an element is put where nobody sees it; display:none is not such a trick."""
        if style and _hides(style, tag in _INLINE_WORDS):
            return True
        if tag == "marquee":
            for side in ("height", "width"):
                size = (attributes.get(side) or "").strip().removesuffix("px")
                if size.isdigit() and int(size) <= _PARTS["hidden"]["marquee_height"]:
                    return True
        if self.hidden_names:
            if "#" + (attributes.get("id") or "") in self.hidden_names:
                return True
            return any("." + name in self.hidden_names for name in (attributes.get("class") or "").split())
        return False


_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.I)
_STRANGE = re.compile(r"(?:https?:)?//(?![^/?#]*\.(?:gov|edu|mil|ac)\.cn(?:[:/?#]|$))([^/?#:]{4,80})", re.I)
_FEWEST_PLANTED = 10
_MOST_PLANTED = 200
_NO_NAMES: frozenset[str] = frozenset()
_OPEN = Block(-1, 0, 0, 0, 0, False, False)
_PAGE_VALUE = re.compile(
    r"(?:https?:/)?(?:\.{0,2}/|[\w\-]+/)?[\w./~%@:\-]{1,300}\.(?:s?html?|jhtml|jspx?|aspx?|php|do|action|pdf|docx?|xlsx?)(?:\?\S{0,300})?",
    re.I,
)


def label(parts: list[str], start: int) -> str:
    """What was said from `start` on, on one line."""
    if len(parts) <= start:
        return ""
    if parts[start] in _GAP:
        start += 1
    if len(parts) == start + 1:
        return parts[start]
    text = "".join(parts[start:])
    return plain(text.replace("\t", " ")) if "\n" in text or "\t" in text else text.strip()


@lru_cache(maxsize=8192)
def _part(tag: str, names: str) -> Zone:
    """The zone an element opens by its tag, id and class; the body when they say nothing."""
    if tag in _NAV_TAGS:
        return _NAV
    if tag in _FOOTER_TAGS:
        return _FOOTER
    for name in names.lower().split():
        if name in _FOOTER_NAMES:
            return _FOOTER
        if name in _NAV_NAMES:
            return _NAV
    words = [word.lower() for word in _WORDS.findall(names)]
    if any(word in _FOOTER_WORDS for word in words):
        return _FOOTER
    if any(word in _NAV_WORDS for word in words):
        return _NAV
    return _BODY


@lru_cache(maxsize=4096)
def _hides(style: str, inline: bool) -> bool:
    if "-" not in style and "hidden" not in style:
        return False
    return bool(_HIDDEN.search(style) or (inline and _HIDDEN_INLINE.search(style)))


def _is_planted(node: LexborNode) -> bool:
    """Whether an undisplayed element without a name holds little but links to many hosts that are no public bodies',
    and no neighbour of its kind does: panes of a tab come in groups.
    """
    if not _NOT_SHOWN.search(node.attributes.get("style") or ""):
        return False
    hrefs = [a.attributes.get("href") or "" for a in node.css("a[href]")[:_MOST_PLANTED]]
    hosts = {m[1].lower() for href in hrefs if (m := _STRANGE.match(href))}
    if len(hosts) < _FEWEST_PLANTED or len(hosts) < 0.7 * len(hrefs):
        return False
    around = node.parent.iter() if node.parent is not None else ()
    return not any(
        one.tag == node.tag and one != node and len(one.css('a[href^="http"]')) >= 3 for one in around
    )


@lru_cache(maxsize=8192)
def _is_content(names: str) -> bool:
    parts = names.split()
    return any(name in _BODY_IDS or name in _BODY_CLASSES for name in parts)


def _candidates(srcset: str) -> Iterator[str]:
    """The addresses of a srcset attribute, split as the HTML standard splits it."""
    at, end = 0, min(len(srcset), 20_000)
    while at < end:
        while at < end and (srcset[at].isspace() or srcset[at] == ","):
            at += 1
        start = at
        while at < end and not srcset[at].isspace():
            at += 1
        address = srcset[start:at]
        if address.endswith(","):
            address = address.rstrip(",")
        else:
            depth = 0
            while at < end and (srcset[at] != "," or depth):
                depth += {"(": 1, ")": -1}.get(srcset[at], 0)
                at += 1
        if address:
            yield address
