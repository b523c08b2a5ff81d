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
from communes.actions import declare_closure, set_out_of_service
from communes.enums import ClosureReason
from planning.actions.absences import declare_absence
from tests.booking.towns import Town
from tests.factories import at

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


@pytest.mark.parametrize(
    ("declare", "why"),
    [(close, WhyEmpty.CLOSED), (fall_ill, WhyEmpty.NO_HELPER), (break_down, WhyEmpty.NO_CABIN)],
)
def test_a_booking_waits_for_what_is_being_declared_and_sees_it(declare, why):
    town = Town()
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
