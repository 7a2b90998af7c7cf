"""Figures of one budget or final account: sums are made here, so that a stated total can only be wrong on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

FUNCTIONS = {
    "206": "科学技术支出",
    "20601": "科学技术管理事务",
    "2060101": "行政运行",
    "2060199": "其他科学技术管理事务支出",
    "20604": "技术研究与开发",
    "2060499": "其他技术研究与开发支出",
    "208": "社会保障和就业支出",
    "20805": "行政事业单位离退休",
    "2080505": "机关事业单位基本养老保险缴费支出",
    "221": "住房保障支出",
    "22102": "住房改革支出",
    "2210201": "住房公积金",
}
ECONOMICS = {
    "301": "工资福利支出",
    "30101": "基本工资",
    "30102": "津贴补贴",
    "30103": "奖金",
    "30108": "机关事业单位基本养老保险缴费",
    "30113": "住房公积金",
    "302": "商品和服务支出",
    "30201": "办公费",
    "30207": "邮电费",
    "30211": "差旅费",
    "30212": "因公出国（境）费用",
    "30217": "公务接待费",
    "30231": "公务用车运行维护费",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One year of one kind (预算 or 决算). Amounts in 万元, printed with `places` decimals."""

    year: int
    kind: str
    functions: tuple[tuple[str, str, str, str, str], ...]
    economics: tuple[tuple[str, str, str], ...]
    basic: str
    project: str
    total: str
    staff: str
    public: str
    sangong: Mapping[str, str]
    change: str
    sangong_change: str

    @classmethod
    def of(cls, article: Mapping[str, Any]) -> Statement:
        figures = article["figures"]
        places = figures.get("places", 2)

        def show(value: Decimal) -> str:
            return f"{value:.{places}f}"

        functions = {
            code: (Decimal(basic), Decimal(project)) for code, basic, project in figures["functions"]
        }
        economics = {code: Decimal(value) for code, value in figures["economics"]}
        basic = sum((pair[0] for pair in functions.values()), Decimal())
        project = sum((pair[1] for pair in functions.values()), Decimal())
        staff = sum((value for code, value in economics.items() if code.startswith("301")), Decimal())
        public = sum((value for code, value in economics.items() if code.startswith("302")), Decimal())
        if basic != staff + public:
            raise ValueError(f"{article['id']}: basic {basic} is not {staff} + {public}")
        parts = {
            name: Decimal(figures["sangong"][name]) for name in ("abroad", "purchase", "running", "reception")
        }
        parts["vehicles"] = parts["purchase"] + parts["running"]
        parts["total"] = parts["abroad"] + parts["vehicles"] + parts["reception"]
        sangong = {name: show(value) for name, value in parts.items()}
        sangong_change = _change(parts["total"], Decimal(figures["sangong"]["last_year"]), show)
        if "stated" in figures["sangong"]:
            sangong["total"] = figures["sangong"]["stated"]
        return cls(
            year=figures["year"],
            kind=figures["kind"],
            functions=tuple(
                (code, FUNCTIONS[code], show(low + high), show(low), show(high))
                for code in _levels(functions, FUNCTIONS)
                for low, high in [_sum_pairs(functions, code)]
            ),
            economics=tuple(
                (
                    code,
                    ECONOMICS[code],
                    show(sum((v for c, v in economics.items() if c.startswith(code)), Decimal())),
                )
                for code in _levels(economics, ECONOMICS)
            ),
            basic=show(basic),
            project=show(project),
            total=show(basic + project),
            staff=show(staff),
            public=show(public),
            sangong=sangong,
            change=_change(basic + project, Decimal(figures["last_year"]), show),
            sangong_change=sangong_change,
        )


def _levels(used: Iterable[str], names: Mapping[str, str]) -> list[str]:
    return [code for code in names if any(full.startswith(code) for full in used)]


def _sum_pairs(functions: Mapping[str, tuple[Decimal, Decimal]], code: str) -> tuple[Decimal, Decimal]:
    under = [pair for full, pair in functions.items() if full.startswith(code)]
    return sum((low for low, _ in under), Decimal()), sum((high for _, high in under), Decimal())


def _change(now: Decimal, before: Decimal, show: Any) -> str:
    """In words: 比上年增加 4.20 万元，增长 1.35%."""
    if now == before:
        return "与上年持平"
    words = ("增加", "增长") if now > before else ("减少", "下降")
    difference = abs(now - before)
    return f"比上年{words[0]}{show(difference)}万元，{words[1]}{difference / before * 100:.2f}%"
