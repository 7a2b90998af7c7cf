"""Proof that a run's evidence is what was sealed when the crawl ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from crawler.evidence.schema import MANIFEST_FILE
from crawler.evidence.writer import file_sha256
from xuncha.faults import NotSealed


def verify(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, state) for every file named in the manifest; states "ok", "changed", "missing"."""
    manifest = folder / MANIFEST_FILE
    if not manifest.is_file():
        raise NotSealed(f"{manifest}：没有封存清单；应为一次已完成检查的目录")
    for name, sealed in sorted(json.loads(manifest.read_text(encoding="utf-8"))["files"].items()):
        path = folder / name
        if not path.is_file():
            yield name, "missing"
        else:
            yield name, "ok" if file_sha256(path) == sealed["sha256"] else "changed"
