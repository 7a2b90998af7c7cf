"""One page, decoded once, parsed once, walked once: what every extractor is handed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser

from crawler.evidence.records import Charset
from crawler.extract.address import Resolver, resolve
from crawler.extract.charset import decode
from crawler.extract.outline import outline
from crawler.extract.outlined import Outline, plain
from crawler.extract.signs import SOURCE

DEEPEST = 100_000
"""Open tags a page may have before it is cut: the parser's own memory is bounded by it."""


@dataclass(frozen=True, kw_only=True)
class WebPage:
    """`url` is the address the page was finally served from; `html` its decoded source."""

    url: str
    html: str
    charset: Charset

    @cached_property
    def words(self) -> set[str]:
        """The words of `signs.SOURCE` that stand in the source, comments included."""
        return SOURCE.among(self.html.split("\n"))

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The document as a browser that runs scripts builds it (noscript is text)."""
        return LexborHTMLParser(self.html, scripting=True)

    @cached_property
    def base_url(self) -> str:
        """The address links are resolved against: the first <base href>, else the page's own."""
        base = self.outline.base
        if base is None:
            return self.url
        found = resolve(self.url, base, self.query_charset)
        return found if found and found[:5] not in ("data:", "javas") else self.url

    @cached_property
    def query_charset(self) -> str:
        """The charset in which a browser writes the queries of this page's links."""
        declared, used = self.charset.declared, self.charset.used
        if used == "gb18030":
            return "gb18030" if declared == "gb18030" else "gbk"
        return used if not used.startswith("utf") else "utf-8"

    @cached_property
    def resolver(self) -> Resolver:
        return Resolver(self.base_url, self.query_charset)

    def resolve(self, href: str) -> str | None:
        """The address a browser would fetch for `href` on this page; None when there is none."""
        found = self.resolver(href)
        return found.url if found else None

    @cached_property
    def outline(self) -> Outline:
        """Text, places of addresses, zones and anchors, from one walk over the tree."""
        return outline(self.tree)

    @cached_property
    def raw_title(self) -> str:
        """The <title> element as written, white space apart."""
        head = self.tree.head
        node = next((one for one in head.iter() if one.tag == "title"), None) if head is not None else None
        if node is None:
            node = self.tree.css_first("title")
        return plain(node.text() or "") if node is not None else ""

    @cached_property
    def meta(self) -> dict[str, str]:
        """Meta tags by lower-case name, first one wins, empty ones left out."""
        return self.outline.meta


def open_page(url: str, body: bytes, content_type: str | None = None) -> WebPage:
    """Decode and parse `body`, served from `url` with the header `content_type`. Never raises on bad bytes."""
    html, charset = decode(body, content_type)
    return WebPage(url=url, html=html, charset=charset)
