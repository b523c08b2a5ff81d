"""What axe does not see of a page: names of buttons, sizes, the focus after a swap, what is said again."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
"""Before any script of a page: it listens to live regions, and answers the questions below."""

REFRESHED = "[hx-get][hx-trigger*='every'], [hx-get][hx-trigger*='permanence']"
"""Parts that fetch themselves."""

PRESSED = "a[hx-get][href], button[hx-post], form[hx-post] button, form[hx-get] button"
"""What swaps a part when pressed."""

LEAST_IN_WEEK = 28
"""In CSS pixels, the least width and height of what is pressed in the grid of a week."""


def kinds_of_presses(page: Page) -> dict[str, int]:
    """By kind, the first of what swaps a part when pressed: one of a list is enough."""
    found: dict[str, int] = page.evaluate("selector => beyondAxe.kindsOfPresses(selector)", PRESSED)
    return found


def faults_of(page: Page, *, least: int) -> list[str]:
    """What is wrong with the page as it stands, and after its parts were drawn again twice."""
    for _ in range(2):
        page.evaluate("selector => beyondAxe.refresh(selector)", REFRESHED)
    faults = [f"said again: {each}" for each in page.evaluate("window.saidAgain")]
    page.evaluate("beyondAxe.openAll()")
    faults += page.evaluate("beyondAxe.names()")
    faults += page.evaluate("sizes => beyondAxe.sizes(sizes)", [least, LEAST_IN_WEEK])
    faults += page.evaluate("beyondAxe.tooWide()")
    return faults


def press(page: Page, number: int) -> tuple[bool, str | None]:
    """Press what swaps a part: whether it did, and the fault, if the focus then is nowhere."""
    told: dict[str, Any] | None = page.evaluate("what => beyondAxe.press(what)", [PRESSED, number])
    if told is None or not told["isSwapped"]:
        return False, None
    return True, f"the focus is lost after « {told['name']} »" if told["isLost"] else None
