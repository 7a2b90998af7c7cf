"""A wrong or misused word, date or figure.

What it finds: 词表里列明的错误写法（带前后文限制和词语边界）、用错的词、算得出来的日期、届次和合计错误。

Why it matters: 错别字损害公信力，各地抽查大多扣分；标题和首页上的错字最容易被截图传播。

Known problems: 只报词表里有的和算得出来的；专名、引语可能误报。网站可以在 site.toml 里关闭某一条或登记自己的专名。

Good: 截至2020年底，全市共有三所。
Bad: 截止2020年底，全市共有三所。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Severity, Verdict
from checks.wording.readings import LIMITS, verdicts
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="misused-word",
    title="错别字和用词不当",
    severity=Severity.MAJOR,
    needs=("pages",),
    limits=LIMITS,
    message="“{wrong}”疑有误（{kind}）：{reason}。出现在 {pages} 个页面。原文：{sentence}",
    fix="请核对原句，确属错误的改正。",
    variants={
        "suggested": (
            "“{wrong}”应为“{suggestion}”（{kind}）：{reason}。出现在 {pages} 个页面。原文：{sentence}",
            "请把“{wrong}”改为“{suggestion}”。",
        )
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per slip, however many pages show it; one OK per text without."""
    yield from verdicts(evidence, CHECK.id, limits)
