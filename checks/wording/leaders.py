"""Layer "leader": a name one near character away from a leader's, next to that leader's post. Only ever a review.

No list knows the leaders of every body; the site does: its own leaders' pages name them with their posts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity
from checks.wording.likeness import alike
from checks.wording.passage import Hit, Passage

_TITLE = re.compile(
    r"党[组委]?副?书记|纪检(?:监察)?组组?长|党[组委]成员|副?(?:局|厅|处|县|市|区|镇|乡|省|州|所|院|校|馆|会|部|队|秘书)长|副?主[任席]|总[一-鿿]{2,3}师"
)
_FORMER = re.compile(r"原|前任|时任|曾任|历任|老")
_REACH = 10
_NAME = re.compile(r"[一-鿿]{2,4}")
_AFTER_NAME = frozenset("在到说出率、，。：； \n")


class Leaders:
    """Asked with the site's own leaders: name -> posts as written."""

    def __init__(self, people: Mapping[str, Iterable[str]]) -> None:
        self._names = frozenset(name for name in people if _NAME.fullmatch(name))
        by_title: dict[str, list[str]] = {}
        for name in sorted(self._names):
            for title in sorted({title for post in people[name] for title in _TITLE.findall(post)}):
                by_title.setdefault(title, []).append(name)
        self._titles = list(by_title.items())
        self._automaton = AhoCorasick([title for title, _ in self._titles])

    def hits(self, passage: Passage) -> list[Hit]:
        if not self._titles:
            return []
        text = passage.text
        hits: dict[int, Hit] = {}
        for index, start, end in passage.found(self._automaton):
            title, names = self._titles[index]
            if text[start - 1 : start] == "副" or _FORMER.search(passage.before(start, _REACH)):
                continue
            for name in names:
                size = len(name)
                for at in (end, start - size):
                    written = text[at : at + size] if at >= 0 else ""
                    if self._is_slip(written, name) and (at < start or _ends(text, at + size, size)):
                        hits[at] = _hit(at, written, name, title)
        return [hits[at] for at in sorted(hits)]

    def _is_slip(self, written: str, name: str) -> bool:
        if len(written) != len(name) or written in self._names or not _NAME.fullmatch(written):
            return False
        places = [at for at, char in enumerate(name) if written[at] != char]
        return len(places) == 1 and alike(written[places[0]], name[places[0]])


def _ends(text: str, end: int, size: int) -> bool:
    """Whether a name may end here: a name of two characters might be the beginning of a longer one."""
    return size > 2 or end >= len(text) or text[end] in _AFTER_NAME


def _hit(at: int, written: str, name: str, title: str) -> Hit:
    return Hit(
        start=at,
        end=at + len(written),
        text=written,
        suggestion=name,
        category="leader",
        severity=Severity.VETO,
        grade=Grade.REVIEW,
        rule=f"leader-{name}",
        reason=f"与本网站公布的{title}“{name}”差一字",
        layer="leader",
    )
