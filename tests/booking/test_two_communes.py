"""One helper in two communes: never offered, nor booked, twice at one time; and neither learns why."""

import multiprocessing
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from agents.enums import AbsenceKind
from agents.models import Agent, Membership
from booking import actions
from booking.actions import BookingRequest
from booking.errors import SlotTaken
from booking.free.slots import find_slots
from booking.log import Actor
from booking.models import Appointment
from communes.models import Service, Site
from core.errors import PermanenceError
from core.roles import Role
from planning.actions.absences import declare_absence
from planning.models import ExternalBusy, ExternalCalendar
from tests.api.caller import Caller, make_key
from tests.booking.racers import PATIENCE_S, book_the_same_slot
from tests.booking.test_race import overlaps, processes
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

SYSTEM = Actor.system()
WEDNESDAY = 25
ROUNDS = 40


class Side:
    """A commune with a place of two cabins and one service."""

    def __init__(self, commune_name: str, place: str, service: str) -> None:
        self.commune = make_commune(name=commune_name)
        self.site: Site = make_site(self.commune, name=place, short_name=place)
        make_cabin(self.site)
        make_cabin(self.site)
        self.service: Service = make_service(self.commune, name=service)

    def engage(self, agent: Agent) -> None:
        """On duty on Wednesday while the place is open."""
        member, _ = Membership.objects.get_or_create(agent=agent, commune=self.commune, is_helper=True)
        member.skills.set([self.service])
        make_shift(agent, self.site, at(9, day=WEDNESDAY), at(12, day=WEDNESDAY))
        make_shift(agent, self.site, at(14, day=WEDNESDAY), at(17, day=WEDNESDAY))

    def book(self, start: Any, **fields: Any) -> Appointment:
        request = BookingRequest(
            service=self.service, site=self.site, start=start, with_helper=True, **fields
        )
        return actions.book(request=request, by=SYSTEM, now=TUESDAY)

    def offered(self) -> list[Any]:
        """The spans that could be booked with a helper on Wednesday."""
        found = find_slots(
            commune=self.commune,
            service=self.service,
            with_helper=True,
            start=date(2026, 11, WEDNESDAY),
            end=date(2026, 11, WEDNESDAY + 1),
            now=TUESDAY,
        )
        return [(offer.start, offer.blocked_until) for offer in found.offers]


@pytest.fixture
def here(db: None) -> Side:
    return Side("Petit-Quevilly", "Hôtel de ville", "CAF")


@pytest.fixture
def there(db: None) -> Side:
    return Side("Sotteville", "Médiathèque", "Surendettement")


@pytest.fixture
def ines(here: Side, there: Side) -> Agent:
    """Both communes believe to have her all Wednesday: the worst case."""
    agent = make_agent(here.commune, Role.HELPER, first_name="Inès", last_name="Itinérante")
    here.engage(agent)
    there.engage(agent)
    return agent


def meets(span: Any, appointment: Appointment) -> bool:
    return bool(span[0] < appointment.blocked_until and span[1] > appointment.starts_at)


@pytest.mark.usefixtures("ines")
def test_what_one_commune_books_the_other_no_longer_offers(here: Side, there: Side) -> None:
    assert here.offered() == there.offered() != []
    booked = here.book(at(10, day=WEDNESDAY))
    left = there.offered()
    assert left and not [span for span in left if meets(span, booked)]
    with pytest.raises(SlotTaken):
        there.book(at(10, 15, day=WEDNESDAY))
    there.book(at(14, day=WEDNESDAY))
    assert not [span for span in here.offered() if span[0] == at(14, day=WEDNESDAY)]


def test_an_absence_told_in_one_commune_counts_in_the_other(here: Side, there: Side, ines: Agent) -> None:
    declare_absence(
        agent=ines,
        commune=there.commune,
        starts_at=at(8, day=WEDNESDAY),
        ends_at=at(13, day=WEDNESDAY),
        kind=AbsenceKind.SICK,
        by=None,
    )
    assert {start.astimezone(TUESDAY.tzinfo).hour for start, _ in here.offered()} == {14, 15, 16}


@pytest.mark.usefixtures("ines", "tuesday")
def test_the_api_of_one_commune_does_not_offer_what_the_other_has_booked(here: Side, there: Side) -> None:
    cache.clear()
    booked = there.book(at(10, day=WEDNESDAY), resident=make_resident(there.commune, first_name="Zoé"))
    caller = Caller(make_key(here.commune))
    answer = caller.get("/availability", service=here.service.pk, with_helper=True, days=2)
    times = [time["start"] for time in answer.json()["days"][1]["times"]]
    assert "2026-11-25T09:00:00+01:00" in times and "2026-11-25T14:00:00+01:00" in times
    assert not [time for time in times if "09:15" < time[11:16] < "10:55"]
    body = {
        "service": here.service.pk,
        "site": here.site.pk,
        "start": booked.starts_at.isoformat(),
        "with_helper": True,
        "resident": {"first_name": "Fatima", "last_name": "Bensaïd", "phone": "06 39 98 12 34"},
    }
    refused = caller.post("/appointments", body)
    assert refused.status_code == 409
    for word in ("Zoé", "Sotteville", "Médiathèque", "Surendettement"):
        assert word not in answer.content.decode() + refused.content.decode()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_two_communes_do_in_turn_she_is_in_one_place_at_a_time(
    here: Side, there: Side, ines: Agent, seed: int
) -> None:
    """With a colleague in each, so that helpers are exchanged too."""
    random = Random(seed)
    for side in (here, there):
        side.engage(make_agent(side.commune, Role.HELPER))
    starts = [at(hour, minute, day=WEDNESDAY) for hour in (9, 10, 11, 14, 15, 16) for minute in (0, 15, 30)]
    done = refused = 0
    for _ in range(25):
        side = random.choice((here, there))
        mine = list(Appointment.objects.live().filter(commune=side.commune))
        verb = random.choice(("book", "book", "book", "move", "cancel")) if mine else "book"
        try:
            if verb == "book":
                side.book(random.choice(starts), helper=random.choice((None, ines)))
            elif verb == "move":
                actions.reschedule(
                    appointment=random.choice(mine),
                    site=side.site,
                    start=random.choice(starts),
                    by=SYSTEM,
                    now=TUESDAY,
                )
            else:
                actions.cancel(appointment=random.choice(mine), by=SYSTEM, now=TUESDAY)
            done += 1
        except PermanenceError:
            refused += 1
        assert overlaps() == []
    assert done and refused
    for side in (here, there):
        # What is offered can be had.
        for start, _ in random.sample(side.offered(), min(2, len(side.offered()))):
            actions.cancel(appointment=side.book(start), by=SYSTEM, now=TUESDAY)
    assert overlaps() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_processes_of_two_communes_want_her_at_one_time() -> None:
    """At hours that overlap without being the same; in each round one commune has her, the other is told."""
    here, there = Side("Petit-Quevilly", "Hôtel de ville", "CAF"), Side("Sotteville", "Médiathèque", "Dettes")
    agent = make_agent(here.commune, Role.HELPER)
    here.engage(agent)
    there.engage(agent)
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(3), spawn.Queue()
    racers = [
        (
            connection.settings_dict["NAME"],
            barrier,
            answers,
            ROUNDS,
            side.service.pk,
            side.site.pk,
            at(10, day=WEDNESDAY) + timedelta(minutes=late),
        )
        for side, late in ((here, 0), (there, 30))
    ]
    with processes(book_the_same_slot, racers):
        for number in range(ROUNDS):
            barrier.wait(PATIENCE_S)
            barrier.wait(PATIENCE_S)
            got = sorted(answers.get(timeout=PATIENCE_S) for _ in range(2))
            assert got == [(number, "SlotTaken", True), (number, "won", True)]
            Appointment.objects.get().delete()
            barrier.wait(PATIENCE_S)


# ---- what one commune sees of the other --------------------------------------------------------------


SECRETS = ("Zoé", "Martin", "Sotteville", "Médiathèque", "Surendettement", "maladie", "agenda-prive")


@pytest.mark.usefixtures("tuesday")
def test_no_page_of_one_commune_says_why_she_is_busy_in_the_other(
    here: Side, there: Side, ines: Agent, client: Client
) -> None:
    resident = make_resident(there.commune, first_name="Zoé", last_name="Martin")
    there.book(at(10, day=WEDNESDAY), helper=ines, resident=resident)
    declare_absence(
        agent=ines,
        commune=there.commune,
        starts_at=at(14, day=WEDNESDAY),
        ends_at=at(15, day=WEDNESDAY),
        kind=AbsenceKind.SICK,
        by=None,
    )
    private = ExternalCalendar.objects.create(
        agent=ines, url="https://example.org/agenda-prive.ics", created_at=TUESDAY
    )
    busy = declare_absence(
        agent=ines,
        commune=None,
        starts_at=at(16, day=WEDNESDAY),
        ends_at=at(17, day=WEDNESDAY),
        kind=AbsenceKind.OTHER,
        by=None,
    )
    ExternalBusy.objects.create(calendar=private, absence=busy)
    ours = make_resident(here.commune, first_name="Fatima", last_name="Bensaïd")
    moved = here.book(at(11, day=WEDNESDAY), helper=ines, resident=ours)
    client.force_login(
        make_agent(here.commune, Role.DESK, Role.MANAGER, first_name="Dana", last_name="Responsable")
    )
    membership = ines.memberships.get(commune=here.commune)
    pages = [
        "/equipe/",
        "/equipe/a-replacer/",
        "/equipe/semaines-types/",
        "/equipe/comptes/",
        f"/equipe/comptes/{membership.pk}/",
        "/agendas/",
        "/aujourdhui/?day=2026-11-25",
        "/rendez-vous/",
        f"/rendez-vous/?resident={ours.pk}&service={here.service.pk}&helper=1",
        f"/rendez-vous/?move={moved.pk}",
        f"/rendez-vous/{moved.pk}/",
        f"/habitants/{ours.pk}/",
    ]
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        page = response.content.decode()
        assert not [secret for secret in SECRETS if secret in page], address
    week = " ".join(client.get("/equipe/").content.decode().split())
    assert "ailleurs" in week
