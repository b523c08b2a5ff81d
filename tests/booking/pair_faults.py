"""What must hold after any two actions have met (`pairs.py`)."""


def faults(commune_id: int) -> list[str]:
    """What must never be, whatever was done."""
    from agents.models import Membership, Shift
    from booking.enums import Status
    from booking.models import Appointment, WaitingEntry
    from core.days import day_span
    from tests.booking.test_race import overlaps

    rows = Appointment.objects.filter(commune=commune_id)
    found = [f"overlap {pair}" for pair in overlaps(rows)]
    found += [f"{row} belongs to an emptied record" for row in rows.exclude(resident__merged_into=None)]
    waiting = WaitingEntry.objects.filter(commune=commune_id).exclude(resident__merged_into=None)
    found += [f"{entry} of an emptied record" for entry in waiting]
    for row in rows.prefetch_related("events"):
        told = [each.changes["status"][1] for each in row.events.order_by("id") if "status" in each.changes]
        if told and told[-1] != row.status:
            found.append(f"{row} is {row.status}, its log says {told[-1]}")
        if row.status == Status.HELD and row.held_until is None:
            found.append(f"{row} is held for ever")
    found += half_gone(commune_id) + half_limited(commune_id)
    leaving = Membership.objects.filter(commune=commune_id).select_related("commune")
    for member in leaving:
        if member.last_on is not None:
            midnight = day_span(member.last_on, member.commune.tz)[1]
            shifts = Shift.objects.filter(agent=member.agent_id, site__commune=commune_id)
            found += [f"{late} is after the last day" for late in shifts.filter(ends_at__gt=midnight)]
    return found


def half_gone(commune_id: int) -> list[str]:
    """What an erasure has left of somebody."""
    from booking.models import AppointmentEvent, Resident
    from privacy.models import ErasedResident

    erased = dict(ErasedResident.objects.filter(commune=commune_id).values_list("resident_ref", "at"))
    there = Resident.objects.filter(pk__in=erased).values_list("pk", flat=True)
    found = [f"resident {pk} was erased and is there" for pk in there]
    events = AppointmentEvent.objects.filter(
        appointment__commune=commune_id, changes__has_key="resident"
    ).values_list("pk", "changes")
    found += [
        f"event {pk} names somebody who was erased"
        for pk, changes in events
        if set(changes["resident"]) & set(erased)
    ]
    return found


def half_limited(commune_id: int) -> list[str]:
    """What a limitation has left in use, and what says of a record that it is limited while it is not."""
    from booking.enums import ResidentChangeKind, Status
    from booking.models import Appointment, Resident, ResidentChange

    limited = Resident.objects.filter(commune=commune_id).exclude(limited_at=None)
    found = [f"{row.pk} is limited and merged" for row in limited.exclude(merged_into=None)]
    held = Appointment.objects.filter(resident__in=limited, status=Status.HELD)
    found += [f"{row} is held for somebody whose record is limited" for row in held]
    told: dict[int, str] = {}
    kinds = (ResidentChangeKind.LIMITED, ResidentChangeKind.LIFTED)
    changes = ResidentChange.objects.filter(resident__commune=commune_id, kind__in=kinds)
    # What a merged record was before says nothing of the one that it went into.
    for change in changes.filter(is_of_merged=False).order_by("pk"):
        told[change.resident_id] = change.kind
    for row in Resident.objects.filter(commune=commune_id, merged_into=None):
        if row.is_limited != (told.get(row.pk) == ResidentChangeKind.LIMITED):
            found.append(f"resident {row.pk} limited: {row.is_limited}, last said {told.get(row.pk)}")
    return found
