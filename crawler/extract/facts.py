"""Structured facts of a page. Cheap gates decide which of the readers a page is worth.

Kinds and the module that describes the shape of their data: leader (`leaders`), contact (`contacts`),
office (`offices`), letter (`letters`), mark (`marks`, one fact a page).
"""

from __future__ import annotations

import re

from crawler.evidence.records import Fact, PageKind
from crawler.extract.contacts import contacts
from crawler.extract.leaders import leaders
from crawler.extract.letters import letters
from crawler.extract.mandated import stands_for
from crawler.extract.marks import marks
from crawler.extract.offices import offices
from crawler.extract.webpage import WebPage

_REACH = re.compile(r"联系|机构|概况|简介|指南|职能|职责|办公|关于我们|依申请|年度?报告|年报|组织")
_MAILBOX = re.compile(r"信箱|留言|咨询|互动|来信|投诉|信件|答复|问政|诉求|写信|回复|建言|有问必答|问答")
_LETTER = re.compile(r"(?:来信|留言|咨询|信件|写信|提问|投诉|诉求)(?:时间|日期|内容|标题|主题|编号)")
_REPLY = re.compile(r"(?:回复|答复|办理|处理|办结)(?:时间|日期|内容|单位|状态|情况|部门|意见|结果)|状态")


def facts(
    page: WebPage, title: str, kind: PageKind, column_path: tuple[str, ...], main_text: str
) -> tuple[Fact, ...]:
    """The facts read from one page, in the order mark, leader, office, contact, letter."""
    found: list[Fact] = []
    if identity := marks(page):
        found.append(Fact(kind="mark", data=identity))
    place = f"{title}/{'/'.join(column_path)}"
    if kind is not PageKind.HOME:
        items = stands_for(title, column_path)
        if "DI-04" in items:
            found.extend(Fact(kind="leader", data=entry) for entry in leaders(page, title, main_text))
        if items & {"DI-01", "DI-02"}:
            found.extend(Fact(kind="office", data=entry) for entry in offices(title, main_text))
        if items & {"DI-01", "DI-02", "DI-03", "DI-05", "DI-08", "DI-09"} or (_REACH.search(place) and len(main_text) < 20_000):
            found.extend(Fact(kind="contact", data=entry) for entry in contacts(main_text))
    if _MAILBOX.search(place) or (_LETTER.search(main_text[:4_000]) and _REPLY.search(main_text[:6_000])):
        found.extend(Fact(kind="letter", data=entry) for entry in letters(page, title, main_text))
    return tuple(found)
