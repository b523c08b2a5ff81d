"""Actions on shifts: which helper is at which site, and when.

Locks are always taken in one order, sites first, then agents (each in id order), so that two actions
cannot deadlock. These actions do not change appointments: `planning.orphans` finds those that lose their
helper.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from agents.actions.locks import lock_agents
from agents.models import Agent, Membership, Shift
from communes.actions import bump_sites
from communes.models import Commune, Site
from core.days import Week
from planning.errors import (
    NotAHelper,
    ShiftGone,
    ShiftInvalid,
    ShiftOverlaps,
)


@transaction.atomic
def add_shift(*, agent: Agent, site: Site, starts_at: datetime, ends_at: datetime) -> Shift:
    """Make a shift over `[starts_at, ends_at)`; raises ShiftOverlaps, NotAHelper, ShiftInvalid."""
    bump_sites([site.pk])
    lock_agents([agent.pk])
    check_shift(agent=agent, site=site, starts_at=starts_at, ends_at=ends_at)
    return Shift.objects.create(agent=agent, site=site, starts_at=starts_at, ends_at=ends_at)


@transaction.atomic
def change_shift(*, shift: Shift, agent: Agent, site: Site, starts_at: datetime, ends_at: datetime) -> Shift:
    """Move a shift to another time, site or helper; raises the errors of `add_shift`, and ShiftGone."""
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
class CopyResult:
    """What copying did. `in_the_way`: shifts not copied, because the agent has another shift then or is no
    longer a helper."""

    added: list[Shift]
    in_the_way: list[Shift]


@transaction.atomic
def copy_week(*, commune: Commune, source: Week, target: Week, now: datetime) -> CopyResult:
    """Copy the shifts of one week to another, at the same local hours. Shifts that would begin before
    `now` are left out."""
    start, end = source.span(commune.tz)
    bump_sites(commune.sites.values_list("pk", flat=True))
    shifts = list(
        Shift.objects.filter(site__commune=commune, starts_at__gte=start, starts_at__lt=end).select_related(
            "agent", "site"
        )
    )
    lock_agents(shift.agent_id for shift in shifts)
    days = (target.monday - source.monday).days
    done = CopyResult([], [])
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
    """The instant at the same local hour of the commune, `days` later (earlier if negative)."""
    return (commune.local(at).replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=commune.tz)


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
