"""How many messages arrive, by channel, for managers; the figures name nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from communes.models import Commune
from notifications.enums import AUTOMATIC, Channel, State, failure_label
from notifications.models import Message

PERIOD = timedelta(days=30)
PENDING = (State.PENDING, State.SENDING, State.UNKNOWN)
"""States whose outcome is open. SENT is one of them too, but not for e-mails: nothing more is reported of
those."""


@dataclass(frozen=True)
class Rate:
    """The figures of one channel over the period. Of an e-mail, only its sending is ever known."""

    channel: Channel
    sent: int
    delivered: int
    pending: int
    failed: int
    reasons: Sequence[tuple[str, int]]

    @property
    def percent(self) -> int | None:
        """How many in a hundred arrived, of those whose outcome is known."""
        known = self.delivered + self.failed
        return round(100 * self.delivered / known) if known and self.channel != Channel.EMAIL else None


def rates_of(commune: Commune, *, now: datetime) -> list[Rate]:
    sent = Message.objects.filter(commune=commune, channel__in=AUTOMATIC, sent_at__gt=now - PERIOD)
    counted = (
        sent.values_list("channel", "state", "failure").annotate(n=Count("id")).order_by("-n", "failure")
    )
    rows = list(counted)
    return [rate for channel in AUTOMATIC if (rate := _rate(channel, rows)).sent]


def _rate(channel: Channel, rows: Sequence[tuple[str, str, str, int]]) -> Rate:
    mine = [(state, why, n) for of, state, why, n in rows if of == channel]

    def count(*states: State) -> int:
        return sum(n for state, _, n in mine if state in states)

    return Rate(
        channel=channel,
        sent=sum(n for _, _, n in mine),
        delivered=count(State.DELIVERED, State.TOLD),
        pending=count(*(PENDING if channel == Channel.EMAIL else (*PENDING, State.SENT))),
        failed=count(State.FAILED),
        reasons=[(failure_label(why, channel), n) for state, why, n in mine if state == State.FAILED and why],
    )
