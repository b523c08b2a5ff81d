"""A helper's day on a phone: late, the coming week, and what is left to read when the network goes."""

import re
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.installation import Installation
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]

DAY = "/ma-journee/"
KEPT = "permanence-day"
NEXT = "#my-day li.now"
JUST_BEFORE_MIDNIGHT = "2026-11-24T23:59:46"


def lose_network(visitor: Visitor) -> None:
    """No network and no server: offline mode alone leaves open streams, and the service worker, alone."""
    visitor.context.set_offline(True)
    visitor.installation.processes["web"].send_signal(signal.SIGSTOP)


def find_network(visitor: Visitor) -> None:
    visitor.installation.processes["web"].send_signal(signal.SIGCONT)
    visitor.context.set_offline(False)


def wait_until_kept(page: Page) -> None:
    """The day, and every style sheet, script and letter that it is drawn with."""
    page.wait_for_function(
        """async name => {
          const cache = await caches.open(name);
          const kept = (await cache.keys()).map(request => new URL(request.url).pathname);
          const used = performance.getEntriesByType("resource").map(entry => new URL(entry.name).pathname)
            .filter(path => /\\.(css|js|svg|woff2)$/.test(path));
          const ends = [".css", ".js", ".woff2"].every(end => used.some(path => path.endsWith(end)));
          const worker = document.getElementById("main").dataset.worker;
          return navigator.serviceWorker.controller && kept.includes("/ma-journee/")
            && ends && used.every(path => path === worker || kept.includes(path));
        }""",
        arg=KEPT,
    )


def nothing_is_kept(page: Page) -> bool:
    return bool(page.evaluate("async name => !(await caches.has(name))", KEPT))


def test_a_helper_is_late_looks_ahead_and_reads_their_day_without_network(
    installation: Installation, visit: Callable[..., Visitor]
) -> None:
    helper = visit(viewport=PHONE_WIDTH, has_touch=True)
    helper.allow("ERR_INTERNET_DISCONNECTED|Failed to load resource|ERR_FAILED|EventSource")
    helper.allow("htmx:sendError|htmx:afterRequest")
    page = helper.page
    helper.log_in("camille", PASSWORD)
    helper.goto(DAY)
    name = page.locator(f"{NEXT} .name").inner_text()

    # Late, then there after all.
    page.get_by_text("J’ai du retard").click()
    axe(page)
    page.get_by_role("button", name=re.compile(r"En retard de 15\smin")).click()
    expect(page.locator(NEXT)).to_contain_text("vers 14:15")
    expect(page.locator(".late.notice")).to_contain_text("14\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}15")
    axe(page)
    page.get_by_role("button", name="Je suis là").click()
    expect(page.locator(NEXT)).not_to_contain_text("vers 14:15")

    # The coming week, and back by a day of it.
    page.get_by_role("button", name="Ma semaine").click()
    expect(page.locator("h1")).to_have_text("Du 24 nov. au 30 nov.")
    expect(page.locator("section.panel")).to_have_count(7)
    axe(page)
    page.get_by_role("link", name="Mardi 24 novembre").click()
    wait_until_kept(page)

    # The network goes: said at once; to be read and called from, nothing to be noted.
    lose_network(helper)
    banner = page.locator("#offline")
    expect(banner).to_have_text(re.compile(r"^Hors connexion, vu à 10\sh(\s\d\d)?\."))
    expect(page.get_by_role("button", name="Noter l’arrivée").first).to_be_disabled()
    page.goto(installation.url + DAY, wait_until="commit")
    expect(banner).to_be_visible()
    expect(page.locator(f"{NEXT} .name")).to_have_text(name)
    expect(page.get_by_role("button", name="Noter l’arrivée").first).to_be_disabled()
    expect(page.locator(f"{NEXT} a[href^='tel:']")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.agenda .name')).fontWeight") == "700"
    axe(page)

    # It comes back: the page is the living one again.
    find_network(helper)
    expect(banner).to_be_hidden()
    expect(page.get_by_role("button", name="Noter l’arrivée").first).to_be_enabled()
    wait_until_kept(page)

    # Logging out without network leaves no name behind.
    lose_network(helper)
    expect(banner).to_be_visible()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.locator("#main")).to_contain_text("effacée de cet appareil")
    expect(page.locator("body")).not_to_contain_text(name)
    assert nothing_is_kept(page)
    find_network(helper)

    # Nor does logging out with it.
    helper.goto(DAY)
    wait_until_kept(page)
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_label("Mot de passe")).to_be_visible()
    assert nothing_is_kept(page)

    # Someone else on the same phone, and a session that has ended elsewhere.
    helper.log_in("camille", PASSWORD)
    helper.goto(DAY)
    wait_until_kept(page)
    other = visit(viewport=PHONE_WIDTH)
    other.log_in("yanis", PASSWORD)
    helper.context.clear_cookies()
    helper.context.add_cookies(other.context.cookies())  # type: ignore[arg-type]
    helper.goto("/compte/")
    page.wait_for_function("async name => !(await caches.has(name))", arg=KEPT)
    helper.goto(DAY)
    wait_until_kept(page)
    helper.context.clear_cookies()
    helper.goto(DAY)
    expect(page.get_by_label("Mot de passe")).to_be_visible()
    assert nothing_is_kept(page)

    # Midnight, by the clocks of the commune.
    helper.log_in("camille", PASSWORD)
    installation.set_clock(JUST_BEFORE_MIDNIGHT)
    helper.goto(DAY)
    names = page.locator("#my-day .name").all_inner_texts()
    assert names
    wait_until_kept(page)
    lose_network(helper)
    expect(banner).to_be_visible()
    expect(page.locator("#main")).to_contain_text(
        "la journée gardée sur cet appareil est finie", timeout=30_000
    )
    for each in names:
        expect(page.locator("body")).not_to_contain_text(each)
    assert nothing_is_kept(page)
    with pytest.raises(Error):
        page.goto(installation.url + DAY)
    find_network(helper)
