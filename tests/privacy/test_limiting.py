"""« Limiter la fiche »: what the page asks and says, what is noted, and that the purge leaves the record."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.actions import end_session
from booking.enums import LimitedFor, Status
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service
from core.days import months_after
from core.roles import Role
from privacy import actions
from privacy.enums import CameBy, Right
from privacy.forgetting import LIMITED_MONTHS
from privacy.models import RightsRequest
from privacy.purge import purge
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_resident
from tests.notifications.test_pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

HOW = {"why": "claim", "came_by": "letter"}


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


def page(who: Resident) -> str:
    return reverse("resident-limitation", args=[who.pk])


def limited(who: Resident, by: Agent, **how: Any) -> None:
    usual: dict[str, Any] = {
        "why": LimitedFor.CLAIM,
        "came_by": CameBy.DESK,
        "cancels": False,
        "now": TUESDAY,
    }
    actions.limit(resident=who, by=by, **{**usual, **how})


def test_the_page_limits_and_notes_what_was_asked(desk: Client, fatima: Resident, alice: Agent) -> None:
    answer = desk.post(page(fatima), HOW)

    assert answer.status_code == 302
    fatima.refresh_from_db()
    assert (fatima.limited_at, fatima.limited_for) == (TUESDAY, "claim")
    request = RightsRequest.objects.get()
    assert (request.right, request.came_by, request.closed_by, request.resident) == (
        Right.LIMITATION,
        CameBy.LETTER,
        alice,
        fatima,
    )
    assert request.proof == {"why": "claim", "cancelled": 0, "kept": 0, "given_back": 0}


def test_an_open_request_is_answered_by_it(commune: Commune, fatima: Resident, alice: Agent) -> None:
    asked = actions.open_request(
        commune=commune,
        right=Right.LIMITATION,
        came_by=CameBy.LETTER,
        asked_on=(TUESDAY - timedelta(days=9)).date(),
        resident=fatima,
        by=alice,
        now=TUESDAY,
    )

    limited(fatima, alice)

    asked.refresh_from_db()
    assert asked.state == "done"
    assert RightsRequest.objects.count() == 1


def test_coming_visits_are_asked_about_and_the_desk_must_tell(
    desk: Client, fatima: Resident, cabin: Cabin, service: Service
) -> None:
    visit = make_appointment(cabin, service, at(14, day=26), resident=fatima)

    assert desk.post(page(fatima), HOW).status_code == 422, "what becomes of the visit is not said"
    kept = words(desk.post(page(fatima), {**HOW, "coming": "keep"}, follow=True))

    assert "1 rendez-vous reste" in kept
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_the_person_may_want_them_cancelled(
    desk: Client, fatima: Resident, cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(14, day=26), resident=fatima)

    desk.post(page(fatima), {**HOW, "coming": "cancel"})

    assert Appointment.objects.get().status == Status.CANCELLED
    assert RightsRequest.objects.get().proof["cancelled"] == 1


def test_lifting_asks_that_the_person_was_told_and_keeps_that(
    desk: Client, fatima: Resident, alice: Agent
) -> None:
    limited(fatima, alice)
    lifting = reverse("resident-limitation-lift", args=[fatima.pk])

    refused = desk.post(lifting, {})
    assert refused.status_code == 422
    assert "Prévenez d’abord la personne" in words(refused)
    fatima.refresh_from_db()
    assert fatima.is_limited

    desk.post(lifting, {"was_told": "on"})

    fatima.refresh_from_db()
    assert not fatima.is_limited
    proof = RightsRequest.objects.get().proof
    assert (proof["lifted_on"], proof["was_told"]) == ("2026-11-24", True)
    assert [row.kind for row in fatima.changes.all()] == ["lifted", "limited"]


def test_the_panel_and_the_record_say_that_it_is_limited(
    desk: Client, fatima: Resident, alice: Agent
) -> None:
    limited(fatima, alice)

    panel = words(desk.get(reverse("resident-rights", args=[fatima.pk])))
    record = words(desk.get(reverse("resident", args=[fatima.pk])))

    assert "Lever la limitation" in panel
    assert "Fiche limitée depuis le 24 novembre 2026" in record
    assert "la personne en a besoin pour défendre ses droits" in record


def test_two_presses_limit_once(desk: Client, fatima: Resident) -> None:
    for _ in range(2):
        assert desk.post(page(fatima), HOW).status_code == 302

    assert RightsRequest.objects.count() == 1
    assert fatima.changes.count() == 1


def test_the_purge_leaves_a_limited_record_for_five_years_more(
    commune: Commune, fatima: Resident, cabin: Cabin, service: Service, alice: Agent
) -> None:
    visit = make_appointment(cabin, service, at(9), resident=fatima, status=Status.IN_SESSION)
    end_session(appointment=visit, outcome="solved", by=Actor.system(), now=TUESDAY)
    limited(fatima, alice)
    usual = months_after(TUESDAY, commune.retention_months) + timedelta(days=1)
    bound = months_after(TUESDAY, commune.retention_months + LIMITED_MONTHS) + timedelta(days=1)

    assert purge(commune=commune, now=usual, dry_run=True).residents == 0
    purge(commune=commune, now=usual)
    assert Resident.objects.exists()
    purge(commune=commune, now=bound, anyway=True)  # years without a purge stop it until somebody has looked
    assert not Resident.objects.exists()


def test_once_it_is_lifted_the_purge_takes_it(commune: Commune, fatima: Resident, alice: Agent) -> None:
    limited(fatima, alice)
    usual = months_after(TUESDAY, commune.retention_months) + timedelta(days=1)
    actions.lift(resident=fatima, by=alice, now=usual)

    purge(commune=commune, now=usual)

    assert not Resident.objects.exists()


def test_the_pages_of_a_day_show_the_number_and_no_name_phone_or_note(
    desk: Client, fatima: Resident, alice: Agent, cabin: Cabin, service: Service
) -> None:
    """They stand open on a counter, and the list is printed."""
    visit = make_appointment(cabin, service, at(14), resident=fatima, note="le dossier bleu")
    limited(fatima, alice)

    for name in ("today", "today-list"):
        shown = words(desk.get(reverse(name)))
        assert visit.spaced_number.replace("\xa0", " ") in shown
        for hidden in (fatima.last_name, "39 98 12", "dossier bleu"):
            assert hidden not in shown, name


def test_the_page_of_the_appointment_says_so_and_hides_numbers_and_note(
    desk: Client, fatima: Resident, alice: Agent, cabin: Cabin, service: Service
) -> None:
    visit = make_appointment(cabin, service, at(14), resident=fatima, note="le dossier bleu")
    limited(fatima, alice)

    answer = desk.get(reverse("appointment", args=[visit.pk]))
    shown = words(answer)

    assert "Limited record since" in shown or "Fiche limitée depuis" in shown
    assert str(fatima) in shown
    assert "dossier bleu" not in shown
    assert "+33639981234" not in answer.content.decode()


def test_a_helper_reads_no_name_on_the_page_of_the_appointment(
    client: Client, commune: Commune, fatima: Resident, alice: Agent, cabin: Cabin, service: Service
) -> None:
    helper = make_agent(commune, Role.HELPER)
    visit = make_appointment(cabin, service, at(14), resident=fatima, helper=helper)
    limited(fatima, alice)
    client.force_login(helper)

    shown = words(client.get(reverse("appointment", args=[visit.pk])))

    assert visit.spaced_number.replace("\xa0", " ") in shown
    assert fatima.last_name not in shown
