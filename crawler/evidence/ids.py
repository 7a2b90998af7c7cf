"""Ids of what was stored, kept at hand for the latest and looked up for the rest: memory stays flat however large a site."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Ids(Generic[Key]):
    """Key -> id, in two generations of at most `most` each: what was not asked for in either is forgotten."""

    def __init__(self, most: int, rows: Iterable[tuple[Key, int]] = ()) -> None:
        """`rows` newest first; no more than `most` of them are taken."""
        self._most = most
        self.young: dict[Key, int] = {}
        """The younger generation: a key that is in it may be looked up there at once."""
        self._old: dict[Key, int] = {}
        self.complete = True
        """Whether a key that is not known here was never stored."""
        for key, number in rows:
            if len(self.young) == most:
                self.complete = False
                break
            self.young[key] = number

    def get(self, key: Key) -> int | None:
        known = self.young.get(key)
        if known is None and self._old:
            known = self._old.get(key)
            if known is not None:
                self[key] = known
        return known

    def __contains__(self, key: Key) -> bool:
        return key in self.young or key in self._old

    def __setitem__(self, key: Key, number: int) -> None:
        if len(self.young) >= self._most and key not in self.young:
            self.complete = self.complete and not self._old
            self._old, self.young = self.young, {}
        self.young[key] = number
