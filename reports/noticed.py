"""What the walk noticed, in plain words by kind: shown beside the coverage, a few of it at the end of an audit."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.assessment import Assessment
from checks.noticed import Noticed
from reports.language import say
from reports.rectification import NamedLink, clean, safe_href

SOME = 10
"""Addresses of one kind that a paper shows; findings.json has more, the evidence all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of note is called and what to do about it. `act` when somebody has to."""

    id: str
    title: str
    advice: str = ""
    act: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidView:
    """One wording and the addresses it was said of."""

    words: str
    at: tuple[NamedLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticedView:
    """One kind of thing noticed. `rest` of its `count` are not among `said`."""

    kind: str
    title: str
    advice: str
    act: bool
    count: int
    said: tuple[SaidView, ...]
    rest: int


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """Every kind of note that a walk makes, in the order of the report."""
    path = Path(__file__).with_suffix(".toml")
    return tuple(Kind(**row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["kind"])


def noticed_view(assessments: Sequence[Assessment]) -> tuple[NoticedView, ...]:
    """What was noticed in the run, kinds that only checks read left out."""
    return tuple(_view(kind, found) for kind, found in shown_kinds(assessments))


def shown_kinds(assessments: Sequence[Assessment]) -> list[tuple[Kind, Noticed]]:
    """What was noticed in the run with what its kind is called, in the order of the report."""
    found = {one.kind: one for one in assessments[0].noticed}
    return [(kind, found[kind.id]) for kind in kinds() if kind.shown and kind.id in found]


def _view(kind: Kind, found: Noticed) -> NoticedView:
    said: dict[str, list[NamedLink]] = {}
    for sight in found.sights[:SOME]:
        at = said.setdefault(clean(say(sight.detail), 300), [])
        if sight.url:
            at.append(
                NamedLink(name=clean(sight.url, 100), url=clean(sight.url, 1000), href=safe_href(sight.url))
            )
    return NoticedView(
        kind=kind.id,
        title=say(kind.title),
        advice=say(kind.advice),
        act=kind.act,
        count=found.count,
        said=tuple(SaidView(words=words, at=tuple(at)) for words, at in said.items()),
        rest=found.count - min(SOME, len(found.sights)),
    )
