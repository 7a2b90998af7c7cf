"""One article page per publishing system: the day it was published and where that was read."""

from __future__ import annotations

import pytest

from crawler.evidence.records import PageKind
from crawler.extract.reading import read

SITE = "http://www.qingshi.example"
HEX = "0123456789abcdef0123456789abcdef"
TITLE = "青石市科学技术局召开科技创新工作推进会"
BODY = (
    "<p>会议于2026年3月20日召开，总结了上一阶段的工作，研究部署了下一步的任务。</p>"
    "<p>会议要求，各科室要按照职责分工，认真落实责任，确保各项任务按时完成。有关材料请于2026年5月1日前报送。</p>"
)
TODAY = '<div class="top">今天是 <script>document.write(new Date().getFullYear()+"年")</script>2026年3月31日 星期二</div>'
FOOT = '<div class="footer">版权所有 © 2010-2026 青石市科学技术局 青ICP备00000000号-1</div>'


def page(line: str, holder: str, meta: str = "") -> bytes:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{meta}<title>{TITLE}-青石市科学技术局</title></head><body>'
        f'{TODAY}<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/gzdt/">工作动态</a> &gt; 正文</div>'
        f"<h1>{TITLE}</h1>{line}<div {holder}>{BODY}</div>{FOOT}</body></html>"
    ).encode()


# system: (address, the line with the date, what holds the text, tags of the head); published on 2026-03-26
ARTICLES: dict[str, tuple[str, str, str, str]] = {
    "trs_wcm, moved later": (
        "/gzdt/202604/t20260402_7296.html", '<div>发布时间：2026-03-26　来源：办公室　字号：大 中 小</div>', 'class="TRS_Editor"',
        '<meta name="PubDate" content="2026-03-26 10:11">',
    ),
    "hanweb_jcms": (
        "/art/2026/3/26/art_123_456.html", "<div>发布日期：2026-03-26 浏览次数：<script>visit()</script></div>", 'id="zoom"', "",
    ),
    "hanweb_jpaas": (
        f"/gzdt/art/2026/art_{HEX}.html", '<div><span>发布时间：2026-03-26 16:02</span><span>信息来源：市科技局</span></div>', 'class="content"',
        '<meta name="PubDate" content="2026-03-26 16:02">',
    ),
    "kaipu_ucap": (
        f"/qskjj/c104373/202603/{HEX}.shtml", '<div>来源：办公室　时间：2026-03-26</div>', 'id="UCAP-CONTENT"', "",
    ),
    "gov_cn_like": (
        "/zhengce/202604/content_7000001.htm", "<div>2026-03-26 21:50　来源：青石市科学技术局</div>", 'class="pages_content"',
        '<meta name="firstpublishedtime" content="2026-03-26-21:50:00">',
    ),
    "vsb": (
        "/info/1668/129719.htm", '<div>发布时间:2026年03月26日 点击数：[<script>_showDynClicks("wbnews", 1, 2)</script>]</div>', 'id="vsb_content"', "",
    ),
    "longxun": (
        "/gzdt/2001628291.html", '<div class="ls-article-info">发布时间：2026-03-26 08:30 来源：办公室 浏览次数：12</div>', 'class="wzcon j-fontContent"', "",
    ),
    "jeecms": (
        "/gzdt/4606450.jhtml", "<div>发布日期：2026-03-26 00:00:00　浏览：12次</div>", 'class="content"', "",
    ),
    "easysite, moved later": (
        "/qskjj/302249/4606450/index.html", "<div>文章来源： 2026-03-26 10:44:17</div>", 'id="easysiteText"',
        '<meta name="PubDate" content="2026-03-26"><meta name="createDate" content="2026-03-30">',
    ),
    "epoint": (
        "/gzdt/002004/20260326/0a1b2c3d-1111-2222-3333-444455556666.html",
        "<div>【信息发布时间：2026-03-26 阅读次数：12】</div>", 'class="ewb-article"', "",
    ),
    "rednet": ("/37584/38146/38306/content_1180192.html", "<div>来源：青石市科技局   2026-03-26 00:00</div>", 'id="content"', ""),
    "empirecms_like": ("/a/gzdt/2026/0326/31.html", "<div>时间:2026-03-26 09:12 来源:办公室 作者:办公室 点击:12次</div>", 'class="content"', ""),
    "self_made": ("/News.shtml?p5=530558", "<div>2026/3/26 10:20:00　发布者：办公室</div>", 'class="nr"', ""),
    "disclosure catalogue": (
        "/zfxxgk/fdzdgknr/202604/t20260401_1.html",
        "<table><tr><td>索引号</td><td>640502030/2026-00012</td><td>成文日期</td><td>2026-03-19</td></tr>"
        "<tr><td>文号</td><td>青科发〔2026〕12号</td><td>发布日期</td><td>2026-03-26</td></tr></table>", 'id="zoom"', "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", ARTICLES)
def test_the_day_an_article_was_published(system: str) -> None:
    address, line, holder, meta = ARTICLES[system]
    found = read(SITE + address, page(line, holder, meta))
    assert found.published is not None
    assert (str(found.published.date), found.kind) == ("2026-03-26", PageKind.ARTICLE)
    assert found.published.confidence >= 0.75
    assert found.published.source != "url"
    assert found.items == ()
