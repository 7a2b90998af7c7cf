"""Layer "idiom": four-character idioms with one character replaced by a sound- or look-alike. Only ever a review.

One replaced character leaves the first or the second half of the idiom whole: the half is found, the rest is looked up.
"""

from __future__ import annotations

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity
from checks.wording.lexicon import words
from checks.wording.likeness import alike, sounds
from checks.wording.passage import Hit, Passage

_GAP = "*"
_NUMERALS = frozenset("一二三四五六七八九十百千万两半")


class Idioms:
    """Finds near misses of the idioms in idioms.txt."""

    def __init__(self) -> None:
        self._known = frozenset(words("idioms.txt")) | frozenset(words("idiom-lookalikes.txt"))
        self._by_rest: dict[str, str] = {}
        halves: dict[str, None] = {}
        for idiom in words("idioms.txt"):
            for at in range(4):
                self._by_rest.setdefault(idiom[:at] + _GAP + idiom[at + 1 :], idiom)
            halves[idiom[:2]] = halves[idiom[2:]] = None
        self._automaton = AhoCorasick(list(halves))

    def hits(self, passage: Passage) -> list[Hit]:
        text, by_rest = passage.text, self._by_rest
        found: dict[int, tuple[int, str]] = {}
        for _, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            half = text[start:end]
            after = text[end : end + 2]
            if len(after) == 2:
                for at, rest in ((3, half + after[0] + _GAP), (2, half + _GAP + after[1])):
                    if rest in by_rest:
                        found[start] = (at, by_rest[rest])
            if start >= 2:
                one, two = text[start - 2], text[start - 1]
                for at, rest in ((1, one + _GAP + half), (0, _GAP + two + half)):
                    if rest in by_rest:
                        found[start - 2] = (at, by_rest[rest])
        return [
            self._hit(passage, start, idiom)
            for start, (at, idiom) in sorted(found.items())
            if self._is_slip(passage, start, at, idiom)
        ]

    def _is_slip(self, passage: Passage, start: int, at: int, idiom: str) -> bool:
        import rjieba

        written = passage.text[start : start + 4]
        if written in self._known or not _simplified(written[at]) or written[at] in _NUMERALS:
            return False
        if not alike(written[at], idiom[at]):
            return False
        parts = rjieba.cut(written, hmm=False)
        if any(len(word) > 2 for word in parts) or passage.crosses_word(start, start + 4):
            return False
        # A word in itself (有理 in 彬彬有理) excuses what only looks like the idiom's character, not what sounds like it.
        in_word = any(len(word) == 2 and written[at] in word for word in parts)
        if in_word and not sounds(written[at]) & sounds(idiom[at]):
            return False
        if passage.in_book_title(start, start + 4) or passage.is_quoted_alone(start, start + 4):
            return False
        return not passage.is_about_wording(start, start + 4)

    def _hit(self, passage: Passage, start: int, idiom: str) -> Hit:
        return Hit(
            start=start,
            end=start + 4,
            text=passage.text[start : start + 4],
            suggestion=idiom,
            category="idiom",
            severity=Severity.MAJOR,
            grade=Grade.REVIEW,
            rule=f"idiom-{idiom}",
            reason=f"与成语“{idiom}”差一字",
            layer="idiom",
        )


def _simplified(char: str) -> bool:
    """Whether a Han character is of everyday simplified writing: a traditional one is no slip of this kind."""
    try:
        return "一" <= char <= "鿿" and len(char.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False
