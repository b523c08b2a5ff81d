"""Forgetting what was said with people who are not in the records: nothing else would ever delete it."""

from datetime import datetime

from django.db import transaction

from booking.actions.purge import months_before
from communes.models import Commune
from notifications.models import InboundMessage, Message


@transaction.atomic
def forget_strangers(*, commune: Commune, now: datetime) -> int:
    """Delete messages that belong to no resident and no appointment, as old as the commune's limit.
    How many rows went."""
    limit = months_before(commune.local(now), commune.retention_months)
    of_nobody = {"commune": commune, "resident": None, "appointment": None}
    sent, _ = Message.objects.filter(**of_nobody, created_at__lte=limit).delete()
    received, _ = InboundMessage.objects.filter(**of_nobody, received_at__lte=limit).delete()
    return sent + received
