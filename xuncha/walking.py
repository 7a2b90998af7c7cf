"""The first half of an audit: find the run that is to be walked, and walk it. Reads the clock."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.evidence.earlier import begun_from, has_begun
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Run
from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE
from xuncha.runfiles import FINDINGS_FILE, FORMATS, REPORT_FOLDER

if TYPE_CHECKING:
    from crawler.progress import Progress
    from crawler.siteconfig import SiteConfig


def walked(
    config: SiteConfig,
    out: Path,
    *,
    as_of: dt.date | None = None,
    full: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Path:
    """Walk one site and say where its evidence lies. An unfinished run of the same configuration is continued.

    KeyboardInterrupt leaves a run that the same call continues.
    """
    from crawler.workline import Started, worth_own_process

    folder, run = _run(config, out, as_of, full)
    if (folder / MANIFEST_FILE).exists():
        return folder
    started = Started() if worth_own_process() else None
    try:
        # Scrapy weighs tens of megabytes: who only judges does without. The page work loads at the same time.
        from crawler.walk import walk

        walk(config, folder, run, progress, full=full, started=started)
    finally:
        if started is not None:
            started.close()
    return folder


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
            if run.finished_at is not None and saw_nothing(evidence):
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


def saw_nothing(evidence: Evidence) -> bool:
    """Whether a walk left nothing that could be judged."""
    seen = evidence.run.coverage.get("pages")
    return not evidence.page_count() or (seen is not None and seen.state == "absent")
