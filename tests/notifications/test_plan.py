"""Which messages the plan asks for: confirmations, changes, and those to contact persons."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from booking.enums import EventKind, ReachBy, Reason, Status
from notifications.enums import Audience, Channel, DeskReason, Failure, MessageKind, State
from notifications.plan.decide import plan
from notifications.plan.hours import CallHours
from tests.factories import at
from tests.notifications.plans import (
    FRIDAY,
    MOBILE,
    NOW,
    OTHER_SITE,
    after,
    booked,
    landline,
    mobile,
    offered,
    planned,
    reach,
    rules,
    sent,
    told_of,
    written,
)

# ---- the first word --------------------------------------------------------------------------------


def test_a_booking_is_confirmed_at_once_by_text_message():
    (message,) = plan(booked(FRIDAY, reach(mobile())), NOW).planned

    assert (message.kind, message.channel, message.recipient) == (
        MessageKind.CONFIRMATION,
        Channel.SMS,
        MOBILE,
    )
    assert (message.cause, message.due_at, message.expires_at) == ("event:1", NOW, FRIDAY)


def test_a_confirmed_booking_owes_nothing_more():
    assert planned(sent(booked(FRIDAY, reach(mobile())), NOW), NOW) == []


def test_a_booking_at_night_is_confirmed_in_the_morning():
    late = at(22, 15)

    (message,) = plan(booked(FRIDAY, reach(mobile()), on=late), late).planned

    assert message.due_at == at(7, day=25)


def test_a_walk_in_and_nobody_are_told_nothing():
    assert planned(booked(FRIDAY, reach(mobile()), is_walk_in=True), NOW) == []
    assert planned(booked(FRIDAY, None), NOW) == []


def test_someone_on_the_line_is_not_called_to_be_told_what_they_have_just_heard():
    assert planned(booked(FRIDAY, reach(landline())), NOW) == []


def test_a_booking_by_another_system_is_confirmed_by_a_call():
    history = booked(FRIDAY, reach(landline()), by_agent=False)

    assert planned(history, NOW) == [(MessageKind.CONFIRMATION, Channel.VOICE)]


def test_a_commune_may_want_landlines_to_be_called_all_the_same():
    history = booked(FRIDAY, reach(landline()), rules=rules(confirm_by_call=True))

    assert planned(history, NOW) == [(MessageKind.CONFIRMATION, Channel.VOICE)]


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

    assert planned(moved, NOW) == [(MessageKind.CHANGE, way)]


def test_what_an_installation_cannot_send_takes_the_next_way():
    moved = after(booked(FRIDAY, reach(mobile())), EventKind.MOVED, NOW, start=FRIDAY + timedelta(days=3))

    assert planned(replace(moved, rules=rules(can_text=False)), NOW) == [(MessageKind.CHANGE, Channel.VOICE)]
    assert planned(replace(moved, rules=rules(can_text=False, can_call=False)), NOW) == [
        (MessageKind.CHANGE, Channel.DESK)
    ]


def test_someone_without_a_phone_is_for_the_post_or_the_desk():
    moved = after(booked(FRIDAY, reach()), EventKind.MOVED, NOW, start=FRIDAY + timedelta(days=3))

    (line,) = plan(moved, NOW).planned

    assert (line.recipient, line.why) == ("resident:1", DeskReason.NO_PHONE)


def test_wished_hours_are_kept():
    evening = mobile(hours=CallHours(time(18), time(20)))

    (message,) = plan(booked(FRIDAY, reach(evening)), NOW).planned

    assert message.due_at == at(18)


def test_wished_hours_that_leave_no_time_lead_to_the_desk():
    never = mobile(hours=CallHours(time(22), time(23)))

    (message,) = plan(booked(FRIDAY, reach(never)), NOW).planned

    assert message.channel == Channel.DESK


# ---- changes ---------------------------------------------------------------------------------------


def test_a_moved_appointment_is_told_with_its_new_time_only():
    history = sent(booked(FRIDAY, reach(mobile())), NOW)
    moved = after(history, EventKind.MOVED, NOW, start=FRIDAY + timedelta(days=3))

    (message,) = plan(moved, NOW).planned

    assert (message.kind, message.cause, message.expires_at) == (
        MessageKind.CHANGE,
        "event:2",
        FRIDAY + timedelta(days=3),
    )


def test_another_place_is_a_change_another_cabin_is_not():
    history = sent(booked(FRIDAY, reach(mobile())), NOW)

    assert planned(after(history, EventKind.MOVED, NOW, site_id=OTHER_SITE), NOW) == [
        (MessageKind.CHANGE, Channel.SMS)
    ]
    assert planned(after(history, EventKind.MOVED, NOW), NOW) == []


def test_moved_before_the_confirmation_left_the_old_time_never_leaves():
    night = at(22, 0)
    history = written(booked(FRIDAY, reach(mobile()), on=night), night)
    moved = after(history, EventKind.MOVED, night, start=FRIDAY + timedelta(days=3))

    answer = plan(moved, night)

    assert answer.stale == (1,)
    assert [each.cause for each in answer.planned] == ["event:2"]


def test_moved_and_moved_back_before_anyone_was_told_is_no_news():
    history = sent(booked(FRIDAY, reach(mobile())), NOW)
    night = at(22, 0)
    moved = written(after(history, EventKind.MOVED, night, start=FRIDAY + timedelta(days=3)), night)
    back = after(moved, EventKind.MOVED, night, start=FRIDAY)

    answer = plan(back, night)

    assert (answer.planned, answer.stale) == ((), (2,))


def test_a_cancelled_appointment_is_told_and_nothing_else():
    history = sent(booked(FRIDAY, reach(mobile())), NOW)
    cancelled = after(history, EventKind.CANCELLED, NOW)

    assert planned(cancelled, NOW) == [(MessageKind.CANCELLATION, Channel.SMS)]
    assert planned(sent(cancelled, NOW), NOW) == []
    assert planned(sent(cancelled, NOW), FRIDAY - timedelta(days=2)) == []


def test_booked_and_cancelled_at_once_only_the_cancellation_leaves():
    history = written(booked(FRIDAY, reach(mobile())), NOW)
    cancelled = after(history, EventKind.CANCELLED, NOW)

    answer = plan(cancelled, NOW)

    assert answer.stale == (1,)
    assert [each.kind for each in answer.planned] == [MessageKind.CANCELLATION]


def test_a_mistaken_cancellation_undone_in_time_is_never_told():
    history = written(after(sent(booked(FRIDAY, reach(mobile())), NOW), EventKind.CANCELLED, NOW), NOW)
    restored = after(history, EventKind.RESTORED, NOW)

    answer = plan(restored, NOW)

    assert (answer.planned, answer.stale) == ((), (2,))


def test_a_cancellation_undone_too_late_is_taken_back():
    history = sent(after(sent(booked(FRIDAY, reach(mobile())), NOW), EventKind.CANCELLED, NOW), NOW)
    restored = after(history, EventKind.RESTORED, NOW)

    assert planned(restored, NOW) == [(MessageKind.MAINTAINED, Channel.SMS)]


def test_cancel_undo_cancel_tells_twice():
    history = sent(booked(FRIDAY, reach(mobile())), NOW)
    told = []
    for kind in (EventKind.CANCELLED, EventKind.RESTORED, EventKind.CANCELLED):
        history = after(history, kind, NOW)
        told += planned(history, NOW)
        history = sent(history, NOW)

    assert [kind for kind, _ in told] == [
        MessageKind.CANCELLATION,
        MessageKind.MAINTAINED,
        MessageKind.CANCELLATION,
    ]


def test_who_cancels_by_a_reply_is_answered_there_and_not_told_again():
    history = sent(booked(FRIDAY, reach(mobile())), NOW)

    assert planned(after(history, EventKind.CANCELLED, NOW, by_resident=True), NOW) == []


@pytest.mark.parametrize("reason", [Reason.NONE, Reason.MISTAKE])
def test_who_cancelled_by_a_reply_is_told_that_the_desk_brought_it_back(reason):
    history = sent(booked(FRIDAY, reach(mobile())), NOW)
    cancelled = after(history, EventKind.CANCELLED, NOW, by_resident=True)
    restored = after(cancelled, EventKind.RESTORED, NOW, by_agent=True, reason=reason)

    assert planned(restored, NOW) == [(MessageKind.MAINTAINED, Channel.SMS)]
    assert planned(sent(restored, NOW), NOW) == []


def test_who_takes_the_own_cancellation_back_knows_it():
    history = sent(booked(FRIDAY, reach(mobile())), NOW)
    cancelled = after(history, EventKind.CANCELLED, NOW, by_resident=True)

    assert planned(after(cancelled, EventKind.RESTORED, NOW, by_resident=True), NOW) == []


def test_who_asked_on_the_phone_is_not_called_but_gets_a_note_to_keep():
    new = FRIDAY + timedelta(days=3)
    for who, expected in (
        (reach(landline()), []),
        (reach(mobile()), [(MessageKind.CHANGE, Channel.SMS)]),
    ):
        history = sent(booked(FRIDAY, who), NOW)
        moved = after(history, EventKind.MOVED, NOW, start=new, by_agent=True, by_resident=True)
        assert planned(moved, NOW) == expected


def test_an_undone_cancellation_of_someone_who_was_spoken_to_is_no_news():
    history = booked(FRIDAY, reach(landline()))
    cancelled = after(history, EventKind.CANCELLED, NOW, by_agent=True, by_resident=True)

    assert planned(cancelled, NOW) == []
    assert planned(after(cancelled, EventKind.RESTORED, NOW, by_agent=True), NOW) == [
        (MessageKind.MAINTAINED, Channel.VOICE)
    ]


def test_someone_who_has_come_is_told_nothing_any_more():
    waiting = written(booked(FRIDAY, reach(mobile()), on=at(22)), at(22))

    answer = plan(replace(waiting, status=Status.ARRIVED), at(22, 30))

    assert (answer.planned, answer.stale) == ((), (1,))


def test_nothing_about_a_meeting_is_sent_after_it_began():
    answer = plan(written(booked(FRIDAY, reach(mobile())), NOW), FRIDAY)

    assert ([each.channel for each in answer.planned], answer.stale) == ([Channel.DESK], (1,))


# ---- the contact person, and those who did not come ------------------------------------------------


def test_the_contact_person_is_told_too_but_never_by_the_desk():
    contact = mobile(number="+33639980055")
    history = booked(FRIDAY, reach(mobile(), contact=contact))

    both = plan(history, NOW).planned
    failed = sent(history, NOW, State.FAILED, Failure.INVALID)

    assert [(each.audience, each.recipient) for each in both] == [
        (Audience.RESIDENT, MOBILE),
        (Audience.CONTACT, "+33639980055"),
    ]
    assert [each.audience for each in plan(failed, NOW).planned] == [Audience.RESIDENT]


def test_a_contact_person_who_never_heard_of_it_does_not_hear_of_its_end():
    contact = mobile(number="+33639980055")
    history = after(told_of(), EventKind.CANCELLED, NOW)
    history = replace(history, reach=reach(mobile(), contact=contact))

    assert [each.audience for each in plan(history, NOW).planned] == [Audience.RESIDENT]


def test_one_phone_for_both_rings_once():
    history = booked(FRIDAY, reach(mobile(), contact=mobile()))

    assert len(plan(history, NOW).planned) == 1


def test_who_did_not_come_is_offered_another_time_in_writing_only():
    start = at(10, day=24)
    for who, expected in ((reach(mobile()), [(MessageKind.MISSED, Channel.SMS)]), (reach(landline()), [])):
        history = after(
            sent(booked(start, who, on=at(10, day=20)), at(10, day=20)), EventKind.NO_SHOW, at(10, 40)
        )
        assert planned(history, at(12, 39)) == []
        assert planned(history, at(12, 40)) == expected


def test_an_undone_no_show_is_not_invited():
    history = after(told_of(at(10)), EventKind.NO_SHOW, at(10, 40))
    history = written(history, at(12, 40))
    undone = replace(history, status=Status.IN_SESSION)

    assert plan(undone, at(12, 41)).stale == (history.attempts[-1].id,)


def test_a_place_is_offered_while_it_is_held_and_no_longer():
    """The hold may outlive its time by a minute, until the clock ends it."""
    until = at(10, 30)
    history = offered(at(14), reach(mobile()), until=until, on=at(10))

    assert planned(history, until - timedelta(seconds=1)) == [(MessageKind.OFFER, Channel.SMS)]
    assert planned(history, until) == []
