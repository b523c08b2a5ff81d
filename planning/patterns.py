"""Changing a usual week, after a look at what that changes."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from agents.models import ShiftPattern
from communes.models import Commune
from planning.actions.publishing import Publication, publish_shifts, set_pattern
from planning.orphans import AHEAD, Orphan, orphans


@dataclass(frozen=True)
class PatternChange:
    """`orphaned`: the appointments that would lose, by this alone, what they need."""

    publication: Publication
    orphaned: list[Orphan]


def change_pattern(
    *, commune: Commune, pattern: ShiftPattern, until: date, now: datetime, keep: bool
) -> PatternChange:
    """Record a usual week and publish it up to `until`; without `keep`, only to see what that would do.

    Raises PatternInvalid.
    """
    with transaction.atomic():
        before = {each.appointment.pk for each in orphans(commune, now, now + AHEAD)}
        set_pattern(pattern=pattern)
        publication = publish_shifts(commune=commune, until=until, now=now, patterns=[pattern])
        lost = [each for each in orphans(commune, now, now + AHEAD) if each.appointment.pk not in before]
        if not keep:
            transaction.set_rollback(True)
    return PatternChange(publication, lost)
