"""Filled databases of earlier days, each as an installation that commands can be run in.

The dumps are made by scripts/dump_databases.py. On PostgreSQL this needs the right to make databases.
"""

import gzip
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.once import ROOT

DUMPS = Path(__file__).parent / "dumps"
SERVER = os.environ["DATABASE_URL"]
KIND = "postgres" if SERVER else "sqlite"
NOW = "2026-11-24T10:00"

type Environment = dict[str, str]


def dumps() -> list[Path]:
    """Of the kind of database that the tests run on, the oldest first."""
    return sorted(DUMPS.glob(f"*.{KIND}.sql.gz"))


@contextmanager
def empty_database(folder: Path, name: str) -> Iterator[Environment]:
    """The environment of an installation whose database has no table yet."""
    folder.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "DEBUG": "1",
        "PERMANENCE_NOW": NOW,
        "PERMANENCE_VAR": str(folder),
        "DATABASE_URL": "",
    }
    if KIND == "sqlite":
        yield environment
        return
    name = f"permanence_{name}_{os.getpid()}"
    quoted = sql.Identifier(name)
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(quoted))
        server.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
        try:
            yield {**environment, "DATABASE_URL": f"{SERVER.rpartition('/')[0]}/{name}"}
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))


@contextmanager
def filled_database(dump: Path, folder: Path) -> Iterator[Environment]:
    """The same with the database of that day."""
    script = gzip.decompress(dump.read_bytes()).decode()
    with empty_database(folder, "upgrade") as environment:
        if KIND == "sqlite":
            with closing(sqlite3.connect(folder / "permanence.sqlite3")) as database:
                database.executescript(script)
        else:
            with psycopg.connect(environment["DATABASE_URL"]) as connection:
                connection.execute(script.encode())
        yield environment


def started(*arguments: str, environment: Environment) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def run(*arguments: str, environment: Environment) -> str:
    done = started(*arguments, environment=environment)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def number(environment: Environment, query: str) -> int:
    """The one number that this query answers; 0 for NULL."""
    if KIND == "sqlite":
        with closing(sqlite3.connect(Path(environment["PERMANENCE_VAR"]) / "permanence.sqlite3")) as database:
            return int(database.execute(query).fetchone()[0] or 0)
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        row = connection.execute(query.encode()).fetchone()
        return int(row[0] or 0) if row else 0


def counts(environment: Environment) -> dict[str, int]:
    """How many rows each table has."""
    if KIND == "sqlite":
        database = sqlite3.connect(Path(environment["PERMANENCE_VAR"]) / "permanence.sqlite3")
        try:
            broken = database.execute("PRAGMA foreign_key_check").fetchall()
            assert broken == []
            names = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            return {
                name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
                for (name,) in names
            }
        finally:
            database.close()
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        found = {}
        for (name,) in tables:
            row = connection.execute(
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", name))
            ).fetchone()
            found[name] = row[0] if row else 0
        return found
