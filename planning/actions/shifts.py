"""Actions on shifts: which helper is at which site, and when.

Locks are always taken in one order, sites first, then agents (each in id order), so that two actions
cannot deadlock. These actions do not change appointments: `planning.orphans` finds those that lose their
helper.
"""

from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from agents.actions.locks import lock_agents
from agents.models import Agent, Membership, PatternDay, Shift
from communes.actions import bump_sites
from communes.models import Commune, Site
from core.days import Week
from core.edits import Edit, lock_row, merged, record_name
from core.localtime import is_after
from planning.actions.news import Telling, tell_of_exchange, tell_of_shift
from planning.errors import (
    LeavesBefore,
    NotAHelper,
    ShiftChanged,
    ShiftGone,
    ShiftInvalid,
    ShiftOverlaps,
)


@transaction.atomic
def add_shift(
    *,
    agent: Agent,
    site: Site,
    starts_at: datetime,
    ends_at: datetime,
    telling: Telling | None = None,
    published_as: int | None = None,
) -> Shift:
    """Make a shift over `[starts_at, ends_at)`; raises ShiftOverlaps, NotAHelper, ShiftInvalid.

    `published_as`: the id of the PatternDay whose deleted shift comes back, tied to its usual week again.
    """
    bump_sites([site.pk])
    lock_agents([agent.pk])
    check_shift(agent=agent, site=site, starts_at=starts_at, ends_at=ends_at)
    shift = Shift.objects.create(agent=agent, site=site, starts_at=starts_at, ends_at=ends_at)
    if published_as is not None:
        PatternDay.objects.filter(pk=published_as, shift=None, pattern__site__commune=site.commune_id).update(
            shift=shift
        )
    tell_of_shift(before=None, after=shift, commune=site.commune, telling=telling)
    return shift


@transaction.atomic
def change_shift(
    *,
    shift: Shift,
    agent: Agent,
    site: Site,
    starts_at: datetime,
    ends_at: datetime,
    telling: Telling | None = None,
) -> Shift:
    """Move a shift to another time, site or helper; raises the errors of `add_shift`, ShiftGone, and
    ShiftChanged when it is no longer as `shift` says."""
    bump_sites([shift.site_id, site.pk])
    lock_agents([shift.agent_id, agent.pk])
    row = Shift.objects.select_for_update().filter(pk=shift.pk).first()
    if row is None:
        raise ShiftGone
    if _where_and_when(row) != _where_and_when(shift):
        raise ShiftChanged
    after = _put(shift, agent=agent, site=site, starts_at=starts_at, ends_at=ends_at)
    tell_of_shift(before=row, after=after, commune=site.commune, telling=telling)
    return after


@dataclass(frozen=True, slots=True)
class ShiftEdit:
    """An edit that was made: the shift before and after."""

    before: Shift
    after: Shift


@transaction.atomic
def edit_shift(*, shift: Shift, wanted: Mapping[str, Any], commune: Commune, edit: Edit) -> ShiftEdit:
    """Set some of the values that `local_values` names, as far as nobody else has saved others meanwhile.

    Raises the errors of `add_shift`, RecordGone, EditConflict.
    """
    seen = Shift.objects.filter(pk=shift.pk).first() or shift
    site, agent = wanted.get("site", seen.site), wanted.get("agent", seen.agent)
    bump_sites([shift.site_id, seen.site_id, site.pk])
    lock_agents({shift.agent_id, seen.agent_id, agent.pk})
    row = lock_row(Shift.objects.select_related("agent", "site"), shift.pk)
    if _where_and_when(row) != _where_and_when(seen):
        # Its new site and helper are not locked yet: let the agent look again.
        raise ShiftChanged
    changes = merged(edit, record_name(row), local_values(row, commune), wanted)
    now = {**local_values(row, commune), "agent": row.agent, "site": row.site, **changes}
    before = copy(row)
    after = _put(
        row,
        agent=now["agent"],
        site=now["site"],
        starts_at=datetime.combine(now["on"], now["starts"], commune.tz),
        ends_at=datetime.combine(now["on"], now["ends"], commune.tz),
    )
    tell_of_shift(before=before, after=after, commune=commune, telling=Telling(edit.by, edit.at))
    return ShiftEdit(before, after)


def local_values(shift: Shift, commune: Commune) -> dict[str, Any]:
    """A shift as its form shows it: ids, and day and hours on the commune's clocks."""
    starts, ends = commune.local(shift.starts_at), commune.local(shift.ends_at)
    return {
        "agent": shift.agent_id,
        "site": shift.site_id,
        "on": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
    }


def _where_and_when(shift: Shift) -> tuple[int, int, datetime, datetime]:
    return shift.agent_id, shift.site_id, shift.starts_at, shift.ends_at


def _put(shift: Shift, *, agent: Agent, site: Site, starts_at: datetime, ends_at: datetime) -> Shift:
    """Write a locked shift, if the rota allows it."""
    check_shift(agent=agent, site=site, starts_at=starts_at, ends_at=ends_at, apart_from=[shift.pk])
    shift.agent, shift.site, shift.starts_at, shift.ends_at = agent, site, starts_at, ends_at
    shift.save(update_fields=["agent", "site", "starts_at", "ends_at"])
    return shift


@transaction.atomic
def exchange_shifts(*, first: Shift, second: Shift, telling: Telling | None = None) -> None:
    """Give each of two shifts of a commune the helper of the other; places and hours stay.

    Raises the errors of `add_shift`, ShiftGone, and ShiftChanged when one is no longer as it was given.
    """
    shown = {shift.pk: shift for shift in (first, second)}
    bump_sites({shift.site_id for shift in shown.values()})
    lock_agents(shift.agent_id for shift in shown.values())
    rows = Shift.objects.select_for_update(of=("self",)).select_related("agent", "site__commune")
    before = {row.pk: row for row in rows.filter(pk__in=shown).order_by("pk")}
    if len(before) != 2:
        raise ShiftGone
    if any(_where_and_when(row) != _where_and_when(shown[pk]) for pk, row in before.items()):
        raise ShiftChanged
    one, other = before.values()
    for shift, agent in ((one, other.agent), (other, one.agent)):
        hours = {"starts_at": shift.starts_at, "ends_at": shift.ends_at}
        check_shift(agent=agent, site=shift.site, **hours, apart_from=before)
    tell_of_exchange(one, other, commune=one.site.commune, telling=telling)
    one.agent, other.agent = other.agent, one.agent
    Shift.objects.bulk_update((one, other), ["agent"])


@transaction.atomic
def remove_shift(*, shift: Shift, edit: Edit | None = None, telling: Telling | None = None) -> None:
    """Raises EditConflict when somebody has changed what the form of `edit` showed. What is gone already
    stays gone."""
    bump_sites([shift.site_id])
    row = Shift.objects.select_for_update(of=("self",)).filter(pk=shift.pk).first()
    if row is None:
        return
    if edit is not None:
        edit.require_unchanged(record_name(row), local_values(row, shift.site.commune))
    tell_of_shift(before=row, after=None, commune=shift.site.commune, telling=telling)
    row.delete()


@dataclass(frozen=True, slots=True)
class CopyResult:
    """What copying did. `in_the_way`: shifts not copied, because the agent has another shift then or is no
    longer a helper."""

    added: list[Shift]
    in_the_way: list[Shift]


@transaction.atomic
def copy_week(
    *, commune: Commune, source: Week, target: Week, now: datetime, by: Agent | None = None
) -> CopyResult:
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
        except ShiftInvalid:
            continue  # wholly in the hour that clocks skip on that day
        except (ShiftOverlaps, NotAHelper):
            done.in_the_way.append(shift)
        else:
            copied = Shift.objects.create(
                agent=shift.agent, site=shift.site, starts_at=starts_at, ends_at=ends_at
            )
            telling = Telling(by, now) if by else None
            tell_of_shift(before=None, after=copied, commune=commune, telling=telling)
            done.added.append(copied)
    return done


def later(at: datetime, days: int, commune: Commune) -> datetime:
    """The instant at the same local hour of the commune, `days` later (earlier if negative)."""
    return (commune.local(at).replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=commune.tz)


def require_works(*, agent_id: int, site: Site, until: datetime) -> None:
    """Raises NotAHelper, and LeavesBefore if the agent's last day in the commune of the site is over before
    `until`, the end of a shift."""
    members = Membership.objects.filter(agent=agent_id, commune=site.commune_id, is_helper=True)
    member = members.select_related("commune").first()
    if member is None:
        raise NotAHelper
    last_day = member.commune.local(until - timedelta(microseconds=1)).date()
    if member.last_on is not None and not member.works_on(last_day):
        raise LeavesBefore(member.last_on)


def check_shift(
    *, agent: Agent, site: Site, starts_at: datetime, ends_at: datetime, apart_from: Collection[int] = ()
) -> None:
    """`apart_from`: ids of shifts that are about to change."""
    if not is_after(ends_at, starts_at):
        raise ShiftInvalid
    require_works(agent_id=agent.pk, site=site, until=ends_at)
    rivals = Shift.objects.filter(agent=agent).overlapping(starts_at, ends_at)
    if rivals.exclude(pk__in=apart_from).exists():
        raise ShiftOverlaps
