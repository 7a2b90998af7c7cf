"""页脚标识缺失或有误。

What it finds: 首页和其他页面底部应有的标识：党政机关网站标识、网站标识码、ICP备案号、公安备案号、主办单位、联系方式、
“我为政府网站找错”入口、站点地图。逐项看有没有、填得对不对：标识码位数、公安备案号与链接是否一致、
找错入口的代码是否就是本网站的标识码，备案号与标识码是否同一省份。

Why it matters: 这些标识是群众辨认真假政府网站的依据，检查指标逐项扣分。

Known problems: 页脚由另一个文件或脚本装入、没有读到的，只请人核实。只检查有没有标识，标识背后的证书是否有效请点开查看。
站点地图的要求没有查到原文，缺了只请人核实。

Good: 网站标识码：6403000099，找错入口 sitecode="6403000099"。
Bad: 网站标识码：0000000000；公安备案号与链接里的号码不同。
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.mandated.profile import profile_of
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Page

CHECK = Check(
    id="missing-footer-mark",
    title="页脚标识缺失或有误",
    severity=Severity.MINOR,
    needs=("pages",),
    limits={"marks": [], "missing_share": 0.1},
    message="首页底部没有{mark}。",
    fix="请在全站页脚加上{mark}。{how}",
    variants={
        "some": (
            "{missing} 个页面（共 {pages} 个）底部没有{mark}。",
            "请检查这些页面用的模板，在页脚加上{mark}。",
        ),
        "wrong": ("{mark}有误：{why}。", "请改正{mark}。{how}"),
        "other-body": (
            "首页底部没有{mark}。只有政府网站要有这一项，本网站是不是政府网站请核实。",
            "是政府网站的，请在全站页脚加上{mark}。{how}",
        ),
        "owner": (
            "首页底部写了“{owner}”，没有写“主办单位”，请核实。",
            "请在全站页脚写明“主办单位：”和单位全称。",
        ),
        "province": (
            "{mark}与网站标识码的地区不一致：{why}，请核实。",
            "请核对标识码和备案号，改正填错的一个。",
        ),
        "elsewhere": (
            "没有读到{mark}：页脚由另一个文件或脚本装入，不能断定没有。",
            "请用浏览器打开首页核实；确实没有的，请加上。",
        ),
    },
)

MARKS: Mapping[str, tuple[str, str]] = {
    "emblem": (
        "党政机关网站标识",
        "标识在机构编制部门的网站标识管理系统申领，用其给出的代码，不要只放图片。",
    ),
    "site_code": ("网站标识码", "标识码是10位数字（部委网站是bm加8位数字）。"),
    "icp": ("ICP备案号", "备案号应链接到工业和信息化部备案系统。"),
    "police": ("公安备案号", "备案号应与链接里的号码一致。"),
    "sponsor": ("主办单位名称", "写明“主办单位：”和单位全称。"),
    "contact": ("联系方式", "写明网站联系电话或电子邮箱。"),
    "error_report": ("“我为政府网站找错”入口", "入口代码里的标识码应是本网站的。"),
    "site_map": ("站点地图", "站点地图应列出全部栏目。"),
}
"""Mark -> (its name, how to put it right). The order is the order of the official guide."""

_GOVERNMENT = frozenset({"site_code", "error_report"})
"""Marks that only government websites bear: of another body their lack is a question."""

_RECALLED = frozenset({"site_map"})
"""Marks whose rule was not read in the original: their lack is a question."""

_CODE = re.compile(r"(?:\d{10}|[Bb][Mm]\d{8})")
_PLACEHOLDER = re.compile(r"0{10}|1234567890|(\d)\1{9}")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per mark for the site: missing on the home page, wrong, missing on other pages, or right."""
    home = evidence.home()
    if home is None:
        return
    # Thousands of pages have the same footer: it is kept once.
    footer = cache(lambda data: _marks(json.loads(data)))
    found: dict[int, Mapping[str, Any]] = {number: footer(data) for number, data in evidence.told("mark")}
    at_home = found.get(home.id, {})
    blamed = profile_of(evidence.run.site).blamed
    others = array("q", (number for number, _, _ in evidence.titles() if number != home.id))
    for mark, (name, how) in MARKS.items():
        if limits["marks"] and mark not in limits["marks"]:
            continue
        facts: dict[str, Any] = {"mark": name, "how": how, "element": mark}
        subject = Subject(kind="mark", key=f"footer/{mark}", url=home.url, title=name)
        if mark not in at_home:
            there = sum(mark in found.get(number, {}) for number in others)
            asks = mark in _GOVERNMENT and not blamed
            elsewhere = bool(at_home.get("elsewhere")) or (not at_home and there > 0)
            owner = _owner(at_home) if mark == "sponsor" else ""
            yield Verdict(
                grade=Grade.REVIEW if elsewhere or asks or owner or mark in _RECALLED else Grade.FAIL,
                subject=subject,
                facts={**facts, "owner": owner},
                citations=(_cite(home, owner or "（页脚没有这一项）"),),
                variant="elsewhere" if elsewhere else "owner" if owner else "other-body" if asks else None,
            )
            continue
        why = _wrong(mark, at_home, evidence.run.site.site_code)
        if why:
            yield Verdict(
                grade=Grade.FAIL,
                subject=subject,
                facts={**facts, "why": why},
                citations=(_cite(home, _shown(at_home[mark])),),
                variant="wrong",
            )
            continue
        if why := _other_province(mark, at_home):
            yield Verdict(
                grade=Grade.REVIEW,
                subject=subject,
                facts={**facts, "why": why},
                citations=(_cite(home, f"{_shown(at_home['site_code'])} {_shown(at_home[mark])}"),),
                variant="province",
            )
            continue
        lacking = _lacking(mark, others, found, limits["missing_share"])
        if lacking:
            yield Verdict(
                grade=Grade.FAIL,
                subject=subject,
                facts={**facts, "missing": len(lacking), "pages": len(others), "places": len(lacking)},
                citations=tuple(_cite(page, page.title) for page in map(evidence.page, lacking[:20])),
                variant="some",
            )
            continue
        yield Verdict(grade=Grade.OK, subject=subject, facts={**facts, "value": _shown(at_home[mark])})


def _marks(data: Mapping[str, Any]) -> dict[str, Any]:
    marks = dict(data)
    contacts = ("phone", "mail", "address", "contact_page")
    if contact := next((data[name] for name in contacts if data.get(name)), None):
        marks["contact"] = contact
    return marks


def _lacking(
    mark: str, pages: Sequence[int], found: Mapping[int, Mapping[str, Any]], share: float
) -> list[int]:
    """Ids of pages with a footer that lacks the mark. Pages without any footer count once they are a share of the site:
    a few are frames and special topics.
    """
    if mark == "site_map":
        return []
    lacking = [number for number in pages if _lacks(mark, found.get(number, {}))]
    partial = [number for number in lacking if len(found.get(number, {})) > 1]
    bare = [number for number in lacking if len(found.get(number, {})) <= 1]
    return partial + bare if len(bare) > share * len(pages) else partial


def _lacks(mark: str, found: Mapping[str, Any]) -> bool:
    return (
        mark not in found and not found.get("elsewhere") and not (mark == "sponsor" and _owner(found) != "")
    )


def _owner(found: Mapping[str, Any]) -> str:
    """Who a footer says the site belongs to where it names no sponsor."""
    return f"版权所有：{found['owner']}" if found.get("owner") else str(found.get("named", ""))


def _wrong(mark: str, found: Mapping[str, Any], own_code: str) -> str:
    """What is wrong with a mark's value, in words; empty when nothing is."""
    value = found[mark]
    codes: list[str] = found.get("site_code", [])
    if mark == "site_code":
        bad = [code for code in value if not _CODE.fullmatch(code) or _PLACEHOLDER.fullmatch(code)]
        if bad:
            return f"标识码写的是“{bad[0]}”，应为10位数字"
        if own_code and own_code not in value:
            return f"标识码写的是“{value[0]}”，本网站的标识码是“{own_code}”"
    elif mark == "icp":
        digits = re.search(r"备(\d+)", value)
        if digits and (len(digits[1]) not in (7, 8) or set(digits[1]) == {"0"}):
            return f"备案号写的是“{value}”，数字应为8位"
    elif mark == "police":
        number, records = value["number"], value["record"]
        if len(number) != 14:
            return f"备案号写的是“{number}”，应为14位数字"
        if records and number not in records:
            return f"页面写的是“{number}”，链接里是“{records[0]}”"
    elif mark == "error_report":
        code = value["code"]
        wanted = own_code or (codes[0] if len(codes) == 1 else "")
        if code and wanted and _CODE.fullmatch(wanted) and code != wanted:
            return f"入口报到的是“{code}”，本网站的标识码是“{wanted}”"
        if not value["active"]:
            return "只有文字或图片，没有链接到找错平台"
    elif mark == "emblem" and not value["script"]:
        return "只有图片，没有标识管理系统给出的代码或证书链接"
    return ""


def _other_province(mark: str, found: Mapping[str, Any]) -> str:
    """Where a record number is of another province than the website's code, in words; empty when that cannot be told."""
    codes = [code for code in found.get("site_code", ()) if _CODE.fullmatch(code)]
    letters = _provinces().get(codes[0][:2], "") if len(codes) == 1 else ""
    if not letters:
        return ""
    if mark == "icp" and found["icp"][0] not in letters:
        return f"标识码“{codes[0]}”属{letters[0]}，备案号写的是“{found['icp']}”"
    if mark == "police" and found["police"]["number"][:2] != codes[0][:2]:
        return f"标识码是“{codes[0]}”，公安备案号是“{found['police']['number']}”"
    return ""


@cache
def _provinces() -> dict[str, str]:
    rows = (Path(__file__).parent / "provinces.tsv").read_text(encoding="utf-8").splitlines()
    return dict(row.split("\t") for row in rows if row and not row.startswith("#"))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "、".join(str(part) for part in value.values() if part and part is not True) or "有"
    return "、".join(value) if isinstance(value, list) else "有" if value is True else str(value)


def _cite(page: Page, quote: str) -> Citation:
    return Citation(url=page.url, seen_at=page.seen_at, quote=quote, where="页脚", title=page.title)
