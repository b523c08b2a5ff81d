"""What the doctor says in one place each: one and many, night and day, a folder that is not the right one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from communes.models import Commune
from kiosk.models import Screen
from operation.doctor import around, base
from operation.doctor.finding import Finding, Level
from tests.clocks import SetClock
from tests.factories import at, make_site
from tests.kiosk.conftest import make_screen

pytestmark = pytest.mark.django_db


@pytest.fixture
def dark(commune: Commune) -> Screen:
    """The only screen, of a place that is open until noon."""
    site = make_site(commune, opening_hours="Mo-Fr 09:00-12:00")
    screen, _client = make_screen(site, None, name="Hall", last_seen_at=at(9, 30))
    return screen


def of_screens() -> Finding:
    (found,) = around.screens()
    return found


def test_all_screens_dark_while_a_place_is_open_is_bad(dark: Screen, set_clock: SetClock) -> None:
    set_clock(at(10))
    assert of_screens().level == Level.BAD


def test_screens_that_are_switched_off_at_night_are_not_bad(dark: Screen, set_clock: SetClock) -> None:
    set_clock(at(22))
    assert of_screens().level == Level.DOUBTFUL


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(minutes=20), "il y a moins d’une heure"),
        (timedelta(minutes=80), "il y a 1 heure."),
        (timedelta(hours=9), "il y a 9 heures."),
    ],
)
def test_when_the_last_backup_was_made_is_said_as_people_say_it(
    age: timedelta, said: str, tmp_path: Path, settings: Any, tuesday: datetime
) -> None:
    settings.BACKUP_FOLDER = tmp_path
    (tmp_path / f"permanence-{(tuesday - age).astimezone(UTC):%Y%m%dT%H%M%SZ}.tar").touch()
    first, *_others = around.backups()
    assert said in first.found


def test_a_folder_without_a_database_is_named_and_stays_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new file in a wrong folder would look like an installation without tables."""
    if connection.vendor != "sqlite":
        pytest.skip("of SQLite")
    file = tmp_path / "permanence.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    (found,) = base.database()
    assert found.is_bad
    assert str(file) in found.found
    assert "PERMANENCE_VAR" in found.to_do
    assert not list(tmp_path.iterdir())
