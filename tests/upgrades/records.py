"""Compare the records of an upgraded database with what its appointments and their log say:
`python -m tests.in_django tests.upgrades.records`. Raises where one differs."""

import sys
from collections import Counter

from booking.models import Appointment, VisitRecord
from booking.records import COUNTED, rebuilt


def values(record: VisitRecord) -> tuple[object, ...]:
    fields = VisitRecord._meta.concrete_fields
    return tuple(getattr(record, each.attname) for each in fields if each.name not in ("id", "key"))


def main() -> None:
    ended = Appointment.objects.filter(status__in=COUNTED)
    told = Counter(values(rebuilt(each)) for each in ended)
    kept = Counter(values(each) for each in VisitRecord.objects.all())
    if told != kept:
        raise AssertionError(f"{list((told - kept).elements())[:3]} not {list((kept - told).elements())[:3]}")
    sys.stdout.write(f"{kept.total()} records, as the log tells them\n")


main()
