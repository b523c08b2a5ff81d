"""The messages that a change would make leave: the change is made, the sweep's own plan is asked, and all of
it is rolled back."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Max

from booking import log
from booking.actions.base import action
from booking.enums import EventKind, Status
from booking.models import Appointment, AppointmentEvent
from communes.models import Commune
from core.announcing import follow_up
from notifications import histories
from notifications.enums import Audience, Channel, DeskReason, MessageKind
from notifications.models import Message
from notifications.plan.topics import SETTING
from notifications.sending.plan_messages import plan_appointments
from notifications.texts.gsm7 import Segments, measure
from notifications.writing import why_silent

UNKNOWN_NUMBER = "______"
"""Stands in a text for the number of an appointment that gets its number only when the change is made."""
MOST_SHOWN = 30
"""A page shows so many messages in full; a change of the settings may make hundreds leave."""
AT_ONCE = timedelta(minutes=1)
"""What is due within the next sweep leaves at once."""


@dataclass(frozen=True, slots=True)
class AnnouncedMessage:
    """A message that would leave, or with the channel `desk` a line on the call list."""

    name: str
    """Whom it is to, as the desk knows them."""
    relation: str
    """Of a contact person to the resident."""
    is_contact: bool
    recipient: str
    channel: Channel
    kind: MessageKind
    text: str
    language: str
    segments: Segments
    why: DeskReason | str
    due_at: datetime
    leaves_later: bool
    """Not sent now, because no such message may leave at this hour."""
    resident_id: int | None

    @property
    def is_automatic(self) -> bool:
        return self.channel != Channel.DESK


@dataclass(frozen=True, slots=True)
class Untold:
    """A resident whom the change concerns and to whom nothing leaves; `why`, if they cannot be reached."""

    name: str
    why: DeskReason | str
    takes_place: bool
    resident_id: int


@dataclass(frozen=True, slots=True)
class Announcement:
    messages: tuple[AnnouncedMessage, ...] = ()
    untold: tuple[Untold, ...] = ()
    is_refused: bool = False
    """The change would be refused: its form is incomplete, or somebody was faster."""

    @property
    def residents(self) -> list[int | None]:
        """The ids of those who are named."""
        return [each.resident_id for each in self.shown] + [each.resident_id for each in self.untold]

    @property
    def shown(self) -> Sequence[AnnouncedMessage]:
        return self.messages[:MOST_SHOWN]

    @property
    def not_shown(self) -> int:
        return len(self.messages) - len(self.shown)

    @property
    def leaving(self) -> list[AnnouncedMessage]:
        return [each for each in self.messages if each.is_automatic]

    @property
    def to_call(self) -> list[AnnouncedMessage]:
        return [each for each in self.messages if not each.is_automatic]

    @property
    def text_messages(self) -> int:
        """How many text messages are paid for."""
        return sum(each.segments.count for each in self.messages if each.channel == Channel.SMS)

    @property
    def digest(self) -> str:
        """Of who is told what, to know whether it is still what was shown."""
        told = sorted(f"{each.channel} {each.recipient} {each.kind} {each.text}" for each in self.messages)
        return sha256("\n".join(told).encode()).hexdigest()[:16]


def announce_change(change: Callable[[], bool], *, commune: Commune, now: datetime) -> Announcement:
    """What would leave if `change` were made now; it returns False where it is refused."""
    found, numbers = _rehearse(change, commune=commune, now=now)
    return _without(_unsettled(numbers), found)


@action
def _rehearse(
    change: Callable[[], bool], *, commune: Commune, now: datetime
) -> tuple[Announcement, dict[int, str]]:
    """The announcement, and the numbers that the appointments have in the rehearsal, by id."""
    with transaction.atomic():
        before = _Before.read()
        with log.recording() as touched:
            done = change()
            if done:
                follow_up(commune_id=commune.pk, now=now)
        if done:
            plan_appointments(touched, now=now)
        seen = _read(touched, before, now) if done else (Announcement(is_refused=True), {})
        transaction.set_rollback(True)
    return seen


@dataclass(frozen=True, slots=True)
class _Before:
    """The last ids before the change: what has a higher one, and is about an appointment that the change has
    locked, was written by it."""

    message: int
    event: int

    @classmethod
    def read(cls) -> "_Before":
        last = (each.objects.aggregate(last=Max("pk"))["last"] or 0 for each in (Message, AppointmentEvent))
        return cls(*last)


def _read(touched: Collection[int], before: _Before, now: datetime) -> tuple[Announcement, dict[int, str]]:
    rows = Message.objects.filter(appointment__in=touched, pk__gt=before.message).select_related("resident")
    messages = list(rows.order_by("told_start", "-audience", "pk"))
    told = {each.appointment_id for each in messages if each.audience == Audience.RESIDENT}
    numbers = dict(Appointment.objects.filter(pk__in=touched).values_list("pk", "number"))
    # What is cancelled with a grace is told at its end.
    made = AppointmentEvent.objects.filter(pk__gt=before.event, appointment__in=touched)
    told_from = max(now, made.aggregate(last=Max("at"))["last"] or now)
    announcement = Announcement(
        tuple(_message(each, told_from) for each in messages),
        tuple(_untold(set(touched) - told, before)),
    )
    return announcement, numbers


def _message(row: Message, told_from: datetime) -> AnnouncedMessage:
    resident, is_contact = row.resident, row.audience == Audience.CONTACT
    return AnnouncedMessage(
        name=(resident.contact_name if is_contact else str(resident)) if resident else "",
        relation=resident.contact_relation if resident and is_contact else "",
        is_contact=is_contact,
        recipient=row.recipient,
        channel=Channel(row.channel),
        kind=MessageKind(row.kind),
        text=row.text,
        language=row.language,
        segments=measure(row.text),
        why=DeskReason(row.why) if row.why else "",
        due_at=row.due_at,
        leaves_later=row.due_at > told_from + AT_ONCE,
        resident_id=row.resident_id,
    )


def _untold(ids: Collection[int], before: _Before) -> Iterator[Untold]:
    """The residents to whom nothing leaves although their own time was set or taken back."""
    if not ids:
        return
    changed = AppointmentEvent.objects.filter(pk__gt=before.event, kind__in=(*SETTING, EventKind.CANCELLED))
    rows = Appointment.objects.filter(pk__in=ids, resident__isnull=False, is_walk_in=False)
    appointments = list(
        rows.filter(events__in=changed)
        .distinct()
        .select_related("commune", "resident")
        .order_by("starts_at", "pk")
    )
    named: set[int] = set()
    for found, history in histories.load_histories(appointments).items():
        appointment = next(each for each in appointments if each.pk == found)
        if (pk := appointment.resident_id) is not None and pk not in named:
            named.add(pk)
            is_booked = appointment.status == Status.BOOKED
            yield Untold(str(appointment.resident), why_silent(history), is_booked, pk)


def _unsettled(numbers: Mapping[int, str]) -> set[str]:
    """The appointment numbers that were drawn in the rehearsal only: the change itself draws others."""
    settled = dict(Appointment.objects.filter(pk__in=numbers).values_list("pk", "number"))
    return {number for pk, number in numbers.items() if settled.get(pk) != number}


def _without(numbers: Collection[str], announcement: Announcement) -> Announcement:
    def hidden(text: str) -> str:
        for number in numbers:
            text = text.replace(number, UNKNOWN_NUMBER)
        return text

    messages = tuple(replace(each, text=hidden(each.text)) for each in announcement.messages)
    return replace(announcement, messages=messages)
