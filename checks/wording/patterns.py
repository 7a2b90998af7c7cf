"""Layer "pattern": regular expressions, each run only on lines that hold one of its gate strings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity
from checks.wording.lexicon import table
from checks.wording.passage import Hit, Passage

_LEFT_REACH = 6
_RIGHT_REACH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A rule of patterns.toml; see the head of that file."""

    id: str
    category: str
    severity: Severity
    grade: str
    re: str
    reason: str
    bad: str
    good: str
    gate: tuple[str, ...] = ()
    scope: str = ""
    not_before: str = ""
    not_after: str = ""
    not_value: str = ""
    suggestion: str = ""


def listed_patterns() -> list[Pattern]:
    """The rules of patterns.toml."""
    return [
        Pattern(**{**row, "severity": Severity(row["severity"]), "gate": tuple(row.get("gate", ()))})
        for row in table("patterns.toml")["pattern"]
    ]


class Patterns:
    """Runs the patterns of the passage's scope."""

    def __init__(self, patterns: list[Pattern]) -> None:
        self._patterns = patterns
        self._compiled: list[re.Pattern[str] | None] = [None] * len(patterns)
        gates: dict[str, list[int]] = {}
        for index, pattern in enumerate(patterns):
            for gate in pattern.gate:
                gates.setdefault(gate, []).append(index)
        self._gated = list(gates.values())
        self._automaton = AhoCorasick(list(gates))
        self._ungated = [index for index, pattern in enumerate(patterns) if not pattern.gate]

    def hits(self, passage: Passage) -> list[Hit]:
        hits: list[Hit] = []
        seen: set[tuple[int, int]] = set()
        for gate, start, _end in passage.found(self._automaton):
            line_start, line_end = passage.line(start)
            for index in self._gated[gate]:
                if (index, line_start) not in seen:
                    seen.add((index, line_start))
                    self._run(index, passage, line_start, line_end, hits)
        for index in self._ungated:
            for start, end in passage.lines if passage.apart else passage.stretches:
                self._run(index, passage, start, end, hits)
        return hits

    def _run(self, index: int, passage: Passage, start: int, end: int, hits: list[Hit]) -> None:
        pattern = self._patterns[index]
        if pattern.scope and pattern.scope != passage.scope:
            return
        compiled = self._compiled[index]
        if compiled is None:
            compiled = self._compiled[index] = re.compile(pattern.re, re.MULTILINE)
        for match in compiled.finditer(passage.text, start, end):
            if match.end() > match.start() and self._applies(pattern, passage, match):
                hits.append(
                    Hit(
                        start=match.start(),
                        end=match.end(),
                        text=match.group(),
                        suggestion=match.expand(pattern.suggestion) if pattern.suggestion else "",
                        category=pattern.category,
                        severity=pattern.severity,
                        grade=Grade(pattern.grade),
                        rule=pattern.id,
                        reason=pattern.reason,
                        layer="pattern",
                    )
                )

    def _applies(self, pattern: Pattern, passage: Passage, match: re.Match[str]) -> bool:
        start, end = match.span()
        if pattern.not_before and re.search(f"(?:{pattern.not_before})$", passage.before(start, _LEFT_REACH)):
            return False
        if pattern.not_after and re.match(pattern.not_after, passage.after(end, _RIGHT_REACH)):
            return False
        if pattern.not_value and re.search(pattern.not_value, match.group()):
            return False
        return not passage.is_about_wording(start, end)
