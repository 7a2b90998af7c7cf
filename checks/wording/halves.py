"""Finds phrases of four characters written with exactly one replaced: the other half of them is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from checks.wording.codes import Codes, codes

_BITS = 23
"""Of the table of what three characters tell: one stretch of text in a hundred is looked at for nothing."""
_STRETCH = 1 << 16
"""Characters weighed at once."""
_WEIGHTS = np.array(
    [
        [0, 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D],
        [0x27D4EB2F, 0, 0x165667B1, 0xD3A2646C],
        [0xFD7046C5, 0xB55A4F09, 0, 0x8DA6B343],
        [0xD8163841, 0xCB1AB31F, 0x9FB21C65, 0],
    ],
    np.uint32,
)
"""A row for each of the four characters that may be the replaced one: by what the codes of the others are multiplied."""
_ALL_FOUR = np.array([[0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F]], np.uint32)


class Halves:
    """The phrases by their halves, for every half the others that go with it, run together.

    Almost no place of a text holds three of a phrase's four characters: a table of bits, asked for all places at
    once, says which may. With `near` (a character -> what it is replaced by) fewer places do: the table is of all
    the slips there are.
    """

    def __init__(self, phrases: Iterable[str], near: Mapping[str, str] | None = None) -> None:
        phrases = list(phrases)
        self._near = near
        self._weights = _WEIGHTS if near is None else _ALL_FOUR
        self._whole = frozenset(phrases)
        after: dict[str, list[str]] = {}
        before: dict[str, list[str]] = {}
        for phrase in dict.fromkeys(phrases):
            after.setdefault(phrase[:2], []).append(phrase[2:])
            before.setdefault(phrase[2:], []).append(phrase[:2])
        self._after = {half: "".join(others) for half, others in after.items()}
        self._before = {half: "".join(others) for half, others in before.items()}
        bits = np.zeros(1 << _BITS, bool)
        written = codes("".join(phrases)) if near is None else _slips(phrases, near)
        for places in _told(written, self._weights):
            bits[places[::4]] = True
        self._bits = np.packbits(bits, bitorder="little")

    def slips(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, place (0..3) of the replaced character, and the phrase; where a phrase stands whole nothing."""
        for start in self._suspected(text):
            written = text[start : start + 4]
            if written not in self._whole:
                for at, phrase in self._meant(written):
                    if self._near is None or written[at] in self._near.get(phrase[at], ""):
                        yield start, at, phrase

    def _meant(self, written: str) -> Iterator[tuple[int, str]]:
        one, two = written[:2], written[2:]
        halves = self._after.get(one, "")
        if two not in halves:
            for at in range(0, len(halves), 2):
                if halves[at] == two[0]:
                    yield 3, one + halves[at : at + 2]
                elif halves[at + 1] == two[1]:
                    yield 2, one + halves[at : at + 2]
        halves = self._before.get(two, "")
        if one not in halves:
            for at in range(0, len(halves), 2):
                if halves[at] == one[0]:
                    yield 1, halves[at : at + 2] + two
                elif halves[at + 1] == one[1]:
                    yield 0, halves[at : at + 2] + two

    def _suspected(self, text: str) -> Iterator[int]:
        """The places where three of a phrase's characters may stand."""
        written = codes(text)
        for first in range(0, len(written) - 3, _STRETCH):
            seen = np.zeros(min(_STRETCH, len(written) - 3 - first), bool)
            for places in _told(written[first : first + _STRETCH + 3], self._weights):
                seen |= (self._bits[places >> 3] >> (places & 7).astype(np.uint8) & 1).astype(bool)
            yield from (np.flatnonzero(seen) + first).tolist()


def _slips(phrases: list[str], near: Mapping[str, str]) -> Codes:
    """The phrases run together, each once for every character that may be replaced and every one it is replaced by."""
    others = [near.get(char, "") for phrase in phrases for char in phrase]
    char_of = np.repeat(np.arange(len(others)), list(map(len, others)))
    slips: Codes = codes("".join(phrases)).reshape(-1, 4)[char_of >> 2].ravel()
    slips[np.arange(0, len(slips), 4) + (char_of & 3)] = codes("".join(others))
    return slips


def _told(written: Codes, rows: Codes) -> Iterator[Codes]:
    """For each row of weights, one of which may be 0: what the other characters tell, one number a place."""
    size = max(0, len(written) - 3)
    for weights in rows:
        mixed = np.zeros(size, np.uint32)
        for step, weight in enumerate(weights):
            if weight:
                mixed += written[step : step + size] * weight
        yield mixed >> np.uint32(32 - _BITS)
