"""What an audit came to, on one screen."""

from __future__ import annotations

from collections import Counter

from checks.assessment import Standing
from checks.check import Grade
from checks.mandated.profile import profile_of
from checks.registry import CHECKS
from xuncha.audit import Audited

STANDING = {Standing.QUALIFIED: "合格", Standing.UNQUALIFIED: "不合格", Standing.UNDECIDED: "尚不能判定"}


def summary(audited: Audited) -> str:
    """Lines for the terminal: verdict by table, problems by check, where the report is."""
    first = audited.assessments[0]
    lines = [f"{first.site.name}  {first.site.home_url}  监测时间点 {first.run.as_of}", ""]
    profile = profile_of(first.site)
    if not profile.given:
        lines += [profile.why, ""]
    for assessment in audited.assessments:
        score = assessment.score
        points = f"，得分 {score.total}" if score.total is not None else ""
        vetoes = f"，单项否决：{'、'.join(score.vetoes)}" if score.vetoes else ""
        lines.append(f"{assessment.standard.title}：{STANDING[score.standing]}{points}{vetoes}")
    titles = {check.id: check.title for check in CHECKS}
    certain = Counter(f.check for f in first.findings if f.grade is Grade.FAIL)
    doubtful = Counter(f.check for f in first.findings if f.grade is Grade.REVIEW)
    lines += ["", f"{'问题':<6}{'待核':<6}检查项"]
    for check in titles:
        if certain[check] or doubtful[check]:
            lines.append(f"{certain[check]:<8}{doubtful[check]:<8}{titles[check]}（{check}）")
    lines += [f"合计 {certain.total()} 个问题，{doubtful.total()} 条待人工核实", ""]
    lines += [f"报告：{path}" for path in audited.files]
    return "\n".join(lines)
