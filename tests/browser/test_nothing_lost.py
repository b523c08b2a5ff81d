"""Nothing that the desk has typed is lost when the session ends, the time is taken, a form is refused, or a
button is pressed twice, in a real browser.

One moment is enough: nothing here depends on the hour.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import PHONE_WIDTH, Visitor, axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]

NUMBER = "06 39 98 41 77"
NOTE = "avis d’impôt, RIB"


def write_somebody_new(page: Page) -> None:
    page.locator("#q").fill("Zoé Inconnue")
    form = page.locator("form.newcomer")
    expect(form.locator("[name=last_name]")).to_have_value("Inconnue")
    form.locator("[name=phones-0-number]").fill(NUMBER)
    form.locator("details summary").click()
    form.locator("[name=birth_year]").fill("1988")
    form.locator("[name=languages]").nth(1).check()


def choose_what(page: Page) -> None:
    page.locator("#plan label", has_text="Impôts").click()
    expect(page.locator(".slot").first).to_be_visible()
    page.locator("#party").select_option("2")
    page.wait_for_url(re.compile("party=2"))
    page.locator("#week-after").click()
    expect(page.locator("#week-before")).to_be_visible()


def pick(page: Page, value: str | None = None) -> str:
    slot = page.locator(f'.slot[value="{value}"]') if value else page.locator(".slot").first
    picked = slot.get_attribute("value") or ""
    slot.click()
    return picked


def expect_all_is_there(page: Page) -> None:
    form = page.locator("form.newcomer")
    expect(form.locator("[name=first_name]")).to_have_value("Zoé")
    expect(form.locator("[name=last_name]")).to_have_value("Inconnue")
    expect(form.locator("[name=phones-0-number]")).to_have_value(NUMBER)
    expect(form.locator("[name=languages]").nth(1)).to_be_checked()
    expect(page.locator("#note")).to_have_value(NOTE)
    expect(page.locator("#party")).to_have_value("2")


def begun(visit: Callable[..., Visitor], width: dict[str, int] | None = None) -> Visitor:
    """A desk agent with somebody new written down, a time kept for two people, and a note."""
    desk = visit(viewport=width) if width else visit()
    desk.allow("htmx:(afterRequest|sendAbort)")  # a page that is left takes its requests with it
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/rendez-vous/")
    write_somebody_new(page)
    choose_what(page)
    pick(page)
    expect(page.locator("#confirm-button")).to_be_focused()
    page.locator("#note").fill(NOTE)
    return desk


def end_the_session(desk: Visitor) -> None:
    desk.context.clear_cookies(name="sessionid")


def log_in_here(page: Page, username: str) -> None:
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button").click()
    expect(page.locator("header .who")).to_be_visible()


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_after_the_session_has_ended_the_desk_comes_back_with_what_was_typed(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    desk = begun(visit, width)
    page = desk.page
    end_the_session(desk)
    page.locator("#confirm-button").click()
    page.wait_for_url(re.compile("/connexion/"))
    assert "Zo" not in page.url
    log_in_here(page, "nadia")
    expect(page.locator("#said")).to_contain_text("Ce que vous aviez tapé est de nouveau là.")
    expect_all_is_there(page)
    expect(page.locator("form.newcomer [name=birth_year]")).to_have_value("1988")
    axe(page)
    page.locator("#confirm-button").click()
    page.wait_for_url(re.compile(r"/rendez-vous/\d+/$"))
    expect(page.locator("main")).to_contain_text("Zoé Inconnue")
    expect(page.locator("main")).to_contain_text(NOTE)
    page.go_back()
    expect(page.locator("form.newcomer")).to_have_count(0)  # it is done: nothing of it comes back


def test_a_part_that_is_fetched_after_the_session_has_ended_loses_nothing_either(
    visit: Callable[..., Visitor],
) -> None:
    desk = begun(visit)
    page = desk.page
    end_the_session(desk)
    page.locator("#week-after").click()
    page.wait_for_url(re.compile("/connexion/"))
    log_in_here(page, "nadia")
    expect_all_is_there(page)


def test_any_form_comes_back_as_it_was_left(visit: Callable[..., Visitor]) -> None:
    desk = visit()
    desk.log_in("nadia", PASSWORD)
    page = desk.page
    desk.goto("/habitants/1/")
    name = page.locator("[name=first_name]").input_value()
    page.locator("[name=postal_address]").fill("3, rue des Lilas")
    page.locator("[name=needs]").last.check()
    end_the_session(desk)
    page.locator("main form button", has_text="Enregistrer").click()
    page.wait_for_url(re.compile("/connexion/"))
    log_in_here(page, "nadia")
    expect(page.locator("#said")).to_contain_text("Ce que vous aviez tapé est de nouveau là.")
    expect(page.locator("[name=postal_address]")).to_have_value("3, rue des Lilas")
    expect(page.locator("[name=needs]").last).to_be_checked()
    expect(page.locator("[name=first_name]")).to_have_value(name)
    page.locator("main form button", has_text="Enregistrer").click()
    expect(page.locator(".messages .success")).to_be_visible()


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("/equipe/semaines-types/", "#usual-week [name^='new-'][name$='-starts']"),
        ("/lieux/", "#hours-form [name^='dates-'][name$='-from_0']"),
    ],
    ids=["usual week", "hours"],
)
def test_rows_that_were_added_come_back_too(visit: Callable[..., Visitor], where: str, field: str) -> None:
    values = ["07:00", "08:15", "09:30"]
    manager = visit()
    manager.log_in("sophie", PASSWORD)
    page = manager.page
    manager.goto(where)
    page.locator("main a[href*='aidants/'], main a[href*='horaires']").first.click()
    there = page.locator(field)
    expect(there.first).to_be_visible()
    drawn = there.count()
    for added in range(1, len(values)):
        page.locator("button[name=add]").click()
        expect(there).to_have_count(drawn + added)
    for number, value in enumerate(values):
        there.nth(drawn - 1 + number).fill(value)
    end_the_session(manager)
    page.locator("button[name=add]").click()
    page.wait_for_url(re.compile("/connexion/"))
    log_in_here(page, "sophie")
    expect(page.locator("#said")).to_contain_text("Ce que vous aviez tapé est de nouveau là.")
    expect(there).to_have_count(drawn + len(values) - 1)
    for number, value in enumerate(values):
        expect(there.nth(drawn - 1 + number)).to_have_value(value)


def test_what_one_agent_typed_never_comes_back_to_another_and_logging_out_erases_it(
    visit: Callable[..., Visitor],
) -> None:
    desk = begun(visit)
    page = desk.page
    end_the_session(desk)
    page.locator("#confirm-button").click()
    page.wait_for_url(re.compile("/connexion/"))
    log_in_here(page, "sophie")
    expect(page.locator("#note")).to_have_value("")
    expect(page.locator("form.newcomer")).to_have_count(0)
    page.wait_for_function("sessionStorage.getItem('permanence-draft') === null")
    page.locator("#note").fill(NOTE)
    page.locator("[data-logout] button").click()
    page.wait_for_url(re.compile("/connexion/"))
    page.wait_for_function("sessionStorage.getItem('permanence-draft') === null")


@pytest.mark.parametrize("width", [None, PHONE_WIDTH], ids=["desk", "phone"])
def test_after_a_lost_race_the_bar_never_shows_the_time_and_all_else_is_kept(
    visit: Callable[..., Visitor], width: dict[str, int] | None
) -> None:
    slow = visit(viewport=width) if width else visit()
    slow.allow("status of 409|htmx:(afterRequest|sendAbort)")
    slow.log_in("nadia", PASSWORD)
    page = slow.page
    slow.goto("/rendez-vous/")
    write_somebody_new(page)
    choose_what(page)
    page.locator("#note").fill(NOTE)
    wanted = page.locator(".slot").first.get_attribute("value")
    quick = visit()
    quick.allow("htmx:(afterRequest|sendAbort)")
    quick.log_in("sophie", PASSWORD)
    address = page.url
    for _ in range(8):  # all cabins and helpers of that time
        quick.page.goto(address)
        if not quick.page.locator(f'.slot[value="{wanted}"]').count():
            break
        pick(quick.page, wanted)
        expect(quick.page.locator("#confirm")).to_be_visible()
    pick(page, wanted)
    lost = page.locator("#lost")
    expect(lost).to_be_focused()
    expect(lost).to_contain_text("vient d’être pris")
    expect(lost).to_contain_text("Rien n’est réservé")
    expect(page).to_have_title(re.compile(r"^Erreur\s: "))
    expect(page.locator("#confirm")).to_have_count(0)
    expect(page.locator(f'.slot[value="{wanted}"]')).to_have_count(0)
    expect_all_is_there(page)
    axe(page)
    near = lost.locator("button")
    expect(near).to_have_count(2)
    near.first.click()
    expect(page.locator("#confirm-button")).to_be_focused()
    expect(page).to_have_title(re.compile("^Prendre"))
    expect_all_is_there(page)


def test_a_refused_form_opens_where_it_is_wrong_and_keeps_the_rest(visit: Callable[..., Visitor]) -> None:
    desk = begun(visit)
    desk.allow("status of 422")
    page = desk.page
    form = page.locator("form.newcomer")
    form.locator("[name=birth_year]").fill("2031")
    form.locator("details summary").click()
    expect(form.locator("[name=birth_year]")).to_be_hidden()
    for press in ("#record", "#confirm-button"):
        page.locator(press).click()
        expect(page.locator("#error-summary")).to_be_focused()
        expect(page).to_have_title(re.compile(r"^Erreur\s: "))
        page.locator("#error-summary a").click()
        expect(form.locator("[name=birth_year]")).to_be_focused()
        expect_all_is_there(page)
        axe(page)


def test_two_presses_make_one_appointment_and_back_makes_no_second(visit: Callable[..., Visitor]) -> None:
    desk = begun(visit)
    page = desk.page
    page.locator("#confirm-button").dblclick()
    page.wait_for_url(re.compile(r"/rendez-vous/\d+/$"))
    booked = page.url
    page.go_back()
    expect(page.locator("#q")).to_be_visible()
    expect(page.locator("#confirm")).to_have_count(0)
    page.go_forward()
    page.wait_for_url(booked)
    desk.goto("/rendez-vous/")
    page.locator("#q").fill(NUMBER)
    expect(page.locator("#person")).to_contain_text("Zoé Inconnue")
    expect(page.locator("#person .coming > li")).to_have_count(1)
