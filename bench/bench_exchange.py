"""World C: how many of the possible times are offered, with and without exchange. World A with three
services, one known to two helpers only, cabins with different equipment, 90 % full.

What is possible is computed without the engine: all slots have one length, so that a slot is possible if
its appointments can be matched with helpers, and with cabins. This is exact.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random

from agents.models import Agent
from bench.databases import settle
from bench.report import Report
from bench.worlds import World, booked, make_place, skill, slots_of, staff
from booking.free.slots import SlotSearch, find_slots
from booking.models import Appointment
from communes.enums import Equipment
from communes.models import Cabin, Service
from core.clock import now

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
WEEKS = 8 if SCALE >= 0.5 else 2
SHARE = 0.9
REPEATS = max(3, round(30 * min(1, SCALE)))


def run(report: Report) -> None:
    world = _make()
    settle()
    feasible = _feasible(world)
    for name, exchange in (("without", False), ("with", True)):
        offered, seconds, unsettled = _offered(world, exchange)
        wrong = offered - feasible
        assert not wrong, f"offered and impossible: {sorted(wrong)[:3]}"
        report.figure(f"exchange_served_{name}", len(offered) / len(feasible) * 100, "%")
        report.timing(f"exchange_search_4w_{name}", seconds)
        report.figure(f"exchange_unsettled_{name}", unsettled, "starts")
    report.figure("exchange_feasible", len(feasible), "requests")


def _make() -> World:
    """Each common service is twice as frequent as the rare one; the helper is drawn among the able ones."""
    world = make_place("C", cabins=10, helpers=10, services=3)
    rare = world.services[2]
    skill(
        world,
        {
            helper.pk: world.services if n < 2 else world.services[:2]
            for n, helper in enumerate(world.helpers)
        },
    )
    rare.equipment_needed = [Equipment.SCANNER]
    rare.save(update_fields=["equipment_needed"])
    for cabin in world.cabins[:4]:
        cabin.equipment = [Equipment.SCANNER]
        cabin.save(update_fields=["equipment"])
    staff(world, WEEKS)
    random, rows, numbers = Random(3), [], iter(range(10**6))
    for at in (at for on in world.days(WEEKS) for at in slots_of(on)):
        helpers, cabins = list(world.helpers), list(world.cabins)
        for _ in range(len(helpers)):
            if random.random() > SHARE:
                continue
            service = random.choices(world.services, (4, 4, 1))[0]
            able = [each for each in helpers if _skilled(world, each, service)]
            fit = [each for each in cabins if set(service.equipment_needed) <= set(each.equipment)]
            if able and fit:
                helper, cabin = random.choice(able), random.choice(fit)
                helpers.remove(helper)
                cabins.remove(cabin)
                rows.append(booked(world, service, at, cabin, helper, next(numbers)))
    Appointment.objects.bulk_create(rows, batch_size=1000)
    return world


def _skilled(world: World, helper: Agent, service: Service) -> bool:
    return service != world.services[2] or helper in world.helpers[:2]


def _offered(world: World, exchange: bool) -> tuple[set[tuple[datetime, int]], list[float], int]:
    found, seconds, unsettled = set(), [], 0
    for service in world.services:
        for n in range(REPEATS):
            began = time.perf_counter()
            _search(world, service, exchange, n % max(1, WEEKS - 3), 4)
            seconds.append(time.perf_counter() - began)
        offers = _search(world, service, exchange, 0, WEEKS).offers
        found |= {(offer.start, service.pk) for offer in offers}
        unsettled += offers.unsettled
    return found, seconds, unsettled


def _search(world: World, service: Service, exchange: bool, week: int, weeks: int) -> SlotSearch:
    first = world.first + timedelta(weeks=week)
    return find_slots(
        commune=world.commune,
        service=service,
        with_helper=True,
        start=first,
        end=first + timedelta(weeks=weeks),
        now=now(),
        public=True,
        exchange=exchange,
    )


# ---- what is possible ------------------------------------------------------------------------------


def _feasible(world: World) -> set[tuple[datetime, int]]:
    at_slot: dict[datetime, list[Service]] = defaultdict(list)
    services = {service.pk: service for service in world.services}
    for at, service_id in Appointment.objects.filter(commune=world.commune).values_list(
        "starts_at", "service_id"
    ):
        at_slot[at].append(services[service_id])

    def fits(cabin: Cabin, service: Service) -> bool:
        return set(service.equipment_needed) <= set(cabin.equipment)

    return {
        (at, service.pk)
        for at in (at for on in world.days(WEEKS) for at in slots_of(on))
        for service in world.services
        if matched([*at_slot[at], service], world.helpers, lambda one, s: _skilled(world, one, s))
        and matched([*at_slot[at], service], world.cabins, fits)
    }


def matched[N, R](needs: Iterable[N], among: list[R], able: Callable[[R, N], bool]) -> bool:
    """Whether each need can get its own resource (bipartite matching with augmenting paths)."""
    wanted = list(needs)
    held: dict[int, int] = {}

    def place(n: int, tried: set[int], held: dict[int, int]) -> bool:
        for r, one in enumerate(among):
            if r not in tried and able(one, wanted[n]):
                tried.add(r)
                if r not in held or place(held[r], tried, held):
                    held[r] = n
                    return True
        return False

    return all(place(n, set(), held) for n in range(len(wanted)))
