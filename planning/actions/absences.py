"""Actions on absences: declare, remove, ask, answer.

Locks are always taken in one order, sites first, then agents (each in id order), so that two actions
cannot deadlock. These actions do not change appointments: `planning.orphans` finds those that lose their
helper.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from agents.actions.locks import lock_agents
from agents.enums import AbsenceKind
from agents.models import Absence, AbsenceRequest, Agent, Shift
from communes.actions import bump_sites
from communes.models import Commune
from core.localtime import Span, is_after, merged
from planning.actions.news import tell_of_answer
from planning.errors import AbsenceInvalid, AlreadyAnswered


@transaction.atomic
def declare_absence(
    *,
    agent: Agent,
    commune: Commune | None,
    starts_at: datetime,
    ends_at: datetime,
    kind: AbsenceKind,
    by: Agent | None,
) -> Absence:
    """Record that the agent is absent over `[starts_at, ends_at)`, in every commune they work for.

    `commune` is where it was declared: only that commune sees the kind and may remove the absence.
    Declaring the same absence twice (a button pressed twice) makes only one.
    """
    if not is_after(ends_at, starts_at):
        raise AbsenceInvalid
    _bump_sites_of(agent, starts_at, ends_at)
    lock_agents([agent.pk])
    absence, _ = Absence.objects.get_or_create(
        agent=agent,
        commune=commune,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        defaults={"declared_by": by},
    )
    return absence


@transaction.atomic
def remove_absence(*, absence: Absence) -> None:
    _bump_sites_of(absence.agent, absence.starts_at, absence.ends_at)
    absence.delete()


@transaction.atomic
def exchange_absences(
    *, agent: Agent, ended: Collection[Absence], spans: Collection[Span], kind: AbsenceKind
) -> list[Absence]:
    """Remove some absences of an agent and declare others, with no commune, in few statements.

    Used for an external calendar, which may hold some thousand busy spans.
    """
    changed = merged([*spans, *((absence.starts_at, absence.ends_at) for absence in ended)])
    if not changed:
        return []
    bump_sites(_site_ids_of(agent, changed))
    lock_agents([agent.pk])
    Absence.objects.filter(pk__in=[absence.pk for absence in ended]).delete()
    return Absence.objects.bulk_create(
        [Absence(agent=agent, starts_at=start, ends_at=end, kind=kind) for start, end in sorted(spans)]
    )


def _site_ids_of(agent: Agent, changed: Sequence[Span]) -> set[int]:
    """Ids of the sites where the agent has a shift during one of these spans (sorted, not touching)."""
    shifts = Shift.objects.filter(agent=agent).overlapping(changed[0][0], changed[-1][1])
    starts = [start for start, _end in changed]
    places = set()
    for site_id, start, end in shifts.values_list("site_id", "starts_at", "ends_at"):
        last = bisect_left(starts, end) - 1
        if last >= 0 and changed[last][1] > start:
            places.add(site_id)
    return places


@transaction.atomic
def ask_absence(
    *,
    agent: Agent,
    commune: Commune,
    starts_at: datetime,
    ends_at: datetime,
    kind: AbsenceKind,
    now: datetime,
    comment: str = "",
) -> AbsenceRequest:
    """Record the request. The same request made twice is recorded once, with the latest comment."""
    if not is_after(ends_at, starts_at):
        raise AbsenceInvalid
    lock_agents([agent.pk])
    request, _ = AbsenceRequest.objects.update_or_create(
        agent=agent,
        commune=commune,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        is_accepted=None,
        defaults={"comment": comment},
        create_defaults={"asked_at": now, "comment": comment},
    )
    return request


@transaction.atomic
def answer_absence(*, request: AbsenceRequest, accept: bool, by: Agent, now: datetime) -> AbsenceRequest:
    """Accept the request, which makes an ordinary absence, or refuse it; raises AlreadyAnswered."""
    if accept:
        _bump_sites_of(request.agent, request.starts_at, request.ends_at)
    lock_agents([request.agent_id])
    request.refresh_from_db(from_queryset=AbsenceRequest.objects.select_for_update())
    if request.is_accepted is not None:
        raise AlreadyAnswered
    if accept:
        request.absence = declare_absence(
            agent=request.agent,
            commune=request.commune,
            starts_at=request.starts_at,
            ends_at=request.ends_at,
            kind=AbsenceKind(request.kind),
            by=by,
        )
    request.is_accepted, request.answered_at, request.answered_by = accept, now, by
    request.comment = ""
    request.save()
    tell_of_answer(asked=request, now=now)
    return request


@transaction.atomic
def withdraw_request(*, request: AbsenceRequest) -> None:
    """Withdraw a request that no manager has answered yet; raises AlreadyAnswered."""
    if not AbsenceRequest.objects.filter(pk=request.pk, is_accepted=None).delete()[0]:
        raise AlreadyAnswered


def _bump_sites_of(agent: Agent, starts_at: datetime, ends_at: datetime) -> None:
    """Refresh the day pages and screens of the sites where the agent has a shift during this time."""
    bump_sites(
        Shift.objects.filter(agent=agent).overlapping(starts_at, ends_at).values_list("site_id", flat=True)
    )
