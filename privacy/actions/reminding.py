"""Managers are reminded of requests that are to be answered: one e-mail each in a night, at most."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet

from agents.models import Agent, Membership, current
from booking.actions.base import action
from communes.models import Commune
from privacy.deadlines import SOON_DAYS, step_on
from privacy.enums import RequestState
from privacy.mails import mail_requests
from privacy.models import RequestReminder, RightsRequest

LEASE = timedelta(hours=1)
"""A worker that claimed an e-mail so long ago and has not noted that it left was killed: another one writes
it. The e-mail is then late, and leaves twice only if the worker died between the two."""


def write_reminders(*, now: datetime) -> list[int]:
    """Note of which requests each manager is to be reminded now; returns the agents to whom an e-mail is yet
    to leave. Again it adds nothing. Nobody, where the installation sends no e-mail."""
    if not settings.SENDS_EMAIL:
        return []
    for commune in Commune.objects.order_by("pk"):
        _write_in(commune, now)
    waiting = _waiting(now).order_by("agent").values_list("agent", flat=True).distinct()
    return [agent for agent in waiting if list(_managed_by(agent, now))]


@action
def _write_in(commune: Commune, now: datetime) -> None:
    # What a clock that was ahead has noted would keep the true night silent.
    ahead = Q(mailed_at__gt=now) | Q(claimed_at__gt=now)
    RequestReminder.objects.filter(ahead, request__commune=commune).delete()
    today = commune.local(now).date()
    limit = today + timedelta(days=SOON_DAYS)
    due = RightsRequest.objects.filter(commune=commune, state=RequestState.OPEN, due_on__lte=limit)
    managers = Membership.objects.filter(commune=commune, is_manager=True, agent__is_active=True)
    managers = managers.filter(agent__email_confirmed=True).exclude(agent__email="")
    told = current(managers.select_related("agent", "commune"), lambda: now) if due.exists() else []
    RequestReminder.objects.bulk_create(
        (
            RequestReminder(request=request, agent=each.agent, due_on=request.due_on, step=step)
            for request in due
            for each in told
            if (step := step_on(today, request.due_on))
        ),
        ignore_conflicts=True,
    )


def remind(*, agent_id: int, now: datetime) -> int:
    """Write to one manager what waits for them; returns how many e-mails left: one, or none if another worker
    does. Not in a transaction: a slow mail server would keep others from writing. Raises OSError where the
    mail server is away; the next night tries again."""
    agent = Agent.objects.get(pk=agent_id)
    communes = list(_managed_by(agent_id, now))
    if not agent.is_active or not agent.email or not agent.email_confirmed:
        return 0
    waiting = _waiting(now).filter(agent=agent, request__commune__in=communes)
    ids = list(waiting.values_list("pk", flat=True))
    mine = RequestReminder.objects.filter(pk__in=ids)
    if not mine.filter(_unclaimed(now), mailed_at=None).update(claimed_at=now):
        return 0
    try:
        left = mail_requests(agent, communes, now)
    except OSError:
        mine.update(claimed_at=None)
        raise
    mine.update(claimed_at=None, mailed_at=now if left else None)
    return left


def _waiting(now: datetime) -> QuerySet[RequestReminder]:
    """Those that have not left and still say what is so: the request is open, its deadline the same."""
    rows = RequestReminder.objects.filter(_unclaimed(now), mailed_at=None)
    return rows.filter(request__state=RequestState.OPEN, due_on=F("request__due_on"))


def _unclaimed(now: datetime) -> Q:
    return Q(claimed_at=None) | Q(claimed_at__lte=now - LEASE)


def _managed_by(agent_id: int, now: datetime) -> Iterator[Commune]:
    rows = Membership.objects.filter(agent=agent_id, is_manager=True).select_related("commune")
    for each in current(rows.order_by("commune__name"), lambda: now):
        yield each.commune
