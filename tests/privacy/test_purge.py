"""What is forgotten, when, and what stays."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

import privacy.purge
from booking import actions
from booking.enums import Status
from booking.models import Appointment, AppointmentEvent, MonthlySum, Resident, ResidentPhone, VisitRecord
from communes.models import Commune
from core.days import months_before
from core.roles import Role
from privacy import actions as rights
from privacy.enums import CameBy, Refusal, Right
from privacy.models import RightsRequest
from privacy.purge import BATCH
from tests.booking.towns import SYSTEM
from tests.factories import TUESDAY, make_agent, make_commune, make_resident

pytestmark = pytest.mark.django_db

LONG_AGO = TUESDAY - timedelta(days=500)


def purge(commune, **how):
    return privacy.purge.purge(commune=commune, now=TUESDAY, **how)


def someone(commune, **fields):
    return make_resident(commune, "+33639981234", **{"created_at": LONG_AGO, **fields})


def visit(town, resident, ended_days_ago, status=Status.DONE):
    start = TUESDAY - timedelta(days=ended_days_ago)
    return town.given(start, resident=resident, status=status)


def test_people_are_forgotten_with_everything_that_hangs_from_them(town):
    resident = someone(town.commune)
    booked = visit(town, resident, 400, Status.BOOKED)
    actions.cancel(appointment=booked, by=SYSTEM, now=LONG_AGO)
    gone = purge(town.commune)
    assert (gone.residents, gone.appointments) == (1, 1)
    for model in (Resident, ResidentPhone, Appointment, AppointmentEvent):
        assert not model.objects.exists()
    assert not VisitRecord.objects.exists()
    assert MonthlySum.objects.get(dimension="ended_as", code=Status.CANCELLED).visits == 1


@pytest.mark.parametrize(("days_ago", "stays"), [(300, True), (364, True), (366, False), (-5, True)])
def test_the_last_visit_counts_to_the_day(town, days_ago, stays):
    resident = someone(town.commune)
    visit(town, resident, 450)
    visit(town, resident, days_ago)
    purge(town.commune)
    assert Resident.objects.exists() == stays
    assert Appointment.objects.count() == (2 if stays else 0)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW, Status.BOOKED])
def test_an_appointment_that_did_not_take_place_counts_as_the_last_one_too(town, status):
    visit(town, someone(town.commune), 300, status)
    assert purge(town.commune).residents == 0


def test_someone_who_never_came_goes_that_long_after_being_recorded(town):
    someone(town.commune)
    young = someone(town.commune, created_at=TUESDAY - timedelta(days=300))
    assert purge(town.commune).residents == 1
    assert list(Resident.objects.all()) == [young]


def test_whoever_waits_for_an_answer_is_not_forgotten_before_it(town):
    asking, refused = someone(town.commune), someone(town.commune)
    by = make_agent(town.commune, Role.MANAGER)
    of = {"commune": town.commune, "right": Right.ACCESS, "came_by": CameBy.LETTER, "by": by}
    today = TUESDAY.date()
    request = rights.open_request(resident=asking, asked_on=today, now=TUESDAY, **of)
    other = rights.open_request(resident=refused, asked_on=today, now=TUESDAY, **of)
    rights.refuse_request(request=other, why=Refusal.EXCESSIVE, by=by, now=TUESDAY)
    assert purge(town.commune).residents == 1
    assert list(Resident.objects.all()) == [asking]
    rights.close_request(request=request, by=by, now=TUESDAY)
    assert purge(town.commune).residents == 1


def test_a_request_that_nobody_ever_answers_keeps_a_record_no_longer_than_a_visit_would(town):
    asking = someone(town.commune)
    of = {"commune": town.commune, "right": Right.ACCESS, "came_by": CameBy.LETTER, "by": None}
    due_on = months_before(TUESDAY, 12).date()
    request = rights.open_request(resident=asking, asked_on=due_on, now=TUESDAY, **of)
    RightsRequest.objects.filter(pk=request.pk).update(asked_on=due_on - timedelta(days=30), due_on=due_on)
    assert purge(town.commune).residents == 1


def test_a_commune_may_forget_sooner_and_forgets_nobody_else(town):
    Commune.objects.filter(pk=town.commune.pk).update(retention_months=3)
    town.commune.refresh_from_db()
    visit(town, someone(town.commune), 100)
    neighbour = someone(make_commune())
    assert purge(town.commune).residents == 1
    assert list(Resident.objects.all()) == [neighbour]


def test_visits_of_nobody_known_go_too(town):
    visit(town, None, 400)
    visit(town, None, 400, Status.LAPSED)
    recent = visit(town, None, 100)
    assert purge(town.commune).appointments == 2
    assert list(Appointment.objects.all()) == [recent]


def test_a_merged_record_goes_with_the_one_that_was_kept(town):
    keep = someone(town.commune)
    someone(town.commune, merged_into=keep, created_at=TUESDAY)
    visit(town, keep, 400)
    purge(town.commune)
    assert not Resident.objects.exists()


def test_a_dry_run_deletes_nothing(town):
    visit(town, someone(town.commune), 400)
    visit(town, None, 400)
    would_go = purge(town.commune, dry_run=True)
    assert (would_go.residents, would_go.appointments) == (1, 2)
    assert Appointment.objects.count() == 2


def test_more_than_a_batch_goes_in_one_run(town):
    for _ in range(BATCH + 5):
        Resident.objects.create(
            commune=town.commune, first_name="A", last_name="B", search_name="a b", created_at=LONG_AGO
        )
    assert purge(town.commune, anyway=True).residents == BATCH + 5


def test_months_are_counted_on_the_calendar():
    assert months_before(datetime(2026, 3, 31, 10, tzinfo=UTC), 1) == datetime(2026, 2, 28, 10, tzinfo=UTC)
    assert months_before(datetime(2026, 1, 15, tzinfo=UTC), 12) == datetime(2025, 1, 15, tzinfo=UTC)
    assert months_before(datetime(2026, 12, 31, tzinfo=UTC), 12) == datetime(2025, 12, 31, tzinfo=UTC)


def test_the_command_says_what_went(town, tuesday):
    visit(town, someone(town.commune), 400)
    out = StringIO()
    call_command("purge", "--dry-run", stdout=out)
    assert Resident.objects.exists() and "1" in out.getvalue()
    call_command("purge", "--commune", town.commune.slug, stdout=out)
    assert not Resident.objects.exists()
    assert town.commune.name in out.getvalue()
    with pytest.raises(CommandError):
        call_command("purge", "--commune", "nowhere")
