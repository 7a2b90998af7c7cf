"""Articles that do not say when they were published.

What it finds: 文章页面上没有发布日期。按栏目归成一行，列出有哪些文章。正文里有日期、但说不准是不是发布日期的，只请人核实。

Why it matters: 没有发布日期的内容，检查时按未更新计算；群众也无法判断信息是否还有效。

Known problems: 日期写在图片里或由脚本写出的读不到。

Good: 标题下写着“发布时间：2018-04-12”。
Bad: 标题下只有“来源：办公室”。
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.reader import Evidence
from crawler.evidence.records import PageKind

CHECK = Check(
    id="undated-article",
    title="文章没有发布日期",
    severity=Severity.MINOR,
    needs=("pages",),
    limits={"shown": 50},
    message="栏目“{column}”有 {undated} 篇文章没有发布日期（共看了 {articles} 篇）。",
    fix="请在文章标题下标明发布日期。",
    variants={
        "unclear": (
            "栏目“{column}”有 {undated} 篇文章没有写明哪一个是发布日期（共看了 {articles} 篇）。",
            "请核实；没有标明的，在标题下写明“发布日期”。",
        )
    },
)

_DATE = re.compile(r"(?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}|二[〇○零]\S{2}年\S{1,3}月")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per column, or folder where no column is known, that holds articles."""
    columns = {column.id: " > ".join(column.path) for column in evidence.columns()}
    total: dict[str, int] = {}
    without: dict[str, array[int]] = {}
    unclear: dict[str, array[int]] = {}
    # A page that no list leads to (关于我们, 联系方式) is not news and needs no date.
    for page in evidence.outlines(kind=PageKind.ARTICLE, listed=True):
        name = (
            columns.get(page.column_id or 0)
            or (page.column_path or "").replace("\t", " > ")
            or page.url.rsplit("/", 1)[0] + "/"
        )
        total[name] = total.get(name, 0) + 1
        if page.published is None:
            texts = evidence.text(page.id) + "\n" + evidence.frame_text(page.id)
            (unclear if _DATE.search(texts) else without).setdefault(name, array("q")).append(page.id)
    for name, articles in total.items():
        undated, variant = (
            (without[name], None) if name in without else (unclear.get(name, array("q")), "unclear")
        )
        pages = [evidence.page(number) for number in undated[: max(limits["shown"], 1)]]
        grade = Grade.OK if not pages else Grade.REVIEW if variant else Grade.FAIL
        yield Verdict(
            grade=grade,
            subject=Subject(
                kind="column", key=name, url=pages[0].url if pages else None, title=name, column=name
            ),
            facts={"column": name, "articles": articles, "undated": len(undated), "places": len(undated)},
            citations=tuple(
                Citation(url=page.url, seen_at=page.seen_at, quote=page.title, title=page.title)
                for page in pages[: limits["shown"]]
            ),
            variant=variant if pages else None,
        )
