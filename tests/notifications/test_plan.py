"""What is owed, case by case."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from booking.enums import EventKind, ReachBy, Status
from notifications.enums import Audience, Channel, Failure, Kind, State, Why
from notifications.hours import Hours
from notifications.plan import plan
from tests.factories import TUESDAY, at
from tests.notifications.plans import (
    LANDLINE,
    MOBILE,
    OTHER_SITE,
    after,
    booked,
    landline,
    mobile,
    offered,
    owed,
    reach,
    rules,
    sent,
    written,
)

FRIDAY = at(10, 30, day=27)
NOW = TUESDAY


# ---- the first word ----------------------------------------------------------------------------------


def test_a_booking_is_confirmed_at_once_by_text_message():
    (message,) = plan(booked(FRIDAY, reach(mobile())), NOW).owed

    assert (message.kind, message.channel, message.recipient) == (Kind.CONFIRMATION, Channel.SMS, MOBILE)
    assert (message.cause, message.due_at, message.expires_at) == ("event:1", NOW, FRIDAY)


def test_a_confirmed_booking_owes_nothing_more():
    assert owed(sent(booked(FRIDAY, reach(mobile())), NOW), NOW) == []


def test_a_booking_at_night_is_confirmed_in_the_morning():
    late = at(22, 15)

    (message,) = plan(booked(FRIDAY, reach(mobile()), on=late), late).owed

    assert message.due_at == at(7, day=25)


def test_a_walk_in_and_nobody_are_told_nothing():
    assert owed(booked(FRIDAY, reach(mobile()), is_walk_in=True), NOW) == []
    assert owed(booked(FRIDAY, None), NOW) == []


def test_someone_on_the_line_is_not_called_to_be_told_what_they_have_just_heard():
    assert owed(booked(FRIDAY, reach(landline())), NOW) == []


def test_a_booking_by_another_system_is_confirmed_by_a_call():
    case = booked(FRIDAY, reach(landline()), by_agent=False)

    assert owed(case, NOW) == [(Kind.CONFIRMATION, Channel.VOICE)]


def test_a_commune_may_want_landlines_to_be_called_all_the_same():
    case = booked(FRIDAY, reach(landline()), rules=rules(confirm_by_call=True))

    assert owed(case, NOW) == [(Kind.CONFIRMATION, Channel.VOICE)]


@pytest.mark.parametrize(
    ("who", "way"),
    [
        (reach(mobile()), Channel.SMS),
        (reach(landline(), mobile()), Channel.SMS),
        (reach(mobile(may_call=False), landline()), Channel.VOICE),
        (reach(mobile(), reach_by=ReachBy.VOICE), Channel.VOICE),
        (reach(mobile(), email="a@b.fr"), Channel.SMS),
        (reach(mobile(), email="a@b.fr", reach_by=ReachBy.EMAIL), Channel.EMAIL),
        (reach(landline(), email="a@b.fr"), Channel.EMAIL),
        (reach(email="a@b.fr"), Channel.EMAIL),
        (reach(email="a@b.fr", reach_by=ReachBy.NONE), Channel.DESK),
        (reach(mobile(), reach_by=ReachBy.NONE), Channel.DESK),
        (reach(mobile(stopped=True)), Channel.DESK),
        (reach(mobile(stopped=True), landline()), Channel.DESK),
        (reach(mobile(stopped=True, is_own=False), landline()), Channel.VOICE),
        (reach(mobile(may_call=False)), Channel.DESK),
        (reach(), Channel.DESK),
    ],
)
def test_each_is_told_by_their_way(who, way):
    moved = after(sent(booked(FRIDAY, who), NOW), EventKind.MOVED, NOW, start=FRIDAY + timedelta(days=3))

    assert owed(moved, NOW) == [(Kind.CHANGE, way)]


def test_what_an_installation_cannot_send_takes_the_next_way():
    moved = after(booked(FRIDAY, reach(mobile())), EventKind.MOVED, NOW, start=FRIDAY + timedelta(days=3))

    assert owed(replace(moved, rules=rules(can_text=False)), NOW) == [(Kind.CHANGE, Channel.VOICE)]
    assert owed(replace(moved, rules=rules(can_text=False, can_call=False)), NOW) == [
        (Kind.CHANGE, Channel.DESK)
    ]


def test_someone_without_a_phone_is_for_the_post_or_the_desk():
    moved = after(booked(FRIDAY, reach()), EventKind.MOVED, NOW, start=FRIDAY + timedelta(days=3))

    (line,) = plan(moved, NOW).owed

    assert (line.recipient, line.why) == ("resident:1", Why.NO_PHONE)


def test_wished_hours_are_kept():
    evening = mobile(hours=Hours(time(18), time(20)))

    (message,) = plan(booked(FRIDAY, reach(evening)), NOW).owed

    assert message.due_at == at(18)


def test_wished_hours_that_leave_no_time_lead_to_the_desk():
    never = mobile(hours=Hours(time(22), time(23)))

    (message,) = plan(booked(FRIDAY, reach(never)), NOW).owed

    assert message.channel == Channel.DESK


# ---- changes -----------------------------------------------------------------------------------------


def test_a_moved_appointment_is_told_with_its_new_time_only():
    case = sent(booked(FRIDAY, reach(mobile())), NOW)
    moved = after(case, EventKind.MOVED, NOW, start=FRIDAY + timedelta(days=3))

    (message,) = plan(moved, NOW).owed

    assert (message.kind, message.cause, message.expires_at) == (
        Kind.CHANGE,
        "event:2",
        FRIDAY + timedelta(days=3),
    )


def test_another_place_is_a_change_another_cabin_is_not():
    case = sent(booked(FRIDAY, reach(mobile())), NOW)

    assert owed(after(case, EventKind.MOVED, NOW, site_id=OTHER_SITE), NOW) == [(Kind.CHANGE, Channel.SMS)]
    assert owed(after(case, EventKind.MOVED, NOW), NOW) == []


def test_moved_before_the_confirmation_left_the_old_time_never_leaves():
    night = at(22, 0)
    case = written(booked(FRIDAY, reach(mobile()), on=night), night)
    moved = after(case, EventKind.MOVED, night, start=FRIDAY + timedelta(days=3))

    answer = plan(moved, night)

    assert answer.stale == (1,)
    assert [each.cause for each in answer.owed] == ["event:2"]


def test_moved_and_moved_back_before_anyone_was_told_is_no_news():
    case = sent(booked(FRIDAY, reach(mobile())), NOW)
    night = at(22, 0)
    moved = written(after(case, EventKind.MOVED, night, start=FRIDAY + timedelta(days=3)), night)
    back = after(moved, EventKind.MOVED, night, start=FRIDAY)

    answer = plan(back, night)

    assert (answer.owed, answer.stale) == ((), (2,))


def test_a_cancelled_appointment_is_told_and_nothing_else():
    case = sent(booked(FRIDAY, reach(mobile())), NOW)
    cancelled = after(case, EventKind.CANCELLED, NOW)

    assert owed(cancelled, NOW) == [(Kind.CANCELLATION, Channel.SMS)]
    assert owed(sent(cancelled, NOW), NOW) == []
    assert owed(sent(cancelled, NOW), FRIDAY - timedelta(days=2)) == []


def test_booked_and_cancelled_at_once_only_the_cancellation_leaves():
    case = written(booked(FRIDAY, reach(mobile())), NOW)
    cancelled = after(case, EventKind.CANCELLED, NOW)

    answer = plan(cancelled, NOW)

    assert answer.stale == (1,)
    assert [each.kind for each in answer.owed] == [Kind.CANCELLATION]


def test_a_mistaken_cancellation_undone_in_time_is_never_told():
    case = written(after(sent(booked(FRIDAY, reach(mobile())), NOW), EventKind.CANCELLED, NOW), NOW)
    restored = after(case, EventKind.RESTORED, NOW)

    answer = plan(restored, NOW)

    assert (answer.owed, answer.stale) == ((), (2,))


def test_a_cancellation_undone_too_late_is_taken_back():
    case = sent(after(sent(booked(FRIDAY, reach(mobile())), NOW), EventKind.CANCELLED, NOW), NOW)
    restored = after(case, EventKind.RESTORED, NOW)

    assert owed(restored, NOW) == [(Kind.MAINTAINED, Channel.SMS)]


def test_cancel_undo_cancel_tells_twice():
    case = sent(booked(FRIDAY, reach(mobile())), NOW)
    told = []
    for kind in (EventKind.CANCELLED, EventKind.RESTORED, EventKind.CANCELLED):
        case = after(case, kind, NOW)
        told += owed(case, NOW)
        case = sent(case, NOW)

    assert [kind for kind, _ in told] == [Kind.CANCELLATION, Kind.MAINTAINED, Kind.CANCELLATION]


def test_who_cancels_by_a_reply_is_answered_there_and_not_told_again():
    case = sent(booked(FRIDAY, reach(mobile())), NOW)

    assert owed(after(case, EventKind.CANCELLED, NOW, by_resident=True), NOW) == []


def test_who_asked_on_the_phone_is_not_called_but_gets_a_note_to_keep():
    new = FRIDAY + timedelta(days=3)
    for who, expected in (
        (reach(landline()), []),
        (reach(mobile()), [(Kind.CHANGE, Channel.SMS)]),
    ):
        case = sent(booked(FRIDAY, who), NOW)
        moved = after(case, EventKind.MOVED, NOW, start=new, by_agent=True, by_resident=True)
        assert owed(moved, NOW) == expected


def test_an_undone_cancellation_of_someone_who_was_spoken_to_is_no_news():
    case = booked(FRIDAY, reach(landline()))
    cancelled = after(case, EventKind.CANCELLED, NOW, by_agent=True, by_resident=True)

    assert owed(cancelled, NOW) == []
    assert owed(after(cancelled, EventKind.RESTORED, NOW, by_agent=True), NOW) == [
        (Kind.MAINTAINED, Channel.VOICE)
    ]


def test_someone_who_has_come_is_told_nothing_any_more():
    waiting = written(booked(FRIDAY, reach(mobile()), on=at(22)), at(22))

    answer = plan(replace(waiting, status=Status.ARRIVED), at(22, 30))

    assert (answer.owed, answer.stale) == ((), (1,))


def test_nothing_about_a_meeting_is_sent_after_it_began():
    answer = plan(written(booked(FRIDAY, reach(mobile())), NOW), FRIDAY)

    assert (answer.owed, answer.stale) == ((), (1,))


# ---- reminders ---------------------------------------------------------------------------------------


def _told(start=FRIDAY, who=None, **fields):
    return sent(booked(start, who or reach(mobile()), on=at(10, day=10), **fields), at(10, day=10))


def test_a_reminder_leaves_two_days_before_at_ten():
    case = _told()

    assert owed(case, at(9, 59, day=25)) == []
    assert owed(case, at(10, day=25)) == [(Kind.REMINDER, Channel.SMS)]
    assert owed(sent(case, at(10, day=25)), at(10, day=26)) == []


def test_a_reminder_that_would_fall_on_a_sunday_leaves_on_saturday():
    case = _told(at(10, 30, day=24), rules=rules(reminder_days_before=2))  # Sunday the 22nd

    assert owed(case, at(9, 59, day=21)) == []
    assert owed(case, at(10, day=21)) == [(Kind.REMINDER, Channel.SMS)]


def test_a_reminder_that_would_fall_on_a_holiday_leaves_the_day_before():
    case = sent(booked(at(10, day=13), reach(mobile()), on=at(9, day=2)), at(9, day=2))

    assert owed(case, at(10, day=10)) == [(Kind.REMINDER, Channel.SMS)]  # the 11th is Armistice Day


def test_no_reminder_follows_hard_on_the_confirmation():
    soon = at(10, 30, day=25)
    case = sent(booked(soon, reach(mobile())), NOW)

    assert owed(case, NOW + timedelta(hours=1)) == []
    assert owed(case, at(8, 30, day=25)) == []


def test_a_reminder_on_the_day_is_two_hours_before_or_the_evening_before():
    both = rules(remind_same_day=True)
    late, early = _told(at(14, day=27), rules=both), _told(at(9, day=27), rules=both)
    late, early = sent(late, at(10, day=25)), sent(early, at(10, day=25))

    assert owed(late, at(11, 59, day=27)) == []
    assert owed(late, at(12, day=27)) == [(Kind.REMINDER, Channel.SMS)]
    assert owed(early, at(17, day=26)) == [(Kind.REMINDER, Channel.SMS)]


def test_after_an_outage_only_the_last_reminder_that_is_due_leaves():
    case = _told(at(14, day=27), rules=rules(remind_same_day=True))

    (message,) = plan(case, at(12, 30, day=27)).owed

    assert message.step == 20


def test_an_outage_of_six_hours_does_not_lose_a_reminder():
    (message,) = plan(_told(), at(16, day=25)).owed

    assert message.due_at == at(16, day=25)


def test_a_reminder_delayed_into_the_night_leaves_in_the_morning():
    (message,) = plan(_told(), at(20, day=25)).owed

    assert message.due_at == at(9, day=26)


def test_a_moved_appointment_is_reminded_of_its_new_time():
    case = sent(after(_told(), EventKind.MOVED, at(9, day=25), start=at(10, day=30)), at(9, day=25))

    assert owed(case, at(10, day=25)) == []
    assert owed(case, at(10, day=28)) == [(Kind.REMINDER, Channel.SMS)]


def test_a_landline_is_called_four_calling_days_before():
    case = _told(at(10, 30, day=27), reach(landline()))

    assert owed(case, at(10, 29, day=23)) == []
    assert owed(case, at(10, 30, day=23)) == [(Kind.REMINDER, Channel.VOICE)]


def test_someone_who_has_confirmed_is_not_called():
    case = _told(at(10, 30, day=27), reach(landline()), is_confirmed=True)

    assert owed(case, at(10, 30, day=23)) == []


def test_those_without_any_message_are_not_reminded():
    for who in (reach(), reach(mobile(), reach_by=ReachBy.NONE)):
        assert owed(_told(who=who), at(10, day=25)) == []


def test_a_landline_without_calls_is_reminded_by_the_desk():
    case = _told(who=reach(landline()), rules=rules(can_call=False))

    (line,) = plan(case, at(10, day=25)).owed

    assert (line.channel, line.recipient, line.why) == (Channel.DESK, LANDLINE, Why.NO_MOBILE)


# ---- when it fails -----------------------------------------------------------------------------------


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
    case = after(_told(), EventKind.CANCELLED, NOW)
    case = sent(case, NOW, State.FAILED, Failure.STOPPED)
    stopped = replace(case, reach=reach(mobile(stopped=True)))

    (line,) = plan(stopped, NOW).owed

    assert (line.channel, line.why, line.recipient) == (Channel.DESK, Why.STOPPED, MOBILE)


def test_a_phone_that_is_switched_off_is_tried_again_twice_then_called():
    case, now, ways = booked(FRIDAY, reach(mobile())), NOW, []
    for wait in (timedelta(), timedelta(minutes=10), timedelta(hours=1), timedelta()):
        assert wait == timedelta() or owed(case, now + wait - timedelta(minutes=1)) == []
        now += wait
        ways += owed(case, now)
        case = sent(case, now, State.FAILED, Failure.TRANSIENT)

    assert [way for _, way in ways] == [Channel.SMS, Channel.SMS, Channel.SMS, Channel.VOICE]


def test_waiting_for_another_try_is_said():
    case = sent(booked(FRIDAY, reach(mobile())), NOW, State.FAILED, Failure.TRANSIENT)

    assert plan(case, NOW).waits
    assert not plan(case, NOW + timedelta(minutes=10)).waits


def test_unanswered_calls_come_once_a_day_at_other_hours_then_the_desk():
    case = _told(at(10, 30, day=27), reach(landline()))
    calls = []
    for moment in (at(10, 30, day=23), at(17, day=24), at(14, day=25)):
        assert owed(case, moment - timedelta(minutes=1)) == []
        calls += owed(case, moment)
        case = sent(case, moment, State.FAILED, Failure.NO_ANSWER)

    assert [way for _, way in calls] == [Channel.VOICE] * 3
    assert owed(case, at(14, 1, day=25)) == [(Kind.REMINDER, Channel.DESK)]


def test_a_busy_line_is_called_again_after_twenty_minutes_once():
    case = _told(at(10, 30, day=27), reach(landline()))
    first = at(10, 30, day=23)
    case = sent(case, first, State.FAILED, Failure.BUSY)
    again = first + timedelta(minutes=20)

    assert owed(case, again - timedelta(minutes=1)) == []
    assert owed(case, again) == [(Kind.REMINDER, Channel.VOICE)]
    case = sent(case, again, State.FAILED, Failure.BUSY)
    assert owed(case, again + timedelta(minutes=20)) == []
    assert owed(case, at(17, day=24)) == [(Kind.REMINDER, Channel.VOICE)]


def test_an_answering_machine_is_enough_for_a_reminder_not_for_a_cancellation():
    reminded = sent(
        _told(at(10, 30, day=27), reach(landline())), at(10, 30, day=23), State.FAILED, Failure.MACHINE
    )
    cancelled = after(booked(FRIDAY, reach(landline())), EventKind.CANCELLED, NOW)
    cancelled = sent(cancelled, NOW, State.FAILED, Failure.MACHINE)

    assert not plan(reminded, at(17, day=24)).owed
    assert owed(cancelled, at(17, day=25)) == [(Kind.CANCELLATION, Channel.VOICE)]


def test_a_call_that_would_come_too_late_is_the_desks():
    tomorrow = at(9, 30, day=25)
    case = after(booked(tomorrow, reach(landline())), EventKind.CANCELLED, NOW)
    case = sent(case, NOW, State.FAILED, Failure.NO_ANSWER)

    assert owed(case, NOW + timedelta(minutes=1)) == [(Kind.CANCELLATION, Channel.DESK)]


# ---- soon --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.OWED, State.SENDING, State.UNKNOWN, State.SENT])
def test_undelivered_half_an_hour_before_is_the_desks(state: State):
    case = after(_told(), EventKind.CANCELLED, at(8, day=27))
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

    assert owed(unreported, soon) == [(Kind.CONFIRMATION, Channel.DESK)]
    assert owed(replace(unreported, is_confirmed=True), soon) == []
    assert [each.state for each in reminded.attempts] == [State.SENT, State.DELIVERED]
    assert owed(reminded, soon) == []


def test_delivered_in_time_or_too_late_to_matter_is_not():
    case = sent(after(_told(), EventKind.CANCELLED, at(8, day=27)), at(8, day=27))

    assert owed(case, at(10, day=27)) == []


def test_moved_to_later_the_desk_must_call_before_the_old_time():
    case = after(_told(), EventKind.MOVED, at(8, day=27), start=at(16, day=27))
    case = sent(case, at(8, day=27), State.SENT)

    assert owed(case, at(9, 59, day=27)) == []
    assert owed(case, at(10, day=27)) == [(Kind.CHANGE, Channel.DESK)]


def test_a_last_minute_booking_has_five_minutes_to_arrive():
    start = NOW + timedelta(minutes=20)
    case = sent(booked(start, reach(mobile())), NOW, State.SENT)

    assert owed(case, NOW + timedelta(minutes=4)) == []
    assert owed(case, NOW + timedelta(minutes=5)) == [(Kind.CONFIRMATION, Channel.DESK)]


def test_what_arrives_after_all_leaves_the_list():
    case = sent(after(_told(), EventKind.CANCELLED, at(8, day=27)), at(8, day=27), State.SENT)
    case = written(case, at(10, day=27))
    listed = case.attempts[-1]
    arrived = replace(
        case, attempts=(case.attempts[0], replace(case.attempts[1], state=State.DELIVERED), listed)
    )

    assert plan(arrived, at(10, 1, day=27)).stale == (listed.id,)


def test_someone_told_by_the_desk_gets_no_late_text_message():
    night = at(22)
    case = written(after(_told(), EventKind.CANCELLED, night), night)
    waiting = case.attempts[-1]
    called = replace(waiting, id=99, channel=Channel.DESK, step=19, state=State.TOLD)

    answer = plan(replace(case, attempts=(*case.attempts, called)), night)

    assert (answer.owed, answer.stale) == ((), (waiting.id,))


# ---- the contact person, and those who did not come ---------------------------------------------------


def test_the_contact_person_is_told_too_but_never_by_the_desk():
    contact = mobile(number="+33639980055")
    case = booked(FRIDAY, reach(mobile(), contact=contact))

    both = plan(case, NOW).owed
    failed = sent(case, NOW, State.FAILED, Failure.INVALID)

    assert [(each.audience, each.recipient) for each in both] == [
        (Audience.RESIDENT, MOBILE),
        (Audience.CONTACT, "+33639980055"),
    ]
    assert [each.audience for each in plan(failed, NOW).owed] == [Audience.RESIDENT]


def test_a_contact_person_who_never_heard_of_it_does_not_hear_of_its_end():
    contact = mobile(number="+33639980055")
    case = after(_told(), EventKind.CANCELLED, NOW)
    case = replace(case, reach=reach(mobile(), contact=contact))

    assert [each.audience for each in plan(case, NOW).owed] == [Audience.RESIDENT]


def test_one_phone_for_both_rings_once():
    case = booked(FRIDAY, reach(mobile(), contact=mobile()))

    assert len(plan(case, NOW).owed) == 1


def test_who_did_not_come_is_offered_another_time_in_writing_only():
    start = at(10, day=24)
    for who, expected in ((reach(mobile()), [(Kind.MISSED, Channel.SMS)]), (reach(landline()), [])):
        case = after(
            sent(booked(start, who, on=at(10, day=20)), at(10, day=20)), EventKind.NO_SHOW, at(10, 40)
        )
        assert owed(case, at(12, 39)) == []
        assert owed(case, at(12, 40)) == expected


def test_an_undone_no_show_is_not_invited():
    case = after(_told(at(10)), EventKind.NO_SHOW, at(10, 40))
    case = written(case, at(12, 40))
    undone = replace(case, status=Status.IN_SESSION)

    assert plan(undone, at(12, 41)).stale == (case.attempts[-1].id,)


def test_a_place_is_offered_while_it_is_held_and_no_longer():
    """The hold may outlive its time by a minute, until the clock ends it."""
    until = at(10, 30)
    case = offered(at(14), reach(mobile()), until=until, on=at(10))

    assert owed(case, until - timedelta(seconds=1)) == [(Kind.OFFER, Channel.SMS)]
    assert owed(case, until) == []
