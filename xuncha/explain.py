"""What a check or a clause means, for people who read the fix list."""

from __future__ import annotations

from collections.abc import Sequence

from checks.catalogue import sections
from checks.mandated.items import DisclosureItem
from checks.mandated.items import table as disclosure_items
from checks.registry import CHECKS, module_of
from checks.standard import Standard, load, shipped
from reports.language import presented_table, say
from xuncha.faults import UnknownName


def explain(name: str) -> str:
    """A readable page about a check id, a clause number or a mandated item. Raises UnknownName."""
    if any(check.id == name for check in CHECKS):
        return _check(name)
    for item in disclosure_items():
        if name in (item.id, item.name):
            return _item(item)
    clauses = [_clause(table, name) for table in _tables() if any(c.id == name for c in table.clauses)]
    if not clauses:
        raise UnknownName(f"没有叫“{name}”的检查项或条款；检查项有：{'、'.join(c.id for c in CHECKS)}")
    return "\n\n".join(clauses)


def _check(check_id: str) -> str:
    module = module_of(check_id)
    check = module.CHECK
    lines = [f"{check.id}  {say(check.title)}", ""]
    lines += [f"{heading}：{say(text)}" for heading, text in sections(module)]
    lines += ["", f"怎么改：{say(check.fix)}"]
    lines += [f"　　　　{say(fix)}" for _, fix in check.variants.values()]
    used = [
        f"{table.title} {clause.id}（{clause.title}）"
        for table in _tables()
        for clause in table.clauses
        if any(test.check == check_id for test in clause.tests)
    ]
    lines += ["", "用在："] + [f"  {row}" for row in dict.fromkeys(used)]
    return "\n".join(lines)


def _item(item: DisclosureItem) -> str:
    lines = [f"{item.id}  {say(item.name)}", ""]
    lines += [f"依据：{say(basis.text)}（{basis.since} 起）" for basis in item.basis]
    lines.append(f"期限：{say(item.deadline)}")
    lines.append("谁要公开：" + ("这一类别的单位都要" if item.always else "有这类事项的单位"))
    lines.append("通行的名称：" + "、".join(item.words))
    if item.elements:
        lines.append("应有的内容：" + "、".join(say(element.name) for element in item.elements))
    lines += [
        "",
        "本单位不适用的，在 site.toml 写：",
        f'[[item]]\nid = "{item.id}"\napplies = false\nreason = "为什么不适用"',
    ]
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
    return [presented_table(load(name, CHECKS)) for name in shipped()]
