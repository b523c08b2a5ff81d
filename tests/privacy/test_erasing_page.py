"""« Effacer »: the page says what goes and what stays, asks a second time, and shows the proof."""

import pytest
from django.test import Client
from django.urls import reverse

from booking.enums import Status
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service
from core.roles import Role
from notifications.models import Message
from privacy.models import RightsRequest
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_resident
from tests.notifications.test_pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

HOW = {"reason": "asked", "came_by": "phone", "seen": ""}


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


@pytest.fixture
def manager(client: Client, commune: Commune) -> Client:
    client.force_login(make_agent(commune, Role.MANAGER))
    return client


def page(resident: Resident) -> str:
    return reverse("resident-erase", args=[resident.pk])


def coming(fatima: Resident, cabin: Cabin, service: Service) -> Appointment:
    return make_appointment(cabin, service, at(14, day=26), resident=fatima)


def test_the_preview_counts_what_the_erasure_then_deletes(manager, fatima, cabin, service):
    make_appointment(cabin, service, at(9, day=17), resident=fatima, status=Status.DONE)
    make_resident(fatima.commune, merged_into=fatima)
    for number in range(2):
        Message.objects.create(
            commune=fatima.commune,
            resident=fatima,
            recipient="+33639981234",
            cause=f"test:{number}",
            kind="reminder",
            channel="sms",
            due_at=TUESDAY,
            expires_at=TUESDAY,
            created_at=TUESDAY,
        )
    before = words(manager.get(page(fatima)))
    lines = ["1 fiche réunie à celle-ci", "1 numéro de téléphone", "1 rendez-vous avec son historique"]
    lines += ["2 messages qui lui étaient destinés"]
    for line in lines:
        assert line in before
    done = manager.post(page(fatima), {**HOW, "sure": "1"}, follow=True)
    for line in lines:
        assert line in words(done)
    assert "Fatima" not in words(done)


def test_the_first_button_only_asks(manager, fatima):
    asked = words(manager.post(page(fatima), HOW))
    assert "Effacer Fatima Bensaïd pour toujours ?" in asked
    assert Resident.objects.exists()


def test_coming_visits_need_a_choice(manager, fatima, cabin, service):
    visit = coming(fatima, cabin, service)
    seen = {**HOW, "seen": f"{visit.pk}:{visit.shown}", "sure": "1"}
    refused = manager.post(page(fatima), seen)
    assert refused.status_code == 422
    assert visit.spaced_number.replace("\N{NO-BREAK SPACE}", " ") in words(refused)
    assert "Dites ce que deviennent" in words(refused)
    done = manager.post(page(fatima), {**seen, "coming": "keep"}, follow=True)
    assert "1 rendez-vous à venir est gardé par son numéro, sans nom." in words(done)
    visit.refresh_from_db()
    assert visit.resident is None


def test_a_visit_booked_meanwhile_asks_again(manager, fatima, cabin, service):
    coming(fatima, cabin, service)
    refused = manager.post(page(fatima), {**HOW, "coming": "cancel", "sure": "1"})
    assert refused.status_code == 422
    assert "ont changé entre-temps" in words(refused)
    assert Resident.objects.exists()


def test_whoever_is_here_cannot_be_erased(manager, fatima, cabin, service):
    make_appointment(cabin, service, TUESDAY, resident=fatima, status=Status.IN_SESSION)
    refused = manager.post(page(fatima), {**HOW, "sure": "1"})
    assert refused.status_code == 409
    assert "Cette personne est ici en ce moment." in words(refused)
    assert Resident.objects.exists()


def test_what_else_they_asked_for_is_said(manager, fatima):
    RightsRequest.objects.create(
        commune=fatima.commune,
        resident=fatima,
        right="access",
        came_by="desk",
        asked_on=TUESDAY.date(),
        due_on=TUESDAY.date(),
        opened_at=TUESDAY,
    )
    assert "Répondez-y d’abord" in words(manager.get(page(fatima)))


def test_the_proof_is_for_managers_of_the_commune(manager, client, fatima):
    manager.post(page(fatima), {**HOW, "sure": "1"})
    proof = reverse("resident-erased", args=[RightsRequest.objects.get().pk])
    assert manager.get(proof).status_code == 200
    client.force_login(make_agent(fatima.commune, Role.DESK))
    assert client.get(proof).status_code == 404


def test_the_desk_is_not_offered_it(client, fatima):
    panel = reverse("resident-rights", args=[fatima.pk])
    for role, is_offered in ((Role.DESK, False), (Role.MANAGER, True)):
        client.force_login(make_agent(fatima.commune, role))
        assert (page(fatima) in client.get(panel).content.decode()) is is_offered


def test_who_comes_with_the_number_alone_is_found_by_it(manager, fatima, cabin, service):
    """The number is all that an erased person has: the desk finds the visit by it, and the day names it."""
    visit = coming(fatima, cabin, service)
    asked = {**HOW, "coming": "keep", "seen": f"{visit.pk}:{visit.shown}", "sure": "1"}
    assert manager.post(page(fatima), asked).status_code == 302

    found = manager.post(reverse("desk-search"), {"q": visit.number})

    assert reverse("appointment", args=[visit.pk]) in found.content.decode()
    assert visit.spaced_number.replace("\xa0", " ") in words(found)
    assert visit.spaced_number.replace("\xa0", " ") in words(
        manager.get(reverse("today"), {"day": "2026-11-26"})
    )
