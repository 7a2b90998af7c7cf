"""Layer "idiom": four-character idioms with one character replaced by a sound- or look-alike. Only ever a review."""

from __future__ import annotations

from checks.check import Grade, Severity
from checks.wording.halves import Halves
from checks.wording.lexicon import words
from checks.wording.likeness import alike, sounds
from checks.wording.passage import Hit, Passage

_NUMERALS = frozenset("一二三四五六七八九十百千万两半")


class Idioms:
    """Finds near misses of the idioms in idioms.txt."""

    def __init__(self) -> None:
        idioms = list(words("idioms.txt"))
        self._known = frozenset(idioms) | frozenset(words("idiom-lookalikes.txt"))
        self._halves = Halves(idioms)

    def hits(self, passage: Passage) -> list[Hit]:
        found: dict[int, tuple[int, str]] = {}
        for first, last in passage.stretches:
            for start, at, idiom in self._halves.slips(passage.text[first:last]):
                found.setdefault(first + start, (at, idiom))
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
