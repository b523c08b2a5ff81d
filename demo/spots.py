"""Reads from the database what a cabin has free on a day, for the planner."""

from datetime import date, datetime, timedelta

from agents.models import Absence, Shift
from booking.enums import Status
from booking.models import Appointment
from communes.models import Site
from demo.build import Town, open_spans
from demo.rota import Duty
from demo.visits import Spot


def spots_of(town: Town, day: date) -> list[Spot]:
    """The cabins whose site is open on that day."""
    spots = (spot_of(town, ref, day) for ref in town.sites)
    return [spot for spot in spots if spot.open_spans]


def spot_of(town: Town, ref: str, day: date) -> Spot:
    site, cabin = town.sites[ref], town.cabins[ref]
    start, end = town.midnight(day), town.midnight(day + timedelta(days=1))
    taken = Appointment.objects.filter(cabin=cabin).overlapping(start, end)
    appointments = taken.exclude(status__in=(Status.CANCELLED, Status.LAPSED))
    closures = site.closures.filter(starts_at__lt=end, ends_at__gt=start)
    return Spot(
        ref,
        frozenset(cabin.equipment) if cabin.in_order else frozenset(),
        open_spans(site, day),
        _duties(town, site, start, end),
        town.skills,
        [
            *appointments.values_list("starts_at", "blocked_until"),
            *closures.values_list("starts_at", "ends_at"),
        ],
    )


def _duties(town: Town, site: Site, start: datetime, end: datetime) -> list[Duty]:
    absences = list(Absence.objects.overlapping(start, end))
    shifts = Shift.objects.filter(site=site).overlapping(start, end).select_related("agent")
    return [
        Duty(shift.agent.username, site.ref, shift.starts_at, shift.ends_at)
        for shift in shifts
        if shift.agent.username in town.skills
        and not any(
            absence.agent_id == shift.agent_id
            and absence.starts_at < shift.ends_at
            and shift.starts_at < absence.ends_at
            for absence in absences
        )
    ]


def day_shown(town: Town) -> date:
    """Today if a site is still open or opens later today, else the next day on which one opens."""
    for ahead in range(8):
        day = town.today + timedelta(days=ahead)
        spans = (span for site in town.sites.values() for span in open_spans(site, day))
        if any(town.now < closes for _opens, closes in spans):
            return day
    return town.today
