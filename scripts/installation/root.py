"""A root of Debian made from this machine's own package sources, and commands in it.

Only for use in a mount and process namespace of its own: all mounts and processes end with it.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
TOOLS = "/srv/tools"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def mirror() -> str:
    """Where this machine gets Debian's packages."""
    command = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(SITE) $(BASE_URI)", "Created-By: Packages"]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("Debian ") and "/dists/" in line:
            return line.split()[-1].partition("/dists/")[0]
    raise SystemExit("This machine knows no package source of Debian: apt-get update")


class Root:
    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.log = log
        self.network: dict[str, str] = {}
        """What pip needs to know of this machine's package index."""
        self._alone: int | None = None

    def path(self, inside: str) -> Path:
        return self.folder / inside.lstrip("/")

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        self.path(inside).parent.mkdir(parents=True, exist_ok=True)
        self.path(inside).write_text(text, encoding="utf-8")
        self.path(inside).chmod(mode)

    def make(self, suite: str, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self._logged(
            ["debootstrap", "--variant=minbase", f"--cache-dir={cache}", suite, str(self.folder), mirror()]
        )
        for kind, target in (("proc", "/proc"), ("tmpfs", "/run"), ("tmpfs", "/dev/shm")):  # noqa: S108
            self.path(target).mkdir(exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, self.path(target)], check=True)
        shutil.copy("/etc/resolv.conf", self.path("/etc/resolv.conf"))
        shutil.copytree(
            HERE / "scripts" / "installation", self.path(f"{TOOLS}/scripts/installation"), dirs_exist_ok=True
        )

    def take_pip_settings(self) -> None:
        """pip in the root uses what pip of this machine does: folders are mounted, files copied."""
        listed = subprocess.run(
            [HERE / ".venv/bin/pip", "config", "list"], capture_output=True, text=True, check=True
        )
        for line in listed.stdout.splitlines():
            name, _, quoted = line.partition("=")
            option = name.rpartition(".")[2]
            if option.islower():
                words = [self._brought(word) for word in shlex.split(quoted)[0].split()]
                self.network[f"PIP_{option.replace('-', '_').upper()}"] = " ".join(words)

    def _brought(self, word: str) -> str:
        path = Path(word.removeprefix("file://"))
        if not path.is_absolute() or not path.exists():
            return word
        if path.is_file():
            copied = f"/srv/pip/{path.name}"
            self.path(copied).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, self.path(copied))
            return copied
        # The pages of an index name files beside it.
        folder = path.parent if word.startswith("file://") else path
        if not self.path(str(folder)).exists():
            self.path(str(folder)).mkdir(parents=True)
            subprocess.run(["mount", "--bind", "-o", "ro", folder, self.path(str(folder))], check=True)
        return word

    def run(self, script: str, *, network: bool = False, read: str = "", more: Mapping[str, str] = {}) -> str:
        """Run it with `sh -e` as root, at home; returns what it printed, which the log keeps too. Without
        `network` it sees nothing but the services of the root itself."""
        shell = ["chroot", str(self.folder), "/bin/sh", "-e", "-c", f"cd\n{script}"]
        command = shell if network else ["nsenter", f"--net=/proc/{self._alone_by()}/ns/net", *shell]
        return self._logged(command, read=read, more={**(self.network if network else {}), **more})

    def visit(self, password: str = "") -> str:
        inside = {"PYTHONPATH": TOOLS}
        return self.run("exec python3 -m scripts.installation.visit visit", read=password, more=inside)

    def _alone_by(self) -> int:
        """The process that keeps a network with nothing but itself."""
        if self._alone is None:
            command = ["unshare", "--net", "sh", "-c", "ip link set lo up && echo && exec sleep 100000"]
            holder = subprocess.Popen(command, stdout=subprocess.PIPE)  # ends with the process namespace
            assert holder.stdout is not None
            holder.stdout.readline()
            self._alone = holder.pid
        return self._alone

    def _logged(self, command: list[str], read: str = "", more: Mapping[str, str] = {}) -> str:
        environment = {
            "PATH": PATH,
            "HOME": "/root",
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **{name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")},
            **more,
        }
        lines: list[str] = []
        with (
            self.log.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(read)
            process.stdin.close()
            for line in process.stdout:
                log.write(line)
                log.flush()
                lines.append(line)
        if process.returncode:
            raise SystemExit(f"Failed ({process.returncode}):\n{''.join(lines[-25:])}\nAll of it: {self.log}")
        return "".join(lines)
