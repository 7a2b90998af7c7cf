"""Rows of lists in a parsed tree: a link, and the date that stands with it.

Dates lead: from each short text that looks like a date the tree is climbed to the first element that
holds a link, which is the row. What is left without dates is grouped by the container it stands in.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborNode

from crawler.evidence.records import Item
from crawler.extract import scripts
from crawler.extract.dates import row_date, url_date, url_year

MARKS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "data" / "list_marks.toml").read_text("utf-8"))

MOST_NODES = 200_000
MOST_ROWS = 3_000
MOST_BLOCKS = 200
_CLIMB = 6
_LONGEST_ROW = 700

_TRIGGER = re.compile(
    r"(?:19|20)\d\d\s{0,2}[-/.年－]\s{0,2}\d{1,2}|(?<!\d)20[0-4]\d(?:0[1-9]|1[0-2])[0-3]\d(?!\d)|(?<![\d.])\d{1,2}\s{0,2}[-/月.]\s{0,2}\d{1,2}(?![\d.])"
    r"|[一二][〇零○Ｏ一二三四五六七八九]{3}年|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\s+\d"
)
_NUMBER = re.compile(r"[\d〇零○Ｏ]")
_EDGE = re.compile(
    r"^\W{0,4}(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}|(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?:\s?\d{1,2}:\d\d(?::\d\d)?)?\W{0,4}$"
)
_MORE = re.compile("|".join(MARKS["more"]["words"]))
_RANKING_CLASS = re.compile(MARKS["ranking"]["classes"])
_RANKING_HEADING = re.compile("|".join(map(re.escape, MARKS["ranking"]["headings"])))
_FRAME_CLASS = re.compile(MARKS["frame"]["classes"])
_PINNED_WORDS = re.compile("|".join(map(re.escape, MARKS["pinned"]["words"])))
_PINNED_CLASS = re.compile(MARKS["pinned"]["classes"])
_PINNED_IMAGE = re.compile(MARKS["pinned"]["images"])
_SILENT = frozenset(("script", "style", "noscript", "template", "option", "textarea", "title"))
_ROW_TAGS = frozenset(("li", "tr", "dl", "dd", "dt", "p", "td"))
_CUT = re.compile(r"(?:\.{2,}|…+)\s*(?:[〔(（][^)）〕]{0,12})?$")
_BULLET = re.compile(r"^[\s　·•●▪■◆》>»\-—|*☆★]+|^\d{1,3}[.、．]\s*")
_TODAY = re.compile(r"今天是|今日|星期|农历|当前时间|北京时间")

Resolve = Callable[[str], str | None]

_MOST_TEXTS = 8_192
_undated_texts: set[str] = set()
"""Texts met before that hold no date: a site repeats its labels."""


@dataclass(slots=True)
class Anchor:
    """A link: `at` its place among the nodes, `ancestors` the mem_ids above it, nearest first."""

    node: LexborNode
    at: int
    href: str
    ancestors: list[int] = field(default_factory=list)
    _label: str | None = None

    @property
    def label(self) -> str:
        if self._label is None:
            self._label = " ".join(self.node.text().split())
        return self._label


@dataclass(slots=True)
class Row:
    """One row before it becomes an item. `anchor` is its place among the links."""

    item: Item
    anchor: int
    container: int
    signature: str
    whole: bool = True
    """Whether it can stand alone: a list item or table row, not the line of source and date of an article."""


@dataclass(slots=True)
class Block:
    """Rows that belong together, in document order, with what surrounds them."""

    rows: list[Row]
    ranking: bool = False
    frame: bool = False
    preview: bool = False
    heading: str = ""
    last: int = 0

    @property
    def dated(self) -> int:
        return sum(1 for row in self.rows if row.item.date is not None)


@dataclass(slots=True)
class Scan:
    """Everything one walk over the tree found that lists are made of."""

    anchors: list[Anchor] = field(default_factory=list)
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    dates: list[tuple[int, LexborNode, str]] = field(default_factory=list)


def scan(root: LexborNode, *, clicks: bool) -> Scan:
    """Walk the tree once. `clicks`: rows may be links by their onclick."""
    found = Scan()
    anchors, dates = found.anchors, found.dates
    number, search = _NUMBER.search, _TRIGGER.search
    if len(_undated_texts) > _MOST_TEXTS:
        _undated_texts.clear()
    for at, node in enumerate(root.traverse(include_text=True, skip_empty=True)):
        text = node.text_content
        if text is None:
            tag = node.tag
            if tag == "a" or (clicks and tag in _ROW_TAGS and "onclick" in node.attributes):
                href = _href(node, tag)
                if href is not None and len(anchors) < MOST_ROWS * 3:
                    anchors.append(Anchor(node, at, href, _ancestors(node)))
        elif text not in _undated_texts and len(text) < 400:
            if number(text) and search(text):
                text = text.strip()
                parent = node.parent
                if (
                    parent is not None
                    and parent.tag not in _SILENT
                    and (len(text) <= 60 or _EDGE.search(text))
                ):
                    dates.append((at, node, text))
            else:
                _undated_texts.add(text)
        if at > MOST_NODES:
            break
    spans = found.spans
    for index, anchor in enumerate(anchors):
        for ident in anchor.ancestors:
            first = spans.get(ident)
            spans[ident] = (index if first is None else first[0], index)
    return found


def _ancestors(node: LexborNode) -> list[int]:
    """The mem_ids of a node and of the elements above it, nearest first."""
    found: list[int] = []
    here: LexborNode | None = node
    while here is not None and len(found) <= _CLIMB:
        found.append(here.mem_id)
        here = here.parent
    return found


def _href(node: LexborNode, tag: str) -> str | None:
    attributes = node.attributes
    href = (attributes.get("href") or "").strip() if tag == "a" else ""
    if href and href[0] not in "#jJ":
        return href
    if tag == "a" and href and not href.lower().startswith("javascript:") and href[0] != "#":
        return href
    for code in (attributes.get("onclick"), href if href.lower().startswith("javascript:") else None):
        if code and (written := scripts.handler_address(code)):
            return written
    for name in ("tagname", "data-href", "data-url", "data-link"):
        if value := attributes.get(name):
            return value.strip()
    return href if tag == "a" else None


_JUNK = re.compile(
    r"^[\[【(（\s]*(?:详情|详细|查看|查看详情|查看全文|阅读全文|阅读|更多|全文|下载|点击下载|预览|more|MORE|打印\w{0,4}|我要打印|关闭\w{0,4}|收藏|分享\w{0,3}|返回\w{0,4}|大|中|小|首页|网站首页|评论|\d{1,4})?[\s>》\]】)）]*$"
)
_PURE = re.compile(
    r"^[\s\[【(（|]*(?:[\u4e00-\u9fff]{2,6}\s?[:：]\s?)?(?:(?:19|20)\d\d\s?[-/.年－]\s?\d{1,2}\s?[-/.月－]\s?\d{1,2}\s?日?|20\d{6}"
    r"|[一二][〇零○Ｏ一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十廿]{1,4}日)"
    r"(?:[\sT]{0,3}\d{1,2}[:：]\d\d(?:[:：]\d\d)?(?:\.\d+)?)?[\s\]】)）|]*$"
)
_INSIDE_TITLE = re.compile(
    r"(?:^|[\s\[【(（])(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?:\s\d{1,2}:\d\d(?::\d\d)?)?[\s\]】)）]*$"
    r"|^[\s\[【(（]*(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?=[\s\]】)）])"
    r"|^[\s\[【(（]*\d{1,2}[-/]\d{1,2}[\s\]】)）]*$|^(?:19|20)\d\d[-/.年]\d{1,2}月?$"
)
_NOT_PUBLISHED = re.compile(
    r"成文|发文|印发|生效|实施|截止|废止|来信|写信|留言|提交|开始|结束|开标|报名|受理"
)
_PUBLISHED = re.compile(r"发布|公开|公布|上网|发表|更新|时间|日期")
_YEAR_COMMENT = re.compile(r"<!--[^>\d]{0,20}((?:19|20)\d\d)\s{0,4}(?:年\s{0,4})?-->")
_BYLINE = re.compile(r"来源|字体|字号|打印|浏览|点击|阅读|作者|编辑|首页|位置|分享")


def blocks(root: LexborNode, resolve: Resolve, *, html: str = "", url: str = "") -> tuple[list[Block], Scan]:
    """The lists under `root` in document order, dated ones and, apart from them, groups of plain titles.

    `html` is the source `root` was parsed from, looked at for what need not be searched; `url` its address.
    """
    found = scan(root, clicks="onclick" in html)
    used: set[int] = set()
    rows = _dated(found, resolve, used, pins=_has_pins(root))
    by_container: dict[int, list[Row]] = {}
    for row in rows:
        by_container.setdefault(row.container, []).append(row)
    _fill_up(found, by_container, used, resolve)
    result = [
        Block(rows=sorted(group, key=lambda r: r.anchor))
        for group in by_container.values()
        if len(group) > 1 or group[0].whole
    ]
    result += _undated(found, used, resolve)
    result.sort(key=lambda block: block.rows[0].anchor)
    for block in result:
        block.last = block.rows[-1].anchor
    for number, block in enumerate(result[:MOST_BLOCKS]):
        before = result[number - 1].last if number else -1
        after = result[number + 1].rows[0].anchor if number + 1 < len(result) else len(found.anchors)
        _surroundings(found, block, before, after, url)
    return _merged(result), found


def _dated(found: Scan, resolve: Resolve, used: set[int], *, pins: bool) -> list[Row]:
    holders: dict[int, tuple[LexborNode, list[tuple[int, LexborNode, str]]]] = {}
    for entry in found.dates:
        element = entry[1].parent
        for _ in range(_CLIMB):
            if element is None or element.tag in ("body", "html"):
                element = None
                break
            span = found.spans.get(element.mem_id)
            if span is not None and not all(
                _JUNK.match(a.label) for a in found.anchors[span[0] : span[1] + 1][:12]
            ):
                break
            element = element.parent
        if element is None or found.spans.get(element.mem_id) is None:
            continue
        holders.setdefault(element.mem_id, (element, []))[1].append(entry)
    rows: list[Row] = []
    for element, entries in holders.values():
        low, high = found.spans[element.mem_id]
        several = high > low and len(entries) > 1 and element.tag not in ("tr", "li", "dl")
        if several and len({found.anchors[i].href for i in range(low, high + 1)}) > 1:
            rows += _flat(found, element, entries, low, high, resolve, used)
        elif (row := _row(found, element, entries, low, high, resolve, used, pins)) is not None:
            rows.append(row)
        if len(rows) > MOST_ROWS:
            break
    return rows


def _row(
    found: Scan,
    element: LexborNode,
    entries: list[tuple[int, LexborNode, str]],
    low: int,
    high: int,
    resolve: Resolve,
    used: set[int],
    pins: bool,
) -> Row | None:
    """The row of one element that holds one title."""
    anchors = found.anchors[low : high + 1]
    if len({a.href for a in anchors}) > (8 if element.tag in ("tr", "li") else 4):
        return None
    best = max(range(low, high + 1), key=lambda i: (len(found.anchors[i].label), -i))
    anchor = found.anchors[best]
    text = element.text(separator=" ")
    if len(text) > _LONGEST_ROW or _TODAY.search(text[:200]):
        return None
    inside = element.mem_id in (anchor.node.mem_id,) or element.tag == "a"
    texts = [text for _, _, text in entries]
    if inside:
        texts = [t for t in texts if _INSIDE_TITLE.search(t) or len(t) <= 16]
        if not texts:
            return None
        rest = " ".join(texts)
    else:
        label = anchor.node.text(separator=" ")
        rest = text.replace(label, " ", 1) if label.strip() else text
    url = resolve(anchor.href) or ""
    date = _pick(element, entries, texts, rest, url)
    if date is None and not any(_PURE.match(t) or len(t) <= 12 for t in texts):
        return None
    title = _title(anchor, texts if inside else ())
    if not title:
        return None
    outer = _outer(found, element, low, high)
    container = outer.parent
    whole = not _BYLINE.search(text) and (element.tag in _ROW_TAGS or element.tag in ("a", "h3", "h4"))
    used.update(range(low, high + 1))
    pinned = _is_pinned(element, text, pins)
    return Row(
        item=Item(title=title, url=url, date=date, pinned=pinned),
        anchor=best,
        container=container.mem_id if container is not None else 0,
        signature=_signature(anchor.node, container),
        whole=whole,
    )


def _pick(
    element: LexborNode, entries: list[tuple[int, LexborNode, str]], texts: list[str], rest: str, url: str
) -> dt.date | None:
    pure = [t for t in texts if _PURE.match(t)]
    if len(pure) > 1:
        pure = _by_header(element, entries, pure)
    if pure:
        labelled = [t for t in pure if _PUBLISHED.search(t) and not _NOT_PUBLISHED.search(t)]
        return _pure_date((labelled or pure)[-1])
    whole = row_date(rest if len(rest) <= 240 else " ".join(texts))
    if whole is not None:
        return whole
    short = " ".join(texts)
    written = url_date(url)
    if written is not None:
        guess = row_date(short, written.year)
        return written if guess == written else guess
    html = element.html or ""
    noted = _YEAR_COMMENT.search(html)
    hint = int(noted[1]) if noted else url_year(url)
    return row_date(short, hint) if hint is not None else None


@lru_cache(maxsize=1024)
def _pure_date(text: str) -> dt.date | None:
    """The date of a text that is nothing else: rows of a day are many."""
    return row_date(text)


def _by_header(element: LexborNode, entries: list[tuple[int, LexborNode, str]], pure: list[str]) -> list[str]:
    """Of several dates in a table row those under a heading that speaks of publishing."""
    if element.tag != "tr" or element.parent is None:
        return pure
    table: LexborNode | None = element.parent
    if table is not None and table.tag == "tbody" and table.parent is not None:
        table = table.parent
    head = table.css_first("tr") if table is not None else None
    if head is None or head.mem_id == element.mem_id:
        return pure
    names = [" ".join(cell.text().split()) for cell in head.css("th, td")]
    kept = []
    for number, cell in enumerate(element.css("td")):
        text = " ".join(cell.text().split())
        if _PURE.match(text) and number < len(names):
            kept.append(
                (
                    0 if _PUBLISHED.search(names[number]) and not _NOT_PUBLISHED.search(names[number]) else 1,
                    text,
                )
            )
    published = [text for rank, text in kept if rank == 0]
    return published or pure


def _flat(
    found: Scan,
    element: LexborNode,
    entries: list[tuple[int, LexborNode, str]],
    low: int,
    high: int,
    resolve: Resolve,
    used: set[int],
) -> list[Row]:
    """Rows that have no element of their own: links and dates in turn, separated by <br> or nothing."""
    anchors = [i for i in range(low, high + 1) if not _JUNK.match(found.anchors[i].label)]
    if not anchors:
        return []
    entries = [e for e in entries if _PURE.match(e[2]) or _EDGE.search(e[2]) or len(e[2]) <= 20]
    if not entries:
        return []
    places = [found.anchors[i].at for i in anchors]
    after = entries[0][0] > places[0]
    rows: list[Row] = []
    edge = -1
    for number, (at, _, text) in enumerate(entries):
        place = bisect_left(places, at) + (-1 if after else 0)
        end = entries[number + 1][0] if number + 1 < len(entries) else 1 << 60
        if not 0 <= place < len(places) or not (edge < places[place] if after else places[place] < end):
            continue
        index, edge = anchors[place], at
        anchor = found.anchors[index]
        url = resolve(anchor.href) or ""
        date = _pick(element, [], [text], text, url) if len(text) <= 60 else row_date(text)
        title = _title(anchor, ())
        if not title or (date is None and len(text) > 12):
            continue
        used.add(index)
        item = Item(title=title, url=url, date=date, pinned=False)
        rows.append(
            Row(item=item, anchor=index, container=element.mem_id, signature=_signature(anchor.node, element))
        )
    return rows


def _title(anchor: Anchor, dates: tuple[str, ...] | list[str]) -> str:
    label = anchor.label
    if len(label) > 40 and (inner := anchor.node.css_first("h1, h2, h3, h4, h5, [class*=tit]")) is not None:
        label = " ".join(inner.text().split()) or label
    full = " ".join((anchor.node.attributes.get("title") or "").split())
    for text in dates:
        label = (
            label.replace(" ".join(text.split()), " ") if _PURE.match(text) else _INSIDE_TITLE.sub(" ", label)
        )
    label = _BULLET.sub("", label.strip()).strip()
    if full and (not label or _CUT.search(label) or (full.startswith(label[:8]) and len(full) > len(label))):
        return _BULLET.sub("", full)[:300]
    if not label:
        image = anchor.node.css_first("img[alt]")
        label = (image.attributes.get("alt") or "").strip() if image is not None else ""
    return label[:300]


def _outer(found: Scan, element: LexborNode, low: int, high: int) -> LexborNode:
    """The outermost element that holds the same links and no others: the row with its wrappers."""
    for _ in range(4):
        above = element.parent
        if (
            above is None
            or above.tag in ("body", "html", "ul", "ol", "tbody", "table")
            or found.spans.get(above.mem_id) != (low, high)
        ):
            break
        element = above
    return element


def _signature(node: LexborNode, container: LexborNode | None) -> str:
    tags: list[str] = []
    here: LexborNode | None = node
    for _ in range(_CLIMB):
        if here is None:
            break
        tags.append(here.tag or "")
        if container is not None and here.mem_id == container.mem_id:
            break
        here = here.parent
    if container is not None:
        tags.append((container.attributes.get("class") or "")[:40])
    return "<".join(tags)


def _has_pins(root: LexborNode) -> bool:
    """Whether any picture below is a pin."""
    return any(_PINNED_IMAGE.search(image.attributes.get("src") or "") for image in root.css("img[src]"))


def _is_pinned(element: LexborNode, text: str, pins: bool) -> bool:
    """`pins`: the page has pictures of pins."""
    if _PINNED_WORDS.search(text[:200]):
        return True
    classes = element.attributes.get("class") or ""
    if classes and _PINNED_CLASS.search(classes):
        return True
    return pins and any(
        _PINNED_IMAGE.search(image.attributes.get("src") or "") for image in element.css("img[src]")[:3]
    )


def _fill_up(found: Scan, groups: dict[int, list[Row]], used: set[int], resolve: Resolve) -> None:
    """Rows of a dated list that show no date themselves."""
    for ident, rows in groups.items():
        if len(rows) < 2 or ident not in found.spans:
            continue
        depth = Counter(row.signature.count("<") for row in rows).most_common(1)[0][0] - 1
        taken = {_child(found.anchors[row.anchor], ident) for row in rows}
        low, high = found.spans[ident]
        for index in range(low, high + 1):
            anchor = found.anchors[index]
            if index in used or depth >= len(anchor.ancestors) or anchor.ancestors[depth] != ident:
                continue
            if len(anchor.label) < 5 or _JUNK.match(anchor.label) or _MORE.match(anchor.label):
                continue
            child = _child(anchor, ident)
            if child not in taken:
                taken.add(child)
                used.add(index)
                item = Item(title=_title(anchor, ()), url=resolve(anchor.href) or "")
                rows.append(Row(item=item, anchor=index, container=ident, signature=""))


def _child(anchor: Anchor, container: int) -> int:
    """The child of `container` the link stands in."""
    before = anchor.ancestors[0]
    for ident in anchor.ancestors:
        if ident == container:
            break
        before = ident
    return before


def _undated(found: Scan, used: set[int], resolve: Resolve) -> list[Block]:
    """Groups of three or more long titles that stand alike in one container."""
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for index, anchor in enumerate(found.anchors):
        if index in used or len(anchor.label) < 6 or anchor.href[:1] in ("#", ""):
            continue
        own = found.spans[anchor.ancestors[0]]
        depth = 1
        while depth < len(anchor.ancestors) and found.spans[anchor.ancestors[depth]] == own:
            depth += 1
        if depth < len(anchor.ancestors):
            groups.setdefault((anchor.ancestors[depth], depth), []).append(
                (index, anchor.ancestors[depth - 1])
            )
    result = []
    for (container, depth), members in groups.items():
        if len(members) < 3:
            continue
        low, high = found.spans[container]
        titles = [found.anchors[i].label for i, _ in members]
        if sum(map(len, titles)) < 9 * len(titles) or len(members) < 0.6 * (high - low + 1):
            continue
        if (
            depth == 1
            and found.anchors[members[0][0]].node.parent is not None
            and _is_prose(found.anchors[members[0][0]].node.parent)
        ):
            continue
        rows = []
        for index, _ in members:
            anchor = found.anchors[index]
            url = resolve(anchor.href) or ""
            rows.append(
                Row(
                    item=Item(title=_title(anchor, ()), url=url),
                    anchor=index,
                    container=container,
                    signature=f"undated{depth}",
                )
            )
        result.append(Block(rows=rows))
    return result


def _is_prose(node: LexborNode | None) -> bool:
    if node is None:
        return False
    text = node.text()
    return len(text) > 200 and sum(len(a.text()) for a in node.css("a")) < 0.6 * len(text)


def _surroundings(found: Scan, block: Block, before: int, after: int, here: str) -> None:
    """Heading, class names and a link to more around a block; the last two only as far as no other block comes in."""
    node = found.anchors[block.rows[0].anchor].node.parent
    first, last = block.rows[0].anchor, block.last
    title = found.anchors[first].label[:12]
    alone = True
    for _ in range(8):
        if node is None or node.tag in ("body", "html"):
            return
        span = found.spans.get(node.mem_id)
        if span is not None and (span[0] <= before or span[1] >= after):
            alone = False
        attributes = node.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if alone:
            if names != " ":
                block.ranking = block.ranking or bool(_RANKING_CLASS.search(names))
                block.frame = block.frame or bool(_FRAME_CLASS.search(names))
            block.frame = block.frame or node.tag in ("nav", "header", "footer")
        if span is not None and span[0] <= first and span[1] >= last:
            if not block.heading and title and span[1] - span[0] <= 400:
                block.heading = _heading(node.text(separator=" "), title)
            if alone and not block.preview:
                near = [*range(max(span[0], before + 1), first), *range(last + 1, min(span[1] + 1, after))]
                block.preview = any(_leads_on(found.anchors[i], here) for i in near[:12])
        if block.heading and not alone:
            break
        node = node.parent
    if block.heading and _RANKING_HEADING.search(block.heading):
        block.ranking = True


def _heading(text: str, title: str) -> str:
    """The words of a container before its first row, when they are short enough to be a heading."""
    lead = " ".join(text[: max(0, text.find(title))][:400].split())
    lead = re.sub(
        r"^(?:更多|more|[>》»+\s|·])+|(?:更多|more|[>》»+\s\[【(（·•|]|\d{2,4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?)+$",
        "",
        lead,
        flags=re.I,
    )
    return lead if 2 <= len(lead) <= 30 else ""


def _leads_on(anchor: Anchor, here: str) -> bool:
    """Whether a link is a 更多 to another page: without an address it only loads more of this list."""
    href = anchor.href
    return (
        not href.lower().startswith(("javascript:", "#"))
        and href not in ("", here)
        and bool(_MORE.match(anchor.label))
    )


def _merged(found: list[Block]) -> list[Block]:
    """Blocks of one make that follow each other: a list cut into groups of five."""
    result: list[Block] = []
    for block in found:
        last = result[-1] if result else None
        if (
            last is not None
            and last.rows[0].signature == block.rows[0].signature
            and (last.ranking, last.frame, last.preview)
            == (block.ranking, block.frame, block.preview)
            == (False, False, False)
            and bool(last.dated) == bool(block.dated)
            and block.rows[0].anchor - last.last <= 2
        ):
            last.rows += block.rows
            last.last = block.last
        else:
            result.append(block)
    return result
