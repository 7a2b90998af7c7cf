"""What goes to the page work and what comes back: the two messages both sides share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from crawler.evidence.records import Fetch
from crawler.wire import Head

COLLECT_AFTER = 200_000, 50, 100
"""Thresholds of the garbage collector: parsed rows and queued requests make the default walk a large heap again and again."""


Validators = tuple[str | None, str | None] | None
"""(ETag, Last-Modified) that an earlier run was given for what it holds of an address."""


class Seen(NamedTuple):
    """One answered target on its way to the evidence. `target` is its id, given back once it is safe."""

    target: int
    role: str
    depth: int
    fetch: Fetch
    head: Head | None
    body: bytes
    peer: str | None
    control: bool | None = None


class Stored(NamedTuple):
    """The reply to a batch: targets to ask for next by role, which are safe on disk, and how far the walk is.

    `pages` were read, `known` page addresses were met, `column` is the one read last.
    """

    waiting: Mapping[str, list[tuple[int, str, int, Validators]]]
    committed: list[int]
    pages: int
    known: int
    column: str | None
