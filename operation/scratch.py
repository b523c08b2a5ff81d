"""Folders for what is unfinished. They hold personal data in the open, so none stays behind."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = ".lock"


@contextmanager
def scratch_in(folder: Path, prefix: str) -> Iterator[Path]:
    """A folder that only its owner can enter; it is removed at the end. So are those that a killed process
    left there: the system lets go of its lock."""
    for each in folder.glob(f"{prefix}*"):
        with suppress(OSError):  # somebody works in it, or it is not ours
            _remove_left_over(each)
    with tempfile.TemporaryDirectory(dir=folder, prefix=prefix) as name:
        scratch = Path(name)
        with (scratch / f"{LOCK}.new").open("w") as lock:
            # Where the disk knows no locks, nothing is ever taken for left over.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
                Path(lock.name).rename(scratch / LOCK)  # so that none is seen before it is locked
            yield scratch


def _remove_left_over(scratch: Path) -> None:
    """Raises OSError where its process is alive."""
    with (scratch / LOCK).open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(scratch, ignore_errors=True)
