"""What the provider reports about a message, in whatever order it comes."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from notifications.actions.suppressions import suppress
from notifications.enums import Failure, State, StopReason
from notifications.models import Message


@transaction.atomic
def report(
    *, message_id: int, provider_id: str, state: State, code: str = "", failure: str = "", now: datetime
) -> bool:
    """Move a message forward; False if that is no news. A report may come before the reply to our own
    request, so it also settles what was in doubt. A report about another try of ours is none of this row's.
    """
    rows = Message.objects.filter(Q(provider_id="") | Q(provider_id=provider_id), pk=message_id)
    rows = rows.exclude(state__in=(State.OWED, State.EXPIRED, State.TOLD))
    rows.filter(provider_id="").update(provider_id=provider_id)
    rows.filter(sent_at=None).update(sent_at=now)
    values: dict[str, object] = {"state": state, "claim": "", "error_code": code, "failure": failure}
    if state == State.DELIVERED:
        values["delivered_at"] = now
    if failure == Failure.STOPPED:
        for refused in rows.select_related("commune"):
            suppress(commune=refused.commune, number=refused.recipient, reason=StopReason.PROVIDER, now=now)
    return bool(rows.below(state).update(**values))
