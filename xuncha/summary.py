"""What an audit came to, on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from checks.assessment import Assessment, Standing
from checks.check import Grade, Outcome
from checks.compare import between
from checks.mandated.profile import profile_of
from checks.registry import CHECKS
from reports.language import presented, say
from reports.noticed import noticed_view
from reports.rectification import OUTCOME_WORDS
from xuncha.audit import Audited

MOST_TO_DO = 5
"""Lines of one kind at the end of an audit; the report has more."""

STANDING = {Standing.QUALIFIED: "合格", Standing.UNQUALIFIED: "不合格", Standing.UNDECIDED: "尚不能判定"}


def summary(audited: Audited, *, compared: bool = False) -> str:
    """Lines for the terminal: verdict by table, problems by check, where the report is.

    `compared` adds how every further table judges otherwise than the first.
    """
    assessments = presented(audited.assessments)
    first = assessments[0]
    lines = [f"{first.site.name}  {first.site.home_url}  监测时间点 {first.run.as_of}", ""]
    profile = profile_of(first.site)
    if not profile.given:
        lines += [say(profile.why), ""]
    lines += standings(assessments)
    titles = {check.id: say(check.title) for check in CHECKS}
    certain = Counter(f.check for f in first.findings if f.grade is Grade.FAIL)
    doubtful = Counter(f.check for f in first.findings if f.grade is Grade.REVIEW)
    lines += ["", f"{'问题':<6}{'待核':<6}检查项"]
    for check in titles:
        if certain[check] or doubtful[check]:
            lines.append(f"{certain[check]:<8}{doubtful[check]:<8}{titles[check]}（{check}）")
    lines += [f"合计 {certain.total()} 个问题，{doubtful.total()} 条待人工核实"]
    if compared:
        lines += differences(assessments)
    lines += to_do(assessments)
    lines.append("")
    lines += [f"报告：{path}" for path in audited.files]
    return "\n".join(lines)


def to_do(assessments: Sequence[Assessment]) -> list[str]:
    """What the walk noticed that somebody has to do something about, a line each."""
    lines = [
        f"注意：{said.words}"
        for one in noticed_view(assessments)
        if one.act
        for said in one.said[:MOST_TO_DO]
    ]
    return ["", *lines] if lines else []


def standings(assessments: Sequence[Assessment]) -> list[str]:
    """How the site stands by each table, a line each."""
    lines = []
    for assessment in assessments:
        score = assessment.score
        points = f"，得分 {score.total}" if score.total is not None else ""
        vetoes = f"，单项否决：{'、'.join(score.vetoes)}" if score.vetoes else ""
        blocked = f"，还有 {len(score.blocked_by)} 条待定" if score.blocked_by else ""
        lines.append(f"{assessment.standard.title}：{STANDING[score.standing]}{points}{vetoes}{blocked}")
    return lines


def differences(assessments: Sequence[Assessment]) -> list[str]:
    """What changes from the first table to each further one: verdicts, findings, outcomes of checks."""
    lines: list[str] = []
    first = assessments[0]
    titles = {check.id: check.title for check in CHECKS}
    for second in assessments[1:]:
        differ = between(first, second)
        lines += ["", f"从“{first.standard.title}”换成“{second.standard.title}”："]
        lines.append(f"  结论：{_standing(first)} → {_standing(second)}")
        if first.standard.frame and second.standard.frame:
            lines.append(f"  已查明的扣分：{first.score.deducted} → {second.score.deducted}")
        if differ.only_first:
            lines.append(f"  不再列出的问题（{len(differ.only_first)}）：{_some(differ.only_first)}")
        if differ.only_second:
            lines.append(f"  新列出的问题（{len(differ.only_second)}）：{_some(differ.only_second)}")
        if differ.moved:
            by_clause = Counter((there, here) for _, there, here in differ.moved)
            moves = [f"{there} → {here}（{count}）" for (there, here), count in by_clause.items()]
            lines.append(f"  归到别的条款的问题（{len(differ.moved)}）：{'、'.join(moves)}")
        for check, there, here in differ.outcomes:
            lines.append(f"  {titles.get(check, check)}：{_words(there)} → {_words(here)}")
    return lines


def _standing(assessment: Assessment) -> str:
    score = assessment.score
    if score.total is not None:
        return f"{STANDING[score.standing]}（{score.total} 分）"
    return STANDING[score.standing] + (f"（否决 {len(score.vetoes)} 项）" if score.vetoes else "")


def _words(outcomes: Sequence[Outcome]) -> str:
    return "、".join(OUTCOME_WORDS[one] for one in outcomes) or "不检查"


def _some(numbers: Sequence[str]) -> str:
    return "、".join(numbers[:5]) + (" 等" if len(numbers) > 5 else "")
