"""Actions on communes, sites, cabins and services: the only code that writes them after an import."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F
from django.utils.text import slugify

from communes.enums import ClosureReason, SetupChangeKind
from communes.errors import ClosureInvalid, CommuneExists, DatesClash, MedicalStays, NameTaken
from communes.models import Cabin, Closure, Commune, Service, Site
from communes.opening.hours import parse
from communes.opening.usual_week import WEEK_NAMES, clash, week_expression, week_values
from communes.setup_log import record, record_edit
from core.edits import (
    Edit,
    EditConflict,
    last_traces,
    lock_row,
    merged,
    plain_values,
    record_name,
    values_of,
)
from core.insee import default_timezone
from core.localtime import is_after


@transaction.atomic
def create_commune(*, insee_code: str, name: str, phone: str = "", slug: str = "") -> Commune:
    """Begin a commune. Its clock follows from its INSEE code; `phone` is in E.164; without a `slug`, it is
    made from the name. Raises CommuneExists, ValidationError (a slug that another one has)."""
    if Commune.objects.filter(insee_code=insee_code).exists():
        raise CommuneExists
    chosen = slug or slugify(name)
    if not slug and (not chosen or Commune.objects.filter(slug=chosen).exists()):
        chosen = f"{chosen}-{insee_code}".lstrip("-").lower()
    commune = Commune(
        name=name,
        slug=chosen,
        insee_code=insee_code,
        time_zone=default_timezone(insee_code),
        public_phone=phone,
    )
    commune.full_clean()
    commune.save()
    return commune


def bump_sites(site_ids: Iterable[int | None]) -> None:
    """Raise the version of these sites, so that screens and day pages know that they must be read again.

    Every action calls this in its own transaction, where it also locks the rows of the sites. They are
    locked in id order, so that two actions cannot deadlock.
    """
    for site_id in sorted({site_id for site_id in site_ids if site_id is not None}):
        Site.objects.filter(pk=site_id).update(version=F("version") + 1)


def bump_unchanged_site(site_id: int, version: int, *conditions: Exists) -> bool:
    """Like `bump_sites` for one site, but only if its version is still the one given and the conditions hold.
    Says whether it was so; one statement."""
    unchanged = Site.objects.filter(*conditions, pk=site_id, version=version)
    return bool(unchanged.update(version=F("version") + 1))


@transaction.atomic
def declare_closure(
    *,
    site: Site,
    starts_at: datetime,
    ends_at: datetime,
    reason: ClosureReason,
    by: Any = None,
    now: datetime | None = None,
) -> Closure:
    """Close a site over `[starts_at, ends_at)`. Appointments in that time stay, and are found by
    planning/orphans.py. With `now`, it is entered in the log. Raises ClosureInvalid."""
    if not is_after(ends_at, starts_at):
        raise ClosureInvalid
    bump_sites([site.pk])
    closure = Closure.objects.create(site=site, starts_at=starts_at, ends_at=ends_at, reason=reason)
    if now is not None:
        after = values_of(closure, ["starts_at", "ends_at", "reason"])
        record(site, SetupChangeKind.CLOSED, by=by, at=now, after=after)
    return closure


@transaction.atomic
def lift_closure(*, closure: Closure, by: Any = None, now: datetime | None = None) -> None:
    bump_sites([closure.site_id])
    if now is not None:
        before = values_of(closure, ["starts_at", "ends_at", "reason"])
        record(closure.site, SetupChangeKind.REOPENED, by=by, at=now, before=before)
    closure.delete()


@transaction.atomic
def set_out_of_service(*, cabin: Cabin, until: datetime | None = None, edit: Edit | None = None) -> None:
    """Offer the cabin to nobody any more, or not before `until` where the end is known. Raises
    EditConflict."""
    _set_order(cabin, in_order=False, until=until, edit=edit)


@transaction.atomic
def restore_cabin(*, cabin: Cabin, edit: Edit | None = None) -> None:
    """Offer the cabin again, from now on. Raises EditConflict."""
    _set_order(cabin, in_order=True, until=None, edit=edit)


def _set_order(cabin: Cabin, *, in_order: bool, until: datetime | None, edit: Edit | None = None) -> None:
    bump_sites([cabin.site_id])
    row = lock_row(Cabin.objects.all(), cabin.pk)
    if merged(edit, record_name(row), values_of(row, ["order"]), {"order": (in_order, until)}):
        before = values_of(row, ["in_order", "out_until"])
        row.in_order, row.out_until = in_order, until
        row.save(update_fields=["in_order", "out_until"])
        kind = SetupChangeKind.IN_ORDER if in_order else SetupChangeKind.OUT_OF_ORDER
        record_edit(row, kind, edit, before=before, names=before)
    cabin.in_order, cabin.out_until = row.order


@transaction.atomic
def restore_cabins(*, now: datetime) -> None:
    """Restore every cabin whose time out of order has ended. The worker calls this each minute."""
    mended = Cabin.objects.filter(in_order=False, out_until__lte=now).select_related("site")
    sites = set(mended.values_list("site_id", flat=True))
    if sites:
        bump_sites(sites)
        rows = list(mended)
        mended.update(in_order=True, out_until=None)
        for row in rows:
            record(row, SetupChangeKind.IN_ORDER, by=None, at=now)


@transaction.atomic
def change_access(*, site: Site, access: Mapping[str, str], edit: Edit | None = None) -> None:
    """Set whether somebody in a wheelchair gets into a site and its cabins (`Site.wheelchair_values`); those
    that are gone are left out. Raises EditConflict."""
    bump_sites([site.pk])
    row = lock_row(Site.objects.all(), site.pk)
    cabins = {cabin.wheelchair_name: cabin for cabin in row.cabins.all()}
    stored = row.wheelchair_values(cabins.values())
    wanted = {name: value for name, value in access.items() if name in stored}
    for name, value in merged(edit, record_name(row), stored, wanted).items():
        place: Site | Cabin = cabins.get(name, row)
        before = values_of(place, ["wheelchair"])
        place.wheelchair = value
        place.save(update_fields=["wheelchair"])
        record_edit(place, SetupChangeKind.CHANGED, edit, before=before, names=before)


@transaction.atomic
def edit_hours(*, site: Site, opening_hours: str, now: datetime, edit: Edit | None = None) -> None:
    """Set the opening hours by hand. Imports of places no longer change them. Raises HoursError,
    EditConflict."""
    if opening_hours:
        parse(opening_hours, site.commune.insee_code)
    bump_sites([site.pk])
    row = lock_row(Site.objects.all(), site.pk)
    stored, wanted = values_of(row, ["opening_hours"]), {"opening_hours": opening_hours}
    stored |= merged(edit, record_name(row), stored, wanted, also=WEEK_NAMES)
    _write_hours(site, row, stored["opening_hours"], now, edit)


@transaction.atomic
def edit_week(*, site: Site, week: Mapping[str, Any], now: datetime, edit: Edit | None = None) -> None:
    """Set the values of a plain week and of its dates (`communes/opening/usual_week.py`), as `edit_hours`
    does. Two agents who change different days both have their way. Raises EditConflict, of the whole text
    where that is a plain week no longer; DatesClash."""
    bump_sites([site.pk])
    row = lock_row(Site.objects.all(), site.pk)
    stored = week_values(row.opening_hours, site.commune.insee_code, site.commune.local(now).date())
    if stored is None:
        traces = last_traces(record_name(row))
        raise EditConflict(
            ["opening_hours"], stored=plain_values(values_of(row, ["opening_hours"])), traces=traces
        )
    changes = merged(edit, record_name(row), stored, week, also=["opening_hours"])
    values = {**stored, **changes}
    if clash(values):
        raise DatesClash
    text = week_expression(values) if changes else row.opening_hours
    _write_hours(site, row, text, now, edit)


def _write_hours(site: Site, row: Site, text: str, now: datetime, edit: Edit | None) -> None:
    before = values_of(row, ["opening_hours"])
    site.opening_hours = text
    record_edit(site, SetupChangeKind.CHANGED, edit, before=before, names=before)
    site.hours_edited_at = now
    site.save(update_fields=["opening_hours", "hours_edited_at"])


def refuse_name(rows: Any, name: str) -> None:
    """Raises NameTaken if one of these rows has the name already."""
    # Compared here: SQLite does not know that « Ô » and « ô » are one letter.
    if name.casefold() in {other.casefold() for other in rows.values_list("name", flat=True)}:
        raise NameTaken(name=name)


@transaction.atomic
def change_service(
    *,
    service: Service,
    changes: Mapping[str, Any],
    edit: Edit | None = None,
    kind: SetupChangeKind = SetupChangeKind.CHANGED,
) -> None:
    """Set some fields of a service; appointments already booked keep their length. What a form has changed is
    entered in the log as `kind`. Raises EditConflict, NameTaken, MedicalStays, and RecordGone of a retired
    one."""
    bump_sites(Site.objects.filter(commune=service.commune_id).values_list("pk", flat=True))
    row = lock_row(Service.objects.filter(retired_at=None), service.pk)
    before = values_of(row, changes)
    if stays_medical(row) and not changes.get("is_medical", True):
        raise MedicalStays
    _write(row, changes, edit)
    if row.name != before.get("name", row.name):
        refuse_name(
            Service.objects.filter(commune=row.commune_id, retired_at=None).exclude(pk=row.pk), row.name
        )
    record_edit(row, kind, edit, before=before, names=before)
    service.refresh_from_db()


def stays_medical(service: Service) -> bool:
    """Whether it is medical and has appointments, of which nothing may ever be noted or listed."""
    return service.is_medical and service.appointments.exists()


@transaction.atomic
def change_helpers_needed(*, site: Site, changes: Mapping[str, Any], edit: Edit | None = None) -> None:
    """Set how many helpers a site needs on a half-day. Raises RecordGone, EditConflict."""
    bump_sites([site.pk])
    row = lock_row(Site.objects.all(), site.pk)
    before = values_of(row, changes)
    _write(row, changes, edit)
    record_edit(row, SetupChangeKind.CHANGED, edit, before=before, names=before)


def _write(row: models.Model, wanted: Mapping[str, Any], edit: Edit | None) -> None:
    """Write to a locked row what is wanted, as far as it does not undo what somebody else has saved."""
    changes = merged(edit, record_name(row), values_of(row, wanted), wanted)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
