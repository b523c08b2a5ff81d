"""« Chiffres » on paper, and for eyes that need their own colours."""

from collections.abc import Callable

import pytest

from demo.people import PASSWORD
from tests.browser.conftest import TUESDAY_MORNING
from tests.browser.visitor import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("shared"),
    pytest.mark.parametrize("moment", [TUESDAY_MORNING], indirect=True),
]

A4_WIDTH = {"width": 718, "height": 1000}
"""Of a page with margins of one centimetre."""

COLOURS_OF_DRAWINGS = """() => {
  const probe = document.body.appendChild(document.createElement("p"));
  const known = ["Canvas", "CanvasText"].map(name => {
    probe.style.setProperty("color", name); return getComputedStyle(probe).color; });
  probe.remove();
  const drawn = ".figure-columns text, .figure-columns rect, .figure-legend rect, .figure-bars rect";
  const fills = [...document.querySelectorAll(drawn)].map(each => getComputedStyle(each).fill);
  return [...new Set(fills.filter(fill => !fill.startsWith("url") && !known.includes(fill)))]; }"""


def test_drawings_have_only_the_colours_that_the_reader_has_chosen(visit: Callable[..., Visitor]) -> None:
    manager = visit(forced_colors="active", color_scheme="dark")
    manager.log_in("sophie", PASSWORD)
    manager.goto("/chiffres/")
    assert manager.page.locator(".figure-columns text").count() > 10
    assert manager.page.evaluate(COLOURS_OF_DRAWINGS) == []


def test_nothing_is_cut_off_on_paper(visit: Callable[..., Visitor]) -> None:
    manager = visit(viewport=A4_WIDTH)
    manager.log_in("sophie", PASSWORD)
    manager.page.emulate_media(media="print")
    manager.goto("/chiffres/")
    assert manager.page.locator(".figure-heat").count() == 1
    cut_off = manager.page.evaluate(
        "() => [...document.querySelectorAll('.panel, .panel *')].filter(each =>"
        " each.getBoundingClientRect().right > innerWidth).map(each => each.textContent.slice(0, 40))"
    )
    assert cut_off == []
