"""« Quand ? » on the desk page: what was asked is kept by whatever is pressed, and costs few queries."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from booking.forms.desk import slot_value
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.booking.shown import Shown
from tests.factories import (
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_resident,
    make_shift,
    make_site,
)
from tests.html import Page

pytestmark = pytest.mark.usefixtures("tuesday", "cabin")
THURSDAY = date(2026, 11, 26)
WEEK = timedelta(weeks=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


ASKED: dict[str, Any] = {"days": ["3"], "half": ["pm"], "before": ["2027-03-01"], "week": ["2026-11-25"]}


def test_picking_and_confirming_keep_what_was_asked(
    desk: Client, service: Service, site: Site, fatima: Resident
) -> None:
    shown = Shown(desk, service, resident=fatima.pk, **ASKED)
    form = next(each for each in shown.page.elements if each.get("id") == "pick")
    sent: dict[str, list[str]] = {}
    for each in shown.page.inside(form):
        if each.get("name") in (*ASKED, "service", "helper", "resident", "party"):
            sent.setdefault(each["name"] or "", []).append(each["value"] or "")
    assert {name: sent[name] for name in ASKED} == ASKED
    held = desk.post(
        reverse("desk-hold"), {**sent, "slot": slot_value(site.pk, at(14, day=26))}, headers=HTMX
    )
    query = parse_qs(urlsplit(held.headers["Location"]).query)
    assert {name: query[name] for name in ASKED} == ASKED
    picked = Shown(desk, service, **query)
    assert picked.days[0] == THURSDAY
    last_step = [each for each in picked.page.all("form", "booking") if each.get("name") in ASKED]
    assert {each["name"]: [each["value"]] for each in last_step} == ASKED


def test_moving_keeps_what_was_asked_when_it_is_refused(
    desk: Client, service: Service, cabin: Cabin, fatima: Resident
) -> None:
    moving = make_appointment(cabin, service, at(9, day=25), resident=fatima)
    make_appointment(cabin, service, at(14, day=26))
    slot = slot_value(cabin.site_id, at(14, day=26))
    asked: dict[str, Any] = {"move": moving.pk, "slot": slot, **ASKED}
    page = Page(desk.get(reverse("desk"), asked).content.decode())
    form = page.one(id="moving")
    sent = {each["name"]: each.get("value") or "" for each in page.inside(form) if each.get("name")}
    assert {name: [sent[name]] for name in ASKED} == ASKED
    refused = desk.post(reverse("desk-move", args=[moving.pk]), sent)
    assert refused.status_code == 409
    assert refused.context["desk"].when.weekdays == {3}


def test_the_waiting_list_begins_with_what_was_asked(
    desk: Client, service: Service, fatima: Resident
) -> None:
    shown = Shown(
        desk, service, resident=fatima.pk, days=["3", "4"], half="pm", before="2026-12-24", week="2026-12-01"
    )
    form = shown.page.one(id="to-waiting")
    sent: dict[str, list[str]] = {}
    for each in shown.page.inside(form):
        if each.get("name"):
            sent.setdefault(each["name"] or "", []).append(each.get("value") or "")
    page = Page(desk.post(reverse("waiting-join"), {**sent, "begin": "1"}).content.decode())
    ticked = [each["value"] for each in page.all("name", "half_days") if "checked" in each]
    assert ticked == ["7", "9"]
    assert page.one(name="from_on")["value"] == "2026-12-01"
    assert page.one(name="until_on")["value"] == "2026-12-23"


def test_all_times_of_the_waiting_list_are_those_that_suit(
    desk: Client, service: Service, fatima: Resident
) -> None:
    asked: dict[str, Any] = {
        "resident": fatima.pk,
        "service": service.pk,
        "helper": "0",
        "party": "1",
        "until_on": "2026-12-10",
    }
    shown = desk.post(reverse("waiting-join"), {**asked, "half_days": ["7", "9"]})
    assert shown.status_code == 409
    query = parse_qs(shown.context["all_times"])
    assert (query["days"], query["half"], query["before"]) == (["3", "4"], ["pm"], ["2026-12-11"])
    uneven = desk.post(reverse("waiting-join"), {**asked, "half_days": ["6", "9"]})
    assert "days" not in parse_qs(uneven.context["all_times"])


def test_a_part_drawn_again_says_aloud_what_it_shows(desk: Client, service: Service) -> None:
    asked: dict[str, Any] = {"service": service.pk, "helper": "0", "days": "3"}
    part = Page(desk.get(reverse("desk"), asked, headers=HTMX).content.decode())
    said = part.one(id="times-said")
    assert said["hx-swap-oob"] == "innerHTML"
    assert part.text(said).startswith("Les prochains jeudis, 45 min sans aidant :")
    whole = Page(desk.get(reverse("desk"), asked).content.decode())
    assert whole.one(id="times-said")["role"] == "status"


def test_no_name_and_no_number_comes_into_an_address(
    desk: Client, service: Service, fatima: Resident
) -> None:
    shown = Shown(desk, service, resident=fatima.pk, **ASKED)
    for link in ("week-after", "show-all"):
        assert set(shown.address(link)) <= {*ASKED, "resident", "service", "helper"}


# ---- queries --------------------------------------------------------------------------------------------


def test_queries_grow_neither_with_the_days_nor_with_the_places(
    desk: Client, commune: Commune, service: Service
) -> None:
    asked: dict[str, Any] = {"service": service.pk, "helper": "1", "half": "pm"}
    counts = set()
    for _ in range(3):
        place = make_site(commune)
        make_appointment(make_cabin(place), service, at(14, day=26))
        make_shift(make_agent(commune, Role.HELPER, skills=[service]), place, at(14, day=26), at(17, day=26))
        for days in (["3"], ["0", "1", "2", "3", "4"]):
            with CaptureQueriesContext(connection) as asked_for:
                desk.get(reverse("desk"), {**asked, "days": days})
            counts.add(len(asked_for))
    assert len(counts) == 1
    assert counts.pop() <= 8


def test_days_without_a_time_cost_one_more_search(
    desk: Client, service: Service, django_assert_max_num_queries: Any
) -> None:
    asked: dict[str, Any] = {"service": service.pk, "helper": "0", "days": "6"}
    with django_assert_max_num_queries(11):
        desk.get(reverse("desk"), asked)


def test_a_held_time_of_one_person_is_given_up_for_the_longer_visit_of_two(
    desk: Client, service: Service, site: Site
) -> None:
    pick: dict[str, Any] = {
        "service": service.pk,
        "helper": "0",
        "slot": slot_value(site.pk, at(14)),
        **ASKED,
    }
    desk.post(reverse("desk-hold"), pick)
    held = Appointment.objects.get(status=Status.HELD)
    two = Shown(desk, service, hold=held.pk, party="2", **ASKED)
    assert two.text("longer") == "70 min au lieu de 45"
    assert not two.page.all("id", "confirm")


def test_what_is_kept_comes_back_when_the_new_time_is_lost(
    desk: Client, service: Service, site: Site, cabin: Cabin
) -> None:
    pick: dict[str, Any] = {"service": service.pk, "helper": "0", "slot": slot_value(site.pk, at(14))}
    desk.post(reverse("desk-hold"), pick)
    held = Appointment.objects.get(status=Status.HELD)
    make_appointment(cabin, service, at(16))
    lost = desk.post(reverse("desk-hold"), {**pick, "slot": slot_value(site.pk, at(16)), "hold": held.pk})
    assert lost.status_code == 409
    assert list(Appointment.objects.filter(status=Status.HELD)) == [held]
    confirmed = desk.post(
        reverse("desk-confirm"),
        {"hold": held.pk, "resident": make_resident(site.commune).pk, "helper": "0"},
    )
    assert confirmed.status_code == 302


def test_a_helper_books_and_gives_back_only_what_they_keep_themselves(
    desk: Client, service: Service, site: Site, fatima: Resident, bob: Agent
) -> None:
    pick: dict[str, Any] = {"service": service.pk, "helper": "0", "slot": slot_value(site.pk, at(14))}
    desk.post(reverse("desk-hold"), pick)
    held = Appointment.objects.get(status=Status.HELD)
    helper = Client()
    helper.force_login(bob)
    last_step = {"hold": held.pk, "resident": fatima.pk, "helper": "0"}
    assert helper.post(reverse("desk-confirm"), last_step).status_code == 422
    other = {**pick, "slot": slot_value(site.pk, at(16)), "hold": held.pk}
    assert helper.post(reverse("desk-hold"), other).status_code == 422
    held.refresh_from_db()
    assert held.status == Status.HELD
    helper.post(reverse("desk-hold"), {**other, "hold": ""})
    own = Appointment.objects.exclude(pk=held.pk).get()
    assert helper.post(reverse("desk-confirm"), {**last_step, "hold": own.pk}).status_code == 302
    assert desk.post(reverse("desk-confirm"), last_step | {"beside": own.pk}).status_code == 302
