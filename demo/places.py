"""The commune of the demonstration: its cabins and its services.

The three sites come from the project's file of sites; people and numbers are invented (see `people.py`). What
a resident must bring is written in the words of the desk.
"""

from dataclasses import dataclass

from communes.catalogue import CatalogueService, catalogue
from communes.enums import Accessibility, Equipment, WheelchairAccess

COMMUNE = {
    "name": "Petit-Quevilly",
    "slug": "petit-quevilly",
    "insee_code": "76498",
    "time_zone": "Europe/Paris",
    # Both from the ranges that are reserved for fiction. The second can receive replies.
    "public_phone": "+33261910000",
    "sender": "+33639980010",
}

HOTEL_DE_VILLE = "pq-hotel-de-ville"
SAINT_JULIEN = "pq-saint-julien"
VERLAINE = "pq-verlaine"

_USUAL = (Equipment.SCREEN, Equipment.SCANNER, Equipment.PRINTER, Equipment.VIDEO)


@dataclass(frozen=True)
class DemoSite:
    """What the national file does not say of a site: its cabin, its short name, how to get in."""

    ref: str
    short_name: str
    cabin: str
    equipment: tuple[Equipment, ...]
    accessibility: tuple[Accessibility, ...]
    wheelchair: WheelchairAccess


PLACES = (
    DemoSite(
        HOTEL_DE_VILLE,
        "Hôtel de ville",
        "Cabine du hall",
        _USUAL,
        (
            Accessibility.STEP_FREE,
            Accessibility.WIDE_DOOR,
            Accessibility.ADAPTED_TOILETS,
            Accessibility.PARKING,
        ),
        WheelchairAccess.YES,
    ),
    DemoSite(
        SAINT_JULIEN,
        "Saint-Julien",
        "Cabine Saint-Julien",
        _USUAL,
        (Accessibility.STEP_FREE, Accessibility.WIDE_DOOR),
        WheelchairAccess.YES,
    ),
    DemoSite(
        VERLAINE,
        "Verlaine",
        "Cabine Verlaine",
        (*_USUAL, Equipment.MEDICAL_KIT),
        (Accessibility.HEARING_LOOP,),
        WheelchairAccess.NO,
    ),
)


@dataclass(frozen=True)
class DemoService:
    """A service of the commune, from the catalogue; `weight` is how often people come for it."""

    entry: CatalogueService
    weight: int

    @property
    def slug(self) -> str:
        return self.entry.key


_WEIGHTS = {
    "caf": 6,
    "impots": 5,
    "france-travail": 5,
    "cpam": 4,
    "crous": 2,
    "cantine": 3,
    "email": 3,
    "teleconsultation": 2,
    "acces-libre": 3,
}
SERVICES = tuple(DemoService(catalogue().services[key], weight) for key, weight in _WEIGHTS.items())
