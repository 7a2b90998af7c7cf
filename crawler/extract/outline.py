"""One walk over a parsed page: visible text, places of addresses, zones, anchors, meta tags, content block.

A page is walked once because building the nodes is what costs. What the walk notes down is turned
into links by `links` and into titles and main text by `text`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.evidence.records import Zone
from crawler.extract import scripts

MOST_LINKS = 20_000
MOST_NODES = 400_000

_PARTS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "data" / "page_parts.toml").read_text(encoding="utf-8"))
_NAV_WORDS = frozenset(_PARTS["nav"]["words"])
_NAV_TAGS = frozenset(_PARTS["nav"]["tags"])
_FOOTER_WORDS = frozenset(_PARTS["footer"]["words"])
_FOOTER_TAGS = frozenset(_PARTS["footer"]["tags"])
_FOOTER_PHRASES: tuple[str, ...] = tuple(_PARTS["footer"]["phrases"])
_BODY_IDS = frozenset(_PARTS["body"]["ids"])
_BODY_CLASSES = frozenset(_PARTS["body"]["classes"])
_BODY_TAGS = frozenset(_PARTS["body"]["tags"])
_HIDDEN = re.compile("|".join(_PARTS["hidden"]["styles"]), re.I)
_HIDDEN_INLINE = re.compile("|".join(_PARTS["hidden"]["inline_styles"]), re.I)

_BLOCK = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody tfoot thead tr
    ul marquee record recordset datastore""".split()
)
_CELL = frozenset(("td", "th"))
_CONTAINER = frozenset(("div", "td", "section", "article", "main", "table", "form", "ul", "ol", "dl", "center", "body", "font", "span"))
_SHORT_LISTS = frozenset(("ul", "ol", "dl", "table", "tr", "td", "div", "p", "nav"))
_SILENT = frozenset(
    """script style template noscript noframes noembed iframe textarea select datalist title head svg math video audio canvas
    object""".split()
)
_INLINE_WORDS = frozenset(("a", "span", "font", "i", "b", "em", "strong", "p", "small"))
_OWN_LINKS = {"img": "src", "iframe": "src", "frame": "src", "embed": "src", "source": "src", "track": "src", "video": "src",
              "audio": "src", "script": "src", "link": "href", "area": "href", "object": "data", "input": "src",
              "image": "href", "use": "href", "bgsound": "src"}  # fmt: skip
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-url", "data-href", "data-link")
_NOT_FETCHED_RELS = frozenset(("dns-prefetch", "preconnect", "pingback", "edituri", "wlwmanifest"))
_CSS_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""", re.I)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_CSS_RULE = re.compile(r"([.#][\w\-]+)\s*\{([^{}]{0,2000})\}")
_REFRESH = re.compile(r"""^\s*\d*(?:\.\d*)?\s*[;,\s]\s*(?:url\s*=\s*)?["']?\s*([^"'\s][^"']*)""", re.I)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_WRAPPED = re.compile(rf"(?<=[{_CJK}])\s*\n\s*(?=[{_CJK}])")


class Place:
    """An address on the page as it stands there. `text` is final; `zone` may still change during the walk."""

    __slots__ = ("href", "tag", "text", "zone")

    def __init__(self, tag: str, href: str, text: str, zone: Zone) -> None:
        self.tag = tag
        self.href = href
        self.text = text
        self.zone = zone


@dataclass(frozen=True, slots=True)
class Block:
    """A container: `start` and `end` index `Outline.parts`, `weight` its characters outside links."""

    parent: int
    start: int
    end: int
    weight: int
    named: bool
    frame: bool


@dataclass(slots=True)
class Outline:
    """What one walk found. `parts` joined are the visible text; `blocks` stand in order of their ends."""

    parts: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    meta: dict[str, str] = field(default_factory=dict)
    title: str = ""
    headings: list[tuple[str, str]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    article: str = ""
    """The content that a script carries as HTML, when the page is built that way."""
    lang: str = ""

    @property
    def text(self) -> str:
        return "".join(self.parts)


def outline(tree: LexborHTMLParser) -> Outline:
    """Walk the document. Bounded in nodes and links, whatever the page."""
    found = Outline()
    root = tree.root
    if root is not None:
        _Walk(found).over(root)
    return found


def plain(text: str) -> str:
    """`text` with white space as a reader sees it: single spaces, none where a Chinese line was wrapped."""
    text = text.strip()
    if "\n" in text:
        text = _WRAPPED.sub("", text)
    return " ".join(text.split())


class _Frame:
    """An open element of the walk."""

    __slots__ = ("chars", "id", "label", "links", "mark", "named", "order", "place", "root", "silent", "start", "tag", "weight", "zone")

    def __init__(self, node_id: int, tag: str, zone: Zone, silent: bool, root: bool) -> None:
        self.id = node_id
        self.tag = tag
        self.zone = zone
        self.silent = silent
        self.root = root
        self.start = 0
        self.weight = 0
        self.links = 0
        self.chars = 0
        self.order = -1
        self.named = False
        self.place: Place | None = None
        self.label = ""
        self.mark = 0


class _Walk:
    def __init__(self, found: Outline, *, prefix: str = "", zone: Zone = Zone.BODY, depth: int = 0) -> None:
        self.found = found
        self.prefix = prefix
        self.zone = zone
        self.depth = depth
        self.pending = 0
        self.edge = False
        self.weight = 0
        self.label_chars = 0
        self.anchor: _Frame | None = None
        self.hidden_names: set[str] = set()
        self.footers: list[tuple[_Frame, int]] = []
        self.roots: list[tuple[int, int, int]] = []
        self.open_blocks: list[int] = [-1]

    # --- text

    def say(self, text: str) -> None:
        words = text.split()
        if not words:
            if self.pending < 1:
                self.pending = 1
            return
        parts = self.found.parts
        if text[0].isspace() and self.pending < 1:
            self.pending = 1
        if self.pending:
            if parts:
                parts.append(" \t\n"[self.pending - 1])
            self.pending = 0
        elif self.edge and parts and (text[0].isdigit() or parts[-1][-1].isdigit()):
            parts.append(" ")
        self.edge = False
        if len(words) == 1:
            said = words[0]
        else:
            said = " ".join(words)
            if "\n" in text:
                said = plain(text)
        parts.append(said)
        if text[-1].isspace():
            self.pending = 1
        if self.anchor is None:
            self.weight += len(said)
        else:
            self.label_chars += len(said)

    # --- walk

    def over(self, root: LexborNode) -> None:
        stack: list[_Frame] = []
        top: _Frame | None = None
        found = self.found
        for count, node in enumerate(root.traverse(include_text=True)):
            if count > MOST_NODES:
                break
            tag = node.tag
            if top is not None:
                parent = node.parent
                above = parent.mem_id if parent is not None else 0
                while top is not None and top.id != above:
                    self.close(stack.pop())
                    top = stack[-1] if stack else None
            if tag == "-text":
                if top is None or not top.silent:
                    content = node.text_content
                    if content:
                        self.text_node(content, stack)
                continue
            if tag is None or tag[0] == "-":
                continue
            frame = self.enter(node, tag, top)
            stack.append(frame)
            top = frame
        while stack:
            self.close(stack.pop())
        self.settle(found)

    def text_node(self, content: str, stack: list[_Frame]) -> None:
        if "]]>" in content:
            content = content.replace("]]>", " ")
        self.say(content)
        if len(content) > 4 and not self.prefix and any(phrase in content for phrase in _FOOTER_PHRASES):
            for frame in reversed(stack):
                if frame.tag in ("div", "table", "td", "center", "footer", "ul", "dl", "section"):
                    self.footers.append((frame, len(self.found.places)))
                    break

    def enter(self, node: LexborNode, tag: str, top: _Frame | None) -> _Frame:
        found = self.found
        attributes = node.attributes
        zone = top.zone if top is not None else self.zone
        silent = top is not None and top.silent
        root = False
        names = ""
        if attributes:
            ident = attributes.get("id")
            if ident:
                found.anchors.add(ident)
            classes = attributes.get("class")
            if ident or classes:
                names = f"{classes or ''} {ident or ''}"
        if zone is Zone.BODY and tag not in ("html", "body", "a", "img"):
            part = _part(tag, names)
            if part is not None:
                zone, root = part, True
        if zone is not Zone.HIDDEN and attributes and self.out_of_sight(tag, attributes, names):
            zone, root = Zone.HIDDEN, False
        frame = _Frame(node.mem_id, tag, zone, silent or tag in _SILENT, root)
        frame.mark = len(found.places)
        frame.links = self.label_chars
        frame.weight = self.weight
        if not silent:
            if tag in _BLOCK or tag == "br":
                self.pending = 3
            elif tag in _CELL and self.pending < 2:
                self.pending = 2
        frame.start = len(found.parts)
        if tag in _CONTAINER:
            frame.named = tag in _BODY_TAGS or (bool(names) and _is_content(names))
            frame.order = len(found.blocks)
            found.blocks.append(_OPEN_BLOCK)
            frame.chars = self.open_blocks[-1]
            self.open_blocks.append(frame.order)
        if attributes or tag in ("script", "style"):
            self.addresses(node, tag, attributes, zone, frame)
        return frame

    def close(self, frame: _Frame) -> None:
        found = self.found
        tag = frame.tag
        if not frame.silent:
            if tag in _BLOCK:
                self.pending = 3
            elif tag in _CELL and self.pending < 2:
                self.pending = 2
        if frame is self.anchor:
            self.anchor = None
            self.edge = True
            place = frame.place
            if place is not None:
                place.text = label(found.parts[frame.start :]) or place.text or frame.label
        elif tag in ("h1", "h2", "h3") and len(found.headings) < 40 and not frame.silent:
            said = label(found.parts[frame.start :])
            if said:
                found.headings.append((tag, said))
        weight = self.weight - frame.weight
        if frame.order >= 0:
            self.open_blocks.pop()
            found.blocks[frame.order] = Block(frame.chars, frame.start, len(found.parts), weight, frame.named, frame.root)
        if frame.root:
            self.roots.append((frame.mark, len(found.places), weight))
        elif frame.zone is Zone.BODY and tag in _SHORT_LISTS:
            self.short_list(frame, weight)

    def short_list(self, frame: _Frame, weight: int) -> None:
        """Many short labels and next to no other words are a menu, whatever its name."""
        places = self.found.places
        number = len(places) - frame.mark
        if number < 5 or number > 400:
            return
        chars = self.label_chars - frame.links
        if chars > 7 * number or weight > chars * 0.3:
            return
        labelled = sum(1 for place in places[frame.mark :] if place.tag == "a" and place.text)
        if labelled < 5 or chars > 6.5 * labelled:
            return
        for place in places[frame.mark :]:
            if place.zone is Zone.BODY:
                place.zone = Zone.NAV

    def settle(self, found: Outline) -> None:
        """Undo a frame that turned out to hold the content, and mark footers known by their words."""
        total = self.weight
        places = found.places
        for first, last, weight in self.roots:
            if weight > 400 and weight > total * 0.5:
                for place in places[first:last]:
                    if place.zone in (Zone.NAV, Zone.FOOTER):
                        place.zone = Zone.BODY
        for frame, at in self.footers:
            end = at
            while end < len(places) and end - frame.mark <= 60:
                end += 1
            if at - frame.mark <= 60:
                for place in places[frame.mark : at]:
                    if place.zone in (Zone.BODY, Zone.NAV):
                        place.zone = Zone.FOOTER

    # --- addresses

    def place(self, tag: str, href: str | None, text: str, zone: Zone) -> Place | None:
        if not href or len(self.found.places) >= MOST_LINKS or "{{" in href or "${" in href or "<%" in href:
            return None
        if scripts.UNKNOWN in href:
            return None
        place = Place(self.prefix + tag if self.prefix else tag, href, text, zone)
        self.found.places.append(place)
        return place

    def addresses(self, node: LexborNode, tag: str, attributes: dict[str, str | None], zone: Zone, frame: _Frame) -> None:
        get = attributes.get
        if tag == "a":
            name = get("name")
            if name:
                self.found.anchors.add(name)
            self.a(attributes, zone, frame)
            style = get("style")
            if style and "url(" in style:
                self.css(style, zone)
            return
        own = _OWN_LINKS.get(tag)
        if own is not None:
            self.own(node, tag, own, attributes, zone)
        elif tag == "meta":
            self.meta(attributes, zone)
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
            self.found.lang = get("lang") or ""
        elif tag in ("body", "table", "td", "th", "tr"):
            self.place(f"{tag}[background]", get("background"), "", zone)
        if tag != "meta":
            self.extra(node, tag, attributes, zone)

    def a(self, attributes: dict[str, str | None], zone: Zone, frame: _Frame) -> None:
        get = attributes.get
        frame.place = None
        self.edge = True
        if self.anchor is None:
            self.anchor = frame
            frame.label = ""
        href = attributes.get("href", get("xlink:href"))
        name = plain(get("title") or "")
        known = "href" in attributes or "xlink:href" in attributes
        script = known and (href or "").lstrip()[:11].lower() == "javascript:"
        if known and not script:
            frame.place = self.always("a", href or "", name, zone)
        elif script:
            address = scripts.handler_address((href or "").strip()[11:])
            if address:
                frame.place = self.place("a[javascript]", address, name, zone)
        if (tagname := get("tagname")) and tagname[0] != "[":
            frame.place = self.place("a[tagname]", tagname, name, zone) or frame.place
        for attribute in ("data-url", "data-href", "data-link"):
            if value := get(attribute):
                frame.place = self.place(f"a[{attribute}]", value, name, zone) or frame.place
        onclick = get("onclick")
        if onclick and (script or not href or href.strip() in ("#", "")):
            address = scripts.handler_address(onclick)
            if address:
                frame.place = self.place("a[onclick]", address, name, zone) or frame.place

    def always(self, tag: str, href: str, text: str, zone: Zone) -> Place | None:
        if href:
            return self.place(tag, href, text, zone)
        if len(self.found.places) >= MOST_LINKS:
            return None
        place = Place(self.prefix + tag, href, text, zone)
        self.found.places.append(place)
        return place

    def own(self, node: LexborNode, tag: str, attribute: str, attributes: dict[str, str | None], zone: Zone) -> None:
        get = attributes.get
        name = ""
        if tag in ("img", "input", "area"):
            name = plain(get("alt") or get("title") or "")
            if name and tag == "img" and self.anchor is not None and not self.anchor.label:
                self.anchor.label = name
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
        if href and not (tag in ("iframe", "frame") and href.strip().lower().startswith(("about:", "javascript:"))):
            self.place(tag, href, name, zone)
        if tag in ("img", "source", "link"):
            for candidate in _candidates(get("srcset") or get("imagesrcset") or ""):
                self.place(f"{tag}[srcset]", candidate, name, zone)
        if tag in ("img", "iframe"):
            for lazy in _LAZY[:3]:
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
            self.found.meta.setdefault(name.strip().lower(), content.strip())
        equiv = (get("http-equiv") or "").strip().lower()
        if equiv == "refresh" and content:
            found = _REFRESH.match(content)
            if found:
                self.place("meta", found.group(1).strip(), "", zone)

    def option(self, node: LexborNode, attributes: dict[str, str | None], zone: Zone) -> None:
        value = (attributes.get("value") or "").strip()
        if value[:4].lower() == "http" and "://" in value[:8]:
            self.place("option", attributes.get("value"), plain(node.text() or ""), zone)
        elif value and _PAGE_VALUE.fullmatch(value):
            self.place("option", value, plain(node.text() or ""), zone)

    def extra(self, node: LexborNode, tag: str, attributes: dict[str, str | None], zone: Zone) -> None:
        get = attributes.get
        style = get("style")
        if style and ("url(" in style or "URL(" in style):
            self.css(style, zone)
        if tag == "img" or tag == "iframe":
            return
        for attribute in ("data-url", "data-href", "data-link"):
            value = get(attribute)
            if value and _PAGE_VALUE.fullmatch(value.strip()):
                self.place(f"{tag}[{attribute}]", value, plain((node.text() or "")[:200]), zone)
        onclick = get("onclick")
        if onclick and tag not in ("html", "body"):
            address = scripts.handler_address(onclick)
            if address:
                self.place(f"{tag}[onclick]", address, plain((node.text() or get("value") or "")[:200]), zone)

    def css(self, text: str, zone: Zone) -> None:
        if "/*" in text:
            text = _CSS_COMMENT.sub("", text)
        for m in _CSS_URL.finditer(text):
            href = next((g for g in m.groups() if g), "").strip()
            if href and not href.lower().startswith(("data:", "about:", "#", "javascript:")):
                self.place("style", href, "", zone)

    def style_sheet(self, text: str, zone: Zone) -> None:
        if "url(" in text or "@import" in text or "URL(" in text:
            self.css(text, zone)
        if "-9" in text or "indent" in text or "hidden" in text:
            for selector, rules in _CSS_RULE.findall(_CSS_COMMENT.sub("", text)):
                if _HIDDEN.search(rules):
                    self.hidden_names.add(selector)

    def script(self, code: str, kind: str | None, zone: Zone) -> None:
        if not code or not scripts.is_code(kind):
            return
        for address in scripts.addresses(code):
            self.place(f"script:{address.place}", address.href, plain(address.text), zone)
        if self.depth < 2:
            for written in scripts.written_html(code):
                inner = Outline()
                walk = _Walk(inner, prefix=f"script:{written.place}:", zone=zone, depth=self.depth + 1)
                root = LexborHTMLParser(written.html, scripting=True).root
                if root is None:
                    continue
                walk.over(root)
                for place in inner.places[: MOST_LINKS - len(self.found.places)]:
                    if place.tag.endswith(":a"):
                        place.tag = place.tag[:-2]
                    self.found.places.append(place)
                self.found.anchors |= inner.anchors
                if written.place == "config":
                    self.found.article = inner.text
                if written.place in ("record", "config") or scripts.UNKNOWN not in written.html:
                    self.pending = 3
                    for line in inner.text.split("\n"):
                        self.say(line)
                        self.pending = 3

    # --- sight

    def out_of_sight(self, tag: str, attributes: dict[str, str | None], names: str) -> bool:
        style = attributes.get("style")
        if style and ("-" in style or "hidden" in style or "font-size" in style):
            if _HIDDEN.search(style):
                return True
            if tag in _INLINE_WORDS and _HIDDEN_INLINE.search(style):
                return True
        if tag == "marquee":
            for side in ("height", "width"):
                size = (attributes.get(side) or "").strip().removesuffix("px")
                if size.isdigit() and int(size) <= _PARTS["hidden"]["marquee_height"]:
                    return True
        if self.hidden_names and names:
            ident = attributes.get("id")
            if ident and "#" + ident in self.hidden_names:
                return True
            return any("." + name in self.hidden_names for name in (attributes.get("class") or "").split())
        return False


_OPEN_BLOCK = Block(-1, 0, 0, 0, False, False)
_PAGE_VALUE = re.compile(
    r"(?:https?:/)?(?:\.{0,2}/|[\w\-]+/)?[\w./~%@:\-]{1,300}\.(?:s?html?|jhtml|jspx?|aspx?|php|do|action|pdf|docx?|xlsx?)(?:\?\S{0,300})?",
    re.I,
)


def label(parts: list[str]) -> str:
    """What stands between two points of the text, on one line."""
    text = "".join(parts)
    if "\n" in text or "\t" in text:
        text = plain(text.replace("\t", " "))
    return text.strip()


@lru_cache(maxsize=8192)
def _part(tag: str, names: str) -> Zone | None:
    """The zone an element opens by its tag, id and class; None when they say nothing."""
    if tag in _NAV_TAGS:
        return Zone.NAV
    if tag in _FOOTER_TAGS:
        return Zone.FOOTER
    if not names:
        return None
    for name in names.split():
        if name.lower() in _FOOTER_WORDS:
            return Zone.FOOTER
        if name.lower() in _NAV_WORDS:
            return Zone.NAV
    words = [word.lower() for word in _WORDS.findall(names)]
    if any(word in _FOOTER_WORDS for word in words):
        return Zone.FOOTER
    if any(word in _NAV_WORDS for word in words):
        return Zone.NAV
    return None


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


