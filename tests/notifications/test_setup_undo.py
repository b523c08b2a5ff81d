"""The log of the set-up: an edited place, cabin or service is put back as a setting is, or refused."""

from typing import Any

import pytest
from django.forms import ModelForm
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from communes.models import Cabin, Commune, Service, SetupChange, Site
from communes.service_actions import delete_service, retire_service
from communes.service_forms import OTHER_NAMES, ServiceForm
from communes.setup_forms import CabinForm, PlaceForm
from notifications.actions.commune_settings import OF_CABINS, OF_PLACES, OF_SERVICES
from planning.forms import HelpersNeededForm
from tests.edits import edit_form
from tests.factories import TUESDAY, make_service, make_site
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")


@pytest.fixture
def page(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


def edited(page: Client, to: str, row: Any, **changes: Any) -> SetupChange:
    """What the log says after a manager has changed this in its form."""
    address = reverse(to, args=[row.pk])
    form = edit_form(page.get(address))
    answer = page.post(address, {**form.sent, **changes})
    assert answer.status_code == 302, answer.context["form"].errors
    return SetupChange.objects.order_by("-pk")[0]


def undo(page: Client, change: SetupChange) -> Any:
    return page.post(reverse("settings-undo", args=[change.pk]), follow=True)


def test_a_changed_service_is_put_back_and_that_is_logged_and_can_be_put_back_too(
    page: Client, dana: Agent, service: Service
) -> None:
    before = Service.objects.values().get(pk=service.pk)
    change = edited(
        page,
        "service-edit",
        service,
        name="Aides de la CAF",
        duration_min="30",
        equipment_needed=["printer"],
        lead_min_hours="5",
        name_ar="المساعدات",
        is_medical="on",
    )
    shown = words(page.get(reverse("settings-log")))
    assert "30 (avant : 45)" in shown
    assert reverse("settings-undo", args=[change.pk]) in page.get(reverse("settings-log")).content.decode()

    undo(page, change)

    assert Service.objects.values().get(pk=service.pk) == before
    latest = SetupChange.objects.order_by("-pk")[0]
    assert (latest.kind, latest.by, latest.values["duration_min"]) == ("put_back", dana, [30, 45])
    undo(page, latest)
    service.refresh_from_db()
    assert (service.name, service.duration_min, service.names) == (
        "Aides de la CAF",
        30,
        {"ar": "المساعدات"},
    )


def test_a_service_changed_again_since_is_refused_in_words(page: Client, service: Service) -> None:
    first = edited(page, "service-edit", service, duration_min="30", turnaround_min="20")
    edited(page, "service-edit", service, duration_min="60")
    assert reverse("settings-undo", args=[first.pk]) not in page.get(reverse("settings-log")).content.decode()

    answer = undo(page, first)

    assert "modifiée de nouveau" in words(answer)
    service.refresh_from_db()
    assert (service.duration_min, service.turnaround_min) == (60, 20)


def test_a_later_change_of_something_else_does_not_stand_in_the_way(page: Client, service: Service) -> None:
    first = edited(page, "service-edit", service, duration_min="30")
    edited(page, "service-edit", service, what_to_bring="Une pièce d’identité")

    undo(page, first)

    service.refresh_from_db()
    assert (service.duration_min, service.what_to_bring) == (45, "Une pièce d’identité")


def test_of_a_retired_service_it_says_what_to_do_first(page: Client, service: Service) -> None:
    change = edited(page, "service-edit", service, duration_min="30")
    retire_service(service=service, now=TUESDAY)

    assert "reprenez-la d’abord" in words(undo(page, change))
    service.refresh_from_db()
    assert service.duration_min == 30


def test_of_a_deleted_service_it_says_that_it_is_gone(page: Client, commune: Commune) -> None:
    service = make_service(commune, name="Scanner")
    change = edited(page, "service-edit", service, duration_min="30")
    delete_service(service=service, now=TUESDAY)

    assert "n’existe plus" in words(undo(page, change))


def test_a_service_of_another_commune_is_out_of_reach(
    client: Client, page: Client, charlie: Agent, service: Service
) -> None:
    change = edited(page, "service-edit", service, duration_min="30")
    client.force_login(charlie)
    assert client.post(reverse("settings-undo", args=[change.pk])).status_code == 404


def test_a_service_put_aside_is_offered_again(page: Client, service: Service) -> None:
    page.post(reverse("service-state", args=[service.pk]), {"state": "aside"})

    undo(page, SetupChange.objects.get())

    service.refresh_from_db()
    assert service.is_active


def test_a_changed_place_is_put_back(page: Client, site: Site) -> None:
    before = Site.objects.values().get(pk=site.pk)
    change = edited(
        page,
        "site-edit",
        site,
        name="Maison commune",
        phone="02 61 91 00 99",
        maintainer="depannage@example.org",
        accessibility=["hearing_loop"],
        walk_ins="",
    )

    undo(page, change)

    assert {**Site.objects.values().get(pk=site.pk), "version": 0} == {**before, "version": 0}
    assert SetupChange.objects.order_by("-pk")[0].kind == "put_back"


def test_helpers_needed_are_put_back(page: Client, site: Site) -> None:
    change = edited(page, "helpers-needed", site, helpers_morning="3")

    undo(page, change)

    site.refresh_from_db()
    assert site.helpers_morning == change.values["helpers_morning"][0]


def test_a_name_that_another_place_took_meanwhile_is_refused_in_words(
    page: Client, commune: Commune, site: Site
) -> None:
    was = site.name
    change = edited(page, "site-edit", site, name="Maison commune")
    make_site(commune, name=was)

    assert "Ce nom est déjà pris" in words(undo(page, change))


def test_a_changed_cabin_is_put_back_under_its_own_kind(page: Client, cabin: Cabin) -> None:
    was = cabin.name
    change = edited(page, "cabin-edit", cabin, name="Bleue", in_service_at="2026-12-01")

    undo(page, change)

    cabin.refresh_from_db()
    assert (cabin.name, cabin.in_service_at) == (was, None)
    assert SetupChange.objects.order_by("-pk")[0].kind == "put_back"


@pytest.mark.parametrize(
    ("form", "names"), [(PlaceForm, OF_PLACES), (CabinForm, OF_CABINS), (ServiceForm, OF_SERVICES)]
)
def test_all_that_a_form_changes_can_be_put_back(form: type[ModelForm[Any]], names: tuple[str, ...]) -> None:
    assert form._meta.fields is not None
    assert set(form._meta.fields) <= set(names)


def test_the_names_and_the_helpers_needed_too() -> None:
    assert OTHER_NAMES and "names" in OF_SERVICES
    assert set(HelpersNeededForm.Meta.fields) <= set(OF_PLACES)
