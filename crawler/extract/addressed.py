"""The addresses an element holds: in its attributes, its styles, its scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.evidence.records import Zone
from crawler.extract import scripts
from crawler.extract.outlined import Outline, Place, plain
from crawler.extract.zones import hides_what_it_names

MOST_LINKS = 20_000

_OWN_LINKS = {"img": "src", "iframe": "src", "frame": "src", "embed": "src", "source": "src", "track": "src", "video": "src",
              "audio": "src", "script": "src", "link": "href", "area": "href", "object": "data", "input": "src",
              "image": "href", "use": "href", "bgsound": "src"}  # fmt: skip
ADDRESSED = frozenset(_OWN_LINKS) | {"base", "meta", "form", "option", "style", "param", "html"}
_LAZY = ("data-src", "data-original", "data-lazy-src")
_DATA_ADDRESSES = ("data-url", "data-href", "data-link")
RARE = frozenset(("onclick", "background", "tagname", "formaction", *_DATA_ADDRESSES))
_LABELS_READ = 1_000_000
"""Characters read for the labels of things that are links by script only: nested ones read the same again."""
_BACKGROUNDS = frozenset(("body", "table", "thead", "tbody", "tfoot", "td", "th", "tr"))
_UNFILLED = re.compile(r"\{\{|\$\{|<%|" + scripts.UNKNOWN)
_NOT_FETCHED_RELS = frozenset(("dns-prefetch", "preconnect", "pingback", "edituri", "wlwmanifest"))
_CSS_URL = re.compile(
    r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^()"']{0,2000}))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""", re.I
)
_REFRESH = re.compile(r"""^\s*\d*(?:\.\d*)?\s*[;,\s]\s*(?:url\s*=\s*)?["']?\s*([^"'\s][^"']*)""", re.I)
_PAGE_VALUE = re.compile(
    r"(?:https?:/)?(?:\.{0,2}/|[\w\-]+/)?[\w./~%@:\-]{1,300}\.(?:s?html?|jhtml|jspx?|aspx?|php|do|action|pdf|docx?|xlsx?)(?:\?\S{0,300})?",
    re.I,
)
WORDED = frozenset(("script", "style", "html"))
"""Addressed by what they hold, or noted without any attribute."""
_SCRIPT_STARTS = frozenset("jJ \t\n\r\f")


class Addresses:
    """What a walk notes down in `found` about addresses. `prefix` begins the tags of what a script writes, `depth` says
    how many scripts deep that is; `label` is the text of the first picture in the link that is open, if one is.
    """

    def __init__(self, found: Outline, prefix: str, depth: int) -> None:
        self.found = found
        self.prefix = prefix
        self.depth = depth
        self.pending = 0
        self.in_link = False
        self.label = ""
        self.anchors: list[str] = []
        self.hidden: frozenset[str] = frozenset()
        self.labels_left = _LABELS_READ

    def say(self, text: str) -> None:
        """Add words to the text."""
        raise NotImplementedError

    def written(self, html: str, place: str, zone: Zone) -> Outline | None:
        """Walk what a script writes."""
        raise NotImplementedError

    def not_kept(self) -> None:
        """Something was noted that is no part of a stretch: those being walked are not kept."""
        raise NotImplementedError

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
            self.not_kept()
            if "href" in attributes and self.found.base is None:
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
            self.not_kept()
            self.found.lang = get("lang") or ""
        if "style" in attributes or not RARE.isdisjoint(attributes):
            self.extra(node, tag, attributes, zone)

    def a(self, attributes: dict[str, str | None], zone: Zone) -> Place | None:
        """Note down where an <a> leads: its href, or what its script opens."""
        get = attributes.get
        if name := get("name"):
            self.anchors.append(name)
        href = get("href")
        title = get("title") or ""
        script = False
        place: Place | None = None
        places = self.found.places
        plainly = href and href[0] not in _SCRIPT_STARTS and "{" not in href and "<" not in href
        if plainly and href and not self.prefix and len(places) < MOST_LINKS:
            place = Place("a", href, title)
            places.append(place)
            self.found.zones.append(zone)
        elif "href" in attributes:
            href = href or ""
            script = href[:1] in _SCRIPT_STARTS and href.lstrip()[:11].lower() == "javascript:"
            if script:
                if address := scripts.handler_address(href.strip()[11:]):
                    place = self.place("a[javascript]", address, title, zone)
            else:
                place = self.place("a", href, title, zone, empty=True)
        elif other := get("xlink:href"):
            place = self.place("a", other, title, zone)
        if "style" not in attributes and RARE.isdisjoint(attributes):
            return place
        if (tagname := get("tagname")) and tagname[0] != "[":
            place = self.place("a[tagname]", tagname, title, zone) or place
        for attribute in _DATA_ADDRESSES:
            if value := get(attribute):
                place = self.place(f"a[{attribute}]", value, title, zone) or place
        onclick = get("onclick")
        if onclick and (script or not href or href.strip() == "#"):
            address = scripts.handler_address(onclick)
            if address:
                place = self.place("a[onclick]", address, title, zone) or place
        style = get("style")
        if style and "url(" in style:
            self.css(style, zone)
        return place

    def own(
        self, node: LexborNode, tag: str, attribute: str, attributes: dict[str, str | None], zone: Zone
    ) -> None:
        get = attributes.get
        name = ""
        if tag in ("img", "input", "area"):
            name = plain(get("alt") or get("title") or "")
            if name and self.in_link and not self.label:
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
            self.not_kept()
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
        if names := hides_what_it_names(text):
            self.not_kept()
            self.hidden |= names

    def script(self, code: str, kind: str | None, zone: Zone) -> None:
        if not code or not scripts.is_code(kind):
            return
        for address in scripts.addresses(code):
            self.place(f"script:{address.place}", address.href, plain(address.text), zone)
        if self.depth < 2:
            for written in scripts.written_html(code):
                inner = self.written(written.html, written.place, zone)
                if inner is None:
                    continue
                room = MOST_LINKS - len(self.found.places)
                for place in inner.places[:room]:
                    if place.tag.endswith(":a"):
                        place.tag = place.tag[:-2]
                    self.found.places.append(place)
                self.found.zones += inner.zones[:room]
                self.anchors += inner.anchors
                if written.place == "config":
                    self.not_kept()
                    self.found.article = inner.text
                if written.place != "write":
                    for line in inner.text.split("\n"):
                        self.pending = 3
                        self.say(line)
                    self.pending = 3


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
