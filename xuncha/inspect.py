"""`xuncha inspect`: what the auditor sees in a page, from a file or fetched once."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from crawler.evidence.records import Reading
from crawler.extract.address import fetchable
from crawler.extract.reading import read_page
from crawler.extract.webpage import WebPage, open_page

SCHEMA = 1

_TIMEOUT_S = 30
_LARGEST = 20_000_000
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(https?://\S+?)\s*-->", re.I)
_KIND = {"home": "首页", "list": "列表页", "article": "文章页", "index": "栏目导航页", "other": "其他"}
_FAULT = {
    "declared-wrong": "声明的编码与实际不符",
    "undeclared": "没有声明编码",
    "broken-bytes": "有损坏的字节",
}
_ZONE = {"nav": "导航", "body": "正文", "footer": "页脚", "hidden": "隐藏"}


def inspect_lines(files: Iterable[str], url: str | None = None) -> Iterator[dict[str, Any]]:
    """One JSON object per page, as `inspect --json` prints it. `files` are paths or http(s) addresses.

    The address of a file is `url`; without it the one the page names itself (a "saved from" comment,
    canonical link, meta Url); else its path as a file: address, against which relative links resolve
    as in a browser that opens the file. With several files `url` is the address of the folder that
    holds them all. A page that cannot be read gives a line with `error` in place of the reading.
    """
    names = list(files)
    folder = _common_folder(names) if url and len(names) > 1 else None
    for name in names:
        try:
            page = _fetched(name) if fetchable(name) else _opened(name, url, folder)
        except (OSError, ValueError) as error:
            yield {"schema": SCHEMA, "file": name, "error": f"读不到：{_reason(error)}"}
            continue
        yield as_json(name, read_page(page))


def as_json(name: str, reading: Reading) -> dict[str, Any]:
    """A reading in the stable shape of `inspect --json`."""
    date = reading.published
    return {
        "schema": SCHEMA,
        "file": name,
        "url": reading.url,
        "charset": {
            "declared": reading.charset.declared,
            "used": reading.charset.used,
            "fault": reading.charset.fault,
        },
        "title": reading.title,
        "kind": str(reading.kind),
        "column_path": list(reading.column_path),
        "published": {
            "date": date.date.isoformat(),
            "source": date.source,
            "quote": date.quote,
            "confidence": date.confidence,
        }
        if date
        else None,
        "items": [
            {"title": i.title, "url": i.url, "date": i.date.isoformat() if i.date else None}
            for i in reading.items
        ],
        "links": [
            {"url": link.url, "text": link.text, "tag": link.tag, "zone": str(link.zone)}
            for link in reading.links
        ],
        "mandated": [{"item": m.item, "year": m.year, "confidence": m.confidence} for m in reading.mandated],
        "text": reading.text,
    }


def describe(line: dict[str, Any]) -> str:
    """The same for people, in Chinese."""
    if "error" in line:
        return f"{line['file']}\n  {line['error']}\n"
    charset, date = line["charset"], line["published"]
    fault = _FAULT.get(charset["fault"] or "", "")
    zones: dict[str, int] = {}
    for link in line["links"]:
        zones[link["zone"]] = zones.get(link["zone"], 0) + 1
    rows = [
        ("网址", line["url"]),
        ("标题", line["title"] or "（无）"),
        ("类型", _KIND[line["kind"]]),
        ("栏目", " > ".join(line["column_path"]) or "（未读出）"),
        (
            "编码",
            f"声明 {charset['declared'] or '无'}，按 {charset['used']} 读取"
            + (f"，{fault}" if fault else ""),
        ),
        ("发布日期", f"{date['date']}（依据：{date['quote']}）" if date else "（未读出）"),
        ("列表条目", f"{len(line['items'])} 条"),
        ("链接", f"{len(line['links'])} 个" + "".join(f"，{_ZONE[z]} {n}" for z, n in zones.items())),
        (
            "公开事项",
            "、".join(m["item"] + (f"（{m['year']}）" if m["year"] else "") for m in line["mandated"])
            or "（无）",
        ),
        ("文字", f"{len(line['text'])} 字"),
    ]
    head = f"{line['file']}\n" + "".join(f"  {name}：{value}\n" for name, value in rows)
    return head + "".join(f"    {i['date'] or '无日期'}  {i['title']}\n" for i in line["items"][:10])


def _opened(name: str, url: str | None, folder: Path | None) -> WebPage:
    path = Path(name)
    if path.stat().st_size > _LARGEST:
        raise ValueError("文件太大")
    body = path.read_bytes()
    if url:
        return open_page(url if folder is None else _under(url, path.resolve().relative_to(folder)), body)
    page = open_page(path.resolve().as_uri(), body)
    named = _named(page)
    return open_page(named, body) if named else page


def _named(page: WebPage) -> str | None:
    """The address a page gives itself."""
    saved = _SAVED_FROM.search(page.html[:2000])
    if saved:
        return saved.group(1)
    canonical = page.tree.css_first('link[rel="canonical" i][href]')
    for claimed in (
        canonical.attributes.get("href") if canonical is not None else None,
        page.meta.get("url"),
    ):
        if claimed and fetchable(claimed.strip()):
            return claimed.strip()
    return None


def _under(url: str, path: Path) -> str:
    return url.rstrip("/") + "/" + path.as_posix()


def _common_folder(names: list[str]) -> Path:
    folders = [Path(name).resolve().parent for name in names if not fetchable(name)]
    if not folders:
        return Path()
    shared = folders[0]
    while not all(folder.is_relative_to(shared) for folder in folders):
        shared = shared.parent
    return shared


def _fetched(url: str) -> WebPage:
    request = urllib.request.Request(
        url, headers={"User-Agent": f"xuncha/{_version()}", "Accept-Language": "zh-CN,zh"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            return open_page(answer.url, answer.read(_LARGEST), answer.headers.get("Content-Type"))
    except urllib.error.HTTPError as answer:
        with answer:
            return open_page(answer.url or url, answer.read(_LARGEST), answer.headers.get("Content-Type"))


def _version() -> str:
    try:
        return version("xuncha")
    except PackageNotFoundError:
        return "0"


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "没有这个文件"
    if isinstance(error, urllib.error.URLError):
        return f"打不开这个地址（{error.reason}）"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)
