"""Finds identity card, mobile and bank card numbers of private persons, and masks them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.check import Grade

_RUN = re.compile(r"(?<![\dA-Za-z.])\+?\d(?:[ \-]?\d){10,20}[Xx]?(?![\dA-Za-z]|\.\d)")
_IDENTITY_IN_ADDRESS = re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)")
_MOBILE_IN_ADDRESS = re.compile(
    r"(?i)([?&](?:\w{0,8}(?:tel|phone|mobile)|sjh?|shouji(?:hao)?|dh)=)(1[3-9]\d{9})(?!\d)"
)
_MANY_DIGITS = re.compile(r"\d(?:[ \-－—–]?\d){10}")
"""What every number has, in any script: most texts have none and need no closer look."""
_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}")
_IDENTITY = re.compile(r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_WIDE = str.maketrans("０１２３４５６７８９Ｘｘ－—–", "0123456789Xx---")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_OFFICIAL = re.compile(
    r"联\s?系(?:人|电话|方式|手机)|咨询|值班|办公|热线|监督|举报|投诉|服务电话|报名|受理|服务(?:电话|热线)|传真|客服|招聘|经办|项目负责人|负责人|邮编|采购人|代理机构|应急|救援|报警|河长|湖长|林长|网格员|调解员|律师|主任|局长|科长|书记|村医|联络"
)
_IDENTITY_LABEL = re.compile(r"身\s?份\s?证|证件号|公民身份号码|居民身份")
_PERSONAL = re.compile(
    r"身份证|户主|家庭住址|家庭成员|(?:本人|个人|家长|学生|监护人|受益人|申请人|持证人|当事人|被申请人|补贴对象|享受人).{0,12}(?:电话|手机|号码|联系)|手机号|家长姓名|补助对象|低保|救助对象|名单|花名册|登记表"
)
_CARD_LABEL = re.compile(r"银行卡|卡\s?号|一卡通|账\s?[号户]|帐\s?[号户]|存折|开户")
_BUSINESS = re.compile(
    r"公司|保证金|对公|财政|缴款|捐赠|捐款|基本户|专户|非税|户名[：:][^。\n]{0,20}(?:局|院|中心|公司|会|政府)"
)
_NUMBERED = re.compile(
    r"(?:编号|文号|订单|单号|流水|证书号?|备案号?|登记号|许可证|代码|条码|序列|ISBN|型号)[^\d\n]{0,6}$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One number of a private person. `kind` is "identity", "mobile" or "card"; `masked` has the same length.

    Graded FAIL when digits and label leave no doubt, REVIEW otherwise. The number itself is never kept.
    """

    kind: str
    start: int
    end: int
    masked: str
    grade: Grade


def identity_number_is_valid(number: str) -> bool:
    """Whether 18 characters are an identity number: province, birth date and check digit."""
    if not _IDENTITY.fullmatch(number) or number[:2] not in _PROVINCES:
        return False
    try:
        dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECK_DIGITS[total % 11] == number[17]


def passes_luhn(number: str) -> bool:
    """The check of bank card numbers."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def may_expose(line: str) -> bool:
    """Whether a line holds a number that may be a private person's; a text exposes none when no line of it does."""
    return bool(_MANY_DIGITS.search(line)) and any(
        _kind(_number(match)) for match in _RUN.finditer(line.translate(_WIDE))
    )


def exposures(text: str) -> Iterator[Exposure]:
    """Yield the numbers of private persons in order of place. Official telephone numbers are none."""
    if not _MANY_DIGITS.search(text):
        return
    plain = text.translate(_WIDE)
    for match in _RUN.finditer(plain):
        kind, grade = _judged(plain, match)
        if kind:
            yield Exposure(
                kind=kind,
                start=match.start(),
                end=match.end(),
                masked=_masked(text[slice(*match.span())], kind),
                grade=grade,
            )


def mask(text: str) -> str:
    """Return the text with every such number masked, character for character."""
    parts: list[str] = []
    at = 0
    for exposure in exposures(text):
        parts += (text[at : exposure.start], exposure.masked)
        at = exposure.end
    return "".join((*parts, text[at:])) if parts else text


def mask_address(url: str) -> str:
    """Return the address with identity numbers and telephone arguments masked; numbers of articles stay."""
    if not _MANY_DIGITS.search(url):
        return url
    url = _IDENTITY_IN_ADDRESS.sub(
        lambda found: (
            _masked(found[0], "identity") if identity_number_is_valid(found[0].upper()) else found[0]
        ),
        url,
    )
    return _MOBILE_IN_ADDRESS.sub(lambda found: found[1] + _masked(found[2], "mobile"), url)


def _number(match: re.Match[str]) -> str:
    return re.sub(r"[ \-+]", "", match.group()).upper()


def _kind(number: str) -> str:
    """What a number is by its digits: "identity", "mobile", "card" or nothing of these."""
    if _IDENTITY.fullmatch(number) and number[:2] in _PROVINCES:
        return "identity"
    if _MOBILE.fullmatch(number):
        return "mobile"
    return "card" if 16 <= len(number) <= 19 and number.isdigit() and passes_luhn(number) else ""


def _judged(text: str, match: re.Match[str]) -> tuple[str, Grade]:
    number = _number(match)
    kind = _kind(number)
    before = text[max(0, match.start() - 40) : match.start()]
    around = before + "#" + text[match.end() : match.end() + 20]
    if kind == "identity":
        if identity_number_is_valid(number):
            return "identity", Grade.FAIL
        return (
            ("identity", Grade.REVIEW)
            if _IDENTITY_LABEL.search(text[max(0, match.start() - 200) : match.start()])
            else ("", Grade.OK)
        )
    if kind == "mobile":
        if _NUMBERED.search(before):
            return "", Grade.OK
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()][-60:]
        if _OFFICIAL.search(line) and not re.search(r"身份证|户主|家庭住址", around):
            return "", Grade.OK
        return "mobile", Grade.FAIL if _PERSONAL.search(around) else Grade.REVIEW
    if kind == "card" and not _NUMBERED.search(before):
        labelled = _CARD_LABEL.search(text[max(0, match.start() - 200) : match.start()])
        if _BUSINESS.search(around) or number[0] not in "3456" or len(set(number)) < 4:
            return "", Grade.OK
        if labelled and number.startswith("62"):
            return "card", Grade.FAIL
        if labelled or number.startswith("62"):
            return "card", Grade.REVIEW
    return "", Grade.OK


def _masked(written: str, kind: str) -> str:
    """Stars for the middle digits; separators stay."""
    head, tail = {"identity": (6, 4), "mobile": (3, 4), "card": (6, 4)}[kind]
    digits = [at for at, char in enumerate(written) if char.isalnum()]
    if kind == "mobile" and len(digits) > 11:
        head += len(digits) - 11
    hidden = set(digits[head : len(digits) - tail])
    return "".join("*" if at in hidden else char for at, char in enumerate(written))
