"""A whole installation as `make run` starts it: web and worker, the demonstration, a clock to move."""

import ctypes
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from scripts import run
from tests.once import DATABASE, copy_database

LOG_TAIL_LINES = 80


@dataclass
class Installation:
    """Answers at `url`; believes that it is what `set_clock` said last."""

    folder: Path
    port: int
    clock_file: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    worker_command: list[str] = field(default_factory=lambda: run.WORKER_COMMAND)
    settings: dict[str, str] = field(default_factory=dict)
    """Further environment variables of its processes and commands."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def set_clock(self, moment: str) -> None:
        """`2026-11-24T10:24`, on the clocks of Paris; time runs on from there in all processes."""
        datetime.fromisoformat(moment)
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(f"{moment} @{time.time()}", encoding="ascii")
        fresh.replace(self.clock_file)

    def begin_again(self, template: Path, moment: str) -> None:
        """The database as the template has it and the clock at this moment, while the processes run on."""
        with (
            closing(sqlite3.connect(template / DATABASE)) as source,
            closing(sqlite3.connect(self.folder / DATABASE, timeout=30)) as target,
        ):
            source.backup(target)
            if "worker" not in self.processes:
                # Nobody sends, and no page is to warn of that.
                target.execute(
                    "REPLACE INTO notifications_heartbeat (name, at) VALUES ('sweep', '2100-01-01')"
                )
                target.commit()
        self.set_clock(moment)

    def logs(self) -> Iterator[tuple[str, str]]:
        """The end of what each process wrote."""
        for path in sorted(self.folder.glob("*.log")):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            yield path.stem, "\n".join(lines[-LOG_TAIL_LINES:])

    def manage(self, *arguments: str) -> str:
        return run.manage(self.environment, *arguments)

    def restart(self, name: str) -> None:
        """Kill a process as a crash would, and start it again."""
        process = self.processes[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._start(name)
        run.wait_until_it_answers(self.port, self.processes)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **run.environment(self.port),
            "DATABASE_URL": "",
            "PERMANENCE_VAR": str(self.folder),
            "PERMANENCE_NOW_FILE": str(self.clock_file),
            "PUBLIC_BASE_URL": self.url,
            **self.settings,
        }

    def _start(self, name: str) -> None:
        command = self.worker_command if name == "worker" else run.web_command(self.port)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=run.ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 (one system call, no lock taken)
            )


def load_demonstration(folder: Path, moment: str) -> None:
    """Into the empty database of this folder, which becomes a template."""
    installation = Installation(folder, port=0, clock_file=folder / "now")
    installation.set_clock(moment)
    installation.manage("demo")


@contextmanager
def started(
    folder: Path,
    template: Path,
    moment: str,
    processes: tuple[str, ...] = ("web", "worker"),
    settings: dict[str, str] | None = None,
) -> Iterator[Installation]:
    """A running installation on a copy of the template; ended whatever happens."""
    copy_database(template, folder)
    installation = Installation(folder, free_port(), clock_file=folder / "now", settings=settings or {})
    installation.set_clock(moment)
    try:
        for name in processes:
            installation._start(name)
        run.wait_until_it_answers(installation.port, installation.processes)
        yield installation
    finally:
        _end(installation.processes)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _end(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask the group of each to end, then insist."""
    for process in processes.values():
        process.terminate()
    deadline = time.monotonic() + run.STOP_LIMIT_S
    for process in processes.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        finally:
            _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _end_with_parent() -> None:
    """Even if the test run itself is killed (Linux): nothing stays behind."""
    if sys.platform == "linux":
        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGTERM)
