"""Which part of a page an element opens, by its tag, names and style."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborNode

from crawler.evidence.records import Zone

PARTS: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "page_parts.toml").read_text(encoding="utf-8")
)

# Members of an enumeration are looked up slowly, and this is asked for every element.
BODY, NAV, FOOTER, OUT_OF_SIGHT = Zone.BODY, Zone.NAV, Zone.FOOTER, Zone.HIDDEN

_NAV_WORDS = frozenset(PARTS["nav"]["words"])
_NAV_TAGS = frozenset(PARTS["nav"]["tags"])
_NAV_NAMES = frozenset(PARTS["nav"]["names"]) | _NAV_WORDS
_FOOTER_WORDS = frozenset(PARTS["footer"]["words"])
_FOOTER_NAMES = frozenset(PARTS["footer"]["names"]) | _FOOTER_WORDS
_FOOTER_TAGS = frozenset(PARTS["footer"]["tags"])
FRAME_TAGS = _NAV_TAGS | _FOOTER_TAGS
_BODY_IDS = frozenset(PARTS["body"]["ids"])
_BODY_CLASSES = frozenset(PARTS["body"]["classes"])
BODY_TAGS = frozenset(PARTS["body"]["tags"])
_HIDDEN = re.compile("|".join(PARTS["hidden"]["styles"]), re.I)
_HIDDEN_INLINE = re.compile("|".join(PARTS["hidden"]["inline_styles"]), re.I)
_INLINE_WORDS = frozenset(("a", "span", "font", "i", "b", "em", "strong", "p", "small"))
NO_FRAME_TAGS = frozenset(("html", "body", "a", "img", "h1", "h2", "h3", "p"))
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CSS_RULE = re.compile(r"([.#][\w\-]+)\s*\{([^{}]{0,2000})\}")
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.I)
_STRANGE = re.compile(r"(?:https?:)?//(?![^/?#]*\.(?:gov|edu|mil|ac)\.cn(?:[:/?#]|$))([^/?#:]{4,80})", re.I)
_FEWEST_PLANTED = 10
_MOST_PLANTED = 200


@lru_cache(maxsize=8192)
def part(tag: str, names: str) -> Zone:
    """The zone an element opens by its tag, id and class; the body when they say nothing."""
    if tag in _NAV_TAGS:
        return NAV
    if tag in _FOOTER_TAGS:
        return FOOTER
    for name in names.lower().split():
        if name in _FOOTER_NAMES:
            return FOOTER
        if name in _NAV_NAMES:
            return NAV
    words = [word.lower() for word in _WORDS.findall(names)]
    if any(word in _FOOTER_WORDS for word in words):
        return FOOTER
    if any(word in _NAV_WORDS for word in words):
        return NAV
    return BODY


@lru_cache(maxsize=4096)
def _hides(style: str, inline: bool) -> bool:
    if "-" not in style and "hidden" not in style:
        return False
    return bool(_HIDDEN.search(style) or (inline and _HIDDEN_INLINE.search(style)))


@lru_cache(maxsize=4096)
def is_telling(style: str) -> bool:
    """Whether a style attribute may put its element out of sight, or holds an address."""
    return _hides(style, True) or "none" in style or "url(" in style.lower()


def is_planted(node: LexborNode) -> bool:
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
def is_content(names: str) -> bool:
    parts = names.split()
    return any(name in _BODY_IDS or name in _BODY_CLASSES for name in parts)


def out_of_sight(
    tag: str, style: str | None, attributes: dict[str, str | None], hidden: frozenset[str]
) -> bool:
    """Whether an element is put where nobody sees it; display:none is not such a trick.

    `hidden` are the selectors that the page's styles put there.
    """
    if style and _hides(style, tag in _INLINE_WORDS):
        return True
    if tag == "marquee":
        for side in ("height", "width"):
            size = (attributes.get(side) or "").strip().removesuffix("px")
            if size.isdigit() and int(size) <= PARTS["hidden"]["marquee_height"]:
                return True
    if hidden:
        if "#" + (attributes.get("id") or "") in hidden:
            return True
        return any("." + name in hidden for name in (attributes.get("class") or "").split())
    return False


def hides_what_it_names(sheet: str) -> frozenset[str]:
    """The selectors that a style sheet without comments puts out of sight."""
    if ":-" not in sheet and ": -" not in sheet and "hidden" not in sheet:
        return frozenset()
    rules = _CSS_RULE.findall(sheet)
    return frozenset(
        selector for selector, rule in rules if "background" not in rule and _HIDDEN.search(rule)
    )
