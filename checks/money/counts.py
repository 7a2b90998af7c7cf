"""Counts that are broken down: “共 21 项，其中……” in prose, totals and changes in tables. Pure readers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product
from pathlib import Path

from checks.money.statement import Rows

_WORDS = tomllib.loads((Path(__file__).parent / "counts.toml").read_text("utf-8"))
_UNITS = _WORDS["units"]
_HEAD = re.compile(
    rf"(?<![\d.〔第])(\d{{1,7}})([{_UNITS}])(?:次|数)?[，,。；;：:]?(?:其中|包括|分别(?:是|为))[:：，,]?"
)
_ITEM = re.compile(
    rf"(?:其中[:：]?|和|及|以及)?([^\d，,；;。：:]{{1,24}}?)[:：]?(?:共|为|有|计|约)?(\d{{1,7}})([{_UNITS}])(?:次)?"
)
_BLANKS = re.compile(r"[ \u3000\xa0\r]")
_BRACKETS = re.compile(r"[（(][^（）()]{0,200}[）)]")
_SHARE = re.compile(r"(?:约?占|占比)[^，,；;]{0,12}%")
_STOP = re.compile(_WORDS["stop"])
_REST = re.compile(_WORDS["rest"])
_OVERLAPPING = re.compile(_WORDS["overlapping"])
_CHANGE = {name: re.compile(pattern) for name, pattern in _WORDS["list_change"].items()}
_WORTH = re.compile(_WORDS["table"]["worth"])
_TOTAL = re.compile(_WORDS["table"]["total"])
_LAYERED = re.compile(_WORDS["table"]["layered"])
_NUMBER_COLUMN = re.compile(_WORDS["table"]["number_column"])
_APPLICATIONS = {name: re.compile(pattern) for name, pattern in _WORDS["applications"].items()}
_RESULTS: list[str] = _WORDS["reviews"]["results"]
_COUNT = re.compile(rf"(\d{{1,7}})[{_UNITS}]?")
_LEAD = re.compile(r"^(?:[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．])+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A total and what it is made of. `verdict` ok | wrong | doubtful; `key` tells it apart on its page."""

    verdict: str
    arithmetic: str
    quote: str
    key: str
    where: str


def may_count(line: str) -> bool:
    """Whether a list may begin in a line; `in_prose` finds nothing in a text when in no line of it one may."""
    # 其中, 包括 or 分别, perhaps with a blank inside: most lines have none of it.
    if not ("其" in line or "包" in line or "分" in line) or "\t" in line:
        return False
    return bool(_HEAD.search(_BLANKS.sub("", line)))


def in_prose(text: str) -> Iterator[Count]:
    """Lists of the form “N 项，其中：A a 项，B b 项”. Lists that need not be complete are not judged."""
    if "其中" not in text and "包括" not in text and "分别" not in text:
        return
    lines = [line for line in _BLANKS.sub("", text).split("\n") if line and "\t" not in line]
    # A table may stand in the middle of a sentence: lines are put together again, but then nothing is certain.
    joined = "\n".join(lines)
    for head in islice(_HEAD.finditer(joined), 400):
        total, unit = int(head[1]), head[2]
        rest = joined[head.end() : head.end() + 800].split("。")[0]
        whole = rest.split("\n")[0]
        found = _judge(total, unit, _items(whole, unit), complete="\n" not in rest)
        if found != "ok" and "\n" in rest:
            again = _items(rest.replace("\n", ""), unit)
            found = _broken(total, again)
            whole = rest.replace("\n", "") if found else whole
        if found is None:
            continue
        items = [count for _, count in _items(whole, unit)]
        yield Count(
            verdict=found, arithmetic=_written(items, total), quote=(head[0] + whole)[:300], key=f"{total}{unit}:{len(items)}", where="正文"
        )  # fmt: skip


def _items(segment: str, unit: str) -> list[tuple[str, int]]:
    """Labels and counts one after another, up to the first clause that is neither item nor share."""
    segment = _BRACKETS.sub("", segment)
    stop = _STOP.search(segment)
    segment = segment[: stop.start()] if stop else segment
    first = re.split(r"[；;]", segment)[0]
    if len(re.findall(rf"\d{unit}", first)) > 1:
        segment = first
    items: list[tuple[str, int]] = []
    for clause in re.split(r"[，,、；;]", segment):
        match = _ITEM.fullmatch(clause)
        if match is None:
            if not clause or _SHARE.fullmatch(clause):
                continue
            if re.search(r"\d", clause) or len(clause) > 8:
                break
            continue
        if match[3] != unit:
            break
        if items and clause.startswith("其中"):
            break
        items.append((match[1], int(match[2])))
    return items


def _judge(total: int, unit: str, items: list[tuple[str, int]], *, complete: bool) -> str | None:
    """ok, wrong, doubtful, or None when the list need not add up."""
    value = sum(count for _, count in items)
    if len(items) < 2:
        return None
    if value == total:
        return "ok"
    if not complete:
        return None
    labels = [label for label, _ in items]
    if any(_OVERLAPPING.search(label) for label in labels):
        return None
    closed = bool(_REST.search(labels[-1]))
    alike = len({label[:2] for label in labels if not _REST.search(label)}) == 1
    if closed or (alike and len(items) >= 3):
        return "wrong"
    close = abs(value - total) <= max(2, total // 10)
    if (value > total or len(items) >= 3) and close and unit not in "人名":
        return "doubtful"
    return None


def _broken(total: int, items: list[tuple[str, int]]) -> str | None:
    """The verdict on a list whose sentence a table cuts in two: doubtful at worst, and only when it ends with 其他."""
    if len(items) < 2 or sum(count for _, count in items) == total:
        return "ok" if len(items) > 1 else None
    whole = len(items) >= 4 and _REST.search(items[-1][0]) and all(len(label) <= 8 for label, _ in items)
    return "doubtful" if whole else None


def in_table(rows: Rows, where: str) -> Iterator[Count]:
    """What a table of counts allows to check: totals, changes of a list, applications, reviews."""
    clean = [[re.sub(r"\s", "", cell) for cell in row] for row in rows[:300]]
    if len(clean) < 2 or not any(_WORTH.search(cell) for row in clean for cell in row):
        return
    special = [*_applications(clean, where), *_reviews(clean, where), *_changes(clean, where)]
    yield from special or _totals(clean, where)


def _number(cell: str) -> int | None:
    match = _COUNT.fullmatch(cell)
    return int(match[1]) if match else None


def _changes(rows: list[list[str]], where: str) -> Iterator[Count]:
    """原有 22 项 - 划转 1 项 - 取消 0 项 = 现保留 21 项."""
    parts: dict[str, list[int]] = {name: [] for name in _CHANGE}
    for row in rows:
        label = _LEAD.sub("", row[0])
        numbers = [n for cell in row[1:3] if (n := _number(cell)) is not None]
        if not numbers or _TOTAL.match(label):
            continue
        # The way it changed says more than 原 or 现 at the front: 原职权取消 is a change.
        name = next(
            (
                n
                for n in ("plus", "minus", "either", "neutral", "opening", "closing")
                if _CHANGE[n].search(label)
            ),
            None,
        )
        if name is None:
            return
        parts[name].append(numbers[0])
    if (
        len(parts["opening"]) != 1
        or len(parts["closing"]) != 1
        or not (parts["plus"] or parts["minus"] or parts["either"])
    ):
        return
    opening, closing = parts["opening"][0], parts["closing"][0]
    known = opening + sum(parts["plus"]) - sum(parts["minus"])
    options = [
        (known + sum(sign * n for sign, n in zip(signs, parts["either"], strict=True)), signs)
        for signs in product((-1, 1), repeat=min(len(parts["either"]), 4))
        if len(parts["either"]) <= 4
    ]
    if not options:
        return
    value, signs = min(options, key=lambda option: abs(option[0] - closing))
    terms = [*(f"+ {n}" for n in parts["plus"]), *(f"- {n}" for n in parts["minus"])]
    terms += [f"{'+' if sign > 0 else '-'} {n}" for sign, n in zip(signs, parts["either"], strict=True)]
    verdict = "ok" if value == closing else "wrong"
    arithmetic = f"{opening} {' '.join(terms)} = {value}" + ("" if verdict == "ok" else f", 写为 {closing}")
    yield Count(verdict=verdict, arithmetic=arithmetic, quote=_quote(rows), key=f"{where}:增减", where=where)


def _applications(rows: list[list[str]], where: str) -> Iterator[Count]:
    """表三 of the disclosure report, column by column, and its totals by kind of applicant."""
    at: dict[str, int] = {}
    for index, row in enumerate(rows):
        for name, pattern in _APPLICATIONS.items():
            if any(pattern.search(cell) for cell in row) and name not in at:
                at[name] = index
    if len(at) < 4:
        return
    width = min(len(rows[index]) for index in at.values())
    bad: list[str] = []
    seen = 0
    for column in range(width):
        values = {name: _number(rows[index][column]) for name, index in at.items()}
        if any(value is None for value in values.values()):
            continue
        seen += 1
        new, carried, handled, following = (
            values[name] or 0 for name in ("new", "carried", "handled", "next")
        )
        if new + carried != handled + following:
            bad.append(
                f"新收 {new} + 上年结转 {carried} = {new + carried}, 办理 {handled} + 结转下年 {following} = {handled + following}"
            )
    if seen:
        yield Count(
            verdict="wrong" if bad else "ok", arithmetic="；".join(dict.fromkeys(bad)) or "新收 + 上年结转 = 办理 + 结转下年",
            quote=_quote([rows[index] for index in at.values()]), key=f"{where}:申请办理", where=where,
        )  # fmt: skip


def _reviews(rows: list[list[str]], where: str) -> Iterator[Count]:
    """表四: every five columns 维持 纠正 其他 未审结 总计."""
    for index, row in enumerate(rows):
        starts = [c for c in range(len(row) - 4) if row[c : c + 5] == _RESULTS]
        if not starts:
            continue
        bad: list[str] = []
        seen = 0
        for values in rows[index + 1 : index + 3]:
            for start in starts:
                numbers = [_number(cell) for cell in values[start : start + 5]]
                if len(numbers) < 5 or any(number is None for number in numbers):
                    continue
                *items, total = (number or 0 for number in numbers)
                seen += 1
                if sum(items) != total:
                    bad.append(_written(items, total))
        if seen:
            yield Count(
                verdict="wrong" if bad else "ok", arithmetic="；".join(bad) or "维持 + 纠正 + 其他 + 未审结 = 总计", quote=_quote(rows),
                key=f"{where}:复议诉讼", where=where,
            )  # fmt: skip
        return


def _totals(rows: list[list[str]], where: str) -> Iterator[Count]:
    """A plain table of counts with one total row: every column adds up to it."""
    if any(_LAYERED.search(cell) for row in rows for cell in row):
        return
    at = [index for index, row in enumerate(rows) if any(_TOTAL.match(cell) for cell in row[:4])]
    if len(at) != 1 or at[0] not in (len(rows) - 1, 1, 2):
        return
    total_row = rows[at[0]]
    label = next(column for column, cell in enumerate(total_row) if _TOTAL.match(cell))
    body = [row for index, row in enumerate(rows) if index != at[0] and index > 0]
    if at[0] in (1, 2) and at[0] != len(rows) - 1:
        body = rows[at[0] + 1 :]
    body = [row for row in body if any(_number(cell) is not None for cell in row[1:])]
    levels = {bool(re.match(r"[一二三四五六七八九十]+、", row[label])) for row in body if row[label]}
    if len(body) < 2 or len({row[label] for row in body}) < len(body) or len(levels) > 1:
        return
    bad: list[str] = []
    seen = 0
    for column in range(label + 1, len(total_row)):
        total = _number(total_row[column])
        values = [row[column] if column < len(row) else "" for row in body]
        numbers = [_number(value) for value in values]
        if total is None or _NUMBER_COLUMN.match(rows[0][column]) or any(n is None for n in numbers):
            continue
        counts = [n for n in numbers if n is not None]
        if len(counts) > 2 and all(b - a == 1 for a, b in pairwise(counts)):
            continue
        if re.fullmatch(r"(?:19|20)\d\d", str(counts[0])) and re.search("年", rows[0][column]):
            continue
        seen += 1
        if sum(counts) != total:
            bad.append(_written(counts, total))
    if seen:
        yield Count(
            verdict="wrong" if bad else "ok", arithmetic="；".join(bad) or "各行之和 = 合计", quote=_quote([rows[0], total_row]),
            key=f"{where}:合计", where=where,
        )  # fmt: skip


def _quote(rows: Sequence[Sequence[str]]) -> str:
    return "；".join(" ".join(dict.fromkeys(filter(None, row))) for row in rows[:8])[:300]


def _written(items: Sequence[int], total: int) -> str:
    value = sum(items)
    return " + ".join(map(str, items)) + f" = {value}" + ("" if value == total else f", 写为 {total}")
