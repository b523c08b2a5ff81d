"""Writes the commune of the demonstration to the database, once: sites, services, people, rota.

Each part is made only where it is missing. So running it again changes nothing, not even what someone has
changed by hand since.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from agents.actions.accounts import create_account
from agents.models import Agent, Shift
from booking.actions import PhoneInput, create_resident
from booking.enums import ReachBy
from booking.log import Actor
from booking.models import Resident
from communes.imports import import_places
from communes.models import Cabin, Commune, Service, Site
from communes.open_hours import hours_spans
from communes.service_actions import add_from_catalogue
from core.roles import Role
from demo.people import COLLEAGUES, RESIDENTS, DemoPerson, DemoPhone
from demo.places import COMMUNE, PLACES, SAINT_JULIEN, SERVICES, VERLAINE
from demo.rota import duties_of_week
from kiosk.models import Screen
from kiosk.pairing import ScreenPosition, await_pairing, new_code, pair_screen
from kiosk.release import release
from planning.actions.shifts import add_shift

PLACES_FILE = Path(__file__).resolve().parents[1] / "communes" / "data" / "lieux-petit-quevilly.csv"


@dataclass
class Town:
    """The commune and its rows by name, and the instant for which the demonstration is made."""

    commune: Commune
    now: datetime
    sites: dict[str, Site] = field(default_factory=dict)
    cabins: dict[str, Cabin] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    residents: dict[DemoPerson, Resident] = field(default_factory=dict)
    new_agents: set[str] = field(default_factory=set)
    skills: dict[str, frozenset[str]] = field(default_factory=dict)
    """By username of each helper: the slugs of the services that they can help with."""

    @property
    def today(self) -> date:
        return self.commune.local(self.now).date()

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.commune.tz)

    @property
    def desk(self) -> Actor:
        return Actor.agent(self.agents["nadia"])


def build(*, now: datetime, password: str) -> Town:
    """Make the commune, or read it again if it exists. `password` is given to accounts that are made now."""
    # As if it had been opened long ago.
    opened = {**COMMUNE, "opened_at": now - timedelta(days=150)}
    commune, is_new = Commune.objects.get_or_create(insee_code=COMMUNE["insee_code"], defaults=opened)
    town = Town(commune, now)
    if is_new:
        import_places(commune=commune, path=PLACES_FILE)
    _places(town, fresh=is_new)
    _services(town)
    _agents(town, password)
    _residents(town, fresh=is_new)
    return town


def _places(town: Town, *, fresh: bool) -> None:
    for place in PLACES:
        site = town.commune.sites.filter(ref=place.ref).first()
        if site is None:
            continue  # someone removed it by hand since
        if fresh:
            site.short_name = place.short_name
            site.accessibility = list(place.accessibility)
            site.wheelchair = place.wheelchair
            site.save(update_fields=["short_name", "accessibility", "wheelchair"])
            Cabin.objects.create(site=site, name=place.cabin, equipment=list(place.equipment))
        cabin = site.cabins.first()
        if cabin is not None:
            town.sites[place.ref], town.cabins[place.ref] = site, cabin
    assert fresh is False or len(town.sites) == len(PLACES), "the file of places lacks one"


def _services(town: Town) -> None:
    known = {service.slug: service for service in town.commune.services.all()}
    missing = [offer.slug for offer in SERVICES if offer.slug not in known]
    if missing:
        added = add_from_catalogue(commune=town.commune, keys=missing)
        known |= {service.slug: service for service in added}
    town.services = {offer.slug: known[offer.slug] for offer in SERVICES if offer.slug in known}


def _agents(town: Town, password: str) -> None:
    for colleague in COLLEAGUES:
        agent = Agent.objects.filter(username=colleague.username).first()
        if agent is None:
            agent, _password = create_account(
                commune=town.commune,
                username=colleague.username,
                first_name=colleague.first_name,
                last_name=colleague.last_name,
                fields={
                    "is_desk": Role.DESK in colleague.roles,
                    "is_helper": Role.HELPER in colleague.roles,
                    "is_manager": Role.MANAGER in colleague.roles,
                    "is_technician": Role.TECHNICIAN in colleague.roles,
                    "is_elected": Role.ELECTED in colleague.roles,
                    "weekly_hours": colleague.weekly_hours,
                },
                skills=[town.services[slug] for slug in colleague.skills],
                password=password,
            )
            # As if the agent had come long ago and chosen this password.
            agent.must_change_password = False
            agent.date_joined = town.now - timedelta(days=150)
            agent.save(update_fields=["must_change_password", "date_joined"])
            town.new_agents.add(agent.username)
        town.agents[colleague.username] = agent
    helpers = (
        town.commune.memberships.filter(is_helper=True).select_related("agent").prefetch_related("skills")
    )
    for membership in helpers:
        town.skills[membership.agent.username] = frozenset(
            service.slug for service in membership.skills.all()
        )


def _residents(town: Town, *, fresh: bool) -> None:
    """Make the residents on the first run only. Later runs read them again: one who was renamed, merged or
    erased stays so."""
    if fresh:
        for number, person in enumerate(RESIDENTS):
            _create(town, person, since=town.now - timedelta(days=120, hours=number))
    known = {
        (resident.first_name, resident.last_name): resident
        for resident in town.commune.residents.current().order_by("-id")
    }
    for person in RESIDENTS:
        resident = known.get((person.first_name, person.last_name))
        if resident is not None:
            town.residents[person] = resident


def publish_rota(town: Town, mondays: Iterable[date]) -> None:
    """Write the usual week from each of these Mondays, if no shift is on the rota that week; closed days
    are left out."""
    tz = town.commune.tz
    for monday in mondays:
        start, end = town.midnight(monday), town.midnight(monday + timedelta(weeks=1))
        if Shift.objects.filter(site__commune=town.commune).overlapping(start, end).exists():
            continue
        for duty in duties_of_week(monday, tz):
            site, agent = town.sites.get(duty.ref), town.agents[duty.username]
            if site is not None and open_spans(site, duty.start.date()):
                add_shift(agent=agent, site=site, starts_at=duty.start, ends_at=duty.end)


def open_spans(site: Site, day: date) -> list[tuple[datetime, datetime]]:
    """What the site's opening hours say for a day, without its closures."""
    return hours_spans(site, site.commune, day, day + timedelta(days=1))


def _create(town: Town, person: DemoPerson, *, since: datetime) -> None:
    phones = [DemoPhone(phone) if isinstance(phone, str) else phone for phone in person.phones]
    contact = person.contact
    create_resident(
        commune=town.commune,
        first_name=person.first_name,
        last_name=person.last_name,
        phones=[_phone_input(phone) for phone in phones],
        email=person.email,
        postal_address=person.address,
        birth_year=person.birth_year,
        languages=list(person.languages),
        needs=list(person.needs),
        reach_by=person.reach_by or _usual_way(phones),
        number_on_screen=person.number_on_screen,
        contact_name=contact.name if contact else "",
        contact_relation=contact.relation if contact else "",
        contact_phone=e164(contact.phone) if contact else "",
        contact_is_told=bool(contact and contact.is_told),
        now=since,
    )


def _phone_input(phone: DemoPhone) -> PhoneInput:
    call_from, call_until = (time(hour) for hour in phone.hours) if phone.hours else (None, None)
    return PhoneInput(e164(phone.number), phone.owner, phone.may_call, call_from, call_until)


def _usual_way(phones: Iterable[DemoPhone]) -> ReachBy:
    return ReachBy.SMS if any(phone.number.startswith("06") for phone in phones) else ReachBy.VOICE


def e164(number: str) -> str:
    """The number in E.164. Those of `people.py` are all written as in metropolitan France."""
    return f"+33{number.replace(' ', '').removeprefix('0')}"


def pair_screens(town: Town) -> None:
    """Pair the screens of two sites. That of the town hall is left for the visitor to pair. One has not been
    seen for days, one was just switched off, one was paired and never switched on."""
    pair_one(town, SAINT_JULIEN, timedelta(minutes=40), drift_s=-7 * 60)
    pair_one(town, VERLAINE, timedelta(days=2), drift_s=1)
    pair_one(town, SAINT_JULIEN, None, name="Écran de secours")


def pair_one(town: Town, ref: str, ago: timedelta | None, *, drift_s: int = 0, name: str = "") -> None:
    """`ago`: when it was seen last; None: never."""
    paired_at = town.now - (timedelta(weeks=6) if ago is not None else timedelta(days=3))
    shown = new_code(paired_at)
    await_pairing(token=Screen.new_token(), shown=shown, now=paired_at)
    cabin = town.cabins[ref]
    screen = pair_screen(
        code=shown.code,
        place=ScreenPosition(cabin.site, cabin),
        name=name,
        agent=town.agents["sophie"],
        now=paired_at,
    )
    if ago is None:
        return
    seen_at = town.now - ago
    Screen.objects.filter(pk=screen.pk).update(
        last_seen_at=seen_at,
        page_release=release(),
        page_opened_at=seen_at - timedelta(hours=7),
        browser="Chromium 140",
        window_size="1920x1080",
        clock_drift_s=drift_s,
    )
