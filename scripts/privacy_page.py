"""Write what is made from the register into `docs/` again: `python -m scripts.privacy_page`.

`docs/privacy.md` keeps what stands before its first generated part; `docs/aipd.md` is made whole.
"""

import os
from pathlib import Path

import django

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "privacy.md"
ASSESSMENT_PAGE = DOCS / "aipd.md"
BEGINS = "## Affiche pour les habitants\n"


def generated() -> tuple[str, str]:
    """The generated part of docs/privacy.md, and docs/aipd.md."""
    from privacy.papers import ASSESSMENT, NOTICE, RECORD
    from privacy.papers.markdown import job_lines, paper_lines, recipient_lines, retention_lines
    from privacy.papers.values import blank_values
    from privacy.register import markdown

    values = blank_values()
    lines = [
        *paper_lines(NOTICE, values, quoted=True),
        "",
        *paper_lines(RECORD, values),
        "## Who receives data",
        "",
        *recipient_lines(),
        "",
        "## How long what is kept",
        "",
        *retention_lines(),
        "",
        "## What runs by the clock",
        "",
        *job_lines(),
        "",
        "## What the database holds about people",
        "",
        "Tables that say nothing about anyone are left out here; `privacy/register/` lists them too.",
        "",
        *markdown(),
    ]
    made = "\n".join(paper_lines(ASSESSMENT, values)).replace("## ", "# ")
    return "\n".join(lines) + "\n", f"{made.rstrip()}\n"


def main() -> None:
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    before, found, _ = PAGE.read_text(encoding="utf-8").partition(BEGINS)
    if not found:
        raise SystemExit("docs/privacy.md has no notice to replace.")
    part, assessment = generated()
    PAGE.write_text(before + part, encoding="utf-8")
    ASSESSMENT_PAGE.write_text(assessment, encoding="utf-8")


if __name__ == "__main__":
    main()
