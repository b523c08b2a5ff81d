"""Keep a filled database of each kind as it is today: `python -m scripts.dump_databases NAME`.

Writes tests/upgrades/dumps/NAME.sqlite.sql.gz and NAME.postgres.sql.gz: the demonstration, and at least one
row in every other table. The tests bring these databases up to date and use them. Made once before migrations
that matter are written, and never again: a dump says what an installation of that day holds. Needs `pg_dump`
and a PostgreSQL server in DATABASE_URL, in which it makes a database and drops it again.
"""

import gzip
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
DUMPS = ROOT / "tests" / "upgrades" / "dumps"
SCRATCH = "permanence_dump"
NOW = "2026-11-24T10:00"
CLIENT_COMMAND = re.compile(rb"^\\.*\n", re.MULTILINE)
"""Lines that only psql understands."""


def fill(database: str, folder: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "PERMANENCE_VAR": folder,
        "PERMANENCE_NOW": NOW,
        "DEBUG": "1",
    }
    for command in (
        ["manage.py", "migrate"],
        ["manage.py", "demo"],
        ["-m", "tests.in_django", "tests.upgrades.filled"],
    ):
        subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)


def write(name: str, text: bytes) -> None:
    path = DUMPS / f"{name}.sql.gz"
    path.write_bytes(gzip.compress(text, mtime=0))
    print(path.relative_to(ROOT), path.stat().st_size, "bytes")


def main() -> None:
    name, server = sys.argv[1], os.environ["DATABASE_URL"]
    with tempfile.TemporaryDirectory() as folder:
        fill("", folder)
        with sqlite3.connect(Path(folder) / "permanence.sqlite3") as database:
            write(f"{name}.sqlite", "\n".join(database.iterdump()).encode())
        database.close()
        with psycopg.connect(server, autocommit=True) as postgres:
            postgres.execute(f"DROP DATABASE IF EXISTS {SCRATCH}")
            postgres.execute(f"CREATE DATABASE {SCRATCH}")
            try:
                copy = f"{server.rpartition('/')[0]}/{SCRATCH}"
                fill(copy, folder)
                options = ["--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges"]
                dump = subprocess.run(["pg_dump", *options, copy], check=True, capture_output=True)
                write(f"{name}.postgres", CLIENT_COMMAND.sub(b"", dump.stdout))
            finally:
                postgres.execute(f"DROP DATABASE {SCRATCH} WITH (FORCE)")


if __name__ == "__main__":
    main()
