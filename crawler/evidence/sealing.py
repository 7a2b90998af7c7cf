"""Sealing a run folder: a manifest of hashes over its evidence."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE, WARC_FILE


def seal(folder: Path) -> None:
    """Write the manifest of hashes over the evidence of a finished run."""
    paths = [path for name in (EVIDENCE_FILE, WARC_FILE) if (path := folder / name).exists()]
    # Hashing lets go of the interpreter: the whole files beside their blocks, on two cores.
    with ThreadPoolExecutor(1) as pool:
        digests = pool.map(file_sha256, paths)
        blocks = [block_hashes(path) for path in paths]
    files = {
        path.name: {"sha256": digest, "bytes": path.stat().st_size, "blocks": hashes}
        for path, digest, hashes in zip(paths, digests, blocks, strict=True)
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
