"""How long what is kept, as papers say it: a row for each kind of `privacy/retention.py`."""

from privacy.papers.words import Part, info
from privacy.retention import KINDS


def retention_part(title: str) -> Part:
    rows = tuple(
        (info(f"{{name_{kind.key}}}"), info(f"{{kept_{kind.key}}}"), info(f"{{rule_{kind.key}}}"))
        for kind in KINDS
        if kind.is_about_people
    )
    return Part(title, head=("Quoi", "Combien de temps", "Pourquoi"), rows=rows)
