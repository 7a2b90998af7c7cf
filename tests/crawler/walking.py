"""One walk over a test server, and what it left."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawler.evidence.reader import Evidence
from crawler.evidence.records import Run, Target
from crawler.siteconfig import SiteConfig, from_url
from crawler.walk import walk

AS_OF = dt.date(2018, 4, 16)


def config_for(base: str, **limits: Any) -> SiteConfig:
    """A quick configuration: short time-outs, no sitemap unless asked for."""
    return from_url(f"{base}/").with_limits(**({"timeout": 1, "sitemap": False, "render": False} | limits))


def run_of(config: SiteConfig, id: str = "r1") -> Run:
    return Run(
        id=id,
        site=config.site(),
        as_of=AS_OF,
        started_at=dt.datetime(2018, 4, 16, tzinfo=dt.UTC),
        finished_at=None,
        version="test",
        config=config.public(),
        coverage={},
    )


@contextlib.contextmanager
def walked(
    config: SiteConfig, folder: Path, *, own_process: bool = False, id: str = "r1"
) -> Iterator[Evidence]:
    walk(config, folder, run_of(config, id), own_process=own_process)
    with Evidence(folder) as evidence:
        yield evidence


def by_path(evidence: Evidence, base: str) -> dict[str, Target]:
    """Targets by their path below `base`; those of other hosts by their whole address."""
    return {target.url.removeprefix(base): target for target in evidence.targets()}


def ending(target: Target) -> tuple[str, int | None]:
    last = target.fetches[-1]
    return str(last.outcome), last.status
