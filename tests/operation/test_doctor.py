"""Broken installations, each with its fault alone, and one that works."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.installation import free_port
from tests.config.outage_servers import PRODUCTION, can_mount, small_disk
from tests.once import DATABASE, ROOT, copy_database, migrated
from tests.upgrades.databases import started

pytestmark = pytest.mark.process


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An installation of today in which nothing is wrong, apart from the world around it."""
    copy_database(migrated(), tmp_path)
    now = datetime.now(UTC)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        beat(database, now)
    backups = tmp_path / "backups"
    backups.mkdir()
    (backups / f"permanence-{now - timedelta(hours=9):%Y%m%dT%H%M%SZ}.tar").touch()
    return {
        **os.environ,
        **PRODUCTION,
        "SECRET_KEY": "0123456789" * 5 + "abcdefghij",
        "DATABASE_URL": "",
        "PERMANENCE_VAR": str(tmp_path),
        "PUBLIC_BASE_URL": f"https://127.0.0.1:{free_port()}",
        "EMAIL_URL": "",
        "SEVEN_API_KEY": "a key",
        "SEVEN_SIGNING_KEY": "another key",
    }


def beat(database: sqlite3.Connection, at: datetime) -> None:
    database.execute(
        "REPLACE INTO notifications_heartbeat (name, at) VALUES ('sweep', ?)", (f"{at:%Y-%m-%d %H:%M:%S}",)
    )
    database.commit()


def bad(environment: dict[str, str]) -> dict[str, str]:
    """What is bad, but for the public address, at which nobody answers here."""
    done = started("manage.py", "doctor", environment=environment)
    assert "Traceback" not in done.stderr, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert done.returncode == bool(lines)
    found = dict(line[2:].split("  ", 1) for line in lines)
    assert found.pop("Adresse publique")
    for line in lines:
        following = done.stdout.splitlines()[done.stdout.splitlines().index(line) + 1]
        assert following.startswith("  → "), "each says what to do"
    return found


def test_one_that_works(environment: dict[str, str]) -> None:
    assert bad(environment) == {}


@pytest.mark.parametrize("minutes", [None, 47])
def test_without_a_worker(environment: dict[str, str], minutes: int | None) -> None:
    with closing(sqlite3.connect(Path(environment["PERMANENCE_VAR"]) / DATABASE)) as database:
        if minutes is None:
            database.execute("DELETE FROM notifications_heartbeat")
            database.commit()
        else:
            beat(database, datetime.now(UTC) - timedelta(minutes=minutes))
    found = bad(environment)
    assert set(found) == {"Worker"}
    assert (str(minutes) if minutes else "jamais") in found["Worker"]


def test_without_a_provider(environment: dict[str, str]) -> None:
    assert set(bad({**environment, "SEVEN_API_KEY": "", "SEVEN_SIGNING_KEY": ""})) == {"Fournisseur"}


@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not installed")
def test_with_a_clock_that_was_set_back(environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["faketime", "-f", "-90m", sys.executable, "manage.py", "doctor"],
        cwd=ROOT,
        env={**environment, "NO_FAKE_STAT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "✗ Horloge" in done.stdout
    assert "90 minutes" in done.stdout


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    if not can_mount(tmp_path):
        pytest.skip("no small disk can be mounted here")
    with small_disk(tmp_path / "disk", "90m") as folder:
        yield folder


def test_with_a_full_disk(environment: dict[str, str], full: Path) -> None:
    copy_database(Path(environment["PERMANENCE_VAR"]), full)
    shutil.copytree(Path(environment["PERMANENCE_VAR"]) / "backups", full / "backups")
    assert set(bad({**environment, "PERMANENCE_VAR": str(full)})) == {"Place sur le disque"}


def test_with_a_migration_to_come(environment: dict[str, str]) -> None:
    with closing(sqlite3.connect(Path(environment["PERMANENCE_VAR"]) / DATABASE)) as database:
        last = "SELECT max(id) FROM django_migrations WHERE app = 'notifications'"
        database.execute(f"DELETE FROM django_migrations WHERE id = ({last})")  # noqa: S608 (of this test)
        database.commit()
    found = bad(environment)
    assert set(found) == {"Migrations"}
    assert "notifications." in found["Migrations"]


def test_with_tables_of_an_older_day(environment: dict[str, str]) -> None:
    with closing(sqlite3.connect(Path(environment["PERMANENCE_VAR"]) / DATABASE)) as database:
        database.execute("ALTER TABLE kiosk_screen DROP COLUMN plays_sound")
        database.commit()
    assert set(bad(environment)) == {"Base de données"}


def test_an_address_with_a_name_that_cannot_be(environment: dict[str, str]) -> None:
    for host in (f"{'a' * 70}.fr", "mairie..fr"):
        assert bad({**environment, "PUBLIC_BASE_URL": f"https://{host}"}) == {}


def test_without_a_database(environment: dict[str, str]) -> None:
    address = f"postgres://nobody:secret-word@127.0.0.1:{free_port()}/none"
    assert set(bad({**environment, "DATABASE_URL": address})) == {"Base de données"}


def test_without_a_backup_since_yesterday(environment: dict[str, str]) -> None:
    (backup,) = (Path(environment["PERMANENCE_VAR"]) / "backups").iterdir()
    backup.rename(backup.with_name("permanence-20260101T020000Z.tar"))
    assert set(bad(environment)) == {"Sauvegardes"}


def test_nothing_of_people_and_no_secret_is_said(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DEBUG": "1",
        "DATABASE_URL": "",
        "PERMANENCE_VAR": str(tmp_path),
        "PERMANENCE_NOW": "2026-11-24T10:00",
        "SECRET_KEY": "a-secret-word",
        "SEVEN_API_KEY": "another-secret-word",
        "SEVEN_SIGNING_KEY": "a-third-secret-word",
    }
    for command in ("migrate", "demo"):
        done = started("manage.py", command, environment=environment)
        assert done.returncode == 0, done.stderr
    said = started("manage.py", "doctor", environment=environment)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        rows = database.execute("SELECT first_name, last_name FROM booking_resident")
        names = {name for row in rows for name in row}
        names |= {row[0] for row in database.execute("SELECT number FROM booking_residentphone")}
        names |= {row[0] for row in database.execute("SELECT last_name FROM agents_agent")}
    words = set(said.stdout.replace(",", " ").split())
    assert len(names) > 50
    assert not names & words
    assert "secret-word" not in said.stdout + said.stderr
