"""The writers of `communes`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from communes.enums import ClosureReason
from communes.errors import ClosureInvalid
from communes.models import Cabin, Closure, Commune, Service, Site
from communes.opening.hours import parse
from core.compiled import Update


def bump_sites(site_ids: Iterable[int | None]) -> None:
    """Tell screens and day pages of these sites that something they show has changed.

    Every writer calls this in its own transaction. Sites are taken in id order, so that two
    writers cannot deadlock.
    """
    for site_id in sorted({site_id for site_id in site_ids if site_id is not None}):
        _raise(site=site_id)


def bump_unchanged_site(site_id: int, version: int) -> bool:
    """Take a site as `bump_sites` does, if its version is still the one that was seen; else do nothing."""
    return bool(_raise_unchanged(site=site_id, version=version))


def _site(site: int) -> QuerySet[Site]:
    return Site.objects.filter(pk=site)


def _unchanged_site(site: int, version: int) -> QuerySet[Site]:
    return _site(site).filter(version=version)


_raise = Update(_site, version=F("version") + 1)
_raise_unchanged = Update(_unchanged_site, version=F("version") + 1)


@transaction.atomic
def declare_closure(*, site: Site, starts_at: datetime, ends_at: datetime, reason: ClosureReason) -> Closure:
    """Close a site over `[starts_at, ends_at)`; appointments within are found by a query, not moved here."""
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
    """Nobody is booked into the cabin any more, until an instant where that is known."""
    _set_order(cabin, in_order=False, until=until)


@transaction.atomic
def restore_cabin(*, cabin: Cabin) -> None:
    """The cabin is in order again."""
    _set_order(cabin, in_order=True, until=None)


def _set_order(cabin: Cabin, *, in_order: bool, until: datetime | None) -> None:
    bump_sites([cabin.site_id])
    cabin.in_order, cabin.out_until = in_order, until
    cabin.save(update_fields=["in_order", "out_until"])


@transaction.atomic
def restore_cabins(*, now: datetime) -> None:
    """What was out of order until now is in order again; screens and day pages are told."""
    mended = Cabin.objects.filter(in_order=False, out_until__lte=now)
    sites = set(mended.values_list("site_id", flat=True))
    if sites:
        bump_sites(sites)
        mended.update(in_order=True, out_until=None)


@transaction.atomic
def edit_hours(*, site: Site, opening_hours: str, now: datetime) -> None:
    """Set the opening hours by hand: from now on an import of places leaves them alone. Raises HoursError."""
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
    """Set some of a commune's own settings; its screens are told."""
    if not changes:
        return
    bump_sites(commune.sites.values_list("pk", flat=True))
    for name, value in changes.items():
        setattr(commune, name, value)
    commune.save(update_fields=list(changes))
