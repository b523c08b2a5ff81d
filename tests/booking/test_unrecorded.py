"""Visits of past days of which nobody noted what became of them."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from booking import actions
from booking.enums import EventKind, Status
from booking.errors import SlotTaken, StatusRefused, TooEarly
from booking.log import Actor
from booking.models import Appointment
from communes.models import Cabin, Commune, Service
from tests.booking.test_today import DAY
from tests.booking.towns import counts
from tests.factories import TUESDAY, at, make_appointment, make_cabin, make_commune, make_service, make_site

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def page(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def yesterday(cabin: Cabin, service: Service) -> Appointment:
    return make_appointment(cabin, service, at(14, day=23))


def listed(page: Client, **query: Any) -> list[Appointment]:
    visits: list[Appointment] = page.get(DAY, query).context["unrecorded"].visits
    return visits


def test_the_desk_is_asked_of_past_days_only(
    page: Client, yesterday: Appointment, cabin: Cabin, service: Service
) -> None:
    waited = make_appointment(cabin, service, at(9, day=20), status=Status.ARRIVED, arrived_at=at(9, day=20))
    make_appointment(cabin, service, at(9))
    make_appointment(cabin, service, at(11, day=23), status=Status.DONE)
    other = make_commune(name="Sotteville")
    make_appointment(make_cabin(make_site(other)), make_service(other), at(14, day=23))
    elsewhere = make_appointment(make_cabin(make_site(cabin.site.commune)), service, at(9, day=23))
    assert listed(page) == [yesterday, elsewhere, waited]
    assert listed(page, site=cabin.site_id) == [yesterday, waited]
    assert "unrecorded" not in page.get(DAY, {"day": "2026-11-25"}).context


@pytest.mark.parametrize(
    ("press", "status", "undo"), [("venu", Status.DONE, "venu"), ("absence", Status.NO_SHOW, "absence")]
)
def test_one_press_notes_it_and_one_takes_it_back(
    page: Client, yesterday: Appointment, press: str, status: Status, undo: str
) -> None:
    response = page.post(f"/rendez-vous/{yesterday.pk}/{press}/", {"back": "unrecorded"})
    assert response["Location"] == f"{DAY}?noted={yesterday.pk}#unrecorded"
    yesterday.refresh_from_db()
    assert yesterday.status == status
    assert counts() == {status: 1}
    shown = page.get(DAY, {"noted": yesterday.pk})
    assert shown.context["unrecorded"].visits == []
    assert f"/rendez-vous/{yesterday.pk}/{undo}/annuler/" in shown.content.decode()
    assert "/annuler/" in page.get(f"/rendez-vous/{yesterday.pk}/").content.decode()

    response = page.post(f"/rendez-vous/{yesterday.pk}/{undo}/annuler/", {"back": "unrecorded"})
    assert response["Location"] == f"{DAY}#unrecorded"
    assert listed(page) == [yesterday]
    assert counts() == {}


def test_what_was_noted_elsewhere_is_not_shown(
    page: Client, commune: Commune, cabin: Cabin, service: Service
) -> None:
    other = make_commune(name="Sotteville")
    theirs = make_appointment(
        make_cabin(make_site(other)), make_service(other), at(14, day=23), status=Status.NO_SHOW
    )
    assert page.get(DAY, {"noted": theirs.pk}).context["noted"] is None


def test_coming_is_noted_afterwards_only_and_keeps_no_invented_times(
    alice: Agent, yesterday: Appointment, cabin: Cabin, service: Service
) -> None:
    by = Actor.agent(alice)
    with pytest.raises(TooEarly) as early:
        actions.record_attendance(appointment=yesterday, by=by, now=at(18, day=23))
    assert early.value.details["from_at"] == at(0)
    actions.record_attendance(appointment=yesterday, by=by, now=TUESDAY)
    assert (yesterday.arrived_at, yesterday.started_at, yesterday.ended_at) == (None, None, None)
    assert [event.kind for event in yesterday.events.all()] == [EventKind.CAME]
    with pytest.raises(StatusRefused):
        actions.record_attendance(appointment=yesterday, by=by, now=TUESDAY)
    make_appointment(cabin, service, at(14, 15, day=23))
    with pytest.raises(SlotTaken):
        actions.undo_came(appointment=yesterday, by=by, now=TUESDAY)


def test_a_session_that_ran_is_not_undone_so(alice: Agent, cabin: Cabin, service: Service) -> None:
    ran = make_appointment(cabin, service, at(14, day=23), status=Status.DONE, started_at=at(14, day=23))
    with pytest.raises(StatusRefused):
        actions.undo_came(appointment=ran, by=Actor.agent(alice), now=TUESDAY)


def test_who_had_arrived_is_back_among_the_arrived(alice: Agent, cabin: Cabin, service: Service) -> None:
    visit = make_appointment(cabin, service, at(14, day=23), status=Status.ARRIVED, arrived_at=at(14, day=23))
    by = Actor.agent(alice)
    actions.record_attendance(appointment=visit, by=by, now=TUESDAY)
    actions.undo_came(appointment=visit, by=by, now=TUESDAY)
    assert visit.status == Status.ARRIVED
