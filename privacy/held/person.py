"""The person whose data are read: their records, appointments and numbers."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Q

from booking.models import Appointment, AppointmentEvent, Resident, ResidentPhone


@dataclass(frozen=True)
class Person:
    """One resident, with the records that were merged into theirs. Whatever is read of them starts here."""

    resident: Resident
    now: datetime

    @cached_property
    def records(self) -> frozenset[int]:
        merged = Resident.objects.filter(merged_into=self.resident.pk).values_list("pk", flat=True)
        return frozenset({self.resident.pk, *merged})

    @cached_property
    def appointments(self) -> list[Appointment]:
        """Those that are theirs now, the latest first."""
        rows = Appointment.objects.filter(resident__in=self.records)
        related = rows.select_related(
            "commune", "site", "cabin", "service", "helper", "follow_up_of", "resident"
        )
        return list(related.order_by("-starts_at", "-id"))

    @cached_property
    def ids(self) -> frozenset[int]:
        return frozenset(each.pk for each in self.appointments)

    @cached_property
    def given_away(self) -> list[Appointment]:
        """Those that were theirs, and belong to somebody else now. Only what happened until then is about
        them."""
        was = Q()
        for pk in self.records:
            was |= Q(changes__resident__0=pk)
        of_others = AppointmentEvent.objects.filter(was, appointment__commune=self.resident.commune_id)
        ids = of_others.exclude(appointment__in=self.ids).values("appointment")
        return list(Appointment.objects.filter(pk__in=ids).order_by("-starts_at", "-id"))

    @cached_property
    def events(self) -> list[AppointmentEvent]:
        """What happened to their appointments while these were theirs, the latest first."""
        about = {each.pk: each for each in (*self.appointments, *self.given_away)}
        rows = AppointmentEvent.objects.filter(appointment__in=about).select_related("agent")
        by_appointment: dict[int, list[AppointmentEvent]] = {}
        for event in rows.order_by("at", "id"):
            by_appointment.setdefault(event.appointment_id, []).append(event)
        own = [
            event
            for pk, events in by_appointment.items()
            for event in own_events(events, about[pk].resident_id, self.records)
        ]
        return sorted(own, key=lambda event: (event.at, event.pk), reverse=True)

    @cached_property
    def phones(self) -> list[ResidentPhone]:
        return list(ResidentPhone.objects.filter(resident__in=self.records).order_by("resident", "pk"))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Every number at which they are reached, that of their contact person included."""
        contact = self.resident.contact_phone
        return frozenset({*(phone.number for phone in self.phones), *([contact] if contact else [])})

    @cached_property
    def shared_numbers(self) -> frozenset[str]:
        """Those at which somebody else is reached too: what came from there may be somebody else's."""
        reached = Q(phones__number__in=self.numbers) | Q(contact_phone__in=self.numbers)
        others = Resident.objects.current().filter(reached, commune=self.resident.commune_id)
        others = others.exclude(pk__in=self.records)
        theirs = {number for pair in others.values_list("phones__number", "contact_phone") for number in pair}
        return self.numbers & theirs

    @property
    def own_numbers(self) -> frozenset[str]:
        return self.numbers - self.shared_numbers


def own_events(
    events: Iterable[AppointmentEvent], owner_now: int | None, records: Collection[int]
) -> Iterator[AppointmentEvent]:
    """Those of an appointment's events that happened while it belonged to one of `records`, or to nobody yet;
    with those that gave it to them and away from them."""
    ordered = list(events)
    owners = _owners(ordered, owner_now)
    for event, (before, after) in zip(ordered, owners, strict=True):
        if before in records or after in records:
            yield event
        elif before is None and after is None:
            # A walk-in whose name was asked later: until then it was nobody else's.
            yield event


def _owners(events: list[AppointmentEvent], owner_now: int | None) -> list[tuple[int | None, int | None]]:
    """For each event whose the appointment was before and after it, read backwards from whose it is now."""
    found: list[tuple[int | None, int | None]] = []
    owner = owner_now
    for event in reversed(events):
        before = owner
        if "resident" in event.changes:
            before = event.changes["resident"][0]
        found.append((before, owner))
        owner = before
    return found[::-1]
