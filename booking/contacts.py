"""What is kept of who came: hashes that only the key of their year can compare. Pure but for the models."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import date

from booking.categories import categories_of
from booking.models import Resident, VisitContact, VisitRecord

CARRIED_FROM = 10
"""From this month on, a visit may be published with the next year: a small month is carried into the next
one. So it is also kept by the next year's key. One that is carried for longer counts as fewer people than
came, never as more."""

SECRET_BYTES = 32


def years_of(day: date) -> list[int]:
    """The years with which a visit of that day may be published."""
    return [day.year, day.year + 1] if day.month >= CARRIED_FROM else [day.year]


def contact_of(resident: Resident) -> str:
    """By what a resident is known: their oldest number, else their address, else their record. Two who share
    a number count as one."""
    phone = next(iter(resident.phones.all()), None)
    if phone is not None:
        return f"tel:{phone.number}"
    return f"mail:{resident.email.lower()}" if resident.email else f"record:{resident.pk}"


def contacts_of(record: VisitRecord, contact: str, *, year: int, secret: str) -> Iterator[VisitContact]:
    """The rows of one visit for one year's publication, not saved."""
    categories = categories_of(helped_by=record.helped_by, theme=record.theme, half_hour=record.half_hour)
    for dimension, code in [("", ""), *categories.items()]:
        yield VisitContact(
            key=record.key,
            commune_id=record.commune_id,
            year=year,
            month_on=record.day_on.replace(day=1),
            site_ref=record.site_ref,
            dimension=dimension,
            code=code,
            contact=hashed(secret, record.site_ref, dimension, code, contact),
        )


def hashed(secret: str, site_ref: int, dimension: str, code: str, contact: str) -> str:
    text = "\n".join((str(site_ref), dimension, code, contact))
    return hmac.new(bytes.fromhex(secret), text.encode(), hashlib.sha256).hexdigest()
