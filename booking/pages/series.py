"""Appointments that were booked together, usually each week at the same hour: « 2ᵉ de 4 »."""

from dataclasses import dataclass

from django.utils.translation import ngettext

from booking.enums import EventKind
from booking.models import Appointment


@dataclass(frozen=True)
class Series:
    """`visits` in order of time, those that were called off too."""

    shown: Appointment
    visits: list[Appointment]

    @property
    def place(self) -> str:
        number = self.visits.index(self.shown) + 1
        # The French ordinal of one is unlike the others.
        return ngettext("no. %(n)s of %(all)s", "no. %(n)s of %(all)s", number) % {
            "n": number,
            "all": len(self.visits),
        }


def read_series(shown: Appointment) -> Series | None:
    """None for an appointment that was booked alone. The log tells which were booked together: at the same
    instant, for the same person and service. Two queries."""
    if shown.resident_id is None or shown.is_walk_in:
        return None
    booked = shown.events.filter(kind=EventKind.BOOKED).order_by("id").first()
    if booked is None:
        return None
    together = Appointment.objects.visible().filter(
        resident=shown.resident_id,
        service=shown.service_id,
        events__kind=EventKind.BOOKED,
        events__at=booked.at,
        events__agent=booked.agent_id,
    )
    visits = list(together.order_by("starts_at", "id").distinct())
    return Series(shown, visits) if len(visits) > 1 and shown in visits else None
