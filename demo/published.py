"""Who came in the two years of figures, and what was published of them, month by month."""

from datetime import date, timedelta
from random import Random

from booking.contacts import contacts_of, years_of
from booking.enums import Status
from booking.models import ContactKey, VisitContact, VisitRecord
from demo.build import Town
from reporting.publication.rules import CLOSED_AFTER, is_closed
from reporting.published.closing import close_publication, note_places
from reporting.published.counting import months_between, next_month

PEOPLE = 900
"""How many people live near enough to come."""


def note_who_came(town: Town, records: list[VisitRecord], chance: Random) -> None:
    """Of those who had an appointment; they come once or several times."""
    secret_of: dict[int, str] = {}
    found: dict[tuple[object, ...], VisitContact] = {}
    for record in records:
        if record.ended_as != Status.DONE or record.is_walk_in:
            continue
        contact = f"somebody {int(PEOPLE * chance.random() ** 2)}"
        for year in years_of(record.day_on):
            if year not in secret_of:
                made = {"secret": f"{chance.getrandbits(256):064x}"}
                key, _new = ContactKey.objects.get_or_create(commune=town.commune, year=year, defaults=made)
                secret_of[year] = key.secret
            for row in contacts_of(record, contact, year=year, secret=secret_of[year]):
                found[row.year, row.month_on, row.contact] = row
    rows = sorted(found.values(), key=lambda row: row.contact)
    VisitContact.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)


def publish(town: Town, first: date) -> None:
    """As the worker did, in the night of each closing."""
    begun = next_month(first)
    note_places(commune=town.commune, since_on=begun)
    for on in months_between(begun, town.today):
        if is_closed(on, town.today):
            night = town.midnight(next_month(on) + CLOSED_AFTER) + timedelta(hours=4)
            close_publication(commune=town.commune, now=night)
