"""Killed again and again: `python -m bench.crawl.kill --times 50 --pages 2000`.

A generated site is audited once undisturbed and once with SIGKILL at random moments, the same command continuing
each time. Every other kill takes all processes at once (as a power cut does), the rest only the walk's own. Pages,
links, endings, findings and the archive of both runs must be equal; what differs is printed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from crawler.evidence.reader import Evidence

GENERATOR = Path(__file__).parents[3] / "shared" / "testsite" / "generate.py"


def _free_port() -> int:
    """A port for the site; the generated server counts its requests at 127.0.0.4 under the same one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.4", 0))
        return int(probe.getsockname()[1])


PORT = _free_port()
SITE, EXTERNAL, REFUSED = (f"http://127.0.0.{host}:{PORT}" for host in (41, 42, 43))
STATUS = f"http://127.0.0.4:{PORT}/status"
LONGEST_LIFE = 8.0
"""Seconds after which a process is killed even though it asked for less than planned."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as held:
        Path(held).chmod(0o755)  # the server's workers are another user
        site = Path(held) / "site"
        subprocess.run(
            [sys.executable, str(GENERATOR), "--out", str(site), "--pages", str(options.pages), "--tarpits", "0", "--quiet",
             "--site", SITE, "--external", EXTERNAL, "--refused", REFUSED], check=True,
        )  # fmt: skip
        nginx = ["nginx", "-p", str(site), "-c", "nginx.conf"]
        subprocess.run(nginx, check=True)
        try:
            before = requests()
            began = time.monotonic()
            assert begun(Path(held) / "calm").wait() == 0
            calm_seconds, calm_requests = time.monotonic() - began, requests() - before
            calm = found(Path(held) / "calm")
            before = requests()
            began = time.monotonic()
            kills = killed_again_and_again(Path(held) / "killed", options.times, calm_requests, chance)
            seconds, asked = time.monotonic() - began, requests() - before
            killed = found(Path(held) / "killed")
        finally:
            subprocess.run([*nginx, "-s", "stop"], check=True)
    print(f"{options.pages} pages, undisturbed {calm_seconds:.0f} s and {calm_requests} requests;", end=" ")
    print(
        f"killed {kills} times {seconds:.0f} s and {asked} requests (+{(asked - calm_requests) / max(1, kills):.0f} a kill)"
    )
    equal = True
    for name, value in calm.items():
        same = value == killed[name]
        equal &= same
        print(f"{name:16} {sum(value.values()):8} {'equal' if same else 'DIFFERENT'}")
        if not same:
            for row in list(((value - killed[name]) + (killed[name] - value)).items())[:10]:
                print("    ", row)
    return 0 if equal else 1


def requests() -> int:
    """How many requests the server has answered so far."""
    with urllib.request.urlopen(STATUS, timeout=5) as answer:
        return int(answer.read().split()[9])


def begun(out: Path) -> subprocess.Popen[bytes]:
    program = "import sys; from xuncha.cli import main; sys.argv[0] = 'xuncha'; sys.exit(main())"
    command = [sys.executable, "-c", program, "audit", f"{SITE}/", "--out", str(out), "--as-of", "2025-06-30"]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def killed_again_and_again(out: Path, times: int, total: int, chance: random.Random) -> int:
    """Begin and kill `times` times, then let it end; how often it was killed before it had ended."""
    for kill in range(times):
        process = begun(out)
        until = requests() + chance.randint(0, 2 * total // times)
        end = time.monotonic() + chance.uniform(0.2, LONGEST_LIFE)
        while process.poll() is None and time.monotonic() < end and requests() < until:
            time.sleep(0.005)
        if process.poll() is not None:
            assert process.returncode == 0, process.returncode
            return kill
        for pid in family(process.pid) if kill % 2 else [process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()
    process = begun(out)
    assert process.wait() == 0, process.returncode
    return times


def family(root: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int(
                    (entry / "stat")
                    .read_text(encoding="utf-8", errors="replace")
                    .rpartition(")")[2]
                    .split()[1]
                )
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, ())
    return found


def found(out: Path) -> dict[str, Counter[Any]]:
    """What two runs must agree on, as countable rows."""
    [run] = out.glob("*/runs/*")
    with Evidence(run) as evidence:
        targets = list(evidence.targets())
        rows: dict[str, Counter[Any]] = {
            "pages": Counter(
                (p.url, p.title, p.depth, str(p.kind), p.column_id, str(p.published), p.body_sha256)
                for p in evidence.pages()
            ),
            "links": Counter(
                (target.url, place.page_url, place.text, place.tag, str(place.zone), place.position)
                for target in targets
                for place in evidence.places(target.id)
            ),
            "endings": Counter(
                (target.url, *((f.attempt, str(f.outcome), f.status, f.final_url) for f in target.fetches))
                for target in targets
            ),
            "documents": Counter((d.url, d.kind, d.text) for d in evidence.documents()),
            "columns": Counter((c.path, c.url, c.items) for c in evidence.columns()),
            "notes": Counter((n.kind, n.url, n.detail) for n in evidence.notes()),
            "coverage": Counter(
                json.dumps([k, c.state, c.why, dict(c.counts)]) for k, c in evidence.run.coverage.items()
            ),
        }
    report = json.loads((run / "report" / "findings.json").read_text(encoding="utf-8"))
    rows["findings"] = Counter((f["fingerprint"], f["grade"], f["message"]) for f in report["findings"])
    with (run / "pages.warc.gz").open("rb") as file:
        rows["archive"] = Counter(
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"))
            for record in ArchiveIterator(file, check_digests="raise")
        )
    return rows


if __name__ == "__main__":
    sys.exit(main())
