"""Who is rung when a resident has arrived, and what the screen promises: no more than that."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.actions import check_in, undo_check_in
from booking.enums import Origin, Status
from booking.log import Actor
from booking.models import Appointment
from communes.models import Cabin, Commune, Service
from tests.clocks import SetClock
from tests.factories import at, make_appointment, make_resident, make_shift
from tests.kiosk.test_arrival import key, status
from tests.kiosk.test_help import board, heard, pages_of

pytestmark = pytest.mark.django_db

COMES = "On vient vous chercher"
HELPER_TOLD = "Votre aidant numérique est prévenu"
DESK_TOLD = "L’accueil est prévenu"
RECEPTION = "Adressez-vous à l’accueil"


@pytest.fixture
def helped(commune: Commune, cabin: Cabin, service: Service, bob: Agent) -> Appointment:
    """Fatima Bensaïd at 10:30 in the cabin of the hall, with Bob."""
    resident = make_resident(commune)
    return make_appointment(cabin, service, at(10, 30), resident=resident, helper=bob, number="482913")


@pytest.fixture
def bob_is_here(bob: Agent, cabin: Cabin) -> None:
    make_shift(bob, cabin.site, at(9), at(12))


@pytest.mark.usefixtures("bob_is_here")
def test_the_helper_is_rung_then_the_desk_then_the_screen_names_the_reception(
    kiosk: Client, helped: Appointment, bob: Agent, alice: Agent, set_clock: SetClock
) -> None:
    set_clock(at(10, 29))
    answer = key(kiosk, "482913")
    assert HELPER_TOLD in answer
    assert HELPER_TOLD in board(kiosk)
    assert COMES not in answer + board(kiosk)
    assert (heard(bob), heard(alice)) == (True, False)
    set_clock(at(10, 32))
    assert DESK_TOLD in board(kiosk)
    assert (heard(bob), heard(alice)) == (True, True)
    set_clock(at(10, 35))
    assert RECEPTION in board(kiosk)
    assert DESK_TOLD not in board(kiosk)
    assert heard(alice)


def test_the_desk_is_rung_at_once_if_the_helper_is_not_here(
    kiosk: Client, helped: Appointment, bob: Agent, alice: Agent
) -> None:
    assert DESK_TOLD in key(kiosk, "482913")
    assert (heard(bob), heard(alice)) == (False, True)


@pytest.mark.usefixtures("bob_is_here")
def test_someone_comes_only_after_an_agent_said_so(
    kiosk: Client, helped: Appointment, bob: Agent, alice: Agent, set_clock: SetClock
) -> None:
    key(kiosk, "482913")
    pages_of(bob).post(reverse("waiting-answer", args=[helped.pk]))
    assert COMES in board(kiosk)
    set_clock(at(10, 32))
    assert COMES in board(kiosk)
    assert (heard(bob), heard(alice)) == (False, False)
    set_clock(at(10, 36))
    assert RECEPTION in board(kiosk)
    assert heard(alice)


@pytest.mark.usefixtures("bob_is_here")
def test_an_answer_to_an_arrival_that_was_undone_does_not_count_for_the_next(
    kiosk: Client, helped: Appointment, bob: Agent, set_clock: SetClock
) -> None:
    key(kiosk, "482913")
    pages_of(bob).post(reverse("waiting-answer", args=[helped.pk]))
    helped.refresh_from_db()
    undo_check_in(appointment=helped, by=Actor.agent(bob), now=at(10, 25))
    set_clock(at(10, 27))
    assert HELPER_TOLD in key(kiosk, "482913")


@pytest.mark.usefixtures("bob_is_here")
def test_who_came_early_is_not_sent_to_the_reception_before_the_time(
    kiosk: Client, helped: Appointment, set_clock: SetClock
) -> None:
    set_clock(at(10, 5))
    key(kiosk, "482913")
    set_clock(at(10, 28))
    assert DESK_TOLD in board(kiosk)
    set_clock(at(10, 30))
    assert RECEPTION in board(kiosk)


def test_a_helper_asked_for_without_appointment_is_rung(
    kiosk: Client, cabin: Cabin, service: Service, bob: Agent, alice: Agent, set_clock: SetClock
) -> None:
    make_shift(bob, cabin.site, at(9), at(12))
    visit = make_appointment(
        cabin, service, at(10, 24), helper=bob, status=Status.IN_SESSION, origin=Origin.SCREEN,
        is_walk_in=True, arrived_at=at(10, 24), started_at=at(10, 24),
    )  # fmt: skip
    assert HELPER_TOLD in board(kiosk)
    assert heard(bob)
    set_clock(at(10, 27))
    assert heard(alice)
    pages_of(bob).post(reverse("waiting-answer", args=[visit.pk]))
    assert not heard(alice)
    assert DESK_TOLD not in board(kiosk)


def test_the_cabin_is_free_for_who_waits_alone_and_one_touch_begins(
    kiosk: Client, cabin: Cabin, service: Service
) -> None:
    before = make_appointment(cabin, service, at(9, 30), status=Status.IN_SESSION)
    alone = make_appointment(cabin, service, at(10, 30), number="111111")
    turn = reverse("screen-turn", args=[alone.pk])
    key(kiosk, "111111")
    assert turn not in board(kiosk)
    Appointment.objects.filter(pk=before.pk).update(status=Status.DONE)
    shown = board(kiosk)
    assert "C’est à vous" in shown
    assert turn in shown
    assert "Installez-vous" in kiosk.post(turn).content.decode()
    assert status(alone) == Status.IN_SESSION


def test_a_turn_is_taken_only_at_the_screen_of_its_cabin(
    kiosk: Client, helped: Appointment, upstairs: Cabin, service: Service
) -> None:
    alone = make_appointment(upstairs, service, at(10, 30), status=Status.ARRIVED, arrived_at=at(10, 20))
    kiosk.post(reverse("screen-turn", args=[alone.pk]))
    Appointment.objects.filter(pk=helped.pk).update(status=Status.ARRIVED)
    kiosk.post(reverse("screen-turn", args=[helped.pk]))
    assert (status(alone), status(helped)) == (Status.ARRIVED, Status.ARRIVED)


# ---- an arrival that the desk noted hours before ----


@pytest.fixture
def early(cabin: Cabin, service: Service, alice: Agent, set_clock: SetClock) -> Appointment:
    """15:00, alone; the desk noted the arrival at 10:24."""
    appointment = make_appointment(cabin, service, at(15), number="150000")
    check_in(appointment=appointment, by=Actor.agent(alice), now=at(10, 24))
    return appointment


def test_an_arrival_noted_hours_early_keeps_no_cabin(kiosk: Client, early: Appointment) -> None:
    shown = board(kiosk)
    assert 'data-state="free"' in shown
    assert reverse("screen-walk-in") in shown


def test_nor_does_its_number_begin_the_session(
    kiosk: Client, early: Appointment, set_clock: SetClock
) -> None:
    answer = key(kiosk, "150000").replace("\N{NO-BREAK SPACE}", " ")
    assert "Votre rendez-vous est à 15 h" in answer
    assert status(early) == Status.ARRIVED
    set_clock(at(14, 35))
    assert "C’est à vous" in board(kiosk)


def test_nor_does_it_ring_anybody_yet(
    kiosk: Client, cabin: Cabin, service: Service, alice: Agent, bob: Agent, set_clock: SetClock
) -> None:
    appointment = make_appointment(cabin, service, at(15), number="150000", helper=bob)
    check_in(appointment=appointment, by=Actor.agent(alice), now=at(10, 24))
    set_clock(at(10, 40))
    assert not heard(alice)
    set_clock(at(14, 35))
    assert heard(alice)
