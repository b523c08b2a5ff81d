"""« Signaler une panne »: whoever stands at a screen reports a fault, and agents are rung."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from agents.models import Membership
from communes.enums import IncidentKind
from communes.incident_actions import report_fault
from communes.incident_rules import kinds_for
from communes.models import Cabin, Incident
from core.days import day_span
from core.roles import Role
from kiosk.errors import FaultNotPossible, TooManyFaults
from kiosk.models import Screen

REPORTS_PER_HOUR = 6
"""Reports on a screen are anonymous, so agents are rung for no more than this many of a site in an hour."""

RINGS_FOR = timedelta(hours=12)
"""A report that nobody takes or confirms rings for so long; it stays in the list of faults."""


def cabins_of(screen: Screen, now: datetime) -> list[Cabin]:
    """The cabins about which this screen takes reports: its own, or all of the site for a hall."""
    if screen.cabin is not None:
        return [screen.cabin]
    cabins = Cabin.objects.filter(site=screen.site_id).not_retired(now)
    return [cabin for cabin in cabins if cabin.is_there(now, now)]


def kinds_of(cabin: Cabin) -> list[IncidentKind]:
    return kinds_for(cabin.equipment)


def report_on_screen(*, screen: Screen, cabin_id: int | None, kind: str, now: datetime) -> Incident:
    """Note the fault; an agent is rung. One that is open already makes no second.
    Raises FaultNotPossible, TooManyFaults."""
    cabin = next((each for each in cabins_of(screen, now) if each.pk == cabin_id), None)
    if cabin is None or kind not in kinds_of(cabin):
        raise FaultNotPossible
    known = Incident.objects.open().filter(cabin=cabin, kind=kind).first()
    if known is not None:
        return known
    reported = Incident.objects.filter(site=screen.site_id, on_screen=True)
    if reported.filter(opened_at__gt=now - timedelta(hours=1)).count() >= REPORTS_PER_HOUR:
        raise TooManyFaults
    incident, _ = report_fault(cabin=cabin, kind=IncidentKind(kind), by=None, now=now, on_screen=True)
    return incident


@dataclass(frozen=True, slots=True)
class FaultRing:
    """A fault of which an agent is told: just reported on a screen, or past its expected end."""

    incident: Incident
    is_passed: bool


def faults_for(
    membership: Membership, now: datetime, *, memberships: Iterable[Membership] = ()
) -> list[FaultRing]:
    """Of whom « Je m’en occupe » and « Réparé ? » are asked: the desk and managers for the whole commune, a
    helper for the sites where they are on shift today, as for calls for help, and a technician for each
    commune where they are one (`memberships`: all of the agent's)."""
    reported = Q(on_screen=True, taken_at=None, confirmed_at=None, opened_at__gt=now - RINGS_FOR)
    told = Q(commune=membership.commune_id)
    if not membership.roles & {Role.DESK, Role.MANAGER}:
        tz = membership.commune.tz
        shifts = membership.agent.shifts.overlapping(*day_span(now.astimezone(tz).date(), tz))
        told &= Q(site__in=shifts.values("site"))
    technician = [each.commune_id for each in (membership, *memberships) if Role.TECHNICIAN in each.roles]
    found = Incident.objects.open().in_use(now).filter(reported | Q(expected_end_at__lte=now))
    found = found.filter(told | Q(commune__in=technician)) if technician else found.filter(told)
    rows = found.select_related("cabin", "site").order_by("opened_at", "id")
    return [FaultRing(each, each.is_passed(now)) for each in rows]
