"""The crawl measured: `python -m bench.crawl` walks a generated site and says what it cost.

A site of `--pages` pages is generated and served by nginx on loopback, walked and judged by `xuncha audit`, and, with
`--peers`, link-checked by what else is installed (lychee, muffet on the PATH) or installable into a throw-away folder
(LinkChecker, linkinator). One line each: wall, CPU, peak memory of all processes together, requests, dead links found
against the site's truth file. Figures are one machine's; compare ratios of one run only.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE, EXTERNAL, REFUSED, STATUS = "127.0.0.31:8760", "127.0.0.32:8761", "127.0.0.33:8762", "127.0.0.4:8760"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took: seconds, CPU seconds, megabytes (each process whole, and shared pages counted once)."""

    wall: float
    cpu: float
    resident: float
    shared: float
    output: str
    requests: int


def measured(command: Sequence[str], folder: Path, seconds: float) -> Cost:
    """Run a command to its end, or kill it after `seconds`."""
    before, began, asked = (
        resource.getrusage(resource.RUSAGE_CHILDREN),
        time.perf_counter(),
        requests_so_far(),
    )
    with (folder / "output.txt").open("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.DEVNULL, cwd=folder, start_new_session=True
        )
        peak = [0.0, 0.0]
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peak, ended))
        watcher.start()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        ended.set()
        watcher.join()
        output.seek(0)
        text = output.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(
        wall=time.perf_counter() - began,
        cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        resident=peak[0],
        shared=peak[1],
        output=text,
        requests=requests_so_far() - asked - 1,
    )


def _watch(root: int, peak: list[float], ended: threading.Event) -> None:
    while not ended.wait(0.3):
        resident = shared = 0
        for pid in _family(root):
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            except OSError:
                continue
            resident += sum(int(n) for n in re.findall(r"^Rss:\s+(\d+)", text, re.M))
            shared += sum(int(n) for n in re.findall(r"^Pss:\s+(\d+)", text, re.M))
        peak[0], peak[1] = max(peak[0], resident / 1024), max(peak[1], shared / 1024)


def _family(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, queue = [root], [root]
    while queue:
        queue = [child for pid in queue for child in parents.get(pid, ())]
        found += queue
    return found


def requests_so_far() -> int:
    try:
        with urllib.request.urlopen(f"http://{STATUS}/status", timeout=5) as answer:
            return int(answer.read().split()[9])
    except OSError:
        return 0


def ours(folder: Path) -> tuple[Cost, set[str], str]:
    out = folder / "audits"
    program = "import sys; from xuncha.cli import main; sys.argv[0] = 'xuncha'; sys.exit(main())"
    command = [
        sys.executable,
        "-c",
        program,
        "audit",
        f"http://{SITE}/",
        "--out",
        str(out),
        "--as-of",
        "2025-06-30",
        "--json",
    ]
    cost = measured(command, folder, 7200)
    data = json.loads(cost.output or "{}")
    dead = set()
    for finding in data.get("findings", ()):
        for url in (finding.get("facts", {}).get("target_url"), finding["subject"].get("url")):
            if url and finding["check"] in _LINK_CHECKS:
                dead.add(url)
    (run,) = sorted(out.glob("*/runs/*"))[-1:]
    sizes = {f.name: f.stat().st_size / 1e6 for f in run.iterdir() if f.is_file()}
    note = ", ".join(f"{name} {size:.0f} MB" for name, size in sorted(sizes.items()) if size > 1)
    return cost, dead, note


_LINK_CHECKS = {"dead-link", "soft-404", "redirect-loop", "broken-anchor", "broken-fragment", "bad-redirect"}


def lychee(folder: Path, site: Path) -> tuple[Cost, set[str]]:
    urls = [line.split("\t")[0] for line in (site / "pages.tsv").read_text("utf-8").splitlines()[1:]]
    (folder / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
    cost = measured(
        ["lychee", "--format", "json", "--no-progress", "--include-fragments", "--max-concurrency", "512", "--timeout", "5",
         "--max-retries", "0", "--files-from", "urls.txt"], folder, 3600,
    )  # fmt: skip
    data = json.loads(cost.output or "{}")
    return cost, {e["url"] for errors in data.get("error_map", {}).values() for e in errors}


def muffet(folder: Path) -> tuple[Cost, set[str]]:
    cost = measured(["muffet", "--format=json", "--timeout=5", f"http://{SITE}/"], folder, 3600)
    return cost, {
        link["url"] for page in json.loads(cost.output or "[]") for link in page["links"] if "error" in link
    }


def linkchecker(folder: Path, peers: Path) -> tuple[Cost, set[str]]:
    program = peers / "linkchecker" / "bin" / "linkchecker"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", peers / "linkchecker"], check=True)
        subprocess.run([program.with_name("pip"), "install", "-q", "linkchecker"], check=True)
    cost = measured(
        [
            str(program),
            "--check-extern",
            "--no-robots",
            "-t",
            "10",
            "-o",
            "csv",
            "--timeout",
            "5",
            f"http://{SITE}/",
        ],
        folder,
        3600,
    )
    rows = csv.reader(cost.output.splitlines(), delimiter=";")
    return cost, {row[7] for row in rows if len(row) > 7 and row[6] == "False"}


def linkinator(folder: Path, peers: Path) -> tuple[Cost, set[str]]:
    program = peers / "linkinator" / "node_modules" / ".bin" / "linkinator"
    if not program.exists():
        program.parents[2].mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--silent", "--prefix", program.parents[2], "linkinator"], check=True
        )
    cost = measured(
        [str(program), f"http://{SITE}/", "--recurse", "--format", "json", "--concurrency", "100", "--timeout", "5000",
         "--check-fragments"], folder, 3600,
    )  # fmt: skip
    data = json.loads(cost.output or "{}")
    return cost, {link["url"] for link in data.get("links", ()) if link["state"] == "BROKEN"}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--generator", type=Path, default=ROOT.parent / "shared" / "testsite" / "generate.py")
    parser.add_argument("--peers", type=Path, help="folder for tools that are installed for the comparison")
    parser.add_argument("--keep", type=Path, help="folder to work in and keep (default: a temporary one)")
    parser.add_argument("--tarpits", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.keep or Path(temporary)).resolve()
        site = folder / f"site-{args.pages}"
        if not site.exists():
            subprocess.run(
                [sys.executable, args.generator, "--out", site, "--pages", str(args.pages), "--quiet", "--tarpits",
                 str(args.tarpits), "--site", f"http://{SITE}", "--external", f"http://{EXTERNAL}", "--refused",
                 f"http://{REFUSED}"], check=True,
            )  # fmt: skip
        subprocess.run(["nginx", "-p", site, "-c", "nginx.conf"], check=True)
        try:
            rows = []
            work = folder / "ours"
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            cost, dead, note = ours(work)
            rows.append(("xuncha audit (whole)", cost, dead))
            for name, there, run in (
                ("lychee", shutil.which("lychee"), lambda: lychee(folder, site)),
                ("muffet", shutil.which("muffet"), lambda: muffet(folder)),
                ("LinkChecker", args.peers, lambda: linkchecker(folder, args.peers.resolve())),
                (
                    "linkinator",
                    args.peers and shutil.which("npm"),
                    lambda: linkinator(folder, args.peers.resolve()),
                ),
            ):
                if there:
                    rows.append((name, *run()))
        finally:
            subprocess.run(["nginx", "-p", site, "-c", "nginx.conf", "-s", "stop"], check=False)
        print(
            f"{args.pages} pages, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}; evidence: {note}\n"
        )
        print(
            "| tool | wall s | pages/s | CPU s | CPU ms/page | peak MB (shared once) | requests | found | false |"
        )
        print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        for name, cost, dead in rows:
            score = subprocess.run(
                [sys.executable, args.generator.with_name("score.py"), site, "-", "--json"],
                input="\n".join(sorted(dead)), capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
            result = json.loads(score)
            print(
                f"| {name} | {cost.wall:.1f} | {args.pages / cost.wall:.0f} | {cost.cpu:.1f} |"
                f" {cost.cpu / args.pages * 1000:.2f} | {cost.resident:.0f} ({cost.shared:.0f}) | {cost.requests} |"
                f" {result['found']}/{result['planted']} | {len(result['false_positives'])} |"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
