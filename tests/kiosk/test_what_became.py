"""What the pages say about what was asked of a screen, and about a message that stands on it."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from agents.models import Agent
from communes.models import Site
from kiosk.commands import note_done, send_command, take_back
from kiosk.enums import CommandKind
from kiosk.models import Screen
from tests.clocks import SetClock
from tests.factories import at
from tests.kiosk.conftest import make_screen
from tests.kiosk.test_fleet import NOW, page, pages, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(set_clock: SetClock, site: Site) -> Screen:
    set_clock(NOW)
    screen, _client = make_screen(site, None, name="Entrée", **seen())
    return screen


def show_message(screen: Screen, by: Agent, until: datetime | None = None) -> None:
    command = send_command(
        screen=screen, kind=CommandKind.MESSAGE, by=by, now=NOW, text="Travaux", until=until
    )
    note_done(screen=screen, ids=[command.pk], now=NOW)


def test_a_message_whose_hour_has_passed_is_not_said_to_be_shown(
    set_clock: SetClock, shown: Screen, alice: Agent
) -> None:
    show_message(shown, alice, until=at(11))
    assert "affiché depuis 10:24" in page(alice, "screen-state", shown.pk)
    set_clock(at(11, 30))
    text = page(alice, "screen-state", shown.pk)
    assert "affiché depuis" not in text
    assert "affiché à 10:24, enlevé à 11:00" in text


def test_a_message_that_was_taken_back_says_from_when_to_when_it_stood(
    set_clock: SetClock, shown: Screen, alice: Agent
) -> None:
    show_message(shown, alice)
    set_clock(at(10, 40))
    take_back(command=shown.commands.get(), by=alice, now=at(10, 40))
    text = page(alice, "screen-state", shown.pk)
    assert "affiché à 10:24, enlevé à 10:40" in text
    assert "fait à 10:24" not in text


def test_what_another_device_or_message_ended_is_not_said_to_be_taken_back(
    shown: Screen, alice: Agent
) -> None:
    for words in ("Premier", "Second"):
        send_command(screen=shown, kind=CommandKind.MESSAGE, by=alice, now=NOW, text=words)
    text = page(alice, "screen-state", shown.pk)
    assert "non fait" in text
    assert "annulé" not in text


def test_a_message_can_be_taken_back_however_much_was_asked_since(shown: Screen, alice: Agent) -> None:
    show_message(shown, alice)
    for minute in range(1, 25):
        later = NOW + timedelta(seconds=minute)
        command = send_command(screen=shown, kind=CommandKind.IDENTIFY, by=alice, now=later)
        note_done(screen=shown, ids=[command.pk], now=later)
    message = shown.commands.get(kind=CommandKind.MESSAGE)
    assert reverse("screen-take-back", args=[message.pk]) in page(alice, "screen-state", shown.pk)


def test_the_list_says_which_screens_show_a_message_whatever_was_asked_since(
    shown: Screen, alice: Agent
) -> None:
    show_message(shown, alice)
    pages(alice).post(reverse("screen-sound", args=[shown.pk]))
    text = page(alice)
    assert "Message de maintenance" in text
    assert "Essai du son" in text


def test_where_no_screen_is_dark_the_list_does_not_begin_with_none(
    set_clock: SetClock, site: Site, alice: Agent
) -> None:
    set_clock(NOW)
    make_screen(site, None, name="Neuf")
    text = page(alice).replace("\N{NO-BREAK SPACE}", " ")
    assert "Jamais vus : 1" in text
    assert "Hors ligne : 0" not in text


def test_the_page_of_a_dark_screen_does_not_say_what_it_shows_now(
    set_clock: SetClock, site: Site, alice: Agent
) -> None:
    set_clock(NOW)
    dark, _client = make_screen(site, None, name="Éteint", **seen(600, version_shown=1))
    assert "on ne sait pas : il est hors ligne" in page(alice, "screen-state", dark.pk).replace(
        "\N{NO-BREAK SPACE}", " "
    )
