"""Contacts of visits (`booking.contacts`): written and taken back with the record of a visit, kept once a
month when its day is closed, and of no use to anybody once the key of their year is gone.
"""

import secrets
from collections.abc import Iterable

from booking.contacts import SECRET_BYTES, contact_of, contacts_of, years_of
from booking.models import Appointment, ContactKey, Resident, VisitContact, VisitRecord
from communes.models import Commune


def note_contact(appointment: Appointment, record: VisitRecord) -> None:
    """Note who came to the visit of which `record` was just written. Of somebody who walked in and is not
    known, there is nothing to note."""
    if appointment.resident_id is None:
        return
    resident = Resident.objects.prefetch_related("phones").get(pk=appointment.resident_id)
    contact, rows = contact_of(resident), list[VisitContact]()
    for year in years_of(record.day_on):
        if secret := _secret(record.commune_id, year):
            rows += contacts_of(record, contact, year=year, secret=secret)
    VisitContact.objects.bulk_create(rows)


def take_back_contacts(keys: Iterable[str]) -> None:
    """Forget who came to a visit whose end is undone."""
    VisitContact.objects.filter(key__in=list(keys)).delete()


def close_contacts(commune: Commune) -> None:
    """Keep contacts whose visit has no open record any more once a month, without its key. They are written
    anew in the order of their hashes: which belonged to one visit is gone."""
    still_open = VisitRecord.objects.filter(commune=commune).exclude(key="").values("key")
    closed = VisitContact.objects.filter(commune=commune).exclude(key="").exclude(key__in=still_open)
    rows = list(closed)
    if not rows:
        return
    names = ("year", "month_on", "site_ref", "dimension", "code", "contact")
    once = {tuple(getattr(row, name) for name in names) for row in rows}
    VisitContact.objects.bulk_create(
        [
            VisitContact(commune=commune, **dict(zip(names, values, strict=True)))
            for values in sorted(once, key=lambda values: str(values[-1]))
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    _delete(rows)


def _secret(commune_id: int, year: int) -> str:
    """The key of that year, made when it is first needed; empty once it was destroyed."""
    key, _made = ContactKey.objects.get_or_create(
        commune_id=commune_id, year=year, defaults={"secret": secrets.token_hex(SECRET_BYTES)}
    )
    return key.secret


def _delete(rows: list[VisitContact]) -> None:
    for start in range(0, len(rows), 500):
        VisitContact.objects.filter(pk__in=[row.pk for row in rows[start : start + 500]]).delete()
