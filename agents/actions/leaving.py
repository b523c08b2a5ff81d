"""An agent leaves a commune: on a day to come, which can be undone until it is over, or at once.

Later shifts are set aside the moment the day is chosen, so that nothing that reads the rota offers the agent
after it. No appointment changes: those that lose their helper are orphans (`planning.orphans`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from agents.actions.accounts import keep_a_manager, lock_commune
from agents.actions.locks import lock_agents
from agents.errors import LastDayPast, NotLeaving
from agents.models import AbsenceRequest, Agent, Membership, PatternDay, SetAsideShift, Shift, ShiftPattern
from core.days import day_span


@dataclass(frozen=True, slots=True)
class StayResult:
    """How many shifts came back, and how many did not: the agent has another shift at their time."""

    back: int
    in_the_way: int


@transaction.atomic
def plan_leaving(*, membership: Membership, last_on: date, now: datetime) -> int:
    """Let the agent work in the commune until the local day `last_on`, included. Another day may have been
    chosen before. Returns how many shifts are set aside. Raises LastManager, LastDayPast, NotLeaving."""
    row = _locked(membership)
    if last_on < row.commune.local(now).date():
        raise LastDayPast
    if row.has_ended(now):
        raise NotLeaving
    if row.is_manager:
        keep_a_manager(row)
    _bring_back(row)
    row.last_on = last_on
    row.save(update_fields=["last_on"])
    return _set_aside(row, day_span(last_on, row.commune.tz)[1])


@transaction.atomic
def cancel_leaving(*, membership: Membership, now: datetime) -> StayResult:
    """Let the agent stay: the shifts come back as they were. Raises NotLeaving, also when the last day is
    over."""
    row = _locked(membership)
    if row.last_on is None or row.has_ended(now):
        raise NotLeaving
    done = _bring_back(row)
    row.last_on = None
    row.save(update_fields=["last_on"])
    return done


@transaction.atomic
def leave_now(*, membership: Membership, now: datetime) -> Agent:
    """End the agent's work for the commune at this instant, for good; a running shift ends. Raises
    LastManager, NotLeaving."""
    row = _locked(membership)
    if row.is_manager:
        keep_a_manager(row)
    today = row.commune.local(now).date()
    ours = Shift.objects.filter(agent=row.agent, site__commune=row.commune)
    ours.filter(starts_at__gte=now).delete()
    ours.filter(ends_at__gt=now).update(ends_at=now)
    return _close(row, last_on=today, usual_until=today - timedelta(days=1))


def close_ended(*, now: datetime) -> list[Agent]:
    """Close the memberships whose last day is over, each in its own transaction. Returns their agents."""
    leaving = Membership.objects.filter(last_on__isnull=False).select_related("agent", "commune")
    return [agent for each in leaving if each.has_ended(now) and (agent := _close_ended(each, now))]


@transaction.atomic
def _close_ended(membership: Membership, now: datetime) -> Agent | None:
    try:
        row = _locked(membership)
    except NotLeaving:  # closed by another process
        return None
    if row.last_on is None or not row.has_ended(now):
        return None
    return _close(row, last_on=row.last_on, usual_until=row.last_on)


def _locked(membership: Membership) -> Membership:
    """The row as it is now, with everything locked that leaving changes: sites, commune, agent."""
    lock_commune(membership)
    lock_agents([membership.agent_id])
    rows = Membership.objects.select_for_update(of=("self",)).select_related("agent", "commune")
    row = rows.filter(pk=membership.pk).first()
    if row is None:
        raise NotLeaving
    return row


def _close(row: Membership, *, last_on: date, usual_until: date) -> Agent:
    """End the usual weeks and delete the membership. An agent left without any commune can no longer log
    in."""
    agent = row.agent
    usual = ShiftPattern.objects.filter(agent=agent, site__commune=row.commune)
    usual.filter(from_on__gt=usual_until).delete()
    usual.filter(Q(until_on=None) | Q(until_on__gt=usual_until)).update(until_on=usual_until)
    AbsenceRequest.objects.filter(agent=agent, commune=row.commune, is_accepted=None).delete()
    row.delete()
    if not agent.memberships.exists():
        agent.is_active, agent.left_on = False, last_on
        agent.save(update_fields=["is_active", "left_on"])
    return agent


def _set_aside(row: Membership, end: datetime) -> int:
    """Take the shifts after `end` out of the rota; of one that goes on over it, the rest."""
    ours = Shift.objects.filter(agent=row.agent, site__commune=row.commune, ends_at__gt=end)
    shifts = list(ours.select_related("pattern_day").order_by("starts_at", "id"))
    SetAsideShift.objects.bulk_create(_aside(row, shift, end) for shift in shifts)
    ours.filter(starts_at__gte=end).delete()
    ours.update(ends_at=end)
    return len(shifts)


def _aside(row: Membership, shift: Shift, end: datetime) -> SetAsideShift:
    if shift.starts_at < end:
        return SetAsideShift(
            membership=row, site_id=shift.site_id, starts_at=end, ends_at=shift.ends_at, rest_of=shift
        )
    return SetAsideShift(
        membership=row,
        site_id=shift.site_id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        pattern_day=getattr(shift, "pattern_day", None),
    )


def _bring_back(row: Membership) -> StayResult:
    """Put the shifts back that were set aside, except where the agent now has another one."""
    aside = list(row.set_aside.select_related("pattern_day", "rest_of"))
    if not aside:
        return StayResult(0, 0)
    span = min(each.starts_at for each in aside), max(each.ends_at for each in aside)
    taken = list(Shift.objects.filter(agent=row.agent).overlapping(*span).values_list("starts_at", "ends_at"))
    free = [
        each
        for each in aside
        if not any(start < each.ends_at and end > each.starts_at for start, end in taken)
    ]
    for each in free:
        if each.rest_of is not None and each.rest_of.ends_at == each.starts_at:
            Shift.objects.filter(pk=each.rest_of.pk).update(ends_at=each.ends_at)
    _make_again(
        row, [each for each in free if each.rest_of is None or each.rest_of.ends_at != each.starts_at]
    )
    row.set_aside.all().delete()
    return StayResult(len(free), len(aside) - len(free))


def _make_again(row: Membership, aside: Iterable[SetAsideShift]) -> None:
    """New rows for shifts whose row is gone, tied to their usual weeks as before."""
    pairs = [
        (
            each,
            Shift(agent=row.agent, site_id=each.site_id, starts_at=each.starts_at, ends_at=each.ends_at),
        )
        for each in aside
    ]
    Shift.objects.bulk_create([shift for _, shift in pairs])
    days = []
    for each, shift in pairs:
        if each.pattern_day is not None and each.pattern_day.shift_id is None:
            each.pattern_day.shift = shift
            days.append(each.pattern_day)
    PatternDay.objects.bulk_update(days, ["shift"])
