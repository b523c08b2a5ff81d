"""Visits of a commune for the publication, written in bulk as actions leave them: records, and who came."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking import actions
from booking.contacts import contacts_of, years_of
from booking.enums import HelpedBy, Lead, Origin, Status
from booking.models import ContactKey, VisitContact, VisitRecord
from communes.enums import Theme
from communes.models import Commune
from reporting.models import PublishedNumber, PublishedPlace
from reporting.publication.rules import CLOSED_AFTER
from reporting.published.closing import close_publication
from reporting.published.counting import next_month


@dataclass(frozen=True)
class Visit:
    month_on: date
    contact: str = ""
    """Who came; empty: nobody knows."""
    site_ref: int = 1
    helped_by: str = HelpedBy.HELPER
    theme: str = Theme.MONEY
    half_hour: int = 20
    key: str = ""


def write(commune: Commune, visits: Iterable[Visit]) -> None:
    """All of days that are closed, unless they have a key."""
    secret_of: dict[int, str] = {}
    records, contacts = [], {}
    for visit in visits:
        record = _record(commune, visit)
        records.append(record)
        for year in years_of(record.day_on) if visit.contact else ():
            if year not in secret_of:
                key, _made = ContactKey.objects.get_or_create(
                    commune=commune, year=year, defaults={"secret": f"{year:064x}"}
                )
                secret_of[year] = key.secret
            if secret_of[year]:
                for row in contacts_of(record, visit.contact, year=year, secret=secret_of[year]):
                    contacts[row.key, row.year, row.month_on, row.contact] = row
    VisitRecord.objects.bulk_create(records, batch_size=1000)
    VisitContact.objects.bulk_create(contacts.values(), batch_size=1000, ignore_conflicts=True)


def _record(commune: Commune, visit: Visit) -> VisitRecord:
    return VisitRecord(
        key=visit.key,
        commune=commune,
        day_on=visit.month_on.replace(day=10),
        half_hour=visit.half_hour,
        site_ref=visit.site_ref,
        site_name="",
        cabin_ref=1,
        cabin_name="",
        service_ref=1,
        service_name="",
        theme=visit.theme,
        ended_as=Status.DONE,
        booked_min=30,
        helped_by=visit.helped_by,
        persons=1,
        origin=Origin.DESK,
        is_walk_in=not visit.contact,
        lead=Lead.SAME_DAY,
    )


def begin(commune: Commune, since_on: date, *site_refs: int) -> None:
    """These places are published since that month."""
    PublishedPlace.objects.bulk_create(
        PublishedPlace(commune=commune, site_ref=ref, site_name=f"Lieu {ref}", since_on=since_on)
        for ref in site_refs or (1,)
    )


def closing_night(month_on: date, commune: Commune) -> datetime:
    """The night in which that month is closed."""
    return datetime.combine(next_month(month_on) + CLOSED_AFTER, datetime.min.time(), commune.tz) + timedelta(
        hours=4
    )


def close(commune: Commune, month_on: date, *, folds: bool = False) -> int:
    """Close all months up to this one. `folds`: what is older than the commune keeps visits goes before."""
    now = closing_night(month_on, commune)
    actions.close_days(now=now)
    if folds:
        actions.fold_records(commune=commune, now=now)
    return close_publication(commune=commune, now=now)


def told(commune: Commune, site_ref: int = 1) -> list[tuple[date, date, str, str, int]]:
    rows = PublishedNumber.objects.filter(commune=commune, site_ref=site_ref)
    return list(
        rows.order_by("last_on", "table", "category").values_list(
            "first_on", "last_on", "table", "category", "number"
        )
    )
