"""Every page of every role, beyond what axe sees: the focus after swaps, what is said, sizes, names.

The pages are those that the navigation leads to: a new one joins by itself. The checks: `beyond_axe.py`.
"""

from collections import defaultdict
from collections.abc import Callable

import pytest
from playwright.sync_api import Error

from demo.people import PASSWORD
from tests.browser.beyond_axe import SCRIPT, faults_of, kinds_of_presses, press
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.test_every_page import MOST_PAGES, kind_of, one_of_each_role, pages_linked_from, shape_of
from tests.browser.visitor import DESK_WIDTH, PHONE_WIDTH, Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], ids=["Tuesday"], indirect=True),
]

LEAST = {DESK_WIDTH["width"]: 24, PHONE_WIDTH["width"]: 44}
"""The least width and height of what is pressed, in CSS pixels."""


_READ: dict[str, list[tuple[str, str]]] = {}


def pages_of(visitor: Visitor, username: str) -> list[tuple[str, str]]:
    """Address and text of one page of each kind that the navigation leads this agent to; the same at each
    width, so they are read once."""
    if username not in _READ:
        _READ[username] = read_pages(visitor)
    return _READ[username]


def read_pages(visitor: Visitor) -> list[tuple[str, str]]:
    queue, seen, found = ["/"], set[str](), []
    while queue and len(seen) < MOST_PAGES:
        path = queue.pop(0)
        if kind_of(path) in seen:
            continue
        seen.add(kind_of(path))
        response = visitor.page.request.get(visitor.installation.url + path)
        if response.ok and response.headers["content-type"].startswith("text/html"):
            found.append((path, response.text()))
            queue += pages_linked_from(response.text())
    assert len(seen) < MOST_PAGES
    return found


def look_at(visitor: Visitor, path: str, least: int, pressed: set[str]) -> list[str]:
    """`pressed`: what has been pressed on pages of this kind, to which this page adds."""
    open_again(visitor, path)
    found = kinds_of_presses(visitor.page)
    presses = [number for kind, number in found.items() if kind not in pressed]
    pressed |= found.keys()
    faults = faults_of(visitor.page, least=least)
    is_fresh = False
    for number in presses:
        if not is_fresh:
            open_again(visitor, path)
        try:
            is_swapped, lost = press(visitor.page, number)
        except Error:  # it leads to another page
            is_swapped, lost = True, None
        is_fresh = not is_swapped
        faults += [lost] if lost else []
    return faults


def open_again(visitor: Visitor, path: str) -> None:
    """Without waiting for pictures and letters: scripts have run, styles are there."""
    visitor.page.goto(visitor.installation.url + path, wait_until="domcontentloaded")


@pytest.mark.parametrize("viewport", [DESK_WIDTH, PHONE_WIDTH], ids=["desk", "phone"])
def test_every_page_keeps_the_focus_says_once_and_names_its_buttons(
    visit: Callable[..., Visitor], viewport: dict[str, int]
) -> None:
    complaints: dict[str, None] = {}
    looked_at: dict[str, frozenset[str]] = {}
    pressed: dict[str, set[str]] = defaultdict(set)
    for colleague in one_of_each_role():
        visitor = visit(viewport=viewport)
        visitor.allow("htmx:|status of 4|Failed to load resource")
        visitor.context.add_init_script(SCRIPT)
        visitor.log_in(colleague.username, PASSWORD)
        for path, html in pages_of(visitor, colleague.username):
            kind, known = kind_of(path), looked_at.get(kind_of(path), frozenset())
            if shape_of(html) - known:
                looked_at[kind] = known | shape_of(html)
                faults = look_at(visitor, path, LEAST[viewport["width"]], pressed[kind])
                complaints |= dict.fromkeys(f"{kind}: {fault}" for fault in faults)
        visitor.context.clear_cookies()
    assert not complaints, "\n".join(complaints)
