"""Write the register of personal data (config/privacy_register.py) into docs/privacy.md again."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config.privacy_register import markdown  # noqa: E402

PAGE = ROOT / "docs" / "privacy.md"


def main() -> None:
    table = "\n".join(markdown())
    before, found, _ = PAGE.read_text(encoding="utf-8").partition(table.splitlines()[0])
    if not found:
        raise SystemExit("docs/privacy.md has no table to replace.")
    PAGE.write_text(f"{before}{table}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
