"""The undo of a publication, for some minutes after it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from agents.actions.locks import lock_agents
from agents.models import PatternDay, Shift, ShiftPattern
from agents.rules.rota import PlannedShift
from communes.actions import bump_sites
from communes.models import Commune, Site
from planning.actions.publishing import values
from planning.actions.shifts import require_works
from planning.errors import NothingToUndo, PublicationChanged, ShiftOverlaps
from planning.models import RotaPublication


def last_undoable(commune: Commune, now: datetime) -> RotaPublication | None:
    """The latest publication, if it can still be undone."""
    latest = RotaPublication.objects.standing().filter(commune=commune).first()
    return latest if latest and RotaPublication.objects.undoable(now).filter(pk=latest.pk).exists() else None


@transaction.atomic
def undo_publication(*, commune: Commune, pk: int, now: datetime) -> RotaPublication:
    """Put every shift back as it was before the publication. Nobody has been written to yet, and what helpers
    read of it on their pages goes.

    Raises NothingToUndo, PublicationChanged if somebody has changed one of its shifts since, ShiftOverlaps if
    somebody has planned a helper for a time that would come back, LeavesBefore if the helper leaves before
    it.
    """
    bump_sites(commune.sites.values_list("pk", flat=True))
    record = RotaPublication.objects.select_for_update().filter(commune=commune, pk=pk).first()
    latest = last_undoable(commune, now)
    if record is None or latest is None or latest.pk != record.pk:
        raise NothingToUndo
    changes = [_Change(each) for each in record.changes]
    lock_agents(shift.agent_id for each in changes for shift in (each.before, each.after) if shift)
    rows = _rows(changes)
    for each in changes:
        _require_untouched(each, rows)
    _take_back(changes, rows)
    _put_back(changes, rows)
    record.undone_at = now
    record.save(update_fields=["undone_at"])
    record.news.all().delete()
    return record


class _Change:
    def __init__(self, stored: dict[str, Any]) -> None:
        self.pattern_id: int = stored["pattern"]
        self.on = date.fromisoformat(stored["on"])
        self.before = self._shift(stored["before"])
        self.after = self._shift(stored["after"])
        self.is_adopted = self.before == self.after
        """A shift made by hand that came to follow a usual week."""

    def _shift(self, stored: list[Any] | None) -> PlannedShift | None:
        if stored is None:
            return None
        agent_id, site_id, starts_at, ends_at = stored
        start, end = datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at)
        return PlannedShift(self.on, agent_id, site_id, start, end)


type _Rows = dict[tuple[int, date], PatternDay]


def _rows(changes: list[_Change]) -> _Rows:
    if not changes:
        return {}
    rows = PatternDay.objects.filter(
        pattern__in={each.pattern_id for each in changes},
        on__gte=min(each.on for each in changes),
        on__lte=max(each.on for each in changes),
    )
    return {(row.pattern_id, row.on): row for row in rows.select_related("shift")}


def _require_untouched(each: _Change, rows: _Rows) -> None:
    row = rows.get((each.pattern_id, each.on))
    if each.after is None:
        if row is not None:
            raise PublicationChanged
        return
    shift = row.shift if row else None
    if shift is None or values(each.after) != {
        name: getattr(shift, name) for name in ("agent_id", "site_id", "starts_at", "ends_at")
    }:
        raise PublicationChanged


def _take_back(changes: list[_Change], rows: _Rows) -> None:
    """Delete what was added, and put what was moved where it was."""
    added = [rows[each.pattern_id, each.on] for each in changes if each.before is None]
    Shift.objects.filter(pk__in=[row.shift_id for row in added]).delete()
    PatternDay.objects.filter(pk__in=[row.pk for row in added]).delete()
    PatternDay.objects.filter(
        pk__in=[rows[each.pattern_id, each.on].pk for each in changes if each.is_adopted]
    ).delete()
    moved = [each for each in changes if each.before and each.after and not each.is_adopted]
    ids = [rows[each.pattern_id, each.on].shift_id for each in moved]
    for each in moved:
        _require_free(each.before, but=ids)
    for each in moved:
        if each.before is not None:
            row = rows[each.pattern_id, each.on]
            Shift.objects.filter(pattern_day=row).update(**values(each.before))
            PatternDay.objects.filter(pk=row.pk).update(**values(each.before))


def _put_back(changes: list[_Change], rows: _Rows) -> None:
    """Make what was removed again, tied to its usual week as before."""
    removed = [each for each in changes if each.before and each.after is None]
    known = set(
        ShiftPattern.objects.filter(pk__in={each.pattern_id for each in removed}).values_list("pk", flat=True)
    )
    for each in removed:
        if each.before is None:
            continue
        _require_free(each.before, but=[])
        shift = Shift.objects.create(**values(each.before))
        if each.pattern_id in known:
            PatternDay.objects.create(
                pattern_id=each.pattern_id, on=each.on, shift=shift, **values(each.before)
            )


def _require_free(shift: PlannedShift | None, *, but: list[int | None]) -> None:
    if shift is None:
        return
    site = Site.objects.get(pk=shift.site_id)
    require_works(agent_id=shift.agent_id, site=site, until=shift.ends_at)
    rivals = Shift.objects.filter(agent=shift.agent_id).overlapping(shift.starts_at, shift.ends_at)
    if rivals.exclude(pk__in=[pk for pk in but if pk]).exists():
        raise ShiftOverlaps
