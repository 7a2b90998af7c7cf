"""A month of a bureau: audit, notice, the sheet goes round, half is mended, recheck, sign-off, relapse."""

from __future__ import annotations

import datetime as dt
import shutil
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from docx import Document

from checks.check import Grade
from crawler.siteconfig import SiteConfig
from reports.cells import grids_of
from reports.errors import LedgerError
from reports.ledger import Answer, State, open_ledger
from tests.reports.sheets import refs, typed
from xuncha.audit import audit
from xuncha.ledger import LEDGER_FILE, edit, export, keep, show, take_back
from xuncha.papers import Kind, Wanted, write_papers
from xuncha.recheck import recheck
from xuncha.sample.build import build
from xuncha.sample.serve import AS_OF, serve, site_toml
from xuncha.verify import State as Same
from xuncha.verify import verify_site

# Mended by putting the page as it should be.
MENDED_PAGES = (
    "hdjl/jzxx/show_1021.html",  # personal data in a letter
    "hdjl/jzxx/show_1023.html",  # a letter without an answer
    "hdjl/zxft/201707/t20170714_6101.html",  # placeholder text
    "zfxxgk/nb/201801/t20180126_7103.html",  # the annual report: numbers, dates, wording
    "tzgg/201803/t20180302_2012.html",  # a dead link
)
BACK = "hdjl/zxft/201707/t20170714_6101.html"
MOVED = ("tzgg/201712/t20171226_2004.html", "tzgg/201712/t20171226_9004.html")
START = b'id="zoom">'
ADDED = "<p>本页由办公室维护，有疑问请见“联系我们”。</p>"
LIED = "misused-word"  # reported as mended, and not touched
APPEALED = "private-address"
WAIVED = "late-reply"


def test_a_month_of_a_bureau(tmp_path: Path) -> None:
    served, good = tmp_path / "site", tmp_path / "good"
    served.mkdir()
    with serve(served, healthy=False) as base_url:
        config = SiteConfig.model_validate(tomllib.loads(site_toml(base_url)))
        build(good, healthy=True, base_url=base_url)

        # 16 April: the audit. Everything waits to be sent out.
        first = audit(config, tmp_path / "audits", as_of=AS_OF)
        folder = first.folder.parent.parent
        listed = {finding.id for one in first.assessments for finding in one.findings}
        assert {entry.number for entry in show(folder).entries} == listed
        assert states(folder) == {State.TO_ISSUE: len(listed)}

        # The notice: every problem has a day until which it is to be mended. Two people for a sign-off.
        keep(folder, ["second_person=true"])
        edit(folder, (), every="待下发", edits={}, state="待整改", by="办公室")
        entries = show(folder).entries
        assert {entry.state for entry in entries} == {State.OPEN}
        assert all(entry.deadline for entry in entries)

        # The sheet goes round and comes back. Half of what is certain is reported as mended.
        mendable = {
            entry.number
            for entry in entries
            if entry.pages
            and all(page.removeprefix(f"{base_url}/") in MENDED_PAGES for page in entry.pages)
            and entry.subject.kind != "mark"
        }
        lied = next(entry.number for entry in entries if entry.check == LIED and entry.number not in mendable)
        appealed = next(
            entry.number for entry in entries if entry.check == APPEALED and entry.number not in mendable
        )
        waived = next(
            entry.number for entry in entries if entry.check == WAIVED and entry.number not in mendable
        )
        slipped = next(entry.number for entry in entries if entry.check == "stale-column")
        sheet = export(folder)
        at = refs(sheet)
        later = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=200)
        cells: dict[str, object] = {at[number, "责任科室"]: "信息中心" for number in listed}
        for number in (*mendable, lied):
            cells |= {at[number, "整改状态"]: "已整改待复查", at[number, "整改措施"]: "已改正并检查同一栏目"}
        cells |= {at[appealed, "整改状态"]: "申诉中", at[appealed, "备注"]: "内部系统地址，仅供局内使用"}
        cells |= {
            at[waived, "整改状态"]: "无需整改",
            at[waived, "备注"]: "复杂问题，已告知来信人",
            at[waived, "责任人"]: "分管局领导",
            at[waived, "整改时限"]: later,
        }
        cells |= {at[slipped, "整改状态"]: "已经更新"}
        taken = take_back(folder, typed(sheet, tmp_path / "filled.xlsx", cells), by="信息中心")
        assert [(cell, value) for cell, _, value, _ in taken.faults] == [
            (f"整改台账!{at[slipped, '整改状态']}", "已经更新")
        ]
        assert set(taken.changed) == listed - {slipped}
        reported = len(mendable) + 1
        assert states(folder) == {
            State.OPEN: len(listed) - reported - 2,
            State.REPORTED: reported,
            State.APPEALED: 1,
            State.WAIVED: 1,
        }

        # The site is mended, and looked at again: what is mended waits for a person, the lie comes to light.
        for page in MENDED_PAGES:
            shutil.copy(good / page, served / page)
        recheck(folder, as_of=AS_OF)
        by_number = {entry.number: entry for entry in show(folder).entries}
        assert {by_number[number].recheck_answer for number in mendable} == {Answer.FIXED}
        assert {by_number[number].state for number in mendable} == {State.REPORTED}
        assert (by_number[lied].state, by_number[lied].recheck_answer) == (State.NOT_MENDED, Answer.NOT_FIXED)
        assert State.CLOSED not in states(folder)

        # The papers of that day say the same as the ledger, of the day that was asked for.
        said = paper_of(folder, Kind.RECHECK)
        answers = Counter(entry.recheck_answer for entry in by_number.values())
        doubtful = sum(entry.grade is Grade.REVIEW for entry in by_number.values())
        for answer in Answer:
            row = next(one for one in said if one[0] == answer.value and len(one) == 4)
            assert int(row[1]) + int(row[2]) == answers[answer]
        assert ("合计", str(len(listed) - doubtful), str(doubtful), "") in said
        rechecked = {row[0].replace("\n", ""): row for row in said if len(row) == 6}
        assert {number for number, row in rechecked.items() if row[4] == "已整改"} == mendable
        assert {row[5] for row in rechecked.values()} == {"复查时间", AS_OF.isoformat()}
        assert rechecked[lied][4] == "未整改"
        signed = paper_of(folder, Kind.SIGN_OFF)
        assert {row[1].replace("\n", "") for row in signed if len(row) == 7} == {"问题编号", *mendable}

        # The sign-off takes another person.
        with pytest.raises(LedgerError, match="要由另一个人办"):
            edit(folder, sorted(mendable), edits={}, state="已销号", by="信息中心")
        assert State.CLOSED not in states(folder)
        edit(folder, sorted(mendable), edits={}, state="已销号", by="办公室")
        assert {entry.closed_on for entry in show(folder, states=["已销号"]).entries} != {None}
        assert states(folder) == {
            State.OPEN: len(listed) - reported - 2,
            State.NOT_MENDED: 1,
            State.CLOSED: len(mendable),
            State.APPEALED: 1,
            State.WAIVED: 1,
        }

        # Meanwhile a page moves, and every notice gets a line above its text. Numbers do not care.
        move(served, *MOVED)
        add_line(served)

        # A relapse: an old page is put back. The next audit opens that one again, under its number.
        (back,) = (number for number in mendable if number.startswith("placeholder-text"))
        build(tmp_path / "bad", healthy=False, base_url=base_url)
        shutil.copy(tmp_path / "bad" / BACK, served / BACK)
        second = audit(config, tmp_path / "audits", as_of=AS_OF)
        now = {finding.id for one in second.assessments for finding in one.findings}
        by_number = {entry.number: entry for entry in show(folder).entries}
        assert now == listed - (mendable - {back}) - {waived}
        assert {row.subject.key for one in second.assessments for row in one.waived} == {
            by_number[waived].subject.key
        }
        assert (by_number[back].state, by_number[back].closed_on) == (State.OPEN, None)
        assert {by_number[number].state for number in mendable - {back}} == {State.CLOSED}
        assert (by_number[lied].state, by_number[appealed].state) == (State.NOT_MENDED, State.APPEALED)

        moved = [entry for entry in by_number.values() if entry.subject.url == f"{base_url}/{MOVED[1]}"]
        assert {entry.number for entry in moved} <= listed
        assert {entry.check for entry in moved} == {"impossible-date"}

        # The list has all of it, and the log tells the story of the relapse.
        rows = grids_of(export(folder))["整改台账"].rows
        column = rows[0].index("整改状态")
        assert {str(row[1]): row[column] for row in rows[1:]} == {
            entry.number: entry.state.value for entry in by_number.values()
        }
        with open_ledger(folder / LEDGER_FILE) as ledger:
            told = [(line.who, line.old, line.new) for line in ledger.log(back) if line.field == "state"]
        assert [(one.name, one.where) for one in verify_site(folder) if one.state is not Same.SAME] == []
        assert told == [
            ("巡查", "", "待下发"),
            ("办公室", "待下发", "待整改"),
            ("信息中心", "待整改", "已整改待复查"),
            ("办公室", "已整改待复查", "已销号"),
            ("巡查", "已销号", "待整改"),
        ]


def paper_of(folder: Path, kind: Kind) -> list[tuple[str, ...]]:
    """The rows of all tables of a paper, as Word has them."""
    (file,) = write_papers(folder, Wanted(kind=kind, formats=("docx",)))
    tables = Document(str(file)).tables
    return [tuple(cell.text for cell in row.cells) for table in tables for row in table.rows]


def move(served: Path, old: str, new: str) -> None:
    """Put a page elsewhere and mend every link to it."""
    (served / old).rename(served / new)
    for page in served.rglob("*.html"):
        text = page.read_bytes()
        if Path(old).name.encode() in text:
            page.write_bytes(text.replace(Path(old).name.encode(), Path(new).name.encode()))


def add_line(served: Path) -> None:
    """One more paragraph above the text of every notice."""
    for page in served.glob("tzgg/**/*.html"):
        page.write_bytes(page.read_bytes().replace(START, START + ADDED.encode(), 1))


def states(folder: Path) -> dict[State, int]:
    return dict(Counter(entry.state for entry in show(folder).entries))
