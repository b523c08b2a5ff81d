"""Actions on faults of cabins: report, take, confirm, change the expected end, close.

Each takes the cabin's site first (`bump_sites`): a booking that looked at the site before a fault was
confirmed looks again. Each writes its step in the history of the fault, and asks for the messages about it.
Whoever may call them is decided by the pages.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from communes.actions import bump_sites
from communes.enums import IncidentKind, IncidentStepKind
from communes.errors import EndNotToCome, FaultClosed, FaultNotHere
from communes.incident_rules import kinds_for
from communes.models import Cabin, Commune, Incident, IncidentStep, Site
from core.days import months_before
from core.edits import Edit, RecordGone, lock_row, merged, record_name, values_of

_listeners: list[Callable[[], object]] = []


def subscribe(listener: Callable[[], object]) -> None:
    """Call `listener` after each commit that changed a fault; it gets no arguments."""
    if listener not in _listeners:
        _listeners.append(listener)


@transaction.atomic
def report_fault(
    *, cabin: Cabin, kind: IncidentKind, by: Any, now: datetime, note: str = "", on_screen: bool = False
) -> tuple[Incident, bool]:
    """Note that something is wrong with a cabin. It withdraws nothing before an agent confirms it. One that
    is open already is returned as it is, with False. `by`: an agent, or None for a screen.
    Raises FaultNotHere, RecordGone."""
    bump_sites([cabin.site_id])
    row = Cabin.objects.select_related("site").filter(pk=cabin.pk).first()
    if row is None:
        raise RecordGone
    if kind not in kinds_for(row.equipment):
        raise FaultNotHere
    if known := Incident.objects.open().filter(cabin=row, kind=kind).first():
        if note and not known.note:
            known.note = note
            known.save(update_fields=["note"])
        return known, False
    incident = Incident.objects.create(
        commune_id=row.site.commune_id,
        site_id=row.site_id,
        cabin=row,
        kind=kind,
        note=note,
        on_screen=on_screen,
        opened_at=now,
        opened_by=by,
    )
    _step(incident, IncidentStepKind.REPORTED, by, now)
    return incident, True


@transaction.atomic
def report_dark_screen(
    *, site: Site, cabin: Cabin | None, name: str, since: datetime, now: datetime
) -> Incident:
    """Note that a screen has not answered since then: confirmed at once, since it was noticed and not told.
    It withdraws nothing: agents note who comes. One that is open already is returned."""
    bump_sites([site.pk])
    known = Incident.objects.open().filter(site=site, cabin=cabin, kind=IncidentKind.OFFLINE, about=name)
    if (found := known.first()) is not None:
        return found
    incident = Incident.objects.create(
        commune_id=site.commune_id,
        site=site,
        cabin=cabin,
        kind=IncidentKind.OFFLINE,
        about=name,
        opened_at=since,
        opened_by=None,
        confirmed_at=now,
    )
    _step(incident, IncidentStepKind.CONFIRMED, None, now)
    return incident


@transaction.atomic
def take_fault(*, incident: Incident, by: Any, now: datetime) -> bool:
    """Note that this agent takes care of it. False if a colleague was faster. Raises FaultClosed."""
    row = _locked(incident)
    if row.taken_at is not None:
        return bool(row.taken_by_id == by.pk)
    row.taken_at, row.taken_by = now, by
    row.save(update_fields=["taken_at", "taken_by"])
    _step(row, IncidentStepKind.TAKEN, by, now)
    return True


@transaction.atomic
def confirm_fault(*, incident: Incident, end: datetime | None, by: Any, now: datetime) -> bool:
    """Withdraw what the fault withdraws, until `end` (None: nobody knows). False if a colleague has confirmed
    it meanwhile: it keeps their end. Visits that need the equipment stay, and are found by
    planning/orphans.py. Raises EndNotToCome, FaultClosed."""
    if end is not None and end <= now:
        raise EndNotToCome
    row = _locked(incident)
    is_first = row.confirmed_at is None
    if is_first:
        row.confirmed_at, row.confirmed_by, row.expected_end_at = now, by, end
        row.save(update_fields=["confirmed_at", "confirmed_by", "expected_end_at"])
        _step(row, IncidentStepKind.CONFIRMED, by, now, end)
    incident.refresh_from_db()
    return is_first


@transaction.atomic
def change_fault_end(*, incident: Incident, end: datetime | None, edit: Edit, now: datetime) -> bool:
    """Set another expected end of a confirmed fault: sooner, later or not known. The agents are asked again
    when it passes. False if it was so already. Raises EndNotToCome, FaultClosed, EditConflict."""
    if end is not None and end <= now:
        raise EndNotToCome
    row = _locked(incident)
    if row.confirmed_at is None:
        raise FaultClosed
    is_other = bool(merged(edit, record_name(row), values_of(row, ["end"]), {"end": end}))
    if is_other:
        row.expected_end_at, row.asked_at = end, None
        row.save(update_fields=["expected_end_at", "asked_at"])
        _step(row, IncidentStepKind.END_CHANGED, edit.by, now, end)
    incident.refresh_from_db()
    return is_other


@transaction.atomic
def close_fault(*, incident: Incident, by: Any, now: datetime, is_told: bool = True) -> bool:
    """End a fault: what it withdrew is offered again from now on. False if it was closed already. `is_told`:
    whether messages say so."""
    bump_sites([incident.site_id])
    row = lock_row(Incident.objects.all(), incident.pk)
    if row.closed_at is not None:
        return False
    # Where the clock was set back since, it never lasted.
    row.closed_at, row.closed_by = max(now, row.opened_at), by
    row.save(update_fields=["closed_at", "closed_by"])
    was_fault = row.confirmed_at is not None
    kind = IncidentStepKind.CLOSED if was_fault else IncidentStepKind.DISMISSED
    _step(row, kind, by, now, told_at=None if is_told else now)
    incident.refresh_from_db()
    return True


@transaction.atomic
def ask_whether_repaired(*, now: datetime) -> None:
    """Have the agents asked « Repaired? » about the faults whose expected end has passed. The worker calls
    this each minute."""
    due = Incident.objects.passed(now).in_use(now).filter(asked_at=None)
    sites = set(due.values_list("site_id", flat=True))
    if sites:
        bump_sites(sites)
        due.filter(site__in=sites).update(asked_at=now)


FAULTS_KEPT_MONTHS = 24
"""A closed fault is kept so long: enough to see a whole year beside the one before."""


def forget_old_faults(*, commune: Commune, now: datetime) -> int:
    """Delete the faults closed longer ago, with their history; returns how many. An open one stays."""
    limit = months_before(commune.local(now), FAULTS_KEPT_MONTHS)
    _rows, by_table = Incident.objects.filter(commune=commune, closed_at__lte=limit).delete()
    return by_table.get(Incident._meta.label, 0)


def _locked(incident: Incident) -> Incident:
    bump_sites([incident.site_id])
    row = lock_row(Incident.objects.all(), incident.pk)
    if row.closed_at is not None:
        raise FaultClosed
    return row


def _step(
    incident: Incident,
    kind: IncidentStepKind,
    by: Any,
    now: datetime,
    end: datetime | None = None,
    *,
    told_at: datetime | None = None,
) -> None:
    IncidentStep.objects.create(
        incident=incident, kind=kind, at=now, by=by, expected_end_at=end, told_at=told_at
    )
    for listener in _listeners:
        transaction.on_commit(listener)
