"""docs/screens.md has a row for every state and sheet of a screen: what it shows, what « Écouter » says, and
what really follows. Each row is played here.

    WRITE_SCENES=1 pytest -n 0 tests/kiosk/test_scenes_in_browser.py

writes the rows anew; read what changed.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from playwright.sync_api import Browser, Page

from booking.enums import Status
from communes.models import Cabin, Service, Site
from kiosk.board.arrival import Verdict
from kiosk.board.types import CabinState, LineKind, Wait
from kiosk.languages import LANGUAGES
from kiosk.models import HelpCall
from kiosk.words import wait_words
from notifications.models import Message
from notifications.sending.sweep import sweep
from tests.clocks import SetClock, stopped_clock
from tests.factories import TUESDAY, make_cabin, make_commune, make_service, make_site
from tests.kiosk import board_scenes, sheet_scenes
from tests.kiosk.screens_table import NBSP, ROOT, SHOWN, Table
from tests.kiosk.stage import Scene, Stage

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

READER = (ROOT / "static" / "js" / "kiosk" / "read_aloud.js").read_text(encoding="utf-8")
SCENES = [*board_scenes.SCENES, *sheet_scenes.SCENES]
STYLES = ROOT / "static" / "css" / "kiosk" / "board.css"

TABLE = Table("| state | shown | « Écouter » | what follows |", tuple(scene.name for scene in SCENES))

PARAGRAPHS = """all => all.filter(each => each.checkVisibility())
    .map(each => each.textContent.replace(/\\s+/g, ' ').trim())"""
TEXTS = """root => {
    const texts = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const said = node.parentElement.checkVisibility() && node.textContent.trim()
            && !node.parentElement.closest('bdi:not([dir]), .keys, [data-speak], .online, script, style');
        if (said) texts.push(node.textContent.replace(/\\s+/g, ' ').trim());
    }
    return texts;
}"""


@pytest.fixture
def stage(site: Site, cabin: Cabin, service: Service, set_clock: SetClock) -> Stage:
    return Stage(site, cabin, service, set_clock)


@pytest.fixture(scope="module")
def glass(chrome: Browser) -> Iterator[Page]:
    """A page that shows the screen as the server made it."""
    page = chrome.new_page()
    yield page
    page.close()


def put_up(glass: Page, stage: Stage, sheet: str | None) -> None:
    board = re.sub(r"<(?:script|link) [^>]*>(?:</script>)?", "", stage.board())
    glass.set_content(board)
    glass.add_style_tag(path=STYLES)  # what the page shows without connection alone is hidden by it
    glass.evaluate(READER + ";0")
    if sheet is not None:
        glass.evaluate(
            """html => { const sheet = document.getElementById('sheet');
                sheet.innerHTML = html; sheet.lang = document.documentElement.lang; sheet.showModal(); }""",
            sheet,
        )


def said(glass: Page, selector: str) -> str:
    parts = glass.evaluate(
        "selector => window.readAloud.partsOf(...document.querySelectorAll(selector))", selector
    )
    return " ".join(part["text"] for part in parts)


# ---- the table ----


def what_follows(stage: Stage, scene: Scene, glass: Page) -> Iterator[str]:
    began = stage.now
    for minutes in (0, *scene.then):
        stage.clock(began + timedelta(minutes=minutes))
        facts = [stage.status()] if stage.visit else []
        facts.append(f"rings {', '.join(stage.rung()) or 'nobody'}")
        put_up(glass, stage, None)
        text = " / ".join(glass.eval_on_selector_all(".now p", PARAGRAPHS))
        keeps_its_promises(stage, text)
        yield f"{stage.now:%H:%M} {', '.join(facts)}{f': « {text} »' if minutes else ''}"
    sweep(now=stage.now)
    for message in Message.objects.order_by("id"):
        yield f"a message to {message.recipient}"


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_what_is_shown_said_and_follows(scene: Scene, stage: Stage, glass: Page) -> None:
    sheet = scene.shows(stage)
    put_up(glass, stage, sheet)
    where = "#sheet" if sheet else ".now"
    shown = glass.eval_on_selector(where, SHOWN)
    if not sheet:
        shown = [*glass.eval_on_selector(".notice", SHOWN), *shown]
    spoken = said(glass, where if sheet else ".notice, .now")
    keeps_its_promises(stage, " ".join(shown))
    follows = "; ".join(what_follows(stage, scene, glass))
    TABLE.check(scene.name, " / ".join(shown), spoken, follows)


def test_every_row_is_played_and_every_scene_has_a_row() -> None:
    assert tuple(TABLE.rows()) == TABLE.names


# ---- all states ----


def seen(stage: Stage, sheet: str | None) -> set[str]:
    """What of the sources this scene has shown: states of cards and calls, waits, verdicts, sheets."""
    board, html = stage.board(), sheet or ""
    found = {f"card {state}" for state in re.findall(r'class="card" data-state="(\w+)"', board)}
    found |= {f"call {state}" for state in re.findall(r'data-call="(\w+)"', board)}
    found |= {f"line {kind}" for kind in re.findall(r'<li data-kind="(\w+)">', board)}
    found |= {f"verdict {verdict}" for verdict in re.findall(r'data-verdict="(\w+)"', html)}
    text = (board.split("<template")[0] + html).replace("&#x27;", "'")
    found |= {f"wait {wait}" for wait in Wait if wait_words(wait)[0] in text}
    return found | {f"sheet {name}" for name in stage.partials}


def expected() -> set[str]:
    sheets = (ROOT / "templates" / "kiosk" / "sheets" / "sheets.html").read_text(encoding="utf-8")
    return {
        *(f"card {state}" for state in CabinState),
        *(f"call {state}" for state in ("open", "late", "answered")),
        *(f"line {kind}" for kind in LineKind),
        *(f"verdict {verdict}" for verdict in Verdict),
        *(f"wait {wait}" for wait in Wait),
        *(f"sheet {name}" for name in re.findall(r"{% partialdef (\w+)", sheets)),
    }


def test_no_state_and_no_sheet_is_without_a_row() -> None:
    found: set[str] = set()
    for scene in SCENES:
        with transaction.atomic(), stopped_clock(TUESDAY) as set_clock:
            site = make_site(make_commune())
            cabin = make_cabin(site, name="Cabine du hall")
            stage = Stage(site, cabin, make_service(site.commune), set_clock)
            sheet = scene.shows(stage)
            with translation.override("fr"):
                found |= seen(stage, sheet)
            transaction.set_rollback(True)
    assert expected() - found == set()


# ---- what is said is what is shown ----


def as_said(text: str, lang: str) -> str:
    """A text of the screen as a voice should have it."""
    comma = "،" if lang == "ar" else ","
    text = text.replace(NBSP, " ").replace(" · ", f"{comma} ").replace("·", "")
    text = re.sub(r"(?<!\d)\d+(?: \d+)+", lambda groups: groups[0].replace(" ", f"{comma} "), text)
    hour, full = ("{} h {}", "{} h") if lang == "fr" else ("{}:{}", "{}:00")
    pattern = re.compile(r"\b(\d\d?):(\d\d)\b")
    text = pattern.sub(lambda at: (full if at[2] == "00" else hour).format(int(at[1]), at[2]), text)
    text = text.replace(" nov.", " novembre").replace(" Nov.", " November")
    return re.sub(r"(\d) min\b", r"\1 minutes", text)


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_it_says_all_that_it_shows_and_nothing_else(
    scene: Scene, lang: str, stage: Stage, glass: Page
) -> None:
    stage.lang = lang
    sheet = scene.shows(stage)
    put_up(glass, stage, sheet)
    where = "#sheet" if sheet else "#board"
    speech = said(glass, where)
    texts = [as_said(text, lang) for text in glass.eval_on_selector(where, TEXTS)]
    assert [text for text in texts if text.rstrip(" ،,") not in speech] == []
    with translation.override(lang):
        own = [_("You can touch:"), _("reserved"), _("Appointment of %(time)s"), _("the figures, then “OK”")]
        own.append(_("seconds left: {n}"))
    assert words_of(speech) - words_of(" ".join([*texts, *own])) == set()
    assert "Fatima" not in speech


# ---- promises ----


def keeps_its_promises(stage: Stage, text: str) -> None:
    """Whatever the screen says that somebody has been told or comes, or that something is done, is so."""
    text = text.replace(NBSP, " ")
    call = HelpCall.objects.filter(withdrawn_at=None).last()
    rung = stage.rung()
    status = stage.status()
    for words, is_kept in {
        "Votre aidant numérique est prévenu": "helper" in rung,
        "L’accueil est prévenu": {"desk", "manager"} <= set(rung),
        "On vient vous chercher": bool(stage.visit and stage.visit.coming_at),
        "Un agent est prévenu": bool(call and not call.answered_at) and {"desk", "manager"} <= set(rung),
        "Un agent arrive": bool(call and call.answered_at),
        "Votre arrivée est notée": status == Status.ARRIVED,
        "Votre arrivée reste notée": status == Status.ARRIVED,
        "Votre arrivée n’est plus notée": status == Status.BOOKED,
        "Installez-vous": status == Status.IN_SESSION,
        "C’est à vous": status == Status.ARRIVED and not rung,
        "Nous envoyons ce numéro par SMS": bool(stage.visit and stage.visit.resident_id),
    }.items():
        assert words not in text or is_kept, f"« {words} », but: {status}, {rung}"
