"""What an agent notes after a call that they made by hand."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from agents.models import Agent
from booking.actions.base import action
from booking.models import ResidentPhone
from notifications.actions.suppressions import suppress
from notifications.enums import Channel, DeskReason, State, StopReason
from notifications.errors import AlreadyDone
from notifications.models import Message
from notifications.next_looks import look_now


@action
def note_told(*, message: Message, by: Agent, now: datetime) -> None:
    """Note that the person has been told. Raises AlreadyDone if a colleague noted it first."""
    look_now([message], now=now)
    _update(message, state=State.TOLD, handled_by=by, sent_at=now, delivered_at=now)


@transaction.atomic
def no_more_messages(*, message: Message, by: Agent, now: datetime) -> None:
    """Note that the person wants no automatic messages: they said so to the agent, or the agent read it in
    what they wrote. Raises AlreadyDone."""
    note_told(message=message, by=by, now=now)
    suppress(commune=message.commune, number=message.recipient, reason=StopReason.DESK, now=now)


@transaction.atomic
def no_answer(*, message: Message, by: Agent, now: datetime) -> None:
    """Count a call that nobody answered. The line stays on the call list."""
    _update(message, attempts=F("attempts") + 1, claimed_at=now, handled_by=by)


@transaction.atomic
def wrong_number(*, message: Message, by: Agent, now: datetime) -> None:
    """Note that the number is no longer the resident's. The line moves to the resident's next number, if
    any."""
    ResidentPhone.objects.filter(resident=message.resident_id, number=message.recipient).update(
        may_call=False
    )
    other = ResidentPhone.objects.filter(resident=message.resident_id, may_call=True).order_by("id").first()
    recipient = other.number if other else f"resident:{message.resident_id}"
    try:
        with transaction.atomic():
            _update(
                message,
                recipient=recipient,
                attempts=F("attempts") + 1,
                claimed_at=now,
                handled_by=by,
                why=message.why if other else DeskReason.NO_PHONE,
            )
    except IntegrityError:
        # Another line already asks to call that number about the same thing.
        _update(message, state=State.EXPIRED, handled_by=by)


def _update(message: Message, **values: object) -> None:
    waiting = Message.objects.filter(pk=message.pk, channel=Channel.DESK, state=State.PENDING)
    if not waiting.update(**values):
        raise AlreadyDone
