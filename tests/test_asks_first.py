"""What loses something asks before it acts: one touch or one Enter by mistake loses nothing."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from agents.models import Absence, AbsenceRequest, Agent
from communes.models import Closure, Site

TEMPLATES = Path(settings.BASE_DIR) / "templates"

LOSES = {
    "absence-withdraw": "a request, and the word to the manager",
    "account-password": "the password, and every session",
    "appointment-cancel-now": "the minutes in which the cancellation can be undone",
    "calendar-forget": "what the other calendar said",
    "closure-lift": "the closure",
    "feed-own": "the address that a calendar program follows",
    "feed-site": "the address that calendar programs follow",
    "invitation-link": "the link that was handed over",
    "invitation-withdraw": "the invitation",
    "other-sessions": "every other session, with what was typed there",
    "purge-anyway": "the records of people whose time is over",
    "resident-merge": "the other record; nothing brings it back",
    "screen-revoke": "the screen shows nothing more until it is paired again",
    "waiting-decline": "the time that was kept",
    "waiting-leave": "the place on the list",
}
"""Pages of agents that take something away by a button alone, and what."""

IS_SECOND_STEP = {
    "call_list/_cancel.html": "asked by « Annuler le rendez-vous… » before",
    "leaving/leaving.html": "under what it changes",
    "privacy/erase.html": "asked by « Continuer » before, under what goes and what stays",
    "simulator/simulator.html": "hangs up a call that nobody makes",
}
"""Templates whose red button stands in a question already."""

DETAILS = re.compile(
    r"<details\b[^>]*\bask\b.*?</details>|{% details class=\"ask\".*?{% enddetails %}", re.DOTALL
)
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
CHANGE_BUTTON = re.compile(r"{% include \"components/change_button.html\".*?%}", re.DOTALL)
RED_BUTTON = re.compile(r"<button\b[^>]*\bdanger\b")

FIRST_TIME = {"feed-own", "feed-site"}
"""Their forms also make the first address, which loses nothing."""


def outside_of_questions(path: Path) -> str:
    return DETAILS.sub("", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOSES)
def test_what_loses_something_stands_in_a_question(name: str) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}
    assert any(f"url '{name}'" in form for text in texts.values() for form in FORM.findall(text))
    for path in texts:
        asked_of_all = outside_of_questions(path)
        bare = [form for form in FORM.findall(asked_of_all) if f"url '{name}'" in form]
        bare += [each for each in CHANGE_BUTTON.findall(asked_of_all) if f'url="{name}"' in each]
        if name in FIRST_TIME:
            bare = [form for form in bare if "Make an address" not in form]
        assert bare == [], path


def test_a_red_button_is_never_the_first_touch() -> None:
    found = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if "kiosk" not in path.parts and RED_BUTTON.search(outside_of_questions(path))
    }
    assert found == set(IS_SECOND_STEP)


@pytest.mark.usefixtures("tuesday")
def test_enter_on_a_new_closure_or_absence_closes_nothing_today(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    for agent, page in (
        (dana, reverse("closure-new", args=[site.pk])),
        (dana, reverse("absence-new")),
        (bob, reverse("absence-ask")),
    ):
        client.force_login(agent)
        shown = client.get(page)
        form = shown.context["form"]
        as_shown = {name: form[name].value() or "" for name in form.fields}

        assert client.post(page, as_shown).status_code == 422, page
    assert not Closure.objects.exists()
    assert not Absence.objects.exists()
    assert not AbsenceRequest.objects.exists()
