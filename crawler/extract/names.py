"""Chinese person names, told by surname and length. No guess beyond that."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_COMPOUND = (
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|夏侯|南宫|端木|百里|呼延|拓跋|独孤"
)
_NOT_NAMES = re.compile(
    r"(?:简介|介绍|职能|职责|分工|信息|公开|机构|领导|局长|书记|主任|处长|科长|成员|设置|动态|新闻|通知|公告|更多|首页|"
    r"上一|下一|尾页|部门|单位|科室|处室|政策|法规|服务|工作|管理|办公|中心|图片|附件|简历|履历|全文|详细|姓名|职务)"
)


@cache
def surnames() -> frozenset[str]:
    """One-character surnames, the common four hundred and the rarer ones seen among officials."""
    text = (Path(__file__).parent / "data" / "surnames.txt").read_text(encoding="utf-8")
    return frozenset("".join(line for line in text.splitlines() if not line.startswith("#")).replace(" ", ""))


_MINORITY = re.compile(r"[\u4e00-\u9fa5]{2,8}[·•‧・][\u4e00-\u9fa5]{2,8}(?:[·•‧・][\u4e00-\u9fa5]{2,8})?")
_HAN = re.compile(r"[\u4e00-\u9fa5]{2,4}")
_BLANK = re.compile(r"[\s\u3000\u00a0]+")
_COMPOUND_START = re.compile(_COMPOUND)


def person_name(text: str) -> str | None:
    """`text` as a person's name without inner blanks (林 娟 is 林娟), or None when it is not one."""
    if len(text) > 24:
        return None
    name = _BLANK.sub("", text).strip("：:，,、（）()")
    if _MINORITY.fullmatch(name):
        return name
    if not _HAN.fullmatch(name) or _NOT_NAMES.search(name):
        return None
    if _COMPOUND_START.match(name):
        return name if 3 <= len(name) <= 4 else None
    return name if name[0] in surnames() and len(name) <= 3 else None
