"""Each agent of the demonstration opens every page that the navigation leads to."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from config.demo.people import COLLEAGUES, PASSWORD
from tests.browser.conftest import SATURDAY_EVENING, TUESDAY_MORNING
from tests.browser.visitor import DESK_WIDTH, PHONE_WIDTH, Visitor, axe

pytestmark = pytest.mark.browser

MOST_PAGES = 80
"""Of one agent: enough for one of each kind, and an end to the walk."""


def pages_linked_from(page: Page) -> list[str]:
    """Paths of this installation, without what follows the question mark."""
    addresses = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    paths = [urlsplit(address).path for address in addresses if urlsplit(address).hostname == "127.0.0.1"]
    return list(dict.fromkeys(path for path in paths if path.endswith("/")))


def kind_of(path: str) -> str:
    """Pages that differ only by a number or a date are one kind; one of each is looked at."""
    parts = ("#" if any(letter.isdigit() for letter in part) else part for part in path.split("/"))
    return "/".join(parts)


def faults(page: Page, username: str) -> list[str]:
    try:
        axe(page)
    except AssertionError as error:
        return [f"{username}: {error}"]
    return []


@pytest.mark.parametrize(
    ("moment", "viewport"),
    [(TUESDAY_MORNING, DESK_WIDTH), (SATURDAY_EVENING, PHONE_WIDTH)],
    ids=["Tuesday at the desk", "Saturday on a phone"],
    indirect=["moment"],
)
def test_every_agent_can_open_every_page_and_axe_has_nothing_to_say(
    visit: Callable[..., Visitor], viewport: dict[str, int]
):
    complaints: list[str] = []
    looked_at: set[tuple[frozenset[str], str]] = set()
    for colleague in COLLEAGUES:
        visitor = visit(viewport=viewport)
        visitor.goto("/connexion/")
        axe(visitor.page)
        visitor.log_in(colleague.username, PASSWORD)
        queue, seen = ["/"], set[str]()
        while queue and len(seen) < MOST_PAGES:
            path = queue.pop(0)
            if kind_of(path) in seen:
                continue
            seen.add(kind_of(path))
            response = visitor.goto(path)
            assert response is not None
            if response.status != 200:
                complaints.append(f"{colleague.username}: {response.status} for {path}")
                continue
            sight = (frozenset(colleague.roles), kind_of(path))
            if sight not in looked_at:
                looked_at.add(sight)
                complaints += faults(visitor.page, colleague.username)
            queue += pages_linked_from(visitor.page)
        assert len(seen) >= 4, f"{colleague.username} found only {sorted(seen)}"
        visitor.goto("/")
        visitor.page.get_by_role("button", name="Se déconnecter").click()
        expect(visitor.page.locator("input[name=username]")).to_be_visible()
    assert not complaints, "\n\n".join(complaints)
