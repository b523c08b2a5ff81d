"""The network goes after a touch has reached the server: the page says so, and the same touch counts once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import Error, Route, expect

from agents.models import Agent
from booking.enums import EventKind, Status
from booking.models import Appointment
from communes.models import Cabin, Service
from kiosk.models import FaceCount, HelpCall
from tests.browser.visitor import axe
from tests.factories import at, make_appointment
from tests.kiosk.hung import Hung, eventually, until_true

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

UNKNOWN = "est peut-être déjà enregistrée"


@contextmanager
def answers_lost(hung: Hung) -> Iterator[list[str]]:
    """What is posted reaches the server; its answer does not come back. Yields the addresses."""
    reached: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        route.fetch()
        reached.append(route.request.url)
        # Answers are no longer lost by now: the browser has let the request through.
        with suppress(Error):
            route.abort()

    hung.page.route("**/ecran/**", lose)
    yield reached
    hung.page.unroute("**/ecran/**")


def press(hung: Hung, name: str) -> None:
    hung.page.get_by_role("button", name=name).first.click()


def test_a_session_begins_is_made_longer_and_ends_once_although_each_answer_is_lost(
    hung: Hung, service: Service, cabin: Cabin
) -> None:
    sheet = hung.page.get_by_role("dialog")
    hung.shows("Utiliser la cabine")
    press(hung, "Utiliser la cabine")
    press(hung, service.name)
    with answers_lost(hung) as reached:
        press(hung, "Commencer maintenant, sans aidant")
        expect(sheet).to_contain_text(UNKNOWN)
        assert len(reached) == 1
        axe(hung.page)
    press(hung, "Réessayer")
    expect(sheet).to_contain_text("Installez-vous")
    visit = Appointment.objects.get()
    assert visit.status == Status.IN_SESSION
    press(hung, "J’ai compris")

    usual_end = visit.ends_at
    with answers_lost(hung):
        press(hung, "Rester 15 minutes de plus")
        expect(sheet).to_contain_text(UNKNOWN)
    press(hung, "J’ai compris")
    press(hung, "Rester 15 minutes de plus")  # the same touch, from the board
    expect(sheet).to_contain_text("Vous avez jusqu’à")
    visit.refresh_from_db()
    assert (visit.ends_at - usual_end).total_seconds() == 15 * 60
    assert visit.events.filter(kind=EventKind.EXTENDED).count() == 1
    press(hung, "J’ai compris")

    press(hung, "J’ai terminé")
    expect(sheet).to_contain_text("Avez-vous terminé")
    expect(sheet.get_by_role("button", name="Non, je continue")).to_be_focused()
    axe(hung.page)
    press(hung, "Non, je continue")
    expect(sheet).to_be_hidden()
    visit.refresh_from_db()
    assert visit.status == Status.IN_SESSION
    press(hung, "J’ai terminé")
    with answers_lost(hung):
        press(hung, "Oui, j’ai terminé")
        expect(sheet).to_contain_text(UNKNOWN)
    press(hung, "Réessayer")
    expect(sheet).to_contain_text("Avez-vous pu faire")
    with answers_lost(hung):
        press(hung, "En partie")
        expect(sheet).to_contain_text(UNKNOWN)
    press(hung, "Réessayer")
    expect(sheet).to_contain_text("Merci")
    assert FaceCount.objects.get().count == 1
    assert now_done(visit)


def now_done(visit: Appointment) -> bool:
    visit.refresh_from_db()
    return visit.status == Status.DONE and visit.events.filter(kind=EventKind.ENDED).count() == 1


def test_one_books_one_later_time_although_the_answer_is_lost(
    hung: Hung, service: Service, cabin: Cabin, bob: Agent
) -> None:
    began = {"status": Status.IN_SESSION, "arrived_at": at(10), "started_at": at(10), "helper": bob}
    running = make_appointment(cabin, service, at(10), **began)
    hung.open()
    hung.shows("En rendez-vous jusque vers")
    press(hung, "Utiliser la cabine")
    press(hung, service.name)
    sheet = hung.page.get_by_role("dialog")
    with answers_lost(hung):
        sheet.locator(".times button").first.click()
        expect(sheet).to_contain_text(UNKNOWN)
    press(hung, "Réessayer")
    expect(sheet).to_contain_text("Votre rendez-vous")
    booked = Appointment.objects.exclude(pk=running.pk).get()
    assert booked.number[:3] in sheet.inner_text()


def test_an_arrival_a_turn_and_a_call_whose_answers_are_lost_are_told_once(
    hung: Hung, fatima: Appointment, bob: Agent
) -> None:
    sheet = hung.page.get_by_role("dialog")
    hung.open()
    hung.shows("Fatima B.")
    with answers_lost(hung):
        press(hung, "Appeler un agent")
        hung.shows("Un agent est prévenu")
        expect(sheet).to_be_hidden()
    assert HelpCall.objects.count() == 1

    press(hung, "Je suis là")
    with answers_lost(hung):
        press(hung, "Oui, c’est moi")
        expect(sheet).to_contain_text("Votre arrivée est gardée")
        eventually(fatima, Status.IN_SESSION)
    press(hung, "J’ai compris")
    hung.shows("J’ai terminé")
    assert fatima.events.filter(kind=EventKind.ARRIVED).count() == 1
    until_true(hung.page, "localStorage.getItem('permanence-arrivals') === '[]'")
    assert fatima.events.filter(kind=EventKind.STARTED).count() == 1
