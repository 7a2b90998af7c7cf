"""`xuncha recheck`: look again at what is listed, and say of each row what became of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from checks.assessment import Assessment
from checks.check import Finding, Grade, Outcome
from checks.registry import module_of
from checks.runner import assess
from checks.standard import Standard
from checks.store import load as load_assessments
from crawler import siteconfig
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Run
from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE
from crawler.progress import Progress
from crawler.revisit import revisit
from crawler.siteconfig import SiteConfig
from reports.language import say
from reports.ledger import Answer, Entry, State, open_ledger
from xuncha.answering import NOT_GATHERED, Answered, Answering
from xuncha.columns import finished_runs
from xuncha.faults import NotSealed, UnknownName
from xuncha.ledger import LEDGER_FILE, RUNS_FOLDER
from xuncha.runfiles import FINDINGS_FILE
from xuncha.verify import chain
from xuncha.visits import Fault, Visits, Wanted, family_of

SCHEMA = 1
ANSWERS_FILE = "recheck.json"
SITE_FILE = "site.toml"
MOST_MINUTES = 15.0
AGAIN_AFTER = 10.0
"""Seconds until the second look: what is listed failed twice before."""

_SETTLED = (State.CLOSED, State.WAIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """What looking again came to. `recorded` whether the answers are in the ledger."""

    folder: Path
    run: Run
    base: str
    visited: int
    answers: tuple[Answered, ...]
    recorded: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "site": {"id": self.run.site.id, "name": self.run.site.name, "home_url": self.run.site.home_url},
            "run": {"id": self.run.id, "as_of": self.run.as_of.isoformat(), "base": self.base},
            "visited": self.visited,
            "recorded": self.recorded,
            "counts": {answer.value: sum(row.answer is answer for row in self.answers) for answer in Answer},
            "answers": [row.as_json() for row in self.answers],
        }

    def as_text(self) -> str:
        """Lines for the terminal."""
        lines = [
            f"{self.run.site.name}  复查时间 {self.run.as_of}  依据检查 {self.base}  访问 {self.visited} 个地址",
            "",
        ]
        for row in self.answers:
            lines.append(f"{say(row.answer.value)}　{row.fault.number}　{say(row.fault.message)}")
            if row.note != row.fault.message:
                lines.append(f"　　{say(row.note)}")
        counts = self.as_json()["counts"]
        lines += [
            "",
            "，".join(f"{say(name)} {count}" for name, count in counts.items() if count)
            or "没有要复查的问题",
        ]
        if not self.recorded:
            lines.append(f"没有台账（{LEDGER_FILE}），结果只记在 {self.folder / ANSWERS_FILE}")
        return "\n".join(lines)


def recheck(
    site_dir: Path,
    *,
    findings: Sequence[str] = (),
    as_of: dt.date | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Rechecked:
    """Visit again what the ledger lists (without one: what the last audit found) and answer each row.

    `findings` are numbers, all that is not settled without. An interrupted recheck is continued.
    Raises NotSealed, UnknownName, SiteConfigError, StoreError, EvidenceSchemaError, LedgerError.
    """
    base = _last_walk(site_dir)
    before = load_assessments(base / FINDINGS_FILE)
    faults, recorded = _listed(site_dir, before, findings)
    with Evidence(base) as evidence:
        was = evidence.run
        visits = Visits(evidence)
        wanted = [visits.of(fault) for fault in faults]
    config = _config(site_dir, was)
    folder, run = _run(site_dir, was, wanted, as_of)
    revisit(config, base, folder, run, progress)
    with Evidence(base) as old, Evidence(folder) as new:
        tables = [_narrowed(one.standard, {fault.check for fault in faults}) for one in before]
        now = assess(new, tables)
        judged = _judged(now)
        answering = Answering(old, new, _findings(now), judged, _well(new, tables, judged))
        answers = tuple(answering.of(one) for one in wanted)
        run = new.run
    done = Rechecked(
        folder=folder,
        run=run,
        base=was.id,
        visited=len(run.config["recheck"]["visit"]),
        answers=answers,
        recorded=recorded,
    )
    _keep(folder / ANSWERS_FILE, done)
    chain(folder)
    if recorded:
        _record(site_dir, done)
    return done


def _last_walk(site_dir: Path) -> Path:
    walks = [
        folder
        for folder in finished_runs(site_dir)
        if (folder / EVIDENCE_FILE).is_file() and (folder / FINDINGS_FILE).is_file()
    ]
    if not walks:
        raise NotSealed(f"{site_dir / RUNS_FOLDER}：没有已完成的检查；先执行 xuncha audit")
    return walks[-1]


def _listed(
    site_dir: Path, assessments: Sequence[Assessment], numbers: Sequence[str]
) -> tuple[list[Fault], bool]:
    """The rows to look at again, and whether they come from a ledger."""
    ledger_file = site_dir / LEDGER_FILE
    if ledger_file.is_file():
        with open_ledger(ledger_file) as ledger:
            entries = ledger.entries()
        if entries:
            rows = {entry.number: entry for entry in entries}
            chosen = (
                _chosen(rows, numbers)
                if numbers
                else [entry for entry in entries if entry.state not in _SETTLED]
            )
            return [_fault(entry, entry.number) for entry in chosen], True
    found: dict[str, Finding] = {}
    for assessment in assessments:
        for finding in assessment.findings:
            found.setdefault(finding.id, finding)
    return [_fault(one, one.id) for one in (_chosen(found, numbers) if numbers else found.values())], False


def _chosen(rows: Mapping[str, Any], numbers: Sequence[str]) -> list[Any]:
    unknown = [number for number in numbers if number not in rows]
    if unknown:
        raise UnknownName(f"没有这个问题编号：{'、'.join(unknown)}")
    return [rows[number] for number in dict.fromkeys(numbers)]


def _fault(row: Finding | Entry, number: str) -> Fault:
    return Fault(
        number=number,
        fingerprint=row.fingerprint,
        check=row.check,
        grade=row.grade,
        subject=row.subject,
        message=row.message,
        facts=row.facts,
        places=row.places,
        citations=row.citations,
    )


def _config(site_dir: Path, was: Run) -> SiteConfig:
    """The site's own configuration, else the one the last walk recorded; with the limits of a recheck."""
    file = site_dir / SITE_FILE
    if file.is_file():
        config = siteconfig.load(file)
    else:
        fields = {name: value for name, value in was.config.items() if name in SiteConfig.model_fields}
        # Recorded under the names of the program, read under those of the file.
        fields["column"] = [
            {("class" if name == "column_class" else name): value for name, value in row.items()}
            for row in fields.get("column", ())
        ]
        config = SiteConfig.model_validate(fields | {"home_url": was.site.home_url, "hosts": was.site.hosts})
    crawl = config.crawl
    return config.with_limits(
        max_minutes=min(crawl.max_minutes or MOST_MINUTES, MOST_MINUTES),
        again_after=min(crawl.again_after, AGAIN_AFTER),
        **({"outside_hours": 0} if "outside_hours" in type(crawl).model_fields else {}),
    )


def _run(site_dir: Path, was: Run, wanted: Iterable[Wanted], as_of: dt.date | None) -> tuple[Path, Run]:
    """The unfinished recheck of this very list, or a new one."""
    plan = list(wanted)
    recheck = {
        "base": was.id,
        "visit": list(dict.fromkeys(url for one in plan for url in one.visit)),
        "follow": list(dict.fromkeys(url for one in plan for url in one.follow)),
        "survey": any(one.family.survey for one in plan),
    }
    mark = hashlib.sha256(json.dumps(recheck, sort_keys=True).encode("utf-8", "replace")).hexdigest()
    runs = site_dir / RUNS_FOLDER
    now = dt.datetime.now(dt.UTC)
    day = as_of or now.astimezone().date()
    for folder in sorted(runs.glob("*"), reverse=True):
        if (folder / MANIFEST_FILE).exists() or not (folder / EVIDENCE_FILE).exists():
            continue
        with Evidence(folder) as evidence:
            run = evidence.run
        if run.is_recheck and run.config["recheck"].get("mark") == mark and run.as_of == day:
            return folder, run
    run_id = now.strftime("%Y%m%d-%H%M%S-%f")[:-3]
    kept = {name: value for name, value in was.config.items() if name != "mark"}
    return runs / run_id, Run(
        id=run_id,
        site=was.site,
        as_of=day,
        started_at=now,
        finished_at=None,
        version=version("xuncha"),
        config={**kept, "recheck": {**recheck, "mark": mark}},
        coverage={},
    )


def _narrowed(standard: Standard, checks: set[str]) -> Standard:
    """A table with only what judges the listed rows."""
    clauses = [
        replace(
            clause,
            tests=tuple(
                replace(test, limits={**test.limits, **family_of(test.check).limits})
                for test in clause.tests
                if test.check in checks
            ),
        )
        for clause in standard.clauses
    ]
    return replace(standard, clauses=tuple(clause for clause in clauses if clause.tests))


def _findings(assessments: Iterable[Assessment]) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    for assessment in assessments:
        for finding in assessment.findings:
            found.setdefault(finding.fingerprint, finding)
    return found


def _well(evidence: Evidence, tables: Iterable[Standard], judged: Mapping[str, str]) -> set[tuple[str, str]]:
    """(check, key) of the subjects that a check calls well, for the checks of which that has to be known."""
    found: set[tuple[str, str]] = set()
    for test in (test for table in tables for clause in table.clauses for test in clause.tests):
        if family_of(test.check).told and judged.get(test.check) == "":
            module = module_of(test.check)
            verdicts = module.examine(evidence, {**module.CHECK.limits, **test.limits})
            found.update((test.check, v.subject.key) for v in verdicts if v.grade is Grade.OK)
    return found


def _judged(assessments: Iterable[Assessment]) -> dict[str, str]:
    """The checks that were run, with why one did not judge ("" when it did)."""
    judged: dict[str, str] = {}
    for assessment in assessments:
        for result in assessment.results:
            if result.check is not None:
                fault = result.reason if result.outcome is Outcome.ERROR else ""
                if result.outcome is Outcome.NOT_EXAMINED and not result.examined:
                    fault = result.reason or NOT_GATHERED
                judged[result.check] = judged.get(result.check) or fault
    return judged


def _keep(path: Path, done: Rechecked) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(done.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def _record(site_dir: Path, done: Rechecked) -> None:
    when = done.run.finished_at or done.run.started_at
    with open_ledger(site_dir / LEDGER_FILE) as ledger, ledger.writing():
        for row in done.answers:
            ledger.rechecked(row.fault.number, row.answer, when, done.run.id, row.note, on=done.run.as_of)
