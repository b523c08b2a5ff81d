"""Short verbs for the tests of the waiting list."""

from datetime import date

from booking import actions
from booking.enums import OfferAnswer, Status
from booking.models import Appointment, WaitingEntry, WaitingOffer
from tests.booking.towns import do
from tests.factories import TUESDAY, make_resident

MORNING_25, AFTERNOON_25 = 4, 5  # Wednesday
LAST = date(2026, 11, 25)


def wait(town, *, name="Fatima", now=TUESDAY, **how):
    values = {
        "resident": make_resident(town.commune, first_name=name),
        "service": town.service,
        "with_helper": True,
        "until_on": LAST,
        **how,
    }
    return actions.join_waiting_list(request=actions.WaitingRequest(**values), now=now)


def free(town, start):
    """Someone gives the time from `start` back."""
    do(actions.cancel, Appointment.objects.get(starts_at=start, status=Status.BOOKED))


def offer(now=TUESDAY):
    return actions.offer_freed_times(now=now)


def state(entry):
    return WaitingEntry.objects.get(pk=entry.pk).state


def offered_to(entry):
    """The time on offer, or None."""
    pending = WaitingOffer.objects.filter(entry=entry, answer=OfferAnswer.PENDING).first()
    return pending.appointment if pending else None
