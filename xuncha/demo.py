"""The bundled sample bureau, served on loopback and audited as of its fixed date."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from crawler.progress import Progress
from crawler.siteconfig import SiteConfig
from xuncha.audit import Audited, audit
from xuncha.sample.serve import AS_OF, serve, site_toml


def demo(out: Path, *, healthy: bool = False, progress: Callable[[Progress], None] | None = None) -> Audited:
    """Audit the sample bureau, with its seeded faults or without any."""
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder), healthy=healthy) as base_url:
        config = SiteConfig.model_validate(tomllib.loads(site_toml(base_url)))
        return audit(config, out, as_of=AS_OF, progress=progress)
