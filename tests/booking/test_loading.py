"""Worlds filled from the database: bounded queries, nothing forgotten, nothing told across communes."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from agents.models import Absence, Agent
from booking.engine.assignment import ExchangePlan, NotFound
from booking.engine.timeline import ceil_tick, floor_tick
from booking.enums import Status, WhyEmpty
from booking.free import loading
from booking.free.slots import SlotSearch, check_slot, find_first, find_slots
from booking.models import Appointment
from communes.enums import Equipment, HelperPolicy
from communes.models import Cabin, Closure, Commune, Service, Site
from core.roles import Role
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

DAY = date(2026, 11, 24)
DAYS = timedelta(days=1)

pytestmark = pytest.mark.django_db

Queries = Callable[[int], Any]


def find(service: Service, **asked: Any) -> SlotSearch:
    asked = {"with_helper": False, "now": at(6), "start": DAY, "end": DAY + DAYS, **asked}
    return find_slots(commune=service.commune, service=service, **asked)


def starts(found: SlotSearch) -> list[str]:
    return [f"{offer.start.astimezone(TUESDAY.tzinfo):%H:%M}" for offer in found.offers]


def why(found: SlotSearch) -> list[WhyEmpty | None]:
    return [day.why_empty for day in found.offers.days]


def test_a_helper_busy_in_another_commune_is_not_offered(
    short: Service, one_cabin: Cabin, helper: Agent, django_assert_num_queries: Queries
) -> None:
    elsewhere = make_commune()
    there = make_cabin(make_site(elsewhere))
    make_appointment(there, make_service(elsewhere, turnaround_min=0), at(9, 30), helper=helper)

    assert starts(find(short, with_helper=True)) == ["10:15", "10:30"]
    assert starts(find(short, with_helper=False)) == ["09:00", "09:30", "10:00", "10:30"]


def test_what_another_commune_learns_of_a_helper_is_when_only(
    commune: Commune, short: Service, one_cabin: Cabin, helper: Agent
) -> None:
    elsewhere = make_commune()
    helper.memberships.create(commune=elsewhere, is_helper=True)
    make_appointment(one_cabin, short, at(9), helper=helper, helper_chosen=True)

    rows = loading._elsewhere(elsewhere.pk, at(8), at(12), at(6), at(12, day=26))

    nothing = 0
    assert list(rows) == [
        (
            nothing,
            nothing,
            helper.pk,
            nothing,
            floor_tick(at(9)),
            ceil_tick(at(9, 40)),
            nothing,
            nothing,
            loading._Kind.ELSEWHERE,
        )
    ]
    assert list(loading._elsewhere(commune.pk, at(8), at(12), at(6), at(12, day=26))) == []


def test_an_absence_counts_whoever_declared_it(short: Service, one_cabin: Cabin, helper: Agent) -> None:
    Absence.objects.create(agent=helper, commune=make_commune(), starts_at=at(9), ends_at=at(10, 20))

    assert starts(find(short, with_helper=True)) == ["10:30"]


def test_shifts_shrink_to_whole_ticks_and_absences_grow(
    commune: Commune, one_cabin: Cabin, short: Service, helper: Agent
) -> None:
    service = make_service(commune, duration_min=5, turnaround_min=0, start_step_min=5)
    helper.memberships.get().skills.add(service)
    helper.shifts.update(starts_at=at(9, 2), ends_at=at(9, 33))
    Absence.objects.create(agent=helper, starts_at=at(9, 12), ends_at=at(9, 21))

    assert starts(find(service, with_helper=True)) == ["09:05", "09:25"]


def test_a_hold_keeps_its_place_until_it_expires(short: Service, one_cabin: Cabin) -> None:
    make_appointment(one_cabin, short, at(9), status=Status.HELD, held_until=at(6, 10))

    assert starts(find(short, now=at(6, 9))) == ["09:40", "10:00", "10:30"]
    assert starts(find(short, now=at(6, 10))) == ["09:00", "09:30", "10:00", "10:30"]


@pytest.mark.parametrize("status", [Status.DONE, Status.CANCELLED, Status.NO_SHOW, Status.LAPSED])
def test_what_is_over_takes_no_place(short: Service, one_cabin: Cabin, status: Status) -> None:
    make_appointment(one_cabin, short, at(9), status=status)

    assert starts(find(short)) == ["09:00", "09:30", "10:00", "10:30"]


def test_turnaround_keeps_the_cabin(short: Service, one_cabin: Cabin) -> None:
    make_appointment(one_cabin, short, at(9), ends_at=at(9, 45))

    assert starts(find(short)) == ["09:55", "10:00", "10:30"]


def test_an_appointment_of_the_night_before_still_counts(commune: Commune, short: Service) -> None:
    cabin = make_cabin(make_site(commune, opening_hours="24/7"))
    make_appointment(cabin, short, at(22, day=23), ends_at=at(2))

    assert starts(find(short, now=at(20, day=23)))[:2] == ["02:10", "02:30"]


def test_round_the_clock_starts_are_counted_from_each_midnight(commune: Commune) -> None:
    make_cabin(make_site(commune, opening_hours="24/7"))
    service = make_service(commune, duration_min=60, turnaround_min=0, start_step_min=100)

    found = find(service, start=DAY - DAYS, end=DAY + DAYS, now=at(0, day=23))

    for day in found.offers.days:
        times = [f"{offer.start.astimezone(TUESDAY.tzinfo):%H:%M}" for offer in day.offers]
        assert times[:3] == ["00:00", "01:40", "03:20"]


def test_holidays_closures_and_sundays_say_so(short: Service, one_cabin: Cabin) -> None:
    Closure.objects.create(site=one_cabin.site, starts_at=at(0), ends_at=at(0, day=25))

    assert why(find(short)) == [WhyEmpty.CLOSED]
    christmas = date(2026, 12, 25)
    assert why(find(short, start=christmas, end=christmas + 3 * DAYS)) == [
        WhyEmpty.HOLIDAY,
        None,
        WhyEmpty.CLOSED,
    ]


def test_hours_that_cannot_be_read_count_as_closed(short: Service, one_cabin: Cabin) -> None:
    Site.objects.update(opening_hours="Mo-Fr 09:00+")

    assert why(find(short)) == [WhyEmpty.CLOSED]


def test_a_commune_without_sites_is_closed(commune: Commune, short: Service) -> None:
    assert why(find(short)) == [WhyEmpty.CLOSED]


def test_a_site_without_a_fit_cabin_says_so(short: Service, morning: Site) -> None:
    assert why(find(short)) == [WhyEmpty.NO_CABIN]
    make_cabin(morning, in_order=False)
    make_cabin(morning, equipment=[Equipment.SCREEN])
    short.equipment_needed = [Equipment.SCANNER]
    assert why(find(short)) == [WhyEmpty.NO_CABIN]


def test_only_helpers_in_that_role_with_the_skill_are_counted(
    commune: Commune, short: Service, one_cabin: Cabin, helper: Agent
) -> None:
    other = make_service(commune, duration_min=30)
    assert why(find(other, with_helper=True)) == [WhyEmpty.NO_HELPER]
    assert why(find(short, with_helper=True)) == [None]
    helper.memberships.update(is_helper=False, is_desk=True)
    assert why(find(short, with_helper=True)) == [WhyEmpty.NO_HELPER]
    helper.memberships.update(is_helper=True)
    Agent.objects.filter(pk=helper.pk).update(is_active=False)
    assert why(find(short, with_helper=True)) == [WhyEmpty.NO_HELPER]


def test_a_chosen_helper_is_the_only_one_who_counts(
    commune: Commune, short: Service, one_cabin: Cabin, helper: Agent
) -> None:
    other = make_agent(commune, Role.HELPER, skills=[short])
    make_shift(other, one_cabin.site, at(10), at(11))

    assert starts(find(short, with_helper=True, helper_id=other.pk)) == ["10:00", "10:30"]


@pytest.mark.parametrize(
    ("policy", "asked", "expected"),
    [
        (HelperPolicy.REQUIRED, False, [WhyEmpty.NO_HELPER]),
        (HelperPolicy.NONE, True, [None]),
        (HelperPolicy.OPTIONAL, True, [WhyEmpty.NO_HELPER]),
        (HelperPolicy.OPTIONAL, False, [None]),
    ],
)
def test_the_policy_of_the_service_has_the_last_word(
    short: Service, one_cabin: Cabin, policy: HelperPolicy, asked: bool, expected: list[WhyEmpty | None]
) -> None:
    short.helper_policy = policy

    assert why(find(short, with_helper=asked)) == expected


def test_residents_keep_the_lead_times_and_the_desk_does_not(short: Service, one_cabin: Cabin) -> None:
    short.lead_min_hours, short.lead_max_days = 3, 1
    asked: dict[str, Any] = {"now": at(6, 45), "end": DAY + 3 * DAYS}

    public = find(short, public=True, **asked)

    assert [len(day.offers) for day in public.offers.days] == [2, 4, 0]
    assert starts(public)[:2] == ["10:00", "10:30"]
    assert why(public)[2] == WhyEmpty.TOO_FAR
    assert [len(day.offers) for day in find(short, **asked).offers.days] == [4, 4, 4]
    short.lead_min_hours = 5
    assert why(find(short, public=True, **asked))[0] == WhyEmpty.TOO_SOON


def test_an_appointment_that_moves_gives_up_its_place(short: Service, one_cabin: Cabin) -> None:
    moving = make_appointment(one_cabin, short, at(9))

    assert starts(find(short, moving=moving)) == ["09:00", "09:30", "10:00", "10:30"]


def test_a_longer_visit_is_rounded_up_and_says_so(short: Service, one_cabin: Cabin) -> None:
    found = find(short, duration_min=62)

    assert (found.offers.duration_min, found.offers.was_rounded_up) == (65, True)
    assert starts(found) == ["09:00", "09:30"]
    assert not find(short).offers.was_rounded_up


def test_only_the_sites_asked_for_are_looked_at(commune: Commune, short: Service, one_cabin: Cabin) -> None:
    other = make_site(commune, opening_hours="Mo-Fr 09:00-10:00")
    make_cabin(other)

    found = find(short, site_ids=[other.pk])

    assert (found.sites, starts(found)) == ([other], ["09:00", "09:30"])
    assert len(find(short).sites) == 2
    Site.objects.filter(pk=other.pk).update(is_active=False)
    assert find(short).sites == [one_cabin.site]


def test_the_first_possible_time_may_be_weeks_away(short: Service, one_cabin: Cabin) -> None:
    Closure.objects.create(site=one_cabin.site, starts_at=at(0), ends_at=at(0) + timedelta(weeks=5))
    asked: dict[str, Any] = {"commune": short.commune, "service": short, "with_helper": False, "now": at(6)}

    first = find_first(**asked)

    assert first is not None
    assert first.start == datetime(2026, 12, 29, 9, 0, tzinfo=TUESDAY.tzinfo)
    assert find_first(**asked, weeks=5) is None


def test_the_helper_seen_last_comes_first_then_the_least_loaded(
    commune: Commune, short: Service, morning: Site, helper: Agent
) -> None:
    cabins = [make_cabin(morning) for _ in range(3)]
    loaded = make_agent(commune, Role.HELPER, skills=[short])
    idle = make_agent(commune, Role.HELPER, skills=[short])
    for each in (loaded, idle):
        make_shift(each, morning, at(9), at(11))
    make_appointment(cabins[0], short, at(9), helper=loaded)
    resident = make_resident(commune)

    def order() -> tuple[int, ...]:
        return check_slot(
            service=short, site=morning, start=at(10), with_helper=True, resident=resident, now=at(6)
        ).candidates.helpers

    assert order() == (helper.pk, idle.pk, loaded.pk)
    make_appointment(cabins[1], short, at(9, day=17), helper=loaded, resident=resident, status=Status.DONE)
    assert order() == (loaded.pk, helper.pk, idle.pk)


def test_the_plainest_cabin_that_suffices_comes_first(short: Service, morning: Site) -> None:
    rich = make_cabin(morning)
    plain = make_cabin(morning, equipment=[Equipment.SCREEN])
    short.equipment_needed = [Equipment.SCREEN]

    case = check_slot(service=short, site=morning, start=at(9), with_helper=False, now=at(6))

    assert case.candidates.cabins == (plain.pk, rich.pk)


def test_a_helper_with_a_rare_skill_is_freed_by_a_colleague(
    commune: Commune, short: Service, morning: Site
) -> None:
    rare = make_service(commune, duration_min=30, turnaround_min=10)
    expert = make_agent(commune, Role.HELPER, skills=[short, rare])
    colleague = make_agent(commune, Role.HELPER, skills=[short])
    for each in (expert, colleague):
        make_shift(each, morning, at(9), at(11))
    common = make_appointment(make_cabin(morning), short, at(9), helper=expert)
    make_cabin(morning)

    def case() -> ExchangePlan | NotFound:
        return check_slot(service=rare, site=morning, start=at(9), with_helper=True, now=at(6)).room

    found = find(rare, with_helper=True)
    assert [offer.via_exchange for offer in found.offers][:2] == [True, True]
    plan = case()
    assert isinstance(plan, ExchangePlan)
    assert (plan.helper_id, plan.helpers, plan.cabins) == (expert.pk, {common.pk: colleague.pk}, {})
    for settled in ({"helper_chosen": True}, {"helper_chosen": False, "status": Status.ARRIVED}):
        Appointment.objects.filter(pk=common.pk).update(**settled)
        assert case() == NotFound(bound_hit=False)


def test_nothing_lasts_longer_than_the_search_looks(cabin: Cabin, service: Service) -> None:
    start = at(9)
    make_appointment(cabin, service, start, ends_at=start + timedelta(days=1), blocked_until=start + 2 * DAYS)
    start += timedelta(days=7)
    with pytest.raises(IntegrityError, match="appointment_two_days_at_most"):
        make_appointment(cabin, service, start, blocked_until=start + 2 * DAYS + timedelta(microseconds=1))


def test_a_search_needs_a_day(short: Service) -> None:
    with pytest.raises(ValueError, match="no day"):
        find(short, end=DAY)


def test_a_place_that_is_retired_offers_nothing_from_then_on(short: Service, one_cabin: Cabin) -> None:
    before = starts(find(short))
    Site.objects.update(retired_at=at(11))
    assert starts(find(short)) == [each for each in before if each < "10:45"]
    Site.objects.update(retired_at=at(0))
    assert why(find(short, end=DAY + 2 * DAYS)) == [WhyEmpty.CLOSED, WhyEmpty.CLOSED]


def test_a_cabin_is_offered_from_its_first_day_until_it_is_retired(short: Service, one_cabin: Cabin) -> None:
    before = starts(find(short, end=DAY + DAYS))
    Cabin.objects.update(in_service_at=at(10))
    assert starts(find(short, end=DAY + DAYS)) == [each for each in before if each >= "10:00"]
    Cabin.objects.update(in_service_at=None, retired_at=at(0, day=25))
    assert starts(find(short)) == before
    assert why(find(short, end=DAY + 2 * DAYS)) == [None, WhyEmpty.NO_CABIN]
