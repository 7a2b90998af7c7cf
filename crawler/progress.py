"""How far a walk is, as it is told to whoever watches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a walk is: pages read, page addresses met, pages a second, the column read last, seconds left."""

    seen: int
    known: int
    rate: float
    column: str | None
    left: float | None
    stage: str = "walk"
