"""« Ouvrir la commune »: what is missing is computed from what is there, and the engine says what would be
possible."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import ShiftPattern
from booking.actions.opening import open_commune
from booking.errors import NotReady
from booking.free.first_times import first_times, ways
from booking.free.slots import WEEKS_AHEAD, find_slots
from booking.pages.opening import Opening
from communes.enums import Equipment, HelperPolicy, IncidentKind
from communes.models import Commune, Site
from communes.setup_steps import StepKey, Weight, read_steps
from core.roles import Role
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_fault,
    make_service,
    make_shift,
    make_site,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

PAGE = "/ouvrir/"


@pytest.fixture
def commune() -> Commune:
    """As `create_commune` makes it."""
    return make_commune(opened_at=None)


def gaps(commune: Commune, key: StepKey, *, least: Weight = Weight.PART) -> list[str]:
    """What the step lacks, with whose it is."""
    (step,) = read_steps(commune, TUESDAY, [key])
    return [f"{gap.about}: {gap.text}" if gap.about else gap.text for gap in step.gaps if gap.weight >= least]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def bookable(commune: Commune, **hours: Any) -> Site:
    """All that an appointment without a helper needs."""
    site = make_site(commune, **hours)
    make_cabin(site)
    make_service(commune, helper_policy=HelperPolicy.NONE)
    return site


def shown(client: Client, path: str = PAGE) -> str:
    return re.sub(r"\s+", " ", client.get(path).content.decode())


# ---- the steps -------------------------------------------------------------------------------------


def test_a_manager_of_a_new_commune_comes_to_what_it_needs(client: Client, commune: Commune) -> None:
    client.force_login(make_agent(commune, Role.MANAGER))
    page = client.get("/", follow=True)
    assert page.redirect_chain[-1][0] == PAGE
    assert f'href="{reverse("account-new", query={"role": "desk"})}"' in page.content.decode()
    for name in ("site-new", "service-catalogue", "screen-add", "message-trial"):
        assert f'href="{reverse(name)}"' in page.content.decode()
    assert "Ouvrir la commune maintenant" not in page.content.decode()


def test_a_manager_of_an_open_commune_comes_to_their_work(client: Client) -> None:
    client.force_login(make_agent(make_commune(), Role.MANAGER))
    assert client.get("/")["Location"] == reverse("team")


def test_hours_that_are_missing_name_the_place_and_what_they_prevent(commune: Commune) -> None:
    bookable(commune)
    make_site(commune, name="Médiathèque", opening_hours="")
    assert gaps(commune, StepKey.PLACES) == [
        "Médiathèque: il manque les horaires. Sans eux, aucun rendez-vous n’y est proposé."
    ]
    assert gaps(commune, StepKey.PLACES, least=Weight.BLOCKS) == []


def test_a_place_without_an_address_is_noted_and_stops_nothing(commune: Commune) -> None:
    site = bookable(commune, name="Médiathèque", address="")
    assert gaps(commune, StepKey.PLACES, least=Weight.NOTE) == [
        "Médiathèque: pas d’adresse. La feuille de rendez-vous ne dit pas où venir."
    ]
    assert gaps(commune, StepKey.PLACES) == []
    site.address = "12 rue Jacques-Brel"
    site.save()
    assert gaps(commune, StepKey.PLACES, least=Weight.NOTE) == []


@pytest.mark.parametrize("hours", ["", "Mo-Fr 09:00-12:00; SH off", "off", "2019 Mo-Fr 09:00-12:00"])
def test_a_commune_that_never_opens_its_doors_cannot_open(commune: Commune, hours: str) -> None:
    bookable(commune, opening_hours=hours)
    assert len(gaps(commune, StepKey.PLACES, least=Weight.BLOCKS)) == 1
    with pytest.raises(NotReady):
        open_commune(commune=commune, now=TUESDAY)


def test_a_cabin_that_is_out_of_order_or_lacking_is_said(commune: Commune) -> None:
    site = bookable(commune)
    make_cabin(site, name="Cabine 9", in_order=False)
    make_site(commune, name="Médiathèque")
    assert [each.partition(":")[0] for each in gaps(commune, StepKey.CABINS)] == ["Cabine 9", "Médiathèque"]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (None, "scanner en panne, on ne sait pas jusqu’à quand : ce qui en a besoin n’y est pas proposé."),
        (
            at(14),
            "scanner en panne jusqu’à mardi 24 novembre à 14 h : ce qui en a besoin n’y est pas proposé",
        ),
        (
            at(9, 30),
            "scanner en panne, et la fin prévue est passée. Ce qui en a besoin n’y est proposé que lorsque",
        ),
    ],
    ids=["nobody knows", "until two", "passed"],
)
def test_equipment_that_a_fault_withdraws_is_said_with_its_end(
    commune: Commune, end: datetime | None, said: str
) -> None:
    cabin = make_cabin(make_site(commune), name="Cabine 9")
    make_service(commune, name="Carte grise", equipment_needed=[Equipment.SCANNER])
    make_service(commune, name="CAF", equipment_needed=[Equipment.PRINTER])
    fault = make_fault(cabin, IncidentKind.SCANNER, at(8), end)

    with timezone.override(commune.tz):
        (found,) = gaps(commune, StepKey.CABINS)
        services = gaps(commune, StepKey.SERVICES)

    assert plain(found).startswith(f"Cabine 9: {said}")
    assert services == ["Carte grise: ce qu’il lui faut (scanner) est en panne dans chaque cabine qui l’a."]
    (step,) = read_steps(commune, TUESDAY, [StepKey.CABINS])
    assert step.gaps[0].link == reverse("fault", args=[fault.pk])


def test_a_fault_that_withdraws_nothing_is_no_gap(commune: Commune) -> None:
    cabin = make_cabin(make_site(commune), equipment=["screen", "printer"])
    make_fault(cabin, IncidentKind.DOOR, at(8))
    make_fault(cabin, IncidentKind.SCANNER, at(8))  # it has none
    make_fault(cabin, IncidentKind.PRINTER, at(8), confirmed_at=None)
    make_fault(cabin, IncidentKind.PRINTER, at(8), closed_at=at(9))
    assert gaps(commune, StepKey.CABINS) == []


def test_a_service_that_another_cabin_can_take_is_offered_all_the_same(commune: Commune) -> None:
    site = make_site(commune)
    make_service(commune, equipment_needed=[Equipment.SCANNER])
    make_fault(make_cabin(site), IncidentKind.SCANNER, at(8))
    make_cabin(site)
    assert gaps(commune, StepKey.SERVICES) == []


def test_a_service_for_which_no_cabin_has_the_equipment_is_said(commune: Commune) -> None:
    bookable(commune)
    make_service(commune, name="Téléconsultation", equipment_needed=[Equipment.MEDICAL_KIT])
    (gap,) = gaps(commune, StepKey.SERVICES)
    assert gap.startswith("Téléconsultation") and "kit médical" in gap


def test_without_a_helper_the_services_that_need_one_are_counted(commune: Commune) -> None:
    make_service(commune, name="Impôts", helper_policy=HelperPolicy.REQUIRED)
    make_service(commune, name="CAF", helper_policy=HelperPolicy.REQUIRED)
    make_agent(commune, Role.DESK)
    (gap,) = gaps(commune, StepKey.TEAM)
    assert gap == (
        "Aucun aidant\N{NO-BREAK SPACE}: 2 démarches se font toujours avec un aidant et ne sont pas "
        "proposées (Impôts, CAF)."
    )


def test_a_usual_week_counts_once_it_is_published(commune: Commune) -> None:
    site = bookable(commune)
    helper = make_agent(commune, Role.HELPER)
    assert "pas de semaine type" in gaps(commune, StepKey.WEEKS)[0]
    ShiftPattern.objects.create(
        agent=helper,
        site=site,
        weekdays=[1],
        starts="09:00",
        ends="12:00",
        anchor_on=TUESDAY,
        from_on=TUESDAY,
    )
    assert "pas publiée" in gaps(commune, StepKey.WEEKS)[0]
    make_shift(helper, site, at(9, day=25), at(12, day=25))
    assert gaps(commune, StepKey.WEEKS) == []


def test_nothing_of_another_commune_counts(commune: Commune) -> None:
    bookable(commune)
    before = [(step.has, step.gaps) for step in read_steps(commune, TUESDAY)]
    other = make_commune(opened_at=None)
    site = bookable(other, opening_hours="")
    make_shift(make_agent(other, Role.HELPER), site, at(9), at(12))
    assert [(step.has, step.gaps) for step in read_steps(commune, TUESDAY)] == before


# ---- opening ---------------------------------------------------------------------------------------


def test_it_opens_when_what_is_needed_is_there_and_can_be_taken_back(
    client: Client, commune: Commune
) -> None:
    client.force_login(make_agent(commune, Role.MANAGER))
    refused = client.post(PAGE, {"do": "open"})
    assert refused.status_code == 409
    site = bookable(commune)
    version = Site.objects.get(pk=site.pk).version
    assert "Ouvrir la commune maintenant" in shown(client)
    assert client.post(PAGE, {"do": "open"})["Location"] == PAGE
    assert Commune.objects.get(pk=commune.pk).opened_at == TUESDAY
    assert Site.objects.get(pk=site.pk).version > version, "screens read it again"
    assert "Ouverte depuis" in shown(client)
    client.post(PAGE, {"do": "close"})
    assert Commune.objects.get(pk=commune.pk).opened_at is None


def test_opening_twice_keeps_the_first_instant(commune: Commune) -> None:
    bookable(commune)
    open_commune(commune=commune, now=TUESDAY)
    open_commune(commune=commune, now=TUESDAY + timedelta(days=1))
    assert commune.opened_at == TUESDAY


def test_a_commune_in_which_no_time_is_found_does_not_open(client: Client, commune: Commune) -> None:
    make_cabin(make_site(commune))
    make_service(commune, helper_policy=HelperPolicy.REQUIRED)
    client.force_login(make_agent(commune, Role.MANAGER))
    assert "Ouvrir la commune maintenant" not in shown(client)
    assert client.post(PAGE, {"do": "open"}).status_code == 409


# ---- if you opened now -----------------------------------------------------------------------------


def test_each_first_time_is_the_one_that_the_desk_would_find(commune: Commune) -> None:
    sites = [make_site(commune), make_site(commune, opening_hours="We 14:00-18:00")]
    cabins = [make_cabin(site) for site in sites]
    make_cabin(sites[1], equipment=["screen", "medical_kit"])
    services = [
        make_service(commune, duration_min=30, helper_policy=HelperPolicy.OPTIONAL),
        make_service(commune, duration_min=120, turnaround_min=20, helper_policy=HelperPolicy.REQUIRED),
        make_service(
            commune, helper_policy=HelperPolicy.NONE, equipment_needed=[Equipment.MEDICAL_KIT.value]
        ),
    ]
    helper = make_agent(commune, Role.HELPER, skills=services[:2])
    make_shift(helper, sites[0], at(9, day=26), at(12, day=26))
    make_appointment(cabins[0], services[0], at(14))
    found = first_times(commune, services, TUESDAY)
    today = TUESDAY.date()
    looks = iter(found.looks)
    for service in services:
        for way in ways(service):
            look = next(looks)
            alone = find_slots(
                commune=commune,
                service=service,
                with_helper=way,
                start=today,
                end=today + timedelta(weeks=WEEKS_AHEAD),
                now=TUESDAY,
                exchange=False,
                by_site=True,
            )
            for site in sites:
                starts = [offer.start for offer in alone.offers if offer.site_id == site.pk]
                assert look.first_at(site.pk) == min(starts, default=None)
                whys = [day.why_by_site.get(site.pk) for day in alone.offers.days]
                assert list(look.why_empty(site.pk)) == ([] if starts else whys)


def test_what_is_kept_of_a_service_grows_with_the_places_alone(commune: Commune) -> None:
    """Forty places with thirty services have millions of offers in the weeks ahead."""
    for _ in range(3):
        make_cabin(make_site(commune))
    found = first_times(commune, [make_service(commune, helper_policy=HelperPolicy.NONE)], TUESDAY)
    (look,) = found.looks
    assert len(look.firsts) == 3
    assert {first.offer.start for first in look.firsts.values() if first.offer} == {at(10)}


def test_a_place_says_what_lacks_for_each_service(commune: Commune) -> None:
    site = make_site(commune, name="Médiathèque")
    make_service(commune, name="CAF", helper_policy=HelperPolicy.NONE)
    (place,) = Opening(commune, TUESDAY).places
    assert (place.site, place.is_possible) == (site, False)
    assert [each.lacking for each in place.services] == ["pas encore de cabine"]


@pytest.mark.parametrize("number", [1, 5])
def test_as_many_queries_whatever_there_is_of_places_and_services(
    client: Client, commune: Commune, number: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(number):
        make_cabin(make_site(commune))
        make_service(commune)
        make_agent(commune, Role.HELPER, skills=list(commune.services.all()))
    client.force_login(make_agent(commune, Role.MANAGER))
    client.get(PAGE)
    with django_assert_max_num_queries(26):
        assert client.get(PAGE).status_code == 200


# ---- the other pages -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["desk", "today", "call-list", "waiting-list", "team", "screens"])
def test_a_page_of_a_commune_that_is_not_open_says_what_lacks_and_who_can_help(
    client: Client, commune: Commune, name: str
) -> None:
    make_agent(commune, Role.MANAGER, first_name="Sophie")
    client.force_login(make_agent(commune, Role.DESK))
    page = shown(client, reverse(name))
    assert "La commune n’est pas encore ouverte." in page
    assert "Sophie" in page
    assert PAGE not in page


def test_a_manager_finds_the_link_on_the_page_that_lacks_something(client: Client, commune: Commune) -> None:
    site = bookable(commune, opening_hours="")
    client.force_login(make_agent(commune, Role.MANAGER, Role.DESK))
    page = shown(client, reverse("desk"))
    assert f'href="{reverse("hours-edit", args=[site.pk])}"' in page
    assert f'href="{PAGE}"' in page


def test_the_pages_of_an_open_commune_say_nothing_of_it(client: Client) -> None:
    commune = make_commune()
    bookable(commune)
    client.force_login(make_agent(commune, Role.DESK))
    for name in ("desk", "today", "call-list", "team", "screens"):
        assert "not-open" not in shown(client, reverse(name))
