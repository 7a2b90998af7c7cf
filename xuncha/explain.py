"""What a check or a clause means, for people who read the fix list."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence

from checks.registry import CHECKS, module_of
from checks.standard import Standard, load, shipped

HEADINGS = {
    "What it finds": "找什么",
    "Why it matters": "为什么要改",
    "Known problems": "已知局限",
    "Good": "正例",
    "Bad": "反例",
}


class UnknownName(LookupError):
    """Raised when neither a check nor a clause has the name asked for."""


def explain(name: str) -> str:
    """A readable page about a check id or a clause number. Raises UnknownName."""
    if any(check.id == name for check in CHECKS):
        return _check(name)
    clauses = [_clause(table, name) for table in _tables() if any(c.id == name for c in table.clauses)]
    if not clauses:
        raise UnknownName(f"没有叫“{name}”的检查项或条款；检查项有：{'、'.join(c.id for c in CHECKS)}")
    return "\n\n".join(clauses)


def sections(doc: str) -> Iterator[tuple[str, str]]:
    """(heading, text) of a check module's docstring, the summary first under ""."""
    parts = re.split(rf"^({'|'.join(HEADINGS)}): ?", inspect.cleandoc(doc), flags=re.M)
    yield "", parts[0].strip()
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        yield (
            heading,
            re.sub(r"\s*\n\s*", "", text.strip()) if heading not in ("Good", "Bad") else text.strip(),
        )


def _check(check_id: str) -> str:
    module = module_of(check_id)
    check = module.CHECK
    lines = [f"{check.id}  {check.title}", ""]
    for heading, text in sections(module.__doc__ or ""):
        lines.append(f"{HEADINGS[heading]}：{text}" if heading else text)
    lines += ["", f"怎么改：{check.fix}"]
    lines += [f"　　　　{fix}" for _, fix in check.variants.values()]
    used = [
        f"{table.title} {clause.id}（{clause.title}）"
        for table in _tables()
        for clause in table.clauses
        if any(test.check == check_id for test in clause.tests)
    ]
    lines += ["", "用在："] + [f"  {row}" for row in dict.fromkeys(used)]
    return "\n".join(lines)


def _clause(table: Standard, clause_id: str) -> str:
    clause = table.clause(clause_id)
    lines = [f"{table.title}（{table.document_no}）  {clause.id}  {clause.title}", "", clause.text]
    if clause.tests:
        lines.append("由检查项判断：" + "、".join(dict.fromkeys(test.check for test in clause.tests)))
    if clause.manual:
        lines.append(f"需要人工核查：{clause.manual}")
    if clause.pending:
        lines.append(f"本版还不能检查：{clause.pending}")
    if clause.confirm:
        lines.append(f"还请人工确认：{clause.confirm}")
    return "\n".join(lines)


def _tables() -> Sequence[Standard]:
    return [load(name, CHECKS) for name in shipped()]
