"""A setting that cannot be read: each command says which one, in a line, without a traceback or a secret."""

import os
from pathlib import Path

import pytest

from tests.upgrades.databases import started

pytestmark = pytest.mark.process

KEY = "0123456789" * 5 + "abcdefghij"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgres://user:secret-word@host:port/name"}, "DATABASE_URL"),
        ({"EMAIL_URL": "smtp://user:secret-word@host:port"}, "EMAIL_URL"),
        ({"PUBLIC_BASE_URL": "https://permanence.exemple.fr:https"}, "PUBLIC_BASE_URL"),
        ({"PERMANENCE_VAR": "/dev/null/permanence"}, "PERMANENCE_VAR"),
        ({"EMAIL_URL_FILE": "{binary}"}, "EMAIL_URL_FILE"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
    ],
)
def test_the_wrong_setting_is_named_in_a_line(tmp_path: Path, wrong: dict[str, str], named: str) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    environment = {
        **os.environ,
        "DEBUG": "0",
        "SECRET_KEY": KEY,
        "DATABASE_URL": "",
        "PERMANENCE_VAR": str(tmp_path),
        **{name: value.format(binary=binary) for name, value in wrong.items()},
    }
    done = started("manage.py", "doctor", environment=environment)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Settings: ") and named in done.stderr.splitlines()[0]
    assert "secret-word" not in done.stdout + done.stderr
