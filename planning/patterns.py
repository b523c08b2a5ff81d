"""Changing a usual week, or previewing the effect of the change."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from agents.models import ShiftPattern
from communes.models import Commune
from planning.actions.publishing import Publication, publish_shifts, set_pattern
from planning.orphans import AHEAD, Orphan, orphans


@dataclass(frozen=True)
class PatternChange:
    """The result of a change. `orphaned`: the appointments that this change alone leaves without a helper."""

    publication: Publication
    orphaned: list[Orphan]


def change_pattern(
    *, commune: Commune, pattern: ShiftPattern, until: date, now: datetime, keep: bool
) -> PatternChange:
    """Save a usual week and publish it up to `until`. With `keep` false, everything is rolled back (a
    preview).

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
