"""What goes to the page work and what comes back: the two messages both sides share."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Generator, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

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

    def __reduce__(self) -> tuple[Any, ...]:
        # A large body goes beside the pickle, not through it: that is two copies less.
        body = pickle.PickleBuffer(self.body) if len(self.body) >= _LARGE else self.body
        return _seen, (*self[:3], _FETCH(self.fetch), self.head, body, *self[6:])


def _seen(
    target: int,
    role: str,
    depth: int,
    fetch: tuple[Any, ...],
    head: Head | None,
    body: bytes,
    *more: Any,
) -> Seen:
    return Seen(
        target, role, depth, Fetch(**dict(zip(Fetch.__slots__, fetch, strict=True))), head, body, *more
    )


_FETCH = attrgetter(*Fetch.__slots__)
_LARGE = 8_192
_COUNT = struct.Struct("<I")


def packed(message: Any) -> list[bytes | memoryview]:
    """A message as it goes over a stream: the number of its parts, their sizes, the pickle, what goes beside it."""
    beside: list[pickle.PickleBuffer] = []
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL, buffer_callback=beside.append)
    bodies = [buffer.raw() for buffer in beside]
    sizes = struct.pack(f"<{1 + len(bodies)}Q", len(data), *map(len, bodies))
    return [_COUNT.pack(1 + len(bodies)) + sizes + data, *bodies]


def unpacking() -> Generator[int, bytes, Any]:
    """Puts one message together again: yields how many bytes it wants next, is sent them, returns the message."""
    (count,) = _COUNT.unpack((yield _COUNT.size))
    sizes = struct.unpack(f"<{count}Q", (yield 8 * count))
    parts: list[bytes] = []
    for size in sizes:
        parts.append((yield size))
    return pickle.loads(parts[0], buffers=parts[1:])


class Stored(NamedTuple):
    """The reply to a batch: targets to ask for next by role, which are safe on disk, and how far the walk is.

    `pages` were read, `known` page addresses were met, `column` is the one read last.
    """

    waiting: Mapping[str, list[tuple[int, str, int, Validators]]]
    committed: list[int]
    pages: int
    known: int
    column: str | None
