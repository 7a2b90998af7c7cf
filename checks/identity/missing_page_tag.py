"""页面标签缺失或格式不对。

What it finds: 网页源代码里应有的标签：网站标签（SiteName、SiteDomain、SiteIDCode）、栏目标签（ColumnName、
ColumnDescription、ColumnKeywords、ColumnType）、内容标签（ArticleTitle、PubDate、ContentSource）。首页、栏目页、
内容页要求不同；内容为空、标识码和时间格式不对也指出。

Why it matters: 标签供搜索和监测系统辨认页面，检查时抽查栏目页和内容页各5个，缺一项扣分。

Known problems: 每类页面按检查办法只列若干个：先列各种不同的缺法（并引出同样缺法的其他页面），再均匀抽查，
同时统计全部页面缺多少；不按页扣分的表（alike = false）同样的缺法只列一次。标签名大小写不同只算写法不规范，不算缺失。
2017年6月《政府网站发展指引》之前没有这项要求。

Good: <meta name="PubDate" content="2018-04-12 09:30">
Bad: <meta name="ArticleTitle" content="">
"""

from __future__ import annotations

import datetime as dt
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from typing import Any
from urllib.parse import urlsplit

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.mandated.profile import profile_of
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Page, PageKind

CHECK = Check(
    id="missing-page-tag",
    title="页面标签缺失或格式不对",
    severity=Severity.MINOR,
    needs=("pages",),
    limits={"sample": 5, "alike": True},
    message="{kind_words}《{title}》{fault}。全站 {total} 个{kind_words}中有 {lacking} 个标签不全。",
    fix="请在{kind_words}的模板里加上并填好这些标签：{tags}。",
    variants={
        "other-body": (
            "{kind_words}《{title}》{fault}。全站 {total} 个{kind_words}中有 {lacking} 个标签不全。只对政府网站有这项要求，"
            "本网站是不是政府网站请核实。",
            "是政府网站的，请在{kind_words}的模板里加上并填好这些标签：{tags}。",
        ),
    },
)

SINCE = dt.date(2017, 6, 8)
_SITE = ("SiteName", "SiteDomain", "SiteIDCode")
_COLUMN = ("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType")
_ARTICLE = ("ArticleTitle", "PubDate", "ContentSource")
WANTED: Mapping[PageKind, tuple[str, ...]] = {
    PageKind.HOME: _SITE,
    PageKind.LIST: _SITE + _COLUMN,
    PageKind.ARTICLE: _SITE + _COLUMN + _ARTICLE,
}
_LOWER = {kind: [(tag, tag.lower()) for tag in tags] for kind, tags in WANTED.items()}
KIND_WORDS = {PageKind.HOME: "首页", PageKind.LIST: "栏目页", PageKind.ARTICLE: "内容页"}
_FORMATS = {
    "siteidcode": (re.compile(r"\d{10}|bm\d{8}", re.I), "10位数字"),
    "pubdate": (re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}(?::\d{2})?)?"), "YYYY-MM-DD HH:MM"),
}


_Faults = tuple[str, ...]
"""The tags a page lacks or writes wrongly."""


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per sampled page: the home page, and an even sample of list and article pages."""
    if evidence.run.as_of < SINCE:
        return
    blamed = profile_of(evidence.run.site).blamed
    by_kind: dict[PageKind, dict[_Faults, array[int]]] = {kind: {} for kind in WANTED}
    columns = {column.url for column in evidence.columns()}
    homes = {page.body_sha256 for page in evidence.outlines(kind=PageKind.HOME)}
    seen: set[bytes] = set()
    for page, meta in zip(evidence.outlines(), evidence.metas(), strict=True):
        if page.kind == PageKind.HOME and page.body_sha256 in seen:  # such as / and /index.html
            continue
        if page.body_sha256 in homes:
            seen.add(page.body_sha256)
        is_column = page.kind == PageKind.ARTICLE and page.url in columns
        kind = PageKind.LIST if is_column else PageKind(page.kind)
        if kind in by_kind:
            missing, bad = _faults(kind, meta)
            faults = (*missing, *(fault.split(" ")[0] for fault in bad))
            by_kind[kind].setdefault(faults, array("q")).append(page.id)
    for kind, groups in by_kind.items():
        total = sum(map(len, groups.values()))
        lacking = sum(len(pages) for faults, pages in groups.items() if faults)
        for number, alike in _sample(list(groups.values()), limits["sample"], again=limits["alike"]):
            cited = [evidence.page(other) for other in (number, *alike[1:20])]
            faulty = _faults(kind, evidence.meta(number))
            yield _verdict(cited, faulty, max(len(alike), 1), kind, total, lacking, blamed)


def _verdict(
    cited: list[Page],
    faulty: tuple[list[str], list[str]],
    places: int,
    kind: PageKind,
    total: int,
    lacking: int,
    blamed: bool,
) -> Verdict:
    page, (missing, bad) = cited[0], faulty
    faults = []
    if missing:
        faults.append(f"缺少标签 {'、'.join(missing)}")
    if bad:
        faults.append(f"标签格式不对：{'、'.join(bad)}")
    return Verdict(
        grade=Grade.OK if not faults else Grade.FAIL if blamed else Grade.REVIEW,
        subject=Subject(kind="page", key=f"tags/{page.url}", url=page.url, title=page.title),
        facts={
            "page_kind": str(kind),
            "kind_words": KIND_WORDS[kind],
            "title": page.title or urlsplit(page.url).path,
            "fault": "；".join(faults),
            "tags": "、".join(missing + [name.split(" ")[0] for name in bad]),
            "total": total,
            "lacking": lacking,
            "places": places,
        },
        citations=tuple(
            Citation(
                url=p.url, seen_at=p.seen_at, quote="；".join(faults), where="源代码 <head>", title=p.title
            )
            for p in cited
        )
        if faults
        else (),
        variant="other-body" if faults and not blamed else None,
    )


def _faults(kind: PageKind, meta: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Tags that are missing or empty, and those whose value has the wrong form."""
    values = {name.lower(): value.strip() for name, value in meta.items()}
    missing: list[str] = []
    bad: list[str] = []
    for tag, name in _LOWER[kind]:
        value = values.get(name, "")
        if not value or value.lower() in ("null", "undefined", "none"):
            missing.append(tag)
        elif (form := _FORMATS.get(name)) and not form[0].fullmatch(value):
            bad.append(f"{tag} 写的是“{value[:40]}”，应为 {form[1]}")
    return missing, bad


def _sample(groups: Iterable[array[int]], count: int, *, again: bool) -> list[tuple[int, Sequence[int]]]:
    """Of pages by their fault, up to `count` pages, each with those that share its fault: first one of every kind of fault, most frequent
    first, then, where a table counts pages (`again`), pages spread evenly. The same ones on every run over the
    same evidence.
    """
    ranked = sorted(groups, key=lambda group: (-len(group), group[0]))
    chosen: list[tuple[int, Sequence[int]]] = [(group[0], group) for group in ranked[:count]]
    if not again:
        return chosen
    taken = {number for number, _ in chosen}
    rest = array("q", (number for number in merge(*ranked) if number not in taken))
    room = min(count - len(chosen), len(rest))
    chosen.extend((rest[number * len(rest) // room], []) for number in range(room))
    return chosen
