"""An installation that people work in is saved, and put back on an empty machine, on both databases."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from tests.config.outage_servers import ask
from tests.once import ROOT
from tests.operation.serving import serving
from tests.upgrades.databases import (
    KIND,
    Environment,
    counts,
    dumps,
    empty_database,
    filled_database,
    run,
    started,
)

pytestmark = [pytest.mark.process, pytest.mark.database]

NEWEST = dumps()[-1]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """The demonstration, with a row in every table, up to date."""
    with filled_database(NEWEST, tmp_path_factory.mktemp("filled")) as environment:
        run("manage.py", "migrate", "--no-input", "--verbosity", "0", environment=environment)
        yield environment


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Environment]:
    """Another one, with an empty database."""
    with empty_database(tmp_path / "machine", "machine") as environment:
        yield environment


def saved(environment: Environment, folder: Path, *arguments: str) -> Path:
    before = set(folder.glob("*")) if folder.exists() else set()
    run("manage.py", "backup", "--to", str(folder), *arguments, environment=environment)
    (made,) = set(folder.glob("*")) - before
    return made


def refused(*arguments: str, environment: Environment) -> str:
    done = started("manage.py", *arguments, environment=environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def held(path: Path) -> dict[str, int]:
    with tarfile.open(path) as tar:
        source = tar.extractfile("manifest.json")
        assert source
        found: dict[str, int] = json.load(source)["counts"]
        return found


def rows(environment: Environment, query: LiteralString) -> list[tuple[int]]:
    if KIND == "sqlite":
        with closing(sqlite3.connect(Path(environment["PERMANENCE_VAR"]) / "permanence.sqlite3")) as database:
            return database.execute(query).fetchall()
    with psycopg.connect(environment["DATABASE_URL"]) as database:
        return database.execute(query).fetchall()


def booked(environment: Environment) -> set[int]:
    """The numbers of all appointments."""
    return {pk for (pk,) in rows(environment, "SELECT id FROM booking_appointment")}


def without_an_event(environment: Environment) -> int:
    """Appointments whose log is missing: they would be half of what somebody did."""
    query: LiteralString = (
        "SELECT count(*) FROM booking_appointment a WHERE NOT EXISTS"
        " (SELECT 1 FROM booking_appointmentevent e WHERE e.appointment_id = a.id)"
    )
    return rows(environment, query)[0][0]


def test_bookings_go_on_and_the_copy_starts_and_answers(
    filled: Environment, machine: Environment, tmp_path: Path
) -> None:
    file, folder = tmp_path / "booked", tmp_path / "backups"
    file.touch()
    before, earlier = without_an_event(filled), booked(filled)
    command = [sys.executable, "-m", "tests.in_django", "tests.operation.booking_on", str(file)]
    with subprocess.Popen(command, cwd=ROOT, env=filled) as booking:
        try:
            wait_until(lambda: file.read_text().count("\n") >= 2)
            certain = {int(line) for line in file.read_text().split()}
            path = saved(filled, folder)
            assert booking.poll() is None, "bookings went on all the while"
            at_most = {int(line) for line in file.read_text().split()}
        finally:
            booking.terminate()
    run("manage.py", "restore", str(path), environment=machine)
    there = booked(machine)
    assert certain <= there, "what a page had answered before it began is in it"
    assert len(there - certain - earlier) <= len(at_most - certain) + 1
    assert counts(machine) == held(path) | {
        "notifications_heartbeat": counts(machine)["notifications_heartbeat"]
    }
    assert without_an_event(machine) <= before
    assert len(counts(machine)) > 70
    with serving(machine) as url:
        assert ask(f"{url}/connexion/").status == 200
    assert "one appointment booked and announced" in run(
        "-m", "tests.in_django", "tests.upgrades.journey", environment=machine
    )


def wait_until(what: object, seconds: float = 60) -> None:
    assert callable(what)
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_a_backup_is_read_back_and_only_its_owner_can_read_it(filled: Environment, tmp_path: Path) -> None:
    path = saved(filled, tmp_path / "backups")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    said = run("manage.py", "restore", str(path), "--check", environment=filled)
    assert f"{sum(held(path).values())} lignes" in said.replace("\u202f", "").replace("\xa0", " ")


def test_a_filled_database_is_replaced_only_when_asked_and_saved_before(
    filled: Environment, machine: Environment, tmp_path: Path
) -> None:
    path = saved(filled, tmp_path / "backups")
    run("manage.py", "restore", str(path), environment=machine)
    run("-m", "tests.in_django", "tests.upgrades.journey", environment=machine)
    changed = booked(machine)
    assert "n’est pas vide" in refused("restore", str(path), environment=machine)
    assert booked(machine) == changed
    kept = Path(machine["PERMANENCE_VAR"]) / "backups"
    run("manage.py", "restore", str(path), "--replace", environment=machine)
    assert booked(machine) < changed
    (before,) = kept.iterdir()
    run("manage.py", "restore", str(before), "--replace", environment=machine)
    assert booked(machine) == changed


def test_nothing_is_restored_under_programs_that_run(
    filled: Environment, machine: Environment, tmp_path: Path
) -> None:
    path = saved(filled, tmp_path / "backups")
    run("manage.py", "restore", str(path), environment=machine)
    there = booked(machine)
    with serving(machine) as url:
        assert ask(f"{url}/connexion/").status == 200
        said = refused("restore", str(path), "--replace", environment=machine)
    assert "arrêtez" in said
    assert booked(machine) == there


def test_a_damaged_or_foreign_file_changes_nothing(
    filled: Environment, machine: Environment, tmp_path: Path
) -> None:
    path = saved(filled, tmp_path / "backups")
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(whole)
    assert refused("restore", str(damaged), environment=machine)
    assert "Il n’y a pas de fichier" in refused("restore", str(tmp_path / "none.tar"), environment=machine)
    run("manage.py", "restore", str(path), environment=machine)


def test_one_of_a_newer_version_or_of_the_other_kind_is_refused(
    filled: Environment, machine: Environment, tmp_path: Path
) -> None:
    path = saved(filled, tmp_path / "backups")
    for change, words in (
        ({"migrations": ["booking.9999_tomorrow"], "version": "9.0"}, "9.0"),
        ({"kind": "postgresql" if KIND == "sqlite" else "sqlite"}, "copy_database"),
    ):
        folder = tmp_path / words
        folder.mkdir()
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
        described = folder / "manifest.json"
        values = json.loads(described.read_text(encoding="utf-8")) | change
        described.write_text(json.dumps(values), encoding="utf-8")
        other = tmp_path / f"{words}.tar"
        with tarfile.open(other, "w") as tar:
            for each in folder.iterdir():
                tar.add(each, each.name)
        said = refused("restore", str(other), environment=machine)
        assert words in said or (change.get("kind") and "endommag" in said)


def test_a_killed_backup_leaves_no_file_that_looks_like_one(filled: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    command = [sys.executable, "manage.py", "backup", "--to", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, env=filled, start_new_session=True) as saving:
        wait_until(lambda: folder.exists() and any(folder.glob(".unfinished-*/*")))
        os.killpg(saving.pid, signal.SIGKILL)
    assert list(folder.glob("permanence-*")) == []
    saved_after = saved(filled, folder)
    run("manage.py", "restore", str(saved_after), "--check", environment=filled)


def test_a_disk_without_room_is_said_and_the_old_ones_stay(filled: Environment, tmp_path: Path) -> None:
    first = saved(filled, tmp_path / "backups", "--keep", "1", "--keep-weeks", "0")
    script = "ulimit -f 64; exec " + " ".join(
        [sys.executable, "manage.py", "backup", "--to", str(first.parent)]
    )
    done = subprocess.run(
        ["bash", "-c", script + " --keep 1 --keep-weeks 0"],
        cwd=ROOT,
        env={**filled, "PERMANENCE_NOW": "2026-11-25T10:00"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert [each for each in first.parent.iterdir() if not each.name.startswith(".")] == [first]


@pytest.fixture
def gnupg_home() -> Iterator[str]:
    """A folder with a short name, as its agent listens in it; it ends with the test."""
    with tempfile.TemporaryDirectory(prefix="gnupg-", ignore_cleanup_errors=True) as home:
        yield home
        stop = ["gpgconf", "--kill", "all"]
        subprocess.run(stop, env={**os.environ, "GNUPGHOME": home}, check=False)


@pytest.mark.skipif(shutil.which("gpg") is None, reason="GnuPG is not installed")
def test_encrypted_for_a_key_of_gnupg(
    filled: Environment, machine: Environment, tmp_path: Path, gnupg_home: str
) -> None:
    keys = {"GNUPGHOME": gnupg_home}
    quick = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "mairie@example.org"]
    subprocess.run([*quick, "default", "default", "never"], env={**os.environ, **keys}, check=True)
    path = saved({**filled, **keys}, tmp_path / "backups", "--encrypt-for", "mairie@example.org")
    assert path.suffix == ".gpg"
    assert b"manifest" not in path.read_bytes()
    run("manage.py", "restore", str(path), environment={**machine, **keys})
    assert booked(machine) == booked(filled)
    for nobody in ("x", "mairie", "example.org", "other-mairie@example.org"):
        said = refused(
            "backup", "--to", str(tmp_path), "--encrypt-for", nobody, environment={**filled, **keys}
        )
        assert nobody in said or "chiffrée" in said
    assert list(tmp_path.glob("permanence-*")) == []


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed")
def test_encrypted_for_a_key_of_age(filled: Environment, machine: Environment, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["age-keygen", "-o", str(key)], check=True, capture_output=True)
    public = subprocess.run(["age-keygen", "-y", str(key)], check=True, capture_output=True, text=True)
    path = saved(filled, tmp_path / "backups", "--encrypt-for", public.stdout.strip())
    assert path.suffix == ".age"
    assert "--identity" in refused("restore", str(path), environment=machine)
    other = tmp_path / "other"
    subprocess.run(["age-keygen", "-o", str(other)], check=True, capture_output=True)
    said = refused("restore", str(path), "--identity", str(other), environment=machine)
    assert "no identity matched" in said and "report" not in said
    run("manage.py", "restore", str(path), "--identity", str(key), environment=machine)
    assert booked(machine) == booked(filled)
