"""The small parts of `make test-install` that need no root."""

from pathlib import Path

import pytest

from scripts.installation.pages import shell_blocks
from scripts.installation.units import read_environment, read_unit

PAGE = """\
```sh
one
# two
```

```
not run
```

1. In a list:

   ```sh
   three <<END
     four
   END
   ```

```sh debian-12
five
```
"""
UNIT = """\
[Unit]
Description=Something
ExecStart=/not/this

[Service]
# ExecStart=/nor/this
Type=notify
ExecStartPre=-/bin/first 'two words'
ExecStart=/bin/web --port 8000 \\
  --workers 1
EnvironmentFile=/etc/a.env
EnvironmentFile=/etc/b.env
TimeoutStopSec=2min
RestartSec=5
"""


def test_only_blocks_with_the_mark_are_run_as_they_stand():
    assert shell_blocks(PAGE) == ["one\n# two\n", "three <<END\n  four\nEND\n"]
    assert shell_blocks(PAGE, "sh debian-12") == ["five\n"]


def test_a_unit_says_how_to_start_its_process(tmp_path: Path) -> None:
    path = tmp_path / "web.service"
    path.write_text(UNIT, encoding="utf-8")
    unit = read_unit(path)
    assert unit.command() == [["/bin/web", "--port", "8000", "--workers", "1"]]
    assert unit.command("ExecStartPre") == [["/bin/first", "two words"]]
    assert unit.values["EnvironmentFile"] == ["/etc/a.env", "/etc/b.env"]
    assert unit.last("Type") == "notify"
    assert unit.last("User", "root") == "root"


@pytest.mark.parametrize(
    ("name", "seconds"), [("TimeoutStopSec", 120), ("RestartSec", 5), ("WatchdogSec", 30)]
)
def test_a_unit_says_how_long(tmp_path: Path, name: str, seconds: float) -> None:
    path = tmp_path / "web.service"
    path.write_text(UNIT, encoding="utf-8")
    assert read_unit(path).seconds(name, 30) == seconds


def test_an_environment_file_may_quote_its_values(tmp_path: Path) -> None:
    path = tmp_path / "a.env"
    path.write_text("# A=no\nB=postgres:///p?host=/run/p\n\nC='two words'\n", encoding="utf-8")
    assert read_environment(path) == {"B": "postgres:///p?host=/run/p", "C": "two words"}
