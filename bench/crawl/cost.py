"""What a command costs with all its processes: wall, CPU, memory, requests counted by the server."""

from __future__ import annotations

import re
import resource
import subprocess
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took: seconds, CPU seconds, megabytes (each process whole, and shared pages counted once)."""

    wall: float
    cpu: float
    resident: float
    shared: float
    output: str
    requests: int


def measured(command: Sequence[str], folder: Path, seconds: float, status: str) -> Cost:
    """Run a command to its end, or kill it after `seconds`."""
    before, began, asked = (
        resource.getrusage(resource.RUSAGE_CHILDREN),
        time.perf_counter(),
        requests_of(status),
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
        requests=requests_of(status) - asked - 1,
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


def requests_of(status: str) -> int:
    """Requests that the nginx answering at `status` (host:port) has counted; 0 when it cannot be asked."""
    try:
        with urllib.request.urlopen(f"http://{status}/status", timeout=5) as answer:
            return int(answer.read().split()[9])
    except OSError:
        return 0
