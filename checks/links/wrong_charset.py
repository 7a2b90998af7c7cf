"""A page that names the wrong character set.

What it finds: 页面声明的文字编码与实际内容不符（例如写着 gb2312，内容却是 UTF-8），按声明打开会是乱码。按声明的编码归成一行。

Why it matters: 有的浏览器和手机会显示乱码，搜索引擎也读不出内容。

Known problems: 浏览器有时会自动改正，在你的电脑上看着正常，换一台就不一定。

Good: 页面声明 utf-8，内容就是 UTF-8。
Bad: 页面声明 gb2312，内容是 UTF-8。
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="wrong-charset",
    title="页面编码声明有误",
    severity=Severity.MINOR,
    needs=("pages",),
    limits={"shown": 50},
    message="有 {pages} 个页面声明的编码是 {declared}，实际内容是 {used}，按声明打开是乱码。",
    fix="请把页面（或服务器）声明的编码改成 {used}，或把文件另存为所声明的编码。",
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one ok verdict per page read as declared and one fail per pair of declared and real charset."""
    wrong: dict[tuple[str, str], array[int]] = {}
    for seen in evidence.outlines():
        if seen.charset_fault == "declared-wrong" and seen.charset_declared:
            wrong.setdefault((seen.charset_declared, seen.charset_used), array("q")).append(seen.id)
        else:
            yield Verdict(grade=Grade.OK, subject=Subject(kind="page", key=seen.url, url=seen.url))
    for (declared, used), pages in sorted(wrong.items()):
        cited = [evidence.page(number) for number in pages[: max(limits["shown"], 1)]]
        yield Verdict(
            grade=Grade.FAIL,
            subject=Subject(
                kind="charset", key=f"{declared}/{used}", url=cited[0].url, title=f"{declared} / {used}"
            ),
            facts={"declared": declared, "used": used, "pages": len(pages), "places": len(pages)},
            citations=tuple(
                Citation(url=page.url, seen_at=page.seen_at, quote=page.title, title=page.title)
                for page in cited[: limits["shown"]]
            ),
        )
