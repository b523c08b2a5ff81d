"""The messages of the past: written by the product's own plan, and delivered as the simulator would have.

They are not sent again: what has left before now is marked as arrived (or not), so that the worker
finds nothing but the present to do.
"""

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from booking.models import Appointment
from demo.build import Town, e164
from demo.people import NEVER_AT_HOME
from notifications.enums import AUTOMATIC, Channel, Failure, State
from notifications.models import Message
from notifications.providers.simulator.client import PREFIX
from notifications.sending.plan_messages import owe_for, plan_messages

ROUNDS = (time(10, 1), time(14, 1), time(17, 1))
"""When the post of a day is looked at: just after the hours at which calls and reminders leave."""
DAYS = 9
"""Older visits have no messages to show: they would cost more time than anyone looks at them."""
ANSWERED = 0.75
"""The share of calls that someone takes."""


def tell(town: Town, appointment: Appointment, now: datetime) -> None:
    """What is owed after a change leaves at once."""
    if town.now - now > timedelta(days=DAYS):
        return
    owe_for([appointment.pk], now=now)
    _deliver(town, now)


def round_of(town: Town, now: datetime) -> None:
    """Reminders, further attempts, and whatever the log still holds unread."""
    plan_messages(now=now, stop_at=math.inf)
    _deliver(town, now)


def rounds(town: Town, since: date) -> Iterator[datetime]:
    first = max(since, town.today - timedelta(days=DAYS))
    for ahead in range((town.today - first).days + 1):
        for clock in ROUNDS:
            yield datetime.combine(first + timedelta(days=ahead), clock, town.commune.tz)
    yield town.now


def _deliver(town: Town, now: datetime) -> None:
    due = list(
        Message.objects.filter(
            commune=town.commune, state=State.PENDING, channel__in=AUTOMATIC, due_at__lte=now
        )
    )
    for message in due:
        failure = _failure(message)
        message.state = State.FAILED if failure else State.DELIVERED
        message.failure = failure
        message.attempts = 1
        message.provider_id = f"{PREFIX}{message.pk:010d}"
        message.sent_at = message.claimed_at = max(message.due_at, message.created_at)
        message.delivered_at = None if failure else message.sent_at + timedelta(seconds=4)
    fields = ("state", "failure", "attempts", "provider_id", "sent_at", "claimed_at", "delivered_at")
    Message.objects.bulk_update(due, fields)


def _failure(message: Message) -> str:
    """The numbers that do not work in the simulator have not worked before."""
    if message.recipient.endswith("0000"):
        return Failure.NUMBER
    if message.recipient.endswith("0001"):
        return Failure.UNREACHED
    if message.channel != Channel.VOICE:
        return ""
    never = message.recipient == e164(NEVER_AT_HOME)
    unanswered = never or Random(f"{message.cause} {message.step}").random() > ANSWERED
    return Failure.NO_ANSWER if unanswered else ""
