"""The data sets (« worlds ») on which the product is measured, written in bulk: actions would take hours.

All begin on the Monday after today, because the measured server uses the real clock. Opening hours ignore
public holidays, so that each week has the same slots in any season.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from agents.models import Agent, Membership, Shift
from booking.enums import Status
from booking.models import Appointment
from communes.enums import HelperPolicy
from communes.models import ApiKey, Cabin, Commune, Service, Site

PARIS = ZoneInfo("Europe/Paris")
OPENING_HOURS = "Mo-Fr 09:00-12:00,14:00-17:00"
HALF_DAYS = ((9, 12), (14, 17))
SLOT = timedelta(minutes=30)
WEEKS = 8

KEYS = 250
"""One key may call 300 times a minute; a caller with this many keys is never refused for calling too
often."""


@dataclass(frozen=True)
class World:
    """One commune with one site, and the objects needed to ask for its times."""

    commune: Commune
    site: Site
    services: list[Service]
    cabins: list[Cabin]
    helpers: list[Agent]
    first: date
    keys: list[str]

    @property
    def service(self) -> Service:
        return self.services[0]

    def days(self, weeks: int = WEEKS) -> list[date]:
        return working_days(self.first, weeks)


def next_monday() -> date:
    today = datetime.now(PARIS).date()
    return today + timedelta(days=7 - today.weekday())


def working_days(first: date, weeks: int) -> list[date]:
    return [first + timedelta(days=7 * week + day) for week in range(weeks) for day in range(5)]


def local(on: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(on, time(hour, minute), PARIS).astimezone(UTC)


def slots_of(on: date) -> Iterator[datetime]:
    for opens, closes in HALF_DAYS:
        start = local(on, opens)
        while start < local(on, closes):
            yield start
            start += SLOT


def make_place(name: str, *, cabins: int, helpers: int, services: int = 1, keys: int = KEYS) -> World:
    """Make a commune with everything but shifts and appointments."""
    number = Commune.objects.count() + 1
    commune = Commune.objects.create(
        name=name, slug=f"bench-{number}", insee_code=f"{76000 + number}", public_phone="+33261910000"
    )
    site = Site.objects.create(
        commune=commune, ref=name, name=name, short_name=name[:40], opening_hours=OPENING_HOURS
    )
    made = World(
        commune,
        site,
        [_service(commune, n) for n in range(services)],
        Cabin.objects.bulk_create(Cabin(site=site, name=f"Cabine {n + 1}") for n in range(cabins)),
        make_helpers(commune, helpers),
        next_monday(),
        [f"bench-{number}-{n}" for n in range(keys)],
    )
    now = datetime.now(UTC)
    ApiKey.objects.bulk_create(
        ApiKey(commune=commune, name=key, key_hash=ApiKey.hash(key), created_at=now) for key in made.keys
    )
    skill(made, {helper.pk: made.services for helper in made.helpers})
    return made


def _service(commune: Commune, number: int) -> Service:
    return Service.objects.create(
        commune=commune,
        slug=f"service-{number}",
        name=f"Service {number + 1}",
        theme="social_sante",
        duration_min=30,
        turnaround_min=0,
        start_step_min=30,
        helper_policy=HelperPolicy.REQUIRED,
        lead_min_hours=0,
        lead_max_days=90,
        position=number,
    )


def make_helpers(commune: Commune, count: int) -> list[Agent]:
    helpers = Agent.objects.bulk_create(
        Agent(username=f"{commune.slug}-{n}", first_name=f"Agent {n + 1}", password=UNUSABLE_PASSWORD_PREFIX)
        for n in range(count)
    )
    Membership.objects.bulk_create(
        Membership(agent=helper, commune=commune, is_helper=True) for helper in helpers
    )
    return helpers


def skill(world: World, skills: dict[int, list[Service]]) -> None:
    """Let the helpers (by id) give these services and no others."""
    through = Membership.skills.through
    through.objects.filter(membership__commune=world.commune).delete()
    membership_of = dict(world.commune.memberships.values_list("agent_id", "pk"))
    through.objects.bulk_create(
        through(membership_id=membership_of[helper_id], service_id=service.pk)
        for helper_id, services in skills.items()
        for service in services
    )


def staff(world: World, weeks: int = WEEKS) -> None:
    """Give every helper a shift whenever the site is open."""
    Shift.objects.bulk_create(
        (
            Shift(agent=helper, site=world.site, starts_at=local(on, opens), ends_at=local(on, closes))
            for on in world.days(weeks)
            for opens, closes in HALF_DAYS
            for helper in world.helpers
        ),
        batch_size=2000,
    )


def fill(world: World, share: float, *, weeks: int = WEEKS, seed: int = 1) -> int:
    """Book a share of all slots, each with its own cabin and helper; returns how many were booked."""
    random = Random(seed)
    width = min(len(world.cabins), len(world.helpers))
    slots = [slot for on in world.days(weeks) for slot in slots_of(on)]
    places = [(slot, n) for slot in slots for n in range(width)]
    chosen = random.sample(places, round(len(places) * share))
    numbers = iter(random.sample(range(1_000_000), len(chosen)))
    Appointment.objects.bulk_create(
        (
            booked(world, world.service, slot, world.cabins[n], world.helpers[n], next(numbers))
            for slot, n in sorted(chosen)
        ),
        batch_size=1000,
    )
    return len(chosen)


def booked(
    world: World, service: Service, start: datetime, cabin: Cabin, helper: Agent, number: int
) -> Appointment:
    return Appointment(
        commune=world.commune,
        site=world.site,
        cabin=cabin,
        service=service,
        helper=helper,
        with_helper=True,
        number=f"{number:06d}",
        status=Status.BOOKED,
        starts_at=start,
        ends_at=start + SLOT,
        blocked_until=start + SLOT,
        created_at=datetime.now(UTC),
    )


def make_a(*, name: str = "A", cabins: int = 10, helpers: int = 10, share: float = 0.6) -> World:
    """World A: ten helpers, Monday to Friday 9–12 and 14–17, one service of 30 minutes, eight weeks."""
    world = make_place(name, cabins=cabins, helpers=helpers)
    staff(world)
    fill(world, share)
    return world
