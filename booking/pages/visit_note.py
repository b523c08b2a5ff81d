"""The note at the end of a session, as its panel shows it, and the sessions that still lack one."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from agents.models import Agent
from booking.actions import may_be_noted
from booking.actions.counting import last_closed
from booking.enums import Status
from booking.forms.visit_note import VisitNoteForm
from booking.models import Appointment
from communes.models import Commune
from core.days import day_span

LISTED = 20
"""So many sessions without a note are listed at once; the others follow."""


def note_form(appointment: Appointment, now: datetime) -> VisitNoteForm | None:
    """The form of its note; None where nothing can be noted (any more)."""
    return VisitNoteForm.of(appointment) if may_be_noted(appointment, now) else None


def without_note(agent: Agent, commune: Commune, now: datetime) -> Iterable[Appointment]:
    """The helper's sessions of which nothing is noted and can still be, the latest first: one query."""
    first = last_closed(commune.local(now).date()) + timedelta(days=1)
    since, _end = day_span(first, commune.tz)
    return (
        Appointment.objects.filter(
            commune=commune,
            helper=agent,
            status=Status.DONE,
            starts_at__gte=since,
            visit_note=None,
            service__is_medical=False,
        )
        .select_related("resident", "service")
        .order_by("-starts_at", "-id")[:LISTED]
    )
