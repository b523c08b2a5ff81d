"""The screen in a browser when a touch, or the answer to it, is lost: touched again, it counts once, and the
screen does not say what is not true."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Route, expect

from booking.enums import EventKind, Status
from booking.models import Appointment
from communes.models import Cabin, Service
from kiosk.models import HelpCall
from tests.browser.visitor import axe
from tests.factories import at, make_appointment
from tests.kiosk.hung import Hung, eventually, until_true

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

AGAIN = "Réessayer"
UNKNOWN = "est peut-être déjà enregistrée"


@contextmanager
def answer_lost(hung: Hung, path: str) -> Iterator[list[str]]:
    """The first POST to `path` reaches the server, and its answer does not reach the page. Gives the keys of
    the presses that were sent there."""
    keys: list[str] = []

    def drop_the_first(route: Route) -> None:
        is_sent = route.request.method == "POST"
        if is_sent:
            keys.append(route.request.headers.get("x-press", ""))
        if is_sent and len(keys) == 1:
            assert route.fetch().status == 200
            route.abort("connectionreset")
        else:
            route.continue_()

    hung.page.route(f"**{path}*", drop_the_first)
    yield keys
    hung.page.unroute(f"**{path}*")


def touch(hung: Hung, name: str) -> None:
    hung.page.get_by_role("button", name=name).click()


def dialog(hung: Hung) -> Locator:
    return hung.page.get_by_role("dialog")


def told(appointment: Appointment, kind: EventKind) -> int:
    return appointment.events.filter(kind=kind).count()


def make_running(cabin: Cabin, service: Service) -> Appointment:
    begun = {"status": Status.IN_SESSION, "arrived_at": at(10), "started_at": at(10)}
    return make_appointment(cabin, service, at(10), **begun)


def test_what_was_touched_without_network_is_touched_again_once_it_is_back(
    hung: Hung, service: Service
) -> None:
    hung.shows("Libre jusqu’à")
    touch(hung, "Utiliser la cabine")
    dialog(hung).get_by_role("button", name="CAF").click()
    hung.context.set_offline(True)
    touch(hung, "Commencer maintenant, sans aidant")
    expect(dialog(hung)).to_contain_text(UNKNOWN)
    assert not Appointment.objects.exists()
    touch(hung, AGAIN)
    expect(dialog(hung)).to_contain_text(UNKNOWN)
    hung.context.set_offline(False)
    touch(hung, AGAIN)
    expect(dialog(hung)).to_contain_text("Installez-vous")
    assert Appointment.objects.get().status == Status.IN_SESSION
    touch(hung, "J’ai compris")
    finish = hung.page.get_by_role("button", name="J’ai terminé")
    finish.click()
    expect(dialog(hung)).to_contain_text("Avez-vous terminé")
    axe(hung.page)
    hung.context.set_offline(True)
    touch(hung, "Oui, j’ai terminé")
    expect(dialog(hung)).to_contain_text(UNKNOWN)
    axe(hung.page)
    hung.context.set_offline(False)
    touch(hung, AGAIN)
    expect(hung.page.locator(".face-buttons")).to_be_visible()
    assert Appointment.objects.get().status == Status.DONE


def test_the_button_to_send_it_again_sends_the_same_touch_however_late(hung: Hung, service: Service) -> None:
    """« Réessayer » after two minutes, after which the same touch on the button itself is another one."""
    hung.page.clock.install()
    hung.page.reload()
    hung.shows("Libre jusqu’à")
    touch(hung, "Utiliser la cabine")
    dialog(hung).get_by_role("button", name="CAF").click()
    with answer_lost(hung, reverse("screen-walk-in-service", args=[service.pk])) as keys:
        touch(hung, "Commencer maintenant, sans aidant")
        expect(dialog(hung)).to_contain_text(UNKNOWN)
        for _ in range(7):
            hung.pass_time(20)
            hung.page.mouse.click(3, 3)  # somebody is there: the sheet stays
            expect(dialog(hung)).to_contain_text(UNKNOWN)
        touch(hung, AGAIN)
        expect(dialog(hung)).to_contain_text("Installez-vous")
    assert len(keys) == 2 and len(set(keys)) == 1 and keys[0]
    assert told(Appointment.objects.get(), EventKind.STARTED) == 1


def test_whose_turn_it_is_begins_once(hung: Hung, fatima: Appointment) -> None:
    Appointment.objects.update(status=Status.ARRIVED, arrived_at=at(10, 20))
    hung.house.set_clock(at(10, 31))
    hung.tell()
    begin = hung.page.locator("#turn")
    expect(begin).to_be_visible()
    with answer_lost(hung, f"/ecran/arrivee/{fatima.pk}/tour/"):
        begin.click()
        touch(hung, AGAIN)
        expect(dialog(hung)).not_to_contain_text(AGAIN)
    expect(dialog(hung)).not_to_contain_text("Ce n’est pas possible")
    eventually(fatima, Status.IN_SESSION)
    assert told(fatima, EventKind.STARTED) == 1


def test_a_session_is_not_ended_by_one_touch_nor_by_two_on_the_same_place(
    hung: Hung, cabin: Cabin, service: Service
) -> None:
    """Somebody leans on the screen, or a child plays on it."""
    running = make_running(cabin, service)
    hung.tell()
    finish = hung.page.locator("#session-end")
    expect(finish).to_be_visible()
    box = finish.bounding_box()
    assert box
    finish.click()
    expect(dialog(hung)).to_contain_text("Avez-vous terminé")
    yes = dialog(hung).get_by_role("button", name="Oui, j’ai terminé").bounding_box()
    assert yes
    left, right = box["x"], box["x"] + box["width"]
    top, bottom = box["y"], box["y"] + box["height"]
    apart = yes["x"] >= right or yes["x"] + yes["width"] <= left
    assert apart or yes["y"] >= bottom or yes["y"] + yes["height"] <= top
    touch(hung, "Non, je continue")
    expect(dialog(hung)).to_be_hidden()
    running.refresh_from_db()
    assert running.status == Status.IN_SESSION


def test_an_arrival_is_taken_back_once(hung: Hung, fatima: Appointment) -> None:
    hung.tell()
    touch(hung, "Je suis là")
    touch(hung, "Oui, c’est moi")
    with answer_lost(hung, "/ecran/arrivee/annuler/"):
        touch(hung, "C’est une erreur")
        touch(hung, AGAIN)
        expect(dialog(hung)).to_contain_text("n’est plus notée")
    eventually(fatima, Status.BOOKED)


def test_an_agent_who_was_called_is_shown_as_called(hung: Hung) -> None:
    """« Les agents ne peuvent pas être prévenus » does not stay over the board that says the contrary."""
    hung.shows("Libre jusqu’à")
    with answer_lost(hung, "/ecran/aide/"):
        touch(hung, "Appeler un agent")
        hung.shows("Un agent est prévenu")
        expect(dialog(hung)).to_be_hidden()
    assert HelpCall.objects.count() == 1


def test_a_sheet_closed_before_its_answer_stays_closed(hung: Hung, service: Service) -> None:
    """What was asked for while the network was slow no longer stands over the board once it has been left."""
    hung.shows("Utiliser la cabine")
    sheet = dialog(hung)
    touch(hung, "Utiliser la cabine")
    expect(sheet.get_by_role("button", name=service.name)).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    hung.page.route(re.compile(r"/ecran/cabine/\d+/"), hold)
    sheet.get_by_role("button", name=service.name).click()
    until_true(hung.page, "document.getElementById('sheet').hasAttribute('aria-busy')")
    hung.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert len(held) == 1
    held[0].continue_()
    until_true(hung.page, "!document.getElementById('sheet').hasAttribute('aria-busy')")
    expect(sheet).to_have_count(0)
    touch(hung, "Utiliser la cabine")
    expect(sheet).to_contain_text("Pour quelle démarche venez-vous ?")
