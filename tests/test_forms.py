"""Every form of the product says what is wrong with it.

All addresses are walked, and what they read is noted: a form that is not entered here fails the test.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django import forms
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from agents.actions.invitations import invite
from agents.models import Agent, Membership
from booking.enums import Status
from communes.models import Site
from tests.addresses import OPEN, PATTERNS, STREAMS, WALKED, WITHOUT_CSRF, World, make_world
from tests.factories import TUESDAY, at, make_shift
from tests.html import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

HUGE = "9" * 20

RESIDENT = {
    "first_name": "Zoé",
    "last_name": "Inconnue",
    "reach_by": "sms",
    "birth_year": "1850",
    "email": "pas une adresse",
    "languages": ["klingon"],
    "phones-TOTAL_FORMS": "2",
    "phones-INITIAL_FORMS": "0",
    "phones-0-number": "06 39 98 12",
    "phones-0-owner": "self",
    "phones-1-number": "",
    "phones-1-owner": "self",
}
NEWCOMER = {name: RESIDENT[name] for name in RESIDENT if name not in {"birth_year", "email", "languages"}}
"""The fields of somebody new on the pages that ask for no more."""
PERIOD = {"first_on": "0012-01-01", "starts": "demain", "last_on": "", "reason": "x", "kind": "x"}


@dataclass(frozen=True)
class Case:
    """`sent`: what is typed; `wrong`: the ids of the controls that the summary must lead to."""

    sent: dict[str, Any]
    wrong: set[str]
    general: int = 0
    """Sentences about no single field."""
    query: str = ""
    rows: dict[str, Any] = field(default_factory=dict)


WRONG_RESIDENT = {"id_birth_year", "id_email", "id_languages_0", "id_phones-0-number"}

WRONG_SERVICE = {
    "name": "",
    "theme": "x",
    "duration_min": HUGE,
    "turnaround_min": "5",
    "start_step_min": "x",
    "helper_policy": "x",
    "equipment_needed": ["x"],
    "pictogram": "x",
    "booker": "x",
    "name_ar": "x" * 81,
}
WRONG_IN_SERVICE = {
    "id_name",
    "id_theme",
    "id_duration_min",
    "id_start_step_min",
    "id_helper_policy_0",
    "id_equipment_needed_0",
    "id_pictogram_0",
    "id_booker",
    "id_name_ar",
}

FORMS = {
    # of whoever is not logged in
    "login": Case({"username": "nadia", "password": "non"}, set(), general=1),
    "password-forgotten": Case({"name": "", "x": "1"}, {"id_name"}),
    "password-reset-confirm": Case({"new_password1": "a", "new_password2": "b"}, {"id_new_password2"}),
    "invitation": Case(
        {"first_name": "", "username": "é à", "password1": "a", "password2": "b"},
        {"id_first_name", "id_last_name", "id_username", "id_password2"},
    ),
    # of agents
    "password-change": Case(
        {"old_password": "non", "new_password1": "a", "new_password2": "b"},
        {"id_old_password", "id_new_password2"},
    ),
    "account": Case(
        {"address-email": "non", "address-password": "non"}, {"id_address-email", "id_address-password"}
    ),
    "account-phone": Case({"phone-phone": "02 35 00 11 22"}, {"id_phone-phone"}),
    "account-new": Case(
        {"first_name": "", "weekly_hours": "beaucoup", "skills": [HUGE]},
        {"id_first_name", "id_last_name", "id_username", "id_weekly_hours", "id_skills_0"},
        general=1,
    ),
    "account-edit": Case(
        {"weekly_hours": "-1", "skills": ["x"]}, {"id_weekly_hours", "id_skills_0"}, general=1
    ),
    "service-helpers": Case({"helpers": ["x"]}, {"id_helpers_0"}),
    "account-leave": Case({"when": "x", "last_on": "hier"}, {"id_when_0", "id_last_on"}),
    "invitation-new": Case({"email": "non", "skills": [HUGE]}, {"id_email", "id_skills_0"}, general=1),
    # rights of residents
    "resident-consents": Case({"what": "calls", "came_by": "x"}, {"id_came_by"}),
    "resident-erase": Case(
        {"reason": "x", "came_by": "x", "seen": "1"}, {"id_reason_0", "id_came_by"}, general=1
    ),
    # places
    "cabin-order": Case(
        {"until_on": "hier", "until_hour": "25:99"}, {"id_{cabin}_until_on", "id_{cabin}_until_hour"}
    ),
    "places-import": Case({"with_cabins": HUGE}, {"id_file", "id_with_cabins"}),
    "site-new": Case(
        {"name": "", "phone": "12", "postal_code": "7614", "wheelchair": "x", "accessibility": ["x"]},
        {"id_name", "id_phone", "id_postal_code", "id_wheelchair", "id_accessibility_0"},
    ),
    "site-edit": Case(
        {"name": "", "phone": "12", "wheelchair": "x"}, {"id_name", "id_phone", "id_wheelchair"}
    ),
    "site-retire": Case({"from_on": "2026-11-24"}, {"id_from_on"}),
    "cabin-new": Case(
        {"name": "", "equipment": ["x"], "room_for": [HUGE], "wheelchair": "x", "in_service_at": "hier"},
        {"id_name", "id_equipment_0", "id_room_for_0", "id_wheelchair", "id_in_service_at"},
    ),
    "cabin-edit": Case({"name": "", "equipment": [HUGE]}, {"id_name", "id_equipment_0", "id_wheelchair"}),
    "cabin-retire": Case({"from_on": "0012-01-01"}, {"id_from_on"}),
    "fault-new": Case(
        {"cabin": HUGE, "kind": "x", "until_on": "hier", "until_hour": "25:99"},
        {"id_cabin", "id_kind_0", "id_until_on", "id_until_hour"},
    ),
    "fault-confirm": Case({"until_on": "hier", "until_hour": "25:99"}, {"id_until_on", "id_until_hour"}),
    "fault-end": Case({"until_on": "2026-11-23", "until_hour": "x"}, {"id_until_on", "id_until_hour"}),
    "closure-new": Case(PERIOD, {"id_first_on", "id_starts", "id_last_on", "id_reason"}),
    "hours-edit": Case({"from_0_0": "9:00", "until_1_1": "x"}, {"id_until_0_0", "id_until_1_1"}),
    "access-edit": Case({"site": "x"}, {"id_site_0", "id_cabin_{cabin}_0"}),
    "commune-edit": Case({"name": "", "public_phone": "12"}, {"id_name", "id_public_phone"}),
    "booking-settings": Case(
        {"cancel_grace_min": HUGE, "lead_min_hours": "x", "lead_max_days": "0", "offer_lasts_min": "5"},
        {"id_cancel_grace_min", "id_lead_min_hours", "id_lead_max_days", "id_offer_lasts_min"},
    ),
    "screen-settings": Case(
        {"name_shown_minutes_before": HUGE, "screen_languages": ["xx"], "dark_screen_min": "481"},
        {"id_name_shown_minutes_before", "id_screen_languages_0", "id_dark_screen_min"},
    ),
    "data-settings": Case({"retention_months": "24"}, {"id_retention_months"}),
    "service-edit": Case(WRONG_SERVICE, WRONG_IN_SERVICE),
    "service-new": Case(WRONG_SERVICE, WRONG_IN_SERVICE),
    "service-catalogue": Case({"q": "caf", "theme": "x", "keys": ["x"]}, {"id_theme", "id_keys_0"}),
    "appointment-change": Case(
        {
            "service": HUGE,
            "helper": "c" + HUGE,
            "party": "99",
            "length": "7",
            "note": "x" * 201,
            "asked_by": "x",
        },
        {"id_service", "id_helper", "id_party", "id_length", "id_note", "id_asked_by"},
    ),
    "appointment-cancel": Case({"asked_by": "x", "reason": "x"}, {"id_asked_by_0", "id_reason_0"}),
    # the rota
    "shift-new": Case({"agent": HUGE, "on": "x"}, {"id_agent", "id_site", "id_on", "id_starts", "id_ends"}),
    "shift-edit": Case(
        {"agent": "x", "site": HUGE}, {"id_agent", "id_site", "id_on", "id_starts", "id_ends"}
    ),
    "shift-exchange": Case({"other": HUGE}, {"id_other"}),
    "absence-new": Case(
        {**PERIOD, "agent": HUGE}, {"id_first_on", "id_starts", "id_last_on", "id_kind", "id_agent"}
    ),
    "absence-ask": Case(
        {**PERIOD, "comment": "x" * 201},
        {"id_first_on", "id_starts", "id_last_on", "id_kind", "id_comment"},
    ),
    "usual-week": Case(
        {
            "new-1-site": HUGE,
            "new-1-starts": "x",
            "new-1-ends": "",
            "new-1-weekdays": ["9"],
            "new-1-every_weeks": "7",
            "new-1-until_on": "hier",
        },
        {
            f"id_new-1-{name}"
            for name in (
                *("site", "weekdays_0", "starts", "ends"),
                *("every_weeks", "anchor_on", "from_on", "until_on"),
            )
        },
    ),
    "helpers-needed": Case(
        {"helpers_morning": "-1", "helpers_afternoon": HUGE}, {"id_helpers_morning", "id_helpers_afternoon"}
    ),
    "patterns-publish": Case({"until": "2031-01-01"}, {"id_until"}),
    "calendar-add": Case({"url": "pas une adresse"}, {"id_url"}),
    # appointments and residents
    "desk-confirm": Case({**RESIDENT, "hold": HUGE}, WRONG_RESIDENT),
    "resident-create": Case(RESIDENT, WRONG_RESIDENT),
    "resident": Case(RESIDENT, WRONG_RESIDENT),
    "resident-limitation": Case(
        {"why": "x", "came_by": "x", "coming": "x"}, {"id_why_0", "id_came_by", "id_coming_0"}
    ),
    "rights-request-new": Case(
        {"right": "x", "came_by": "x", "asked_on": "demain"}, {"id_right_0", "id_came_by", "id_asked_on"}
    ),
    "rights-request-refuse": Case({"why": "x"}, {"id_why_0"}),
    "resident-held-given": Case({"came_by": "x"}, {"id_came_by"}),
    "place-new": Case({**NEWCOMER, "slot": "{slot}", "cabin": "{cabin}"}, {"id_phones-0-number"}),
    "place-begin": Case({"q": "Zoé", "slot": "{slot}", "cabin": "{cabin}"}, {"q"}),
    "place-hold": Case({"q": "Zoé", "slot": "{slot}", "cabin": "{cabin}"}, {"q"}),
    "appointment-give-new": Case({**NEWCOMER, "last_name": ""}, {"id_last_name", "id_phones-0-number"}),
    "waiting-join": Case(
        {"resident": "{resident}", "service": HUGE, "party": HUGE, "half_days": ["99"], "sites": [HUGE]},
        {"id_service", "id_party", "id_half_days_0", "id_sites_0", "id_until_on", "id_helper_0"},
    ),
    "helper-late": Case({"helper": "{helper}", "until": "x"}, {"id_until"}),
    "my-day-late": Case({"until": ""}, {"id_until"}),
    "my-day-end": Case({"outcome": "x"}, {"id_outcome"}, rows={"status": Status.IN_SESSION}),
    "visit-note": Case(
        {
            "outcome": "x",
            "equipment_used": ["aucun", "tablette"],
            "autonomy": "x",
            "themes": ["x"],
            "orientation": ["x"],
        },
        {"id_outcome_0", "id_equipment_used_0", "id_autonomy_0", "id_themes_0", "id_orientation_0"},
        rows={"status": Status.DONE},
    ),
    "my-day-follow-up": Case({"slot": "x", "note": "x" * 201}, {"times", "id_note"}),
    # messages and screens
    "message-settings": Case(
        {"sender": "é" * 19, "voice_number": "12", "price_sms_cents": "x", "reminders_from": "05:00"},
        {
            "id_sender",
            "id_voice_number",
            "id_reminder_days_before",
            "id_reminders_from",
            "id_reminders_until",
            "id_price_sms_cents",
        },
    ),
    "message-log": Case({"since": "hier", "kind": "x", "page": HUGE}, {"id_since", "id_kind"}, general=1),
    "message-trial": Case({"channel": "sms", "number": "02 35 00 11 22"}, {"id_number"}),
    "message-text": Case({"template": "{prenom}"}, {"id_template"}),
    "screen-add": Case({"code": "12", "place": "x"}, {"id_code", "id_place"}),
    "screen-message": Case({"text": "x" * 141, "until": "25:00"}, {"id_text", "id_until"}),
    "screen-replace": Case({"code": "12"}, {"id_code"}),
    "screen-edit": Case({"name": "", "place": "cabin-1x", "theme": "x"}, {"id_name", "id_place", "id_theme"}),
}
"""What is typed into a form, and comes back."""

OF_DJANGO = {"login", "password-change", "password-reset-confirm"}
"""Views of Django, which answer 200."""

PRESSED = {
    **dict.fromkeys(
        ("desk-search", "place-search", "appointment-give-search", "team-search", "rights-request-find"),
        "a search: any text will do",
    ),
    "message-log": "a search: what cannot be read is left out",
    "open-data-settings": "one box, ticked or not",
    "resident-limitation-lift": "one box, asked of a limited record alone (privacy/test_limiting.py)",
    **dict.fromkeys(
        (
            "desk-hold",
            "desk-unmet",
            "desk-unmet-undo",
            "desk-other",
            "desk-weeks",
            "desk-move",
            "shift-move",
            "my-day-extend",
            "appointment-extend",
        ),
        "a press, not a field",
    ),
    **dict.fromkeys(("shift-delete", "message-text-reset"), "a press, which says what the page showed"),
    **dict.fromkeys(
        (
            "absence-impact",
            "closure-impact",
            "hours-impact",
            "hours-preview",
            "cabin-impact",
            "site-retire-impact",
            "cabin-retire-impact",
        ),
        "a look ahead at what another form will do; that form says what is wrong",
    ),
    "call-cancel": "two choices, both ticked already; they come back on the card (test_call_settling.py)",
    "helper-here": "a press",
    **dict.fromkeys(("opening", "service-state", "service-order"), "a press"),
    "service-news": "boxes to tick, all of which are there",
    **dict.fromkeys(
        (
            "publication-undo",
            "week-as-usual",
            "account-news",
            "account-digest",
            "account-sound",
            "my-news-read",
        ),
        "a press",
    ),
    "my-day-note": "one field, which comes back with its error beside the next visit (test_text_length.py)",
    "number-owners": "a look at who has the number that is being typed; the form says what is wrong",
}
"""Addresses that read a form nobody types in."""


@pytest.fixture
def world(settings: Any) -> World:
    settings.DEBUG = True
    world = make_world()
    make_shift(world.rows["helper"], world.rows["site"], at(9, day=25), at(12, day=25))  # of a next visit
    return world


@pytest.fixture
def agent(world: World) -> Agent:
    """The helper of the world, with all roles."""
    helper: Agent = world.rows["helper"]
    Membership.objects.filter(agent=helper).update(is_desk=True, is_manager=True)
    return helper


@contextmanager
def left_as_it_was() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def read_forms(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[forms.BaseForm]]:
    """The forms that are made of what was sent, while this lasts."""
    made: list[forms.BaseForm] = []
    begin = forms.BaseForm.__init__

    def noted(self: forms.BaseForm, data: Any = None, *args: Any, **kwargs: Any) -> None:
        begin(self, data, *args, **kwargs)
        if self.is_bound:
            made.append(self)

    with monkeypatch.context() as patch:
        patch.setattr(forms.BaseForm, "__init__", noted)
        yield made


def address(world: World, name: str, agent: Agent) -> str:
    """The address of the row of the world; of a link that was mailed, with the secret that it needs."""
    if name == "invitation":
        _invitation, secret = invite(
            commune=world.commune,
            email="",
            fields={"is_desk": True},
            skills=[],
            invited_by=agent,
            now=TUESDAY,
        )
        return reverse(name, args=[secret])
    if name == "password-reset-confirm":
        agent.refresh_from_db()
        uid = urlsafe_base64_encode(force_bytes(agent.pk))
        return reverse(name, args=[uid, default_token_generator.make_token(agent)])
    return world.address(name)


def client_for(name: str, agent: Agent, address: str) -> tuple[Client, str]:
    """A browser, and where its form is: a link for a new password leads to another address once."""
    client = Client()
    if name not in OPEN:
        client.force_login(agent)
    elif name == "password-reset-confirm":
        address = client.get(address)["Location"]
    return client, address


def filled(value: Any, world: World) -> Any:
    if isinstance(value, list):
        return value
    site, cabin = world.rows["site"], world.rows["cabin"]
    words = {"slot": f"{site.pk}@2026-11-25T08:15Z", "cabin": cabin.pk}
    words |= {name: world.rows[name].pk for name in ("resident", "helper")}
    for name, word in words.items():
        value = value.replace(f"{{{name}}}", str(word))
    return value


def test_every_address_that_reads_a_form_is_entered_here(
    world: World, agent: Agent, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SENDS_EMAIL = True
    found = set()
    for name in sorted(PATTERNS.keys() - WITHOUT_CSRF.keys() - STREAMS - {"logout"}):
        with left_as_it_was():
            client, path = client_for(name, agent, address(world, name, agent))
            with read_forms(monkeypatch) as made:
                client.post(path, {"nothing": "known"})
            if [each for each in made if type(each).__module__.partition(".")[0] != "django"]:
                found.add(name)
    assert found - FORMS.keys() - PRESSED.keys() == set(), "enter these, with something wrong to send"
    assert {name for name in WALKED if name in FORMS} <= PATTERNS.keys()


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_with_something_wrong_says_what_and_leads_there(
    world: World, agent: Agent, name: str, settings: Any
) -> None:
    settings.SENDS_EMAIL = True
    case = FORMS[name]
    for column, value in case.rows.items():
        type(world.rows["appointment"]).objects.update(**{column: value})
    client, path = client_for(name, agent, address(world, name, agent))
    sent = {key: filled(value, world) for key, value in case.sent.items()}
    response = client.post(path, sent)
    assert response.status_code == (200 if name in OF_DJANGO else 422)
    page = Page(response.content.decode())
    assert page.title.startswith("Erreur : ")
    summary = page.one(id="error-summary")
    assert summary["tabindex"] == "-1"
    assert "autofocus" in summary
    assert page.all("autofocus")[0] == summary, "nothing before it takes the focus"
    links = [each["href"] or "" for each in page.inside(summary) if each.tag == "a"]
    assert {link.removeprefix("#") for link in links} >= {filled(each, world) for each in case.wrong}
    lines = [each for each in page.inside(summary) if each.tag == "li"]
    assert len(lines) - len(links) == case.general
    heading = "1 point à corriger" if len(lines) == 1 else f"{len(lines)} points à corriger"
    assert heading in page.text(summary)
    for link in links:
        target = page.one(id=link.removeprefix("#"))
        assert target.tag in {"input", "select", "textarea", "button"} or target.get("tabindex") == "-1"
        assert target.get("type") != "hidden"
        assert all("open" in fold for fold in page.around(target) if fold.tag == "details")
        assert tells_what_is_wrong(page, target)


def tells_what_is_wrong(page: Page, target: Any) -> bool:
    """Whether the control, or the group around it, names the element that has its error."""
    described = [target, *(each for each in page.around(target) if each.tag == "fieldset")]
    ids = " ".join(each.get("aria-describedby") or "" for each in described).split()
    named = [page.one(id=each) for each in ids]
    return any(page.has_error(each) for each in [*named, target])


@pytest.mark.parametrize("birth_year", ["1850", "2031"])
def test_what_is_wrong_in_a_closed_part_opens_it_for_htmx_too(
    client: Client, alice: Agent, birth_year: str
) -> None:
    client.force_login(alice)
    sent = {**RESIDENT, "birth_year": birth_year, "email": "", "languages": [], "phones-0-number": ""}
    response = client.post(reverse("resident-create"), sent, headers={"HX-Request": "true"})
    page = Page(response.content.decode())
    year = page.one(id="id_birth_year")
    assert [("open" in each) for each in page.around(year) if each.tag == "details"] == [True, True]
    summary = page.one(id="error-summary")
    assert [each["href"] or "" for each in page.inside(summary) if each.tag == "a"] == ["#id_birth_year"]
    assert "1 point à corriger" in page.text(summary)


@pytest.mark.parametrize(
    "name", ["resident-create", "resident", "place-new", "appointment-give-new", "desk-confirm"]
)
def test_more_numbers_than_are_kept_are_refused_also_when_a_row_holds_two(
    world: World, agent: Agent, name: str
) -> None:
    client, path = client_for(name, agent, address(world, name, agent))
    rows = {f"phones-{n}-number": f"06 39 98 01 0{n} / 06 39 98 02 0{n}" for n in range(4)}
    sent = {**NEWCOMER, **FORMS[name].sent, **rows, "phones-TOTAL_FORMS": "4", "sure": "1"}
    right = {"last_name": "Inconnue", "birth_year": "", "email": "", "languages": []}
    response = client.post(path, {key: filled(value, world) for key, value in {**sent, **right}.items()})
    assert response.status_code == 422
    page = Page(response.content.decode())
    assert "Pas plus de 6 numéros de téléphone par personne." in page.text(page.one(id="error-summary"))


@pytest.mark.parametrize("name", sorted(FORMS.keys() | PRESSED.keys()))
def test_no_form_breaks_on_a_number_that_fits_no_column(
    world: World, agent: Agent, monkeypatch: pytest.MonkeyPatch, name: str, settings: Any
) -> None:
    """Once in all fields, then in each one that means a number or a row, beside what is otherwise sent."""
    settings.SENDS_EMAIL = True
    client, path = client_for(name, agent, address(world, name, agent))
    sent = {key: filled(value, world) for key, value in FORMS[name].sent.items()} if name in FORMS else {}
    with left_as_it_was(), read_forms(monkeypatch) as made:
        client.post(path, {**sent, "nothing": "known"})
    fields = {each.add_prefix(name) for each in made for name in each.fields}
    numbers = {
        each.add_prefix(name)
        for each in made
        for name, kind in each.fields.items()
        if isinstance(kind, forms.IntegerField | forms.ModelChoiceField)
    }
    in_all = [dict.fromkeys(fields, number) for number in (HUGE, f"-{HUGE}")]
    for wrong in [*in_all, *({**sent, each: HUGE} for each in numbers)]:
        with left_as_it_was():
            assert client.post(path, wrong).status_code < 500
    for asked in in_all:
        assert client.get(path, asked).status_code < 500


def test_a_page_without_a_wrong_form_has_neither_summary_nor_error_in_its_title(
    client: Client, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    for path in (reverse("commune-edit"), reverse("closure-new", args=[site.pk]), reverse("screen-add")):
        page = Page(client.get(path).content.decode())
        assert not page.title.startswith("Erreur")
        assert not page.all("id", "error-summary")
