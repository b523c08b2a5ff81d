"""Compare the records of an upgraded database, and who came this year, with what its appointments and their
log say:
`python -m tests.in_django tests.upgrades.records`. Raises where one differs."""

import sys
from collections import Counter

from booking.contacts import contact_of, contacts_of, years_of
from booking.enums import Status
from booking.models import Appointment, ContactKey, VisitContact, VisitRecord
from booking.records import COUNTED, rebuilt
from core import clock


def values(record: VisitRecord) -> tuple[object, ...]:
    fields = VisitRecord._meta.concrete_fields
    found = (getattr(record, each.attname) for each in fields if each.name not in ("id", "key"))
    return tuple(tuple(value) if isinstance(value, list) else value for value in found)


def compare_contacts() -> None:
    """Each once a month, whatever is still open; those of a former year are gone with its key."""
    secret_of = {(key.commune_id, key.year): key.secret for key in ContactKey.objects.all()}
    told = set()
    for each in Appointment.objects.filter(status=Status.DONE).exclude(resident=None):
        assert each.resident is not None
        record = rebuilt(each)
        if record.day_on.year < clock.now().year:
            continue
        for (commune_id, year), secret in secret_of.items():
            if commune_id == each.commune_id:
                rows = contacts_of(record, contact_of(each.resident), year=year, secret=secret)
                told |= {kept_of(row) for row in rows if year in years_of(record.day_on)}
    kept = {kept_of(row) for row in VisitContact.objects.all()}
    if told != kept:
        raise AssertionError(f"{list(told - kept)[:3]} not {list(kept - told)[:3]}")


def kept_of(row: VisitContact) -> tuple[object, ...]:
    return row.commune_id, row.year, row.month_on, row.site_ref, row.dimension, row.code, row.contact


def main() -> None:
    ended = Appointment.objects.filter(status__in=COUNTED)
    told = Counter(values(rebuilt(each)) for each in ended)
    kept = Counter(values(each) for each in VisitRecord.objects.all())
    if told != kept:
        raise AssertionError(f"{list((told - kept).elements())[:3]} not {list((kept - told).elements())[:3]}")
    compare_contacts()
    sys.stdout.write(f"{kept.total()} records, as the log tells them\n")


main()
