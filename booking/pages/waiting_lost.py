"""Those on the waiting list to whom nothing can be offered any more: what they wait for is retired or put
aside, or there is no cabin left for it at the places that suit them. The desk calls them."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from booking.actions.offers import OPEN
from booking.models import WaitingEntry
from communes.models import Cabin, Commune


def reasons_lost(entries: Iterable[WaitingEntry], commune: Commune, at: datetime) -> dict[int, str]:
    """Entry id → why nothing can be offered from `at` on, of those for whom it is so. The entries have their
    service and their sites. One query, none if nobody waits."""
    waiting = list(entries)
    if not waiting:
        return {}
    cabins = Cabin.objects.filter(site__commune=commune, site__is_active=True).select_related("site")
    there = [
        cabin
        for cabin in cabins.not_retired(at)
        if cabin.site.retired_at is None or cabin.site.retired_at > at
    ]
    return {entry.pk: why for entry in waiting if (why := _why_lost(entry, there))}


def _why_lost(entry: WaitingEntry, cabins: Collection[Cabin]) -> str:
    service = entry.service
    if service.retired_at is not None:
        return _("This service is retired: nothing can be offered any more.")
    if not service.is_active:
        return _("This service is put aside: nothing is offered for now.")
    wanted = {site.pk for site in entry.sites.all()}
    needed = set(service.equipment_needed)
    suits = (cabin for cabin in cabins if not wanted or cabin.site_id in wanted)
    if any(needed <= set(cabin.equipment) for cabin in suits):
        return ""
    if wanted:
        return _("At the places that suit them, no cabin is left for this service.")
    return _("No cabin is left for this service.")


def lost_by(commune: Commune, change: Callable[[], object], *, now: datetime, at: datetime) -> int:
    """How many of those who wait could be offered something until now, and nothing from `at` on after this
    change, which is made and rolled back. Raises the errors of the change."""
    with transaction.atomic():
        before = reasons_lost(on_the_list(commune), commune, now)
        change()
        after = reasons_lost(on_the_list(commune), commune, at)
        transaction.set_rollback(True)
    return len(after.keys() - before.keys())


def on_the_list(commune: Commune) -> list[WaitingEntry]:
    rows = WaitingEntry.objects.filter(commune=commune, state__in=OPEN)
    return list(rows.select_related("service").prefetch_related("sites"))
