"""Which files make a screen reload when they change: all those that it keeps."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project

from kiosk.release import release


@pytest.mark.parametrize(
    "changed",
    ["static/js/kiosk/live.js", "templates/kiosk/board/board.html", "templates/kiosk/sheets/_keys.html"],
)
def test_a_screen_takes_up_a_change_of_what_it_keeps(changed: str, settings: Any, tmp_path: Path) -> None:
    before = release.__wrapped__()
    for folder in ("static/js", "static/css", "templates/kiosk"):
        shutil.copytree(Path(project.BASE_DIR) / folder, tmp_path / folder)
    settings.BASE_DIR = tmp_path
    assert release.__wrapped__() == before
    with (tmp_path / changed).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert release.__wrapped__() != before
