"""Usual weeks made dated shifts: once, ahead, and never over what someone did by hand."""

from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from agents.models import Agent, Membership, PatternDay, Shift, ShiftPattern
from communes.enums import ClosureReason
from communes.models import Closure, Commune, Site
from core.roles import Role
from planning.actions.publishing import Publication, publish_shifts
from planning.actions.shifts import add_shift, change_shift, remove_shift
from planning.actions.usual_weeks import set_pattern
from planning.errors import PatternInvalid
from tests.factories import TUESDAY, at, make_agent, make_commune, make_shift, make_site

UNTIL = date(2026, 12, 6)


def make_pattern(agent: Agent, site: Site, **changes: Any) -> ShiftPattern:
    values = {
        "weekdays": [0, 1, 2, 3, 4],
        "starts": time(9),
        "ends": time(12),
        "anchor_on": date(2026, 11, 23),
        "from_on": date(2026, 1, 1),
        **changes,
    }
    return set_pattern(pattern=ShiftPattern(agent=agent, site=site, **values))


def publish(commune: Commune, until: date = UNTIL) -> Publication:
    return publish_shifts(commune=commune, until=until, now=TUESDAY)[0]


def shifts_of(agent: Agent) -> list[tuple[str, str]]:
    return [
        (
            f"{s.starts_at.astimezone(TUESDAY.tzinfo):%m-%d %H:%M}",
            f"{s.ends_at.astimezone(TUESDAY.tzinfo):%H:%M}",
        )
        for s in agent.shifts.all()
    ]


def test_a_usual_week_becomes_the_shifts_that_lie_ahead(bob: Agent, commune: Commune, site: Site) -> None:
    make_pattern(bob, site)
    done = publish(commune)
    # From Wednesday: Tuesday's has begun.
    days = ["11-25", "11-26", "11-27", "11-30", "12-01", "12-02", "12-03", "12-04"]
    assert shifts_of(bob) == [(f"{day} 09:00", "12:00") for day in days]
    assert len(done.added) == 8


def test_publishing_twice_adds_nothing(bob: Agent, commune: Commune, site: Site) -> None:
    make_pattern(bob, site)
    publish(commune)
    assert not publish(commune)
    assert bob.shifts.count() == 8


def test_a_longer_horizon_adds_only_what_is_new(bob: Agent, commune: Commune, site: Site) -> None:
    make_pattern(bob, site)
    publish(commune)
    done = publish(commune, UNTIL + timedelta(days=7))
    assert len(done.added) == 5


def test_a_changed_week_moves_what_is_untouched(bob: Agent, commune: Commune, site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(opening_hours="Mo-Sa 08:00-12:00")
    pattern = make_pattern(bob, site)
    publish(commune)
    touched, removed = bob.shifts.all()[:2]
    change_shift(shift=touched, agent=bob, site=site, starts_at=at(10, day=25), ends_at=at(11, day=25))
    remove_shift(shift=removed)
    pattern.starts, pattern.weekdays = time(8), [2, 3, 4, 5]
    set_pattern(pattern=pattern)
    done = publish(commune)
    assert shifts_of(bob) == [
        ("11-25 10:00", "11:00"),
        ("11-27 08:00", "12:00"),
        ("11-28 08:00", "12:00"),
        ("12-02 08:00", "12:00"),
        ("12-03 08:00", "12:00"),
        ("12-04 08:00", "12:00"),
        ("12-05 08:00", "12:00"),
    ]
    assert (len(done.added), len(done.moved), len(done.removed)) == (2, 4, 2)
    assert done.touched == [date(2026, 11, 25), date(2026, 11, 26)]


def test_a_week_that_ends_takes_its_coming_shifts_along(bob: Agent, commune: Commune, site: Site) -> None:
    pattern = make_pattern(bob, site)
    publish(commune)
    pattern.until_on = date(2026, 11, 27)
    set_pattern(pattern=pattern)
    publish(commune)
    assert [day for day, _ in shifts_of(bob)] == ["11-25 09:00", "11-26 09:00", "11-27 09:00"]


def test_what_has_begun_stays(bob: Agent, commune: Commune, site: Site) -> None:
    pattern = make_pattern(bob, site)
    publish_shifts(commune=commune, until=UNTIL, now=TUESDAY - timedelta(hours=12))
    assert shifts_of(bob)[0] == ("11-24 09:00", "12:00")
    pattern.starts = time(8)
    set_pattern(pattern=pattern)
    publish(commune)
    assert shifts_of(bob)[:2] == [("11-24 09:00", "12:00"), ("11-25 08:00", "12:00")]


def test_a_shift_by_hand_is_in_the_way_and_told_of(bob: Agent, commune: Commune, site: Site) -> None:
    add_shift(agent=bob, site=make_site(commune), starts_at=at(11, day=25), ends_at=at(14, day=25))
    make_pattern(bob, site)
    done = publish(commune)
    assert [each.on for each in done.in_the_way] == [date(2026, 11, 25)]
    assert len(done.added) == 7


def test_so_is_one_in_another_commune(bob: Agent, commune: Commune, site: Site) -> None:
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    make_shift(bob, make_site(other), at(8, day=26), at(10, day=26))
    make_pattern(bob, site)
    assert [each.on for each in publish(commune).in_the_way] == [date(2026, 11, 26)]


def test_two_patterns_that_change_places_do_so(bob: Agent, commune: Commune, site: Site) -> None:
    morning = make_pattern(bob, site, weekdays=[2])
    afternoon = make_pattern(bob, make_site(commune), weekdays=[2], starts=time(14), ends=time(17))
    publish(commune)
    for pattern, starts, ends in ((morning, time(14), time(17)), (afternoon, time(9), time(12))):
        pattern.starts, pattern.ends = starts, ends
        set_pattern(pattern=pattern)
    done = publish(commune)
    assert not done.in_the_way
    assert [s.site_id == site.pk for s in bob.shifts.all()] == [False, True, False, True]


def test_a_move_that_cannot_be_made_keeps_its_place_from_others(
    bob: Agent, commune: Commune, site: Site
) -> None:
    first = make_pattern(bob, site, weekdays=[2])
    second = make_pattern(bob, site, weekdays=[2], starts=time(14), ends=time(17))
    publish(commune)
    add_shift(agent=bob, site=site, starts_at=at(18, day=25), ends_at=at(19, day=25))
    for pattern, starts, ends in ((first, time(17), time(20)), (second, time(9), time(12))):
        pattern.starts, pattern.ends = starts, ends
        set_pattern(pattern=pattern)
    done = publish(commune)
    assert len(done.in_the_way) == 2
    spans = list(bob.shifts.values_list("starts_at", "ends_at"))
    assert all(one[1] <= other[0] for one, other in pairwise(spans)), "no agent is in two places"


def test_the_places_are_told(bob: Agent, commune: Commune, site: Site) -> None:
    make_pattern(bob, site)
    publish(commune)
    assert Site.objects.get(pk=site.pk).version == 1


def test_only_the_patterns_of_the_commune_are_published(bob: Agent, commune: Commune, site: Site) -> None:
    other = make_commune()
    stranger = make_agent(other, Role.HELPER)
    make_pattern(stranger, make_site(other))
    publish(commune)
    assert not Shift.objects.exists()
    assert not PatternDay.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"weekdays": []},
        {"weekdays": [7]},
        {"weekdays": ["lundi"]},
        {"ends": time(9)},
        {"every_weeks": 0},
        {"until_on": date(2025, 12, 31)},
    ],
)
def test_a_usual_week_that_makes_no_sense_is_refused(bob: Agent, site: Site, changes: dict[str, Any]) -> None:
    with pytest.raises(PatternInvalid):
        make_pattern(bob, site, **changes)


@pytest.mark.parametrize("helpers", [1, 12])
def test_reading_takes_as_many_queries_whatever_the_number_of_helpers(
    commune: Commune, site: Site, helpers: int, django_assert_num_queries: Any
) -> None:
    for _ in range(helpers):
        make_pattern(make_agent(commune, Role.HELPER), site)
    publish(commune)
    # Savepoint and its end, sites (2), bump, who is locked (2), lock, patterns, history, closures.
    with django_assert_num_queries(11):
        publish(commune)


@pytest.mark.parametrize(
    "closing",
    [
        {"opening_hours": "Mo-Fr 09:00-12:00,14:00-17:00; PH off; 2026 Nov 26 off"},
        {"opening_hours": "Mo-We,Fr 09:00-12:00"},
        {"opening_hours": "Mo-Fr 09:00-12:00; Th 14:00-17:00"},
        None,
    ],
)
def test_a_shift_is_not_published_where_the_place_is_closed(
    bob: Agent, commune: Commune, site: Site, closing: dict[str, str] | None
) -> None:
    if closing is None:
        start, end = at(0, day=26), at(0, day=27)
        Closure.objects.create(site=site, starts_at=start, ends_at=end, reason=ClosureReason.WORKS)
    else:
        Site.objects.filter(pk=site.pk).update(**closing)
    make_pattern(bob, site)
    done = publish(commune, date(2026, 11, 27))
    assert [day for day, _ in shifts_of(bob)] == ["11-25 09:00", "11-27 09:00"]
    assert [each.on for each in done.closed] == [date(2026, 11, 26)]


def test_who_comes_before_the_doors_open_works(bob: Agent, commune: Commune, site: Site) -> None:
    make_pattern(bob, site, starts=time(8), ends=time(9))
    assert len(publish(commune, date(2026, 11, 27)).added) == 3


def test_christmas_is_not_published(bob: Agent, commune: Commune, site: Site) -> None:
    make_pattern(bob, site)
    done = publish(commune, date(2027, 1, 2))
    assert [each.on.isoformat() for each in done.closed] == ["2026-12-25", "2027-01-01"]
