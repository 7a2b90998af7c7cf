"""Pages that answer 200 and are not there: words that hint at it, and a likeness to compare pages by."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any
from zlib import crc32

_DATA: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "not_found.toml").read_text(encoding="utf-8")
)
_MOST_HAN = int(_DATA["most_han"])
_PHRASES = re.compile("|".join(f"(?:{row['re']})" for row in _DATA["phrase"]), re.I)
_TITLE = re.compile(_DATA["title"]["re"], re.I)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_VARIABLE = re.compile(r"[\x00-\x7f\s]+")

_KEPT = 64
_SHINGLE = 4
_READ = 6_000
_FEWEST = 8


def not_found_words(text: str, title: str = "") -> str | None:
    """The words by which a page says it does not exist; None when it does not say so.

    `text` is best the main text: a page of more than a few hundred characters is never suspected.
    """
    if len(text) > _MOST_HAN * 4 or len(_HAN.findall(text)) > _MOST_HAN:
        return None
    if found := _PHRASES.search(text):
        return found.group().strip()
    if title and (found := _TITLE.search(title)):
        return found.group().strip()
    return None


def fingerprint(text: str) -> bytes:
    """A sketch of `text` of at most 256 bytes, the same whatever address, number or date the page echoes.

    b"" when there are too few characters to tell pages apart.
    """
    kept = _VARIABLE.sub("", text[:_READ])
    shingles = {
        crc32(kept[i : i + _SHINGLE].encode("utf-8", "replace")) for i in range(len(kept) - _SHINGLE + 1)
    }
    if len(shingles) < _FEWEST:
        return b""
    return b"".join(value.to_bytes(4, "big") for value in sorted(shingles)[:_KEPT])


def similar(a: bytes, b: bytes) -> float:
    """How alike two pages are by their fingerprints, 0..1 (estimated share of common wording)."""
    if not a or not b:
        return 0.0
    one = {a[i : i + 4] for i in range(0, len(a), 4)}
    two = {b[i : i + 4] for i in range(0, len(b), 4)}
    lowest = sorted(one | two)[: max(len(one), len(two))]
    return sum(1 for value in lowest if value in one and value in two) / len(lowest)
