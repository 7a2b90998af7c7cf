"""What is written is read back, whole; a shared menu is stored once; an interrupted run continues."""

import datetime as dt
import hashlib
import sqlite3
from pathlib import Path

import pytest

from crawler.evidence.reader import Evidence
from crawler.evidence.records import (
    Charset,
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
from crawler.evidence.schema import EvidenceSchemaError
from crawler.evidence.writer import EvidenceWriter

AT = dt.datetime(2018, 4, 16, 8, 0, tzinfo=dt.UTC)
HOME = "http://kjj.example/"


def a_run(run_id: str = "r1") -> Run:
    site = Site(
        id="kjj", name="某局", home_url=HOME, hosts=("kjj.example",), path_prefix="/", sponsor="", site_code="",
        profile="bureau",
    )  # fmt: skip
    return Run(
        id=run_id, site=site, as_of=dt.date(2018, 4, 16), started_at=AT, finished_at=None, version="0", config={},
        coverage={},
    )  # fmt: skip


def a_link(url: str, text: str = "链接", zone: Zone = Zone.BODY) -> Link:
    return Link(url=url, text=text, tag="a", zone=zone)


def a_reading(url: str, links: tuple[Link, ...] = (), **more: object) -> Reading:
    values: dict[str, object] = {
        "url": url, "charset": Charset(declared="gb2312", used="gb18030"), "title": "标题", "raw_title": "标题-某局",
        "kind": PageKind.ARTICLE, "column_path": ("动态", "要闻"), "published": None, "items": (), "links": links,
        "mandated": (), "text": "导航\n正文", "main_text": "正文",
    }  # fmt: skip
    return Reading(**(values | more))  # type: ignore[arg-type]


def a_fetch(
    url: str, outcome: FetchOutcome = FetchOutcome.OK, status: int | None = 200, **more: object
) -> Fetch:
    return Fetch(url=url, method="GET", at=AT, outcome=outcome, status=status, **more)  # type: ignore[arg-type]


def store(writer: EvidenceWriter, reading: Reading) -> None:
    fetch = a_fetch(reading.url)
    writer.store_fetch(fetch)
    writer.store_page(fetch, reading, hashlib.sha256(b"").digest())


def test_a_page_comes_back_as_it_was_read(tmp_path: Path) -> None:
    published = Published(
        date=dt.date(2018, 4, 1), source="label", quote="发布时间：2018-04-01", confidence=0.9
    )
    reading = a_reading(
        HOME,
        links=(a_link(HOME + "a.html#x", "甲"), a_link(HOME + "b.html", "乙", Zone.FOOTER)),
        published=published,
        items=(Item(title="甲", url=HOME + "a.html", date=dt.date(2018, 4, 2)),),
        mandated=(MandatedItem(item="DI-01", year=None, confidence=0.9),),
        facts=(Fact(kind="leader", data={"name": "某某"}),),
        meta={"SiteName": "某局"},
        anchors=frozenset({"x", "y"}),
    )
    with EvidenceWriter(tmp_path, a_run()) as writer:
        store(writer, reading)
        store(writer, a_reading(HOME + "a.html", anchors=frozenset({"x"})))
        writer.finish(AT, {"pages": Coverage(state="complete", counts={"pages": 2})})
    with Evidence(tmp_path) as evidence:
        page = evidence.home()
        assert page is not None
        assert (page.url, page.title, page.raw_title, page.column_path) == (
            HOME,
            "标题",
            "标题-某局",
            ("动态", "要闻"),
        )
        assert page.published == published
        assert evidence.text(page.id) == "正文"
        assert evidence.frame_text(page.id) == "导航"
        assert evidence.items(page.id) == reading.items
        assert [m for _, m in evidence.mandated()] == list(reading.mandated)
        assert [f for _, f in evidence.facts("leader")] == list(reading.facts)
        assert evidence.meta(page.id) == {"SiteName": "某局"}
        assert [(f.fragment, f.anchors) for f in evidence.fragment_links()] == [("x", frozenset({"x"}))]
        assert evidence.run.coverage["pages"].counts == {"pages": 2}
        assert evidence.link_count() == 2


def test_a_menu_on_every_page_is_stored_once_and_placed_everywhere(tmp_path: Path) -> None:
    menu = tuple(a_link(f"{HOME}c{n}/", f"栏目{n}", Zone.NAV) for n in range(40))
    with EvidenceWriter(tmp_path, a_run()) as writer:
        for n in range(20):
            store(writer, a_reading(f"{HOME}{n}.html", links=(*menu, a_link(f"{HOME}only{n}"))))
        writer.finish(AT, {})
    with sqlite3.connect(tmp_path / "evidence.db") as db:
        assert db.execute("SELECT count(*) FROM links").fetchone() == (60,)
        target = db.execute("SELECT id FROM urls WHERE url=?", (HOME + "c7/",)).fetchone()[0]
    with Evidence(tmp_path) as evidence:
        places = evidence.places(target)
        assert len(places) == 20
        assert {(p.text, p.zone, p.pages, p.position) for p in places} == {("栏目7", Zone.NAV, 20, 7)}
        assert evidence.link_count() == 20 * 41


def test_what_was_not_committed_is_gone_and_the_rest_goes_on(tmp_path: Path) -> None:
    def classify(url: str, tag: str, depth: int) -> tuple[str, int, int]:
        return "page", 0, depth + 1

    writer = EvidenceWriter(tmp_path, a_run(), classify)
    writer.set_target(HOME, "page", 0)
    store(writer, a_reading(HOME, links=(a_link(HOME + "a.html"), a_link(HOME + "b.html"))))
    writer.commit()
    store(writer, a_reading(HOME + "a.html", links=(a_link(HOME + "lost.html"),)))
    writer.db.close()
    with EvidenceWriter(tmp_path, a_run(), classify) as again:
        assert [w.url for w in again.waiting("page", 10)] == [HOME + "a.html", HOME + "b.html"]
        assert again.counts() == {"page:0": 2, "page:1": 1}


def test_half_characters_and_control_bytes_from_a_hostile_page_are_stored(tmp_path: Path) -> None:
    with EvidenceWriter(tmp_path, a_run()) as writer:
        store(
            writer,
            a_reading(
                HOME, links=(a_link(HOME + "\ud800", "\udfff坏"),), title="<script>\x00\ud800", text="\ud800"
            ),
        )
        writer.finish(AT, {})
    with Evidence(tmp_path) as evidence:
        page = evidence.home()
        assert page is not None
        assert page.title == "<script>\x00?"


def test_another_run_or_no_database_is_refused(tmp_path: Path) -> None:
    with EvidenceWriter(tmp_path, a_run()):
        pass
    with pytest.raises(EvidenceSchemaError, match="another run"):
        EvidenceWriter(tmp_path, a_run("r2"))
    with pytest.raises(EvidenceSchemaError, match="expected the folder of a run"):
        Evidence(tmp_path / "nowhere")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "evidence.db").write_bytes(b"no database" * 100)
    with pytest.raises(EvidenceSchemaError, match="not an evidence database"):
        Evidence(tmp_path / "x")


def test_a_page_that_left_its_column_is_in_none_and_one_address_is_one_page(tmp_path: Path) -> None:
    with EvidenceWriter(tmp_path, a_run()) as writer:
        for name in "ab":
            store(writer, a_reading(f"{HOME}{name}.html"))
        fetch = a_fetch(HOME + "c.html", final_url=HOME + "a.html")
        assert not writer.store_page(fetch, a_reading(HOME + "a.html"), b"")
        writer.commit()
        assert not writer.store_page(fetch, a_reading(HOME + "a.html"), b"")
        one, other = (writer.target(f"{HOME}{name}.html") for name in "ab")
        writer.store_columns([], [(one, 1), (other, 2)])
        writer.store_columns([], [(one, None), (other, 3)])
    with EvidenceWriter(tmp_path, a_run()) as writer:
        assert not writer.store_page(fetch, a_reading(HOME + "a.html"), b"")
    with Evidence(tmp_path) as evidence:
        assert {page.id: page.column_id for page in evidence.pages()} == {one: None, other: 3}
