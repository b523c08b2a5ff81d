"""Deletes what was said with people who are in no resident's record: no other purge deletes it."""

from datetime import datetime, timedelta

from django.db import transaction

from communes.models import Commune
from core.days import months_before
from notifications.actions.erasures import leave_to_provider
from notifications.models import CallClaim, CallResult, InboundMessage, Message, WebhookReceipt

RECEIPTS_KEPT = timedelta(days=7)
RESULTS_KEPT = timedelta(days=7)


def forget_receipts(*, now: datetime) -> int:
    """Delete webhook receipts older than a week. They only serve to recognise a request that the provider
    repeats. Returns how many rows were deleted."""
    return WebhookReceipt.objects.filter(at__lt=now - RECEIPTS_KEPT).delete()[0]


def forget_call_results(*, now: datetime) -> int:
    """Delete what came of calls more than a week ago: it only serves the undo of the day. Returns how many
    rows were deleted, ended claims included."""
    ended, _ = CallClaim.objects.filter(until__lte=now).delete()
    return ended + CallResult.objects.filter(at__lt=now - RESULTS_KEPT).delete()[0]


@transaction.atomic
def forget_strangers(*, commune: Commune, now: datetime) -> int:
    """Delete messages of no resident and no appointment, once they are as old as the commune's limit.
    Returns how many rows were deleted."""
    limit = months_before(commune.local(now), commune.retention_months)
    of_nobody = {"commune": commune, "resident": None, "appointment": None}
    sent = Message.objects.filter(**of_nobody, created_at__lte=limit)
    received = InboundMessage.objects.filter(**of_nobody, received_at__lte=limit)
    leave_to_provider(sent, received)
    return sent.delete()[0] + received.delete()[0]
