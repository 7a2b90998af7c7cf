"""`xuncha document` and `xuncha answers`: papers out, people's answers in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from xuncha.exits import faults, stop

KINDS = "整改通知书、复查报告、销号确认单、评分表、人工核查表、栏目更新台账、申诉材料包"


def document(
    kind: Annotated[str, typer.Argument(help=f"要哪一种：{KINDS}", metavar="文书")],
    folder: Annotated[
        Path, typer.Argument(help="一次检查的目录，或一个网站的目录", metavar="RUN_DIR|SITE_DIR")
    ],
    formats: Annotated[str, typer.Option("--format", help="要哪些格式，用逗号分开；不写就是全部")] = "",
    finding: Annotated[
        list[str] | None, typer.Option("--finding", help="问题编号，可重复；申诉材料包必须写")
    ] = None,
    number: Annotated[str, typer.Option("--number", help="发文字号，不写就留空")] = "",
    sender: Annotated[str, typer.Option("--sender", help="发文单位，不写就留空")] = "",
    date: Annotated[str | None, typer.Option("--date", help="发文日期，如 2018-04-20，不写就留空")] = None,
    days: Annotated[
        int,
        typer.Option("--days", min=0, max=365, help="整改时限，几个工作日；0 是按台账的规矩，各级别不同"),
    ] = 0,
) -> None:
    """写一份文书：整改通知书、复查报告、销号确认单、评分表、人工核查表、栏目更新台账、申诉材料包。"""
    from reports.documents import Letter
    from xuncha.papers import Wanted, deadline, kind_of, write_papers

    wanted = kind_of(kind)
    if wanted is None:
        stop(f"没有“{kind}”这种文书；可用的有 {KINDS}", 2)
    try:
        day = dt.date.fromisoformat(date) if date else None
    except ValueError:
        stop(f"--date = {date!r}：应为 2018-04-20 这样的日期", 2)
    with faults():
        files = write_papers(
            folder,
            Wanted(
                kind=wanted,
                formats=tuple(name.strip() for name in formats.split(",") if name.strip()),
                findings=tuple(finding or ()),
                letter=Letter(
                    number=number,
                    sender=sender,
                    day=day,
                    days=days,
                    due=deadline(day, days) if days else None,
                ),
            ),
        )
    for path in files:
        typer.echo(path)


def answers(
    run_dir: Annotated[Path, typer.Argument(help="一次检查的目录")],
    form: Annotated[Path, typer.Argument(help="填好的人工核查表：xlsx，或 toml", metavar="FORM")],
) -> None:
    """读回填好的人工核查表，重新算分，再写一遍报告。"""
    from xuncha.answers import take_in
    from xuncha.report import report
    from xuncha.runfiles import FORMATS
    from xuncha.summary import standings

    with faults():
        given, assessments = take_in(run_dir, form)
        files = report(run_dir, FORMATS)
    typer.echo(f"读到 {len(given)} 条人工核查结果")
    for line in standings(assessments):
        typer.echo(line)
    for path in files:
        typer.echo(path)
