"""Calls to the commune's phone line: notes each call, and the wrong appointment numbers keyed in it."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from booking.models import Appointment
from notifications.callers import Caller
from notifications.enums import InboundOutcome
from notifications.guessing import DAY, OF_HIDDEN_NUMBERS, OF_ONE_CALLER, OF_STRANGERS, Wrong, is_past
from notifications.models import InboundMessage

HIDDEN = ""
"""Stored as the number of a caller who hides theirs, whatever word the provider uses."""


@transaction.atomic
def note_call(*, caller: Caller, provider_id: str, now: datetime) -> InboundMessage:
    """The row of this call. The same call a second time changes nothing."""
    return InboundMessage.objects.get_or_create(
        provider_id=provider_id[:64],
        defaults={
            "commune": caller.commune,
            "sender": _sender(caller),
            "received_at": now,
            "resident": caller.resident,
        },
    )[0]


def note_wrong_number(*, provider_id: str) -> None:
    """Count a keyed number that belongs to no appointment. It counts whatever the outcome of the call."""
    _call(provider_id).update(wrong_numbers=F("wrong_numbers") + 1)


def note_outcome(
    *, provider_id: str, outcome: InboundOutcome, appointment: Appointment | None = None
) -> None:
    about = {"appointment": appointment} if appointment else {}
    _call(provider_id).update(outcome=outcome, **about)


def is_guessing(caller: Caller, *, now: datetime) -> bool:
    """Whether this caller, or the group of callers that they belong to, keyed too many wrong numbers."""
    rows = InboundMessage.objects.filter(
        commune=caller.commune, received_at__gt=now - DAY, wrong_numbers__gt=0
    )
    own = rows.filter(sender=_sender(caller))
    if is_past(OF_ONE_CALLER if caller.can_be_called else OF_HIDDEN_NUMBERS, _wrong(own), now):
        return True
    return not caller.residents and is_past(OF_STRANGERS, _wrong(rows.filter(resident=None)), now)


def _wrong(rows: QuerySet[InboundMessage]) -> list[Wrong]:
    return list(rows.values_list("received_at", "wrong_numbers"))


def _sender(caller: Caller) -> str:
    return caller.number[:20] if caller.can_be_called else HIDDEN


def _call(provider_id: str) -> QuerySet[InboundMessage]:
    return InboundMessage.objects.filter(provider_id=provider_id[:64])
