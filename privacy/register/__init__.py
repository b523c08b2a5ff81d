"""What the database holds about people: every column of every table, declared once.

One file for each app; `ground.py` has the tables of core and of libraries. A test fails if a column is
missing here, or listed and gone: whoever adds one decides whom it is about and when it is deleted.
`docs/privacy.md` shows these tables; `python -m scripts.privacy_page` writes them there.
"""

from collections.abc import Iterator

from privacy.register import (
    agents,
    booking,
    communes,
    ground,
    kiosk,
    notifications,
    planning,
    privacy,
    reporting,
)
from privacy.register.table import Goes, RegisteredTable

__all__ = ["REGISTER", "Goes", "RegisteredTable", "markdown"]

REGISTER: tuple[RegisteredTable, ...] = (
    *booking.TABLES,
    *notifications.TABLES,
    *kiosk.TABLES,
    *reporting.TABLES,
    *agents.TABLES,
    *planning.TABLES,
    *communes.TABLES,
    *privacy.TABLES,
    *ground.TABLES,
)


def markdown() -> Iterator[str]:
    """The rows of docs/privacy.md: the tables that say something about a person."""
    yield "| table | what for | about a resident | about an agent | goes |"
    yield "|---|---|---|---|---|"
    for table in REGISTER:
        if table.resident or table.agent:
            cells = (
                _code(table.name),
                table.why,
                _columns(table.resident),
                _columns(table.agent),
                table.goes,
            )
            yield f"| {' | '.join(cells)} |"


def _columns(names: str) -> str:
    return ", ".join(_code(name) for name in names.split())


def _code(text: str) -> str:
    return f"`{text}`"
