"""Every format and paper with many findings: `python -m bench.reports [--findings N] [--one NAME]`.

Each is written in a process of its own; seconds and peak memory are its own. Findings are made by hand and judged by
two tables, with an earlier run to compare with.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from checks.compare import glance
from reports.closing import recheck_report, sign_off
from reports.documents import Letter, checklist, notice, score_sheet
from reports.forms import checklist_book, score_book
from reports.ledger.entry import Answer, Entry, State
from reports.paper import as_docx, as_pdf
from reports.rectification import Rectification
from reports.render import FORMATS, view_of, write
from tests.reports.made import both, column, link, run, site, word

LETTER = Letter(day=dt.date(2018, 4, 20))


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--findings", type=int, default=10_000)
    asked.add_argument("--one", help="only this one, in this process")
    options = asked.parse_args()
    if options.one:
        return _one(options.one, options.findings)
    print("| written | seconds | peak MB | kB |\n|---|---|---|---|")
    for name in (*FORMATS, *PAPERS):
        command = [sys.executable, "-m", "bench.reports", "--findings", str(options.findings), "--one", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        print(done.stdout.strip() or f"| {name} | failed | | |\n{done.stderr[-800:]}", flush=True)
    return 0


def _one(name: str, count: int) -> int:
    findings = [
        *(link(number, home=number % 7 == 0) for number in range(count * 6 // 10)),
        *(
            column(f"栏目{number}", ("news", "notice", "policy")[number % 3], 74)
            for number in range(count // 10)
        ),
        *(word(number, "登陆", review=number % 4 == 0) for number in range(count * 3 // 10)),
    ]
    now, before = both(findings), both(findings[: count // 2], of=run(site(), "20180316-093000"))
    earlier = [glance(before)]
    started = time.perf_counter()
    if name in FORMATS:
        with tempfile.TemporaryDirectory() as folder:
            size = write(now, Path(folder), [name], previous=before, earlier=earlier)[0].stat().st_size
    else:
        size = len(PAPERS[name](view_of(now, previous=before, earlier=earlier), _entries(count)))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"| {name} | {seconds:.1f} | {peak:.0f} | {size / 1000:,.0f} |")
    return 0


def _entries(count: int) -> list[Entry]:
    answers = list(Answer)
    return [
        Entry(
            number=one.id,
            fingerprint=one.fingerprint,
            check=one.check,
            clauses=(one.clause,),
            grade=one.grade,
            severity=one.severity,
            subject=one.subject,
            message=one.message,
            fix=one.fix,
            facts=one.facts,
            places=one.places,
            citations=one.citations,
            state=State.CLOSED if number % 6 == 0 else State.NOT_MENDED,
            first_run="r1",
            first_seen=dt.date(2018, 4, 16),
            last_run="r1",
            last_seen=dt.date(2018, 4, 16),
            deadline=dt.date(2018, 4, 30),
            recheck_at=dt.date(2018, 5, 2),
            recheck_answer=answers[number % 6],
        )
        for number, one in enumerate(map(link, range(count)))
    ]


PAPERS: dict[str, Callable[[Rectification, list[Entry]], bytes]] = {
    "notice.docx": lambda view, _: as_docx(notice(view, LETTER)),
    "notice.pdf": lambda view, _: as_pdf(notice(view, LETTER)),
    "score-sheet.pdf": lambda view, _: as_pdf(score_sheet(view)),
    "score-sheet.xlsx": lambda view, _: score_book(view),
    "checklist.docx": lambda view, _: as_docx(checklist(view)),
    "checklist.xlsx": lambda view, _: checklist_book(view),
    "recheck-report.docx": lambda view, entries: as_docx(recheck_report(view, entries, LETTER)),
    "recheck-report.pdf": lambda view, entries: as_pdf(recheck_report(view, entries, LETTER)),
    "sign-off.docx": lambda view, entries: as_docx(sign_off(view, entries, LETTER)),
    "sign-off.pdf": lambda view, entries: as_pdf(sign_off(view, entries, LETTER)),
}

if __name__ == "__main__":
    sys.exit(main())
