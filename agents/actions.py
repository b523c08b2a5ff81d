"""The writers of `agents`: who is where, and who is away.

Locks are always taken in one order, sites first, then agents (each in id order), so that two
writers cannot deadlock. Appointments are not touched here: those that lose their helper are
found by a query of the floor above.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from agents.enums import AbsenceKind
from agents.errors import (
    AbsenceInvalid,
    AlreadyAnswered,
    NotAHelper,
    ShiftGone,
    ShiftInvalid,
    ShiftOverlaps,
)
from agents.models import Absence, AbsenceRequest, Agent, Membership, Shift
from communes.actions import bump_sites
from communes.days import Week
from communes.localtime import Span, merged
from communes.models import Commune, Site


@transaction.atomic
def add_shift(*, agent: Agent, site: Site, starts_at: datetime, ends_at: datetime) -> Shift:
    """Put a helper at a site over `[starts_at, ends_at)`; raises ShiftOverlaps, NotAHelper, ShiftInvalid."""
    bump_sites([site.pk])
    lock_agents([agent.pk])
    check_shift(agent=agent, site=site, starts_at=starts_at, ends_at=ends_at)
    return Shift.objects.create(agent=agent, site=site, starts_at=starts_at, ends_at=ends_at)


@transaction.atomic
def change_shift(*, shift: Shift, agent: Agent, site: Site, starts_at: datetime, ends_at: datetime) -> Shift:
    """Move a shift to another time, site or helper; raises as `add_shift`, and ShiftGone."""
    bump_sites([shift.site_id, site.pk])
    lock_agents([shift.agent_id, agent.pk])
    check_shift(agent=agent, site=site, starts_at=starts_at, ends_at=ends_at, apart_from=shift)
    values = {"agent": agent, "site": site, "starts_at": starts_at, "ends_at": ends_at}
    if not Shift.objects.filter(pk=shift.pk).update(**values):
        raise ShiftGone
    for name, value in values.items():
        setattr(shift, name, value)
    return shift


@transaction.atomic
def remove_shift(*, shift: Shift) -> None:
    bump_sites([shift.site_id])
    shift.delete()


@dataclass(frozen=True, slots=True)
class Copied:
    """`in_the_way`: shifts of the source week whose agent is elsewhere then, or no longer a helper."""

    added: list[Shift]
    in_the_way: list[Shift]


@transaction.atomic
def copy_week(*, commune: Commune, source: Week, target: Week, now: datetime) -> Copied:
    """The shifts of one week again in another, at the same hours of the clock; what would begin before
    `now` is left out."""
    start, end = source.span(commune.tz)
    bump_sites(commune.sites.values_list("pk", flat=True))
    shifts = list(
        Shift.objects.filter(site__commune=commune, starts_at__gte=start, starts_at__lt=end).select_related(
            "agent", "site"
        )
    )
    lock_agents(shift.agent_id for shift in shifts)
    days = (target.monday - source.monday).days
    done = Copied([], [])
    for shift in shifts:
        starts_at, ends_at = (later(at, days, commune) for at in (shift.starts_at, shift.ends_at))
        if starts_at < now:
            continue
        try:
            check_shift(agent=shift.agent, site=shift.site, starts_at=starts_at, ends_at=ends_at)
        except (ShiftOverlaps, NotAHelper):
            done.in_the_way.append(shift)
        else:
            done.added.append(
                Shift.objects.create(agent=shift.agent, site=shift.site, starts_at=starts_at, ends_at=ends_at)
            )
    return done


def later(at: datetime, days: int, commune: Commune) -> datetime:
    """The same hour of the commune's clocks, some days later (or earlier)."""
    return (commune.local(at).replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=commune.tz)


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
    """Count an agent out over `[starts_at, ends_at)`, in every commune they work for.

    `commune` is where it was declared: only there are the kind and the right to remove it known.
    Declaring the same absence twice (two impatient taps) leaves one.
    """
    if ends_at <= starts_at:
        raise AbsenceInvalid
    _bump_places_of(agent, starts_at, ends_at)
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
    _bump_places_of(absence.agent, absence.starts_at, absence.ends_at)
    absence.delete()


@transaction.atomic
def exchange_absences(
    *, agent: Agent, ended: Collection[Absence], spans: Collection[Span], kind: AbsenceKind
) -> list[Absence]:
    """Take some absences of an agent back and declare others, of no commune, in few statements.

    For another calendar of theirs, which may say busy some thousand times.
    """
    changed = merged([*spans, *((absence.starts_at, absence.ends_at) for absence in ended)])
    if not changed:
        return []
    bump_sites(_places_of(agent, changed))
    lock_agents([agent.pk])
    Absence.objects.filter(pk__in=[absence.pk for absence in ended]).delete()
    return Absence.objects.bulk_create(
        [Absence(agent=agent, starts_at=start, ends_at=end, kind=kind) for start, end in sorted(spans)]
    )


def _places_of(agent: Agent, changed: Sequence[Span]) -> set[int]:
    """Where the agent is expected at some time of these spans (in order, none touching another)."""
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
) -> AbsenceRequest:
    """Ask to be away; asking twice for the same leaves one request."""
    if ends_at <= starts_at:
        raise AbsenceInvalid
    lock_agents([agent.pk])
    request, _ = AbsenceRequest.objects.get_or_create(
        agent=agent,
        commune=commune,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        is_accepted=None,
        defaults={"asked_at": now},
    )
    return request


@transaction.atomic
def answer_absence(*, request: AbsenceRequest, accept: bool, by: Agent, now: datetime) -> AbsenceRequest:
    """Accept (then it is an absence like any other) or refuse; raises AlreadyAnswered."""
    if accept:
        _bump_places_of(request.agent, request.starts_at, request.ends_at)
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
    request.save()
    return request


@transaction.atomic
def withdraw_request(*, request: AbsenceRequest) -> None:
    """Take back a request that nobody has answered; raises AlreadyAnswered."""
    if not AbsenceRequest.objects.filter(pk=request.pk, is_accepted=None).delete()[0]:
        raise AlreadyAnswered


def lock_agents(agent_ids: Iterable[int]) -> None:
    """Make writers about one agent queue: two overlapping shifts cannot both pass the check."""
    ids = sorted(set(agent_ids))
    list(Agent.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def check_shift(
    *, agent: Agent, site: Site, starts_at: datetime, ends_at: datetime, apart_from: Shift | None = None
) -> None:
    if ends_at <= starts_at:
        raise ShiftInvalid
    if not Membership.objects.filter(agent=agent, commune=site.commune_id, is_helper=True).exists():
        raise NotAHelper
    rivals = Shift.objects.filter(agent=agent).overlapping(starts_at, ends_at)
    if apart_from is not None:
        rivals = rivals.exclude(pk=apart_from.pk)
    if rivals.exists():
        raise ShiftOverlaps


def _bump_places_of(agent: Agent, starts_at: datetime, ends_at: datetime) -> None:
    """Where the agent was expected then: those day pages and screens change."""
    bump_sites(
        Shift.objects.filter(agent=agent).overlapping(starts_at, ends_at).values_list("site_id", flat=True)
    )
