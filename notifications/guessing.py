"""How many wrong appointment numbers may be keyed on the phone line before it asks for none. Pure.

An appointment number has six digits. In a commune with 200 coming appointments one guess in 5,000 finds one:
within these limits a single caller needs more than a year. Callers past a limit are passed to the desk, or
put on its call list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many wrong numbers are allowed in an hour and in 24 hours."""

    an_hour: int
    a_day: int


OF_ONE_CALLER = Limit(6, 12)
"""Two calls with three tries each. By then, someone who mistypes reads the number again."""
OF_HIDDEN_NUMBERS = Limit(12, 24)
"""All callers of a commune who hide their number, together, because they cannot be told apart."""
OF_STRANGERS = Limit(40, 80)
"""All callers of a commune whose number is no resident's, together, since a caller can fake many numbers."""

type Wrong = tuple[datetime, int]
"""When a call came, and how many wrong numbers were keyed in it."""


def is_past(limit: Limit, wrong: Iterable[Wrong], now: datetime) -> bool:
    calls = list(wrong)
    return (
        sum(count for at, count in calls if at > now - HOUR) >= limit.an_hour
        or sum(count for at, count in calls if at > now - DAY) >= limit.a_day
    )
