"""Who is calling whom at this moment, so that two agents do not call one person at the same time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from agents.models import Agent
from booking.actions.base import action
from notifications.enums import Channel, State
from notifications.errors import BeingCalled
from notifications.models import CallClaim, Message

CLAIM_LASTS = timedelta(minutes=15)
"""Longer than nearly all calls. A forgotten claim then ends by itself."""


@action
def claim_call(*, line: Message, by: Agent, now: datetime, takes_over: bool = False) -> CallClaim:
    """Note that `by` calls the person of this line now. Raises BeingCalled while a colleague does, unless
    the agent takes over."""
    whose = _whose(line)
    CallClaim.objects.filter(until__lte=now).delete()
    values = {"agent": by, "since": now, "until": now + CLAIM_LASTS}
    CallClaim.objects.bulk_create([CallClaim(**whose, **values)], ignore_conflicts=True)
    rows = CallClaim.objects.filter(**whose)
    free = rows if takes_over else rows.filter(Q(agent=by) | Q(until__lte=now))
    free.exclude(agent=by, until__gt=now).update(**values)
    claim = rows.select_related("agent").get()
    if claim.agent_id != by.pk:
        raise BeingCalled(_("%(name)s is calling this person.") % {"name": claim.agent.short_name})
    return claim


@action
def release_call(*, line: Message, by: Agent) -> None:
    """The agent does not call this person any more. A colleague's claim stays."""
    CallClaim.objects.filter(**_whose(line), agent=by).delete()


def end_claims(lines: Iterable[Message]) -> None:
    """The person of these lines has been called."""
    for line in lines:
        CallClaim.objects.filter(**_whose(line)).delete()


def _whose(line: Message) -> dict[str, Any]:
    """The person: a resident (the record that stands for them now), else the oldest line of their number."""
    if line.resident is not None:
        return {"resident_id": line.resident.merged_into_id or line.resident.pk}
    same = Message.objects.filter(
        commune=line.commune_id,
        recipient=line.recipient,
        resident=None,
        channel=Channel.DESK,
        state=State.PENDING,
    )
    return {"line_id": same.order_by("pk").values_list("pk", flat=True).first() or line.pk}
