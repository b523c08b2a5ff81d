"""An appointment was given to somebody else: what each of them knows, apart. Pure.

What was told to the first says nothing about what the second knows. So the case of whoever has the
appointment now begins with the event that gave it to them. Each one before them has a case of their own, in
which only one thing can be owed: that what they were told was not for them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from booking.enums import EventKind
from notifications.case import Attempt, Case, Change
from notifications.enums import TELLING, Audience, Kind
from notifications.hours import Urgency
from notifications.ladder import Rung
from notifications.topic import Topic

_ABOUT_THE_TIME = (*TELLING, Kind.IMPOSSIBLE, Kind.REMINDER, Kind.LATE)
_NEED_NOT_COME = (Kind.CANCELLATION, Kind.IMPOSSIBLE, Kind.NOT_YOURS)
_PLANNED = (EventKind.BOOKED, EventKind.MOVED, EventKind.RESTORED)


def since_given(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The events that count for whoever has the appointment now: from when they got it. What had been said
    of the appointment and still holds (it cannot take place, its helper is late) comes with it."""
    nth = max((n for n, each in enumerate(changes) if each.kind == EventKind.GIVEN), default=None)
    if nth is None:
        return tuple(changes)
    given, before = changes[nth], changes[:nth]
    return (given, *_still_holds(before, given), *changes[nth + 1 :])


def _still_holds(before: Sequence[Change], given: Change) -> Iterator[Change]:
    call = _last(before, (*_PLANNED, EventKind.TO_CALL, EventKind.CALL_OFF))
    if call is not None and call.kind == EventKind.TO_CALL:
        # With the cause of the gift: the line of the first one, to the same number maybe, is another.
        yield replace(call, id=given.id, at=given.at)
    late = _last(before, (*_PLANNED, EventKind.DELAYED, EventKind.ON_TIME))
    if late is not None and late.kind == EventKind.DELAYED:
        yield late


def _last(changes: Sequence[Change], kinds: tuple[EventKind, ...]) -> Change | None:
    return next((each for each in reversed(changes) if each.kind in kinds), None)


def not_theirs(case: Case, audience: Audience, rungs: tuple[Rung, ...]) -> Iterator[Topic]:
    """That the appointment was not for them, to someone who was told of it. Not where the same phone is told
    on behalf of whoever has it now: what it was told stays true there, and texts name nobody."""
    given = case.changes[-1]
    last = _last_told(case, audience, given)
    if last is None or last.told is None or last.kind in _NEED_NOT_COME or last.recipient in case.shared:
        return
    start = last.told[0]
    yield Topic(
        audience,
        Kind.NOT_YOURS,
        given.cause,
        0,
        given.at,
        start,
        Urgency.NOW,
        rungs,
        start,
        told=last.told,
    )


def _last_told(case: Case, audience: Audience, given: Change) -> Attempt | None:
    told = (
        each
        for each in case.attempts
        if each.audience == audience and each.left and each.kind in _ABOUT_THE_TIME
    )
    return max((each for each in told if each.cause != given.cause), key=lambda each: each.id, default=None)
