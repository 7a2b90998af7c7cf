"""Items by date and profile, and a real annual report read as a careful human reads it."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
from dataclasses import replace
from pathlib import Path

import pytest

from checks.check import Grade, Verdict
from checks.mandated.items import table
from checks.mandated.profile import profile_of
from checks.registry import MODULES
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Coverage, Fetch, FetchOutcome, Run, Site
from crawler.evidence.writer import EvidenceWriter
from crawler.extract.reading import read

SEED = Path(__file__).parents[2].parent / "shared" / "seed" / "annual-report-2017.txt"
SITE = "http://kjj.example.gov.cn/"
ARTICLE = SITE + "zwgk/xxgknb/201803/t20180326_1.html"
AT = dt.datetime(2018, 4, 16, tzinfo=dt.UTC)

HEAD = (
    '<meta name="SiteName" content="某市科学技术局"><meta name="SiteDomain" content="kjj.example.gov.cn">'
    '<meta name="SiteIDCode" content="6403000099">'
)
FOOT = (
    '<div class="footer">主办单位：某市科学技术局 联系电话：0999-1234567 网站标识码：6403000099 宁ICP备11000001号 '
    '<a href="http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=64030002000001">宁公网安备 64030002000001号</a>'
    '<a href="/map.html">网站地图</a><script src="http://pucha.kaipuyun.cn/exposure/jiucuo.js" id="_jiucuo_" sitecode="6403000099"></script>'
    '<a href="http://bszs.conac.cn/sitename?method=show&id=0123456789ABCDEF0123456789ABCDEF"><img src="red.png"></a></div>'
)  # fmt: skip

FIGURES_DATES_AND_ITEMS = [
    # Signed on 2017-03-26, although it counts what happened until 2017-12-31.
    ("impossible-date", "signed-too-early", Grade.FAIL),
    # The only one of four like phrases that says 2016 (“在2016年发生的关于业务的办事指南”).
    ("wrong-year", "odd-year", Grade.REVIEW),
    # No word about fees and their remission, a part of the report under the rule of 2008.
    ("incomplete-item", "usual", Grade.REVIEW),
    # Two proposals were answered and published in full, it says, on the government's site: not found here.
    ("missing-item", "has", Grade.REVIEW),
    # The same of budget, accounts and three expenses, entrusted to the finance bureau.
    ("missing-item", "has", Grade.REVIEW),
    ("missing-item", "has", Grade.REVIEW),
    ("missing-item", "has", Grade.REVIEW),
]
"""What a careful human objects to in the report's figures, dates and items; its sums are right (21 and 22 - 1)."""

SLIPS = (
    "截止2017年12月31日",
    "其中：其中",
    "(二)是",
    "财预[2014]36号",
    "一是加强了",  # followed by 三是
    "三是进一步完善",
    "应公开尽量公开",
    "透明性部门",
    "开元大道(西)",
    "市委、政府",
    "在把政府信息公开作为",
    "(二)",  # beside （一）
    "(三)",
    "(四)",
)
"""Passages with a slip of the pen: the wording checks may name these and no others."""
SURE_SLIPS = SLIPS[:4]


def test_parts_of_a_report_follow_the_rule_of_the_day() -> None:
    report = next(item for item in table() if item.id == "DI-08")
    before = {element.name for element in report.wanted(dt.date(2019, 5, 14))}
    after = {element.name for element in report.wanted(dt.date(2019, 5, 15))}
    assert before - after == {"收费及减免情况"}
    assert after <= before


def published(text: str) -> str:
    """The report as a bureau publishes it: a paragraph a line, lines with tabs as a table."""
    lines = [line for line in text.splitlines() if line.strip()]
    body: list[str] = []
    rows: list[str] = []
    for line in [*lines[1:], ""]:
        if "\t" in line:
            cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in line.split("\t"))
            rows.append(f"<tr>{cells}</tr>")
            continue
        if rows:
            body.append(f"<table border=1>{''.join(rows)}</table>")
            rows = []
        body.append(f"<p>{html.escape(line)}</p>")
    title = lines[0].strip()
    tags = (
        '<meta name="ColumnName" content="政府信息公开年报"><meta name="ColumnDescription" content="历年年报">'
        '<meta name="ColumnKeywords" content="年报"><meta name="ColumnType" content="信息公开">'
        f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="2018-03-26 09:30">'
        '<meta name="ContentSource" content="办公室">'
    )
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{HEAD}{tags}</head><body>'
        '<div class="nav"><a href="/">首页</a><a href="/zwgk/">政务公开</a><a href="/gzdt/">工作动态</a></div>'
        '<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; '
        '<a href="/zwgk/xxgknb/">政府信息公开年报</a></div>'
        f'<div class="content"><h1>{title}</h1><div>发布时间：2018-03-26 来源：办公室</div><div id="zoom">{"".join(body)}</div></div>'
        f"{FOOT}</body></html>"
    )


def home() -> str:
    rows = "".join(f'<li><a href="/gzdt/{n}.html">全市科技工作会议第{n}次召开</a><span>2018-04-1{n}</span></li>' for n in range(1, 6))  # fmt: skip
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>某市科学技术局</title>{HEAD}</head><body>'
        f'<div class="nav"><a href="/">首页</a><a href="/zwgk/">政务公开</a></div><ul>{rows}</ul>'
        f"{FOOT}</body></html>"
    )


def contacts() -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>联系我们</title>{HEAD}</head><body>'
        '<div class="position">当前位置：<a href="/">首页</a> &gt; 联系我们</div><h1>联系我们</h1>'
        "<p>办公时间：周一至周五8:30至12:00，14:30至18:00</p>"
        f"{FOOT}</body></html>"
    )


def site(**other: str) -> Site:
    own = {
        "name": "某市科学技术局",
        "sponsor": "某市科学技术局",
        "site_code": "6403000099",
        "profile": "bureau",
        **other,
    }
    return Site(id="kjj", home_url=SITE, hosts=("kjj.example.gov.cn",), path_prefix="/", **own)


def judged(folder: Path, pages: dict[str, str]) -> list[tuple[str, Verdict]]:
    """Every verdict of every check over these pages."""
    run = Run(
        id="seed", site=site(), as_of=AT.date(), started_at=AT, finished_at=None, version="0", config={}, coverage={}
    )  # fmt: skip
    with EvidenceWriter(folder, run) as writer:
        for depth, (url, page) in enumerate(pages.items()):
            fetch = Fetch(url=url, method="GET", at=AT, outcome=FetchOutcome.OK, status=200)
            writer.store_fetch(fetch)
            body = page.encode()
            writer.store_page(fetch, read(url, body), hashlib.sha256(body).digest(), depth=depth)
        writer.store_columns([], [])
        writer.finish(
            AT, {kind: Coverage(state="complete") for kind in ("pages", "links", "columns", "documents")}
        )
    with Evidence(folder) as evidence:
        return [
            (module.CHECK.id, verdict)
            for module in MODULES
            for verdict in module.examine(evidence, module.CHECK.limits)
        ]


@pytest.mark.skipif(not SEED.is_file(), reason="the material is not beside the checkout")
def test_what_a_careful_human_objects_to_in_a_real_report_and_nothing_else(tmp_path: Path) -> None:
    verdicts = judged(
        tmp_path,
        {SITE: home(), SITE + "lxwm.html": contacts(), ARTICLE: published(SEED.read_text(encoding="utf-8"))},
    )
    about = [
        (check, v)
        for check, v in verdicts
        if v.subject.url == ARTICLE or any(citation.url == ARTICLE for citation in v.citations)
    ]
    wording = {"misused-word", "duplicated-text", "bad-numbering", "serious-wording", "outdated-institution", "garbled-text", "placeholder-text", "foreign-body-text"}  # fmt: skip
    found = sorted((c, v.variant or "", v.grade) for c, v in about if v.grade is not Grade.OK and c not in wording)  # fmt: skip
    assert found == sorted(FIGURES_DATES_AND_ITEMS)
    sums = sorted(v.facts["arithmetic"] for c, v in about if c == "number-mismatch")
    assert sums == ["0 + 13 + 1 + 0 + 0 + 2 + 2 + 2 + 0 + 1 = 21", "22 - 0 - 1 = 21"]
    quotes = [v.citations[0].quote for c, v in about if v.grade is not Grade.OK and c in wording]
    assert [quote for quote in quotes if not any(slip in quote for slip in SLIPS)] == []
    assert [slip for slip in SURE_SLIPS if not any(slip in quote for quote in quotes)] == []


@pytest.mark.parametrize(
    ("name", "sponsor", "found"),
    [
        ("某市科学技术局", "", ("bureau", True)),
        ("某市科学技术局门户网站", "", ("bureau", True)),
        ("首页-某市发展和改革委员会", "", ("bureau", True)),
        ("某县教育局", "", ("county-bureau", True)),
        ("某市高新技术产业开发区财政局", "", ("bureau", True)),
        ("某自治区民政厅", "", ("bureau", True)),
        ("某市图书馆", "", ("public-institution", True)),
        ("某市公共资源交易中心", "", ("public-institution", True)),
        ("某市第一人民医院官网", "", ("public-institution", True)),
        ("某市中级人民法院", "", ("bureau", True)),
        ("某区社科规划办", "", ("party-group", True)),
        ("某市科学技术协会", "", ("party-group", True)),
        ("共青团某市委员会", "", ("party-group", True)),
        ("某市规划办公室", "", ("bureau", True)),
        ("某市人民政府门户网站", "", ("portal", True)),
        ("某市人民政府办公室", "", ("bureau", True)),
        ("某市科技信息网", "某市科学技术局", ("bureau", True)),
        ("某某信息网", "", ("bureau", False)),
        ("", "", ("bureau", False)),
    ],
)
def test_the_kind_of_body_is_told_by_its_name(name: str, sponsor: str, found: tuple[str, bool]) -> None:
    profile = profile_of(site(name=name, sponsor=sponsor, profile=""))
    assert (profile.id, profile.known, profile.given) == (*found, False)
    assert "site.toml" in profile.why


def test_what_the_configuration_says_of_the_body_holds() -> None:
    profile = profile_of(site(name="某市图书馆", profile="bureau"))
    assert (profile.id, profile.given, profile.blamed) == ("bureau", True, True)


def test_a_body_is_also_told_by_the_foot_of_its_home_page(tmp_path: Path) -> None:
    run = Run(
        id="foot", site=site(name="某市科技信息网", sponsor="", profile=""), as_of=AT.date(), started_at=AT,
        finished_at=None, version="0", config={}, coverage={},
    )  # fmt: skip
    with EvidenceWriter(tmp_path, run) as writer:
        fetch = Fetch(url=SITE, method="GET", at=AT, outcome=FetchOutcome.OK, status=200)
        writer.store_page(fetch, read(SITE, home().encode()), b"0" * 32, depth=0)
        named = replace(run.site, sponsor=writer.home_sponsor())
        writer.finish(AT, {}, named)
    with Evidence(tmp_path) as evidence:
        assert evidence.run.site.sponsor == "某市科学技术局"
        assert profile_of(evidence.run.site).known
