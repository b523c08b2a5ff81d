"""What the documentation names exists. Decision records and the list of renames may name what is gone."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *ROOT.glob("*.md")]
HISTORY = {"renames.md", "CHANGELOG.md"}
# The page on messages says that the files it names are in notifications/.
INSIDE = {"messages.md": ROOT / "notifications", "providers.md": ROOT / "notifications"}
FILE = re.compile(r"`([\w-]+(?:/[\w.-]+)*/[\w-]+\.(?:py|html|css|js|sh|md|toml|po|txt|tsv))`")
PLACEHOLDER = re.compile(r"\bxx\b|\bacme\b")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name not in HISTORY], ids=lambda page: page.name
)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    named = {name for name in FILE.findall(page.read_text(encoding="utf-8")) if not PLACEHOLDER.search(name)}
    roots = (ROOT, INSIDE.get(page.name, ROOT))
    missing = sorted(name for name in named if not any((root / name).exists() for root in roots))
    assert not missing, f"{page.name} names files that do not exist"
