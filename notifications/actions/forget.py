"""Forgetting what was said with people who are not in the records: nothing else would ever delete it."""

from datetime import datetime, timedelta

from django.db import transaction

from communes.models import Commune
from core.days import months_before
from notifications.models import InboundMessage, Message, WebhookReceipt

RECEIPTS_KEPT = timedelta(days=7)


def forget_receipts(*, now: datetime) -> int:
    """Delete what tells a webhook's second delivery from its first, after a week. How many rows went."""
    return WebhookReceipt.objects.filter(at__lt=now - RECEIPTS_KEPT).delete()[0]


@transaction.atomic
def forget_strangers(*, commune: Commune, now: datetime) -> int:
    """Delete messages that belong to no resident and no appointment, as old as the commune's limit.
    How many rows went."""
    limit = months_before(commune.local(now), commune.retention_months)
    of_nobody = {"commune": commune, "resident": None, "appointment": None}
    sent, _ = Message.objects.filter(**of_nobody, created_at__lte=limit).delete()
    received, _ = InboundMessage.objects.filter(**of_nobody, received_at__lte=limit).delete()
    return sent + received
