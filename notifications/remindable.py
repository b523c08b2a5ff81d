"""Which appointments may need a reminder now: those that lack one, as far ahead as reminders are sent."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from booking.enums import Status
from booking.models import Appointment
from communes.models import Commune
from notifications import histories
from notifications.enums import Audience, MessageKind
from notifications.models import Message
from notifications.plan.history import STEPS_PER_CHAIN
from notifications.plan.topics import remindable_until


def remindable(communes: Iterable[Commune], *, now: datetime) -> Iterator[int]:
    """The ids of the coming appointments of these communes that lack a reminder which may be due now."""
    by_id = {commune.pk: commune for commune in communes}
    for pk, rules in histories.rules_by_commune(by_id).items():
        until = remindable_until(rules, now)
        if until is None:
            continue
        lacking = _lacking(index=0)
        if rules.remind_same_day:
            lacking |= _lacking(index=1)
        yield from (
            Appointment.objects.filter(lacking, commune=pk, status=Status.BOOKED, is_walk_in=False)
            .filter(resident__isnull=False, resident__limited_at=None, starts_at__gt=now, starts_at__lt=until)
            .order_by("starts_at")
            .values_list("pk", flat=True)
        )


def _lacking(*, index: int) -> Q:
    """Whether the resident or the contact person has not been reminded yet. They differ: a landline is
    called days before a mobile gets its text."""
    of_contact = Q(resident__contact_is_told=True) & ~Q(resident__contact_phone="")
    return ~Exists(_reminders(Audience.RESIDENT, index)) | (
        of_contact & ~Exists(_reminders(Audience.CONTACT, index))
    )


def _reminders(audience: Audience, index: int) -> QuerySet[Message]:
    # Only reminders to the same person count, not those to someone who had the appointment before.
    same = Q(resident=OuterRef("resident")) | Q(resident__merged_into=OuterRef("resident"))
    return Message.objects.filter(
        same,
        appointment=OuterRef("pk"),
        audience=audience,
        kind=MessageKind.REMINDER,
        told_start=OuterRef("starts_at"),
        step__gte=index * STEPS_PER_CHAIN,
        step__lt=(index + 1) * STEPS_PER_CHAIN,
    )
