"""Layer "word": an everyday word of official text with one character taken for its double. Only ever a review.

The forms are listed (near-words.tsv): words that published official text writes often, with a character replaced
by one that is easily confused with it, where the result was never written. The form alone proves nothing
(超裁 in 仲裁裁决); it must also break the sentence into more words than the word that is meant.
"""

from __future__ import annotations

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity
from checks.wording.lexicon import rows, words
from checks.wording.passage import Hit, Passage

_REACH = 6
_JOINERS = frozenset(
    "的了和与等在对为将及是把被以由向从并经中上内前后按据省市县区镇乡村党各该本我不未已应须可其年月日个项次家名人"
)


class NearWords:
    """Finds the forms of near-words.tsv, those of word-lookalikes.txt left out."""

    def __init__(self) -> None:
        spared = frozenset(words("word-lookalikes.txt"))
        listed = [(row["wrong"], row["right"]) for row in rows("near-words.tsv")]
        self._forms = [(wrong, right) for wrong, right in listed if wrong not in spared]
        self._automaton = AhoCorasick([wrong for wrong, _ in self._forms])

    def hits(self, passage: Passage) -> list[Hit]:
        return [
            self._hit(start, *self._forms[index])
            for index, start, end in self._automaton.find_matches_as_indexes(passage.text)
            if self._is_slip(passage, start, end, *self._forms[index])
        ]

    def _is_slip(self, passage: Passage, start: int, end: int, wrong: str, right: str) -> bool:
        import rjieba  # 0.15 s to load; asked only about a suspicion

        before, after = passage.text[max(0, start - _REACH) : start], passage.text[end : end + _REACH]
        written = _spans(rjieba.cut(before + wrong + after, hmm=False))
        meant = _spans(rjieba.cut(before + right + after, hmm=False))
        first, last = len(before), len(before) + len(wrong)
        changed = first + next(at for at, char in enumerate(wrong) if char != right[at])
        if len(meant) >= len(written) or not any(at <= first and last <= stop for at, stop, _ in meant):
            return False
        for at, stop, word in written:
            if at <= changed < stop and stop - at > 1:
                return False
            # A lone character beside it: a name of a person or a firm more often than a slip.
            if stop - at == 1 and first in (stop, at - len(wrong)) and _is_han(word) and word not in _JOINERS:
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
            reason=f"与常用词“{right}”差一字，读不成词",
            layer="word",
        )


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
