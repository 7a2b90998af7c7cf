"""Money: what is read out of sentences and tables, and the real flaws met in the field, rebuilt in own text."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest

from checks.check import Grade, Verdict
from checks.money import (
    comparison_mismatch,
    late_disclosure,
    missing_budget_part,
    number_mismatch,
    sum_mismatch,
    text_table_mismatch,
    wrong_year,
)
from checks.money.amounts import cell_amount, unit_of
from checks.money.counts import in_prose, in_table
from checks.money.disclosures import is_disclosure_title
from checks.money.figures import three_public
from checks.money.labels import title_year_kind
from checks.money.statement import Part, Statement
from checks.money.sums import sums
from crawler.documents import read as read_document
from crawler.evidence.reader import Evidence
from tests.checks.cases import write

MODULES = (
    sum_mismatch,
    text_table_mismatch,
    comparison_mismatch,
    number_mismatch,
    wrong_year,
    late_disclosure,
    missing_budget_part,
)


def judged(folder: Path, *pages: dict[str, Any], documents: tuple[dict[str, Any], ...] = ()) -> list[Verdict]:
    """Every verdict that is not ok, over all checks of the room."""
    write({"as_of": dt.date(2018, 10, 1), "evidence": {"pages": pages, "documents": documents}}, folder)
    with Evidence(folder) as evidence:
        verdicts = [v for module in MODULES for v in module.examine(evidence, module.CHECK.limits)]
        for module in MODULES:
            for v in module.examine(evidence, module.CHECK.limits):
                message, fix = (
                    module.CHECK.variants[v.variant]
                    if v.variant
                    else (module.CHECK.message, module.CHECK.fix)
                )
                if v.grade is not Grade.OK:
                    assert "{" not in message.format_map(v.facts) + fix.format_map(v.facts)
    return [v for v in verdicts if v.grade is not Grade.OK]


def page(url: str, title: str, text: str = "", *tables: list[list[str]], **more: Any) -> dict[str, Any]:
    return {
        "url": url, "title": title, "text": text,
        "facts": [{"kind": "table", "data": {"rows": rows}} for rows in tables], **more,
    }  # fmt: skip


def marks(verdicts: list[Verdict]) -> list[tuple[str, str]]:
    return sorted((v.subject.key.partition("#")[2], str(v.grade)) for v in verdicts)


def read(statement: Statement | None) -> dict[tuple[str, int | None, str | None], dict[str, list[str]]]:
    assert statement is not None
    return {
        (g.where, g.year, g.kind): {
            str(part): [str(a) for a in amounts] for part, amounts in g.amounts.items()
        }
        for g in statement.groups
    }


# The flaws of the field, one test a page ------------------------------------------------------------------


def test_a_district_report_with_three_contradictions(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        page(
            "2016.html", "云州区2016年度“三公”经费决算情况说明",
            "2016年全区“三公”经费支出2364万元，其中：因公出国（境）费12万元，公务接待费1356万元，公务用车购置及运行费995万元"
            "（其中：公务用车购置费38万元，公务用车运行维护费958万元）。\n2015年“三公”经费支出同比下降8.2%。\n"
            "2016年“三公”经费预算安排的决算数按规定控制。因公出国（境）3个团组7人次，公务用车保有量80辆，国内公务接待900批次8000人次。",
            [
                ["单位：万元", "单位：万元"],
                ["项目", "2016年决算数"],
                ["合计", "2364"],
                ["1.因公出国（境）费", "12"],
                ["2.公务接待费", "1356"],
                ["3.公务用车购置及运行费", "996"],
                ["其中：（1）公务用车购置费", "37"],
                ["（2）公务用车运行维护费", "959"],
            ],
        ),
    )  # fmt: skip
    assert marks(found) == [
        ("2016final:buy", "review"),
        ("2016final:run", "review"),
        ("2016final:total", "review"),
        ("2016final:vehicles", "review"),
        ("2016final:vehicles", "review"),
        ("mixed", "review"),
        ("old-sentence", "review"),
    ]
    arithmetic = {v.facts.get("arithmetic") for v in found}
    assert arithmetic >= {
        "12 + 1356 + 995 = 2363, 写为 2364万元",
        "38 + 958 = 996, 写为 995万元",
        "995万元 ≠ 996万元",
    }


def test_blank_cells_and_another_unit_than_its_sisters(tmp_path: Path) -> None:
    def sister(year: int) -> dict[str, Any]:
        return page(
            f"{year}.html", f"云州创业园{year}年“三公”经费预算表", "",
            [["单位：万元"] * 2, ["项目", f"{year}年预算数"], ["合计", "26"], ["因公出国（境）费", "0"], ["公务接待费", "6"], ["公务用车费", "20"]],
        )  # fmt: skip

    found = judged(
        tmp_path,
        sister(2015),
        sister(2016),
        page(
            "2017.html", "云州创业园“三公”经费预算表（2017-度）", "",
            [
                ["单位：元"] * 4,
                ["项目", "2016年预算数", "2017年预算数", "增减变化原因"],
                ["合计", "260000", "250000", ""],
                ["因公出国（境）费", "", "", ""],
                ["公务接待费", "60000", "50000", ""],
                ["公务用车费", "200000", "200000", ""],
                ["因公出国（境）团组数", "", "", ""],
            ],
        ),
    )  # fmt: skip
    assert marks(found) == [
        ("blank", "review"),
        ("blank-cells", "review"),
        ("broken", "review"),
        ("unit", "review"),
    ]
    cells = next(v for v in found if v.variant == "blank-cells")
    assert cells.facts["missing"] == "单位：元增减变化原因、因公出国（境）团组数"


def test_blank_trip_with_a_right_total_is_only_a_blank(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        page(
            "2014.html", "云州科技局财政拨款“三公”经费预算2014年情况如下", "单位：万元",
            [["项目", "金额"], ["“三公”经费合计", "9"], ["因公出国（境）费", ""], ["公务用车费", "7"], ["公务接待费", "2"]],
        ),
    )  # fmt: skip
    assert marks(found) == [("blank", "review")]
    assert found[0].facts["missing"] == "因公出国（境）费"


def test_percent_of_zero_and_an_overrun_with_a_thin_reason(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        page(
            "2017.html", "云州食药监局2017年“三公”经费决算公开",
            "2017年“三公”经费支出决算28.98万元，完成预算21.55万元的134.5%，主要是业务增加。\n"
            "因公出国（境）费支出决算0万元，完成预算0万元的100%，因公出国（境）团组0个，0人次。\n"
            "公务用车购置及运行费支出决算18.98万元，保有量4辆。\n公务接待费支出决算10万元，接待60批次400人次。",
        ),
    )  # fmt: skip
    assert marks(found) == [("overrun", "review"), ("percent-of-zero", "review")]
    overrun = next(v for v in found if v.variant == "overrun")
    assert (overrun.facts["percent"], overrun.facts["reason"]) == ("134", "原因只写了“业务增加”")


def test_items_without_total_published_late(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        page(
            "2015.html", "官山镇2015年“三公”经费决算公开",
            "2015年公务接待费决算9.95万元，接待120批次900人次。公务用车购置及运行费决算13.01万元，保有量3辆，没有因公出国（境）。",
            published=dt.date(2016, 12, 28),
        ),
    )  # fmt: skip
    assert marks(found) == [("", "review"), ("no-total", "review")]
    assert {v.variant for v in found} == {"outer", "no-total"}


def test_budget_column_is_not_taken_for_final_accounts(tmp_path: Path) -> None:
    statement = three_public(
        "",
        [
            [
                ["项目", "预算数", "决算数"],
                ["因公出国（境）费", "0", "0"],
                ["公务接待费", "17.00", "17.00"],
                ["公务用车购置及运行费", "60.00", "51.30"],
                ["合计", "77.00", "68.30"],
            ]
        ],
        title="云州城管局2016年“三公”经费决算公开表",
    )
    figures = read(statement)
    assert figures["第1张表", 2016, "budget"]["total"] == ["77.00"]
    assert figures["第1张表", 2016, "final"]["total"] == ["68.30"]
    assert [s.verdict for g in statement.groups for s in sums(g)] == ["ok", "ok"] if statement else False


def test_silent_on_trips_but_right(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        page(
            "2017.html", "云州经科局2017年部门预算“三公”经费情况说明",
            "2017年“三公”经费预算5.6万元，其中公务接待费3.6万元，公务用车运行维护费2万元。",
            [["单位：万元"] * 2, ["项目", "2017年预算数"], ["合计", "5.6"], ["因公出国（境）费", ""], ["公务接待费", "3.6"], ["公务用车费", "2"]],
        ),
    )  # fmt: skip
    assert marks(found) == [("blank", "review")]


def test_a_correct_district_total(tmp_path: Path) -> None:
    text = "2017年“三公”经费预算5834万元，其中：因公出国（境）费100万元，公务接待费692万元，公务用车运行维护费4612万元，公务用车购置费430万元。"
    assert judged(tmp_path, page("2017.html", "云中区2017年“三公”经费预算", text)) == []


def test_a_date_only_in_the_address_is_no_proof_of_lateness(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        page(
            "t20211014_1.html", "云州科技厅2017年“三公”经费预算", "2017年“三公”经费预算3万元，其中公务接待费1万元，公务用车运行维护费2万元，因公出国费0万元。",
            published={"date": dt.date(2021, 10, 14), "source": "url", "confidence": 0.4},
        ),
    )  # fmt: skip
    assert found == []


def test_right_accounts_with_all_their_words_are_left_alone(tmp_path: Path) -> None:
    text = (
        "一、“三公”经费支出决算情况\n2017年“三公”经费财政拨款支出决算为18.50万元，完成预算20.00万元的92.5%，比上年减少1.50万元，下降7.5%，主要原因是压缩公务接待。\n"
        "（一）因公出国（境）费支出决算为0万元，占0%，因公出国（境）团组0个、0人次。\n"
        "（二）公务用车购置及运行维护费支出决算为12.50万元，占67.6%。其中：公务用车购置费0万元，当年购置0辆；公务用车运行维护费12.50万元，"
        "主要用于燃料费4万元、维修费3.2万元，年末公务用车保有量4辆，车均运行费3.13万元。\n"
        "（三）公务接待费支出决算为6.00万元，占32.4%。其中：国内接待费6.00万元，国内公务接待75批次、600人次，人均100元。\n"
        "二、其他\n机关运行经费32万元，比上年增加1万元，主要包括：办公费、印刷费、公务接待费、因公出国（境）费用等。"
    )
    head = ["预算数"] * 6 + ["决算数"] * 6
    parts = [
        "合计",
        "因公出国（境）费",
        "公务用车购置及运行费",
        "公务用车购置及运行费",
        "公务用车购置及运行费",
        "公务接待费",
    ]
    low = ["合计", "因公出国（境）费", "小计", "公务用车购置费", "公务用车运行费", "公务接待费"]
    table = [
        ["财政拨款“三公”经费支出决算表"] * 12, ["公开07表 单位：万元"] * 12, head, parts * 2, low * 2, [str(n) for n in range(1, 13)],
        ["20.00", "0.00", "13.00", "0.00", "13.00", "7.00", "18.50", "0.00", "12.50", "0.00", "12.50", "6.00"],
    ]  # fmt: skip
    assert judged(tmp_path, page("2017.html", "云州市科学技术局2017年“三公”经费决算公开", text, table)) == []


def test_last_years_file_under_this_years_title(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        page("2017.html", "云州市科技局2017年部门预算", "2017年部门预算见附件。", links=[{"url": "f/ys.doc", "text": "附件：2016年部门预算"}]),
        documents=(
            {"url": "f/ys.doc", "kind": "doc", "title": "云州市科技局2016年部门预算", "text": "云州市科技局2016年部门预算\n2016年收支预算总表\n2016年财政拨款收支预算总表"},
        ),
    )  # fmt: skip
    assert ("", "fail") in marks(found)
    assert next(v for v in found if v.grade is Grade.FAIL).facts["found"] == "2016年"


def test_flaws_inside_an_attachment_are_found_like_those_of_a_page(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("云州市科学技术局2017年“三公”经费决算情况说明")
    made.add_paragraph(
        "2017年“三公”经费支出决算30万元，其中：因公出国（境）费0万元，公务接待费6万元，公务用车购置及运行费12万元。单位：万元"
    )
    rows = [
        ["项目", "2017年决算数"],
        ["合计", "30"],
        ["因公出国（境）费", "0"],
        ["公务接待费", "6"],
        ["公务用车费", "13"],
    ]
    grid = made.add_table(rows=0, cols=2)
    for row in rows:
        for cell, value in zip(grid.add_row().cells, row, strict=True):
            cell.text = value
    file = io.BytesIO()
    made.save(file)
    document = read_document(file.getvalue(), "js.docx")
    found = judged(
        tmp_path,
        page("2017.html", "云州市科学技术局2017年“三公”经费决算公开", "决算情况见附件。", links=[{"url": "f/js.docx", "text": "附件"}]),
        documents=(
            {"url": "f/js.docx", "kind": document.kind, "title": document.title, "text": document.text, "tables": document.tables},
        ),
    )  # fmt: skip
    sums = {(v.facts["arithmetic"], v.facts["where"]) for v in found if v.grade is Grade.FAIL}
    assert sums == {
        ("0 + 6 + 12 = 18, 写为 30万元", "附件正文"),
        ("0 + 6 + 13 = 19, 写为 30万元", "附件第1张表"),
    }


def test_an_explanation_without_any_table(tmp_path: Path) -> None:
    text = "一、单位概况。我局负责全市科技工作。二、2018年部门预算收支总体情况。收入预算300万元，支出预算300万元。三、名词解释。"
    found = judged(tmp_path, page("2018.html", "云州市科学技术局2018年部门预算", text))
    assert "no-tables" in {v.variant for v in found}


# The annual report of a bureau ----------------------------------------------------------------------------

REPORT = (
    "（一）全面公开权力清单。市科技局经过梳理审核，共保留行政职权 21 项，其中：其中行政许可 0 项，行政处罚 13 项，行政强制 1 项，行政征收 0 项，行\n"
    "职 权 类 别\t数量（项）\t备 注\n原权责清单职权\t22 项\t\n划转综合执法局职权\t1 项\t\n取消职权\t0 项\t\n修改职权\t0 项\t\n现保留职权\t21 项\t\n"
    "政给付 0 项，行政奖励 2 项，行政检查 2 项，行政确认 2 项，行政裁决 0 项，其他类 1 项。拟定了纳入综合执法 1 项事项清单，划入执法事项 1 项。\n"
    "（二）主动公开政府信息共20条，通过其他途径公开信息13条，主要包括以下内容：机构组织。开展培训 7 次，办理2件提案。"
)
POWERS = [["职 权 类 别", "数量（项）", "备 注"], ["原权责清单职权", "22 项", ""], ["划转综合执法局职权", "1 项", ""], ["取消职权", "0 项", ""], ["修改职权", "0 项", ""], ["现保留职权", "21 项", ""]]  # fmt: skip


def test_the_report_of_a_bureau_adds_up(tmp_path: Path) -> None:
    assert [(c.verdict, c.arithmetic) for c in in_prose(REPORT)] == [
        ("ok", "0 + 13 + 1 + 0 + 0 + 2 + 2 + 2 + 0 + 1 = 21")
    ]
    assert [(c.verdict, c.arithmetic) for c in in_table(POWERS, "表")] == [("ok", "22 - 0 - 1 = 21")]
    assert (
        judged(tmp_path, page("nb.html", "云州市科技局2017年政府信息公开工作年度报告", REPORT, POWERS)) == []
    )


def test_the_same_report_with_one_wrong_figure() -> None:
    assert [c.verdict for c in in_prose(REPORT.replace("行政处罚 13 项", "行政处罚 12 项"))] == ["doubtful"]
    assert [c.arithmetic for c in in_table([*POWERS[:-1], ["现保留职权", "20 项", ""]], "表")] == [
        "22 - 0 - 1 = 21, 写为 20"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "全年公开信息100条，其中网站公开60条，公众号公开30条。",
        "共有干部30人，其中党员20人，女干部12人，少数民族干部9人。",
        "办理建议12件，其中主办8件、协办4件，办结率100%。",
        "报送材料5份，其中原件1份、复印件4份；每项申请书电子文本1份。",
        "截至2017年12月31日，其中3项已完成。",
    ],
)
def test_lists_that_need_not_add_up(text: str) -> None:
    assert [c for c in in_prose(text) if c.verdict != "ok"] == []


def test_totals_of_a_table_of_counts() -> None:
    rows = [["事项类别", "数量（项）"], ["行政许可", "3"], ["行政处罚", "12"], ["合计", "15"]]
    assert [c.verdict for c in in_table(rows, "表")] == ["ok"]
    assert [c.arithmetic for c in in_table([*rows[:-1], ["合计", "16"]], "表")] == ["3 + 12 = 15, 写为 16"]
    layered = [
        ["事项类别", "数量（项）"],
        ["行政许可", "3"],
        ["其中：现场办理", "2"],
        ["行政处罚", "12"],
        ["合计", "15"],
    ]
    assert list(in_table(layered, "表")) == []


# Readers --------------------------------------------------------------------------------------------------


def test_levels_differences_and_doubtful_words() -> None:
    statement = three_public(
        "（三）公务接待费支出决算10万元，完成年初预算的80%，比2016年决算数12万元减少2万元，下降16.7%。国内公务接待60批，国内接待费10万元。\n"
        "公务用车运行维护费18.98万元，主要用于燃料费5万元、维修费3万元。\n"
        "公用经费20万元，主要包括：办公费、印刷费、公务接待费、因公出国（境）费等。会议费和公务接待费共3万元。\n"
        "公务接待费按每人每餐0.01万元标准安排。因公出国（境）费未安排。",
        title="云州市某局2017年部门决算",
    )
    assert read(statement) == {
        ("text", 2017, "final"): {"reception": ["10万元"], "run": ["18.98万元"], "abroad": ["0万元"]},
        ("text", 2016, "final"): {"reception": ["12万元"]},
    }
    assert statement is not None
    change = statement.changes[0]
    assert (change.part, change.base_year, change.sign, change.percent, change.percent_sign) == (
        Part.RECEPTION,
        2016,
        -1,
        Decimal("16.7"),
        -1,
    )


def test_economic_classes_are_not_the_three_public_table() -> None:
    rows = [
        ["经济科目", "金额"],
        ["办公费", "3"],
        ["公务接待费", "2"],
        ["因公出国（境）费用", "0"],
        ["公务用车运行维护费", "4"],
        ["合计", "90"],
    ]
    assert three_public("", [rows], title="云州市某局2017年部门预算") is None


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("云州市科学技术局2017年部门预算公开", (2017, "budget")),
        ("2016年度林业局部门决算", (2016, "final")),
        ("2017年一般公共预算“三公”经费支出决算表", (2017, "final")),
        ("2017年部门预决算公开", (2017, None)),
        ("云州财政拨款“三公”经费预算2014年情况如下", (2014, "budget")),
        ("机构职能", (None, None)),
    ],
)
def test_titles(title: str, expected: tuple[int | None, str | None]) -> None:
    assert title_year_kind(title) == expected


def test_titles_of_disclosures() -> None:
    good = [
        "2016年度林业局部门决算",
        "云州区2017年度部门“三公”经费预算情况表",
        "2021年度部门决算",
        "2017年部门预算公开说明",
    ]
    bad = [
        "云州市部门预算管理办法",
        "关于编制2018年部门预算的通知",
        "我局召开2017年预算编制工作会议",
        "某工程竣工财务决算评审结果",
    ]
    assert [is_disclosure_title(t) for t in good + bad] == [True] * 4 + [False] * 4


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("1,356.20", ("1356.20", "万元")), ("12 万元", ("12", "万元")), ("0", ("0", "万元")), ("", None), ("—", None), ("/", None), ("12%", None), ("2017年", None)],
)  # fmt: skip
def test_cells(cell: str, expected: tuple[str, str] | None) -> None:
    value = cell_amount(cell, "万元")
    assert (value and (value.printed, value.unit)) == expected


def test_units() -> None:
    assert unit_of("公开07表\n单位：万元") == "万元"
    assert unit_of("金额单位： 元") == "元"
    assert unit_of("单位：元 …… 单位：万元") is None


def test_hostile_text_is_bounded() -> None:
    for text in (
        "公务接待费" * 40_000,
        "三公经费" + "1" * 200_000,
        "其中，" * 60_000,
        "21项，其中" * 30_000,
        "公务接待费1万元，" * 20_000,
    ):
        three_public(text, [[["公务接待费"] * 60] * 400], title="2017年部门决算")
        list(in_prose(text))
