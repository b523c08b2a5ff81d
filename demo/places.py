"""The commune of the demonstration: its cabins and its services.

The three sites come from the project's file of sites; people and numbers are invented (see `people.py`). What
a resident must bring is written in the words of the desk.
"""

from dataclasses import dataclass

from communes.enums import Accessibility, Equipment, HelperPolicy, Theme, WheelchairAccess

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
    """A service of the commune; `weight` is how often people come for it."""

    slug: str
    name: str
    theme: Theme
    duration_min: int
    turnaround_min: int
    what_to_bring: str
    equipment: tuple[Equipment, ...] = (Equipment.SCREEN,)
    helper_policy: HelperPolicy = HelperPolicy.OPTIONAL
    is_medical: bool = False
    hour_set_elsewhere: bool = False
    weight: int = 2


_PAPERS = (Equipment.SCREEN, Equipment.SCANNER)
_PRINTED = (*_PAPERS, Equipment.PRINTER)

SERVICES = (
    DemoService(
        "caf",
        "CAF",
        Theme.SOCIAL_HEALTH,
        45,
        10,
        "votre numéro d’allocataire, une pièce d’identité, votre RIB, votre bail ou une quittance de loyer",
        _PAPERS,
        weight=6,
    ),
    DemoService(
        "impots",
        "Impôts",
        Theme.MONEY,
        30,
        10,
        "votre numéro fiscal, votre dernier avis d’impôt, votre RIB",
        _PRINTED,
        weight=5,
    ),
    DemoService(
        "france-travail",
        "France Travail",
        Theme.WORK,
        45,
        10,
        "votre identifiant France Travail, votre CV, vos derniers bulletins de salaire",
        _PRINTED,
        weight=5,
    ),
    DemoService(
        "cpam",
        "CPAM",
        Theme.SOCIAL_HEALTH,
        30,
        10,
        "votre carte Vitale, une pièce d’identité, vos feuilles de soins s’il y en a",
        _PAPERS,
        weight=4,
    ),
    DemoService(
        "crous",
        "CROUS",
        Theme.SCHOOL,
        45,
        10,
        "votre numéro INE, l’avis d’impôt de vos parents, votre certificat de scolarité",
        _PAPERS,
        weight=2,
    ),
    DemoService(
        "cantine",
        "Cantine scolaire",
        Theme.FAMILY,
        20,
        5,
        "votre attestation de quotient familial, le nom et la classe de chaque enfant",
        _PAPERS,
        weight=3,
    ),
    DemoService(
        "email",
        "Créer une adresse e-mail",
        Theme.EMAIL,
        30,
        5,
        "votre téléphone portable si vous en avez un, vos lunettes",
        weight=3,
    ),
    DemoService(
        "teleconsultation",
        "Téléconsultation",
        Theme.HEALTH,
        30,
        15,
        "votre carte Vitale, vos ordonnances en cours, le nom de votre médecin",
        (Equipment.SCREEN, Equipment.VIDEO, Equipment.MEDICAL_KIT),
        HelperPolicy.REQUIRED,
        is_medical=True,
        hour_set_elsewhere=True,
        weight=2,
    ),
    DemoService(
        "acces-libre",
        "Accès libre",
        Theme.INTERNET,
        60,
        5,
        "",
        helper_policy=HelperPolicy.NONE,
        weight=3,
    ),
)
