"""What a screen reader hears of a board, and where the focus is: after each choice it is on something."""

import pytest
from playwright.sync_api import expect

from booking.enums import Status
from booking.models import Appointment
from communes.models import Service
from tests.factories import at
from tests.kiosk.hung import Hung, until_true

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

WATCH = """() => {
    window.announced = [];
    new MutationObserver(() => window.announced.push(told.textContent)).observe(told, { childList: true });
    window.live = [];
    new MutationObserver(changes => {
        for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches)
            for (const e of [node, ...node.querySelectorAll('*')])
                if (e.matches('[role=alert], [role=status], [aria-live]')) window.live.push(e.outerHTML);
    }).observe(document.body, { childList: true, subtree: true });
    window.lost = [];
    const isLost = () => document.activeElement === document.body;
    setInterval(() => isLost() && window.lost.push(document.body.innerText), 50);
}"""


def heard(hung: Hung) -> list[str]:
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in hung.page.evaluate("announced.splice(0)")]


def refresh(hung: Hung) -> None:
    """The board is fetched once more."""
    hung.page.evaluate("async () => { await window.kiosk.load(); }")


def test_a_change_is_announced_once_and_a_refresh_not_at_all(hung: Hung, fatima: Appointment) -> None:
    hung.tell()
    hung.shows("Fatima B.")
    hung.page.evaluate(WATCH)
    refresh(hung)
    refresh(hung)
    assert heard(hung) == []
    Appointment.objects.filter(pk=fatima.pk).update(status=Status.ARRIVED, arrived_at=at(10, 24))
    hung.tell()
    hung.shows("Arrivée notée")
    refresh(hung)
    assert heard(hung) == ["Arrivée notée. Rendez-vous de 10 h 30. réservé. C’est à vous."]
    assert (
        hung.page.evaluate("document.querySelectorAll('[role=status], [role=alert], [aria-live]').length")
        == 1
    )
    assert hung.page.evaluate("live") == []


def test_minutes_that_are_counted_are_not_announced_each_time(hung: Hung, fatima: Appointment) -> None:
    hung.house.set_clock(at(10, 41))
    hung.tell()
    hung.shows("En retard de 11 min")
    hung.page.evaluate(WATCH)
    hung.house.set_clock(at(10, 42))
    hung.tell()
    hung.shows("En retard de 12 min")
    assert heard(hung) == []


def test_a_call_is_announced_and_the_focus_stays_on_something(hung: Hung) -> None:
    hung.page.locator("#help").focus()
    hung.page.evaluate(WATCH)
    hung.page.keyboard.press("Enter")
    hung.shows("Un agent est prévenu")
    refresh(hung)
    assert len([text for text in heard(hung) if "Un agent est prévenu" in text]) == 1
    hung.page.keyboard.press("Enter")
    expect(hung.page.locator(".help-notice")).to_have_count(0)
    assert hung.page.evaluate("lost") == []
    assert hung.page.evaluate("live") == []


def test_what_was_said_does_not_stay_nor_speak_another_language(hung: Hung) -> None:
    told = hung.page.locator("#told")
    hung.page.locator("#help").click()
    expect(told).to_contain_text("Un agent est prévenu")
    hung.page.locator("#help-end").click()
    expect(hung.page.locator(".help-notice")).to_have_count(0)
    expect(told).to_have_text("", timeout=15_000)
    hung.page.locator("#help").click()
    expect(told).to_contain_text("Un agent est prévenu")
    hung.page.locator("#languages").click()
    hung.page.locator("[data-lang=ar]").click()
    expect(hung.page.locator("html")).to_have_attribute("lang", "ar")
    expect(told).to_have_text("", timeout=1000)


def test_the_focus_is_on_something_after_each_choice(hung: Hung, service: Service) -> None:
    hung.page.locator("#use").focus()
    hung.page.evaluate(WATCH)
    for shown in (".services", "[value=nobody]"):
        hung.page.keyboard.press("Enter")
        expect(hung.page.locator(f"#sheet {shown}").first).to_be_visible()
        hung.page.keyboard.press("Tab")
    hung.page.keyboard.press("Enter")
    expect(hung.page.locator("#sheet .main-button[data-close]")).to_be_focused()
    described = hung.page.locator("#sheet .main-button[data-close]").get_attribute("aria-describedby")
    said = hung.page.evaluate(
        "ids => ids.split(' ').map(id => document.getElementById(id).textContent).join(' ')", described
    )
    assert "Installez-vous" in said
    hung.page.keyboard.press("Enter")
    expect(hung.page.locator("#sheet")).to_be_hidden()
    hung.shows("Il reste")
    # The board under the sheet has been replaced: its main button is focused instead.
    until_true(hung.page, "document.activeElement.matches('#board button')")
    assert hung.page.evaluate("lost") == []


def test_figures_stay_after_an_error_and_the_next_key_begins_another_number(hung: Hung) -> None:
    hung.page.locator("#arrived, #arrived-too").click()
    for figure in "12345":
        hung.page.locator(f"#sheet [data-key='{figure}']").click()
    hung.page.locator("#sheet .keys .main-button").click()
    expect(hung.page.locator("#number-problem")).to_be_visible()
    expect(hung.page.locator("#number")).to_be_focused()
    expect(hung.page.locator("#number")).to_have_value("123 45")
    # What is too short is completed.
    hung.page.locator("#sheet [data-key='6']").click()
    expect(hung.page.locator("#number")).to_have_value("123 456")
    hung.page.locator("#sheet .keys .main-button").click()
    expect(hung.page.locator("#number-problem")).to_contain_text("réessayer 4 fois")
    expect(hung.page.locator("#number")).to_have_value("123 456")
    hung.page.locator("#sheet [data-key='back']").click()
    expect(hung.page.locator("#number")).to_have_value("123 45")
    hung.page.locator("#sheet [data-key='9']").click()
    hung.page.locator("#sheet .keys .main-button").click()
    expect(hung.page.locator("#number-problem")).to_contain_text("réessayer 3 fois")
    hung.page.locator("#sheet [data-key='7']").click()
    expect(hung.page.locator("#number")).to_have_value("7")
