"""The log of consultations: who looked at whom."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent
from booking import actions
from booking.log import Actor
from booking.models import Resident
from communes.models import Commune
from core.looked import Shown
from core.roles import Role
from privacy import looked
from privacy.looked.writing import Look, waiting, write
from privacy.models import Consultation
from tests.booking.towns import Town
from tests.clocks import SetClock
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_resident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    yield
    waiting.take()
    waiting.lost = 0


def noted(
    commune: Commune, agent: Agent, resident: Resident, at: datetime = TUESDAY, kind: Shown = Shown.RECORD
) -> Consultation:
    return Consultation.objects.create(
        commune=commune, agent=agent, resident=resident, at=at, stretch_at=at, kind=kind
    )


def test_who_looked_at_a_person_also_before_their_records_were_merged(commune: Commune, alice: Agent):
    kept, double = make_resident(commune), make_resident(commune)
    stranger = make_resident(commune, first_name="Yann")
    first = noted(commune, alice, double, TUESDAY - timedelta(days=2))
    second = noted(commune, alice, kept, TUESDAY - timedelta(days=1))
    noted(commune, alice, stranger)
    actions.merge_residents(keep=kept, duplicate=double, by=Actor.system(), now=TUESDAY)
    assert list(looked.of_resident(kept)) == [second, first]


def test_once_a_person_is_erased_the_log_says_no_more_whom_it_was_about(commune: Commune, alice: Agent):
    gone = make_resident(commune)
    row = noted(commune, alice, gone)
    Resident.objects.filter(pk=gone.pk).delete()
    row.refresh_from_db()
    assert (row.resident_id, row.agent_id) == (None, alice.pk)


def test_the_log_outlives_an_account(commune: Commune, alice: Agent):
    row = noted(commune, alice, make_resident(commune))
    alice.delete()
    row.refresh_from_db()
    assert row.agent_id is None


def test_a_page_is_noted_once_it_is_answered_and_its_origin_by_name_alone(
    client: Client, commune: Commune, alice: Agent
):
    resident = make_resident(commune)
    client.force_login(alice)
    address = reverse("resident", args=[resident.pk])
    before = f"http://testserver{reverse('desk')}?resident={resident.pk}"
    with CaptureQueriesContext(connection) as statements:
        assert client.get(address, headers={"Referer": before}).status_code == 200
    written = [each["sql"] for each in statements if "privacy_consultation" in each["sql"]]
    assert len(written) == 1 and statements[-1]["sql"] == written[0]
    row = Consultation.objects.get()
    assert (row.commune, row.agent, row.resident, row.at) == (commune, alice, resident, TUESDAY)
    assert (row.kind, row.origin) == (Shown.RECORD, "desk")


@pytest.mark.parametrize(
    "before",
    [
        "",
        "https://example.org/rendez-vous/",
        "http://testserver/nowhere/",
        "http://testserver/x?q=Awa",
        "http://[",  # no address: the page would fail, and nobody would have looked
    ],
)
def test_an_origin_that_is_no_page_of_ours_is_none(
    client: Client, commune: Commune, alice: Agent, before: str
):
    client.force_login(alice)
    address = reverse("resident", args=[make_resident(commune).pk])
    assert client.get(address, headers={"Referer": before}).status_code == 200
    assert Consultation.objects.get().origin == ""


def test_a_name_typed_letter_by_letter_is_one_consultation(
    client: Client, commune: Commune, alice: Agent, set_clock: SetClock
):
    resident = make_resident(commune, first_name="Zoé", last_name="Quatrevingt")
    client.force_login(alice)
    for end in range(2, 12):
        client.post(reverse("desk-search"), {"q": "quatrevingt"[:end]}, headers={"HX-Request": "true"})
    assert [row.resident for row in Consultation.objects.all()] == [resident]
    set_clock(TUESDAY + timedelta(minutes=10))
    client.post(reverse("desk-search"), {"q": "quatre"})
    assert Consultation.objects.count() == 2


def test_a_list_of_work_that_loads_itself_anew_all_day_is_one_consultation(
    client: Client, town: Town, set_clock: SetClock
):
    agent = make_agent(town.commune, Role.DESK)
    resident = make_resident(town.commune)
    make_appointment(town.cabin, town.service, at(15), resident=resident)
    client.force_login(agent)
    for hour in range(9, 15):
        set_clock(at(hour))
        client.get(reverse("today"))
    assert [(row.resident, row.kind) for row in Consultation.objects.all()] == [(resident, Shown.DAY)]


@pytest.mark.parametrize("method", ["head", "options"])
def test_what_has_no_page_shows_nobody(client: Client, commune: Commune, alice: Agent, method: str):
    client.force_login(alice)
    getattr(client, method)(reverse("resident", args=[make_resident(commune).pk]))
    assert not Consultation.objects.exists()


def test_a_redirection_shows_nobody(client: Client, commune: Commune, alice: Agent):
    resident = make_resident(commune, "+33639980001")
    client.force_login(alice)
    assert client.post(reverse("desk-search"), {"q": "06 39 98 00 01"}).status_code == 302
    assert not Consultation.objects.exists()
    client.post(reverse("desk-search"), {"q": "06 39 98 00 01"}, follow=True)
    assert [(row.resident, row.kind) for row in Consultation.objects.all()] == [(resident, Shown.CARD)]


def test_a_log_that_fails_fails_no_page_and_is_written_with_the_next(
    client: Client, commune: Commune, alice: Agent, monkeypatch: pytest.MonkeyPatch
):
    first, second = make_resident(commune), make_resident(commune, first_name="Yann")
    client.force_login(alice)
    with monkeypatch.context() as patch:
        patch.setattr(Consultation.objects, "bulk_create", _busy)
        assert client.get(reverse("resident", args=[first.pk])).status_code == 200
    assert (len(waiting.rows), Consultation.objects.count()) == (1, 0)
    client.get(reverse("resident", args=[second.pk]))
    assert {row.resident for row in Consultation.objects.all()} == {first, second}
    assert (len(waiting.rows), waiting.lost) == (0, 0)


def _busy(*args: Any, **kwargs: Any) -> None:
    raise OperationalError("database is locked") from locked()


def locked() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def test_no_more_waits_than_fits_and_what_is_lost_is_counted(
    commune: Commune, alice: Agent, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("privacy.looked.writing.MOST_WAITING", 2)
    monkeypatch.setattr(Consultation.objects, "bulk_create", _busy)
    for pk in range(3):
        write(Look(commune.pk, alice.pk, TUESDAY, commune.tz, ((Shown.RECORD, pk + 1),)))
    assert [row.resident_id for row in waiting.rows] == [2, 3]
    assert waiting.lost == 1


# ---- the log equals a plain list ----

VIEWS = st.lists(
    st.tuples(
        st.integers(0, 1),  # the agent
        st.integers(0, 2),  # the resident
        st.sampled_from(["resident", "appointment", "slip", "today", "desk"]),
        st.integers(0, 26 * 60 * 60),  # the second after nine o'clock
    ),
    max_size=8,
)
KINDS = {
    "resident": Shown.RECORD,
    "appointment": Shown.APPOINTMENT,
    "slip": Shown.SLIP,
    "today": Shown.DAY,
    "desk": Shown.CARD,
}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(VIEWS)
def test_any_views_make_the_log_that_a_plain_list_makes(
    town: Town, set_clock: SetClock, views: list[tuple[int, int, str, int]]
):
    with transaction.atomic():
        agents = [make_agent(town.commune, Role.DESK) for _ in range(2)]
        people = [make_resident(town.commune) for _ in range(3)]
        visits = [
            make_appointment(town.cabin, town.service, at(10 + n, day=24 + day), resident=each)
            for n, each in enumerate(people)
            for day in (0, 1)
        ]
        expected = set()
        for whose, whom, page, seconds in sorted(views, key=lambda each: each[3]):
            now = at(9) + timedelta(seconds=seconds)
            set_clock(now)
            client = Client()
            client.force_login(agents[whose])
            visit = visits[2 * whom].pk
            pks = {"resident": people[whom].pk, "appointment": visit, "slip": visit}
            address = reverse(page, args=[pks[page]] if page in pks else [])
            query = {"resident": people[whom].pk} if page == "desk" else {}
            assert client.get(address, query).status_code == 200
            kind = KINDS[page]
            stretch = now.date() if kind == Shown.DAY else int(now.timestamp()) // 600
            seen = people if kind == Shown.DAY else [people[whom]]
            expected |= {(agents[whose].pk, each.pk, kind, stretch) for each in seen}
        kept = []
        for row in Consultation.objects.all():
            is_day = row.kind == Shown.DAY
            stretch = town.commune.local(row.at).date() if is_day else int(row.at.timestamp()) // 600
            kept.append((row.agent_id, row.resident_id, row.kind, stretch))
        assert len(kept) == len(set(kept)) and set(kept) == expected
        transaction.set_rollback(True)
