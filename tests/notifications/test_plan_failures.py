"""What the plan tries when a message fails, and when the desk must call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.enums import EventKind
from notifications.enums import Channel, DeskReason, Failure, MessageKind, State
from notifications.plan.decide import plan
from tests.factories import at
from tests.notifications.plans import (
    FRIDAY,
    LANDLINE,
    MOBILE,
    NOW,
    after,
    booked,
    landline,
    mobile,
    planned,
    reach,
    rules,
    sent,
    told_of,
    written,
)

# ---- when it fails ---------------------------------------------------------------------------------


def test_a_number_that_takes_no_text_messages_is_called():
    history = sent(booked(FRIDAY, reach(mobile())), NOW, State.FAILED, Failure.NUMBER)

    (call,) = plan(history, NOW).planned

    assert (call.channel, call.recipient, call.step) == (Channel.VOICE, MOBILE, 1)


def test_a_number_that_does_not_exist_is_not_called():
    history = sent(booked(FRIDAY, reach(mobile())), NOW, State.FAILED, Failure.INVALID)

    (line,) = plan(history, NOW).planned

    assert (line.channel, line.why) == (Channel.DESK, DeskReason.NOT_REACHED)


def test_a_dead_mobile_leaves_the_landline():
    history = sent(booked(FRIDAY, reach(mobile(), landline())), NOW, State.FAILED, Failure.INVALID)

    (call,) = plan(history, NOW).planned

    assert (call.channel, call.recipient) == (Channel.VOICE, LANDLINE)


def test_stop_leads_to_the_desk_without_a_call():
    history = after(told_of(), EventKind.CANCELLED, NOW)
    history = sent(history, NOW, State.FAILED, Failure.STOPPED)
    stopped = replace(history, reach=reach(mobile(stopped=True)))

    (line,) = plan(stopped, NOW).planned

    assert (line.channel, line.why, line.recipient) == (Channel.DESK, DeskReason.STOPPED, MOBILE)


def test_a_message_lost_on_the_way_is_tried_again_twice_then_called():
    history, now, ways = booked(FRIDAY, reach(mobile())), NOW, []
    for wait in (timedelta(), timedelta(minutes=10), timedelta(hours=1), timedelta()):
        assert wait == timedelta() or planned(history, now + wait - timedelta(minutes=1)) == []
        now += wait
        ways += planned(history, now)
        history = sent(history, now, State.FAILED, Failure.TRANSIENT)

    assert [way for _, way in ways] == [Channel.SMS, Channel.SMS, Channel.SMS, Channel.VOICE]


def test_a_phone_that_is_switched_off_is_called_at_once():
    history = sent(booked(FRIDAY, reach(mobile())), NOW, State.FAILED, Failure.UNREACHED)

    assert planned(history, NOW) == [(MessageKind.CONFIRMATION, Channel.VOICE)]


def test_waiting_for_another_try_is_said():
    history = sent(booked(FRIDAY, reach(mobile())), NOW, State.FAILED, Failure.TRANSIENT)

    assert plan(history, NOW).again_at == NOW + timedelta(minutes=10)
    assert plan(history, NOW + timedelta(minutes=10)).planned


def test_unanswered_calls_come_once_a_day_at_other_hours_then_the_desk():
    history = told_of(at(10, 30, day=27), reach(landline()))
    calls = []
    for moment in (at(10, 30, day=23), at(17, day=24), at(14, day=25)):
        assert planned(history, moment - timedelta(minutes=1)) == []
        calls += planned(history, moment)
        history = sent(history, moment, State.FAILED, Failure.NO_ANSWER)

    assert [way for _, way in calls] == [Channel.VOICE] * 3
    assert planned(history, at(14, 1, day=25)) == [(MessageKind.REMINDER, Channel.DESK)]


def test_a_busy_line_is_called_again_after_twenty_minutes_once():
    history = told_of(at(10, 30, day=27), reach(landline()))
    first = at(10, 30, day=23)
    history = sent(history, first, State.FAILED, Failure.BUSY)
    again = first + timedelta(minutes=20)

    assert planned(history, again - timedelta(minutes=1)) == []
    assert planned(history, again) == [(MessageKind.REMINDER, Channel.VOICE)]
    history = sent(history, again, State.FAILED, Failure.BUSY)
    assert planned(history, again + timedelta(minutes=20)) == []
    assert planned(history, at(17, day=24)) == [(MessageKind.REMINDER, Channel.VOICE)]


def test_an_answering_machine_is_enough_for_a_reminder_not_for_a_cancellation():
    reminded = sent(
        told_of(at(10, 30, day=27), reach(landline())), at(10, 30, day=23), State.FAILED, Failure.MACHINE
    )
    cancelled = after(booked(FRIDAY, reach(landline())), EventKind.CANCELLED, NOW)
    cancelled = sent(cancelled, NOW, State.FAILED, Failure.MACHINE)

    assert not plan(reminded, at(17, day=24)).planned
    assert planned(cancelled, at(17, day=25)) == [(MessageKind.CANCELLATION, Channel.VOICE)]


def test_a_call_that_would_come_too_late_is_the_desks():
    tomorrow = at(9, 30, day=25)
    history = after(booked(tomorrow, reach(landline())), EventKind.CANCELLED, NOW)
    history = sent(history, NOW, State.FAILED, Failure.NO_ANSWER)

    assert planned(history, NOW + timedelta(minutes=1)) == [(MessageKind.CANCELLATION, Channel.DESK)]


# ---- soon ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.PENDING, State.SENDING, State.UNKNOWN, State.SENT])
def test_undelivered_half_an_hour_before_is_the_desks(state: State):
    history = after(told_of(), EventKind.CANCELLED, at(8, day=27))
    history = written(history, at(8, day=27))
    history = replace(history, attempts=(history.attempts[0], replace(history.attempts[1], state=state)))

    assert planned(history, at(9, 59, day=27)) == []
    (line,) = plan(history, at(10, day=27)).planned
    assert (line.channel, line.why) == (Channel.DESK, DeskReason.SOON)


def test_who_has_confirmed_or_was_reminded_knows_though_the_first_word_was_never_reported():
    start = at(10, 30, day=27)
    unreported = sent(booked(start, reach(mobile()), on=at(10, day=10)), at(10, day=10), State.SENT)
    reminded = sent(unreported, at(10, day=25))
    soon = at(10, day=27)

    assert planned(unreported, soon) == [(MessageKind.CONFIRMATION, Channel.DESK)]
    assert planned(replace(unreported, is_confirmed=True), soon) == []
    assert [each.state for each in reminded.attempts] == [State.SENT, State.DELIVERED]
    assert planned(reminded, soon) == []


def test_delivered_in_time_or_too_late_to_matter_is_not():
    history = sent(after(told_of(), EventKind.CANCELLED, at(8, day=27)), at(8, day=27))

    assert planned(history, at(10, day=27)) == []


def test_moved_to_later_the_desk_must_call_before_the_old_time():
    history = after(told_of(), EventKind.MOVED, at(8, day=27), start=at(16, day=27))
    history = sent(history, at(8, day=27), State.SENT)

    assert planned(history, at(9, 59, day=27)) == []
    assert planned(history, at(10, day=27)) == [(MessageKind.CHANGE, Channel.DESK)]


def test_a_last_minute_booking_has_five_minutes_to_arrive():
    start = NOW + timedelta(minutes=20)
    history = sent(booked(start, reach(mobile())), NOW, State.SENT)

    assert planned(history, NOW + timedelta(minutes=4)) == []
    assert planned(history, NOW + timedelta(minutes=5)) == [(MessageKind.CONFIRMATION, Channel.DESK)]


def test_what_arrives_after_all_leaves_the_list():
    history = sent(after(told_of(), EventKind.CANCELLED, at(8, day=27)), at(8, day=27), State.SENT)
    history = written(history, at(10, day=27))
    listed = history.attempts[-1]
    arrived = replace(
        history, attempts=(history.attempts[0], replace(history.attempts[1], state=State.DELIVERED), listed)
    )

    assert plan(arrived, at(10, 1, day=27)).stale == (listed.id,)


def test_someone_told_by_the_desk_gets_no_late_text_message():
    night = at(22)
    history = written(after(told_of(), EventKind.CANCELLED, night), night)
    waiting = history.attempts[-1]
    called = replace(waiting, id=99, channel=Channel.DESK, step=19, state=State.TOLD)

    answer = plan(replace(history, attempts=(*history.attempts, called)), night)

    assert (answer.planned, answer.stale) == ((), (waiting.id,))


# ---- when nobody can receive them for a while ------------------------------------------------------------


@pytest.mark.parametrize("phone", [mobile(), landline(may_call=False)])
def test_what_had_not_left_is_owed_again_once_they_can_be_received_after_all(phone):
    history = written(booked(FRIDAY, reach(phone)), NOW)
    ways = planned(booked(FRIDAY, reach(phone)), NOW)
    for kind in (EventKind.TO_CALL, EventKind.CALL_OFF):
        history = after(written(history, NOW), kind, NOW)

    assert planned(history, NOW) == ways


# ---- while the provider refuses the sender or the account -----------------------------------------------


def test_what_waits_for_the_provider_goes_to_the_desk_before_it_is_too_late_and_by_no_other_way():
    stopped = rules(stopped=frozenset({Channel.SMS}))
    history = written(told_of(rules=stopped), at(10, day=25))
    (reminder,) = [each for each in history.attempts if each.kind == MessageKind.REMINDER]
    expires = FRIDAY - timedelta(hours=1)

    answer = plan(history, at(10, day=25))
    assert (answer.planned, answer.again_at) == ((), expires - timedelta(minutes=30))
    assert planned(history, expires - timedelta(minutes=30)) == [(MessageKind.REMINDER, Channel.DESK)]
    assert planned(replace(history, rules=rules()), expires - timedelta(minutes=30)) == []
    assert reminder.due_at == at(10, day=25)
