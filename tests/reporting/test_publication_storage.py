"""What is stored of the publication: closed once, at its day, and never changed by anything."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from booking import actions
from booking.errors import TooLate
from booking.models import Appointment, ContactKey, Resident, VisitContact, VisitRecord
from communes.models import Commune
from privacy.purge import purge
from reporting.errors import AlreadyPublished
from reporting.models import Edition, PublishedNumber, PublishedPlace
from reporting.published.closing import close_publication
from reporting.tasks import close_publications
from tests.booking.towns import SYSTEM, Town, do
from tests.factories import TUESDAY, at, make_commune, make_resident, make_site
from tests.reporting.publishing import Visit, begin, close, closing_night, told, write

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH, DECEMBER = (date(2026, month, 1) for month in (1, 2, 3, 12))


@pytest.fixture
def commune() -> Commune:
    return make_commune()


def by_people(month_on: date, people: int, **fields: Any) -> list[Visit]:
    return [Visit(month_on, f"someone {number}", **fields) for number in range(people)]


# ---- when --------------------------------------------------------------------------------------------


def test_a_month_is_closed_in_the_night_of_its_day_and_once(commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, by_people(JANUARY, 12))
    night = closing_night(JANUARY, commune)
    assert close_publication(commune=commune, now=night - timedelta(days=1)) == 0
    assert close_publication(commune=commune, now=night) == 1
    assert close_publication(commune=commune, now=night) == 0
    assert told(commune) == [(JANUARY, date(2026, 1, 31), "", "", 12)]
    assert Edition.objects.get().closed_on == date(2026, 2, 16)


def test_a_worker_that_was_away_makes_up_for_all_months(commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, [*by_people(JANUARY, 12), *by_people(FEBRUARY, 4), *by_people(MARCH, 13)])
    assert close(commune, MARCH) == 3
    assert [row[:2] for row in told(commune)] == [
        (JANUARY, date(2026, 1, 31)),
        (FEBRUARY, date(2026, 3, 31)),
    ]


def test_the_worker_closes_the_months_of_every_commune(set_clock: Any) -> None:
    communes = [make_commune(), make_commune()]
    for commune in communes:
        begin(commune, JANUARY)
        write(commune, by_people(JANUARY, 12))
    set_clock(closing_night(JANUARY, communes[0]))
    close_publications.call()
    assert all(told(commune) for commune in communes)


def test_a_new_place_is_published_from_its_month_on_whatever_comes_of_it(commune: Commune) -> None:
    site = make_site(commune, name="Médiathèque")
    close_publication(commune=commune, now=closing_night(JANUARY, commune))  # in February
    place = PublishedPlace.objects.get()
    assert (place.site_ref, place.site_name, place.since_on) == (site.pk, "Médiathèque", FEBRUARY)
    write(commune, [*by_people(FEBRUARY, 3, site_ref=site.pk), *by_people(MARCH, 12, site_ref=site.pk)])
    close(commune, MARCH)
    assert told(commune, site.pk) == [(FEBRUARY, date(2026, 3, 31), "", "", 15)]


def test_a_place_is_called_as_on_the_day_of_its_closing(commune: Commune) -> None:
    site = make_site(commune, name="Annexe")
    begin(commune, JANUARY, site.pk)
    write(commune, [Visit(on, f"{n}", site.pk) for on in (JANUARY, FEBRUARY) for n in range(11)])
    close(commune, JANUARY)
    site.name = "Maison des services"
    site.save()
    close(commune, FEBRUARY)
    names = PublishedNumber.objects.order_by("first_on").values_list("site_name", flat=True)
    assert list(names) == ["Annexe", "Maison des services"]


# ---- what ----------------------------------------------------------------------------------------------


def test_eleven_visits_of_ten_people_wait_and_so_do_those_of_nobody_known(commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, [*by_people(JANUARY, 10), Visit(JANUARY, "someone 1"), Visit(JANUARY), Visit(JANUARY)])
    write(commune, [Visit(FEBRUARY, "another one")])
    close(commune, FEBRUARY)
    assert told(commune) == [(JANUARY, date(2026, 2, 28), "", "", 14)]


def test_a_year_has_a_table_where_each_category_has_eleven_visits_by_eleven_people(commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, by_people(JANUARY, 12, helped_by="helper", half_hour=20))
    write(commune, by_people(MARCH, 11, helped_by="nobody", half_hour=20))
    write(commune, [Visit(MARCH, "someone 1", half_hour=30) for _ in range(11)])
    close(commune, DECEMBER)
    assert [row[2:] for row in told(commune) if row[2]] == [("help", "helper", 23), ("help", "nobody", 11)]
    assert {row[:2] for row in told(commune) if row[2]} == {(JANUARY, date(2026, 3, 31))}


def test_months_that_are_carried_over_the_year_belong_to_the_next(commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, [*by_people(JANUARY, 12), *by_people(date(2026, 11, 1), 5)])
    write(commune, [Visit(date(2027, 1, 1), f"new {number}") for number in range(6)])
    close(commune, date(2027, 1, 1))
    assert told(commune) == [
        (JANUARY, date(2026, 1, 31), "", "", 12),
        (FEBRUARY, date(2027, 1, 31), "", "", 11),
    ]
    assert not VisitContact.objects.filter(dimension="").exists(), "published: nobody is needed any more"


def test_one_who_came_in_both_years_is_one_person(commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, [*by_people(DECEMBER, 6), *by_people(date(2027, 1, 1), 6)])
    close(commune, date(2027, 1, 1))
    assert told(commune) == []


def test_with_the_year_its_key_goes_and_whoever_is_not_needed_any_more(commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, [*by_people(JANUARY, 12), *by_people(DECEMBER, 5)])
    close(commune, date(2026, 11, 1))
    assert ContactKey.objects.get(year=2026).secret
    close(commune, DECEMBER)
    assert dict(ContactKey.objects.values_list("year", "secret")) == {2026: "", 2027: f"{2027:064x}"}
    assert set(VisitContact.objects.values_list("year", "month_on")) == {(2027, DECEMBER)}


# ---- never again ---------------------------------------------------------------------------------------


@pytest.fixture
def published(commune: Commune) -> PublishedNumber:
    begin(commune, JANUARY)
    write(commune, by_people(JANUARY, 12))
    close(commune, JANUARY)
    return PublishedNumber.objects.get()


def test_the_database_refuses_to_change_what_was_published(published: PublishedNumber) -> None:
    for model, change in ((PublishedNumber, {"number": 13}), (Edition, {"closed_on": MARCH})):
        with pytest.raises(IntegrityError, match="never_changes"), transaction.atomic():
            model._base_manager.update(**change)
        row, table, column = model.objects.get(), model._meta.db_table, next(iter(change))
        with pytest.raises(IntegrityError, match="never_changes"), transaction.atomic():
            row.save()
        sql = f"UPDATE {table} SET {column} = {column}"  # noqa: S608
        with (
            pytest.raises(IntegrityError, match="never_changes"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    assert told(published.commune) == [(JANUARY, date(2026, 1, 31), "", "", 12)]


def test_nothing_published_is_deleted_or_updated_by_the_product(published: PublishedNumber) -> None:
    for rows in (PublishedNumber.objects.all(), Edition.objects.filter(commune=published.commune)):
        with pytest.raises(AlreadyPublished):
            rows.delete()
        with pytest.raises(AlreadyPublished):
            rows.update(commune=None)


@pytest.mark.parametrize("number", [0, 1, 10])
def test_the_database_takes_no_small_number(published: PublishedNumber, number: int) -> None:
    published.pk, published.first_on, published.last_on = None, FEBRUARY, date(2026, 2, 28)
    published.number = number
    with pytest.raises(IntegrityError), transaction.atomic():
        published.save(force_insert=True)


def test_the_database_takes_no_number_twice(published: PublishedNumber) -> None:
    published.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        published.save(force_insert=True)


def test_what_comes_late_changes_nothing_and_takes_a_table_that_would_not_agree(commune: Commune) -> None:
    begin(commune, JANUARY)
    write(commune, by_people(JANUARY, 22, helped_by="helper"))
    write(commune, by_people(JANUARY, 11, helped_by="nobody"))
    close(commune, JANUARY)
    before = told(commune)
    write(commune, by_people(JANUARY, 1))
    close(commune, DECEMBER)
    assert told(commune) == before


def test_purge_merge_undo_and_erasure_change_no_closed_number(set_clock: Any) -> None:
    town = Town()
    begin(town.commune, date(2026, 11, 1), town.site.pk)
    residents = [make_resident(town.commune, f"+3363998{n:04}") for n in range(12)]
    visits = []
    for number, resident in enumerate(residents):
        start = at(9) + number * timedelta(minutes=30)
        visit = town.given(start, resident=resident, cabin=town.add_cabin())
        do(actions.start_session, visit, now=start)
        do(actions.end_session, visit, now=start + timedelta(minutes=20))
        visits.append(visit)
    do(actions.undo_end, visits[0], now=at(18))
    do(actions.end_session, visits[0], now=at(18, 1))
    close(town.commune, date(2026, 11, 1))
    before = list(PublishedNumber.objects.values())
    assert [row["number"] for row in before] == [12]
    actions.merge_residents(keep=residents[0], duplicate=residents[1], by=SYSTEM, now=TUESDAY)
    with pytest.raises(TooLate):
        do(actions.undo_end, visits[0], now=closing_night(date(2026, 11, 1), town.commune))
    purge(commune=town.commune, now=TUESDAY + timedelta(days=400))
    assert not Resident.objects.exists() and not VisitRecord.objects.exists()
    Appointment.objects.all().delete()
    close(town.commune, date(2028, 1, 1))
    assert list(PublishedNumber.objects.values()) == before
    assert not VisitContact.objects.exclude(year=2028).exists()


def test_a_table_is_made_as_well_from_sums_as_from_records(commune: Commune) -> None:
    Commune.objects.filter(pk=commune.pk).update(retention_months=3)
    commune.refresh_from_db()
    other = make_commune()
    for each in (commune, other):
        begin(each, JANUARY)
        for on in (JANUARY, MARCH, date(2026, 6, 1), DECEMBER):
            write(each, by_people(on, 12, helped_by="helper", theme="email", half_hour=19))
            write(each, by_people(on, 11, helped_by="nobody", theme="justice", half_hour=30))
    for month in range(1, 13):
        close(commune, date(2026, month, 1), folds=True)
    assert not VisitRecord.objects.filter(commune=commune, day_on__lt=date(2026, 9, 1)).exists()
    close(other, DECEMBER)
    assert told(commune) == told(other)
    assert {row[2] for row in told(commune)} == {"", "help", "theme", "moment"}


def test_another_commune_counts_nothing(commune: Commune) -> None:
    other = make_commune()
    for each in (commune, other):
        begin(each, JANUARY)
    write(commune, by_people(JANUARY, 12))
    close(other, JANUARY)
    assert told(other) == [] and told(commune) == []
