"""Identity marks as real footers write them. The body is fictional, numbers are made up."""

from typing import Any

import pytest

from crawler.extract.marks import marks
from crawler.extract.webpage import open_page


def read(footer: str) -> dict[str, Any]:
    return marks(
        open_page("http://kjj.yunshang.gov.cn/", f"<html><body><p>正文</p>{footer}</body></html>".encode())
    )


def test_a_complete_footer() -> None:
    assert read(
        """<div id="foot"><p>主办单位：云上市科学技术局　承办：云上市科技信息中心 联系电话：0999-1234567</p>
        <p>网站标识码：6403000099　<a href="https://beian.miit.gov.cn">宁ICP备18000001号-1</a>
        <a href="http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=64030002000099">宁公网安备 64030002000099号</a></p>
        <a href="map.html">网站地图</a>
        <script>document.write(unescape("%3Cspan id='_ideConac' %3E%3C/span%3E%3Cscript src='http://dcs.conac.cn/js/31/000/0000/60000001/CA310000000600000010001.js' type='text/javascript'%3E%3C/script%3E"));</script>
        <script id="_jiucuo_" sitecode="6403000099" src="http://pucha.kaipuyun.cn/exposure/jiucuo.js"></script></div>"""
    ) == {
        "emblem": {"value": "CA310000000600000010001", "script": True},
        "site_code": ["6403000099"],
        "icp": "宁ICP备18000001号-1",
        "police": {"number": "64030002000099", "record": ["64030002000099"]},
        "error_report": {"code": "6403000099", "active": True},
        "sponsor": "云上市科学技术局",
        "organiser": "云上市科技信息中心",
        "phone": "0999-1234567",
        "site_map": True,
    }


@pytest.mark.parametrize(
    ("source", "key", "value"),
    [
        ('<a href="//bszs.conac.cn/sitename?method=show&amp;id=0123456789ABCDEF0123456789ABCDEF"><img src=red.png></a>', "emblem",
         {"value": "0123456789ABCDEF0123456789ABCDEF", "script": True}),
        ('<img id="imgConac" src="/images/red.png">', "emblem", {"value": "", "script": False}),
        ("政府网站标识码&nbsp;<span>6403000099</span>", "site_code", ["6403000099"]),
        ("网站标识码：bm00000099", "site_code", ["bm00000099"]),
        ("网站识别号：3610782", "site_code", ["3610782"]),
        ("苏公网安备:32010202010427号", "police", {"number": "32010202010427", "record": []}),
        ("粤ICP备040144", "icp", "粤ICP备040144"),
        ("冀ICP备字0000000-1号", "icp", "冀ICP备0000000-1"),
        ('<a href="http://121.43.68.40/exposure/jiucuo.html?site_code=6403000099&url=x">', "error_report",
         {"code": "6403000099", "active": True}),
        ("<img alt='我为政府网站找错' src=zc.png>", "error_report", {"code": None, "active": False}),
        ("版权所有：云上市科学技术局", "owner", "云上市科学技术局"),
        ("<p>云上市科学技术局版权所有 宁ICP备18000001号</p>", "owner", "云上市科学技术局"),
        ("<div>云上市妇女委员会&nbsp;宁公网安备:64030002000099</div>", "named", "云上市妇女委员会"),
        ("<div>宁公网安备:64030002000099<br>联系电话:12345678</div>", "phone", "12345678"),
        ("<p>云上市人民政府主办&nbsp;&nbsp;版权所有 2015</p>", "sponsor", "云上市人民政府"),
        ("<p>本次会议由云上市科学技术局主办，宁ICP备18000001号</p>", "sponsor", None),
        ("<p>云上市科学技术局&emsp;&emsp;地址：松风大道18号</p><p>宁ICP备18000001号</p>", "named", "云上市科学技术局"),
        ('<div id="footer" class="mt20"></div><script src="common.js"></script>', "elsewhere", True),
        ('<div class="footer"></div><p>主办单位：云上市科学技术局</p>', "elsewhere", None),
        ('<div class="footer-line"></div>', "elsewhere", None),
        ('<script>$("#foot").load("/common/footer.html")</script>', "elsewhere", True),
        ('<script src="/js/foot.js"></script>', "elsewhere", True),
    ],
)  # fmt: skip
def test_one_mark(source: str, key: str, value: Any) -> None:
    assert read(source).get(key) == value


def test_marks_in_comments_do_not_count() -> None:
    assert (
        read(
            "<!-- 网站标识码：6403000099 宁ICP备18000001号 <a href='http://121.43.68.40/exposure/jiucuo.html?site_code=6403000099'> -->"
        )
        == {}
    )


def test_label_without_a_name() -> None:
    assert read("<p>主办单位：</p><p>承办单位：</p><p>通知公告</p>") == {}


def test_template_that_fills_the_footer() -> None:
    assert read("<p>主办单位：<span v-text='site.sponsor'></span></p>") == {"elsewhere": True}


def test_hostile_source_is_quick() -> None:
    assert read("主办：" * 20_000 + "ICP备" * 20_000 + "<!--" * 20_000) == {}
