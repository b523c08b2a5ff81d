"""The web process as it runs in production, for tests and measurements."""

import os
import re
import runpy
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ANSWERS_WITHIN_S = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(port: int) -> list[str]:
    """Exactly the command that `make run` starts."""
    return list(runpy.run_path(str(ROOT / "scripts" / "run.py"))["web_command"](port))


def screen_flags() -> list[str]:
    """The flags of Chromium in deploy/permanence-screen.service, except those of window and profile."""
    unit = (ROOT / "deploy" / "permanence-screen.service").read_text(encoding="utf-8")
    flags = re.findall(r"(--[a-z][^ \\\n]*)", unit[unit.index("/usr/bin/chromium") :])
    return [each for each in flags if not each.startswith(("--ozone-platform", "--user-data-dir"))]


@contextmanager
def web(
    env: Mapping[str, str], port: int, argv: list[str] | None = None, *, quiet: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the web process until the block ends; fails if it does not answer in time. `quiet`: hide its
    log, which has a line for each clean refusal."""
    process = subprocess.Popen(
        argv or command(port),
        cwd=ROOT,
        env={**os.environ, "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}", "LOG_LEVEL": "WARNING", **env},
        start_new_session=True,
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.DEVNULL if quiet else None,
    )
    try:
        _wait_until_it_answers(process, port)
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], limit_s: float = 15) -> float:
    """Stop the process as a service manager does; returns the seconds it took."""
    began = time.monotonic()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(limit_s)
    took = time.monotonic() - began
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return took


def rss_kib(process: subprocess.Popen[bytes]) -> int:
    """Memory of the process and its children in KiB: their own, plus their share of shared memory (PSS)."""
    total = 0
    for pid in _family(process.pid):
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


def cpu_s(process: subprocess.Popen[bytes]) -> float:
    ticks = 0
    for pid in _family(process.pid):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for path in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in path.read_text(encoding="ascii").split()]
    return found


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    last = ""
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The web process ended by itself: {process.returncode}")
        try:
            direct.open(f"http://127.0.0.1:{port}/connexion/", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError as error:
            last = repr(error)
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The web process did not answer in time: {last}")
