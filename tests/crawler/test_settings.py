"""The Scrapy project itself: what its own commands do."""

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.spiders.walk import USE_INSTEAD

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("command", "code", "says"), [(["list"], 0, "walk"), (["crawl", "walk"], 2, USE_INSTEAD)]
)
def test_scrapy_commands(command: list[str], code: int, says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *command], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    lines = (done.stdout + done.stderr).strip().splitlines()
    assert (done.returncode, len(lines)) == (code, 1)
    assert says in lines[0]
