"""Requests of residents: written down, answered, refused; with the deadline of the law."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.actions.base import action
from booking.models import Resident
from communes.models import Commune
from core.days import months_after
from core.edits import lock_row
from privacy.enums import CameBy, Refusal, RequestState, Right
from privacy.errors import RequestClosed, TooLateToReopen
from privacy.models import RightsRequest

MONTHS = 1
MONTHS_MORE = 2
"""Article 12, paragraph 3, of the GDPR: one month; two more where it is complex, if the person is told."""
REOPENED_WITHIN = timedelta(days=1)


def whose(resident: Resident) -> Resident:
    """The record that stands for this one now, locked: a colleague may have merged it since it was read.
    Raises RecordGone where it was erased."""
    row = lock_row(Resident.objects.select_related("commune", "merged_into"), resident.pk)
    return row if row.merged_into is None else whose(row.merged_into)


@action
def open_request(
    *,
    commune: Commune,
    right: Right,
    came_by: CameBy,
    asked_on: date,
    resident: Resident | None = None,
    by: Agent,
    now: datetime,
) -> RightsRequest:
    """Write down a request that is yet to be answered: within a month of `asked_on`, the commune's day on
    which it came. Raises RecordGone."""
    return RightsRequest.objects.create(
        commune=commune,
        resident=None if resident is None else whose(resident),
        right=right,
        came_by=came_by,
        asked_on=asked_on,
        due_on=months_after(asked_on, MONTHS),
        opened_at=now,
        opened_by=by,
    )


@action
def answered_now(
    *,
    commune: Commune,
    right: Right,
    came_by: CameBy,
    resident: Resident | None,
    proof: Mapping[str, object],
    by: Agent,
    now: datetime,
) -> RightsRequest:
    """Note that a right was exercised at this moment. The oldest open request of this resident for the same
    right is closed by it; without one, a request is written down as asked for and answered today."""
    waiting = RightsRequest.objects.select_for_update().filter(
        commune=commune, resident=resident, right=right, state=RequestState.OPEN
    )
    request = waiting.order_by("asked_on", "pk").first() if resident is not None else None
    if request is None:
        today = commune.local(now).date()
        request = open_request(
            commune=commune, right=right, came_by=came_by, asked_on=today, resident=resident, by=by, now=now
        )
    return _close(request, RequestState.DONE, by=by, now=now, proof=proof)


def note_correction(resident: Resident, count: int, agent_id: int, now: datetime) -> None:
    """Note that a record was corrected as its person asked, within the transaction of the correction."""
    answered_now(
        commune=resident.commune,
        right=Right.CORRECTION,
        came_by=CameBy.DESK,
        resident=resident,
        proof={"corrected": count},
        by=Agent.objects.get(pk=agent_id),
        now=now,
    )


@action
def close_request(
    *, request: RightsRequest, by: Agent, now: datetime, proof: Mapping[str, object] | None = None
) -> RightsRequest:
    """Note that a request is answered. Raises RequestClosed."""
    return _close(_open(request), RequestState.DONE, by=by, now=now, proof=proof or {})


@action
def refuse_request(*, request: RightsRequest, why: Refusal, by: Agent, now: datetime) -> RightsRequest:
    """Note that a request is refused, and why. Raises RequestClosed."""
    row = _open(request)
    row.refusal = why
    return _close(row, RequestState.REFUSED, by=by, now=now, proof={})


@action
def extend_request(*, request: RightsRequest) -> RightsRequest:
    """Give it two more months: the person has been told why. Once; again it changes nothing. Raises
    RequestClosed."""
    row = _open(request)
    if not row.is_extended:
        row.is_extended = True
        row.due_on = months_after(row.asked_on, MONTHS + MONTHS_MORE)
        row.save(update_fields=["is_extended", "due_on"])
    return row


@action
def reopen_request(*, request: RightsRequest, now: datetime) -> RightsRequest:
    """Take back that a request is answered or refused, within a day. What was done stays done. Again it
    changes nothing. Raises TooLateToReopen."""
    row = RightsRequest.objects.select_for_update().get(pk=request.pk)
    if row.state == RequestState.OPEN:
        return row
    if not may_be_reopened(row, now):
        raise TooLateToReopen(_("This request was answered more than a day ago. Write down a new one."))
    row.state, row.refusal, row.closed_by, row.closed_at, row.proof = RequestState.OPEN, "", None, None, {}
    row.save()
    return row


def may_be_reopened(row: RightsRequest, now: datetime) -> bool:
    """Of an erasure nothing can be answered again: the person is gone."""
    is_over = row.right == Right.ERASURE and row.state == RequestState.DONE
    return not is_over and row.closed_at is not None and row.closed_at > now - REOPENED_WITHIN


def move_requests(*, keep: Resident, duplicate: Resident) -> None:
    """The requests of a record that is merged belong to the record that is kept, in the same transaction."""
    RightsRequest.objects.filter(resident=duplicate).update(resident=keep)


def _open(request: RightsRequest) -> RightsRequest:
    row = RightsRequest.objects.select_for_update().get(pk=request.pk)
    if row.state != RequestState.OPEN:
        raise RequestClosed(_("This request has been answered already."))
    return row


def _close(
    row: RightsRequest, state: RequestState, *, by: Agent, now: datetime, proof: Mapping[str, object]
) -> RightsRequest:
    row.state, row.closed_by, row.closed_at, row.proof = state, by, now, dict(proof)
    row.save()
    return row
