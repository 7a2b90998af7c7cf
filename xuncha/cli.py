"""The front door. Results on stdout, progress and errors on stderr.

Exit codes: 0 done; 1 only with --fail-on; 2 wrong use or configuration; 3 the site could not be examined;
130 interrupted, and the same command continues.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports.language import LANGUAGES
from xuncha.exits import faults, stop
from xuncha.ledger_commands import ledger
from xuncha.paper_commands import answers, document

if TYPE_CHECKING:
    from checks.standard import Standard
    from crawler.progress import Progress
    from crawler.siteconfig import SiteConfig
    from xuncha.audit import Audited

app = typer.Typer(
    name="xuncha",
    help="巡查：检查政府部门网站，给出可逐条整改的清单。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def language(
    lang: Annotated[
        str, typer.Option("--lang", help="说哪种语言：zh 或 en；也可以设环境变量 XUNCHA_LANG")
    ] = "zh",
) -> None:
    # The door has taken it by now; what is left names no language there is.
    if lang not in LANGUAGES:
        stop(f"--lang = {lang!r}：应为 {'、'.join(LANGUAGES)} 之一", 2)


app.add_typer(ledger, name="ledger")
app.command()(document)
app.command()(answers)

OUT = Path("audits")


class FailOn(StrEnum):
    VETO = "veto"
    MAJOR = "major"
    ANY = "any"


Out = Annotated[Path, typer.Option("--out", help="结果放在哪个目录")]
Json = Annotated[bool, typer.Option("--json", help="把结果按 JSON 打印到标准输出")]
Standards = Annotated[list[str] | None, typer.Option("--standard", help="按哪张表评判，可重复")]


@app.command()
def demo(
    out: Out = OUT,
    healthy: Annotated[bool, typer.Option("--healthy", help="检查没有毛病的同一个网站")] = False,
    as_json: Json = False,
) -> None:
    """检查自带的样例网站，看看报告是什么样。"""
    from xuncha.demo import demo as run_demo

    with faults(), _progress() as progress:
        audited = run_demo(out, healthy=healthy, progress=progress)
    _hand_over(audited, as_json)


@app.command()
def audit(
    site: Annotated[str, typer.Argument(help="网站地址，或 site.toml 文件", metavar="URL|SITE.toml")],
    out: Out = OUT,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="监测时间点，如 2018-04-16；不写就是今天")
    ] = None,
    standard: Standards = None,
    max_pages: Annotated[int | None, typer.Option("--max-pages", min=1, help="最多看多少页")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="全部重新读取，不沿用上次检查以来没有变化的页面")
    ] = False,
    as_json: Json = False,
    fail_on: Annotated[FailOn | None, typer.Option("--fail-on", help="有这一级问题时以 1 退出")] = None,
) -> None:
    """检查一个网站：走遍页面，留存证据，按表评判，写出报告。"""
    from xuncha.apart import Apart

    # Reads evidence, as the judging does: loaded before the fork, for both.
    from xuncha.walking import walked

    def begin(progress: Callable[[Progress], None]) -> Path:
        return walked(_config(site, max_pages), out, as_of=day, full=full, progress=progress)

    with faults():
        day = _day(as_of)
        # A table of the user's own may be wrong: better said before the walk than after.
        _tables(standard or ())
        walk = Apart(begin)
        with _progress() as progress:
            run_dir = walk.result(progress)
            from xuncha import audit as door

            audited = door.judge(run_dir, _tables(standard or door.STANDARDS))
    _hand_over(audited, as_json)
    if fail_on and door.failing(audited.assessments, fail_on.value):
        raise typer.Exit(1)


@app.command()
def check(
    run_dir: Annotated[Path, typer.Argument(help="一次检查的目录")],
    standard: Standards = None,
    as_json: Json = False,
) -> None:
    """不再访问网站，用已留存的证据重新评判。"""
    from xuncha import audit as door

    with faults():
        audited = door.judge(run_dir, _tables(standard or door.STANDARDS))
    _hand_over(audited, as_json, compared=len(standard or ()) > 1)


@app.command()
def report(
    run_dir: Annotated[Path, typer.Argument(help="一次检查的目录")],
    formats: Annotated[str, typer.Option("--format", help="要哪些格式，用逗号分开")] = "html,json,csv",
    since: Annotated[Path | None, typer.Option("--since", help="与哪一次检查相比")] = None,
    copies: Annotated[
        bool, typer.Option("--copies", help="附上能离线打开的存档副本，个人信息已遮盖")
    ] = False,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="附上标出问题的存档页面截图（需浏览器组件）和存档副本")
    ] = False,
) -> None:
    """用已有的评判结果再写一遍报告。"""
    from xuncha.report import MOST_PICTURES
    from xuncha.report import report as make

    with faults():
        names = [name.strip() for name in formats.split(",") if name.strip()]
        files = make(run_dir, names, since=since, copies=copies, pictures=MOST_PICTURES if pictures else 0)
    for path in files:
        typer.echo(path)


@app.command()
def recheck(
    site_dir: Annotated[Path, typer.Argument(help="一个网站的目录，里面有 runs 和台账", metavar="SITE_DIR")],
    finding: Annotated[list[str] | None, typer.Option("--finding", help="只复查这个问题编号，可重复")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="复查时间，如 2018-05-16；不写就是今天")
    ] = None,
    as_json: Json = False,
) -> None:
    """复查：只看台账所列的页面、链接和栏目，逐条回答整改了没有。"""
    from xuncha.recheck import recheck as look_again

    with faults():
        day = _day(as_of)
        with _progress() as progress:
            done = look_again(site_dir, findings=finding or (), as_of=day, progress=progress)
    typer.echo(json.dumps(done.as_json(), ensure_ascii=False, indent=1) if as_json else done.as_text())


@app.command()
def columns(
    site_dir: Annotated[Path, typer.Argument(help="一个网站的目录，里面有 runs", metavar="SITE_DIR")],
    standard: Annotated[str, typer.Option("--standard", help="更新期限按哪张表")] = "census-2015",
    as_json: Json = False,
    html: Annotated[Path | None, typer.Option("--html", help="另存成网页，有几次检查时带逐月图")] = None,
) -> None:
    """栏目台账：每个栏目多久该更新一次、最近更新是哪天、什么时候该提醒。"""
    from rich.console import Console

    from xuncha.columns import columns as read

    with faults():
        found = read(site_dir, standard)
        if html is not None:
            html.write_bytes(found.as_html())
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        found.show(Console() if sys.stdout.isatty() else Console(width=220))


@app.command()
def inspect(
    pages: Annotated[list[str], typer.Argument(help="页面文件或地址", metavar="FILE|URL...")],
    url: Annotated[str | None, typer.Option("--url", help="文件原来的网址")] = None,
    as_json: Json = False,
) -> None:
    """看看程序在一个页面里读到了什么。"""
    from xuncha.inspect import describe, inspect_lines

    with faults():
        for line in inspect_lines(pages, url):
            typer.echo(json.dumps(line, ensure_ascii=False) if as_json else describe(line))


@app.command()
def proof(
    files: Annotated[list[str], typer.Argument(help="要发布的稿件；- 表示标准输入", metavar="FILE|-...")],
    as_json: Json = False,
    why: Annotated[bool, typer.Option("--why", help="说明每一处为什么被指出")] = False,
    marked: Annotated[Path | None, typer.Option("--marked", help="另存一份带批注的 Word 稿")] = None,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="加用统计方法，多找一些可疑的字，只提请核实")
    ] = False,
) -> None:
    """发布之前检查稿件的文字。"""
    from xuncha.proof import proof_files

    if marked is not None and len(files) != 1:
        raise typer.BadParameter("带批注的 Word 稿一次只能做一份，请只给一个稿件", param_hint="--marked")
    with faults():
        for line in proof_files(files, marked=marked, statistics=statistics):
            typer.echo(json.dumps(line.as_json(), ensure_ascii=False) if as_json else line.as_text(why=why))


@app.command()
def explain(name: Annotated[str, typer.Argument(help="检查项或条款的编号", metavar="CHECK|CLAUSE")]) -> None:
    """说明一个检查项或一条条款：找什么、为什么、有什么局限、怎么改。"""
    from xuncha.explain import explain as text

    with faults():
        typer.echo(text(name))


@app.command()
def verify(
    run_dir: Annotated[
        Path,
        typer.Argument(
            help="一次检查的目录，一个网站的目录，或一个申诉材料包", metavar="RUN_DIR|SITE_DIR|ZIP"
        ),
    ],
) -> None:
    """核对证据自封存后、评判结果和报告自写成后、台账的记录没有被改动。"""
    from xuncha.appeal import verify_pack
    from xuncha.ledger import LEDGER_FILE
    from xuncha.verify import State, head, verify_site
    from xuncha.verify import verify as states

    words = {
        State.SAME: "未改动",
        State.CHANGED: "已被改动",
        State.MISSING: "不见了",
        State.UNLISTED: "没有登记，不是本程序写的，或写完后没有登记",
    }
    with faults():
        packed, whole = run_dir.suffix == ".zip", (run_dir / LEDGER_FILE).is_file()
        prove = verify_pack if packed else verify_site if whole else states
        rows = list(prove(run_dir))
        noted = "" if packed else head(run_dir)
    for row in rows:
        typer.echo(f"{row.name}：{words[row.state]}")
        for where in row.where:
            typer.echo(f"  {where}")
    if noted:
        typer.echo(f"链首：{noted}（请另行记下，以后核对）")
    if any(row.state in (State.CHANGED, State.MISSING) for row in rows):
        raise typer.Exit(1)


def _tables(names: Sequence[str]) -> list[Standard]:
    if not names:
        return []
    from checks.registry import CHECKS
    from checks.standard import load

    return [load(name, CHECKS) for name in names]


def _config(site: str, max_pages: int | None) -> SiteConfig:
    from crawler.siteconfig import SiteConfigError, from_url, load

    config = from_url(site) if "://" in site else load(Path(site))
    if config.item:
        from checks.mandated.items import table as disclosure_items

        known = [item.id for item in disclosure_items()]
        for row in config.item:
            if row.id not in known:
                raise SiteConfigError(f"{site}：item.id = {row.id!r}：没有这一项事项；有 {'、'.join(known)}")
    if max_pages is not None:
        config = config.model_copy(update={"crawl": config.crawl.model_copy(update={"max_pages": max_pages})})
    return config


def _day(value: str | None) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        stop(f"--as-of = {value!r}：应为 2018-04-16 这样的日期", 2)


def _hand_over(audited: Audited, as_json: bool, *, compared: bool = False) -> None:
    """Say what came out: JSON for machines, a short table for people."""
    if as_json:
        path = next(path for path in audited.files if path.name == "findings.json")
        with path.open(encoding="utf-8") as lines:
            sys.stdout.writelines(lines)
        return
    from xuncha.summary import summary

    typer.echo(summary(audited, compared=compared))


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None] | None]:
    """A line on stderr that tells how far the walk is; nothing when nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    with console.status("开始……") as status:

        def show(now: Progress) -> None:
            left = f"，约剩 {now.left / 60:.0f} 分钟" if now.left else ""
            status.update(
                f"已看 {now.seen} / 已知 {now.known}，每秒 {now.rate:.1f}{left}  {escape(now.column or '')}"
            )

        yield show


def main() -> None:
    app()
