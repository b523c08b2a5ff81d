"""What nobody was told in time, because the messages could not leave: the worker stood still. Pure.

Nothing about an appointment is sent after it began. But whoever came in vain, or did not know that they
should come, is owed a word: the desk calls them. So what ended without anything having left becomes a line of
the call list.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from notifications.enums import TELLING, Audience, Channel, MessageKind
from notifications.plan.history import STEPS_PER_CHAIN, TOO_LATE_STEP, AppointmentHistory, SendAttempt
from notifications.plan.topic import Topic

OWED_FOR = timedelta(days=4)
"""How long after the beginning the desk is still asked to call: a long week-end and a day."""
TIME_TO_ARRIVE = timedelta(minutes=5)


def is_too_late(attempt: SendAttempt) -> bool:
    return attempt.step % STEPS_PER_CHAIN == TOO_LATE_STEP


def never_left(found: Iterable[Topic], history: AppointmentHistory, now: datetime) -> Iterator[Topic]:
    """Of the topics that have ended, those that the desk must still tell; `expires_at` says until when."""
    topics = [topic for topic in found if topic.kind != MessageKind.LATE]
    is_being_told = any(each.audience == Audience.RESIDENT and each.expires_at > now for each in topics)
    for topic in topics:
        if topic.expires_at > now or (topic.kind == MessageKind.REMINDER and is_being_told):
            continue
        until = history.start if topic.kind == MessageKind.REMINDER else topic.expires_at + OWED_FOR
        if now < until and _is_owed(topic, history, now) and not _was_tried(topic, history):
            yield replace(topic, expires_at=until)


def _is_owed(topic: Topic, history: AppointmentHistory, now: datetime) -> bool:
    """Whether it should have been told in time: not a change made after the beginning, nor to somebody who
    was there when the last minutes were booked."""
    if topic.audience != Audience.RESIDENT or topic.is_known:
        return False
    if topic.first_due >= topic.expires_at or now < topic.first_due + TIME_TO_ARRIVE:
        return False
    if topic.kind == MessageKind.REMINDER:
        return not history.is_confirmed and not _was_reminded(history)
    return topic.kind in (*TELLING, MessageKind.IMPOSSIBLE)


def _was_tried(topic: Topic, history: AppointmentHistory) -> bool:
    """Whether something may have arrived, or the desk was asked in time."""
    chain = [each for each in history.attempts if topic.holds(each) and not is_too_late(each)]
    return any(each.may_be_known or each.channel == Channel.DESK for each in chain)


def _was_reminded(history: AppointmentHistory) -> bool:
    return any(
        each.kind == MessageKind.REMINDER
        and each.audience == Audience.RESIDENT
        and each.may_be_known
        and not is_too_late(each)
        and each.told == history.now_told
        for each in history.attempts
    )
