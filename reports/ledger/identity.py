"""Whether a finding that looks new is a known one that moved: its page has another address, the rest is the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from checks.check import Subject

# What differs between two addresses of one page: scheme, www, the name of the index page.
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|shtml|jsp|aspx?|php)(?=$|[#?])|/(?=$|[#?])", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s#]+", re.IGNORECASE)
_ORDINAL = re.compile(r"第\s*\d+\s*(?=[个张段行列处条页])")
_SPACES = re.compile(r"\s+")
# Labels and titles that name no page.
_VAGUE = frozenset({"首页", "更多", "详情", "查看", "点击查看", "下载", "附件", "返回", "链接", "网站首页"})
LEAST_TITLE = 4
LINKS = ("link", "document")

Mark = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A finding under a name, and the home page of the site it was seen on."""

    name: str
    check: str
    subject: Subject
    home: str


def moved(gone: Iterable[Sighting], new: Iterable[Sighting]) -> Mapping[str, str]:
    """Pair the findings that are gone with new ones: name of the new one -> name of the gone one.

    A pair is made only where both sides are the only ones of their mark: two pages of one title stay apart.
    """
    old, fresh = list(gone), list(new)
    pairs: dict[str, str] = {}
    for mark in (_same_address, _same_column, _same_title):
        old_by, new_by = _only(old, mark), _only(fresh, mark)
        pairs |= {name: old_by[key] for key, name in new_by.items() if key in old_by}
        taken = set(pairs.values())
        old = [one for one in old if one.name not in taken]
        fresh = [one for one in fresh if one.name not in pairs]
    return pairs


def _only(sightings: Iterable[Sighting], mark: Callable[[Sighting], Mark | None]) -> dict[Mark, str]:
    by_mark: defaultdict[Mark, list[str]] = defaultdict(list)
    for one in sightings:
        key = mark(one)
        if key is not None:
            by_mark[key].append(one.name)
    return {key: names[0] for key, names in by_mark.items() if len(names) == 1}


def _same_address(one: Sighting) -> Mark | None:
    """Equal but for the scheme, www, the index page, the site's own host, and the count of tables before it."""
    if not _ADDRESS.search(one.subject.key):
        return None
    return one.check, one.subject.kind, _ORDINAL.sub("", _plain(one.subject.key, one.home))


def _same_column(one: Sighting) -> Mark | None:
    """A column of another name or under another one, at the same address."""
    if one.subject.kind != "column" or not one.subject.url:
        return None
    return one.check, _plain(one.subject.url, one.home)


def _plain(address: str, home: str) -> str:
    """Without scheme, www, the index page's name and the host of the site itself."""
    host = _host(home)
    plain = _SCHEME.sub("//", address)
    own = re.sub(rf"//{re.escape(host)}(?=[/#?]|$)", "//", plain, flags=re.IGNORECASE) if host else plain
    return _INDEX.sub("/", own)


def _host(address: str) -> str:
    return _SCHEME.sub("", address).partition("/")[0]


def _same_title(one: Sighting) -> Mark | None:
    """Equal title, and equal in what the key says besides the address; of a link, its file name too.

    The address of a link is the fault itself: only the same file in another folder is the same link.
    """
    subject = one.subject
    title = _SPACES.sub("", subject.title or "")
    address = _ADDRESS.search(subject.key)
    if address is None or len(title) < LEAST_TITLE or title in _VAGUE:
        return None
    file = ""
    if subject.kind in LINKS:
        file = address.group().rstrip("/").rpartition("/")[2]
        if "." not in file or _INDEX.search(f"/{file}"):
            return None
    return one.check, subject.kind, title, _ORDINAL.sub("", _ADDRESS.sub("", subject.key)), file
