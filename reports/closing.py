"""Papers made of the ledger: 复查报告 and 销号确认单."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from checks.check import Grade
from reports.documents import BLANK_DAY, Letter, chinese_day, in_two, signatures, site
from reports.language import say
from reports.ledger.entry import Answer, Entry, State
from reports.paper import Heading, Paper, Table, Text
from reports.problems import TARGETS
from reports.rectification import Rectification

ANSWER_MEANS = {
    Answer.FIXED: "复查时问题已经不在，可以销号",
    Answer.NOT_FIXED: "复查时问题仍在，退回整改",
    Answer.PARTLY: "有的位置已改，有的位置仍在，退回整改",
    Answer.UNREACHABLE: "页面打不开，看不到改没改，请责任单位说明",
    Answer.CHANGED: "页面内容已换，无法与原文比对，请人工核对",
    Answer.BLOCKED: "访问受阻，没有看成，需再次复查",
}


def recheck_report(view: Rectification, entries: Sequence[Entry], letter: Letter) -> Paper:
    """复查报告: what became of every problem of the ledger, by what the recheck saw."""
    looked = [entry for entry in entries if entry.recheck_answer is not None]
    certain = Counter(entry.recheck_answer for entry in entries if entry.grade is Grade.FAIL)
    doubtful = Counter(entry.recheck_answer for entry in entries if entry.grade is not Grade.FAIL)
    days = sorted(entry.recheck_at for entry in looked if entry.recheck_at)
    states = Counter(entry.state for entry in entries)
    when = "至".join(map(chinese_day, sorted({days[0], days[-1]}))) if days else "还没有复查"
    blocks: list[Heading | Text | Table] = [
        site(view),
        Heading(text="一、复查概况"),
        Text(
            text=f"整改台账共有 {len(entries)} 条：问题 {certain.total()} 个，待核实的线索 {doubtful.total()} 条。已复查 {len(looked)} 条，没有复查 {len(entries) - len(looked)} 条。复查时间：{when}。"
        ),
        Table(
            heads=("复查结果", "问题", "待核实线索", "说明"),
            widths=(42, 16, 24, 84),
            rows=(
                *(
                    (say(one.value), str(certain[one]), str(doubtful[one]), ANSWER_MEANS[one])
                    for one in Answer
                ),
                ("没有复查", str(certain[None]), str(doubtful[None]), "台账里还没有复查结果"),
                ("合计", str(certain.total()), str(doubtful.total()), ""),
            ),
            centred=(1, 2),
        ),
        Text(
            text="整改状态："
            + "，".join(f"{say(one.value)} {states[one]} 条" for one in State if states[one])
            + "。"
        ),
    ]
    parts = (
        ("二、整改不到位的问题", (Answer.NOT_FIXED, Answer.PARTLY)),
        ("三、没有看成、需要人工确认的问题", (Answer.UNREACHABLE, Answer.CHANGED, Answer.BLOCKED)),
        ("四、已经整改的问题", (Answer.FIXED,)),
    )
    for title, wanted in parts:
        blocks += [Heading(text=title), _rechecked([one for one in looked if one.recheck_answer in wanted])]
    late = [entry for entry in entries if entry.overdue(letter.day or days[-1])] if letter.day or days else []
    if late:
        blocks += [Heading(text="五、过了时限还没有报整改的问题"), _rechecked(late)]
    blocks += [
        Heading(text="复查意见"),
        Text(text="没有看成的问题不认定为已整改。复查未通过的，请责任单位重新整改后再报。"),
        signatures("复查人", "审核人"),
    ]
    return Paper(
        title="政府网站问题整改复查报告",
        number=letter.number,
        to="",
        blocks=tuple(blocks),
        foot=f"报告编号 {view.run_id}",
        seal=view.seal,
    )


def sign_off(view: Rectification, entries: Sequence[Entry], letter: Letter) -> Paper:
    """销号确认单: problems that a recheck saw mended, with room for the three opinions."""
    ready = [
        entry
        for entry in entries
        if entry.state is State.CLOSED
        or (entry.state is State.REPORTED and entry.recheck_answer is Answer.FIXED)
    ]
    rows = tuple(
        (
            str(number),
            in_two(entry.number),
            _entry_words(entry),
            entry.measure,
            "\n".join(part for part in (entry.office, entry.person) if part),
            "\n".join(
                part
                for part in (
                    say(entry.recheck_answer.value) if entry.recheck_answer else "",
                    _iso(entry.recheck_at),
                )
                if part
            ),
            _iso(entry.closed_on),
        )
        for number, entry in enumerate(ready, 1)
    )
    closed = sum(entry.state is State.CLOSED for entry in ready)
    blocks: list[Heading | Text | Table] = [
        site(view),
        Text(
            text=f"下列 {len(ready)} 个问题经复查已整改，其中已销号 {closed} 个，待确认销号 {len(ready) - closed} 个。"
        ),
        Table(
            heads=("序号", "问题编号", "问题", "整改措施", "责任科室\n责任人", "复查结果", "销号日期"),
            widths=(10, 28, 42, 25, 19, 21, 21),
            rows=rows or (("", "", "没有可以销号的问题", "", "", "", ""),),
            centred=(0,),
        ),
        Table(
            heads=(),
            widths=(30, 136),
            rows=tuple(
                (who, f"\n\n　　　　　　　　　　　　签字（盖章）：　　　{BLANK_DAY}")
                for who in ("责任单位意见", "复查人意见", "销号审核意见\n（与责任人、复查人不是同一人）")
            ),
            label=True,
        ),
    ]
    return Paper(
        title="政府网站问题整改销号确认单",
        number=letter.number,
        to="",
        blocks=tuple(blocks),
        foot=f"报告编号 {view.run_id}",
        seal=view.seal,
    )


def _rechecked(entries: Sequence[Entry]) -> Table | Text:
    if not entries:
        return Text(text="没有。")
    return Table(
        heads=("问题编号", "问题", "责任科室\n责任人", "整改时限", "复查结果", "复查时间"),
        widths=(28, 57, 20, 20, 21, 20),
        rows=tuple(
            (
                in_two(entry.number),
                _entry_words(entry),
                "\n".join(part for part in (entry.office, entry.person) if part),
                _iso(entry.deadline),
                say(entry.recheck_answer.value) if entry.recheck_answer else "",
                _iso(entry.recheck_at),
            )
            for entry in entries
        ),
    )


def _entry_words(entry: Entry) -> str:
    url = entry.subject.url or ""
    source = next((one.url for one in entry.citations if one.url != url), "")
    on = f"所在页面：{source}" if source and entry.subject.kind in TARGETS else ""
    doubt = "" if entry.grade is Grade.FAIL else "（待核实）"
    parts = (doubt + say(entry.message), url, on, entry.remark)
    return "\n".join(part for part in parts if part)


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
