"""Check that requirements/*.txt still hold what pyproject.toml declares. Exit code 1 if not.

Every declared dependency is pinned to a version that its declaration allows and explained in
docs/dependencies.md; dev.txt holds base.txt pin for pin; every pin has hashes; no line names an address.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<rest>[^\n]*(?:\n +[^\n]*)*)", re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    return {
        canonicalize_name(found["name"]): found["version"] for found in PIN.finditer(path.read_text("utf-8"))
    }


def undeclared(name: str, dependencies: list[str]) -> Iterator[str]:
    """Declared dependencies that the pins do not satisfy, or that docs/dependencies.md does not explain."""
    pinned = pins(REQUIREMENTS / name)
    explained = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    for text in dependencies:
        requirement = Requirement(text)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            yield f"{name}: {requirement.name} is declared and not pinned; run make requirements"
        elif version not in requirement.specifier:
            yield f"{name}: {requirement.name} {version} does not satisfy {text!r}; run make requirements"
        if f"`{requirement.name}`" not in explained:
            yield f"docs/dependencies.md: why {requirement.name}?"


def malformed(name: str) -> Iterator[str]:
    content = (REQUIREMENTS / name).read_text("utf-8")
    if re.search(r"^\s*--?(?!-?hash=)[a-z]|://", content, re.MULTILINE):
        yield f"{name}: a line names an address or an option of the installer"
    for found in PIN.finditer(content):
        if "--hash=sha256:" not in found["rest"]:
            yield f"{name}: {found['name']} has no hash"


def faults() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runs, checks = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    yield from undeclared("base.txt", runs)
    yield from undeclared("dev.txt", checks)
    yield from malformed("base.txt")
    yield from malformed("dev.txt")
    base, dev = pins(REQUIREMENTS / "base.txt"), pins(REQUIREMENTS / "dev.txt")
    for name, version in base.items():
        if dev.get(name) != version:
            yield f"dev.txt: {name} is {dev.get(name)}, base.txt has {version}"


def main() -> int:
    found = list(faults())
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
