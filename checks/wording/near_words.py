"""Layer "word": an everyday word of official text with one character taken for its double. Only ever a review.

The forms are words and set phrases that published official text writes often, with a character replaced by one
that is easily confused with it, where the result was never written. The form alone proves nothing
(超裁 in 仲裁裁决); it must also break the sentence into more words than the word that is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity
from checks.wording.halves import Halves
from checks.wording.lexicon import rows, words
from checks.wording.passage import Hit, Passage

_REACH = 6
_NAME = "+"
_FOUR = 4
_JOINERS = frozenset(
    "的了和与等在对为将及是把被以由向从并经中上内前后按据省市县区镇乡村党各该本我不未已应须可其年月日个项次家名人"
)


class NearWords:
    """Finds near misses of listed words and set phrases, those of word-lookalikes.txt left out.

    Of a word of two characters every form is listed; of a set phrase (set-phrases.txt) every form counts that has
    one character replaced by one of near-characters.tsv; of three characters only the middle one is replaced.
    The forms of phrases of four, most of all, are looked up; the others are made.
    """

    def __init__(self) -> None:
        self._spared = frozenset((*words("word-lookalikes.txt"), *words("attested-phrases.txt")))
        phrases = list(words("set-phrases.txt"))
        fours = [bare for phrase in phrases if len(bare := phrase.removesuffix(_NAME)) == _FOUR]
        self._halves = Halves(fours, _near_characters())
        forms: list[str] = []
        self._right: list[str] = []
        for phrase in phrases:
            bare = phrase.removesuffix(_NAME)
            if len(bare) != _FOUR:
                for form in _slips(phrase):
                    forms.append(form)
                    self._right.append(bare)
        for row in rows("near-words.tsv"):
            forms.append(row["wrong"])
            self._right.append(row["right"])
        self._automaton = AhoCorasick(forms)

    def hits(self, passage: Passage) -> list[Hit]:
        text = passage.text
        found = [
            (start, start - end, self._right[index]) for index, start, end in passage.found(self._automaton)
        ]
        for first, last in passage.stretches:
            found += [
                (first + start, -_FOUR, phrase) for start, _, phrase in self._halves.slips(text[first:last])
            ]
        hits: list[Hit] = []
        for start, size, right in sorted(found):
            end = start - size
            if (hits and start < hits[-1].end) or text[start:end] in self._spared:
                continue
            if self._is_slip(passage, start, end, text[start:end], right):
                hits.append(self._hit(start, text[start:end], right))
        return hits

    def _is_slip(self, passage: Passage, start: int, end: int, wrong: str, right: str) -> bool:
        import rjieba  # 0.15 s to load; asked only about a suspicion

        before, after = passage.text[max(0, start - _REACH) : start], passage.text[end : end + _REACH]
        written = _spans(rjieba.cut(before + wrong + after, hmm=False))
        meant = _spans(rjieba.cut(before + right + after, hmm=False))
        first, last = len(before), len(before) + len(wrong)
        changed = first + next(at for at, char in enumerate(wrong) if char != right[at])
        is_word = len(wrong) == 2
        if len(meant) >= len(written):
            return False
        if is_word and not any(at <= first and last <= stop for at, stop, _ in meant):
            return False
        for at, stop, word in written:
            if at < first < stop or at < last < stop or (at <= changed < stop and stop - at > 1):
                return False
            # A lone character beside a short word: a name of a person or a firm more often than a slip.
            lone = stop - at == 1 and (stop == first or at == last)
            if is_word and lone and _is_han(word) and word not in _JOINERS:
                return False
        if passage.in_book_title(start, end) or passage.is_quoted_alone(start, end):
            return False
        return not passage.is_about_wording(start, end)

    def _hit(self, start: int, wrong: str, right: str) -> Hit:
        return Hit(
            start=start,
            end=start + len(wrong),
            text=wrong,
            suggestion=right,
            category="word",
            severity=Severity.MAJOR,
            grade=Grade.REVIEW,
            rule=f"word-{wrong}",
            reason=f"与常用词语“{right}”差一字，读不成词",
            layer="word",
        )


@cache
def _near_characters() -> dict[str, str]:
    return {row["char"]: row["near"] for row in rows("near-characters.tsv")}


def _slips(phrase: str) -> Iterator[str]:
    """The phrase with one character replaced by a near one; of an ordinary word of three only the middle one."""
    name = phrase.endswith(_NAME)
    phrase = phrase.removesuffix(_NAME)
    for at in (1,) if len(phrase) == 3 and not name else range(len(phrase)):
        for other in _near_characters().get(phrase[at], ""):
            yield phrase[:at] + other + phrase[at + 1 :]


def _spans(parts: list[str]) -> list[tuple[int, int, str]]:
    """Start, end and text of each word."""
    spans = []
    at = 0
    for part in parts:
        spans.append((at, at + len(part), part))
        at += len(part)
    return spans


def _is_han(char: str) -> bool:
    return "一" <= char <= "鿿"
