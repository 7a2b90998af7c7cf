"""The ledger: numbers that last, steps that are allowed, a log that stays, and the sheet staff send back."""

from __future__ import annotations

import datetime as dt
import itertools
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter
from lxml import etree

from checks.assessment import Assessment, Waived
from checks.check import Finding, Grade, Outcome, Subject, Verdict, fingerprint
from reports.cells import grids_of
from reports.errors import LedgerError, ReportError
from reports.ledger import BY_PROGRAM, Answer, Ledger, Settings, State, open_ledger
from reports.ledger.sheet import CellFault, Imported, read_sheet
from reports.ledger.steps import following, steps
from reports.render import view_of
from reports.workbook import as_xlsx
from tests.reports.made import AT, HOSTILE, assessment, both, column, link, run, site, word
from tests.reports.sheets import FIRST_SHEET, MAIN, Formula, refs, saved_by_libreoffice, typed

DAY = dt.timedelta(days=1)
LATER = AT + 10 * DAY
HOME = "http://kjj.yunzhou.example"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


def look(*findings: Finding, after: int = 0, complete: bool = True, home: str = HOME) -> tuple[Assessment]:
    """What an audit that many days after the first came to."""
    made = run(replace(site(), home_url=f"{home}/"), f"run-{after:03}")
    made = replace(
        made,
        as_of=made.as_of + after * DAY,
        started_at=made.started_at + after * DAY,
        finished_at=made.started_at + after * DAY + dt.timedelta(minutes=5),
    )
    judged = assessment("census-2015", findings, of=made)
    results = (
        replace(
            result,
            complete=complete,
            outcome=Outcome.PASS if result.outcome is Outcome.NOT_EXAMINED else result.outcome,
        )
        for result in judged.results
    )
    return (replace(judged, results=tuple(results)),)


def at_page(check: str, url: str, title: str, *, mark: str = "", kind: str = "page") -> Finding:
    """A finding on a page, keyed by its address."""
    key = f"{url}{mark}"
    return replace(
        word(1, "登陆"),
        id=f"{check}-{fingerprint(check, key)[:10]}",
        fingerprint=fingerprint(check, key),
        check=check,
        clause="A-16" if check == "misused-word" else "C15-D02b",
        subject=Subject(kind=kind, key=key, url=url, title=title),
        facts={"target_url": url, "on_home": False, "everywhere": False},
    )


def states(ledger: Ledger) -> dict[str, State]:
    return {entry.number: entry.state for entry in ledger.entries()}


def issued(ledger: Ledger, *findings: Finding) -> list[str]:
    """Take the findings in and send the notice."""
    numbers = list(ledger.take_in(look(*findings)).new)
    for number in numbers:
        ledger.step(number, State.OPEN, "办公室", AT + DAY)
    return numbers


# ---- numbers


def test_a_run_is_taken_in_once(ledger: Ledger) -> None:
    first = ledger.take_in(both())
    lines = ledger.seq
    again = ledger.take_in(both())
    assert set(states(ledger).values()) == {State.TO_ISSUE}
    assert first.assessments == again.assessments == both()
    assert (len(first.new), again.new, ledger.seq) == (len(ledger.entries()), (), lines)
    entry = ledger.entry(link(1, home=True).id)
    assert entry.clauses == ("C15-D02a", "A-01")
    assert entry.targets == ("http://kjj.yunzhou.example/zwgk/1/old.html",)
    assert entry.pages == tuple(f"http://kjj.yunzhou.example/zwgk/list_1_{place}.html" for place in range(3))
    assert entry.first_seen == entry.last_seen == dt.date(2018, 4, 16)


SAME = [
    (
        "https",
        f"{HOME}/a/1.html",
        f"{HOME}/a/1.html".replace("http:", "https:"),
        "关于登陆系统的通知",
        "",
        "page",
    ),
    ("www", f"{HOME}/a/1.html", f"{HOME}/a/1.html".replace("//", "//www."), "关于登陆系统的通知", "", "page"),
    ("index page", f"{HOME}/a/", f"{HOME}/a/index.html", "政务公开首页", "", "page"),
    ("another folder", f"{HOME}/a/1.html", f"{HOME}/old/a/t1.html", "关于登陆系统的通知", "", "page"),
    (
        "another folder, a part of the page",
        f"{HOME}/a/1.html",
        f"{HOME}/b/2.html",
        "2017年决算说明",
        "#合计",
        "page",
    ),
    (
        "the file of a link moved",
        f"{HOME}/x/申报表.doc",
        f"{HOME}/y/z/申报表.doc",
        "点击查看申报表",
        "",
        "link",
    ),
]
OTHER = [
    ("another title", f"{HOME}/a/1.html", f"{HOME}/b/2.html", "关于甲的通知", "关于乙的通知", "page"),
    ("a title that names nothing", f"{HOME}/a/1.html", f"{HOME}/b/2.html", "首页", "首页", "page"),
    (
        "a link to another page",
        f"{HOME}/x/1.html",
        f"{HOME}/y/2.html",
        "年度工作要点",
        "年度工作要点",
        "link",
    ),
    (
        "another host's page",
        "http://one.example/a.doc",
        "http://two.example/b.doc",
        "申报通知",
        "申报通知",
        "link",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "title", "mark", "kind"), [row[1:] for row in SAME], ids=[r[0] for r in SAME]
)
def test_a_page_that_moved_keeps_its_number(
    ledger: Ledger, old: str, new: str, title: str, mark: str, kind: str
) -> None:
    check = "dead-link" if kind == "link" else "misused-word"
    number = issued(ledger, at_page(check, old, title, mark=mark, kind=kind))[0]
    taken = ledger.take_in(look(at_page(check, new, title, mark=mark, kind=kind), after=30))
    back = ledger.take_in(look(at_page(check, old, title, mark=mark, kind=kind), after=60))
    entry = ledger.entry(number)
    assert (taken.new, taken.moved, taken.gone, back.new) == ((), (number,), (), ())
    assert [one.id for one in taken.assessments[0].findings] == [number]
    assert {one for result in taken.assessments[0].results for one in result.findings} == {number}
    assert taken.assessments[0].findings[0].fingerprint == fingerprint(check, old + mark)
    assert (entry.state, entry.subject.url, entry.last_run) == (State.OPEN, old, "run-060")
    assert any(f"{old}{mark} → {new}{mark}" in line.why for line in ledger.log(number))


@pytest.mark.parametrize(
    ("old", "new", "title", "other", "kind"), [r[1:] for r in OTHER], ids=[r[0] for r in OTHER]
)
def test_another_problem_gets_another_number(
    ledger: Ledger, old: str, new: str, title: str, other: str, kind: str
) -> None:
    check = "dead-link" if kind == "link" else "misused-word"
    first = ledger.take_in(look(at_page(check, old, title, kind=kind))).new
    second = ledger.take_in(look(at_page(check, new, other, kind=kind), after=30))
    assert (len(first), len(second.new), second.gone) == (1, 1, first)


def test_a_page_at_its_old_and_its_new_address_is_two_problems(ledger: Ledger) -> None:
    old, new = (at_page("misused-word", f"{HOME}/{name}.html", "关于登陆系统的通知") for name in "ab")
    number = issued(ledger, old)[0]
    ledger.take_in(look(new, after=7))
    taken = ledger.take_in(look(old, new, after=14))
    again = ledger.take_in(look(new, old, after=21))
    assert (taken.new, again.new) == ((new.id,), ())
    assert {one.subject.url: one.id for one in again.assessments[0].findings} == {
        old.subject.url: number,
        new.subject.url: new.id,
    }
    assert {entry.number: entry.subject.url for entry in ledger.entries()} == {
        number: old.subject.url,
        new.id: new.subject.url,
    }


def test_two_pages_of_one_title_stay_apart(ledger: Ledger) -> None:
    old = [at_page("misused-word", f"{HOME}/a/{n}.html", "每周工作安排") for n in (1, 2)]
    new = [at_page("misused-word", f"{HOME}/b/{n}.html", "每周工作安排") for n in (1, 2)]
    ledger.take_in(look(*old))
    taken = ledger.take_in(look(*new, after=30))
    assert (len(taken.new), taken.moved, len(taken.gone)) == (2, (), 2)


def test_a_column_of_another_name_at_its_address_keeps_its_number(ledger: Ledger) -> None:
    old, new = column("工作动态", "news", 74), column("政务动态", "news", 80)
    new = replace(new, subject=replace(new.subject, url=old.subject.url))
    number = ledger.take_in(look(old)).new[0]
    taken = ledger.take_in(look(new, after=7))
    assert (taken.new, taken.moved) == ((), (number,))


def test_a_table_before_it_does_not_number(ledger: Ledger) -> None:
    page = f"{HOME}/czxx/2017.html"
    old, new = (at_page("sum-mismatch", page, "2017年部门决算", mark=f"#第{n}张表:合计") for n in (3, 4))
    number = ledger.take_in(look(old)).new[0]
    assert ledger.take_in(look(new, after=7)).moved == (number,)


def test_a_site_on_another_host_keeps_its_numbers(ledger: Ledger) -> None:
    names = ("甲", "乙", "丙")
    old = [at_page("dead-link", f"{HOME}/{name}.html", "详情", kind="link") for name in names]
    new = [
        at_page("dead-link", f"https://www.kjj.example/{name}.html", "详情", kind="link") for name in names
    ]
    numbers = ledger.take_in(look(*old)).new
    taken = ledger.take_in(look(*new, after=30, home="https://www.kjj.example"))
    assert taken.moved == numbers


def test_order_text_and_places_do_not_number(ledger: Ledger) -> None:
    crop = [link(number) for number in range(5)]
    numbers = ledger.take_in(look(*crop)).new
    changed = [
        replace(
            one, message=f"换了说法：{one.message}", citations=one.citations[1:], places=2, grade=Grade.REVIEW
        )
        for one in reversed(crop)
    ]
    taken = ledger.take_in(look(*changed, after=7))
    assert (taken.new, taken.gone, taken.reopened) == ((), (), ())
    assert {entry.number: entry.places for entry in ledger.entries()} == dict.fromkeys(numbers, 2)


def test_not_seen_is_gone_only_after_a_complete_look(ledger: Ledger) -> None:
    number = issued(ledger, link(1), link(2))[0]
    assert ledger.take_in(look(link(2), after=7, complete=False)).gone == ()
    assert ledger.take_in(look(link(2), after=14)).gone == (number,)
    entry = ledger.entry(number)
    assert (entry.state, entry.gone_run, entry.last_run) == (State.OPEN, "run-014", "run-000")
    assert ledger.take_in(look(link(1), link(2), after=21)).reopened == ()
    assert ledger.entry(number).gone_run == ""


def test_another_table_does_not_make_it_gone(ledger: Ledger) -> None:
    first = look(link(1))
    ledger.take_in(first)
    other = replace(
        first[0],
        findings=(),
        results=tuple(
            replace(result, clause=f"Z-{result.clause}", findings=()) for result in first[0].results
        ),
    )
    nothing = replace(first[0], findings=(), results=tuple(replace(r, findings=()) for r in first[0].results))
    later = look(after=7)[0].run
    assert ledger.take_in([nothing]).gone == ()
    assert ledger.take_in([replace(other, run=later)]).gone == ()
    assert ledger.take_in([replace(nothing, run=later)]).gone == (link(1).id,)


def test_a_moved_page_is_looked_for_only_after_a_complete_look(ledger: Ledger) -> None:
    ledger.take_in(look(at_page("misused-word", f"{HOME}/a.html", "关于登陆系统的通知")))
    moved = at_page("misused-word", f"{HOME}/b.html", "关于登陆系统的通知")
    assert len(ledger.take_in(look(moved, after=7, complete=False)).new) == 1


def test_an_older_run_judged_again_changes_nothing(ledger: Ledger) -> None:
    issued(ledger, link(1))
    ledger.take_in(look(link(1), link(2), after=30))
    lines = ledger.seq
    taken = ledger.take_in(look(link(1), link(3), after=0))
    assert (taken.older, taken.new, ledger.seq, len(ledger.entries())) == (True, (), lines, 2)


def test_a_ledger_is_of_one_site(ledger: Ledger) -> None:
    ledger.take_in(look(link(1)))
    other = run(replace(site(), id="another-bureau"), "run-100")
    with pytest.raises(LedgerError, match="yunzhou-kjj 的台账，不能记入 another-bureau"):
        ledger.take_in([assessment("census-2015", [link(1)], of=other)])


# ---- steps


def at_state(ledger: Ledger, state: State) -> str:
    """A problem brought to a state by allowed steps."""
    way = {
        State.TO_ISSUE: (),
        State.OPEN: (State.OPEN,),
        State.UNDER_WAY: (State.OPEN, State.UNDER_WAY),
        State.REPORTED: (State.OPEN, State.REPORTED),
        State.NOT_MENDED: (State.OPEN, State.REPORTED, State.NOT_MENDED),
        State.CLOSED: (State.OPEN, State.REPORTED, State.CLOSED),
        State.WAIVED: (State.WAIVED,),
        State.APPEALED: (State.OPEN, State.APPEALED),
    }
    number = ledger.take_in(look(link(1))).new[0]
    for to in way[state]:
        ledger.step(
            number, to, "甲", AT + DAY, "有理由", until=dt.date(2018, 12, 31) if to is State.WAIVED else None
        )
    return number


@pytest.mark.parametrize(("before", "to"), list(itertools.product(State, State)))
def test_only_steps_of_the_table_are_allowed(ledger: Ledger, before: State, to: State) -> None:
    number = at_state(ledger, before)
    lines = ledger.seq
    if (before, to) in steps():
        ledger.step(number, to, "乙", LATER, "有理由", until=dt.date(2019, 1, 31))
        last = next(line for line in reversed(ledger.log(number)) if line.field == "state")
        assert (last.who, last.at, last.old, last.new, last.why) == ("乙", LATER, before, to, "有理由")
        assert ledger.entry(number).state is to
    else:
        with pytest.raises(LedgerError) as raised:
            ledger.step(number, to, "乙", LATER, "有理由", until=dt.date(2019, 1, 31))
        assert str(raised.value) == (
            f"{number}：现在是“{before}”，不能改成“{to}”；可以改成：{'、'.join(following(before))}"
        )
        assert (ledger.entry(number).state, ledger.seq) == (before, lines)


@pytest.mark.parametrize(
    ("before", "to", "said", "message"),
    [
        (State.OPEN, State.UNDER_WAY, {"who": " "}, "要写明经办人"),
        (State.OPEN, State.APPEALED, {"who": "甲"}, "要写明理由"),
        (State.OPEN, State.WAIVED, {"who": "甲", "until": dt.date(2018, 12, 31)}, "要写明理由"),
        (State.TO_ISSUE, State.WAIVED, {"who": "甲", "why": "不属实"}, "要写明到期日，不早于 2018-04-26"),
        (
            State.TO_ISSUE,
            State.WAIVED,
            {"who": "甲", "why": "不属实", "until": dt.date(2018, 4, 25)},
            "要写明到期日，不早于 2018-04-26",
        ),
        (State.REPORTED, State.CLOSED, {"who": "甲"}, "要有“已整改”的复查结果，或者写明理由"),
    ],
)
def test_what_a_step_needs(
    ledger: Ledger, before: State, to: State, said: dict[str, str], message: str
) -> None:
    number = at_state(ledger, before)
    with pytest.raises(LedgerError, match=message):
        ledger.step(number, to, when=LATER, **said)  # type: ignore[arg-type]
    assert ledger.entry(number).state is before


def test_a_second_person_signs_off(ledger: Ledger) -> None:
    number = issued(ledger, link(1))[0]
    ledger.keep(replace(ledger.settings, second_person=True))
    ledger.fill(number, "甲", AT + DAY, {"person": "乙"})
    ledger.step(number, State.REPORTED, "甲", AT + 2 * DAY)
    ledger.rechecked(number, Answer.FIXED, AT + 3 * DAY)
    for who in ("甲", "乙", BY_PROGRAM):
        with pytest.raises(LedgerError, match="要由另一个人办"):
            ledger.step(number, State.CLOSED, who, AT + 4 * DAY, "看过了")
    assert ledger.step(number, State.CLOSED, "丙", AT + 4 * DAY).closed_on == dt.date(2018, 4, 20)
    with pytest.raises(LedgerError, match="不能同时打开"):
        ledger.keep(replace(ledger.settings, auto_sign_off=True))


@pytest.mark.parametrize(
    ("severity", "day", "due"),
    [
        # 29 April to 1 May 2018 are a holiday and 28 April, a Saturday, works; 15 to 21 February are the
        # Spring Festival, and the 11th and the 24th work.
        ("veto", dt.date(2018, 4, 27), dt.date(2018, 5, 3)),
        ("major", dt.date(2018, 4, 17), dt.date(2018, 4, 30) + DAY * 2),
        ("minor", dt.date(2018, 2, 9), dt.date(2018, 3, 14)),
    ],
)
def test_deadlines_count_working_days(ledger: Ledger, severity: str, day: dt.date, due: dt.date) -> None:
    finding = replace(link(1), severity=type(link(1).severity)(severity))
    number = ledger.take_in(look(finding)).new[0]
    noon = dt.datetime.combine(day, dt.time(4), dt.UTC)
    entry = ledger.step(number, State.OPEN, "办公室", noon)
    assert entry.deadline == due
    assert (entry.overdue(due), entry.overdue(due + DAY)) == (False, True)


def test_the_log_and_the_entries_cannot_be_cut(ledger: Ledger) -> None:
    number = issued(ledger, link(1))[0]
    with sqlite3.connect(ledger.path) as direct:
        for statement in ("update log set who = '某人'", "delete from log", "delete from entries"):
            with pytest.raises(sqlite3.IntegrityError):
                direct.execute(statement)
        with pytest.raises(sqlite3.IntegrityError):
            direct.execute("insert or replace into log (seq, number) values (1, 'x')")
    direct.close()
    assert [line.new for line in ledger.log(number) if line.field == "state"] == ["待下发", "待整改"]


def test_a_file_that_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"not a database" * 100)
    with pytest.raises(LedgerError, match="台账读不出"):
        open_ledger(tmp_path / "ledger.db")


# ---- looking again

AFTER = {
    (State.OPEN, answer): State.OPEN for answer in Answer
} | {
    **{(State.REPORTED, answer): State.REPORTED for answer in Answer},
    (State.REPORTED, Answer.NOT_FIXED): State.NOT_MENDED,
    (State.REPORTED, Answer.PARTLY): State.NOT_MENDED,
    **{(State.CLOSED, answer): State.CLOSED for answer in Answer},
    (State.CLOSED, Answer.NOT_FIXED): State.OPEN,
    (State.CLOSED, Answer.PARTLY): State.OPEN,
}  # fmt: skip


@pytest.mark.parametrize(("before", "answer"), list(AFTER))
def test_what_follows_from_an_answer(ledger: Ledger, before: State, answer: Answer) -> None:
    number = at_state(ledger, before)
    entry = ledger.rechecked(number, answer, LATER, "run-r", "看了一眼")
    assert (entry.state, entry.recheck_answer, entry.recheck_at) == (
        AFTER[before, answer],
        answer,
        dt.date(2018, 4, 26),
    )
    assert {line.run for line in ledger.log(number) if line.at == LATER} == {"run-r"}


@pytest.mark.parametrize("answer", list(Answer))
def test_what_was_not_seen_mended_is_never_signed_off(ledger: Ledger, answer: Answer) -> None:
    number = at_state(ledger, State.REPORTED)
    ledger.keep(Settings(auto_sign_off=True, working_days=ledger.settings.working_days))
    entry = ledger.rechecked(number, answer, LATER)
    assert (entry.state is State.CLOSED) is (answer is Answer.FIXED)


def test_what_was_signed_off_and_is_back_is_open_again(ledger: Ledger) -> None:
    closed, lead = issued(ledger, link(1), replace(link(2), grade=Grade.REVIEW))
    for number in (closed, lead):
        ledger.step(number, State.REPORTED, "甲", AT + 2 * DAY)
        ledger.step(number, State.CLOSED, "乙", AT + 3 * DAY, "当面看过")
    crop = (link(1), replace(link(2), grade=Grade.REVIEW))
    same_run = ledger.take_in(look(*crop))
    taken = ledger.take_in(look(*crop, after=30))
    entry = ledger.entry(closed)
    assert (same_run.reopened, set(taken.reopened)) == ((), {closed, lead})
    assert states(ledger) == {closed: State.OPEN, lead: State.TO_ISSUE}
    assert (entry.closed_on, entry.recheck_answer, entry.deadline) == (
        None,
        Answer.NOT_FIXED,
        dt.date(2018, 5, 30),
    )


def test_what_was_reported_mended_and_is_there_is_not(ledger: Ledger) -> None:
    whole, partly, lead = issued(ledger, link(1), link(2), replace(link(3), grade=Grade.REVIEW))
    for number in (whole, partly, lead):
        ledger.step(number, State.REPORTED, "甲", AT + 2 * DAY)
    fewer = replace(link(2), places=1, citations=link(2).citations[:1])
    taken = ledger.take_in(look(link(1), fewer, replace(link(3), grade=Grade.REVIEW), after=30))
    assert taken.not_mended == (whole, partly)
    assert {entry.number: (entry.state, entry.recheck_answer) for entry in ledger.entries()} == {
        whole: (State.NOT_MENDED, Answer.NOT_FIXED),
        partly: (State.NOT_MENDED, Answer.PARTLY),
        lead: (State.REPORTED, None),
    }


def test_what_need_not_be_mended_is_waived_until_its_day(ledger: Ledger) -> None:
    number = issued(ledger, link(1))[0]
    until = dt.date(2018, 6, 30)
    ledger.step(number, State.WAIVED, "局办公会", AT + 2 * DAY, "对方网站正在改版", until=until)
    waiver = ledger.waivers(until)[0]
    assert (waiver.check, waiver.reason, waiver.owner, waiver.until) == (
        "dead-link",
        "对方网站正在改版",
        "局办公会",
        until,
    )
    subject = link(1).subject
    assert waiver.covers("dead-link", Verdict(grade=Grade.FAIL, subject=subject))
    assert ledger.waivers(until + DAY) == ()
    waived = Waived(check="dead-link", subject=subject, reason="", owner="", until=until)
    while_waived = (replace(look(after=30)[0], waived=(waived,)),)
    assert ledger.take_in(while_waived).gone == ()
    assert ledger.take_in(look(link(1), after=80)).reopened == (number,)
    assert (states(ledger)[number], ledger.log(number)[-1].why) == (State.OPEN, "豁免已到期，问题还在")


# ---- the sheet


def exported(ledger: Ledger, path: Path, *findings: Finding) -> Path:
    view = view_of(look(*findings), kept=ledger.kept())
    path.write_bytes(as_xlsx(view))
    return path


@pytest.fixture
def sheet(ledger: Ledger, tmp_path: Path) -> Path:
    """Six problems, issued and exported."""
    crop = [link(number) for number in range(6)]
    issued(ledger, *crop)
    return exported(ledger, tmp_path / "台账.xlsx", *crop)


NUMBERS = [link(number).id for number in range(6)]


def read(ledger: Ledger, path: Path) -> Imported:
    return read_sheet(ledger, path, who="丁", when=LATER)


@pytest.mark.parametrize("saved", ["as typed", "saved by LibreOffice"])
def test_what_staff_fill_in_comes_back(ledger: Ledger, sheet: Path, tmp_path: Path, saved: str) -> None:
    at = refs(sheet)
    one, two, three = NUMBERS[:3]
    filled = typed(
        sheet,
        tmp_path / "filled.xlsx",
        {
            at[one, "责任科室"]: "信息中心",
            at[one, "责任人"]: "甲",
            at[one, "整改措施"]: "改正链接\n检查同一栏目 =1+1 <b>&",
            at[one, "整改状态"]: "已整改待复查",
            at[two, "整改时限"]: "２０１８年6月1日",
            at[two, "整改状态"]: " 整改中 ",
            at[three, "备注"]: "对方网站正在改版",
            at[three, "责任人"]: "乙",
            at[three, "整改时限"]: dt.date(2018, 12, 31),
            at[three, "整改状态"]: "无需整改",
        },
    )
    if saved == "saved by LibreOffice":
        filled = saved_by_libreoffice(filled, tmp_path / "lo")
    dry = read_sheet(ledger, filled, who="丁", when=LATER, dry=True)
    assert set(states(ledger).values()) == {State.OPEN}
    done = read(ledger, filled)
    assert dry == done == Imported(changed=(one, two, three), unchanged=3, faults=())
    first, second, third = (ledger.entry(number) for number in NUMBERS[:3])
    assert (first.office, first.person, first.measure, first.state) == (
        "信息中心",
        "甲",
        "改正链接\n检查同一栏目 =1+1 <b>&",
        State.REPORTED,
    )
    assert (second.deadline, second.state) == (dt.date(2018, 6, 1), State.UNDER_WAY)
    assert (third.state, ledger.waivers(dt.date(2018, 12, 31))[0].reason) == (
        State.WAIVED,
        "对方网站正在改版",
    )
    assert read(ledger, filled) == Imported(changed=(), unchanged=6, faults=())
    assert {line.who for line in ledger.log(one) if line.at == LATER} == {"丁"}


def test_recheck_and_sign_off_on_paper(ledger: Ledger, sheet: Path, tmp_path: Path) -> None:
    one, two, three = NUMBERS[:3]
    for number in (one, two, three):
        ledger.step(number, State.REPORTED, "甲", AT + 2 * DAY)
    again = exported(ledger, tmp_path / "again.xlsx", *[link(number) for number in range(6)])
    at = refs(again)
    filled = typed(
        again,
        tmp_path / "filled.xlsx",
        {
            at[one, "复查时间"]: dt.date(2018, 4, 23),
            at[one, "复查结果"]: "已整改",
            at[one, "整改状态"]: "已销号",
            at[one, "销号日期"]: dt.date(2018, 4, 24),
            at[two, "复查结果"]: "部分整改",
            at[three, "整改状态"]: "已销号",
        },
    )
    done = read(ledger, filled)
    first, second = ledger.entry(one), ledger.entry(two)
    assert (first.state, first.recheck_at, first.closed_on) == (
        State.CLOSED,
        dt.date(2018, 4, 23),
        dt.date(2018, 4, 24),
    )
    assert (second.state, second.recheck_at) == (State.NOT_MENDED, dt.date(2018, 4, 26))
    assert [(fault.ref, fault.number) for fault in done.faults] == [
        (f"整改台账!{at[three, '整改状态']}", three)
    ]
    assert states(ledger)[three] is State.REPORTED


BAD = [
    ("整改状态", "改完了", "改完了", "应为其中之一：待下发、待整改、整改中、已整改待复查、复查未通过、已销号、无需整改、申诉中"),
    ("整改状态", None, "", "应为其中之一：待下发、待整改、整改中、已整改待复查、复查未通过、已销号、无需整改、申诉中"),
    ("整改状态", "已销号", "已销号", "现在是“待整改”，不能改成“已销号”；可以改成：待下发、整改中、已整改待复查、申诉中、无需整改"),
    ("整改状态", "申诉中", "申诉中", "从“待整改”到“申诉中”（申诉）要写明理由"),
    ("整改时限", "下周五", "下周五", "不是日期，请写成 2018-04-16 这样"),
    ("整改时限", "2018-02-30", "2018-02-30", "不是日期，请写成 2018-04-16 这样"),
    ("整改时限", 7, None, "不是日期，请写成 2018-04-16 这样"),
    ("整改时限", 1e300, None, "不是日期，请写成 2018-04-16 这样"),
    ("责任人", Formula('HYPERLINK("http://evil.example","甲")'), "0.0", "是公式，请改成文字或日期"),
    ("整改时限", Formula("TODAY()"), None, "是公式，请改成文字或日期"),
    ("备注", "长" * 2_001, "长" * 59 + "…", "有 2001 字，最多 2000 字"),
    ("复查结果", "好了", "好了", "应为其中之一：已整改、未整改、部分整改、页面不可访问、原文已变更无法比对、受阻未能复查"),
    ("复查时间", dt.date(2018, 4, 20), "2018-04-20", "复查时间和复查结果要一起写，写过的不能清空"),
    ("销号日期", dt.date(2018, 4, 20), "2018-04-20", "只有“已销号”的才写销号日期"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value", "shown", "why"), BAD)
def test_a_bad_cell_is_named_and_its_row_left(
    ledger: Ledger, sheet: Path, tmp_path: Path, column: str, value: object, shown: str | None, why: str
) -> None:
    at = refs(sheet)
    one, two = NUMBERS[:2]
    filled = typed(
        sheet,
        tmp_path / "filled.xlsx",
        {at[one, "责任科室"]: "信息中心", at[one, column]: value, at[two, "责任科室"]: "办公室"},
    )
    done = read(ledger, filled)
    fault = done.faults[0]
    assert (len(done.faults), done.changed, done.unchanged) == (1, (two,), 4)
    assert (fault.ref, fault.number, fault.why) == (f"整改台账!{at[one, column]}", one, why)
    assert shown in (None, fault.value)
    assert (ledger.entry(one).office, ledger.entry(two).office) == ("", "办公室")


def test_a_cell_changed_on_both_sides_is_a_conflict(ledger: Ledger, sheet: Path, tmp_path: Path) -> None:
    at = refs(sheet)
    one, two, three = NUMBERS[:3]
    ledger.fill(one, "戊", AT + 2 * DAY, {"office": "人事科", "person": "己"})
    ledger.fill(two, "戊", AT + 2 * DAY, {"office": "信息中心"})
    ledger.step(three, State.UNDER_WAY, "戊", AT + 2 * DAY)
    filled = typed(
        sheet,
        tmp_path / "filled.xlsx",
        {at[one, "责任科室"]: "信息中心", at[two, "责任科室"]: "信息中心", at[three, "整改措施"]: "改链接"},
    )
    done = read(ledger, filled)
    assert done == Imported(
        changed=(three,),
        unchanged=4,
        faults=(
            CellFault(
                ref=f"整改台账!{at[one, '责任科室']}",
                number=one,
                value="信息中心",
                why="责任科室在导出时是“”，表里改成“信息中心”，台账里另外改成了“人事科”；请商定后改成一致",
            ),
        ),
    )
    assert (ledger.entry(one).office, ledger.entry(one).person) == ("人事科", "己")
    assert (ledger.entry(three).state, ledger.entry(three).measure) == (State.UNDER_WAY, "改链接")


def test_rows_without_a_place_in_the_ledger(ledger: Ledger, sheet: Path, tmp_path: Path) -> None:
    at = refs(sheet)
    one, two, three, four = NUMBERS[:4]
    filled = typed(
        sheet,
        tmp_path / "filled.xlsx",
        {
            at[one, "问题编号"]: "dead-link-0000000000",
            at[two, "问题编号"]: three,
            at[two, "责任科室"]: "办公室",
            at[four, "问题编号"]: None,
        },
    )
    done = read(ledger, filled)
    assert [(fault.ref.removeprefix("整改台账!"), fault.why) for fault in done.faults] == [
        (at[one, "问题编号"], "台账里没有这个问题编号"),
        (at[two, "问题编号"], "这个问题编号在表里不止一行，请只留一行"),
        (at[three, "问题编号"], "这个问题编号在表里不止一行，请只留一行"),
        (at[four, "问题编号"], "这一行没有问题编号；台账以外的问题请另行登记"),
    ]
    assert (done.changed, {entry.office for entry in ledger.entries()}) == ((), {""})


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"B2": "另一个网站@3"}, "这是 另一个网站 的台账，不是 yunzhou-kjj 的"),
        ({"B2": "yunzhou-kjj@999"}, "导出这个文件的台账比现在的新"),
        ({"B2": "yunzhou-kjj@-1"}, "没有导出印记"),
    ],
)
def test_a_sheet_of_another_ledger(
    ledger: Ledger, sheet: Path, tmp_path: Path, cells: dict[str, str], message: str
) -> None:
    notes = sorted(name for name in zipfile.ZipFile(sheet).namelist() if "worksheets/sheet" in name)[-1]
    at = next(
        f"B{row}" for row, cells_ in enumerate(grids_of(sheet)["说明"].rows, 1) if cells_[0] == "导出印记"
    )
    forged = typed(sheet, tmp_path / "forged.xlsx", {at: cells["B2"]}, part=notes)
    with pytest.raises(LedgerError, match=message):
        read(ledger, forged)


def test_a_list_without_titles_or_far_too_large(ledger: Ledger, sheet: Path, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="没有找到整改台账"):
        read(ledger, typed(sheet, tmp_path / "untitled.xlsx", {"B1": "编号"}))
    with pytest.raises(ReportError, match="XFD1048576 处也有内容，表太大"):
        read(ledger, typed(sheet, tmp_path / "far.xlsx", {"XFD1048576": "x"}))
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" * 200)
    with pytest.raises(ReportError, match=r"不是能读的 \.xlsx 文件"):
        read(ledger, tmp_path / "old.xlsx")


def test_hostile_text_stays_text(ledger: Ledger, sheet: Path, tmp_path: Path) -> None:
    at = refs(sheet)
    hostile = [text[:2_000].replace("\x00", "").replace("\x07", "") for text in HOSTILE]
    filled = typed(
        sheet,
        tmp_path / "filled.xlsx",
        {at[number, "备注"]: text for number, text in zip(NUMBERS, hostile, strict=True)},
    )
    assert read(ledger, filled).faults == ()
    kept = [ledger.entry(number).remark for number in NUMBERS]
    assert kept == [text.replace("\u202e", "") for text in hostile]
    again = exported(ledger, tmp_path / "again.xlsx", *[link(number) for number in range(6)])
    assert all(not grid.formulas for grid in grids_of(again).values())
    assert read(ledger, again) == Imported(changed=(), unchanged=6, faults=())


def test_an_entity_is_not_opened(sheet: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("秘密")
    target = tmp_path / "entity.xlsx"
    with zipfile.ZipFile(sheet) as package, zipfile.ZipFile(target, "w") as out:
        for name in package.namelist():
            data = package.read(name)
            if name == "xl/workbook.xml":
                entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]>'.encode()
                data = data.replace(b"<workbook", entity + b"<workbook", 1).replace(
                    b'name="\xe8', b'name="&e;\xe8'
                )
            out.writestr(name, data)
    with pytest.raises(ReportError, match="不是能读的"):
        grids_of(target)


def test_a_list_with_a_title_above_sorted_and_with_columns_taken_out(
    ledger: Ledger, sheet: Path, tmp_path: Path
) -> None:
    old = grids_of(sheet)
    rows = old["整改台账"].rows
    keep = [rows[0].index(name) for name in ("整改状态", "责任科室", "问题编号", "整改时限")]
    with xlsxwriter.Workbook(tmp_path / "own.xlsx") as book:
        listed = book.add_worksheet("六月台账")
        listed.write_string(0, 0, "云州市科学技术局六月整改台账")
        for line, row in enumerate([rows[0], *reversed(rows[1:])], 2):
            for column, place in enumerate(keep):
                listed.write_string(line, column, str(row[place]).removesuffix(" 00:00:00"))
        listed.write_string(3, 1, "信息中心")
        notes = book.add_worksheet("说明")
        for line, row in enumerate(old["说明"].rows):
            notes.write_row(line, 0, [str(cell) for cell in row])
    assert read(ledger, tmp_path / "own.xlsx") == Imported(changed=(NUMBERS[5],), unchanged=5, faults=())
    assert ledger.entry(NUMBERS[5]).office == "信息中心"


def test_rows_are_as_high_as_their_text(sheet: Path, tmp_path: Path) -> None:
    """A row of one line more is one line higher, also after LibreOffice saved it; none higher than Excel allows."""
    short, long, longest = (
        replace(link(n), message="字" * count) for n, count in ((1, 40), (2, 400), (3, 20_000))
    )
    path = tmp_path / "high.xlsx"
    path.write_bytes(as_xlsx(view_of(look(short, long, replace(longest, fix="长\n" * 300)))))
    for saved in (path, saved_by_libreoffice(path, tmp_path / "lo")):
        tree = etree.fromstring(zipfile.ZipFile(saved).read(FIRST_SHEET))
        heights = {row.get("r"): float(row.get("ht")) for row in tree.iter(f"{MAIN}row")}
        # 48 digits wide, two a character; the link's address takes two lines more, the count of places one.
        assert heights["2"] == pytest.approx((2 + 2 + 1) * 13.5 + 3, abs=1)
        assert heights["3"] == pytest.approx((17 + 2 + 1) * 13.5 + 3, abs=1)
        assert heights["4"] == pytest.approx(400, abs=1)


def test_the_workbook_has_all_the_ledger_has(ledger: Ledger, tmp_path: Path) -> None:
    one, two = issued(ledger, link(1), link(2))
    ledger.fill(one, "甲", LATER, {"office": "信息中心"})
    path = exported(ledger, tmp_path / "later.xlsx", link(2))
    at = refs(path)
    rows = grids_of(path)["整改台账"].rows
    assert [row[1] for row in rows[1:]] == [two, one]
    assert rows[2][rows[0].index("责任科室")] == "信息中心"
    assert rows[2][rows[0].index("整改时限")] == dt.date(2018, 5, 2)
    assert {number for number, _ in at} == {one, two}
    assert [row[0] for row in grids_of(path)["位置"].rows[1:]] == [two] * 3 + [one] * 3
