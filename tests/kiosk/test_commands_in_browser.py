"""What agents ask of a screen, on a screen: done once, when nobody is there, and told to the agents' page."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment
from communes.models import Cabin, Service
from kiosk.models import Screen, ScreenCommand
from kiosk.requests import COOKIE
from tests.browser.visitor import axe
from tests.factories import TUESDAY, at, make_appointment, make_resident
from tests.kiosk.conftest import make_screen
from tests.kiosk.hung import TOLD_WITHIN_MS, Hung, until_true

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

WORDS = "L’imprimante est en réparation."


@pytest.fixture(autouse=True)
def settled(hung: Hung) -> None:
    """The page has been open for some minutes, untouched, and its clock is the test's."""
    hung.page.clock.install()
    hung.open()
    connected(hung)
    hung.page.evaluate("window.notReloaded = true")


def connected(hung: Hung) -> None:
    until_true(hung.page, "document.getElementById('online-text').textContent === 'en ligne'")


def knows(hung: Hung, kind: str) -> None:
    """The command stands on the board that the page shows."""
    state = "document.querySelector('[data-part=\"state\"]').dataset"
    until_true(hung.page, f"{state}.commands.includes('\"{kind}\"')")


def quiet(hung: Hung, seconds: float = 31) -> None:
    hung.pass_time(seconds)
    connected(hung)


def same_page(hung: Hung) -> bool:
    return bool(hung.page.evaluate("window.notReloaded === true"))


def reloads(hung: Hung, seconds: float = 31) -> None:
    with hung.page.expect_event("load", timeout=20_000):
        hung.pass_time(seconds)
        # The spread of those that are asked together.
        for _ in range(6):
            hung.page.wait_for_timeout(500)
            if not same_page(hung):
                break
            hung.pass_time(4)
    connected(hung)


def asks(hung: Hung, agent: Agent, name: str) -> Page:
    page = hung.agents_page(agent, "/ecrans/")
    page.get_by_role("button", name=re.compile(f"^{name}")).first.click()
    return page


def running(cabin: Cabin, service: Service) -> Appointment:
    begun = {"status": Status.IN_SESSION, "arrived_at": at(10), "started_at": at(10)}
    return make_appointment(cabin, service, at(10), **begun)


def done(kind: str) -> bool:
    return ScreenCommand.objects.filter(kind=kind, done_at__isnull=False).exists()


def until_done(hung: Hung, kind: str) -> None:
    for _ in range(100):
        if done(kind):
            return
        hung.page.wait_for_timeout(100)
    raise AssertionError(kind)


def test_its_name_stands_there_for_half_a_minute_and_the_agent_is_told(hung: Hung, alice: Agent) -> None:
    agent = asks(hung, alice, "Identifier")
    knows(hung, "identify")
    name = hung.page.locator("#identify")
    expect(name).to_be_hidden()
    quiet(hung)
    expect(name).to_be_visible()
    expect(name).to_contain_text("Borne")
    expect(name).to_contain_text("Cabine du hall")
    axe(hung.page)
    until_done(hung, "identify")
    hung.pass_time(25)
    expect(name).to_be_visible()
    hung.pass_time(10)
    expect(name).to_be_hidden()
    # Once: the page has nothing more to do, nor has one that is loaded anew.
    quiet(hung, 40)
    expect(name).to_be_hidden()
    agent.reload()
    expect(agent.locator("#screen-list")).to_contain_text("Identification\N{NO-BREAK SPACE}: fait à 10:2")
    assert hung.problems == []


def test_a_touch_gives_the_board_back_at_once(hung: Hung, alice: Agent) -> None:
    asks(hung, alice, "Identifier")
    knows(hung, "identify")
    quiet(hung)
    name = hung.page.locator("#identify")
    expect(name).to_be_visible()
    hung.page.mouse.click(400, 500)
    expect(name).to_be_hidden()
    assert hung.page.locator("dialog[open]").count() == 0


def test_what_was_done_is_not_done_again_although_the_answer_was_lost(hung: Hung, alice: Agent) -> None:
    lost: list[str] = []

    def lose(route: Route) -> None:
        if "done=" in route.request.url and not lost:
            lost.append(route.request.url)
            assert route.fetch().status == 200
            route.abort("connectionreset")
        else:
            route.continue_()

    hung.page.route("**/ecran/tableau/*", lose)
    asks(hung, alice, "Identifier")
    knows(hung, "identify")
    quiet(hung)
    name = hung.page.locator("#identify")
    expect(name).to_be_visible()
    until_done(hung, "identify")
    assert lost
    hung.page.mouse.click(400, 500)
    quiet(hung, 60)
    expect(name).to_be_hidden()


def test_a_reload_waits_for_the_end_of_the_visit(
    hung: Hung, alice: Agent, cabin: Cabin, service: Service
) -> None:
    visit = running(cabin, service)
    hung.tell()
    hung.shows("Il reste")
    asks(hung, alice, "Recharger")
    knows(hung, "reload")
    quiet(hung, 60)
    quiet(hung, 60)
    assert same_page(hung)
    Appointment.objects.filter(pk=visit.pk).update(status=Status.DONE, ended_at=at(10, 24))
    hung.tell()
    hung.shows("Libre jusqu’à")
    reloads(hung, 5)
    until_done(hung, "reload")
    hung.page.evaluate("window.notReloaded = true")
    quiet(hung, 60)
    assert same_page(hung)


def test_a_reload_waits_for_whoever_touches_the_screen(hung: Hung, alice: Agent) -> None:
    asks(hung, alice, "Recharger")
    knows(hung, "reload")
    hung.pass_time(25)
    hung.page.get_by_role("button", name="Je suis là").first.click()
    expect(hung.page.get_by_role("dialog")).to_be_visible()
    hung.pass_time(28)
    assert same_page(hung)
    reloads(hung, 60)


def newer(hung: Hung) -> None:
    """From now on the server says that there is a newer release of the page."""

    def say(route: Route) -> None:
        answer = route.fetch()
        body = re.sub(r'data-release="[0-9a-f]+"', 'data-release="ffffffffffff"', answer.text())
        route.fulfill(response=answer, body=body)

    hung.page.route("**/ecran/tableau/*", say)
    hung.tell()
    until_true(
        hung.page,
        "document.querySelector('[data-part=\"state\"]').dataset.release === 'ffffffffffff'",
    )
    hung.page.clock.run_for(1000)  # it looks each second, and chooses its moment


def test_a_new_release_is_taken_when_nobody_is_there_and_no_visit_runs(
    hung: Hung, cabin: Cabin, service: Service
) -> None:
    visit = running(cabin, service)
    newer(hung)
    hung.shows("Il reste")
    quiet(hung, 6 * 60)
    quiet(hung, 3 * 60)
    assert same_page(hung)
    Appointment.objects.filter(pk=visit.pk).update(status=Status.DONE, ended_at=at(10, 24))
    hung.tell()
    hung.shows("Libre jusqu’à")
    hung.page.get_by_role("button", name="Je suis là").first.click()
    expect(hung.page.get_by_role("dialog")).to_be_visible()
    hung.pass_time(20)
    assert same_page(hung)
    reloads(hung, 61)


def test_screens_do_not_take_a_new_release_in_the_same_second(hung: Hung) -> None:
    hung.page.evaluate("Math.random = () => 0.99; 0")
    quiet(hung, 6 * 60)
    newer(hung)
    quiet(hung, 60)
    assert same_page(hung)
    reloads(hung, 61)


def test_a_message_is_shown_said_and_taken_back(hung: Hung, alice: Agent) -> None:
    screen = Screen.objects.get()
    agent = hung.agents_page(alice, f"/ecrans/{screen.pk}/etat/")
    axe(agent)
    agent.get_by_label("Message", exact=True).fill(WORDS)
    # Somebody touches the screen: nothing moves under the finger.
    hung.page.get_by_role("button", name="Je suis là").first.click()
    hung.page.keyboard.press("Escape")
    agent.get_by_role("button", name="Afficher").click()
    knows(hung, "message")
    notice = hung.page.locator(".notice")
    expect(notice).to_be_hidden()
    quiet(hung, 40)
    expect(notice).to_contain_text(WORDS)
    axe(hung.page)
    spoken = hung.page.evaluate(
        "window.readAloud.partsOf(document.getElementById('board')).map(part => part.text).join(' ')"
    )
    assert WORDS in spoken
    cut_off = hung.page.evaluate("document.documentElement.scrollHeight > innerHeight")
    assert not cut_off
    until_done(hung, "message")
    agent.reload()
    expect(agent.locator("main")).to_contain_text("affiché depuis 10:2")
    agent.get_by_role("button", name="Retirer le message").click()
    expect(notice).to_be_hidden(timeout=TOLD_WITHIN_MS)
    expect(agent.locator("main")).to_contain_text("annulé par Alice")
    assert hung.problems == []


TOO_LARGE = """[...document.querySelectorAll('.card, .notice, .foot button, .main button')]
    .filter(each => each.checkVisibility()).filter(each => {
      const box = each.getBoundingClientRect();
      return each.scrollHeight > each.clientHeight + 2 || box.bottom > innerHeight || box.right > innerWidth;
    }).map(each => each.className + ' ' + each.textContent.replace(/\\s+/g, ' '))"""


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 600), (1080, 1920)], ids=str)
@pytest.mark.parametrize("state", ["alone", "waiting", "help"])
def test_a_message_leaves_room_for_what_stands_below(
    hung: Hung, alice: Agent, cabin: Cabin, service: Service, size: tuple[int, int], state: str
) -> None:
    screen = Screen.objects.get()
    if state == "alone":
        running(cabin, service)
    if state == "waiting":
        make_appointment(cabin, service, at(10, 30), resident=make_resident(cabin.site.commune))
    ScreenCommand.objects.create(
        screen=screen, kind="message", text="Mots " * 28, asked_at=at(10), done_at=at(10), asked_by=alice
    )
    hung.page.set_viewport_size({"width": size[0], "height": size[1]})
    hung.open()
    expect(hung.page.locator(".notice")).to_be_visible()
    if state == "help":
        hung.page.get_by_role("button", name="Appeler un agent").click()
        hung.shows("Un agent est prévenu")
    assert hung.page.evaluate(TOO_LARGE) == []


def test_a_second_device_takes_the_place_of_the_first(hung: Hung, alice: Agent) -> None:
    assert hung.context.browser
    spare = hung.context.browser.new_context(viewport={"width": 1920, "height": 1080})
    second = spare.new_page()
    second.goto(f"{hung.house.url}/ecran/")
    code = second.locator(".code").inner_text()
    second.wait_for_timeout(4000)  # its page asks every three seconds
    screen = Screen.objects.get()
    agent = hung.agents_page(alice, f"/ecrans/{screen.pk}/remplacer/")
    axe(agent)
    agent.get_by_label("Code affiché sur l’écran").fill(code)
    agent.get_by_role("button", name="Remplacer").click()
    expect(agent.locator("main")).to_contain_text("Appareil remplacé")
    expect(second.locator("#board")).to_contain_text("Cabine du hall", timeout=TOLD_WITHIN_MS)
    # The old device shows a code within ten seconds.
    expect(hung.page.locator(".code")).to_be_visible(timeout=TOLD_WITHIN_MS)
    screen.refresh_from_db()
    assert screen.name == "Borne"


@pytest.mark.parametrize("path", ["/ecrans/{pk}/remplacer/", "/ecrans/ajouter/"])
def test_a_long_address_of_the_installation_fits_on_a_small_phone(
    hung: Hung, alice: Agent, path: str
) -> None:
    agent = hung.agents_page(alice, path.format(pk=Screen.objects.get().pk))
    agent.set_viewport_size({"width": 320, "height": 640})
    address = agent.locator("main form :is(p, code)").filter(has_text="/ecran/").last
    address.evaluate(
        "each => each.textContent = `https://${'rendezvousnumeriques'.repeat(4)}.exemple.fr/ecran/`"
    )
    assert agent.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_several_ticked_screens_reload_and_ticks_outlive_a_refresh(
    hung: Hung, alice: Agent, cabin: Cabin
) -> None:
    token = Screen.new_token()
    make_screen(cabin.site, cabin, name="Borne 2", token_hash=Screen.hash(token), paired_at=TUESDAY)
    assert hung.context.browser
    other = hung.context.browser.new_context(viewport={"width": 1280, "height": 800})
    other.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/ecran/"}])
    second = other.new_page()
    second.goto(f"{hung.house.url}/ecran/")
    expect(second.locator(".clock")).to_be_visible()
    agent = hung.agents_page(alice, "/ecrans/")
    axe(agent)
    for name in ("Borne", "Borne 2"):
        agent.get_by_role("checkbox", name=f"Cocher {name}, Hôtel de ville", exact=True).check()
    expect(agent.locator("[data-ticked]")).to_have_text("cochés\N{NO-BREAK SPACE}: 2")
    before = agent.locator("#screen-list").inner_text()
    hung.page.wait_for_timeout(1100)
    with agent.expect_response("**/ecrans/"):
        hung.tell()
    expect(agent.locator("#screen-list")).not_to_have_text(before)
    expect(agent.get_by_role("checkbox", checked=True)).to_have_count(2)
    agent.get_by_role("button", name="Recharger les cochés").click()
    expect(agent.locator("body")).to_contain_text("2 écrans rechargeront leur page")
    knows(hung, "reload")
    reloads(hung)
    assert ScreenCommand.objects.filter(kind="reload").count() == 2
    agent.set_viewport_size({"width": 390, "height": 844})
    axe(agent)
    assert agent.evaluate("document.documentElement.scrollWidth <= innerWidth")
