"""Finds phrases of four characters written with exactly one replaced: the other half of them is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ahocorasick_rs import AhoCorasick


class Halves:
    """The halves of the phrases as one automaton, and for every half the others that go with it, run together."""

    def __init__(self, phrases: Iterable[str]) -> None:
        numbers: dict[str, int] = {}
        after: list[list[str]] = []
        before: list[list[str]] = []
        for phrase in phrases:
            one, two = phrase[:2], phrase[2:]
            for half in (one, two):
                if half not in numbers:
                    numbers[half] = len(numbers)
                    after.append([])
                    before.append([])
            after[numbers[one]].append(two)
            before[numbers[two]].append(one)
        self._automaton = AhoCorasick(list(numbers))
        self._after = ["".join(halves) for halves in after]
        self._before = ["".join(halves) for halves in before]

    def slips(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, place (0..3) of the replaced character, and the phrase; where a phrase stands whole nothing."""
        followers, leaders = self._after, self._before
        padded = text + "\0\0"
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            halves = followers[number]
            if halves:
                one, two = padded[end], padded[end + 1]
                if (one in halves or two in halves) and padded[end : end + 2] not in halves:
                    for at in range(0, len(halves), 2):
                        if halves[at] == one:
                            yield start, 3, text[start:end] + halves[at : at + 2]
                        elif halves[at + 1] == two:
                            yield start, 2, text[start:end] + halves[at : at + 2]
            halves = leaders[number]
            if halves and start >= 2:
                one, two = text[start - 2], text[start - 1]
                if (one in halves or two in halves) and text[start - 2 : start] not in halves:
                    for at in range(0, len(halves), 2):
                        if halves[at] == one:
                            yield start - 2, 1, halves[at : at + 2] + text[start:end]
                        elif halves[at + 1] == two:
                            yield start - 2, 0, halves[at : at + 2] + text[start:end]
