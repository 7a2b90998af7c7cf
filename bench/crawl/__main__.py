"""The crawl measured: `python -m bench.crawl` walks a generated site and says what it cost.

A site of `--pages` pages is generated and served by nginx on loopback, walked and judged by `xuncha audit`, once more
while nothing has changed, and, with `--peers`, link-checked by what else is installed (lychee, muffet on the PATH) or installable into a throw-away folder
(LinkChecker, linkinator). One line each: wall, CPU, peak memory of all processes together, requests, dead links found
against the site's truth file. Figures are one machine's; compare ratios of one run only.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.crawl.cost import Cost, measured

ROOT = Path(__file__).resolve().parents[2]
SITE, EXTERNAL, REFUSED, STATUS = "127.0.0.31:8760", "127.0.0.32:8761", "127.0.0.33:8762", "127.0.0.4:8760"
_PATIENCE = 900
"""Seconds after which another tool is stopped: it has broken down."""


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
        "--max-pages",
        "5000000",
        "--json",
    ]
    cost = measured(command, folder, 7200, STATUS)
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
        ["lychee", "--format", "json", "--no-progress", "--include-fragments", "--max-concurrency", "512", "--host-concurrency", "512",
         "--host-request-interval", "0ms", "--timeout", "5", "--max-retries", "0", "--files-from", "urls.txt"], folder, _PATIENCE, STATUS,
    )  # fmt: skip
    data = json.loads(cost.output or "{}")
    return cost, {e["url"] for errors in data.get("error_map", {}).values() for e in errors}


def muffet(folder: Path) -> tuple[Cost, set[str]]:
    cost = measured(["muffet", "--format=json", "--timeout=5", f"http://{SITE}/"], folder, _PATIENCE, STATUS)
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
        _PATIENCE,
        STATUS,
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
         "--check-fragments"], folder, _PATIENCE, STATUS,
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
    if not args.generator.exists():
        parser.error(f"{args.generator}: no such file")
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
            again, dead, _ = ours(work)
            rows.append(("the same again", again, dead))
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
        for name, spent, dead in rows:
            score = subprocess.run(
                [sys.executable, args.generator.with_name("score.py"), site, "-", "--json"],
                input="\n".join(sorted(dead)), capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
            result = json.loads(score)
            print(
                f"| {name} | {spent.wall:.1f} | {args.pages / spent.wall:.0f} | {spent.cpu:.1f} |"
                f" {spent.cpu / args.pages * 1000:.2f} | {spent.resident:.0f} ({spent.shared:.0f}) | {spent.requests} |"
                f" {result['found']}/{result['planted']} | {len(result['false_positives'])} |"
            )
        print(
            f"\nThe second run took {again.cpu / cost.cpu:.0%} of the first's CPU and {again.wall / cost.wall:.0%} of its time."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
