"""The catalogue of ready-made services, `communes/data/services.toml`: a commune chooses among them.

A service that was chosen is the commune's own from then on. It remembers what the catalogue said
(`CatalogueService.values`), so that a newer catalogue can show what it says otherwise, and never undoes what
the commune has changed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from communes.enums import Booker, Equipment, HelperPolicy, Theme

FILE = Path(__file__).resolve().parent / "data" / "services.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueService:
    """A ready-made service. `names`: in the other languages of the screen, by code; `since`: the version of
    the catalogue in which it first stood; `pictogram`: a drawing of static/vendor/lucide."""

    key: str
    since: int
    name: str
    names: Mapping[str, str]
    theme: Theme
    pictogram: str
    duration_min: int
    turnaround_min: int
    helper_policy: HelperPolicy
    equipment_needed: tuple[Equipment, ...]
    what_to_bring: str
    is_medical: bool = False
    hour_set_elsewhere: bool = False
    booker: Booker = Booker.EVERYONE

    @property
    def values(self) -> dict[str, Any]:
        """Of the fields of `Service`, as JSON holds them."""
        return {
            "name": self.name,
            "names": dict(self.names),
            "theme": self.theme.value,
            "pictogram": self.pictogram,
            "duration_min": self.duration_min,
            "turnaround_min": self.turnaround_min,
            "helper_policy": self.helper_policy.value,
            "equipment_needed": [each.value for each in self.equipment_needed],
            "what_to_bring": self.what_to_bring,
            "is_medical": self.is_medical,
            "hour_set_elsewhere": self.hour_set_elsewhere,
            "booker": self.booker.value,
        }


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`services` by key; `languages`: in which they have names besides French, by code."""

    version: int
    languages: Mapping[str, str]
    services: Mapping[str, CatalogueService]

    def is_new(self, key: str) -> bool:
        """Whether a service came with the newest version; in the first one nothing is new."""
        return self.version > 1 and self.services[key].since == self.version


def read_catalogue(text: str) -> Catalogue:
    """Raises ValueError, TypeError, KeyError: the file is part of the product, and a test reads it."""
    read = tomllib.loads(text)
    services = {key: _service(key, values) for key, values in read["services"].items()}
    return Catalogue(read["version"], read["languages"], services)


def _service(key: str, values: dict[str, Any]) -> CatalogueService:
    return CatalogueService(
        key=key,
        **{
            **values,
            "theme": Theme(values["theme"]),
            "helper_policy": HelperPolicy(values["helper_policy"]),
            "equipment_needed": tuple(Equipment(each) for each in values["equipment_needed"]),
            "booker": Booker(values.get("booker", Booker.EVERYONE)),
        },
    )


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    return read_catalogue(FILE.read_text(encoding="utf-8"))
