"""The database itself refuses two live appointments at one time on one cabin or helper."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from booking.actions import base
from booking.enums import LIVE, Status
from booking.models import Appointment
from tests.factories import at, make_appointment, make_cabin


@pytest.fixture
def taken(cabin, service, bob):
    """14:00 to 14:45, kept until 14:55."""
    return make_appointment(cabin, service, at(14), helper=bob)


def refused(make):
    """The name of the constraint by which the database refuses, or None."""
    try:
        with transaction.atomic():
            make()
    except IntegrityError as error:
        return base.constraint_of(error)
    return None


def put(cabin, service, start, minutes=45, **fields):
    def make():
        make_appointment(cabin, service, start, ends_at=start + timedelta(minutes=minutes), **fields)

    return make


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "minutes"),
    [(at(14), 45), (at(13, 30), 45), (at(14, 50), 45), (at(14, 10), 5), (at(13), 180), (at(13, 55), 5)],
)
def test_overlaps_are_refused_turnaround_included(cabin, service, taken, start, minutes):
    assert refused(put(cabin, service, start, minutes)) == "appointment_cabin_free"


@pytest.mark.django_db
@pytest.mark.parametrize(("start", "minutes"), [(at(14, 55), 45), (at(13, 5), 45), (at(16), 45)])
def test_touching_is_not_overlapping(cabin, service, taken, start, minutes):
    assert refused(put(cabin, service, start, minutes)) is None


@pytest.mark.django_db
def test_a_helper_is_not_in_two_cabins(site, cabin, service, taken, bob):
    other = make_cabin(site)
    assert refused(put(other, service, at(14, 30), helper=bob)) == "appointment_helper_free"
    assert refused(put(other, service, at(14, 30))) is None
    assert refused(put(make_cabin(site), service, at(14, 30))) is None


@pytest.mark.django_db
@pytest.mark.parametrize("status", [status for status in Status if status not in LIVE])
def test_what_is_over_or_given_up_keeps_nothing(cabin, service, status):
    make_appointment(cabin, service, at(14), status=status)
    assert refused(put(cabin, service, at(14))) is None
    assert refused(put(cabin, service, at(14), status=status)) is None


@pytest.mark.django_db
@pytest.mark.parametrize("status", LIVE)
def test_whatever_is_live_keeps_its_place(cabin, service, status):
    make_appointment(cabin, service, at(14), status=status, held_until=at(20))
    assert refused(put(cabin, service, at(14))) == "appointment_cabin_free"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"starts_at": at(14, 30)}, "appointment_cabin_free"),
        ({"blocked_until": at(16, 10)}, None),
        ({"starts_at": at(15)}, None),
        ({"note": "papiers"}, None),
    ],
)
def test_updates_are_watched_too(cabin, service, taken, values, constraint):
    later = make_appointment(cabin, service, at(15))
    rows = Appointment.objects.filter(pk=later.pk)
    assert refused(lambda: rows.update(**values)) == constraint


@pytest.mark.django_db
def test_a_row_may_move_within_its_own_time(taken):
    assert refused(lambda: Appointment.objects.update(starts_at=at(14, 10))) is None


@pytest.mark.django_db
def test_coming_back_to_life_and_changing_resources_are_watched(site, cabin, service, taken, bob):
    gone = make_appointment(cabin, service, at(14), status=Status.CANCELLED)
    beside = make_appointment(make_cabin(site), service, at(14))
    by_id = Appointment.objects.filter
    assert refused(lambda: by_id(pk=gone.pk).update(status=Status.BOOKED)) == "appointment_cabin_free"
    assert refused(lambda: by_id(pk=beside.pk).update(cabin=cabin)) == "appointment_cabin_free"
    assert refused(lambda: by_id(pk=beside.pk).update(helper=bob)) == "appointment_helper_free"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({}, "appointment_one_session_per_cabin"),
        ({"number": "123456"}, "appointment_number_unique_while_live"),
    ],
)
def test_the_other_rules_are_known_by_name_too(site, cabin, service, fields, constraint):
    status = Status.BOOKED if fields else Status.IN_SESSION
    make_appointment(cabin, service, at(9), status=status, **fields)
    assert refused(put(cabin, service, at(14), status=status, **fields)) == constraint


@pytest.mark.django_db
def test_one_session_per_helper_is_known_by_name(site, cabin, service, bob):
    make_appointment(cabin, service, at(9), status=Status.IN_SESSION, helper=bob)
    other = put(make_cabin(site), service, at(14), status=Status.IN_SESSION, helper=bob)
    assert refused(other) == "appointment_one_session_per_helper"


@pytest.mark.django_db
def test_forms_hear_of_it_before_the_database_does(cabin, service, taken):
    twin = Appointment(
        commune=taken.commune,
        site=taken.site,
        cabin=cabin,
        service=service,
        status=Status.BOOKED,
        starts_at=at(14, 30),
        ends_at=at(15),
        blocked_until=at(15),
        number="000001",
        created_at=at(10),
    )
    with pytest.raises(ValidationError) as error:
        twin.full_clean()
    assert "__all__" in error.value.message_dict
    twin.starts_at, twin.ends_at, twin.blocked_until = at(15), at(16), at(16)
    twin.full_clean()
    taken.full_clean()


@pytest.mark.django_db(transaction=True)
def test_the_rules_survive_a_remake_of_the_table(site, cabin, service):
    """SQLite makes the table anew when a column is added with a default or altered."""
    colour = models.CharField(max_length=10, default="blue")
    colour.set_attributes_from_name("colour")
    colour.model = Appointment
    try:
        with connection.schema_editor() as editor:
            editor.add_field(Appointment, colour)
        make_appointment_row(cabin, service, at(14))
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            make_appointment_row(cabin, service, at(14, 30))
        assert base.constraint_of(error.value) == "appointment_cabin_free"
    finally:
        with connection.schema_editor() as editor:
            editor.remove_field(Appointment, colour)
    assert refused(put(cabin, service, at(14, 30))) == "appointment_cabin_free"
    assert refused(put(cabin, service, at(16))) is None
    everything_at_once = {"starts_at": at(14), "ends_at": at(15), "blocked_until": at(15)}
    assert refused(lambda: Appointment.objects.update(**everything_at_once)) == "appointment_cabin_free"


def make_appointment_row(cabin, service, start):
    """While the table has one column more than the model, the database fills it."""
    appointment = Appointment(
        commune=cabin.site.commune,
        site=cabin.site,
        cabin=cabin,
        service=service,
        status=Status.BOOKED,
        starts_at=start,
        ends_at=start + timedelta(minutes=45),
        blocked_until=start + timedelta(minutes=55),
        number=f"{start:%d%H%M}",
        created_at=at(10),
    )
    fields = [field for field in Appointment._meta.concrete_fields if field.name != "id"]
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(field.pre_save(appointment, True), connection) for field in fields]
    with connection.cursor() as cursor:
        sql = f"INSERT INTO booking_appointment ({names}, colour) VALUES ({marks}, 'blue')"  # noqa: S608
        cursor.execute(sql, values)
