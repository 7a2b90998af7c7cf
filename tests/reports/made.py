"""Assessments made by hand, through the real standards and scoring, for report tests."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from checks.assessment import Assessment, TestResult, Waived
from checks.check import Check, Citation, Finding, Grade, Severity, Subject, fingerprint
from checks.mandated.calendar import DueSoon
from checks.outlook import Countdown, Crossing
from checks.registry import CHECKS as REGISTERED
from checks.scoring import Counts, judge, score, unjudged
from checks.standard import PLANNED, Standard, load
from crawler.evidence.records import Coverage, Run, Site

AT = dt.datetime(2018, 4, 16, 1, 30, tzinfo=dt.UTC)
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "]]></a>&amp;{{ 7*7 }}{% raw %}",
    "长" * 20_000,
    "#set text(red)\n*粗* $x$ \\u{202e}\u202eabc\x00\x07",
    "javascript:alert(1)",
)
LIMITS: dict[str, Any] = {name: None for check in REGISTERED for name in check.limits} | {
    "windows": {},
    "first_level_only": [],
}
CHECKS = [
    Check(id=name, title=name, severity=Severity.MINOR, needs=("pages",), message="", fix="", limits=LIMITS)
    for name in sorted(PLANNED | {check.id for check in REGISTERED})
]


def site(name: str = "云州市科学技术局") -> Site:
    return Site(
        id="yunzhou-kjj",
        name=name,
        home_url="http://kjj.yunzhou.example/",
        hosts=("kjj.yunzhou.example",),
        path_prefix="/",
        sponsor="云州市科学技术局",
        site_code="0000000001",
        profile="bureau",
    )


def run(of: Site, number: str = "20180416-093000") -> Run:
    return Run(
        id=number,
        site=of,
        as_of=dt.date(2018, 4, 16),
        started_at=AT,
        finished_at=AT + dt.timedelta(minutes=7),
        version="0.1.0",
        config={},
        coverage={
            "pages": Coverage(state="complete", counts={"fetched": 63}),
            "links": Coverage(state="complete", counts={"checked": 1204}),
            "columns": Coverage(
                state="partial", why=("2 个栏目的列表由脚本生成，没有读到内容",), counts={"seen": 18}
            ),
            "home_probes": Coverage(state="absent", why=("本次没有连续探测首页",)),
        },
    )


def link(number: int, *, home: bool = False, text: str = "年度工作要点", places: int = 3) -> Finding:
    url = f"http://kjj.yunzhou.example/zwgk/{number}/old.html"
    return Finding(
        id=f"dead-link-{fingerprint('dead-link', url)[:10]}",
        fingerprint=fingerprint("dead-link", url),
        check="dead-link",
        clause="C15-D02a" if home else "C15-D02b",
        grade=Grade.FAIL,
        severity=Severity.MAJOR,
        subject=Subject(kind="link", key=url, url=url, title=text),
        message=f"链接“{text}”打不开：页面不存在（状态码 404）。先后 2 次访问都失败。出现在 {places} 个页面。",
        fix="请打开来源页面，把这个链接改成正确的地址；内容已不存在的，删除链接或另行说明。",
        facts={"target_url": url, "reason": "页面不存在（状态码 404）", "on_home": home, "everywhere": False},
        places=places,
        citations=tuple(
            Citation(
                url=f"http://kjj.yunzhou.example/zwgk/list_{number}_{place}.html",
                seen_at=AT,
                quote=text,
                where="正文",
                title=f"政务公开第{place}页",
            )
            for place in range(places)
        ),
    )


def column(name: str, column_class: str, days: int) -> Finding:
    url = f"http://kjj.yunzhou.example/{fingerprint('x', name)[:4]}/"
    clause = {"news": "C15-D04a", "notice": "C15-D04b", "policy": "C15-D04b", "plan": "C15-D04c"}[
        column_class
    ]
    return Finding(
        id=f"stale-column-{fingerprint('stale-column', name)[:10]}",
        fingerprint=fingerprint("stale-column", name),
        check="stale-column",
        clause=clause,
        grade=Grade.FAIL,
        severity=Severity.MAJOR,
        subject=Subject(kind="column", key=name, url=url, title=name, column=f"政务公开 > {name}"),
        message=f"栏目“{name}”已 {days} 天没有更新：最新一条是 2018-02-01，这类栏目应在 14 天内更新。",
        fix="请发布这个栏目应有的新内容；确实没有内容可发的，合并或归档栏目，并在网站配置里注明理由。",
        facts={"column": name, "column_class": column_class, "age_days": days},
        places=1,
        citations=(
            Citation(
                url=url, seen_at=AT, quote="关于做好春季工作的通知 2018-02-01", where="最新条目", title=name
            ),
        ),
    )


def word(number: int, text: str, *, review: bool = False) -> Finding:
    key = f"{number}:{text[:40]}"
    url = f"http://kjj.yunzhou.example/xw/{number}.html"
    return Finding(
        id=f"misused-word-{fingerprint('misused-word', key)[:10]}",
        fingerprint=fingerprint("misused-word", key),
        check="misused-word",
        clause="A-16",
        grade=Grade.REVIEW if review else Grade.FAIL,
        severity=Severity.MINOR,
        subject=Subject(
            kind="page", key=key, url=url, title="我市召开科技工作会议", column="新闻中心 > 工作动态"
        ),
        message=f"“{text}”应为“登录”。",
        fix="请改正后重新发布，并检查同一文稿的其他页面。",
        facts={"wrong": text, "right": "登录"},
        places=1,
        citations=(
            Citation(url=url, seen_at=AT, quote=f"请{text}市科技局网站办理", where="正文第 3 段", title=text),
        ),
    )


def found(links: int = 6, hostile: bool = True) -> list[Finding]:
    """A bureau's usual crop: dead links, stale columns, wording, and hostile strings in every text."""
    findings = [link(number, home=number < 2) for number in range(links)]
    findings += [
        column("工作动态", "news", 74),
        column("通知公告", "notice", 260),
        column("发展规划", "plan", 700),
    ]
    findings += [word(1, "登陆"), word(2, "登陆", review=True)]
    if hostile:
        findings += [word(100 + number, text) for number, text in enumerate(HOSTILE)]
        findings.append(
            Finding(
                id="dead-link-hostile",
                fingerprint="f" * 16,
                check="dead-link",
                clause="C15-D02b",
                grade=Grade.FAIL,
                severity=Severity.MAJOR,
                subject=Subject(
                    kind="link", key="js", url="javascript:alert(document.cookie)", title=HOSTILE[0]
                ),
                message="链接的地址是一段脚本。",
                fix="请删除。",
                facts={"target_url": "javascript:alert(1)", "everywhere": True, "on_home": False},
                places=400,
                citations=(
                    Citation(
                        url='http://kjj.yunzhou.example/"><img src=x>', quote=HOSTILE[0], title=HOSTILE[2]
                    ),
                ),
            )
        )
    return findings


@functools.cache
def table(name: str) -> Standard:
    """A shipped table, read once."""
    return load(name, CHECKS)


def assessment(name: str, findings: Sequence[Finding], *, of: Run | None = None) -> Assessment:
    """Judge the findings by a shipped table, as the runner would have counted them."""
    made_run = of or run(site())
    standard = table(name)
    results: list[TestResult] = []
    claimed: dict[str, str] = {}
    for clause in standard.clauses:
        if not clause.tests:
            results.append(unjudged(clause))
        for test in clause.tests:
            mine = [one for one in findings if one.check == test.check and test.matches(one.facts)]
            for one in mine:
                claimed.setdefault(one.fingerprint, clause.id)
            failed = sum(one.grade is Grade.FAIL for one in mine)
            counts = Counts(
                examined=len(mine) + 40,
                failed=failed,
                review=len(mine) - failed,
                findings=tuple(one.id for one in mine),
            )
            partial = test.check in ("stale-column", "blank-column")
            state = "absent" if test.check == "home-unreachable" else "partial" if partial else "complete"
            why = made_run.coverage["columns"].why[0] if partial else "本次没有连续探测首页"
            results.append(
                judge(clause, test, Counts() if state == "absent" else counts, state=state, why=why)
            )
    known = {clause.id for clause in standard.clauses}
    listed = [
        replace(one, clause=one.clause if one.clause in known else claimed[one.fingerprint])
        for one in findings
    ]
    order = {clause.id: position for position, clause in enumerate(standard.clauses)}
    listed.sort(key=lambda one: order[one.clause])
    return Assessment(
        run=made_run,
        site=made_run.site,
        standard=standard,
        results=tuple(results),
        findings=tuple(listed),
        score=score(standard, results, listed),
    )


def both(
    findings: Sequence[Finding] | None = None, *, of: Run | None = None
) -> tuple[Assessment, Assessment]:
    crop = found() if findings is None else findings
    return assessment("census-2015", crop, of=of), assessment("inspection-2019", crop, of=of)


def looking_ahead(made: Assessment) -> Assessment:
    """The assessment with a countdown, a waived fault and items that fall due."""
    news = Subject(kind="column", key="工作动态", url="http://kjj.yunzhou.example/gzdt/", title="工作动态")
    columns = (
        {"name": "人事信息", "url": "http://kjj.yunzhou.example/rsxx/", "exempt": "没有人事变动", "until": "2018-12-31"},
        {"name": "统计/" + HOSTILE[0], "url": "javascript:alert(4)", "exempt": "已并入年报", "until": "2018-03-31"},
        {"name": "工作动态", "url": "http://kjj.yunzhou.example/gzdt/", "exempt": None, "until": None},
    )  # fmt: skip
    return replace(
        made,
        run=replace(made.run, config={**made.run.config, "column": columns}),
        outlook=(
            Countdown(
                clause=made.standard.clauses[0].id,
                title="应更新栏目长期未更新",
                failing=9,
                line=10,
                crosses_on=dt.date(2018, 4, 30),
                update=(Crossing(day=dt.date(2018, 4, 30), subject=news),),
            ),
            Countdown(
                clause="x", title="首页未更新", failing=1, line=1, crosses_on=dt.date(2018, 4, 16), update=()
            ),
        ),
        waived=(
            Waived(
                check="dead-link",
                subject=Subject(kind="link", key="k", url="javascript:alert(3)", title=HOSTILE[0]),
                reason="对方网站正在改版",
                owner="办公室",
                until=dt.date(2018, 6, 30),
            ),
        ),
        calendar=(
            DueSoon(
                item="DI-29",
                name="部门决算",
                year=2017,
                day=dt.date(2018, 6, 1),
                basis="《预算法》第十四条",
                sure=False,
                always=True,
                there=False,
            ),
        ),
    )
