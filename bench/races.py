"""The races of `make race` on one database."""

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from django.db import connection, connections
from django.db.models import F

from agents.enums import AbsenceKind
from agents.models import Absence, Agent
from bench import any_two
from bench.bench_booking import booking
from bench.clients import at_once
from bench.databases import environment
from bench.report import Report, p95
from bench.web import free_port, web
from bench.worlds import SLOT, World, booked, fill, make_place, skill, slots_of, staff
from booking import actions
from booking.enums import EventKind
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent
from communes.actions import declare_closure
from communes.enums import ClosureReason
from communes.models import Closure, Service
from core.clock import now
from core.errors import PermanenceError
from planning.actions.absences import declare_absence

CLIENTS = int(os.environ.get("RACE_CLIENTS", "50"))
ROUNDS = int(os.environ.get("RACE_ROUNDS", "100"))
FEWER = min(20, CLIENTS)
TRIES = max(2, ROUNDS // 4)
PATIENCE_S = 120
LIMIT_S = 900
"""The limit for one race: a race that hangs fails."""

# Forked after Django is set up and without an open connection: fifty processes start quickly with little
# memory.
fork = multiprocessing.get_context("fork")
SYSTEM = Actor.system()
type Tally = Counter[str]
FAULTS = ("errors", "overlaps", "lost_events", "broken")
"""What must be none."""


def run(report: Report) -> None:
    """Run all races; exit code 1 unless all of them end as they must."""
    totals: Tally = Counter()
    contests = (last_slot, last_slot_over_http, full_week, declared, exchanges)
    for contest in (*contests, any_two.in_processes, any_two.over_http):
        report.note(contest.__name__)
        totals += contest(report)
    for name in ("rounds", "winners", "refused", *FAULTS):
        report.figure(f"race_{name}", totals[name])
    if totals["winners"] != totals["rounds"] or any(totals[name] for name in (*FAULTS, "misplaced")):
        raise SystemExit(1)


# ---- processes -----------------------------------------------------------------------------------


def in_processes(work: Callable[..., None], number: int, *args: Any) -> Iterator[Any]:
    """Run `work(queue, barrier, n, *args)` in so many processes; yields what each puts on the queue last."""
    connections.close_all()
    answers, barrier = fork.Queue(), fork.Barrier(number)
    started = [
        fork.Process(target=work, args=(answers, barrier, n, *args), daemon=True) for n in range(number)
    ]
    for process in started:
        process.start()
    try:
        for _ in started:
            yield answers.get(timeout=LIMIT_S)
        for process in started:
            process.join(PATIENCE_S)
    finally:
        for process in started:
            process.kill()


def book(world: World, service: Service, start: datetime) -> str:
    request = actions.BookingRequest(service=service, site=world.site, start=start, with_helper=True)
    return outcome(actions.book, request=request)


def outcome(verb: Callable[..., object], **how: Any) -> str:
    return attempt(lambda: verb(by=SYSTEM, now=now(), **how))


def attempt(change: Callable[[], object]) -> str:
    """Returns `done`, the code of a clean refusal, or `error …`."""
    try:
        change()
    except PermanenceError as refusal:
        return refusal.code
    except Exception as error:  # noqa: BLE001  (whatever it is, the race must count it)
        return f"error {type(error).__name__}: {error}"
    return "done"


def overlaps() -> int:
    """Pairs of live appointments that share an instant on a cabin or on a helper."""
    one, found = Appointment.objects.live().order_by("starts_at"), 0
    for resource in ("cabin_id", "helper_id"):
        until: dict[int, datetime] = {}
        for row in one.values("starts_at", "blocked_until", key=F(resource)):
            if row["key"] is None:
                continue
            found += until.get(row["key"], row["starts_at"]) > row["starts_at"]
            until[row["key"]] = max(row["blocked_until"], until.get(row["key"], row["blocked_until"]))
    return found


def lost_events(since: int, **expected: int) -> int:
    """How far the numbers of events of each kind written since then differ from the expected numbers."""
    events = AppointmentEvent.objects.filter(pk__gt=since)
    return sum(abs(events.filter(kind=kind).count() - number) for kind, number in expected.items())


def last_event() -> int:
    return AppointmentEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def settle_tally(report: Report, name: str, tally: Tally) -> Tally:
    """Count the errors and refusals of a race; the first errors are printed."""
    errors = {what: number for what, number in tally.items() if what.startswith("error")}
    for what, number in list(errors.items())[:3]:
        report.note(f"{name}: {number} × {what[:200]}")
    refused = sum(
        number for what, number in tally.items() if what not in VERBS and not what.startswith("error")
    )
    found = overlaps()
    report.figure(f"race_{name}_done", sum(tally[verb] for verb in VERBS))
    report.figure(f"race_{name}_refused", refused)
    return Counter(refused=refused, errors=sum(errors.values()), overlaps=found)


VERBS = ("done", "booked", "moved", "cancelled", "declared")


# ---- one last slot -------------------------------------------------------------------------------


def last_slot(report: Report) -> Tally:
    world = make_place("Last slot", cabins=1, helpers=1)
    staff(world)
    slots = [at for on in world.days() for at in slots_of(on)]
    rounds = [slots[n % len(slots)] for n in range(min(ROUNDS, len(slots)))]
    since, total, tally, seconds = last_event(), Counter[str](), Counter[str](), []
    results = list(in_processes(_book_each, CLIENTS, world, rounds))
    for number in range(len(rounds)):
        came = Counter(result[number][0] for result in results)
        tally += came
        total["rounds"] += 1
        total["winners"] += came["done"]
        total["misplaced"] += came["done"] != 1
        began, ended = (pick(result[number][n] for result in results) for n, pick in ((1, min), (2, max)))
        seconds.append(ended - began)
    report.figure("race_last_slot_settled_ms", median(seconds) * 1000, "ms")
    report.figure("race_last_slot_settled_p95_ms", p95(seconds) * 1000, "ms")
    total["lost_events"] = lost_events(since, **{EventKind.BOOKED: tally["done"]})
    return total + settle_tally(report, "last_slot", tally)


def _book_each(answers: Any, barrier: Any, n: int, world: World, rounds: list[datetime]) -> None:
    came = []
    for start in rounds:
        barrier.wait(PATIENCE_S)
        began = time.monotonic()
        what = book(world, world.service, start)
        came.append((what, began, time.monotonic()))
    answers.put(came)


def last_slot_over_http(report: Report) -> Tally:
    world = make_place("Last slot over HTTP", cabins=1, helpers=1)
    staff(world)
    total, tally, seconds = Counter[str](), Counter[str](), []
    keys, since = cycle(world.keys), last_event()
    slots = [at for on in world.days() for at in slots_of(on)][: max(2, ROUNDS // 5)]
    port = free_port()
    with web(environment(os.environ["DATABASE_URL"], os.environ["PERMANENCE_VAR"]), port, quiet=True):
        for number, at in enumerate(slots):
            calls = [booking(world, at, next(keys), number * CLIENTS + n) for n in range(CLIENTS)]
            came = at_once(port, calls)
            total["rounds"] += 1
            total["winners"] += came.statuses[201]
            total["misplaced"] += came.statuses[201] != 1
            tally["done"] += came.statuses[201]
            tally += Counter(
                {
                    code if code == "slot_taken" else f"error {code}": number
                    for code, number in came.codes.items()
                }
            )
            seconds.append(came.took)
    report.figure("race_last_slot_over_http_settled_ms", median(seconds) * 1000, "ms")
    report.figure("race_last_slot_over_http_settled_p95_ms", p95(seconds) * 1000, "ms")
    total["lost_events"] = lost_events(since, **{EventKind.BOOKED: tally["done"]})
    return total + settle_tally(report, "last_slot_over_http", tally)


# ---- a nearly full week --------------------------------------------------------------------------


def full_week(report: Report) -> Tally:
    world = make_place("Full week", cabins=6, helpers=6, services=2)
    skill(world, {helper.pk: world.services[: 1 + n % 2] for n, helper in enumerate(world.helpers)})
    staff(world, weeks=1)
    fill(world, 0.9, weeks=1)
    since, tally = last_event(), Counter[str]()
    for came in in_processes(_at_random, FEWER, world):
        tally += came
    lost = lost_events(
        since,
        **{
            EventKind.BOOKED: tally["booked"],
            EventKind.MOVED: tally["moved"],
            EventKind.CANCELLED: tally["cancelled"],
        },
    )
    return Counter(lost_events=lost) + settle_tally(report, "full_week", tally)


def _at_random(answers: Any, barrier: Any, n: int, world: World) -> None:
    random, came = Random(n), Counter[str]()
    slots = [at for on in world.days(1) for at in slots_of(on)]
    barrier.wait(PATIENCE_S)
    for _ in range(TRIES):
        start = random.choice(slots)
        some = Appointment.objects.live().filter(commune=world.commune).order_by("?").first()
        verb = random.choice(("booked", "booked", "moved", "cancelled"))
        if verb == "booked" or some is None:
            verb = "booked"
            what = book(world, random.choice(world.services), start)
        elif verb == "moved":
            # Moving it to its own time would be no move, and write no event.
            start = random.choice([at for at in slots if at != some.starts_at])
            what = outcome(actions.reschedule, appointment=some, site=world.site, start=start)
        else:
            what = outcome(actions.cancel, appointment=some)
        came[verb if what == "done" else what] += 1
    answers.put(came)


# ---- against absences and closures -----------------------------------------------------------------


def declared(report: Report) -> Tally:
    """Half of the processes book, the others declare absences and closures. Appointments booked before
    stay; nothing may be booked against a declaration after its commit."""
    world = make_place("Declared", cabins=4, helpers=4)
    staff(world, weeks=2)
    since, tally = last_event(), Counter[str]()
    for came in in_processes(_book_or_declare, FEWER, world):
        tally += came
    late = sum(
        Appointment.objects.live()
        .filter(commune=world.commune, starts_at__lt=each.ends_at, ends_at__gt=each.starts_at)
        .filter(**who, created_at__gt=at)
        .count()
        for each, who, at in _declared(world)
    )
    report.figure("race_declared_booked_after", late)
    lost = lost_events(since, **{EventKind.BOOKED: tally["booked"]})
    return Counter(lost_events=lost, misplaced=late) + settle_tally(report, "declared", tally)


def _declared(world: World) -> Iterator[tuple[Any, dict[str, Any], datetime]]:
    """Each declaration, the filter of the appointments that it concerns, and an instant after its commit
    (from a file)."""
    for line in _log_of(world).read_text(encoding="ascii").splitlines():
        kind, pk, at = line.split(" ", 2)
        if kind == "closure":
            yield Closure.objects.get(pk=pk), {"site": world.site}, datetime.fromisoformat(at)
        else:
            absence = Absence.objects.get(pk=pk)
            yield absence, {"helper_id": absence.agent_id}, datetime.fromisoformat(at)


def _log_of(world: World) -> Path:
    return Path(os.environ["PERMANENCE_VAR"]) / f"declared-{world.commune.pk}"


def _book_or_declare(answers: Any, barrier: Any, n: int, world: World) -> None:
    random, came = Random(n), Counter[str]()
    slots = [at for on in world.days(2) for at in slots_of(on)]
    barrier.wait(PATIENCE_S)
    for _ in range(TRIES):
        at = random.choice(slots)
        if n % 2:
            what = book(world, world.service, at)
            came["booked" if what == "done" else what] += 1
        else:
            time.sleep(random.random() / 10)
            what = attempt(partial(_declare, world, random, at))
            came["declared" if what == "done" else what] += 1
    answers.put(came)


def _declare(world: World, random: Random, at: datetime) -> None:
    helper: Agent = random.choice(world.helpers)
    if random.random() < 0.2:
        closure = declare_closure(
            site=world.site, starts_at=at, ends_at=at + SLOT, reason=ClosureReason.OTHER
        )
        line = f"closure {closure.pk}"
    else:
        line = f"absence {_absent(world, helper, at).pk}"
    with _log_of(world).open("a", encoding="ascii") as log:
        log.write(f"{line} {now().isoformat()}\n")


def _absent(world: World, helper: Agent, at: datetime) -> Absence:
    return declare_absence(
        agent=helper,
        commune=world.commune,
        starts_at=at,
        ends_at=at + SLOT,
        kind=AbsenceKind.OTHER,
        by=None,
    )


# ---- exchanges -------------------------------------------------------------------------------------


def exchanges(report: Report) -> Tally:
    """Each slot has one free helper, who has the common skill, while the helpers with the rare skill are
    taken by common appointments."""
    world = make_place("Exchanges", cabins=6, helpers=6, services=2)
    common, rare = world.services
    skill(world, {helper.pk: [common, rare] if n < 2 else [common] for n, helper in enumerate(world.helpers)})
    staff(world, weeks=2)
    slots = [at for on in world.days(2) for at in slots_of(on)]
    numbers = iter(range(10**6))
    Appointment.objects.bulk_create(
        booked(world, common, at, world.cabins[n], world.helpers[n], next(numbers))
        for at in slots
        for n in range(len(world.helpers) - 1)
    )
    before, since, tally = deadlocks(), last_event(), Counter[str]()
    began = time.monotonic()
    for came in in_processes(_exchange, FEWER, world, slots):
        tally += came
    report.figure("race_exchange_per_second", tally["booked"] / (time.monotonic() - began), "/s")
    report.figure("race_exchange_deadlocks", deadlocks() - before)
    exchanged = AppointmentEvent.objects.filter(pk__gt=since).exclude(kind=EventKind.BOOKED).count()
    report.figure("race_exchange_moved", exchanged)
    lost = lost_events(since, **{EventKind.BOOKED: tally["booked"]})
    return Counter(lost_events=lost) + settle_tally(report, "exchange", tally)


def _exchange(answers: Any, barrier: Any, n: int, world: World, slots: list[datetime]) -> None:
    random, came = Random(n), Counter[str]()
    barrier.wait(PATIENCE_S)
    for _ in range(TRIES):
        what = book(world, world.services[1], random.choice(slots))
        came["booked" if what == "done" else what] += 1
    answers.put(came)


def deadlocks() -> int:
    """How many deadlocks the server has counted in this database; SQLite cannot have any."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
