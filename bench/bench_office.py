"""What a desk agent waits for: finding a person by name among 20,000, and the proposals for the twenty
appointments of a helper who is ill for four days."""

import os
import time

from agents.enums import AbsenceKind
from agents.models import Absence
from bench.databases import settle
from bench.report import Report
from bench.worlds import World, booked, local, make_place, skill, slots_of, staff
from booking.models import Appointment
from booking.names import NameIndex
from core.clock import now
from planning.replacing import plan_replacements

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
REPEATS = max(3, round(20 * min(1, SCALE)))
PEOPLE = 20_000
APPOINTMENTS = 20


def run(report: Report) -> None:
    _find_by_name(report)
    _replace(report)


def _find_by_name(report: Report) -> None:
    syllables = ["ba", "den", "fou", "gil", "har", "lem", "mo", "ne", "pre", "sol"]
    everyone = [
        (number, "marie " + "".join(syllables[int(digit)] for digit in f"{number:05d}"))
        for number in range(PEOPLE)
    ]
    misspelt = everyone[12_345][1][:-1]
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        best = NameIndex(everyone).best(misspelt, 20)
        seconds.append(time.perf_counter() - began)
        assert best[0] == 12_345
    report.timing("find_name_among_20000", seconds)


def _replace(report: Report) -> None:
    world = make_place("I", cabins=5, helpers=4)
    skill(world, {helper.pk: world.services for helper in world.helpers})
    staff(world, weeks=1)
    _ill(world)
    settle()
    seconds, found = [], None
    for _ in range(REPEATS):
        began = time.perf_counter()
        found = plan_replacements(commune=world.commune, by=world.helpers[1], now=now())
        seconds.append(time.perf_counter() - began)
    assert found is not None
    assert len(found.placed) == APPOINTMENTS, f"{len(found.placed)} of {APPOINTMENTS} placed"
    report.timing("replacement_preview_of_20", seconds)


def _ill(world: World) -> None:
    """Five visits a day on four days, all with the first helper, who is now absent."""
    helper, days = world.helpers[0], world.days(1)[:4]
    starts = [start for on in days for start in list(slots_of(on))[: APPOINTMENTS // len(days)]]
    Appointment.objects.bulk_create(
        booked(world, world.service, start, world.cabins[0], helper, number)
        for number, start in enumerate(starts)
    )
    Absence.objects.create(
        agent=helper,
        commune=world.commune,
        kind=AbsenceKind.SICK,
        starts_at=local(days[0], 0),
        ends_at=local(days[-1], 23),
    )
