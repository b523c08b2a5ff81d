"""A database whose migrations were replaced is left alone, and the demonstration can be made anew."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from scripts import run
from tests.once import ROOT, copy_database, migrated


@pytest.fixture
def of_an_older_version(db):
    MigrationRecorder.Migration.objects.create(app="booking", name="0009_replaced_since")


def test_migrate_refuses_a_database_of_an_older_version(of_an_older_version):
    with pytest.raises(CommandError, match="made by an older version of Permanence") as refused:
        call_command("migrate", verbosity=0)
    assert refused.value.returncode == run.OLDER_DATABASE


def test_the_worker_does_not_start_on_it(of_an_older_version, settings):
    settings.DEBUG = True  # needs no provider
    with pytest.raises(CommandError, match="made by an older version of Permanence"):
        call_command("worker")


def test_migrate_goes_on_with_a_database_of_this_version(db):
    call_command("migrate", verbosity=0)


def test_a_migration_of_a_library_that_is_gone_does_not_matter(db):
    MigrationRecorder.Migration.objects.create(app="axes", name="0001_of_long_ago")
    call_command("migrate", verbosity=0)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The folder of an installation whose database is of an older version."""
    database = tmp_path / "permanence.sqlite3"
    copy_database(migrated(), tmp_path)
    with sqlite3.connect(database) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('booking', '0009_old', '2026-11-01')"
        )
    connection.close()
    return tmp_path


def prepare(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `make run` does before it starts anything, without a terminal."""
    return subprocess.run(
        [sys.executable, "-c", "import os; from scripts import run; run.migrate(dict(os.environ))"],
        cwd=ROOT,
        env={**os.environ, "DEBUG": "1", "PERMANENCE_VAR": str(folder), "DATABASE_URL": "", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.process
def test_make_run_says_how_to_make_the_demonstration_anew_and_changes_nothing(older: Path):
    before = sorted(path.name for path in older.iterdir())
    result = prepare(older)
    assert result.returncode == 1
    assert "made by an older version" in result.stderr
    assert "make run ANEW=1" in result.stderr
    assert "Traceback" not in result.stderr
    assert [path for path in before if "-" not in path] == ["permanence.sqlite3"]
    assert not list(older.glob("permanence-*.sqlite3"))


@pytest.mark.process
def test_made_anew_the_older_database_is_kept_aside(older: Path):
    result = prepare(older, ANEW="1")
    assert result.returncode == 0, result.stderr
    kept = list(older.glob("permanence-2*.sqlite3"))
    assert len(kept) == 1
    assert kept[0].name in result.stdout
    with sqlite3.connect(older / "permanence.sqlite3") as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM django_migrations")}
    connection.close()
    assert "0009_old" not in names
    assert names
