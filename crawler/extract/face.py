"""What tells whose page an address shows: title, description and language, from the beginning of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crawler.extract.address import host
from crawler.extract.webpage import open_page

_LONGEST = 160
_READ = 4_000
_ENOUGH = 20
"""Letters below which a page's language is not told."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]"), 0.1),
    ("ko", re.compile(r"[\uac00-\ud7af]"), 0.2),
    ("zh", _HAN, 0.2),
    ("ru", re.compile(r"[\u0400-\u04ff]"), 0.3),
    ("th", re.compile(r"[\u0e00-\u0e7f]"), 0.3),
    ("vi", re.compile(r"[ăâđêôơưạ-ỹ]", re.I), 0.08),
)
_NOT_WORDS = re.compile(r"[\W_]+")


def face(url: str, body: bytes, content_type: str | None) -> dict[str, Any] | None:
    """{host, title, description, lang} of the page that answered at `url`; None when it shows no words at all."""
    page = open_page(url, body, content_type or "")
    title = _short(found.text() if (found := page.tree.css_first("title")) is not None else "")
    described = page.tree.css_first('meta[name="description" i]')
    description = _short((described.attributes.get("content") or "") if described is not None else "")
    for node in page.tree.css("script, style, noscript"):
        node.decompose()
    text = page.tree.body.text(separator=" ")[:_READ] if page.tree.body is not None else ""
    words = f"{title} {description} {text}"
    if not _LETTER.search(words):
        return None
    return {"host": host(url), "title": title, "description": description, "lang": language(words)}


def language(text: str) -> str | None:
    """The language by its script ("zh", "ja", "ru", ... or "latin"); None when there is too little to tell."""
    letters = len(_LETTER.findall(text))
    if letters < _ENOUGH:
        return None
    return next(
        (name for name, script, share in _SCRIPTS if len(script.findall(text)) > share * letters), "latin"
    )


def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two faces of one address can be the same owner's: the same language, and titles that share words."""
    if one.get("lang") and other.get("lang") and one["lang"] != other["lang"]:
        return False
    a, b = (_pairs(str(f.get("title", ""))) for f in (one, other))
    return not a or not b or len(a & b) >= 0.3 * min(len(a), len(b))


def _pairs(title: str) -> set[str]:
    plain = _NOT_WORDS.sub("", title).lower()
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


def _short(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
