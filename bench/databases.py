"""Databases of the bench: made for one run, with their own names, and dropped afterwards."""

import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


def server() -> str:
    """The URL of the PostgreSQL server, with a user who may create databases; without a database name."""
    if "BENCH_POSTGRES" in os.environ:
        return os.environ["BENCH_POSTGRES"]
    tests = urlsplit(os.environ.get("TEST_DATABASE_URL", ""))
    return f"{tests.scheme}://{tests.netloc}" if tests.netloc else "postgres://root@127.0.0.1:5432"


SERVER = server()


def postgresql_answers() -> str:
    """Empty if the server answers and databases can be created, else the reason."""
    import psycopg

    try:
        with psycopg.connect(f"{SERVER}/postgres", connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[0]
    return "" if row and row[0] else "the user may not create databases"


@contextmanager
def fresh(kind: str, name: str = "bench", *, template: str = "") -> Iterator[str]:
    """The DATABASE_URL of a new database, empty or a copy of `template`; deleted when the block ends."""
    if kind == "sqlite":
        folder = tempfile.mkdtemp(prefix="permanence-bench-")
        try:
            if template:
                shutil.copy(template.removeprefix("sqlite:///"), f"{folder}/{name}.sqlite3")
            yield f"sqlite:///{folder}/{name}.sqlite3"
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    unique = f"permanence_{name}_{os.getpid()}_{secrets.token_hex(2)}"
    _on_server(f'CREATE DATABASE "{unique}" TEMPLATE "{urlsplit(template).path[1:] or "template0"}"')
    try:
        yield f"{SERVER}/{unique}"
    finally:
        _on_server(f'DROP DATABASE IF EXISTS "{unique}" WITH (FORCE)')


def migrate(url: str, folder: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"],
        cwd=ROOT,
        env=environment(url, folder) | {"DATABASE_POOL_SIZE": "0"},
        check=True,
    )
    if url.startswith("sqlite"):
        # The file alone must be complete, so that it can be copied.
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def settle() -> None:
    """Update the statistics after bulk loading, which the database would do itself within minutes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def environment(url: str, folder: str | Path) -> dict[str, str]:
    """The environment of a production installation: DEBUG off, and a connection pool, since under ASGI
    each request may run in another thread and would open its own connection."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": url,
        "DATABASE_POOL_SIZE": "8" if urlsplit(url).scheme.startswith("postgres") else "0",
        "PERMANENCE_VAR": str(folder),
        "PUBLIC_BASE_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "LOG_LEVEL": "CRITICAL",  # logging each refusal would be measured too; answers are counted by status
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def _on_server(statement: str) -> None:
    import psycopg

    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(statement)
