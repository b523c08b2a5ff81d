"""Which days are filled: eight weeks before today, two weeks after, and a busy today.

A day is filled once, when it has no appointments yet. Running the demonstration again later fills the new
days within this range, and carries out the appointments of the days that have passed.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from django.db.models import Max

from booking import actions
from booking.enums import LIVE, Status
from booking.models import Appointment, AppointmentEvent
from demo.build import Town
from demo.life import Life
from demo.spots import day_shown, spots_of
from demo.told import declare_absences_and_closure, keep_free, orphans, present, told_visits
from demo.visits import COMING_FATES, PAST_FATES, Crowd, Fate, PlannedVisit, Planner

DAYS_BEHIND, DAYS_AHEAD = 56, 13
PAST_DENSITY = 0.13
NEXT_DENSITY, LAST_DENSITY = 0.75, 0.25
"""The share of opening hours that is booked tomorrow and on the last day: the nearer a day, the fuller."""
UNTOUCHED = (Status.HELD, Status.LAPSED, Status.BOOKED, Status.CANCELLING, Status.CANCELLED)


def fill(town: Town, *, fresh: bool) -> None:
    """Fill the empty days. `fresh`: on the first run, which also makes the visits of `told.py`."""
    crowd = Crowd(Random("Permanence"), town.residents)
    days = [town.today + timedelta(days=n) for n in range(-DAYS_BEHIND, DAYS_AHEAD + 1)]
    since = days[0] if fresh else _day_after_the_last_change(town)
    empty = {day for day in days if day >= since} - _days_with_appointments(town, crowd)
    life = Life(town)
    _catch_up(town, life)
    told = _tell_stories(town, crowd, life) if fresh else []
    for day in days:
        if day in empty:
            rng = Random(f"arranged {day}")
            for visit in _visits_of(town, day, crowd, told):
                if visit.fate is Fate.WALK_IN:
                    life.walk_in(visit)
                else:
                    life.arrange(visit, rng)
    life.run(mail_since=since)


def _tell_stories(town: Town, crowd: Crowd, life: Life) -> list[PlannedVisit]:
    """Make the visits of `told.py`. Returns those that the other visits of their days must leave room for."""
    told, rng = told_visits(town), Random("told")
    bereft = orphans(town)
    for visit in (*told, *bereft):
        if visit.person is not None:
            crowd.note(visit.person, visit.start.date())
    for visit in told:
        life.arrange(visit, rng, first_of_all=True)
    before_the_absences = Life(town)
    for visit in bereft:
        before_the_absences.arrange(visit, rng, first_of_all=True)
    before_the_absences.run()
    declare_absences_and_closure(town)
    return told


def _day_after_the_last_change(town: Town) -> date:
    events = AppointmentEvent.objects.filter(appointment__commune=town.commune)
    last = events.aggregate(at=Max("at"))["at"]
    return town.commune.local(last).date() + timedelta(days=1) if last else town.today


def _visits_of(town: Town, day: date, crowd: Crowd, told: Sequence[PlannedVisit]) -> Iterator[PlannedVisit]:
    spots = spots_of(town, day)
    for spot in spots:
        spot.taken += [visit.blocked for visit in told if visit.ref == spot.ref]
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
    """The days that have appointments. Also notes for the crowd who comes when."""
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


def _catch_up(town: Town, life: Life) -> None:
    """Carry out the appointments of the days since the last run, and today's until now; not today's if
    someone has changed one of them already."""
    actions.lapse_holds(now=town.now)
    actions.finish_due_cancellations(now=town.now)
    midnight, next_midnight = town.midnight(town.today), town.midnight(town.today + timedelta(days=1))
    everything = Appointment.objects.filter(commune=town.commune).select_related("helper")
    for appointment in everything.filter(status__in=LIVE, starts_at__lt=midnight):
        life.leave_behind(appointment)
    today = everything.filter(starts_at__gte=midnight, starts_at__lt=next_midnight)
    if not today.exclude(status__in=UNTOUCHED).exists():
        for appointment in today.filter(status=Status.BOOKED, created_at__lt=midnight):
            life.carry_on(appointment)
