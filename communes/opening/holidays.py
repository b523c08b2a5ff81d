"""Public holidays of a commune: those of the `holidays` package for the region that its INSEE code implies.

Two known differences of the package (0.109) are kept:
- Good Friday is a holiday in every commune of Alsace and Moselle, where the law (ordinance of
  16 August 1892) has it only in those with a protestant or shared church. Closing is the safe choice; a
  commune without such a church opens again with a rule for that date.
- Guadeloupe has Good Friday and Mid-Lent, which are customary there, not in the Code du travail.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays as library

from core.insee import territory


@lru_cache(maxsize=512)
def _year(subdivision: str | None, year: int) -> dict[date, str]:
    """The public holidays of a year with their French names."""
    return dict(library.country_holidays("FR", subdiv=subdivision, years=year, expand=False, language="fr"))


@lru_cache(maxsize=512)
def _days(subdivision: str | None, years: tuple[int, ...]) -> frozenset[date]:
    return frozenset(day for year in years for day in _year(subdivision, year))


def public_holidays(insee_code: str, years: Iterable[int]) -> frozenset[date]:
    """The public holidays of these years in the commune, as local dates."""
    return _days(territory(insee_code).holiday_subdivision, tuple(sorted(set(years))))


def holiday_name(insee_code: str, day: date) -> str:
    """« Noël », or "" on any other day."""
    name = _year(territory(insee_code).holiday_subdivision, day.year).get(day, "").partition(";")[0]
    return name.replace("'", "’")


def is_public_holiday(insee_code: str, day: date) -> bool:
    return day in _year(territory(insee_code).holiday_subdivision, day.year)
