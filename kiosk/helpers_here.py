"""The helpers who are at a site now, and how long they have time for somebody without an appointment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from agents.models import Membership
from agents.on_duty import present_until
from booking.enums import Status
from booking.models import Appointment
from communes.models import Site


@dataclass(frozen=True, slots=True)
class HelperHere:
    """A helper who is present now: the ids of services that they can help with, when they leave, and when
    their next appointment begins, or began if it still occupies them."""

    skills: set[int]
    off_at: datetime
    needed_at: datetime | None

    def until(self, turnaround: timedelta) -> datetime:
        """Until when they can be with someone; in the past if they are busy."""
        return min(self.off_at, self.needed_at - turnaround) if self.needed_at else self.off_at


def helped_until(helpers: Iterable[HelperHere], service_id: int, turnaround: timedelta) -> datetime | None:
    """How long one of them can help with this service; None if nobody can."""
    return max((each.until(turnaround) for each in helpers if service_id in each.skills), default=None)


def helpers_here(site: Site, now: datetime) -> list[HelperHere]:
    """The helpers who are present now, with what they can do and until when; four queries."""
    off = present_until(site.pk, now)
    needed: dict[int, datetime] = {}
    theirs = Appointment.objects.occupying(now).filter(helper__in=off)
    taken = theirs.filter(Q(blocked_until__gt=now) | Q(status=Status.IN_SESSION))
    for agent_id, starts_at in taken.values_list("helper_id", "starts_at"):
        if agent_id is not None:
            needed[agent_id] = min(starts_at, needed.get(agent_id, starts_at))
    skilled = Membership.objects.filter(commune=site.commune_id, is_helper=True, agent__in=off).values_list(
        "agent_id", "skills"
    )
    skills: dict[int, set[int]] = {}
    for agent_id, service_id in skilled:
        known = skills.setdefault(agent_id, set())
        if service_id is not None:
            known.add(service_id)
    return [HelperHere(skills[agent_id], off[agent_id], needed.get(agent_id)) for agent_id in skills]
