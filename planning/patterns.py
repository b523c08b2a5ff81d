"""Changing a usual week, or previewing the effect of the change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from agents.models import ShiftPattern
from communes.actions import bump_sites
from communes.models import Commune
from core.edits import Edit
from planning.actions.publishing import Publication, publish_shifts, set_pattern
from planning.orphans import Orphan, orphans


@dataclass(frozen=True)
class PatternChange:
    """The result of a change. `orphaned`: the appointments that this change alone leaves without a helper."""

    publication: Publication
    orphaned: list[Orphan]


def change_pattern(
    *,
    commune: Commune,
    pattern: ShiftPattern,
    wanted: Mapping[str, Any],
    until: date,
    now: datetime,
    keep: bool,
    edit: Edit | None = None,
) -> PatternChange:
    """Set values of a usual week and publish it up to `until`. With `keep` false, everything is rolled back
    (a preview).

    Raises PatternInvalid, RecordGone, EditConflict.
    """
    with transaction.atomic():
        bump_sites(commune.sites.values_list("pk", flat=True))
        before = {each.appointment.pk for each in orphans(commune, now)}
        pattern = set_pattern(pattern=pattern, wanted=wanted, edit=edit)
        publication = publish_shifts(commune=commune, until=until, now=now, patterns=[pattern])
        lost = [each for each in orphans(commune, now) if each.appointment.pk not in before]
        if not keep:
            transaction.set_rollback(True)
    return PatternChange(publication, lost)
