"""A generated site with known faults, audited as a user would: recall of each kind, traps reported."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

TESTSITE = Path(__file__).parents[3] / "shared" / "testsite"
SITE, EXTERNAL, REFUSED = "http://127.0.0.1:8890", "http://127.0.0.2:8891", "http://127.0.0.3:8892"
CHECKS = {"dead-link", "soft-404", "redirect-loop", "broken-anchor", "mistyped-link"}
"""Attachments that do not open are left out: the generator's are filler, and said to be so for a person to look at."""
NEVER_CONFIRMED = ("internal-403", "internal-503")


def report(pages: int) -> None:
    """Generate, serve, audit and score a site of so many pages."""
    with served(pages) as held:
        begun = time.monotonic()
        findings = audited(held)
        seconds = time.monotonic() - begun
        told = held / "told.tsv"
        told.write_text("".join(f"{page}\t{url}\n" for page, url in places(findings)), encoding="utf-8")
        print(f"\n{pages} pages, {seconds:.0f} s")
        score = [sys.executable, str(TESTSITE / "score.py"), str(held / "site"), str(told)]
        print(subprocess.run(score, check=True, capture_output=True, text=True).stdout)
        _confirmed(held / "site", findings)


@contextlib.contextmanager
def served(pages: int) -> Iterator[Path]:
    """A folder whose `site` is generated and served at SITE."""
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder)
        held.chmod(0o755)  # the server's workers are another user
        site = held / "site"
        generate = [
            sys.executable,
            str(TESTSITE / "generate.py"),
            "--out",
            str(site),
            "--pages",
            str(pages),
            "--quiet",
        ]
        addresses = ["--site", SITE, "--external", EXTERNAL, "--refused", REFUSED]
        subprocess.run([*generate, *addresses], check=True)
        nginx = ["nginx", "-p", str(site), "-c", "nginx.conf"]
        subprocess.run(nginx, check=True)
        try:
            yield held
        finally:
            subprocess.run([*nginx, "-s", "stop"], check=True, stderr=subprocess.DEVNULL)


def audited(held: Path) -> list[dict]:  # type: ignore[type-arg]
    """What a whole audit of the served site says about its links."""
    config = held / "site.toml"
    config.write_text(
        f'id = "generated"\nhome_url = "{SITE}/"\nallow_private = true\n'
        "[crawl]\ndelay = 0\noutside_delay = 0.001\nconcurrency = 16\ntimeout = 3\nagain_after = 2\nrender = false\n",
        encoding="utf-8",
    )
    command = [
        str(Path(sys.executable).with_name("xuncha")),
        "audit",
        str(config),
        "--out",
        str(held / "audits"),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    [file] = (held / "audits").glob("*/runs/*/report/findings.json")
    rows: list[dict] = json.loads(file.read_text(encoding="utf-8"))["findings"]  # type: ignore[type-arg]
    return [row for row in rows if row["check"] in CHECKS]


def _target(row: dict) -> str:  # type: ignore[type-arg]
    return str(row["facts"].get("target_url") or row["subject"]["url"])


def places(findings: list[dict]) -> list[tuple[str, str]]:  # type: ignore[type-arg]
    return [(cited["url"], _target(row)) for row in findings for cited in row["citations"]]


def _confirmed(site: Path, findings: list[dict]) -> None:  # type: ignore[type-arg]
    """How many of the planted 403 and 503 were called dead for certain: none should be."""
    certain = {
        unquote(_target(row)) for row in findings if row["check"] == "dead-link" and row["grade"] == "fail"
    }
    grades = Counter(f"{row['check']} {row['grade']}" for row in findings)
    print("findings:", ", ".join(f"{name} {count}" for name, count in sorted(grades.items())))
    for line in (site / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["kind"] in NEVER_CONFIRMED and unquote(row["url"]) in certain:
            print("  called dead though walled or busy:", urlsplit(row["url"]).path)
