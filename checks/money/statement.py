"""What a document states of its body's three public expenses: shapes only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from checks.money.amounts import Amount

Rows = Sequence[Sequence[str]]


class Part(StrEnum):
    TOTAL = "total"
    ABROAD = "abroad"
    VEHICLES = "vehicles"
    BUY = "buy"
    RUN = "run"
    RECEPTION = "reception"


NAMES: Mapping[Part, str] = {
    Part.TOTAL: "“三公”经费合计",
    Part.ABROAD: "因公出国（境）费",
    Part.VEHICLES: "公务用车购置及运行费",
    Part.BUY: "公务用车购置费",
    Part.RUN: "公务用车运行维护费",
    Part.RECEPTION: "公务接待费",
}
KINDS: Mapping[str, str] = {"budget": "预算", "final": "决算"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Figures that belong together: one table row or column, or all the prose says of one year and kind.

    `where` "text" or "第N张表". `amounts` by part, several only in prose. `blanks` parts whose cell states nothing.
    `extra` other expenses the same total may cover (会议费, 培训费).
    """

    where: str
    year: int | None
    kind: str | None
    amounts: Mapping[Part, tuple[Amount, ...]]
    blanks: frozenset[Part] = frozenset()
    extra: tuple[Amount, ...] = ()
    quotes: Mapping[Part, str] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        return self.where == "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """“比 base 减少 amount，下降 percent”: `sign` of the amount, `percent_sign` of the percentage (+1, -1, 0)."""

    part: Part
    year: int | None
    kind: str | None
    level: Amount | None
    base_year: int | None
    base_kind: str | None
    base: Amount | None
    sign: int
    amount: Amount | None
    percent: Decimal | None
    percent_sign: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one page or document says about its body's three public expenses.

    `region` the title speaks of a whole district or city, not of one bureau.
    """

    title: str
    year: int | None
    kind: str | None
    region: bool
    groups: tuple[Group, ...]
    changes: tuple[Change, ...]
    tables: int

    def of(self, year: int | None, kind: str | None, *, text: bool) -> Iterator[Group]:
        for group in self.groups:
            if group.is_text is text and group.year == year and group.kind == kind:
                yield group
