"""Which of their own residents have arrived since a helper last looked: what « Ma journée » signals."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from agents.models import Membership
from booking.enums import EventKind, Status
from booking.models import Appointment, AppointmentEvent
from core.days import day_span
from core.roles import Role

TOLD_LATE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A resident of this helper who is there. `is_known`: the helper noted it; else the desk did, a colleague
    or a screen.

    `key` names the event, so that an arrival that is undone and noted again is a new one.
    """

    key: str
    appointment: Appointment
    is_known: bool
    is_late: bool
    """Told some time after it was made: the screen had no network. Perhaps the resident has gone again."""

    @property
    def short_name(self) -> str:
        """First name and initial: it stands in the title of a tab. Empty for a walk-in without a name."""
        resident = self.appointment.resident
        return self.appointment.number_for_name or (resident.screen_name if resident else "")


def arrivals_for(membership: Membership, now: datetime) -> list[Arrival]:
    """Today's residents of this helper in the commune who have arrived, and the walk-ins begun with them.
    One query; none for an agent who is no helper."""
    if Role.HELPER not in membership.roles:
        return []
    commune = membership.commune
    start, end = day_span(commune.local(now).date(), commune.tz)
    is_there = Q(kind=EventKind.ARRIVED, appointment__status=Status.ARRIVED)
    has_begun = Q(kind=EventKind.STARTED, appointment__status=Status.IN_SESSION, appointment__is_walk_in=True)
    events = AppointmentEvent.objects.filter(
        is_there | has_begun,
        appointment__commune=commune,
        appointment__helper=membership.agent_id,
        appointment__starts_at__gte=start,
        appointment__starts_at__lt=end,
    )
    joined = events.select_related("appointment__resident", "appointment__cabin").order_by("at", "id")
    last = {event.appointment_id: event for event in joined}
    return [
        Arrival(
            f"arrival-{event.pk}",
            event.appointment,
            is_known=event.agent_id == membership.agent_id,
            is_late=event.at - (event.appointment.arrived_at or event.at) >= TOLD_LATE,
        )
        for event in last.values()
    ]
