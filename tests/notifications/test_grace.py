"""Cancelled with a grace: nothing leaves until it is over, and nothing at all when it is undone."""

from datetime import timedelta

import pytest

from booking.actions import cancel_with_grace, finish_cancelling, mark_impossible, restore
from booking.enums import AskedBy, Reason, Status
from booking.log import Actor
from booking.models import Appointment
from notifications.actions.answers import take_answer
from notifications.enums import DeskReason, InboundOutcome, MessageKind, State
from notifications.models import Message
from notifications.sending import send
from notifications.sending.plan_messages import plan_appointments
from tests.factories import TUESDAY, at
from tests.notifications.conftest import book_for, run

GRACE = timedelta(minutes=5)
OVER = TUESDAY + GRACE
NIGHT = at(22)
MORNING = at(7, day=25)

pytestmark = pytest.mark.usefixtures("simulated")


@pytest.fixture
def told(appointment, fatima):
    """The resident and her son have been told of the appointment."""
    fatima.contact_name, fatima.contact_phone, fatima.contact_is_told = "Karim", "+33639981235", True
    fatima.save()
    run()
    return Appointment.objects.get()


def cancelling(appointment, alice, *, now=TUESDAY, reason=Reason.CANNOT_COME, asked_by=AskedBy.RESIDENT):
    row = Appointment.objects.select_related("commune").get(pk=appointment.pk)
    return cancel_with_grace(
        appointment=row, reason=reason, asked_by=asked_by, by=Actor.agent(alice), now=now
    )


def restored(appointment, alice, now):
    restore(appointment=Appointment.objects.get(pk=appointment.pk), by=Actor.agent(alice), now=now)


def left(kind=MessageKind.CANCELLATION):
    rows = Message.objects.filter(kind=kind, state=State.DELIVERED).order_by("recipient")
    return [row.recipient for row in rows]


def test_nothing_leaves_before_the_grace_is_over_then_everybody_is_told_once(told, alice):
    cancelling(told, alice)
    for second in range(0, 300, 30):
        run(TUESDAY + timedelta(seconds=second))
    assert left() == []
    for minute in range(5, 9):
        run(TUESDAY + timedelta(minutes=minute))
    assert left() == ["+33639981234", "+33639981235"]


def test_undone_in_the_grace_nobody_ever_hears_of_it(told, alice):
    before = Message.objects.count()
    for minute in range(3):
        cancelling(told, alice, now=TUESDAY + timedelta(minutes=minute))
        run(TUESDAY + timedelta(minutes=minute))
        restored(told, alice, TUESDAY + timedelta(minutes=minute, seconds=30))
        run(TUESDAY + timedelta(minutes=minute, seconds=40))
    for minute in range(5, 20):
        run(TUESDAY + timedelta(minutes=minute))
    assert Message.objects.count() == before


def test_undone_after_the_grace_everybody_is_told_that_it_takes_place(told, alice):
    cancelling(told, alice)
    run(OVER)
    restored(told, alice, OVER + timedelta(minutes=1))
    run(OVER + timedelta(minutes=1))
    assert left(MessageKind.MAINTAINED) == ["+33639981234", "+33639981235"]


def test_sent_at_once_they_leave_at_once(told, alice):
    row = cancelling(told, alice)
    finish_cancelling(appointment=row, now=TUESDAY + timedelta(seconds=20))
    run(TUESDAY + timedelta(seconds=20))
    assert left() == ["+33639981234", "+33639981235"]


def test_a_confirmation_that_waits_for_the_morning_leaves_after_an_undo(cabin, service, fatima, alice):
    """A message dropped in the grace could not be written again: its key exists already."""
    appointment = book_for(fatima, cabin, service, now=NIGHT)
    run(NIGHT)
    assert Message.objects.get().state == State.PENDING
    cancelling(appointment, alice, now=MORNING - timedelta(minutes=1))
    for minute in range(3):
        run(MORNING + timedelta(minutes=minute))
    assert Message.objects.get().state == State.PENDING
    restored(appointment, alice, MORNING + timedelta(minutes=3))
    run(MORNING + timedelta(minutes=3))
    assert left(MessageKind.CONFIRMATION) == ["+33639981234"]


def test_a_confirmation_that_waits_never_leaves_once_the_cancellation_is_final(cabin, service, fatima, alice):
    appointment = book_for(fatima, cabin, service, now=NIGHT)
    run(NIGHT)
    cancelling(appointment, alice, now=MORNING - timedelta(minutes=1))
    for minute in range(10):
        run(MORNING + timedelta(minutes=minute))
    assert left(MessageKind.CONFIRMATION) == []
    assert left() == ["+33639981234"]


def test_a_message_claimed_when_the_desk_cancels_is_put_back(appointment, alice):
    plan_appointments([appointment.pk], now=TUESDAY)
    (claimed,) = send.claim(now=TUESDAY)
    cancelling(appointment, alice)
    claimed.refresh_from_db()
    (claimed,) = Message.objects.filter(pk=claimed.pk).select_related("appointment__site", "commune")
    assert send.check([claimed], now=TUESDAY) == []
    claimed.refresh_from_db()
    assert (claimed.state, claimed.attempts) == (State.PENDING, 0)
    assert send.claim(now=TUESDAY) == []


def test_a_reminder_due_in_the_grace_leaves_after_the_undo(told, alice):
    due = at(10, day=25)
    cancelling(told, alice, now=due - timedelta(minutes=2))
    run(due)
    assert left(MessageKind.REMINDER) == []
    restored(told, alice, due + timedelta(minutes=1))
    run(due + timedelta(minutes=1))
    assert left(MessageKind.REMINDER) == ["+33639981234", "+33639981235"]


def test_the_call_list_does_not_ask_to_call_about_what_is_being_cancelled(appointment, alice):
    why = Reason.HELPER_ABSENT
    mark_impossible(appointment=appointment, reason=why, by=Actor.system(), now=TUESDAY)
    run()
    assert [line.why for line in Message.objects.to_call_back(TUESDAY)] == [DeskReason.HELPER_ABSENT]
    cancelling(appointment, alice)
    run()
    assert not Message.objects.to_call_back(TUESDAY).exists()
    restored(appointment, alice, TUESDAY + timedelta(minutes=1))
    assert Message.objects.to_call_back(TUESDAY).count() == 1


# ---- the resident answers meanwhile --------------------------------------------------------------------


def answer(told, *, yes, now):
    row = Appointment.objects.select_related("commune").get(pk=told.pk)
    where = (row.starts_at, row.site_id)
    return take_answer(appointment=row, told=where, yes=yes, number="+33639981234", now=now)


def test_a_no_in_the_grace_cancels_at_once_and_the_resident_gets_their_answer_only(told, alice):
    cancelling(told, alice)
    outcome = answer(told, yes=False, now=TUESDAY + timedelta(minutes=1))
    run(TUESDAY + timedelta(minutes=1))
    assert outcome == InboundOutcome.CANCELLED
    assert Appointment.objects.get().status == Status.CANCELLED
    assert left() == ["+33639981235"]


def test_a_yes_in_the_grace_changes_nothing_and_is_for_the_desk(told, alice):
    cancelling(told, alice)
    assert answer(told, yes=True, now=TUESDAY + timedelta(minutes=1)) is None
    assert Appointment.objects.get().status == Status.CANCELLING
