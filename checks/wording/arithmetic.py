"""Layer "arithmetic": dates, terms, sums and repetitions that can be computed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, pairwise

from checks.check import Grade, Severity
from checks.wording.lexicon import table
from checks.wording.passage import Hit, Passage

_NUMERALS = "一二三四五六七八九十"
_DATE_OVER_LINES = re.compile(
    r"((?:19|20)\d\d)\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日(?!元)(?:\s?[（(]?(?:星期|周)([一二三四五六日天])[）)]?)?"
)
_DATE = re.compile(_DATE_OVER_LINES.pattern.replace(r"\s", r"[^\S\n]"))
_DATE_GOES_ON = re.compile(r"\d{1,2}\s?[月日]|[年月日]|[（(]?(?:星期|周)[一二三四五六日天]")
"""How a line begins whose date, or the weekday of it, began in the line before."""
_MONTH_DAY = re.compile(r"(?<![\d年.])(\d{1,2})月(\d{1,2})日")
_PLAN = re.compile(
    r"[“\"]?([一二三四五六七八九十]{1,3}五)[”\"]?(?:时期|规划|计划)?[（(]((?:19|20)\d\d)年?[—－\-~～至-]{1,2}((?:19|20)\d\d)年?[）)]"
)
_SHORTEST, _CLAUSE, _LONGEST = 3, 10, 80
"""Characters of a phrase, and of a clause, written twice in a row."""
_CUT_SHORT = re.compile(r"(?:\.\.\.|…)\s*(?:[【\[(（]?(?:详细|详情|更多|查看)|$)")
_HEADING_NUMBER = re.compile(
    r"(?:[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十\d]{1,3}[、.．])\s?$"
)
"""A number before a heading: a summary that lost its line breaks runs the heading into the text below it."""
_LAW_PUBLICITY = re.compile(r"(?:全国|全[省市县区])?(?:普法|法治宣传|法制宣传)")
"""The plans of legal education are counted on their own: “七五”普法 is 2016 to 2020."""
_PLAN_YEARS = re.compile(r"五[”\"]?(?:时期|规划|计划)?[（(](?:19|20)\d\d")
"""Where years of a plan may stand: begins with a character of its own, so that a text without is passed quickly."""
_PLENARY = re.compile(r"(?:党的|中共)?(十[一二三四五六七八九])届([一二三四五六七八九十])中全会")
_DATE_LINE = re.compile(r"(?m)^[ \t　]*((?:19|20)\d\d)\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日[ \t　]*$")
_PERIOD_END = re.compile(
    r"(?:统计|报告|填报)(?:数据)?(?:的)?(?:期限|时限|时间|周期|区间)[^。\n]{0,40}?(?:至|到|—|-)\s?((?:19|20)\d\d)\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日"
)
_TOTAL = re.compile(
    r"(?:共|总计|合计)[一-鿿]{0,6}?(\d{1,6})(人|名|户|件|条|项|个|家|次|起|宗)[，,]?\s?其中[：:，,]?\s?((?:[一-鿿]{1,12}\d{1,6}\2[、，,；;]?){2,12})(?=。|；|$)"
)
_ITEM = re.compile(r"\d{1,6}")
_ORDINAL = re.compile(r"(?:^|[。；：:！\n ]|(?<=，))([一二三四五六七八九])是(?!否)")
_REVERSED = re.compile(r"(?m)^[^“”\n]{0,60}(”[^“”\n]{1,30}“)[^”\n]*$")
_WEEKDAYS = "一二三四五六日"
_PAIRS = {"《": "》", "“": "”", "【": "】", "〔": "〕", "「": "」"}
_TRADITIONAL = re.compile(
    "[於與國會為學習務個們來時對發開關門問間電車東長張實業產書記員議報導廣場網頁點擊聯係體質應當經濟歷設備種類"
    "說話請認證識讓護讀變組織給統級紀約線練終續維縣區醫藥樣機構標準權橋樹條極樓園團圍圖處]"
)


def _hit(passage: Passage, start: int, end: int, **what: str) -> Hit:
    return Hit(
        start=start,
        end=end,
        text=passage.text[start:end],
        suggestion=what.get("suggestion", ""),
        category=what["category"],
        severity=Severity(what["severity"]),
        grade=Grade(what["grade"]),
        rule=what["rule"],
        reason=what["reason"],
        layer="arithmetic",
    )


def day(year: str, month: str, number: str) -> dt.date | None:
    """The date, or None where the calendar has no such day."""
    try:
        return dt.date(int(year), int(month), int(number))
    except ValueError:
        return None


def impossible_dates(passage: Passage) -> Iterator[Hit]:
    """Days the calendar does not have, and weekdays that are not that day's."""
    if "月" not in passage.text:
        return
    for match in _DATE.finditer(passage.text):
        yield from _impossible_date(passage, match)
    for match in _MONTH_DAY.finditer(passage.text):
        if day("2024", *match.group(1, 2)) is None:
            yield _no_such_day(passage, match)


def dates_over_lines(passage: Passage) -> Iterator[Hit]:
    """Such a date that goes on in the next line."""
    for match in _DATE_OVER_LINES.finditer(passage.text) if "月" in passage.text else ():
        if "\n" in match[0]:
            yield from _impossible_date(passage, match)


def _impossible_date(passage: Passage, match: re.Match[str]) -> Iterator[Hit]:
    date = day(*match.group(1, 2, 3))
    if date is None:
        yield _no_such_day(passage, match)
    elif match[4] and _WEEKDAYS[date.weekday()] != match[4].replace("天", "日"):
        yield _hit(
            passage,
            *match.span(),
            category="date",
            severity="major",
            grade="fail",
            rule="wrong-weekday",
            suggestion=f"星期{_WEEKDAYS[date.weekday()]}",
            reason=f"这一天是星期{_WEEKDAYS[date.weekday()]}",
        )


def _no_such_day(passage: Passage, match: re.Match[str]) -> Hit:
    return _hit(
        passage,
        *match.span(),
        category="date",
        severity="major",
        grade="fail",
        rule="impossible-date",
        reason="日历上没有这一天",
    )


def signature_before_period(passage: Passage) -> Iterator[Hit]:
    """A signature date earlier than the end of the period the text reports on."""
    lines = list(_DATE_LINE.finditer(passage.text))
    period = _PERIOD_END.search(passage.text) if lines else None
    if period is None:
        return
    signed, ended = day(*lines[-1].group(1, 2, 3)), day(*period.group(1, 2, 3))
    if signed and ended and signed < ended:
        start, end = lines[-1].start(1), lines[-1].end(3) + 1
        yield _hit(
            passage,
            start,
            passage.text.index("日", end - 1) + 1,
            category="date",
            severity="major",
            grade="fail",
            rule="signed-before-period-end",
            reason=f"落款日期早于正文所报统计期的最后一天（{ended.isoformat()}）",
        )


def plan_years(passage: Passage) -> Iterator[Hit]:
    """“十四五”（2020—2025年）."""
    if not _PLAN_YEARS.search(passage.text):
        return
    plans = _TIMELINE["plans"]
    for match in _PLAN.finditer(passage.text):
        years = plans.get(match[1])
        if _LAW_PUBLICITY.match(passage.text, match.end()):
            continue
        if years and [int(match[2]), int(match[3])] != years:
            yield _hit(
                passage,
                *match.span(),
                category="date",
                severity="major",
                grade="review",
                rule="plan-years",
                suggestion=f"{years[0]}—{years[1]}年",
                reason=f"“{match[1]}”是{years[0]}—{years[1]}年",
            )


def plenaries(passage: Passage) -> Iterator[Hit]:
    """A plenary session that was never held (党的十九届八中全会)."""
    if "中全会" not in passage.text:
        return
    for match in _PLENARY.finditer(passage.text):
        held = _TIMELINE["congresses"].get(match[1])
        if held and _NUMERALS.index(match[2]) + 1 > held[1]:
            if match[1] == "十一" and passage.text[max(0, match.start() - 2) : match.start()] == "八届":
                continue
            yield _hit(
                passage,
                *match.span(),
                category="politics",
                severity="veto",
                grade="fail",
                rule="plenary",
                reason=f"{match[1]}届只开过{held[1]}次全会",
            )


def anniversaries(passage: Passage) -> Iterator[Hit]:
    """2021年是中国共产党成立101周年."""
    if "周年" not in passage.text:
        return
    for match in _ANNIVERSARY.finditer(passage.text):
        founded = _TIMELINE["anniversaries"][match[2]]
        right = int(match[1]) - founded
        if right != int(match[3]):
            yield _hit(
                passage,
                *match.span(),
                category="date",
                severity="veto",
                grade="review",
                rule="anniversary",
                suggestion=f"{right}周年",
                reason=f"{match[1]}年距{founded}年是{right}周年",
            )


def sums(passage: Passage) -> Iterator[Hit]:
    """共10人，其中：男4人、女5人."""
    if "其中" not in passage.text:
        return
    for match in _TOTAL.finditer(passage.text):
        items = [int(number) for number in _ITEM.findall(match[3])]
        if (
            len(items) >= 2
            and sum(items) != int(match[1])
            and abs(sum(items) - int(match[1])) <= max(2, int(match[1]) // 10)
        ):
            yield _hit(
                passage,
                *match.span(),
                category="logic",
                severity="major",
                grade="review",
                rule="sum-of-items",
                reason=f"分项之和是{sum(items)}，与总数{match[1]}不等",
            )


def half_pairs(passage: Passage) -> Iterator[Hit]:
    """A paragraph where one half of a pair of brackets or quotation marks is missing."""
    text = passage.text
    for opening, closing in _PAIRS.items():
        surplus = text.count(opening) - text.count(closing)
        if abs(surplus) != 1:
            continue
        start = 0
        uneven = sum(line.count(opening) != line.count(closing) for line in text.split("\n"))
        for line in text.split("\n") if uneven == 1 else ():
            if line.count(opening) != line.count(closing) and line[-1:] in tuple("。；！？”》】」"):
                at = None if _CUT_SHORT.search(line) else _odd_one(line, opening, closing)
                if at is not None:
                    yield _hit(
                        passage,
                        start + at,
                        start + at + 1,
                        category="punctuation",
                        severity="major",
                        grade="review",
                        rule="half-pair",
                        reason=f"“{opening}”与“{closing}”不成对" if opening != "“" else "引号不成对",
                    )
            start += len(line) + 1


def _odd_one(line: str, opening: str, closing: str) -> int | None:
    """Offset of the mark without partner; None when the paragraph continues a quotation."""
    opened: list[int] = []
    for at, char in enumerate(line):
        if char == opening:
            opened.append(at)
        elif char == closing:
            if not opened:
                return at
            opened.pop()
    if not opened or (opening == "“" and opened == [0]):
        return None
    return opened[-1]


def reversed_quotes(passage: Passage) -> Iterator[Hit]:
    """开展”三会一课“活动: the closing mark stands first, and no quotation was open."""
    text = passage.text
    if "”" not in text:
        return
    for match in _REVERSED.finditer(text):
        if text.rfind("“", 0, match.start()) <= text.rfind("”", 0, match.start()):
            yield _hit(
                passage,
                *match.span(1),
                category="punctuation",
                severity="major",
                grade="review",
                rule="quote-reversed",
                reason="引号方向反了",
            )


def skipped_ordinals(passage: Passage) -> Iterator[Hit]:
    """一是……三是…… in one paragraph, without 二是."""
    if "一是" not in passage.text:
        return
    start = 0
    for line in passage.text.split("\n"):
        if "一是" in line:
            found = [(match.start(1), _NUMERALS.index(match[1]) + 1) for match in _ORDINAL.finditer(line)]
            for (_, one), (at, two) in pairwise(found):
                if two > one + 1 and not any(f"{_NUMERALS[n - 1]}是" in line for n in range(one + 1, two)):
                    yield _hit(
                        passage,
                        start + at,
                        start + at + 2,
                        category="numbering",
                        severity="minor",
                        grade="review",
                        rule="skipped-ordinal",
                        reason=f"“{_NUMERALS[one - 1]}是”之后缺“{_NUMERALS[one]}是”",
                    )
        start += len(line) + 1


def repeated_neighbours(passage: Passage) -> Iterator[Hit]:
    """A phrase of 4 to 12 characters, or a clause of up to 80, written twice in a row."""
    text = passage.text
    if len(text) < 8 and not passage.apart:
        return
    from checks.wording.repetitions import repetitions  # numpy: a process that only fetches does without

    covered = -1
    for at, length in repetitions(text, _SHORTEST, _CLAUSE, _LONGEST):
        if at < covered:
            continue
        phrase = text[at : at + length]
        if not _is_repetition(passage, phrase, at):
            continue
        covered = at + 2 * length
        while text.startswith(phrase, covered):
            covered += length
        clause = length >= _CLAUSE
        yield _hit(
            passage,
            at,
            at + 2 * length,
            category="repetition",
            severity="major",
            grade="fail" if clause and phrase[-1] in "，。；" else "review",
            rule="repeated-clause" if clause else "repeated-phrase",
            suggestion=phrase,
            reason="整句连写两遍" if clause else "短语连写两遍",
        )


def _is_repetition(passage: Passage, phrase: str, at: int) -> bool:
    if len(set(phrase)) < 3:
        return False
    if len(phrase) < _CLAUSE:
        if re.search(r"^[一第的每及和与或到从由再]|的$", phrase):
            return False
    elif phrase[-1] not in "，。；" and ("、" in phrase or _HEADING_NUMBER.search(passage.before(at, 6))):
        return False
    return len(phrase) > 3 or not passage.crosses_word(at, at + len(phrase))


def traditional_characters(passage: Passage) -> Iterator[Hit]:
    """A few traditional characters in a text that is otherwise simplified."""
    found = list(_TRADITIONAL.finditer(passage.text))
    if not found or len(found) > 3 or len(passage.text) < 60:
        return
    for match in found:
        if not passage.in_book_title(*match.span()) and not passage.is_quoted_alone(*match.span()):
            yield _hit(
                passage,
                *match.span(),
                category="charset",
                severity="minor",
                grade="review",
                rule="traditional-character",
                reason="简体正文夹繁体字",
            )


_TIMELINE = table("timeline.toml")
_ANNIVERSARY = re.compile(
    r"(20\d\d)年(?:是|适逢|正值|恰逢|，|迎来|、)?[^。；\d\n]{0,8}?("
    + "|".join(_TIMELINE["anniversaries"])
    + r")(\d{1,3})周年"
)
RULES: tuple[Callable[[Passage], Iterator[Hit]], ...] = (
    impossible_dates,
    dates_over_lines,
    signature_before_period,
    plan_years,
    plenaries,
    anniversaries,
    sums,
    half_pairs,
    reversed_quotes,
    skipped_ordinals,
    repeated_neighbours,
    traditional_characters,
)
_OF_WHOLE_TEXTS = (dates_over_lines, half_pairs, reversed_quotes, traditional_characters)
"""Rules that look beyond a line, or weigh it against the rest of its text."""
_OF_LINES = tuple(rule for rule in RULES if rule not in {*_OF_WHOLE_TEXTS, signature_before_period})
_TELLING = re.compile(f"[{''.join(chain(*_PAIRS.items()))}{_TRADITIONAL.pattern[1:]}")
"""A mark of a pair or a traditional character: what `_OF_WHOLE_TEXTS` look at."""


class Arithmetic:
    """Runs every computed rule."""

    def may_be_odd(self, line: str) -> bool:
        """Whether a text may be odd for this line: no line of an odd text is without what is asked for here."""
        return bool(_DATE_GOES_ON.match(line)) or (
            bool(_TELLING.search(line))
            and (
                any(line.count(opening) != line.count(closing) for opening, closing in _PAIRS.items())
                or bool(_TRADITIONAL.search(line))
                or bool(_REVERSED.search(line))
            )
        )

    def is_odd(self, passage: Passage) -> bool:
        """Whether a rule speaks that needs the whole text."""
        return any(True for rule in _OF_WHOLE_TEXTS for _ in rule(passage))

    def hits(self, passage: Passage) -> list[Hit]:
        return [
            hit
            for rule in (_OF_LINES if passage.apart else RULES)
            for hit in (_in_parts(rule, passage) if rule in _OF_LINES else rule(passage))
            if not passage.is_about_wording(hit.start, hit.end)
        ]


def _in_parts(rule: Callable[[Passage], Iterator[Hit]], passage: Passage) -> Iterator[Hit]:
    for start, part in passage.parts:
        for hit in rule(part):
            yield replace(hit, start=start + hit.start, end=start + hit.end)
