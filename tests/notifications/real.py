"""The same events as in the model of `pretend.py`, on a real database with the real sweep."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Lock
from typing import Any

from django.db import transaction

from booking.enums import ActorKind, EventKind, Origin, Reason, Status
from booking.log import Actor, write
from booking.models import Appointment, Resident, ResidentPhone
from communes.models import Commune
from notifications import histories
from notifications.actions import report, suppress
from notifications.enums import AUTOMATIC, Channel, Failure, State, StopReason
from notifications.models import Message, MessageSettings
from notifications.plan.decide import plan
from notifications.plan.history import AppointmentHistory, Reach
from notifications.providers.base import Outgoing, Receipt, Refusal, ReplyLost
from notifications.sending.sweep import sweep
from tests.factories import make_appointment, make_cabin, make_commune, make_service, make_site
from tests.notifications.pretend import World

PROVIDED = "SMreal"
SENDER = "+33199000010"
STRIDE = timedelta(hours=25)
STANDS = {
    EventKind.CANCELLED: Status.CANCELLED,
    EventKind.NO_SHOW: Status.NO_SHOW,
    EventKind.LAPSED: Status.LAPSED,
}


class Drawn:
    """A provider whose messages end as they were drawn."""

    def __init__(self) -> None:
        self.outcomes: Iterator[tuple[State, str]] = iter(())
        self.lock = Lock()
        self.serial = count(1)

    def send(self, message: Outgoing) -> Receipt:
        with self.lock:
            state, failure = next(self.outcomes)
            sid = f"{PROVIDED}{next(self.serial)}"
        if state == State.UNKNOWN:
            raise ReplyLost
        if message.channel == Channel.VOICE and failure == Failure.TRANSIENT:
            failure = Failure.NO_ANSWER
        return Receipt(sid, state, Refusal("drawn", Failure(failure)) if failure else None)

    def find(self, message: Outgoing, known_ids: Any) -> Receipt:
        """What was in doubt had arrived there."""
        return Receipt(f"{PROVIDED}{next(self.serial)}")

    def state_of(self, message: Outgoing, provider_id: str) -> Receipt:
        """Of what was only sent, nothing was ever reported."""
        return Receipt(provider_id)


class RealWorld(World):
    """`history` is what the database says. After each sweep nothing more may be owed, nor anything wait that
    should not."""

    def __init__(self, world: World, provider: Drawn) -> None:
        self.provider = provider
        provider.outcomes = world.outcomes
        self.pk = _settle(world.history, world.now).pk
        self.now, self.down, self.sent = world.now, False, []

    @property
    def history(self) -> AppointmentHistory:  # type: ignore[override]
        appointment = Appointment.objects.select_related("commune", "site", "resident").get(pk=self.pk)
        return histories.load_histories([appointment])[self.pk]

    def pass_time(self, until: datetime) -> None:
        """From one instant at which something may be due to the next; in strides where there is none. What
        has just been changed rings for a sweep."""
        self.sweep()
        while self.now < until:
            self.now = min(until, self.now + STRIDE, *self._instants())
            self.sweep()
            self.let_lapse()

    def _instants(self) -> list[datetime]:
        history = self.history
        due = Message.objects.filter(state=State.PENDING, channel__in=AUTOMATIC).values_list(
            "due_at", flat=True
        )
        instants = [*due, plan(history, self.now).again_at, history.held_until]
        return [each for each in instants if each is not None and each > self.now]

    def sweep(self) -> None:
        if self.down:
            return
        sweep(now=self.now)
        answer = plan(self.history, self.now + timedelta(seconds=1))
        assert (answer.planned, answer.stale) == ((), ()), f"owed at {self.now} and not written down"

    def change(self, kind: EventKind, **fields: Any) -> None:
        by_agent, by_resident = fields.pop("by_agent", False), fields.pop("by_resident", False)
        row = Appointment.objects.get(pk=self.pk)
        changes = {}
        if "start" in fields:
            start = fields.pop("start")
            changes["starts_at"] = (row.starts_at.isoformat(), start.isoformat())
            row.ends_at, row.blocked_until = (each + (start - row.starts_at) for each in _ends(row))
            row.starts_at = start
        row.status = STANDS.get(kind, Status.BOOKED)
        row.held_until = fields.pop("held_until", row.held_until if row.status == Status.HELD else None)
        assert not fields
        row.save()
        actor = ActorKind.AGENT if by_agent else ActorKind.RESIDENT if by_resident else ActorKind.SYSTEM
        reason = Reason.RESIDENT_ASKED if by_resident else Reason.NONE
        with transaction.atomic():
            write(appointment=row, kind=kind, at=self.now, by=Actor(actor), reason=reason, changes=changes)

    def later(self, outcome: State) -> None:
        refusal = Refusal("drawn", Failure.TRANSIENT) if outcome == State.FAILED else None
        for message in Message.objects.filter(state__in=(State.SENT, State.UNKNOWN)):
            sid = message.provider_id or f"{PROVIDED}{next(self.provider.serial)}"
            report(message_id=message.pk, provider_id=sid, state=outcome, refusal=refusal, now=self.now)


def _ends(row: Appointment) -> tuple[datetime, datetime]:
    return row.ends_at, row.blocked_until


def _settle(history: AppointmentHistory, now: datetime) -> Appointment:
    """The rows of a case in which nothing has been told yet."""
    rules = history.rules
    commune = make_commune(
        insee_code=rules.calendar.insee_code,
        time_zone=str(rules.calendar.time_zone),
        sender=SENDER,
        reminder_days_before=rules.reminder_days_before,
    )
    MessageSettings.objects.create(
        commune=commune,
        voice_number=SENDER if rules.can_call else "",
        remind_same_day=rules.remind_same_day,
        confirm_by_call=rules.confirm_by_call,
        invite_missed=rules.invite_missed,
    )
    resident = _person(commune, history.reach) if history.reach else None
    service = make_service(commune)
    start = history.start.astimezone(UTC)
    appointment = make_appointment(
        make_cabin(make_site(commune)),
        service,
        start,
        resident=resident,
        status=history.status,
        held_until=history.held_until,
        origin=Origin.WAITING_LIST if history.is_offer else Origin.DESK,
    )
    (change,) = history.changes
    with transaction.atomic():
        write(
            appointment=appointment,
            kind=change.kind,
            at=now,
            by=Actor(ActorKind.AGENT if change.by_agent else ActorKind.SYSTEM),
            changes={"starts_at": (None, start.isoformat())},
        )
    return appointment


def _person(commune: Commune, who: Reach) -> Resident:
    contact = who.contact
    resident = Resident.objects.create(
        commune=commune,
        first_name="Fatima",
        last_name="Bensaïd",
        search_name="fatima bensaid",
        email=who.email,
        reach_by=who.reach_by,
        contact_phone=contact.number if contact else "",
        contact_is_told=contact is not None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    for phone in who.phones:
        ResidentPhone.objects.create(
            resident=resident,
            number=phone.number,
            is_mobile=phone.is_mobile,
            may_call=phone.may_call,
        )
        if phone.stopped:
            suppress(commune=commune, number=phone.number, reason=StopReason.REPLY, now=resident.created_at)
    return resident
