"""The same booking again within a minute, from a program that names no call of its own: one is meant.

A website whose answer was lost, or whose button was pressed twice, sends the same booking again. Without an
Idempotency-Key nothing else tells that from a second visit.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from booking.actions.request import BookingRequest
from booking.actions.residents import NewResident
from booking.enums import Origin
from booking.errors import AlreadyBooked
from booking.models import Appointment
from booking.names import search_name

WITHIN = timedelta(minutes=1)


def refuse_repeated(request: BookingRequest, *, now: datetime) -> None:
    """Raise AlreadyBooked if a program has just booked this service, at this site and time, for this person.

    Whoever has claimed the site sees every such booking: of two at the same moment one is refused.
    """
    rows: QuerySet[Appointment] = Appointment.objects.live().filter(
        origin=Origin.API,
        site=request.site,
        service=request.service,
        starts_at=request.start,
        created_at__gt=now - WITHIN,
    )
    if request.newcomer is not None:
        rows = _for_somebody_called_so(rows, request.newcomer)
    else:
        rows = rows.filter(resident=request.known_resident)
    earlier = rows.values_list("pk", flat=True).first()
    if earlier is not None:
        raise AlreadyBooked(appointment=earlier)


def _for_somebody_called_so(rows: QuerySet[Appointment], newcomer: NewResident) -> QuerySet[Appointment]:
    """Those of a resident with this name, in either order, and this phone number (or e-mail address, if no
    number is given): the other call may have recorded them since this one looked for them."""
    first, last = newcomer.first_name, newcomer.last_name
    names = Q(resident__first_name=first, resident__last_name=last)
    if name := search_name(first, last):
        names |= Q(resident__search_name__in=(name, search_name(last, first)))
    rows = rows.filter(names)
    if newcomer.phones:
        return rows.filter(resident__phones__number=newcomer.phones[0].number_e164)
    return rows.filter(resident__phones=None, resident__email__iexact=newcomer.fields.get("email", ""))
