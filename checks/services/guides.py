"""The service guides of a site, gathered once per run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from crawler.evidence.reader import Evidence
from crawler.evidence.records import Page, PageKind

_DATA = tomllib.loads((Path(__file__).parent / "guides.toml").read_text(encoding="utf-8"))
_TITLE = re.compile(_DATA["title"])
_NOT_TITLE = re.compile(_DATA["not_title"])
_COLUMN = re.compile(_DATA["column"])
_PLATFORM = re.compile(_DATA["platform"])
_LONGEST = 40_000
"""Characters of a guide that are searched."""
PARTS = {part["name"]: re.compile(part["seen"]) for part in _DATA["part"]}
"""Parts of a guide by name, in the order of the official lists."""
VAGUE_ITEM = re.compile(_DATA["vague"]["item"])
VAGUE_PHRASE = re.compile(_DATA["vague"]["phrase"])
FORM = re.compile(_DATA["form"]["named"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A page that tells how one matter is done. `parts` are those it shows.

    `whole` False when more of it may stand elsewhere: an attachment that was not read, or the service platform.
    `text` is the page's own with that of its attachments.
    """

    page: Page
    text: str
    parts: frozenset[str]
    whole: bool


_gathered: WeakKeyDictionary[Evidence, tuple[Guide, ...]] = WeakKeyDictionary()


def guides(evidence: Evidence) -> tuple[Guide, ...]:
    """Every service guide in page order."""
    found = _gathered.get(evidence)
    if found is None:
        found = _gathered[evidence] = tuple(_gather(evidence))
    return found


def _gather(evidence: Evidence) -> Iterator[Guide]:
    for seen in evidence.outlines():
        if seen.listing is not None or seen.kind in (PageKind.HOME, PageKind.LIST):
            continue
        titled = _TITLE.search(seen.title) and not _NOT_TITLE.search(seen.title)
        column = seen.column_path.rpartition("\t")[2] if seen.column_path else ""
        if not titled and not (column and seen.kind == PageKind.ARTICLE and _COLUMN.match(column)):
            continue
        page = evidence.page(seen.id)
        own = evidence.text(page.id)
        attached = [evidence.document(n) for n in sorted(set(evidence.attachments(page.id).values()))]
        text = "\n".join([own, *(document.text for document in attached)])[:_LONGEST]
        parts = frozenset(name for name, seen in PARTS.items() if seen.search(text))
        if len(parts) <= _DATA["fewest"]:
            continue
        whole = not _PLATFORM.search(own) and all(d.readable and not d.recognised for d in attached)
        yield Guide(page=page, text=text, parts=parts, whole=whole)
