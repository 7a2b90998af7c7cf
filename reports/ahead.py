"""What lies ahead and what is not counted for now, as tables of plain words for documents."""

from __future__ import annotations

from typing import Any

from reports.rectification import Rectification

COUNTDOWN = "如果从监测时间点起什么都不发布，各条否决线在哪一天会越过，更新哪些栏目就能避开（按最少的算）。"
EXEMPT = "下列栏目由网站管理单位在配置里注明没有内容可发；到期后照常要求更新。"
WAIVED = "下列问题由网站管理单位在配置里注明理由暂缓处理，到期后自动恢复计数。"


def ahead(view: Rectification) -> list[dict[str, Any]]:
    """Tables of four columns, each with title, lead, heads and rows; those without rows are left out."""
    several = len(view.tables) > 1
    blocks = (
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
    )
    return [
        {"title": title, "lead": lead, "heads": list(heads), "rows": [list(row) for row in rows]}
        for title, lead, heads, rows in blocks
        if rows
    ]
