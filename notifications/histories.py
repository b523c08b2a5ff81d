"""Turns database rows into the plain values that the pure plan and texts take."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from booking.enums import ASKED_BY_RESIDENT, ActorKind, AskedBy, EventKind, Origin, ReachBy, Reason, Status
from booking.models import Appointment, AppointmentEvent, Resident, ResidentPhone
from communes.models import Commune, Site
from core.phones import can_receive_sms
from notifications.enums import Audience, Channel, MessageKind, State
from notifications.models import Message, MessageSettings, ProviderAlarm
from notifications.plan.handed_on import since_given
from notifications.plan.history import (
    AppointmentHistory,
    Change,
    MessageRules,
    Reach,
    ReachablePhone,
    SendAttempt,
)
from notifications.plan.hours import Calendar, CallHours
from notifications.providers import is_simulated, provider_for
from notifications.suppressions import CommuneNumber, suppressed
from notifications.texts.sender import Sender, read_sender

SIMULATED_SENDER = "+33199000010"
_TELLING_EVENTS = (
    EventKind.HELD,
    EventKind.BOOKED,
    EventKind.CONFIRMED,
    EventKind.MOVED,
    EventKind.RESTORED,
    EventKind.GIVEN,
    EventKind.CANCELLED,
    EventKind.NO_SHOW,
    EventKind.DELAYED,
    EventKind.ON_TIME,
    EventKind.TO_CALL,
    EventKind.CALL_OFF,
)


def load_histories(appointments: Sequence[Appointment]) -> dict[int, AppointmentHistory]:
    """The histories of these appointments (with commune and resident), by id, in six queries; in seven if
    one of them was given to somebody else."""
    ids = [appointment.pk for appointment in appointments]
    events = _by_appointment(
        AppointmentEvent.objects.filter(appointment__in=ids, kind__in=_TELLING_EVENTS).order_by("id")
    )
    messages = _by_appointment(Message.objects.filter(appointment__in=ids).order_by("id"))
    people = _people(events, messages)
    phones: dict[int, list[ResidentPhone]] = defaultdict(list)
    residents = {appointment.resident_id for appointment in appointments if appointment.resident_id}
    for phone in ResidentPhone.objects.filter(resident__in=residents | set(people)).order_by("id"):
        phones[phone.resident_id].append(phone)
    reached = people | {each.resident.pk: each.resident for each in appointments if each.resident}
    stopped = suppressed(
        line for pk, resident in reached.items() for line in numbers_of(resident, phones.get(pk, []))
    )
    rules = rules_by_commune({appointment.commune_id: appointment.commune for appointment in appointments})
    return {
        appointment.pk: _Facts(
            appointment,
            events[appointment.pk],
            messages[appointment.pk],
            phones,
            people,
            stopped,
            rules[appointment.commune_id],
        ).history()
        for appointment in appointments
    }


def _people(
    events: Mapping[int, list[AppointmentEvent]], messages: Mapping[int, list[Message]]
) -> dict[int, Resident]:
    """By id, everyone who had, or was told of, an appointment that was given to somebody else. For a
    merged record also the record that it became."""
    wanted: set[int | None] = set()
    for pk, rows in events.items():
        given = [event for event in rows if event.kind == EventKind.GIVEN]
        if given:
            wanted.update(*(event.changes["resident"] for event in given))
            wanted.update(message.resident_id for message in messages.get(pk, []))
    wanted.discard(None)
    if not wanted:
        return {}
    known = Resident.objects.filter(Q(pk__in=wanted) | Q(merged__in=wanted)).distinct()
    return {resident.pk: resident for resident in known}


def rules_by_commune(communes: dict[int, Commune]) -> dict[int, MessageRules]:
    settings = {row.commune_id: row for row in MessageSettings.objects.filter(commune__in=communes)}
    alarms = ProviderAlarm.objects.filter(Q(commune=None) | Q(commune__in=communes))
    stopped = [(each.commune_id, Channel(each.channel)) for each in alarms]
    return {
        pk: rules(
            commune,
            settings.get(pk),
            stopped=frozenset(channel for whose, channel in stopped if whose in (None, pk)),
        )
        for pk, commune in communes.items()
    }


def rules(
    commune: Commune, settings: MessageSettings | None, *, stopped: frozenset[Channel] = frozenset()
) -> MessageRules:
    settings = settings or MessageSettings(commune=commune)
    return MessageRules(
        calendar=calendar(commune),
        reminder_days_before=commune.reminder_days_before,
        remind_same_day=settings.remind_same_day,
        confirm_by_call=settings.confirm_by_call,
        invite_missed=settings.invite_missed,
        can_text=provider_for(Channel.SMS) is not None and text_sender(commune).is_usable,
        can_call=provider_for(Channel.VOICE) is not None and call_sender(settings).can_call,
        can_mail=provider_for(Channel.EMAIL) is not None,
        stopped=stopped,
    )


def text_sender(commune: Commune) -> Sender:
    return _sender(commune.sender)


def call_sender(settings: MessageSettings) -> Sender:
    return _sender(settings.voice_number)


def _sender(text: str) -> Sender:
    """In the simulator no sender needs to be bought: it has a number of its own."""
    return read_sender(text or (SIMULATED_SENDER if is_simulated() else ""))


def calendar(commune: Commune) -> Calendar:
    return Calendar(commune.tz, commune.insee_code, (commune.reminders_from, commune.reminders_until))


def reach(
    resident: Resident | None, phones: Iterable[ResidentPhone], stopped: Collection[CommuneNumber]
) -> Reach | None:
    """The ways to reach a resident. `stopped`: which of the numbers from `numbers_of` are on the
    STOP list."""
    if resident is None:
        return None
    contact = None
    if resident.contact_is_told and resident.contact_phone:
        contact = ReachablePhone(
            resident.contact_phone,
            can_receive_sms(resident.contact_phone),
            stopped=(resident.commune_id, resident.contact_phone) in stopped,
        )
    return Reach(
        resident_id=resident.pk,
        phones=tuple(_phone(row, (resident.commune_id, row.number) in stopped) for row in phones),
        email=resident.email,
        reach_by=ReachBy(resident.reach_by),
        contact=contact,
    )


def numbers_of(resident: Resident, phones: Iterable[ResidentPhone]) -> list[CommuneNumber]:
    """All numbers that may be written to or called about this resident, as keys of the STOP list."""
    numbers = [phone.number for phone in phones]
    return [(resident.commune_id, number) for number in (*numbers, resident.contact_phone) if number]


def _phone(row: ResidentPhone, stopped: bool) -> ReachablePhone:
    return ReachablePhone(
        number=row.number,
        is_mobile=row.is_mobile,
        may_call=row.may_call,
        stopped=stopped,
        is_own=row.owner == "self",
        hours=CallHours(row.call_from, row.call_until),
    )


@dataclass(frozen=True)
class _Facts:
    """What the database holds about one appointment; `phones` and `people` by the resident's id."""

    appointment: Appointment
    events: list[AppointmentEvent]
    messages: list[Message]
    phones: Mapping[int, list[ResidentPhone]]
    people: Mapping[int, Resident]
    stopped: Collection[CommuneNumber]
    rules: MessageRules

    def history(self) -> AppointmentHistory:
        appointment = self.appointment
        changes = list(_changes(appointment, self.events))
        now = reach(appointment.resident, self.phones.get(appointment.resident_id or 0, []), self.stopped)
        formers = tuple(self._formers(changes))
        theirs = [each for each in self.messages if not formers or self._is_to(each, appointment.resident_id)]
        return AppointmentHistory(
            status=Status(appointment.status),
            start=appointment.starts_at,
            site_id=appointment.site_id,
            reach=now,
            rules=self.rules,
            changes=since_given(changes),
            attempts=tuple(attempt(message) for message in theirs),
            is_limited=appointment.resident is not None and appointment.resident.is_limited,
            is_walk_in=appointment.is_walk_in,
            is_confirmed=_is_confirmed(appointment, self.events),
            is_offer=appointment.origin == Origin.WAITING_LIST,
            held_until=appointment.held_until,
            formers=formers,
        )

    def _formers(self, changes: list[Change]) -> Iterable[AppointmentHistory]:
        """The histories of the people who had it before and are still known, the last one first. Each has
        as its only change the one by which they last lost it."""
        taken: dict[int, Change] = {}
        by_id = {change.id: change for change in changes}
        for event in self.events:
            if event.kind == EventKind.GIVEN and (pk := self._current(event.changes["resident"][0])):
                taken[pk] = by_id[event.pk]
        taken.pop(self.appointment.resident_id or 0, None)
        for pk, change in sorted(taken.items(), key=lambda item: item[1].id, reverse=True):
            who = reach(self.people[pk], self.phones.get(pk, []), self.stopped)
            attempts = [attempt(each) for each in self.messages if self._is_to(each, pk)]
            history = AppointmentHistory(
                status=Status(self.appointment.status),
                start=self.appointment.starts_at,
                site_id=self.appointment.site_id,
                reach=who,
                rules=self.rules,
                changes=(change,),
                attempts=tuple(attempts),
                is_limited=self.people[pk].is_limited,
            )
            yield history.of_former(change)

    def _is_to(self, message: Message, resident_id: int | None) -> bool:
        return message.resident_id is None or self._current(message.resident_id) == resident_id

    def _current(self, pk: int | None) -> int | None:
        """The id of the record that stands for this person now; None if the person is no longer known."""
        person = self.people.get(pk or 0)
        return (person.merged_into_id or person.pk) if person else None


def _changes(appointment: Appointment, events: list[AppointmentEvent]) -> Iterable[Change]:
    """The events, oldest first, each with the time and the site that the appointment had after it. They
    are derived backwards from the present ones."""
    start, site_id = appointment.starts_at, appointment.site_id
    changes: list[Change] = []
    for event in reversed(events):
        changes.append(
            Change(
                id=event.pk,
                kind=EventKind(event.kind),
                at=event.at,
                by_agent=event.actor == ActorKind.AGENT,
                by_resident=_is_by_resident(event),
                stands=(start, site_id),
                expected_at=expected_at(event),
                reason=Reason(event.reason),
            )
        )
        start = _before(event, "starts_at", start)
        site_id = _before(event, "site", site_id)
    return reversed(changes)


def _is_by_resident(event: AppointmentEvent) -> bool:
    """Whether the resident did this or asked for it. An event from a phone that is not theirs does not
    count: anybody may have keyed the number."""
    if event.reason == Reason.OTHER_PHONE:
        return False
    return event.actor == ActorKind.RESIDENT or is_asked_by_resident(event.reason, event.asked_by)


def is_asked_by_resident(reason: str, asked_by: str | None) -> bool:
    """Whether a change with this reason, at the request of `asked_by`, counts as told to the resident."""
    return reason in ASKED_BY_RESIDENT or asked_by == AskedBy.RESIDENT


def _is_confirmed(appointment: Appointment, events: Iterable[AppointmentEvent]) -> bool:
    """Whether the resident confirmed. A confirmation from another phone does not count, so they are
    reminded."""
    if appointment.confirmed_at is None:
        return False
    by_others = [each.reason == Reason.OTHER_PHONE for each in events if each.kind == EventKind.CONFIRMED]
    return not by_others or not by_others[-1]


def expected_at(event: AppointmentEvent) -> datetime | None:
    """About when the appointment begins, according to this event about a delay."""
    value = event.changes.get("expected_at", [None, None])[1]
    return datetime.fromisoformat(value) if value else None


def told_expected(message: Message) -> datetime | None:
    """About when the appointment begins, according to a message about a delay; None for other kinds."""
    if message.kind != MessageKind.LATE:
        return None
    event = AppointmentEvent.objects.get(pk=int(message.cause.removeprefix("event:")))
    return expected_at(event) or message.told_start


def _before(event: AppointmentEvent, field: str, otherwise: Any) -> Any:
    value = event.changes.get(field, [None])[0]
    if value is None:
        return otherwise
    return datetime.fromisoformat(value) if isinstance(otherwise, datetime) else value


def is_theirs(message: Message) -> bool:
    """Whether the appointment still belongs to the person whom the message is to: it may have been given
    to somebody else since. A merged record counts as the same person."""
    if message.appointment is None or message.resident is None:
        return True
    return message.appointment.resident_id in (message.resident.pk, message.resident.merged_into_id)


def told_of(message: Message) -> tuple[datetime, Site]:
    """The time and the site that a message about an appointment states."""
    assert message.appointment is not None
    if message.kind == MessageKind.NOT_YOURS and message.told_start and message.told_site:
        return message.told_start, message.told_site
    return message.appointment.starts_at, message.appointment.site


def attempt(message: Message) -> SendAttempt:
    told = None
    if message.told_start and message.told_site_id:
        told = (message.told_start, message.told_site_id)
    return SendAttempt(
        id=message.pk,
        cause=message.cause,
        audience=Audience(message.audience),
        recipient=message.recipient,
        kind=MessageKind(message.kind),
        step=message.step,
        channel=Channel(message.channel),
        state=State(message.state),
        due_at=message.due_at,
        at=message.sent_at or message.claimed_at or message.created_at,
        told=told,
        failure=message.failure,
    )


def _by_appointment[Row: (AppointmentEvent, Message)](rows: Iterable[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.appointment_id is not None:
            grouped[row.appointment_id].append(row)
    return grouped
