"""Which column (栏目) a page belongs to, what kind of page it is, and what kind of column a name means.

Names are data: `data/column_names.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.evidence.records import Item, PageKind, Published
from crawler.extract.dates import date_rows
from crawler.extract.signs import any_in
from crawler.extract.text import title
from crawler.extract.webpage import WebPage

CLASSES = (
    "news", "notice", "policy", "personnel", "plan", "statistics",
    "interpretation", "service", "interaction", "static", "archived", "other",
)  # fmt: skip

_TABLE: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "column_names.toml").read_text("utf-8")
)
_HOME_NAMES = frozenset(_TABLE["labels"]["home"])
_LEAF_NAMES = frozenset(_TABLE["labels"]["leaf"])
_FRAME_NAMES = frozenset(_TABLE["labels"]["frame"])
_TEMPLATE_NAMES = frozenset(_TABLE["labels"]["template"])

_LABEL_SIGNS = {"置": ("置",), "栏": ("当前栏目",), "现": ("现在",)}
_LABEL = re.compile(
    r"(?:位\s{0,2}置(?:是|为)?\s{0,3}[：:>]"
    r"|(?:当前|所在|您的|现在的|你的|您所在的)位\s{0,2}置(?:是|为)?(?=\s)|当前栏目\s{0,3}[：:]|(?:您|你)现在(?:在|所在)\s{0,3}[：:])"
)
_SEPARATOR = re.compile(
    r"\s*(?:-{1,3}>|={1,2}>|>+|＞+|»|›|》|→|::|\\|/|／|\|(?=\s)|(?<=\s)-+(?=\s)|(?<=[\u4e00-\u9fff])-(?=[\u4e00-\u9fff])|\t)\s*"
)
_ENDS_OPEN = re.compile(r"(?:>|＞|»|›|》|→|::|/|／|\||\\|-)\s*$")
_STARTS_OPEN = re.compile(r"^\s*(?:-{1,3}>|>|＞|»|›|》|→|::|/|／|\||\\|-)")
_TRAIL = re.compile(
    rf"(?:^|\n)[^\S\n]*(?P<trail>(?:{'|'.join(sorted(map(re.escape, _HOME_NAMES), key=len, reverse=True))})\s*(?:-{{1,3}}>|>+|＞+|»|›|》|→|::)[^\n]*)"
)
_DECORATION = re.compile(r"[\s\u3000\xa0·•●▪■◆《》>»\-—|【】\[\]（）()“”\"‘’'：:]+|更多|more|\(\d+\)$", re.I)
_LONGEST_NAME = 24


def clean_name(label: str) -> str:
    """A column's name as people say it: one line, no bullets, counts, brackets around it or trailing 更多."""
    return _cleaned(label[:200])


@lru_cache(maxsize=4096)
def _cleaned(label: str) -> str:
    name = " ".join(unicodedata.normalize("NFKC", label).split())
    name = re.sub(r"\s*(?:[>»》+]+\s*)?(?:更多|more)\s*[>»》+.]*$", "", name, flags=re.I)
    name = re.sub(r"\s*[(\[]\d{1,6}[)\]]$", "", name).strip(" ·•●▪■◆》>»|-—:：,，.。*+")
    if name[:1] in "[【" and name[-1:] in "]】":
        name = name[1:-1]
    if len(name) <= 9 and all("\u4e00" <= c <= "\u9fff" or c == " " for c in name):
        name = name.replace(" ", "")
    return name.strip()


def is_frame_name(name: str) -> bool:
    """Whether a label is part of every site's frame (首页, 更多, 登录), not a column."""
    return name in _FRAME_NAMES or name in _TEMPLATE_NAMES or name in _LEAF_NAMES or name in _HOME_NAMES


def column_path(page: WebPage) -> tuple[str, ...]:
    """Names from the top column down to the page's own, from the breadcrumb, else from the ColumnName tag."""
    text = page.outline.text
    names = _breadcrumb(text)
    if names:
        names = _without_title(names, title(page), page)
    tagged = clean_name(page.meta.get("columnname", ""))
    if tagged in _TEMPLATE_NAMES or tagged in _HOME_NAMES or len(tagged) > _LONGEST_NAME * 2:
        tagged = ""
    if not names and tagged:
        parts = [clean_name(part) for part in re.split(r"\s*(?:>|»|/|\||,|，|->)\s*", tagged)]
        names = [part for part in parts if part and part not in _HOME_NAMES]
    return tuple(names)


def _breadcrumb(text: str) -> list[str]:
    head = text[:30_000]
    for match in islice(_LABEL.finditer(head), 8) if any_in(head, _LABEL_SIGNS) else ():
        names = _names_of(text[match.end() : match.end() + 400], labelled=True)
        if names is not None:
            return names
    if (trail := _TRAIL.search(head)) is not None:
        return _names_of(text[trail.start("trail") : trail.start("trail") + 300], labelled=False) or []
    return []


def _names_of(text: str, *, labelled: bool) -> list[str] | None:
    """The names of one breadcrumb; None when what follows the label is none."""
    lines = text.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip(" ：:")), None)
    if first is None or first > 2:
        return None
    joined = lines[first].strip(" ：:")
    for line in lines[first + 1 : first + 14]:
        if not line.strip():
            continue
        if _ENDS_OPEN.search(joined) or _STARTS_OPEN.match(line):
            joined += " " + line.strip()
        elif joined in _HOME_NAMES and len(line.strip()) <= 12:
            joined += " > " + line.strip()
        else:
            break
    names = _parted(joined, labelled)
    return None if names is None else list(names)


@lru_cache(maxsize=256)
def _parted(joined: str, labelled: bool) -> tuple[str, ...] | None:
    """The names in the one line of a breadcrumb."""
    if "$" in joined or "{{" in joined or "。" in joined or "，" in joined[:40]:
        return None
    pieces = _SEPARATOR.split(joined)
    if len(pieces) == 1 and labelled:
        pieces = joined.split()
    names: list[str] = []
    seen_home = False
    for piece in pieces[:12]:
        name = clean_name(piece)
        if not name:
            continue
        if name in _HOME_NAMES or name.endswith("首页"):
            seen_home = True
            names = []
            continue
        if len(name) > 60:
            names.append(name[:60])
            break
        names.append(name)
    if not labelled and not seen_home:
        return None
    if labelled and not seen_home and len(names) == 1 and len(names[0]) > _LONGEST_NAME:
        return None
    names = [name for name in names if name not in _TEMPLATE_NAMES]
    while names and names[-1] in _LEAF_NAMES:
        names.pop()
    unique = [names[0]] if names else []
    unique += [b for a, b in pairwise(names) if a != b]
    return tuple(unique)


def _without_title(names: list[str], page_title: str, page: WebPage) -> list[str]:
    """Drop the last name when it is the article's title, not a column."""
    last = names[-1]
    tagged = page.meta.get("articletitle", "")
    bare = last.rstrip(".…")
    if len(bare) >= 6 and tagged and (tagged.startswith(bare) or bare.startswith(tagged)):
        return names[:-1]
    if (
        len(bare) > 14
        and page_title
        and (page_title.startswith(bare[:14]) or bare.startswith(page_title[:14]))
    ):
        return names[:-1]
    if len(bare) > _LONGEST_NAME:
        return names[:-1]
    return names


_HOME_PATH = re.compile(r"^/(?:(?:index|default|home|main)\w{0,4}\.\w{2,5}|web/index\.\w{2,5}|)$", re.I)
_PLAIN_PROSE = 200
_LIST_ROWS = 3
_LIST_PATH = re.compile(
    r"(?:/|/(?:index|default|list|node|more\w*|common_list|column-index)[\w-]{0,12}\.\w{2,5})$|_list\.s?html?$|/col\d+"
    r"|(?:list|column|channel|category|more|moreinfo)\w*\.(?:aspx?|jsp|do|action|php|s?html)",
    re.I,
)


def page_kind(page: WebPage, items: Sequence[Item], main_text: str, published: Published | None) -> PageKind:
    """HOME by its address; ARTICLE by a date of its own or by prose; LIST by its rows; INDEX by rows of several columns."""
    parts = urlsplit(page.url)
    if _HOME_PATH.match(parts.path or "/") and not parts.query:
        return PageKind.HOME
    listlike = _LIST_PATH.search(parts.path) is not None
    meta = page.meta
    prose = _prose(main_text)
    if (
        published is not None
        and published.confidence >= 0.5
        and (prose >= 60 or len(items) < 8 or meta.get("articletitle"))
    ):
        return PageKind.ARTICLE
    if meta.get("articletitle") and not listlike and prose:
        return PageKind.ARTICLE
    dated = [item for item in items if item.date is not None]
    if items and (listlike or len(dated) >= 3 or len(items) >= 5) and prose < 1200:
        folders = {_folder(item.url) for item in dated or items}
        if len(folders) >= 3 and len(items) >= 8 and _spread(dated or list(items)):
            return PageKind.INDEX
        return PageKind.LIST
    if published is not None or prose >= 120:
        return PageKind.ARTICLE
    if items:
        return PageKind.LIST
    links = sum(1 for place in page.outline.places if place.tag == "a")
    return PageKind.INDEX if listlike and links >= 15 else PageKind.OTHER


def is_plain_article(url: str, main_text: str, published: Published | None) -> bool:
    """Whether a page holds prose with a date of its own and no list, whatever else stands around it."""
    path = urlsplit(url).path or "/"
    return (
        published is not None
        and published.confidence >= 0.5
        and not _LIST_PATH.search(path)
        and not _HOME_PATH.match(path)
        and _prose(main_text) >= _PLAIN_PROSE
        and date_rows(main_text) < _LIST_ROWS
    )


@lru_cache(maxsize=2)
def _prose(text: str) -> int:
    """Characters in lines that are sentences."""
    lines = [len(line) for line in text.split("\n") if len(line) >= 30 and ("。" in line or "，" in line)]
    return sum(lines)


def _folder(url: str) -> str:
    """The folder of an article without its date parts."""
    path = urlsplit(url).path.rsplit("/", 1)[0]
    return re.sub(r"/(?:19|20)\d\d(?:[-/]?\d{1,2}){0,2}(?:/\d{1,2})*$", "", path)


def _spread(items: list[Item]) -> bool:
    """Whether the rows of at least three folders stand together, as the blocks of several columns do."""
    folders = [_folder(item.url) for item in items]
    runs = sum(1 for a, b in pairwise(folders) if a != b) + 1
    counts = Counter(folders)
    return sum(1 for count in counts.values() if count >= 2) >= 3 and runs == len(counts)


# --- classes of columns


@cache
def _names() -> tuple[tuple[str, str, float], ...]:
    rows = []
    for column_class in CLASSES:
        rows += [
            (_bare(name), column_class, float(weight))
            for name, weight in _TABLE.get(column_class, {}).get("names", [])
        ]
    return tuple(rows)


@cache
def _exact() -> dict[str, tuple[str, float]]:
    best: dict[str, tuple[str, float]] = {}
    for name, column_class, weight in _names():
        if name not in best or weight > best[name][1]:
            best[name] = (column_class, weight)
    return best


def _bare(label: str) -> str:
    return _DECORATION.sub("", unicodedata.normalize("NFKC", label))


_UNIT = re.compile(_TABLE["labels"]["unit"])
_OWN_NAME = re.compile(
    r"^.{0,12}?(?:省|市|县|区|旗|我|本)?(?:厅|局|委员会|委|办公室|办|中心|院|处|署)(?=.{2,})|^(?:部门|本级|我市|全市|全县|全区)"
)


@lru_cache(maxsize=4096)
def name_class(name: str) -> tuple[str, float]:
    """What one name means on its own, with how sure that is (0 when nothing fits: "other")."""
    bare = _bare(name)
    if not bare:
        return "other", 0.0
    for candidate in dict.fromkeys((bare, _OWN_NAME.sub("", bare))):
        if len(candidate) < 2:
            continue
        if (exact := _exact().get(candidate)) is not None:
            return exact
    if _UNIT.search(bare):
        return "other", 0.6
    best = ("other", 0.0)
    for known, column_class, weight in _names():
        if any(word in bare for word in _TABLE[column_class].get("never", ())):
            continue
        if len(known) >= 3 and bare.endswith(known):
            score = weight * 0.95
        elif len(known) >= 3 and weight >= 0.9 and known in bare:
            score = weight * 0.8
        else:
            continue
        if score > best[1]:
            best = (column_class, score)
    if best[1] >= 0.5:
        return best
    for column_class in CLASSES:
        table = _TABLE.get(column_class, {})
        if any(word in bare for word in table.get("never", ())):
            continue
        if any(bare.endswith(end) for end in table.get("ends", ())):
            return column_class, 0.55
    return best


def column_class(name_path: Sequence[str]) -> str:
    """The class of a column by its own name, helped out by the names above it where that is vague."""
    if not name_path:
        return "other"
    if any(name_class(name)[0] == "archived" and name_class(name)[1] >= 0.8 for name in name_path):
        return "archived"
    kind, sure = name_class(name_path[-1])
    if sure >= 0.7 or len(name_path) == 1:
        return kind
    for name in reversed(name_path[:-1]):
        above, certainty = name_class(name)
        if certainty >= 0.7 and above not in ("other", "archived") and certainty > sure:
            return above
    return kind
