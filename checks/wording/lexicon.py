"""Reads the vocabulary files. Rows are tab-separated with a header line; empty cells are empty strings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VOCABULARY = Path(__file__).parent.parent / "vocabulary"


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table as column name -> cell."""
    with (VOCABULARY / name).open(encoding="utf-8") as lines:
        header = next(lines).rstrip("\n").split("\t")
        for line in lines:
            if line.strip():
                yield dict(zip(header, line.rstrip("\n").split("\t"), strict=True))


def words(name: str) -> Iterator[str]:
    """Yield the entries of a one-per-line list, comments and empty lines left out."""
    with (VOCABULARY / name).open(encoding="utf-8") as lines:
        for line in lines:
            word = line.rstrip("\n")
            if word and not word.startswith("#"):
                yield word


def table(name: str) -> dict[str, Any]:
    """Load a TOML file."""
    with (VOCABULARY / name).open("rb") as file:
        return tomllib.load(file)
