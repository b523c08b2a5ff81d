"""The migrations that somebody may have run, each with its checksum: `python -m scripts.released_migrations`.

Since 1.0.0 a migration is never changed, only followed by another. At a release this adds the new ones to the
list; it refuses where a listed one is gone or is no longer what it was.
"""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "upgrades" / "released.sha256"
"""In the form of sha256sum, which can check it too."""


def present() -> dict[str, str]:
    """Checksum by path."""
    return {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(ROOT.glob("*/migrations/0*.py"))
    }


def released() -> dict[str, str]:
    if not LIST.exists():
        return {}
    lines = (line.split() for line in LIST.read_text(encoding="ascii").splitlines())
    return {path: checksum for checksum, path in lines}


def changed() -> list[str]:
    """Released migrations that are gone or are no longer what they were."""
    now = present()
    return sorted(path for path, checksum in released().items() if now.get(path) != checksum)


def main() -> None:
    if found := changed():
        raise SystemExit(f"Released, and changed since: {', '.join(found)}")
    before, now = released(), present()
    lines = [f"{checksum}  {path}\n" for path, checksum in sorted((before | now).items())]
    LIST.write_text("".join(lines), encoding="ascii")
    print(f"{len(now) - len(before)} added, {len(now)} in all")


if __name__ == "__main__":
    main()
