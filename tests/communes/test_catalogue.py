"""The catalogue of ready-made services: every entry can become a service, and says all that one needs."""

import hashlib
import re

import pytest

from communes.catalogue import FILE, CatalogueService, catalogue, read_catalogue
from communes.enums import Equipment, HelperPolicy, Theme
from communes.models import Service
from demo.places import SERVICES
from kiosk.languages import LANGUAGES
from kiosk.pictograms import DRAWN

ENTRIES = list(catalogue().services.values())
DIGESTS = {1: "fc9291398c33b11b"}
"""Of each version's services, as they stood when it was given out."""

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)


def test_at_least_thirty_services_are_ready_made() -> None:
    assert len(ENTRIES) >= 30


@every_entry
def test_an_entry_makes_a_valid_service(entry: CatalogueService) -> None:
    Service(commune_id=1, slug=entry.key, **entry.values).clean_fields(exclude=["commune"])


@every_entry
def test_an_entry_has_a_name_in_every_language_of_the_screen(entry: CatalogueService) -> None:
    assert set(entry.names) == set(catalogue().languages)
    assert all(0 < len(name.strip()) <= 80 for name in (entry.name, *entry.names.values()))
    assert re.search("[؀-ۿ]", entry.names["ar"])


def test_the_languages_are_those_of_the_screen() -> None:
    assert {"fr": "Français", **catalogue().languages} == LANGUAGES


@every_entry
def test_an_entry_has_a_drawing_that_the_screens_keep(entry: CatalogueService) -> None:
    assert entry.pictogram in DRAWN


@every_entry
def test_an_entry_says_what_to_bring_as_the_rest_of_a_sentence(entry: CatalogueService) -> None:
    said = entry.what_to_bring
    assert not said.endswith(".")
    assert said[:1] == said[:1].lower()
    assert "'" not in said + entry.name
    assert "·" not in said + entry.name, "no middle dot to residents"


@every_entry
def test_an_entry_takes_as_long_as_a_visit_can(entry: CatalogueService) -> None:
    assert entry.duration_min % 5 == entry.turnaround_min % 5 == 0
    assert 15 <= entry.duration_min <= 120
    assert 1 <= entry.since <= catalogue().version


def test_no_two_entries_have_one_name() -> None:
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


def test_medical_consultations_hide_the_name_and_need_the_kit() -> None:
    entry = catalogue().services["teleconsultation"]
    assert entry.is_medical
    assert entry.hour_set_elsewhere
    assert Equipment.MEDICAL_KIT in entry.equipment_needed
    assert entry.helper_policy == HelperPolicy.REQUIRED


def test_who_changes_the_catalogue_raises_its_version() -> None:
    newest = catalogue().version
    body = re.sub(
        r"^(#.*|version = .*|languages = .*)$", "", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    digest = hashlib.sha256(body.strip().encode()).hexdigest()[:16]
    assert digest == DIGESTS.get(newest), f"raise `version`, then say here: {newest + 1}: {digest}"


def test_the_demonstration_offers_services_of_the_catalogue() -> None:
    for offer in SERVICES:
        entry = catalogue().services[offer.slug]
        assert offer.entry == entry


def test_only_the_newest_entries_of_a_later_version_are_new() -> None:
    later = FILE.read_text(encoding="utf-8").replace("version = 1", "version = 2", 1)
    before, _, after = later.partition("[services.impots]\nsince = 1")
    newer = read_catalogue(f"{before}[services.impots]\nsince = 2{after}")
    assert [key for key in newer.services if newer.is_new(key)] == ["impots"]
    assert not any(catalogue().is_new(key) for key in catalogue().services)


def test_a_theme_outside_the_national_list_is_refused() -> None:
    wrong = FILE.read_text(encoding="utf-8").replace(Theme.MONEY, "finances", 1)
    with pytest.raises(ValueError, match="finances"):
        read_catalogue(wrong)
