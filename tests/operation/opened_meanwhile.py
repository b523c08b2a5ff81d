"""A program: restores the backup that its argument names, while another one opens the database midway."""

import subprocess
import sys
from pathlib import Path

from core import clock
from operation.backups import restore
from operation.copies.sqlite import SqliteCopies
from operation.errors import OperationRefused

OPENED = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT count(*) FROM communes_commune").fetchone()
print("open", flush=True)
sys.stdin.read()
"""


def main(path: Path) -> None:
    database = SqliteCopies().path
    command = [sys.executable, "-c", OPENED, str(database)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    others: list[subprocess.Popen[bytes]] = []

    def kept() -> Path:
        other = subprocess.Popen(command, **pipes)  # type: ignore[call-overload]
        other.stdout.readline()
        others.append(other)
        return path

    try:
        restore(path, now=clock.now(), replace=True, kept=kept)
    except OperationRefused as error:
        sys.stdout.write(f"refused {error}\n")
    for other in others:
        other.kill()


if __name__ == "__main__":
    main(Path(sys.argv[2]))
