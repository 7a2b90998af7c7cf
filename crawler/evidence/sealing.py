"""Sealing a run folder: a manifest of hashes over its evidence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE, WARC_FILE


def seal(folder: Path) -> None:
    """Write the manifest of hashes over the evidence of a finished run."""
    files = {}
    for name in (EVIDENCE_FILE, WARC_FILE):
        path = folder / name
        if path.exists():
            files[name] = {
                "sha256": file_sha256(path),
                "bytes": path.stat().st_size,
                "blocks": block_hashes(path),
            }
    (folder / MANIFEST_FILE).write_text(
        json.dumps({"schema": 1, "block_bytes": BLOCK, "files": files}, indent=1, sort_keys=True) + "\n",
        encoding="utf-8",
    )


BLOCK = 65_536
"""Bytes that share one hash in the manifest, so that a changed byte can be found again."""


def block_hashes(path: Path) -> str:
    """The first 16 hex digits of the SHA-256 of every block of a file, one after the other."""
    with path.open("rb") as handle:
        blocks = iter(lambda: handle.read(BLOCK), b"")
        return " ".join(hashlib.sha256(block).hexdigest()[:16] for block in blocks)


def file_sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
