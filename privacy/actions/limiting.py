"""Limitation of the use of a record (GDPR, article 18), with the request that it answers."""

from datetime import datetime

from agents.models import Agent
from booking.actions import Limited, lift_limitation, limit_resident
from booking.actions.base import action
from booking.enums import LimitedFor
from booking.log import Actor
from booking.models import Resident
from privacy.actions.requests import answered_now
from privacy.enums import CameBy, RequestState, Right
from privacy.models import RightsRequest


@action
def limit(
    *, resident: Resident, why: LimitedFor, came_by: CameBy, cancels: bool, by: Agent, now: datetime
) -> Limited:
    """Keep the record and use it no more, as the person asked: their request is answered. `cancels`: they
    want their coming appointments cancelled. Raises what `limit_resident` does."""
    done = limit_resident(resident=resident, why=why, cancels=cancels, by=Actor.agent(by), now=now)
    answered_now(
        commune=resident.commune,
        right=Right.LIMITATION,
        came_by=came_by,
        resident=resident,
        proof={
            "why": why.value,
            "cancelled": done.cancelled,
            "kept": done.kept,
            "given_back": done.given_back,
        },
        by=by,
        now=now,
    )
    return done


@action
def lift(*, resident: Resident, by: Agent, now: datetime) -> bool:
    """Use the record again; the agent says that the person was told before (article 18, paragraph 3), and the
    request that was answered by the limitation keeps that. Whether it was limited. Raises RecordGone."""
    if not lift_limitation(resident=resident, by=Actor.agent(by), now=now):
        return False
    answered = RightsRequest.objects.select_for_update().filter(
        commune=resident.commune, resident=resident, right=Right.LIMITATION, state=RequestState.DONE
    )
    request = answered.order_by("-closed_at", "-pk").first()
    if request is not None:
        lifted_on = resident.commune.local(now).date().isoformat()
        request.proof = {**request.proof, "lifted_on": lifted_on, "was_told": True}
        request.save(update_fields=["proof"])
    return True
