"""Public holidays of a commune, from the `holidays` package with the subdivision its INSEE code implies.

Known of the package (0.109), and kept as it is:
- Good Friday is a holiday in every commune of Alsace and Moselle, where the law (ordinance of
  16 August 1892) has it only in those with a protestant or shared church. Closing there is the
  safe side; a commune without one removes `PH off` for that day with a dated rule.
- Guadeloupe has Good Friday and Mid-Lent, which are customary there, not in the Code du travail.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays as library

from communes.insee import territory

# The package's own languages, by ours; its French names are the reference.
_LANGUAGES = {"en": "en_US"}


@lru_cache(maxsize=512)
def _names(subdivision: str | None, year: int, language: str) -> Mapping[date, str]:
    calendar = library.country_holidays("FR", subdiv=subdivision, years=year, expand=False, language=language)
    return MappingProxyType(dict(calendar.items()))


@lru_cache(maxsize=512)
def _days(subdivision: str | None, years: tuple[int, ...]) -> frozenset[date]:
    return frozenset(day for year in years for day in _names(subdivision, year, "fr"))


def public_holidays(insee_code: str, years: Iterable[int]) -> frozenset[date]:
    """The public holidays of these years in the commune, as local dates."""
    return _days(territory(insee_code).holiday_subdivision, tuple(sorted(set(years))))


def is_public_holiday(insee_code: str, day: date) -> bool:
    return day in _names(territory(insee_code).holiday_subdivision, day.year, "fr")


def holiday_name(insee_code: str, day: date, lang: str = "fr") -> str:
    """The name of the holiday (French unless the package knows the language), empty on other days."""
    names = _names(territory(insee_code).holiday_subdivision, day.year, _LANGUAGES.get(lang[:2], "fr"))
    return names.get(day, "")
