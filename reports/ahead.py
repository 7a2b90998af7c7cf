"""What to do first, what changed, what lies ahead, what is not counted: tables of plain words for documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.rectification import Rectification
from reports.shortest import StepView

COUNTDOWN = "如果从监测时间点起什么都不发布，各条否决线在哪一天会越过，更新哪些栏目就能避开（按最少的算）。"
EXEMPT = "下列栏目由网站管理单位在配置里注明没有内容可发；到期后照常要求更新。"
WIDTHS = {
    "最省力的整改顺序": (9, 9, 3, 5),
    "历次检查": (4, 4, 3, 9),
    "否决倒计时": (8, 3, 6, 6),
    "未来 60 天要做的事": (5, 6, 6, 3),
}
"""Shares of the width of the four columns."""
FEW = 4
"""Numbers of problems named in one cell."""
WAIVED = "下列问题由网站管理单位在配置里注明理由暂缓处理，到期后自动恢复计数。"


def few(numbers: Sequence[int]) -> str:
    """The first numbers of the list and how many there are."""
    if len(numbers) <= FEW:
        return "、".join(map(str, numbers))
    return f"{'、'.join(map(str, numbers[:FEW]))} 等 {len(numbers)} 个"


def rest_words(rest: int) -> tuple[str, ...]:
    """The line that stands for what a paper does not show; none without it."""
    return (f"其余 {rest} 处从略",) if rest else ()


def effect(step: StepView) -> str:
    """What a step brings."""
    parts = [f"解除否决：{step.lifts}"] if step.lifts else []
    parts += [f"挽回 {step.points} 分，累计 {step.so_far} 分"] if step.points else []
    return "；".join(parts)


def ahead(view: Rectification) -> list[dict[str, Any]]:
    """Tables of four columns, each with title, lead, heads and rows; those without rows are left out."""
    several = len(view.tables) > 1
    way, runs = view.way, view.trend
    blocks = (
        (
            "最省力的整改顺序",
            way.goal if way else "",
            ("先改什么", "怎么改", "问题序号", "效果"),
            [
                (
                    "\n".join(part for part in (f"{one.number}. {one.what}", one.name) if part),
                    f"{one.how}（动 {one.edits} 处）",
                    few(one.issues),
                    effect(one),
                )
                for one in (way.steps if way else ())
            ],
        ),
        (
            "历次检查",
            "",
            ("监测时间点", "问题、待核实", "已扣分", "结论"),
            [
                (one.day, f"{one.certain}、{one.doubtful}", one.deducted, one.standing)
                for one in (runs.rows if runs else ())
            ],
        ),
        (
            "否决倒计时",
            COUNTDOWN,
            ("单项否决指标", "现在 / 线", "什么时候越线", "先更新这些"),
            [
                (
                    f"{row.title}（{row.clause}）" + (f"\n{row.table}" if several else ""),
                    row.distance,
                    row.crosses,
                    "、".join(one.name for one in row.update) or "近期不需要",
                )
                for row in view.outlook
            ],
        ),
        (
            "未来 60 天要做的事",
            "",
            ("最晚日期", "要做什么", "依据", "现在"),
            [(row.day, row.what, row.basis, row.state) for row in view.calendar],
        ),
        (
            "按网站配置免检的栏目",
            EXEMPT,
            ("栏目", "网址", "理由", "到期"),
            [(row.column.name, row.column.url, row.reason, row.until) for row in view.exempt],
        ),
        (
            "按网站配置暂不计的问题",
            WAIVED,
            ("问题", "对象", "理由", "责任人、到期"),
            [
                (
                    row.check_title,
                    "\n".join(dict.fromkeys((row.subject.name, row.subject.url))),
                    row.reason,
                    f"{row.owner}，{row.until}",
                )
                for row in view.waived
            ],
        ),
        (
            "检查中注意到的",
            "",
            ("注意到什么", "情况", "网址", "怎么办"),
            [
                (
                    f"{one.title}（{one.count}）",
                    "\n".join(said.words for said in one.said),
                    "\n".join((*(at.name for said in one.said for at in said.at), *rest_words(one.rest))),
                    one.advice,
                )
                for one in view.noticed
            ],
        ),
    )
    return [
        {
            "title": title,
            "lead": lead,
            "heads": list(heads),
            "rows": [list(row) for row in rows],
            "widths": list(WIDTHS.get(title, (4, 3, 4, 4))),
        }
        for title, lead, heads, rows in blocks
        if rows
    ]
