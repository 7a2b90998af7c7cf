"""One site from address to report: walk, judge, hand over. The only place of an audit that reads the clock."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checks.answers import answered
from checks.assessment import Assessment
from checks.check import Grade, Severity
from checks.registry import CHECKS
from checks.runner import assess
from checks.standard import Standard, load
from checks.store import save
from crawler.evidence.reader import Evidence
from reports.rectification import clean
from xuncha.answers import answers_of
from xuncha.faults import NotSealed, SiteUnreachable
from xuncha.ledger import kept_of, ledger_of
from xuncha.report import write_report
from xuncha.runfiles import FINDINGS_FILE, FORMATS, REPORT_FOLDER
from xuncha.walking import saw_nothing, walked

if TYPE_CHECKING:
    from crawler.progress import Progress
    from crawler.siteconfig import SiteConfig

STANDARDS = ("census-2015", "inspection-2019")
__all__ = ["FINDINGS_FILE", "REPORT_FOLDER", "Audited", "audit", "failing", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A finished audit: where it lies, what it came to, which files were written."""

    folder: Path
    assessments: tuple[Assessment, ...]
    files: tuple[Path, ...]


def audit(
    config: SiteConfig,
    out: Path,
    *,
    as_of: dt.date | None = None,
    full: bool = False,
    standards: Sequence[str] = STANDARDS,
    formats: Sequence[str] = FORMATS,
    progress: Callable[[Progress], None] | None = None,
) -> Audited:
    """Walk and judge one site. An unfinished run of the same configuration is continued.

    `full` asks everything anew; otherwise what did not change since the last run is taken over from it.

    Raises SiteUnreachable, StandardError; KeyboardInterrupt leaves a run that the same call continues.
    """
    tables = [load(name, CHECKS) for name in standards]
    folder = walked(config, out, as_of=as_of, full=full, progress=progress)
    return judge(folder, tables, formats=formats)


def judge(folder: Path, tables: Sequence[Standard], *, formats: Sequence[str] = FORMATS) -> Audited:
    """Judge a walked run by the given tables, take it into the site's ledger, store findings, write the report.

    Raises SiteUnreachable, NotSealed for a recheck, LedgerError.
    """
    with Evidence(folder) as evidence:
        if saw_nothing(evidence):
            raise SiteUnreachable(_why_unreachable(evidence))
        if evidence.run.is_recheck:
            raise NotSealed(f"{folder}：这是一次复查，不能当作整站检查来评判")
        with ledger_of(folder) as ledger:
            waived = ledger.waivers(evidence.run.as_of) if ledger else ()
            given = answers_of(folder)
            assessments = tuple(answered(one, given) for one in assess(evidence, tables, waived=waived))
            if ledger:
                assessments = ledger.take_in(assessments).assessments
            kept = kept_of(ledger, assessments, formats)
    save(folder / FINDINGS_FILE, assessments)
    return Audited(
        folder=folder,
        assessments=assessments,
        files=write_report(folder, assessments, formats, kept=kept),
    )


def failing(assessments: Sequence[Assessment], level: str) -> bool:
    """Whether anything certain reaches the level "veto", "major" or "any"."""
    if any(assessment.score.vetoes for assessment in assessments):
        return True
    severities = {"veto": {Severity.VETO}, "major": {Severity.VETO, Severity.MAJOR}, "any": set(Severity)}[
        level
    ]
    return any(
        finding.grade is Grade.FAIL and finding.severity in severities
        for assessment in assessments
        for finding in assessment.findings
    )


def _why_unreachable(evidence: Evidence) -> str:
    """What kept the site from being examined and what to do, in words."""
    home = evidence.run.site.home_url
    said = [
        note.detail for kind in ("moved", "not-rendered", "render-limit") for note in evidence.notes(kind)
    ]
    if said:
        return f"{home}：没有读到任何内容。{clean(said[0], 500)}"
    if evidence.page_count():
        return f"{home}：页面里没有可读的文字（多半由脚本生成），用浏览器也没有读到。请用浏览器打开看一看。"
    target = evidence.target_at(home)
    if target is None:
        return f"{home}：没有读到任何页面"
    last = target.fetches[-1]
    for row in tomllib.loads((Path(__file__).parent / "unreachable.toml").read_text(encoding="utf-8"))["why"]:
        if row["outcome"] == last.outcome and last.status in row.get("status", [last.status]):
            status = f"（状态码 {last.status}）" if last.status else ""
            return f"{home}：没有读到任何页面，{row['words']}{status}。{row['advice']}"
    raise AssertionError(last.outcome)
