"""What was said with one person, deleted with their record or when they withdraw a consent."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from html import unescape

from django.db.models import Model, Q, QuerySet

from booking.log import look_again
from booking.models import Appointment, Resident, ResidentPhone
from communes.models import Commune
from notifications.actions.erasures import leave_to_provider
from notifications.actions.suppressions import suppress
from notifications.enums import AUTOMATIC, Audience, Failure, MessageKind, State, StopReason
from notifications.models import CallResult, InboundMessage, Message, NextLook, WebhookReceipt

type Deleted = Counter[str]
"""How many rows of each table, by its label."""


def forget_talk_about(appointments: Collection[int]) -> Deleted:
    """Delete what was said about these locked appointments, which stay without the person. Nobody is told
    anything more about them."""
    about = Q(appointment__in=appointments)
    deleted = _forget(Message.objects.filter(about), InboundMessage.objects.filter(about))
    for rows in (CallResult.objects.filter(about), NextLook.objects.filter(about)):
        deleted += _delete(rows)
    return deleted


def own_addresses(residents: Collection[int]) -> set[str]:
    """The numbers and e-mail addresses of these records that are in no other record of the commune."""
    people = Resident.objects.filter(pk__in=residents)
    communes = people.values("commune")
    phones = set(ResidentPhone.objects.filter(resident__in=residents).values_list("number", flat=True))
    for email, contact in people.values_list("email", "contact_phone"):
        phones |= {email, contact}
    phones.discard("")
    others = Resident.objects.filter(commune__in=communes).exclude(pk__in=residents)
    shared = {
        *others.filter(phones__number__in=phones).values_list("phones__number", flat=True),
        *others.filter(contact_phone__in=phones).values_list("contact_phone", flat=True),
        *others.filter(email__in=phones).values_list("email", flat=True),
    }
    return phones - shared


def forget_talk_with(commune: Commune, addresses: Collection[str]) -> Deleted:
    """Delete what was said at these addresses with somebody who was in no record then."""
    of_nobody = {"commune": commune, "resident": None, "appointment": None}
    return _forget(
        Message.objects.filter(**of_nobody, recipient__in=addresses),
        InboundMessage.objects.filter(**of_nobody, sender__in=addresses),
    )


def forget_answers_naming(words: Collection[str]) -> int:
    """Empty the answers to providers' requests that name one of these: they are kept for a week in case a
    request is repeated. Returns how many."""
    wanted = [each.casefold() for each in words if each]
    naming = [
        token
        for token, answer in WebhookReceipt.objects.exclude(answer="").values_list("token", "answer")
        if any(word in unescape(answer).casefold() for word in wanted)
    ]
    return WebhookReceipt.objects.filter(token__in=naming).update(answer="")


def told_to_contact(resident: Resident) -> QuerySet[Message]:
    """What was written down for the contact person of this resident, sent or not."""
    ids = [resident.pk, *resident.merged.values_list("pk", flat=True)]
    return Message.objects.filter(audience=Audience.CONTACT, resident__in=ids)


def forget_contact(resident: Resident) -> Deleted:
    """Delete what was said to the contact person, and what they answered."""
    told = told_to_contact(resident)
    numbers = set(told.values_list("recipient", flat=True)) | {resident.contact_phone}
    own = set(resident.phones.values_list("number", flat=True))
    theirs = Appointment.objects.filter(resident=resident).values("pk")
    answered = InboundMessage.objects.filter(
        Q(resident=resident) | Q(appointment__in=theirs), sender__in=numbers - own - {""}
    )
    return _forget(told, answered)


def stop_messages(resident: Resident, *, now: datetime) -> int:
    """End the automatic messages that wait for this person, and put the numbers that nobody else has on the
    STOP list. What had to be said is on the call list with the next sweep. Returns how many waited."""
    ids = [resident.pk, *resident.merged.values_list("pk", flat=True)]
    waiting = Message.objects.filter(
        resident__in=ids, audience=Audience.RESIDENT, channel__in=AUTOMATIC, state=State.PENDING
    ).exclude(kind=MessageKind.ANSWER)
    about = list(waiting.filter(appointment__isnull=False).values_list("appointment_id", flat=True))
    look_again(sorted(set(about)), now=now)
    ended = waiting.update(state=State.FAILED, failure=Failure.STOPPED, error_code="")
    own = own_addresses(ids)
    for number in resident.phones.values_list("number", flat=True):
        if number in own:
            suppress(commune=resident.commune, number=number, reason=StopReason.DESK, now=now)
    return ended


def _forget(sent: QuerySet[Message], received: QuerySet[InboundMessage]) -> Deleted:
    leave_to_provider(sent, received)
    return _delete(sent) + _delete(received)


def _delete[M: Model](rows: QuerySet[M]) -> Deleted:
    return Counter(rows.delete()[1])
