"""Internal offices of a body with their duties and telephone numbers."""

from __future__ import annotations

import re
from typing import Any

from crawler.extract.contacts import phone
from crawler.extract.width import half

_MOST = 60
_LONG = 600
_UNIT = r"(?:科|处|室|股|办公室|中心|站|所|队|大队|支队|党委|机关党委|工会|局|办|委|馆|院|部)"
_NUMBER = r"(?:[（(]?[一二三四五六七八九十]{1,3}[)）、.．]|[（(]?\d{1,2}[)）、.．])?\s*"
_HEAD = re.compile(
    rf"^{_NUMBER}([\u4e00-\u9fa5、（()）]{{2,20}}?{_UNIT}(?:[（(][^（()）]{{1,30}}[)）])?)\s*(?:[:：。\t]|的?(?:主要)?(?:职责|职能)(?:是|为)?[:：]?|$)(.*)$"
)
_DUTY = re.compile(
    r"(?:负责|承担|拟[订定]|组织|指导|协调|管理|统筹|承办|监督|贯彻|综合|参与|协助|编制|研究).{3,}"
)
_PHONE = re.compile(
    r"(?:电\s*话|联系方式)\s*[:：]?\s*((?:[（(]?0\d{2,3}[)）]?\s*[-－—–]?\s*)?[1-9]\d{6,7})(?!\d)"
)
_BARE = re.compile(r"(?<!\d)((?:0\d{2,3}[-－—–])?[1-9]\d{6,7})(?!\d)")
_LABEL = re.compile(r"^(?:主要|工作|科室|处室)?(?:职责|职能)[:：]?$|^(?:联系)?电话")
_STOP = re.compile(r"版权所有|网站标识码|主办单位|上一篇|下一篇")


def offices(title: str, main_text: str) -> tuple[dict[str, Any], ...]:
    """The offices a text lists, in order: {"name": str, "duty": text | None, "phone": number | None}.

    A list of names without duties yields names with `duty` None.
    """
    found: list[dict[str, Any]] = []
    current: dict[str, Any] | None = None
    for raw in main_text[:60_000].splitlines():
        line = half(raw).strip()
        if not line or len(line) > 3_000:
            continue
        if _STOP.search(line):
            break
        head = _HEAD.match(line)
        if head and (len(line) <= 24 or _DUTY.match(head.group(2).lstrip(" :：\t")) or "\t" in line):
            current = {"name": head.group(1), "duty": None, "phone": None}
            found.append(current)
            _add(current, head.group(2).strip(" :：\t"))
            if len(found) >= _MOST:
                break
        elif current is not None:
            _add(current, line)
    named = [office for office in found if office["duty"] or office["phone"]]
    if named:
        return tuple(named if len(named) * 2 >= len(found) else found)
    if len(found) >= 3:
        return tuple(found)
    single = half(title).strip()
    if re.fullmatch(rf"[\u4e00-\u9fa5（()）]{{2,18}}{_UNIT}", single) and _DUTY.search(main_text):
        office = {"name": single, "duty": None, "phone": None}
        for raw in main_text.splitlines():
            _add(office, half(raw).strip())
        return (office,)
    return ()


def _add(office: dict[str, Any], text: str) -> None:
    if not text or _LABEL.fullmatch(text):
        return
    if office["phone"] is None and (
        hit := _PHONE.search(text) or (_BARE.search(text) if len(text) < 400 else None)
    ):
        office["phone"] = phone(hit.group(1))
    if _DUTY.search(text):
        office["duty"] = f"{office['duty']}\n{text}"[:_LONG] if office["duty"] else text[:_LONG]
