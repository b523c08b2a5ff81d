"""The pretended present: honoured to the second, or refused; never ignored."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.checks import check_clock
from core import clock
from tests.clocks import SetClock
from tests.factories import PARIS, TUESDAY
from tests.once import ROOT

MINUTE = timedelta(minutes=1)


@pytest.fixture
def pretended(settings: Any, real_clock: None) -> Any:
    """The settings, where a present may be pretended, with the clock as the processes have it."""
    settings.DEBUG = True
    return settings


def test_an_instant_goes_on_from_the_second_it_names(pretended: Any) -> None:
    pretended.PERMANENCE_NOW = f"2026-11-24T10:00 @{time.time() - 600}"

    assert abs(clock.now() - TUESDAY - timedelta(minutes=10)) < MINUTE
    assert clock.now().tzinfo is UTC


def test_an_instant_of_the_environment_is_true_when_the_settings_are_read() -> None:
    ahead = clock.offset(clock.anchored("2026-11-24T10:00+04:00"))

    there = datetime.fromisoformat("2026-11-24T10:00+04:00")
    assert abs(datetime.now(UTC) + ahead - there) < MINUTE
    assert clock.anchored("2026-11-24T10:00 @5") == "2026-11-24T10:00 @5"
    assert clock.anchored("") == ""


def test_the_clock_of_running_processes_is_moved_by_a_file(pretended: Any, tmp_path: Path) -> None:
    file = tmp_path / "now"
    pretended.PERMANENCE_NOW_FILE = str(file)
    for moment in (TUESDAY, datetime(2027, 3, 28, 4, tzinfo=PARIS)):
        file.write_text(f"{moment.isoformat()} @{time.time()}", encoding="ascii")
        assert abs(clock.now() - moment) < MINUTE


REFUSED = {
    "PERMANENCE_NOW": {
        "no second at which it was true": "2026-11-24T10:00",
        "no instant": "mardi @5",
        "no second": "2026-11-24T10:00 @midi",
        "endless": "2026-11-24T10:00 @1e400",
    },
    "PERMANENCE_NOW_FILE": {"no such file": "/nowhere/now"},
}


@pytest.mark.parametrize(
    ("name", "text"),
    [pytest.param(name, text, id=why) for name, texts in REFUSED.items() for why, text in texts.items()],
)
def test_what_is_no_instant_is_refused_and_not_ignored(pretended: Any, name: str, text: str) -> None:
    setattr(pretended, name, text)

    with pytest.raises(ImproperlyConfigured):
        clock.now()
    assert [error.id for error in check_clock(None)] == ["config.E001"]


@pytest.mark.parametrize("content", ["", "2026-11-24T10:00", "è"])
def test_a_file_that_names_no_instant_is_refused(pretended: Any, tmp_path: Path, content: str) -> None:
    (tmp_path / "now").write_text(content, encoding="utf-8")
    pretended.PERMANENCE_NOW_FILE = str(tmp_path / "now")

    with pytest.raises(ImproperlyConfigured):
        clock.now()
    assert check_clock(None)


@pytest.mark.parametrize("name", ["PERMANENCE_NOW", "PERMANENCE_NOW_FILE"])
def test_without_debug_a_pretended_present_is_refused(pretended: Any, name: str) -> None:
    pretended.DEBUG = False
    setattr(pretended, name, f"2026-11-24T10:00 @{time.time()}")

    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        clock.now()


@pytest.mark.process
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["manage.py", "check"], id="check"),
        pytest.param(["-c", "import config.asgi"], id="web"),
    ],
)
def test_no_process_starts_that_would_ignore_it(command: list[str]) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "0",
        "SECRET_KEY": "k" * 60,
        "PERMANENCE_NOW": "2026-11-24T10:00",
    }
    ended = subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode != 0
    assert "PERMANENCE_NOW is set while DEBUG is off" in ended.stderr


# ---- what the tests themselves promise (tests/clocks.py) ----------------------------------------------


def test_a_test_that_did_not_ask_for_a_clock_cannot_read_one() -> None:
    with pytest.raises(AssertionError, match="without having asked"):
        clock.now()


def test_a_present_set_where_the_tests_ignore_it_is_refused(settings: Any, set_clock: SetClock) -> None:
    settings.PERMANENCE_NOW = f"2026-11-24T10:00 @{time.time()}"

    with pytest.raises(AssertionError, match="ignored"):
        clock.now()


def test_the_clock_of_a_test_stands_where_it_was_put(set_clock: SetClock) -> None:
    assert clock.now() == clock.now() == TUESDAY
    set_clock(TUESDAY + MINUTE)
    assert clock.now() == TUESDAY + MINUTE
