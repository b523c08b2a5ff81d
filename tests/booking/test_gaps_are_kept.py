"""What the desk's day shows as free is given by the actions: tried one by one, and taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from agents.models import Agent
from booking import actions
from booking.engine.gaps import Fit
from booking.free.vacancies import DayVacancies, read_vacancies
from booking.log import Actor
from booking.models import Appointment
from booking.pages.today import read_rows
from communes.models import Cabin, Commune, Site
from tests.booking.stories import stories
from tests.booking.test_gaps import in_business
from tests.booking.test_loading_against_oracle import told_as_rows
from tests.profiles import share

pytestmark = pytest.mark.django_db


class TestGapsAreKept(TestCase):
    @settings(max_examples=share(0.2))
    @given(st.data())
    def test_whatever_fits_a_gap_can_be_held_or_begun_in_it(self, data: st.DataObject) -> None:
        story = in_business(data.draw(stories(days=1, sites=1, helpers=3, appointments=20)))
        commune, story = told_as_rows(replace(story, holidays=frozenset()))
        sites = list(commune.sites.all())
        rows = read_rows(commune, sites, story.first, story.now)
        known = read_vacancies(commune=commune, on=story.first, now=story.now, sessions=rows)
        attempt = _Attempt(commune, known, story.now)
        for site in sites:
            for cabin in site.cabins.select_related("site__commune"):
                attempt.in_cabin(site, cabin)
            for helper in known.helpers.values():
                attempt.with_helper(site, helper)
        event(f"begun: {min(attempt.begun, 5)}")


class _Attempt:
    def __init__(self, commune: Commune, known: DayVacancies, now: datetime) -> None:
        self.commune, self.known, self.now = commune, known, now
        self.begun = 0

    def in_cabin(self, site: Site, cabin: Cabin) -> None:
        world = self.known.sites[site.pk]
        room = next(each for each in world.cabins if each.id == cabin.pk)
        for gap in self.known.vacancies.of_cabin(world, room):
            for fit in self.known.vacancies.fits_cabin(world, room, gap):
                for start in {fit.starts[0], fit.starts[-1]} if fit.starts else ():
                    assert self.hold(site, start, fit, cabin=cabin).cabin == cabin
                if fit.begin:
                    assert fit.begin.cabin_id == cabin.pk
                    self.begin(fit)

    def with_helper(self, site: Site, helper: Agent) -> None:
        world, person = self.known.sites[site.pk], self.known.helper_worlds[helper.pk]
        for gap in self.known.vacancies.of_helper(world, person):
            for fit in self.known.vacancies.fits_helper(world, person, gap):
                for start in {fit.starts[0], fit.starts[-1]} if fit.starts else ():
                    assert self.hold(site, start, fit, helper=helper).helper == helper
                if fit.begin:
                    assert fit.begin.helper_id == helper.pk
                    self.begin(fit)

    def hold(
        self, site: Site, start: datetime, fit: Fit, cabin: Cabin | None = None, helper: Agent | None = None
    ) -> Appointment:
        request = actions.BookingRequest(
            service=self.known.services[fit.need.service_id],
            site=site,
            start=start,
            with_helper=fit.need.with_helper,
            cabin=cabin,
            helper=helper,
        )
        return taken_back(lambda: actions.hold(request=request, by=Actor.system(), now=self.now))

    def begin(self, fit: Fit) -> None:
        assert fit.begin is not None
        begin = fit.begin
        starts_at = self.now.replace(second=0, microsecond=0)
        cabin = Cabin.objects.select_related("site__commune").get(pk=begin.cabin_id)
        request = actions.BookingRequest(
            service=self.known.services[fit.need.service_id],
            site=cabin.site,
            start=self.now,
            with_helper=fit.need.with_helper,
            cabin=cabin,
            helper=self.known.helpers.get(begin.helper_id) if begin.helper_id else None,
            duration_min=int((begin.ends_at - starts_at).total_seconds() // 60),
        )
        begun = taken_back(lambda: actions.start_walk_in(request=request, by=Actor.system(), now=self.now))
        self.begun += 1
        assert (begun.cabin_id, begun.helper_id, begun.ends_at) == (
            begin.cabin_id,
            begin.helper_id,
            begin.ends_at,
        )


def taken_back(verb: Callable[[], Appointment]) -> Appointment:
    with transaction.atomic():
        done = verb()
        transaction.set_rollback(True)
    return done
