"""The README names every environment variable that the settings read, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = ("config/settings.py", "core/env.py", "notifications/providers/*/conf.py")
NOT_OF_THE_SETTINGS = {"TEST_DATABASE_URL"}


def test_every_variable_is_in_the_readme_and_none_besides():
    sources = "".join(
        path.read_text(encoding="utf-8") for pattern in READERS for path in sorted(ROOT.glob(pattern))
    )
    read = set(re.findall(r'\benv(?:_bool|_choice|_int|_list|_url)?\("([A-Z_]+)"', sources))
    configuration = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Configuration")[2]
    rows = [line for line in configuration.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([A-Z][A-Z_]+)`", row.split("|")[1])}
    assert named == read


def test_every_path_that_it_links_to_exists():
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_module_that_the_architecture_page_names_exists():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:\w+/)+[\w.]*)`", page):
        assert (ROOT / name).exists(), name
