"""Structured facts of a page. Cheap gates decide which of the readers a page is worth.

Kinds and the module that describes the shape of their data: leader (`leaders`), contact (`contacts`),
office (`offices`), letter (`letters`), table (`tables`), mark (`marks`, one fact a page).
"""

from __future__ import annotations

import re

from crawler.evidence.records import Fact, PageKind
from crawler.extract.contacts import contacts
from crawler.extract.leaders import leaders
from crawler.extract.letters import letters
from crawler.extract.mandated import content, stands_for
from crawler.extract.marks import marks
from crawler.extract.offices import offices
from crawler.extract.signs import any_in
from crawler.extract.tables import facts as tables
from crawler.extract.webpage import WebPage

_REACH = re.compile(r"联系(?:我们|方式|电话)|单位概况|简介|公开指南|关于我们|办公地址")
_PEOPLE = re.compile(r"(?:书记|[局厅处县区市组]\s*长|主\s*任|成员|调研员)\s*[:：]|主持.{0,12}工作|分管")
_ABOUT_BODY = frozenset(("DI-01", "DI-02", "DI-03", "DI-05", "DI-08", "DI-09"))
_MAILBOX = re.compile(r"信箱|留言|咨询|互动|来信|投诉|信件|答复|问政|诉求|写信|回复|建言|有问必答|问答")
_LETTER_WORDS = {
    "信": ("来信", "信件", "写信"),
    "留": ("留言",),
    "询": ("咨询",),
    "问": ("提问",),
    "诉": ("投诉", "诉求"),
}
_LETTER = re.compile(r"(?:来信|留言|咨询|信件|写信|提问|投诉|诉求)(?:时间|日期|内容|标题|主题|名称|编号)")


def facts(
    page: WebPage, title: str, kind: PageKind, column_path: tuple[str, ...], main_text: str
) -> tuple[Fact, ...]:
    """The facts read from one page, in the order mark, leader, office, contact, letter, table."""
    found: list[Fact] = []
    if identity := marks(page):
        found.append(Fact(kind="mark", data=identity))
    place = f"{title}/{'/'.join(column_path)}"
    if kind is not PageKind.HOME:
        named, possible = stands_for(title, column_path)
        reach = _REACH.search(title) or (column_path and _REACH.search(column_path[-1]))
        text = content(main_text) if named or possible or reach else ""
        if "DI-04" in named or ("DI-04" in possible and _PEOPLE.search(text)):
            people = leaders(page, title, main_text)
            found.extend(
                Fact(kind="leader", data=entry) for entry in people if entry["name"] or "DI-04" in named
            )
        if (named | possible) & {"DI-01", "DI-02"} and len(text) > 40:
            found.extend(Fact(kind="office", data=entry) for entry in offices(title, text))
        if named & _ABOUT_BODY or reach:
            found.extend(Fact(kind="contact", data=entry) for entry in contacts(text))
    mailbox = _MAILBOX.search(place) is not None
    if mailbox or _letter_like(main_text[:4_000]):
        entries = letters(page, title, main_text, mailbox=mailbox)
        found.extend(Fact(kind="letter", data=entry) for entry in entries)
    if kind not in (PageKind.HOME, PageKind.LIST):
        found.extend(tables(page))
    return tuple(found)


def _letter_like(text: str) -> bool:
    return any_in(text, _LETTER_WORDS) and _LETTER.search(text) is not None
