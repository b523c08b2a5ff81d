"""Looks up messages in doubt at the provider, to learn whether they left. They are never sent again on a
guess."""

import logging
import time
from datetime import datetime, timedelta

from django.db.models import Q

from booking.actions.base import action
from notifications import next_looks
from notifications.actions.deliveries import MAX_ATTEMPTS, refused
from notifications.enums import Channel, Failure, State
from notifications.models import Message
from notifications.providers import provider_for
from notifications.providers.base import CannotAsk, ChannelError, Receipt
from notifications.sending.send import outgoing_for

logger = logging.getLogger(__name__)

ABANDONED = timedelta(seconds=120)
"""No working sweep holds a batch this long, so the sweep that claimed it has died."""
LISTED_AFTER = timedelta(seconds=20)
"""How long the provider may take to list a message that it has accepted."""
GIVE_UP = timedelta(minutes=3)
"""A message not listed by then has not reached the provider."""
STOP_ASKING = timedelta(days=1)
"""If the provider cannot be asked for so long, nobody will know whether the message left."""
AT_ONCE = 50


def abandoned(*, now: datetime) -> int:
    """Mark as in doubt the messages left behind by a sweep that died. Returns how many."""
    rows = Message.objects.filter(state=State.SENDING, claimed_at__lt=now - ABANDONED)
    return rows.update(state=State.UNKNOWN)


def in_doubt(now: datetime) -> Q:
    """The messages that the provider must have listed by now, if it has them."""
    return Q(state=State.UNKNOWN, claimed_at__lt=now - LISTED_AFTER)


def reconcile(channel: Channel, *, now: datetime, stop_at: float) -> int:
    """Look up the messages in doubt of one channel. Returns how many are settled."""
    settled = 0
    rows = Message.objects.filter(in_doubt(now), channel=channel)
    for message in rows.select_related("commune", "appointment__site").order_by("claimed_at")[:AT_ONCE]:
        if time.monotonic() >= stop_at:
            break
        try:
            settled += _ask(message, now)
        except ChannelError as error:
            logger.warning("message %s cannot be looked up: %s", message.pk, error)
            if message.claimed_at is None or message.claimed_at > now - STOP_ASKING:
                # It would answer the same of all others: the next sweep asks again.
                break
            settled += _lost(message, now)
    return settled


def _ask(message: Message, now: datetime) -> bool:
    """Raises ChannelError if the provider does not answer."""
    provider = provider_for(Channel(message.channel))
    if provider is None:
        is_long_ago = message.claimed_at is not None and message.claimed_at <= now - STOP_ASKING
        return is_long_ago and _lost(message, now)
    same = Message.objects.filter(recipient=message.recipient).exclude(provider_id="")
    known = frozenset(same.values_list("provider_id", flat=True))
    try:
        receipt = provider.find(outgoing_for([message], now=now)[0], known)
    except CannotAsk:
        return _lost(message, now)
    if receipt:
        return _found(message, receipt, now)
    if message.claimed_at and message.claimed_at > now - GIVE_UP:
        return False
    if message.expires_at <= now:
        return _end(message, now, state=State.EXPIRED)
    if message.attempts >= MAX_ATTEMPTS:
        return _end(
            message,
            now,
            state=State.FAILED,
            failure=Failure.TRANSIENT,
            error_code="",
            sent_at=now,
            failed_at=now,
        )
    return _end(message, now, state=State.PENDING, due_at=now)


def _lost(message: Message, now: datetime) -> bool:
    """Nobody knows whether it left: the plan takes the next way to the person."""
    return _end(
        message,
        now,
        state=State.FAILED,
        failure=Failure.LOST,
        error_code="",
        sent_at=message.claimed_at,
        failed_at=now,
    )


def _found(message: Message, receipt: Receipt, now: datetime) -> bool:
    if receipt.refusal:
        rows = Message.objects.filter(pk=message.pk, state=State.UNKNOWN)
        rows.update(provider_id=receipt.provider_id, sent_at=message.claimed_at)
        return refused(message=message, rows=rows, refusal=receipt.refusal, by_report=True, now=now)
    delivered = {"delivered_at": now} if receipt.state == State.DELIVERED else {}
    return _end(
        message,
        now,
        state=receipt.state,
        provider_id=receipt.provider_id,
        sent_at=message.claimed_at,
        **delivered,
    )


@action
def _end(message: Message, now: datetime, **values: object) -> bool:
    """Set the outcome if the message is still in doubt: a report of the provider may have come meanwhile."""
    next_looks.look_now([message], now=now)
    rows = Message.objects.filter(pk=message.pk, state=State.UNKNOWN)
    return bool(rows.update(claim="", **values))
