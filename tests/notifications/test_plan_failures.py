"""What is tried when a message fails, and when the desk must call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.enums import EventKind
from notifications.enums import Channel, Failure, MessageKind, State, Why
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
    owed,
    reach,
    rules,
    sent,
    told_of,
    written,
)

# ---- when it fails ---------------------------------------------------------------------------------


def test_a_number_that_takes_no_text_messages_is_called():
    case = sent(booked(FRIDAY, reach(mobile())), NOW, State.FAILED, Failure.NUMBER)

    (call,) = plan(case, NOW).owed

    assert (call.channel, call.recipient, call.step) == (Channel.VOICE, MOBILE, 1)


def test_a_number_that_does_not_exist_is_not_called():
    case = sent(booked(FRIDAY, reach(mobile())), NOW, State.FAILED, Failure.INVALID)

    (line,) = plan(case, NOW).owed

    assert (line.channel, line.why) == (Channel.DESK, Why.NOT_REACHED)


def test_a_dead_mobile_leaves_the_landline():
    case = sent(booked(FRIDAY, reach(mobile(), landline())), NOW, State.FAILED, Failure.INVALID)

    (call,) = plan(case, NOW).owed

    assert (call.channel, call.recipient) == (Channel.VOICE, LANDLINE)


def test_stop_leads_to_the_desk_without_a_call():
    case = after(told_of(), EventKind.CANCELLED, NOW)
    case = sent(case, NOW, State.FAILED, Failure.STOPPED)
    stopped = replace(case, reach=reach(mobile(stopped=True)))

    (line,) = plan(stopped, NOW).owed

    assert (line.channel, line.why, line.recipient) == (Channel.DESK, Why.STOPPED, MOBILE)


def test_a_message_lost_on_the_way_is_tried_again_twice_then_called():
    case, now, ways = booked(FRIDAY, reach(mobile())), NOW, []
    for wait in (timedelta(), timedelta(minutes=10), timedelta(hours=1), timedelta()):
        assert wait == timedelta() or owed(case, now + wait - timedelta(minutes=1)) == []
        now += wait
        ways += owed(case, now)
        case = sent(case, now, State.FAILED, Failure.TRANSIENT)

    assert [way for _, way in ways] == [Channel.SMS, Channel.SMS, Channel.SMS, Channel.VOICE]


def test_a_phone_that_is_switched_off_is_called_at_once():
    case = sent(booked(FRIDAY, reach(mobile())), NOW, State.FAILED, Failure.UNREACHED)

    assert owed(case, NOW) == [(MessageKind.CONFIRMATION, Channel.VOICE)]


def test_waiting_for_another_try_is_said():
    case = sent(booked(FRIDAY, reach(mobile())), NOW, State.FAILED, Failure.TRANSIENT)

    assert plan(case, NOW).again_at == NOW + timedelta(minutes=10)
    assert plan(case, NOW + timedelta(minutes=10)).owed


def test_unanswered_calls_come_once_a_day_at_other_hours_then_the_desk():
    case = told_of(at(10, 30, day=27), reach(landline()))
    calls = []
    for moment in (at(10, 30, day=23), at(17, day=24), at(14, day=25)):
        assert owed(case, moment - timedelta(minutes=1)) == []
        calls += owed(case, moment)
        case = sent(case, moment, State.FAILED, Failure.NO_ANSWER)

    assert [way for _, way in calls] == [Channel.VOICE] * 3
    assert owed(case, at(14, 1, day=25)) == [(MessageKind.REMINDER, Channel.DESK)]


def test_a_busy_line_is_called_again_after_twenty_minutes_once():
    case = told_of(at(10, 30, day=27), reach(landline()))
    first = at(10, 30, day=23)
    case = sent(case, first, State.FAILED, Failure.BUSY)
    again = first + timedelta(minutes=20)

    assert owed(case, again - timedelta(minutes=1)) == []
    assert owed(case, again) == [(MessageKind.REMINDER, Channel.VOICE)]
    case = sent(case, again, State.FAILED, Failure.BUSY)
    assert owed(case, again + timedelta(minutes=20)) == []
    assert owed(case, at(17, day=24)) == [(MessageKind.REMINDER, Channel.VOICE)]


def test_an_answering_machine_is_enough_for_a_reminder_not_for_a_cancellation():
    reminded = sent(
        told_of(at(10, 30, day=27), reach(landline())), at(10, 30, day=23), State.FAILED, Failure.MACHINE
    )
    cancelled = after(booked(FRIDAY, reach(landline())), EventKind.CANCELLED, NOW)
    cancelled = sent(cancelled, NOW, State.FAILED, Failure.MACHINE)

    assert not plan(reminded, at(17, day=24)).owed
    assert owed(cancelled, at(17, day=25)) == [(MessageKind.CANCELLATION, Channel.VOICE)]


def test_a_call_that_would_come_too_late_is_the_desks():
    tomorrow = at(9, 30, day=25)
    case = after(booked(tomorrow, reach(landline())), EventKind.CANCELLED, NOW)
    case = sent(case, NOW, State.FAILED, Failure.NO_ANSWER)

    assert owed(case, NOW + timedelta(minutes=1)) == [(MessageKind.CANCELLATION, Channel.DESK)]


# ---- soon ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.OWED, State.SENDING, State.UNKNOWN, State.SENT])
def test_undelivered_half_an_hour_before_is_the_desks(state: State):
    case = after(told_of(), EventKind.CANCELLED, at(8, day=27))
    case = written(case, at(8, day=27))
    case = replace(case, attempts=(case.attempts[0], replace(case.attempts[1], state=state)))

    assert owed(case, at(9, 59, day=27)) == []
    (line,) = plan(case, at(10, day=27)).owed
    assert (line.channel, line.why) == (Channel.DESK, Why.SOON)


def test_who_has_confirmed_or_was_reminded_knows_though_the_first_word_was_never_reported():
    start = at(10, 30, day=27)
    unreported = sent(booked(start, reach(mobile()), on=at(10, day=10)), at(10, day=10), State.SENT)
    reminded = sent(unreported, at(10, day=25))
    soon = at(10, day=27)

    assert owed(unreported, soon) == [(MessageKind.CONFIRMATION, Channel.DESK)]
    assert owed(replace(unreported, is_confirmed=True), soon) == []
    assert [each.state for each in reminded.attempts] == [State.SENT, State.DELIVERED]
    assert owed(reminded, soon) == []


def test_delivered_in_time_or_too_late_to_matter_is_not():
    case = sent(after(told_of(), EventKind.CANCELLED, at(8, day=27)), at(8, day=27))

    assert owed(case, at(10, day=27)) == []


def test_moved_to_later_the_desk_must_call_before_the_old_time():
    case = after(told_of(), EventKind.MOVED, at(8, day=27), start=at(16, day=27))
    case = sent(case, at(8, day=27), State.SENT)

    assert owed(case, at(9, 59, day=27)) == []
    assert owed(case, at(10, day=27)) == [(MessageKind.CHANGE, Channel.DESK)]


def test_a_last_minute_booking_has_five_minutes_to_arrive():
    start = NOW + timedelta(minutes=20)
    case = sent(booked(start, reach(mobile())), NOW, State.SENT)

    assert owed(case, NOW + timedelta(minutes=4)) == []
    assert owed(case, NOW + timedelta(minutes=5)) == [(MessageKind.CONFIRMATION, Channel.DESK)]


def test_what_arrives_after_all_leaves_the_list():
    case = sent(after(told_of(), EventKind.CANCELLED, at(8, day=27)), at(8, day=27), State.SENT)
    case = written(case, at(10, day=27))
    listed = case.attempts[-1]
    arrived = replace(
        case, attempts=(case.attempts[0], replace(case.attempts[1], state=State.DELIVERED), listed)
    )

    assert plan(arrived, at(10, 1, day=27)).stale == (listed.id,)


def test_someone_told_by_the_desk_gets_no_late_text_message():
    night = at(22)
    case = written(after(told_of(), EventKind.CANCELLED, night), night)
    waiting = case.attempts[-1]
    called = replace(waiting, id=99, channel=Channel.DESK, step=19, state=State.TOLD)

    answer = plan(replace(case, attempts=(*case.attempts, called)), night)

    assert (answer.owed, answer.stale) == ((), (waiting.id,))


# ---- when nobody can receive them for a while ------------------------------------------------------------


@pytest.mark.parametrize("phone", [mobile(), landline(may_call=False)])
def test_what_had_not_left_is_owed_again_once_they_can_be_received_after_all(phone):
    case = written(booked(FRIDAY, reach(phone)), NOW)
    ways = owed(booked(FRIDAY, reach(phone)), NOW)
    for kind in (EventKind.TO_CALL, EventKind.CALL_OFF):
        case = after(written(case, NOW), kind, NOW)

    assert owed(case, NOW) == ways


# ---- while the provider refuses the sender or the account -----------------------------------------------


def test_what_waits_for_the_provider_goes_to_the_desk_before_it_is_too_late_and_by_no_other_way():
    stopped = rules(stopped=frozenset({Channel.SMS}))
    case = written(told_of(rules=stopped), at(10, day=25))
    (reminder,) = [each for each in case.attempts if each.kind == MessageKind.REMINDER]
    expires = FRIDAY - timedelta(hours=1)

    answer = plan(case, at(10, day=25))
    assert (answer.owed, answer.again_at) == ((), expires - timedelta(minutes=30))
    assert owed(case, expires - timedelta(minutes=30)) == [(MessageKind.REMINDER, Channel.DESK)]
    assert owed(replace(case, rules=rules()), expires - timedelta(minutes=30)) == []
    assert reminder.due_at == at(10, day=25)
