"""What a style sheet points to: pictures, fonts, further sheets."""

from __future__ import annotations

import re

from crawler.evidence.records import Link, Zone
from crawler.extract.address import Resolver

_URL = re.compile(
    r"""url\(\s*(?:"([^"\n]{1,2000})"|'([^'\n]{1,2000})'|([^\s"')]{1,2000}))\s*\)|@import\s+["']([^"'\n]{1,2000})["']""",
    re.I,
)
_MOST = 2_000


def style_links(url: str, sheet: str) -> tuple[Link, ...]:
    """The addresses in the style sheet served from `url`, once each; comments and data: left out."""
    plain = "".join(part.partition("*/")[2] if n else part for n, part in enumerate(sheet.split("/*")))
    resolve = Resolver(url, "utf-8")
    found: dict[str, None] = {}
    for match in _URL.finditer(plain):
        href = next(group for group in match.groups() if group)
        if href.lower().startswith(("data:", "about:", "#", "javascript:")):
            continue
        resolved = resolve(href)
        if resolved is not None:
            found[resolved.url] = None
        if len(found) >= _MOST:
            break
    return tuple(Link(url=target, text="", tag="style", zone=Zone.BODY) for target in found)
