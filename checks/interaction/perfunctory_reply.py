"""答复敷衍。

What it finds: 答复里只有“已收悉”“已转办”“请咨询有关部门”一类的话，没有任何具体内容；同样的话用来答复许多不同的留言；
积压的留言在同一天批量答复。

Why it matters: 推诿、敷衍的答复在检查中逐条扣分，也最伤群众。

Known problems: 是否敷衍通常要人来定，只请人核实；整个答复只有“收悉、尽快处理”一类套话的才判不合格。
“已电话答复”可能确已答复，只请人核实。简短但说清不归本单位管、该找谁、电话多少的，不算敷衍。

Good: 您反映的路段由市交通局管养，请拨打 0999-1234567。
Bad: 您好，我们会尽快为您处理的。
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.interaction.letters import Letter, letters
from checks.interaction.wordless import core, phrases, same, score
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="perfunctory-reply",
    title="答复敷衍",
    severity=Severity.MINOR,
    needs=("pages",),
    limits={"score": 0.4, "certain": 0.9, "copies": 5, "same_day": 10, "span_days": 30},
    message="留言“{title}”的答复没有具体内容：“{reply}”。",
    fix="请核实；确实没有解决问题的，补充答复：怎么办、依据什么、找谁、电话多少。",
    variants={
        "copies": (
            "{copies} 条不同的留言用了同一句答复：“{reply}”。",
            "请逐条核实，针对各自的问题重新答复。",
        ),
        "one-day": (
            "{day} 一天答复了 {copies} 条留言，来信时间从 {first} 到 {last}。",
            "请核实是否为应付检查批量答复；今后随到随办。",
        ),
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per letter with a reply, more for copied replies and for bulk answering on one day."""
    answered = [letter for letter in letters(evidence) if letter.reply]
    copies: dict[str, list[Letter]] = defaultdict(list)
    for letter in answered:
        copies[same(letter.reply or "")].append(letter)
    bulk = {
        letter.key: group
        for form, group in copies.items()
        if len(group) >= limits["copies"] and form and not _useful(group)
        for letter in group
    }
    for letter in answered:
        if letter.key in bulk:
            continue
        emptiness = score(letter.reply or "")
        empty = emptiness >= limits["score"]
        certain = (
            emptiness >= limits["certain"]
            and core(letter.reply or "").strip("。.！!，,") not in phrases().whole
        )
        yield Verdict(
            grade=Grade.FAIL if certain else Grade.REVIEW if empty else Grade.OK,
            subject=Subject(kind="letter", key=letter.key, url=letter.url, title=letter.title),
            facts={"title": letter.title, "reply": (letter.reply or "")[:120]},
            citations=(_cite(letter),) if empty else (),
        )
    done: set[str] = set()
    for group in bulk.values():
        if group[0].key not in done:
            done.add(group[0].key)
            yield _copied(group)
    yield from _one_day(answered, limits)


def _useful(group: list[Letter]) -> bool:
    """One sentence that answers one common question with something concrete may be repeated."""
    return (
        bool(phrases().concrete.search(group[0].reply or "")) and len({letter.title for letter in group}) <= 2
    )


def _copied(group: list[Letter]) -> Verdict:
    first = group[0]
    return Verdict(
        grade=Grade.REVIEW,
        subject=Subject(kind="letters", key=f"copies/{first.key}", url=first.url, title=first.title),
        facts={"copies": len(group), "reply": (first.reply or "")[:120], "places": len(group)},
        citations=tuple(_cite(letter) for letter in group[:20]),
        variant="copies",
    )


def _one_day(answered: list[Letter], limits: Mapping[str, Any]) -> Iterator[Verdict]:
    days: dict[dt.date, list[Letter]] = defaultdict(list)
    for letter in answered:
        if letter.answered is not None and letter.asked is not None:
            days[letter.answered].append(letter)
    for day, group in sorted(days.items()):
        asked = sorted(letter.asked for letter in group if letter.asked is not None)
        if len(group) < limits["same_day"] or (asked[-1] - asked[0]).days <= limits["span_days"]:
            continue
        yield Verdict(
            grade=Grade.REVIEW,
            subject=Subject(
                kind="letters", key=f"one-day/{day.isoformat()}", url=group[0].url, title=group[0].title
            ),
            facts={
                "day": day.isoformat(),
                "copies": len(group),
                "first": asked[0].isoformat(),
                "last": asked[-1].isoformat(),
                "places": len(group),
            },
            citations=tuple(_cite(letter) for letter in group[:20]),
            variant="one-day",
        )


def _cite(letter: Letter) -> Citation:
    page = letter.quotes[-1][0]
    return Citation(
        url=page.url, seen_at=page.seen_at, quote=(letter.reply or "")[:200], where="答复", title=letter.title
    )
