"""« Départ »: a manager sees first what an agent's leaving undoes, confirms, and can undo it."""

from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import AbsenceRequest, Agent, Membership, Shift, ShiftPattern
from booking.free.slots import find_slots
from booking.models import Appointment
from communes.models import Cabin, Commune, Service, Site
from core.days import Week
from core.roles import Role
from planning.models import HelperNews
from planning.team_month import read_month
from planning.team_week import read_grid
from tests.clocks import SetClock
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_commune, make_resident, make_shift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

LAST = date(2026, 11, 25)
ON_WEDNESDAY = {"when": "day", "last_on": "2026-11-25"}


def page_of(agent: Agent) -> str:
    return f"/equipe/comptes/{Membership.objects.get(agent=agent).pk}/depart/"


def plain(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\xa0", " ").replace("&nbsp;", " ").split())


def told(client: Client, agent: Agent) -> list[str]:
    client.force_login(agent)
    return [line for item in client.get("/equipe/nouvelles/").context["news"] for line in item.lines]


@pytest.fixture
def visit(bob: Agent, site: Site, cabin: Cabin, service: Service, commune: Commune) -> Appointment:
    """Bob works four days; Fatima comes on Thursday."""
    for day in (24, 25, 26, 27):
        make_shift(bob, site, at(9, day=day), at(12, day=day))
    fatima = make_resident(commune, "+33639981234")
    return make_appointment(cabin, service, at(10, day=26), helper=bob, resident=fatima)


def test_what_leaving_undoes_is_shown_first_and_nothing_is_changed(
    client: Client,
    bob: Agent,
    dana: Agent,
    site: Site,
    commune: Commune,
    service: Service,
    visit: Appointment,
) -> None:
    ShiftPattern.objects.create(
        agent=bob, site=site, weekdays=[0], starts=time(9), ends=time(12), anchor_on=LAST, from_on=LAST
    )
    ask = {"starts_at": at(9, day=30), "ends_at": at(12, day=30), "asked_at": TUESDAY}
    AbsenceRequest.objects.create(agent=bob, commune=commune, **ask)
    erin = make_agent(commune, Role.HELPER, skills=[service], first_name="Erin")
    make_shift(erin, site, at(9, day=26), at(12, day=26))
    client.force_login(dana)

    answer = client.get(page_of(bob), ON_WEDNESDAY)

    preview = answer.context["preview"]
    lost = [(each.orphan.appointment, each.proposal.helper) for each in preview.appointments]
    assert lost == [(visit, erin)]
    assert (preview.shifts, len(preview.patterns), len(preview.requests)) == (2, 1, 1)
    for words in (
        "Jeudi 26 novembre, 10:00",
        "Fatima B.",
        "même horaire",
        "avec Erin",
        "Semaine type",
        "lundi",
    ):
        assert words in plain(answer)
    assert Shift.objects.filter(agent=bob).count() == 4
    assert Membership.objects.get(agent=bob).last_on is None
    assert not HelperNews.objects.exists()


def test_the_appointments_are_to_place_again_at_once_and_nobody_is_offered_the_helper(
    client: Client, bob: Agent, dana: Agent, commune: Commune, service: Service, visit: Appointment
) -> None:
    client.force_login(dana)
    answer = client.post(page_of(bob), ON_WEDNESDAY, follow=True)
    assert [each.appointment for each in answer.context["plan"].proposals] == [visit]
    assert "dernier jour le mercredi 25 novembre 2026" in plain(answer)
    found = find_slots(
        commune=commune,
        service=service,
        with_helper=True,
        start=date(2026, 11, 24),
        end=date(2026, 12, 4),
        now=TUESDAY,
    )
    days = {commune.local(offer.start).date() for offer in found.offers}
    assert days == {date(2026, 11, 24), LAST}


def test_the_last_day_is_shown_where_the_team_is_read(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site, visit: Appointment
) -> None:
    Membership.objects.filter(agent=bob).update(weekly_hours=35)
    client.force_login(dana)
    client.post(page_of(bob), ON_WEDNESDAY)
    for address in ("/equipe/comptes/", "/equipe/", "/equipe/mois/"):
        assert "25 novembre" in plain(client.get(address)), address
    week = plain(client.get("/equipe/"))
    assert f'id="add-{bob.pk}-2026-11-25-afternoon"' in week
    assert f'id="add-{bob.pk}-2026-11-26' not in week
    row = read_grid(commune, Week.of(LAST), now=TUESDAY).rows[0]
    assert (row.last_on, row.due_minutes) == (LAST, 3 * 7 * 60)
    assert bob not in [row.agent for row in read_grid(commune, Week(date(2026, 11, 30)), now=TUESDAY).rows]
    assert bob not in [row.agent for row in read_month(commune, date(2026, 12, 7), now=TUESDAY).rows]
    client.force_login(bob)
    for address in ("/ma-journee/", "/ma-journee/semaine/", "/compte/"):
        assert "Votre dernier jour est le mercredi 25 novembre 2026" in plain(client.get(address)), address


def test_the_helper_is_told_and_told_again_only_of_what_was_not_taken_back_at_once(
    client: Client, bob: Agent, dana: Agent, set_clock: SetClock
) -> None:
    client.force_login(dana)
    client.post(page_of(bob), ON_WEDNESDAY)
    client.post(page_of(bob), {"when": "day", "last_on": "2026-11-26"})
    assert [line.replace("\xa0", " ") for line in told(client, bob)] == [
        "Votre dernier jour dans la commune est le jeudi 26 novembre 2026, ce jour compris."
    ]
    client.force_login(dana)
    client.post(f"{page_of(bob)}revenir/")
    assert told(client, bob) == []
    client.force_login(dana)
    client.post(page_of(bob), ON_WEDNESDAY)
    set_clock(at(11))
    client.post(f"{page_of(bob)}revenir/")
    assert len(told(client, bob)) == 2


def test_undoing_says_that_what_was_placed_again_stays(
    client: Client, bob: Agent, dana: Agent, visit: Appointment
) -> None:
    client.force_login(dana)
    client.post(page_of(bob), ON_WEDNESDAY)
    Appointment.objects.filter(pk=visit.pk).update(helper=None, with_helper=False)
    answer = client.post(f"{page_of(bob)}revenir/", follow=True)
    assert "Les rendez-vous déjà replacés gardent leur nouvel horaire" in plain(answer)
    assert Shift.objects.filter(agent=bob).count() == 4
    assert Appointment.objects.get().helper is None
    assert "Aucun départ n’est prévu" in plain(client.post(f"{page_of(bob)}revenir/", follow=True))


def test_the_last_manager_reads_why_they_cannot_leave(client: Client, dana: Agent) -> None:
    client.force_login(dana)
    for answer in (client.get(page_of(dana), {"when": "now"}), client.post(page_of(dana), ON_WEDNESDAY)):
        assert answer.status_code == 422
        assert "Personne d’autre ne reste responsable de cette commune" in plain(answer)


@pytest.mark.parametrize("last_on", ["", "hier", "2026-11-23", "2028-11-25"])
def test_a_last_day_that_makes_no_sense_is_said_beside_its_field(
    client: Client, bob: Agent, dana: Agent, last_on: str
) -> None:
    client.force_login(dana)
    sent = {"when": "day", "last_on": last_on}
    for answer in (client.get(page_of(bob), sent), client.post(page_of(bob), sent)):
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["last_on"]


def test_a_manager_lets_nobody_of_another_commune_leave(client: Client, dana: Agent) -> None:
    stranger = make_agent(make_commune(), Role.HELPER)
    client.force_login(dana)
    for address in (page_of(stranger), f"{page_of(stranger)}revenir/"):
        assert client.post(address, ON_WEDNESDAY).status_code == 404


def test_a_shift_after_the_last_day_is_refused_on_the_page(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    client.post(page_of(bob), ON_WEDNESDAY)
    sent = {"agent": bob.pk, "site": site.pk, "on": "2026-11-26", "starts": "09:00", "ends": "12:00"}
    answer = client.post("/equipe/presences/nouvelle/", sent)
    assert answer.status_code == 422
    assert "son dernier jour dans la commune est le mercredi 25 novembre 2026" in plain(answer)


def test_confirming_takes_as_many_queries_for_many_shifts(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    counts = []
    for number in (2, 40):
        for day in range(number):
            start = at(9, day=26) + (at(9, day=27) - at(9, day=26)) * day
            make_shift(bob, site, start, start.replace(hour=start.hour + 2))
        with CaptureQueriesContext(
            connection,
        ) as leaving:
            client.post(page_of(bob), ON_WEDNESDAY)
        with CaptureQueriesContext(connection) as staying:
            client.post(f"{page_of(bob)}revenir/")
        counts.append((len(leaving), len(staying)))
        Shift.objects.all().delete()
    assert counts[0] == counts[1]
