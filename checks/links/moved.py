"""Where did a page go? Proposals for dead addresses of the site, from what the walk itself saw."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from crawler.evidence.reader import Evidence

TITLE_AT_LEAST = 6
"""Shorter labels ("更多", "通知公告") say nothing about which page was meant."""
RULE_AT_LEAST = 3
"""So many moves by the same change of folder make a rule."""

_GAPS = re.compile(r"[\s\u3000《》“”\"'…·]+")
_WRITTEN_OTHERWISE = re.compile("[?#%]")
"""In an address whose last part may not be the name of its file as it is read."""
_TELLING = re.compile(r"[^/]*\d{4,}[^/]*\.\w+$|[^/]{12,}\.\w+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A living address that may be the one meant, and the ground for it in words."""

    url: str
    ground: str


class Moved:
    """Finds living pages and attachments by title or file name. The site is read only where a dead link asks."""

    def __init__(self, evidence: Evidence, asked: Iterable[tuple[str, Iterable[str]]]) -> None:
        """`asked` are dead addresses of the site with the labels of their links."""
        names: set[str | None] = set()
        titles: set[str] = set()
        for url, labels in asked:
            names.add(_file_name(url))
            titles.update(_GAPS.sub("", label) for label in labels)
        self._names: dict[str, set[str]] = {}
        self._titles: dict[str, set[str]] = {}
        for _, url, title in evidence.titles() if names else ():
            if (plain := _GAPS.sub("", title)) in titles:
                self._titles.setdefault(plain, set()).add(url)
            self._keep(url, names)
        for document in evidence.documents(texts=False) if names else ():
            if document.readable:
                self._keep(document.url, names)

    def _keep(self, url: str, wanted: set[str | None]) -> None:
        if url.rpartition("/")[2] not in wanted and not _WRITTEN_OTHERWISE.search(url):
            return
        name = _file_name(url)
        if name is not None and name in wanted:
            self._names.setdefault(name, set()).add(url)

    def proposal(self, url: str, labels: Iterable[str]) -> Proposal | None:
        """The one living address with the same telling file name, or whose title is a link's label."""
        name = _file_name(url)
        if name and len(found := self._names.get(name, set()) - {url}) == 1:
            return Proposal(url=next(iter(found)), ground=f"文件名相同（{name}）")
        for label in labels:
            plain = _GAPS.sub("", label)
            if len(plain) >= TITLE_AT_LEAST and len(found := self._titles.get(plain, set()) - {url}) == 1:
                return Proposal(url=next(iter(found)), ground=f"标题与链接文字相同（{label.strip()}）")
        return None


def rules(moves: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(old folder, new folder) -> how many of the moves it explains, where it explains enough of them."""
    counted = Counter(folders for old, new in moves if (folders := _folders(old, new)))
    return {pair: count for pair, count in counted.most_common() if count >= RULE_AT_LEAST}


def _file_name(url: str) -> str | None:
    """The last part of the path where it is telling enough to identify a page: an id, a date, a long name."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return name if _TELLING.match(name) else None


def _folders(old: str, new: str) -> tuple[str, str] | None:
    """What differs between two addresses once their common ending is taken off, cut at folders."""
    a, b = old.split("/"), new.split("/")
    while len(a) > 3 and len(b) > 3 and a[-1] == b[-1]:
        a.pop()
        b.pop()
    if len(a) == len(old.split("/")):
        return None
    return "/".join(a) + "/", "/".join(b) + "/"
