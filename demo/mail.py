"""The messages of the past: written by the product's own plan, with the outcome that the simulator gives.

They are not really sent: a message that would have left before now is marked as arrived or failed. So the
worker only has to send what is due from now on.
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
from notifications.sending.plan_messages import plan_appointments, plan_messages
from planning.actions.visit_news import tell_of_visits

ROUNDS = (time(10, 1), time(14, 1), time(17, 1))
"""When messages are sent on a day: just after the hours at which calls and reminders are due."""
DAYS = 9
"""Appointments changed longer ago get no messages: making them would take long, and nobody looks at them."""
ANSWERED = 0.75
"""The share of calls that are answered."""


def tell(town: Town, appointment: Appointment, now: datetime) -> None:
    """Write and send the messages that a change needs, at once."""
    if town.now - now > timedelta(days=DAYS):
        return
    plan_appointments([appointment.pk], now=now)
    _deliver(town, now)


def round_of(town: Town, now: datetime) -> None:
    """Write and send what is due: reminders, further attempts, messages for events not read yet. What has
    failed gets its next way at once, as in a sweep. Helpers are told of their appointments."""
    tell_of_visits(now=now)
    plan_messages(now=now, stop_at=math.inf)
    while _deliver(town, now):
        plan_messages(now=now, stop_at=math.inf)


def rounds(town: Town, since: date) -> Iterator[datetime]:
    first = max(since, town.today - timedelta(days=DAYS))
    for ahead in range((town.today - first).days + 1):
        for clock in ROUNDS:
            yield datetime.combine(first + timedelta(days=ahead), clock, town.commune.tz)
    yield town.now


def _deliver(town: Town, now: datetime) -> bool:
    """Send what is due; says whether some of it failed."""
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
    return any(message.failure for message in due)


def _failure(message: Message) -> str:
    """The numbers that fail in the simulator have failed before too."""
    if message.recipient.endswith("0000"):
        return Failure.NUMBER
    if message.recipient.endswith("0001"):
        return Failure.UNREACHED
    if message.channel != Channel.VOICE:
        return ""
    never = message.recipient == e164(NEVER_AT_HOME)
    unanswered = never or Random(f"{message.cause} {message.step}").random() > ANSWERED
    return Failure.NO_ANSWER if unanswered else ""
