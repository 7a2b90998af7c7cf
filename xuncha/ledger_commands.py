"""`xuncha ledger SITE_DIR show | set | export | import`: the ledger from the command line."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from reports.language import say
from xuncha.exits import faults, stop

ledger = typer.Typer(help="整改台账：看、填、导出、读回。", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="按 JSON 打印")]
By = Annotated[str, typer.Option("--by", help="经办人，记入台账的记录；不写就是本机用户名")]


@ledger.callback()
def of_site(
    context: typer.Context,
    site_dir: Annotated[Path, typer.Argument(help="一个网站的目录，里面有 runs", metavar="SITE_DIR")],
) -> None:
    """整改台账：看、填、导出、读回。"""
    context.obj = site_dir


@ledger.command()
def show(
    context: typer.Context,
    number: Annotated[list[str] | None, typer.Argument(help="只看这些问题编号，连同记录")] = None,
    state: Annotated[list[str] | None, typer.Option("--state", help="只看这些整改状态，可重复")] = None,
    as_json: Json = False,
) -> None:
    """看台账：每个问题的状态、责任人、时限；写了编号就连同全部记录。"""
    from rich.console import Console

    from reports.ledger.entry import BEIJING
    from xuncha.ledger import show as shown

    with faults():
        found = shown(context.obj, numbers=number or (), states=state or ())
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        found.show(Console() if sys.stdout.isatty() else Console(width=200), dt.datetime.now(BEIJING).date())


@ledger.command("set")
def set_(
    context: typer.Context,
    number: Annotated[list[str] | None, typer.Argument(help="问题编号，可写几个")] = None,
    every: Annotated[str | None, typer.Option("--every", help="改这一状态的全部问题，如 待下发")] = None,
    state: Annotated[str | None, typer.Option("--state", help="改成什么整改状态")] = None,
    office: Annotated[str | None, typer.Option("--office", help="责任科室")] = None,
    person: Annotated[str | None, typer.Option("--person", help="责任人")] = None,
    measure: Annotated[str | None, typer.Option("--measure", help="整改措施")] = None,
    deadline: Annotated[str | None, typer.Option("--deadline", help="整改时限；无需整改的写到期日")] = None,
    remark: Annotated[str | None, typer.Option("--remark", help="备注")] = None,
    recheck: Annotated[str | None, typer.Option("--recheck", help="人工复查的结果")] = None,
    why: Annotated[str, typer.Option("--why", help="理由")] = "",
    by: By = "",
    setting: Annotated[
        list[str] | None, typer.Option("--setting", help="台账的规矩，如 second_person=true，可重复")
    ] = None,
) -> None:
    """改台账：状态、责任科室、责任人、措施、时限、备注，或者台账的规矩。"""
    from xuncha.ledger import edit, keep

    filled = {"office": office, "person": person, "measure": measure, "deadline": deadline, "remark": remark}
    edits = {name: value for name, value in filled.items() if value is not None}
    with faults():
        if setting:
            typer.echo(keep(context.obj, setting))
        if not (edits or state or recheck):
            if setting:
                return
            stop("没有写要改什么；看看 xuncha ledger SITE_DIR set --help", 2)
        changed = edit(
            context.obj, number or (), every=every, edits=edits, state=state, recheck=recheck, why=why, by=by
        )
    for entry in changed:
        typer.echo(f"{entry.number}　{say(entry.state)}")


@ledger.command()
def export(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", help="写到哪个文件；不写就是 SITE_DIR/整改台账.xlsx")
    ] = None,
) -> None:
    """导出整改台账（Excel），交给各科室填写。原来有同名文件的，改名留着。"""
    from xuncha.ledger import export as write

    with faults():
        typer.echo(write(context.obj, out))


@ledger.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="填好的整改台账", metavar="FILE.xlsx")],
    by: By = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说会怎样，不改台账")] = False,
    as_json: Json = False,
) -> None:
    """读回填好的整改台账。有误的行整行不收，逐格列出，以 2 退出；其余的行照收。"""
    from xuncha.ledger import take_back

    with faults():
        taken = take_back(context.obj, file, by=by, dry=dry_run)
    typer.echo(json.dumps(taken.as_json(), ensure_ascii=False, indent=1) if as_json else taken.as_text())
    if taken.faults:
        raise typer.Exit(2)
