"""Proof that a run is what it was: evidence as sealed when the crawl ended, findings and report as last made.

`manifest.json` holds the hashes of the evidence. `chain.json` hashes the manifest, the findings, people's answers and
every file of the report, each link over the one before: who changes one must change all that follow and the head.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from crawler.evidence.schema import EVIDENCE_FILE, MANIFEST_FILE, WARC_FILE
from crawler.evidence.writer import file_sha256
from reports.ledger import open_ledger
from xuncha.faults import NotSealed
from xuncha.ledger import LEDGER_FILE, RUNS_FOLDER
from xuncha.runfiles import REPORT_FOLDER

CHAIN_FILE = "chain.json"
CHAINED = (MANIFEST_FILE, "findings.db", "answers.toml", "recheck.json")
SCHEMA = 1
MOST_NAMED = 20
LARGEST_RECORD = 60_000_000
_HEAD, _STEP = 1_024, 64
_ADDRESS = re.compile(rb"\r\nWARC-Target-URI: ([^\r]+)\r")


class State(StrEnum):
    """How a file stands. `UNLISTED`: it lies in the report's folder, but no report wrote it."""

    SAME = "ok"
    CHANGED = "changed"
    MISSING = "missing"
    UNLISTED = "unlisted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One file of a run. `where` tells as near as possible which part of it changed."""

    name: str
    state: State
    where: tuple[str, ...] = ()


def chain(folder: Path) -> str:
    """Chain what a run now consists of and return the head. Called whenever findings or report are made again.

    Evidence enters with the hashes of its manifest: what was sealed is never sealed anew.
    """
    links = []
    head = ""
    sealed = _sealed(folder / MANIFEST_FILE)
    digests = {name: row["sha256"] for name, row in sorted(sealed.files.items())} if sealed else {}
    for name in (*digests, *_chained(folder)):
        digest = digests.get(name) or file_sha256(folder / name)
        head = _link(head, name, digest)
        links.append({"of": name, "sha256": digest, "chain": head})
    fresh = folder / (CHAIN_FILE + ".new")
    fresh.write_bytes(_text({"schema": SCHEMA, "links": links, "head": head}))
    fresh.replace(folder / CHAIN_FILE)
    return head


def head(folder: Path) -> str:
    """The head of a run's chain or of a site's ledger, to be noted elsewhere; "" without one."""
    ledger, chained = folder / LEDGER_FILE, folder / CHAIN_FILE
    if ledger.is_file():
        with open_ledger(ledger) as book:
            return book.proof()[0]
    if not chained.is_file() or _links(chained.read_bytes()) is None:
        return ""
    return str(json.loads(chained.read_bytes())["head"])


def verify_site(site_dir: Path) -> Iterator[Checked]:
    """The ledger of a site, then every run of it that was finished. Raises LedgerError."""
    with open_ledger(site_dir / LEDGER_FILE) as book:
        found = book.proof()[1]
    state = State.CHANGED if found else State.SAME
    more = (f"另有 {len(found) - MOST_NAMED} 处",) if len(found) > MOST_NAMED else ()
    yield Checked(name=LEDGER_FILE, state=state, where=(*found[:MOST_NAMED], *more))
    for manifest in sorted((site_dir / RUNS_FOLDER).glob(f"*/{MANIFEST_FILE}")):
        run = manifest.parent
        for one in verify(run):
            yield replace(one, name=f"{RUNS_FOLDER}/{run.name}/{one.name}")


def verify(folder: Path) -> Iterator[Checked]:
    """Every file of a run with its state, the evidence first. Raises NotSealed when the run has no manifest."""
    manifest, chained = folder / MANIFEST_FILE, folder / CHAIN_FILE
    if not manifest.is_file():
        raise NotSealed(f"{manifest}：没有封存清单；应为一次已完成检查的目录")
    links = _links(chained.read_bytes()) if chained.is_file() else {}
    sealed = _sealed(manifest)
    if links is None:
        yield Checked(
            name=CHAIN_FILE, state=State.CHANGED, where=("登记链本身被改动，评判结果和报告无从核对",)
        )
    elif links:
        yield Checked(name=CHAIN_FILE, state=State.SAME)
    elif (folder / "findings.db").is_file():
        yield Checked(name=CHAIN_FILE, state=State.MISSING, where=("评判结果和报告没有登记，无从核对",))
    if sealed is None and MANIFEST_FILE not in (links or {}):
        yield Checked(name=MANIFEST_FILE, state=State.CHANGED, where=("封存清单读不出，证据无从核对",))
    digests = {name: str(row["sha256"]) for name, row in sorted(sealed.files.items())} if sealed else {}
    # The chain stands over the manifest: where both name a file, the chain is believed.
    for name, digest in {**digests, **(links or {})}.items():
        yield _state(folder, name, digest, sealed)
    if links:
        for name in _chained(folder):
            if name not in links:
                yield Checked(name=name, state=State.UNLISTED)


def _state(folder: Path, name: str, digest: str, sealed: _Sealed | None) -> Checked:
    path = folder / name
    if not path.is_file():
        return Checked(name=name, state=State.MISSING)
    if file_sha256(path) == digest:
        return Checked(name=name, state=State.SAME)
    if sealed is None or name not in sealed.files:
        return Checked(name=name, state=State.CHANGED)
    where = tuple(_where(folder, name, sealed.files[name], sealed.block_bytes))
    return Checked(name=name, state=State.CHANGED, where=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """What a manifest says: its rows by file, and the size of the blocks they hash."""

    files: dict[str, dict[str, Any]]
    block_bytes: int


def _sealed(manifest: Path) -> _Sealed | None:
    """None when it is no manifest any more."""
    try:
        document = json.loads(manifest.read_bytes())
        files = {name: row for name, row in document["files"].items() if isinstance(row["sha256"], str)}
        return _Sealed(files=files, block_bytes=int(document.get("block_bytes", 0)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _links(whole: bytes) -> dict[str, str] | None:
    """The hashes of a chain by file; None when it is not, byte for byte, what chain() wrote."""
    try:
        document = json.loads(whole)
        links = {link["of"]: link["sha256"] for link in document["links"]}
        head = ""
        for link in document["links"]:
            head = _link(head, link["of"], link["sha256"])
            if link["chain"] != head:
                return None
        return links if document["head"] == head and _text(document) == whole else None
    except (ValueError, KeyError, TypeError):
        return None


def _text(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _link(before: str, name: str, digest: str) -> str:
    return hashlib.sha256(f"{before}\n{name}\n{digest}".encode("utf-8", "replace")).hexdigest()


def _chained(folder: Path) -> list[str]:
    names = [name for name in CHAINED if (folder / name).is_file()]
    report = folder / REPORT_FOLDER
    made = sorted(path.relative_to(folder).as_posix() for path in report.rglob("*") if path.is_file())
    return names + made


def _where(folder: Path, name: str, row: dict[str, Any], size: int) -> Iterator[str]:
    """The changed stretches of a file of evidence, in the words of a reader."""
    path = folder / name
    length = path.stat().st_size
    if length != row.get("bytes"):
        yield f"原来 {row.get('bytes')} 字节，现在 {length} 字节"
    blocks = row.get("blocks")
    if size < 1 or not isinstance(blocks, str):
        return
    stretches = list(_changed(path, blocks.split(), size))
    for number, (start, end) in enumerate(stretches):
        if number == MOST_NAMED:
            yield f"另有 {len(stretches) - number} 段"
            return
        inside = _records(folder, start, end) if name == WARC_FILE else _tables(path, start, end)
        yield f"第 {start + 1} 至 {end} 字节" + (f"：{'、'.join(inside)}" if inside else "")


def _changed(path: Path, blocks: list[str], size: int) -> Iterator[tuple[int, int]]:
    with path.open("rb") as handle:
        for number, known in enumerate(blocks):
            block = handle.read(size)
            if hashlib.sha256(block).hexdigest()[:16] != known:
                yield number * size, number * size + len(block)


def _tables(path: Path, start: int, end: int) -> list[str]:
    """The tables of a database that lie in a stretch, as far as the damaged file still tells."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        rows = connection.execute(
            "SELECT DISTINCT name FROM dbstat WHERE pageno BETWEEN ? AND ? ORDER BY name LIMIT 8",
            (start // size + 1, max(start, end - 1) // size + 1),
        )
        return [f"表 {name}" for (name,) in rows]
    except (sqlite3.Error, TypeError, ZeroDivisionError):
        return []
    finally:
        connection.close()


def _records(folder: Path, start: int, end: int) -> list[str]:
    """Addresses of what was archived in a stretch and can no longer be read as it was."""
    try:
        connection = sqlite3.connect(f"{(folder / EVIDENCE_FILE).resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return []
    try:
        rows = connection.execute(
            "SELECT p.warc_offset, u.url FROM pages p JOIN urls u ON u.id=p.id"
            " WHERE p.warc_offset IS NOT NULL ORDER BY p.warc_offset"
        ).fetchall()
    except sqlite3.Error:
        return []
    finally:
        connection.close()
    offsets = [(int(offset), str(url)) for offset, url in rows]
    ends = [following for _, (following, _) in pairwise(offsets)] + [1 << 62]
    spoilt = (
        _spoilt(folder / WARC_FILE, offset, min(until, end), url)
        for (offset, url), until in zip(offsets, ends, strict=False)
        if offset < end and until > start
    )
    return list(dict.fromkeys(filter(None, spoilt)))[:MOST_NAMED]


def _spoilt(path: Path, offset: int, until: int, page: str) -> str:
    """The address of the first record between two places that no longer unpacks with its own checksum, "" without one.

    A page's record lies at `offset`; those of attachments follow, and name themselves.
    """
    named = page
    with path.open("rb") as handle:
        while offset < until:
            handle.seek(offset)
            unpack = zlib.decompressobj(31)
            head = b""
            read = unpacked = 0
            try:
                while not unpack.eof and unpacked < LARGEST_RECORD:
                    # In small steps up to the name: a step that holds a fault gives nothing of what precedes it.
                    packed = handle.read(_STEP if unpacked < _HEAD else 65_536)
                    if not packed:
                        return named
                    read += len(packed)
                    piece = unpack.decompress(packed, LARGEST_RECORD)
                    unpacked += len(piece)
                    if len(head) < _HEAD:
                        head += piece[:_HEAD]
                        named = _address(head) or named
            except zlib.error:
                return named
            if not unpack.eof:
                return ""
            offset += read - len(unpack.unused_data)
    return ""


def _address(head: bytes) -> str:
    found = _ADDRESS.search(head)
    return found[1].decode("utf-8", "replace") if found else ""
