"""Other link checkers on the same sites: recall, precision and time in one table.

Runs those of `linkchecker`, `lychee` and `linkinator` that are found on PATH, with settings that let each find
the most. lychee does not follow links: it is given every page. Ours is a whole audit, with attachments, second
looks and every other check.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.links import generated, real
from bench.links.serving import Folder, cases_page, faults, serving, walked

Pairs = set[tuple[str, str]]
"""(page, target) reported as broken."""

REAL_SITE = "chaoyang-youth"
_LONGEST = 900
_SECONDS = 3


def report(pages: int) -> None:
    """Print one table for a generated site of so many pages and one for a real one."""
    _generated(pages)
    _real()


def _generated(pages: int) -> None:
    with generated.served(pages) as held:
        site = held / "site"
        urls = [
            line.split("\t")[0] for line in (site / "pages.tsv").read_text(encoding="utf-8").splitlines()[1:]
        ]
        print(f"\n### generated, {pages} pages, tarpits answer nothing\n")
        print(
            "| checker | found | share | not planted | seconds | CPU s |\n| --- | --- | --- | --- | --- | --- |"
        )
        for name, run in {
            "xuncha": lambda *_: set(generated.places(generated.audited(held))),
            **_peers(),
        }.items():
            told, wall, cpu = _timed(run, f"{generated.SITE}/", urls)
            print(f"| {name} | {_score(site, told)} | {wall:.0f} | {cpu:.0f} |")


def _real() -> None:
    folder = real.REAL / REAL_SITE
    files = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in real.PAGES]
    paths = ["/" + str(p.relative_to(folder)) for p in files]
    print(f"\n### {REAL_SITE}, {len(paths)} pages, targets of the same host\n")
    print("| checker | dead | found | recall | alive called dead | precision | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with serving(Folder([folder], {"/": cases_page(paths)})) as server:
        dead, alive, _ = real.truth(folder, server, set(paths))
        ours = {"xuncha": lambda start, _: _walked(start)}
        for name, run in {**ours, **_peers()}.items():
            told, wall, _ = _timed(run, server.base + "/", [server.base + path for path in paths])
            here = {real.path_of(url) for _, url in told if url.startswith(server.base)}
            gone, there = {t for _, t in dead}, {t for _, t in alive} - {t for _, t in dead}
            hit, wrong = len(gone & here), len(there & here)
            said = hit + wrong
            print(
                f"| {name} | {len(gone)} | {hit} | {hit / len(gone):.2%} | {wrong} | {hit / said if said else 1:.2%} | {wall:.0f} |"
            )


def _peers() -> dict[str, Callable[[str, Sequence[str]], Pairs]]:
    runs = {"linkchecker": _linkchecker, "lychee": _lychee, "linkinator": _linkinator}
    return {f"{name} {_version(name)}": run for name, run in runs.items() if shutil.which(name)}


def _version(name: str) -> str:
    said = subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout
    return next((word for word in said.split() if word[:1].isdigit()), "")


def _timed(
    run: Callable[[str, Sequence[str]], Pairs], start: str, pages: Sequence[str]
) -> tuple[Pairs, float, float]:
    """(what it reported, seconds, CPU seconds if it is a process of its own)."""
    begun, before = time.monotonic(), os.times()
    told = run(start, pages)
    after = os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    return told, time.monotonic() - begun, cpu


def _score(site: Path, told: Pairs) -> str:
    rows = "".join(f"{page}\t{url}\n" for page, url in sorted(told)) or "\n"
    score = [sys.executable, str(generated.TESTSITE / "score.py"), str(site), "--json"]
    done = subprocess.run(score, input=rows, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)
    missed = ", ".join(f"{k} {f}/{n}" for k, (f, n) in sorted(said["kinds"].items()) if f < n)
    share = said["found"] / said["planted"]
    return (
        f"{said['found']} of {said['planted']}{f' ({missed})' if missed else ''} | {share:.1%} |"
        f" {len(said['false_positives'])}"
    )


def _walked(start: str) -> Pairs:
    with tempfile.TemporaryDirectory() as into, walked(start, Path(into), robots=False) as evidence:
        return {
            (page, target) for page, rows in faults(evidence, ("dead-link",)).items() for target, _ in rows
        }


def _run(command: Sequence[str], text: str = "") -> str:
    """What a command prints, "" if it takes too long. Into a file: linkinator cuts what it writes to a pipe."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        try:
            subprocess.run(
                command,
                input=text,
                stdout=out,
                stderr=subprocess.DEVNULL,
                text=True,
                timeout=_LONGEST,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return ""
        out.seek(0)
        return out.read()


def _linkchecker(start: str, pages: Sequence[str]) -> Pairs:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)  # it gives up root's rights
        settings, out = Path(folder) / "rc", Path(folder) / "out.csv"
        extern = ["--check-extern"] if start.startswith(generated.SITE) else []
        settings.write_text("[checking]\nmaxrequestspersecond=1000\n[AnchorCheck]\n", encoding="utf-8")
        _run([
            "linkchecker", "-f", str(settings), "--no-robots", *extern, "-t", "16", "--timeout", str(_SECONDS),
            "--no-status", "-q", "-F", f"csv/utf-8/{out}", start,
        ])  # fmt: skip
        lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    rows = csv.DictReader([line for line in lines if not line.startswith("#")], delimiter=";")
    return {
        (row["parentname"] or "", row["url"] or row["urlname"])
        for row in rows
        if row.get("valid") == "False" or "Anchor" in (row.get("warningstring") or "")
    }


def _lychee(start: str, pages: Sequence[str]) -> Pairs:
    said = _run(
        [
            "lychee", "--no-progress", "--format", "json", "--timeout", str(_SECONDS), "--max-retries", "0", "--include-fragments",
            "--host-concurrency", "64", "--host-request-interval", "0ms", "--files-from", "-",
        ],
        "\n".join(pages),
    )  # fmt: skip
    found: Pairs = set()
    if said:
        told = json.loads(said)
        for kind in ("error_map", "timeout_map"):
            for page, rows in told.get(kind, {}).items():
                found |= {(page, row["url"]) for row in rows}
    return found


def _linkinator(start: str, pages: Sequence[str]) -> Pairs:
    said = _run([
        "linkinator", start, "--recurse", "--check-css", "--check-fragments", "--timeout", str(_SECONDS * 1000), "--concurrency", "64",
        "--format", "json",
    ])  # fmt: skip
    at = said.find("{")
    rows = json.loads(said[at:])["links"] if at >= 0 else []
    return {(row.get("parent") or "", row["url"]) for row in rows if row["state"] == "BROKEN"}
