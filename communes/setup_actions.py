"""Actions that make places and cabins, and change, order, retire, resume and delete them.

Each writes its entry in the log (communes/setup_log.py). Whoever may call them is decided by the pages, which
are for managers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import ForeignObjectRel

from communes.actions import bump_sites, refuse_name
from communes.enums import SetupChangeKind
from communes.errors import NotInOrder, RetirementInvalid, StillUsed
from communes.models import Cabin, Commune, SetupChange, Site
from communes.setup_log import record
from core.edits import Edit, RecordGone, lock_row, merged, record_name, values_of

# ---- places ---------------------------------------------------------------------------------------


@transaction.atomic
def create_place(*, commune: Commune, values: Mapping[str, Any], by: Any, now: datetime) -> Site:
    """Add a place, closed until its hours are written. Raises NameTaken."""
    Commune.objects.select_for_update(no_key=True).get(pk=commune.pk)
    refuse_name(commune.sites.all(), values["name"])
    last = commune.sites.order_by("-position").values_list("position", flat=True).first() or 0
    site = Site(commune=commune, ref=f"permanence-{uuid4()}", position=last, **values)
    site.short_name = site.short_name or Site.shortened(site.name)
    site.save()
    record(site, SetupChangeKind.CREATED, by=by, at=now, after=values)
    return site


@transaction.atomic
def edit_place(
    *,
    site: Site,
    changes: Mapping[str, Any],
    edit: Edit,
    kind: SetupChangeKind = SetupChangeKind.CHANGED,
) -> None:
    """Set some fields of a place, entered in the log as `kind`. Raises NameTaken, RecordGone,
    EditConflict."""
    bump_sites([site.pk])
    row = lock_row(Site.objects.all(), site.pk)
    if "name" in changes:
        refuse_name(Site.objects.filter(commune=row.commune_id).exclude(pk=row.pk), changes["name"])
    _write(row, changes, edit, kind)
    site.refresh_from_db()


@transaction.atomic
def retire_place(*, site: Site, at: datetime, by: Any, now: datetime) -> None:
    """Offer a place to nobody from `at` on, and keep it for its history. Visits booked there after that stay,
    and are found by planning/orphans.py. Raises RetirementInvalid, RecordGone."""
    if at <= now:
        raise RetirementInvalid
    bump_sites([site.pk])
    row = lock_row(Site.objects.all(), site.pk)
    if not row.is_active:
        raise RetirementInvalid
    _set_retirement(row, at, by, now)
    site.refresh_from_db()


@transaction.atomic
def resume_place(*, site: Site, by: Any, now: datetime) -> None:
    """Use a place again that is retired, or will be. Raises RecordGone."""
    bump_sites([site.pk])
    row = lock_row(Site.objects.all(), site.pk)
    if not row.is_active:
        row.is_active = True
        row.save(update_fields=["is_active"])
    _set_retirement(row, None, by, now)
    site.refresh_from_db()


@transaction.atomic
def close_retired_places(*, now: datetime) -> None:
    """Take the places off the pages whose time has come. The worker calls this each minute."""
    due = Site.objects.filter(is_active=True, retired_at__lte=now)
    sites = list(due.values_list("pk", flat=True))
    if sites:
        bump_sites(sites)
        due.filter(pk__in=sites).update(is_active=False)


@transaction.atomic
def delete_place(*, site: Site, by: Any, now: datetime) -> None:
    """Remove a place on which nothing hangs. Raises StillUsed, RecordGone."""
    _delete(Site.objects.filter(pk=site.pk), by, now)


@transaction.atomic
def move_place(*, site: Site, up: bool) -> None:
    """Show a place one earlier or one later in the lists. Raises RecordGone."""
    bump_sites(Site.objects.filter(commune=site.commune_id).values_list("pk", flat=True))
    Commune.objects.select_for_update(no_key=True).get(pk=site.commune_id)
    _move(list(Site.objects.filter(commune=site.commune_id, is_active=True)), site.pk, up=up)


# ---- cabins ---------------------------------------------------------------------------------------


@transaction.atomic
def create_cabin(*, site: Site, values: Mapping[str, Any], by: Any, now: datetime) -> Cabin:
    """Add a cabin to a place. Raises NameTaken, RecordGone."""
    bump_sites([site.pk])
    place = lock_row(Site.objects.all(), site.pk)
    refuse_name(place.cabins.all(), values["name"])
    last = place.cabins.order_by("-position").values_list("position", flat=True).first() or 0
    cabin = Cabin.objects.create(site=place, position=last, **values)
    record(cabin, SetupChangeKind.CREATED, by=by, at=now, after=values)
    return cabin


@transaction.atomic
def edit_cabin(
    *,
    cabin: Cabin,
    changes: Mapping[str, Any],
    edit: Edit,
    kind: SetupChangeKind = SetupChangeKind.CHANGED,
) -> None:
    """Set some fields of a cabin. Visits already booked there stay. Raises NameTaken, RetirementInvalid,
    RecordGone, EditConflict."""
    bump_sites([cabin.site_id])
    row = lock_row(Cabin.objects.select_related("site"), cabin.pk)
    if "name" in changes:
        refuse_name(row.site.cabins.exclude(pk=row.pk), changes["name"])
    begins = changes.get("in_service_at", row.in_service_at)
    if row.retired_at is not None and begins is not None and row.retired_at <= begins:
        raise NotInOrder
    _write(row, changes, edit, kind)
    cabin.refresh_from_db()


@transaction.atomic
def retire_cabin(*, cabin: Cabin, at: datetime, by: Any, now: datetime) -> None:
    """Like `retire_place`, for a cabin. Raises RetirementInvalid, NotInOrder, RecordGone."""
    if at <= now:
        raise RetirementInvalid
    bump_sites([cabin.site_id])
    row = lock_row(Cabin.objects.select_related("site"), cabin.pk)
    if row.in_service_at is not None and at <= row.in_service_at:
        raise NotInOrder
    _set_retirement(row, at, by, now)
    cabin.refresh_from_db()


@transaction.atomic
def resume_cabin(*, cabin: Cabin, by: Any, now: datetime) -> None:
    """Use a cabin again that is retired, or will be. Raises RecordGone."""
    bump_sites([cabin.site_id])
    _set_retirement(lock_row(Cabin.objects.select_related("site"), cabin.pk), None, by, now)
    cabin.refresh_from_db()


@transaction.atomic
def delete_cabin(*, cabin: Cabin, by: Any, now: datetime) -> None:
    """Remove a cabin on which nothing hangs. Raises StillUsed, RecordGone."""
    bump_sites([cabin.site_id])
    _delete(Cabin.objects.select_related("site").filter(pk=cabin.pk), by, now)


@transaction.atomic
def move_cabin(*, cabin: Cabin, up: bool) -> None:
    """Show a cabin one earlier or one later in the lists. Raises RecordGone."""
    bump_sites([cabin.site_id])
    _move(list(Cabin.objects.filter(site=cabin.site_id)), cabin.pk, up=up)


# ---- both -----------------------------------------------------------------------------------------


def retire(row: Site | Cabin, *, at: datetime, by: Any, now: datetime) -> None:
    """Raises RetirementInvalid, NotInOrder (a cabin), RecordGone."""
    if isinstance(row, Cabin):
        retire_cabin(cabin=row, at=at, by=by, now=now)
    else:
        retire_place(site=row, at=at, by=by, now=now)


def resume(row: Site | Cabin, *, by: Any, now: datetime) -> None:
    """Raises RecordGone."""
    if isinstance(row, Cabin):
        resume_cabin(cabin=row, by=by, now=now)
    else:
        resume_place(site=row, by=by, now=now)


def delete(row: Site | Cabin, *, by: Any, now: datetime) -> None:
    """Raises StillUsed, RecordGone."""
    if isinstance(row, Cabin):
        delete_cabin(cabin=row, by=by, now=now)
    else:
        delete_place(site=row, by=by, now=now)


def what_hangs_on(row: Site | Cabin) -> list[str]:
    """What would be lost with a place or a cabin: names of models; nothing if it can be deleted."""
    relations = [
        each
        for each in row._meta.get_fields(include_hidden=True)
        if isinstance(each, ForeignObjectRel) and not each.many_to_many
    ]
    return [
        str(relation.related_model._meta.verbose_name_plural)
        for relation in relations
        if relation.related_model is not SetupChange
        and relation.related_model._base_manager.filter(**{relation.field.name: row.pk}).exists()
    ]


def _write(row: Site | Cabin, wanted: Mapping[str, Any], edit: Edit, kind: SetupChangeKind) -> None:
    before = values_of(row, wanted)
    changes = merged(edit, record_name(row), before, wanted)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    before = {name: before[name] for name in changes}
    record(row, kind, by=edit.by, at=edit.at, before=before, after=changes)


def _set_retirement(row: Site | Cabin, at: datetime | None, by: Any, now: datetime) -> None:
    before, row.retired_at = row.retired_at, at
    if before == at:
        return
    row.save(update_fields=["retired_at"])
    kind = SetupChangeKind.RESUMED if at is None else SetupChangeKind.RETIRED
    record(row, kind, by=by, at=now, before={"retired_at": before}, after={"retired_at": at})


def _delete(rows: Any, by: Any, now: datetime) -> None:
    # Locked against new rows that point to it, too.
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        raise RecordGone
    if what_hangs_on(row):
        raise StillUsed
    record(row, SetupChangeKind.DELETED, by=by, at=now)
    row.delete()


def _move(rows: list[Any], pk: int, *, up: bool) -> None:
    found = next((index for index, row in enumerate(rows) if row.pk == pk), None)
    if found is None:
        raise RecordGone
    other = found - 1 if up else found + 1
    if 0 <= other < len(rows):
        rows[found], rows[other] = rows[other], rows[found]
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])
