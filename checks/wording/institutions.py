"""Layers "institution" and "repealed-law": names judged against the date of the text. Only ever a review."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from checks.check import Grade, Severity
from checks.wording.lexicon import rows
from checks.wording.passage import Hit, Passage

_LOCAL_GRACE = dt.timedelta(days=183)
_LEFT_REACH = 10
_RIGHT_REACH = 12
_FORMER = re.compile(
    r"原|前|时任|曾任?|历任|撤销|不再保留|整合|合并|由|将|承接|划转|划入|职责|更名|改组|旧|老|当时|年\S{0,4}$|〔|\("
)
_AFTERWARDS = re.compile(
    r"令|公告|文件|〔|\[|（?(?:19|20)\d\d|第\d+号|等部门|并入|更名|改为|改组|改称|合并|撤销|划归|划入|的?职责|职能|旧址|原|字|发〔|印章|老"
)
_OLD_DATE = re.compile(r"(?:19|20)\d\d(?=\s*年)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OldName:
    """A name that ended on `effective`; `now` is a pointer, local names differ."""

    old: str
    now: str
    local: bool
    effective: dt.date
    grade: str
    not_before: str
    not_after: str
    reason: str

    def examples(self) -> tuple[str, str, dt.date]:
        """A sentence that is outdated and one that is not, both in a text of the returned date."""
        return (
            f"请到{self.old}窗口办理。",
            f"请到原{self.old}窗口办理。",
            self.effective + dt.timedelta(days=400),
        )


def listed_institutions() -> list[OldName]:
    """The rows of institutions.tsv."""
    return [
        OldName(
            old=row["old"],
            now=row["new"],
            local=row["level"] == "local",
            effective=dt.date.fromisoformat(row["effective"]),
            grade=row["grade"],
            not_before=row["not_before"],
            not_after=row["not_after"],
            reason=row["reason"],
        )
        for row in rows("institutions.tsv")
    ]


def listed_repealed_laws() -> list[OldName]:
    """The rows of repealed-laws.tsv, as names written in 《》."""
    return [
        OldName(
            old=name,
            now=row["now"],
            local=False,
            effective=dt.date.fromisoformat(row["repealed"]),
            grade=row["grade"],
            not_before="",
            not_after="",
            reason=row["reason"],
        )
        for row in rows("repealed-laws.tsv")
        for name in (f"《{row['law']}》", f"《中华人民共和国{row['law']}》")
    ]


class OldNames:
    """Finds names that had ended when the text was written. Without a date of the text it says nothing."""

    def __init__(self, names: list[OldName], *, layer: str) -> None:
        self._layer = layer
        self._names = names
        self._automaton = AhoCorasick([name.old for name in names])

    def hits(self, passage: Passage) -> list[Hit]:
        if passage.dated is None:
            return []
        hits: list[Hit] = []
        found = passage.found(self._automaton)
        found.sort(key=lambda match: (match[1], -match[2]))
        covered = 0
        for index, start, end in found:
            if end <= covered:
                continue
            covered = end
            name = self._names[index]
            if (
                name.grade == "hint"
                or not self._ended(name, passage.dated)
                or not self._applies(name, passage, start, end)
            ):
                continue
            hits.append(
                Hit(
                    start=start,
                    end=end,
                    text=passage.text[start:end],
                    suggestion=name.now,
                    category=self._layer,
                    severity=Severity.MAJOR,
                    grade=Grade.REVIEW,
                    rule=name.old.strip("《》"),
                    reason=f"{name.effective.year}年起不再用此{'名' if self._layer == 'institution' else '法'}：{name.reason}",
                    layer=self._layer,
                )
            )
        return hits

    def _ended(self, name: OldName, dated: dt.date) -> bool:
        return dated >= name.effective + (_LOCAL_GRACE if name.local else dt.timedelta())

    def _applies(self, name: OldName, passage: Passage, start: int, end: int) -> bool:
        text = passage.text
        before = re.split(r"[。；！？\n]", text[max(0, start - _LEFT_REACH) : start])[-1]
        after = passage.after(end, _RIGHT_REACH)
        if _FORMER.search(before) or _AFTERWARDS.match(after):
            return False
        if name.old[-1] in "部局" and after.startswith("门"):
            return False
        if name.not_before and re.search(f"(?:{name.not_before})$", before):
            return False
        if name.not_after and re.match(name.not_after, after):
            return False
        if self._layer == "institution" and passage.in_book_title(start, end):
            return False
        line_start, _ = passage.line(start)
        sentence = text[max(line_start, start - 60) : start]
        if any(int(year) < name.effective.year for year in _OLD_DATE.findall(sentence)):
            return False
        if self._layer == "repealed-law" and re.search(
            r"废止|失效|同时|修订|原", passage.before(start, 30) + text[start:end] + passage.after(end, 40)
        ):
            return False
        return self._layer == "repealed-law" or not passage.crosses_word(start, end)
