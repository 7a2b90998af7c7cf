"""Finds what is written twice in a row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from checks.wording.codes import Codes, codes

_STRETCH = 1 << 16
"""Characters compared at once: more would not stay in the cache."""
_MOST = 100
"""Repetitions of one length that run into each other: all there are but for where they begin."""
_MARKS = np.frombuffer("，。；、：".encode("utf-32-le"), np.uint32)


def repetitions(text: str, shortest: int, marks_from: int, longest: int) -> Iterator[tuple[int, int]]:
    """Start and length of every run of Chinese characters that comes again right behind itself: by place, longest first.

    Three of the characters differ at least. Lengths are `shortest` to `longest`; from `marks_from` on there may be punctuation in it.
    """
    written = codes(text)
    for first, last in _stretches(text):
        piece = written[first:last]
        han = (piece >= 0x4E00) & (piece <= 0x9FFF)
        marked = han.copy()
        for mark in _MARKS:
            marked |= piece == mark
        found = [
            (first + start, length)
            for length in range(shortest, min(longest, len(piece) // 2) + 1)
            for start in _again(piece, han if length < marks_from else marked, length)
        ]
        yield from sorted(found, key=lambda pair: (pair[0], -pair[1]))


def _again(piece: Codes, fit: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], length: int) -> Iterator[int]:
    """Places from which `length` fitting characters are the same as the `length` behind them."""
    same = ((piece[length:] == piece[:-length]) & fit[:-length]).tobytes()
    start = same.find(b"\1" * length)
    while start >= 0:
        end = same.find(b"\0", start)
        end = end if end >= 0 else len(same)
        # What runs on repeats the same characters, wherever it is cut.
        if len(set(piece[start : start + length].tolist())) > 2:
            yield from range(start, end - length + 1)[:_MOST]
        start = same.find(b"\1" * length, end)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """The text cut at ends of lines: no repetition runs over one."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _STRETCH)
        end = end if end >= 0 else len(text)
        yield start, end
        start = end
