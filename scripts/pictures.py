"""Check whether the pictures in docs/screens/ still show the product: it warns, but never fails.

`make screens` writes into docs/screens/made-from.txt, for each half, a hash of the templates and styles that
it photographed. If they have changed since, `make check` says so, and `make screens` makes new pictures.
"""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTE = "docs/screens/made-from.txt"
PARTS = ("agents", "kiosk")


def photographed(root: Path, part: str) -> list[Path]:
    """The templates and styles of agents' pages, or of the screens on the cabins."""
    paths = [path for folder in ("templates", "static/css") for path in (root / folder).rglob("*")]
    return sorted(
        path
        for path in paths
        if path.is_file() and (path.name == "tokens.css" or ("kiosk" in path.parts) == (part == "kiosk"))
    )


def fingerprint(root: Path, part: str) -> str:
    digest = hashlib.sha256()
    for path in photographed(root, part):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def noted(root: Path) -> dict[str, str]:
    """The hash of each part when its pictures were made; without the parts that have none."""
    note = root / NOTE
    lines = note.read_text(encoding="utf-8").splitlines() if note.exists() else []
    return {part: mark for part, _, mark in (line.partition(" ") for line in lines)}


def note(root: Path, part: str) -> None:
    """Record that the pictures of a part show the product as it is now."""
    marks = {**noted(root), part: fingerprint(root, part)}
    text = "".join(f"{each} {marks[each]}\n" for each in PARTS if each in marks)
    (root / NOTE).write_text(text, encoding="utf-8")


def outdated(root: Path) -> list[str]:
    """The parts whose templates or styles have changed since their pictures were made."""
    marks = noted(root)
    return [part for part in PARTS if marks.get(part) != fingerprint(root, part)]


def main() -> None:
    for part in outdated(ROOT):
        print(f"templates or styles have changed since the pictures were made: make screens ARGS={part}")


if __name__ == "__main__":
    main()
