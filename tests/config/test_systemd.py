"""The units in deploy/, and what the processes tell systemd."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts import run
from tests.browser.installation import free_port
from tests.config.outage_servers import PRODUCTION, ask
from tests.once import ROOT, copy_database, migrated

OURS = ("permanence-web", "permanence-worker", "permanence-backup")
UNITS = sorted(each.name for each in (ROOT / "deploy").iterdir() if each.name.startswith(OURS))
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


@needs_systemd
@pytest.mark.parametrize("unit", [each for each in UNITS if each.endswith(".service")])
def test_a_unit_exposes_little(unit: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager"]
    done = subprocess.run([*command, ROOT / "deploy" / unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@needs_systemd
def test_systemd_reads_the_units_without_a_remark(tmp_path: Path) -> None:
    """With programs of the same names that do nothing: the real ones stand elsewhere."""
    bin_ = tmp_path / "opt/permanence/.venv/bin"
    bin_.mkdir(parents=True)
    for name in ("granian", "python"):
        (bin_ / name).symlink_to("/bin/true")
    for unit in UNITS:
        text = (ROOT / "deploy" / unit).read_text(encoding="utf-8")
        (tmp_path / unit).write_text(text.replace("/opt/", f"{tmp_path}/opt/"), encoding="utf-8")
    command = ["systemd-analyze", "verify", "--no-pager", *(str(tmp_path / unit) for unit in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_web_unit_starts_what_the_tests_start() -> None:
    """But for the port and the number of the address, it is the command that every browser test runs."""
    text = (ROOT / "deploy" / "permanence-web.service").read_text(encoding="utf-8").replace("\\\n", "")
    (line,) = [each for each in text.splitlines() if each.startswith("ExecStart=")]
    assert line.split()[1:] == run.web_command(8000)[3:]


@contextmanager
def systemd(folder: Path) -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """What listens, and the environment by which a process finds it."""
    path = folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(30)
        yield listener, {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "600000"}


def heard(listener: socket.socket, until: str) -> list[str]:
    """All that is said until this is said."""
    said: list[str] = []
    while until not in said:
        said.append(listener.recv(100).decode())
    return said


@pytest.mark.process
def test_a_web_process_without_its_database_lives_and_answers_503(tmp_path: Path) -> None:
    port = free_port()
    with systemd(tmp_path) as (listener, environment):
        environment |= {
            **PRODUCTION,
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
            "PERMANENCE_VAR": str(tmp_path),
            "DATABASE_URL": f"postgres://nobody@127.0.0.1:{free_port()}/none",
        }
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(collect, cwd=ROOT, env=os.environ | environment, check=True)
        web = subprocess.Popen(run.web_command(port), cwd=ROOT, env=os.environ | environment)
        try:
            assert heard(listener, "READY=1")
            run.wait_until_it_answers(port, {"web": web})
            assert ask(f"http://127.0.0.1:{port}/connexion/").status == 503
            drain(listener)
            for _ in range(4):
                assert heard(listener, "WATCHDOG=1") == ["WATCHDOG=1"]
            assert ask(f"http://127.0.0.1:{port}/health").status == 503
            web.send_signal(signal.SIGTERM)
            assert set(heard(listener, "STOPPING=1")) <= {"WATCHDOG=1", "STOPPING=1"}
        finally:
            web.terminate()
            web.wait(20)


@pytest.mark.process
def test_a_worker_tells_that_it_lives(tmp_path: Path) -> None:
    copy_database(migrated(), tmp_path)
    with systemd(tmp_path) as (listener, environment):
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env={
                **os.environ,
                **environment,
                "DEBUG": "1",
                "DATABASE_URL": "",
                "PERMANENCE_VAR": str(tmp_path),
            },
        )
        try:
            assert heard(listener, "READY=1") == ["READY=1"]
            for _ in range(3):
                assert heard(listener, "WATCHDOG=1") == ["WATCHDOG=1"]
            worker.send_signal(signal.SIGTERM)
            assert "STOPPING=1" in heard(listener, "STOPPING=1")
        finally:
            worker.terminate()
            worker.wait(30)


def drain(listener: socket.socket) -> None:
    """Forget what was said until now."""
    listener.setblocking(False)
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        try:
            listener.recv(100)
        except BlockingIOError:
            break
    listener.setblocking(True)
    listener.settimeout(30)


def test_nothing_is_said_where_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from config import systemd as told

    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    told.tell(told.READY)
    monkeypatch.delenv("NOTIFY_SOCKET")
    told.tell(told.READY)
    monkeypatch.setenv("WATCHDOG_USEC", "no number")
    assert told.each_s() is None
