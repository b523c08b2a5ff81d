"""A commune's services: chosen from the catalogue, made, ordered, retired, deleted."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from booking.models import WaitingEntry
from communes.actions import change_service
from communes.catalogue import Catalogue, catalogue
from communes.errors import NewsChanged, StillUsed
from communes.models import Commune, Service, Site
from communes.service_actions import (
    add_from_catalogue,
    add_service,
    answer_news,
    bring_back_service,
    can_delete,
    delete_service,
    move_service,
    news_of,
    retire_service,
    seen_values,
)
from core.edits import RecordGone
from core.roles import Role
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_site,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune() -> Commune:
    return make_commune()


@pytest.fixture
def site(commune: Commune) -> Site:
    return make_site(commune)


def newer(key: str, **values: Any) -> Catalogue:
    """The catalogue in its next version, which says something else of one service."""
    now = catalogue()
    changed = {**now.services, key: replace(now.services[key], **values)}
    return Catalogue(now.version + 1, now.languages, changed)


def names(commune: Commune) -> list[str]:
    return [service.slug for service in commune.services.filter(retired_at=None)]


def test_services_of_the_catalogue_become_the_communes_own(commune: Commune, site: Site) -> None:
    added = add_from_catalogue(commune=commune, keys=["cpam", "caf", "cpam", "no-such-key"])
    assert [service.slug for service in added] == names(commune) == ["cpam", "caf"]
    stored = commune.services.get(slug="caf")
    entry = catalogue().services["caf"]
    assert {name: getattr(stored, name) for name in entry.values} == entry.values
    assert (stored.catalogue_key, stored.catalogue_version) == ("caf", catalogue().version)
    assert stored.is_active
    site.refresh_from_db()
    assert site.version == 1, "screens read again"


def test_what_a_commune_has_is_left_as_it_is(commune: Commune) -> None:
    (caf,) = add_from_catalogue(commune=commune, keys=["caf"])
    change_service(service=caf, changes={"duration_min": 60})
    retire_service(service=caf, now=TUESDAY)
    old = make_service(commune, slug="cpam", name="Sécu")
    assert add_from_catalogue(commune=commune, keys=["caf", "cpam"]) == []
    caf.refresh_from_db()
    old.refresh_from_db()
    assert (caf.duration_min, caf.retired_at, old.name) == (60, TUESDAY, "Sécu")


def test_the_database_refuses_the_same_entry_twice(commune: Commune) -> None:
    make_service(commune, catalogue_key="caf")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_service(commune, catalogue_key="caf")
    make_service(make_commune(), catalogue_key="caf")


def test_the_database_refuses_to_offer_a_retired_service(commune: Commune) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_service(commune, retired_at=TUESDAY)


def test_a_newer_catalogue_changes_nothing_by_itself_and_tells_its_news(commune: Commune) -> None:
    caf, cpam = add_from_catalogue(commune=commune, keys=["caf", "cpam"])
    change_service(service=caf, changes={"duration_min": 60, "turnaround_min": 0})
    later = newer("caf", duration_min=40, what_to_bring="votre RIB")
    assert add_from_catalogue(commune=commune, keys=["caf"], offered=later) == []
    caf.refresh_from_db()
    assert (caf.duration_min, caf.turnaround_min) == (60, 0)
    # What the commune alone has changed is no news.
    assert news_of(caf, later.services["caf"]) == {"duration_min": 40, "what_to_bring": "votre RIB"}
    assert news_of(cpam, later.services["cpam"]) == {}


def test_what_the_commune_has_chosen_already_is_no_news(commune: Commune) -> None:
    (caf,) = add_from_catalogue(commune=commune, keys=["caf"])
    change_service(service=caf, changes={"duration_min": 40})
    assert news_of(caf, newer("caf", duration_min=40).services["caf"]) == {}
    assert news_of(make_service(commune, slug="impots"), newer("impots").services["impots"]) == {}


def test_news_are_taken_over_field_by_field_and_asked_about_once(commune: Commune) -> None:
    (caf,) = add_from_catalogue(commune=commune, keys=["caf"])
    change_service(service=caf, changes={"duration_min": 60})
    later = newer("caf", duration_min=40, what_to_bring="votre RIB", names={"en": "Family", "ar": "عائلة"})
    answer_news(service=caf, names=["what_to_bring", "names", "turnaround_min"], offered=later)
    caf = Service.objects.get(pk=caf.pk)
    assert (caf.duration_min, caf.what_to_bring, caf.names["en"]) == (60, "votre RIB", "Family")
    assert caf.turnaround_min == 10, "no news, not touched"
    assert news_of(caf, later.services["caf"]) == {}
    assert caf.catalogue_version == later.version


def test_news_are_not_taken_over_what_somebody_has_changed_since_they_were_shown(commune: Commune) -> None:
    (caf,) = add_from_catalogue(commune=commune, keys=["caf"])
    later = newer("caf", duration_min=40)
    seen = seen_values(caf, news_of(caf, later.services["caf"]))
    change_service(service=caf, changes={"duration_min": 60})
    with pytest.raises(NewsChanged):
        answer_news(service=caf, names=["duration_min"], seen=seen, offered=later)
    caf.refresh_from_db()
    assert (caf.duration_min, caf.catalogue_version) == (60, catalogue().version)
    answer_news(service=caf, names=[], seen=seen_values(caf, {"duration_min": 40}), offered=later)
    assert (caf.duration_min, caf.catalogue_version) == (60, later.version)


def test_a_retired_service_is_changed_by_nobody(commune: Commune) -> None:
    service = make_service(commune, is_active=False, retired_at=TUESDAY)
    with pytest.raises(RecordGone):
        change_service(service=service, changes={"is_active": True})


def test_news_of_an_entry_that_is_gone_are_refused(commune: Commune) -> None:
    with pytest.raises(RecordGone):
        answer_news(service=make_service(commune), names=["name"])


def test_a_service_of_ones_own_goes_to_the_end_under_a_free_short_name(commune: Commune) -> None:
    add_from_catalogue(commune=commune, keys=["impots"])
    values = {"name": "CAF", "theme": "social_sante", "duration_min": 30}
    first = add_service(commune=commune, values=values)
    second = add_service(commune=commune, values={**values, "name": "المطعم"})
    assert (first.slug, second.slug) == ("caf-2", "service")  # caf stays for the catalogue
    assert names(commune) == ["impots", "caf-2", "service"]
    assert first.catalogue_key == ""
    with pytest.raises(ValidationError):
        add_service(commune=commune, values={**values, "name": "Aide", "duration_min": 3})


def test_services_are_put_in_order(commune: Commune) -> None:
    caf, cpam, impots = add_from_catalogue(commune=commune, keys=["caf", "cpam", "impots"])
    retire_service(service=cpam, now=TUESDAY)
    move_service(service=impots, by=-1)
    assert names(commune) == ["impots", "caf"]
    move_service(service=impots, by=-1)
    assert names(commune) == ["impots", "caf"]
    move_service(service=impots, by=5)
    assert names(commune) == ["caf", "impots"]
    with pytest.raises(RecordGone):
        move_service(service=cpam, by=1)
    assert caf.pk


def test_a_retired_service_is_kept_and_can_be_brought_back_put_aside(commune: Commune) -> None:
    caf, _cpam = add_from_catalogue(commune=commune, keys=["caf", "cpam"])
    retire_service(service=caf, now=TUESDAY)
    assert (caf.retired_at, caf.is_active) == (TUESDAY, False)
    retire_service(service=caf, now=at(15))
    assert caf.retired_at == TUESDAY, "the first time counts"
    bring_back_service(service=caf)
    assert Service.objects.filter(pk=caf.pk, retired_at=None, is_active=False).exists()
    assert names(commune) == ["cpam", "caf"]


def test_a_service_on_which_nothing_hangs_is_deleted_with_its_skills(commune: Commune) -> None:
    (caf,) = add_from_catalogue(commune=commune, keys=["caf"])
    bob = make_agent(commune, Role.HELPER, skills=[caf])
    assert can_delete(caf)
    delete_service(service=caf)
    assert not commune.services.exists()
    assert bob.memberships.get().skills.count() == 0
    with pytest.raises(RecordGone):
        delete_service(service=caf)


def test_a_service_with_a_visit_cannot_be_deleted(commune: Commune, site: Site) -> None:
    service = make_service(commune)
    make_appointment(make_cabin(site), service, at(11))
    with pytest.raises(StillUsed):
        delete_service(service=service)
    assert commune.services.count() == 1


def test_a_service_that_somebody_waits_for_cannot_be_deleted(commune: Commune) -> None:
    service = make_service(commune)
    WaitingEntry.objects.create(
        commune=commune,
        resident=make_resident(commune),
        service=service,
        from_on=date(2026, 11, 24),
        until_on=date(2026, 12, 24),
        half_days=[0],
        joined_at=TUESDAY,
    )
    assert not can_delete(service)
