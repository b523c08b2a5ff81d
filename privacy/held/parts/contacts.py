"""That somebody came in a month: keyed hashes, found again as long as their key exists."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from booking.actions.counting import open_records
from booking.contacts import contact_of, hashed
from booking.models import ContactKey, Resident, VisitContact
from core.templatetags.times import month_year
from privacy.held.part import Column, Part, in_file
from privacy.held.person import Person


def _rows(person: Person) -> Any:
    """Those of visits whose day is not closed, and those that a key of a year still finds by the number that
    is theirs alone."""
    commune = person.resident.commune_id
    found = Q(key__in=open_records(person.ids).exclude(key="").values("key"))
    kept, contacts = VisitContact.objects.filter(commune=commune), _contacts(person)
    for year in ContactKey.objects.filter(commune=commune).exclude(secret=""):
        categories = kept.filter(year=year.year).values_list("site_ref", "dimension", "code").distinct()
        hashes = [
            hashed(year.secret, *category, contact)
            for category in categories.order_by("site_ref", "dimension", "code")
            for contact in contacts
        ]
        found |= Q(year=year.year, contact__in=hashes)
    return kept.filter(found).order_by("month_on", "pk")


def _contacts(person: Person) -> list[str]:
    records = Resident.objects.filter(pk__in=person.records).prefetch_related("phones")
    shared = {f"tel:{number}" for number in person.shared_numbers}
    known = {contact_of(each) for each in records}
    return sorted({*known, *(f"tel:{number}" for number in person.own_numbers)} - shared)


CONTACTS = Part(
    key="came_in_a_month",
    table="booking.VisitContact",
    title=gettext_lazy("That they came in a month, to count different people"),
    rows=_rows,
    columns=(Column("year"), *in_file("month_on site_ref key dimension code contact")),
    head=lambda row, _person: month_year(row.month_on),
    on_page=False,
)
