"""Has providers delete what they keep of messages and calls, once the commune keeps it no longer.

The ids are noted in `ProviderErasure`, in the transaction that deletes our own rows if these go first. Each
night the providers are asked, as often as it takes.
"""

import logging
import time
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from communes.models import Commune
from core.days import months_before
from notifications.models import InboundMessage, Message, ProviderErasure
from notifications.providers import provider_of
from notifications.providers.base import ChannelError

logger = logging.getLogger(__name__)

AT_ONCE = 500
MOST_REFUSALS = 5
"""After so many refusals one after the other, the provider is left in peace until the next night."""


@transaction.atomic
def plan_erasures(*, commune: Commune, now: datetime) -> None:
    """Note what is older than the commune keeps it."""
    limit = months_before(commune.local(now), commune.retention_months)
    leave_to_provider(
        Message.objects.filter(commune=commune, created_at__lte=limit),
        InboundMessage.objects.filter(commune=commune, received_at__lte=limit),
    )


def note_before_deletion(*, residents: Collection[int], appointments: Collection[int]) -> None:
    """Note the messages that are deleted with these residents and appointments."""
    theirs = Q(resident__in=residents) | Q(appointment__in=appointments)
    leave_to_provider(Message.objects.filter(theirs), InboundMessage.objects.filter(theirs))


def leave_to_provider(sent: QuerySet[Message], received: QuerySet[InboundMessage]) -> None:
    """Note these rows, as far as a provider keeps something of them that it can be asked to delete."""
    kept_sent = sent.filter(kept_by_provider=True).exclude(provider_id="")
    kept_received = received.filter(kept_by_provider=True)
    ids = [
        *kept_sent.values_list("commune_id", "provider_id"),
        *kept_received.values_list("commune_id", "provider_id"),
    ]
    _note(ids)
    kept_sent.update(kept_by_provider=False)
    kept_received.update(kept_by_provider=False)


def leave_unknown_to_provider(messages: Iterable[tuple[int, int | None, str]]) -> None:
    """Note those of these messages (id, commune, id at the provider) that we have no row of any more: they
    were deleted here while they were being sent."""
    sent = {pk: (commune_id, provider_id) for pk, commune_id, provider_id in messages if provider_id}
    known = set(Message.objects.filter(pk__in=sent).values_list("pk", flat=True))
    _note([named for pk, named in sent.items() if pk not in known])


def _note(named: Iterable[tuple[int | None, str]]) -> None:
    rows = [
        ProviderErasure(commune_id=commune_id, provider_id=provider_id)
        for commune_id, provider_id in named
        if provider_of(provider_id) is not None
    ]
    ProviderErasure.objects.bulk_create(rows, ignore_conflicts=True, batch_size=AT_ONCE)


def erase_at_providers(*, now: datetime, stop_at: float) -> tuple[int, int]:
    """Ask the providers until `stop_at` (on the monotonic clock). Those that were refused come last. Returns
    how many messages and calls are deleted, and how many are left."""
    erased = refused = 0
    waiting = ProviderErasure.objects.order_by(F("asked_at").asc(nulls_first=True), "id")
    for row in waiting[: AT_ONCE * 20]:
        if time.monotonic() >= stop_at or refused >= MOST_REFUSALS:
            break
        if _erase(row, now):
            erased, refused = erased + 1, 0
        else:
            refused += 1
    return erased, ProviderErasure.objects.count()


def _erase(row: ProviderErasure, now: datetime) -> bool:
    provider = provider_of(row.provider_id)
    code = "no provider"
    if provider is not None and provider.erase is not None:
        try:
            provider.erase(row.provider_id)
        except ChannelError as error:
            code = error.refusal.code
        else:
            row.delete()
            return True
    logger.warning("erasure %s refused: %s", row.pk, code)
    ProviderErasure.objects.filter(pk=row.pk).update(asked_at=now)
    return False
