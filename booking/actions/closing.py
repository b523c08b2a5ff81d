"""What becomes of records: how people were told, the closing of a day, the folding of old records; and the
end of what is kept of who came."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from booking.actions.base import action
from booking.actions.contacts import close_contacts
from booking.actions.counting import last_closed, open_records
from booking.enums import ToldBy
from booking.models import Appointment, ContactKey, MonthlySum, VisitContact, VisitRecord
from booking.records import COUNTED
from booking.sums import Cell, Sum, cells_of
from communes.models import Commune
from core.days import months_before

_AT_ONCE = 5000

SUMMED = ("visits", "persons", "booked_min", "used_min")


def note_told(told: Iterable[tuple[Appointment, ToldBy]]) -> None:
    """Note how the latest message about each of these locked appointments reached somebody; called by
    `notifications`. It is no event: nothing that anybody sees has changed. Records that are open follow."""
    changed: dict[ToldBy, list[Appointment]] = defaultdict(list)
    for appointment, told_by in told:
        if appointment.told_by != told_by:
            changed[told_by].append(appointment)
    for told_by, appointments in changed.items():
        Appointment.objects.filter(pk__in=[each.pk for each in appointments]).update(told_by=told_by)
        for each in appointments:
            each.told_by = told_by
        ended = [each.pk for each in appointments if each.status in COUNTED]
        if ended:
            open_records(ended).update(told_by=told_by)


def close_days(*, now: datetime) -> int:
    """Empty the keys of the records whose day is closed, each commune by its own calendar; returns how
    many."""
    return sum(_close(commune, now) for commune in Commune.objects.all())


@action
def _close(commune: Commune, now: datetime) -> int:
    until = last_closed(commune.local(now).date())
    still_open = VisitRecord.objects.filter(commune=commune, day_on__lte=until).exclude(key="")
    closed = still_open.update(key="")
    close_contacts(commune)
    return closed


def fold_records(*, commune: Commune, now: datetime) -> int:
    """Add the records that are older than the commune keeps visits to the monthly sums, and delete them;
    returns how many. Interrupted, it goes on with the rest at the next call."""
    until = months_before(commune.local(now), commune.retention_months).date()
    folded = 0
    while count := _fold(commune, until):
        folded += count
    return folded


@action
def _fold(commune: Commune, until: date) -> int:
    # Two folds at once would add the same records twice.
    Commune.objects.select_for_update(no_key=True).get(pk=commune.pk)
    old = VisitRecord.objects.filter(commune=commune, day_on__lte=until).order_by("day_on")
    records = list(old[:_AT_ONCE])
    _add(commune, records)
    VisitRecord.objects.filter(pk__in=[record.pk for record in records]).delete()
    return len(records)


def _add(commune: Commune, records: Iterable[VisitRecord]) -> None:
    sums: dict[Cell, Counter[str]] = defaultdict(Counter)
    found: dict[Cell, tuple[Counter[str], str, str]] = {}
    for record in records:
        for cell, label in cells_of(record):
            sums[cell].update(Sum.of(record))
            found[cell] = (sums[cell], record.site_name, label)
    add_to_sums(commune, found)


def add_to_sums(commune: Commune, sums: Mapping[Cell, tuple[Counter[str], str, str]]) -> None:
    """Add to the monthly sums of a commune; by cell: how much of each, the place's name, the code's label."""
    known = {
        Cell(row.month_on, row.site_ref, row.dimension, row.code): row
        for row in MonthlySum.objects.filter(commune=commune, month_on__in={cell.month_on for cell in sums})
    }
    new: list[MonthlySum] = []
    for cell, (more, site_name, label) in sums.items():
        row = known.get(cell)
        if row is None:
            row = MonthlySum(commune=commune, site_name=site_name, label=label, **cell._asdict())
            new.append(row)
        for name, value in more.items():
            setattr(row, name, getattr(row, name) + value)
    MonthlySum.objects.bulk_create(new)
    MonthlySum.objects.bulk_update((known[cell] for cell in sums if cell in known), SUMMED, batch_size=200)


@action
def forget_contacts(*, commune: Commune, site_ref: int, months: Collection[date], year: int) -> None:
    """Forget who came in months that have been published with `year`, but for what its tables need."""
    known = VisitContact.objects.filter(commune=commune, site_ref=site_ref, month_on__in=months)
    known.filter(year=year, dimension="").delete()
    known.exclude(year=year).delete()


@action
def destroy_contact_key(*, commune: Commune, year: int) -> None:
    """Destroy the key of a year whose publication is closed, those of the years before, and their hashes,
    which nothing needs any more."""
    ContactKey.objects.get_or_create(commune=commune, year=year)
    ContactKey.objects.filter(commune=commune, year__lte=year).update(secret="")
    VisitContact.objects.filter(commune=commune, year__lte=year).delete()
