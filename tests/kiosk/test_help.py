"""« Appeler un agent »: agents who can come see the call, and the screen shows their answer."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from communes.models import Cabin, Commune, Site
from kiosk.models import HelpCall, Screen
from tests.clocks import SetClock
from tests.factories import at, make_shift

pytestmark = pytest.mark.django_db


def pages_of(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def heard(agent: Agent) -> bool:
    return b"data-ring" in pages_of(agent).get(reverse("help-calls")).content


def board(kiosk: Client) -> str:
    return kiosk.get(reverse("screen-board")).content.decode()


def test_the_desk_and_managers_hear_every_call(
    kiosk: Client, alice: Agent, dana: Agent, charlie: Agent
) -> None:
    assert not heard(alice)
    kiosk.post(reverse("screen-help"))
    assert (heard(alice), heard(dana), heard(charlie)) == (True, True, False)


def test_a_helper_hears_the_site_where_they_are_today(
    kiosk: Client, bob: Agent, site: Site, elsewhere: Cabin
) -> None:
    kiosk.post(reverse("screen-help"))
    make_shift(bob, elsewhere.site, at(9), at(12))
    assert not heard(bob)
    make_shift(bob, site, at(14), at(17))
    assert heard(bob)


def test_the_screen_says_that_someone_comes_and_not_who(kiosk: Client, bob: Agent, alice: Agent) -> None:
    kiosk.post(reverse("screen-help"))
    assert "Un agent est prévenu" in board(kiosk)
    call = HelpCall.objects.get()
    pages_of(alice).post(reverse("help-call-answer", args=[call.pk]))
    shown = board(kiosk)
    assert "Un agent arrive" in shown
    assert "Alice" not in shown
    assert not heard(alice)


def test_pressing_again_rings_no_second_time(kiosk: Client) -> None:
    kiosk.post(reverse("screen-help"))
    kiosk.post(reverse("screen-help"))
    assert HelpCall.objects.count() == 1


def test_after_two_minutes_the_phone_of_the_mairie_is_shown(kiosk: Client, set_clock: SetClock) -> None:
    kiosk.post(reverse("screen-help"))
    assert "téléphoner" not in board(kiosk).split("<main")[1].split('class="cards"')[0]
    set_clock(at(10, 26) + timedelta(seconds=2))
    shown = board(kiosk).split('class="cards"')[0].replace("\N{NO-BREAK SPACE}", " ")
    assert "Nous n’avons pas encore pu vous répondre" in shown
    assert "02 61 91 00 00" in shown


def test_at_a_place_with_its_own_phone_that_one_is_shown(
    kiosk: Client, site: Site, set_clock: SetClock
) -> None:
    Site.objects.update(phone="+33261910077")
    kiosk.post(reverse("screen-help"))
    set_clock(at(10, 26) + timedelta(seconds=2))
    shown = board(kiosk).split('class="cards"')[0].replace("\N{NO-BREAK SPACE}", " ")
    assert "02 61 91 00 77" in shown
    assert "91 00 00" not in shown
    assert "mairie" not in shown.split("02 61 91 00 77")[0].rpartition("help-phone")[2]


def test_the_board_asks_again_in_time_for_that(kiosk: Client) -> None:
    kiosk.post(reverse("screen-help"))
    called = HelpCall.objects.get().called_at.timestamp() * 1000
    changes = int(board(kiosk).split('data-changes="')[1].split('"')[0])
    assert abs(changes - called - 120_000) <= 1


def test_who_needs_no_one_any_more_says_so(kiosk: Client, alice: Agent) -> None:
    kiosk.post(reverse("screen-help"))
    kiosk.post(reverse("screen-help-end"))
    assert not heard(alice)
    assert "Un agent est prévenu" not in board(kiosk)


def test_the_second_to_answer_is_told_so(kiosk: Client, alice: Agent, dana: Agent) -> None:
    kiosk.post(reverse("screen-help"))
    url = reverse("help-call-answer", args=[HelpCall.objects.get().pk])
    pages_of(alice).post(url)
    assert "déjà répondu" in pages_of(dana).post(url).content.decode()
    assert HelpCall.objects.get().answered_by == alice


def test_a_stranger_answers_no_call(kiosk: Client, charlie: Agent) -> None:
    kiosk.post(reverse("screen-help"))
    url = reverse("help-call-answer", args=[HelpCall.objects.get().pk])
    assert pages_of(charlie).post(url).status_code == 404
    assert HelpCall.objects.get().is_open


def test_calling_tells_the_pages_of_the_site(kiosk: Client, screen: Screen) -> None:
    before = Site.objects.get(pk=screen.site_id).version
    kiosk.post(reverse("screen-help"))
    assert Site.objects.get(pk=screen.site_id).version > before


def test_an_answer_that_comes_late_is_shown_all_the_same(
    kiosk: Client, alice: Agent, set_clock: SetClock
) -> None:
    kiosk.post(reverse("screen-help"))
    set_clock(at(10, 44))
    assert "data-call" not in board(kiosk)
    pages_of(alice).post(reverse("help-call-answer", args=[HelpCall.objects.get().pk]))
    assert "Un agent arrive" in board(kiosk)
    set_clock(at(10, 47))
    assert "data-call" not in board(kiosk)


def test_who_calls_again_after_a_call_was_given_up_is_one_caller(
    kiosk: Client, alice: Agent, set_clock: SetClock
) -> None:
    kiosk.post(reverse("screen-help"))
    set_clock(at(10, 44))
    kiosk.post(reverse("screen-help"))
    page = pages_of(alice).get(reverse("help-calls")).content.decode()
    assert page.count("data-ring") == 1
    assert "10:44" in page


def test_where_no_phone_is_known_the_reception_is_named(
    kiosk: Client, site: Site, set_clock: SetClock
) -> None:
    Commune.objects.filter(pk=site.commune_id).update(public_phone="")
    kiosk.post(reverse("screen-help"))
    set_clock(at(10, 27))
    shown = board(kiosk).split("data-call")[1].split("</section>")[0]
    assert "Adressez-vous à l’accueil" in shown
