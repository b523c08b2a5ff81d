"""« Qui a consulté »: what managers read, what an agent reads of their own, and what nobody else reads."""

import csv
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions as booking
from booking.log import Actor
from booking.models import Resident
from communes.models import Commune
from core.looked import Shown
from core.roles import Role
from privacy.enums import AlarmKind
from privacy.models import Consultation, ConsultationAlarm
from tests.clocks import SetClock
from tests.factories import TUESDAY, make_agent, make_resident
from tests.privacy.test_looked import noted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

PAGE = reverse("consultations")


@pytest.fixture
def page(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def zoe(commune: Commune) -> Resident:
    return make_resident(commune, first_name="Zoé", last_name="Quatrevingt")


def lines(response: Any) -> list[Consultation]:
    return [line.row for line in response.context["found"].lines]


def test_managers_read_who_looked_the_latest_first(
    page: Client, commune: Commune, alice: Agent, zoe: Resident
):
    old = noted(commune, alice, zoe, TUESDAY - timedelta(days=6))
    noted(commune, alice, zoe, TUESDAY - timedelta(days=7))
    new = noted(commune, alice, zoe, TUESDAY, Shown.CARD)
    response = page.get(PAGE)
    assert lines(response) == [new, old]
    said = response.content.decode()
    assert "Alice Accueil" in said and "Zoé Quatrevingt" in said


def test_by_agent_by_kind_and_by_day(page: Client, commune: Commune, alice: Agent, bob: Agent, zoe: Resident):
    one = noted(commune, alice, zoe, TUESDAY - timedelta(days=1))
    two = noted(commune, bob, zoe, TUESDAY)
    three = noted(commune, alice, zoe, TUESDAY, Shown.SLIP)
    assert lines(page.get(PAGE, {"agent": bob.pk})) == [two]
    assert lines(page.get(PAGE, {"kind": "slip"})) == [three]
    assert lines(page.get(PAGE, {"since": "2026-11-23", "until": "2026-11-23"})) == [one]


def test_of_one_person_for_a_year_also_by_a_record_that_was_merged(
    page: Client, commune: Commune, alice: Agent, dana: Agent, zoe: Resident
):
    double = make_resident(commune, first_name="Zoe", last_name="Quatrevingt")
    row = noted(commune, alice, double, TUESDAY - timedelta(days=300))
    noted(commune, alice, make_resident(commune))
    booking.merge_residents(keep=zoe, duplicate=double, by=Actor.agent(dana), now=TUESDAY)
    response = page.get(PAGE, {"resident": zoe.pk})
    assert lines(response) == [row]
    assert response.context["found"].lines[0].person == zoe


def test_reading_it_is_noted_too(page: Client, commune: Commune, alice: Agent, dana: Agent, zoe: Resident):
    noted(commune, alice, zoe)
    page.get(PAGE)
    read = Consultation.objects.get(agent=dana)
    assert (read.resident, read.kind) == (zoe, Shown.LOOKED)
    page.get(reverse("consultations-csv"))
    assert Consultation.objects.filter(agent=dana, kind=Shown.LOOKED, resident=None).count() == 1


def test_an_erased_person_has_no_name_there(page: Client, commune: Commune, alice: Agent, zoe: Resident):
    noted(commune, alice, zoe)
    Resident.objects.filter(pk=zoe.pk).delete()
    response = page.get(PAGE)
    assert len(lines(response)) == 1
    assert "Quatrevingt" not in response.content.decode()


def test_the_file_has_numbers_of_records_and_no_names(
    page: Client, commune: Commune, alice: Agent, zoe: Resident
):
    noted(commune, alice, zoe)
    response = page.get(reverse("consultations-csv"))
    head, row = csv.reader(response.content.decode().splitlines())
    assert len(head) == 6
    assert row[:3] == ["2026-11-24", "10:00:00", "Alice Accueil"] and row[5] == str(zoe.pk)
    assert "Quatrevingt" not in response.content.decode()


def test_a_long_log_has_pages(page: Client, commune: Commune, alice: Agent, zoe: Resident):
    for n in range(60):
        noted(commune, alice, zoe, TUESDAY - timedelta(minutes=20 * n))
    assert len(lines(page.get(PAGE))) == 50
    assert len(lines(page.get(PAGE, {"page": "2", "kind": "record"}))) == 10


@pytest.mark.parametrize(
    "wrong",
    [{"since": "2026-11-24", "until": "2026-11-23"}, {"agent": "0"}, {"page": "x"}, {"resident": "9" * 30}],
)
def test_what_cannot_be_asked_says_so(page: Client, wrong: dict[str, str]):
    assert page.get(PAGE, wrong).status_code == 422
    assert page.get(reverse("consultations-csv"), wrong).status_code == 302


def test_nothing_yet(page: Client):
    assert "empty" in page.get(PAGE).content.decode()


@pytest.mark.parametrize("count", [1, 50])
def test_the_queries_do_not_grow(
    page: Client, commune: Commune, alice: Agent, django_assert_num_queries: Any, count: int
):
    for n in range(count):
        noted(commune, alice, make_resident(commune), TUESDAY - timedelta(minutes=n))
    # session, agent; rows, people; alarms; agents to choose from; that it was read
    with django_assert_num_queries(7):
        page.get(PAGE)


def test_another_commune_has_its_own(
    client: Client, charlie: Agent, commune: Commune, alice: Agent, zoe: Resident
):
    noted(commune, alice, zoe)
    client.force_login(charlie)
    assert lines(client.get(PAGE)) == []
    assert client.get(PAGE, {"resident": zoe.pk}).status_code == 422


def test_an_alarm_stands_on_the_page_and_in_the_bar_until_a_manager_looked_into_it(
    page: Client, commune: Commune, alice: Agent, dana: Agent
):
    alarm = ConsultationAlarm.objects.create(
        commune=commune, agent=alice, at=TUESDAY, kind=AlarmKind.OPENED, people=41
    )
    assert "41" in page.get(PAGE).content.decode()
    assert "1" in page.get(reverse("consultation-alarms")).content.decode()
    page.post(reverse("consultation-alarm-seen", args=[alarm.pk]))
    assert page.get(PAGE).context["alarms"] == []
    assert page.get(reverse("consultation-alarms")).content.strip() == b""


def test_the_only_manager_sees_their_own_alarm_and_cannot_close_it(
    page: Client, commune: Commune, dana: Agent
):
    alarm = ConsultationAlarm.objects.create(
        commune=commune, agent=dana, at=TUESDAY, kind=AlarmKind.OPENED, people=41
    )
    address = reverse("consultation-alarm-seen", args=[alarm.pk])
    assert address not in page.get(PAGE).content.decode()
    page.post(address)
    alarm.refresh_from_db()
    assert alarm.seen_at is None
    assert page.get(reverse("consultation-alarms")).content.strip() == b""


@pytest.mark.parametrize("role", [Role.DESK, Role.HELPER])
def test_an_agent_reads_that_it_is_noted_and_their_own_without_names(
    client: Client, commune: Commune, bob: Agent, zoe: Resident, role: Role
):
    agent = make_agent(commune, role)
    noted(commune, agent, zoe)
    noted(commune, bob, zoe, kind=Shown.SLIP)
    client.force_login(agent)
    own = reverse("my-consultations")
    assert own in client.get(reverse("account")).content.decode()
    response = client.get(own)
    assert [line.row.kind for line in response.context["lines"]] == [Shown.RECORD]
    assert "Quatrevingt" not in response.content.decode()


def test_no_page_deletes_or_changes_a_consultation(
    page: Client, commune: Commune, alice: Agent, zoe: Resident, set_clock: SetClock
):
    noted(commune, alice, zoe)
    before = list(Consultation.objects.values_list())
    for name in ("consultations", "consultations-csv", "my-consultations", "consultation-alarms"):
        assert page.post(reverse(name), {"delete": "1"}).status_code in (404, 405)
        assert page.delete(reverse(name)).status_code in (404, 405)
    assert list(Consultation.objects.values_list()) == before
