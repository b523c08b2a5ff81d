"""The categories by which visits are published, fixed before the year begins: pure.

They are few and broad, since a table is published only where each of its categories has eleven visits by
eleven people (`reporting.publication.rules`). Changing one needs a new table with its own name, from the
first of January on: a table that changed within a year could be subtracted from itself.
"""

from collections.abc import Mapping

from booking.enums import HelpedBy
from communes.enums import Theme

HELP, THEME, MOMENT = "help", "theme", "moment"
DIGITAL, PROCEDURES = "digital", "procedures"
MORNING, AFTERNOON = "morning", "afternoon"

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    HELP: (HelpedBy.HELPER.value, HelpedBy.NOBODY.value),
    THEME: (PROCEDURES, DIGITAL),
    MOMENT: (MORNING, AFTERNOON),
}
"""Table → its categories, in the order in which they are shown."""

OF_PROCEDURES = frozenset(
    {
        Theme.PROCEDURES,
        Theme.PAPERS,
        Theme.FAMILY,
        Theme.SOCIAL_HEALTH,
        Theme.WORK,
        Theme.HOUSING,
        Theme.TRANSPORT,
        Theme.MONEY,
        Theme.JUSTICE,
        Theme.FOREIGNERS,
        Theme.LEISURE,
        Theme.ASSOCIATIONS,
    }
)
"""The themes that the national vocabulary counts as administrative procedures; all others are digital."""

NOON = 24
"""The half-hour of the day that begins at twelve."""


def family(theme: str) -> str:
    return PROCEDURES if theme in OF_PROCEDURES else DIGITAL


def moment(half_hour: int) -> str:
    return MORNING if half_hour < NOON else AFTERNOON


def categories_of(*, helped_by: str, theme: str, half_hour: int) -> dict[str, str]:
    """Table → the category that a visit counts in."""
    return {HELP: helped_by, THEME: family(theme), MOMENT: moment(half_hour)}
