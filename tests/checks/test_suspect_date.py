"""Dates against the numbers of addresses, against the server's files and against what earlier runs saw."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from checks.check import Verdict
from checks.columns import suspect_date
from crawler.evidence.earlier import begin_from
from crawler.evidence.reader import Evidence
from crawler.evidence.records import (
    Charset,
    Column,
    Coverage,
    Fetch,
    FetchOutcome,
    PageKind,
    Published,
    Reading,
    Run,
    Site,
)
from crawler.evidence.writer import EvidenceWriter

HOME = "http://kjj.example/"
TEXT = (
    "第{n}次会议总结了上一阶段的工作，研究了下一步的安排。会议听取了第{n}组的汇报，对存在的问题进行了分析。"
    "会议要求各单位按照第{n}号安排认真落实责任，确保各项任务按时完成。会议还就第{n}类事项作了具体部署。"
    "参加第{n}次会议的各科室负责人结合本科室的职责作了交流发言，并提出了意见和建议。"
)
DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Article:
    url: str
    day: dt.date
    text: str
    column: int = 1
    modified: str = ""
    source: str = "label"


def article(number: int, day: dt.date) -> Article:
    return Article(url=f"{HOME}gzdt/content_{number}.html", day=day, text=TEXT.format(n=number))


def stored(
    folder: Path,
    articles: Sequence[Article],
    as_of: dt.date,
    column_class: str = "news",
    pages: str = "complete",
) -> Path:
    at = dt.datetime.combine(as_of, dt.time(8), dt.UTC)
    site = Site(
        id="kjj", name="某市科学技术局", home_url=HOME, hosts=("kjj.example",), path_prefix="/",
        sponsor="", site_code="", profile="bureau",
    )  # fmt: skip
    run = Run(
        id=as_of.isoformat(), site=site, as_of=as_of, started_at=at, finished_at=None, version="0", config={},
        coverage={},
    )  # fmt: skip
    with EvidenceWriter(folder, run, lambda *_: ("page", 2, 1)) as writer:
        for row in articles:
            fetch = Fetch(url=row.url, method="GET", at=at, outcome=FetchOutcome.OK, status=200)
            writer.store_fetch(fetch)
            writer.store_page(fetch, _reading(row), hashlib.sha256(row.text.encode()).digest(), depth=2)
            writer.keep_validators(writer.target(row.url), None, row.modified)
        column = Column(
            id=1, path=("工作动态",), url=f"{HOME}gzdt/", column_class=column_class, declared=False, depth=1,
            items=9, dated=9, newest=None, newest_url=None, newest_title=None, listing="static",
            readable=True, on_home=True, first_level=True,
        )  # fmt: skip
        writer.store_columns([column], [(writer.target(row.url), 1) for row in articles])
        writer.finish(at, {"pages": Coverage(state=pages), "columns": Coverage(state="complete")})
    return folder


def _reading(row: Article) -> Reading:
    return Reading(
        url=row.url, charset=Charset(declared="utf-8", used="utf-8"), title=f"标题{row.url[-9:-5]}",
        raw_title="", kind=PageKind.ARTICLE, column_path=("工作动态",),
        published=Published(date=row.day, source=row.source, quote=f"发布时间：{row.day}", confidence=0.95),
        items=(), links=(), mandated=(), text=row.text, main_text=row.text,
    )  # fmt: skip


def suspects(folder: Path) -> list[Verdict]:
    with Evidence(folder) as evidence:
        return [v for v in suspect_date.examine(evidence, suspect_date.CHECK.limits) if v.grade != "ok"]


def told(verdicts: Sequence[Verdict]) -> Mapping[str, tuple[str | None, str, str]]:
    return {v.subject.key: (v.variant, v.facts["older"], v.facts["newer"]) for v in verdicts}


AS_OF = dt.date(2018, 4, 16)
WEEKLY = [article(1000 + n, dt.date(2016, 1, 4) + 7 * n * DAY) for n in range(100)]


def test_number_before_date_after(tmp_path: Path) -> None:
    rows = [*WEEKLY]
    rows[20] = article(1020, dt.date(2018, 3, 1))
    found = suspects(stored(tmp_path, rows, AS_OF))
    assert told(found) == {rows[20].url: ("order", WEEKLY[21].day.isoformat(), "2018-03-01")}
    assert [c.url for c in found[0].citations] == [rows[21].url, rows[20].url]


@pytest.mark.parametrize("moved", [0.1, 0.5, 1.0])
def test_numbers_of_a_site_that_was_moved_tell_nothing(tmp_path: Path, moved: float) -> None:
    count = int(len(WEEKLY) * moved)
    days = [row.day for row in WEEKLY]
    mixed = sorted(days[:count], key=lambda day: hashlib.md5(str(day).encode()).digest()) + days[count:]
    rows = [dataclasses.replace(row, day=day) for row, day in zip(WEEKLY, mixed, strict=True)]
    assert suspects(stored(tmp_path, rows, AS_OF)) == []


def test_pages_renewed_in_their_place_are_no_news(tmp_path: Path) -> None:
    rows = [*WEEKLY]
    rows[20] = article(1020, dt.date(2018, 3, 1))
    assert suspects(stored(tmp_path, rows, AS_OF, column_class="service")) == []


def modified(day: dt.date) -> str:
    return f"{day:%a, %d %b %Y} 02:00:00 GMT"


def test_file_older_than_its_date(tmp_path: Path) -> None:
    rows = [dataclasses.replace(row, modified=modified(row.day)) for row in WEEKLY]
    rows[50] = dataclasses.replace(rows[50], modified=modified(rows[50].day - 90 * DAY))
    rows[51] = dataclasses.replace(rows[51], modified=modified(rows[51].day - 29 * DAY))
    rows[52] = dataclasses.replace(rows[52], modified="gestern")
    found = suspects(stored(tmp_path, rows, AS_OF))
    assert told(found) == {
        rows[50].url: ("file", (rows[50].day - 90 * DAY).isoformat(), rows[50].day.isoformat())
    }


def test_files_written_in_one_go_tell_nothing(tmp_path: Path) -> None:
    rows = [dataclasses.replace(row, modified=modified(dt.date(2016, 1, 1))) for row in WEEKLY]
    assert suspects(stored(tmp_path, rows, AS_OF)) == []


def again(tmp_path: Path, before: Sequence[Article], now: Sequence[Article], **changes: str) -> list[Verdict]:
    stored(tmp_path / "1", before, dt.date(2018, 1, 15), **changes)
    begin_from(tmp_path / "1", tmp_path / "2")
    return suspects(stored(tmp_path / "2", now, AS_OF))


def test_date_changed_since_the_last_run(tmp_path: Path) -> None:
    before = WEEKLY[:60]
    now = [dataclasses.replace(before[0], day=dt.date(2018, 4, 10)), *before[1:]]
    found = again(tmp_path, before, now)
    assert told(found) == {before[0].url: ("changed", "2016-01-04", "2018-04-10")}
    assert found[0].facts["seen"] == "2018-01-15"
    assert [c.quote for c in found[0].citations] == ["发布时间：2016-01-04", "发布时间：2018-04-10"]


def test_date_changed_two_runs_ago_is_still_known(tmp_path: Path) -> None:
    before = WEEKLY[:60]
    now = [dataclasses.replace(before[0], day=dt.date(2018, 4, 10)), *before[1:]]
    again(tmp_path, before, now)
    begin_from(tmp_path / "2", tmp_path / "3")
    assert [v.variant for v in suspects(stored(tmp_path / "3", now, dt.date(2018, 6, 1)))] == ["changed"]


def test_new_text_under_a_new_date_is_an_update(tmp_path: Path) -> None:
    before = WEEKLY[:60]
    now = [dataclasses.replace(before[0], day=dt.date(2018, 4, 10), text=TEXT.format(n="新")), *before[1:]]
    assert [v.variant for v in again(tmp_path, before, now)] == ["order"]


def test_dates_of_a_site_that_was_moved_tell_nothing(tmp_path: Path) -> None:
    now = [dataclasses.replace(row, day=dt.date(2018, 4, 1)) for row in WEEKLY]
    assert again(tmp_path, WEEKLY, now) == []


def test_another_place_of_the_date_is_another_date(tmp_path: Path) -> None:
    before = WEEKLY[:60]
    now = [dataclasses.replace(before[0], day=dt.date(2016, 4, 10), source="meta"), *before[1:]]
    assert again(tmp_path, before, now) == []


LATE = [article(2000 + n, dt.date(2017, 2, 1) + 30 * n * DAY) for n in range(8)]


def test_articles_put_in_late_under_old_dates(tmp_path: Path) -> None:
    before = WEEKLY[:95]
    found = again(tmp_path, before, [*before, *LATE])
    assert [(v.subject.kind, v.subject.key, v.variant, v.facts["count"]) for v in found] == [
        ("column", "工作动态", "late", 8)
    ]
    assert [c.url for c in found[0].citations] == [row.url for row in LATE]


@pytest.mark.parametrize(
    ("late", "why"),
    [
        (LATE[:5], "too few"),
        ([dataclasses.replace(row, day=dt.date(2018, 1, 10) + n * DAY) for n, row in enumerate(LATE)], "in time"),
        ([dataclasses.replace(row, day=dt.date(2015, 1, 10) + 30 * n * DAY) for n, row in enumerate(LATE)], "older than all that stood there: a list that was longer than what was read of it"),
        ([dataclasses.replace(row, day=dt.date(2017, 5, 1) + n * DAY) for n, row in enumerate(LATE)], "one month"),
    ],
)  # fmt: skip
def test_good_reasons_for_new_articles(tmp_path: Path, late: Sequence[Article], why: str) -> None:
    assert again(tmp_path, WEEKLY[:95], [*WEEKLY[:95], *late]) == [], why


def test_a_run_that_did_not_see_all_proves_nothing(tmp_path: Path) -> None:
    assert again(tmp_path, WEEKLY[:95], [*WEEKLY[:95], *LATE], pages="partial") == []


def test_a_whole_site_put_in_on_one_day_is_a_move(tmp_path: Path) -> None:
    assert again(tmp_path, WEEKLY[:95:9], [*WEEKLY[:95:9], *LATE]) == []
