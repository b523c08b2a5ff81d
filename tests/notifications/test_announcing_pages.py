"""Every address that takes a form says what leaves before it is sent, or is known to tell nobody."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from booking.enums import Status
from notifications.models import Message
from tests.addresses import PAGES, PATTERNS, STREAMS
from tests.edits import forms_of
from tests.factories import TUESDAY
from tests.notifications.announced_changes import CHANGES, FRIDAY_LATER, WHY, Town, record
from tests.notifications.conftest import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated", "tuesday")]

LOOKS = {
    "home": "leads on",
    "account": "the agent's own account",
    "password-change": "the agent's own account",
    "other-sessions": "the agent's own account",
    "switch-commune": "the agent's own account",
    "accounts": "accounts of agents",
    "account-new": "accounts of agents",
    "account-password": "accounts of agents",
    "invitation-new": "writes to an agent, who is named in the form",
    "invitation-link": "writes to an agent, who is named in the form",
    "invitation-withdraw": "accounts of agents",
    "call-claim": "who is calling whom",
    "call-release": "who is calling whom",
    "desk-search": "searches",
    "team-search": "searches",
    "desk-weeks": "a preview",
    "desk-hold": "keeps a time for the agent, nobody is told",
    "desk-unmet": "counts a request without a name",
    "desk-unmet-undo": "counts a request without a name",
    "desk-other": "counts a request without a name",
    "number-owners": "searches",
    "place-search": "searches",
    "place-new": "records somebody without an appointment",
    "place-hold": "keeps a time for the agent, nobody is told",
    "place-begin": "the person is there",
    "resident-create": "records somebody without an appointment",
    "appointment-give-search": "searches",
    "appointment-give-new": "records somebody without an appointment",
    "visit-note": "what came of a session: the resident is told nothing",
    "appointment-confirm": "the resident has said it",
    "waiting-join": "what is free is shown instead of offered",
    "waiting-leave": "an open offer stays",
    "service-catalogue": "a new service, which nobody waits for yet",
    "service-new": "a new service, which nobody waits for yet",
    "service-order": "in which order services are shown",
    "service-delete": "a service on which nothing hangs",
    "helpers-needed": "how many helpers the rota asks for",
    "usual-week": "a usual week: its shifts change when it is published",
    "week-as-usual": "usual weeks: their shifts change when they are published",
    "account-news": "the agent's own account",
    "account-phone": "the agent's own account",
    "account-digest": "the agent's own account",
    "account-sound": "the agent's own account",
    "my-news-read": "what the agent has read",
    "absence-withdraw": "takes back a request that changed nothing",
    "feed-own": "calendars",
    "feed-site": "calendars",
    "calendar-add": "calendars",
    "calendar-forget": "calendars",
    "absence-impact": "a preview",
    "request-impact": "a preview",
    "shift-impact": "a preview",
    "closure-impact": "a preview",
    "hours-impact": "a preview",
    "hours-preview": "a preview",
    "cabin-impact": "a preview",
    "site-retire-impact": "a preview",
    "cabin-retire-impact": "a preview",
    "places-import": "says what a file would do",
    "site-new": "a place without hours offers nothing",
    "site-edit": "what later messages and pages say of it",
    "site-move": "the order of lists",
    "cabin-move": "the order of lists",
    "access-edit": "what the desk is told before it books",
    "commune-edit": "what later messages say",
    "screen-settings": "what screens show",
    "data-settings": "how long data are kept",
    "purge-anyway": "what is kept no longer goes; nobody is told",
    "open-data-settings": "published figures as files for everybody",
    "message-log": "searches",
    "consultation-alarm-seen": "that a manager looked into an alarm",
    "resident-held-given": "that a person was given what is kept",
    "rights-request-find": "searches",
    **dict.fromkeys(
        (
            "rights-request-new",
            "rights-request-close",
            "rights-request-refuse",
            "rights-request-extend",
            "rights-request-reopen",
        ),
        "what residents ask about their data: an agent tells them",
    ),
    "message-text": "the words of later messages",
    "message-trial": "a message to one's own phone, whose text the page shows",
    "opening": "whether a commune is open: no message follows",
    "message-text-reset": "the words of later messages",
    "screen-add": "screens",
    "screen-edit": "screens",
    "screen-revoke": "screens",
    "screen-identify": "screens",
    "screen-reload": "screens",
    "screen-sound": "screens",
    "screen-message": "screens",
    "screen-replace": "screens",
    "screen-take-back": "screens",
    "screens-reload": "screens",
    "help-call-answer": "somebody goes there",
    "fault-new": "withdraws equipment: what loses its place is placed again by an agent",
    "fault-take": "who takes care of it",
    "fault-answer": "who takes care of it",
    "fault-confirm": "withdraws equipment: what loses its place is placed again by an agent",
    "waiting-answer": "somebody goes there",
    "simulator-reply": "plays the resident",
    "simulator-call": "plays the resident",
    "simulator-dial": "plays the resident",
}
"""Pages of agents that take a POST and tell no resident, and why."""
THERE = re.compile(r"(appointment|my-day)-(undo-)?(check-in|start|end|no-show|came|extend|note)")
"""What is noted of somebody who is there, or did not come: nothing leaves within the hour."""


def test_every_page_that_takes_a_form_announces_or_tells_nobody(client: Client) -> None:
    town = Town()
    client.force_login(town.bob)
    known = LOOKS.keys() | {name for name in PAGES if THERE.fullmatch(name)}
    silent = set()
    for name in PAGES.keys() & PATTERNS.keys() - STREAMS - {"logout"}:
        view = PATTERNS[name].callback
        page = PAGES[name]
        args = [*page.args] if page.args else [2**40] * len(PATTERNS[name].pattern.converters)
        takes_post = client.post(reverse(name, args=args)).status_code != 405
        if takes_post and not getattr(view, "announces_messages", False):
            silent.add(name)
    assert silent - known - GET_ALIKE == set()


GET_ALIKE = {
    name
    for name in PAGES
    if name in ("places", "services", "team", "team-month", "my-week", "today", "slip", "sites-state")
}
"""They answer a POST as a GET, and change nothing."""


# ---- the page with the list ------------------------------------------------------------------------


def test_a_change_by_one_press_shows_first_what_leaves_and_is_made_by_the_second(client: Client) -> None:
    town = Town()
    client.force_login(town.bob)
    address = reverse("appointment-cancel", args=[town.visit.pk])
    sent = {"shown": town.visit.shown, "back": "list", "announce": "1", **WHY}

    page = client.post(address, sent, headers={"Referer": f"http://testserver{reverse('today-list')}"})

    assert page.status_code == 200
    shown = page.content.decode()
    assert [each.name for each in page.context["announcement"].messages] == ["Fatima Bensaïd", "Karim"]
    assert 'name="back" value="list"' in shown
    assert f'href="{reverse("today-list")}"' in shown
    town.visit.refresh_from_db()
    assert town.visit.status == Status.BOOKED
    del sent["announce"]
    assert client.post(address, sent).status_code == 302
    town.visit.refresh_from_db()
    assert town.visit.status == Status.CANCELLING


def test_what_htmx_asks_for_is_the_whole_page_and_its_button_leads_to_the_change(client: Client) -> None:
    """htmx leaves the address of the list in the browser: the button must not be sent there."""
    town = Town()
    client.force_login(town.bob)
    address, make = CHANGES["cancelled_by_voice_by_mistake"]
    args, sent = make(town)
    undo = reverse(address, args=args)

    page = client.post(undo, {**sent, "announce": "1"}, headers={"HX-Request": "true"})

    assert (page["HX-Retarget"], page["HX-Reswap"]) == ("body", "innerHTML")
    (form,) = [each for each in forms_of(page) if each.action == undo]
    assert client.post(form.action, form.sent).status_code == 302
    town.visit.refresh_from_db()
    assert town.visit.status == Status.BOOKED


def test_a_change_of_which_nobody_hears_is_made_by_one_press(client: Client) -> None:
    town = Town()
    client.force_login(town.bob)
    visit = town.booked(town.georges, FRIDAY_LATER)
    run()

    sent = {"shown": visit.shown, "announce": "1", **WHY}
    assert client.post(reverse("appointment-cancel", args=[visit.pk]), sent).status_code == 302

    visit.refresh_from_db()
    assert visit.status == Status.CANCELLING


def test_a_refused_form_shows_its_own_errors(client: Client) -> None:
    town = Town()
    client.force_login(town.bob)
    sent = {**record(town.fatima, "06 39 98 12 34"), "birth_year": "1850", "announce": "1"}

    assert client.post(reverse("resident", args=[town.fatima.pk]), sent).status_code == 422


def test_a_rehearsal_leaves_no_message_and_no_mark_in_the_session(client: Client) -> None:
    town = Town()
    client.force_login(town.bob)
    session = dict(client.session.items())
    address = reverse("shift-delete", args=[town.bob.shifts.latest("pk").pk])

    response = client.post(address, headers={"Announce": "list"})

    assert response.status_code == 200
    assert "messages" not in response.cookies
    assert dict(client.session.items()) == session
    assert town.bob.shifts.count() == 8
    assert Message.objects.filter(created_at__gt=TUESDAY + timedelta(seconds=1)).count() == 0


# ---- the forms -------------------------------------------------------------------------------------

ON_THE_PHONE = {"call-outcome", "call-cancel"}
"""The agent is talking to the person. The second step of cancelling lists what leaves to a relative."""
BESIDE = {
    "resident-limitation",
    "resident-limitation-lift",
    "appointment-change",
    "appointment-cancel",
    "appointment-cancel-now",
    "desk-confirm",
    "desk-move",
    "appointment-give-to",
    "replacements",
    "resident",
    "resident-erase",
    *ON_THE_PHONE,
}
"""Their forms have the list beside them (`components/announced.html`)."""
OWN_ADDRESS = {
    "absence-ask": "components/period_page.html",
    "absence-new": "components/period_page.html",
    "account-edit": "accounts/account_form.html",
    "closure-new": "components/period_page.html",
    "cabin-new": "places/cabin.html",
    "cabin-edit": "places/cabin.html",
    "cabin-retire": "places/retire.html",
    "site-retire": "places/retire.html",
    "hours-edit": "places/hours_week.html",
    "message-settings": "settings/group.html",
    "booking-settings": "settings/group.html",
    "my-day-follow-up": "my_day/follow_up.html",
    "patterns-publish": "publish/_publication.html",
    "service-edit": "places/service.html",
    "service-news": "places/service_news.html",
    "shift-edit": "team/shift.html",
    "shift-exchange": "team/exchange.html",
    "shift-new": "team/shift.html",
    "helper-late": "my_day/_late_form.html",
    "my-day-late": "my_day/_late_form.html",
}
"""Forms that are sent to the address of their page, or to one that the template is given."""
DRAGGED = {"shift-move"}
"""Sent by a script: what it does to the waiting list is shown by the page of the shift."""
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)


def test_every_form_that_may_tell_somebody_asks_for_the_list() -> None:
    root = Path(settings.BASE_DIR) / "templates"
    forms = {path: _FORM.findall(path.read_text()) for path in root.rglob("*.html")}
    shared = (root / "components/change_button.html").read_text()
    assert 'name="announce"' in shared
    for name, view in PATTERNS.items():
        if not getattr(view.callback, "announces_messages", False) or name in BESIDE | DRAGGED:
            continue
        theirs = [form for each in forms.values() for form in each if f"url '{name}'" in form]
        if name in OWN_ADDRESS:
            here = forms[root / OWN_ADDRESS[name]]
            theirs += [form for form in here if "{% url" not in form.partition(">")[0]]
        of_button = any(f'url="{name}"' in path.read_text() for path in forms)
        assert theirs or of_button, name
        assert all('name="announce"' in form for form in theirs), name


def test_the_list_beside_a_form_costs_no_press(client: Client) -> None:
    """Nothing asks for the list on a page of its own; htmx would send even what stands in `noscript`."""
    town = Town()
    client.force_login(town.bob)
    page = client.get(reverse("desk"), {"hold": town.held().pk, "resident": town.fatima.pk})

    shown = page.content.decode()
    bar = shown[shown.index('id="confirm"') :]
    assert 'id="announced"' in bar
    assert 'name="announce"' not in bar
