"""What an agent notes after calling someone by hand."""

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
def told(*, message: Message, by: Agent, now: datetime) -> None:
    """The person knows. Raises AlreadyDone if a colleague was faster."""
    look_now([message], now=now)
    _update(message, state=State.TOLD, handled_by=by, sent_at=now, delivered_at=now)


@transaction.atomic
def no_more_messages(*, message: Message, by: Agent, now: datetime) -> None:
    """What they wrote, or said to the agent, means it: nothing automatic goes to their number any more.
    Raises AlreadyDone."""
    told(message=message, by=by, now=now)
    suppress(commune=message.commune, number=message.recipient, reason=StopReason.DESK, now=now)


@transaction.atomic
def no_answer(*, message: Message, by: Agent, now: datetime) -> None:
    """It stays on the list; the try is counted."""
    _update(message, attempts=F("attempts") + 1, claimed_at=now, handled_by=by)


@transaction.atomic
def wrong_number(*, message: Message, by: Agent, now: datetime) -> None:
    """Nobody is called there any more: the next number of the resident, or none."""
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
        # Another line already says the same to that number.
        _update(message, state=State.EXPIRED, handled_by=by)


def _update(message: Message, **values: object) -> None:
    waiting = Message.objects.filter(pk=message.pk, channel=Channel.DESK, state=State.PENDING)
    if not waiting.update(**values):
        raise AlreadyDone
