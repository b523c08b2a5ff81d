"""What is tried after an attempt failed. Pure.

Calls follow usability studies with old people: at most three, one a day, at different hours. A busy line is
called once more after 20 minutes. After that the desk calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from notifications.enums import Channel, Failure, MessageKind
from notifications.plan.escalation import ContactWay
from notifications.plan.history import SendAttempt
from notifications.plan.hours import Calendar, Urgency, next_time, time_after

MAX_CALLS = 3
CALL_HOURS = (time(10, 30), time(17), time(14))
SMS_DELAYS = (timedelta(minutes=10), timedelta(hours=1))
BUSY_DELAY = timedelta(minutes=20)
NEVER_MIND = (MessageKind.CONFIRMATION, MessageKind.REMINDER)
"""Kinds for which a message left on an answering machine is enough."""
UNANSWERED = (Failure.BUSY, Failure.NO_ANSWER, Failure.MACHINE, Failure.REFUSED)


@dataclass(frozen=True, slots=True)
class Try:
    way: ContactWay
    due_at: datetime


def next_try(
    chain: Sequence[SendAttempt],
    ways: Sequence[ContactWay],
    calendar: Calendar,
    urgency: Urgency,
    now: datetime,
) -> Try | None:
    """The next attempt after the last one of the chain failed; the desk when no other contact way is left.
    None if no more is needed."""
    last = chain[-1]
    if last.failure == Failure.MACHINE and last.kind in NEVER_MIND:
        return None
    way = next(
        (each for each in ways if (each.channel, each.recipient) == (last.channel, last.recipient)), None
    )
    if way and last.failure == Failure.LIMITED:  # it was taken back while the person's record was limited
        due = next_time(calendar, now, urgency, way.hours)
        return Try(way, due) if due else None
    due = _again(chain, way, calendar, urgency) if way else None
    if way and due:
        return Try(way, due)
    return _next_rung(chain, ways, calendar, urgency, now)


def _again(
    chain: Sequence[SendAttempt], way: ContactWay, calendar: Calendar, urgency: Urgency
) -> datetime | None:
    """When to try the same contact way again; None if it should not be tried again."""
    last = chain[-1]
    if last.failure == Failure.TRANSIENT and way.channel != Channel.VOICE:
        tried = sum(1 for each in chain if (each.channel, each.recipient) == (way.channel, way.recipient))
        if tried > len(SMS_DELAYS):
            return None
        return next_time(calendar, last.at + SMS_DELAYS[tried - 1], urgency, way.hours)
    if last.failure not in (*UNANSWERED, Failure.TRANSIENT):
        return None
    if last.failure == Failure.BUSY and sum(1 for each in chain if each.failure == Failure.BUSY) == 1:
        return next_time(calendar, last.at + BUSY_DELAY, urgency, way.hours)
    calls = days_called(chain, calendar)
    if calls >= MAX_CALLS:
        return None
    return time_after(calendar, calendar.local(last.at).date(), CALL_HOURS[calls], urgency, way.hours)


def days_called(chain: Sequence[SendAttempt], calendar: Calendar) -> int:
    """On how many days the phone was called. A second try of a busy line on the same day is not another
    call."""
    return len({calendar.local(each.at).date() for each in chain if each.channel == Channel.VOICE})


def _next_rung(
    chain: Sequence[SendAttempt],
    ways: Sequence[ContactWay],
    calendar: Calendar,
    urgency: Urgency,
    now: datetime,
) -> Try | None:
    last = chain[-1]
    tried = {(each.channel, each.recipient) for each in chain}
    dead = {each.recipient for each in chain if each.failure == Failure.INVALID}
    no_more_calls = last.channel == Channel.VOICE and last.failure in UNANSWERED
    for way in ways:
        if way.channel == Channel.DESK:
            return Try(way, now)
        if last.failure == Failure.STOPPED or (way.channel, way.recipient) in tried or way.recipient in dead:
            continue
        if way.channel == Channel.VOICE and no_more_calls:
            continue
        due = next_time(calendar, now, urgency, way.hours)
        if due:
            return Try(way, due)
    return None
