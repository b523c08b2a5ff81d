"""What a provider says about a message, in its answer or in a later report, and what follows from it."""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from booking.actions.base import action
from notifications import alarms, next_looks
from notifications.actions.erasures import leave_unknown_to_provider
from notifications.actions.suppressions import suppress
from notifications.enums import ErrorScope, Failure, State, StopReason
from notifications.models import Message, ProviderAlarm
from notifications.providers.base import Refusal

MAX_ATTEMPTS = 5
BACK_OFF = timedelta(seconds=30)
SUSPECT_WITHIN = timedelta(minutes=10)
SUSPECT_NUMBERS = 3
"""If this many different recipients are refused within SUSPECT_WITHIN, the cause is the sender or the
account, not the recipients."""
SUSPICIOUS = {ErrorScope.PAIR: ErrorScope.SENDER, ErrorScope.DOUBTFUL: ErrorScope.ACCOUNT}
"""Errors that concern one recipient, or else everything in the wider scope."""
SUSPECT_TRIES = 3
"""After this many refusals that may be due to its recipient, a message no longer waits for the others."""


@action
def report(
    *, message_id: int, provider_id: str, state: State, refusal: Refusal | None = None, now: datetime
) -> bool:
    """Move a message to the reported state; False if the report changes nothing.

    A report may come before the answer to our own request, so it also settles a message in doubt. A report
    about an earlier try of the same message is ignored.
    """
    if state == State.DELIVERED:
        next_looks.look_now(Message.objects.filter(pk=message_id), now=now)
    message = _reported(message_id, provider_id)
    if message is None:
        # It may have been deleted here before we knew what the provider calls it.
        leave_unknown_to_provider([(message_id, None, provider_id)])
        return False
    rows = Message.objects.filter(pk=message.pk)
    rows.update(provider_id=provider_id, sent_at=Coalesce("sent_at", now))
    if refusal:
        return refused(message=message, rows=rows.below(state), refusal=refusal, by_report=True, now=now)
    values: dict[str, object] = {"state": state, "claim": "", "error_code": "", "failure": ""}
    if state == State.DELIVERED:
        values["delivered_at"] = now
        alarms.has_arrived(message)
    return bool(rows.below(state).update(**values))


def _reported(message_id: int, provider_id: str) -> Message | None:
    """The message, if the report is about its latest try. While the message is being sent again, the
    provider's id in the row is still that of an earlier try."""
    on_its_way = Q(state__in=(State.SENDING, State.UNKNOWN))
    same = Q(provider_id=provider_id)
    last = Q(provider_id="") | (on_its_way & ~same) | (~on_its_way & same)
    rows = Message.objects.select_for_update(of=("self",)).filter(last, pk=message_id)
    return rows.exclude(state__in=(State.PENDING, State.EXPIRED, State.TOLD)).first()


@action
def refused(
    *, message: Message, rows: QuerySet[Message], refusal: Refusal, by_report: bool, now: datetime
) -> bool:
    """Write down that `message` was refused, if it is still one of `rows`; False if it is not.

    If the sender or the account is refused, the message waits as it did before this try. The try then counts
    only if the recipient may be the cause. Otherwise the message is tried again later or has failed, and then
    the plan chooses the person's next contact way.
    """
    scope = _scope(message, refusal, now)
    if scope in (ErrorScope.SENDER, ErrorScope.ACCOUNT):
        if not rows.update(
            state=State.PENDING,
            claim="",
            error_code=refusal.code,
            failure=Failure.ACCOUNT if scope == ErrorScope.ACCOUNT else Failure.SENDER,
            attempts=F("attempts") - (0 if refusal.scope in SUSPICIOUS else 1),
            sent_at=None,
            delivered_at=None,
        ):
            return False
        alarms.raise_alarm(message, refusal, scope=scope, by_report=by_report, now=now)
        if scope == ErrorScope.SENDER:
            alarms.account_probe_inconclusive(message, now=now)
        return True
    if not by_report:
        alarms.probe_inconclusive(message, now=now)
    if refusal.failure == Failure.TRANSIENT and not by_report and message.attempts < MAX_ATTEMPTS:
        later = now + BACK_OFF * 2 ** (message.attempts - 1)
        return bool(
            rows.update(
                state=State.PENDING, claim="", error_code=refusal.code, failure=refusal.failure, due_at=later
            )
        )
    if refusal.failure == Failure.STOPPED:
        suppress(commune=message.commune, number=message.recipient, reason=StopReason.PROVIDER, now=now)
    return bool(
        rows.update(
            state=State.FAILED,
            claim="",
            error_code=refusal.code,
            failure=refusal.failure,
            sent_at=Coalesce("sent_at", now),
            failed_at=now,
        )
    )


def _scope(message: Message, refusal: Refusal, now: datetime) -> ErrorScope:
    """The scope of a refusal. If it may be due to the recipient or to more, other recent failures decide."""
    if refusal.scope not in SUSPICIOUS:
        return refusal.scope
    if message.attempts >= SUSPECT_TRIES:
        return ErrorScope.DESTINATION
    wider = SUSPICIOUS[refusal.scope]
    stopped = ProviderAlarm.objects.filter(channel=message.channel)
    failed = Message.objects.filter(state=State.FAILED, failed_at__gt=now - SUSPECT_WITHIN)
    if wider == ErrorScope.SENDER:
        stopped = stopped.filter(commune=message.commune_id)
        failed = failed.filter(commune=message.commune_id, channel=message.channel, failure=refusal.failure)
    else:
        stopped = stopped.filter(commune=None)
        failed = failed.filter(channel__in=refusal.channels, failure=refusal.failure, error_code=refusal.code)
    if stopped.exists():
        return wider
    others = failed.exclude(recipient=message.recipient).values("recipient").distinct().count()
    return wider if others + 1 >= SUSPECT_NUMBERS else ErrorScope.DESTINATION
