"""Turns a YAML case into real evidence through the real writer, so that impossible evidence cannot be invented.

A case file: `check`, `as_of`, then one entry a case, named pass_..., fail_..., review_... or na_...:

    why: one line
    site: {site_code: "..."}            overrides of the site's fields
    coverage: {links: partial}          kinds that are not complete
    evidence:
      pages: [{url, title, text, frame, kind, published, column, depth, links, items, facts, mandated, meta, anchors}]
      columns: [{path, url, class, newest, items, dated, listing, readable, ...}]
      fetches: [{url, outcome, status, method, attempt, control, final_url, redirects, detail}]
      faces: [{url, host, title, description, lang, before: {host, title, lang}}]     what outside pages showed
      documents: [{url, kind, text, readable, why, tables, facts}]
    limits: {name: value}
    verdicts: [{subject, grade, variant, facts}]      every verdict, good ones too; of facts those that are named

Addresses may be relative to http://kjj.example/. A page is fetched well unless `fetches` names it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import yaml

from checks.check import Verdict
from checks.registry import module_of
from crawler.evidence.reader import Evidence
from crawler.evidence.records import (
    Charset,
    Column,
    Coverage,
    Fact,
    Fetch,
    FetchOutcome,
    Item,
    Link,
    MandatedItem,
    PageKind,
    Published,
    Reading,
    Run,
    Site,
    Zone,
)
from crawler.evidence.writer import EvidenceWriter

HOME = "http://kjj.example/"
AT = dt.datetime(2018, 4, 16, 8, 0, tzinfo=dt.UTC)
KINDS = ("pages", "links", "columns", "documents")


def load(path: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    """The check id of a case file and its cases by name, each with the file's `as_of` filled in."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    check, as_of = raw.pop("check"), raw.pop("as_of")
    return check, {name: {"as_of": as_of, **case} for name, case in raw.items()}


def verdicts(check: str, case: Mapping[str, Any], folder: Path) -> list[Verdict]:
    """Write the case's evidence into `folder` and let the check judge it."""
    write(case, folder)
    module = module_of(check)
    with Evidence(folder) as evidence:
        return list(module.examine(evidence, {**module.CHECK.limits, **case.get("limits", {})}))


def write(case: Mapping[str, Any], folder: Path) -> None:
    evidence = case.get("evidence") or {}
    site = {
        "id": "kjj", "name": "某市科学技术局", "home_url": HOME, "hosts": ["kjj.example"], "path_prefix": "/",
        "sponsor": "某市科学技术局", "site_code": "", "profile": "bureau", **case.get("site", {}),
    }  # fmt: skip
    run = Run(
        id="case", site=Site(**{**site, "hosts": tuple(site["hosts"])}), as_of=case["as_of"], started_at=AT,
        finished_at=None, version="0", config=case.get("config", {}), coverage={},
    )  # fmt: skip
    asked = {urljoin(HOME, f["url"]) for f in evidence.get("fetches", ())}
    with EvidenceWriter(folder, run) as writer:
        page_columns: dict[int, int] = {}
        for page in evidence.get("pages", ()):
            reading = _reading(page)
            fetch = Fetch(url=reading.url, method="GET", at=AT, outcome=FetchOutcome.OK, status=200)
            if reading.url not in asked:
                writer.store_fetch(fetch)
            writer.store_page(
                fetch, reading, hashlib.sha256(reading.text.encode()).digest(), depth=page.get("depth", 1)
            )
            if page.get("column") is not None:
                page_columns[writer.target(reading.url)] = page["column"]
        for row in evidence.get("fetches", ()):
            writer.store_fetch(_fetch(row), control=row.get("control"))
        for row in evidence.get("faces", ()):
            shown = {"host": urlsplit(row["url"]).hostname, **row}
            writer.add_fact(writer.target(shown.pop("url")), Fact(kind="outside-face", data=shown))
        for row in evidence.get("documents", ()):
            writer.store_document(
                urljoin(HOME, row["url"]), kind=row.get("kind", "pdf"), body=b"%PDF" if row.get("bytes", 4) else b"", readable=row.get("readable", True),
                why=row.get("why"), title=row.get("title", ""), text=row.get("text", ""), tables=row.get("tables", ()),
                facts=_facts(row),
            )  # fmt: skip
        columns = [_column(number, row) for number, row in enumerate(evidence.get("columns", ()), 1)]
        writer.store_columns(columns, page_columns.items())
        for row in evidence.get("notes", ()):
            writer.note(row["kind"], row.get("detail", ""), AT, row.get("url"))
        states = case.get("coverage", {})
        writer.finish(
            AT,
            {
                kind: Coverage(state=states.get(kind, "complete"), why=("案例",) if kind in states else ())
                for kind in KINDS
            },
        )


def _published(value: Any) -> Published | None:
    if value is None:
        return None
    if isinstance(value, dt.date):
        return Published(date=value, source="label", quote=f"发布时间：{value}", confidence=0.95)
    return Published(
        **{"source": "label", "quote": f"发布时间：{value['date']}", "confidence": 0.95, **value}
    )


def _facts(row: Mapping[str, Any]) -> tuple[Fact, ...]:
    return tuple(Fact(kind=f["kind"], data=f["data"]) for f in row.get("facts", ()))


def _reading(page: Mapping[str, Any]) -> Reading:
    text = page.get("text", "")
    frame = page.get("frame", "")
    title = page.get("title", "标题")
    charset = {"declared": "utf-8", "used": "utf-8", **page.get("charset", {})}
    return Reading(
        url=urljoin(HOME, page["url"]), charset=Charset(**charset), title=title, raw_title=page.get("raw_title", title),
        kind=PageKind(page.get("kind", "article")), column_path=tuple(page.get("column_path", ())),
        published=_published(page.get("published")),
        items=tuple(
            Item(title=i["title"], url=urljoin(HOME, i["url"]), date=i.get("date"), pinned=i.get("pinned", False))
            for i in page.get("items", ())
        ),
        links=tuple(
            Link(
                url=urljoin(HOME, k["url"]), text=k.get("text", "链接"), tag=k.get("tag", "a"),
                zone=Zone(k.get("zone", "body")), href=k.get("href"),
            )
            for k in page.get("links", ())
        ),
        mandated=tuple(
            MandatedItem(item=m["item"], year=m.get("year"), confidence=m.get("confidence", 0.95))
            for m in page.get("mandated", ())
        ),
        text=f"{frame}\n{text}" if frame else text, main_text=text, meta=page.get("meta", {}),
        anchors=frozenset(page.get("anchors", ())), listing=page.get("listing"),
        facts=_facts(page),
    )  # fmt: skip


def _fetch(row: Mapping[str, Any]) -> Fetch:
    final = row.get("final_url")
    return Fetch(
        url=urljoin(HOME, row["url"]), method=row.get("method", "GET"),
        at=AT + dt.timedelta(minutes=row.get("attempt", 1)), outcome=FetchOutcome(row.get("outcome", "ok")),
        attempt=row.get("attempt", 1), status=row.get("status"), final_url=urljoin(HOME, final) if final else None,
        redirects=tuple(urljoin(HOME, url) for url in row.get("redirects", ())), bytes=row.get("bytes"),
        content_type=row.get("content_type"), detail=row.get("detail"),
    )  # fmt: skip


def _column(number: int, row: Mapping[str, Any]) -> Column:
    newest = _published(row.get("newest"))
    items = row.get("items", 10 if newest else 0)
    return Column(
        id=number, path=tuple(row["path"]), url=urljoin(HOME, row.get("url", f"c{number}/")),
        column_class=row.get("class", "news"), declared=row.get("declared", False), depth=row.get("depth", 1),
        items=items, dated=row.get("dated", items if newest else 0), newest=newest,
        newest_url=urljoin(HOME, row["newest_url"]) if row.get("newest_url") else None,
        newest_title=row.get("newest_title"), listing=row.get("listing", "static" if items else "empty"),
        readable=row.get("readable", True), on_home=row.get("on_home", True),
        first_level=row.get("first_level", len(row["path"]) == 1), exempt=row.get("exempt"),
    )  # fmt: skip
