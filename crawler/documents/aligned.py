"""Tables that a page sets with white space only: lines that end in the same number of figures."""

from __future__ import annotations

import re

from crawler.documents.record import Table

_VALUE = re.compile(r"-?\d[\d,]*(?:\.\d+)?%?|—+|--?|/")
_FEWEST = 3


def aligned_tables(page: str) -> list[Table]:
    """Runs of at least three lines "label figure figure ...", all with as many figures, under their heading.

    A line with fewer figures ends the run: which of its cells is blank cannot be told.
    """
    tables: list[Table] = []
    run: list[tuple[str, ...]] = []
    before = heading = ""
    for line in [*page.splitlines(), ""]:
        row = _row(line)
        if row is not None and run and len(row) == len(run[-1]):
            run.append(row)
            continue
        if len(run) >= _FEWEST:
            tables.append((_heading(heading, len(run[0])), *run))
        run = [row] if row is not None else []
        heading, before = (before, line) if row is not None else ("", line)
    return tables


def _row(line: str) -> tuple[str, ...] | None:
    words = line.split()
    count = 0
    while count < len(words) - 1 and _VALUE.fullmatch(words[-1 - count]):
        count += 1
    label = " ".join(words[: len(words) - count])
    if (
        not count
        or count > 24
        or len(label) > 40
        or re.search("[，。；]", label)
        or not re.search(r"[\u4e00-\u9fff]", label)
    ):
        return None
    return (label, *words[len(words) - count :])


def _heading(line: str, width: int) -> tuple[str, ...]:
    """The line above as a heading row: word for word when it fits, else its first word, and the rest when there is one column."""
    words = re.sub(r"(?<=\d) (?=年)", "", line).split()
    if len(words) == width:
        return tuple(words)
    rest = "".join(words[1:]) if width == 2 else ""
    return ((words[0] if words else ""), *[rest] * (width - 1))
