"""Which appointments have lost what they need, and why."""

from datetime import timedelta
from typing import Any

import pytest

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Shift
from booking import actions
from booking.enums import Reason, Status
from booking.log import Actor
from booking.models import Appointment
from communes.actions import declare_closure
from communes.enums import ClosureReason, Equipment, IncidentKind
from communes.models import Cabin, Closure, Commune, Service, Site
from planning.impact import orphaned_by
from planning.orphans import OrphanReason, orphans
from planning.replacing import clear_possible_again
from tests.factories import at, make_appointment, make_cabin, make_fault, make_service, make_shift, make_site


@pytest.fixture
def visit(commune: Commune, cabin: Cabin, service: Service, bob: Agent, site: Site) -> Appointment:
    make_shift(bob, site, at(14), at(17))
    return make_appointment(cabin, service, at(14), helper=bob)


def found(commune: Commune) -> list[tuple[int, OrphanReason]]:
    return [(each.appointment.pk, each.why) for each in orphans(commune, at(10))]


def absent(agent: Agent, start: Any, end: Any) -> None:
    Absence.objects.create(agent=agent, starts_at=start, ends_at=end, kind=AbsenceKind.SICK)


def test_an_appointment_with_all_it_needs_is_none(commune: Commune, visit: Appointment) -> None:
    assert found(commune) == []


def test_the_helper_is_absent_for_a_part_of_it(commune: Commune, visit: Appointment, bob: Agent) -> None:
    absent(bob, at(14, 40), at(18))
    assert found(commune) == [(visit.pk, OrphanReason.ABSENT)]


def test_an_absence_that_ends_as_it_begins_does_not_matter(
    commune: Commune, visit: Appointment, bob: Agent
) -> None:
    absent(bob, at(9), at(14))
    absent(bob, at(14, 45), at(17))
    assert found(commune) == []


def test_the_shift_is_gone_or_too_short_or_elsewhere(
    commune: Commune, visit: Appointment, bob: Agent
) -> None:
    Shift.objects.update(ends_at=at(14, 30))
    assert found(commune) == [(visit.pk, OrphanReason.NO_SHIFT)]
    Shift.objects.update(ends_at=at(17), site=make_site(commune))
    assert found(commune) == [(visit.pk, OrphanReason.NO_SHIFT)]
    Shift.objects.all().delete()
    assert found(commune) == [(visit.pk, OrphanReason.NO_SHIFT)]


def test_two_shifts_that_touch_are_one_presence(
    commune: Commune, visit: Appointment, bob: Agent, site: Site
) -> None:
    Shift.objects.update(ends_at=at(14, 20))
    make_shift(bob, site, at(14, 20), at(17))
    assert found(commune) == []


def test_the_place_is_closed(commune: Commune, visit: Appointment, site: Site) -> None:
    closure = Closure.objects.create(
        site=site, starts_at=at(14, 30), ends_at=at(15), reason=ClosureReason.WORKS
    )
    assert found(commune) == [(visit.pk, OrphanReason.CLOSED)]
    closure.delete()
    Site.objects.update(opening_hours="Mo-Fr 09:00-12:00")
    assert found(commune) == [(visit.pk, OrphanReason.CLOSED)]


def test_the_cabin_is_out_of_order(commune: Commune, visit: Appointment) -> None:
    Cabin.objects.update(in_order=False)
    assert found(commune) == [(visit.pk, OrphanReason.CABIN)]


def test_what_begins_once_the_cabin_is_back_can_take_place(commune: Commune, visit: Appointment) -> None:
    Cabin.objects.update(in_order=False, out_until=visit.starts_at)
    assert found(commune) == []
    Cabin.objects.update(out_until=visit.starts_at + timedelta(minutes=1))
    assert found(commune) == [(visit.pk, OrphanReason.CABIN)]


def test_nobody_was_found_yet(commune: Commune, visit: Appointment) -> None:
    Appointment.objects.update(helper=None)
    assert found(commune) == [(visit.pk, OrphanReason.NOBODY)]


def test_someone_who_comes_alone_needs_no_helper(commune: Commune, visit: Appointment, bob: Agent) -> None:
    Appointment.objects.update(helper=None, with_helper=False)
    Shift.objects.all().delete()
    assert found(commune) == []


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.DONE, Status.NO_SHOW, Status.HELD])
def test_what_does_not_take_place_is_left_out(commune: Commune, visit: Appointment, status: Status) -> None:
    Shift.objects.all().delete()
    Appointment.objects.update(status=status, held_until=at(18))
    assert found(commune) == []


def test_what_has_begun_is_left_to_those_who_are_there(commune: Commune, visit: Appointment) -> None:
    Shift.objects.all().delete()
    assert orphans(commune, at(14, 1), at(18)) == []


@pytest.mark.parametrize("number", [1, 25])
def test_it_takes_as_many_queries_whatever_their_number(
    commune: Commune, site: Site, service: Service, bob: Agent, number: int, django_assert_num_queries: Any
) -> None:
    for n in range(number):
        make_appointment(make_cabin(site), service, at(14) + timedelta(days=n), helper=bob)
    with django_assert_num_queries(6):  # appointments, sites, closures, faults, shifts, absences
        assert len(orphans(commune, at(10))) == number


def test_what_is_booked_a_year_ahead_loses_what_it_needs_as_well(
    commune: Commune, cabin: Cabin, service: Service, site: Site
) -> None:
    far = at(14) + timedelta(days=364)
    booked = make_appointment(cabin, service, far)
    assert found(commune) == []

    def close() -> None:
        declare_closure(
            site=site,
            starts_at=far - timedelta(hours=1),
            ends_at=far + timedelta(hours=3),
            reason=ClosureReason.WORKS,
        )

    assert [each.appointment.pk for each in orphaned_by(commune, close, now=at(10))] == [booked.pk]
    close()
    actions.mark_impossible(appointment=booked, reason=Reason.SITE_CLOSED, by=Actor.system(), now=at(10))
    assert clear_possible_again(now=at(10)) == 0
    Closure.objects.all().delete()
    assert clear_possible_again(now=at(10)) == 1


def test_the_cabin_or_the_place_is_retired_before_it(
    commune: Commune, visit: Appointment, cabin: Cabin, site: Site
) -> None:
    Cabin.objects.update(retired_at=at(0, day=25))
    Site.objects.update(retired_at=at(0, day=25))
    assert found(commune) == []
    Cabin.objects.update(retired_at=at(14, 30))
    assert found(commune) == [(visit.pk, OrphanReason.CABIN_RETIRED)]
    Site.objects.update(retired_at=at(14, 30), is_active=False)
    assert found(commune) == [(visit.pk, OrphanReason.RETIRED)]
    assert OrphanReason.RETIRED.reason == Reason.SITE_CLOSED


def test_the_cabin_comes_into_service_after_it(commune: Commune, visit: Appointment, cabin: Cabin) -> None:
    Cabin.objects.update(in_service_at=at(15))
    assert found(commune) == [(visit.pk, OrphanReason.CABIN)]


def test_a_confirmed_fault_concerns_the_visits_that_need_the_equipment_before_it_works(
    commune: Commune, cabin: Cabin, service: Service
) -> None:
    scan = make_service(commune, equipment_needed=[Equipment.SCANNER])
    before = make_appointment(cabin, scan, at(14))
    make_appointment(cabin, service, at(15))
    make_appointment(cabin, scan, at(16))
    fault = make_fault(cabin, IncidentKind.SCANNER, at(10), at(16))
    assert found(commune) == [(before.pk, OrphanReason.FAULT)]
    fault.closed_at = at(10)
    fault.save(update_fields=["closed_at"])
    assert found(commune) == []


def test_a_report_that_nobody_confirmed_concerns_no_visit(commune: Commune, cabin: Cabin) -> None:
    make_appointment(cabin, make_service(commune, equipment_needed=[Equipment.SCANNER]), at(14))
    make_fault(cabin, IncidentKind.SCANNER, at(10), confirmed_at=None)
    make_fault(cabin, IncidentKind.DOOR, at(10))
    assert found(commune) == []


def test_a_fault_without_an_answer_concerns_the_visits_of_the_next_day_alone(
    commune: Commune, cabin: Cabin
) -> None:
    """Also where a later stretch is asked for: the fault is looked at from the present."""
    video = make_service(commune, equipment_needed=[Equipment.VIDEO])
    soon, later = (
        make_appointment(cabin, video, at(9, day=25)),
        make_appointment(cabin, video, at(11, day=25)),
    )
    make_fault(cabin, IncidentKind.SCREEN, at(8), at(9))
    assert found(commune) == [(soon.pk, OrphanReason.FAULT)]
    assert [each.appointment for each in orphans(commune, at(8, day=25), now=at(10))] == [soon]
    assert [each.appointment for each in orphans(commune, at(10), now=at(10, 30))] == [soon]
    assert [each.appointment for each in orphans(commune, at(10), now=at(12))] == [soon, later]
