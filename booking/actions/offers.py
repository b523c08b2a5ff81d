"""What becomes of an offer to somebody on the waiting list when its hold ends, however it ends."""

from datetime import datetime

from booking.actions.base import action
from booking.enums import CALLED_OFF, OfferAnswer, Origin, Status, WaitingState
from booking.models import Appointment, Resident, WaitingEntry, WaitingOffer
from communes.models import Service

OPEN = (WaitingState.WAITING, WaitingState.OFFERED, WaitingState.SILENT)
"""Still on the list."""

MOST_UNANSWERED = 3
"""After so many unanswered offers in a row a resident gets no more until the desk has spoken to them."""


def settle_offer(appointment: Appointment, answer: OfferAnswer) -> None:
    """Record the answer, and the new state of the waiting entry. Does nothing for other holds."""
    if appointment.origin != Origin.WAITING_LIST:
        return
    offers = WaitingOffer.objects.filter(appointment=appointment, answer=OfferAnswer.PENDING)
    offer = offers.select_related("entry").first()
    if offer is None:
        return
    offer.answer = answer
    offer.save(update_fields=["answer"])
    entry = offer.entry
    if answer != OfferAnswer.WITHDRAWN:
        entry.unanswered = entry.unanswered + 1 if answer == OfferAnswer.LAPSED else 0
    if answer == OfferAnswer.TAKEN:
        entry.state = WaitingState.BOOKED
    elif entry.state == WaitingState.OFFERED:
        silent = entry.unanswered >= MOST_UNANSWERED
        entry.state = WaitingState.SILENT if silent else WaitingState.WAITING
    entry.save(update_fields=["state", "unanswered"])


def is_offer_over(appointment: Appointment, now: datetime) -> bool:
    """Whether this time was offered to somebody on the waiting list and is no longer held for them."""
    if appointment.origin != Origin.WAITING_LIST:
        return False
    ran_out = appointment.held_until is not None and appointment.held_until <= now
    return appointment.status == Status.LAPSED or (appointment.status == Status.HELD and ran_out)


@action
def note_late_answer(*, appointment: Appointment) -> bool:
    """Record that a resident answered an offer that was over, so that they do not count as silent. Returns
    whether they are still on the list."""
    entries = WaitingEntry.objects.filter(offers__appointment=appointment, state__in=OPEN)
    entries.update(unanswered=0)
    entries.filter(state=WaitingState.SILENT).update(state=WaitingState.WAITING)
    return entries.exists()


def no_longer_waits(resident: Resident, service: Service, *, now: datetime) -> None:
    """Take a resident who got an appointment in another way off the list for that service. A time that is
    held for them is theirs no more: the worker ends the hold, and the next in order is asked."""
    open_entries = WaitingEntry.objects.filter(resident=resident, service=service, state__in=OPEN)
    if open_entries.update(state=WaitingState.BOOKED):
        held = Appointment.objects.filter(
            resident=resident,
            service=service,
            origin=Origin.WAITING_LIST,
            status=Status.HELD,
            held_until__gt=now,
        )
        # One that is just being taken is left alone: waiting for it here could be waiting for each other.
        free = held.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)
        Appointment.objects.filter(pk__in=list(free)).update(held_until=now)


def waits_again(resident: Resident, given_away: Appointment, *, now: datetime) -> None:
    """Put a resident back on the list, at their old position, when the appointment that took them off it was
    given to somebody else; not if they have got another one for the same service since they joined."""
    today = given_away.commune.local(now).date()
    entries = WaitingEntry.objects.filter(
        resident=resident, service=given_away.service, state=WaitingState.BOOKED, until_on__gte=today
    )
    newest = entries.filter(joined_at__lte=given_away.created_at).order_by("-joined_at", "-id").first()
    if (
        newest is None
        or WaitingEntry.objects.filter(resident=resident, service=given_away.service, state__in=OPEN).exists()
    ):
        return
    others = Appointment.objects.visible().exclude(pk=given_away.pk).exclude(status__in=CALLED_OFF)
    if others.filter(
        resident=resident, service=given_away.service, created_at__gte=newest.joined_at
    ).exists():
        return
    WaitingEntry.objects.filter(pk=newest.pk).update(state=WaitingState.WAITING, unanswered=0)
