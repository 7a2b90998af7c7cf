"""Which fixed words stand in a page's source. The lines a site repeats on its pages are searched once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import filterfalse

Words = Mapping[str, Sequence[str]]
"""Words by a part they share, best a rare character: that is found ten times as fast as a word."""

_MOST_KEPT = 8_192
"""The lists beside articles change from page to page and come again: some megabytes for half the time."""
_LONGEST_KEPT = 2_000
"""Characters of a line: a page written on one line comes once."""


def any_in(text: str, words: Words) -> bool:
    """Whether any of `words` stands in `text`."""
    return any(part in text and any(map(text.__contains__, group)) for part, group in words.items())


class Signs:
    """Looks for words that have no line break in them; where the part they share is missing, for none of them."""

    def __init__(self, words: Words) -> None:
        self._words = {part: tuple(group) for part, group in words.items()}
        self._silent: set[str] = set()
        self._telling: dict[str, frozenset[str]] = {}

    def among(self, lines: Iterable[str]) -> set[str]:
        """The words that stand in any of `lines`."""
        found: set[str] = set()
        fresh: list[str] = []
        for line in filterfalse(self._silent.__contains__, lines):
            known = self._telling.get(line)
            if known is None:
                fresh.append(line)
            else:
                found |= known
        if fresh:
            text = "\n".join(fresh)
            here = [w for part, group in self._words.items() if part in text for w in group if w in text]
            found.update(here)
            self._keep(fresh, here)
        return found

    def _keep(self, lines: list[str], here: list[str]) -> None:
        """Remember which of the words `here` stand in each of `lines`."""
        if len(self._silent) + len(self._telling) > _MOST_KEPT:
            self._silent.clear()
            self._telling.clear()
        telling: dict[str, set[str]] = {}
        for word in here:
            for line in lines:
                if word in line:
                    telling.setdefault(line, set()).add(word)
        self._silent.update([line for line in lines if len(line) <= _LONGEST_KEPT and line not in telling])
        for line, words in telling.items():
            if len(line) <= _LONGEST_KEPT:
                self._telling[line] = frozenset(words)


SOURCE = Signs(
    {
        "版": ("版权所有",),
        "备": ("公网安备", "ICP备"),
        "识": ("网站标识", "网站识别", "标识码"),
        "错": ("网站找错",),
        "图": ("网站地图", "站点地图", "站内地图"),
        "航": ("网站导航", "站点导航"),
        "办": ("主办",),
        "I": ("ICP", "errorInfo", "jcInfo"),
        "L": ("Link('",),
        "M": ("gateway_siteMap",),
        "{": ("{{", "${"),
        "icp": ("icp",),
        "onac": ("conac", "Conac"),
        "jiucuo": ("jiucuo",),
        "zfwz": ("zfwzzc.", "zfwzgl."),
        "sitemap.": ("sitemap.htm", "sitemap.jsp", "sitemap.aspx"),
        "oot": ("oot", "foot", "Foot"),
        "bottom": ("bottom",),
        "copyright": ("copyright",),
        "dibu": ("dibu",),
        "v-text": ("v-text",),
        "table": ("<table",),
        "TABLE": ("<TABLE",),
    }
)
"""What is looked for in every page's source: identity marks, tables."""
