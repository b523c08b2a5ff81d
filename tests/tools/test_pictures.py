"""When `make check` warns that the pictures in docs/screens/ are older than what they show."""

from pathlib import Path

import pytest

from scripts.pictures import PARTS, note, outdated


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (
        "templates/desk/desk.html",
        "templates/kiosk/board/board.html",
        "static/css/desk.css",
        "static/css/kiosk/board.css",
        "static/css/tokens.css",
        "docs/screens/desk.webp",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("as it was", encoding="utf-8")
    for part in PARTS:
        note(tmp_path, part)
    return tmp_path


def test_pictures_just_made_are_not_outdated(root):
    assert outdated(root) == []


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ("templates/desk/desk.html", ["agents"]),
        ("static/css/desk.css", ["agents"]),
        ("static/css/kiosk/board.css", ["kiosk"]),
        ("static/css/tokens.css", ["agents", "kiosk"]),
        ("templates/desk/_new.html", ["agents"]),
    ],
)
def test_a_changed_template_or_style_makes_its_pictures_outdated(root, changed, parts):
    (root / changed).write_text("as it is", encoding="utf-8")
    assert outdated(root) == parts
    for part in parts:
        note(root, part)
    assert outdated(root) == []


def test_pictures_that_nobody_noted_are_outdated(root):
    (root / "docs/screens/made-from.txt").unlink()
    assert outdated(root) == ["agents", "kiosk"]
