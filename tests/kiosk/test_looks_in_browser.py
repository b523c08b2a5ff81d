"""Every state of the board and every sheet, with its style: nothing is cut or scrolled on any screen,
whatever is touched is large enough, and axe finds nothing."""

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from booking.enums import Status
from communes.models import Cabin, Service, Site
from tests.browser.visitor import axe
from tests.clocks import SetClock
from tests.factories import at, make_appointment, make_cabin, make_resident, make_shift
from tests.kiosk import board_scenes, sheet_scenes
from tests.kiosk.hung import House
from tests.kiosk.stage import Scene, Stage

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

SCENES = [*board_scenes.SCENES, *sheet_scenes.SCENES]
SIZES = ((1920, 1080), (1080, 1920), (1024, 600))
LONG = "Marie-Antoinette Anne-Charlotte Éléonore de la Sainte-Trinité"

TOO_SMALL = """least => [...document.querySelectorAll(sheet.open ? '#sheet *' : '#board *')]
    .filter(e => e.matches('button, a, input:not([type=hidden])') && e.checkVisibility())
    .map(e => [e.textContent.trim() || e.id, e.getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) < least - 0.5)
    .map(([name, box]) => `${name}: ${box.width} × ${box.height}`)"""
CUT = """() => {
    const root = sheet.open ? sheet : document.getElementById('board');
    const area = sheet.open ? sheet : document.documentElement;
    const found = [];
    const text = e => e.textContent.replace(/\\s+/g, ' ').trim().slice(0, 60);
    const name = e => `${e.tagName}.${e.className} ${text(e)}`;
    const parts = '.card, .later, .now, .help-notice, .foot, button';
    for (const e of [document.documentElement, sheet, ...root.querySelectorAll(parts)]) {
        if (!e.checkVisibility()) continue;
        if (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)
            found.push(`scrolls: ${name(e)}`);
    }
    const outer = area.getBoundingClientRect();
    for (const e of root.querySelectorAll('h1, h2, h3, p, li, button, input, img, .clock')) {
        if (!e.checkVisibility() || e.closest('.unseen')) continue;
        const box = e.getBoundingClientRect();
        const panel = e.parentElement.closest('.card, .later, .help-notice') ?? area;
        const around = panel.getBoundingClientRect();
        for (const side of [outer, around])
            if (box.left < side.left - 1 || box.right > side.right + 1 || box.top < side.top - 1
                || box.bottom > side.bottom + 1) found.push(`outside: ${name(e)}`);
    }
    const apart = [...root.querySelectorAll('.card > *, .foot button, .head > *')]
        .filter(e => e.checkVisibility());
    for (const a of apart) for (const b of apart) {
        if (a === b || a.parentElement !== b.parentElement) continue;
        const [x, y] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
        if (Math.min(x.right, y.right) - Math.max(x.left, y.left) > 1
            && Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top) > 3)
            found.push(`over another: ${name(a)}`);
    }
    return found;
}"""


@pytest.fixture
def stage(site: Site, cabin: Cabin, service: Service, set_clock: SetClock) -> Stage:
    return Stage(site, cabin, service, set_clock)


@pytest.fixture(scope="module")
def glass(chrome: Browser, house: House) -> Iterator[Page]:
    """A page that shows the screen as the server made it, in its own style."""
    page = chrome.new_page()
    page.goto(f"{house.url}/health")
    yield page
    page.close()


def put_up(glass: Page, board: str, sheet: str | None) -> None:
    glass.set_content(re.sub(r"<script [^>]*></script>", "", board).replace(" hidden>", ">", 0))
    glass.wait_for_function("() => [...document.styleSheets].length >= 3")
    glass.evaluate(
        """async html => {
            document.getElementById('listen')?.removeAttribute('hidden');
            const sheet = document.getElementById('sheet');
            if (html !== null) { sheet.innerHTML = html; sheet.showModal(); }
            await document.fonts.ready;
        }""",
        sheet,
    )


def check(glass: Page) -> None:
    problems = {}
    for width, height in SIZES:
        glass.set_viewport_size({"width": width, "height": height})
        found = glass.evaluate(CUT)
        if (width, height) == (1920, 1080):
            found += glass.evaluate(TOO_SMALL, 72)
        if found:
            problems[f"{width} × {height}"] = found
    assert problems == {}, problems


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_it_fits_and_can_be_touched(scene: Scene, stage: Stage, glass: Page) -> None:
    sheet = scene.shows(stage)
    put_up(glass, stage.board(), sheet)
    check(glass)
    axe(glass)


# ---- the most that there can be ----


def fill_hall(stage: Stage, cabins: int, first_name: str = LONG) -> None:
    """Every cabin has a long name and somebody of a long name who is expected, with a helper or late."""
    Cabin.objects.update(name="Cabine du rez-de-chaussée, aile nord")
    for number in range(1, cabins):
        make_cabin(stage.site, name=f"Cabine de l’étage {number}, aile nord", in_order=number != 2)
    make_shift(stage.helper, stage.site, at(9), at(12))
    for number, cabin in enumerate(Cabin.objects.order_by("id")):
        resident = make_resident(stage.commune, first_name=first_name, last_name=f"{chr(65 + number)}rel")
        when = at(10, 35) if number % 2 else at(10, 15)
        helped = {"helper": stage.helper} if number == 0 else {}
        make_appointment(cabin, stage.service, when, resident=resident, **helped)
        make_appointment(cabin, stage.service, at(11, 40 + number), resident=resident)
    stage.hall()


@pytest.mark.parametrize("cabins", [1, 2, 3, 4, 5, 6])
def test_a_hall_fits_with_names_of_three_lines(cabins: int, stage: Stage, glass: Page) -> None:
    fill_hall(stage, cabins)
    put_up(glass, stage.board(), None)
    check(glass)
    axe(glass)


@pytest.mark.parametrize("cabins", [4, 5, 6])
def test_a_hall_fits_while_somebody_is_called(cabins: int, stage: Stage, glass: Page) -> None:
    fill_hall(stage, cabins, "Marie-Antoinette")
    stage.post("screen-help")
    put_up(glass, stage.board(), None)
    check(glass)
    stage.clock(at(10, 27))
    put_up(glass, stage.board(), None)
    check(glass)


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_six_names_fit_on_a_sheet(lang: str, stage: Stage, glass: Page) -> None:
    stage.lang = lang
    fill_hall(stage, 6)
    put_up(glass, stage.board(), stage.get("screen-arrival"))
    check(glass)
    axe(glass)


@pytest.mark.parametrize("status", [Status.BOOKED, Status.ARRIVED])
def test_a_name_of_three_lines_fits_on_a_cabin(status: Status, stage: Stage, glass: Page) -> None:
    resident = make_resident(stage.commune, first_name=LONG)
    stage.expects_helped(resident=resident, status=status, arrived_at=at(10, 24))
    put_up(glass, stage.board(), None)
    check(glass)
    if status == Status.BOOKED:
        put_up(glass, stage.board(), stage.get("screen-arrival"))
        check(glass)


def test_every_button_below_has_a_drawing(stage: Stage, glass: Page) -> None:
    stage.hall()
    put_up(glass, stage.board(), None)
    drawings = glass.eval_on_selector_all(
        ".foot button", "all => all.map(e => getComputedStyle(e, '::before').maskImage)"
    )
    assert len(drawings) == len(set(drawings)) == 6
    assert all(".svg" in drawing for drawing in drawings)
    kept = stage.client.get(reverse("screen-worker")).content.decode()
    assert all(drawing.split("/static/")[1].split('"')[0] in kept for drawing in drawings)
