"""Which disclosure items a page itself publishes, told by content and place together.

A title alone is not enough: news about a budget, the text of a law, a notice and an empty column carry
the same words. Rules are data: `data/mandated.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from crawler.evidence.records import Item, MandatedItem, PageKind
from crawler.extract.names import person_name
from crawler.extract.signs import any_in
from crawler.extract.webpage import WebPage

_READ = 30_000
"""Characters of content that are searched: the parts of every item stand well before that."""

_LONG_TITLE = 300

_CLEAN = re.compile(r"[\s\u3000\u00a0·•●▪■◆》>»\-—|【】\[\]()“”\"‘’':：]+|更多|MORE|more|(?:\(|（)\d+[)）]$")
_BLANK = re.compile(r"[\s\u3000\u00a0“”\"‘’'《》<>]+")
_LABEL_BREAK = re.compile(r"[-_|—–]|\s{2,}")
_ATTACHMENT = re.compile(
    r"\.(?:docx?|pdf|xlsx?|wps|et|zip|rar|ofd|ceb|7z)\b|file_?(?:ext|type)[/\"'=]|附件\s*\d*\s*[:：]",
    re.IGNORECASE,
)
_FULL_DATE = re.compile(r"20\d\d[-./年]\d{1,2}[-./月]\d{1,2}")
_SCAN = re.compile(
    r"<(?:img|iframe|embed|object)\b[^>]{0,300}(?:upload|/files?/|attach|[PW]0\d{8}|\.pdf)", re.IGNORECASE
)
_YEAR = re.compile(
    r"(?<!\d)(20[0-4]\d)(?!\d)|[二2][〇○OＯo零0]([〇○OＯo零0一二三四])([〇○OＯo零0一二三四五六七八九])"
)
_DIGIT = {**dict.fromkeys("〇○OＯo零0", 0), **{c: n for n, c in enumerate("一二三四五六七八九", 1)}}
_ONLY_DATE = re.compile(r"^\W*(?:[^\d\s]{0,6}[:：])?\s*20\d\d\D\d{1,2}\D\d{1,2}")
_EMPTY = re.compile(
    r"共\s*0\s*[条篇页]|暂无(?:相关|任何)?(?:数据|信息|内容|文章)|(?:栏目|页面|内容)(?:正在)?(?:建设|更新|完善)中"
)
_EMPTY_WORDS = {"暂": ("暂无",), "设": ("建设中",), "更": ("更新中",), "善": ("完善中",)}
_NO_ROWS = re.compile(r"共\s*0")
_FOOTER_WORDS = {"版": ("版权所有",), "识": ("网站标识码",), "办": ("主办单",), "备": ("ICP备",)}
_FOOTER = re.compile(r"版权所有|网站标识码|主办单位?[:：]|[\u4e00-\u9fff]ICP备")
_SITE_NAME = re.compile(r"(?:网|网站|平台|门户|门户网站群)[!！]?$")
_ISSUED = re.compile(r"[〔\[【（(]\s*20\d\d\s*[〕\]】)）]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    id: str
    title: re.Pattern[str]
    placed: re.Pattern[str] | None
    part: float
    reject: re.Pattern[str]
    row: re.Pattern[str]
    row_share: float
    names: bool
    cues: tuple[re.Pattern[str], ...]
    weak_cues: tuple[re.Pattern[str], ...]
    cues_titled: int
    cues_placed: int
    notices: bool
    needs_place: bool
    attached: bool
    year: re.Pattern[str] | None
    year_in_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    trigger: re.Pattern[str]
    news: re.Pattern[str]
    event: re.Pattern[str]
    news_place: re.Pattern[str]
    rules: tuple[_Rule, ...]
    titles: re.Pattern[str]
    """Whatever the title of any rule matches."""
    places: dict[str, frozenset[str]]
    """Column name -> ids of the items it stands for; `weak` the same for names shared by several items."""
    weak: dict[str, frozenset[str]]
    endings: frozenset[str]
    """The last two characters of those names."""


@cache
def _load() -> _Rules:
    data = tomllib.loads((Path(__file__).parent / "data" / "mandated.toml").read_text(encoding="utf-8"))
    places, weak = _names(data["item"], "place"), _names(data["item"], "weak")
    return _Rules(
        trigger=re.compile(data["trigger"]),
        news=re.compile(data["news"]),
        event=re.compile(data["event"]),
        news_place=re.compile(data["news_place"]),
        rules=tuple(_rule(entry) for entry in data["item"]),
        titles=re.compile("|".join(f"(?:{entry['title']})" for entry in data["item"])),
        places=places,
        weak=weak,
        endings=frozenset(name[-2:] for name in (*places, *weak)),
    )


def _rule(entry: dict[str, Any]) -> _Rule:
    return _Rule(
        id=entry["id"],
        title=re.compile(entry["title"]),
        placed=re.compile(entry["placed"]) if "placed" in entry else None,
        part=entry.get("part", 0.85),
        reject=re.compile(entry["not"]),
        row=re.compile(entry.get("row", entry["title"])),
        row_share=entry.get("row_share", 0.2),
        names=entry.get("names", False),
        cues=tuple(re.compile(cue) for cue in entry["cues"]),
        weak_cues=tuple(re.compile(cue) for cue in entry.get("weak_cues", ())),
        cues_titled=entry["cues_titled"],
        cues_placed=entry["cues_placed"],
        notices=entry.get("notices", False),
        needs_place=entry.get("needs_place", False),
        attached=entry["attached"],
        year=re.compile(entry["year"]) if "year" in entry else None,
        year_in_text=entry.get("year_in_text", False),
    )


def _names(entries: list[dict[str, Any]], key: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries:
        for name in entry.get(key, ()):
            found.setdefault(name, set()).add(entry["id"])
    return {name: frozenset(ids) for name, ids in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a page stands, for one item: strong and weak names, and whether the last name is one of them."""

    strong: frozenset[str]
    weak: frozenset[str]
    last: frozenset[str]
    news: bool


def mandated(
    page: WebPage,
    title: str,
    column_path: tuple[str, ...],
    main_text: str,
    items: tuple[Item, ...],
    kind: PageKind,
) -> tuple[MandatedItem, ...]:
    """The disclosure items published by this page, best first.

    `year` is the year an annual item is about (a final account of 2023 published in 2024 is 2023),
    None for a column page that holds several and for items without a year. `confidence` 0..1: 0.9 and above
    title, place and content agree; about 0.6 a part of the item (one office's duties).
    """
    rules = _load()
    title, column_path = title[:_LONG_TITLE], tuple(name[:60] for name in column_path[-8:])
    if kind is PageKind.HOME or not (_speaks(title) or _speaks("/".join(column_path))):
        return ()
    if column_path and _SITE_NAME.search(title):
        title, column_path = column_path[-1], column_path[:-1]
    shown = _shown(title)
    own_label = _own_label(title)
    place = _place(column_path, own_label)
    main_text = content(main_text[:_READ])
    found: list[MandatedItem] = []
    column_page = kind is not PageKind.ARTICLE or own_label in rules.places
    if column_page and (place.strong or place.weak):
        found = list(_from_list(rules, place, [item.title for item in items[:100]]))
        if not found and place.last & place.strong:
            found = list(_from_list(rules, place, _lines(main_text)[:100]))
    if not found and not (kind is PageKind.LIST and items and _newsy(rules, items)):
        found = list(_from_content(rules, place, shown, page, main_text, kind is PageKind.ARTICLE))
    return tuple(sorted(found, key=lambda hit: (-hit.confidence, hit.item)))


def stands_for(title: str, column_path: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Items that a page's title or column names, and those its column may hold besides: where to read closely."""
    rules = _load()
    title, column_path = title[:_LONG_TITLE], tuple(name[:60] for name in column_path[-8:])
    if not (_speaks(title) or _speaks("/".join(column_path))):
        return frozenset(), frozenset()
    shown = _shown(title)
    place = _place(column_path, _own_label(title))
    news = bool(rules.news.search(shown))
    titled = () if news else _titles(shown)
    named = {rule.id for rule in titled if not rule.reject.search(shown)}
    if not place.news and not news:
        named |= place.strong
    return frozenset(named), frozenset() if place.news or news else place.weak - named


def content(main_text: str) -> str:
    """A page's text without a footer that came along."""
    if not any_in(main_text, _FOOTER_WORDS):
        return main_text
    return _FOOTER.split(main_text, maxsplit=1)[0]


@lru_cache(maxsize=512)
def _speaks(words: str) -> bool:
    """Whether a title or a path of names speaks of anything that must be published."""
    return _load().trigger.search(words) is not None


@lru_cache(maxsize=16)
def _titles(shown: str) -> tuple[_Rule, ...]:
    """The rules whose title this is."""
    rules = _load()
    if ":" not in shown and not rules.titles.search(shown):
        return ()
    return tuple(rule for rule in rules.rules if _titled(rule, shown))


@lru_cache(maxsize=16)
def _shown(title: str) -> str:
    return _BLANK.sub("", unicodedata.normalize("NFKC", title))


@lru_cache(maxsize=16)
def _own_label(title: str) -> str:
    """The name in a page's title, when that is one that stands for an item."""
    rules = _load()
    label = _label(_LABEL_BREAK.split(title.strip(), maxsplit=1)[0])
    return label if label[-2:] in rules.endings and _ids(label, rules.places, rules.weak) else ""


@lru_cache(maxsize=512)
def _label(name: str) -> str:
    return _CLEAN.sub("", unicodedata.normalize("NFKC", name))


@lru_cache(maxsize=16)
def _place(column_path: tuple[str, ...], own_label: str) -> _Place:
    rules = _load()
    labels = [_label(name) for name in column_path]
    if own_label and (not labels or labels[-1] != own_label):
        labels.append(own_label)
    strong: set[str] = set()
    weak: set[str] = set()
    last: frozenset[str] = frozenset()
    news = False
    for label in labels:
        if here := _ids(label, rules.places):
            strong |= here
        if shared := _ids(label, rules.weak):
            weak |= shared
        last = here | shared
        if not here and rules.news_place.search(label):
            news = True
        elif last:
            news = False
    return _Place(strong=frozenset(strong), weak=frozenset(weak - strong), last=last, news=news)


def _ids(label: str, *tables: dict[str, frozenset[str]]) -> frozenset[str]:
    """Items the label stands for: it equals a name, or ends with one behind a body's own name (市科技局领导分工)."""
    for start in range(min(len(label) - 1, 24)):
        tail = label[start:]
        hits = [table[tail] for table in tables if tail in table]
        if hits and (start == 0 or len(tail) >= 4):
            return frozenset().union(*hits)
    return frozenset()


def _newsy(rules: _Rules, items: tuple[Item, ...]) -> bool:
    rows = items[:60]
    return sum(len(row.title) > 16 or bool(rules.news.search(row.title)) for row in rows) * 2 > len(rows)


def _lines(main_text: str) -> list[str]:
    """The rows of a list whose rows were not recognised: its lines, when dates stand among them."""
    if not _has_dates(main_text):
        return []
    return [
        line
        for line in main_text[:8000].splitlines()
        if len(line.strip()) > 5 and not _ONLY_DATE.search(line)
    ]


def _from_list(rules: _Rules, place: _Place, rows: list[str]) -> Iterator[MandatedItem]:
    if place.news:
        return
    titles = [unicodedata.normalize("NFKC", row) for row in rows]
    for rule in rules.rules:
        strong = rule.id in place.strong and rule.id in place.last
        if not strong and rule.id not in place.weak:
            continue
        hits = sum(_row_fits(rules, rule, title) for title in titles)
        if hits and hits >= len(titles) * (rule.row_share if strong else 0.5):
            yield MandatedItem(item=rule.id, year=None, confidence=0.85 if strong else 0.65)


def _row_fits(rules: _Rules, rule: _Rule, row: str) -> bool:
    if rule.names and person_name(row.split(maxsplit=1)[0] if len(row) > 5 else row):
        return True
    title = _BLANK.sub("", row)
    return bool(
        len(title) <= 120
        and rule.row.search(title)
        and not rule.reject.search(title)
        and not rules.event.search(title)
    )


def _from_content(
    rules: _Rules, place: _Place, shown: str, page: WebPage, text: str, article: bool
) -> Iterator[MandatedItem]:
    known = {rule.id for rule in _titles(shown)}
    somewhere = not place.news and bool(place.strong or place.weak)
    if not known and not somewhere:
        return
    dated_rows = (somewhere or not article) and (_has_dates(text) or _says_empty(text))
    if dated_rows and not article:
        return
    passed_on, event = bool(rules.news.search(shown)), bool(rules.event.search(shown))
    attachment: bool | None = None
    dense: str | None = None
    for rule in rules.rules:
        news = event if rule.notices else passed_on
        placed = not place.news and (rule.id in place.strong or rule.id in place.weak)
        if not placed and rule.id not in known:
            continue
        rejected = bool(rule.reject.search(shown))
        titled = not rejected and not news and rule.id in known
        partly = (
            placed
            and not dated_rows
            and not titled
            and not rejected
            and not news
            and _part_title(rule, shown)
        )
        sole = rule.id in place.strong or not rule.needs_place
        here = (
            sole
            and placed
            and not dated_rows
            and not rejected
            and not news
            and rule.id in place.last
            and len(shown) <= 30
        )
        if (rule.needs_place and not placed) or not (titled or partly or here):
            continue
        if dense is None:
            dense = "".join(text.split())
        if here and not titled and not partly and rule.weak_cues and rule.id not in place.strong:
            here = any(cue.search(dense) for cue in rule.weak_cues)
        enough = max(rule.cues_titled, rule.cues_placed, 2)
        cues = sum(1 for _ in islice((cue for cue in rule.cues if cue.search(dense)), enough))
        if cues < max(rule.cues_titled, 1) and rule.attached and titled and attachment is None:
            attachment = bool(_ATTACHMENT.search(page.html)) or (placed and bool(_SCAN.search(page.html)))
        confidence = _confidence(rule, place, titled, partly, here, cues, bool(attachment))
        if confidence:
            yield MandatedItem(item=rule.id, year=_year(rule, shown, text), confidence=confidence)


def _has_dates(text: str) -> bool:
    """Whether so many dates stand in the opening as in a list."""
    return text.count("20", 0, 8000) >= 4 and len(_FULL_DATE.findall(text[:8000])) >= 4


def _says_empty(text: str) -> bool:
    signs = any_in(text, _EMPTY_WORDS) or _NO_ROWS.search(text) is not None
    return signs and _EMPTY.search(text) is not None


def _titled(rule: _Rule, shown: str) -> bool:
    if rule.title.search(shown):
        return True
    post, colon, name = shown.rpartition(":")
    return rule.names and bool(colon) and len(post) <= 40 and person_name(name) is not None


def _part_title(rule: _Rule, shown: str) -> bool:
    return bool(rule.placed and rule.placed.search(shown)) or (rule.names and person_name(shown) is not None)


def _confidence(
    rule: _Rule, place: _Place, titled: bool, partly: bool, here: bool, cues: int, attachment: bool
) -> float:
    strong = rule.id in place.strong and not place.news
    if titled and cues >= rule.cues_titled:
        return 0.95 if strong else 0.85
    if titled and rule.attached and attachment:
        return 0.9 if strong else 0.7
    if partly and cues >= rule.cues_titled:
        return rule.part
    if here and cues >= (rule.cues_placed if strong else max(2, rule.cues_placed)):
        return 0.75 if strong else 0.6
    return 0.0


def _year(rule: _Rule, shown: str, text: str) -> int | None:
    """The year beside the item's word in the title, else beside it in the opening of the text."""
    if rule.year is None:
        return None
    opening = _BLANK.sub("", unicodedata.normalize("NFKC", text[:400])) if rule.year_in_text else ""
    for source in (shown, opening):
        plain = _ISSUED.sub("", source)
        words = [match.start() for match in rule.year.finditer(plain)]
        years = [(match.start(), _number(match)) for match in _YEAR.finditer(plain)]
        if words and years:
            before = [year for year in years if year[0] < words[0]]
            for word in words:
                before = [year for year in years if year[0] < word] or before
                if before:
                    break
            return max(before)[1] if before else years[0][1]
    return None


def _number(match: re.Match[str]) -> int:
    if match.group(1):
        return int(match.group(1))
    return 2000 + _DIGIT[match.group(2)] * 10 + _DIGIT[match.group(3)]
