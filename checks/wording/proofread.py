"""Reads a text as a proofreader does: several layers, each with its own way to be sure. Pure, no fetching."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checks.check import Grade, Severity
from checks.wording.arithmetic import Arithmetic
from checks.wording.confusions import Confusion, Confusions, listed_confusions
from checks.wording.formulas import Formulas, listed_formulas
from checks.wording.institutions import OldNames, listed_institutions, listed_repealed_laws
from checks.wording.leaders import Leaders
from checks.wording.passage import Hit, Layer, Passage
from checks.wording.patterns import Patterns, listed_patterns

LAYERS = ("confusion", "formula", "institution", "repealed-law", "pattern", "arithmetic", "idiom", "word")
_ORDER = {Grade.FAIL: 0, Grade.REVIEW: 1}


class Proofreader:
    """Built once, then asked for every text.

    `layers` are the names of the layers that speak. `site` is the `[wording]` table of site.toml:
    `add` (wrong, right, reason), `off` (rule ids, wrong forms or layer names), `waive` (text or rule,
    reason, until), `names` (own names that are right) and `leaders` (name -> posts, for the layer "leader"). A waiver counts while `as_of` is not after `until`.
    """

    def __init__(
        self,
        *,
        layers: Iterable[str] = LAYERS,
        site: Mapping[str, Any] | None = None,
        as_of: dt.date | None = None,
    ) -> None:
        site = site or {}
        self._off = frozenset(site.get("off", ()))
        self._names = tuple(name for name in site.get("names", ()) if name)
        self._waived = frozenset(
            str(waiver.get("text") or waiver.get("rule"))
            for waiver in site.get("waive", ())
            if as_of is None or not waiver.get("until") or as_of <= _day(waiver["until"])
        )
        self._layers: list[Layer] = [
            self._build(name, site) for name in dict.fromkeys(layers) if name not in self._off
        ]

        self._of_whole_texts = [layer for layer in self._layers if isinstance(layer, Arithmetic)]

    def _build(self, name: str, site: Mapping[str, Any]) -> Layer:
        if name == "confusion":
            own = [
                Confusion(
                    id=f"site-{number}",
                    wrong=row["wrong"],
                    right=row.get("right", ""),
                    severity=Severity(row.get("severity", "major")),
                    reason=row.get("reason", ""),
                    guard=False,
                )
                for number, row in enumerate(site.get("add", ()), 1)
            ]
            listed = [
                row for row in listed_confusions() if row.grade != "hint" and row.wrong not in self._names
            ]
            return Confusions([*listed, *own])
        if name == "formula":
            return Formulas(listed_formulas())
        if name == "institution":
            return OldNames(listed_institutions(), layer="institution")
        if name == "repealed-law":
            return OldNames(listed_repealed_laws(), layer="repealed-law")
        if name == "pattern":
            return Patterns([pattern for pattern in listed_patterns() if pattern.grade != "hint"])
        if name == "arithmetic":
            return Arithmetic()
        # What needs numpy is loaded by those who read: it is 16 MB in every process that only knows the checks.
        if name == "idiom":
            from checks.wording.idioms import Idioms

            return Idioms()
        if name == "word":
            from checks.wording.near_words import NearWords

            return NearWords()
        if name == "leader":
            return Leaders(site.get("leaders", {}))
        if name == "statistics":
            from checks.wording.statistics import Statistics  # 0.5 s; most readers do without

            return Statistics()
        raise ValueError(f"no such layer: {name}")

    def hits(
        self,
        text: str,
        *,
        dated: dt.date | None = None,
        scope: str = "text",
        stretches: Sequence[tuple[int, int]] | None = None,
    ) -> list[Hit]:
        """Return the hits in order of place; where layers overlap the surer one is kept.

        `dated` is the date of the text: names and phrases hold from a date. `scope` is "title", "text" or "reply".
        `stretches` are the start and end of the lines that are read, the others only surround them.
        """
        passage = _passage(text, dated, scope, stretches)
        text = passage.text
        found = [hit for layer in self._layers for hit in layer.hits(passage)]
        found = [hit for hit in found if not self._is_waived(hit, text)]
        found.sort(key=lambda hit: (_ORDER[hit.grade], hit.start - hit.end, hit.start))
        taken = bytearray(len(text)) if found else bytearray()
        kept = []
        for hit in found:
            if taken.find(1, hit.start, hit.end) < 0:
                taken[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
                kept.append(_dated_down(hit))
        kept.sort(key=lambda hit: hit.start)
        return kept

    def spans(self, text: str, *, scope: str) -> Iterator[tuple[int, int]]:
        """Start and end of whatever a layer would say of lines on some date and in some surroundings.

        Each line is looked at as if it stood alone. Only the layer "statistics" looks further.
        """
        passage = _passage(text, dt.date.max, scope, apart=True)
        for layer in self._layers:
            for hit in layer.hits(passage):
                yield hit.start, hit.end

    def may_be_odd(self, line: str) -> bool:
        """Whether a text may be odd for this line; a text none of whose lines is of that kind never is."""
        return any(layer.may_be_odd(line) for layer in self._of_whole_texts)

    def is_odd(self, text: str) -> bool:
        """Whether a text has a fault that only the whole of it shows."""
        return any(layer.is_odd(_passage(text, None, "text")) for layer in self._of_whole_texts)

    def _is_waived(self, hit: Hit, text: str) -> bool:
        if {hit.rule, hit.text, hit.layer} & self._off or {hit.rule, hit.text} & self._waived:
            return True
        return any(
            name in text[max(0, hit.start - len(name)) : hit.end + len(name)]
            and (hit.text in name or name in hit.text)
            for name in self._names
        )


def _passage(
    text: str,
    dated: dt.date | None,
    scope: str,
    stretches: Sequence[tuple[int, int]] | None = None,
    apart: bool = False,
) -> Passage:
    # Lone surrogates go; the length stays.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return Passage(text, dated=dated, scope=scope, stretches=stretches, apart=apart)


def _day(value: dt.date | str) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _dated_down(hit: Hit) -> Hit:
    """Guard of last resort: what is not from a list or computed never fails."""
    return (
        replace(hit, grade=Grade.REVIEW)
        if hit.layer in ("institution", "repealed-law", "statistics")
        else hit
    )
