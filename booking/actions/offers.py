"""What becomes of the offer of a freed time when its hold ends, by whatever way it ends."""

from booking.enums import OfferAnswer, Origin, WaitingState
from booking.models import Appointment, Resident, WaitingEntry, WaitingOffer
from communes.models import Service

OPEN = (WaitingState.WAITING, WaitingState.OFFERED, WaitingState.SILENT)
"""Still on the list."""

MOST_UNANSWERED = 3
"""Someone who let so many offers lapse is left in peace until the desk has spoken to them."""


def settle_offer(appointment: Appointment, answer: OfferAnswer) -> None:
    """Note the answer, and where that leaves the one who waits. Does nothing for other holds."""
    if appointment.origin != Origin.WAITING_LIST:
        return
    offers = WaitingOffer.objects.filter(appointment=appointment, answer=OfferAnswer.PENDING)
    offer = offers.select_related("entry").first()
    if offer is None:
        return
    offer.answer = answer
    offer.save(update_fields=["answer"])
    entry = offer.entry
    entry.unanswered = entry.unanswered + 1 if answer == OfferAnswer.LAPSED else 0
    if answer == OfferAnswer.TAKEN:
        entry.state = WaitingState.BOOKED
    elif entry.state == WaitingState.OFFERED:
        silent = entry.unanswered >= MOST_UNANSWERED
        entry.state = WaitingState.SILENT if silent else WaitingState.WAITING
    entry.save(update_fields=["state", "unanswered"])


def no_longer_waits(resident: Resident, service: Service) -> None:
    """Someone who got an appointment in another way is off the list for that service."""
    WaitingEntry.objects.filter(resident=resident, service=service, state__in=OPEN).update(
        state=WaitingState.BOOKED
    )
