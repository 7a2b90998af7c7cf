"""申诉材料包: the evidence of one finding in a zip that anyone can check."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from checks.check import Finding
from checks.privacy.personal_data import mask
from checks.store import load
from crawler.evidence.reader import Evidence
from crawler.evidence.records import Fetch
from crawler.evidence.schema import MANIFEST_FILE, WARC_FILE
from reports.appeal import HOW_TO_VERIFY, RECORD_HEADS, REQUEST_HEADS, Archived, Request, letter
from reports.listing import finding_document, inert
from reports.paper import as_docx
from reports.rectification import BEIJING
from xuncha.faults import UnknownName
from xuncha.report import view
from xuncha.runfiles import FINDINGS_FILE
from xuncha.verify import Checked, State

SUMS = "SHA256SUMS"
EPOCH = (1980, 1, 1, 0, 0, 0)
MOST_PLACES = 20
MOST_UNPACKED = 2_000_000_000
OUTCOMES = {
    "ok": "正常",
    "http_error": "出错",
    "dns_failure": "域名解析失败",
    "refused": "拒绝连接",
    "reset": "连接中断",
    "timeout": "超时",
    "tls_failure": "加密连接失败",
    "outdated_tls": "加密协议过旧",
    "redirect_loop": "循环跳转",
    "robots": "网站不许访问",
    "blocked": "被拦截",
    "too_large": "文件过大",
    "truncated": "没有收全",
    "not_fetched": "没有访问",
}


def appeal(folder: Path, number: str) -> tuple[str, bytes]:
    """(file name, zip) of the evidence of one finding of a run. Raises UnknownName, StoreError, EvidenceSchemaError."""
    assessments = load(folder / FINDINGS_FILE)
    found = next((one for each in assessments for one in each.findings if one.id == number), None)
    if found is None:
        raise UnknownName(f"{folder}：这次检查里没有编号为 {number} 的问题")
    shown = view(folder)
    issue = next(one for one in shown.issues if one.id == number)
    with Evidence(folder) as evidence:
        fetches = _fetches(evidence, _addresses(found))
    wanted = {url for fetch in fetches for url in (fetch.url, fetch.final_url, *fetch.redirects) if url}
    archive, records = _records(folder / WARC_FILE, wanted | set(_addresses(found)))
    requests = [_request(fetch) for fetch in fetches]
    files: dict[str, bytes] = {
        "怎么核对.txt": HOW_TO_VERIFY.encode(),
        "申诉书.docx": as_docx(letter(shown, issue, requests, records)),
        "finding.json": (json.dumps(finding_document(found), ensure_ascii=False, indent=1) + "\n").encode(
            "utf-8", "replace"
        ),
        "requests.csv": _csv(
            REQUEST_HEADS,
            [
                (
                    one.url,
                    one.at,
                    one.method,
                    one.outcome,
                    one.status,
                    one.final_url,
                    one.milliseconds,
                    one.detail,
                )
                for one in requests
            ],
        ),
        "pages.warc.gz": archive,
        "records.csv": _csv(
            RECORD_HEADS, [(one.url, str(one.offset), str(one.length), one.sha256) for one in records]
        ),
    }
    if (folder / MANIFEST_FILE).is_file():
        files[MANIFEST_FILE] = (folder / MANIFEST_FILE).read_bytes()
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in files.items())
    files[SUMS] = sums.encode()
    return f"appeal-{re.sub(r'[^0-9A-Za-z.-]', '_', number)}.zip", _zipped(files)


def verify_pack(path: Path) -> Iterator[Checked]:
    """Every file of a pack with its state: against its sums, and each archived page against its record."""
    try:
        with zipfile.ZipFile(path) as pack:
            bodies = {one.filename: _body(pack, one) for one in pack.infolist()}
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError) as error:
        yield Checked(name=path.name, state=State.CHANGED, where=(f"压缩包打不开：{error}",))
        return
    listed: dict[str, str] = {}
    for line in (bodies.get(SUMS) or b"").decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    if not listed:
        yield Checked(name=SUMS, state=State.MISSING)
    for name, digest in listed.items():
        body = bodies.get(name)
        if name not in bodies:
            yield Checked(name=name, state=State.MISSING)
        elif body is None or hashlib.sha256(body).hexdigest() != digest:
            where = tuple(_torn(body or b"", bodies.get("records.csv") or b"")) if name == WARC_FILE else ()
            yield Checked(name=name, state=State.CHANGED, where=where)
        else:
            yield Checked(name=name, state=State.SAME)
    for name in bodies:
        if name not in listed and name != SUMS:
            yield Checked(name=name, state=State.UNLISTED)


def _body(pack: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    """The content of a packed file, None when it cannot be read whole."""
    if entry.file_size > MOST_UNPACKED:
        return None
    try:
        return pack.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return None


def _torn(archive: bytes, table: bytes) -> Iterator[str]:
    """Addresses of the records that are no longer what records.csv says."""
    place = 0
    for row in list(csv.reader(io.StringIO(table.decode("utf-8-sig", "replace"))))[1:]:
        if len(row) == len(RECORD_HEADS) and row[2].isdigit():
            piece = archive[place : place + int(row[2])]
            place += int(row[2])
            if hashlib.sha256(piece).hexdigest() != row[3]:
                yield row[0]


def _addresses(finding: Finding) -> tuple[str, ...]:
    candidates = (
        finding.subject.url,
        finding.facts.get("target_url"),
        *(citation.url for citation in finding.citations[:MOST_PLACES]),
    )
    return tuple(dict.fromkeys(one for one in candidates if isinstance(one, str) and one))


def _fetches(evidence: Evidence, wanted: tuple[str, ...]) -> list[Fetch]:
    asked = {url.partition("#")[0] for url in wanted}
    return [fetch for target in evidence.targets() if target.url in asked for fetch in target.fetches]


def _request(fetch: Fetch) -> Request:
    outcome = fetch.outcome.value
    return Request(
        url=mask(fetch.url),
        at=f"{fetch.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
        method=fetch.method,
        outcome=OUTCOMES.get(outcome, outcome),
        status=str(fetch.status or ""),
        final_url=mask(fetch.final_url or ""),
        milliseconds="" if fetch.elapsed_ms is None else str(fetch.elapsed_ms),
        detail=mask(fetch.detail or ""),
    )


def _records(path: Path, wanted: set[str]) -> tuple[bytes, list[Archived]]:
    """The packed records of these addresses, byte for byte as they lie in the archive."""
    if not path.is_file():
        return b"", []
    asked = {url.partition("#")[0] for url in wanted}
    found: list[Archived] = []
    out = io.BytesIO()
    with path.open("rb") as handle:
        for offset, length, url in _members(path):
            if url in asked:
                handle.seek(offset)
                piece = handle.read(length)
                out.write(piece)
                digest = hashlib.sha256(piece).hexdigest()
                found.append(Archived(url=url, offset=offset, length=length, sha256=digest))
    return out.getvalue(), found


def _members(path: Path) -> Iterator[tuple[int, int, str]]:
    """(offset, packed length, address) of every record; stops where the file is damaged."""
    with path.open("rb") as handle:
        offset, rest = 0, b""
        while True:
            unpack, head, read = zlib.decompressobj(31), b"", 0
            while not unpack.eof:
                piece = rest or handle.read(262_144)
                rest = b""
                if not piece:
                    return
                try:
                    plain = unpack.decompress(piece)
                except zlib.error:
                    return
                read += len(piece) - len(unpack.unused_data)
                head = (head + plain)[:8192] if len(head) < 8192 else head
            rest = unpack.unused_data
            named = re.search(rb"^WARC-Target-URI: *<?([^\r\n>]+)", head, re.MULTILINE)
            yield offset, read, named.group(1).decode("utf-8", "replace") if named else ""
            offset += read


def _csv(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        for name, body in files.items():
            pack.writestr(zipfile.ZipInfo(name, EPOCH), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()
