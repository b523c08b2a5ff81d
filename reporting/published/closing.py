"""The closing of the publication: once a month, at a fixed day, and never again (docs/decisions/0033)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from booking.actions import destroy_contact_key, forget_contacts
from booking.actions.base import action
from booking.categories import CATEGORIES
from communes.models import Commune
from reporting.models import Edition, PublishedNumber, PublishedPlace
from reporting.publication.rules import Atom, breakdown, is_closed, joined
from reporting.published.counting import Counted, months_between, next_month


def close_publication(*, commune: Commune, now: datetime) -> int:
    """Close each month whose day has come and that is not closed yet, in their order; returns how many.
    Places that are new are published from this month on."""
    today = commune.local(now).date()
    note_places(commune=commune, since_on=today.replace(day=1))
    return sum(_close_month(commune, month_on, today) for month_on in list(_due(commune, today)))


@action
def note_places(*, commune: Commune, since_on: date) -> None:
    """Note the places that are not known yet, and what places are called now."""
    known = {place.site_ref: place for place in PublishedPlace.objects.filter(commune=commune)}
    for site in commune.sites.all():
        place = known.get(site.pk)
        if place is None:
            PublishedPlace.objects.get_or_create(
                commune=commune, site_ref=site.pk, defaults={"site_name": site.name, "since_on": since_on}
            )
        elif place.site_name != site.name:
            PublishedPlace.objects.filter(pk=place.pk).update(site_name=site.name)


def _due(commune: Commune, today: date) -> Iterator[date]:
    last = Edition.objects.filter(commune=commune).order_by("month_on").last()
    first = PublishedPlace.objects.filter(commune=commune).order_by("since_on").first()
    if first is None:
        return
    month_on = next_month(last.month_on) if last else first.since_on
    while is_closed(month_on, today):
        yield month_on
        month_on = next_month(month_on)


@action
def _close_month(commune: Commune, month_on: date, today: date) -> bool:
    """Publish what may be told since this month is over. False if somebody else has closed it."""
    Commune.objects.select_for_update(no_key=True).get(pk=commune.pk)
    if Edition.objects.filter(commune=commune, month_on=month_on).exists():
        return False
    edition = Edition.objects.create(commune=commune, month_on=month_on, closed_on=today)
    _publish_months(edition)
    if month_on.month == 12:
        _publish_year(edition)
        destroy_contact_key(commune=commune, year=month_on.year)
    return True


def _publish_months(edition: Edition) -> None:
    """One number for each place: this month, with those before it that had too few."""
    commune, last, year = edition.commune, edition.month_on, edition.month_on.year
    waiting = {place: months for place, months in _waiting(edition) if months}
    if not waiting:
        return
    counted = Counted(commune, min(months[0] for months in waiting.values()), last, year=year)
    for place, months in waiting.items():
        atom = joined(counted.months(place.site_ref, months))
        if atom is not None:
            _publish(edition, place, atom.months, [("", "", atom.visits)])
            forget_contacts(commune=commune, site_ref=place.site_ref, months=atom.months, year=year)


def _waiting(edition: Edition) -> Iterator[tuple[PublishedPlace, list[date]]]:
    """The months of each place that are not published, up to the one that is closed now."""
    published = dict(
        PublishedNumber.objects.filter(commune=edition.commune, table="")
        .order_by("last_on")
        .values_list("site_ref", "last_on")
    )
    for place in PublishedPlace.objects.filter(commune=edition.commune):
        until = published.get(place.site_ref)
        first = until + timedelta(days=1) if until else place.since_on
        yield place, months_between(first, edition.month_on)


def _publish_year(edition: Edition) -> None:
    """The tables of the year, of the months that were published with it."""
    year = edition.month_on.year
    own: dict[int, list[Atom[date]]] = {}
    rows = PublishedNumber.objects.filter(commune=edition.commune, table="", last_on__year=year)
    for row in rows.order_by("first_on"):
        months = tuple(months_between(row.first_on, row.last_on))
        own.setdefault(row.site_ref, []).append(Atom(months, row.number))
    if not own:
        return
    first = min(atoms[0].months[0] for atoms in own.values())
    counted = Counted(edition.commune, first, edition.month_on, year=year)
    for place in PublishedPlace.objects.filter(commune=edition.commune, site_ref__in=own):
        atoms = own[place.site_ref]
        covered = [on for atom in atoms for on in atom.months]
        for table, categories in CATEGORIES.items():
            sums = breakdown(counted.months(place.site_ref, covered), atoms, table, categories)
            if sums is not None:
                _publish(edition, place, covered, [(table, each, sums[each]) for each in categories])


def _publish(
    edition: Edition, place: PublishedPlace, months: Iterable[date], numbers: Iterable[tuple[str, str, int]]
) -> None:
    months = list(months)
    PublishedNumber.objects.bulk_create(
        PublishedNumber(
            edition=edition,
            commune=edition.commune,
            site_ref=place.site_ref,
            site_name=place.site_name,
            first_on=months[0],
            last_on=next_month(months[-1]) - timedelta(days=1),
            table=table,
            category=category,
            number=number,
        )
        for table, category, number in numbers
    )
