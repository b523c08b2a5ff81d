"""Managers let an agent leave the commune, or stay after all; the agent is told."""

from datetime import date

from django.db import transaction

from agents.actions.leaving import StayResult, cancel_leaving, leave_now, plan_leaving
from agents.models import Membership
from agents.sessions import end_sessions
from planning.actions.news import Telling, tell
from planning.models import UNDO_FOR, HelperNews, NewsKind


@transaction.atomic
def leave(*, membership: Membership, last_on: date | None, telling: Telling) -> None:
    """Let the agent work here until the local day `last_on`, included; None: no longer than now, and their
    sessions end if they work nowhere else. Raises LastManager, LastDayPast, NotLeaving."""
    if last_on is None:
        agent = leave_now(membership=membership, now=telling.now)
        if not agent.is_active:
            end_sessions(agent)
        return
    plan_leaving(membership=membership, last_on=last_on, now=telling.now)
    _tell(membership, last_on, telling)


@transaction.atomic
def stay(*, membership: Membership, telling: Telling) -> StayResult:
    """Let an agent stay who was to leave. Raises NotLeaving."""
    done = cancel_leaving(membership=membership, now=telling.now)
    _tell(membership, None, telling)
    return done


def _tell(membership: Membership, last_on: date | None, telling: Telling) -> None:
    """The agent learns their last day, or that they stay. What nobody was written about yet is replaced."""
    if membership.agent_id == telling.by.pk:
        return
    lately = HelperNews.objects.filter(
        agent=membership.agent_id,
        commune=membership.commune_id,
        kind=NewsKind.LEAVING,
        at__gt=telling.now - UNDO_FOR,
    )
    taken_back = last_on is None and lately.exists()
    lately.delete()
    if not taken_back:
        detail = {"last_on": last_on.isoformat() if last_on else None}
        tell([membership.agent_id], membership.commune, NewsKind.LEAVING, detail, now=telling.now)
