"""Which step may follow which: `steps.toml`, read once and checked."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reports.ledger.entry import Settings, State

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`needs` of "why", "until", "proof": what has to be said with it."""

    name: str
    needs: frozenset[str]


@functools.cache
def steps() -> Mapping[tuple[State, State], Step]:
    """The allowed steps by (from, to)."""
    rows = tomllib.loads((HERE / "steps.toml").read_text(encoding="utf-8"))["step"]
    return {
        (State(row["from"]), State(row["to"])): Step(name=row["name"], needs=frozenset(row.get("needs", ())))
        for row in rows
    }


def following(state: State) -> tuple[State, ...]:
    """The states that may follow, in table order."""
    return tuple(to for came, to in steps() if came is state)


@functools.cache
def default_settings() -> Settings:
    """The settings of a new ledger."""
    return Settings(**tomllib.loads((HERE / "defaults.toml").read_text(encoding="utf-8")))
