"""The share of opening time in order, against counting minute by minute."""

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from communes.enums import ClosureReason, IncidentKind
from communes.in_order import month_starts, shares
from communes.models import Cabin, Closure, Incident
from communes.setup_actions import create_cabin
from tests.factories import make_cabin, make_commune, make_fault, make_site
from tests.profiles import share

PARIS = ZoneInfo("Europe/Paris")
MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 11, 24, 10, 30, tzinfo=PARIS)
HOURS = ((9, 12), (14, 17))
"""Of `make_site`, Monday to Friday but on holidays."""
HOLIDAYS = (date(2026, 11, 1), date(2026, 11, 11))

pytestmark = pytest.mark.django_db


def is_open(minute: datetime, cabin: Cabin, closures: list[Closure]) -> bool:
    local = minute.astimezone(PARIS)
    if local.weekday() >= 5 or local.date() in HOLIDAYS:
        return False
    in_hours = any(opens <= local.hour < closes for opens, closes in HOURS)
    shut = any(each.starts_at <= minute < each.ends_at for each in closures)
    begun = cabin.in_service_at is None or cabin.in_service_at <= minute
    gone = cabin.retired_at is not None and cabin.retired_at <= minute
    return in_hours and not shut and begun and not gone and minute < NOW


def counted(cabin: Cabin, month: date) -> tuple[int, int]:
    """Minutes open, and minutes open and broken."""
    closures, faults = list(Closure.objects.all()), list(Incident.objects.filter(cabin=cabin))
    minute = datetime(month.year, month.month, 1, tzinfo=PARIS).astimezone(ZoneInfo("UTC"))
    opened = broken = 0
    while minute.astimezone(PARIS).month == month.month:
        if is_open(minute, cabin, closures):
            opened += 1
            broken += any(
                each.kind not in ("door", "cleanliness", "offline")
                and each.confirmed_at is not None
                and each.opened_at <= minute
                and (each.closed_at is None or minute < each.closed_at)
                for each in faults
            )
        minute += MINUTE
    return opened, broken


class TestShares(TestCase):
    @settings(max_examples=share(0.05))
    @given(st.integers(0, 2**24 - 1))
    def test_each_month_is_what_counting_minutes_gives(self, seed: int) -> None:
        random = Random(seed)

        def instant() -> datetime:
            return datetime(2026, 10, 1, tzinfo=PARIS) + timedelta(minutes=random.randrange(60 * 24 * 65))

        commune = make_commune()
        site = make_site(commune)
        begins, ends = sorted((instant(), instant()))
        cabin = make_cabin(
            site,
            in_service_at=random.choice([None, begins]),
            retired_at=random.choice([None, None, ends + MINUTE]),
        )
        for _ in range(random.randrange(3)):
            start = instant()
            Closure.objects.create(
                site=site,
                starts_at=start,
                ends_at=start + timedelta(hours=random.randrange(1, 60)),
                reason=ClosureReason.WORKS,
            )
        for _ in range(random.randrange(6)):
            opened_at = min(instant(), NOW)
            closed_at = opened_at + timedelta(minutes=random.randrange(5000))
            kind = random.choice(list(IncidentKind))
            is_open = not Incident.objects.filter(cabin=cabin, kind=kind, closed_at=None).exists()
            make_fault(
                cabin,
                kind,
                NOW,
                opened_at=opened_at,
                confirmed_at=random.choice([None, opened_at, opened_at]),
                closed_at=random.choice([closed_at, None]) if is_open else closed_at,
            )
        months = month_starts(commune, NOW, 2)
        (found,) = shares(commune, [cabin], months, NOW)
        for each in found.months:
            opened, broken = counted(cabin, each.month_on)
            assert (each.open_for, each.broken_for) == (opened * MINUTE, broken * MINUTE)


def test_a_month_with_the_least_fault_has_not_all_of_its_time() -> None:
    cabin = make_cabin(make_site(make_commune()))
    begun = datetime(2026, 11, 3, 9, tzinfo=PARIS)
    make_fault(cabin, IncidentKind.SCREEN, NOW, opened_at=begun, closed_at=begun + MINUTE)
    (found,) = shares(cabin.site.commune, [cabin], month_starts(cabin.site.commune, NOW, 3), NOW)
    assert [each.percent for each in found.months] == [100, 100, 99]
    assert found.months[-1].broken_min == 1


def test_a_cabin_that_never_opened_has_no_share() -> None:
    cabin = make_cabin(make_site(make_commune(), opening_hours=""))
    (found,) = shares(cabin.site.commune, [cabin], month_starts(cabin.site.commune, NOW, 1), NOW)
    assert found.months[0].percent is None


def test_nothing_counts_from_before_a_cabin_was_entered() -> None:
    site = make_site(make_commune())
    entered = datetime(2026, 11, 24, 10, tzinfo=PARIS)
    values = {"name": "Cabine neuve", "in_service_at": datetime(2026, 9, 1, tzinfo=PARIS)}
    cabin = create_cabin(site=site, values=values, by=None, now=entered)
    older = make_cabin(site)
    found = shares(site.commune, [cabin, older], month_starts(site.commune, NOW, 2), NOW)
    assert [each.percent for each in found[0].months] == [None, 100]
    assert found[0].months[-1].open_for == timedelta(minutes=30)
    assert [each.percent for each in found[1].months] == [100, 100]


@pytest.mark.parametrize(
    ("month", "hours", "fault_hours"), [(10, 31 * 24 + 1, 7), (3, 31 * 24 - 1, 5)], ids=["autumn", "spring"]
)
def test_an_hour_more_or_less_on_the_night_of_the_clock_change_counts(
    month: int, hours: int, fault_hours: int
) -> None:
    """Open day and night: the month has an hour more in autumn, less in spring; so has a fault of that night,
    from midnight to six on the clock."""
    commune = make_commune()
    cabin = make_cabin(make_site(commune, opening_hours="24/7"))
    night = datetime(2026, month, 25 if month == 10 else 29, tzinfo=PARIS)
    make_fault(cabin, IncidentKind.SCREEN, NOW, opened_at=night, closed_at=night.replace(hour=6))

    (found,) = shares(commune, [cabin], [date(2026, month, 1)], NOW)

    (share_of_month,) = found.months
    assert share_of_month.open_for == timedelta(hours=hours)
    assert share_of_month.broken_for == timedelta(hours=fault_hours)
