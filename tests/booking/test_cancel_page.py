"""« Annuler le rendez-vous »: a step of its own, and the minutes in which it can be undone."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import AskedBy, EventKind, Reason, Status, WaitingState
from booking.log import Actor
from booking.models import Appointment, Resident, WaitingEntry
from communes.models import Cabin, Commune, Service
from tests.factories import TUESDAY, at, make_appointment, make_cabin, make_resident, make_site

pytestmark = pytest.mark.usefixtures("tuesday")

WHY = {"reason": Reason.NOT_NEEDED, "asked_by": AskedBy.RELATIVE}


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, first_name="Fatima", last_name="Bensaïd")


@pytest.fixture
def booked(cabin: Cabin, service: Service, fatima: Resident) -> Appointment:
    return make_appointment(cabin, service, at(14), resident=fatima)


def step(booked: Appointment) -> str:
    return reverse("appointment-cancel", args=[booked.pk])


def words(page: str) -> str:
    return re.sub(r"[\s\u00a0]+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def read(client: Client, booked: Appointment) -> str:
    return client.get(reverse("appointment", args=[booked.pk])).content.decode()


def test_to_look_at_the_step_cancels_nothing(desk: Client, booked: Appointment) -> None:
    page = words(desk.get(step(booked)).content.decode())
    assert "Annuler ce rendez-vous ? Fatima Bensaïd, mardi 24 novembre à 14 h" in page
    assert "Ce qui partira dans 5 minutes" in page
    booked.refresh_from_db()
    assert (booked.status, booked.events.count()) == (Status.BOOKED, 0)


def test_without_a_reason_nothing_is_cancelled_and_the_choice_is_kept(
    desk: Client, booked: Appointment
) -> None:
    for sent in ({}, {"asked_by": "relative"}, {"asked_by": "relative", "reason": "exchange"}):
        response = desk.post(step(booked), {"back": "", **sent})
        assert response.status_code == 422
        assert "errorlist" in response.content.decode()
    assert re.search(r'value="relative"[^>]*checked', response.content.decode())
    booked.refresh_from_db()
    assert booked.status == Status.BOOKED


def test_the_page_says_until_when_it_can_be_undone_and_the_history_who_asked(
    desk: Client, booked: Appointment, alice: Agent
) -> None:
    desk.post(step(booked), WHY)
    page = words(read(desk, booked))
    assert "Rendez-vous annulé, rien n’est encore parti." in page
    assert "Définitif à 10 h 05. D’ici là, l’horaire reste gardé." in page
    assert "Alice, à la demande d’un proche annulé" in page
    assert "mardi 24 novembre, 14:00, Hôtel de ville (n’en a plus besoin)" in page
    assert reverse("desk") + f"?move={booked.pk}" not in read(desk, booked)
    event = booked.events.get()
    assert (event.kind, event.agent, event.asked_by) == (EventKind.CANCELLING, alice, AskedBy.RELATIVE)


def test_it_is_restored_from_the_page(desk: Client, booked: Appointment) -> None:
    desk.post(step(booked), WHY)
    booked.refresh_from_db()
    assert "data-grace-left" in read(desk, booked)
    desk.post(reverse("appointment-restore", args=[booked.pk]), {"shown": booked.shown})
    booked.refresh_from_db()
    assert booked.status == Status.BOOKED
    assert "data-grace-left" not in read(desk, booked)


def test_it_is_sent_at_once_from_the_page(desk: Client, booked: Appointment) -> None:
    desk.post(step(booked), WHY)
    booked.refresh_from_db()
    desk.post(reverse("appointment-cancel-now", args=[booked.pk]), {"shown": booked.shown})
    booked.refresh_from_db()
    assert booked.status == Status.CANCELLED
    last = booked.events.latest("id")
    assert (last.kind, last.reason, last.asked_by) == (EventKind.CANCELLED, *WHY.values())


def test_a_page_of_the_grace_restores_nothing_once_messages_may_have_left(
    desk: Client, booked: Appointment
) -> None:
    desk.post(step(booked), WHY)
    shown = Appointment.objects.get().shown
    actions.finish_due_cancellations(now=TUESDAY + timedelta(minutes=5))
    for name in ("appointment-restore", "appointment-cancel-now"):
        answer = desk.post(reverse(name, args=[booked.pk]), {"shown": shown}, follow=True)
        assert "changé entre-temps" in words(answer.content.decode())
    booked.refresh_from_db()
    assert booked.status == Status.CANCELLED


def test_the_page_reloads_itself_when_the_grace_is_over(desk: Client, booked: Appointment) -> None:
    desk.post(step(booked), WHY)
    where = reverse("appointment-grace", args=[booked.pk])
    assert desk.get(where).status_code == 204
    actions.finish_due_cancellations(now=TUESDAY + timedelta(minutes=5))
    assert desk.get(where).headers["HX-Refresh"] == "true"


def test_cancelled_twice_by_a_double_press_it_is_cancelled_once(desk: Client, booked: Appointment) -> None:
    shown = {"shown": booked.shown}
    for _ in range(2):
        answer = desk.post(step(booked), {**WHY, **shown}, follow=True)
    assert answer.status_code == 200
    assert [event.kind for event in booked.events.all()] == [EventKind.CANCELLING]


def test_shortly_before_the_visit_the_step_says_that_messages_leave_at_once(
    desk: Client, booked: Appointment, set_clock
) -> None:
    set_clock(at(13, 35))
    assert "Ce qui partira tout de suite" in words(desk.get(step(booked)).content.decode())
    desk.post(step(booked), WHY)
    booked.refresh_from_db()
    assert booked.status == Status.CANCELLED


def test_the_step_says_how_many_wait_for_such_a_time(
    desk: Client, booked: Appointment, commune: Commune, service: Service
) -> None:
    for state in (WaitingState.WAITING, WaitingState.WAITING, WaitingState.LEFT):
        WaitingEntry.objects.create(
            commune=commune,
            resident=make_resident(commune),
            service=service,
            until_on=at(9, day=25).date(),
            state=state,
            joined_at=TUESDAY,
        )
    assert "2 personnes attendent un horaire pour" in words(desk.get(step(booked)).content.decode())


def test_keeping_it_and_cancelling_it_lead_back_to_where_the_agent_came_from(
    desk: Client, booked: Appointment, fatima: Resident
) -> None:
    back = f"{reverse('desk')}?resident={fatima.pk}"
    page = desk.get(step(booked), {"back": fatima.pk}).content.decode()
    assert f'href="{back}"' in page
    assert desk.post(step(booked), {**WHY, "back": fatima.pk}).headers["Location"] == back
    panel = words(desk.get(back).content.decode())
    assert "rien n’est encore parti ; définitif à 10 h 05" in panel


@pytest.mark.parametrize("page", ["today", "today-list"])
def test_the_day_shows_it_as_cancelled_while_its_time_is_kept(
    desk: Client, booked: Appointment, page: str
) -> None:
    desk.post(step(booked), WHY)
    assert "annulé" in words(desk.get(reverse(page)).content.decode())


def test_its_helper_sees_it_as_cancelled_and_may_not_begin_it(
    client: Client, booked: Appointment, bob: Agent
) -> None:
    Appointment.objects.update(helper=bob, with_helper=True)
    row = Appointment.objects.select_related("commune").get()
    actions.cancel_with_grace(
        appointment=row,
        reason=Reason.MISTAKE,
        asked_by=AskedBy.MAIRIE,
        by=Actor.system(),
        now=TUESDAY,
    )
    client.force_login(bob)
    page = client.get(reverse("my-day")).content.decode()
    assert "is-cancelled" in page
    for name in ("my-day-check-in", "my-day-start"):
        client.post(reverse(name, args=[booked.pk]))
    client.post(reverse("my-day-note", args=[booked.pk]), {"note": "autre"})
    booked.refresh_from_db()
    assert (booked.status, booked.note) == (Status.CANCELLING, "")


def test_the_api_says_cancelled_and_until_when_it_may_come_back(
    desk: Client, booked: Appointment, commune: Commune
) -> None:
    from booking.schemas import AppointmentOut

    desk.post(step(booked), WHY)
    row = Appointment.objects.select_related("cabin", "service").get()
    out = AppointmentOut.of(row, commune)
    assert (out.status, out.cancel_at) == ("cancelled", TUESDAY + timedelta(minutes=5))


@pytest.mark.parametrize("is_final", [False, True], ids=["in its grace", "final"])
def test_it_is_restored_beside_another_visit_only_if_the_agent_says_so(
    desk: Client, commune: Commune, service: Service, booked: Appointment, is_final: bool
) -> None:
    desk.post(step(booked), WHY)
    if is_final:
        actions.finish_due_cancellations(now=TUESDAY + timedelta(minutes=5))
    cabin = make_cabin(make_site(commune))
    other = make_appointment(cabin, service, booked.starts_at, resident=booked.resident)
    address = reverse("appointment-restore", args=[booked.pk])
    asked = desk.post(address, follow=True).content.decode()
    booked.refresh_from_db()
    assert booked.is_called_off
    assert "Le rendez-vous n’est pas encore rétabli" in words(asked)
    assert f'name="beside" form="restore" value="{other.pk},"' in asked
    desk.post(address, {"beside": f"{other.pk},"})
    booked.refresh_from_db()
    assert booked.status == Status.BOOKED


def test_nothing_is_asked_where_no_other_visit_stands_beside(desk: Client, booked: Appointment) -> None:
    for address in ("?restore=1", "?restore=x"):
        assert (
            "restoring" not in desk.get(reverse("appointment", args=[booked.pk]) + address).content.decode()
        )
