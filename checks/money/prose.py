"""Reads figures out of sentences. Words of doubt (原因, 约, 用于, 标准) end the reading of their clause."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from checks.money.amounts import Amount, amount
from checks.money.labels import ABROAD, BRACKETS, BUY, QUOTES, RECEPTION, RUN, VEHICLE
from checks.money.statement import Change, Group, Part

_SENTENCE = re.compile(r"[^。\n！]{1,1200}[。\n！]?")
_TOTAL = r"三公经费"
_TOKEN = re.compile(
    rf"(?P<other>国内接待费?|外事接待费?|国\(境\)外(?:公务)?接待费?|其他国内公务接待(?:支出|费)?|国内公务接待(?=支出|费|[^,]{{0,3}}其中|\d)|会议费|培训费|差旅费|办公费|印刷费|水电费|邮电费|机关运行经费|(?:日常)?公用经费|人员经费|基本支出|项目支出|政府采购|住宿费|旅费|伙食|燃[料油]费|维修费|过[路桥]|保险费|总支出|支出总计|收入总计|本年收入|本年支出|财政拨款收入|财政拨款支出(?!预算|决算|数|\d))"
    rf"|(?P<vehicles>{VEHICLE}|公务用车(?:费用?|经费|支出)+(?=[^用]|$))"
    rf"|(?P<buy>{BUY})|(?P<run>{RUN})|(?P<reception>{RECEPTION})|(?P<abroad>{ABROAD})|(?P<total>{_TOTAL})"
    r"|(?P<shortbuy>(?<=[,(:、;中])购置(?:费用?|支出)?(?=[\d为])|购置费)|(?P<shortrun>(?<=[,(:、;和])运行(?:维护)?(?:费用?|支出)?(?=[\d为])|运行维护费|运行费)"
    r"|(?P<amount>(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|\d{1,12}(?:\.\d{1,6})?)(?P<unit>亿元|百万元|万元|千元|元|万(?=[,。;)]|$)))"
    r"|(?P<completes>完成(?:了)?(?:年初|全年|调整|当年)?预算(?:数)?(?=\d[\d,]{0,14}(?:\.\d+)?[亿万]?元))"
    r"|(?P<done>完成(?:了)?(?:年初|全年|调整|当年)?预算(?:数)?(?:的)?(?=\d{1,6}(?:\.\d+)?%))"
    r"|(?P<percent>(?P<rate>\d{1,6}(?:\.\d{1,4})?)%)"
    r"|(?P<year>20[0-4]\d)年?度?"
    r"|(?P<last>上一?年度?|去年)|(?P<this>本年度?|今年|当年)"
    r"|(?P<skip>一般公共预算|政府性基金预算|国有资本经营预算|公共预算|预决算|预算管理|预算单位|预算法|财政预算)"
    r"|(?P<kind>年初预算|全年预算|预算|决算)"
    r"|(?P<compare>与|同比|比(?!例|重)|较(?!为|大|多|好))"
    r"|(?P<up>增加|增长|上升|多支出|超支|超出|提高|上涨|净增)|(?P<down>减少|下降|降低|节约|节省|压缩|结余|压减|少支出|净减|下浮)|(?P<flat>持平|相差|差额|占)"
    r"|(?P<reason>原因|由于|因为|主要是|主要用于|用于|主要为|标准|人均|每人|每批|每辆|平均|约|超过|不超过|以内|以下|以上)"
    r"|(?P<zero>未安排|未发生|没有发生|没有安排|未支出|未产生|未购置|未更新)"
    r"|(?P<item>[;；])|(?P<clause>[,()])|(?P<join>[、和及与])"
)
_LABELS = ("vehicles", "buy", "run", "reception", "abroad", "total")
_NOT_MONEY = re.compile(
    r"^(?:任务|活动|批次|人次|人数|次数|数量|数(?!为?\d)|保有|管理|制度|规定|改革|对象|标准|工作|团|辆|更新数|车辆|情况统计|项目)"
)
_ENUMERATED = re.compile(r"^[\s(]*(?:[一二三四五六七八九十]+|\d{1,2})[)、.．]*\s*")
_WORTH = re.compile(r"三公|公务接待|公务用?车|出国|出境")


@dataclass(slots=True)
class _Walk:
    """Where the reader of one sentence stands."""

    part: Part | None = None
    year: int | None = None
    kind: str | None = None
    levels: int = 0
    named: bool = False
    compare: bool = False
    base_year: int | None = None
    base_kind: str | None = None
    verb: int | None = None
    blocked: bool = False
    joined: bool = False
    label_end: int = -1
    vehicles: bool = False
    completes: bool = False
    level: Amount | None = None
    base: Amount | None = None
    change: Change | None = None


def read_prose(text: str, year: int | None, kind: str | None) -> tuple[list[Group], list[Change]]:
    found: dict[tuple[int | None, str | None], dict[Part, list[tuple[Amount, str]]]] = {}
    changes: list[Change] = []
    carried: Part | None = None
    for match in _SENTENCE.finditer(text):
        raw = match[0].strip()
        if "\t" in raw or not raw:
            carried = None
            continue
        said = re.sub(r"\s", "", QUOTES.sub("", raw)).translate(BRACKETS)
        if carried is None and not _WORTH.search(said):
            continue
        figures, more, heading = _sentence(said, raw, year, carried)
        carried = heading
        for part, its_year, its_kind, value in figures:
            key = (its_year or year, its_kind or kind)
            found.setdefault(key, {}).setdefault(part, []).append((value, raw))
        changes.extend(replace(c, year=c.year or year, kind=c.kind or kind) for c in more)
    groups = [
        Group(
            where="text", year=its_year, kind=its_kind,
            amounts={part: tuple(dict.fromkeys(value for value, _ in values)) for part, values in parts.items()},
            quotes={part: values[0][1][:300] for part, values in parts.items()},
        )
        for (its_year, its_kind), parts in found.items()
    ]  # fmt: skip
    return groups, changes


Reading = tuple[Part, int | None, str | None, Amount]


def _sentence(
    said: str, raw: str, year: int | None, carried: Part | None
) -> tuple[list[Reading], list[Change], Part | None]:
    """Figures and changes of one sentence, and the part its heading hands to the next sentence."""
    walk = _Walk(part=carried)
    figures: list[Reading] = []
    changes: list[Change] = []
    any_amount = False
    for token in _TOKEN.finditer(said):
        name = token.lastgroup if token.lastgroup not in ("number", "unit", "rate") else None
        name = name or next(key for key, value in token.groupdict().items() if value is not None)
        if token["amount"]:
            name = "amount"
        elif token["percent"]:
            name = "percent"
        any_amount |= name == "amount"
        if name in _LABELS or name in ("shortbuy", "shortrun"):
            _label(walk, name, token, said)
        elif name == "other":
            walk.part, walk.joined, walk.label_end = None, False, token.end()
        elif name in ("year", "last", "this"):
            _year(walk, name, token[0], year)
        elif name == "kind":
            value = "final" if token[0] == "决算" else "budget"
            if walk.compare:
                walk.base_kind = value
            else:
                walk.kind, walk.named = value, True
        elif name == "compare":
            if token[0] != "与" or re.match(r"(?:20\d\d|上年|去年|上一年|年初|预算)", said[token.end() :]):
                walk.compare, walk.base_year, walk.base_kind, walk.base = True, None, None, None
                walk.joined = False
            else:
                walk.joined = True
        elif name in ("up", "down", "flat"):
            walk.verb = {"up": 1, "down": -1, "flat": 0}[name]
        elif name == "completes":
            walk.completes = True
        elif name == "reason":
            walk.blocked = True
        elif name == "zero":
            if (
                walk.part is not None
                and not walk.blocked
                and walk.levels == 0
                and not re.match(r"[^,;]{0,6}\d", said[token.end() :])
            ):
                figures.append((walk.part, walk.year, walk.kind, amount("0", "万元")))
                walk.levels += 1
        elif name in ("clause", "item"):
            if walk.compare and walk.verb is None and walk.base is None and walk.base_year is not None:
                # “与2015年相比，减少……”: the comparison goes on behind the comma.
                pass
            else:
                walk.compare = False
            walk.verb, walk.named, walk.joined = None, False, False
            if name == "item":
                walk.blocked, walk.change = False, None
        elif name == "join":
            walk.joined = True
        elif name == "amount":
            _amount(walk, token, said, raw, figures, changes)
        elif name == "percent":
            _percent(walk, token, said, changes)
    heading = walk.part if not any_amount and len(said) <= 34 and walk.label_end >= 0 else None
    if carried is not None and not any_amount and walk.label_end < 0 and len(said) <= 12:
        heading = carried
    return figures, changes, heading


def _label(walk: _Walk, name: str, token: re.Match[str], said: str) -> None:
    after = said[token.end() : token.end() + 14]
    starts = (
        token.start() == 0
        or said[token.start() - 1] in ",;()、:中"
        or bool(_ENUMERATED.fullmatch(said[: token.start()]))
    )
    if name.startswith("short"):
        if not walk.vehicles:
            return
        part = Part.BUY if name == "shortbuy" else Part.RUN
    else:
        part = Part(name)
    if _NOT_MONEY.match(after) or (
        walk.blocked
        and not (
            starts
            and re.match(
                r"[^,;\d]{0,12}\d[\d,.]*[万亿千]?元", after + said[token.end() + 14 : token.end() + 30]
            )
        )
    ):
        walk.part = None
        return
    combined = (
        walk.joined and walk.levels == 0 and token.start() - walk.label_end <= 2 and walk.label_end >= 0
    )
    walk.blocked = False
    walk.part = None if combined else part
    walk.vehicles |= part is Part.VEHICLES
    walk.levels, walk.label_end, walk.joined = 0, token.end(), False
    walk.compare, walk.verb, walk.level, walk.change = False, None, None, None


def _year(walk: _Walk, name: str, said: str, year: int | None) -> None:
    if name == "year":
        value: int | None = int(said[:4])
    elif name == "last":
        value = year - 1 if year else None
    else:
        value = year
    if walk.compare:
        walk.base_year = value
        if value is None:
            walk.compare, walk.blocked = False, True
    elif value is None and name == "last":
        walk.blocked = True
    else:
        walk.year, walk.named = value, True


def _amount(
    walk: _Walk, token: re.Match[str], said: str, raw: str, figures: list[Reading], changes: list[Change]
) -> None:
    if walk.part is None or walk.blocked:
        return
    value = amount(token["number"], token["unit"])
    if walk.completes:
        # “完成预算12.5万元的80%” names the budget in passing; the level stays the one before.
        walk.completes = False
        figures.append((walk.part, walk.year, "budget", value))
        return
    if walk.verb is not None:
        if walk.verb and walk.level is not None and walk.change is None:
            walk.change = Change(
                part=walk.part, year=walk.year, kind=walk.kind, level=walk.level, base_year=walk.base_year,
                base_kind=walk.base_kind, base=walk.base, sign=walk.verb, amount=value, percent=None, percent_sign=0,
                quote=raw[:300],
            )  # fmt: skip
            changes.append(walk.change)
        return
    gap = said[max(walk.label_end, 0) : token.start()]
    if walk.compare:
        base_year = walk.base_year if walk.base_year is not None else walk.year
        base_kind = walk.base_kind or walk.kind
        walk.base = value
        if walk.base_year is not None or walk.base_kind is not None:
            figures.append((walk.part, base_year, base_kind, value))
        return
    if walk.levels and not walk.named:
        return
    if walk.levels == 0 and not walk.named and len(gap) > 24:
        return
    figures.append((walk.part, walk.year, walk.kind, value))
    walk.levels += 1
    walk.named = False
    walk.level = value
    walk.change = None


def _percent(walk: _Walk, token: re.Match[str], said: str, changes: list[Change]) -> None:
    """The percentage that belongs to the change read last; others (shares, completion) are left alone."""
    if (
        walk.verb
        and walk.change is not None
        and walk.change.percent is None
        and changes
        and changes[-1] is walk.change
    ):
        walk.change = replace(walk.change, percent=Decimal(token["rate"]), percent_sign=walk.verb)
        changes[-1] = walk.change
