"""Papers made of a run: 整改通知书, 评分表, 人工核查表. The same view as the report, so totals are equal everywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from checks.check import Outcome
from reports.paper import Heading, Paper, Table, Text
from reports.plain import UNOFFICIAL, places_words, score_words
from reports.rectification import Issue, Rectification, TableView, marks_words

BLANK_DAY = "　　　　年　　月　　日"
PROBLEM_HEADS = ("序号", "问题类型、编号", "问题和网址", "怎么改", "扣分")
PROBLEM_WIDTHS = (11, 28, 78, 37, 12)
SCORE_HEADS = ("一级指标", "二级指标", "考察点", "扣分细则", "存在的问题", "扣分")
SCORE_WIDTHS = (23, 22, 27, 43, 38, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What only the sender knows. `day` None leaves the date to be filled in; `days` are working days to mend.

    `terms` (level, working days, last day) take their place where each level has its own.
    """

    number: str = ""
    sender: str = ""
    day: dt.date | None = None
    days: int = 10
    due: dt.date | None = None
    terms: tuple[tuple[str, int, dt.date | None], ...] = ()


def notice(view: Rectification, letter: Letter) -> Paper:
    """整改通知书: what was found, what is asked for, by when; the problems as an annex."""
    certain = [issue for issue in view.issues if issue.certain]
    doubtful = [issue for issue in view.issues if not issue.certain]
    basis = "、".join(f"《{one.title}》（{one.document_no}）" for one in view.tables)
    blocks: list[Heading | Text | Table] = [
        Text(
            text=f"根据{basis}，对你单位主办的“{view.site_name}”网站（{view.home_url}，标识码 {view.site_code}）进行了检查，"
            f"监测时间点为{view.as_of}。检查发现问题 {len(certain)} 个，另有待核实的线索 {len(doubtful)} 条。现将有关情况通知如下。"
        ),
        Heading(text="一、检查结论"),
        *(Text(text=_verdict(table)) for table in view.tables),
        Heading(text="二、主要问题"),
    ]
    vetoes: dict[str, list[str]] = {}
    for table in view.tables:
        for clause in table.vetoes:
            if clause.outcome is Outcome.FAIL:
                vetoes.setdefault(clause.found, []).append(f"{clause.title}（{table.title} {clause.id}）")
    blocks += [
        Text(text=f"{number}. 触发单项否决：{'、'.join(clauses)}。{found}。")
        for number, (found, clauses) in enumerate(vetoes.items(), 1)
    ]
    blocks.append(_by_check(view))
    blocks += [
        Heading(text="三、整改要求"),
        Text(
            text=f"1. {_deadline(letter)}触发单项否决的和涉及个人信息、严重表述错误的，接到通知后立即处理。"
        ),
        Text(
            text="2. 对照附件逐条整改，举一反三，检查同一栏目、同一模板、同一文稿的其他页面。整改情况填入整改台账（责任科室、责任人、整改措施、整改状态）后报回。"
        ),
        Text(
            text="3. 附件 2 所列线索请人工核实：确有问题的一并整改，没有问题的在台账中写明理由。核实前不扣分。"
        ),
        Text(
            text="4. 对认定有异议的，在整改时限内书面提出，并附申诉材料。整改完成后将组织复查，复查通过后销号。"
        ),
        Text(text=""),
        Text(text="附件：1. 问题清单　2. 待核实线索清单", indent=True),
        Text(text=""),
        Text(text=(letter.sender or "（发文单位盖章）") + "　　", align="right", indent=False),
        Text(
            text=(chinese_day(letter.day) if letter.day else BLANK_DAY) + "　　", align="right", indent=False
        ),
        Table(
            heads=(),
            widths=(26, 57, 26, 57),
            rows=(
                ("联系人", "", "联系电话", ""),
                ("签收人", "", "签收日期", ""),
            ),
            label=True,
        ),
        Heading(text="附件 1　问题清单", newpage=True),
        _problems(certain, "本次检查没有认定的问题。"),
        Heading(text="附件 2　待核实线索清单", newpage=True),
        _problems(doubtful, "本次检查没有待核实的线索。"),
    ]
    return Paper(
        title="政府网站问题整改通知书",
        number=letter.number or "〔　　　　〕　　号",
        to=f"{view.sponsor}：",
        blocks=tuple(blocks),
        foot=f"报告编号 {view.run_id}",
        seal=view.seal,
    )


def score_sheet(view: Rectification) -> Paper:
    """评分表 in the official six columns, a table after the other."""
    blocks: list[Heading | Text | Table] = [site(view)]
    for place, table in enumerate(view.tables):
        blocks += [
            Heading(text=table.title + ("" if table.official else UNOFFICIAL), newpage=place > 0),
            Table(
                heads=SCORE_HEADS,
                widths=SCORE_WIDTHS,
                rows=score_rows(table),
                centred=(5,),
            ),
            Text(text=_verdict(table), indent=False),
        ]
    blocks.append(signatures("评分人", "审核人"))
    return Paper(
        title="政府网站检查评分表",
        number="",
        to="",
        blocks=tuple(blocks),
        foot=f"报告编号 {view.run_id}　条款文字为归纳，以原文件为准",
        seal=view.seal,
    )


def score_rows(table: TableView) -> tuple[tuple[str, ...], ...]:
    """The rows of one score table with its totals, under SCORE_HEADS."""
    rows = [
        (
            clause.group,
            clause.indicator,
            f"{clause.title}（{clause.id}）",
            clause.text,
            clause.found,
            score_words(clause),
        )
        for clause in (*table.vetoes, *table.scored_clauses)
    ]
    if table.scored:
        rows += [
            ("合计扣分", "", "", "", "", table.deducted),
            ("加分", "", "", "", "", table.bonus),
            ("得分", "", "", f"合格线 {table.pass_mark} 分", table.standing_words, table.total or "未定"),
        ]
    else:
        rows.append(("结论", "", "", "", table.standing_words, "—"))
    return tuple(rows)


def checklist(view: Rectification) -> Paper:
    """人工核查表: what no machine can judge, to be filled in by hand."""
    blocks: list[Heading | Text | Table] = [
        site(view),
        Text(
            text="下列条款机器不能判断。请逐项核查，在结果栏打勾；“有问题”的写明几处。填完后录入同名 Excel 表，执行 xuncha answers 读回，分数和报告随即更新。"
        ),
    ]
    for table in view.tables:
        if table.to_answer:
            blocks += [
                Heading(text=table.title),
                Table(
                    heads=("条款编号", "条款", "怎么核查", "结果", "核查人、日期"),
                    widths=(20, 40, 50, 34, 22),
                    rows=tuple(
                        (
                            asked.clause.id,
                            asked.clause.title,
                            asked.how,
                            asked.given or "\n".join(f"□ {one}" for one in asked.choices) + "\n几处：",
                            "",
                        )
                        for asked in table.to_answer
                    ),
                ),
            ]
    blocks.append(signatures("核查人", "审核人"))
    return Paper(
        title="人工核查表",
        number="",
        to="",
        blocks=tuple(blocks),
        foot=f"报告编号 {view.run_id}",
        seal=view.seal,
    )


def in_two(number: str) -> str:
    """A problem's number on two lines, as it fits a narrow column."""
    name, dash, rest = number.rpartition("-")
    return f"{name}{dash}\n{rest}" if name else number


def site(view: Rectification) -> Table:
    """The site's particulars as every paper opens with them."""
    return Table(
        heads=(),
        widths=(26, 57, 26, 57),
        rows=(
            ("网站名称", view.site_name, "网站标识码", view.site_code),
            ("主办单位", view.sponsor, "首页网址", view.home_url),
            ("监测时间点", view.as_of, "报告编号", view.run_id),
        ),
        label=True,
    )


def _by_check(view: Rectification) -> Table:
    totals = view.totals
    rows = [(title, str(certain), str(doubtful)) for title, certain, doubtful in totals.by_check]
    rows.append(("合计", str(totals.certain), str(totals.doubtful)))
    half = (len(rows) + 1) // 2
    left, right = rows[:half], rows[half:] + [("", "", "")] * (2 * half - len(rows))
    return Table(
        heads=("问题类型", "问题", "待核实") * 2,
        widths=(55, 13, 15) * 2,
        rows=tuple(one + other for one, other in zip(left, right, strict=True)),
        centred=(1, 2, 4, 5),
    )


def _problems(issues: Sequence[Issue], none: str) -> Table | Text:
    if not issues:
        return Text(text=none)
    return Table(
        heads=PROBLEM_HEADS,
        widths=PROBLEM_WIDTHS,
        rows=tuple(
            (
                str(number),
                f"{issue.check_title}（{issue.severity}）\n{in_two(issue.id)}",
                "\n".join(part for part in (issue.message, issue.url, places_words(issue, 2)) if part),
                issue.fix,
                marks_words(issue.marks) if issue.marks else "",
            )
            for number, issue in enumerate(issues, 1)
        ),
        centred=(0, 4),
    )


def signatures(first: str, second: str) -> Table:
    """Room for two signatures, date and stamp."""
    return Table(
        heads=(),
        widths=(26, 57, 26, 57),
        rows=((first, "", second, ""), ("日期", "", "盖章", "")),
        label=True,
    )


def _verdict(table: TableView) -> str:
    reference = "" if table.official else UNOFFICIAL
    return f"按《{table.title}》{reference}：{table.standing_words}。{table.conclusion}{table.basis}"


def _deadline(letter: Letter) -> str:
    if letter.terms:
        terms = (
            f"{level}的 {days} 个工作日内" + (f"（{chinese_day(due)}前）" if due else "")
            for level, days, due in letter.terms
        )
        return f"自收到本通知之日起按级别整改：{'，'.join(terms)}。"
    if letter.due is not None:
        return f"{chinese_day(letter.due)}前完成整改。"
    return f"自收到本通知之日起 {letter.days} 个工作日内完成整改。"


def chinese_day(day: dt.date) -> str:
    """2018年4月16日."""
    return f"{day.year}年{day.month}月{day.day}日"
