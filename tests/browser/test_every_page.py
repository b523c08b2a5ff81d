"""Someone of each role of the demonstration opens every page that the navigation leads to."""

import re
from collections.abc import Callable

import pytest
from django.urls import resolve
from playwright.sync_api import expect

from demo.people import COLLEAGUES, PASSWORD, Colleague
from tests.browser.conftest import SATURDAY_EVENING, TUESDAY_MORNING
from tests.browser.visitor import DESK_WIDTH, PHONE_WIDTH, Visitor, axe

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("shared")]

MOST_PAGES = 200
"""Of one agent: an end to the walk, which no agent may reach."""


def one_of_each_role() -> list[Colleague]:
    return list({frozenset(each.roles): each for each in reversed(COLLEAGUES)}.values())


def pages_linked_from(html: str) -> list[str]:
    """Paths of this installation, without what follows the question mark."""
    return list(dict.fromkeys(re.findall(r'href="(/(?:[^"?#]*/)?)["?#]', html)))


def kind_of(path: str) -> str:
    """Pages of one address, whatever number or word stands in it, are one kind; one of each is opened."""
    return str(resolve(path).url_name)


def shape_of(html: str) -> frozenset[str]:
    """What a page is made of, each thing once: the browser and axe say the same of two of one shape."""
    return frozenset(re.findall(r"<(\w+)", html)) | frozenset(re.findall(r'(?:class|role)="([^"]*)"', html))


def faults(visitor: Visitor, path: str) -> list[str]:
    visitor.goto(path)
    try:
        axe(visitor.page)
    except AssertionError as error:
        return [str(error)]
    return []


@pytest.mark.parametrize(
    ("moment", "viewport"),
    [(TUESDAY_MORNING, DESK_WIDTH), (SATURDAY_EVENING, PHONE_WIDTH)],
    ids=["Tuesday at the desk", "Saturday on a phone"],
    indirect=["moment"],
)
def test_every_role_can_open_every_page_and_axe_has_nothing_to_say(
    visit: Callable[..., Visitor], viewport: dict[str, int]
):
    complaints: list[str] = []
    looked_at: set[tuple[str, frozenset[str]]] = set()
    for colleague in one_of_each_role():
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
            response = visitor.page.request.get(visitor.installation.url + path)
            if response.status != 200:
                complaints.append(f"{colleague.username}: {response.status} for {path}")
                continue
            if not response.headers["content-type"].startswith("text/html"):
                continue
            html = response.text()
            sight = (kind_of(path), shape_of(html))
            if sight not in looked_at:
                looked_at.add(sight)
                complaints += [f"{colleague.username}: {fault}" for fault in faults(visitor, path)]
            queue += pages_linked_from(html)
        assert 4 <= len(seen) < MOST_PAGES, f"{colleague.username} found {sorted(seen)}"
        visitor.goto("/")
        visitor.page.get_by_role("button", name="Se déconnecter").click()
        expect(visitor.page.locator("input[name=username]")).to_be_visible()
    assert not complaints, "\n\n".join(complaints)
