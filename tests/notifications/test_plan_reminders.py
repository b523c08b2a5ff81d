"""When reminders are due, and for whom."""

from datetime import timedelta

from booking.enums import EventKind, ReachBy
from notifications.enums import Channel, DeskReason, MessageKind
from notifications.plan.decide import plan
from tests.factories import at
from tests.notifications.plans import (
    LANDLINE,
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
)


def test_a_reminder_leaves_two_days_before_at_ten():
    history = told_of()

    assert planned(history, at(9, 59, day=25)) == []
    assert planned(history, at(10, day=25)) == [(MessageKind.REMINDER, Channel.SMS)]
    assert planned(sent(history, at(10, day=25)), at(10, day=26)) == []


def test_a_reminder_that_would_fall_on_a_sunday_leaves_on_saturday():
    history = told_of(at(10, 30, day=24), rules=rules(reminder_days_before=2))  # Sunday the 22nd

    assert planned(history, at(9, 59, day=21)) == []
    assert planned(history, at(10, day=21)) == [(MessageKind.REMINDER, Channel.SMS)]


def test_a_reminder_that_would_fall_on_a_holiday_leaves_the_day_before():
    history = sent(booked(at(10, day=13), reach(mobile()), on=at(9, day=2)), at(9, day=2))

    assert planned(history, at(10, day=10)) == [
        (MessageKind.REMINDER, Channel.SMS)
    ]  # the 11th is Armistice Day


def test_no_reminder_follows_hard_on_the_confirmation():
    soon = at(10, 30, day=25)
    history = sent(booked(soon, reach(mobile())), NOW)

    assert planned(history, NOW + timedelta(hours=1)) == []
    assert planned(history, at(8, 30, day=25)) == []


def test_a_reminder_on_the_day_is_two_hours_before_or_the_evening_before():
    both = rules(remind_same_day=True)
    late, early = told_of(at(14, day=27), rules=both), told_of(at(9, day=27), rules=both)
    late, early = sent(late, at(10, day=25)), sent(early, at(10, day=25))

    assert planned(late, at(11, 59, day=27)) == []
    assert planned(late, at(12, day=27)) == [(MessageKind.REMINDER, Channel.SMS)]
    assert planned(early, at(17, day=26)) == [(MessageKind.REMINDER, Channel.SMS)]


def test_after_an_outage_only_the_last_reminder_that_is_due_leaves():
    history = told_of(at(14, day=27), rules=rules(remind_same_day=True))

    (message,) = plan(history, at(12, 30, day=27)).planned

    assert message.step == 20


def test_an_outage_of_six_hours_does_not_lose_a_reminder():
    (message,) = plan(told_of(), at(16, day=25)).planned

    assert message.due_at == at(16, day=25)


def test_a_reminder_delayed_into_the_night_leaves_in_the_morning():
    (message,) = plan(told_of(), at(20, day=25)).planned

    assert message.due_at == at(9, day=26)


def test_a_moved_appointment_is_reminded_of_its_new_time():
    history = sent(after(told_of(), EventKind.MOVED, at(9, day=25), start=at(10, day=30)), at(9, day=25))

    assert planned(history, at(10, day=25)) == []
    assert planned(history, at(10, day=28)) == [(MessageKind.REMINDER, Channel.SMS)]


def test_a_landline_is_called_four_calling_days_before():
    history = told_of(at(10, 30, day=27), reach(landline()))

    assert planned(history, at(10, 29, day=23)) == []
    assert planned(history, at(10, 30, day=23)) == [(MessageKind.REMINDER, Channel.VOICE)]


def test_someone_who_has_confirmed_is_not_called():
    history = told_of(at(10, 30, day=27), reach(landline()), is_confirmed=True)

    assert planned(history, at(10, 30, day=23)) == []


def test_those_without_any_message_are_not_reminded():
    for who in (reach(), reach(mobile(), reach_by=ReachBy.NONE)):
        assert planned(told_of(who=who), at(10, day=25)) == []


def test_a_landline_without_calls_is_reminded_by_the_desk():
    history = told_of(who=reach(landline()), rules=rules(can_call=False))

    (line,) = plan(history, at(10, day=25)).planned

    assert (line.channel, line.recipient, line.why) == (Channel.DESK, LANDLINE, DeskReason.NO_MOBILE)
