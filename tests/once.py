"""What takes long to make and is copied by many tests: made once in a run, for all of its workers."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATABASE = "permanence.sqlite3"


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` has filled, in this worker or in another one. Nobody writes to it afterwards."""
    of_this_run = Path(os.environ["PERMANENCE_VAR"])  # tests/environment.py
    folder = of_this_run / name
    with (of_this_run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = Path(tempfile.mkdtemp(dir=of_this_run))
            make(unfinished)
            unfinished.rename(folder)
    return folder


def copy_database(template: Path, folder: Path) -> None:
    """The SQLite file of a template, with whatever is beside it."""
    for path in template.glob(f"{DATABASE}*"):
        shutil.copy(path, folder)


def migrated() -> Path:
    """A folder with an empty SQLite database that has all tables."""
    return made_once("migrated", migrate)


def migrate(folder: Path) -> None:
    environment = {**os.environ, "DEBUG": "1", "DATABASE_URL": "", "PERMANENCE_VAR": str(folder)}
    command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=600)
