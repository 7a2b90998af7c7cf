"""A disk that is full and a file that may not grow: the run stops with a plain fault and goes on once there is room."""

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.evidence.reader import Evidence
from crawler.evidence.schema import MANIFEST_FILE
from crawler.room import NoRoom
from crawler.walk import walk
from tests.crawler.test_resume import ROOT, facts_of, site
from tests.crawler.walking import config_for, run_of
from tests.server import serving

CODE = (
    "import sys; from pathlib import Path; from crawler.walk import walk;"
    "from tests.crawler.walking import config_for, run_of;"
    "c = config_for(sys.argv[1], concurrency=4); walk(c, Path(sys.argv[2]), run_of(c), own_process=sys.argv[3] == 'two')"
)


@pytest.mark.parametrize("processes", ["one", "two"])
def test_a_walk_that_finds_no_room_goes_on_later(processes: str, tmp_path: Path) -> None:
    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    with serving(site()) as (server,):
        config = config_for(server.base, concurrency=4)
        walk(config, tmp_path / "calm", run_of(config), own_process=False)
        folder = tmp_path / "cramped"
        done = subprocess.run(
            [sys.executable, "-c", CODE, server.base, str(folder), processes],
            cwd=ROOT,
            preexec_fn=no_room,
            capture_output=True,
            timeout=60,
        )
        with Evidence(folder) as evidence:
            assert evidence.page_count() > 0
        assert done.returncode != 0
        assert f"NoRoom: {NoRoom()}" in done.stderr.decode()
        assert not (folder / MANIFEST_FILE).exists()
        walk(config, folder, run_of(config), own_process=processes == "two")
        assert facts_of(folder) == facts_of(tmp_path / "calm")
