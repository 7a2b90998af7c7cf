"""How a body can be reached: address, office hours, telephone, fax, post code, mail, each with its label."""

from __future__ import annotations

import re
from typing import Any

from crawler.extract.width import half

_MOST = 60
_CELL = 24
"""Characters up to which a line may be a cell of a table; a cell that holds paragraphs is a line of its own."""
_SEP = r"\s*(?:[:：]|为|是)\s*"
_ADDRESS = re.compile(
    rf"((?:办公|单位|联系|通[讯信]|邮寄|受理|机关|局|接待)?\s*地\s*址|办公地点|受理地点){_SEP}([^:：\n\t。；;]{{4,80}})"
)
_HOURS = re.compile(
    rf"((?:办公|工作|上班|受理|接待|服务|对外办公)\s*时间){_SEP}([^\n\t]{{4,120}}?)(?=[。；;\n\t]|联系|电话|地址|$)"
)
_PHONE = re.compile(
    rf"([\u4e00-\u9fa5（()）]{{0,14}}(?:电\s*话(?:号码)?|热\s*线|联系方式|值班室|总机))(?:[（(][^（()）]{{1,10}}[)）])?{_SEP}"
    r"((?:[（(]?0\d{2,3}[)）]?\s*[-－—–]?\s*)?[1-9]\d{6,7}(?:\s*[-－—转]\s*\d{1,5})?(?!\d)"
    r"(?:\s*[、,，;；/或]\s*(?:[（(]?0\d{2,3}[)）]?\s*[-－—–]?\s*)?[1-9]\d{6,7}(?!\d)){0,4}|12345|123\d\d|1[3-9]\d{9})"
)
_FAX = re.compile(rf"(传\s*真(?:号码)?){_SEP}((?:[（(]?0\d{{2,3}}[)）]?\s*[-－—–]?\s*)?[1-9]\d{{6,7}})(?!\d)")
_POST = re.compile(rf"(邮\s*(?:政\s*)?编\s*(?:码)?){_SEP}(\d{{6}})(?!\d)")
_MAIL = re.compile(
    rf"((?:电子)?(?:邮箱|信箱|邮件)(?:地址)?|[Ee]-?mail){_SEP}([A-Za-z0-9._+-]{{1,40}}(?:@|#|\(at\))[A-Za-z0-9.-]{{3,60}})"
)
_FIELDS = (
    ("address", _ADDRESS),
    ("hours", _HOURS),
    ("phone", _PHONE),
    ("fax", _FAX),
    ("postcode", _POST),
    ("mail", _MAIL),
)
_OFFICE = re.compile(
    r"^[\s（(一二三四五六七八九十\d)）、.．]*([\u4e00-\u9fa5（()）]{2,18}?(?:科|处|室|股|中心|办公室|大队|支队|所|站|队|党委|工会))(?=[\s:：，,（(\t]|$)"
)
_HEADED = re.compile(r"(?:联系|办公|咨询)?电\s*话(?:号码)?|联系方式")
_NUMBER = re.compile(
    r"(?!20[0-4]\d(?:0[1-9]|1[0-2])[0-3]\d$)(?:[（(]?0\d{2,3}[)）]?\s*[-－—–]?\s*)?[1-9]\d{6,7}(?:\s*[-－—转]\s*\d{1,5})?"
)
_CUE = re.compile(r"地\s*址|时间|电\s*话|热\s*线|传\s*真|邮\s*(?:政\s*)?编|邮箱|信箱|联系方式")


def contacts(main_text: str) -> tuple[dict[str, Any], ...]:
    """What a text says about reaching a body, in order:

        {"field": "address" | "hours" | "phone" | "fax" | "postcode" | "mail", "value": str,
         "label": the words before it, "of": the office of the same line | "", "quote": the line}

    Phone numbers are digits with hyphens, several on a line give several entries.
    """
    found: list[dict[str, Any]] = []
    office = column = ""
    for raw in main_text[:60_000].splitlines():
        if len(raw) > 3_000:
            continue
        line = half(raw).strip()
        if head := _OFFICE.match(line):
            office = head.group(1)
        elif not line:
            office = ""
        cells = [cell.strip() for cell in line.split("\t")]
        headed = next((cell for cell in cells if _HEADED.fullmatch(cell)), "")
        column = headed or (column if max(map(len, cells)) <= _CELL else "")
        if column and not headed:
            of = cells[0] if len(cells) > 1 and not _NUMBER.fullmatch(cells[0]) else ""
            for cell in cells:
                if _NUMBER.fullmatch(cell):
                    found.append(
                        {
                            "field": "phone",
                            "value": phone(cell),
                            "label": column,
                            "of": of or office,
                            "quote": line[:80],
                        }
                    )
        if not _CUE.search(line):
            continue
        for field, pattern in _FIELDS:
            for match in pattern.finditer(line):
                label = re.sub(r"\s", "", match.group(1))
                for value in _values(field, match.group(2)):
                    found.append(
                        {
                            "field": field,
                            "value": value,
                            "label": label,
                            "of": office,
                            "quote": _around(line, match),
                        }
                    )
        if len(found) >= _MOST:
            break
    return tuple(found[:_MOST])


def _values(field: str, text: str) -> list[str]:
    if field in ("phone", "fax"):
        return [phone(part) for part in re.split(r"[、,，;；/或]", text) if part.strip()]
    if field == "address":
        return [re.split(r"\s{2,}|邮编|邮政|电话|联系|传真|[（(]邮|[,，;；]", text)[0].strip(" ,，、")]
    return [text.strip(" ,，。；;")]


def phone(text: str) -> str:
    """A telephone number as digits with hyphens: （0953）2271436 and 0953—2271436 are 0953-2271436."""
    plain = (
        re.sub(r"[（()）\s]+", "-", text.strip())
        .replace("－", "-")
        .replace("—", "-")
        .replace("–", "-")
        .replace("转", "-")
    )
    return re.sub(r"-+", "-", plain).strip("-")


def _around(line: str, match: re.Match[str]) -> str:
    return line[max(0, match.start() - 20) : match.end() + 20].strip()
