"""Whether the parts of a group of figures make up its totals, with the arithmetic written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, product

from checks.money.amounts import UNITS, Amount, plain
from checks.money.statement import NAMES, Group, Part

_EXACT_WAN = Decimal("0.01")
"""Differences up to 100 yuan are rounding of 万元 to two decimals (standards: same-table tolerance)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """One total against its parts. `worth` both sides as numbers. `verdict` ok | rounding | wrong | partial (a part is not stated)."""

    whole: Part
    worth: str
    verdict: str
    arithmetic: str
    names: str
    missing: tuple[Part, ...] = ()


def sums(group: Group) -> Iterator[Sum]:
    """The sums a group allows to check: total of the expenses, and vehicles of purchase and running."""
    vehicles = (Part.VEHICLES,) if Part.VEHICLES in group.amounts else (Part.BUY, Part.RUN)
    if Part.TOTAL in group.amounts:
        parts = (Part.ABROAD, Part.RECEPTION, *vehicles)
        if found := _judge(group, Part.TOTAL, parts):
            yield found
    if Part.VEHICLES in group.amounts and (found := _judge(group, Part.VEHICLES, (Part.BUY, Part.RUN))):
        yield found


def _judge(group: Group, whole: Part, parts: tuple[Part, ...]) -> Sum | None:
    stated = [part for part in parts if part in group.amounts]
    missing = tuple(part for part in parts if part not in group.amounts)
    if len(stated) < (1 if missing else 2):
        return None
    if whole is Part.TOTAL and len(stated) < 2:
        return None
    options = [group.amounts[part][:3] for part in stated]
    best: tuple[Decimal, Amount, tuple[Amount, ...]] | None = None
    for total, *addends in islice(product(group.amounts[whole][:3], *options), 300):
        numbers = (total, *addends)
        if len({number.unit for number in numbers}) > 1 and not all(
            number.unit in UNITS for number in numbers
        ):
            return None
        for extra in ((), group.extra) if whole is Part.TOTAL and group.extra else ((),):
            difference = sum((_worth(a) for a in (*addends, *extra)), Decimal(0)) - _worth(total)
            if best is None or abs(difference) < abs(best[0]):
                best = (difference, total, (*addends, *extra))
    if best is None:
        return None
    difference, total, used = best
    numbers = (total, *used)
    step = min(number.step_wan for number in numbers)
    verdict = _verdict(group, difference, step * len(used), step, missing)
    if verdict is None:
        return None
    return Sum(
        whole=whole, worth=f"{plain(difference)} {plain(_worth(total))}", verdict=verdict, arithmetic=_written(used, total), missing=missing,
        names=" + ".join(NAMES[part] for part in stated) + f" = {NAMES[whole]}",
    )  # fmt: skip


def _verdict(
    group: Group, difference: Decimal, tolerance: Decimal, step: Decimal, missing: tuple[Part, ...]
) -> str | None:
    size = abs(difference)
    if size == 0 or (size <= _EXACT_WAN and size <= tolerance and step <= _EXACT_WAN):
        return "ok"
    if missing and difference < 0:
        # The part that is not stated may hold the rest. A blank cell of a table is worth a question.
        blank = any(part in group.blanks for part in missing)
        return "partial" if blank and size > tolerance else None
    return "rounding" if size <= tolerance else "wrong"


def _worth(number: Amount) -> Decimal:
    return number.wan if number.wan is not None else number.value


def _written(addends: tuple[Amount, ...], total: Amount) -> str:
    """`12 + 1356 + 995 = 2363, 写为 2364`, in the unit of the total."""
    worth = UNITS.get(total.unit or "", Decimal(1))
    same = all(number.unit == total.unit for number in addends)
    shown = [number.printed if same else plain(_worth(number) / worth) for number in addends]
    value = sum((_worth(number) for number in addends), Decimal(0)) / worth
    return f"{' + '.join(shown)} = {plain(value)}, 写为 {total.printed}{total.unit or ''}"
