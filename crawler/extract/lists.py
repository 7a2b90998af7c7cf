"""The list a page holds: its rows, the further pages of it, and whether it could be read at all.

Every publishing system hides its lists differently; the dialects are those of `docs` and of the marks in
`data/list_marks.toml`. A list that a script fills without its data being in the page is "unreadable",
never "empty".
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.evidence.records import Item
from crawler.extract import scripts
from crawler.extract.charset import decode
from crawler.extract.columns import column_path
from crawler.extract.dates import ARTICLE_URL, INDEX_URL, dates_in, row_date
from crawler.extract.pagers import further_pages
from crawler.extract.postcalls import posting_of
from crawler.extract.posted import AS_FORM, may_turn, posted_pages, turned_by_script
from crawler.extract.rows import MARKS, MOST_ROWS, Block, Resolve, Scan, blocks
from crawler.extract.signs import any_in
from crawler.extract.text import raw_title
from crawler.extract.webpage import WebPage, open_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """`state`: "static" rows in the page, "script" rows in data the page carries, "unreadable" a script fills
    it from elsewhere (`data_calls` says where, if known), "empty" says or shows that there is nothing,
    None no list. `next_pages` are further pages of the same list."""

    items: tuple[Item, ...] = ()
    state: str | None = None
    next_pages: tuple[str, ...] = ()
    data_calls: tuple[str, ...] = ()
    turned_unread: bool = False
    """There are further pages, and only a script that was not understood leads to them."""


_HOME = re.compile(r"^/?(?:(?:index|default|home|main|web/index)[\w-]{0,6}\.\w{2,5})?$", re.I)
_LISTLIKE_URL = re.compile(
    r"(?:/|/(?:index|default|list|node|more\w*|common_list|column-index|first)[\w-]{0,12}\.\w{2,5})$|_list\.s?html?$|/col\d+"
    r"|(?:list|column|channel|category|more)\w*\.(?:aspx?|jsp|do|action|php|s?html)",
    re.I,
)
_EMPTY = re.compile(rf"^\W{{0,6}}(?:{'|'.join(MARKS['empty']['phrases'])})[\W\w]{{0,24}}$")
_LOADING = re.compile(rf"^\W{{0,6}}(?:{'|'.join(MARKS['loading']['phrases'])})\W{{0,8}}$")
_SCRIPT = re.compile("|".join(MARKS["script"]["signs"]))
_ARTICLE_FURNITURE = re.compile(r"^(?:上一篇|下一篇)|打印(?:正文|本页)|字(?:体|号)[：:]")
_ASIDE = re.compile(r"^(?:相关|附件|评论|推荐|热门|上一|下一|延伸)")
_HEADER = re.compile(
    r"^(?:序号|编号|标题|名称|信息名称|文件名称|发文字号|文号|成文日期|发布日期|发布时间|日期|时间|索引号|发布机构|生成日期)$"
)


def listing(page: WebPage) -> Listing:
    """The list of `page`. Never raises; a page without a list gives an empty Listing with state None."""
    html = page.html

    def resolve(href: str) -> str:
        """A row without an address of its own stands on this page."""
        url = page.resolve(href)
        return url if url is not None and url.startswith(("http://", "https://")) else page.url

    root = page.tree.body
    if root is None:
        return Listing()
    calls = data_calls(page)
    hidden = list(_hidden_rows(html, resolve))
    found, scan = blocks(root, resolve, html=html, url=page.url)
    anchors = [(anchor.label, anchor.href, anchor.node) for anchor in scan.anchors]
    paging = further_pages(page, anchors)
    unread = False
    if not paging and may_turn(html):
        calls = (*calls, *posted_pages(page, anchors))
        unread = not calls and turned_by_script(anchors)
    path = urlsplit(page.url).path
    if ARTICLE_URL.search(page.url) and not INDEX_URL.search(path):
        found = [block for block in found if len(block.rows) > 1 and block.dated]
    kept = _kept(page, found, bool(paging))
    if hidden:
        seen = {item.url for item in hidden if item.url}
        extra = [item for block in kept for item in _items(block) if item.url not in seen and block.dated]
        return Listing(items=_limited([*hidden, *extra]), state="script", next_pages=paging, data_calls=calls)
    items = _limited(item for block in kept for item in _items(block))
    if items:
        ranking_only = all(block.ranking for block in kept)
        return Listing(
            items=items,
            state=None if ranking_only else "static",
            next_pages=paging,
            data_calls=calls,
            turned_unread=unread,
        )
    return Listing(state=_without_rows(page, scan, calls), next_pages=paging, data_calls=calls)


def _items(block: Block) -> Iterator[Item]:
    for row in block.rows:
        yield row.item


def _limited(items: Iterator[Item] | list[Item]) -> tuple[Item, ...]:
    unique: dict[tuple[str, str], Item] = {}
    for item in items:
        unique.setdefault((item.url, item.title), item)
        if len(unique) >= MOST_ROWS:
            break
    return tuple(unique.values())


def _kept(page: WebPage, found: list[Block], paged: bool) -> list[Block]:
    """The blocks that are this page's own list: all previews of a home or index page, else the main one."""
    usable = [block for block in found if not block.frame and not block.ranking]
    dated = [block for block in usable if block.dated]
    if not dated:
        ranked = [block for block in found if block.dated and not block.frame]
        rest = [block for block in usable if not block.preview]
        if ranked or not rest or _HOME.match(urlsplit(page.url).path) or _has_prose(page):
            return ranked
        return [max(rest, key=lambda block: len(block.rows))]
    if _HOME.match(urlsplit(page.url).path) and not urlsplit(page.url).query:
        return dated
    own = [block for block in dated if not block.preview]
    if not own or (not paged and len(dated) - len(own) >= 2):
        return dated
    if len(own) == 1:
        return own
    named = [block for block in own if _is_named(page, block)]
    main = max(named or own, key=lambda block: len(block.rows))
    others = sum(len(block.rows) for block in own if block is not main)
    if not paged and not named and len(main.rows) < 2 * others:
        return own
    return [block for block in own if block is main or block.rows[0].signature == main.rows[0].signature]


def _is_named(page: WebPage, block: Block) -> bool:
    """Whether the heading of a block is the name of the page itself."""
    heading = block.heading.replace(" ", "")
    if len(heading) < 2:
        return False
    names = [raw_title(page).replace(" ", ""), *column_path(page)[-1:]]
    return any(heading.endswith(name) or name.startswith(heading) for name in names if len(name) >= 2)


def _has_prose(page: WebPage) -> bool:
    return sum(len(line) for line in page.outline.text.splitlines() if len(line) > 60 and "。" in line) > 120


# --- rows that are not elements of the page


def _hidden_rows(html: str, resolve: Resolve) -> Iterator[Item]:
    """Rows that the source carries as data: list records, written-out rows, url-and-title variables."""
    writes = "document.write" in html and "href" in html
    fragments = (
        [w for w in scripts.written_html(html) if w.place != "config"] if writes or "<record>" in html else []
    )
    records = [w.html for w in fragments if w.place == "record"]
    if records:
        yield from fragment_rows(records, resolve)
        return
    written = [w.html for w in fragments if w.place == "write" and "<a" in w.html.lower()]
    if written:
        rows = [
            item for item in fragment_rows(written, resolve) if item.date is not None or len(item.title) >= 8
        ]
        if len(rows) >= 2:
            yield from rows
            return
    yield from _variables(html, resolve)


_VARIABLES = re.compile(
    r"(?-i:[vV][aA][rR])(?<!\w...)\s+(?:url|link|href|strUrl|docpuburl)\s*=\s*[\"']([^\"'<>\s]{3,300})[\"'](.{0,600}?)(?=\bvar\s+(?:url|link|href|strUrl|docpuburl)\s*=|</script>)",
    re.S | re.I,
)
_VARIABLE_TITLE = re.compile(
    r"\b(?:title|docTitle|strTitle|tit|name)\s*=\s*[\"']([^\"'\n]{2,300})[\"']", re.I
)


def _variables(html: str, resolve: Resolve) -> Iterator[Item]:
    if (
        "var url" not in html
        and "var link" not in html
        and "var href" not in html
        and "var strUrl" not in html
    ):
        return
    found = []
    for match in _VARIABLES.finditer(html):
        title = _VARIABLE_TITLE.search(match[2])
        url = resolve(match[1])
        if title is None or url is None:
            continue
        seen = list(dates_in(match[2].replace(title[0], " ")))
        found.append(Item(title=title[1].strip(), url=url, date=seen[-1].date if seen else None))
        if len(found) >= MOST_ROWS:
            break
    if len(found) >= 2 or any(item.date for item in found):
        yield from found


def fragment_rows(fragments: list[str], resolve: Resolve) -> list[Item]:
    """One item a fragment of HTML: the row of a list record. A fragment with several rows gives all of them."""
    items: list[Item] = []
    for fragment in fragments[:MOST_ROWS]:
        tree = LexborHTMLParser(
            f"<table><tr><td>{fragment}</table>" if fragment.lstrip()[:3].lower() == "<td" else fragment
        )
        body = tree.body
        if body is None:
            continue
        rows, _ = blocks(body, resolve, html=fragment)
        dated = [row.item for block in rows for row in block.rows if row.item.date is not None]
        if dated:
            items += dated
            continue
        links = [a for a in tree.css("a[href]") if a.text(strip=True) or a.attributes.get("title")]
        if not links:
            continue
        link = max(links, key=lambda a: len(a.text(strip=True)))
        label = " ".join(link.text().split())
        title = (link.attributes.get("title") or "").strip() or label
        rest = body.text(separator=" ").replace(link.text(separator=" "), " ", 1)
        items.append(
            Item(
                title=title[:300],
                url=resolve((link.attributes.get("href") or "").strip()) or "",
                date=row_date(rest),
            )
        )
    return items


# --- no rows: empty, unreadable, or no list


def _without_rows(page: WebPage, scan: Scan, calls: tuple[str, ...]) -> str | None:
    body = page.tree.body
    if body is None:
        return None
    if calls:
        return "unreadable"
    lines = [" ".join(line.split()) for line in page.outline.text.splitlines()]
    lines = [line for line in lines if line]
    prose = any(len(line) > 90 and "。" in line for line in lines)
    if prose:
        return None
    said = [number for number, line in enumerate(lines) if len(line) <= 40 and _EMPTY.match(line)]
    if said and not any(_ARTICLE_FURNITURE.search(line) for line in lines):
        if any(number == 0 or not _ASIDE.match(lines[number - 1]) for number in said):
            return "empty" if not _templated(page.html) else "unreadable"
        return None
    listlike = _LISTLIKE_URL.search(urlsplit(page.url).path or "/") is not None
    if not listlike or _HOME.match(urlsplit(page.url).path):
        return None
    loading = any(_LOADING.match(line) for line in lines if len(line) < 24)
    heads = {word for line in lines for word in line.split("\t") if _HEADER.match(word)}
    holders = _empty_holders(page)
    holder = bool(holders) or len(heads) >= 2
    awaited = any(node.attributes.get("id") for node in holders) and "<script" in page.html
    framed = any(
        (node.attributes.get("height") or "1")[:1] != "0"
        for node in page.tree.css("iframe[id], iframe[name]")
    )
    if (
        framed
        or awaited
        or loading
        or ((holder or len(scan.anchors) < 5) and _SCRIPT.search(page.html[:400_000]) is not None)
    ):
        return "unreadable"
    return "empty" if holder else None


def _templated(html: str) -> bool:
    """Whether the words "nothing here" may only be a template's other branch."""
    return bool(re.search(r"v-(?:if|show|else)|ng-(?:if|show)|\{\{|queryData\s*=|dataproxy", html))


_HELD = "li, a, td, img, script, dd, iframe, form, input, object, embed"
_LIST_NAME = re.compile(
    r"(?i)(?:^|[\s_-])(?:\w*list\w*|news\w*|lb|liebiao|xxlb|wzlb|gl_?list|cont(?:ent)?|con|main)(?:$|[\s_\d-])"
)


def _empty_holders(page: WebPage) -> list[LexborNode]:
    """List elements without anything in them, outside the frame of the page."""
    found = []
    for node in page.tree.css("ul, ol, tbody, dl, div[class*=list], div[id*=list]")[:200]:
        if node.css_first(_HELD) is not None or node.text(strip=True):
            continue
        names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        above = node.parent
        parent = (
            f"{above.attributes.get('class') or ''} {above.attributes.get('id') or ''}"
            if above is not None
            else ""
        )
        if _LIST_NAME.search(names) or _LIST_NAME.search(parent):
            found.append(node)
    return found


# --- calls that fill lists


_PROXY = re.compile(r"[\w./:-]{0,120}/jpage/(?:more)?dataproxy\.jsp$", re.I)
_PROXY_FIELD = re.compile(
    r"[\"']?\b(col|appid|webid|path|columnid|sourceContentType|unitid|webname|permissiontype)\b[\"']?\s*[:=]\s*[\"']?([^\"',;&}\s)]{1,80})",
    re.I,
)
_TOTAL = re.compile(
    r"[\"']?\btotalRecord\b[\"']?\s*[:=]\s*[\"']?(\d{1,6})|<totalrecord>(\d{1,6})</totalrecord>", re.I
)
_PER_PAGE = re.compile(r"[\"']?\bperPage\b[\"']?\s*[:=]\s*[\"']?(\d{1,3})", re.I)
_NEXT_GROUP = re.compile(
    r"<(?:next|pre)group>\s*(?:<!\[CDATA\[)?\s*<a\s+href=[\"']([^\"']{5,2000})[\"']", re.I
)
_QUERY_DATA = re.compile(r"queryData\s*=\s*(?:\"(\{[^\"]{5,1500}\})\"|'(\{[^']{5,1500}\})')")
_QUERY_URL = re.compile(r"[\w./:-]{0,100}/api-gateway/jpaas-publish-server/front/page/build/unit$")
_DATA_URLS = {"Url": ("dataUrl", "listUrl", "ajaxUrl"), "data_url": ("data_url",)}
_DATA_URL = re.compile(r"\b(?:dataUrl|listUrl|data_url|ajaxUrl)\s*[:=]\s*[\"']([^\"'\s<>]{4,300})[\"']")
_GKMLPT_SID = re.compile(r"\bSID\s*:\s*[\"']?(\d{1,12})")
_GKMLPT_ID = re.compile(r"[\"']?\bid[\"']?\s*:\s*[\"']?(\d{1,9})")
MOST_CALLS = 40


def data_calls(page: WebPage) -> tuple[str, ...]:
    """Addresses that answer with the rows a script would fill into this page. GET forms; at most MOST_CALLS."""
    html = page.html
    calls: list[str] = []
    if "dataproxy.jsp" in html:
        calls += _proxy_calls(page)
    if "queryData" in html:
        calls += _jpaas_calls(page)
    if "_CONFIG" in html and "SID" in html:
        calls += _gkmlpt_calls(page)
    if any_in(html, _DATA_URLS):
        calls += [url for m in _DATA_URL.finditer(html) if (url := page.resolve(m[1]))]
    calls += _frames(page) if "<iframe" in html or "<IFRAME" in html else []
    return tuple(dict.fromkeys(calls))[:MOST_CALLS]


def _ending_with(html: str, end: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The first match of `pattern` that ends in `end`, looked for only where that stands."""
    at = html.find(end)
    for _ in range(20):
        if at < 0:
            return None
        stop = at + len(end)
        if match := pattern.search(html[max(0, stop - 220) : stop]):
            return match
        at = html.find(end, stop)
    return None


def _proxy_calls(page: WebPage) -> list[str]:
    """大汉 dataproxy.jsp: blocks of three pages each, with the ids the page names."""
    html = page.html
    path = _ending_with(html, "dataproxy.jsp", _PROXY)
    if path is None:
        return []
    address = page.resolve(path[0])
    if address is None:
        return []
    fields = {"col": "1", "appid": "1", "path": "/", "sourceContentType": "1", "permissiontype": "0"}
    names = {
        k.lower(): k
        for k in (
            "col",
            "appid",
            "webid",
            "path",
            "columnid",
            "sourceContentType",
            "unitid",
            "webname",
            "permissiontype",
        )
    }
    for match in _PROXY_FIELD.finditer(html):
        fields[names[match[1].lower()]] = match[2]
    if column := re.search(r"/col/col(\d+)/", page.url):
        fields.setdefault("columnid", column[1])
    if "unitid" not in fields and (unit := re.search(r"[?&]uid=(\d+)", page.url + " " + html)):
        fields["unitid"] = unit[1]
    if "columnid" not in fields or "unitid" not in fields:
        group = _NEXT_GROUP.search(html)
        following = page.resolve(group[1].replace("&amp;", "&")) if group else None
        return [following] if following else []
    total_found = _TOTAL.search(html)
    total = int(total_found[1] or total_found[2]) if total_found else 0
    per = _PER_PAGE.search(html)
    size = max(1, min(int(per[1]) if per else 15, 100))
    carried = html.count("<record>")
    order = (
        "col",
        "appid",
        "webid",
        "path",
        "columnid",
        "sourceContentType",
        "unitid",
        "webname",
        "permissiontype",
    )
    tail = urlencode([(k, fields[k]) for k in order if k in fields])
    start = carried + 1
    calls = []
    while start == 1 or start <= total:
        calls.append(f"{address}?startrecord={start}&endrecord={start + 3 * size - 1}&perpage={size}&{tail}")
        start += 3 * size
        if len(calls) >= MOST_CALLS:
            break
    return calls


def _jpaas_calls(page: WebPage) -> list[str]:
    html = page.html
    calls = []
    address = _ending_with(html, "/front/page/build/unit", _QUERY_URL)
    base = (
        page.resolve(address[0])
        if address
        else page.resolve("/api-gateway/jpaas-publish-server/front/page/build/unit")
    )
    for match in _QUERY_DATA.finditer(html):
        written = (match[1] or match[2]).replace("&quot;", '"').replace("'", '"')
        try:
            data = json.loads(written)
        except ValueError:
            pairs = re.findall(r"[\"']?(\w{2,20})[\"']?\s*:\s*[\"']([^\"']{0,200})[\"']", written)
            data = dict(pairs)
        if not isinstance(data, dict) or base is None or "webId" not in data:
            continue
        fields = {
            k: str(v)
            for k, v in data.items()
            if k in ("webId", "pageId", "parseType", "pageType", "tagId", "tplSetId")
        }
        for number in (1, 2, 3):
            parameters = {
                **fields,
                "paramJson": json.dumps({"pageNo": number, "pageSize": 20}, separators=(",", ":")),
            }
            calls.append(f"{base}?{urlencode(parameters)}")
    return calls


def _gkmlpt_calls(page: WebPage) -> list[str]:
    """The disclosure platform of Guangdong: /gkmlpt/api/all/<category>?page=1&sid=<SID>; the column is in the fragment."""
    html = page.html
    sid = _GKMLPT_SID.search(html)
    if sid is None or "/gkmlpt/content/" in page.url or "DETAIL" in html:
        return []
    parts = urlsplit(page.url)
    at = parts.path.find("/gkmlpt")
    if at < 0:
        return []
    base = urlunsplit((parts.scheme, parts.netloc, parts.path[: at + 7] + "/api/all/", "", ""))
    if parts.fragment.isdigit():
        return [f"{base}{parts.fragment}?page=1&sid={sid[1]}"]
    tree = html[html.find("TREE") :] if "TREE" in html else ""
    ids = list(dict.fromkeys(m[1] for m in _GKMLPT_ID.finditer(tree[:200_000])))
    return [f"{base}{ident}?page=1&sid={sid[1]}" for ident in ids[:MOST_CALLS]] or [
        f"{base}0?page=1&sid={sid[1]}"
    ]


def _frames(page: WebPage) -> list[str]:
    host = urlsplit(page.url).hostname
    found = []
    for node in page.tree.css("iframe[src]")[:20]:
        src = (node.attributes.get("src") or "").strip()
        names = f"{src} {node.attributes.get('id') or ''} {node.attributes.get('name') or ''}".lower()
        size = (node.attributes.get("height") or "").rstrip("px")
        if not src or src.startswith(("javascript:", "about:")) or (size.isdigit() and int(size) < 80):
            continue
        if re.search(r"list|lb|news|more|main|right|con|jact|info", names):
            url = page.resolve(src)
            if url and urlsplit(url).hostname == host:
                found.append(url)
    return found


# --- answers of such calls


_JSON_TITLE: list[str] = MARKS["json"]["title"]
_JSON_URL: list[str] = MARKS["json"]["url"]
_JSON_DATE: list[str] = MARKS["json"]["date"]
_ADDRESS_LOOKS = re.compile(
    r"(?:https?:/)?/[^\s<>]+$|[\w./-]{1,200}\.(?:s?html?|jhtml|jspx?|aspx?|php|do)(?:\?\S*)?$", re.I
)
_DAY_LOOKS = re.compile(r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]|$)")
_TITLE_LOOKS = re.compile(r"[\u4e00-\u9fff].{2}[\u4e00-\u9fff]")
_CHINA = dt.timezone(dt.timedelta(hours=8))
_WHOLE_PAGE = re.compile(r"(?i)<(?:!doctype|html|head|body|form)\b")


def read_data_call(body: bytes, content_type: str | None, url: str) -> Listing:
    """The rows that an answer of a documented call holds: list records, JSON of the known platforms, bare HTML.

    `state` is "script" when rows were found, "empty" when the answer itself counts none, else "unreadable":
    an empty or encrypted answer says nothing about the column.
    """
    text, _ = decode(body, content_type)

    def resolve(href: str) -> str | None:
        try:
            return urljoin(url, href.strip()) if href.strip() else None
        except ValueError:
            return None

    if "<record>" in text or "<recordset" in text or "<datastore" in text:
        records = [w.html for w in scripts.written_html(text) if w.place == "record"]
        items = fragment_rows(records, resolve)
        counted = _TOTAL.search(text)
        total = int(counted[1] or counted[2]) if counted else None
        if items:
            return Listing(items=_limited(items), state="script", data_calls=_rest_of_proxy(url, total))
        return Listing(state="empty" if total == 0 else "unreadable")
    stripped = text.strip()
    if stripped[:1] in ("{", "["):
        try:
            data = json.loads(stripped)
        except (ValueError, RecursionError):
            return Listing(state="unreadable")
        return _from_json(data, url, resolve)
    if AS_FORM in url and "<" in stripped:
        turned = _turned_page(open_page(url.partition(AS_FORM)[0], body, content_type))
        if turned.items or _WHOLE_PAGE.search(stripped[:2000]):
            return turned
    if "<" in stripped:
        tree = LexborHTMLParser(stripped)
        if tree.body is not None:
            rows, _ = blocks(tree.body, resolve, html=text)
            items = [row.item for block in rows if not block.ranking for row in block.rows]
            if items:
                return Listing(items=_limited(items), state="script")
    return Listing(state="unreadable")


def _turned_page(page: WebPage) -> Listing:
    """A whole page that a form brought: its own list, and the form for the page after it."""
    found = listing(page)
    if not found.items or page.tree.body is None:
        return Listing(state="unreadable")
    _, scan = blocks(page.tree.body, lambda href: page.resolve(href) or page.url, url=page.url)
    anchors = [(anchor.label, anchor.href, anchor.node) for anchor in scan.anchors]
    return Listing(items=found.items, state="script", data_calls=posted_pages(page, anchors, answer=True))


def _rest_of_proxy(url: str, total: int | None) -> tuple[str, ...]:
    """The call for the block after this one, when the answer counts more records than it held."""
    match = re.search(r"startrecord=(\d{1,7})&endrecord=(\d{1,7})", url)
    if match is None or total is None or int(match[2]) >= total:
        return ()
    size = int(match[2]) - int(match[1]) + 1
    start = int(match[2]) + 1
    return (url.replace(match[0], f"startrecord={start}&endrecord={start + size - 1}", 1),)


def _from_json(data: Any, url: str, resolve: Resolve) -> Listing:
    html = _html_of(data)
    if html:
        tree = LexborHTMLParser(html)
        items: list[Item] = []
        if tree.body is not None:
            rows, _ = blocks(tree.body, resolve, html=html)
            items = [row.item for block in rows for row in block.rows]
        if items:
            return Listing(items=_limited(items), state="script")
        return Listing(
            state="empty"
            if _EMPTY.match(" ".join(tree.body.text().split()) if tree.body else "")
            else "unreadable"
        )
    best: list[Item] = []
    for entries in _lists_of(data, 0):
        found = [item for entry in entries[:MOST_ROWS] if (item := _json_item(entry, resolve)) is not None]
        if len(found) > len(best):
            best = found
    count = (
        data.get("classify", {}).get("post_count")
        if isinstance(data, dict) and isinstance(data.get("classify"), dict)
        else None
    )
    if not best:
        zero = count == 0 or (
            isinstance(data, dict)
            and any(data.get(k) == 0 for k in ("total", "totalCount", "count", "totalRecord"))
        )
        return Listing(state="empty" if zero else "unreadable")
    return Listing(items=_limited(best), state="script", data_calls=_rest_of_pages(url, len(best), count))


def _rest_of_pages(url: str, held: int, count: Any) -> tuple[str, ...]:
    match = re.search(r"([?&]page=)(\d{1,5})", url)
    if (
        match is None
        or posting_of(url) is not None
        or not isinstance(count, int)
        or held == 0
        or int(match[2]) * held >= count
        or count > 1_000_000
    ):
        return ()
    return (url.replace(match[0], f"{match[1]}{int(match[2]) + 1}", 1),)


def _html_of(data: Any) -> str:
    """The HTML that a page-building service answers with: {"data": {"html": "<ul>…"}}."""
    inner = data.get("data") if isinstance(data, dict) else None
    if isinstance(inner, dict) and isinstance(inner.get("html"), str):
        return str(inner["html"])
    if isinstance(data, dict) and isinstance(data.get("html"), str):
        return str(data["html"])
    return ""


def _lists_of(data: Any, depth: int) -> Iterator[list[Any]]:
    if depth > 6:
        return
    if isinstance(data, list):
        if data and isinstance(data[0], dict):
            yield data
        for entry in data[:50]:
            yield from _lists_of(entry, depth + 1)
    elif isinstance(data, dict):
        for value in list(data.values())[:50]:
            if isinstance(value, dict | list):
                yield from _lists_of(value, depth + 1)


def _json_item(entry: Any, resolve: Resolve) -> Item | None:
    if not isinstance(entry, dict):
        return None
    title = next((entry[k] for k in _JSON_TITLE if isinstance(entry.get(k), str) and entry[k].strip()), None)
    href = next((entry[k] for k in _JSON_URL if isinstance(entry.get(k), str) and entry[k].strip()), None)
    if title is None or href is None:
        title, href = _by_looks(entry)
    if title is None or href is None:
        return None
    date = next((d for k in _JSON_DATE if (d := _json_date(entry.get(k))) is not None), None)
    if date is None:
        days = (v for v in entry.values() if isinstance(v, str) and _DAY_LOOKS.match(v))
        date = next((d for v in days if (d := _json_date(v)) is not None), None)
    top = entry.get("is_top", entry.get("isTop", entry.get("top")))
    clean = " ".join(re.sub(r"<[^>]{0,200}>", "", title).split())
    return Item(title=clean[:300], url=resolve(href) or "", date=date, pinned=top in (1, True, "1", "true"))


def _by_looks(entry: dict[str, Any]) -> tuple[str | None, str | None]:
    """(title, address) of a record whose keys are nobody's convention: the longest Chinese words and the one address."""
    values = [v.strip() for v in list(entry.values())[:40] if isinstance(v, str) and len(v) < 1000]
    addresses = [v for v in values if _ADDRESS_LOOKS.match(v)]
    titles = [v for v in values if _TITLE_LOOKS.search(v) and v not in addresses]
    if len(set(addresses)) != 1 or not titles:
        return None, None
    return max(titles, key=len), addresses[0]


def _json_date(value: Any) -> dt.date | None:
    """Seconds or milliseconds since 1970, or any written form; days are those of China."""
    if isinstance(value, str) and value.isdigit() and len(value) in (10, 13):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        seconds = value // 1000 if value > 100_000_000_000 else value
        if 0 < seconds < 4_102_444_800:
            return dt.datetime.fromtimestamp(seconds, _CHINA).date()
        return None
    return row_date(value) if isinstance(value, str) and len(value) <= 60 else None
