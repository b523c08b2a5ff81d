"""Reads about faults of cabins: what does not work at present, and the share of opening time in order."""

from collections import defaultdict
from collections.abc import Iterable

from communes.models import Incident


def broken_equipment(cabin_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """By cabin, the equipment that a confirmed fault withdraws at present; one query. Cabins where all works
    are left out."""
    found: dict[int, frozenset[str]] = defaultdict(frozenset)
    rows = Incident.objects.withdrawing().filter(cabin__in=list(cabin_ids))
    for incident in rows.only("cabin_id", "kind"):
        if incident.cabin_id is not None:
            found[incident.cabin_id] |= incident.withdraws
    return dict(found)
