"""Which texts of a site the last judging found nothing in, so that the next one need not unpack and read them again.

The file lies beside the site's runs, never in the evidence. It counts only while everything that could change an
answer is what it was (`basis`); lost, damaged or foreign it costs time and nothing else.
"""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from os import getpid
from pathlib import Path
from typing import Any

from crawler.evidence.reader import Evidence, TextBlock

FILE = "texts-read.bin"
_RUNS = "runs"
_MOST = 4_000_000
"""Texts remembered at most, 8 bytes each: 60 bits that tell the text apart and how it answered the questions of lines."""
_ANSWERS = (1 << 4) - 1
_BYTES = {"main": slice(0, 8), "frame": slice(8, 16), "document": slice(4, 12)}
"""Which bytes of its hash tell a text apart: the same text answers differently as a frame and as an attachment."""
_DIGEST = 16
_PROGRAM = Path(__file__).parent
_DATA = {".py", ".toml", ".tsv", ".txt", ".json"}
_LIBRARIES = ("xuncha", "ahocorasick-rs", "numpy", "pypinyin", "rjieba")


class ReadBefore:
    """What was remembered on the same basis, and what is to be remembered next."""

    def __init__(self, path: Path, basis: bytes) -> None:
        self._path, self._basis = path, basis
        self._known = _entries(path, basis)
        self._kept = array("Q")
        self._is_new = False

    def answers(self, block: TextBlock) -> int | None:
        """The questions that a text answered with yes, a bit each, where nothing else was found in it; else None."""
        number = _number(block)
        at = bisect_left(self._known, number)
        if at < len(self._known) and (found := self._known[at]) & ~_ANSWERS == number:
            return found & _ANSWERS
        return None

    def keep(self, block: TextBlock, answers: int, *, is_new: bool) -> None:
        """Remember a text in which nothing was found but the answers."""
        if answers <= _ANSWERS and len(self._kept) < _MOST:
            self._kept.append(_number(block) | answers)
            self._is_new |= is_new

    def write(self) -> None:
        """Put what was kept in the place of the file, at once; where that is not allowed, do without."""
        if not self._is_new:
            return
        import numpy as np

        np.frombuffer(self._kept, np.uint64).sort()
        told = blake2b(self._basis, digest_size=_DIGEST)
        told.update(self._kept)
        written = self._path.with_name(f"{FILE}.{getpid()}")
        with suppress(OSError):
            try:
                with written.open("wb") as file:
                    for part in (self._basis, self._kept, told.digest()):
                        file.write(part)
                written.replace(self._path)
            finally:
                written.unlink(missing_ok=True)


def read_before(evidence: Evidence, *said: object) -> ReadBefore | None:
    """What is remembered of the site of a run, judged as `said`; None for a run that lies by itself.

    None too where the versions of the libraries are not known.
    """
    runs = evidence.folder.resolve().parent
    with suppress(PackageNotFoundError):
        return ReadBefore(runs.parent / FILE, _basis(said)) if runs.name == _RUNS else None
    return None


def _basis(said: object) -> bytes:
    def plain(value: Any) -> Any:
        return sorted(value) if isinstance(value, set | frozenset) else str(value)

    return _digest(_program() + json.dumps(said, sort_keys=True, default=plain).encode())


@cache
def _program() -> bytes:
    """A hash of the checks, their words, and the versions of what they stand on."""
    told = blake2b(json.dumps([sys.version, sys.byteorder, *map(version, _LIBRARIES)]).encode())
    for path in sorted(_PROGRAM.rglob("*")):
        if path.suffix in _DATA:
            told.update(_digest(path.relative_to(_PROGRAM).as_posix().encode()) + _digest(path.read_bytes()))
    return told.digest()


def _entries(path: Path, basis: bytes) -> Sequence[int]:
    """The numbers in the file, in rising order; none where it is not ours, not whole or not there."""
    with suppress(OSError):
        if path.stat().st_size <= 8 * _MOST + 2 * _DIGEST:
            data = memoryview(path.read_bytes())
            if data[:_DIGEST] == basis and _digest(data[:-_DIGEST]) == data[-_DIGEST:]:
                numbers = array("Q")
                numbers.frombytes(data[_DIGEST:-_DIGEST])
                return numbers
    return array("Q")


def _number(block: TextBlock) -> int:
    part = (
        block.sha[_BYTES[block.role]]
        if block.role in _BYTES
        else blake2b(block.text.encode("utf-8", "replace"), digest_size=8).digest()
    )
    return int.from_bytes(part, sys.byteorder) & ~_ANSWERS


def _digest(data: bytes | memoryview) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()
