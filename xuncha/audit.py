"""One site from address to report: walk, judge, hand over. The only place of an audit that reads the clock."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from checks.answers import answered
from checks.assessment import Assessment
from checks.check import Grade, Severity
from checks.registry import CHECKS
from checks.runner import assess
from checks.standard import Standard, load
from checks.store import save
from crawler.evidence.earlier import begun_from, has_begun
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Run
from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE
from crawler.siteconfig import SiteConfig
from crawler.walk import Progress, walk
from reports.rectification import clean
from xuncha.answers import answers_of
from xuncha.faults import NotSealed, SiteUnreachable
from xuncha.ledger import kept_of, ledger_of
from xuncha.report import FINDINGS_FILE, write_report
from xuncha.verify import REPORT_FOLDER

STANDARDS = ("census-2015", "inspection-2019")
FORMATS = ("html", "json", "csv")
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
    folder, run = _run(config, out, as_of, full)
    walk(config, folder, run, progress, full=full)
    return judge(folder, tables, formats=formats)


def judge(folder: Path, tables: Sequence[Standard], *, formats: Sequence[str] = FORMATS) -> Audited:
    """Judge a walked run by the given tables, take it into the site's ledger, store findings, write the report.

    Raises SiteUnreachable, NotSealed for a recheck, LedgerError.
    """
    with Evidence(folder) as evidence:
        if _saw_nothing(evidence):
            raise SiteUnreachable(_why_unreachable(evidence))
        if evidence.run.is_recheck:
            raise NotSealed(f"{folder}：这是一次复查，不能当作整站检查来评判")
        with ledger_of(folder) as ledger:
            waived = ledger.waivers(evidence.run.as_of) if ledger else ()
            given = answers_of(folder)
            assessments = tuple(answered(one, given) for one in assess(evidence, tables, waived=waived))
            if ledger:
                assessments = ledger.take_in(assessments).assessments
            kept = kept_of(ledger, assessments)
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


def _run(config: SiteConfig, out: Path, as_of: dt.date | None, full: bool) -> tuple[Path, Run]:
    """The unfinished run of this very configuration, also one walked but not yet judged, or a new one."""
    settings = config.model_dump(mode="json")
    mark = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    runs = out / config.id / "runs"
    now = dt.datetime.now(dt.UTC)
    name = now.strftime("%Y%m%d-%H%M%S-%f")[:-3]
    folders = sorted(runs.glob("*"), reverse=True)
    for folder in folders:
        if not (folder / EVIDENCE_FILE).exists() or (
            (folder / MANIFEST_FILE).exists() and (folder != folders[0] or _is_judged(folder))
        ):
            continue
        if not has_begun(folder):
            name = folder.name
            break
        if full and begun_from(folder):
            continue
        with Evidence(folder) as evidence:
            run = evidence.run
            if run.finished_at is not None and _saw_nothing(evidence):
                # The site may answer by now: what could not be judged is walked anew.
                continue
        if run.config.get("mark") == mark and (as_of is None or run.as_of == as_of):
            return folder, run
    return runs / name, Run(
        id=name,
        site=config.site(),
        as_of=as_of or now.astimezone().date(),
        started_at=now,
        finished_at=None,
        version=version("xuncha"),
        # Access to hosts may hold secrets: they never reach the evidence.
        config={"mark": mark, **{key: value for key, value in settings.items() if key != "host"}},
        coverage={},
    )


def _is_judged(folder: Path) -> bool:
    """Whether an audit came to its end here: the last of its formats is the last thing it writes."""
    return (folder / FINDINGS_FILE).exists() and any((folder / REPORT_FOLDER).glob(f"*.{FORMATS[-1]}"))


def _saw_nothing(evidence: Evidence) -> bool:
    """Whether a walk left nothing that could be judged."""
    seen = evidence.run.coverage.get("pages")
    return not evidence.page_count() or (seen is not None and seen.state == "absent")


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
