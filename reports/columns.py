"""The column ledger as a page, and the small charts of when each column was fed."""

from __future__ import annotations

from collections.abc import Sequence

from checks.columns.history import History
from checks.columns.ledger import Line, State
from reports.language import say
from reports.rectification import Chart, clean, safe_href

STATE_WORDS = {
    State.FRESH: "正常",
    State.DUE_SOON: "快到期",
    State.STALE: "超期",
    State.MAYBE_STALE: "可能超期，待核实",
    State.BLANK: "空白",
    State.MAYBE_BLANK: "可能空白，待核实",
    State.UNDATED: "没有读到日期",
    State.UNREADABLE: "没有读到内容",
    State.EXEMPT: "免检",
    State.UNBOUND: "不判更新",
}
HEADINGS = ("栏目名称", "网址", "分类", "更新期限", "最新日期（依据）", "距今天数", "状态", "预警日")
TALL = 18


def cells(line: Line) -> tuple[str, ...]:
    """One column under HEADINGS, fit to print."""
    newest = f"{line.newest}（{clean(say(line.basis), 40)}）" if line.newest else ""
    state = STATE_WORDS[line.state]
    if line.reason:
        state += f"（{clean(line.reason, 60)}{_until(line)}）"
    return (
        clean(" > ".join(line.path), 120),
        clean(line.url, 1000),
        say(line.class_words),
        say(line.window_words),
        newest,
        "" if line.age_days is None else str(line.age_days),
        state,
        str(line.warn_on or ""),
    )


def _until(line: Line) -> str:
    if line.until is None:
        return ""
    return f"，到 {line.until} 为止" if line.state is State.EXEMPT else f"，免检 {line.until} 已到期"


def charts(histories: Sequence[History]) -> tuple[Chart, ...]:
    """A chart of every column with at least one dated item in the months looked at."""
    return tuple(_chart(history) for history in histories if any(count for _, count in history.months))


def _chart(history: History) -> Chart:
    most = max(count for _, count in history.months)
    bars = tuple(
        (6 * place, max(1, round(TALL * count / most)) if count else 0, f"{month:%Y-%m}：{count} 条")
        for place, (month, count) in enumerate(history.months)
    )
    silent = sum(not count for _, count in history.months)
    total = sum(count for _, count in history.months)
    return Chart(
        name=clean(" > ".join(history.path), 120),
        bars=bars,
        width=6 * len(bars),
        words=f"{len(bars)} 个月共 {total} 条，其中 {silent} 个月没有更新",
    )


def page(
    site_name: str, as_of: str, standard: str, lines: Sequence[Line], histories: Sequence[History]
) -> bytes:
    """The column ledger as one self-contained page."""
    from reports.render import environment, style

    drawn = {chart.name: chart for chart in charts(histories)}
    rows = [(cells(line), safe_href(line.url), line.state.value) for line in lines]
    return (
        environment()
        .get_template("column_ledger.html.j2")
        .render(
            site_name=clean(site_name, 60),
            as_of=as_of,
            standard=standard,
            headings=HEADINGS,
            rows=rows,
            charts=drawn,
            css=style(),
        )
        .encode("utf-8")
    )
