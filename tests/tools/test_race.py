"""A short `make race` on the database of the tests, always with the same draws; the long one is long."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from bench.report import ROOT

pytestmark = pytest.mark.race

SHORT = {"RACE_CLIENTS": "4", "RACE_ROUNDS": "8", "RACE_MINUTES": "0.3", "RACE_SEED": "20261124"}
"""Pairs of actions meet in tests/booking/test_race_pairs.py too."""
LONG = {"RACE_CLIENTS": "8", "RACE_ROUNDS": "20", "RACE_MINUTES": "2"}


@pytest.mark.parametrize("size", [SHORT, pytest.param(LONG, marks=pytest.mark.long)], ids=["short", "long"])
def test_everything_at_once_breaks_nothing(tmp_path: Path, size: dict[str, str]) -> None:
    kind = "postgresql" if "postgresql" in str(settings.DATABASES["default"]["ENGINE"]) else "sqlite"
    result = tmp_path / "race.json"
    env = os.environ | size | {"BENCH_JSON": str(result)}
    ran = subprocess.run(
        [sys.executable, "-m", "bench.race", "--on", kind],
        cwd=ROOT,
        env=env,
        check=False,
        timeout=1200,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-4000:]
    figures = {each["name"]: each["value"] for each in json.loads(result.read_text())["figures"]}
    found = {name: figures[f"race_{name}_{kind}"] for name in ("errors", "broken", "overlaps", "lost_events")}
    assert found == dict.fromkeys(found, 0)
    for name in ("any_two", "any_two_over_http"):
        assert figures[f"race_{name}_events_{kind}"] > 0
