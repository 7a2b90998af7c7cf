"""Papers: totals as in the report, nothing computed, nothing cut, the same bytes again."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace

import pypdfium2
import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from checks.answers import Answer as Answered
from checks.answers import AnswerError, Result, answered, checked
from checks.compare import glance
from reports.closing import recheck_report, sign_off
from reports.documents import Letter, checklist, notice, score_rows, score_sheet
from reports.forms import checklist_book, columns_book, read_checklist, score_book
from reports.ledger.entry import Answer, Entry, State
from reports.listing import findings_document
from reports.paper import Paper, Table, as_docx, as_pdf
from reports.render import view_of, write
from tests.reports.made import AT, both, found, link, run, site, word

VIEW = view_of(both())
LETTER = Letter(number="云科函〔2018〕7号", sender="云州市政务公开办公室", day=dt.date(2018, 4, 20), days=10)


def entry(number: int, state: State, answer: Answer | None = None) -> Entry:
    one = link(number)
    return Entry(
        number=one.id,
        fingerprint=one.fingerprint,
        check=one.check,
        clauses=("C15-D02b",),
        grade=one.grade,
        severity=one.severity,
        subject=one.subject,
        message=one.message,
        fix=one.fix,
        facts=one.facts,
        places=one.places,
        citations=one.citations,
        state=state,
        first_run="r1",
        first_seen=dt.date(2018, 4, 16),
        last_run="r1",
        last_seen=dt.date(2018, 4, 16),
        office="办公室",
        person="经办人甲",
        measure="已改正链接",
        deadline=dt.date(2018, 4, 30),
        recheck_at=dt.date(2018, 5, 2) if answer else None,
        recheck_answer=answer,
        closed_on=dt.date(2018, 5, 3) if state is State.CLOSED else None,
        remark="=1+1",
    )


ENTRIES = [
    entry(0, State.CLOSED, Answer.FIXED),
    entry(1, State.REPORTED, Answer.FIXED),
    entry(2, State.NOT_MENDED, Answer.NOT_FIXED),
    entry(3, State.REPORTED, Answer.UNREACHABLE),
    entry(4, State.OPEN),
]
PAPERS: dict[str, Callable[[], Paper]] = {
    "notice": lambda: notice(VIEW, LETTER),
    "score": lambda: score_sheet(VIEW),
    "checklist": lambda: checklist(VIEW),
    "recheck": lambda: recheck_report(VIEW, ENTRIES, LETTER),
    "sign-off": lambda: sign_off(VIEW, ENTRIES, LETTER),
}


def words_of_docx(made: bytes) -> str:
    paper = Document(io.BytesIO(made))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in paper.paragraphs), *cells])


def words_of_pdf(made: bytes) -> str:
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(made))


def tables(paper: Paper) -> list[Table]:
    return [block for block in paper.blocks if isinstance(block, Table)]


@pytest.mark.parametrize("name", PAPERS)
def test_word_and_pdf_say_the_same_and_say_it_again(name: str) -> None:
    paper = PAPERS[name]()
    word_file, pdf_file = as_docx(paper), as_pdf(paper)
    assert (word_file, pdf_file) == (as_docx(PAPERS[name]()), as_pdf(PAPERS[name]()))
    in_word, in_pdf = words_of_docx(word_file), re.sub(r"\s", "", words_of_pdf(pdf_file))
    assert paper.title in in_word
    assert paper.title in in_pdf
    for table in tables(paper)[:3]:
        for row in table.rows[:5]:
            assert all(cell in in_word for cell in row if cell and len(cell) < 40)
            assert all(re.sub(r"\s", "", cell) in in_pdf for cell in row if cell.isdigit())
    assert b"pdfaid:part" in pdf_file


def test_the_notice_asks_for_what_is_certain_and_lists_the_rest_apart() -> None:
    paper = notice(VIEW, LETTER)
    certain, doubtful = (one for one in tables(paper) if one.heads[:2] == ("序号", "问题类型、编号"))
    assert (len(certain.rows), len(doubtful.rows)) == (VIEW.totals.certain, VIEW.totals.doubtful)
    said = "\n".join(getattr(block, "text", "") for block in paper.blocks)
    assert f"检查发现问题 {VIEW.totals.certain} 个，另有待核实的线索 {VIEW.totals.doubtful} 条" in said
    assert "10 个工作日内完成整改" in said
    assert "2018年4月20日" in said
    assert "2018年5月7日前完成整改" in "\n".join(
        getattr(one, "text", "") for one in notice(VIEW, replace(LETTER, due=dt.date(2018, 5, 7))).blocks
    )
    by_level = replace(LETTER, terms=(("严重", 3, None), ("一般", 20, dt.date(2018, 5, 18))))
    said = "\n".join(getattr(block, "text", "") for block in notice(VIEW, by_level).blocks)
    assert "按级别整改：严重的 3 个工作日内，一般的 20 个工作日内（2018年5月18日前）" in said
    assert [row[0] for row in doubtful.rows] == [str(n + 1) for n in range(len(doubtful.rows))]
    assert paper.to == "云州市科学技术局："


def test_the_score_sheet_adds_up() -> None:
    census = VIEW.tables[0]
    rows = score_rows(census)
    assert [row[5] for row in rows if row[0] == "单项否决"] == ["未定", "—", "未定", "未定", "未定", "—", "—"]
    marks = sum(float(row[5]) for row in rows[:-3] if re.fullmatch(r"[\d.]+", row[5]))
    assert f"{marks:g}" == rows[-3][5] == census.deducted
    dead = next(row for row in rows if "C15-D02a" in row[2])
    assert dead[4].endswith("（2 处）")
    assert "每个扣 1 分" in dead[3]
    book = (
        CalamineWorkbook.from_filelike(io.BytesIO(score_book(VIEW))).get_sheet_by_name("评分表").to_python()
    )
    assert book[0] == ["一级指标", "二级指标", "考察点", "扣分细则", "存在的问题", "扣分"]
    assert [float(row[5]) for row in book if row[0] == "合计扣分"] == [float(census.deducted)]


def test_the_recheck_report_counts_every_row_once() -> None:
    paper = recheck_report(VIEW, ENTRIES, LETTER)
    counts = next(one for one in tables(paper) if one.heads[:1] == ("复查结果",))
    assert [row[:3] for row in counts.rows] == [
        ("已整改", "2", "0"),
        ("未整改", "1", "0"),
        ("部分整改", "0", "0"),
        ("页面不可访问", "1", "0"),
        ("原文已变更无法比对", "0", "0"),
        ("受阻未能复查", "0", "0"),
        ("没有复查", "1", "0"),
        ("合计", "5", "0"),
    ]
    said = "\n".join(getattr(block, "text", "") for block in paper.blocks)
    assert "已复查 4 条，没有复查 1 条" in said
    assert "待整改 1 条" in said
    assert [len(one.rows) for one in tables(paper) if one.heads[:1] == ("问题编号",)] == [1, 1, 2]
    late = recheck_report(VIEW, ENTRIES, replace(LETTER, day=dt.date(2018, 5, 8)))
    assert [len(one.rows) for one in tables(late) if one.heads[:1] == ("问题编号",)] == [1, 1, 2, 2]


def test_only_what_was_seen_mended_can_be_signed_off() -> None:
    paper = sign_off(VIEW, ENTRIES, LETTER)
    listed = next(one for one in tables(paper) if one.heads[:1] == ("序号",))
    assert [row[1].replace("\n", "") for row in listed.rows] == [link(0).id, link(1).id]
    assert listed.rows[0][5:] == ("已整改\n2018-05-02", "2018-05-03")
    assert [row[1] for row in next(t for t in tables(sign_off(VIEW, [], LETTER)) if t.heads).rows] == [""]


def filled(sheet: bytes, rows: Sequence[tuple[object, ...]]) -> bytes:
    """The checklist with these cells put into its first rows, as a person would."""
    import xlsxwriter

    kept = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_name("人工核查表").to_python()
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    made = book.add_worksheet("人工核查表")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(kept):
        given = rows[number - 1] if 0 < number <= len(rows) else ()
        for column, value in enumerate([*row[:4], *given] if given else row):
            if isinstance(value, dt.date):
                made.write_datetime(number, column, dt.datetime.combine(value, dt.time()), day)
            else:
                made.write(number, column, value)
    book.close()
    return out.getvalue()


def test_the_checklist_comes_back_filled() -> None:
    sheet = checklist_book(VIEW)
    assert read_checklist(sheet, "空表.xlsx") == []
    assert sheet == checklist_book(VIEW)
    made = both()
    day = dt.date(2018, 4, 20)
    rows = read_checklist(
        filled(
            sheet,
            [
                ("无问题", "", "核查员甲", day, ""),
                ("有问题", 3, "核查员甲", "2018年4月20日", "见附页"),
            ],
        ),
        "表.xlsx",
    )
    given = checked(rows, made)
    assert [(one.result, one.count, one.on, one.note) for one in given] == [
        (Result.CLEAN, 0, day, ""),
        (Result.FAULTY, 3, day, "见附页"),
    ]
    after = [answered(one, given) for one in made]
    again = view_of(after)
    shown = {asked.clause.id: asked.given for table in again.tables for asked in table.to_answer}
    assert shown[given[1].clause] == "人工核查：有问题（3 处），核查员甲，2018-04-20。见附页"
    assert read_checklist(checklist_book(again), "再来.xlsx") == []


def test_a_wrong_cell_is_named_by_row() -> None:
    rows = read_checklist(filled(checklist_book(VIEW), [("无", "", "", "?", "")]), "表.xlsx")
    with pytest.raises(AnswerError) as caught:
        checked(rows, both())
    assert [line.partition("：")[0] for line in str(caught.value).splitlines()] == ["表.xlsx 第 2 行"] * 3
    with pytest.raises(AnswerError, match="不是一份人工核查表"):
        read_checklist(b"PK\x03\x04 nonsense", "坏.xlsx")
    with pytest.raises(AnswerError, match="不是一份人工核查表"):
        read_checklist(score_book(VIEW), "评分表.xlsx")


def test_sheets_hold_no_formula() -> None:
    for made in (score_book(VIEW), checklist_book(VIEW), columns_book("=1+1", "2018-04-16", "表", [], AT)):
        with zipfile.ZipFile(io.BytesIO(made)) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
        assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)


def test_the_way_and_the_runs_are_in_every_report(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("report")
    before = both(found(4), of=run(site(), "20180316-093000"))
    now = both(found(6))
    files = {
        path.suffix: path.read_bytes()
        for path in write(
            now, folder, ["html", "docx", "pdf", "json"], previous=before, earlier=[glance(before)]
        )
    }
    html = files[".html"].decode()
    assert html.count('<table class="trend">') == html.count('<table class="way">') == 1
    assert html.count("<circle") == 2
    assert "最省力的整改顺序" in words_of_docx(files[".docx"])
    assert "历次检查" in re.sub(r"\s", "", words_of_pdf(files[".pdf"]))
    assert "新出现 2 个" in html
    document = json.loads(files[".json"])
    listed = {one["id"] for one in document["findings"]}
    assert document["way"]["steps"]
    assert all(set(step["findings"]) <= listed for step in document["way"]["steps"])
    assert document == findings_document(now) | {}
    assert document["comparison"][0]["standards"] == ["census-2015", "inspection-2019"]


def test_answers_stand_in_the_score_table() -> None:
    given = Answered(
        clause="I19-V01b", result=Result.CLEAN, count=0, by="核查员甲", on=dt.date(2018, 4, 20), note=""
    )
    shown = view_of([answered(one, [given]) for one in both([word(1, "登陆")])])
    row = next(row for row in score_rows(shown.tables[1]) if "I19-V01b" in row[2])
    assert row[4:] == ("人工核查：无问题，核查员甲，2018-04-20", "—")
