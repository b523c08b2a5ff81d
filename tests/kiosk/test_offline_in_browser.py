"""The screen in a browser while it has no board: no network, no server, or the night in between."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Error, expect

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment
from communes.models import Cabin, Commune, Service
from kiosk.actions import NUMBERS_TOLD_LATE
from kiosk.models import Screen, WrongEntry
from tests.factories import at, make_appointment, make_resident
from tests.kiosk.hung import CONTROLLED, Hung, eventually, now_is, until_true
from tests.kiosk.in_between import answering_proxy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_page_that_opened_without_its_worker_is_held_all_the_same(hung: Hung) -> None:
    until_true(hung.page, CONTROLLED)
    devtools = hung.context.new_cdp_session(hung.page)
    with hung.page.expect_navigation():
        devtools.send("Page.reload", {"ignoreCache": True})
    expect(hung.page.locator(".clock")).to_be_visible()
    until_true(hung.page, CONTROLLED)


def test_without_network_arrivals_are_kept_and_told_once_it_is_back(
    hung: Hung, commune: Commune, cabin: Cabin, service: Service, bob: Agent
) -> None:
    helped = make_appointment(
        cabin, service, at(10, 30), resident=make_resident(commune), helper=bob, number="482913"
    )
    hung.page.clock.install()
    hung.page.reload()
    hung.shows("Fatima B.")
    until_true(hung.page, CONTROLLED)
    dialog = hung.page.get_by_role("dialog")
    with hung.cut_off():
        hung.page.get_by_role("button", name="Appeler un agent").click()
        expect(dialog).to_contain_text("Vous pouvez téléphoner à la mairie")
        hung.page.get_by_role("button", name="J’ai compris").click()
        for answer in ("C’est une erreur", "J’ai compris"):
            hung.page.get_by_role("button", name="Je suis là").click()
            hung.page.locator("#number").fill("482913")
            hung.page.get_by_role("button", name="Valider").click()
            expect(dialog).to_contain_text("Votre arrivée est gardée")
            hung.page.get_by_role("button", name=answer).click()
            if answer != "J’ai compris":
                expect(dialog).to_contain_text("n’est plus gardée")
                hung.page.get_by_role("button", name="J’ai compris").click()
        assert now_is(helped, Status.BOOKED)
        hung.pass_time(31)
        expect(hung.page.locator("#stale")).to_contain_text("plus de connexion depuis 10:2")
        expect(hung.page.locator("#online-text")).to_contain_text("hors ligne depuis 10:2")
        hung.shows("Fatima B.")
        hung.pass_time(8 * 60)
        hung.shows("À 10 h 24, nous attendions".replace(" h ", "\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}"))
    hung.pass_time(30)
    expect(hung.page.locator("#stale")).to_be_hidden()
    eventually(helped, Status.ARRIVED)
    assert helped.arrived_at is not None
    assert abs(helped.arrived_at - at(10, 24)) < timedelta(minutes=1)
    until_true(hung.page, "localStorage.getItem('permanence-arrivals') === '[]'")
    hung.shows("Arrivée notée")


def test_a_screen_that_starts_without_network_shows_the_day_and_no_name(
    hung: Hung, fatima: Appointment
) -> None:
    hung.page.clock.install()
    hung.page.reload()
    hung.shows("Fatima B.")
    until_true(hung.page, CONTROLLED)
    until_true(hung.page, "async () => (await (await caches.match('/ecran/'))?.text())?.includes('10:30')")
    with hung.cut_off():
        hung.pass_time(3600)
        hung.page.reload()
        hung.shows("10:30")
        expect(hung.page.locator("#board")).not_to_contain_text("Fatima")
        expect(hung.page.locator("#stale")).to_contain_text("plus de connexion depuis 10:2")
        expect(hung.page.locator(".clock")).to_have_text(re.compile("11:2"))
        hung.shows("À 10 h 24, nous attendions".replace(" h ", "\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}"))
        expect(hung.page.locator(".later li")).to_have_count(1)
        hung.pass_time(3 * 3600)
        hung.shows("On ne sait rien de plus pour aujourd’hui")
        hung.pass_time(30 * 24 * 3600)
        hung.page.reload()
        hung.shows("plus de connexion depuis mardi 24 novembre à 10:2")
        expect(hung.page.locator("#board")).not_to_contain_text("10:30")
    with hung.page.expect_response(f"{hung.house.url}/ecran/tableau/*"):
        hung.pass_time(30)
    expect(hung.page.locator("#stale")).to_be_hidden()
    hung.shows("Fatima B.")


def test_a_page_is_kept_beside_its_own_files_or_not_at_all(hung: Hung) -> None:
    until_true(hung.page, CONTROLLED)
    until_true(hung.page, "async () => (await caches.match('/ecran/')) !== undefined")
    hung.page.evaluate(
        "document.body.dataset.release = 'newer'; document.documentElement.dataset.mark = 'newer'; 0"
    )
    with hung.page.expect_response(f"{hung.house.url}/ecran/tableau/*"):
        hung.tell()
    hung.page.wait_for_timeout(1000)
    kept = hung.page.evaluate("async () => (await caches.match('/ecran/')).text()")
    assert 'data-mark="newer"' not in kept
    assert hung.page.evaluate("caches.has('permanence-newer')") is False


def test_names_go_at_their_end_or_after_thirty_minutes_without_network_and_come_back_with_it(
    hung: Hung, fatima: Appointment
) -> None:
    hung.page.clock.install()
    hung.page.reload()
    hung.shows("Fatima B.")
    hung.page.get_by_role("button", name="Appeler un agent").click()
    hung.shows("Un agent est prévenu")
    hung.context.set_offline(True)
    hung.page.clock.run_for(29 * 60_000)
    expect(hung.page.locator(".help-notice")).to_contain_text("Vous pouvez téléphoner à la mairie")
    expect(hung.page.locator("#board")).to_contain_text("Fatima B.")
    hung.page.clock.run_for(2 * 60_000)
    expect(hung.page.locator("#board")).not_to_contain_text("Fatima")
    expect(hung.page.locator("#board")).to_contain_text("10:30")
    hung.context.set_offline(False)
    hung.pass_time(30)
    hung.shows("Fatima B.")
    hung.shows("Nous attendons")
    Appointment.objects.update(ends_at=at(10, 36))
    hung.tell()
    expect(hung.page.locator(".card bdi")).to_have_attribute("data-until", f"{at(10, 36).timestamp():.0f}000")
    hung.context.set_offline(True)
    hung.page.clock.run_for(14 * 60_000)
    expect(hung.page.locator("#board")).not_to_contain_text("Fatima")


def test_what_needs_the_server_stands_on_no_button_without_network(hung: Hung) -> None:
    hung.page.clock.install()
    hung.page.reload()
    foot = hung.page.locator("footer button:visible")
    expect(hung.page.locator("#fault")).to_be_visible()
    expect(hung.page.locator("#languages")).to_be_visible()
    with hung.cut_off():
        hung.pass_time(31)
        expect(hung.page.locator("#stale")).to_be_visible()
        known = {"arrived-too", "help", "listen"}  # each says what can be done without a connection
        assert set(foot.evaluate_all("all => all.map(each => each.id)")) <= known
    hung.pass_time(30)
    expect(hung.page.locator("#fault")).to_be_visible()


def test_a_server_that_speaks_but_gives_no_board_is_not_heard(hung: Hung) -> None:
    hung.page.clock.install()
    hung.page.reload()
    hung.shows("Libre jusqu’à")
    hung.page.evaluate("() => { window.fetch = async () => new Response('', { status: 500 }) }")
    hung.tell()
    hung.pass_time(31)
    expect(hung.page.locator("#stale")).to_be_visible()
    hung.tell()
    hung.page.wait_for_timeout(1500)
    expect(hung.page.locator("#stale")).to_be_visible()


def test_arrivals_that_are_refused_are_not_told_again_and_again(hung: Hung) -> None:
    hung.shows("Libre jusqu’à")
    screen = Screen.objects.get()
    before = [WrongEntry(screen=screen, at=at(10, 20), is_late=True) for _ in range(NUMBERS_TOLD_LATE - 5)]
    WrongEntry.objects.bulk_create(before)
    told: list[str] = []
    hung.page.on("request", lambda request: told.append(request.url) if "arrivees" in request.url else None)
    hung.page.evaluate(
        "() => localStorage.setItem('permanence-arrivals', JSON.stringify([1, 2, 3, 4, 5, 6].map(n =>"
        " ({ key: `${n}`, number: `00000${n}`, at: Math.round(window.kiosk.now()) }))))"
    )
    hung.tell()
    until_true(hung.page, "JSON.parse(localStorage.getItem('permanence-arrivals')).length === 2")
    for now in (at(12, 30), at(18)):
        hung.house.set_clock(now)
        hung.tell()
        hung.shows("Fermé jusqu’à 14:00" if now < at(13) else "demain")
    assert len(told) == 1


def test_a_revoked_screen_asks_to_be_paired_within_ten_seconds(hung: Hung) -> None:
    hung.page.clock.install()
    hung.page.reload()
    hung.shows("Libre jusqu’à")
    Screen.objects.update(revoked_at=at(10, 24))
    hung.tell()
    hung.page.wait_for_timeout(800)
    hung.pass_time(7.5)
    expect(hung.page.locator(".code")).to_be_visible(timeout=1700)
    # The board it kept for when there is no network is not shown again either.
    until_true(hung.page, "async () => (await caches.match('/ecran/')) === undefined")


def loads_of(hung: Hung) -> list[str]:
    loads: list[str] = []
    hung.page.on("framenavigated", lambda frame: loads.append(frame.url))
    return loads


def test_a_revoked_screen_whose_page_fails_does_not_load_again_and_again(hung: Hung) -> None:
    """Its board says that it is revoked, its page comes from what is kept."""
    failing = False
    with answering_proxy(hung.house.port, 502, lambda path, _: failing and path == "/ecran/") as proxy:
        hung.page.goto(f"{proxy.address}/ecran/")
        hung.shows("Libre jusqu’à")
        until_true(hung.page, CONTROLLED)
        until_true(hung.page, "async () => (await caches.match('/ecran/')) !== undefined")
        failing = True
        Screen.objects.update(revoked_at=at(10, 24))
        hung.page.reload()
        hung.page.wait_for_timeout(10_000)
        assert len(proxy.paths) <= 3
        expect(hung.page.locator("#stale")).to_be_visible()
        failing = False
        expect(hung.page.locator(".code")).to_be_visible(timeout=20_000)


def test_the_page_loads_itself_anew_at_night_when_nobody_is_there(hung: Hung) -> None:
    hung.page.clock.install()
    hung.house.set_clock(at(0, 54))
    hung.page.reload()
    hung.shows("Fermé jusqu’à")
    loads = loads_of(hung)
    hung.house.set_clock(at(3, 54))
    hung.pass_time(3 * 3600)
    hung.page.keyboard.press("Shift")
    expect(hung.page.locator(".clock")).to_have_text(re.compile("03:5"))
    assert loads == []
    for _ in range(30):
        if loads:
            break
        with suppress(Error):  # where the page goes away meanwhile
            hung.pass_time(8)
        hung.page.wait_for_timeout(100)
    assert loads == [f"{hung.house.url}/ecran/"]
    hung.shows("Fermé jusqu’à")
