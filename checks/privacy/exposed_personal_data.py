"""Personal data shown to everyone.

What it finds: 页面和附件里没有遮盖的居民身份证号（核对校验码）、个人手机号、银行卡号（核对 Luhn 校验）。
联系电话、值班电话等对外公布的号码不算。

Why it matters: 公示名单里泄露群众身份证号、手机号和银行卡号，是通报最多的问题之一，也违反个人信息保护法。

Known problems: 图片和扫描件里的号码没有看。没有说明用途的手机号、校验码对不上的身份证号只请人核实。

Good: 张某，110101********0011。
Bad: 名单里写着完整的 18 位身份证号。
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.privacy.personal_data import exposures, has_many_digits, mask
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
_REACH = 15
_MOST_MET = 100_000
"""Lines remembered as having no number; beyond that some are looked at again."""


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict per text of a page or attachment."""
    plain: set[int] = set()
    for block in evidence.texts(("main", "frame", "document")):
        found = [] if _is_plain(block.text, plain) else list(exposures(block.text))
        counts = Counter(exposure.kind for exposure in found)
        grade = Grade.OK
        if found:
            sure = any(exposure.grade is Grade.FAIL for exposure in found)
            grade = Grade.FAIL if sure else Grade.REVIEW
        yield Verdict(
            grade=grade,
            subject=Subject(kind="page", key=f"{block.role}:{block.url}", url=block.url, title=block.title),
            facts={
                "title": mask(block.title),
                "what": "、".join(f"{_NAMES[kind]}{count}个" for kind, count in sorted(counts.items())),
                **{kind: counts[kind] for kind in _NAMES},
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


def _is_plain(text: str, plain: set[int]) -> bool:
    """Whether no line has a number. Sites repeat themselves: `plain` keeps the hashes of lines that have none."""
    if len(plain) > _MOST_MET:
        plain.clear()
    for line in text.split("\n"):
        if (mark := hash(line)) not in plain:
            if has_many_digits(line):
                return False
            plain.add(mark)
    return True
