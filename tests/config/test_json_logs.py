"""The log as JSON: one object a line, with nothing in it that the plain log would not write."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from config.server.log_json import OneObject
from tests.once import ROOT


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(OneObject())
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def test_a_refused_request_writes_its_route_and_not_the_request(lines: Lines, db: None) -> None:
    Client().get("/invitation/secret-of-an-invitation/plus/?q=Bensaïd")
    assert "secret-of" not in "".join(lines.written) and "Bensa" not in "".join(lines.written)
    found = [json.loads(line) for line in lines.written]
    told = next(each for each in found if each["logger"] == "django.request")
    assert set(told) == {"time", "level", "logger", "message"}
    assert told["level"] == "WARNING" and told["message"].startswith("Not Found: /invitation/")


def test_the_time_says_of_which_zone_it_is(lines: Lines) -> None:
    before = datetime.now(UTC)
    logging.getLogger("permanence").warning("bonjour")
    told = datetime.fromisoformat(json.loads(lines.written[0])["time"])
    assert told.utcoffset() == timedelta(0)
    assert abs(told - before) < timedelta(minutes=1)


def test_a_fault_has_its_traceback_in_the_same_line(lines: Lines) -> None:
    try:
        raise RuntimeError("perdu :\n« é »")
    except RuntimeError:
        logging.getLogger("permanence").exception("échec %s", 3)
    (line,) = lines.written
    assert "\n" not in line
    found = json.loads(line)
    assert found["message"] == "échec 3" and found["level"] == "ERROR"
    assert "RuntimeError: perdu" in found["traceback"]


@pytest.mark.parametrize(("chosen", "refusal"), [("json", ""), ("plain", ""), ("xml", "LOG_FORMAT must be")])
def test_the_setting_chooses_the_form(chosen: str, refusal: str) -> None:
    code = "import django, logging; django.setup(); logging.getLogger('x').warning('bonjour')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE, "LOG_FORMAT": chosen},
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == bool(refusal)
    last = done.stderr.splitlines()[-1]
    if refusal:
        assert refusal in last
    else:
        assert (last[0] == "{") == (chosen == "json") and "bonjour" in last
