"""The screen in a browser when a portal or proxy answers in the server's place, or its own machine fails."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Route, expect

from booking.enums import Status
from booking.models import Appointment
from tests.factories import at
from tests.kiosk.hung import CONTROLLED, Hung, eventually, until_true
from tests.kiosk.in_between import answering_proxy, buffering_proxy, portal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def key(hung: Hung, number: str) -> None:
    hung.page.get_by_role("button", name="Je suis là").click()
    hung.page.locator("#number").fill(number)
    hung.page.get_by_role("button", name="Valider").click()


def test_a_portal_that_answers_instead_is_not_heard_nor_shown(hung: Hung, fatima: Appointment) -> None:
    hung.page.clock.install()
    hung.page.reload()
    hung.shows("Fatima B.")
    until_true(hung.page, CONTROLLED)
    until_true(hung.page, "async () => (await (await caches.match('/ecran/'))?.text())?.includes('10:30')")
    hung.house.stop()
    try:
        with portal(hung.house.port) as answer:
            hung.pass_time(31)
            expect(hung.page.locator("#stale")).to_contain_text("plus de connexion depuis 10:2")
            for answer["status"] in (403, 200):
                key(hung, "482913")
                expect(hung.page.get_by_role("dialog")).to_contain_text("Votre arrivée est gardée")
                hung.page.get_by_role("button", name="J’ai compris").click()
            hung.pass_time(40)
            expect(hung.page.locator("#stale")).to_be_visible()
            expect(hung.page.locator(".clock")).to_have_text(re.compile("10:2[56]"))
            for answer["status"] in (200, 302, 404):
                hung.page.reload()
                hung.shows("10:30")
                expect(hung.page.locator("#stale")).to_be_visible()
    finally:
        hung.house.start()
    hung.pass_time(30)
    expect(hung.page.locator("#stale")).to_be_hidden()
    eventually(fatima, Status.IN_SESSION)


FOREIGN = """async () => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if ((await (await cache.match(request)).text()).includes("Identifiez-vous")) return true;
    }
  }
  return false;
}"""


def test_a_file_of_a_portal_is_never_kept(hung: Hung) -> None:
    """It comes between while the worker fetches what to keep, and the browser's own cache believes it."""

    def to_keep(path: str, what_for: str) -> bool:
        return path.endswith(".css") and what_for == "empty"

    with answering_proxy(hung.house.port, 200, to_keep) as between:
        hung.page.goto(f"{between.address}/ecran/")
        hung.shows("Libre jusqu’à")
        until_true(hung.page, "async () => (await caches.keys()).length > 0")
        hung.page.wait_for_timeout(3000)
        assert between.paths
        assert hung.page.evaluate(FOREIGN) is False
        assert not hung.page.evaluate(CONTROLLED)
        between.goes_on = False
        until_true(hung.page, CONTROLLED)
        assert hung.page.evaluate(FOREIGN) is False
        until_true(hung.page, "async () => (await caches.match('/ecran/')) !== undefined")


ASKED = """
window.asked = [];
window.waiting = 0;
const ask = window.fetch;
window.fetch = async (...what) => {
  window.asked.push(performance.now());
  window.waiting += 1;
  try {
    return await ask(...what);
  } finally {
    window.waiting -= 1;
  }
};
"""


def test_behind_a_proxy_that_keeps_streams_it_asks_every_quarter_of_a_minute(hung: Hung) -> None:
    hung.page.add_init_script(ASKED)
    hung.page.clock.install()
    with buffering_proxy(hung.house.port) as address:
        hung.page.goto(f"{address}/ecran/")
        hung.shows("Libre jusqu’à")
        for _ in range(60):
            hung.pass_time(3)
            hung.page.wait_for_timeout(50)
            until_true(hung.page, "window.waiting === 0")
            expect(hung.page.locator("#stale")).to_be_hidden(timeout=100)
        asked = hung.page.evaluate("window.asked")
    assert max(later - sooner for sooner, later in pairwise(asked)) <= 26_000


def test_a_foreign_language_does_not_stay_when_the_network_goes(hung: Hung) -> None:
    hung.page.clock.install()
    hung.page.reload()
    hung.page.locator("#languages").click()
    with hung.page.expect_response(re.compile("tableau/.lang=fr")):
        hung.page.locator("[data-lang=ar]").click()
    hung.shows("متاحة حتى")
    with hung.cut_off():
        for _ in range(4):
            hung.pass_time(10)
            hung.page.wait_for_timeout(500)
        expect(hung.page.locator("html")).to_have_attribute("lang", "fr")
        expect(hung.page.locator("html")).to_have_attribute("dir", "ltr")
        hung.shows("libre jusqu’à")
        expect(hung.page.locator("#stale")).to_contain_text("plus de connexion depuis 10:2")
    hung.pass_time(30)
    expect(hung.page.locator("#stale")).to_be_hidden()


def test_who_cannot_be_kept_is_not_told_so(hung: Hung, fatima: Appointment) -> None:
    """Storage may be full, or forbidden, or hold what nobody can read."""
    hung.shows("Libre jusqu’à")
    until_true(hung.page, CONTROLLED)
    hung.page.evaluate("() => localStorage.setItem('permanence-arrivals', '{')")
    with hung.cut_off():
        key(hung, "482913")
        expect(hung.page.get_by_role("dialog")).to_contain_text("Votre arrivée est gardée")
        hung.page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full') } }")
        hung.page.get_by_role("button", name="C’est une erreur").click()
        expect(hung.page.get_by_role("dialog")).to_contain_text("reste notée")
        hung.page.get_by_role("button", name="J’ai compris").click()
        key(hung, "123456")
        expect(hung.page.get_by_role("dialog")).to_contain_text("est peut-être déjà enregistrée")


def test_what_is_taken_back_is_so_even_if_the_server_had_noted_it(hung: Hung, fatima: Appointment) -> None:
    """Its answer got lost: the person reads that nothing is noted, and the desk must read the same."""
    hung.page.clock.install()
    hung.page.reload()
    hung.shows("Fatima B.")
    until_true(hung.page, CONTROLLED)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        hung.context.set_offline(True)
        route.abort()

    hung.page.route("**/arrivee/nom/**", lose_the_answer)
    hung.page.get_by_role("button", name="Je suis là").click()
    hung.page.get_by_role("button", name="Oui, c’est moi").click()
    dialog = hung.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Votre arrivée est gardée")
    eventually(fatima, Status.IN_SESSION)
    hung.page.get_by_role("button", name="C’est une erreur").click()
    expect(dialog).to_contain_text("n’est plus gardée")
    expect(dialog).to_contain_text("Si les agents l’ont déjà reçue")
    hung.page.get_by_role("button", name="J’ai compris").click()
    hung.context.set_offline(False)
    hung.pass_time(30)
    eventually(fatima, Status.BOOKED)
    until_true(hung.page, "localStorage.getItem('permanence-arrivals') === '[]'")
    hung.shows("Nous attendons")


SET_CLOCK = "(hours) => { const before = Date.now; Date.now = () => before() + hours * 3600_000 }"


def test_a_clock_that_is_set_without_network_is_not_believed(hung: Hung, fatima: Appointment) -> None:
    """The machine may have slept for three hours, or had its clock set: nothing here tells which."""
    hung.tell()
    hung.shows("Fatima B.")
    until_true(hung.page, CONTROLLED)
    stale = hung.page.locator("#stale")
    with hung.cut_off():
        hung.page.evaluate(SET_CLOCK, 3)
        for _ in range(2):
            expect(stale).to_contain_text(re.compile("plus de connexion depuis mardi 24 novembre à 10:2"))
            expect(hung.page.locator(".clock")).to_have_text("")
            expect(hung.page.locator("#board")).not_to_contain_text("Fatima")
            expect(hung.page.locator("#board")).not_to_contain_text("10:30")
            hung.page.evaluate(SET_CLOCK, -3)
            hung.page.wait_for_timeout(1500)
        key(hung, "482913")
        expect(hung.page.get_by_role("dialog")).to_contain_text("Votre arrivée est gardée")
        hung.page.get_by_role("button", name="J’ai compris").click()
    eventually(fatima, Status.IN_SESSION, within_s=60)
    assert fatima.arrived_at is not None
    assert at(10, 24) <= fatima.arrived_at < at(10, 26)
    expect(stale).to_be_hidden()
    expect(hung.page.locator(".clock")).to_have_text(re.compile("10:2"))


STREAMS = """
    window.streams = [];
    window.EventSource = class extends EventSource {
        constructor(url) {
            super(url);
            this.told = 0;
            this.addEventListener("version", () => (this.told += 1));
            window.streams.push(this);
        }
    };
"""


def test_after_a_loss_the_clock_is_the_server_s_although_nothing_has_changed(hung: Hung) -> None:
    """Neither the machine's clock nor the version of the board tells that the server's clock was set."""
    hung.page.add_init_script(STREAMS)
    hung.page.reload()
    expect(hung.page.locator(".clock")).to_have_text(re.compile("10:2"))
    until_true(hung.page, "window.streams.at(-1)?.told > 0")
    tableau = re.compile("/ecran/tableau/")
    hung.page.route(tableau, lambda route: route.abort())
    hung.house.set_clock(at(10, 41))
    hung.page.evaluate("window.streams[0].dispatchEvent(new Event('error')); 0")
    until_true(hung.page, "window.streams.length > 1 && window.streams.at(-1).told > 0")
    hung.page.unroute(tableau)
    expect(hung.page.locator(".clock")).to_have_text(re.compile("10:4"), timeout=40_000)


def test_what_is_being_told_is_not_taken_back(hung: Hung) -> None:
    hung.shows("Libre jusqu’à")
    until_true(hung.page, CONTROLLED)
    with hung.cut_off():
        key(hung, "482913")
        expect(hung.page.get_by_role("dialog")).to_contain_text("Votre arrivée est gardée")
        hung.page.evaluate(
            "() => { window.fetch = () => new Promise(() => {});"
            " document.dispatchEvent(new CustomEvent('kiosk:online')) }"
        )
        hung.page.get_by_role("button", name="C’est une erreur").click()
        expect(hung.page.get_by_role("dialog")).to_contain_text("reste notée")


def test_a_sheet_is_called_by_what_it_asks(hung: Hung, fatima: Appointment) -> None:
    hung.tell()
    hung.shows("Fatima B.")
    hung.page.locator("#arrived").click()
    expect(hung.page.get_by_role("dialog", name="C’est bien vous ?")).to_be_visible()
    hung.page.get_by_role("button", name="Non").click()
    expect(hung.page.get_by_role("dialog", name="Votre numéro de rendez-vous")).to_be_visible()
