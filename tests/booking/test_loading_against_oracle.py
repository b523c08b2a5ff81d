"""From rows to offers: what the database gives is what the oracle reads in the story."""

from dataclasses import replace
from itertools import count

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from agents.models import Absence, Agent, Membership, Shift
from booking.engine.availability import search
from booking.engine.snapshot import SlotRequest
from booking.enums import Status
from booking.free.loading import load_snapshot
from communes.enums import IncidentKind
from communes.models import Cabin, Closure, Commune, Site
from tests.booking.oracle import Oracle
from tests.booking.stories import needs, stories
from tests.booking.worlds import REUNION, Appointment, Story
from tests.booking.worlds import Site as Place
from tests.factories import make_appointment, make_cabin, make_commune, make_fault, make_service, make_site
from tests.profiles import share

pytestmark = pytest.mark.django_db

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def in_osm_syntax(hours: dict[int, list[tuple[int, int]]], *, shut_on_holidays: bool) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    rules = [
        f"{WEEKDAYS[weekday]} " + ",".join(f"{clock(a)}-{clock(b)}" for a, b in spans)
        for weekday, spans in hours.items()
        if spans
    ]
    return "; ".join([*rules, "PH off"] if shut_on_holidays and rules else rules)


class _Writer:
    """Writes a story as rows under its own ids."""

    def __init__(self, story: Story) -> None:
        self.story = story
        insee = "97411" if story.tz is REUNION else "76498"
        self.commune = make_commune(insee_code=insee, time_zone=story.tz.key)
        self.elsewhere = make_commune(insee_code="76322")
        self.services = {
            number: make_service(self.commune, pk=number, equipment_needed=sorted(equipment))
            for number, equipment in story.services.items()
        }
        self.sites = {site.id: self.site(site) for site in story.sites}
        self.helpers()
        self.appointments = [each for each in story.appointments if self.appointment(each)]

    def site(self, told: Place) -> Site:
        site = make_site(
            self.commune,
            pk=told.id,
            opening_hours=in_osm_syntax(told.hours, shut_on_holidays=told.shut_on_holidays),
        )
        for cabin in told.cabins:
            # Half of those that are free from some time on are not in service yet, the others broken.
            is_new = cabin.in_order and cabin.out_until is not None and cabin.id % 2 == 0
            in_order = cabin.in_order and (cabin.out_until is None or is_new)
            row = make_cabin(
                site,
                pk=cabin.id,
                equipment=sorted(cabin.equipment),
                in_order=in_order,
                out_until=None if is_new else cabin.out_until,
                in_service_at=cabin.out_until if is_new else None,
                retired_at=cabin.retired,
            )
            faults = dict(cabin.faults)
            for code in faults.keys() - ({"video"} if "screen" in faults else set()):
                make_fault(row, IncidentKind(code), self.story.now, faults[code])
        for start, stop in told.closures:
            Closure.objects.create(site=site, starts_at=start, ends_at=stop)
        return site

    def helpers(self) -> None:
        # Numbers that neither the story nor a sequence comes to.
        numbers = count(900_000)
        there = make_service(self.elsewhere, pk=next(numbers))
        for helper in self.story.helpers:
            agent = Agent.objects.create(pk=helper.id, username=f"helper-{helper.id}", first_name="Camille")
            membership = Membership.objects.create(agent=agent, commune=self.commune, is_helper=True)
            membership.skills.set([self.services[number] for number in helper.skills])
            for site_id, start, stop in helper.shifts:
                Shift.objects.create(agent=agent, site=self.sites[site_id], starts_at=start, ends_at=stop)
            for start, stop in helper.absences:
                Absence.objects.create(agent=agent, starts_at=start, ends_at=stop)
            for start, stop in helper.busy_elsewhere:
                cabin = make_cabin(make_site(self.elsewhere, pk=next(numbers)), pk=next(numbers))
                make_appointment(
                    cabin, there, start, ends_at=stop, blocked_until=stop, helper=agent, pk=next(numbers)
                )

    def appointment(self, told: Appointment) -> bool:
        """Whether the database takes it: two sessions may not run in one cabin, for instance."""
        try:
            with transaction.atomic():
                make_appointment(
                    Cabin.objects.get(pk=told.cabin_id),
                    self.services[told.service_id],
                    told.starts_at,
                    pk=told.id,
                    ends_at=told.ends_at,
                    blocked_until=told.blocked_until,
                    helper_id=told.helper_id,
                    helper_chosen=told.helper_chosen,
                    status=told.status,
                    held_until=told.held_until if told.status == Status.HELD else None,
                    cancel_at=told.held_until if told.status == Status.CANCELLING else None,
                )
        except IntegrityError:
            return False
        return True


def told_as_rows(story: Story) -> tuple[Commune, Story]:
    writer = _Writer(story)
    return writer.commune, replace(story, appointments=writer.appointments)


class TestLoading(TestCase):
    @settings(max_examples=share(0.15))
    @given(st.data())
    def test_rows_give_the_offers_of_the_story(self, data: st.DataObject) -> None:
        story = data.draw(stories(days=3, appointments=25))
        # The calendar of the database is the real one: no holiday in the weeks of the stories.
        story = replace(story, holidays=frozenset())
        need: SlotRequest = data.draw(needs(story))
        commune, story = told_as_rows(story)
        oracle = Oracle(story, need)

        loaded = load_snapshot(commune=commune, need=need, first=story.first, last=story.last, now=story.now)
        offers = search(loaded.snapshot, need)

        for day in offers.days:
            starts = oracle.starts(day.on)
            assert [(o.start, o.site_id) for o in day.offers if not o.via_exchange] == [
                (each.at, each.site_id) for each in starts if each.offered
            ]
            timely = [each for each in starts if each.not_past and each.not_too_soon and each.not_too_far]
            assert [(o.start, o.site_id) for o in day.offers if o.via_exchange] == [
                (each.at, each.site_id)
                for each in timely
                if not each.offered and oracle.possible_by_exchange(day.on, each)
            ]
            for half, afternoon in ((day.morning, False), (day.afternoon, True)):
                stretch = oracle.half(day.on, afternoon=afternoon)
                assert half.why_empty == (None if half.offers else oracle.why_empty(day.on, *stretch))
