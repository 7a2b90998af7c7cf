"""One text on its way through the layers, and what a layer says about it."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity

_OPENING, _CLOSING = '“‘「『"', '”’」』"'
_TITLE = re.compile(r"《[^《》\n]{1,80}(?:〈[^〈〉\n]{1,60}〉[^《》\n]{0,40})?》")
_ABOUT_WORDING = re.compile(
    r"(?:误|错|别)(?:写|印|读|用|作|为|成)|(?:写|印|读)成|应(?:改|写)?(?:为|作)[“「]|错别字|正确(?:写法|用法)|改为“|更正为|异形词"
)
_GUARD_REACH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One suspicion. `start` and `end` are character offsets in the text; `suggestion` may be empty.

    `grade` is FAIL only for listed or computed faults, REVIEW for guesses. `rule` is the id of the row
    or rule, `layer` the name of the layer that speaks, `reason` says why in plain Chinese.
    """

    start: int
    end: int
    text: str
    suggestion: str
    category: str
    severity: Severity
    grade: Grade
    rule: str
    reason: str
    layer: str


class Passage:
    """A text with its date and scope ("title", "text" or "reply") and what several layers ask of it.

    `stretches` are the start and end of the lines in which faults are looked for, all of them unless given;
    what stands around them is only what they are judged by. Where the lines are `apart`, run together from
    anywhere, each is looked at as if it stood alone, and what its surroundings might excuse is told.
    """

    def __init__(
        self,
        text: str,
        *,
        dated: dt.date | None = None,
        scope: str = "text",
        stretches: Sequence[tuple[int, int]] | None = None,
        apart: bool = False,
    ) -> None:
        self.text = text
        self.dated = dated
        self.scope = scope
        self.apart = apart
        self.stretches = ((0, len(text)),) if stretches is None else stretches

    @property
    def parts(self) -> Iterator[tuple[int, Passage]]:
        """The stretches as passages of their own, and where each begins."""
        for start, end in self.stretches:
            yield start, Passage(self.text[start:end], dated=self.dated, scope=self.scope, apart=self.apart)

    def found(self, forms: AhoCorasick) -> list[tuple[int, int, int]]:
        """Number, start and end of every form in the stretches, overlapping ones too."""
        found: list[tuple[int, int, int]] = []
        for first, last in self.stretches:
            matches = forms.find_matches_as_indexes(self.text[first:last], overlapping=True)
            found += (
                [(form, first + start, first + end) for form, start, end in matches] if first else matches
            )
        return found

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def line(self, at: int) -> tuple[int, int]:
        """Start and end (without the line break) of the line that holds offset `at`."""
        number = bisect_right(self._line_starts, at) - 1
        start = self._line_starts[number]
        last = number + 1 == len(self._line_starts)
        end = len(self.text) if last else self._line_starts[number + 1] - 1
        return start, end

    @property
    def lines(self) -> Iterator[tuple[int, int]]:
        """Start and end of every line."""
        for start, after in pairwise((*self._line_starts, len(self.text) + 1)):
            yield start, after - 1

    def before(self, at: int, reach: int) -> str:
        """Up to `reach` characters before an offset."""
        return self.text[max(at - reach, self.line(at)[0] if self.apart else 0) : at]

    def after(self, at: int, reach: int) -> str:
        """Up to `reach` characters from an offset on."""
        return self.text[at : min(at + reach, self.line(at)[1]) if self.apart else at + reach]

    @cached_property
    def _titles(self) -> list[tuple[int, int]]:
        return [match.span() for match in _TITLE.finditer(self.text)]

    def in_book_title(self, start: int, end: int) -> bool:
        """Whether the span lies inside 《…》."""
        at = bisect_right(self._titles, (start, len(self.text))) - 1
        return at >= 0 and self._titles[at][0] <= start and end <= self._titles[at][1]

    def is_quoted_alone(self, start: int, end: int) -> bool:
        """Whether exactly this span stands in quotation marks: spoken about rather than used."""
        before, after = self.text[max(0, start - 1) : start], self.text[end : end + 1]
        return before in _OPENING and after in _CLOSING and bool(before) and bool(after)

    def is_about_wording(self, start: int, end: int) -> bool:
        """Whether the sentence speaks of misspelling (“布署”应为“部署”)."""
        if self.apart:
            return bool(
                _ABOUT_WORDING.search(self.before(start, 30) + self.text[start:end] + self.after(end, 30))
            )
        return bool(_ABOUT_WORDING.search(self.text, max(0, start - 30), end + 30))

    def crosses_word(self, start: int, end: int) -> bool:
        """Whether a dictionary word runs over an edge of the span (创【建全】国)."""
        import rjieba  # 0.15 s to load; most texts never come here

        left = max(0, start - _GUARD_REACH)
        at = left
        for word in rjieba.cut(self.text[left : end + _GUARD_REACH], hmm=False):
            after = at + len(word)
            if at < start < after or at < end < after:
                return True
            at = after
        return False


class Layer(Protocol):
    """A way to find faults. Built once, asked often; raises on no text."""

    def hits(self, passage: Passage) -> list[Hit]: ...
