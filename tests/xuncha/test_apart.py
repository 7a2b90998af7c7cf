"""Work done apart comes to the same as work done here, and leaves nothing running."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.room import NoRoom
from crawler.workline import WorkLost
from xuncha.apart import Apart


def test_result_and_what_was_told_come_over() -> None:
    def work(tell: Callable[[int], None]) -> int:
        tell(1)
        tell(2)
        return os.getpid()

    heard: list[int] = []
    assert Apart(work).result(heard.append) != os.getpid()
    assert heard == [1, 2]


@pytest.mark.parametrize("fault", [NoRoom(), FileNotFoundError(2, "gone", "x"), KeyboardInterrupt()])
def test_faults_come_over_as_they_are(fault: BaseException) -> None:
    def work(tell: object) -> None:
        raise fault

    with pytest.raises(type(fault)) as caught:
        Apart(work).result()
    assert str(caught.value) == str(fault)
    assert "raise fault" in "".join(caught.value.__notes__)


def test_a_fault_that_cannot_be_sent_says_its_words() -> None:
    class Odd(Exception):
        pass

    def work(tell: object) -> None:
        raise Odd("words")

    with pytest.raises(RuntimeError, match="words"):
        Apart(work).result()


def test_a_killed_process_is_a_lost_one() -> None:
    def work(tell: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(WorkLost):
        Apart(work).result()


def test_beside_threads_the_work_is_done_here() -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert Apart(lambda tell: os.getpid()).result() == os.getpid()
    finally:
        ended.set()
        thread.join()


_PROGRAM = """
import os, sys, time
from pathlib import Path
from xuncha.apart import Apart

def work(tell):
    Path("pid").write_text(str(os.getpid()))
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        time.sleep(0.3)
        Path("kept").touch()
        raise

try:
    Apart(work).result()
except KeyboardInterrupt:
    sys.exit(130)
"""


def _begun(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM], cwd=folder, start_new_session=True)
    until = time.monotonic() + 10
    while time.monotonic() < until and not (folder / "pid").exists():
        time.sleep(0.02)
    time.sleep(0.1)
    return process, int((folder / "pid").read_text())


@pytest.mark.parametrize("whole_group", [False, True])
def test_an_interrupt_ends_the_work_in_order(tmp_path: Path, whole_group: bool) -> None:
    process, _ = _begun(tmp_path)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    assert process.wait(10) == 130
    assert (tmp_path / "kept").exists()


def test_the_work_dies_with_who_asked_for_it(tmp_path: Path) -> None:
    process, child = _begun(tmp_path)
    process.kill()
    process.wait()
    until = time.monotonic() + 5
    while time.monotonic() < until and Path(f"/proc/{child}/stat").exists():
        if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()
