"""Communes at random, as rows: small enough to try everything, full enough that little is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from hypothesis import strategies as st

from agents.models import Agent, Membership
from booking.models import Appointment, Resident
from communes.enums import Equipment, HelperPolicy, IncidentKind
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.booking.plain import meet
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_fault,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

DAYS = (24, 25, 26)
"""Tuesday to Thursday of the usual week."""
DATES = [date(2026, 11, day) for day in DAYS]

seeds = st.integers(0, 2**24 - 1)
"""Hypothesis draws evenly below 2**24; above, it prefers small numbers, and worlds would repeat."""


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is done within is undone: the next world begins with an empty database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass
class Land:
    """One commune, and often a neighbour in which one of its helpers works too. `full`: how much of the days
    is taken, from 0 to 1. `days` of November are those on which helpers work; the sites are open on the
    others of the week too. `people`: how many residents there are."""

    random: Random
    full: float = 0.8
    days: tuple[int, ...] = DAYS
    people: int = 6
    faulty: float = 0
    """How many of the cabins with equipment have a confirmed fault, from 0 to 1."""
    commune: Commune = field(default_factory=make_commune)
    sites: list[Site] = field(default_factory=list)
    cabins: list[Cabin] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    helpers: list[Agent] = field(default_factory=list)
    residents: list[Resident] = field(default_factory=list)
    skills: dict[int, list[Service]] = field(default_factory=dict)
    shifts: dict[int, list[tuple[Site, datetime, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    busy: list[tuple[int, datetime, datetime]] = field(default_factory=list)
    """When a helper has a visit, here or in the neighbour."""

    def __post_init__(self) -> None:
        choice = self.random.choice
        lengths: list[dict[str, Any]] = [
            {"duration_min": 45, "turnaround_min": choice([0, 10])},
            {"duration_min": 30, "turnaround_min": choice([0, 5]), "equipment_needed": [Equipment.VIDEO]},
            {"duration_min": choice([25, 32]), "start_step_min": 30, "helper_policy": HelperPolicy.REQUIRED},
        ]
        self.services = [make_service(self.commune, **each) for each in lengths]
        for _ in range(choice([1, 1, 2])):
            self.sites.append(site := make_site(self.commune))
            for n in range(choice([1, 2, 2])):
                equipment = [Equipment.SCREEN, Equipment.VIDEO] if n == 0 or self.chance(0.4) else []
                self.cabins.append(cabin := make_cabin(site, equipment=equipment))
                if self.faulty and equipment and self.chance(self.faulty):
                    ends = [None, at(9), at(15), at(10, day=25)]
                    kind = choice([IncidentKind.SCREEN, IncidentKind.VIDEO])
                    make_fault(cabin, kind, TUESDAY, choice(ends))
        for n in range(choice([1, 2, 3])):
            skills = [each for each in self.services if n == 0 or self.chance(0.6)]
            self.helpers.append(self._helper(skills))
        self.residents = [make_resident(self.commune) for _ in range(self.people)]
        if self.chance(0.5):
            self._add_neighbour(self.random.choice(self.helpers))

    def _add_neighbour(self, shared: Agent) -> None:
        """Another commune: the shared helper has visits in it at some hours, and works in it on half-days
        that are free here. Its other visits, in a cabin like those of this commune, concern nobody here."""
        commune = make_commune()
        service = make_service(commune, duration_min=30)
        cabin, other = [make_cabin(make_site(commune), equipment=list(Equipment)) for _ in range(2)]
        membership = Membership.objects.create(agent=shared, commune=commune, is_helper=True)
        membership.skills.add(service)
        here = {start for _site, start, _end in self.shifts[shared.pk]}
        for day in self.days:
            for opens, closes in ((9, 12), (14, 17)):
                if at(opens, day=day) not in here:
                    make_shift(shared, cabin.site, at(opens, day=day), at(closes, day=day))
                make_appointment(other, service, at(opens, day=day), resident=make_resident(commune))
                if self.chance(0.4):
                    start = at(opens, day=day) + timedelta(minutes=self.random.randrange(0, 155, 5))
                    end = start + timedelta(minutes=30)
                    make_appointment(cabin, service, start, ends_at=end, blocked_until=end, helper=shared)
                    self.busy.append((shared.pk, start, end))

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def _helper(self, skills: list[Service]) -> Agent:
        helper = make_agent(self.commune, Role.HELPER, skills=skills)
        self.skills[helper.pk] = skills
        for day in self.days:
            for opens, closes in ((9, 12), (14, 17)):
                if self.chance(0.85):
                    shift = self.random.choice(self.sites), at(opens, day=day), at(closes, day=day)
                    make_shift(helper, *shift)
                    self.shifts[helper.pk].append(shift)
        return helper

    def fill(self, *, most: int = 5) -> None:
        """Visits from one end of each half-day to the other, in each cabin, with helpers who are free."""
        for cabin in self.cabins:
            for day in self.days:
                for opens, closes in ((9, 12), (14, 17)):
                    start, end = at(opens, day=day), at(closes, day=day)
                    for _ in range(most):
                        service = self.random.choice([s for s in self.services if self._can(cabin, s)])
                        lasts = timedelta(minutes=-(-service.duration_min // 5) * 5)
                        until = start + lasts + timedelta(minutes=-(-service.turnaround_min // 5) * 5)
                        if start + lasts > end:
                            break
                        if self.chance(self.full):
                            self._visit(cabin, service, start, start + lasts, until)
                        start = until + timedelta(minutes=self.random.choice([0, 0, 0, 15, 30]))

    def _can(self, cabin: Cabin, service: Service) -> bool:
        return set(service.equipment_needed) <= set(cabin.equipment)

    def _visit(
        self,
        cabin: Cabin,
        service: Service,
        start: datetime,
        end: datetime,
        until: datetime,
    ) -> None:
        free = [
            helper
            for helper in self.helpers
            if service in self.skills[helper.pk]
            and any(site == cabin.site and a <= start and end <= b for site, a, b in self.shifts[helper.pk])
            and not any(who == helper.pk and meet((start, until), (a, b)) for who, a, b in self.busy)
        ]
        helper = self.random.choice(free) if free and self.chance(0.75) else None
        if helper is None and service.helper_policy == HelperPolicy.REQUIRED:
            return
        if helper is not None:
            self.busy.append((helper.pk, start, until))
        make_appointment(
            cabin,
            service,
            start,
            ends_at=end,
            blocked_until=until,
            helper=helper,
            helper_chosen=helper is not None and self.chance(0.1),
            resident=self.random.choice([None, *self.residents]),
        )

    def visits(self) -> list[Appointment]:
        return list(Appointment.objects.filter(commune=self.commune).order_by("pk"))
