"""Web and worker on this machine with the demonstration commune: what `make run` starts.

Migrates, loads the demonstration, starts both processes, says where they answer, and stops both
on Ctrl-C or TERM, or as soon as one of them ends. DEMO=0 leaves the demonstration out, to begin a
commune from nothing. PORT and HOST choose the address (127.0.0.1:8000);
DATABASE_URL, if set, the database (otherwise SQLite in var/), LOG_LEVEL=INFO
shows what the worker does. For development: DEBUG is on.

A database of an older version cannot be brought up to date. Where it is the SQLite file in var/, this script
offers to put it aside and to make the demonstration anew (ANEW=1: without asking).
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
HOST = os.environ.get("HOST") or "127.0.0.1"
START_LIMIT_S = 60
STOP_LIMIT_S = 12


def web_command(port: int) -> list[str]:
    return [
        *(PYTHON, "-m", "granian", "config.asgi:application"),
        *("--interface", "asgi", "--host", HOST, "--port", str(port)),
        # Pages with a live stream never finish on their own: stopping must not wait for them.
        *("--workers", "1", "--workers-kill-timeout", "3", "--log-level", "warning"),
    ]


WORKER_COMMAND = [PYTHON, "manage.py", "worker"]


WITHOUT_DEMONSTRATION = """\
Nothing is loaded. In another terminal, in this folder, begin a commune and its first manager:
  {python} manage.py create_commune 76498 --phone '02 61 91 00 00'
  {python} manage.py create_agent --commune 76498 --role manager sophie Sophie Lemaire
"""
"""What is said instead of the names of the demonstration."""

OLDER_DATABASE = 3
"""The exit code of `manage.py migrate` (config/management/commands/migrate.py)."""


class Stopped(Exception):
    """Someone asked to stop."""


class OlderDatabase(Exception):
    """The database is of an older version."""


def stop(signum: int, frame: types.FrameType | None) -> None:
    raise Stopped


def chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SystemExit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SystemExit(
                f"{HOST}:{port} cannot be used ({error.strerror}). Choose another port: make run PORT=8123"
            ) from None
    return port


def environment(port: int) -> dict[str, str]:
    pretended = os.environ.get("PERMANENCE_NOW") or ""
    if pretended and "@" not in pretended:
        # Both processes must use the same epoch second for that instant (core/clock.py).
        pretended = f"{pretended} @{time.time()}"
    return {
        "PUBLIC_BASE_URL": f"http://localhost:{port}",
        **os.environ,
        "PERMANENCE_NOW": pretended,
        "DEBUG": os.environ.get("DEBUG") or "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        # The queue logs each of its steps, and the addresses and logins would scroll off the screen.
        "LOG_LEVEL": os.environ.get("LOG_LEVEL") or "WARNING",
    }


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run a management command to its end; returns what it printed."""
    # A process group of its own: Ctrl-C reaches only this script, which then ends the others in order.
    process = subprocess.Popen(
        [PYTHON, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    except Stopped:
        process.terminate()
        process.communicate(timeout=STOP_LIMIT_S)
        raise
    if process.returncode == OLDER_DATABASE:
        raise OlderDatabase
    if process.returncode:
        print(output, end="", file=sys.stderr)
        raise SystemExit(f"manage.py {' '.join(arguments)} failed.")
    return output


def migrate(env: dict[str, str]) -> None:
    """Bring the database up to date, or make the demonstration anew where it is of an older version."""
    arguments = ("migrate", "--no-input", "--verbosity", "0")
    try:
        manage(env, *arguments)
    except OlderDatabase:
        # The command has said what is wrong.
        if env.get("DATABASE_URL") or not wants_it_anew(env):
            raise SystemExit(1) from None
        print(f"The older database is kept as {put_aside(env)}.", flush=True)
        manage(env, *arguments)


def wants_it_anew(env: dict[str, str]) -> bool:
    if env.get("ANEW") == "1":
        return True
    if not sys.stdin.isatty():
        print("To put it aside and make the demonstration anew: make run ANEW=1", file=sys.stderr)
        return False
    answer = input("Put it aside and make the demonstration anew? [y/N] ")
    return answer.strip().lower() in {"y", "yes", "o", "oui"}


def put_aside(env: dict[str, str]) -> Path:
    """Rename the SQLite file, with what belongs to it; returns its new name."""
    database = Path(env.get("PERMANENCE_VAR") or ROOT / "var") / "permanence.sqlite3"
    aside = database.with_name(f"permanence-{time.strftime('%Y%m%d-%H%M%S')}.sqlite3")
    for suffix in ("-wal", "-shm", ""):
        file = database.with_name(database.name + suffix)
        if file.exists():
            file.rename(aside.with_name(aside.name + suffix))
    return aside


def begin_a_commune(env: dict[str, str]) -> str:
    """How to make a commune; the commands need the settings of the processes that run here."""
    settings = [f"{name}={env[name]}" for name in ("DATABASE_URL", "PERMANENCE_VAR") if env.get(name)]
    python = " ".join(["DEBUG=1", *settings, str(Path(PYTHON).relative_to(ROOT, walk_up=True))])
    return WITHOUT_DEMONSTRATION.format(python=python)


def start(command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)


def wait_until_it_answers(port: int, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    address = f"http://{'127.0.0.1' if HOST == '0.0.0.0' else HOST}:{port}/"  # noqa: S104
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        ended(processes)
        try:
            direct.open(address, timeout=5).close()
        except urllib.error.HTTPError:
            return  # an error page also shows that the server runs
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"The web server did not answer within {START_LIMIT_S} s.")


def ended(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, process in processes.items():
        if process.poll() is not None:
            raise SystemExit(
                f"The {name} ended by itself (exit code {process.returncode}); stopping the rest."
            )


def end_all(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    # Ignore further Ctrl-C: leaving now would leave the other processes running.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_LIMIT_S
    for process in processes.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
        # Kill the processes that are too slow to stop, or that an ended process left behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def serve(port: int, env: dict[str, str]) -> None:
    with_demonstration = os.environ.get("DEMO", "1") != "0"
    what = "the database and the demonstration commune" if with_demonstration else "the database"
    print(f"Preparing {what} …", flush=True)
    migrate(env)
    introduction = manage(env, "demo") if with_demonstration else begin_a_commune(env)
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        processes["web server"] = start(web_command(port), env)
        processes["worker"] = start(WORKER_COMMAND, env)
        wait_until_it_answers(port, processes)
        print(
            f"\n{introduction}\nPermanence answers at {env['PUBLIC_BASE_URL']}/   (Ctrl-C stops it)\n",
            flush=True,
        )
        while True:
            ended(processes)
            time.sleep(0.5)
    finally:
        end_all(processes)


def main() -> None:
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    port = chosen_port()
    try:
        serve(port, environment(port))
    except Stopped:
        print("\nStopped.")


if __name__ == "__main__":
    main()
