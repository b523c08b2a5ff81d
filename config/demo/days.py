"""Which days are filled: eight weeks behind, two weeks ahead, and a lively today.

A day is filled once, when nothing is booked on it yet. Running the demonstration again later
fills the days that have come nearer, and lets what was booked for the days between take place.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random

from booking import actions
from booking.enums import LIVE, Status
from booking.models import Appointment
from config.demo import life
from config.demo.build import Town
from config.demo.spots import day_shown, spots_of
from config.demo.told import declare_absences_and_closure, keep_free, present, told_visits
from config.demo.visits import COMING_FATES, PAST_FATES, Crowd, Fate, Planner, Visit

DAYS_BEHIND, DAYS_AHEAD = 56, 13
PAST_DENSITY = 0.22
NEXT_DENSITY, LAST_DENSITY = 0.8, 0.35
"""The nearer a day, the fuller."""


def fill(town: Town, *, fresh: bool) -> None:
    """Fill the empty days; `fresh` on the first run, when there are stories to tell."""
    _catch_up(town)
    crowd = Crowd(Random("Permanence"), town.residents)
    days = [town.today + timedelta(days=n) for n in range(-DAYS_BEHIND, DAYS_AHEAD + 1)]
    empty = set(days) - _days_with_appointments(town, crowd)
    booked: list[tuple[Appointment, Fate]] = []
    walk_ins: list[Visit] = []
    if fresh:
        visits = list(told_visits(town))
        for visit in visits:
            assert visit.person is not None
            crowd.note(visit.person, visit.start.date())
        booked += _arrange(town, visits, Random("told"))
        declare_absences_and_closure(town)
    for day in days:
        if day in empty:
            visits = list(_visits_of(town, day, crowd))
            walk_ins += [visit for visit in visits if visit.fate is Fate.WALK_IN]
            booked += _arrange(town, visits, Random(f"arranged {day}"))
    _play(town, booked, walk_ins)


def _arrange(town: Town, visits: Iterable[Visit], rng: Random) -> list[tuple[Appointment, Fate]]:
    arranged = (
        (life.arrange(town, visit, rng), visit.fate) for visit in visits if visit.fate is not Fate.WALK_IN
    )
    return [(appointment, fate) for appointment, fate in arranged if appointment is not None]


def _play(town: Town, booked: list[tuple[Appointment, Fate]], walk_ins: list[Visit]) -> None:
    for appointment, fate in sorted(booked, key=lambda pair: pair[0].starts_at):
        if appointment.status == Status.BOOKED:
            life.play(town, appointment, until=town.now, missed=fate is Fate.MISSED)
    for visit in walk_ins:
        life.walk_in(town, visit, until=town.now)


def _visits_of(town: Town, day: date, crowd: Crowd) -> Iterator[Visit]:
    spots = spots_of(town, day)
    planner = Planner(Random(f"Permanence {day}"), crowd)
    if day < town.today:
        yield from planner.fill(day, spots, density=PAST_DENSITY, fates=PAST_FATES)
        return
    if day == day_shown(town):
        keep_free(town, spots)
    if day == town.today:
        yield from present(town, spots, crowd)
    share = (day - town.today).days / DAYS_AHEAD
    density = NEXT_DENSITY + (LAST_DENSITY - NEXT_DENSITY) * share
    yield from planner.fill(day, spots, density=density, fates=COMING_FATES)


def _days_with_appointments(town: Town, crowd: Crowd) -> set[date]:
    """Also tells the crowd who comes when."""
    people = {resident.pk: person for person, resident in town.residents.items()}
    since = town.midnight(town.today - timedelta(days=DAYS_BEHIND))
    rows = Appointment.objects.filter(commune=town.commune, starts_at__gte=since)
    days = set()
    for starts_at, resident_id in rows.values_list("starts_at", "resident_id"):
        day = town.commune.local(starts_at).date()
        days.add(day)
        if resident_id in people:
            crowd.note(people[resident_id], day)
    return days


def _catch_up(town: Town) -> None:
    """Let take place what was booked for the days since the last run, and for today until now,
    unless someone is at work on today already."""
    actions.lapse_holds(now=town.now)
    midnight, next_midnight = town.midnight(town.today), town.midnight(town.today + timedelta(days=1))
    everything = Appointment.objects.filter(commune=town.commune)
    for appointment in everything.filter(status__in=LIVE, starts_at__lt=midnight).order_by("starts_at"):
        life.leave_behind(town, appointment)
    today = everything.filter(starts_at__gte=midnight, starts_at__lt=next_midnight)
    untouched = not today.exclude(
        status__in=(Status.HELD, Status.LAPSED, Status.BOOKED, Status.CANCELLED)
    ).exists()
    if untouched:
        for appointment in today.filter(status=Status.BOOKED, created_at__lt=midnight).order_by("starts_at"):
            life.play(town, appointment, until=town.now)
