"""When a page was published, and with what right that can be said.

Formats, labels and traps come from `data/date_labels.toml`. Nothing here knows today's date: a date in
the future is reported as read, the checks compare it with the day of the audit.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from crawler.evidence.records import Published
from crawler.extract.webpage import WebPage

_DATA = Path(__file__).parent / "data"

_FULL = (
    r"(?<![\d/.－-])(?P<y>(?:19[5-9]|20\d)\d)\s{0,3}(?P<sep>[-/.年－﹣–—·])\s{0,3}(?P<m>0?[1-9]|1[0-2])\s{0,3}"
    r"(?:(?P=sep)|[-/.月])\s{0,3}(?P<d>0?[1-9]|[12]\d|3[01])(?![\d%])(?!\.\d)日?"
)
_CN_DIGITS = "〇零○ＯOo０0Ο一二三四五六七八九"
_CHINESE = (
    rf"(?P<cy>[一二][{_CN_DIGITS}]{{3}})\s?年\s?(?P<cm>正|元|[一二三四五六七八九十]{{1,2}})\s?月\s?"
    r"(?P<cd>[一二三四五六七八九十廿卅]{1,4})\s?[日号]"
)
_COMPACT = r"(?<![\d.])(?P<ny>20\d\d)(?P<nm>0[1-9]|1[0-2])(?P<nd>0[1-9]|[12]\d|3[01])(?![\d.])"
_DATE = re.compile(f"{_FULL}|{_CHINESE}")
_DATE_OR_COMPACT = re.compile(f"{_FULL}|{_CHINESE}|{_COMPACT}")
_TIME = r"(?:\s{0,3}(?:[T日号]?\s{0,3})?(?:[01]?\d|2[0-3])\s?[:：时]\s?[0-5]?\d(?:\s?[:：分]\s?[0-5]?\d)?(?:\.\d+)?秒?)?"
_MONTH_DAY = re.compile(
    r"(?<![\d/.年－-])(?P<m>0?[1-9]|1[0-2])\s{0,2}[-/.月]\s{0,2}(?P<d>0?[1-9]|[12]\d|3[01])(?![\d/%-])(?!\.\d)"
)
_YEAR_MONTH = re.compile(
    r"(?<![\d/.-])(?P<y>(?:19[89]|20\d)\d)\s{0,2}[-/.年]\s{0,2}(?P<m>0?[1-9]|1[0-2])\s{0,2}(?:月|(?![-/.月\d]))"
)
_YEAR = re.compile(r"(?<![\d/.-])(?P<y>(?:19[89]|20[0-4])\d)(?![\d-])年?")
_LONE_DAY = re.compile(r"(?<![\d:：/.-])(?P<d>0?[1-9]|[12]\d|3[01])(?![\d:：/.%-])\s?日?")
_ENGLISH_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ENGLISH = re.compile(
    r"\b(?:(?P<d1>[0-3]?\d)\s+)?(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\s+"
    r"(?:(?P<d2>[0-3]?\d)(?:st|nd|rd|th)?,?\s+)?(?P<y>20\d\d|19\d\d)\b",
    re.I,
)
_NOT_DATES = re.compile(
    r"索\s{0,3}引\s{0,3}号\s{0,3}[：:]?\s{0,3}[\w/〔〕-]{0,40}"
    r"|监督索引号\s?\d{10,}"
    r"|[A-Za-z0-9]{2,}/20\d\d-\d{3,5}"
    r"|(?<!\d)20\d\d-\d\d-\d{5}(?!\d)"
    r"|[〔\[（(【](?:19|20)\d\d[〕\]）)】]\s{0,2}第?\d+\s{0,2}号"
    r"|(?:电话|传真|邮编|邮政编码)\s{0,2}[：:]?\s{0,2}[\d-]{5,20}"
    r"|(?:©|[Cc]opyright|COPYRIGHT|版权所有)[^\n]{0,20}?(?:19|20)\d\d(?:\s?[-—~至]\s?(?:19|20)\d\d)?"
    r"|ICP备\d+|公网安备\s{0,2}\d+"
)
_CN_VALUE = {
    **dict.fromkeys("〇零○ＯOo０0Ο", 0),
    **{c: i for i, c in enumerate("一二三四五六七八九", start=1)},
    "正": 1,
    "元": 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A date found in text, with where: `start` and `end` are character offsets."""

    date: dt.date
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    ranked: tuple[tuple[int, float, str, bool, re.Pattern[str]], ...]
    """Rank, confidence, source, whether the label must stand apart, and the label with its date."""
    never_before: re.Pattern[str]
    today_before: re.Pattern[str]
    today_after: re.Pattern[str]
    byline_before: re.Pattern[str]
    byline_after: re.Pattern[str]
    byline_rows: re.Pattern[str]
    meta_publish: tuple[str, ...]
    meta_updated: tuple[str, ...]


def _spaced(word: str) -> str:
    """A pattern for `word` that allows the blanks editors put between characters (时　间)."""
    return r"[ 　\xa0]{0,4}".join(re.escape(c) for c in word if not c.isspace())


def _one_of(words: list[str]) -> str:
    """A pattern for any of `words`, blanks allowed: what begins alike is tried once."""
    rests: dict[str, list[str]] = {}
    for word in words:
        rests.setdefault(word[0], []).append(word[1:])
    found = []
    for first, rest in rests.items():
        longer = [word for word in rest if word]
        more = rf"(?:[ 　\xa0]{{0,4}}(?:{_one_of(longer)}))" if longer else ""
        found.append(re.escape(first) + more + ("?" if more and len(longer) < len(rest) else ""))
    return "|".join(found)


@cache
def _labels() -> _Labels:
    table = tomllib.loads((_DATA / "date_labels.toml").read_text("utf-8"))
    ranked = []
    for row in table["publish"]:
        words = _one_of(row["words"])
        bare = bool(row.get("bare"))
        colon = r"\s{0,4}[：:]" if bare else r"\s{0,4}[：:﹕]?"
        pattern = re.compile(
            rf"(?:{words}){colon}[\s>\[【（(|]{{0,12}}(?P<date>{_FULL}|{_CHINESE}|{_COMPACT})", re.M
        )
        ranked.append((row["rank"], row["confidence"], row["source"], bare, pattern))
    ranked.sort(key=lambda entry: entry[0])
    never = "|".join(map(_spaced, table["never"]["words"]))
    today = table["today"]
    before = "|".join(map(_spaced, table["byline"]["before"]))
    after = "|".join(map(_spaced, table["byline"]["after"]))
    return _Labels(
        ranked=tuple(ranked),
        never_before=re.compile(rf"(?:{never})(?:的)?\Z"),
        today_before=re.compile(
            rf"(?:{'|'.join(map(_spaced, today['words']))})[^\S\n：:，,]{{0,4}}[：:，,]?[^\S\n]{{0,2}}\Z"
        ),
        today_after=re.compile(rf"^\s{{0,4}}日?[\s，,]{{0,4}}(?:{'|'.join(today['after'])})"),
        byline_before=re.compile(rf"(?:{before})[者人]?\s{{0,4}}[：:】]"),
        byline_after=re.compile(rf"[\s\[【(（|：:]*(?:{after})"),
        byline_rows=re.compile(
            rf"(?:{before})\s{{0,4}}[：:][^\d：:。\n]{{0,40}}"
            rf"(?:[^\S\n][^\d。\n]{{0,10}}|\n[^\S\n]{{0,4}}(?:[^\d。：:\n]{{0,8}}[：:]\s{{0,3}})?)(?P<date>{_FULL}|{_CHINESE})"
            # What goes on without a blank is a sentence: 会议于…日召开.
            rf"(?=[^\u4e00-\u9fff]|$|{after})"
        ),
        meta_publish=tuple(table["meta"]["publish"]),
        meta_updated=tuple(table["meta"]["updated"]),
    )


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _chinese_number(text: str) -> int:
    """一 .. 三十一, 廿三, 卅: the value, 0 when it is no number."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in text:
        return _CN_VALUE.get(text, 0) if len(text) == 1 else 0
    tens, _, units = text.partition("十")
    if len(tens) > 1 or len(units) > 1:
        return 0
    return (_CN_VALUE.get(tens, 1) if tens else 1) * 10 + (_CN_VALUE.get(units, 0) if units else 0)


def _of(match: re.Match[str]) -> dt.date | None:
    groups = match.groupdict()
    if groups.get("y"):
        return _date(int(groups["y"]), int(groups["m"]), int(groups["d"]))
    if groups.get("cy"):
        year = int("".join(str(_CN_VALUE[c]) for c in groups["cy"]))
        return _date(year, _chinese_number(groups["cm"]), _chinese_number(groups["cd"]))
    if groups.get("ny"):
        return _date(int(groups["ny"]), int(groups["nm"]), int(groups["nd"]))
    return None


def blank_not_dates(text: str) -> str:
    """`text` with index numbers, document numbers, telephones and copyright years blanked, offsets kept."""
    return _NOT_DATES.sub(lambda m: " " * len(m.group()), text)


def dates_in(text: str, *, compact: bool = False) -> Iterator[Seen]:
    """Whole dates of `text` in order. `compact` also takes 20170326, which is a number as often as a date."""
    for match in (_DATE_OR_COMPACT if compact else _DATE).finditer(blank_not_dates(text)):
        date = _of(match)
        if date is not None:
            yield Seen(date=date, start=match.start(), end=match.end())


def row_date(text: str, year_hint: int | None = None) -> dt.date | None:
    """The date a list row shows, given the row's text without its title.

    A whole date anywhere, the last one if there are several; else a year-month box with a day apart; else
    a month and day with `year_hint` (or a year standing apart in the row). None rather than a guess.
    """
    text = blank_not_dates(text)
    found = [date for m in _DATE.finditer(text) if (date := _of(m)) is not None]
    if found:
        return found[-1]
    if box := _YEAR_MONTH.search(text):
        rest = text[: box.start()] + " " + text[box.end() :]
        days = list(_LONE_DAY.finditer(rest))
        if len(days) == 1:
            return _date(int(box["y"]), int(box["m"]), int(days[0]["d"]))
        return None
    if english := _ENGLISH.search(text):
        day = english["d1"] or english["d2"]
        if day:
            return _date(int(english["y"]), _ENGLISH_MONTHS[english["mon"].lower()], int(day))
    if compact := re.search(_COMPACT, text):
        return _date(int(compact["ny"]), int(compact["nm"]), int(compact["nd"]))
    if short := _MONTH_DAY.search(text):
        rest = text[: short.start()] + " " + text[short.end() :]
        year = _YEAR.search(rest)
        if year:
            return _date(int(year["y"]), int(short["m"]), int(short["d"]))
        if year_hint is not None:
            return _date(year_hint, int(short["m"]), int(short["d"]))
    return None


_URL_DATES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"/t(?P<y>20\d\d|199\d)(?P<m>\d\d)(?P<d>\d\d)_\d+",
        r"/art/(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})/",
        r"/(?P<y>20\d\d|199\d)[-/]?(?P<m>\d\d)[-/](?P<d>\d\d)/",
        r"/(?P<y>20\d\d|199\d)/(?P<m>\d{1,2})/(?P<d>\d{1,2})/",
        r"/(?P<y>20\d\d|199\d)/(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)/",
        r"/(?P<y>20\d\d|199\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?:/|\d{4,}/)",
        r"/html/\w+/(?P<y>20\d\d)/[A-Z]{8}_(?P<m>\d\d)(?P<d>\d\d)/",
    )
)


def url_date(url: str) -> dt.date | None:
    """The day written into the address of an article; migrations rewrite it, so it is the weakest ground."""
    path = urlsplit(url).path if "://" in url[:12] else url
    for pattern in _URL_DATES:
        if match := pattern.search(path):
            date = _date(int(match["y"]), int(match["m"]), int(match["d"]))
            if date is not None:
                return date
    return None


def url_year(url: str) -> int | None:
    """The year a dated address belongs to: /201703/t2017.., /2017/, /2017-03/."""
    match = re.search(r"/(20\d\d|199\d)(?:[-/]?(?:0[1-9]|1[0-2]))?(?=/)", url)
    return int(match[1]) if match else None


ARTICLE_URL = re.compile(
    r"/t\d{6,8}_\d+|/art_|/content_|/m?post_\d|/info/\d+/\d+|/\d{4,}\.s?html?$|/c\d{6,}/content|show-\d"
    r"|(?:show|view|detail|news|article|content|info)\w*\.(?:aspx?|jsp|do|action|php|s?html)\?|[0-9a-f]{16,}"
    r"|/\d+\.jhtml$|/20\d\d[-/]?\d\d[-/]|/20\d{6}/\S{6}",
    re.I,
)
INDEX_URL = re.compile(
    r"(?:/|/(?:index|default|home|list|node|more\w*|common_list|column-index)[\w-]{0,12}\.\w{2,5})$|_list\.s?html?$"
    r"|/col\d+\.html?$",
    re.I,
)
_PLAIN = r"(?:19|20)\d\d\s{0,2}[-/.年]\s{0,2}\d{1,2}\s{0,2}[-/.月]\s{0,2}\d{1,2}日?"
_ROW_EDGE = re.compile(rf"^{_PLAIN}{_TIME}(?:[\s\]】]|$)|[\s\[【(（>]{_PLAIN}{_TIME}$")
_DATE_ENDS = frozenset("日秒")
_BARE_LINE = re.compile(
    rf"[\s【\[(（|·]*(?:[\w\u4e00-\u9fff]{{0,16}}[\s|]{{1,8}}[(（]?\s?)?{_PLAIN}{_TIME}[\s】\])）|]*(?P<rest>.{{0,60}})"
)
_CHINESE_ONLY = re.compile(rf"[\s【\[]*{_CHINESE}[\s】\]]*$")


def published(page: WebPage, main_text: str, text: str) -> Published | None:
    """The day `page` was published, from the best ground there is, or None.

    `text` is the whole visible text, `main_text` the content without frame and navigation; both with lines
    as a reader sees them. A list has no day of its own, and a document's date is not the page's.
    """
    labels = _labels()
    head = text if len(text) <= 60_000 else text[:40_000] + "\n" + text[-20_000:]
    meta = page.meta
    labelled = _labelled(labels, head)
    rank, shown = labelled if labelled is not None else (99, None)
    if shown is not None and rank == 1:
        return _confirmed(shown, meta)
    is_index = bool(INDEX_URL.search(urlsplit(page.url).path or "/"))
    is_article = bool(meta.get("articletitle")) or (not is_index and bool(ARTICLE_URL.search(page.url)))
    rows = date_rows(main_text or head)
    is_list = rows >= (12 if is_article else 2 if is_index else 4)
    line = None if is_list else _beside_title(labels, page, head, meta)
    tagged = None
    if is_article or not is_index:
        tagged = _tagged(labels.meta_publish, meta, 0.9) or _json_ld(page.html)
    if tagged is not None and not (is_list and not is_article and rows > 30):
        by_source = line is not None and line.source == "byline"
        return line if line is not None and by_source and line.date != tagged.date else tagged
    if is_list:
        return None if is_index else _tagged(labels.meta_updated, meta, 0.5)
    for found in (shown if rank < 6 else None, line, _carried(page), _written(page), shown):
        if found is not None:
            return found
    if is_index:
        return None
    updated = _tagged(labels.meta_updated, meta, 0.5)
    if updated is not None or not is_article:
        return updated
    date = url_date(page.url)
    if date is None:
        return None
    return Published(date=date, source="url", quote=urlsplit(page.url).path[-80:], confidence=0.4)


def _confirmed(shown: Published, meta: dict[str, str]) -> Published:
    if _first_date(meta.get("pubdate", "")) == shown.date:
        return Published(date=shown.date, source=shown.source, quote=shown.quote, confidence=0.99)
    return shown


def _first_date(value: str) -> dt.date | None:
    match = _DATE_OR_COMPACT.search(value[:80]) if value else None
    return _of(match) if match is not None else None


def _tagged(names: tuple[str, ...], meta: dict[str, str], confidence: float) -> Published | None:
    for name in names:
        date = _first_date(meta.get(name, ""))
        if date is not None:
            return Published(date=date, source=f"meta:{name}", quote=meta[name][:60], confidence=confidence)
    return None


_LD = re.compile(r"[\"'](?:datePublished|pubDate|publishDate)[\"']\s*:\s*[\"']([^\"'\n]{8,40})[\"']")


def _json_ld(html: str) -> Published | None:
    if "datePublished" not in html and "pubDate" not in html and "publishDate" not in html:
        return None
    found = list(islice(_LD.finditer(html), 6))
    match = next((m for m in found if "datePublished" in m[0]), found[0] if len(found) == 1 else None)
    date = _first_date(match[1]) if match else None
    if match is None or date is None:
        return None
    return Published(date=date, source="json-ld", quote=match[0][:80], confidence=0.88)


@lru_cache(maxsize=2)
def date_rows(text: str) -> int:
    """How many lines begin or end with a date: the mark of a list."""
    if "20" not in text and "19" not in text:
        return 0
    count = 0
    for line in text.split("\n"):
        if 6 <= len(line) <= 160 and ("20" in line or "19" in line):
            line = line.strip(" \t　·•\xa0[]【】()（）")
            # All that a date can begin or end with.
            if (line[:2] in ("19", "20") or line[-1:].isdecimal() or line[-1:] in _DATE_ENDS) and (
                _ROW_EDGE.search(line)
            ):
                count += 1
    return count


def _labelled(labels: _Labels, text: str) -> tuple[int, Published] | None:
    """The best labelled date as (rank, date); several close together are rows of a list and count as none."""
    for rank, confidence, source, bare, pattern in labels.ranked:
        found: list[tuple[int, int, dt.date, str]] = []
        for match in _apart(pattern, text) if bare else pattern.finditer(text):
            date = _of(match)
            before, after = (
                text[max(0, match.start() - 10) : match.start()],
                text[match.end() : match.end() + 12],
            )
            if date is None or labels.today_after.match(after) or labels.today_before.search(before):
                continue
            if source == "label-plain" and labels.never_before.search(before.rstrip(" \t\u3000\xa0")):
                continue
            found.append((match.start(), match.end(), date, match[0]))
            if len(found) > 20:
                break
        if not found or _are_rows(found):
            continue
        _, _, date, quote = found[0]
        return rank, Published(date=date, source=source, quote=" ".join(quote.split()), confidence=confidence)
    return None


_APART = re.compile(r"^|(?<=[\s|｜【\[（(>》;；,，])", re.M)


def _apart(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches that stand at the start of a line or behind a separator, looked at last: the words are rarer."""
    match = pattern.search(text)
    while match is not None:
        stands = _APART.match(text, match.start()) is not None
        if stands:
            yield match
        match = pattern.search(text, match.end() if stands else match.start() + 1)


def _are_rows(found: list[tuple[int, int, dt.date, str]]) -> bool:
    """Whether labelled dates come in turn, as in a list; the date above an article stands off from those below it."""
    if len(found) < 3 or len({date for _, _, date, _ in found}) == 1:
        return False
    first, second = found[1][0] - found[0][1], found[2][0] - found[1][1]
    return first < 250 and not (first >= 100 and first >= 2 * second)


def _titles(page: WebPage, meta: dict[str, str]) -> list[str]:
    """What the title line may read: ArticleTitle, headings, the front of <title>."""
    titles = [meta.get("articletitle", "")]
    headings = [node for node in page.tree.css("h1, h2, h3")[:12] if node.css_first("a[href]") is None]
    titles += [node.text(strip=True) for node in headings]
    name = page.tree.css_first("title")
    if name is not None:
        titles.append(re.split(r"[-_|—–]{1,2}|\s{2,}", name.text(strip=True))[0])
    return [t for t in dict.fromkeys(" ".join(t.split()) for t in titles) if len(t) >= 4]


def _beside_title(labels: _Labels, page: WebPage, text: str, meta: dict[str, str]) -> Published | None:
    """A date on the line of source and author, or alone under the title. Never one that stands beside a link."""
    if not _DATE.search(text):
        return None
    rows = list(islice(labels.byline_rows.finditer(text), 3))
    if rows and (len(rows) < 3 or len({_of(r) for r in rows}) == 1) and (date := _of(rows[0])) is not None:
        quote = " ".join(rows[0][0].split())
        return Published(date=date, source="byline", quote=quote[:80], confidence=0.85)
    if ("页" in text or "条" in text) and _PAGER.search(text):
        return None

    @cache
    def linked() -> set[str]:
        texts = {" ".join(node.text().split()).strip(_TRIM) for node in page.tree.css("a")}
        return {t for t in texts if len(t) >= 4 and not labels.byline_after.match(t)}

    for title in _titles(page, meta):
        at = text.find(title[:14])
        for _ in range(3):
            if at < 0:
                break
            found = _byline(labels, text[at + len(title) : at + len(title) + 260], linked)
            if found is not None:
                return found
            at = text.find(title[:14], at + len(title))
    return None


_PAGER = re.compile(r"下一?页\s{0,9}(?:>|»|尾页|末页|最后|共|跳|转|$)|共\s?\d{0,5}\s?条|(?:尾|末)页")
_TRIM = " \t\xa0　·•-|>》[]【】()（）"


def _byline(labels: _Labels, text: str, linked: Callable[[], set[str]]) -> Published | None:
    """The date in the first lines of `text`, which starts right after the title; `linked` gives the texts of links."""
    lines = [words for line in text.splitlines() if (words := " ".join(line.split()))]
    for number, words in enumerate(lines[:8]):
        seen = next(dates_in(words), None)
        if seen is None:
            if len(words) > 90:
                return None
            continue
        before, after = words[: seen.start], words[seen.end :]
        beside = {words, before, after, *lines[number + 1 : number + 2], *lines[max(0, number - 1) : number]}
        links = linked()
        if (
            any(t.strip(_TRIM) in links for t in beside)
            or any(len(t) >= 10 and t in after for t in links)
            or labels.today_after.match(after)
        ):
            return None
        label = re.sub(r"[时日][间期]?\s*[：:]?\s*$", "", before)
        if labels.today_before.search(before) or labels.never_before.search(label):
            return None
        if labels.byline_before.search(before) and len(before) <= 60:
            return Published(date=seen.date, source="byline", quote=words[:80], confidence=0.85)
        alone = _BARE_LINE.match(words)
        if alone is not None and (not alone["rest"].strip() or labels.byline_after.match(alone["rest"])):
            return Published(date=seen.date, source="under-title", quote=words[:80], confidence=0.75)
        if _CHINESE_ONLY.match(words):
            return Published(date=seen.date, source="under-title", quote=words[:80], confidence=0.55)
        return None
    return None


_WRITTEN = re.compile(
    rf"<script[^>]{{0,60}}>\s{{0,20}}[\w.$]{{1,30}}\(\s?[\"'](?P<date>{_FULL}){_TIME}", re.I
)


_CARRIED = re.compile(
    r"[\"']?(?:display_publish_time|first_publish_time|publish_time|publish_date|date)[\"']?\s*:\s*[\"']?(\d{10}(?!\d)|20\d\d-\d\d-\d\d)"
)


def _carried(page: WebPage) -> Published | None:
    """The day in the data of a page whose article a script puts there (_CONFIG.DETAIL)."""
    at = page.html.find("DETAIL") if "_CONFIG" in page.html else -1
    match = _CARRIED.search(page.html, at, at + 200_000) if at >= 0 else None
    if match is None:
        return None
    value = match[1]
    if value.isdigit():
        date: dt.date | None = dt.datetime.fromtimestamp(
            int(value), dt.timezone(dt.timedelta(hours=8))
        ).date()
    else:
        date = _first_date(value)
    return (
        Published(date=date, source="page-data", quote=match[0][:60], confidence=0.85)
        if date is not None
        else None
    )


def _written(page: WebPage) -> Published | None:
    """A date that stands in the source as the argument of a script call: showDate("2020/04/17 01:43")."""
    match = _WRITTEN.search(page.html)
    date = _of(match) if match is not None else None
    if match is None or date is None:
        return None
    return Published(date=date, source="script", quote=match[0][-60:], confidence=0.7)
