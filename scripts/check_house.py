"""Checks of this repository that no linter makes. Prints one line per fault; exit code 1 if any.

- No address of a package registry, no path of someone's machine, no lock file of another tool.
- No inline style or script in a template: the content security policy refuses them.
- Days are written by the filters of core/templatetags/times.py, which know « 1er décembre ».
- The present instant comes from core/clock.py, so that a demonstration can set it.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEVER_READ = ("static/vendor/", "scripts/check_house.py")
LOCK_FILES = {
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "uv.lock",
    "poetry.lock",
    "Pipfile.lock",
}


@dataclass(frozen=True)
class Rule:
    pattern: re.Pattern[str]
    why: str
    only: re.Pattern[str]


def rule(pattern: str, why: str, only: str = "") -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), why, re.compile(only))


TAG = re.compile(r"\{%.*?%\}")
PAGES = r"^templates/.*\.html$|/templates/.*\.html$"
APPS = r"^(?!tests/|scripts/|bench/|core/clock\.py$).*(?<!/migrations)/[^/]+\.py$"

RULES = (
    rule(
        r"pypi\.(org|io)|pythonhosted|npmjs|deb\.debian\.org|archive\.ubuntu\.com",
        "address of a package registry",
    ),
    rule(r"(?<![\w.:])/(work|root|Users)/\w", "path of someone's machine"),
    rule(r"\.\./shared", "path outside the repository"),
    rule(r"""\sstyle\s*=\s*["'{]""", "inline style", PAGES),
    rule(r"<style\b", "inline style", PAGES),
    rule(r"<script\b(?![^>]*\bsrc=)", "inline script", PAGES),
    rule(r"""\son[a-z]+\s*=\s*["'{]|\shx-on\b|javascript:""", "inline event handler", PAGES),
    rule(
        r"""\|\s*date\s*:\s*["'](?!(Y-m|Y-m-d|c)["'])""",
        "a day is written by the filters of times.py: Django says « 1 décembre »",
        r"(^|/)templates/",
    ),
    rule(
        r"\bdate_format\(",
        "a day is written by the filters of times.py: Django says « 1 décembre »",
        APPS,
    ),
    rule(r"timezone\.(now\(|local(date|time)\(\))", "use core.clock.now()", APPS),
)


def files() -> list[Path]:
    """All files that are committed, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in sorted(listed.stdout.split("\0")) if name and (ROOT / name).is_file()]


def faults(path: Path) -> Iterator[str]:
    name = path.relative_to(ROOT).as_posix()
    if name.startswith(NEVER_READ):
        return
    if path.name in LOCK_FILES:
        yield f"{name}: another tool's lock file"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return
    rules = [each for each in RULES if each.only.search(name)]
    for number, line in enumerate(lines, start=1):
        if name.endswith(".html"):
            line = TAG.sub("", line)  # an argument of an include may be called style
        for each in rules:
            if found := each.pattern.search(line):
                yield f"{name}:{number}: {each.why}: {found.group().strip()}"


def main() -> int:
    found = [fault for path in files() for fault in faults(path)]
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
