"""Forms that a guide names and nobody offers.

What it finds: 办事指南提到的《……申请表》《……登记表》等，指南页面没有可下载的附件，全站也没有叫这个名称的链接和附件。

Why it matters: 群众按指南办事，找不到表格就办不成；普查每个扣 1 分。

Known problems: 表格可能在窗口领取、在政务服务网下载，或链接的文字不写表名，所以只请人核实。

Good: 指南写“填写《高新技术企业认定申请表》”，下面有同名附件。
Bad: 指南写“填写《项目申报表》”，全站没有这张表。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.services.guides import FORM, guides
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="missing-form",
    title="办事指南所提表格没有提供",
    severity=Severity.MINOR,
    needs=("pages", "links"),
    message="办事指南《{title}》提到《{form}》，没有找到可下载的这张表，请核实。",
    fix="请在指南页面附上《{form}》，或写明到哪里下载、领取。",
)

_PLAIN = re.compile(r"[\s\u3000“”\"《》（）()]|附件\d*[:：.]?|\.\w{2,5}$")


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per form that a guide names."""
    offered: list[str] | None = None
    for guide in guides(evidence):
        names = dict.fromkeys(FORM.findall(guide.text))
        files = evidence.attachments(guide.page.id)
        for name in names:
            if offered is None:
                offered = [_PLAIN.sub("", label) for _, label in evidence.link_labels()]
                offered += [
                    _PLAIN.sub("", document.title)
                    for document in evidence.documents(texts=False)
                    if document.title
                ]
            plain = _PLAIN.sub("", name)
            there = bool(files) or any(
                plain in label or (len(label) >= 4 and label in plain) for label in offered
            )
            yield Verdict(
                grade=Grade.OK if there else Grade.REVIEW,
                subject=Subject(
                    kind="page", key=f"{guide.page.url}#{name}", url=guide.page.url, title=guide.page.title
                ),
                facts={"title": guide.page.title, "form": name},
                citations=()
                if there
                else (
                    Citation(
                        url=guide.page.url,
                        seen_at=guide.page.seen_at,
                        quote=f"《{name}》",
                        where="正文",
                        title=guide.page.title,
                    ),
                ),
            )
