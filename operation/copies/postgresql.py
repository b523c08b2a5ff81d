"""A PostgreSQL database out to a file and back in, by the tools that come with it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql
from psycopg.conninfo import make_conninfo

from operation.copies.base import Counts, DatabaseCopies
from operation.errors import OperationRefused

_BEGINS = re.compile(rb'^COPY (?:public|"public")\.("(?:[^"]|"")+"|\w+) .*FROM stdin;$')
_FUNCTIONS = (
    "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " AND prorettype = 'trigger'::regtype AND NOT EXISTS"
    " (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')"
)
"""What triggers of the tables call: it has no arguments, and stays when the tables are dropped."""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


class PostgresqlCopies(DatabaseCopies):
    kind = "postgresql"
    file_name = "database.dump"

    def write(self, path: Path) -> Counts:
        with _connected() as database, database.transaction():
            database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            row = database.execute("SELECT pg_export_snapshot()").fetchone()
            # Both see the database as it is at this instant, for as long as the transaction lasts.
            snapshot = row[0] if row else ""
            _run(
                ["pg_dump", "--format=custom", "--schema=public", f"--snapshot={snapshot}"],
                ["--no-owner", "--no-privileges", f"--file={path}"],
            )
            return _counts(database)

    def read_back(self, path: Path) -> Counts:
        """Reads the rows of every table as a restore would, without a server."""
        command = [_tool("pg_restore"), "--data-only", "--file=-", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
            assert reading.stdout is not None
            assert reading.stderr is not None
            counts = _rows_of_script(reading.stdout)
            said = reading.stderr.read()
        if reading.returncode:
            raise OperationRefused(_("The copy of the database is damaged.") + _last_line(said))
        return counts

    def counts(self) -> Counts:
        with _connected() as database:
            return _counts(database)

    def used_by(self) -> list[str]:
        """The server's own processes, such as an autovacuum that tidies up, have no user and hold nothing."""
        with _connected() as database:
            rows = database.execute(
                "SELECT coalesce(nullif(application_name, ''), usename), pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND usename IS NOT NULL"
            ).fetchall()
        return sorted(f"{name} ({pid})" for name, pid in rows)

    def load(self, path: Path) -> None:
        """One transaction removes the tables that are there, with what their triggers call, and makes those
        of the copy."""
        connection.close()
        script = path.with_name(f"{path.name}.sql")
        try:
            _run(
                ["pg_restore", "--no-owner", "--no-privileges", "--no-comments", "--schema=public"],
                [f"--file={script}", str(path)],
                connected=False,
            )
            with _connected() as database:
                tables = [name for (name,) in database.execute(_TABLES).fetchall()]
                functions = [name for (name,) in database.execute(_FUNCTIONS).fetchall()]
            drop = "".join(
                sql.SQL("DROP {} IF EXISTS {} CASCADE;\n")
                .format(sql.SQL(kind), sql.Identifier("public", name))
                .as_string()
                for kind, names in (("TABLE", tables), ("FUNCTION", functions))
                for name in names
            )
            first = path.with_name(f"{path.name}.first.sql")
            first.write_text(drop + "CREATE EXTENSION IF NOT EXISTS btree_gist;\n", encoding="utf-8")
            _run(
                ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"],
                ["--output=/dev/null", f"--file={first}", f"--file={script}"],
            )
        finally:
            script.unlink(missing_ok=True)
            path.with_name(f"{path.name}.first.sql").unlink(missing_ok=True)


@contextmanager
def _connected() -> Iterator[psycopg.Connection]:
    """A connection of its own: no pool, no transaction of Django."""
    try:
        database = psycopg.connect(_address(), password=_password() or None, autocommit=True)
    except psycopg.OperationalError as error:
        raise OperationRefused(_("The database does not answer.")) from error
    with closing(database):
        yield database


def _address() -> str:
    """How the database is reached, as PostgreSQL's own tools read it: without the password, since anyone on
    the machine sees the words of a command."""
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    given = {key: value for key, value in connection.get_connection_params().items() if key in known}
    given.pop("password", None)
    return make_conninfo("", **given)


def _password() -> str:
    return str(connection.settings_dict["PASSWORD"] or "")


def _run(command: list[str], more: list[str], *, connected: bool = True) -> None:
    environment = {**os.environ, "PGPASSWORD": _password()} if _password() else dict(os.environ)
    address = [f"--dbname={_address()}"] if connected else []
    done = subprocess.run(
        [_tool(command[0]), *command[1:], *address, *more], env=environment, capture_output=True, check=False
    )
    if done.returncode:
        raise OperationRefused(_("%(tool)s has failed:") % {"tool": command[0]} + _last_line(done.stderr))


def _last_line(said: bytes) -> str:
    """What a tool said last; it quotes no row."""
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "erreur" in line.lower()]
    return " " + (errors or lines or [""])[0]


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise OperationRefused(
            _("The command %(name)s is missing: install the package postgresql-client.") % {"name": name}
        )
    return found


def _counts(database: psycopg.Connection) -> Counts:
    found = {}
    for (name,) in database.execute(_TABLES).fetchall():
        row = database.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", name))
        ).fetchone()
        found[name] = row[0] if row else 0
    return found


def _rows_of_script(script: Iterator[bytes]) -> Counts:
    """How many rows a script of PostgreSQL gives each table. Each row is a line: line ends inside of values
    are written as `\\n`."""
    counts: Counts = {}
    table = ""
    for line in script:
        if table:
            if line == b"\\.\n":
                table = ""
            else:
                counts[table] += 1
        elif begins := _BEGINS.match(line.rstrip(b"\n")):
            table = begins[1].decode().strip('"').replace('""', '"')
            counts[table] = 0
    return counts
