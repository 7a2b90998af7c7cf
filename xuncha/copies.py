"""Copies of archived pages that are safe to hand on: rebuilt from a list of harmless tags, personal data masked.

Nothing of the page's own markup is passed on: tags are written anew, text is escaped, scripts, frames, forms, styles
and addresses are left out. A copy asks nobody for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

from checks.privacy.personal_data import mask
from crawler.extract.webpage import WebPage

MOST_NODES = 200_000
MOST_CHARACTERS = 400_000
"""Of a page's text; what comes after is cut, and the copy says so."""

_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "template",
        "svg",
        "math",
        "link",
        "meta",
        "base",
        "head",
        "title",
        "video",
        "audio",
        "canvas",
        "source",
        "track",
        "param",
        "input",
        "button",
        "select",
        "textarea",
        "datalist",
        "option",
        "map",
        "area",
        "dialog",
        "portal",
        "slot",
        "noembed",
        "noframes",
        "plaintext",
        "xmp",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "br",
    ]
)
_KEPT = _BLOCKS - {"html", "body", "form"} | frozenset(
    [
        "a",
        "abbr",
        "b",
        "big",
        "cite",
        "code",
        "col",
        "colgroup",
        "del",
        "em",
        "font",
        "i",
        "ins",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "u",
        "label",
    ]
)
_VOID = frozenset({"br", "hr", "col"})
_PLAIN_ATTRIBUTES = frozenset({"colspan", "rowspan"})
_STYLED_ATTRIBUTES = _PLAIN_ATTRIBUTES | frozenset(
    [
        "class",
        "id",
        "style",
        "width",
        "height",
        "align",
        "valign",
        "bgcolor",
        "color",
        "size",
        "face",
        "cellpadding",
        "cellspacing",
        "border",
        "span",
    ]
)
_ADDRESSES = ("href", "src", "action", "data-src", "data-original", "background", "formaction")
_LONGEST_ATTRIBUTE = 300
_MASKED = re.compile(r"[\d -]{0,12}\*[\d* -]{3,16}[\dXx*]")
_HIDING = ("url(", "expression", "@", "\\", "javascript", "/*")

_CSS = (
    "body{margin:0;font:16px/1.7 'Noto Sans CJK SC','Microsoft YaHei',SimSun,sans-serif;color:#222;background:#fff}"
    "header.archive{background:#fff3c4;border-bottom:2px solid #c98a1b;padding:10px 20px}"
    "header.archive b{color:#a61b1b}header.archive div{overflow-wrap:anywhere}"
    "main.archive{max-width:1000px;margin:0 auto;padding:12px 20px;overflow-wrap:anywhere}"
    "main.archive table{border-collapse:collapse}main.archive td,main.archive th{border:1px solid #ccc;padding:2px 6px}"
    "main.archive a{color:#1a5a9e}i.picture{color:#888}"
    "mark{background:#ffe08a;color:#a61b1b;outline:2px solid #d22}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is marked in a copy for one finding: links to `targets`, else the first of `quotes` that the page holds."""

    quotes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


class _Token(NamedTuple):
    """A piece of the copy: markup of ours, or text of the page from `start` on."""

    markup: str
    text: str = ""
    start: int = 0


@dataclass(slots=True)
class _Built:
    tokens: list[_Token] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    length: int = 0
    links: list[tuple[str, int, int]] = field(default_factory=list)
    """(address, first character, character after the last) of every address on the page."""
    cut: bool = False

    def say(self, text: str) -> None:
        self.tokens.append(_Token("", text, self.length))
        self.gap(text)

    def gap(self, text: str = "\n") -> None:
        """Text that is searched and not shown: the border between two blocks."""
        self.parts.append(text)
        self.length += len(text)


class Copy:
    """One archived page, taken apart once. `page` is its decoded source."""

    def __init__(self, page: WebPage, *, styled: bool = False) -> None:
        """`styled` keeps classes and inline styles, for a picture that nobody opens as a page."""
        self._page = page
        self._built = _taken_apart(page, styled)
        self._text = mask("".join(self._built.parts))
        self._compact, self._places = _compact(self._text)

    @property
    def title(self) -> str:
        node = self._page.tree.css_first("title")
        return mask((node.text() if node is not None else "").strip()[:200])

    def find(self, sought: Sought) -> tuple[int, int] | None:
        """Where what is sought stands in the text; None when the page does not hold it."""
        for url, start, end in self._built.links:
            if url in sought.targets:
                return start, end
        for quote in sought.quotes:
            needle = "".join(mask(quote).split())
            at = self._compact.find(needle) if needle else -1
            if at >= 0:
                return self._places[at], self._places[at + len(needle) - 1] + 1
        return None

    def narrowed(self, place: tuple[int, int], inside: str) -> tuple[int, int]:
        """The part of a place that is meant: the words `inside`, else a masked number, else all of it."""
        start, end = place
        text = self._text[start:end]
        at = text.find(inside) if inside else -1
        if at >= 0:
            return start + at, start + at + len(inside)
        masked = _MASKED.search(text)
        return (start + masked.start(), start + masked.end()) if masked else place

    def html(self, marks: Sequence[tuple[int, int, str]]) -> str:
        """The copy's content with the spans (first, after the last, name) marked; the name becomes an anchor."""
        return "".join(self._pieces(sorted(marks)))

    def _pieces(self, marks: Sequence[tuple[int, int, str]]) -> Iterator[str]:
        for token in self._built.tokens:
            if token.markup:
                yield token.markup
                continue
            text = self._text[token.start : token.start + len(token.text)]
            at = 0
            for start, end, name in marks:
                first, last = max(start - token.start, at), min(end - token.start, len(text))
                if first >= last:
                    continue
                yield escape(text[at:first])
                anchor = f' id="{escape(name)}"' if start >= token.start else ""
                yield f'<mark class="xuncha"{anchor}>{escape(text[first:last])}</mark>'
                at = last
            yield escape(text[at:])

    def page(self, seen: str, marks: Sequence[tuple[int, int, str]]) -> bytes:
        """The whole copy: a page without scripts, styles, addresses and requests, under a banner that says what it is."""
        cut = "内容过长，只保留了前面的部分。" if self._built.cut else ""
        return (
            '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
            " base-uri 'none'; form-action 'none'\">"
            '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
            f"<title>存档副本 {escape(self.title)}</title><style>{_CSS}</style></head><body>"
            f'<header class="archive"><b>存档副本</b>　不是网站现在的样子。<div>网址：{escape(mask(self._page.url))}</div>'
            f"<div>存档时间：{escape(seen)}　标题：{escape(self.title)}</div>"
            f"<div>为安全起见去掉了脚本、样式、图片和链接，个人信息已遮盖；原始内容在本次检查的存档文件里。{cut}</div></header>"
            f'<main class="archive">{self.html(marks)}</main></body></html>\n'
        ).encode("utf-8", "replace")


def _taken_apart(page: WebPage, styled: bool) -> _Built:
    """Walk the tree without recursion: pages may be nested as deep as they like."""
    built = _Built()
    root: Any = page.tree.body or page.tree.root
    waiting: list[Any] = [root] if root is not None else []
    nodes = 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            _close(built, node)
            continue
        if isinstance(node, tuple):
            url, start = node
            built.links.append((url, start, built.length))
            continue
        nodes += 1
        if nodes > MOST_NODES or built.length > MOST_CHARACTERS:
            built.cut = True
            break
        if node.next is not None and node is not root:
            waiting.append(node.next)
        tag = node.tag
        if tag == "-text":
            text = node.text_content or ""
            if text:
                built.say(text[: MOST_CHARACTERS - built.length + 1])
            continue
        if tag is None or tag.startswith(("-", "_")) or tag in _DROPPED:
            continue
        attributes: Mapping[str, str | None] = node.attributes
        start = built.length
        links = _links(page, attributes)
        if tag == "img":
            _picture(built, attributes)
            built.links += [(url, start, built.length) for url in links]
            continue
        if tag in _BLOCKS:
            built.gap()
        if tag in _KEPT:
            kept = _attributes(attributes, _STYLED_ATTRIBUTES if styled else _PLAIN_ATTRIBUTES)
            if tag == "a" and styled:
                kept += ' href="#"'
            built.tokens.append(_Token(f"<{tag}{kept}>"))
            if tag not in _VOID:
                waiting.append(tag)
        elif tag in ("form", "body", "html") and styled:
            built.tokens.append(_Token(f"<div{_attributes(attributes, _STYLED_ATTRIBUTES)}>"))
            waiting.append("div")
        waiting += [(url, built.length) for url in links]
        if node.child is not None:
            waiting.append(node.child)
    for left in reversed(waiting):
        if isinstance(left, str):
            _close(built, left)
    return built


def _close(built: _Built, tag: str) -> None:
    built.tokens.append(_Token(f"</{tag}>"))
    if tag in _BLOCKS:
        built.gap()


def _picture(built: _Built, attributes: Mapping[str, str | None]) -> None:
    """A picture is not in the archive: its place says what it was, by its words, else by the name of its file."""
    said = (attributes.get("alt") or attributes.get("title") or "").strip()
    address = (attributes.get("src") or attributes.get("data-src") or "").partition("?")[0]
    name = said or ("" if address.startswith("data:") else address.rpartition("/")[2].strip())
    built.tokens.append(_Token('<i class="picture">'))
    built.say(f"［图片：{name[:60]}］" if name else "［图片］")
    built.tokens.append(_Token("</i>"))


def _links(page: WebPage, attributes: Mapping[str, str | None]) -> list[str]:
    found = []
    for name in _ADDRESSES:
        value = attributes.get(name)
        if value and (url := page.resolve(value)) is not None:
            found += [url] if "#" not in url else [url, url.partition("#")[0]]
    return found


def _attributes(attributes: Mapping[str, str | None], kept: frozenset[str]) -> str:
    """Attributes that only lay out, written anew."""
    written = []
    for name, value in attributes.items():
        if name not in kept or value is None:
            continue
        value = value[:_LONGEST_ATTRIBUTE]
        if name in ("colspan", "rowspan", "span"):
            if not value.strip().isdecimal() or int(value) > 100:
                continue
        elif any(word in value.lower() for word in _HIDING) or "xuncha" in value.lower():
            continue
        written.append(f' {name}="{escape(value)}"')
    return "".join(written)


def _compact(text: str) -> tuple[str, list[int]]:
    """The text without white space, and where each of its characters stands in `text`."""
    places = [at for at, char in enumerate(text) if not char.isspace()]
    return "".join(text[at] for at in places), places
