"""Leaders in every layout that bureaus use. All persons are made up, of the fictional 云上市."""

from typing import Any

import pytest

from crawler.extract.leaders import leaders
from crawler.extract.names import person_name
from crawler.extract.text import main_text
from crawler.extract.webpage import open_page

URL = "http://kjj.yunshang.gov.cn/ldzc/index.html"


def read(body: str, title: str = "领导之窗") -> list[dict[str, Any]]:
    page = open_page(
        URL,
        f"<html><head><meta charset=utf-8><title>{title}_云上市科学技术局</title></head><body>"
        f"<div class=nav><a href=/>首页</a> <a href=/zwgk>政务公开</a></div>{body}"
        "<div class=footer>主办单位：云上市科学技术局 联系电话：0999-1234567</div></body></html>".encode(),
        "text/html; charset=utf-8",
    )
    return list(leaders(page, title, main_text(page)))


def short(people: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(p["name"], p["post"], bool(p["photo"]), bool(p["resume"]), p["division"]) for p in people]


def test_table_with_photo_name_and_post_left_and_duties_right() -> None:
    people = read(
        """<div class=content><table>
        <tr><td><img src="/img/ld1.jpg"><br><span>林 娟</span><br><span>党组书记、局　长</span></td><td>负责局全面工作。</td></tr>
        <tr><td><img src="/img/ld2.jpg"><br><span>周大川</span><br><span>党组成员、副局长</span></td>
            <td>分管科技计划管理科、人事、财务工作，联系县区科技部门。</td></tr>
        <tr><td><img src="/img/ld3.jpg"><br><span>石 磊</span><br><span>副局长</span></td><td></td></tr>
        </table></div>"""
    )
    assert short(people) == [
        ("林娟", "党组书记、局长", True, False, "负责局全面工作。"),
        ("周大川", "党组成员、副局长", True, False, "分管科技计划管理科、人事、财务工作，联系县区科技部门。"),
        ("石磊", "副局长", True, False, None),
    ]
    assert [p["photo"] for p in people] == [f"http://kjj.yunshang.gov.cn/img/ld{n}.jpg" for n in (1, 2, 3)]
    assert {p["layout"] for p in people} == {"table"}


def test_one_page_a_person() -> None:
    people = read(
        """<div class=article><h1>周大川</h1><img src="zdc.jpg">
        <p>职务：党组成员、副局长</p>
        <p>简历：周大川，男，汉族，1970年5月出生，中共党员，大学学历，1992年7月参加工作。曾任云上市农业局科员。</p>
        <p>工作分工：协助局长分管农村科技、知识产权工作。</p></div>""",
        title="周大川",
    )
    assert short(people) == [
        ("周大川", "党组成员、副局长", True, True, "协助局长分管农村科技、知识产权工作。")
    ]
    assert people[0]["layout"] == "person"


def test_title_with_post_and_name() -> None:
    people = read(
        "<div class=article><h1>党组书记、局长：林娟</h1><p>主持局党组和行政全面工作。</p></div>",
        title="党组书记、局长：林娟",
    )
    assert short(people) == [("林娟", "党组书记、局长", False, False, "主持局党组和行政全面工作。")]


def test_notice_on_the_division_of_work() -> None:
    people = read(
        """<div class=article><h1>关于调整局领导分工的通知</h1><p>云科发〔2020〕5号</p><p>各科室、局属各单位：</p>
        <p>因工作需要，现将局领导分工通知如下：</p>
        <p>一、林娟同志：主持局党组、行政全面工作。</p>
        <p>二、周大川（党组成员、副局长）：分管高新技术科、办公室。</p>
        <p>三、副局长石磊同志协助局长负责农村科技工作。</p>
        <p>云上市科学技术局</p></div>""",
        title="关于调整局领导分工的通知",
    )
    assert [(p["name"], p["post"], p["division"]) for p in people] == [
        ("林娟", None, "主持局党组、行政全面工作。"),
        ("周大川", "党组成员、副局长", "分管高新技术科、办公室。"),
        ("石磊", "副局长", "协助局长负责农村科技工作。"),
    ]
    assert {p["layout"] for p in people} == {"notice"}


def test_names_by_post() -> None:
    people = read(
        "<div class=article><p>党组书记、局长：林 娟</p><p>副 局 长：周大川、石磊、欧阳明远</p><p>纪检组长：方圆</p></div>"
    )
    assert [(p["name"], p["post"], p["division"]) for p in people] == [
        ("林娟", "党组书记、局长", None),
        ("周大川", "副局长", None),
        ("石磊", "副局长", None),
        ("欧阳明远", "副局长", None),
        ("方圆", "纪检组长", None),
    ]


def test_several_posts_on_one_line() -> None:
    people = read("<div class=article><p>局长：林娟　副局长：周大川、石磊</p></div>")
    assert [(p["name"], p["post"]) for p in people] == [
        ("林娟", "局长"),
        ("周大川", "副局长"),
        ("石磊", "副局长"),
    ]


def test_hover_cards_keep_hidden_duties() -> None:
    people = read(
        """<div class=content><p>以下为云上市科学技术局领导班子成员名单，点击查看。</p>
        <div class=card><img src=a.jpg><p>林娟</p><p>局长</p><div style="display:none"><p>工作分工：主持全面工作</p></div></div>
        <div class=card><img src=b.jpg><p>周大川</p><p>副局长</p><div style="display:none"><p>工作分工：分管办公室</p></div></div>
        <div class=card><img src=c.jpg><p>石磊</p><p>副局长</p><div style="display:none"><p>工作分工：</p></div></div></div>"""
    )
    assert short(people) == [
        ("林娟", "局长", True, False, "主持全面工作"),
        ("周大川", "副局长", True, False, "分管办公室"),
        ("石磊", "副局长", True, False, None),
    ]


def test_data_in_a_script() -> None:
    people = read(
        """<div class=content id=ld></div><script>var list=[{"name":"林娟","zw":"党组书记、局长","pic":"/p/1.jpg",
        "fg":"主持局全面工作"},{"name":"周大川","zw":"副局长","pic":"/p/2.jpg","fg":""}];</script>"""
    )
    assert short(people) == [
        ("林娟", "党组书记、局长", True, False, "主持局全面工作"),
        ("周大川", "副局长", True, False, None),
    ]


def test_wall_of_pictures_names_nobody() -> None:
    people = read('<div class=content><img src="/uploads/ld01.jpg"><img src="/uploads/ld02.jpg"></div>')
    assert [(p["name"], p["layout"], p["quote"]) for p in people] == [("", "image", "2 张图片")]


def test_list_of_names_with_links() -> None:
    people = read(
        '<div class=list><ul><li><a href="t1.html">党组书记、局长：林娟</a></li><li><a href="t2.html">副局长：周大川</a></li></ul></div>'
    )
    assert [(p["name"], p["post"], p["url"]) for p in people] == [
        ("林娟", "党组书记、局长", "http://kjj.yunshang.gov.cn/ldzc/t1.html"),
        ("周大川", "副局长", "http://kjj.yunshang.gov.cn/ldzc/t2.html"),
    ]


def test_labelled_profile_blocks() -> None:
    people = read(
        """<div class=content><div><p>姓名：林娟</p><p>职务：局长</p><p>分管工作：主持全面工作。</p></div>
        <div><p>姓名：周大川</p><p>职务：副局长</p><p>分管工作：待定</p></div></div>"""
    )
    assert [(p["name"], p["post"], p["division"]) for p in people] == [
        ("林娟", "局长", "主持全面工作。"),
        ("周大川", "副局长", None),
    ]


def test_duties_of_the_bureau_are_nobodys_division() -> None:
    people = read(
        """<div class=article><p>局长：林娟</p><p>副局长：周大川</p>
        <p>主要职责</p><p>（一）贯彻执行国家科技工作的方针政策和法律法规，负责全市科技管理工作。</p></div>"""
    )
    assert [(p["name"], p["division"]) for p in people] == [("林娟", None), ("周大川", None)]


def test_news_about_a_leader_names_no_leader() -> None:
    assert (
        read(
            "<div class=article><p>4月3日，局长林娟到高新区调研科技创新工作，副局长周大川陪同。</p></div>",
            title="林娟调研",
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("林 娟", "林娟"),
        ("欧阳明远", "欧阳明远"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("局长", None),
        ("机构职能", None),
        ("双色球", None),
        ("更多", None),
        ("", None),
    ],
)
def test_person_name(text: str, name: str | None) -> None:
    assert person_name(text) == name
