"""Real things that fail: a PostgreSQL of the test's own, a small disk, and the processes that use them."""

import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from scripts import run
from tests.browser.installation import Installation, _end, free_port

POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "a key for this test",
    "PERMANENCE_NOW_FILE": "",
    "EMAIL_URL": "smtp://127.0.0.1:9",  # nobody is mailed here
}


@dataclass
class PostgresServer:
    """A server in a folder, which the test starts and stops."""

    folder: Path
    port: int

    def pg(self, program: str, *arguments: str) -> None:
        command = [str(POSTGRES_BIN / program), *arguments]
        as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*as_user, *command], check=True, timeout=60, stdout=subprocess.DEVNULL, cwd=self.folder.parent
        )

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder.parent} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder.parent / "postgres.log")
        self.pg("pg_ctl", "-D", str(self.folder), "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        self.pg("pg_ctl", "-D", str(self.folder), "-m", "immediate", "-w", "stop")

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/permanence"


def can_start_postgres() -> bool:
    if not (POSTGRES_BIN / "initdb").exists():
        return False
    return os.getuid() != 0 or shutil.which("runuser") is not None


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    parent = Path(tempfile.mkdtemp(prefix="permanence-postgres-"))
    if os.getuid() == 0:
        shutil.chown(parent, "postgres")
    server = PostgresServer(parent / "data", free_port())
    try:
        server.pg("initdb", "-D", str(server.folder), "-U", "postgres", "-A", "trust", "-N")
        server.start()
        try:
            address = ("-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres")
            server.pg("createdb", *address, "permanence")
            yield server
        finally:
            if (server.folder / "postmaster.pid").exists():
                server.stop()
    finally:
        shutil.rmtree(parent, ignore_errors=True)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def can_mount(folder: Path) -> bool:
    if os.getuid() != 0:
        return False
    try:
        with small_disk(folder / "tried", "1m"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@dataclass
class Tried(Installation):
    """An installation whose database, environment and processes the test chooses."""

    chosen: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **PRODUCTION, **self.chosen}

    def log(self, name: str) -> list[str]:
        text = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return text.splitlines()


@contextmanager
def running(folder: Path, *, processes: tuple[str, ...], **chosen: str) -> Iterator[Tried]:
    """As in production, by the clock of the machine."""
    tried = Tried(folder, free_port(), clock_file=folder / "now", chosen=chosen)
    tried.manage("migrate", "--no-input", "--verbosity", "0")
    tried.manage("collectstatic", "--no-input", "--verbosity", "0")
    try:
        for name in processes:
            tried._start(name)
        run.wait_until_it_answers(tried.port, tried.processes)
        yield tried
    finally:
        _end(tried.processes)


@dataclass
class Answer:
    status: int
    text: str
    seconds: float
    headers: Message


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def ask(url: str, data: bytes | None = None, *, cookie: str = f"sessionid={'a' * 32}") -> Answer:
    """Ask as somebody whose session is not known: every page then reads the database."""
    request = urllib.request.Request(  # noqa: S310 (an address of the test's own)
        url, data, {"Cookie": cookie, "Authorization": "Bearer x"}
    )
    began = time.monotonic()
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=30) as response:
            return Answer(
                response.status, response.read().decode(), time.monotonic() - began, response.headers
            )
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode(), time.monotonic() - began, error.headers)


def wait_for(what: Callable[[], bool], seconds: float) -> float:
    """Wait until it is so; returns how long that took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.2)
    return time.monotonic() - began
