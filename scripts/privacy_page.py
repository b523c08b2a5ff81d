"""Write privacy/register/ into docs/privacy.md again: `python -m scripts.privacy_page`."""

from pathlib import Path

from privacy.register import markdown

PAGE = Path(__file__).resolve().parent.parent / "docs" / "privacy.md"


def main() -> None:
    table = "\n".join(markdown())
    before, found, _ = PAGE.read_text(encoding="utf-8").partition(table.splitlines()[0])
    if not found:
        raise SystemExit("docs/privacy.md has no table to replace.")
    PAGE.write_text(f"{before}{table}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
