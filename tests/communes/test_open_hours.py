"""When a site is open: its hours without its closures, and closed where its hours cannot be read."""

from datetime import timedelta

import pytest

from communes.models import Closure, Commune, Site
from communes.open_hours import hours_spans, open_spans
from tests.factories import TUESDAY, at, make_site

pytestmark = pytest.mark.django_db

TODAY = TUESDAY.date()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def site(commune: Commune) -> Site:
    return make_site(commune, opening_hours="Mo-Fr 09:00-12:00,14:00-17:00")


def test_closures_are_taken_out_of_the_hours(commune: Commune, site: Site) -> None:
    Closure.objects.create(site=site, starts_at=at(10), ends_at=at(11))
    Closure.objects.create(site=site, starts_at=at(10, 30), ends_at=at(15))
    Closure.objects.create(site=make_site(commune), starts_at=at(8), ends_at=at(18))

    assert hours_spans(site, commune, TODAY, TOMORROW) == [(at(9), at(12)), (at(14), at(17))]
    assert open_spans([site], commune, TODAY, TOMORROW) == {site.pk: [(at(9), at(10)), (at(15), at(17))]}


def test_many_sites_cost_one_query(commune: Commune, site: Site, django_assert_num_queries) -> None:
    sites = [site, *(make_site(commune) for _ in range(5))]
    with django_assert_num_queries(1):
        found = open_spans(sites, commune, TODAY, TOMORROW)
    assert list(found) == [each.pk for each in sites]


@pytest.mark.parametrize("written", ["", "Mo-Fr 9h-12h", "Mo-Fr 09:00+", "Apr 31 09:00-12:00", "Mo" * 400])
def test_hours_that_cannot_be_read_mean_closed(commune: Commune, site: Site, written: str) -> None:
    site.opening_hours = written

    assert open_spans([site], commune, TODAY, TOMORROW) == {site.pk: []}


def test_a_place_is_open_until_it_is_retired(commune: Commune, site: Site) -> None:
    site.retired_at = at(11)
    after_tomorrow = TOMORROW + timedelta(days=1)
    assert open_spans([site], commune, TODAY, after_tomorrow) == {site.pk: [(at(9), at(11))]}
