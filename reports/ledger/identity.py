"""Whether a finding that looks new is a known one that moved: its page has another address, the rest is the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from checks.check import Subject

# What differs between two addresses of one page: scheme, www, the name of the index page.
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|shtml|jsp|aspx?|php)(?=$|[#?])|/(?=$|[#?])", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s#]+", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
# Labels and titles that name no page.
_VAGUE = frozenset({"首页", "更多", "详情", "查看", "点击查看", "下载", "附件", "返回", "链接", "网站首页"})
LEAST_TITLE = 4
LINKS = ("link", "document")

Mark = tuple[str, ...]


def moved(
    gone: Iterable[tuple[str, str, Subject]], new: Iterable[tuple[str, str, Subject]]
) -> Mapping[str, str]:
    """Pair the findings that are gone with new ones: name of the new one -> name of the gone one.

    Rows are (name, check, subject). A pair is made only where both sides are the only ones of their mark:
    two pages of one title stay apart.
    """
    old, fresh = list(gone), list(new)
    pairs: dict[str, str] = {}
    for mark in (_same_address, _same_title):
        old_by, new_by = _only(old, mark), _only(fresh, mark)
        for key, name in new_by.items():
            if key in old_by:
                pairs[name] = old_by[key]
        taken = set(pairs.values())
        old = [row for row in old if row[0] not in taken]
        fresh = [row for row in fresh if row[0] not in pairs]
    return pairs


def _only(
    rows: Iterable[tuple[str, str, Subject]], mark: Callable[[str, Subject], Mark | None]
) -> dict[Mark, str]:
    by_mark: defaultdict[Mark, list[str]] = defaultdict(list)
    for name, check, subject in rows:
        key = mark(check, subject)
        if key is not None:
            by_mark[key].append(name)
    return {key: names[0] for key, names in by_mark.items() if len(names) == 1}


def _same_address(check: str, subject: Subject) -> Mark | None:
    """Equal but for the scheme, www and the index page."""
    if not _ADDRESS.search(subject.key):
        return None
    return check, subject.kind, _INDEX.sub("/", _SCHEME.sub("//", subject.key))


def _same_title(check: str, subject: Subject) -> Mark | None:
    """Equal title, and equal in what the key says besides the address; of a link, its file name too.

    The address of a link is the fault itself: only the same file in another folder is the same link.
    """
    title = _SPACES.sub("", subject.title or "")
    address: Any = _ADDRESS.search(subject.key)
    if address is None or len(title) < LEAST_TITLE or title in _VAGUE:
        return None
    file = ""
    if subject.kind in LINKS:
        file = address.group().rstrip("/").rpartition("/")[2]
        if "." not in file or file.count("/") > 0 or _INDEX.search(f"/{file}"):
            return None
    return check, subject.kind, title, _ADDRESS.sub("", subject.key), file
