"""What people found where no machine can look: read from a filled-in form, kept beside the run, put into the score."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from checks.assessment import Answered, Assessment, TestResult
from checks.check import Outcome
from checks.scoring import score
from checks.standard import Clause, Part

LONGEST = 500
MOST = 10_000


class AnswerError(ValueError):
    """Raised when a form cannot be taken in: every wrong place is one line."""


class Result(StrEnum):
    """What a person found, in the words of the form; the last two are for bonus clauses."""

    CLEAN = "无问题"
    FAULTY = "有问题"
    NOT_APPLICABLE = "不适用"
    DONE = "做到"
    NOT_DONE = "没做到"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One clause as a person found it. `count` is the number of faults, or of good things for a bonus clause."""

    clause: str
    result: Result
    count: int
    by: str
    on: dt.date
    note: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """An answer from a row of a kept file. Raises AnswerError when the file was not written by as_toml."""
        try:
            return cls(**{**row, "result": Result(row["result"])})
        except (TypeError, KeyError, ValueError) as error:
            raise AnswerError(f"保存的人工核查结果已损坏（{error}）") from error

    @property
    def words(self) -> str:
        """The answer with who and when, as reports print it."""
        counted = f"（{self.count} 处）" if self.result in (Result.FAULTY, Result.DONE) else ""
        said = f"人工核查：{self.result}{counted}，{self.by}，{self.on.isoformat()}"
        return f"{said}。{self.note}" if self.note else said


def choices(clause: Clause) -> tuple[Result, ...]:
    """What can be answered to a clause."""
    if clause.part is Part.BONUS:
        return (Result.DONE, Result.NOT_DONE, Result.NOT_APPLICABLE)
    return (Result.CLEAN, Result.FAULTY, Result.NOT_APPLICABLE)


def askable(assessment: Assessment) -> tuple[tuple[Clause, str, TestResult | None], ...]:
    """Clauses a person has to answer: (clause, what to do, the answer given so far).

    Those no check serves, and those of which nothing could be looked at.
    """
    results: dict[str, list[TestResult]] = {}
    for result in assessment.results:
        results.setdefault(result.clause, []).append(result)
    asked = []
    for clause in assessment.standard.clauses:
        mine = results[clause.id]
        if clause.part is Part.ADVISORY:
            continue
        given = next(
            (one for one in mine if one.check is None and one.outcome is not Outcome.NOT_EXAMINED), None
        )
        unseen = all(one.outcome is Outcome.NOT_EXAMINED and not one.examined for one in mine)
        if given or unseen:
            asked.append((clause, clause.manual or clause.text, given))
    return tuple(asked)


def checked(
    rows: Iterable[tuple[str, Mapping[str, Any]]], assessments: Sequence[Assessment]
) -> tuple[Answer, ...]:
    """Rows of a form, each with the words that name its place, as answers. Raises AnswerError naming every bad place."""
    asked = {clause.id: clause for one in assessments for clause, _, _ in askable(one)}
    known = {clause.id for one in assessments for clause in one.standard.clauses}
    wrong: list[str] = []
    found: dict[str, Answer] = {}
    for place, row in rows:
        faults, answer = _row(row, asked, known)
        if answer is not None and answer.clause in found and found[answer.clause] != answer:
            faults.append(f"{answer.clause} 前面已经填过，两处不一样")
        wrong += [f"{place}：{fault}" for fault in faults]
        if answer is not None:
            found[answer.clause] = answer
    if wrong:
        raise AnswerError("\n".join(wrong))
    return tuple(found.values())


def _row(
    row: Mapping[str, Any], asked: Mapping[str, Clause], known: set[str]
) -> tuple[list[str], Answer | None]:
    faults: list[str] = [
        f"不认识“{key}”" for key in row if key not in ("clause", "result", "count", "by", "on", "note")
    ]
    clause_id = str(row.get("clause", "")).strip()
    clause = asked.get(clause_id)
    if clause is None:
        why = "已由程序检查，不用人工结果代替；有异议请在台账中申诉" if clause_id in known else "没有这条条款"
        return [*faults, f"条款编号 {clause_id!r}：{why}"], None
    allowed = choices(clause)
    result = str(row.get("result", "")).strip()
    if result not in allowed:
        faults.append(f"结果 {result!r}：应为{'、'.join(allowed)}之一")
    count = row.get("count") or 0
    if isinstance(count, float) and count.is_integer():
        count = int(count)
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST:
        faults.append(f"处数 {count!r}：应为 0 到 {MOST} 的整数")
    by, note = str(row.get("by") or "").strip(), str(row.get("note") or "").strip()
    if not by or len(by) > LONGEST:
        faults.append("核查人：没有填写" if not by else "核查人：太长")
    if len(note) > LONGEST:
        faults.append(f"说明：超过 {LONGEST} 字")
    on = _date(row.get("on"))
    if on is None:
        faults.append(f"核查日期 {row.get('on')!r}：应为 2018-04-20 这样的日期")
    if faults or on is None:
        return faults, None
    kind = Result(result)
    least = 1 if kind in (Result.FAULTY, Result.DONE) else 0
    return [], Answer(
        clause=clause_id, result=kind, count=max(count, least) if least else 0, by=by, on=on, note=note
    )


def _date(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    written = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", str(value or "").strip(), re.ASCII)
    try:
        return dt.date(*map(int, written.groups())) if written else None
    except ValueError:
        return None


def answered(assessment: Assessment, answers: Sequence[Answer]) -> Assessment:
    """The assessment with people's answers in place of what nobody looked at, scored anew."""
    by_clause = {answer.clause: answer for answer in answers}
    open_to = {clause.id: clause for clause, _, _ in askable(assessment)}
    mine = {name: answer for name, answer in by_clause.items() if name in open_to}
    if not mine:
        return assessment
    results: list[TestResult] = []
    done: set[str] = set()
    for result in assessment.results:
        if result.clause not in mine:
            results.append(result)
        elif result.clause not in done:
            done.add(result.clause)
            results.append(_result(open_to[result.clause], mine[result.clause]))
    return replace(
        assessment,
        results=tuple(results),
        score=score(assessment.standard, results, assessment.findings),
        answers=tuple(_record(mine[clause]) for clause in open_to if clause in mine),
    )


def _record(answer: Answer) -> Answered:
    return Answered(
        clause=answer.clause,
        result=answer.result.name.lower().replace("_", "-"),
        count=answer.count,
        by=answer.by,
        on=answer.on,
        note=answer.note,
    )


def _result(clause: Clause, answer: Answer) -> TestResult:
    outcome = {
        Result.CLEAN: Outcome.PASS,
        Result.DONE: Outcome.PASS,
        Result.FAULTY: Outcome.FAIL,
        Result.NOT_DONE: Outcome.FAIL,
        Result.NOT_APPLICABLE: Outcome.NOT_APPLICABLE,
    }[answer.result]
    failed = answer.count if answer.result is Result.FAULTY else 0
    return TestResult(
        clause=clause.id,
        check=None,
        outcome=outcome,
        examined=0 if outcome is Outcome.NOT_APPLICABLE else max(answer.count, 1),
        failed=failed,
        reason=answer.words,
    )


def read_toml(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """The rows of an answers file, each with its place. Raises AnswerError."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AnswerError(f"{path.name}：不是有效的 TOML（{error}）") from error
    rows = raw.pop("answer", [])
    if raw or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AnswerError(f"{path.name}：应为若干个 [[answer]]，不应有别的内容")
    return [(f"{path.name} 第 {number} 个 [[answer]]", row) for number, row in enumerate(rows, 1)]


def as_toml(answers: Iterable[Answer]) -> str:
    """The answers as a file that read_toml reads back."""
    parts = []
    for one in answers:
        text = {"clause": one.clause, "result": one.result.value, "by": one.by, "note": one.note}
        # JSON strings are TOML strings, but for DEL, which TOML wants escaped.
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in text.items()]
        lines[2:2] = [f"count = {one.count}", f"on = {one.on.isoformat()}"]
        parts.append("[[answer]]\n" + "\n".join(lines).replace("\x7f", "\\u007f") + "\n")
    return "\n".join(parts)
