"""A SQLite installation moves to PostgreSQL with every row as it was."""

import gzip
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from operation.moving import tables
from tests.config.outage_servers import ask
from tests.operation.serving import serving
from tests.upgrades.databases import DUMPS, SERVER, Environment, run, started

NAME = f"permanence_moved_{os.getpid()}"

on_postgresql = [
    pytest.mark.process,
    pytest.mark.database,
    pytest.mark.skipif(not SERVER, reason="needs a PostgreSQL server"),
]


@pytest.mark.django_db
def test_every_table_of_the_database_is_copied() -> None:
    known = {model._meta.db_table for model in tables()}
    assert set(connection.introspection.table_names()) - known == {"django_migrations"}


@pytest.fixture
def old(tmp_path: Path) -> Environment:
    """An installation on SQLite, filled and up to date."""
    script = gzip.decompress(max(DUMPS.glob("*.sqlite.sql.gz")).read_bytes()).decode()
    with closing(sqlite3.connect(tmp_path / "permanence.sqlite3")) as database:
        database.executescript(script)
    environment = {
        **os.environ,
        "DEBUG": "1",
        "PERMANENCE_NOW": "2026-11-24T10:00",
        "PERMANENCE_VAR": str(tmp_path),
        "DATABASE_URL": "",
    }
    run("manage.py", "migrate", "--no-input", "--verbosity", "0", environment=environment)
    return environment


@pytest.fixture
def new() -> Iterator[str]:
    """The address of an empty database."""
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(NAME)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        try:
            yield f"{SERVER.rpartition('/')[0]}/{NAME}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


def sqlite(environment: Environment) -> sqlite3.Connection:
    return sqlite3.connect(Path(environment["PERMANENCE_VAR"]) / "permanence.sqlite3")


class TestMove:
    pytestmark = on_postgresql

    def test_all_rows_are_there_and_people_work_on(self, old: Environment, new: str) -> None:
        said = run("manage.py", "copy_database", "--to", new, environment=old)
        assert "identiques dans les deux" in said
        moved = {**old, "DATABASE_URL": new}
        with closing(sqlite(old)) as before, psycopg.connect(new) as after:
            for table in (
                "booking_appointment",
                "notifications_message",
                "agents_agent_groups",
                "axes_accessattempt",
            ):
                count = f"SELECT count(*) FROM {table}"  # noqa: S608 (names of this test)
                row = after.execute(count.encode()).fetchone()
                assert row == before.execute(count).fetchone()
        assert "one appointment booked and announced" in run(
            "-m", "tests.in_django", "tests.upgrades.journey", environment=moved
        )
        assert "n’est pas vide" in started("manage.py", "copy_database", "--to", new, environment=old).stderr

    def test_what_postgresql_does_not_take_is_named_and_nothing_is_half_copied(
        self, old: Environment, new: str
    ) -> None:
        with closing(sqlite(old)) as database:
            database.execute("UPDATE communes_site SET name = ? WHERE id = 1", ("x" * 1000,))
            database.commit()
        done = started("manage.py", "copy_database", "--to", new, environment=old)
        assert done.returncode == 1
        assert "communes_site" in done.stderr
        assert "Traceback" not in done.stderr
        with psycopg.connect(new) as database:
            assert database.execute("SELECT count(*) FROM communes_commune").fetchone() == (0,)

    def test_nobody_may_work_in_the_old_one_meanwhile(self, old: Environment, new: str) -> None:
        with serving(old) as url:
            assert ask(f"{url}/connexion/").status == 200
            refused = started("manage.py", "copy_database", "--to", new, environment=old)
            assert refused.returncode == 1
            assert "arrêtez" in refused.stderr
            assert "essai" in run("manage.py", "copy_database", "--to", new, "--in-use", environment=old)

    def test_a_database_of_another_program_is_left_alone(self, old: Environment, new: str) -> None:
        with psycopg.connect(new) as database:
            database.execute("CREATE TABLE django_session (session_key text)")
            database.execute("CREATE TABLE library_book (title text)")
            database.execute("INSERT INTO django_session VALUES ('theirs')")
        done = started("manage.py", "copy_database", "--to", new, environment=old)
        assert done.returncode == 1
        assert "library_book" in done.stderr and "Traceback" not in done.stderr
        with psycopg.connect(new) as database:
            assert database.execute("SELECT * FROM django_session").fetchall() == [("theirs",)]
