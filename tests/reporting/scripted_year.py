"""A year of a commune as a script: who books what and when, and what becomes of it.

The script is counted by itself (`Story.counts`), from what was decided before anything was done; playing it
goes through the real actions, each at its instant.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from booking import actions
from booking.actions import BookingRequest
from booking.enums import Origin, Outcome, Reason
from booking.log import Actor
from booking.models import Appointment
from booking.national import SEVERAL, Autonomy
from communes.enums import HelperPolicy
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.factories import (
    make_agent,
    make_cabin,
    make_commune,
    make_service,
    make_shift,
    make_site,
)

YEAR = 2026
SATURDAY = 5
HOURS = (9, 10, 11, 14, 15, 16)
"""When visits begin; one an hour in each cabin, so that all of them fit."""
FATES = ("done", "done", "done", "done", "walk_in", "no_show", "cancelled", "came", "undone", "moved")
CANCELLED_BY = {Reason.CANNOT_COME: "resident", Reason.NOT_NEEDED: "resident", Reason.SITE_CLOSED: "mairie"}
NOTICES = {1: "hours_2", 20: "hours_24", 60: "days_3", 100: "more"}
LEADS = {1: "days_1_2", 2: "days_1_2", 5: "days_3_7", 12: "days_8_14", 25: "days_15_30", 40: "days_31"}
WAITS = {0: "0", 3: "1-4", 8: "5-9", 15: "10-19", 25: "20+"}
NOTED = {
    "autonomy": "autonomy",
    "noted_theme": "themes",
    "equipment": "equipment_used",
    "orientation": "orientation",
}
"""Dimension of the figures → column of the note."""
SYSTEM = Actor.system()


@dataclass(frozen=True)
class Scene:
    """One visit: `start` is its hour; `late_min`: minutes until it begins; `used_min`: how long it lasts."""

    cabin: Cabin
    service: Service
    start: datetime
    fate: str
    helped: bool
    party: int
    lead_days: int
    origin: Origin
    late_min: int
    used_min: int
    outcome: Outcome
    reason: Reason
    hours_before: int
    note: Mapping[str, list[str]]
    """What the helper notes afterwards, by column; empty: nothing is noted."""


@dataclass
class Story:
    commune: Commune
    scenes: list[Scene] = field(default_factory=list)

    def counts(self) -> dict[tuple[str, str], int]:
        """(dimension, code) → how many; and persons, minutes used and booked of visits that took place."""
        found: Counter[tuple[str, str]] = Counter()
        for scene in self.scenes:
            found.update(dict(_cells(scene)))
        return {key: count for key, count in found.items() if count}


def _cells(scene: Scene) -> Iterator[tuple[tuple[str, str], int]]:
    if scene.fate == "cancelled":
        yield ("ended_as", "cancelled"), 1
        yield ("cancelled_by", CANCELLED_BY[scene.reason]), 1
        yield ("notice", NOTICES[scene.hours_before]), 1
        return
    if scene.fate == "no_show":
        yield ("ended_as", "no_show"), 1
        yield ("missed_told", "none"), 1
        return
    walk_in, timed = scene.fate == "walk_in", scene.fate != "came"
    yield ("ended_as", "done"), 1
    yield ("service", str(scene.service.pk)), 1
    yield ("cabin", str(scene.cabin.pk)), 1
    yield ("theme", scene.service.theme), 1
    yield ("helped_by", "helper" if scene.helped else "nobody"), 1
    yield ("origin", scene.origin), 1
    yield ("walk_in", "yes" if walk_in else "no"), 1
    yield ("lead", "same_day" if walk_in else LEADS[scene.lead_days]), 1
    yield ("told_by", "none"), 1
    yield ("weekday", str(scene.start.isoweekday())), 1
    yield ("half_hour", str(2 * scene.start.hour)), 1
    yield ("outcome", str(scene.outcome) if timed else "unknown"), 1
    yield ("waited", "0" if walk_in else WAITS[scene.late_min] if timed else "unknown"), 1
    for dimension, column in NOTED.items():
        for code in scene.note.get(column) or ["unknown"]:
            yield (dimension, code), 1
    yield ("all", "persons"), scene.party
    yield ("all", "used"), scene.used_min if timed else 0
    yield ("all", "booked"), scene.service.duration_min


def write(count: int, seed: int) -> Story:
    """A commune with two places, and `count` visits of one year. Visits move only where there is one cabin:
    which one a move takes elsewhere is not the script's to say."""
    chance = Random(seed)
    commune = make_commune()
    alone, *others = (
        make_cabin(site) for site, cabins in ((_site(commune), 1), (_site(commune), 3)) for _ in range(cabins)
    )
    services = [
        make_service(commune, name="Impôts", theme="argent_impots", duration_min=30, helper_policy=policy)
        for policy in HelperPolicy
    ]
    days = [date(YEAR, 1, 1) + timedelta(days=n) for n in range(365)]
    slots = [
        (datetime.combine(day, time(hour), commune.tz), cabin)
        for day in days
        for hour in HOURS
        for cabin in (alone, *others)
        if day.weekday() < SATURDAY
    ]
    story = Story(commune)
    for start, cabin in sorted(chance.sample(slots, count), key=lambda slot: (slot[0], slot[1].pk)):
        fates = [fate for fate in FATES if fate != "moved" or cabin == alone]
        story.scenes.append(_scene(chance, cabin, chance.choice(services), start, chance.choice(fates)))
    for cabin in (alone, *others):  # one helper for each cabin: nobody is ever missing
        helper = make_agent(commune, Role.HELPER, skills=services)
        for day in sorted({scene.start.date() for scene in story.scenes}):
            shift = (datetime.combine(day, time(hour), commune.tz) for hour in (8, 18))
            make_shift(helper, cabin.site, *shift)
    return story


def _site(commune: Commune) -> Site:
    return make_site(commune, opening_hours="Mo-Fr 08:00-18:00")


def _scene(chance: Random, cabin: Cabin, service: Service, start: datetime, fate: str) -> Scene:
    policy, lead_days = HelperPolicy(service.helper_policy), chance.choice(list(LEADS))
    walks_in = fate == "walk_in"
    return Scene(
        cabin=cabin,
        service=service,
        start=start,
        fate=fate,
        helped=policy.attended(chance.random() < 0.5),
        party=1 if walks_in else chance.choice([1, 1, 2]),
        lead_days=lead_days,
        origin=Origin.SCREEN if walks_in else chance.choice([Origin.DESK, Origin.HELPER, Origin.API]),
        late_min=0 if walks_in else chance.choice(list(WAITS)),
        used_min=chance.randrange(5, 29),
        outcome=chance.choice(list(Outcome)),
        reason=chance.choice(list(CANCELLED_BY)),
        hours_before=chance.choice([hours for hours in NOTICES if hours < 24 * lead_days]),
        note=_note(chance) if chance.random() < 0.5 else {},
    )


def _note(chance: Random) -> Mapping[str, list[str]]:
    return {
        "autonomy": chance.sample(Autonomy.values, chance.randrange(2)),
        **{column: chance.sample(known.values, chance.randrange(4)) for column, known in SEVERAL.items()},
    }


def play(story: Story) -> None:
    """Do what the script says, with the real actions."""
    for scene in story.scenes:
        _play(scene)


def _play(scene: Scene) -> None:
    booked_for = scene.start if scene.fate != "moved" else scene.start.replace(hour=12, minute=30)
    request = BookingRequest(
        service=scene.service,
        site=scene.cabin.site,
        start=booked_for,
        with_helper=scene.helped,
        cabin=scene.cabin,
        party_size=scene.party,
        duration_min=scene.service.duration_min,
        origin=scene.origin,
    )
    if scene.fate == "walk_in":
        visit = actions.start_walk_in(request=request, by=SYSTEM, now=scene.start)
        over = scene.start + _min(scene.used_min)
        actions.end_session(appointment=visit, by=SYSTEM, now=over, outcome=scene.outcome)
        _write_note(scene, visit, over)
        return
    then = scene.start - timedelta(days=scene.lead_days)
    visit = actions.book(request=request, by=SYSTEM, now=then)
    if scene.fate == "moved":
        actions.reschedule(
            appointment=visit, site=scene.cabin.site, start=scene.start, by=SYSTEM, now=then + _min(10)
        )
    if scene.fate == "cancelled":
        actions.cancel(
            appointment=visit,
            reason=scene.reason,
            by=SYSTEM,
            now=scene.start - timedelta(hours=scene.hours_before),
        )
    elif scene.fate == "no_show":
        actions.mark_no_show(appointment=visit, by=SYSTEM, now=scene.start + _min(20))
    elif scene.fate == "came":
        day_after = scene.start + timedelta(days=1)
        actions.record_attendance(appointment=visit, by=SYSTEM, now=day_after)
        _write_note(scene, visit, day_after)
    else:
        _take_place(scene, visit)


def _take_place(scene: Scene, visit: Appointment) -> None:
    """It begins and ends; an end that was pressed too early is undone first."""
    begun = scene.start + _min(scene.late_min)
    actions.check_in(appointment=visit, by=SYSTEM, now=scene.start - _min(5))
    actions.start_session(appointment=visit, by=SYSTEM, now=begun)
    over = begun + _min(scene.used_min)
    if scene.fate == "undone":
        actions.end_session(appointment=visit, by=SYSTEM, now=over - _min(2), outcome="")
        actions.undo_end(appointment=visit, by=SYSTEM, now=over - _min(1))
    actions.end_session(appointment=visit, by=SYSTEM, now=over, outcome=scene.outcome)
    _write_note(scene, visit, over)


def _write_note(scene: Scene, visit: Appointment, over: datetime) -> None:
    if scene.note:
        values = {**scene.note, "autonomy": "".join(scene.note["autonomy"])}
        actions.note_visit(appointment=visit, values=values, by=SYSTEM, now=over + timedelta(days=3))


def _min(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)
