"""Folders of what is unfinished: none stays behind, and none is taken from a process that works in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from operation.scratch import scratch_in
from tests.once import ROOT

WORKING = """
import pathlib, sys
from operation.scratch import scratch_in
with scratch_in(pathlib.Path(sys.argv[1]), ".unfinished-") as scratch:
    (scratch / "copy").write_text("x")
    print(scratch, flush=True)
    sys.stdin.read()
"""


@pytest.mark.process
def test_what_a_killed_process_left_goes_and_what_is_worked_in_stays(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKING, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as working:  # type: ignore[call-overload]
        there = Path(working.stdout.readline().strip())
        with scratch_in(tmp_path, ".unfinished-") as own:
            assert (there / "copy").exists() and own != there
        working.kill()
    assert (there / "copy").exists()
    with scratch_in(tmp_path, ".unfinished-") as own:
        assert list(tmp_path.iterdir()) == [own]
    assert list(tmp_path.iterdir()) == []


def test_what_is_of_somebody_else_stays(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-letter").mkdir()
    (tmp_path / ".unfinished-note").write_text("x")
    (tmp_path / ".unfinished-link").symlink_to(tmp_path)
    with scratch_in(tmp_path, ".unfinished-") as own:
        assert own.stat().st_mode & 0o077 == 0
    assert len(list(tmp_path.iterdir())) == 3
