"""Asks the provider about messages that it has taken, and of which it has never reported the end.

A report can be lost: our address was down or wrong, or the phone's own operator reports nothing. A call ends
within minutes, and a text message is tried for hours; later no report can be expected, so the provider is
asked. If it does not know either, the message stays sent, with the failure UNREPORTED: pages say that it is
not known whether it arrived. A report that comes after all still counts. Nothing is sent again: for a call,
the desk is asked to tell the person (`plan/decide.py`).
"""

import logging
import time
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from booking.actions.base import action
from notifications import next_looks
from notifications.actions.deliveries import report
from notifications.enums import Channel, Failure, State
from notifications.models import Message
from notifications.providers import keeper_of, tries_for
from notifications.providers.base import CannotAsk, ChannelError, Receipt
from notifications.sending.send import outgoing_for

logger = logging.getLogger(__name__)

CALL_ENDED = timedelta(minutes=15)
"""A call rings for 40 s, says everything in five minutes, and has reported by then that somebody listens."""
REPORT_TAKES = timedelta(minutes=15)
"""How long the report of a text message may be on its way."""
STOP_ASKING = timedelta(days=1)
"""If the provider cannot be asked for so long, nobody will know."""
AT_ONCE = 50
GIVEN_UP_AT_ONCE = 500


def overdue(now: datetime) -> Q:
    """The calls and text messages that must have been reported on by now, and were not."""
    ended = now - REPORT_TAKES
    tried = Q(expires_at__lt=ended) | Q(sent_at__lt=ended - tries_for(Channel.SMS))
    return Q(state=State.SENT, failure="") & (
        Q(channel=Channel.VOICE, sent_at__lt=now - CALL_ENDED)
        | (Q(channel=Channel.SMS, sent_at__lt=ended) & tried)
    )


def settle_unreported(channel: Channel, *, now: datetime, stop_at: float) -> int:
    """Ask about the messages of one channel whose report is overdue, the oldest first. Returns how many are
    settled."""
    settled = 0
    rows = Message.objects.filter(overdue(now), channel=channel)
    for message in rows.select_related("commune", "appointment__site").order_by("sent_at", "id")[:AT_ONCE]:
        if time.monotonic() >= stop_at:
            break
        try:
            settled += _ask(message, now)
        except ChannelError as error:
            # It would answer the same of all others: the next sweep asks again.
            logger.warning("message %s cannot be looked up: %s", message.pk, error)
            long_ago = Message.objects.filter(overdue(now - STOP_ASKING), channel=channel)
            return settled + _give_up(long_ago, now)
    return settled


def _ask(message: Message, now: datetime) -> bool:
    """Raises ChannelError if the provider does not answer."""
    receipt: Receipt | None = None
    provider = keeper_of(Channel(message.channel), message.provider_id)
    if provider is not None and message.provider_id:
        try:
            receipt = provider.state_of(outgoing_for([message], now=now)[0], message.provider_id)
        except CannotAsk:
            receipt = None
    if receipt is None or receipt.state == State.SENT:
        return bool(_give_up(Message.objects.filter(pk=message.pk), now))
    return report(
        message_id=message.pk,
        provider_id=message.provider_id,
        state=receipt.state,
        refusal=receipt.refusal,
        now=now,
    )


@action
def _give_up(messages: QuerySet[Message], now: datetime) -> int:
    """Write down that nobody knows whether these arrived, unless a report has come meanwhile."""
    found = list(messages.order_by("sent_at", "id")[:GIVEN_UP_AT_ONCE])
    next_looks.look_now(found, now=now)
    rows = Message.objects.filter(pk__in=[each.pk for each in found], state=State.SENT, failure="")
    return rows.update(failure=Failure.UNREPORTED)
