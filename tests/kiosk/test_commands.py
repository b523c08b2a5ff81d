"""What agents ask of a screen: carried out once, said once, never kept for one that is offline."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from communes.models import Cabin, Service, Site
from kiosk.commands import note_done, open_commands, reload_screens, send_command, take_back
from kiosk.enums import CommandKind
from kiosk.errors import CodeUnknown, ScreenCannotHear
from kiosk.models import PairingCode, Screen, ScreenCommand
from kiosk.pairing import replace_device, revoke_screen
from kiosk.release import release
from tests.clocks import SetClock
from tests.factories import at, make_appointment
from tests.kiosk.conftest import make_screen
from tests.kiosk.test_pairing import waiting_screen

pytestmark = pytest.mark.django_db

NOW = at(10, 24)


@pytest.fixture(autouse=True)
def online(screen: Screen) -> None:
    Screen.objects.update(last_seen_at=NOW)
    screen.refresh_from_db()


def fetched(kiosk: Client, **fields: str) -> list[dict[str, Any]]:
    """The commands that stand on the board."""
    page = kiosk.get(reverse("screen-board"), fields).content.decode()
    found = re.search(r'data-commands="([^"]*)"', page)
    assert found
    commands: list[dict[str, Any]] = json.loads(html.unescape(found[1]))
    return commands


def text_of(kiosk: Client) -> str:
    return kiosk.get(reverse("screen-board")).content.decode()


def test_a_command_reaches_the_screen_with_its_board(
    kiosk: Client, screen: Screen, site: Site, alice: Agent
) -> None:
    version = Site.objects.get().version
    command = send_command(screen=screen, kind=CommandKind.IDENTIFY, by=alice, now=NOW)
    assert Site.objects.get().version > version
    assert [(each["id"], each["kind"]) for each in fetched(kiosk)] == [(command.pk, "identify")]


def test_it_is_done_once_however_often_that_is_told(
    kiosk: Client, set_clock: SetClock, screen: Screen, alice: Agent
) -> None:
    command = send_command(screen=screen, kind=CommandKind.SOUND, by=alice, now=NOW)
    set_clock(at(10, 25))
    assert fetched(kiosk, done=str(command.pk)) == []
    set_clock(at(10, 26))
    fetched(kiosk, done=str(command.pk))
    command.refresh_from_db()
    assert command.done_at == at(10, 25)


def test_a_screen_cannot_say_that_another_s_command_is_done(
    kiosk: Client, screen: Screen, elsewhere: Cabin, alice: Agent
) -> None:
    other, _ = make_screen(elsewhere.site, elsewhere, last_seen_at=NOW)
    command = send_command(screen=other, kind=CommandKind.RELOAD, by=alice, now=NOW)
    fetched(kiosk, done=str(command.pk))
    command.refresh_from_db()
    assert command.done_at is None


def test_what_is_asked_already_is_not_asked_twice(screen: Screen, alice: Agent, dana: Agent) -> None:
    first = send_command(screen=screen, kind=CommandKind.RELOAD, by=alice, now=NOW)
    assert send_command(screen=screen, kind=CommandKind.RELOAD, by=dana, now=NOW) == first


def test_nothing_is_asked_of_a_screen_that_cannot_hear(screen: Screen, alice: Agent) -> None:
    with pytest.raises(ScreenCannotHear):
        send_command(screen=screen, kind=CommandKind.RELOAD, by=alice, now=NOW + timedelta(minutes=2))
    revoke_screen(screen=screen, by=alice, now=NOW)
    with pytest.raises(ScreenCannotHear):
        send_command(screen=screen, kind=CommandKind.RELOAD, by=alice, now=NOW)
    assert not ScreenCommand.objects.filter(kind=CommandKind.RELOAD).exists()


def test_what_was_asked_just_before_it_went_dark_expires(
    kiosk: Client, set_clock: SetClock, screen: Screen, alice: Agent
) -> None:
    command = send_command(screen=screen, kind=CommandKind.IDENTIFY, by=alice, now=NOW)
    set_clock(NOW + timedelta(minutes=16))
    assert fetched(kiosk) == []
    assert command.over_at(NOW + timedelta(minutes=16)) == NOW + timedelta(minutes=15)
    # Asked again, it is another one.
    Screen.objects.update(last_seen_at=NOW + timedelta(minutes=16))
    again = send_command(screen=screen, kind=CommandKind.IDENTIFY, by=alice, now=NOW + timedelta(minutes=16))
    assert again != command


def test_several_screens_reload_and_the_offline_ones_are_passed_over(
    screen: Screen, site: Site, upstairs: Cabin, alice: Agent
) -> None:
    second, _ = make_screen(site, upstairs, last_seen_at=NOW)
    dark, _ = make_screen(site, last_seen_at=NOW - timedelta(hours=1))
    never, _ = make_screen(site)
    asked = reload_screens(screens=[never, dark, second, screen], by=alice, now=NOW)
    assert asked == [screen, second]
    assert list(ScreenCommand.objects.order_by("id").values_list("screen", flat=True)) == [
        screen.pk,
        second.pk,
    ]


def test_the_page_knows_of_a_visit_in_its_own_cabin(
    kiosk: Client, screen: Screen, site: Site, upstairs: Cabin, cabin: Cabin, service: Service
) -> None:
    runs = {"status": Status.IN_SESSION, "started_at": at(10)}
    make_appointment(upstairs, service, at(10), **runs)
    assert "data-visited" not in text_of(kiosk)
    make_appointment(cabin, service, at(10), **runs)
    assert "data-visited" in text_of(kiosk)
    _, hall = make_screen(site)
    assert "data-visited" not in text_of(hall)


def test_a_message_stands_on_the_board_until_it_is_taken_back(
    kiosk: Client, screen: Screen, alice: Agent
) -> None:
    words = "L’imprimante est en réparation, <b>merci</b> de votre patience."
    command = send_command(screen=screen, kind=CommandKind.MESSAGE, by=alice, now=NOW, text=words)
    assert html.escape(words) in text_of(kiosk)
    fetched(kiosk, done=str(command.pk))
    assert html.escape(words) in text_of(kiosk)
    take_back(command=command, by=alice, now=at(10, 40))
    assert "imprimante" not in text_of(kiosk)
    command.refresh_from_db()
    assert (command.done_at, command.ended_at, command.ended_by) == (NOW, at(10, 40), alice)


def test_a_message_goes_at_its_hour_by_itself(
    kiosk: Client, set_clock: SetClock, screen: Screen, alice: Agent
) -> None:
    message = CommandKind.MESSAGE
    send_command(screen=screen, kind=message, by=alice, now=NOW, text="Travaux", until=at(11))
    changes = re.search(r'data-changes="(\d+)"', text_of(kiosk))
    assert changes
    assert int(changes[1]) <= at(11).timestamp() * 1000
    set_clock(at(11))
    assert "Travaux" not in text_of(kiosk)


def test_a_message_takes_the_place_of_the_one_before(kiosk: Client, screen: Screen, alice: Agent) -> None:
    for words in ("Premier", "Second"):
        send_command(screen=screen, kind=CommandKind.MESSAGE, by=alice, now=NOW, text=words)
    page = text_of(kiosk)
    assert ("Premier" in page, "Second" in page) == (False, True)


def test_a_message_does_not_come_during_a_visit_but_stays_when_one_begins(
    kiosk: Client, screen: Screen, cabin: Cabin, service: Service, alice: Agent
) -> None:
    visit = make_appointment(cabin, service, at(10), status=Status.IN_SESSION, started_at=at(10))
    message = send_command(screen=screen, kind=CommandKind.MESSAGE, by=alice, now=NOW, text="Travaux")
    assert "Travaux" not in text_of(kiosk)
    visit.delete()
    assert "Travaux" in text_of(kiosk)
    note_done(screen=screen, ids=[message.pk], now=NOW)
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION, started_at=at(10))
    assert "Travaux" in text_of(kiosk)


# ---- another device ----


def test_another_device_takes_name_place_and_settings_and_the_old_one_is_cut_at_once(
    kiosk: Client, screen: Screen, cabin: Cabin, alice: Agent
) -> None:
    Screen.objects.update(theme="light", plays_sound=True, page_release=release(), browser="Firefox 100")
    send_command(screen=screen, kind=CommandKind.RELOAD, by=alice, now=NOW)
    client, code = waiting_screen()
    replace_device(screen=screen, code=code, agent=alice, now=NOW)
    assert kiosk.get(reverse("screen-board")).status_code == 401
    page = client.get(reverse("screen")).content.decode()
    assert "Cabine du hall" in page
    screen.refresh_from_db()
    assert (screen.name, screen.cabin, screen.theme, screen.plays_sound) == ("Borne 12", cabin, "light", True)
    assert screen.browser == ""
    assert open_commands(screen, NOW) == []
    assert not PairingCode.objects.exists()
    acts = ScreenCommand.objects.filter(kind=CommandKind.REPLACED)
    assert [(each.asked_by, each.screen) for each in acts] == [(alice, screen)]


def test_the_secret_of_the_old_device_is_never_paired_again(
    kiosk: Client, screen: Screen, alice: Agent
) -> None:
    before = kiosk.cookies["permanence_screen"].value
    _, code = waiting_screen()
    replace_device(screen=screen, code=code, agent=alice, now=NOW)
    kiosk.get(reverse("screen"))
    assert kiosk.cookies["permanence_screen"].value != before


def test_with_a_wrong_code_the_old_device_goes_on(kiosk: Client, screen: Screen, alice: Agent) -> None:
    with pytest.raises(CodeUnknown):
        replace_device(screen=screen, code="AAAAAA", agent=alice, now=NOW)
    assert kiosk.get(reverse("screen-board")).status_code == 200
