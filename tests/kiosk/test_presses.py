"""Each action of a screen whose answer is lost after it reached the server: sent again, it counts once, and
whoever pressed is told the same."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponseNotAllowed
from django.test import Client
from django.urls import reverse

from booking.enums import EventKind, Status
from booking.models import Appointment, AppointmentEvent, Resident
from communes.models import Cabin, Incident, Service, Site
from communes.service_actions import retire_service
from kiosk.models import FaceCount, HelpCall, Press, Screen
from kiosk.presses import HEADER
from kiosk.urls import urlpatterns
from tests.clocks import SetClock
from tests.factories import at, make_shift
from tests.kiosk.conftest import make_screen
from tests.kiosk.stage import NUMBER, Stage

pytestmark = pytest.mark.django_db

KEY = "1719-2218-3310-4455"


@pytest.fixture
def stage(site: Site, cabin: Cabin, service: Service, set_clock: SetClock) -> Stage:
    return Stage(site, cabin, service, set_clock)


type Touch = tuple[str, Any]
"""An address, and the fields that the page sends there, or its JSON."""

ACTIONS: dict[str, Callable[[Stage], Touch]] = {}


def touch(make: Callable[[Stage], Touch]) -> Callable[[Stage], Touch]:
    ACTIONS[f"screen-{make.__name__.replace('_', '-')}"] = make
    return make


def _sealed(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0]


@touch
def arrival_confirm(stage: Stage) -> Touch:
    stage.expects_helped()
    return reverse("screen-arrival-confirm"), {"who": _sealed(stage.get("screen-arrival"), "who")}


@touch
def arrival_number(stage: Stage) -> Touch:
    stage.expects()
    return reverse("screen-arrival-number"), {"number": NUMBER}


@touch
def arrival_undo(stage: Stage) -> Touch:
    stage.expects()
    return reverse("screen-arrival-undo"), {"undo": _sealed(stage.key(), "undo")}


@touch
def turn(stage: Stage) -> Touch:
    return reverse("screen-turn", args=[stage.expects(**stage.arrived()).pk]), {}


@touch
def arrivals(stage: Stage) -> Touch:
    stage.expects_helped()
    kept = {"key": KEY, "number": NUMBER, "at": int(stage.now.timestamp() * 1000)}
    return reverse("screen-arrivals"), json.dumps([kept])


@touch
def help(stage: Stage) -> Touch:  # noqa: A001  (the name of its address)
    return reverse("screen-help"), {}


@touch
def fault(stage: Stage) -> Touch:
    return reverse("screen-fault"), {"cabin": stage.screen.cabin_id, "kind": "printer"}


@touch
def help_end(stage: Stage) -> Touch:
    stage.post("screen-help")
    return reverse("screen-help-end"), {}


@touch
def walk_in_service(stage: Stage) -> Touch:
    make_shift(stage.helper, stage.site, at(9), at(12))
    return reverse("screen-walk-in-service", args=[stage.service.pk]), {"with": "helper"}


@touch
def walk_in_book(stage: Stage) -> Touch:
    asked = {"start": at(11).isoformat(), "with": "nobody"}
    return reverse("screen-walk-in-book", args=[stage.service.pk]), asked


@touch
def text_number(stage: Stage) -> Touch:
    return reverse("screen-text-number"), {"booking": stage.later_offer(), "phone": "0639981234"}


@touch
def session_end(stage: Stage) -> Touch:
    return reverse("screen-session-end", args=[stage.runs(10, 0).pk]), {}


@touch
def session_extend(stage: Stage) -> Touch:
    return reverse("screen-session-extend", args=[stage.runs(10, 0).pk]), {}


@touch
def face(stage: Stage) -> Touch:
    return reverse("screen-face"), {"face": "partly"}


def press(client: Client, what: Touch, key: str = KEY) -> str:
    address, sent = what
    kind: dict[str, Any] = {"content_type": "application/json"} if isinstance(sent, str) else {}
    response = client.post(address, sent, headers={HEADER: key}, **kind)
    assert response.status_code == 200, response.content
    return str(response.content.decode())


def everything() -> dict[str, Any]:
    kinds = (Appointment, AppointmentEvent, Resident, HelpCall, FaceCount, Incident)
    return {kind.__name__: list(kind.objects.order_by("pk").values()) for kind in kinds}


def heading(page: str) -> str:
    found = re.search(r"<h2[^>]*>(.*?)</h2>", page, re.DOTALL)
    return " ".join(found[1].split()) if found else page.strip()


NOTED = {"screen-arrival-confirm", "screen-arrival-number", "screen-arrivals"}
"""Said otherwise the second time: « votre arrivée est déjà notée »."""


@pytest.mark.parametrize("name", ACTIONS)
def test_a_press_whose_answer_was_lost_counts_once_and_is_answered_alike(name: str, stage: Stage) -> None:
    what = ACTIONS[name](stage)
    before = everything()
    first = press(stage.client, what)
    done = everything()
    assert done != before, "it did nothing"

    stage.clock(stage.now + timedelta(seconds=3))
    second = press(stage.client, what)

    assert everything() == done
    if name not in NOTED:
        assert heading(second) == heading(first)
        assert "Ce n’est pas possible" not in second


def test_every_action_of_a_screen_is_tried(kiosk: Client) -> None:
    """A new address that takes a POST needs a line here."""
    own = [each for each in urlpatterns if str(each.pattern).startswith("ecran/")]
    own = [each for each in own if each.name != "screen-stream"]  # it only tells, without an end
    posted = set()
    for each in own:
        names = re.findall(r"<int:", str(each.pattern))
        address = reverse(str(each.name), args=[0] * len(names))
        if not isinstance(kiosk.post(address), HttpResponseNotAllowed):
            posted.add(each.name)
    assert posted == set(ACTIONS)


def test_who_presses_once_more_after_the_answer_is_heard_again(stage: Stage) -> None:
    """The page gives each press a key of its own."""
    longer = session_extend(stage)
    press(stage.client, longer, "first-touch")
    press(stage.client, longer, "second-touch")
    assert stage.visit and stage.status() == Status.IN_SESSION
    assert stage.visit.ends_at == at(11, 15)


def test_the_key_of_another_screen_is_not_ours(stage: Stage) -> None:
    _, other = make_screen(stage.site)
    press(stage.client, face(stage))
    press(other, face(stage))
    assert FaceCount.objects.get().count == 2


def test_what_was_refused_may_be_tried_again_with_the_same_key(stage: Stage) -> None:
    running = stage.runs(10, 0)
    begin = reverse("screen-walk-in-service", args=[stage.service.pk]), {"with": "nobody"}
    assert "Ce n’est pas possible" in press(stage.client, begin)
    Appointment.objects.filter(pk=running.pk).update(status=Status.DONE, ended_at=stage.now)
    assert "Installez-vous" in press(stage.client, begin)
    assert "Installez-vous" in press(stage.client, begin)
    assert Appointment.objects.filter(is_walk_in=True).count() == 1


def test_a_session_that_has_ended_since_is_not_announced_again(stage: Stage) -> None:
    begin = walk_in_service(stage)
    press(stage.client, begin)
    Appointment.objects.filter(is_walk_in=True).update(status=Status.DONE, ended_at=stage.now)
    assert heading(press(stage.client, begin)) == "<div data-sheet-close></div>"


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "a b c d e f g h", "é" * 9])
def test_a_key_that_no_page_makes_is_not_kept(stage: Stage, key: str) -> None:
    headers = {HEADER: key.encode().decode("latin-1")} if key else {}
    stage.client.post(reverse("screen-face"), {"face": "yes"}, headers=headers)
    assert FaceCount.objects.get().count == 1
    assert not Press.objects.exists()


def test_presses_are_forgotten_after_an_hour(stage: Stage) -> None:
    press(stage.client, face(stage), "key-of-ten-o-clock")
    stage.clock(stage.now + timedelta(minutes=61))
    press(stage.client, face(stage), "key-an-hour-later")
    assert Press.objects.get().at == stage.now


def test_the_key_of_one_button_is_not_that_of_another(stage: Stage) -> None:
    press(stage.client, walk_in_service(stage))
    visit = Appointment.objects.get()
    Appointment.objects.update(helper=None, with_helper=False)
    press(stage.client, (reverse("screen-session-end", args=[visit.pk]), {}))
    visit.refresh_from_db()
    assert visit.status == Status.DONE


def test_a_session_that_runs_is_told_though_its_service_has_been_retired(stage: Stage) -> None:
    begin = walk_in_service(stage)
    told = press(stage.client, begin)
    retire_service(service=stage.service, now=stage.now)
    assert heading(press(stage.client, begin)) == heading(told)


def test_what_a_name_stands_for_undoes_nothing(stage: Stage) -> None:
    """The reference behind a name lets somebody arrive; only that of the answer takes it back."""
    address, sent = arrival_confirm(stage)
    press(stage.client, (address, sent))
    stage.post("screen-arrival-undo", undo=sent["who"])
    assert stage.status() == Status.ARRIVED


# ---- « J’ai terminé » ----


def test_one_touch_does_not_end_a_session(stage: Stage) -> None:
    """Somebody leans on the screen, or wipes it: it asks first."""
    running = stage.runs(10, 0)
    board = stage.board()
    button = re.search(r'<button[^>]*id="session-end"[^>]*>', board)
    assert button and "data-method" not in button[0]
    sheet = stage.get("screen-session-end", running.pk)
    assert "Avez-vous terminé" in sheet and "Non, je continue" in sheet
    assert stage.status() == Status.IN_SESSION
    assert not running.events.filter(kind=EventKind.ENDED).exists()

    stage.post("screen-session-end", running.pk)
    assert stage.status() == Status.DONE


def test_a_question_about_a_session_that_is_over_closes(stage: Stage) -> None:
    running = stage.runs(10, 0, status=Status.DONE)
    assert "data-sheet-close" in stage.get("screen-session-end", running.pk)


def test_nobody_asks_about_another_cabins_session(stage: Stage, upstairs: Cabin) -> None:
    running = stage.runs(10, 0, cabin=upstairs)
    assert "data-sheet-close" in stage.get("screen-session-end", running.pk)
    assert Screen.objects.count() == 1
