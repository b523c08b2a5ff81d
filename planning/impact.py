"""What a change would do to booked appointments: the change is made, its effect is read, and it is rolled
back."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from communes.models import Commune
from planning.orphans import Orphan, orphans


def orphaned_by(commune: Commune, change: Callable[[], object], *, now: datetime) -> list[Orphan]:
    """The appointments that this change alone would leave without a helper, cabin or open site. Raises the
    errors of the change."""
    with transaction.atomic():
        before = {each.appointment.pk for each in orphans(commune, now)}
        change()
        lost = [each for each in orphans(commune, now) if each.appointment.pk not in before]
        transaction.set_rollback(True)
    return lost
