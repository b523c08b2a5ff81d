"""A booking that meets a closure, an absence or a broken cabin declared at the same moment.

Whoever declares one takes the sites first, as whoever books does; the second waits and then sees what
the first did. On SQLite writers are serial by themselves, so there they run one after the other.
"""

import threading

import pytest
from django.db import connection, transaction

from agents.enums import AbsenceKind
from booking.enums import WhyEmpty
from booking.errors import NotOffered
from booking.models import Appointment
from communes.actions import declare_closure, edit_hours, set_out_of_service
from communes.enums import ClosureReason, Equipment, IncidentKind
from communes.errors import StillUsed
from communes.incident_actions import confirm_fault, report_fault
from communes.service_actions import delete_service
from communes.setup_actions import delete_cabin, retire_cabin, retire_place
from planning.actions.absences import declare_absence
from tests.booking.towns import Town
from tests.factories import TUESDAY, at

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def close(town):
    declare_closure(
        site=town.site, starts_at=at(14, day=25), ends_at=at(17, day=25), reason=ClosureReason.WORKS
    )


def fall_ill(town):
    declare_absence(
        agent=town.bob,
        commune=town.commune,
        starts_at=at(14, day=25),
        ends_at=at(17, day=25),
        kind=AbsenceKind.SICK,
        by=town.bob,
    )


def break_down(town):
    set_out_of_service(cabin=town.cabin)


def confirm_a_fault(town):
    incident, _ = report_fault(cabin=town.cabin, kind=IncidentKind.SCANNER, by=town.bob, now=TUESDAY)
    confirm_fault(incident=incident, end=at(18, day=25), by=town.bob, now=TUESDAY)


def other_hours(town):
    edit_hours(site=town.site, opening_hours="Mo-Fr 08:00-09:00", now=TUESDAY)


def retire_the_place(town):
    retire_place(site=town.site, at=at(0, day=25), by=town.bob, now=TUESDAY)


def retire_the_cabin(town):
    retire_cabin(cabin=town.cabin, at=at(0, day=25), by=town.bob, now=TUESDAY)


@pytest.mark.parametrize(
    ("declare", "why"),
    [
        (close, WhyEmpty.CLOSED),
        (fall_ill, WhyEmpty.NO_HELPER),
        (break_down, WhyEmpty.NO_CABIN),
        (confirm_a_fault, WhyEmpty.FAULT),
        (other_hours, WhyEmpty.CLOSED),
        (retire_the_place, WhyEmpty.CLOSED),
        (retire_the_cabin, WhyEmpty.NO_CABIN),
    ],
)
def test_a_booking_waits_for_what_is_being_declared_and_sees_it(declare, why):
    town = Town()
    town.service.equipment_needed = [Equipment.SCANNER]
    town.service.save(update_fields=["equipment_needed"])
    declared, may_commit, answers = threading.Event(), threading.Event(), []
    if connection.vendor == "sqlite":
        may_commit.set()

    def planner():
        try:
            with transaction.atomic():
                declare(town)
                declared.set()
                may_commit.wait(20)
        finally:
            declared.set()
            connection.close()

    def desk():
        try:
            town.book(at(14, day=25))
        except NotOffered as refusal:
            answers.append(refusal.details["why"])
        else:
            answers.append("booked")
        finally:
            connection.close()

    planning, booking = threading.Thread(target=planner), threading.Thread(target=desk)
    planning.start()
    assert declared.wait(20)
    if connection.vendor == "sqlite":
        planning.join(20)
    booking.start()
    booking.join(0.5)
    if connection.vendor == "postgresql":
        assert booking.is_alive()  # it waits for the site
    may_commit.set()
    planning.join(20)
    booking.join(20)
    assert answers == [why]
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("row", ["cabin", "service"])
def test_what_is_being_booked_cannot_be_deleted_at_the_same_moment(row):
    town = Town()
    booked, may_commit, answers = threading.Event(), threading.Event(), []
    if connection.vendor == "sqlite":
        may_commit.set()

    def desk():
        try:
            with transaction.atomic():
                town.book(at(14, day=25))
                booked.set()
                may_commit.wait(20)
        finally:
            booked.set()
            connection.close()

    def manager():
        try:
            if row == "cabin":
                delete_cabin(cabin=town.cabin, by=town.bob, now=TUESDAY)
            else:
                delete_service(service=town.service, by=town.bob, now=TUESDAY)
        except StillUsed:
            answers.append("still used")
        else:
            answers.append("deleted")
        finally:
            connection.close()

    booking, deleting = threading.Thread(target=desk), threading.Thread(target=manager)
    booking.start()
    assert booked.wait(20)
    if connection.vendor == "sqlite":
        booking.join(20)
    deleting.start()
    deleting.join(0.5)
    if connection.vendor == "postgresql":
        assert deleting.is_alive()  # it waits for the site
    may_commit.set()
    booking.join(20)
    deleting.join(20)
    assert answers == ["still used"]
    assert Appointment.objects.count() == 1
