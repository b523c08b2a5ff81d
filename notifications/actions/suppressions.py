"""Adds numbers to the STOP list and takes them off it."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from agents.models import Agent
from booking.enums import PhoneOwner
from booking.log import look_again
from booking.models import Appointment, Resident, ResidentPhone
from communes.models import Commune
from notifications.enums import AUTOMATIC, Audience, Channel, Failure, MessageKind, State, StopReason
from notifications.models import Consent, Message, Suppression
from notifications.suppressions import hashes, sharing

logger = logging.getLogger(__name__)

BY_PHONE = [each for each in AUTOMATIC if each != Channel.EMAIL]


@transaction.atomic
def suppress(*, commune: Commune, number: str, reason: StopReason, now: datetime) -> bool:
    """Put a number (E.164) on the commune's STOP list: it gets no automatic message any more, whoever
    has it now or later. False if it was on the list already. What the number itself has said since outweighs
    a note of the desk, which can be taken back.

    Text messages and calls that wait for this number end here, and the next sweep puts what they say on the
    call list.
    """
    current, *older = hashes(commune.pk, number)
    row, created = Suppression.objects.get_or_create(
        commune=commune, number_hash=current, defaults={"reason": reason, "since": now}
    )
    if not created and reason != StopReason.DESK:
        Suppression.objects.filter(pk=row.pk, reason=StopReason.DESK).update(reason=reason, since=now)
    was_known = Suppression.objects.filter(commune=commune, number_hash__in=older).delete()[0]
    _end_waiting(commune, number, now)
    return created and not was_known


@transaction.atomic
def lift(*, commune: Commune, number: str, by: Agent | None = None) -> bool:
    """Take the number off the commune's STOP list: the person wrote START, or told an agent so
    (`by`). False if it was not on the list."""
    listed = Suppression.objects.filter(commune=commune, number_hash__in=hashes(commune.pk, number))
    ids = list(listed.values_list("pk", flat=True))
    listed.delete()
    for pk in ids:
        logger.info("suppression %s lifted by %s", pk, f"agent {by.pk}" if by else "the person")
    return bool(ids)


@transaction.atomic
def take_back(*, commune: Commune, number: str, noted_at: datetime) -> None:
    """Take back what the desk noted at that instant, unless the person has said since that they want no
    messages."""
    noted = Suppression.objects.filter(commune=commune, reason=StopReason.DESK, since=noted_at)
    if noted.filter(number_hash__in=hashes(commune.pk, number)).exists():
        lift(commune=commune, number=number)


@transaction.atomic
def note_consent(*, said_by: Resident, number: str, by: Agent, now: datetime) -> list[Resident]:
    """Note that a resident told an agent that messages are welcome again at a number. The consent holds
    for everyone who has this number, so it is written in the file of each. Returns those residents; nobody
    if the number was not on the list."""
    if not lift(commune=said_by.commune, number=number, by=by):
        return []
    people = sharing(said_by.commune, number)
    coming = Appointment.objects.live().filter(resident__in=people, starts_at__gt=now)
    look_again(list(coming.values_list("pk", flat=True)), now=now)
    Consent.objects.bulk_create(
        Consent(resident=each, number=number, at=now, by=by, said_by=said_by) for each in people
    )
    return people


@transaction.atomic
def move_to_present_key(*, commune: Commune) -> int:
    """Hash all numbers known to the commune again with the present key, after `SECRET_KEY` was changed.
    Returns how many were written. A listed number that nobody has any more keeps its old hash."""
    if len(hashes(commune.pk, "")) == 1:
        return 0
    moved = 0
    for number in _known_numbers(commune):
        current, *older = hashes(commune.pk, number)
        row = Suppression.objects.filter(commune=commune, number_hash__in=older).first()
        if row is None:
            continue
        Suppression.objects.get_or_create(
            commune=commune, number_hash=current, defaults={"reason": row.reason, "since": row.since}
        )
        moved += Suppression.objects.filter(commune=commune, number_hash__in=older).delete()[0]
    return moved


def _known_numbers(commune: Commune) -> set[str]:
    phones = ResidentPhone.objects.filter(resident__commune=commune).values_list("number", flat=True)
    contacts = Resident.objects.filter(commune=commune).exclude(contact_phone="")
    messages = Message.objects.filter(commune=commune, recipient__startswith="+")
    return {
        *phones,
        *contacts.values_list("contact_phone", flat=True),
        *messages.values_list("recipient", flat=True).distinct(),
    }


def _end_waiting(commune: Commune, number: str, now: datetime) -> None:
    """End the messages that wait for this number. STOP from someone's own number is meant for all their
    numbers (see `plan/escalation.py`)."""
    theirs = ResidentPhone.objects.filter(
        resident__commune=commune, number=number, owner=PhoneOwner.SELF
    ).values("resident")
    waiting = Message.objects.filter(
        Q(recipient=number) | Q(audience=Audience.RESIDENT, resident__in=theirs),
        commune=commune,
        channel__in=BY_PHONE,
        state=State.PENDING,
    ).exclude(kind=MessageKind.ANSWER)
    about = waiting.filter(appointment__isnull=False).values_list("appointment_id", flat=True)
    look_again(list(about.order_by().distinct()), now=now)
    waiting.update(state=State.FAILED, failure=Failure.STOPPED, error_code="")
