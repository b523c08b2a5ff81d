"""A resident in a wheelchair: the desk is warned of places and cabins without access, and may book there."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.actions import BookingRequest, keep_time
from booking.enums import AccessNeed, Status
from booking.forms.desk import slot_value
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.enums import WheelchairAccess
from communes.models import Cabin, Commune, Service, Site
from tests.booking.shown import Shown
from tests.factories import at, make_appointment, make_cabin, make_resident, make_site
from tests.html import Page

pytestmark = pytest.mark.usefixtures("tuesday", "cabin")
NO, YES, UNKNOWN = WheelchairAccess.NO, WheelchairAccess.YES, WheelchairAccess.UNKNOWN


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234", needs=[AccessNeed.WHEELCHAIR])


@pytest.fixture
def verlaine(commune: Commune) -> Site:
    site = make_site(commune, name="Verlaine", short_name="Verlaine", wheelchair=YES)
    make_cabin(site, name="Cabine Verlaine")
    return site


def set_access(place: Site | Cabin, access: WheelchairAccess) -> None:
    place.wheelchair = access
    place.save(update_fields=["wheelchair"])


def _said(page: Page, *, in_bar: bool) -> list[str]:
    lines = [each for each in page.elements if "access" in (each.get("class") or "").split()]
    return [
        page.text(each)
        for each in lines
        if in_bar == any(around.get("id") == "confirm" for around in page.around(each))
    ]


def warnings(shown: Shown) -> list[str]:
    """The sentences above the times."""
    return _said(shown.page, in_bar=False)


def marked(shown: Shown) -> set[str]:
    """The places whose times say that there is no access."""
    return {
        slot.site.short_name
        for day in shown.state.days
        for half in day.halves
        for slot in (*half.first, *half.more)
        if slot.lacks_access
    }


def hold(desk: Client, service: Service, site: Site, **sent: Any) -> Page:
    pick = {"service": service.pk, "helper": "0", "slot": slot_value(site.pk, at(14)), **sent}
    response = desk.post(reverse("desk-hold"), pick, follow=True)
    assert Appointment.objects.filter(status=Status.HELD).exists()
    return Page(response.content.decode())


def in_the_bar(page: Page) -> list[str]:
    return _said(page, in_bar=True)


def test_a_place_without_access_is_said_above_the_times_and_at_each_of_them(
    desk: Client, service: Service, site: Site, verlaine: Site, fatima: Resident
) -> None:
    set_access(site, NO)
    shown = Shown(desk, service, resident=fatima.pk)
    assert warnings(shown) == ["⚠ Pas d’accès en fauteuil : Hôtel de ville."]
    assert marked(shown) == {"Hôtel de ville"}
    (slot, *_rest) = [
        each for each in shown.page.elements if each.get("value") == slot_value(site.pk, at(14))
    ]
    assert shown.page.text(slot) == "14:00 Hôtel de ville pas d’accès en fauteuil : mardi 24 novembre"


def test_a_place_of_which_nobody_has_said_is_named_and_not_marked(
    desk: Client, service: Service, verlaine: Site, fatima: Resident
) -> None:
    shown = Shown(desk, service, resident=fatima.pk)
    assert warnings(shown) == ["Accès en fauteuil non précisé : Hôtel de ville."]
    assert marked(shown) == set()


def test_nobody_else_is_told(desk: Client, service: Service, site: Site, commune: Commune) -> None:
    set_access(site, NO)
    walker = make_resident(commune, "+33639985555", needs=[AccessNeed.READING])
    for asked in ({}, {"resident": walker.pk}):
        shown = Shown(desk, service, **asked)
        assert (warnings(shown), marked(shown)) == ([], set())
    assert in_the_bar(hold(desk, service, site, resident=walker.pk)) == []


def test_at_the_same_time_the_place_with_access_comes_first(
    desk: Client, service: Service, site: Site, verlaine: Site, fatima: Resident, commune: Commune
) -> None:
    def first_two(**asked: Any) -> list[str]:
        afternoon = Shown(desk, service, half="pm", **asked).state.days[0].halves[0].first
        return [slot.site.short_name for slot in afternoon[:2]]

    set_access(site, NO)
    assert first_two() == ["Hôtel de ville", "Verlaine"]
    assert first_two(resident=fatima.pk) == ["Verlaine", "Hôtel de ville"]


def test_the_bar_warns_and_the_appointment_can_be_made_all_the_same(
    desk: Client, service: Service, site: Site, fatima: Resident
) -> None:
    set_access(site, NO)
    page = hold(desk, service, site, resident=fatima.pk)
    assert in_the_bar(page) == ["⚠ Pas d’accès en fauteuil : Hôtel de ville."]
    held = Appointment.objects.get(status=Status.HELD)
    assert desk.post(reverse("desk-confirm"), {"hold": held.pk, "resident": fatima.pk}).status_code == 302
    held.refresh_from_db()
    assert (held.status, held.resident) == (Status.BOOKED, fatima)


def test_of_two_cabins_the_one_with_access_is_kept_for_them(
    desk: Client, service: Service, site: Site, cabin: Cabin, fatima: Resident
) -> None:
    set_access(site, YES)
    set_access(cabin, NO)
    roomy = make_cabin(site, name="Grande cabine")
    assert warnings(Shown(desk, service, resident=fatima.pk)) == []
    page = hold(desk, service, site, resident=fatima.pk)
    assert Appointment.objects.get(status=Status.HELD).cabin == roomy
    assert in_the_bar(page) == []
    Appointment.objects.all().delete()
    hold(desk, service, site)
    assert Appointment.objects.get(status=Status.HELD).cabin == cabin, "for others the first one will do"


def test_where_only_the_cabin_without_access_is_free_the_bar_names_it(
    desk: Client, service: Service, site: Site, cabin: Cabin, fatima: Resident
) -> None:
    set_access(site, YES)
    set_access(cabin, NO)
    make_appointment(make_cabin(site), service, at(14))
    page = hold(desk, service, site, resident=fatima.pk)
    assert in_the_bar(page) == ["⚠ Pas d’accès en fauteuil : Cabine du hall."]


def test_where_no_cabin_has_access_the_place_has_none(
    desk: Client, service: Service, site: Site, cabin: Cabin, fatima: Resident
) -> None:
    set_access(site, YES)
    set_access(cabin, NO)
    assert warnings(Shown(desk, service, resident=fatima.pk)) == [
        "⚠ Pas d’accès en fauteuil : Hôtel de ville."
    ]


def test_who_is_chosen_after_the_time_is_warned_of_too(
    desk: Client, service: Service, site: Site, cabin: Cabin, fatima: Resident
) -> None:
    set_access(site, YES)
    set_access(cabin, NO)
    assert in_the_bar(hold(desk, service, site)) == []
    held = Appointment.objects.get(status=Status.HELD)
    shown = Shown(desk, service, hold=held.pk, resident=fatima.pk)
    assert in_the_bar(shown.page) == ["⚠ Pas d’accès en fauteuil : Cabine du hall."]


def test_moving_warns_in_the_same_way(
    desk: Client, service: Service, site: Site, verlaine: Site, fatima: Resident
) -> None:
    set_access(site, NO)
    moving = make_appointment(verlaine.cabins.get(), service, at(9, day=25), resident=fatima)
    shown = Shown(desk, service, move=moving.pk, slot=slot_value(site.pk, at(14)))
    assert marked(shown) == {"Hôtel de ville"}
    assert in_the_bar(shown.page) == ["⚠ Pas d’accès en fauteuil : Hôtel de ville."]


def test_the_other_systems_of_the_commune_book_as_before(
    commune: Commune, service: Service, site: Site, cabin: Cabin, alice: Agent, fatima: Resident
) -> None:
    """A warning never refuses: the only cabin is given, whatever is known of it."""
    set_access(cabin, NO)
    wanted = BookingRequest(service=service, site=site, start=at(14), with_helper=False, resident=fatima)
    assert keep_time(request=wanted, by=Actor.agent(alice), now=at(10)).cabin == cabin


# ---- what is entered of a place ---------------------------------------------------------------------------


def access_page(client: Client, site: Site) -> tuple[str, Page, dict[str, str]]:
    address = reverse("access-edit", args=[site.pk])
    page = Page(client.get(address).content.decode())
    start = {
        each["name"] or "": each["value"] or ""
        for each in page.elements
        if "started" in (each.get("name") or "")
    }
    return address, page, start


def test_a_manager_says_what_is_known_of_a_place_and_its_cabins(
    client: Client, dana: Agent, site: Site, cabin: Cabin
) -> None:
    client.force_login(dana)
    address, page, start = access_page(client, site)
    name = f"cabin_{cabin.pk}"
    ticked = {each["name"]: each["value"] for each in page.elements if "checked" in each}
    assert ticked == {"site": "unknown", name: "unknown"}
    version = site.version
    assert client.post(address, {**start, "site": "yes", name: "no"}, follow=True).status_code == 200
    site.refresh_from_db()
    cabin.refresh_from_db()
    assert (site.wheelchair, cabin.wheelchair) == (YES, NO)
    assert site.version > version
    places = " ".join(client.get(reverse("places")).content.decode().split())
    assert "en fauteuil : oui" in places
    assert "pas d’accès en fauteuil" in places


def test_what_two_managers_say_of_a_place_and_of_its_cabin_is_both_kept(
    client: Client, dana: Agent, site: Site, cabin: Cabin
) -> None:
    client.force_login(dana)
    name = f"cabin_{cabin.pk}"
    address, _page, start = access_page(client, site)
    client.post(address, {**start, "site": "yes", name: "unknown"})
    client.post(address, {**start, "site": "unknown", name: "no"})
    site.refresh_from_db()
    cabin.refresh_from_db()
    assert (site.wheelchair, cabin.wheelchair) == (YES, NO)


def test_what_is_no_answer_is_refused_beside_the_question(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    address, _page, start = access_page(client, site)
    response = client.post(address, {**start, "site": "maybe"})
    assert response.status_code == 422
    site.refresh_from_db()
    assert site.wheelchair == UNKNOWN
