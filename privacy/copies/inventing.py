"""The people of the copy, with their appointments and shifts.

Of the original only numbers are read: how many residents, how many appointments in each cabin before and
after now, which posts there are, and when somebody works at a place. Nothing in a row comes from one person.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password

from agents.models import Agent, Membership, Shift
from booking.enums import AccessNeed, ActorKind, EventKind, Outcome, Status
from booking.models import Appointment, AppointmentEvent, Resident, ResidentPhone
from booking.names import search_name
from communes.models import Cabin, Commune, Service
from core.roles import Role
from notifications.models import InboundMessage, Message
from privacy.copies.people import (
    ARABIC_SHARE,
    PHONE_SHARE,
    WHEELCHAIR_SHARE,
    first_name,
    happens,
    last_name,
    mobiles,
    rng,
    some_instant,
)

ROLES = tuple(f"is_{role}" for role in Role)
BACK, AHEAD = timedelta(days=180), timedelta(days=42)
"""Appointments stand so far before and after now."""
HOURS = tuple(time(hour, minute) for hour in (9, 10, 11, 14, 15, 16) for minute in (0, 15, 30, 45))
TRIES = 40
"""So often a free time is drawn; then the appointment is left out."""


@dataclass
class Taken:
    """When a cabin or a helper is occupied, by day."""

    spans: dict[tuple[int, date], list[tuple[datetime, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def is_free(self, key: int, start: datetime, end: datetime) -> bool:
        spans = [span for day in _days(start, end) for span in self.spans.get((key, day), ())]
        return all(end <= since or until <= start for since, until in spans)

    def take(self, key: int, start: datetime, end: datetime) -> None:
        for day in _days(start, end):
            self.spans[key, day].append((start, end))


def _days(start: datetime, end: datetime) -> set[date]:
    return {start.astimezone(UTC).date(), end.astimezone(UTC).date()}


class Invented:
    """Collects rows for all communes; their numbers begin at one and follow nobody's."""

    def __init__(self, *, using: str, now: datetime) -> None:
        self.using, self.now = using, now
        self.ids = {
            model: count(1)
            for model in (Agent, Membership, Shift, Resident, ResidentPhone, Appointment, AppointmentEvent)
        }
        self.skill_ids = count(1)
        self.mobiles = mobiles(_numbers_in_use())
        self.unusable = make_password(None)
        self.found: dict[Any, list[Any]] = defaultdict(list)
        self.agents: dict[int, Agent] = {}
        self.taken = Taken()

    def rows(self) -> Iterator[list[Any]]:
        """Tables in the order in which they refer to each other."""
        order = (
            Agent,
            Membership,
            Membership.skills.through,
            Shift,
            Resident,
            ResidentPhone,
            Appointment,
            AppointmentEvent,
        )
        yield from (self.found[model] for model in order if self.found[model])

    def _add(self, model: Any, **values: Any) -> Any:
        row = model(pk=next(self.ids[model]), **values)
        self.found[model].append(row)
        return row

    # ---- who works

    def add_login(self, name: str, password: str, communes: Collection[Commune]) -> None:
        """The one account that can log in; it has all duties but that of an elected official."""
        agent = self._agent(name, password=make_password(password))
        duties = {role: role != f"is_{Role.ELECTED}" for role in ROLES}
        for commune in communes:
            self._add(Membership, agent=agent, commune_id=commune.pk, **duties)

    def _agent(self, username: str = "", password: str = "", is_active: bool = True) -> Agent:
        pk = next(self.ids[Agent])
        agent = Agent(
            pk=pk,
            username=username or f"agent{pk}",
            password=password or self.unusable,
            first_name=first_name(),
            last_name=last_name(),
            is_active=is_active,
            date_joined=self.now - BACK,
        )
        self.found[Agent].append(agent)
        return agent

    def _posts(self, commune: Commune) -> list[Agent]:
        """An agent for each post of the commune, with its duties; returns those who help."""
        posts = list(Membership.objects.filter(commune=commune).prefetch_related("skills").order_by("pk"))
        rng.shuffle(posts)
        helpers = []
        for post in posts:
            if post.agent_id not in self.agents:
                self.agents[post.agent_id] = self._agent(is_active=post.agent.is_active)
            agent = self.agents[post.agent_id]
            duties = {role: getattr(post, role) for role in ROLES}
            made = self._add(Membership, agent=agent, commune_id=commune.pk, **duties)
            for skill in post.skills.all():
                through = Membership.skills.through
                row = through(pk=next(self.skill_ids), membership=made, service_id=skill.pk)
                self.found[through].append(row)
            if post.is_helper and agent.is_active:
                helpers.append(agent)
        return helpers

    def _shifts(self, commune: Commune, helpers: list[Agent]) -> None:
        """Somebody works when somebody worked; who it is, is drawn anew for each shift."""
        busy = Taken()
        spans = Shift.objects.filter(site__commune=commune).values_list("site_id", "starts_at", "ends_at")
        for site_id, starts_at, ends_at in spans.order_by("starts_at"):
            free = [agent for agent in helpers if busy.is_free(agent.pk, starts_at, ends_at)]
            if free:
                agent = rng.choice(free)
                busy.take(agent.pk, starts_at, ends_at)
                self._add(Shift, agent=agent, site_id=site_id, starts_at=starts_at, ends_at=ends_at)

    # ---- who comes

    def add_commune(self, commune: Commune) -> None:
        helpers = self._posts(commune)
        self._shifts(commune, helpers)
        many = Resident.objects.filter(commune=commune, merged_into=None).count()
        residents = [self._resident(commune) for _ in range(many)]
        services = list(Service.objects.filter(commune=commune, retired_at=None))
        if residents and services:
            self._appointments(commune, residents, services, helpers)

    def _resident(self, commune: Commune) -> Resident:
        first, last = first_name(), last_name()
        resident: Resident = self._add(
            Resident,
            commune_id=commune.pk,
            first_name=first,
            last_name=last,
            search_name=search_name(first, last),
            languages=["ar"] if happens(ARABIC_SHARE) else [],
            needs=[AccessNeed.WHEELCHAIR] if happens(WHEELCHAIR_SHARE) else [],
            created_at=some_instant(self.now - BACK, self.now),
        )
        if happens(PHONE_SHARE):
            self._add(ResidentPhone, resident=resident, number=next(self.mobiles), is_mobile=True)
        return resident

    def _appointments(
        self, commune: Commune, residents: list[Resident], services: list[Service], helpers: list[Agent]
    ) -> None:
        rows = Appointment.objects.filter(commune=commune)
        real = set(rows.values_list("cabin_id", "starts_at"))
        numbers = iter(rng.sample(range(100_000, 1_000_000), rows.count()))
        for is_past in (True, False):
            when = {"starts_at__lt": self.now} if is_past else {"starts_at__gte": self.now}
            many = Counter(rows.filter(**when).values_list("cabin_id", flat=True))
            cabins = Cabin.objects.select_related("site").in_bulk(list(many))
            for cabin_id, number in many.items():
                for _ in range(number):
                    cabin, service = cabins[cabin_id], rng.choice(services)
                    start = self._free_start(commune, cabin, service, real, is_past)
                    if start is not None:
                        helper = self._free_helper(helpers, service, start)
                        self._appointment(
                            cabin, service, start, rng.choice(residents), helper, f"{next(numbers)}"
                        )

    def _free_start(
        self,
        commune: Commune,
        cabin: Cabin,
        service: Service,
        real: set[tuple[int, datetime]],
        is_past: bool,
    ) -> datetime | None:
        """A time on a weekday at which the cabin is free in the copy, and nothing began in the original."""
        for _ in range(TRIES):
            since, until = (self.now - BACK, self.now) if is_past else (self.now, self.now + AHEAD)
            day: date = commune.local(some_instant(since, until)).date()
            start = datetime.combine(day, rng.choice(HOURS), tzinfo=commune.tz)
            end = start + _occupied(service)
            if day.weekday() > 4 or not since <= start < until or (is_past and end > self.now):
                continue
            if (cabin.pk, start) not in real and self.taken.is_free(cabin.pk, start, end):
                self.taken.take(cabin.pk, start, end)
                return start
        return None

    def _free_helper(self, helpers: list[Agent], service: Service, start: datetime) -> Agent | None:
        end = start + _occupied(service)
        free = [agent for agent in helpers if self.taken.is_free(-agent.pk, start, end)]
        if not free or not happens(0.5):
            return None
        helper = rng.choice(free)
        self.taken.take(-helper.pk, start, end)
        return helper

    def _appointment(
        self,
        cabin: Cabin,
        service: Service,
        start: datetime,
        resident: Resident,
        helper: Agent | None,
        number: str,
    ) -> None:
        end = start + timedelta(minutes=service.duration_min)
        booked_at = some_instant(min(start, self.now) - timedelta(days=10), min(start, self.now))
        status = Status.BOOKED
        if start < self.now:
            status = rng.choices((Status.DONE, Status.NO_SHOW, Status.CANCELLED), (85, 8, 7))[0]
        came: dict[str, Any] = {}
        if status == Status.DONE:
            outcome = rng.choice((Outcome.SOLVED, Outcome.PARTLY))
            came = {"arrived_at": start, "started_at": start, "ended_at": end, "outcome": outcome}
        appointment = self._add(
            Appointment,
            commune_id=cabin.site.commune_id,
            site_id=cabin.site_id,
            cabin_id=cabin.pk,
            service_id=service.pk,
            helper=helper,
            with_helper=helper is not None,
            resident=resident,
            number=number,
            status=status,
            starts_at=start,
            ends_at=end,
            blocked_until=start + _occupied(service),
            created_at=booked_at,
            **came,
        )
        changes = {"status": [None, Status.BOOKED.value], "starts_at": [None, start.isoformat()]}
        event = {"kind": EventKind.BOOKED, "at": booked_at, "actor": ActorKind.AGENT, "changes": changes}
        self._add(AppointmentEvent, appointment=appointment, **event)


def _occupied(service: Service) -> timedelta:
    """The time of a visit and of what comes after it, in ticks of five minutes."""
    return timedelta(minutes=-(-(service.duration_min + service.turnaround_min) // 5) * 5)


def _numbers_in_use() -> set[str]:
    """Numbers for fiction that stand in the original."""
    held = (
        (ResidentPhone.objects.all(), "number"),
        (Resident.objects.all(), "contact_phone"),
        (Message.objects.all(), "recipient"),
        (InboundMessage.objects.all(), "sender"),
        (Agent.objects.all(), "phone"),
    )
    return {
        number
        for rows, name in held
        for number in rows.filter(**{f"{name}__startswith": "+3363998"}).values_list(name, flat=True)
    }
