"""Erases one person now, with everything that is kept of them (article 17 of the GDPR).

Figures stay as they are: each ended visit has a record of its own that names nobody, and what had not ended
is counted before it goes. Objections stay too: they are keyed hashes of numbers. The provider of messages is
asked right after the commit, and each night until it has deleted its copy.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from agents.models import Agent
from booking.actions.base import AppointmentFields, action, apply, change
from booking.actions.contacts import close_contacts
from booking.actions.counting import open_records
from booking.actions.grace import cancel_locked, make_final
from booking.actions.holds import release
from booking.enums import AskedBy, EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent, IdempotencyRecord, Resident, WaitingOffer
from communes.actions import bump_sites
from communes.models import Commune
from core.edits import RecordGone, record_name
from core.models import EditTrace
from core.retention import before_deletion
from notifications.actions.person import (
    forget_answers_naming,
    forget_talk_about,
    forget_talk_with,
    own_addresses,
)
from notifications.tasks import erase_at_providers_now
from planning.models import HelperNews, NewsKind
from privacy.actions.requests import answered_now
from privacy.enums import CameBy, ComingVisits, ErasureReason, Right
from privacy.errors import PersonIsHere
from privacy.models import ErasedResident, RightsRequest


@dataclass(frozen=True, slots=True)
class Erasing:
    """Why somebody is erased, how they asked, and what becomes of their coming visits."""

    reason: ErasureReason
    came_by: CameBy
    coming: ComingVisits


@action
def erase(*, resident: Resident, how: Erasing, by: Agent, now: datetime) -> RightsRequest:
    """Erase this person. Returns the proof, which names nobody. Raises RecordGone, where the record is gone
    or merged already, and PersonIsHere."""
    locked = _lock(resident)
    _require_absent(locked, now)
    request = answered_now(
        commune=locked.commune,
        right=Right.ERASURE,
        came_by=how.came_by,
        resident=locked.resident,
        proof={},
        by=by,
        now=now,
    )
    _settle(locked, how.coming, by=Actor.agent(by), now=now)
    counts = _forget(locked, how.coming, by=Actor.agent(by), now=now)
    request.resident = None
    request.proof = {"reason": how.reason, "coming": how.coming, "kept": len(locked.kept), "rows": counts}
    request.save(update_fields=["resident", "proof"])
    return request


def erase_again(*, now: datetime) -> int:
    """Erase those who had been erased when an older backup was put back; returns how many records."""
    return sum(_erase_again(row, now) for row in ErasedResident.objects.order_by("pk"))


@action
def _erase_again(row: ErasedResident, now: datetime) -> bool:
    known = Resident.objects.filter(pk=row.resident_ref, commune=row.commune_id, created_at__lte=row.at)
    resident = known.select_related("merged_into").first()
    if resident is None:
        return False
    # One that had been merged by then goes with the record into which it was.
    locked = _lock(resident.merged_into or resident)
    by = Actor.system()
    _end_what_is_open(locked, by=by, now=now)
    _settle(locked, ComingVisits(row.coming), by=by, now=now)
    _forget(locked, ComingVisits(row.coming), by=by, now=now)
    return True


@dataclass(slots=True)
class _Locked:
    """A person with all records merged into theirs and all their appointments, locked."""

    commune: Commune
    resident: Resident
    records: list[Resident]
    appointments: list[Appointment]
    kept: Sequence[Appointment] = ()

    @property
    def ids(self) -> list[int]:
        return [each.pk for each in self.records]

    @property
    def gone(self) -> list[int]:
        kept = {each.pk for each in self.kept}
        return [each.pk for each in self.appointments if each.pk not in kept]


def _lock(resident: Resident) -> _Locked:
    """Take the sites first, then the records, then the appointments, as all other writers do. The sites are
    told so that no screen and no page shows the person any longer."""
    of_theirs = Appointment.objects.filter(resident__in=with_merged([resident.pk]))
    told = set(of_theirs.order_by().values_list("site_id", flat=True).distinct())
    bump_sites(told)
    records = _locked_records(resident.pk)
    if not records or records[0].merged_into_id is not None:
        raise RecordGone
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("commune", "service", "site")
    appointments = list(rows.filter(resident__in=[each.pk for each in records]).order_by("pk"))
    bump_sites({each.site_id for each in appointments} - told)
    return _Locked(records[0].commune, records[0], records, appointments)


def _locked_records(pk: int) -> list[Resident]:
    """The record first. Nobody merges another one into a locked record."""
    ids = with_merged([pk])
    while True:
        rows = Resident.objects.select_for_update(of=("self",)).select_related("commune")
        records = list(rows.filter(pk__in=ids).order_by("pk"))
        again = with_merged([pk])
        if again == ids:
            return sorted(records, key=lambda each: each.pk != pk)
        ids = again


def with_merged(pks: Collection[int]) -> set[int]:
    """With all records that were merged into these, however many times."""
    found = set(pks)
    while more := set(Resident.objects.filter(merged_into__in=found).values_list("pk", flat=True)) - found:
        found |= more
    return found


def is_here(appointment: Appointment, now: datetime) -> bool:
    local = appointment.commune.local
    is_today = local(appointment.starts_at).date() == local(now).date()
    return appointment.status == Status.IN_SESSION or (appointment.status == Status.ARRIVED and is_today)


def _require_absent(locked: _Locked, now: datetime) -> None:
    if any(is_here(each, now) for each in locked.appointments):
        raise PersonIsHere


def _end_what_is_open(locked: _Locked, *, by: Actor, now: datetime) -> None:
    """Sessions that ran when the backup was made."""
    for each in locked.appointments:
        if each.status == Status.IN_SESSION:
            change(each, kind=EventKind.ENDED, to=Status.DONE, ended_at=each.ends_at, by=by, now=now)
        elif each.status == Status.ARRIVED and each.ends_at > now:
            change(each, kind=EventKind.ARRIVAL_UNDONE, to=Status.BOOKED, arrived_at=None, by=by, now=now)


def _settle(locked: _Locked, coming: ComingVisits, *, by: Actor, now: datetime) -> None:
    """Give every appointment an end that counts, but those that stay."""
    kept = []
    for each in locked.appointments:
        if each.status == Status.HELD:
            release(each, by=by, now=now)
        elif each.status == Status.CANCELLING:
            make_final(each, now)
        elif each.status in (Status.BOOKED, Status.ARRIVED) and each.ends_at <= now:
            # Nobody has noted what became of it, and nobody can any more.
            change(each, kind=EventKind.UNRECORDED, to=Status.UNRECORDED, by=by, now=now)
        elif each.status == Status.BOOKED and coming == ComingVisits.KEEP:
            kept.append(each)
        elif each.status == Status.BOOKED:
            cancel_locked(each, reason=Reason.NOT_NEEDED, asked_by=AskedBy.RESIDENT, by=by, now=now)
    locked.kept = kept


def _forget(locked: _Locked, coming: ComingVisits, *, by: Actor, now: datetime) -> dict[str, int]:
    """Delete everything of this person; returns how many rows of each table."""
    ids, gone = locked.ids, locked.gone
    words = {word for each in locked.records for word in (each.first_name, each.last_name, each.contact_name)}
    addresses = own_addresses(ids)
    _scrub_given(locked)
    before_deletion(residents=ids, appointments=gone)
    counts = forget_talk_with(locked.commune, addresses) + _leave_nameless(locked, by=by, now=now)
    forget_answers_naming({*words, *addresses})
    traced = [record_name(each) for each in (*locked.records, *locked.appointments)]
    EditTrace.objects.filter(record__in=traced).delete()
    HelperNews.objects.filter(kind=NewsKind.VISIT, detail__appointment__in=gone).delete()
    # Closed: they count for good, and nothing leads from the former appointment to its record.
    open_records(gone).update(key="")
    close_contacts(locked.commune)
    counts += Counter(Appointment.objects.filter(pk__in=gone).delete()[1])
    counts += Counter(Resident.objects.filter(pk__in=ids).delete()[1])
    known = [ErasedResident(commune=locked.commune, resident_ref=pk, at=now, coming=coming) for pk in ids]
    ErasedResident.objects.bulk_create(known, ignore_conflicts=True)
    drop_copies(locked.commune)
    transaction.on_commit(erase_at_providers_now.enqueue)
    return {label: number for label, number in sorted(counts.items()) if number}


def drop_copies(commune: Commune) -> None:
    """Have browsers delete what they keep of pages from before this moment."""
    Commune.objects.filter(pk=commune.pk).update(people_erased=F("people_erased") + 1)


def _leave_nameless(locked: _Locked, *, by: Actor, now: datetime) -> Counter[str]:
    """Take the person out of the appointments that are kept: their number, hour and place stay."""
    pks = [each.pk for each in locked.kept]
    counts = forget_talk_about(pks)
    for model in (IdempotencyRecord, WaitingOffer):
        counts += Counter(model._default_manager.filter(appointment__in=pks).delete()[1])
    for each in locked.kept:
        nobody: AppointmentFields = {"resident_id": None, "note": ""}
        apply(each, kind=EventKind.EDITED, unlogged=nobody, by=by, now=now)
    _scrub(AppointmentEvent.objects.filter(appointment__in=pks), locked.ids)
    return counts


def _scrub_given(locked: _Locked) -> None:
    """Take the person's number out of the log of appointments that others have now."""
    passed_on = AppointmentEvent.objects.filter(
        Q(kind=EventKind.GIVEN) | Q(kind=EventKind.EDITED), appointment__commune=locked.commune
    ).exclude(appointment__in=[each.pk for each in locked.appointments])
    ids = set(locked.ids)
    named = passed_on.filter(changes__has_key="resident").values_list("appointment", "changes")
    theirs = {pk for pk, changes in named.iterator() if ids & set(changes["resident"])}
    _scrub(AppointmentEvent.objects.filter(appointment__in=theirs), ids)


def _scrub(events: Iterable[AppointmentEvent], ids: Collection[int]) -> None:
    changed = []
    for event in events:
        pair = event.changes.get("resident")
        if pair and set(pair) & set(ids):
            event.changes["resident"] = [None if each in ids else each for each in pair]
            changed.append(event)
    AppointmentEvent.objects.bulk_update(changed, ["changes"], batch_size=200)
