"""Actions on communes, sites, cabins and services: the only code that writes them after an import."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from communes.enums import ClosureReason
from communes.errors import ClosureInvalid
from communes.models import Cabin, Closure, Commune, Service, Site
from communes.opening.hours import parse


def bump_sites(site_ids: Iterable[int | None]) -> None:
    """Raise the version of these sites, so that screens and day pages know that they must be read again.

    Every action calls this in its own transaction, where it also locks the rows of the sites. They are
    locked in id order, so that two actions cannot deadlock.
    """
    for site_id in sorted({site_id for site_id in site_ids if site_id is not None}):
        Site.objects.filter(pk=site_id).update(version=F("version") + 1)


def bump_unchanged_site(site_id: int, version: int) -> bool:
    """Like `bump_sites` for one site, but only if its version is still the one given. Says whether it was."""
    unchanged = Site.objects.filter(pk=site_id, version=version)
    return bool(unchanged.update(version=F("version") + 1))


@transaction.atomic
def declare_closure(*, site: Site, starts_at: datetime, ends_at: datetime, reason: ClosureReason) -> Closure:
    """Close a site over `[starts_at, ends_at)`. Appointments in that time stay, and are found by
    planning/orphans.py. Raises ClosureInvalid."""
    if ends_at <= starts_at:
        raise ClosureInvalid
    bump_sites([site.pk])
    return Closure.objects.create(site=site, starts_at=starts_at, ends_at=ends_at, reason=reason)


@transaction.atomic
def lift_closure(*, closure: Closure) -> None:
    bump_sites([closure.site_id])
    closure.delete()


@transaction.atomic
def set_out_of_service(*, cabin: Cabin, until: datetime | None = None) -> None:
    """Offer the cabin to nobody any more, or not before `until` where the end is known."""
    _set_order(cabin, in_order=False, until=until)


@transaction.atomic
def restore_cabin(*, cabin: Cabin) -> None:
    """Offer the cabin again, from now on."""
    _set_order(cabin, in_order=True, until=None)


def _set_order(cabin: Cabin, *, in_order: bool, until: datetime | None) -> None:
    bump_sites([cabin.site_id])
    cabin.in_order, cabin.out_until = in_order, until
    cabin.save(update_fields=["in_order", "out_until"])


@transaction.atomic
def restore_cabins(*, now: datetime) -> None:
    """Restore every cabin whose time out of order has ended. The worker calls this each minute."""
    mended = Cabin.objects.filter(in_order=False, out_until__lte=now)
    sites = set(mended.values_list("site_id", flat=True))
    if sites:
        bump_sites(sites)
        mended.update(in_order=True, out_until=None)


@transaction.atomic
def edit_hours(*, site: Site, opening_hours: str, now: datetime) -> None:
    """Set the opening hours by hand. Imports of places no longer change them. Raises HoursError."""
    if opening_hours:
        parse(opening_hours, site.commune.insee_code)
    bump_sites([site.pk])
    site.opening_hours = opening_hours
    site.hours_edited_at = now
    site.save(update_fields=["opening_hours", "hours_edited_at"])


@transaction.atomic
def change_service(*, service: Service, changes: Mapping[str, Any]) -> None:
    """Set some fields of a service; appointments already booked keep their length."""
    bump_sites(Site.objects.filter(commune=service.commune_id).values_list("pk", flat=True))
    for name, value in changes.items():
        setattr(service, name, value)
    service.save(update_fields=list(changes))


@transaction.atomic
def change_commune(*, commune: Commune, changes: Mapping[str, Any]) -> None:
    """Set some of a commune's own settings, and have its screens read again."""
    if not changes:
        return
    bump_sites(commune.sites.values_list("pk", flat=True))
    for name, value in changes.items():
        setattr(commune, name, value)
    commune.save(update_fields=list(changes))
