"""申诉材料包: the words of it. What goes in is gathered at the door, from evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.documents import BLANK_DAY, site
from reports.paper import Heading, Paper, Table, Text
from reports.plain import places_words
from reports.rectification import Issue, Rectification


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One attempt at one address, in plain words."""

    url: str
    at: str
    method: str
    outcome: str
    status: str
    final_url: str
    milliseconds: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """One record of the archive: where it lies in pages.warc.gz of the run, and its hash."""

    url: str
    offset: int
    length: int
    sha256: str


REQUEST_HEADS = ("网址", "时间（北京时间）", "方法", "结果", "状态码", "最后到达", "毫秒", "说明")
RECORD_HEADS = ("网址", "在原存档中的起点（字节）", "长度（字节）", "SHA-256")


def letter(
    view: Rectification, issue: Issue, requests: Sequence[Request], archived: Sequence[Archived]
) -> Paper:
    """申诉书: the finding as it stands, what was seen, and room for the reasons."""
    blocks: list[Heading | Text | Table] = [
        site(view),
        Heading(text="一、申诉的问题"),
        Table(
            heads=(),
            widths=(30, 136),
            rows=(
                ("问题编号", issue.id),
                ("问题类型", f"{issue.check_title}（{issue.grade}，{issue.severity}）"),
                ("依据条款", f"{issue.clause.title}（{issue.clause.id}）：{issue.clause.text}"),
                ("问题描述", issue.message),
                ("网址", issue.url),
                *(
                    [("所在页面", places_words(issue, 2).partition("：")[2])]
                    if places_words(issue, 2)
                    else []
                ),
                ("原文", issue.quote or "见存档"),
                ("建议修改", issue.fix),
            ),
            label=True,
        ),
        Heading(text="二、检查时看到的"),
        Table(
            heads=("网址", "时间", "方法", "结果", "说明"),
            widths=(70, 30, 14, 24, 28),
            rows=tuple(
                (
                    one.url,
                    one.at,
                    one.method,
                    " ".join(part for part in (one.outcome, one.status) if part),
                    one.detail,
                )
                for one in requests
            )
            or (("没有请求记录", "", "", "", ""),),
        ),
        Text(text=f"存档中与本问题有关的页面共 {len(archived)} 份，见 pages.warc.gz 和 records.csv。"),
        Heading(text="三、申诉理由（由申诉单位填写）"),
        Table(
            heads=(),
            widths=(30, 136),
            rows=(
                ("申诉理由", "\n\n\n"),
                ("证明材料", "\n"),
                ("申诉单位", f"\n\n（盖章）　　　　　　　　　　　　　　{BLANK_DAY}"),
            ),
            label=True,
        ),
        Heading(text="四、处理意见（由检查单位填写）"),
        Table(
            heads=(),
            widths=(30, 136),
            rows=(
                ("处理意见", "□ 申诉成立，不作问题处理　　□ 申诉不成立，按期整改\n"),
                ("检查单位", f"\n\n（盖章）　　　　　　　　　　　　　　{BLANK_DAY}"),
            ),
            label=True,
        ),
    ]
    return Paper(
        title="政府网站检查问题申诉书",
        number="",
        to="",
        blocks=tuple(blocks),
        foot=f"报告编号 {view.run_id}　问题编号 {issue.id}",
        seal=view.seal,
    )


HOW_TO_VERIFY = """申诉材料包怎么核对

一、包里有什么
申诉书.docx　　　填写申诉理由用的表格，已写好问题和检查时看到的情况。
finding.json　　 问题的全部内容，其中的个人信息已作遮盖。
requests.csv　　 检查时对有关网址的每一次访问：时间、方法、结果、状态码。
pages.warc.gz　　有关页面的原始存档，与检查时收到的逐字节一致，没有遮盖，请按有关规定保管。
records.csv　　　每份存档在原存档文件中的起点、长度和 SHA-256。
manifest.json　　原证据的封存清单：原存档文件和证据库的 SHA-256。
SHA256SUMS　　　 以上各文件的 SHA-256。

二、核对包有没有被改动
在 Linux 或 macOS 上解开后执行：sha256sum -c SHA256SUMS
或者执行：xuncha verify 本文件包.zip

三、核对存档是不是原来那一份
1. 检查单位保存的 pages.warc.gz，其 SHA-256 应与 manifest.json 中的一致。
2. 从中按 records.csv 的起点和长度截取，与包里 pages.warc.gz 的对应一段逐字节相同。
   例如：tail -c +起点加一 pages.warc.gz | head -c 长度 | sha256sum
3. 每份存档里的 WARC-Payload-Digest 是页面内容的 SHA-1，任何 WARC 工具都能核对（如 warcio check）。

四、看存档里的页面
用任何能打开 WARC 的工具，如 ReplayWeb.page（离线网页版）。
"""
