"""Visiting again only what is listed, on top of what the last whole walk saw."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from pathlib import Path

from crawler.answers import COLLECT_AFTER
from crawler.evidence.earlier import begin_again
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Coverage, Run
from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE
from crawler.frontier import Frontier
from crawler.listed import MOST_NEW
from crawler.progress import Progress
from crawler.siteconfig import SiteConfig
from crawler.walk import _Walk

WHY = "复查：只访问了台账所列的 {visited} 个地址，其余沿用检查 {base} 的证据"


def revisit(
    config: SiteConfig,
    base: Path,
    folder: Path,
    run: Run,
    progress: Callable[[Progress], None] | None = None,
    *,
    own_process: bool | None = None,
) -> None:
    """Visit the addresses of `run.config["recheck"]["visit"]` again and seal the result under `folder`.

    The evidence is that of the sealed walk in `base` with what the listed addresses say now in its place; what could
    not be seen keeps its earlier state. An unfinished folder is continued. `own_process` as for `walk`.
    Raises WorkLost, EvidenceSchemaError.
    """
    if (folder / MANIFEST_FILE).exists():
        return
    if not (folder / EVIDENCE_FILE).exists():
        begin_again(base, folder, run)
    before = gc.get_threshold()
    gc.set_threshold(*COLLECT_AFTER)
    try:
        asyncio.run(_Revisit(config, folder, run, progress, False, own_process).go())
    finally:
        gc.set_threshold(*before)


class _Revisit(_Walk):
    """A walk without its discoveries: same manners, same second look, same storing."""

    async def _settle_home(self) -> None:
        """The earlier walk found out where the home page lies."""

    async def _pages(self, seeds: Sequence[str]) -> None:
        crawl = self._config.crawl
        visit = self._run.config["recheck"]["visit"]
        await self._line.call("revisit")
        self._frontier = Frontier(self._line, pages_left=len(visit) + MOST_NEW, progress=self._progress)
        self._frontier.megabytes_left = crawl.max_megabytes
        await self._controls()
        if crawl.max_minutes is not None:
            self._clock = asyncio.get_running_loop().call_later(crawl.max_minutes * 60, self._time_is_up)
        await self._walk_on()

    async def _columns(self) -> None:
        await self._line.call("keep_unseen")
        if self._run.config["recheck"]["survey"]:
            await self._line.call("survey")

    async def _coverage(self) -> dict[str, Coverage]:
        recheck = self._run.config["recheck"]
        why = WHY.format(visited=len(recheck["visit"]), base=recheck["base"])
        with Evidence(self._folder) as evidence:
            before = evidence.run.coverage
        # What the whole walk saw is all here: a check that looks everywhere may judge as it did then.
        return {
            kind: was
            if was.state == "absent"
            else Coverage(state=was.state, why=(why, *was.why), counts=was.counts)
            for kind, was in before.items()
        }
