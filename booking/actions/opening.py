"""Opens a commune to residents, and takes that back."""

from datetime import datetime
from logging import getLogger

from django.db import transaction

from booking.errors import NotReady
from booking.free.first_times import first_times
from communes.actions import bump_sites
from communes.models import Commune
from communes.setup_steps import read_steps

logger = getLogger(__name__)


@transaction.atomic
def open_commune(*, commune: Commune, now: datetime) -> None:
    """From now on residents may come by themselves too, by the screens. Nothing changes if it is open
    already. Raises NotReady if something needed is missing, or if no appointment could be booked."""
    row = _locked(commune)
    if row.opened_at is None:
        lacks = any(step.blocks for step in read_steps(row, now))
        if lacks or not first_times(row, row.services.active(), now).is_possible:
            raise NotReady
        _set(row, now)
    commune.opened_at = row.opened_at


@transaction.atomic
def close_commune(*, commune: Commune) -> None:
    """Take the opening back: it is as before. Appointments stay."""
    row = _locked(commune)
    if row.opened_at is not None:
        _set(row, None)
    commune.opened_at = None


def _locked(commune: Commune) -> Commune:
    """In the order of all actions: first the places, whose screens show it."""
    bump_sites(commune.sites.values_list("pk", flat=True))
    return Commune.objects.select_for_update(no_key=True).get(pk=commune.pk)


def _set(commune: Commune, opened_at: datetime | None) -> None:
    commune.opened_at = opened_at
    commune.save(update_fields=["opened_at"])
    logger.info("commune %s %s", commune.pk, "opened" if opened_at else "not open any more")
