"""The view as plain words and numbers, for documents that are typeset from data (PDF, Word)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from checks.check import Outcome
from checks.standard import Part
from reports.ahead import ahead
from reports.rectification import ClauseView, Issue, Rectification, Section, TableView, marks_words

TONES = {Outcome.FAIL: "fail", Outcome.REVIEW: "review", Outcome.ERROR: "review", Outcome.PASS: "pass"}
MANY = 1000
"""Lists longer than this name one place a problem and do without clickable links, to stay small."""
UNOFFICIAL = "（参考，非官方评分）"


def plain(view: Rectification) -> dict[str, Any]:
    """All text of the report, ready to be set; every value is text, a number, a list or a table of these."""
    totals = view.totals
    return {
        "site_name": view.site_name,
        "as_of": view.as_of,
        "date": [view.seal.year, view.seal.month, view.seal.day],
        "facts": [
            ["主办单位", view.sponsor],
            ["网站标识码", view.site_code],
            ["首页网址", view.home_url],
            ["检查范围", view.scope],
            ["依据", "；".join(f"{one.title}（{one.document_no}）" for one in view.tables)],
            ["检查时间", f"{view.started} 至 {view.finished}"],
            ["报告编号", view.run_id],
        ],
        "figures": [
            [str(totals.certain), "个问题"],
            [str(totals.doubtful), "条待人工核实"],
            [str(totals.places), "处位置"],
            [str(view.unexamined_total), "项条款未检查或未查完"],
        ],
        "changes": changes_words(view),
        "urgent": [issue.message for issue in view.urgent],
        "tables": [_table(one) for one in view.tables],
        "by_check": [[title, str(certain), str(doubtful)] for title, certain, doubtful in totals.by_check]
        + ([["合计", str(totals.certain), str(totals.doubtful)]] if totals.by_check else []),
        "ahead": ahead(view),
        "sections": [_section(section, view) for section in view.sections],
        "coverage": [[row.kind, row.state, row.counts, row.why] for row in view.coverage],
        "glossary": [list(row) for row in view.glossary],
        "end": f"巡查 {view.version} 生成。报告编号 {view.run_id}。条款文字为归纳，以原文件为准。报告中的个人信息已作遮盖。",
    }


def changes_words(view: Rectification) -> str:
    """What changed since the previous run in one sentence; empty without one."""
    changed = view.changes
    if changed is None:
        return ""
    return (
        f"与上次 {changed.since} 相比：新出现 {changed.new} 个，上次已有 {changed.persisting} 个，"
        f"再次出现 {changed.came_back} 个；已整改 {len(changed.fixed)} 个，"
        f"本次没有重新检查到 {len(changed.not_reexamined)} 个。"
    )


def _table(one: TableView) -> dict[str, Any]:
    end = f"合计扣 {one.deducted} 分，加 {one.bonus} 分，得分 {one.total or '未定'}；合格线 {one.pass_mark} 分。"
    return {
        "title": one.title,
        "unofficial": "" if one.official else UNOFFICIAL,
        "standing": one.standing.value,
        "standing_words": one.standing_words,
        "conclusion": one.conclusion,
        "basis": one.basis,
        "note": f"{one.document_no}，{one.issuer}。{one.note}",
        "marks": end if one.scored else "",
        "vetoes": [
            {
                **_clause(row),
                "distance": f"{row.reached} / {row.line}"
                + (f"（另有 {row.review} 待核实）" if row.review else ""),
            }
            for row in one.vetoes
        ],
        "unexamined": [{**_clause(row), "reason": row.reason} for row in one.unexamined],
        "to_answer": [
            {
                **_clause(asked.clause),
                "how": asked.how,
                "result": asked.given or "\n".join(f"□ {one}" for one in asked.choices) + "\n几处：",
            }
            for asked in one.to_answer
        ],
        "confirm": [f"{row.title}：{what}" for row, what in one.confirm],
        "score_rows": [
            {
                **_clause(row),
                "group": row.group,
                "indicator": row.indicator,
                "points": row.points,
                "text": row.text,
                "found": row.found,
                "marks": score_words(row),
            }
            for row in (*one.vetoes, *one.scored_clauses)
            if one.scored
        ],
        "score_end": end,
    }


def score_words(row: ClauseView) -> str:
    """What a clause takes off, or 未定 while it could still take something; a veto takes nothing."""
    if row.part is Part.VETO:
        return "否决" if row.outcome is Outcome.FAIL else "未定" if row.open else "—"
    if row.marks or not row.open or row.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE):
        return marks_words(row.marks)
    return "未定"


def _clause(row: ClauseView) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "outcome": row.outcome_words,
        "tone": TONES.get(row.outcome, "open"),
        "examined": row.examined > 0,
        "filled": row.filled,
        "line": row.line,
    }


def _section(section: Section, view: Rectification) -> dict[str, Any]:
    clause = section.clause
    often, times = Counter(issue.fix for issue in section.issues).most_common(1)[0]
    common = often if times > 2 else ""
    return {
        "fix": common,
        "part": clause.part_words,
        "id": clause.id,
        "title": clause.title,
        "text": clause.text,
        "table": section.table if clause.part is not Part.ADVISORY and len(view.tables) > 1 else "",
        "count": section.count,
        "issues": [_issue(issue, common, many=len(view.issues) > MANY) for issue in section.issues],
    }


def _issue(issue: Issue, common: str, *, many: bool) -> dict[str, Any]:
    tags = [tag for tag in (("" if issue.certain else "待核实"), issue.change) if tag]
    return {
        "number": issue.number,
        "tags": f"［{'　'.join(tags)}］" if tags else "",
        "message": issue.message,
        "at": "　".join(part for part in (issue.column, issue.title) if part),
        "url": issue.url,
        "href": None if many else issue.href,
        "quote": issue.quote,
        "places": places_words(issue, 1 if many else 3),
        "fix": "" if issue.fix == common else issue.fix,
        "tail": "　".join(part for part in (marks_tail(issue), issue.id, copy_tail(issue)) if part),
    }


def marks_tail(issue: Issue) -> str:
    return f"扣 {marks_words(issue.marks)} 分" if issue.marks else ""


def copy_tail(issue: Issue) -> str:
    """Where the archived copy lies, for papers that cannot show it."""
    return f"存档副本 {issue.copy.partition('#')[0]}" if issue.copy else ""


def places_words(issue: Issue, most: int) -> str:
    """The first places as one line; where to find the rest."""
    if issue.everywhere:
        return "位置：全站公共部分（页头、导航或页脚），改一处即可。"
    others = [place for place in issue.places if place.url != issue.url]
    if not others:
        return ""
    shown = "；".join(f"{place.title} {place.url}".strip() for place in others[:most])
    rest = issue.places_total - len(others[:most])
    return f"位置（{issue.places_total} 处）：{shown}" + (f"；其余 {rest} 处见整改台账" if rest > 0 else "")
