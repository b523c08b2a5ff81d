"""docs/screens.md has a row for every state of a screen without connection, and for each answer to a touch:
what it shows, what « Écouter » says, and what follows once the connection is back. Each row is played here.

    WRITE_SCENES=1 pytest -n 0 tests/kiosk/test_offline_scenes_in_browser.py
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect

from booking.enums import Status
from booking.models import Appointment, Delay
from communes.models import Cabin, Service, Site
from kiosk.board.types import CabinState
from kiosk.languages import LANGUAGES
from tests.clocks import SetClock
from tests.factories import at
from tests.kiosk.board_scenes import SCENES
from tests.kiosk.screens_table import NBSP, ROOT, SHOWN, Table
from tests.kiosk.stage import Stage
from tests.kiosk.test_looks_in_browser import CUT, SIZES, fill_hall

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

ADDRESS = "http://127.0.0.1:9/ecran/"
QUEUE = "permanence-arrivals"
SILENT_S = 31
FULL = "Storage.prototype.setItem = () => { throw new Error('full'); }"


@pytest.fixture
def stage(site: Site, cabin: Cabin, service: Service, set_clock: SetClock) -> Stage:
    return Stage(site, cabin, service, set_clock)


@pytest.fixture
def glass(chrome: Browser) -> Iterator[Page]:
    context = chrome.new_context(service_workers="block", locale="fr-FR")
    yield context.new_page()
    context.close()


@dataclass
class Lost:
    """The page of the stage's screen, with all its scripts; the server answers nothing but the page itself.
    `keypad`: the sheet that the browser keeps for this case."""

    stage: Stage
    page: Page
    keypad: str = ""
    board: str = ""

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix("http://127.0.0.1:9")
        if route.request.is_navigation_request():
            route.fulfill(body=self.board, content_type="text/html")
        elif path.startswith("/static/"):
            name = re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", path.split("?")[0].removeprefix("/static/"))
            route.fulfill(path=ROOT / "static" / name)
        elif path.startswith(reverse("screen-arrival")) and route.request.method == "GET" and self.keypad:
            route.fulfill(body=self.keypad, content_type="text/html", headers={"X-Permanence": "screen"})
        else:
            route.abort()

    def open(self, silent_s: float = SILENT_S) -> None:
        self.board = self.stage.board()
        self.page.route("**/*", self.answer)
        self.page.clock.install()
        self.page.goto(ADDRESS)
        expect(self.page.locator(".clock")).to_be_visible()
        self.page.clock.run_for(round(silent_s * 1000))
        if silent_s >= SILENT_S:
            expect(self.page.locator("#stale")).to_be_visible()
        # The clock stands still, so that the seconds to undo are the same on a slow machine.
        self.page.clock.pause_at(datetime.fromtimestamp(self.page.evaluate("Date.now()") / 1000 + 2, UTC))

    def silence(self) -> None:
        self.page.clock.run_for(SILENT_S * 1000)
        expect(self.page.locator("#stale")).to_be_visible()

    def buttons(self) -> list[str]:
        script = "all => all.filter(each => each.checkVisibility()).map(each => each.textContent)"
        found: list[str] = self.page.eval_on_selector_all("#board button", script)
        return found

    def check_sizes(self) -> None:
        """Nothing is cut or scrolled on any screen, with the button of the voice too."""
        self.page.evaluate("document.getElementById('listen').hidden = false")
        problems = {}
        for width, height in SIZES:
            self.page.set_viewport_size({"width": width, "height": height})
            if found := self.page.evaluate(CUT):
                problems[f"{width} × {height}"] = found
        assert problems == {}, problems

    def shown(self, where: str) -> str:
        return " / ".join(self.page.eval_on_selector(where, SHOWN))

    def said(self, where: str) -> str:
        script = "where => window.readAloud.partsOf(...document.querySelectorAll(where))"
        return " ".join(part["text"] for part in self.page.evaluate(script, where))

    def told(self) -> str:
        """Tell the server what the page has kept, as the page does once the connection is back."""
        kept = json.loads(self.page.evaluate(f"localStorage.getItem('{QUEUE}')") or "[]")
        if not kept:
            return "nothing is told"
        for each in kept:
            each["at"] = round(self.stage.now.timestamp() * 1000)
        url = reverse("screen-arrivals")
        answer = self.stage.client.post(url, json.dumps(kept), content_type="application/json")
        outcome = ", ".join(json.loads(answer.content).values())
        return f"told once it is back: {outcome}; {self.stage.status() or 'no appointment'}"


@pytest.fixture
def lost(stage: Stage, glass: Page) -> Lost:
    return Lost(stage, glass)


# ---- the board ----

IN_THE_PAST = {
    "free": r"À \d+ h \d\d, la cabine était libre jusqu’à",
    "we wait, alone": r"À \d+ h \d\d, nous attendions",
    "we wait, the helper is late": r"À \d+ h \d\d, nous attendions",
    "it is time": r"À \d+ h \d\d, c’était l’heure",
    "late": r"À \d+ h \d\d : En retard de 12 min",
    "arrived, it is your turn": r"À \d+ h \d\d, l’arrivée était notée",
    "arrived, the helper is here": r"À \d+ h \d\d, l’arrivée était notée",
    "arrived, the helper comes": r"À \d+ h \d\d, l’arrivée était notée",
    "arrived, nobody has come": r"À \d+ h \d\d, l’arrivée était notée",
    "in session with a helper": r"À \d+ h \d\d, un rendez-vous était en cours",
    "alone in the cabin": r"À \d+ h \d\d, un rendez-vous était en cours",
    "alone, over time": r"À \d+ h \d\d, le rendez-vous se prolongeait",
    "closed for noon": r"À \d+ h \d\d, c’était fermé jusqu’à",
    "closed for good": r"À \d+ h \d\d, c’était fermé",
    "out of order": r"À \d+ h \d\d, cette cabine était hors service",
    "a hall of two cabins": r"À \d+ h \d\d, nous attendions",
    "help called": r"À \d+ h \d\d, la cabine était libre jusqu’à",
    "help comes": r"À \d+ h \d\d, la cabine était libre jusqu’à",
}
"""Scenes of the board, and the words of the card half a minute after the connection went."""

PRESENT = (
    "Libre jusqu’à",
    "Nous attendons",
    "C’est l’heure",
    "En rendez-vous",
    "aidant numérique est prévenu",
    "L’accueil est prévenu",
    "On vient",
    "Un agent arrive",
)
"""What the board may not say while it does not know."""


NEED_THE_SERVER = (
    "Commencer",
    "J’ai terminé",
    "Rester 15 minutes",
    "Utiliser la cabine",
    "plus besoin d’aide",
)
"""Of these buttons there is none while the screen has no connection."""


# ---- what is touched ----


def call_for_help(lost: Lost) -> None:
    lost.page.locator("#help").click()


def come_by_number(lost: Lost) -> None:
    lost.stage.expects_helped()
    lost.page.locator("#arrived, #arrived-too").first.click()
    lost.page.locator("#number").fill("482913")
    lost.page.locator(".keys .main-button").click()


def come_by_name(lost: Lost) -> None:
    lost.page.locator("#arrived, #arrived-too").first.click()
    lost.page.locator("#sheet .main-button").first.click()


def undo(lost: Lost) -> None:
    come_by_number(lost)
    lost.page.locator("[data-take-back]").click()


def nothing_can_be_kept(lost: Lost) -> None:
    lost.page.evaluate(FULL + ";0")
    come_by_number(lost)


TOUCHED: dict[str, Callable[[Lost], None]] = {
    "« Appeler un agent »": call_for_help,
    "« Je suis là », by number": come_by_number,
    "« Je suis là », the number is wrong": come_by_number,
    "« Je suis là », by name": come_by_name,
    "« Je suis là », undone": undo,
    "« Je suis là », nothing can be kept": nothing_can_be_kept,
}


TABLE = Table("| without connection | shown | « Écouter » | what follows |", (*IN_THE_PAST, *TOUCHED))


# ---- the rows ----


@pytest.mark.parametrize("name", IN_THE_PAST)
def test_the_board_tells_what_was(name: str, lost: Lost) -> None:
    scene = next(scene for scene in SCENES if scene.name == name)
    scene.shows(lost.stage)
    lost.open()
    said = lost.said("#stale, .now")
    TABLE.check(name, lost.shown(".now"), said, lost.told())
    shown = lost.shown(".now").replace(NBSP, " ")
    assert re.search(IN_THE_PAST[name], shown)
    assert re.search(IN_THE_PAST[name].replace(" min", " minutes"), said)
    assert "Cet écran n’a plus de connexion depuis" in said
    assert [words for words in PRESENT if words in said + shown] == []
    # In place of a button that needs the server the card says what does not work and what to do.
    needs_the_server = lost.page.locator(".card [data-connected]").count() > 0
    assert ("Sans connexion," in shown) == needs_the_server
    assert [words for words in NEED_THE_SERVER if any(words in each for each in lost.buttons())] == []
    lost.check_sizes()


def test_the_focus_goes_on_where_what_had_it_needs_the_server(lost: Lost) -> None:
    next(scene for scene in SCENES if scene.name == "alone in the cabin").shows(lost.stage)
    lost.open(silent_s=1.5)
    lost.page.locator("#session-end").focus()
    lost.silence()
    expect(lost.page.locator("#board button:focus:visible")).to_have_count(1)


@pytest.mark.parametrize("cabins", [1, 2, 3, 4, 5, 6])
def test_a_hall_fits_without_connection(cabins: int, lost: Lost) -> None:
    fill_hall(lost.stage, cabins)
    lost.open()
    lost.check_sizes()


def test_who_is_in_a_cabin_is_not_among_those_to_come(lost: Lost) -> None:
    next(scene for scene in SCENES if scene.name == "a hall of two cabins").shows(lost.stage)
    lost.open()
    assert "10:30" in lost.page.locator(".later").inner_text()
    running = Appointment.objects.get(status=Status.IN_SESSION)
    began = running.commune.local(running.starts_at).strftime("%H:%M")
    assert began not in lost.page.locator(".later").inner_text()


def test_every_state_of_a_cabin_is_told_in_the_past() -> None:
    found = {words.split(", ")[-1].split(" : ")[-1] for words in IN_THE_PAST.values()}
    assert len(found) == len(CabinState) + 1  # closed, with and without an end


def test_no_colour_tells_a_state_that_is_not_known(lost: Lost) -> None:
    next(scene for scene in SCENES if scene.name == "a hall of two cabins").shows(lost.stage)
    lost.open()
    colours = "all => [...new Set(all.map(card => getComputedStyle(card).borderInlineStartColor))]"
    assert len(lost.page.eval_on_selector_all(".card", colours)) == 1


@pytest.mark.parametrize("lang", sorted(LANGUAGES.keys() - {"fr"}))
def test_it_is_told_in_each_language(lang: str, lost: Lost) -> None:
    lost.stage.lang = lang
    lost.stage.expects()
    lost.open()
    words = {"en": "At 10:24, we were waiting for", "ar": "في الساعة 10:24، كنا ننتظر"}
    assert words[lang] in lost.said(".now")


@pytest.mark.parametrize("name", TOUCHED)
def test_what_is_touched_is_answered_without_a_promise(name: str, lost: Lost) -> None:
    lost.keypad = lost.stage.get("screen-arrival", number="")
    if "by name" in name:
        lost.stage.set_clock(at(10, 24))
        lost.stage.expects_helped()
        lost.keypad = lost.stage.get("screen-arrival")
        Delay.objects.all().delete()
    lost.open()
    TOUCHED[name](lost)
    expect(lost.page.locator("#sheet[open] .main-button[data-close]")).to_be_visible()
    if "wrong" in name and lost.stage.visit:
        lost.stage.visit.delete()
        lost.stage.visit = None
    shown, said = lost.shown("#sheet"), lost.said("#sheet")
    TABLE.check(name, shown, said, lost.told())
    assert [words for words in PRESENT if words in shown] == []
    assert "sera transmise" not in shown


def test_every_row_is_played() -> None:
    assert tuple(TABLE.rows()) == TABLE.names
