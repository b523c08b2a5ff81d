"""« Départ »: what an agent's leaving would do. It is done, looked at, and rolled back."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from agents.models import AbsenceRequest, Agent, Membership, Shift, ShiftPattern
from core.days import day_span
from planning.actions.leaving import leave
from planning.actions.news import Telling
from planning.orphans import Orphan, orphans
from planning.proposals import Proposal
from planning.replacing import plan_replacements


@dataclass(frozen=True)
class LostAppointment:
    """An appointment that needs the agent after they have left. `proposal`: what would be proposed for it
    now; None for those that wait until others are settled."""

    orphan: Orphan
    proposal: Proposal | None


@dataclass(frozen=True)
class LeavingPreview:
    """`last_on` is None if the agent leaves at once. Shifts that go are counted, from day to day."""

    last_on: date | None
    appointments: list[LostAppointment]
    shifts: int
    first_shift: datetime | None
    last_shift: datetime | None
    patterns: list[ShiftPattern]
    requests: list[AbsenceRequest]
    works_elsewhere: bool


def preview_leaving(
    membership: Membership, *, last_on: date | None, by: Agent, now: datetime
) -> LeavingPreview:
    """Raises the errors of `leave`."""
    commune, agent = membership.commune, membership.agent
    end = day_span(last_on, commune.tz)[1] if last_on else now
    gone = _starts_after(membership, end)
    usual = ShiftPattern.objects.filter(agent=agent, site__commune=commune).exclude(weekdays=[])
    patterns = list(usual.exclude(until_on__lte=last_on or commune.local(now).date()).select_related("site"))
    asked = AbsenceRequest.objects.filter(agent=agent, commune=commune, is_accepted=None, ends_at__gt=now)
    elsewhere = agent.memberships.exclude(pk=membership.pk).exists()
    requests = list(asked)
    with transaction.atomic():
        leave(membership=membership, last_on=last_on, telling=Telling(by, now))
        lost = [
            each
            for each in orphans(commune, now)
            if each.appointment.helper_id == agent.pk and each.appointment.ends_at > end
        ]
        plan = plan_replacements(commune=commune, by=by, now=now) if lost else None
        transaction.set_rollback(True)
    proposals = {each.appointment.pk: each for each in plan.proposals} if plan else {}
    return LeavingPreview(
        last_on=last_on,
        appointments=[LostAppointment(each, proposals.get(each.appointment.pk)) for each in lost],
        shifts=len(gone),
        first_shift=gone[0] if gone else None,
        last_shift=gone[-1] if gone else None,
        patterns=patterns,
        requests=requests,
        works_elsewhere=elsewhere,
    )


def _starts_after(membership: Membership, end: datetime) -> list[datetime]:
    """When the shifts begin that go; those that another chosen day has set aside already count too."""
    ours = Shift.objects.filter(
        agent=membership.agent_id, site__commune=membership.commune_id, starts_at__gte=end
    )
    aside = membership.set_aside.filter(starts_at__gte=end)
    return sorted([*ours.values_list("starts_at", flat=True), *aside.values_list("starts_at", flat=True)])
