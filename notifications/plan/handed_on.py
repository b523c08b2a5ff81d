"""When an appointment was given to somebody else: what each person knows, kept apart. Pure.

What the first person was told says nothing about what the second knows. So the history of the person who has
the appointment now begins with the event that gave it to them. Each person before has a history of their own,
in which only one message can be needed: that what they were told was not for them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from booking.enums import EventKind
from notifications.enums import TELLING, Audience, Channel, MessageKind, State
from notifications.plan.escalation import ContactWay
from notifications.plan.history import AppointmentHistory, Change, MessagePlan, SendAttempt, ToldAt
from notifications.plan.hours import Urgency
from notifications.plan.topic import Topic

_ABOUT_THE_TIME = (*TELLING, MessageKind.IMPOSSIBLE, MessageKind.REMINDER, MessageKind.LATE)
_NEED_NOT_COME = (
    MessageKind.CANCELLATION,
    MessageKind.PHONE_CANCEL,
    MessageKind.IMPOSSIBLE,
    MessageKind.NOT_YOURS,
)
_PLANNED = (EventKind.BOOKED, EventKind.MOVED, EventKind.RESTORED)


def since_given(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The events that count for the person who has the appointment now: from when they got it. What still
    holds from before (it cannot take place, its helper is late) is added."""
    nth = max((n for n, each in enumerate(changes) if each.kind == EventKind.GIVEN), default=None)
    if nth is None:
        return tuple(changes)
    given, before = changes[nth], changes[:nth]
    return (given, *_still_holds(before, given), *changes[nth + 1 :])


def _still_holds(before: Sequence[Change], given: Change) -> Iterator[Change]:
    call = _last(before, (*_PLANNED, EventKind.TO_CALL, EventKind.CALL_OFF))
    if call is not None and call.kind == EventKind.TO_CALL:
        # With the id of the giving event: the first person's line on the call list, perhaps with the same
        # number, is another one.
        yield replace(call, id=given.id, at=given.at)
    late = _last(before, (*_PLANNED, EventKind.DELAYED, EventKind.ON_TIME))
    if late is not None and late.kind == EventKind.DELAYED:
        yield late


def _last(changes: Sequence[Change], kinds: tuple[EventKind, ...]) -> Change | None:
    return next((each for each in reversed(changes) if each.kind in kinds), None)


def not_theirs(
    history: AppointmentHistory, audience: Audience, ways: tuple[ContactWay, ...]
) -> Iterator[Topic]:
    """The topic « the appointment was not for you », for a former person who was told of it.

    Not needed if the same phones are told the same for another person: it stays true there, and texts name
    nobody. Once a message has been begun, it is completed all the same.
    """
    given = history.changes[-1]
    told = _told_before(history, audience, given)
    if not told or told[-1].told is None or told[-1].kind in _NEED_NOT_COME:
        return
    when = told[-1].told
    is_begun = any(
        each.kind == MessageKind.NOT_YOURS and each.audience == audience and each.cause == given.cause
        for each in history.attempts
    )
    if not is_begun and all(_is_said(history, each) for each in told if each.told == when):
        return
    # The desk names the person, so it may call a number even where a text message would contradict what the
    # same number is told for another person.
    left_to_tell = [
        each
        for each in ways
        if each.channel == Channel.DESK or (audience, each.recipient, when) not in history.shared
    ]
    if left_to_tell:
        yield Topic(
            audience,
            MessageKind.NOT_YOURS,
            given.cause,
            0,
            given.at,
            when[0],
            Urgency.NOW,
            tuple(left_to_tell),
            when[0],
            told=when,
        )


def _told_before(history: AppointmentHistory, audience: Audience, given: Change) -> list[SendAttempt]:
    told = (
        each
        for each in history.attempts
        if each.audience == audience
        and each.may_be_known
        and each.kind in _ABOUT_THE_TIME
        and each.cause != given.cause
    )
    return sorted(told, key=lambda each: each.id)


def _is_said(history: AppointmentHistory, told: SendAttempt) -> bool:
    """Whether the same phone is told the same for another person. Not so for a call by an agent, who spoke
    with this person alone."""
    return (
        told.channel != Channel.DESK
        and told.told is not None
        and (told.audience, told.recipient, told.told) in history.shared
    )


def said_of_it(history: AppointmentHistory, answer: MessagePlan) -> frozenset[ToldAt]:
    """What the person who has the appointment was told or will be told by the messages that wait or come
    next: on which phone, and which time and site."""
    said: set[ToldAt] = set()
    for each in sorted(history.attempts, key=lambda each: each.id):
        if each.kind == MessageKind.NOT_YOURS and each.left:
            # They had the appointment before, lost it, and what they were told then was corrected.
            said = {heard for heard in said if heard[0] != each.audience}
        elif each.kind in _ABOUT_THE_TIME and (heard := _heard(each, answer)):
            said.add(heard)
    return frozenset(said | _coming(history, answer, _ABOUT_THE_TIME))


def said_to_be_an_error(history: AppointmentHistory, answer: MessagePlan) -> frozenset[ToldAt]:
    """What a former person is told to be an error: on which phone, and which time and site."""
    taken = history.changes[-1].cause
    mine = (each for each in history.attempts if each.kind == MessageKind.NOT_YOURS and each.cause == taken)
    said = {heard for each in mine if (heard := _heard(each, answer))}
    return frozenset(said | _coming(history, answer, (MessageKind.NOT_YOURS,)))


def _heard(attempt: SendAttempt, answer: MessagePlan) -> ToldAt | None:
    waits = attempt.state == State.PENDING and attempt.id not in answer.stale
    if attempt.channel == Channel.DESK or attempt.told is None or not (attempt.may_be_known or waits):
        return None
    return (attempt.audience, attempt.recipient, attempt.told)


def _coming(history: AppointmentHistory, answer: MessagePlan, kinds: tuple[MessageKind, ...]) -> set[ToldAt]:
    return {
        (each.audience, each.recipient, each.told or history.now_told)
        for each in (*answer.planned, *answer.later)
        if each.channel != Channel.DESK and each.kind in kinds
    }
