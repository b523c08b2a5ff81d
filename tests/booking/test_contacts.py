"""Who came is noted apart from the visit, as hashes, and for no longer than the publication needs it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from booking import actions
from booking.actions.counting import key_of
from booking.categories import AFTERNOON, MORNING, OF_PROCEDURES, categories_of, family
from booking.enums import Status
from booking.models import Appointment, ContactKey, Resident, VisitContact
from communes.enums import Theme
from tests.booking.towns import SYSTEM, Town, do
from tests.factories import TUESDAY, at, make_resident, make_service, make_site

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def town(set_clock: Any) -> Town:
    return Town()


@pytest.fixture
def fatima(town: Town) -> Resident:
    return make_resident(town.commune, "+33639981234", first_name="Fatima")


def came(town: Town, resident: Resident | None, start: datetime | None = None, **fields: Any) -> Appointment:
    start = start or at(14)
    visit = town.given(start, resident=resident, **fields)
    do(actions.start_session, visit, now=start)
    do(actions.end_session, visit, now=start + timedelta(minutes=20))
    return visit


def close(days: int = 30) -> None:
    actions.close_days(now=TUESDAY + days * DAY)


def people(dimension: str = "", code: str = "", **chosen: Any) -> int:
    rows = VisitContact.objects.filter(dimension=dimension, code=code, **chosen)
    return rows.values("contact").distinct().count()


def test_who_came_is_noted_by_category_and_for_both_years_that_may_publish_it(
    town: Town, fatima: Resident
) -> None:
    came(town, fatima, helper=town.bob)
    found = {(row.year, row.dimension, row.code) for row in VisitContact.objects.all()}
    categories = {("", ""), ("help", "helper"), ("theme", family(town.service.theme)), ("moment", AFTERNOON)}
    assert found == {(year, *each) for year in (2026, 2027) for each in categories}
    assert {row.month_on for row in VisitContact.objects.all()} == {NOVEMBER}


def test_before_october_a_visit_is_noted_for_its_own_year_alone(town: Town, fatima: Resident) -> None:
    came(town, fatima, at(14) - 100 * DAY)
    assert set(VisitContact.objects.values_list("year", flat=True)) == {2026}


def test_a_hash_names_nobody_and_cannot_be_compared_with_those_of_other_categories(
    town: Town, fatima: Resident
) -> None:
    visit = came(town, fatima)
    rows = list(VisitContact.objects.all())
    assert {field.name for field in VisitContact._meta.get_fields() if field.is_relation} == {"commune"}
    assert len({row.contact for row in rows}) == len(rows) == 8
    held = " ".join(str(value) for row in rows for value in vars(row).values())
    assert "39981234" not in held and str(visit.number) not in held and "Fatima" not in held


def test_an_undo_takes_it_back_with_the_record(town: Town, fatima: Resident) -> None:
    first, second = came(town, fatima, at(9)), came(town, fatima, at(14))
    do(actions.undo_end, second, now=at(14, 25))
    assert people(year=2026) == 1
    assert set(VisitContact.objects.values_list("key", flat=True)) == {key_of(first.pk)}
    do(actions.undo_start, second, now=at(14, 25))
    do(actions.undo_end, first, now=at(14, 25))
    assert not VisitContact.objects.exists()


@pytest.mark.parametrize("verb", [actions.mark_no_show, actions.cancel])
def test_who_did_not_come_is_not_noted(town: Town, fatima: Resident, verb: Any) -> None:
    do(verb, town.given(at(9), resident=fatima), now=at(9, 30))
    assert not VisitContact.objects.exists()


def test_somebody_unknown_is_never_counted_as_one(town: Town) -> None:
    came(town, None, is_walk_in=True)
    assert not VisitContact.objects.exists()


def test_when_the_day_is_closed_each_contact_stays_once_a_month(town: Town, fatima: Resident) -> None:
    came(town, fatima, at(9))
    came(town, fatima, at(14))
    came(town, make_resident(town.commune, "+33639985678"), at(15))
    close(7)
    assert VisitContact.objects.filter(key="").count() == 0, "the day is still open"
    close(8)
    assert not VisitContact.objects.exclude(key="").exists()
    assert VisitContact.objects.filter(year=2026, dimension="").count() == people(year=2026) == 2
    assert people("moment", MORNING, year=2026) == 1 and people("moment", AFTERNOON, year=2026) == 2
    came(town, fatima, at(9, day=26))
    close()
    assert VisitContact.objects.filter(year=2026, dimension="").count() == 2


def test_what_is_closed_does_not_tell_which_hashes_were_of_one_visit(town: Town) -> None:
    for number in range(4):
        came(town, make_resident(town.commune, f"+3363998567{number}"), at(9 + number))
    close()
    rows = [row.contact for row in VisitContact.objects.order_by("contact")]
    stored = [row.contact for row in VisitContact.objects.raw(_AS_STORED)]
    assert stored == rows


_AS_STORED = "SELECT * FROM booking_visitcontact"


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ({"email": "a@example.fr"}, {"email": "A@example.fr"}, 1),
        ({"email": "a@example.fr"}, {"email": "b@example.fr"}, 2),
        ({}, {}, 2),
    ],
)
def test_without_a_number_they_are_known_by_their_address_or_as_themselves(
    town: Town, one: Any, other: Any, count: int
) -> None:
    for start, fields in ((at(9), one), (at(14), other)):
        came(town, make_resident(town.commune, **fields), start)
    assert people(year=2026) == count


def test_two_who_share_a_number_are_one_contact(town: Town, fatima: Resident) -> None:
    came(town, fatima, at(9))
    came(town, make_resident(town.commune, "+33639981234", first_name="Karim"), at(14))
    assert people(year=2026) == 1


def test_the_same_person_has_one_hash_in_all_months_and_another_one_at_another_place(
    town: Town, fatima: Resident
) -> None:
    came(town, fatima)
    came(town, fatima, at(14) - 60 * DAY)
    assert people(year=2026) == 1
    there = town.add_cabin()
    there.site = make_site(town.commune)
    there.save()
    came(town, fatima, at(14, day=25), cabin=there)
    assert people(year=2026) == 2


def test_once_the_key_is_destroyed_nothing_is_noted_for_that_year(town: Town, fatima: Resident) -> None:
    came(town, fatima, at(9))
    actions.destroy_contact_key(commune=town.commune, year=2026)
    assert ContactKey.objects.get(year=2026).secret == "" and ContactKey.objects.get(year=2027).secret
    assert set(VisitContact.objects.values_list("year", flat=True)) == {2027}
    came(town, fatima, at(14))
    assert people(year=2026) == 0 and people(year=2027) == 1


def test_what_was_published_keeps_contacts_for_the_tables_of_its_year_alone(
    town: Town, fatima: Resident
) -> None:
    came(town, fatima)
    close()
    actions.forget_contacts(commune=town.commune, site_ref=town.site.pk, months=[NOVEMBER], year=2026)
    assert {(row.year, row.dimension) for row in VisitContact.objects.all()} == {
        (2026, "help"),
        (2026, "theme"),
        (2026, "moment"),
    }


def test_another_commune_and_another_place_are_left_alone(town: Town, fatima: Resident) -> None:
    came(town, fatima)
    other = Town()
    actions.forget_contacts(commune=other.commune, site_ref=town.site.pk, months=[NOVEMBER], year=2026)
    actions.forget_contacts(commune=town.commune, site_ref=other.site.pk, months=[NOVEMBER], year=2026)
    actions.destroy_contact_key(commune=other.commune, year=2026)
    assert VisitContact.objects.count() == 8


def test_a_purge_and_a_merge_change_nothing_of_who_came(town: Town, fatima: Resident) -> None:
    came(town, fatima)
    close()
    before = set(VisitContact.objects.values_list("contact", flat=True))
    keep = make_resident(town.commune, "+33639985678")
    actions.merge_residents(keep=keep, duplicate=fatima, by=SYSTEM, now=TUESDAY)
    Appointment.objects.all().delete()
    Resident.objects.all().delete()
    assert set(VisitContact.objects.values_list("contact", flat=True)) == before


def test_each_theme_of_the_nation_is_in_one_of_two_families() -> None:
    assert {family(theme) for theme in Theme} == {"procedures", "digital"}
    assert family(Theme.MONEY) == "procedures" and family(Theme.EMAIL) == "digital"
    assert set(Theme) > OF_PROCEDURES


@pytest.mark.parametrize(
    ("half_hour", "found"), [(0, MORNING), (23, MORNING), (24, AFTERNOON), (47, AFTERNOON)]
)
def test_the_morning_ends_at_noon(half_hour: int, found: str) -> None:
    told = categories_of(helped_by="helper", theme=Theme.EMAIL, half_hour=half_hour)
    assert told == {"help": "helper", "theme": "digital", "moment": found}


def test_a_visit_counts_in_one_category_of_each_table(town: Town, fatima: Resident) -> None:
    came(town, fatima, at(9), helper=town.bob)
    came(town, fatima, at(14), service=make_service(town.commune, theme=Theme.EMAIL))
    close()
    for dimension in ("help", "theme", "moment"):
        assert VisitContact.objects.filter(dimension=dimension, year=2026).count() == 2
    assert Appointment.objects.filter(status=Status.DONE).count() == 2
