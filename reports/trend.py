"""All runs of a site side by side: problems by grade and points, as rows and as one small drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from checks.assessment import Glance, Score, Standing
from checks.compare import counted
from checks.standard import Frame, Standard
from reports.rectification import STANDING_WORDS, marks_words

MOST = 24
TALL, STEP, BAR, LEFT, TOP = 110, 26, 14, 34, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One run in the drawing, in pixels: doubtful problems stand on the certain ones."""

    x: int
    certain_y: int
    certain_height: int
    doubtful_y: int
    doubtful_height: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRow:
    day: str
    run_id: str
    certain: int
    doubtful: int
    deducted: str
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Runs oldest first. `line` are the points of the score, "" when no table gives points."""

    rows: tuple[TrendRow, ...]
    bars: tuple[Bar, ...]
    line: str
    dots: tuple[tuple[int, int, str], ...]
    width: int
    height: int
    base: int
    most: int
    full: str
    table: str


def trend(runs: Sequence[Glance], scored: Standard | None) -> Trend | None:
    """The runs, oldest first; None with fewer than two. `scored` is the table whose points are drawn."""
    runs = runs[-MOST:]
    if len(runs) < 2:
        return None
    numbers = [counted(run) for run in runs]
    most = max(1, *(certain + doubtful for certain, doubtful in numbers))
    base = TOP + TALL
    rows, bars, dots = [], [], []
    for place, (run, (certain, doubtful)) in enumerate(zip(runs, numbers, strict=True)):
        x = LEFT + place * STEP
        score = run.scores.get(scored.id) if scored else None
        left = _left(score, scored.frame) if score and scored and scored.frame else None
        tall, more = round(TALL * certain / most), round(TALL * doubtful / most)
        day = run.as_of.isoformat()
        bars.append(
            Bar(
                x=x,
                certain_y=base - tall,
                certain_height=tall,
                doubtful_y=base - tall - more,
                doubtful_height=more,
                words=f"{day}：问题 {certain} 个，待核实 {doubtful} 条",
            )
        )
        if left is not None and scored and scored.frame:
            y = base - round(TALL * max(0.0, min(1.0, float(left / scored.frame.base))))
            dots.append((x + BAR // 2, y, f"{day}：按已查明的扣分算 {marks_words(left)} 分"))
        rows.append(
            TrendRow(
                day=day,
                run_id=run.run_id,
                certain=certain,
                doubtful=doubtful,
                deducted=marks_words(score.deducted) if score else "",
                standing="；".join(dict.fromkeys(_standing(one) for one in run.scores.values())),
            )
        )
    return Trend(
        rows=tuple(rows),
        bars=tuple(bars),
        line=" ".join(f"{x},{y}" for x, y, _ in dots) if len(dots) > 1 else "",
        dots=tuple(dots),
        width=LEFT + len(runs) * STEP + 34,
        height=base + 20,
        base=base,
        most=most,
        full=marks_words(scored.frame.base) if scored and scored.frame else "",
        table=scored.title if scored else "",
    )


def _left(score: Score, frame: Frame) -> Decimal:
    return max(frame.floor, frame.base - score.deducted)


def _standing(score: Score) -> str:
    vetoes = f"（否决 {len(score.vetoes)} 项）" if score.vetoes else ""
    if score.standing is Standing.QUALIFIED and score.total is not None:
        return f"{STANDING_WORDS[score.standing]}（{marks_words(score.total)} 分）"
    return STANDING_WORDS[score.standing] + vetoes
