"""The shortest way to pass in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks.assessment import Assessment
from checks.causes import Cause, Kind, ShortestWay, shortest_way
from reports.rectification import clean, marks_words, safe_href

MOST = 20
"""Steps that are printed; findings.json has all."""

WORDS = {
    Kind.TEMPLATE: ("页头、导航、页脚等公共部分", "改模板一处，全站都好"),
    Kind.COLUMN: ("栏目", "发布这个栏目应有的新内容"),
    Kind.FOLDER: (
        "同一目录下多个地址打不开",
        "多半是改版时搬走了：恢复这些页面，或在服务器上把旧地址整批转到新地址",
    ),
    Kind.HOST: ("一家外部网站打不开", "把指向它的链接整批换掉或删掉"),
    Kind.PAGE: ("同一个页面", "打开这个页面一次改完"),
    Kind.SINGLE: ("", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One thing to do. `issues` are numbers of the list; `lifts` names the vetoes it is needed for."""

    number: int
    what: str
    name: str
    how: str
    url: str
    href: str | None
    issues: tuple[int, ...]
    edits: int
    points: str
    so_far: str
    lifts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayView:
    """`goal` says in one sentence how far the steps lead; `more` steps are not printed."""

    goal: str
    steps: tuple[StepView, ...]
    more: int
    scored: bool


def way_view(assessments: Sequence[Assessment], numbers: Mapping[str, int]) -> WayView | None:
    """The way for a report; `numbers` are the list's by fingerprint. None when nothing lifts a veto or wins points."""
    way = shortest_way(assessments)
    if not way.steps:
        return None
    titles = {
        (one.standard.id, clause.id): clause.title for one in assessments for clause in one.standard.clauses
    }
    steps = []
    for number, step in enumerate(way.steps[:MOST], 1):
        what, how = WORDS[step.cause.kind]
        first = step.cause.findings[0]
        name = "" if step.cause.kind is Kind.TEMPLATE else step.cause.name
        steps.append(
            StepView(
                number=number,
                what=what or clean(first.message.partition("。")[0], 100),
                name="" if step.cause.kind is Kind.SINGLE else clean(name, 200),
                how=how or clean(first.fix, 200),
                url=clean(step.cause.url, 1000),
                href=safe_href(step.cause.url),
                issues=tuple(sorted(numbers[one.fingerprint] for one in step.cause.findings)),
                edits=step.cause.edits,
                points=marks_words(step.points) if step.points else "",
                so_far=marks_words(step.so_far) if step.so_far else "",
                lifts="、".join(dict.fromkeys(titles[one] for one in step.lifts)),
            )
        )
    return WayView(
        goal=_goal(way, any(one.score.vetoes for one in assessments)),
        steps=tuple(steps),
        more=len(way.steps) - len(steps),
        scored=bool(way.standard),
    )


def way_document(assessments: Sequence[Assessment]) -> dict[str, object]:
    """The way for findings.json: every step."""
    way = shortest_way(assessments)
    return {
        "standard": way.standard or None,
        "vetoes_after": way.vetoes_after,
        "pass_after": way.pass_after,
        "others": way.others,
        "steps": [
            _step(step.cause, step.lifts, float(step.points), float(step.so_far)) for step in way.steps
        ],
    }


def _step(cause: Cause, lifts: Sequence[tuple[str, str]], points: float, so_far: float) -> dict[str, object]:
    return {
        "cause": cause.kind.value,
        "name": cause.name,
        "edits": cause.edits,
        "points": points,
        "points_so_far": so_far,
        "lifts": [{"standard": standard, "clause": clause} for standard, clause in lifts],
        "findings": [finding.id for finding in cause.findings],
    }


def _goal(way: ShortestWay, vetoed: bool) -> str:
    if way.vetoes_after is None:
        return "单看页面上的问题还解除不了全部否决项，其余须按条款另行处理。"
    start = f"做完前 {way.vetoes_after} 步，解除全部单项否决" if vetoed else "已检查的单项否决都没有触发"
    if not way.standard:
        return f"{start}。"
    if way.pass_after is None:
        return f"{start}；全部做完，已查明的扣分仍在合格线以下。"
    if way.pass_after == 0:
        return f"{start}；按已查明的扣分算，已在合格线以上，下面按每处改动挽回的分数排列。"
    return f"{start}；做完前 {way.pass_after} 步，按已查明的扣分算，就在合格线以上。"
