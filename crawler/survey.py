"""The columns (栏目) of a walked site: a tree made from navigation, breadcrumbs, tags, folders and list pages.

Pages come in one by one, in any order, as small facts; only aggregates per list page, per folder and per
breadcrumb are kept, so that a site of a hundred thousand pages fits. Nothing is fetched.
"""

from __future__ import annotations

import datetime as dt
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlsplit

from crawler.evidence.records import Column, Item, PageKind, Published
from crawler.extract.columns import clean_name, column_class, is_frame_name, name_class
from crawler.extract.navigation import NavEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What the survey needs to know of one page. `labels` are texts of navigation links that lead to it.

    `links` are the pages a home page links to; other pages need none.
    """

    url: str
    kind: PageKind
    depth: int = 0
    title: str = ""
    column_path: tuple[str, ...] = ()
    column_name: str = ""
    items: tuple[Item, ...] = ()
    published: Published | None = None
    listing: str | None = None
    next_pages: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A column that `site.toml` names. Fields left None are found out."""

    url: str
    path: tuple[str, ...]
    column_class: str | None = None
    exempt: str | None = None


def discover(
    pages: Iterable[PageFacts],
    nav: Sequence[NavEntry],
    declared: Sequence[Declared] = (),
    *,
    as_of: dt.date,
    home_url: str,
) -> list[Column]:
    """The columns of the site whose pages are given, parents before children, in the order of the navigation."""
    survey = Survey(nav, declared, as_of=as_of, home_url=home_url)
    for page in pages:
        survey.add(page)
    return survey.columns()


# --- addresses


_INDEX_FILE = re.compile(
    r"(?i)/(?:index|default|main|home)(?:[_-]\d{1,4})?\.(?:s?html?|aspx?|jsp|php|do|action)$"
)
_PAGE_FILE = re.compile(
    r"(?i)((?:list|more\w*|node|column|col\d+|channel|index|default)[a-z_]*)[_-]\d{1,4}(\.\w{2,5})$"
)
_LIST_FILE = re.compile(r"(?i)index|default|main|home|list|more|node|column|channel|col\d")
"""Either of the two has one of these in the name of its file."""
_PAGE_FIELD = re.compile(
    r"(?i)^(?:page|pageno|pageindex|pagenum|pagenumber|currpage|curpage|currentpage|cur_page|pn|p|start|nowpage|totalpage|pagesize|t|_)=\d*$"
)
_DATE_PARTS = re.compile(r"/(?:19|20)\d\d(?:[-/]?\d{1,2}){0,2}(?:/\d{1,2})*(?=/|$)")
_MONTHS = re.compile(r"/(?:19|20)\d{4,6}(?=/|$)")


def list_key(url: str) -> str:
    """One key for all addresses of one list: index files, page numbers and page fields taken away."""
    parts = urlsplit(url)
    path = parts.path or "/"
    if _LIST_FILE.search(path, path.rfind("/") + 1):
        path = _INDEX_FILE.sub("/", path)
        path = _PAGE_FILE.sub(r"\1\2", path)
    fields = [f for f in parts.query.split("&") if f and not _PAGE_FIELD.match(f)]
    fragment = f"#{parts.fragment}" if parts.fragment.isdigit() and "gkmlpt" in path else ""
    host = parts.netloc.lower().removesuffix(":80").removesuffix(":443")
    return f"{host}{path}{'?' + '&'.join(fields) if fields else ''}{fragment}"


def folder_key(url: str) -> str:
    """Host and folder of an article without the parts that are its date."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{_dateless(parts.path.rsplit('/', 1)[0])}/"


@lru_cache(maxsize=4096)
def _dateless(folder: str) -> str:
    return _MONTHS.sub("", _DATE_PARTS.sub("", folder))


# --- aggregates


@dataclass(slots=True)
class _Newest:
    """The newest credible dated thing, and how many things there are."""

    items: int = 0
    dated: int = 0
    date: dt.date | None = None
    published: Published | None = None
    url: str = ""
    title: str = ""

    def see(self, published: Published | None, url: str, title: str, limit: dt.date) -> None:
        if published is None or published.date > limit:
            return
        if self.date is None or published.date > self.date:
            self.date, self.published, self.url, self.title = published.date, published, url, title

    def take(self, other: _Newest, limit: dt.date) -> None:
        self.see(other.published, other.url, other.title, limit)


@dataclass(slots=True)
class _List:
    """A list: all its pages together."""

    key: str
    url: str
    depth: int
    paths: Counter[tuple[str, ...]] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    title: str = ""
    states: set[str] = field(default_factory=set)
    newest: _Newest = field(default_factory=_Newest)
    seen: array[int] = field(default_factory=lambda: array("q"))
    """Marks of its rows, in their order: a set of them takes eight times as much."""
    folders: Counter[str] = field(default_factory=Counter)
    kind: PageKind = PageKind.LIST


@dataclass(slots=True)
class _Column:
    """A column while the tree is being put together."""

    path: tuple[str, ...]
    url: str
    depth: int = 99
    items: int = 0
    dated: int = 0
    newest: _Newest = field(default_factory=_Newest)
    states: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    visited: bool = False
    declared: bool = False
    level: int = 0
    order: int = 1 << 30
    given_class: str | None = None
    exempt: str | None = None
    only_pages: int = 0


_MOST_SEEN = 50_000
_VAGUE = frozenset((("其他",), ("其它",), ("其他信息",), ("未分类",)))


class Survey:
    """Collects page facts, then gives the columns, then says for each page which column it is in."""

    def __init__(
        self, nav: Sequence[NavEntry], declared: Sequence[Declared] = (), *, as_of: dt.date, home_url: str
    ) -> None:
        self._limit = as_of + dt.timedelta(days=1)
        self._as_of = as_of
        self._home = list_key(home_url)
        self._home_host = urlsplit(home_url).netloc.lower()
        self._declared = list(declared)
        self._nav = [
            entry
            for entry in ((clean_name(label), url, level) for label, url, level in nav)
            if self._is_column_link(*entry)
        ]
        self._nav_keys = {list_key(url): label for label, url, _ in reversed(self._nav) if url}
        self._lists: dict[str, _List] = {}
        self._same: dict[str, str] = {}
        self._articles: dict[tuple[tuple[str, ...], str], _Newest] = {}
        self._singles: dict[str, tuple[tuple[str, ...], str, int, str]] = {}
        self._home_folders: set[str] = set()
        self._home_keys: set[str] = set()
        self._columns: list[_Column] = []
        self._by_key: dict[str, int] = {}
        self._by_path: dict[tuple[str, ...], int] = {}
        self._by_folder: dict[str, int] = {}
        self._final: dict[int, int] = {}
        self._alias: dict[tuple[str, ...], int] = {}
        self._nav_places: dict[str, tuple[str, ...]] = {}
        self._named: Counter[tuple[str, ...]] = Counter()

    def _is_column_link(self, label: str, url: str, level: int) -> bool:
        parts = urlsplit(url)
        if not (1 < len(label) <= 16) or is_frame_name(label) or level > 3:
            return False
        if not url:
            return True
        return (
            parts.scheme in ("http", "https")
            and parts.netloc.lower() == self._home_host
            and list_key(url) != self._home
        )

    # --- taking pages in

    def add(self, page: PageFacts) -> None:
        key = list_key(page.url)
        if page.kind is PageKind.HOME or key == self._home:
            for item in page.items:
                self._home_folders.add(folder_key(item.url))
                self._home_keys.add(list_key(item.url))
            self._home_keys.update(map(list_key, page.links))
            return
        if page.kind in (PageKind.LIST, PageKind.INDEX) or (
            page.listing is not None and page.kind is PageKind.OTHER
        ):
            self._add_list(page, key)
        else:
            self._add_page(page, key)

    def _add_list(self, page: PageFacts, key: str) -> None:
        entry = self._lists.get(key)
        if entry is None:
            entry = self._lists[key] = _List(key=key, url=page.url, depth=page.depth)
        if len(page.url) < len(entry.url) or page.depth < entry.depth:
            entry.url = page.url
        entry.depth = min(entry.depth, page.depth)
        entry.title = entry.title or page.title
        if page.column_path:
            entry.paths[page.column_path] += 1
        for label in (*page.labels, page.column_name):
            if name := clean_name(label):
                entry.names[name] += 1
        if page.listing is not None:
            entry.states.add(page.listing)
        if page.kind is PageKind.INDEX:
            entry.kind = PageKind.INDEX
        for other in page.next_pages:
            self._join(key, list_key(other))
        for item in page.items:
            mark = hash(item.url + item.title)
            at = bisect_left(entry.seen, mark)
            if at < len(entry.seen) and entry.seen[at] == mark:
                continue
            if len(entry.seen) < _MOST_SEEN:
                entry.seen.insert(at, mark)
            entry.newest.items += 1
            if len(entry.folders) < 200:
                entry.folders[folder_key(item.url)] += 1
            if item.date is not None:
                entry.newest.dated += 1
                if entry.newest.date is None or self._limit >= item.date > entry.newest.date:
                    shown = Published(
                        date=item.date, source="list-row", quote=item.title[:80], confidence=0.8
                    )
                    entry.newest.see(shown, item.url, item.title, self._limit)

    def _add_page(self, page: PageFacts, key: str) -> None:
        tagged = clean_name(page.column_name)
        path = page.column_path or ((tagged,) if tagged and not is_frame_name(tagged) else ())
        label = clean_name(page.labels[0]) if page.labels else ""
        if (
            key in self._nav_keys
            # A menu may also lead to an article: then its breadcrumb names the column and not the article.
            or (label and (not path or _same_name(path[-1], label) or path[-1].startswith(label)))
            or (path and _same_name(path[-1], page.title) and name_class(path[-1])[1] >= 0.7)
        ):
            label = self._nav_keys.get(key) or label or path[-1]
            self._singles[key] = (path, page.url, page.depth, label)
        elif len(path) > 1 and _same_name(path[-1], page.title):
            path = path[:-1]
        if len(self._articles) >= _MOST_SEEN:
            return
        if path:
            self._named[path] += 1
        newest = self._articles.setdefault((path, folder_key(page.url)), _Newest())
        if page.kind is not PageKind.ARTICLE:
            return
        newest.items += 1
        if page.published is not None:
            newest.dated += 1
            newest.see(page.published, page.url, page.title, self._limit)

    def _join(self, one: str, other: str) -> None:
        first, second = self._root(one), self._root(other)
        if first != second:
            low, high = sorted((first, second), key=lambda key: (len(key), key))
            self._same[high] = low

    def _root(self, key: str) -> str:
        while (above := self._same.get(key)) is not None:
            key = above
        return key

    # --- putting the tree together

    def columns(self) -> list[Column]:
        """All columns found, parents before children."""
        self._columns = []
        self._by_key, self._by_path, self._by_folder, self._alias = {}, {}, {}, {}
        nav_paths = self._nav_places = self._nav_paths()
        for given in self._declared:
            column = self._column(given.path, given.url)
            column.declared, column.given_class, column.exempt = True, given.column_class, given.exempt
            self._claim(column, list_key(given.url))
        for group in self._groups():
            self._from_list(group, nav_paths)
        for key, (path, url, depth, label) in self._singles.items():
            self._from_single(key, path, url, depth, label, nav_paths)
        for order, (_, url, level) in enumerate(self._nav):
            if url:
                self._from_nav(order, url, level, nav_paths)
        self._settle_folders()
        self._from_articles()
        self._settle_folders()
        self._feed_articles()
        return self._finished()

    def _nav_paths(self) -> dict[str, tuple[str, ...]]:
        """Where the navigation puts an address: its label below the labels it opens under."""
        paths: dict[str, tuple[str, ...]] = {}
        above: list[tuple[int, str]] = []
        for label, url, level in self._nav:
            if level:
                while above and above[-1][0] >= level:
                    above.pop()
            path = (*(name for _, name in above), label) if level else (label,)
            if level:
                above.append((level, label))
            key = list_key(url)
            if url and (key not in paths or len(path) > len(paths[key])):
                paths[key] = path
        flat = {list_key(url) for _, url, level in self._nav if url and not level}
        return {key: self._below_folder(key, path, paths, flat) for key, path in paths.items()}

    def _below_folder(
        self, key: str, path: tuple[str, ...], paths: dict[str, tuple[str, ...]], flat: set[str]
    ) -> tuple[str, ...]:
        """An entry outside the menu whose address lies in the folder of a menu entry belongs below that one."""
        if key not in flat or "?" in key:
            return path
        head = key.rstrip("/")
        names: tuple[str, ...] = ()
        while "/" in (head := head.rsplit("/", 1)[0]) and not names:
            above = paths.get(head + "/")
            if above is not None:
                names = self._below_folder(head + "/", above, paths, flat)
        return (*names, *path) if len(names) < 3 else path

    def _column(self, path: tuple[str, ...], url: str) -> _Column:
        found = self._by_path.get(path)
        if found is not None:
            return self._columns[found]
        column = _Column(path=path, url=url)
        self._by_path[path] = len(self._columns)
        self._columns.append(column)
        return column

    def _claim(self, column: _Column, key: str) -> None:
        column.keys.add(key)
        self._by_key.setdefault(key, self._by_path[column.path])

    def _groups(self) -> list[_List]:
        """The lists, with all their pages taken together."""
        groups: dict[str, _List] = {}
        for key, entry in self._lists.items():
            root = self._root(key)
            group = groups.get(root)
            if group is None:
                groups[root] = entry
                continue
            first, second = (
                (entry, group)
                if (entry.key in self._nav_keys, -len(entry.url))
                > (group.key in self._nav_keys, -len(group.url))
                else (group, entry)
            )
            first.paths.update(second.paths)
            first.names.update(second.names)
            first.states |= second.states
            fresh = set(second.seen).difference(first.seen)
            first.newest.items += second.newest.items if len(fresh) == len(second.seen) else len(fresh)
            first.newest.dated += min(second.newest.dated, len(fresh))
            first.seen = array("q", sorted(fresh.union(first.seen)))
            first.newest.take(second.newest, self._limit)
            first.folders.update(second.folders)
            first.depth = min(first.depth, second.depth)
            groups[root] = first
        return list(groups.values())

    def _from_list(self, group: _List, nav_paths: dict[str, tuple[str, ...]]) -> None:
        path = self._list_path(group, nav_paths)
        if not path or not all(_is_name(name) for name in path):
            return
        known = self._by_key.get(group.key)
        column = self._columns[known] if known is not None else self._column(path, group.url)
        column.visited = True
        column.depth = min(column.depth, group.depth)
        column.states |= group.states
        column.items += group.newest.items
        column.dated += group.newest.dated
        column.newest.take(group.newest, self._limit)
        self._claim(column, group.key)
        for written in group.paths:
            self._alias.setdefault(written, self._by_path[column.path])
        whole = sum(group.folders.values())
        for folder, count in group.folders.items():
            if group.kind is PageKind.LIST and count >= 0.3 * whole:
                column.folders.add(folder)

    def _list_path(self, group: _List, nav_paths: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The menu's place for the list when it has one as deep as the breadcrumb, else the breadcrumb's."""
        placed = nav_paths.get(group.key, ())
        path = group.paths.most_common(1)[0][0] if group.paths else ()
        if path and len(path) > len(placed):
            return path if len(path) > 1 else self._deeper(group.key, path)
        if placed:
            return placed
        name = next((name for name, _ in group.names.most_common() if _is_name(name)), "") or _short_title(
            group.title
        )
        return self._deeper(group.key, (name,)) if name else ()

    def _deeper(self, key: str, path: tuple[str, ...]) -> tuple[str, ...]:
        above = self._parents_by_folder(key)
        return (*above, *path) if path[0] not in above else path

    def _parents_by_folder(self, key: str) -> tuple[str, ...]:
        """Names of the column whose index is in a folder above this list."""
        head = key.split("?")[0].rstrip("/")
        while "/" in (head := head.rsplit("/", 1)[0]):
            if (placed := self._nav_places.get(head + "/")) is not None:
                return placed
            entry = self._lists.get(head + "/")
            if entry is not None and entry.paths:
                return entry.paths.most_common(1)[0][0]
        return ()

    def _from_single(
        self,
        key: str,
        path: tuple[str, ...],
        url: str,
        depth: int,
        label: str,
        nav_paths: dict[str, tuple[str, ...]],
    ) -> None:
        if key in self._by_key:
            return
        placed = nav_paths.get(key, ())
        if not path or not (_same_name(path[-1], label) or path[-1].startswith(label)):
            path = placed or (*path, label)
        elif len(placed) > len(path):
            path = placed
        if not path or not _is_name(path[-1]):
            return
        known = self._match(path) if len(path) == 1 else None
        column = self._columns[known] if known is not None else self._column(path, url)
        column.visited = True
        column.depth = min(column.depth, depth)
        column.only_pages += 1
        self._claim(column, key)

    def _from_nav(self, order: int, url: str, level: int, nav_paths: dict[str, tuple[str, ...]]) -> None:
        key = list_key(url)
        root = self._root(key)
        found = self._by_key.get(key, self._by_key.get(root))
        path = nav_paths[key]
        if found is None:
            found = self._by_path.get(path)
        if found is None:
            found = self._match(path)
        column = self._columns[found] if found is not None else self._column(path, url)
        column.level = min(column.level or 9, level or 9)
        column.order = min(column.order, order)
        self._by_key.setdefault(key, self._by_path[column.path])
        column.keys.add(key)

    def _from_articles(self) -> None:
        """Columns that only breadcrumbs of articles name, and the columns above every column."""
        home: dict[tuple[str, ...], str] = {}
        for path, folder in self._articles:
            home.setdefault(path, folder)
        for path, count in self._named.items():
            if (count < 2 and len(path) < 2) or path in _VAGUE or not all(_is_name(name) for name in path):
                continue
            if self._match(path) is not None:
                continue
            listed = self._by_folder.get(home[path])
            if listed is not None and _same_name(self._columns[listed].path[-1], path[-1]):
                # The list and its articles write the names above them differently.
                self._alias[path] = listed
            else:
                self._column(path, f"http://{home[path]}")
        for column in list(self._columns):
            for depth in range(1, len(column.path)):
                above = column.path[:depth]
                if self._match(above) is None:
                    parent = self._column(above, column.url)
                    parent.depth = min(parent.depth, max(1, column.depth - 1))

    def _match(self, path: tuple[str, ...]) -> int | None:
        """The column a breadcrumb means: the same path, or the only one of that name whose path begins or ends alike."""
        found = self._by_path.get(path, self._alias.get(path))
        if found is not None or not path:
            return found
        same = [
            i
            for i, column in enumerate(self._columns)
            if column.path[-1] == path[-1]
            and column.path != path[: len(column.path)]
            and (column.path[-len(path) :] == path or path[-len(column.path) :] == column.path)
        ]
        return same[0] if len(same) == 1 else None

    def _settle_folders(self) -> None:
        """Each folder of articles belongs to the column whose list shows it, if that is one only."""
        claims: Counter[str] = Counter()
        for column in self._columns:
            claims.update(column.folders)
        for index, column in enumerate(self._columns):
            for folder in column.folders:
                if claims[folder] == 1:
                    self._by_folder[folder] = index
        for key, index in self._by_key.items():
            if key.endswith("/"):
                self._by_folder[key] = index

    def _feed_articles(self) -> None:
        for (path, folder), newest in self._articles.items():
            index = self._place(path, folder)
            if index is None:
                continue
            column = self._columns[index]
            if not column.keys or not column.items:
                column.items += newest.items
                column.dated += newest.dated
            column.newest.take(newest, self._limit)

    def _place(self, path: tuple[str, ...], folder: str) -> int | None:
        found = self._match(path) if path else None
        return found if found is not None else self._by_folder.get(folder)

    def column_of(self, url: str, path: tuple[str, ...], name: str = "") -> int | None:
        """The place in `columns()` of the column a page is in; call after `columns()`.

        `path` and `name` are what the page says of its column.
        """
        key = list_key(url)
        found = self._by_key.get(key, self._by_key.get(self._root(key)))
        if found is None:
            found = self._place(path or ((clean_name(name),) if name else ()), folder_key(url))
        return self._final.get(found) if found is not None else None

    def _finished(self) -> list[Column]:
        order = sorted(range(len(self._columns)), key=lambda i: self._rank(i))
        self._final = {old: new for new, old in enumerate(order)}
        whole: dict[int, _Newest] = {}
        for index in sorted(range(len(self._columns)), key=lambda i: -len(self._columns[i].path)):
            column = self._columns[index]
            mine = whole.setdefault(index, _Newest())
            mine.take(column.newest, self._limit)
            parent = self._by_path.get(column.path[:-1])
            if parent is not None:
                whole.setdefault(parent, _Newest()).take(mine, self._limit)
        result = [
            self._surveyed(self._columns[index], whole[index], number)
            for number, index in enumerate(order, 1)
        ]
        for place in range(len(result) - 1, -1, -1):
            above = self._by_path.get(result[place].path[:-1])
            if above is not None and result[place].readable and result[self._final[above]].listing is None:
                result[self._final[above]] = replace(result[self._final[above]], readable=True)
        return result

    def _rank(self, index: int) -> tuple[object, ...]:
        """Order of the navigation at each level of the path, then of discovery."""
        column = self._columns[index]
        marks: list[tuple[int, int]] = []
        for depth in range(1, len(column.path) + 1):
            above = self._by_path.get(column.path[:depth])
            marks.append((self._columns[above].order, above) if above is not None else (1 << 30, index))
        return tuple(marks)

    def _surveyed(self, column: _Column, newest: _Newest, number: int) -> Column:
        listing = next(
            (state for state in ("static", "script", "unreadable", "empty") if state in column.states), None
        )
        kind = column.given_class or column_class(column.path)
        own = name_class(column.path[-1])[0] if column.path else "other"
        if kind == "other" and column.only_pages and not column.items:
            kind = "static"
        elif column.given_class is None and kind == "static" and own != "static" and column.dated >= 3:
            kind = "other"
        if (
            column.given_class is None
            and kind in ("other", "news", "notice")
            and self._is_finished_topic(column, newest)
        ):
            kind = "archived"
        on_home = bool(column.keys & (self._nav_keys.keys() | self._home_keys)) or bool(
            column.folders & self._home_folders
        )
        return Column(
            id=number,
            path=column.path,
            url=column.url,
            column_class=kind,
            declared=column.declared,
            depth=min(column.depth, 90) if column.depth != 99 else len(column.path),
            items=column.items,
            dated=column.dated,
            newest=newest.published,
            newest_url=newest.url or None,
            newest_title=newest.title or None,
            listing=listing,
            readable=(column.visited and listing != "unreadable") or (column.items > 0),
            on_home=on_home,
            first_level=column.level == 1 or (not self._nav and len(column.path) == 1),
            exempt=column.exempt,
        )

    def _is_finished_topic(self, column: _Column, newest: _Newest) -> bool:
        """A special topic below 专题 whose last item is more than a year old has run its course."""
        if not any("专题" in name or "专栏" in name for name in column.path[:-1]):
            return False
        return newest.date is not None and (self._as_of - newest.date).days > 365


def _same_name(one: str, other: str) -> bool:
    return clean_name(one) == clean_name(other)


def _is_name(name: str) -> bool:
    """Whether words can be the name of a column: short, and no part of the frame."""
    wide = sum(1 for c in name if c > "\u2e7f")
    return 1 < len(name) <= 40 and wide <= 16 and not is_frame_name(name) and not _ONLY_YEAR.match(name)


_ONLY_YEAR = re.compile(r"(?:19|20)\d\d年?度?$")


def _short_title(title: str) -> str:
    name = clean_name(re.split(r"[-_|—–]", title)[0])
    return name if _is_name(name) else ""
