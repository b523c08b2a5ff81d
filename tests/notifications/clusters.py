"""The processes of the worker's clusters, found in /proc (Linux)."""

import os
from pathlib import Path


def processes_of_clusters(folder: Path, name: str = "") -> list[int]:
    """Those of the worker whose installation lies in this folder, by their environment; of one cluster, or of
    all."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes()
            command = (entry / "cmdline").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        wanted = b"--cluster\0" + name.encode()
        if str(folder).encode() in environment and wanted in command and state != "Z":
            found.append(int(entry.name))
    return found
