"""What a change would do to appointments already booked: it is made, looked at, and undone."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from communes.models import Commune
from planning.orphans import AHEAD, Orphan, orphans


def orphaned_by(commune: Commune, change: Callable[[], object], *, now: datetime) -> list[Orphan]:
    """The appointments that would lose, by this alone, what they need. Raises what the change raises."""
    with transaction.atomic():
        before = {each.appointment.pk for each in orphans(commune, now, now + AHEAD)}
        change()
        lost = [each for each in orphans(commune, now, now + AHEAD) if each.appointment.pk not in before]
        transaction.set_rollback(True)
    return lost
