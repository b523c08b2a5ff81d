"""After a backup was restored, messages of the hours that it does not know may have left already.

For a day, whatever leaves for the first time by text message or call is first looked for at the provider, as
one whose answer was lost (`sending/reconcile.py`): found, it has left; not found, it leaves a moment later.
"""

from collections.abc import Sequence, Set
from datetime import datetime, timedelta

from django.db.models import QuerySet, Subquery

from booking.actions.base import action
from notifications.enums import Channel, State
from notifications.models import Heartbeat, Message

FROM = "restored_from"
AT = "restored_at"
LOOK_FOR = timedelta(days=1)
FURTHEST_BACK = timedelta(hours=20)
"""Below the day after which `reconcile` takes an unanswered question for the answer « lost »."""
_ASKABLE = (Channel.SMS, Channel.VOICE)


@action
def mark_restored(*, backup_at: datetime, now: datetime) -> None:
    for name, at in ((FROM, backup_at), (AT, now)):
        Heartbeat.objects.update_or_create(name=name, defaults={"at": at})


def with_marks(claimed: QuerySet[Message]) -> QuerySet[Message]:
    """Messages with the instants that `look_for_first` reads, so that it asks nothing more."""
    marks = {name: Heartbeat.objects.filter(name=name).values("at") for name in (FROM, AT)}
    return claimed.annotate(**{name: Subquery(rows) for name, rows in marks.items()})


def unknown_since(message: Message, now: datetime) -> datetime | None:
    """Since when messages may have left that this database does not know; None if it was not restored
    lately."""
    saved_at: datetime | None = getattr(message, FROM)
    restored_at: datetime | None = getattr(message, AT)
    if saved_at is None or restored_at is None or now - restored_at > LOOK_FOR:
        return None
    return max(saved_at, now - FURTHEST_BACK)


def look_for_first(messages: Sequence[Message], *, now: datetime) -> list[Message]:
    """Put in doubt those claimed messages (`with_marks`) that may have left before the restore; returns the
    others."""
    first = [each for each in messages if each.attempts == 1 and each.channel in _ASKABLE]
    since = unknown_since(first[0], now) if first else None
    if since is None:
        return list(messages)
    apart = {each.pk for each in first}
    _put_in_doubt(apart, since)
    return [each for each in messages if each.pk not in apart]


@action
def _put_in_doubt(ids: Set[int], since: datetime) -> None:
    doubtful = Message.objects.filter(pk__in=ids, state=State.SENDING)
    doubtful.update(state=State.UNKNOWN, claimed_at=since)
