"""Second half of a sweep: sends what is due.

A batch of rows is claimed by a conditional UPDATE, which is committed before any of them is handed over. Only
then are the providers called, in threads that do not use the database. If the process dies in between, rows
stay in `sending`, and `reconcile.py` looks them up at the provider: nothing is ever sent on a guess.
"""

import logging
import secrets
import time
import traceback
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from booking.actions import is_offer_over
from booking.actions.base import action
from booking.enums import Status
from booking.models import Resident, ResidentPhone
from communes.models import Commune
from notifications import alarms, histories, next_looks, texts
from notifications.actions.deliveries import refused
from notifications.actions.erasures import leave_unknown_to_provider
from notifications.actions.restored import look_for_first, with_marks
from notifications.alarms import ClaimGroup, CurrentAlarms
from notifications.enums import (
    AUTOMATIC,
    WHATEVER_COMES,
    Audience,
    Channel,
    ErrorScope,
    Failure,
    InboundOutcome,
    MessageKind,
    State,
)
from notifications.models import Heartbeat, Message, MessageSettings
from notifications.plan.decide import may_still_leave
from notifications.plan.hours import CallHours, Urgency, may_leave, next_time
from notifications.providers import provider_for
from notifications.providers.base import ChannelError, Outgoing, Receipt, Refusal, ReplyLost
from notifications.sending import plan_faults
from notifications.suppressions import CommuneNumber, suppressed
from notifications.writing import about

logger = logging.getLogger(__name__)

BATCH = THREADS = 32
CALLS_APART = timedelta(seconds=1)
"""The provider accepts one call per second."""
GATE_S = 0.1

type Result = Receipt | ChannelError | ReplyLost


@dataclass(frozen=True, slots=True)
class Elapsing:
    """The time of a sweep: `now` plus the time that has passed since, without reading the calendar clock."""

    began: datetime
    monotonic: float

    @classmethod
    def since(cls, now: datetime) -> "Elapsing":
        return cls(now, time.monotonic())

    def now(self) -> datetime:
        return self.began + timedelta(seconds=time.monotonic() - self.monotonic)


def send_due(*, clock: Elapsing, stop_at: float) -> int:
    """Send until nothing is due or the time is up. Returns how many messages were handed over."""
    sent = 0
    with ThreadPoolExecutor(THREADS) as threads:
        while time.monotonic() < stop_at:
            claimed = claim(now=clock.now())
            if not claimed:
                if not _a_call_waits(clock.now()):
                    break
                time.sleep(GATE_S)
                continue
            ready = look_for_first(check(claimed, now=clock.now()), now=clock.now())
            if len(ready) < len(claimed):
                alarms.probe_unused(set(claimed) - set(ready), now=clock.now())
            results = hand_over(ready, threads, now=clock.now())
            settle(ready, results, now=clock.now())
            sent += len(ready)
    return sent


def claim(*, now: datetime) -> list[Message]:
    """Claim a batch of due messages: they belong to the sweep whose UPDATE changed them. Attempts are
    counted before the provider is called."""
    token = secrets.token_hex(16)
    claimed = 0
    waiting = _due(now)
    with transaction.atomic():
        for group in _groups(now):
            first = _first_of(group, waiting)
            is_call = any(each.channel == Channel.VOICE for each in first)
            if not first or (is_call and not may_call_now()):
                continue
            if group.probe and not alarms.take_probe(group.probe, now=now):
                continue
            ids = [each.pk for each in first]
            claimed += Message.objects.filter(pk__in=ids, state=State.PENDING).update(
                state=State.SENDING, attempts=F("attempts") + 1, claim=token, claimed_at=now
            )
    if not claimed:
        return []
    rows = with_marks(Message.objects.filter(claim=token, state=State.SENDING))
    return list(
        rows.select_related(
            "commune",
            "appointment__site",
            "appointment__resident",
            "resident__merged_into",
            "told_site",
            "inbound",
        ).order_by("urgency", "due_at", "id")
    )


def _due(now: datetime) -> QuerySet[Message]:
    due = Message.objects.filter(state=State.PENDING, due_at__lte=now, expires_at__gt=now).unpaused()
    return due.exclude(quiet(now))


def _groups(now: datetime) -> list[ClaimGroup]:
    return CurrentAlarms.at(now).groups([each for each in AUTOMATIC if provider_for(each)])


def _first_of(group: ClaimGroup, waiting: QuerySet[Message]) -> list[Message]:
    """The messages to claim of a group. One if they are calls, because the next may start only a second
    later and a claimed message must leave at once. One if it is a probe for an alarm."""
    due, limit = waiting.filter(group.rows, channel__in=group.channels), 1
    if group.probe:
        # Recipients take turns. One who is always refused must not prevent the others from probing, however
        # many and urgent their own messages are.
        due = due.annotate(tried_at=_tried_at()).order_by(
            F("tried_at").asc(nulls_first=True), "urgency", "due_at", "id"
        )
    elif group.channels == (Channel.VOICE,):
        due = due.order_by("urgency", F("claimed_at").asc(nulls_first=True), "due_at", "id")
    else:
        due, limit = due.order_by("urgency", "due_at", "id"), BATCH
    return list(due.select_for_update(of=("self",), skip_locked=True).only("pk", "channel")[:limit])


def _tried_at() -> Subquery:
    """When a message to the same recipient was last tried and did not leave."""
    tried = Message.objects.filter(
        recipient=OuterRef("recipient"),
        channel=OuterRef("channel"),
        claimed_at__isnull=False,
        state__in=(State.PENDING, State.SENDING, State.UNKNOWN, State.FAILED),
    )
    return Subquery(tried.order_by("-claimed_at").values("claimed_at")[:1])


def _a_call_waits(now: datetime) -> bool:
    """Whether nothing could be claimed only because the last call began less than a second ago."""
    calls = Message.objects.filter(
        state=State.PENDING, channel=Channel.VOICE, due_at__lte=now, expires_at__gt=now
    )
    return calls.exists() and any(
        _due(now).filter(group.rows, channel=Channel.VOICE).exists()
        for group in _groups(now)
        if Channel.VOICE in group.channels
    )


def quiet(now: datetime) -> Q:
    """The messages that may not leave at this hour of their commune."""
    forbidden = Q(pk__in=[])
    for commune in Commune.objects.only("time_zone", "insee_code"):
        calendar = histories.calendar(commune)
        for urgency in (Urgency.NOW, Urgency.CALM):
            if not may_leave(calendar, now, urgency):
                forbidden |= Q(commune=commune.pk, urgency=urgency)
    return forbidden


# ---- the last check --------------------------------------------------------------------------------


def check(claimed: Sequence[Message], *, now: datetime) -> list[Message]:
    """The claimed messages that are still true and welcome. The others are put back or ended."""
    phones = _phones(claimed)
    stopped = suppressed(
        (each.commune_id, each.recipient) for each in claimed if each.channel != Channel.EMAIL
    )
    ready: list[Message] = []
    for message in claimed:
        phone = phones.get((_resident_id(message), message.recipient))
        if _is_paused(message):
            _release(message, state=State.PENDING, attempts=message.attempts - 1)
        elif _is_limited(message):
            _release(message, state=State.FAILED, failure=Failure.LIMITED, failed_at=now)
        elif not _is_true(message, now):
            _release(message, state=State.EXPIRED)
        elif message.kind != MessageKind.ANSWER and _is_stopped(message, phone, stopped):
            _release(message, state=State.FAILED, failure=Failure.STOPPED)
        elif message.kind != MessageKind.ANSWER and _is_theirs_no_more(message, phone):
            _release(message, state=State.FAILED, failure=Failure.REPLACED)
        elif later := _wished_later(message, phone, now):
            _release(message, state=State.PENDING, due_at=later, attempts=message.attempts - 1)
        else:
            ready.append(message)
    return ready


def _is_limited(message: Message) -> bool:
    """Whether the record of the person it is to was limited since it was written down. Of who had an
    appointment before, the message may be about somebody else's."""
    resident = _resident(message) or (message.appointment.resident if message.appointment else None)
    return resident is not None and resident.is_limited


def _is_paused(message: Message) -> bool:
    """Whether the appointment was cancelled, with a grace, after the message was claimed."""
    appointment = message.appointment
    in_grace = appointment is not None and appointment.status == Status.CANCELLING
    return in_grace and message.kind not in WHATEVER_COMES


def _is_true(message: Message, now: datetime) -> bool:
    appointment = message.appointment
    if appointment is None:
        if message.kind == MessageKind.FAULT:
            return not plan_faults.is_over(message)
        return message.kind in (MessageKind.ANSWER, MessageKind.CALL_BACK, MessageKind.TEST)
    if message.kind == MessageKind.OFFER and is_offer_over(appointment, now):
        return False
    told = (message.told_start, message.told_site_id) if message.told_start and message.told_site_id else None
    if message.kind == MessageKind.ANSWER and message.inbound and not message.asks:
        is_confirmed = message.inbound.outcome == InboundOutcome.CONFIRMED
        now_is = appointment.starts_at, appointment.site_id
        return not is_confirmed or (appointment.status == Status.BOOKED and told == now_is)
    return may_still_leave(
        MessageKind(message.kind),
        told,
        status=Status(appointment.status),
        start=appointment.starts_at,
        site_id=appointment.site_id,
        is_theirs=histories.is_theirs(message),
    )


def _phones(messages: Iterable[Message]) -> dict[tuple[int | None, str], ResidentPhone]:
    wanted = {message.recipient for message in messages if message.channel != Channel.EMAIL}
    residents = {_resident_id(message) for message in messages}
    rows = ResidentPhone.objects.filter(resident__in=residents, number__in=wanted)
    return {(row.resident_id, row.number): row for row in rows}


def _resident(message: Message) -> Resident | None:
    """The resident the message is to: their record may have been merged since it was written down."""
    if message.resident is not None and message.resident.merged_into is not None:
        return message.resident.merged_into
    return message.resident


def _resident_id(message: Message) -> int | None:
    resident = _resident(message)
    return resident.pk if resident else None


def _is_stopped(message: Message, phone: ResidentPhone | None, stopped: Collection[CommuneNumber]) -> bool:
    if (message.commune_id, message.recipient) in stopped:
        return True
    return message.audience != Audience.CONTACT and phone is not None and not phone.may_call


def _is_theirs_no_more(message: Message, phone: ResidentPhone | None) -> bool:
    """The number was corrected since the message was written down, so whoever has the old one gets
    nothing."""
    resident = _resident(message) if message.appointment else None
    if message.channel == Channel.EMAIL or resident is None:
        return False
    if message.audience == Audience.CONTACT:
        return not resident.contact_is_told or resident.contact_phone != message.recipient
    return phone is None


def _wished_later(message: Message, phone: ResidentPhone | None, now: datetime) -> datetime | None:
    """When the person wants to be called, if not now: after a delay it may be past their hours."""
    if phone is None or message.kind == MessageKind.ANSWER or not (phone.call_from or phone.call_until):
        return None
    hours = CallHours(phone.call_from, phone.call_until)
    later = next_time(histories.calendar(message.commune), now, Urgency(message.urgency), hours)
    return later if later and later > now else None


def _release(message: Message, **values: object) -> None:
    """Give up the claim. The error of an earlier try is cleared, since it is not the reason."""
    Message.objects.filter(pk=message.pk, claim=message.claim, state=State.SENDING).update(
        **{"claim": "", "error_code": "", "failure": "", **values}
    )


# ---- the network -----------------------------------------------------------------------------------


def hand_over(messages: Sequence[Message], threads: ThreadPoolExecutor, *, now: datetime) -> list[Result]:
    """Hand each message to its provider, many at a time."""
    outgoing = outgoing_for(messages, now=now)
    return list(threads.map(_send, outgoing))


def _send(message: Outgoing) -> Result:
    provider = provider_for(message.channel)
    if provider is None:
        return ChannelError(Refusal("no_provider", Failure.ACCOUNT, ErrorScope.ACCOUNT))
    try:
        return provider.send(message)
    except (ChannelError, ReplyLost) as error:
        return error
    except Exception as error:  # noqa: BLE001 whatever it was, the message may have left
        # It is looked up as if the reply had been lost. Only the type is logged: the text may quote the
        # recipient.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("message %s: %s\n%s", message.id, type(error).__name__, where)
        return ReplyLost()


def may_call_now() -> bool:
    """Whether the next call may start. After a yes, every worker gets a no for a second."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name="call", at=datetime(2000, 1, 1, tzinfo=UTC))], ignore_conflicts=True
    )
    now = datetime.now(UTC)
    return bool(Heartbeat.objects.filter(name="call", at__lte=now - CALLS_APART).update(at=now))


def outgoing_for(messages: Sequence[Message], *, now: datetime) -> list[Outgoing]:
    communes = {message.commune_id: message.commune for message in messages}
    settings = {row.commune_id: row for row in MessageSettings.objects.filter(commune__in=communes)}
    return [_outgoing(message, settings.get(message.commune_id), now) for message in messages]


def _outgoing(message: Message, settings: MessageSettings | None, now: datetime) -> Outgoing:
    channel = Channel(message.channel)
    sender = (
        histories.call_sender(settings or MessageSettings(commune=message.commune))
        if channel == Channel.VOICE
        else histories.text_sender(message.commune)
    )
    return Outgoing(
        id=message.pk,
        channel=channel,
        sender=sender.text,
        recipient=message.recipient,
        text=message.text,
        # One line: a name may hold more, which no mail server takes.
        subject=" ".join(_subject(message).splitlines()) if channel == Channel.EMAIL else "",
        language=message.language,
        claimed_at=message.claimed_at,
        valid_for_s=int((message.expires_at - now).total_seconds()),
    )


def _subject(message: Message) -> str:
    words = texts.LANGUAGES[message.language]
    appointment = message.appointment
    if message.kind == MessageKind.FAULT:
        return plan_faults.subject_of(message) or words.town_hall(message.commune.name)
    if appointment is None:
        return words.town_hall(message.commune.name)
    start, site = histories.told_of(message)
    told = about(message.commune, site, start, number=appointment.number)
    return texts.subject(words, MessageKind(message.kind), told)


# ---- the outcome -----------------------------------------------------------------------------------


@action
def settle(messages: Sequence[Message], results: Sequence[Result], *, now: datetime) -> None:
    """Write down what the provider answered. A delivery report may have come before: states only move
    forward."""
    next_looks.look_now(messages, now=now)
    by_state: dict[State, list[Message]] = defaultdict(list)
    taken: list[Message] = []
    refusals: list[tuple[Message, Refusal]] = []
    for message, result in zip(messages, results, strict=True):
        match result:
            case Receipt():
                message.provider_id = result.provider_id
                taken.append(message)
                if result.refusal:
                    refusals.append((message, result.refusal))
                else:
                    by_state[result.state].append(message)
            case ReplyLost():
                by_state[State.UNKNOWN].append(message)
            case ChannelError():
                refusals.append((message, result.refusal))
    for state, group in by_state.items():
        _moved(group, state, now)
    Message.objects.bulk_update(taken, ["provider_id"])
    leave_unknown_to_provider((each.pk, each.commune_id, each.provider_id) for each in taken)
    # Accepted messages come first: a message refused after them may raise an alarm that they would end.
    alarms.was_taken(taken, now=now)
    _log(refusals)
    for message, refusal in refusals:
        _refused(message, refusal, by_report=message in taken, now=now)


def _log(refusals: Iterable[tuple[Message, Refusal]]) -> None:
    """A line for each, but one for all of a batch whose account or sender is refused."""
    ids: dict[tuple[str, ErrorScope], list[int]] = defaultdict(list)
    for message, refusal in refusals:
        ids[refusal.code, refusal.scope].append(message.pk)
    for (code, scope), refused_ids in ids.items():
        if scope in (ErrorScope.ACCOUNT, ErrorScope.SENDER):
            first, count = refused_ids[0], len(refused_ids)
            logger.warning("message %s refused: %s (%s), of %s in all", first, code, scope, count)
        else:
            for pk in refused_ids:
                logger.warning("message %s refused: %s (%s)", pk, code, scope)


def _moved(group: Sequence[Message], state: State, now: datetime) -> None:
    rows = Message.objects.filter(pk__in=[message.pk for message in group])
    if state != State.UNKNOWN:
        rows.filter(sent_at=None).update(sent_at=now)
    delivered = {"delivered_at": now} if state == State.DELIVERED else {}
    rows.below(state).update(state=state, error_code="", failure="", **delivered)


def _refused(message: Message, refusal: Refusal, *, by_report: bool, now: datetime) -> None:
    """Write down a refusal. The message is tried again later, goes another way, or waits until the cause
    is fixed."""
    rows = Message.objects.filter(pk=message.pk, claim=message.claim, state=State.SENDING)
    refused(message=message, rows=rows, refusal=refusal, by_report=by_report, now=now)
