"""Anonymous counts of how visits end. Written with the event, so that figures survive the purge."""

from django.db.models import F

from booking.enums import Status
from booking.models import Appointment, VisitCount

COUNTED = (Status.DONE, Status.NO_SHOW, Status.CANCELLED, Status.UNRECORDED)


def count_visit(appointment: Appointment, *, before: str) -> None:
    """Count the way an appointment has just ended; take back the count when an end is undone.

    The caller has locked the site, so that two counts of one row cannot cross.
    """
    if before in COUNTED:
        _add(appointment, ended_as=before, step=-1)
    if appointment.status in COUNTED:
        _add(appointment, ended_as=appointment.status, step=1)


def _add(appointment: Appointment, *, ended_as: str, step: int) -> None:
    month_on = appointment.commune.local(appointment.starts_at).date().replace(day=1)
    cell = {
        "site_id": appointment.site_id,
        "service_id": appointment.service_id,
        "month_on": month_on,
        "ended_as": ended_as,
        "with_helper": appointment.with_helper,
        "is_walk_in": appointment.is_walk_in,
    }
    counted = VisitCount.objects.filter(**cell).update(count=F("count") + step)
    if not counted and step > 0:
        VisitCount.objects.create(commune_id=appointment.commune_id, count=1, **cell)
