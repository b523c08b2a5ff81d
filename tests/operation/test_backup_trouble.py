"""Backups on the days when the clock, the disk or the database is wrong."""

import gzip
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from operation.copies.sqlite import SqliteCopies
from operation.errors import OperationRefused
from operation.rotation import made_at
from tests.once import ROOT
from tests.upgrades.databases import KIND, Environment, counts, empty_database, run, started

pytestmark = [pytest.mark.process, pytest.mark.database]
only_sqlite = pytest.mark.skipif(KIND != "sqlite", reason="about the file of SQLite")

COMMUNE = ["manage.py", "create_commune", "76498", "--phone", "02 61 91 00 00"]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """An installation with one commune."""
    with empty_database(tmp_path_factory.mktemp("machine"), "trouble") as environment:
        run("manage.py", "migrate", "--no-input", "--verbosity", "0", environment=environment)
        run(*COMMUNE, environment=environment)
        yield environment


def saved(environment: Environment, folder: Path, *arguments: str) -> Path:
    before = set(folder.glob("permanence-*")) if folder.exists() else set()
    run("manage.py", "backup", "--to", str(folder), *arguments, environment=environment)
    (made,) = set(folder.glob("permanence-*")) - before
    return made


def refused(*arguments: str, environment: Environment) -> str:
    done = started("manage.py", *arguments, environment=environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_backup_made_while_the_clock_is_behind_is_not_taken_for_an_old_one(
    machine: Environment, tmp_path: Path
) -> None:
    saved({**machine, "PERMANENCE_NOW": "2026-11-24T03:00"}, tmp_path)
    behind = {**machine, "PERMANENCE_NOW": "2020-01-01T03:00"}
    made = saved(behind, tmp_path, "--keep", "1", "--keep-weeks", "0")
    at = made_at(made.name)
    assert at and at.year == 2020


def test_restoring_the_oldest_backup_does_not_remove_it(machine: Environment, tmp_path: Path) -> None:
    folder = Path(machine["PERMANENCE_VAR"]) / "backups"
    made = [
        saved({**machine, "PERMANENCE_NOW": f"2026-11-{day:02}T03:00"}, folder, "--keep", "9")
        for day in (2, 3)
    ]
    for day in range(4, 17):
        stamp = f"permanence-202611{day:02}T020000Z.tar"
        shutil.copy(made[1], folder / stamp)
    run("manage.py", "restore", str(made[0]), "--replace", environment=machine)
    assert made[0].exists()
    assert len(list(folder.glob("permanence-*"))) == 16


def test_a_backup_that_the_system_ended_leaves_no_copy_behind_the_next_one(
    machine: Environment, tmp_path: Path
) -> None:
    command = [sys.executable, "manage.py", "backup", "--to", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, env=machine, start_new_session=True) as saving:
        end = time.monotonic() + 60
        while not list(tmp_path.glob(".unfinished-*/*")):
            assert time.monotonic() < end
            time.sleep(0.01)
        os.killpg(saving.pid, signal.SIGTERM)
    made = saved(machine, tmp_path)
    assert list(tmp_path.iterdir()) == [made]


def test_the_database_of_another_program_is_left_alone(machine: Environment, tmp_path: Path) -> None:
    path = saved(machine, tmp_path / "backups")
    with empty_database(tmp_path / "theirs", "theirs") as theirs:
        make = "import django; django.setup(); from django.db import connection as c; c.cursor().execute"
        there = {**theirs, "DJANGO_SETTINGS_MODULE": "config.settings"}
        run("-c", f"{make}('CREATE TABLE library_book (title text)')", environment=there)
        assert "library_book" in refused("restore", str(path), environment=theirs)
        assert counts(theirs) == {"library_book": 0}


@only_sqlite
def test_a_database_that_cannot_be_read_is_put_aside_when_asked(tmp_path: Path) -> None:
    with empty_database(tmp_path / "broken", "broken") as broken:
        run("manage.py", "migrate", "--no-input", "--verbosity", "0", environment=broken)
        run(*COMMUNE, environment=broken)
        path = saved(broken, tmp_path / "backups")
        file = tmp_path / "broken" / "permanence.sqlite3"
        file.write_bytes(b"no database " * 1000)
        assert "illisible" in refused("restore", str(path), environment=broken)
        assert file.read_bytes().startswith(b"no database")
        said = run("manage.py", "restore", str(path), "--replace", environment=broken)
        aside = tmp_path / "broken" / "permanence.sqlite3.unreadable-1"
        assert str(aside) in said and aside.read_bytes().startswith(b"no database")
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("SELECT insee_code FROM communes_commune").fetchall() == [("76498",)]


@only_sqlite
def test_a_program_that_opens_the_database_during_the_restore_stops_it(
    machine: Environment, tmp_path: Path
) -> None:
    path = saved(machine, tmp_path)
    database = Path(machine["PERMANENCE_VAR"]) / "permanence.sqlite3"
    before = database.stat().st_ino
    program = ["-m", "tests.in_django", "tests.operation.opened_meanwhile", str(path)]
    said = run(*program, environment=machine)
    assert "refused" in said and "arrêtez" in said
    assert database.stat().st_ino == before


@only_sqlite
def test_a_copy_whose_compression_is_damaged_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(os.urandom(2000) + b"x" * 5000))
    path = tmp_path / "database.sqlite3.gz"
    for place in range(12, len(packed), 7):
        changed = bytearray(packed)
        changed[place] ^= 0x55
        path.write_bytes(changed)
        with pytest.raises(OperationRefused):
            SqliteCopies().read_back(path)
