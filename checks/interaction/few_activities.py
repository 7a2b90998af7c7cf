"""Surveys and interviews: is there a column, and was anything held in a year.

What it finds: 有没有调查征集类栏目；调查征集、互动访谈类栏目监测时间点前一年内开展了几次活动（同一条只算一次），
一次也没有的、次数少于规定的，分别指出。

Why it matters: 普查对没有开设、一年内没有活动、次数不足分别扣分。

Known problems: 按栏目名称认；列表没有日期、由脚本生成没有读到的，只请人核实。活动可能登在别的栏目，所以没有栏目时，
网站没有看全的只请人核实。互动访谈没有开设不算缺。

Good: “意见征集”栏目一年内有 5 条。
Bad: “网上调查”栏目最近一条是三年前的。
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.columns.windows import back
from checks.mandated.profile import profile_of
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Column

CHECK = Check(
    id="few-activities",
    title="调查征集、互动访谈没有开展或次数少",
    severity=Severity.MINOR,
    needs=("pages", "columns"),
    limits={"window": "1y", "fewest": 3, "fewest_portal": 6},
    message="“{column}”{first} 至 {as_of} 只开展 {count} 次{kind_words}活动，少于 {fewest} 次。",
    fix="请按计划开展{kind_words}活动，并在栏目里公布。",
    variants={
        "absent": ("没有找到{kind_words}类栏目。", "请开设{kind_words}类栏目，并保持入口可用。"),
        "absent-unsure": (
            "没有读到{kind_words}类栏目：{why}，请核实。",
            "请打开网站核实有没有{kind_words}类栏目。",
        ),
        "idle": (
            "“{column}”{first} 至 {as_of} 没有开展{kind_words}活动。",
            "请开展{kind_words}活动；栏目打不开的，尽快修复。",
        ),
        "unread": (
            "“{column}”{first} 至 {as_of} 的{kind_words}活动读到 {count} 次；{why}，请核实实际次数。",
            "请打开栏目核实一年内的活动次数。",
        ),
    },
)

_KINDS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "activities.toml").read_text(encoding="utf-8")
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield for each kind of activity whether there is a column, whether any was held, and whether enough were.

    `facts.asks` is "column", "held" or "enough".
    """
    columns = evidence.columns()
    doubt = ""
    if not profile_of(evidence.run.site).blamed:
        doubt = "只有政府网站有这项要求"
    kinds = (evidence.run.coverage.get(kind) for kind in CHECK.needs)
    if any(kind is None or kind.state != "complete" for kind in kinds):
        doubt = "网站没有采集完整"
    for kind, row in _KINDS.items():
        named = re.compile(row["column"])
        unless = re.compile(row["not_column"])
        found = [c for c in columns if named.search(c.name) and not unless.search(c.name)]
        facts = {"kind": kind, "kind_words": row["name"], "column": "、".join(c.name for c in found[:3])}
        if row["must_exist"]:
            yield _exists(evidence, kind, facts, found, named, doubt)
        if found:
            yield from _held(evidence, kind, facts, found, limits, doubt)


def _exists(
    evidence: Evidence,
    kind: str,
    facts: Mapping[str, Any],
    found: list[Column],
    named: re.Pattern[str],
    doubt: str,
) -> Verdict:
    home = evidence.home()
    subject = Subject(
        kind="activity", key=f"{kind}/column", url=found[0].url if found else None, title=facts["kind_words"]
    )
    facts = {**facts, "asks": "column"}
    if found:
        return Verdict(grade=Grade.OK, subject=subject, facts=facts)
    link = next(
        ((url, label) for url, label in evidence.link_labels() if len(label) <= 10 and named.search(label)),
        None,
    )
    why = doubt or (f"有链接“{link[1]}”，但没有读到栏目" if link else "")
    citations: tuple[Citation, ...] = ()
    if link:
        citations = (Citation(url=link[0], quote=link[1], where="链接", title=link[1]),)
    elif home:
        citations = (
            Citation(url=home.url, seen_at=home.seen_at, quote=home.title, where="首页", title=home.title),
        )
    return Verdict(
        grade=Grade.REVIEW if why else Grade.FAIL,
        subject=subject,
        facts={**facts, "why": why},
        citations=citations,
        variant="absent-unsure" if why else "absent",
    )


def _held(
    evidence: Evidence,
    kind: str,
    facts: Mapping[str, Any],
    found: list[Column],
    limits: Mapping[str, Any],
    doubt: str,
) -> Iterator[Verdict]:
    as_of = evidence.run.as_of
    first = back(as_of, limits["window"])
    ids = {column.id for column in found}
    own = {column.url for column in found}
    held = {
        (url, day if url in own else None)  # a row opened by a script leads to its own page
        for column_id, url, day in evidence.dated()
        if column_id in ids and first <= day <= as_of
    }
    fewest = limits["fewest_portal" if profile_of(evidence.run.site).id == "portal" else "fewest"]
    count = len(held)
    unread = [column for column in found if not column.readable or column.dated < column.items]
    why = doubt or (f"栏目“{unread[0].name}”的列表没有读全或没有日期" if unread else "")
    column = max(found, key=lambda c: (c.newest.date if c.newest else as_of.min, -c.id))
    facts = {
        **facts, "count": count, "fewest": fewest, "first": first.isoformat(), "as_of": as_of.isoformat(), "why": why,
    }  # fmt: skip
    quote = f"{column.newest_title} {column.newest.date}" if column.newest else "（没有带日期的内容）"
    citation = Citation(url=column.url, quote=quote, where="栏目", title=column.name)
    for asks, good in (("held", count > 0), ("enough", count >= fewest)):
        if asks == "enough" and count == 0:
            continue
        yield Verdict(
            grade=Grade.OK if good else Grade.REVIEW if why else Grade.FAIL,
            subject=Subject(kind="activity", key=f"{kind}/{asks}", url=column.url, title=facts["kind_words"]),
            facts={**facts, "asks": asks},
            citations=() if good else (citation,),
            variant=None if good else "unread" if why else "idle" if asks == "held" else None,
        )
