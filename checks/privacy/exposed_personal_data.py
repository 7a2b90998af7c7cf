"""Personal data shown to everyone.

What it finds: 页面和附件里没有遮盖的居民身份证号（核对校验码）、个人手机号、银行卡号（核对 Luhn 校验）。
联系电话、值班电话等对外公布的号码不算。

Why it matters: 公示名单里泄露群众身份证号、手机号和银行卡号，是通报最多的问题之一，也违反个人信息保护法。

Known problems: 图片和扫描件里的号码没有看。没有说明用途的手机号、校验码对不上的身份证号只请人核实。

Good: 张某，110101********0011。
Bad: 名单里写着完整的 18 位身份证号。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.lines import Question
from checks.privacy.personal_data import exposures, mask, may_expose
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="exposed-personal-data",
    title="公开了不应公开的个人信息",
    severity=Severity.VETO,
    needs=("pages",),
    limits={"quotes": 5},
    message="《{title}》公开了未遮盖的个人信息：{what}。",
    fix="请马上撤下或遮盖中间各位数字后重新发布，并清理搜索引擎快照和其他转载处；附件需替换文件。",
)

_NAMES = {"identity": "身份证号", "mobile": "手机号", "card": "银行卡号"}
_NOTHING: Mapping[str, int] = dict.fromkeys(_NAMES, 0)
_REACH = 15
_ROLES = ("main", "frame", "document")
_NUMBERS = Question(may_expose, _ROLES)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per text of a page or attachment."""
    for block in evidence.texts(_ROLES):
        subject = Subject(kind="page", key=f"{block.role}:{block.url}", url=block.url, title=block.title)
        found = list(exposures(block.text)) if _NUMBERS.is_yes(evidence, block) else []
        if not found:
            yield Verdict(grade=Grade.OK, subject=subject, facts=_NOTHING)
            continue
        counts = dict(_NOTHING)
        grade = Grade.OK
        for exposure in found:
            counts[exposure.kind] += 1
            grade = exposure.grade if grade is not Grade.FAIL else grade
        yield Verdict(
            grade=grade,
            subject=subject,
            facts={
                "title": mask(block.title),
                "what": "、".join(
                    f"{_NAMES[kind]}{count}个" for kind, count in sorted(counts.items()) if count
                ),
                **counts,
                "pages": len(block.pages),
            },
            citations=tuple(
                Citation(
                    url=block.url,
                    title=mask(block.title),
                    quote=mask(block.text[max(0, exposure.start - 200) : exposure.end + 200])[
                        min(200, exposure.start) - min(_REACH, exposure.start) :
                    ][: 2 * _REACH + exposure.end - exposure.start],
                    where=f"第{exposure.start + 1}字",
                )
                for exposure in found[: int(limits["quotes"])]
            ),
        )
