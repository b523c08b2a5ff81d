"""Deletes what was said with people who are in no resident's record: no other purge deletes it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

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
def forget_sent(ids: Collection[int]) -> int:
    """Delete these messages; the provider is asked to delete what it keeps of them. Returns how many rows."""
    rows = Message.objects.filter(pk__in=ids)
    leave_to_provider(rows, InboundMessage.objects.none())
    return rows.delete()[1].get(Message._meta.label, 0)


@transaction.atomic
def forget_received(ids: Collection[int]) -> int:
    """Delete these answers, here and at the provider. Returns how many rows were deleted."""
    rows = InboundMessage.objects.filter(pk__in=ids)
    leave_to_provider(Message.objects.none(), rows)
    return rows.delete()[1].get(InboundMessage._meta.label, 0)
