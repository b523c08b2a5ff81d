"""`systemctl` in a root without systemd: reads the units and starts what they name.

`python3 -m scripts.installation.systemctl start|stop|restart|reload|enable --now|daemon-reload UNIT…`. A
process of its own watches over each service: environment, user, folder, state directory, readiness, restart.
What hardens a unit is not applied here: tests/config/test_systemd.py has systemd judge it.
"""

import contextlib
import grp
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from scripts.installation.units import Unit, read_environment, read_unit

FOLDERS = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))
RUN = Path("/run/installation")
LOGS = Path("/var/log/installation")


def found(name: str) -> Unit:
    name = name if "." in name else f"{name}.service"
    path = next((folder / name for folder in FOLDERS if (folder / name).exists()), None)
    if path is None:
        raise SystemExit(f"Unit {name} not found.")
    return read_unit(path)


def run_as(unit: Unit, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    user = unit.last("User", "root")
    account = pwd.getpwnam(user)
    if state := unit.last("StateDirectory"):
        folder = Path("/var/lib") / state
        folder.mkdir(mode=int(unit.last("StateDirectoryMode", "0755"), 8), exist_ok=True)
        os.chown(folder, account.pw_uid, account.pw_gid)
    given = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": account.pw_dir,
        "LANG": "C.UTF-8",
        **environment,
    }
    for path in unit.values.get("EnvironmentFile", []):
        given |= read_environment(Path(path))
    with (LOGS / f"{unit.name}.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=unit.last("WorkingDirectory", "/"),
            env=given,
            user=account.pw_uid,
            group=grp.getgrnam(unit.last("Group", user)).gr_gid,
            extra_groups=[],
            umask=int(unit.last("UMask", "0022"), 8),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def pid_file(unit: Unit) -> Path:
    return RUN / f"{unit.name}.pid"


def supervisor_of(unit: Unit) -> int | None:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
        pid = int(pid_file(unit).read_text(encoding="ascii"))
        os.kill(pid, 0)
        return pid
    return None


def start(unit: Unit) -> None:
    if unit.name.endswith(".timer"):
        print(f"{unit.name}: there are no timers here.", file=sys.stderr)
    elif unit.name == "postgresql.service":
        clusters("start")
    elif unit.last("Type") == "oneshot":
        for command in unit.command():
            if run_as(unit, command, {}).wait(unit.seconds("TimeoutStartSec", 90)):
                raise SystemExit(f"{unit.name} failed: {LOGS / unit.name}.log")
    elif unit.last("Type") == "forking":
        for command in unit.command("ExecStartPre") + unit.command():
            subprocess.run(command, check=True)
    elif supervisor_of(unit) is None:
        watch_over(unit)


def watch_over(unit: Unit) -> None:
    """Leave a process behind that keeps the service; returns when it is ready."""
    if os.fork():
        wait_for(unit, RUN / f"{unit.name}.ready")
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    with Path(os.devnull).open("r+b", buffering=0) as nothing:
        for number in (0, 1, 2):
            os.dup2(nothing.fileno(), number)
    pid_file(unit).write_text(str(os.getpid()), encoding="ascii")
    keep(unit)
    os._exit(0)


def wait_for(unit: Unit, ready: Path) -> None:
    until = time.monotonic() + unit.seconds("TimeoutStartSec", 90)
    while not ready.exists():
        if time.monotonic() > until:
            raise SystemExit(f"{unit.name} is not ready in time: {LOGS / unit.name}.log")
        time.sleep(0.1)


def keep(unit: Unit) -> None:
    """Start the process, again each time that it ends, until TERM."""
    ending: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: ending.append(number))
    ready, notify = RUN / f"{unit.name}.ready", RUN / f"{unit.name}.notify"
    notify.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(notify))
        notify.chmod(0o777)
        listener.settimeout(0.3)
        while not ending:
            watchdog = str(int(unit.seconds("WatchdogSec", 0) * 1_000_000))
            told = {"NOTIFY_SOCKET": str(notify), "WATCHDOG_USEC": watchdog}
            process = run_as(unit, unit.command()[0], told)
            if unit.last("Type") != "notify":
                ready.touch()
            while process.poll() is None and not ending:
                with contextlib.suppress(TimeoutError):
                    if b"READY=1" in listener.recv(4096):
                        ready.touch()
            end(process, unit)
            ready.unlink(missing_ok=True)
            if not ending:
                time.sleep(unit.seconds("RestartSec", 0.1))
    pid_file(unit).unlink(missing_ok=True)


def end(process: subprocess.Popen[bytes], unit: Unit) -> None:
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(unit.seconds("TimeoutStopSec", 90))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def stop(unit: Unit) -> None:
    if unit.name == "postgresql.service":
        clusters("stop")
    elif unit.last("Type") == "forking":
        for command in unit.command("ExecStop"):
            subprocess.run(command, check=False)
    elif pid := supervisor_of(unit):
        os.kill(pid, signal.SIGTERM)
        while supervisor_of(unit) is not None:
            time.sleep(0.1)


def reload(unit: Unit) -> None:
    for command in unit.command("ExecReload"):
        subprocess.run(command, check=True)


def clusters(action: str) -> None:
    """Debian's postgresql.service stands for all clusters of PostgreSQL."""
    for folder in sorted(Path("/etc/postgresql").glob("*/*")):
        command = ["pg_ctlcluster", "--skip-systemctl-redirect", folder.parent.name, folder.name, action]
        done = subprocess.run(command, check=False)
        if done.returncode not in (0, 2):  # 2: it runs already, or runs no more
            raise SystemExit(f"PostgreSQL: {action} failed.")


def main(words: list[str]) -> None:
    RUN.mkdir(parents=True, exist_ok=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    action, *names = [word for word in words if not word.startswith("--")]
    if action == "daemon-reload" or (action == "enable" and "--now" not in words):
        return
    for unit in [found(name) for name in names]:
        if action in ("stop", "restart"):
            stop(unit)
        if action in ("start", "restart", "enable"):
            start(unit)
        if action == "reload":
            reload(unit)


if __name__ == "__main__":
    main(sys.argv[1:])
