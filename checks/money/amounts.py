"""Amounts as documents print them: number, unit, last printed digit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

UNITS = {"元": Decimal("0.0001"), "千元": Decimal("0.1"), "百元": Decimal("0.01"), "万元": Decimal(1), "百万元": Decimal(100), "亿元": Decimal(10000)}  # fmt: skip
"""Unit -> how many 万元 it is."""

UNIT_LINE = re.compile(r"(?:金额)?单位[:：]?(?:人民币)?[（(]?(亿元|百万元|万元|千元|百元|元)")
_HEAD_UNIT = re.compile(r"[（(](?:单位[:：]?)?(亿元|万元|千元|元)[)）]")
_CELL = re.compile(
    r"[¥￥]?(-?\d{1,3}(?:[,，]\d{3})+(?:\.\d{1,6})?|-?\d{1,15}(?:\.\d{1,10})?)(亿元|万元|千元|元|万|项|件|条|个|人|次|宗|起)?"
)
_SPACE = re.compile(r"[\s\u3000\xa0]+")
BLANK = frozenset({"", "-", "—", "——", "－", "--", "/", "／", "\\", "…", "无数据", "未填", "空"})
"""Cell contents that state nothing. They are not zero."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure in the unit it is printed in; `unit` None when neither cell nor table names one."""

    value: Decimal
    unit: str | None
    printed: str

    @property
    def wan(self) -> Decimal | None:
        """The figure in 万元, None when its unit is unknown."""
        return self.value * UNITS[self.unit] if self.unit in UNITS else None

    @property
    def digits(self) -> int:
        """Printed digits after the point."""
        return len(self.printed.partition(".")[2])

    @property
    def step_wan(self) -> Decimal:
        """The worth of the last printed digit in 万元 (in printed units when the unit is unknown)."""
        return Decimal(1).scaleb(-self.digits) * UNITS.get(self.unit or "", Decimal(1))

    def __str__(self) -> str:
        return f"{self.printed}{self.unit or ''}"


def amount(number: str, unit: str | None) -> Amount:
    """The amount of a matched number. `number` digits, thousands separators and one point."""
    printed = number.replace(",", "").replace("，", "")
    return Amount(Decimal(printed), "万元" if unit == "万" else unit, printed)


def cell_amount(cell: str, unit: str | None) -> Amount | None:
    """The amount a table cell states, None when it is blank or holds other words."""
    match = _CELL.fullmatch(_SPACE.sub("", cell))
    if match is None:
        return None
    return amount(match[1], match[2] or unit)


def is_blank(cell: str) -> bool:
    return _SPACE.sub("", cell) in BLANK


def unit_of(text: str) -> str | None:
    """The one unit that `text` declares ("单位：万元", "金额（元）"); None when there is none or more than one."""
    compact = _SPACE.sub("", text)
    found = {match[1] for match in UNIT_LINE.finditer(compact)} or {
        m[1] for m in _HEAD_UNIT.finditer(compact)
    }
    return found.pop() if len(found) == 1 else None


def plain(value: Decimal) -> str:
    """A number for people: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
