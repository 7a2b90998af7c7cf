"""How documents name the parts of the three public expenses, and what a title says of year and kind."""

from __future__ import annotations

import re

ABROAD = r"因公(?:临时)?出[国境](?:\([国境]?[境国]\)|境)?(?:费用?|经费|支出)*"
VEHICLE = r"公务?用?车(?:辆)?(?:的)?(?:购置(?:费用?|支出)?[及和与、](?:公务用车)?运行(?:维护|维修)?|(?:购置)?运行维护及购置)(?:费用?|经费|支出)*"
BUY = r"(?:公务?用?车(?:辆)?|车辆)购置(?:费用?|经费|支出)*|购置公务用车(?:费用|经费|支出)"
RUN = r"(?:公务?用?车(?:辆)?|车辆)运行(?:维护|维修)?(?:费用?|经费|支出)*"
RECEPTION = r"公务接待(?:费用?|经费|支出)*"
QUOTES = re.compile("[“”\"'‘’「」＂]")
BRACKETS = str.maketrans("（）［］，：０１２３４５６７８９．％", "()[],:0123456789.%")
_YEAR_KIND = (
    re.compile(r"(20[0-4]\d)\D{0,30}?(预算|决算)"),
    re.compile(r"(预算|决算)\D{0,8}?(20[0-4]\d)"),
)
_REGION = re.compile(
    r"^[^局委办院校站所中心协会]{2,12}?(?:省|市|区|县|旗|州)(?:本级|级)?(?:20\d\d|(?:政府|财政|行政事业单位))[^局委办]{0,16}三公"
)


def title_year_kind(text: str) -> tuple[int | None, str | None]:
    """Year and kind (budget, final) that a title names; kind None when it names both or neither."""
    compact = re.sub(r"\s", "", QUOTES.sub("", text))
    compact = re.sub(r"(?:一般公共|政府性基金|国有资本经营)预算", "", compact)
    year = re.search(r"20[0-4]\d(?!\d)", compact)
    both = re.search("预决算|预、?决算|预算[和、与]?决算|决算[和、与]?预算", compact)
    budget, final = "预算" in compact or bool(both), "决算" in compact
    kind = None if budget == final else ("budget" if budget else "final")
    for pattern in _YEAR_KIND:
        if kind is None and budget and not both and (match := pattern.search(compact)):
            kind = "final" if "决算" in match.groups() else "budget"
    return (int(year[0]) if year else None), kind


def is_region(title: str) -> bool:
    """Whether a title speaks of a whole district or city, not of one bureau."""
    return bool(_REGION.search(QUOTES.sub("", title)))
