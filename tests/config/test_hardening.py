"""What an installation refuses or hides by default."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config.checks import check_preload
from core.sqlite.base import make_private
from notifications.checks import refuse_half_a_provider
from notifications.providers.twilio import conf, provider
from tests.once import DATABASE, ROOT, copy_database, migrated

SETTINGS = "from django.conf import settings as s; print({})"


def python(code: str, folder: Path, **environment: str) -> str:
    """What a process of an installation prints; its database is in this folder."""
    done = subprocess.run(
        [sys.executable, "-c", f"import os; os.umask(0o022); import django; django.setup(); {code}"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": "",
            "PERMANENCE_VAR": str(folder),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout if done.returncode == 0 else done.stderr


@pytest.mark.parametrize(
    ("environment", "header"),
    [
        ({}, "max-age=31536000"),
        ({"SECURE_HSTS_INCLUDE_SUBDOMAINS": "1"}, "max-age=31536000; includeSubDomains"),
        (
            {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "1", "SECURE_HSTS_PRELOAD": "1"},
            "max-age=31536000; includeSubDomains; preload",
        ),
    ],
)
def test_other_names_and_preloading_are_choices(
    tmp_path: Path, environment: dict[str, str], header: str
) -> None:
    ask = "Client().get('/health', secure=True)['Strict-Transport-Security']"
    said = python(
        f"from django.test import Client; print({ask})",
        tmp_path,
        PUBLIC_BASE_URL="https://rendez-vous.example",
        **environment,
    )
    assert said.strip() == header


def test_preloading_needs_the_names_below_too(settings: Any) -> None:
    settings.SECURE_HSTS_PRELOAD, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True, False
    assert [each.id for each in check_preload(None)] == ["config.E005"]
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    assert not check_preload(None)


WRITE = (
    "from django.db import connection; c = connection.cursor(); c.execute('CREATE TABLE t (a)'); "
    "import pathlib; d = pathlib.Path(os.environ['PERMANENCE_VAR']); "
    "print(*(f'{p.name} {p.stat().st_mode & 0o777:o}' for p in sorted(d.glob('*.sqlite3*'))), sep=',')"
)
PRIVATE = f"{DATABASE} 600,{DATABASE}-shm 600,{DATABASE}-wal 600"


def test_nobody_else_can_read_a_new_sqlite_file_nor_what_is_beside_it(tmp_path: Path) -> None:
    assert python(WRITE, tmp_path).strip() == PRIVATE


def test_a_file_that_others_could_read_is_closed(tmp_path: Path) -> None:
    copy_database(migrated(), tmp_path)
    for name in ("", "-wal", "-shm"):
        path = tmp_path / f"{DATABASE}{name}"
        path.touch()
        path.chmod(0o644)
    assert python(WRITE, tmp_path).strip() == PRIVATE
    assert stat.S_IMODE((tmp_path / DATABASE).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("account", "token", "faults"), [("AC1", "", 1), ("", "t", 1), ("AC1", "t", 0), ("", "", 0)]
)
def test_half_of_twilio_is_an_error(
    monkeypatch: pytest.MonkeyPatch, account: str, token: str, faults: int
) -> None:
    monkeypatch.setattr(conf, "ACCOUNT_SID", account)
    monkeypatch.setattr(conf, "AUTH_TOKEN", token)
    assert [each.id for each in provider.check()] == ["twilio.E001"] * faults
    if faults:
        with pytest.raises(ImproperlyConfigured, match="belong together"):
            refuse_half_a_provider()
    else:
        refuse_half_a_provider()


WORKER = "from django.core.management import call_command; call_command('worker')"


@pytest.mark.parametrize("start", ["import config.asgi", WORKER])
def test_neither_web_nor_worker_starts_with_half_of_twilio(tmp_path: Path, start: str) -> None:
    said = python(start, tmp_path, TWILIO_ACCOUNT_SID="AC1")
    assert "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together" in said


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "anything"])
def test_a_monitor_on_the_machine_is_answered_whatever_the_allowed_hosts(
    db: None, tuesday: object, settings: Any, host: str
) -> None:
    settings.ALLOWED_HOSTS = ["rendez-vous.example"]
    health = Client().get("/health", headers={"Host": host})
    assert health.json()["database"] == "ok"
    assert Client().get("/connexion/", headers={"Host": host}).status_code == 400


def test_making_the_file_private_loses_no_lock_of_sqlite(tmp_path: Path) -> None:
    """To close any descriptor of the file would: another process could then write in the middle."""
    name = str(tmp_path / DATABASE)
    holder = sqlite3.connect(name, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    make_private(name)
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN EXCLUSIVE')"
    other = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=False)
    holder.close()
    assert "database is locked" in other.stderr
