"""Which items a page itself publishes: good pages and their look-alikes, of the fictional 云上市科学技术局."""

import pytest

from crawler.evidence.records import Item, PageKind
from crawler.extract.mandated import mandated
from crawler.extract.webpage import open_page

BODY = "云上市科学技术局"
DUTIES = (
    "贯彻执行国家科技工作的方针政策和法律法规。拟订全市科技发展规划并组织实施。承办市政府交办的其他事项。"
)
BUDGET = "部门收支总表 财政拨款收支总表 一般公共预算支出表 三公经费 名词解释 2018年收入预算 320.5万元"
ACCOUNTS = "收入支出决算总表 财政拨款 机构设置 三公经费 名词解释 决算情况说明 318.20万元"
GUIDE = "主动公开 依申请公开 受理机构：局办公室 办公地址：云上市开元大道1号 办公时间：8:30-18:00 联系电话：0999-1234567 传真 申请表"
REPORT = (
    "一、概述 二、主动公开政府信息情况 三、依申请公开情况 四、行政复议、行政诉讼情况 五、存在的问题和改进措施"
)


def read(
    title: str,
    path: tuple[str, ...] = (),
    text: str = "",
    rows: tuple[str, ...] = (),
    kind: PageKind = PageKind.ARTICLE,
    source: str = "",
) -> list[tuple[str, int | None]]:
    page = open_page(
        "http://kjj.yunshang.gov.cn/a.html", f"<html><body>{source}{text}</body></html>".encode()
    )
    items = tuple(Item(title=row, url=f"http://kjj.yunshang.gov.cn/{n}.html") for n, row in enumerate(rows))
    return sorted((hit.item, hit.year) for hit in mandated(page, title, path, text, items, kind))


@pytest.mark.parametrize(
    ("title", "path", "text", "found"),
    [
        ("机构职能", ("政务公开",), DUTIES, [("DI-01", None)]),
        (f"{BODY}职能配置、内设机构和人员编制规定", ("政务公开", "机构职能"), DUTIES, [("DI-01", None)]),
        ("农村科技科", ("机构设置", "内设机构"), "主要职责：组织实施农村科技项目，负责科技特派员工作。", [("DI-01", None), ("DI-02", None)]),
        ("局领导分工", ("领导之窗",), "局长林某：主持局全面工作。副局长周某：分管办公室。", [("DI-04", None)]),
        ("党组书记、局长：林娟", ("领导之窗",), "主持局党组全面工作。", [("DI-04", None)]),
        ("林娟", ("领导分工",), "负责局全面工作，分管人事。", [("DI-04", None)]),
        (f"{BODY}政府信息公开指南", ("政务公开", "信息公开指南"), GUIDE, [("DI-05", None)]),
        (f"{BODY}2017年政府信息公开工作年度报告", ("信息公开年报",), REPORT, [("DI-08", 2017)]),
        (f"二〇一八年{BODY}政府信息公开年度报告", (), REPORT, [("DI-08", 2018)]),
        (f"{BODY}2018年部门预算", ("财政预决算",), BUDGET, [("DI-28", 2018)]),
        (f"关于{BODY}2018年部门预算编制的说明", ("财政预决算",), BUDGET, [("DI-28", 2018)]),
        (f"{BODY}2016年度部门决算", (), ACCOUNTS, [("DI-29", 2016)]),
        (f"{BODY}“三公”经费2016年决算和2017年预算情况", ("三公经费",), "因公出国（境）费 公务接待费2万元", [("DI-30", 2016)]),
        (f"{BODY}权责清单", ("权责清单",), "职权编码 职权名称 设定依据 行政处罚13项", [("DI-22", None)]),
        ("对市政协三届二次会议第12号提案的答复", ("建议提案",), "委员：您提出的提案收悉，现答复如下", [("DI-39", None)]),
        ("2018年政府网站工作年度报表", (), "网站名称 首页网址 信息发布 独立用户访问量", [("DI-41", 2018)]),
        (f"{BODY}2018年度法治政府建设情况报告", (), "法治政府建设举措成效。存在的问题。下一步打算", [("DI-40", 2018)]),
    ],
)  # fmt: skip
def test_the_item(title: str, path: tuple[str, ...], text: str, found: list[tuple[str, int | None]]) -> None:
    got = read(title, path, text)
    assert [hit for hit in got if hit in found] == found
    assert {item for item, _ in got} <= {item for item, _ in found} | {"DI-28", "DI-29"}


@pytest.mark.parametrize(
    ("title", "path", "text"),
    [
        ("全市2018年部门预算编制工作会议召开", ("工作动态",), BUDGET),
        ("关于提前下达2019年科技专项资金预算的通知", ("通知公告",), "财政拨款 收入预算 三公 100万元"),
        ("中华人民共和国预算法", ("政策法规",), "第一条 部门预算 财政拨款 收入预算 支出预算"),
        ("关于做好2018年部门决算编制工作的通知", ("通知公告",), ACCOUNTS),
        ("省科技厅公布三公经费预算 公务接待费下降20%", ("行业动态",), "公务接待费 因公出国 三公"),
        ("局领导到高新区调研", ("领导之窗", "领导活动"), "局长林某主持座谈会，分管负责人参加。"),
        ("局长信箱", ("互动交流",), "来信人 局长 负责工作"),
        ("政务公开领导小组成员名单", ("机构设置",), "组长：局长 负责全面工作"),
        ("关于做好2018年政府信息公开年度报告编制工作的通知", ("通知公告",), REPORT),
        ("高新技术企业认定办事指南", ("办事指南",), GUIDE),
        ("科技项目招标公告", ("通知公告",), "采购人 预算金额 投标截止时间 供应商"),
        ("致全市科技工作者的慰问信", ("机构设置", "科室", "办公室", "工作动态"), DUTIES),
        ("关于开展师德考核工作的通知", ("机构设置", "科室", "公文通知"), DUTIES),
        ("人事科", ("机构设置", "科室"), "关于甲的通知(2018-01-02)\n关于乙的公示(2018-01-03)\n丙(2018-01-04)\n丁(2018-01-05) 负责科技工作"),
    ],
)  # fmt: skip
def test_a_look_alike_is_not_the_item(title: str, path: tuple[str, ...], text: str) -> None:
    assert read(title, path, text) == []


def test_column_with_the_items() -> None:
    rows = (f"{BODY}2017年度部门决算", f"{BODY}2018年度预算", f"{BODY}2016年度部门决算")
    assert read("财政预决算", ("政务公开",), "", rows, PageKind.LIST) == [("DI-28", None), ("DI-29", None)]


def test_column_of_leaders() -> None:
    rows = ("党组书记、局长 ：林娟", "党组成员、副局长：周大川", "四级调研员：石磊")
    assert read("领导分工", (), "", rows, PageKind.LIST) == [("DI-04", None)]


def test_column_of_news_under_an_office() -> None:
    rows = (
        "关于做好职称评审工作的通知",
        "全市科技工作会议召开",
        "科技下乡活动走进云下县",
        "关于公布评选结果的通知",
    )
    assert read("办公室", ("机构设置", "科室"), "", rows, PageKind.LIST) == []


def test_empty_column_is_not_the_item() -> None:
    assert read("领导分工", (), "首页 上一页 1 下一页 尾页 共 0 条", (), PageKind.LIST) == []
    assert read("信息公开指南", (), "该栏目正在建设中", (), PageKind.OTHER) == []


def test_attachment_in_place_of_the_text() -> None:
    link = '<a href="/upload/2018.doc">附件</a>'
    assert read(f"{BODY}2018年部门预算", ("财政预决算",), "点击下载", source=link) == [("DI-28", 2018)]
    assert read(f"{BODY}2018年部门预算", ("财政预决算",), "点击下载") == []


def test_home_page_publishes_nothing_itself() -> None:
    assert read(f"{BODY}领导分工", ("领导之窗",), "局长 主持全面工作", kind=PageKind.HOME) == []
