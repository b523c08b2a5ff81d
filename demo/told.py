"""The visits that are written by hand, not drawn at random: Fatima Bensaïd's, Camille's day, sessions that
run now, and two residents who must be told that their helper is absent."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from agents.enums import AbsenceKind
from communes.actions import declare_closure
from communes.enums import ClosureReason, HelperPolicy
from demo.build import Town
from demo.people import AMINATA, BRIGITTE, COLETTE, FATIMA, GEORGES, JACQUES, MEHDI, SAMIR, DemoPerson
from demo.places import HOTEL_DE_VILLE, SAINT_JULIEN, VERLAINE
from demo.rota import FRIDAY, THURSDAY, WEDNESDAY, at, week_shown
from demo.spots import day_shown, spot_of
from demo.visits import OFFERS, STEP, Crowd, Fate, PlannedVisit, Spot
from planning.actions.absences import declare_absence

# Days before the Monday of the week shown, in order of preference: Camille usually is at the town hall then.
FATIMA_CAME = (42, 46, 53, 49, 48, 41)
KEPT_FREE = timedelta(minutes=90)


def told_visits(town: Town) -> list[PlannedVisit]:
    """Planned on the first run only. Visits that do not fit into their day are left out."""
    monday = week_shown(town.today)
    couple = _visit(town, SAINT_JULIEN, monday + timedelta(days=8), (10, 0), "cpam", JACQUES)
    colette = _visit(town, SAINT_JULIEN, monday + timedelta(days=8), (11, 0), "cpam", COLETTE)
    told = [
        *_fatima(town, monday),
        *_camille(town, day_shown(town)),
        replace(couple, party_size=2),
        replace(colette, fate=Fate.DISPLACED),
    ]
    return [visit for visit in told if _fits(town, visit)]


def orphans(town: Town) -> list[PlannedVisit]:
    """Visits booked for a Friday on which no helper is present after all: Camille and Yanis are absent."""
    friday = week_shown(town.today) + timedelta(days=FRIDAY)
    booked = (
        _visit(town, HOTEL_DE_VILLE, friday, (9, 30), "impots", BRIGITTE),
        _visit(town, VERLAINE, friday, (10, 0), "france-travail", SAMIR),
    )
    return [visit for visit in booked if _fits(town, visit)]


def _visit(
    town: Town, ref: str, day: date, time: tuple[int, int], service: str, person: DemoPerson
) -> PlannedVisit:
    return PlannedVisit(ref, at(day, *time, town.commune.tz), service, with_helper=True, person=person)


def _fits(town: Town, visit: PlannedVisit) -> bool:
    return spot_of(town, visit.ref, visit.start.date()).fits(visit)


def _fatima(town: Town, monday: date) -> Iterator[PlannedVisit]:
    """Three mornings with Camille, the last one for the CAF, about six weeks before the week shown."""
    possible = (
        _visit(town, HOTEL_DE_VILLE, monday - timedelta(days=days), (10, 30), "caf", FATIMA)
        for days in FATIMA_CAME
    )
    last, middle, first = [visit for visit in possible if _fits(town, visit)][:3]
    yield from (first, replace(middle, service="impots"), last)


def _camille(town: Town, day: date) -> Iterator[PlannedVisit]:
    """Camille's visits on a day when she is first at the town hall and then at the Espace Verlaine."""
    yield _visit(town, HOTEL_DE_VILLE, day, (9, 0), "impots", MEHDI)
    visit = _visit(town, VERLAINE, day, (14, 0), "teleconsultation", AMINATA)
    yield replace(visit, note="tensiomètre prêt")
    yield _visit(town, VERLAINE, day, (15, 15), "email", GEORGES)


def declare_absences_and_closure(town: Town) -> None:
    monday = week_shown(town.today)

    def span(days: int, start: int, end: int) -> dict[str, datetime]:
        day = monday + timedelta(days=days)
        return {"starts_at": at(day, start, 0, town.commune.tz), "ends_at": at(day, end, 0, town.commune.tz)}

    for username, kind, days in (
        ("camille", AbsenceKind.TRAINING, FRIDAY),
        ("yanis", AbsenceKind.OTHER, FRIDAY),
        ("odile", AbsenceKind.LEAVE, 7 + WEDNESDAY),
    ):
        declare_absence(
            agent=town.agents[username],
            commune=town.commune,
            kind=kind,
            by=town.agents["sophie"],
            **span(days, 8, 19),
        )
    declare_closure(site=town.sites[HOTEL_DE_VILLE], reason=ClosureReason.EVENT, **span(7 + THURSDAY, 13, 18))


def keep_free(town: Town, spots: Iterable[Spot]) -> None:
    """Keep an hour and a half free at the town hall, so that a visitor can book it at once."""
    day = day_shown(town)
    start = town.now if day == town.today else at(day, 10, 15, town.commune.tz)
    for spot in spots:
        if spot.ref == HOTEL_DE_VILLE:
            spot.taken.append((start, start + KEPT_FREE))


def present(town: Town, spots: Iterable[Spot], crowd: Crowd) -> Iterator[PlannedVisit]:
    """At the other sites: a session that runs now, and a visit expected after it."""
    for spot in spots:
        if spot.ref != HOTEL_DE_VILLE:
            yield from _present_at(town, spot, crowd)


def _present_at(town: Town, spot: Spot, crowd: Crowd) -> Iterator[PlannedVisit]:
    now = town.commune.local(town.now)
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    service = "caf" if spot.ref == SAINT_JULIEN else "acces-libre"
    for start in (quarter - 2 * STEP, quarter - STEP, quarter - 3 * STEP):
        running = _possible(spot, service, start, crowd)
        # Neither just begun nor about to end.
        if running is None or not running.start + STEP / 3 < now < running.end - STEP / 3:
            continue
        spot.taken.append(running.blocked)
        yield running
        following = _possible(spot, "france-travail", _next_start(running), crowd)
        if following is not None:
            spot.taken.append(following.blocked)
            yield following
        return


def _next_start(visit: PlannedVisit) -> datetime:
    start = visit.start
    while start < visit.blocked[1]:
        start += STEP
    return start


def _possible(spot: Spot, service: str, start: datetime, crowd: Crowd) -> PlannedVisit | None:
    """The visit at that time if it fits, with a helper if one is present; None otherwise."""
    alone = OFFERS[service].entry.helper_policy == HelperPolicy.NONE
    for with_helper in (False,) if alone else (True, False):
        visit = PlannedVisit(spot.ref, start, service, with_helper, None)
        if spot.fits(visit):
            person = crowd.someone_for(service, start.date())
            return replace(visit, person=person) if person else None
    return None
