"""That a person was given what is kept about them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from agents.models import Agent
from booking.actions.base import action
from booking.models import Resident
from privacy.actions.requests import answered_now, whose
from privacy.enums import CameBy, RequestState, Right
from privacy.models import RightsRequest

TWICE_WITHIN = timedelta(minutes=10)
"""The same button again within so long is the same act: a second click, or the page of before."""


@action
def note_access_given(
    *, resident: Resident, came_by: CameBy, counts: Mapping[str, int], by: Agent, now: datetime
) -> RightsRequest:
    """Note that the person has received all that is kept about them. `counts`: how many rows of each table
    that was. The same agent noting it again within ten minutes changes nothing. Raises RecordGone."""
    resident = whose(resident)
    earlier = RightsRequest.objects.filter(
        commune=resident.commune_id,
        resident=resident,
        right=Right.ACCESS,
        state=RequestState.DONE,
        closed_by=by,
        closed_at__gt=now - TWICE_WITHIN,
        closed_at__lte=now,
    ).first()
    still_open = RightsRequest.objects.filter(
        commune=resident.commune_id, resident=resident, right=Right.ACCESS, state=RequestState.OPEN
    )
    if earlier is not None and not still_open.exists():
        return earlier
    return answered_now(
        commune=resident.commune,
        right=Right.ACCESS,
        came_by=came_by,
        resident=resident,
        proof={"shown": dict(counts)},
        by=by,
        now=now,
    )
