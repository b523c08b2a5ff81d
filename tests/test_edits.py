"""Two agents who edit one record at the same time: nothing is lost, and nothing is undone in silence.

A form that edits a record carries what it started from (`core/edit_forms.py`). Each is tried here, and a page
whose form shows stored values without that fails.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Membership, Shift, ShiftPattern
from booking.actions import merge_residents, record_attendance
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Site
from core.edit_forms import EditForm
from core.edits import TRACED_FOR
from core.models import EditTrace
from core.roles import Role
from core.tasks import forget_edit_traces
from kiosk.models import Screen
from tests.addresses import PAGES, STREAMS, WALKED, World, make_world
from tests.clocks import SetClock
from tests.edits import Form, edit_form, forms_of
from tests.factories import (
    PASSWORD,
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_resident,
    make_service,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@dataclass(frozen=True)
class Edited:
    """A form that edits a record: where it is, and what two agents write.

    `apart`: a field and its new value for each of two agents, or None where the form has one value only.
    `both`: a field, and the two values that they write into it.
    """

    form: str
    page: str
    both: tuple[str, str, str]
    apart: tuple[tuple[str, str], tuple[str, str]] | None = None
    sends_to: str = ""
    also: dict[str, str] = field(default_factory=dict)
    query: str = ""
    shown: tuple[str, str] | None = None
    """The two values of `both` in words, where they are not shown as they are written."""


EDITS = {
    "resident": Edited(
        "ResidentEditForm",
        "resident",
        both=("contact_name", "Paul Bensaïd", "Marie Bensaïd"),
        apart=(("email", "fatima@example.org"), ("postal_address", "1 rue du Bac")),
    ),
    "phone": Edited("ResidentEditForm", "resident", both=("phones-0-call_from", "14:00", "15:00")),
    "service": Edited(
        "ServiceForm",
        "service-edit",
        both=("duration_min", "40", "50"),
        apart=(("duration_min", "40"), ("what_to_bring", "Une pièce d’identité")),
    ),
    "service's names": Edited("ServiceForm", "service-edit", both=("name_en", "Family benefits", "Benefits")),
    "commune": Edited(
        "SettingsForm",
        "commune-edit",
        both=("public_phone", "02 61 91 12 34", "02 61 91 56 78"),
        apart=(("name", "Quevilly"), ("public_phone", "02 61 91 56 78")),
    ),
    "booking settings": Edited(
        "SettingsForm",
        "booking-settings",
        both=("lead_min_hours", "4", "6"),
        apart=(("cancel_grace_min", "3"), ("lead_max_days", "30")),
    ),
    "week": Edited(
        "WeekForm",
        "hours-edit",
        both=("until_2_1", "18:00", "19:00"),
        apart=(("until_0_1", "18:00"), ("until_2_1", "19:00")),
        shown=("–18:00", "–19:00"),
    ),
    "dates": Edited(
        "WeekForm",
        "hours-edit",
        both=("dates-0-until_0", "11:00", "12:00"),
        also={"dates-0-first": "2026-12-24", "dates-0-from_0": "09:00"},
        shown=("–11:00", "–12:00"),
    ),
    "hours": Edited(
        "HoursForm",
        "hours-edit",
        both=("opening_hours", "Mo 09:00-12:00", "Tu 09:00-12:00"),
        query="?text",
    ),
    "cabin": Edited(
        "CabinOrderForm",
        "places",
        sends_to="cabin-order",
        both=("until_on", "2026-11-26", "2026-11-27"),
        also={"in_order": "0"},
        shown=("26 nov.", "27 nov."),
    ),
    "fault": Edited(
        "EndEditForm",
        "fault",
        sends_to="fault-end",
        both=("until_on", "2026-11-26", "2026-11-27"),
        shown=("26 nov.", "27 nov."),
    ),
    "place": Edited(
        "PlaceForm",
        "site-edit",
        both=("name", "Mairie", "Maison commune"),
        apart=(("phone", "02 61 91 12 34"), ("contact", "Mme Roy, 1er étage")),
    ),
    "cabin_fields": Edited(
        "CabinForm",
        "cabin-edit",
        both=("in_service_at", "2026-12-01", "2026-12-02"),
        apart=(("name", "Cabine bleue"), ("directions", "au fond du couloir")),
        shown=("1er décembre 2026", "2 décembre 2026"),
    ),
    "access": Edited(
        "AccessForm",
        "access-edit",
        both=("site", "yes", "no"),
        shown=("oui", "non"),
    ),
    "account": Edited(
        "MembershipForm",
        "account-edit",
        both=("weekly_hours", "20", "28"),
        apart=(("is_desk", "on"), ("weekly_hours", "28")),
    ),
    "address": Edited(
        "AddressForm",
        "account",
        both=("address-email", "un@example.org", "deux@example.org"),
        also={"address-password": PASSWORD},
    ),
    "own phone": Edited(
        "PhoneForm",
        "account",
        sends_to="account-phone",
        both=("phone-phone", "06 39 98 00 11", "06 39 98 00 12"),
    ),
    "shift": Edited(
        "ShiftForm",
        "shift-edit",
        both=("ends", "11:00", "11:30"),
        apart=(("starts", "08:30"), ("ends", "11:30")),
    ),
    "helpers_needed": Edited(
        "HelpersNeededForm",
        "helpers-needed",
        both=("helpers_morning", "2", "3"),
        apart=(("helpers_morning", "2"), ("helpers_afternoon", "3")),
    ),
    "usual_week": Edited(
        "UsualWeekForm",
        "usual-week",
        both=("row-{pattern}-ends", "11:00", "11:30"),
        apart=(("row-{pattern}-starts", "08:30"), ("row-{second}-until_on", "2027-06-30")),
    ),
    "settings": Edited(
        "SettingsForm",
        "message-settings",
        both=("price_sms_cents", "7.50", "9.00"),
        apart=(("reminder_days_before", "3"), ("remind_same_day", "on")),
        shown=("7,5", "9"),
    ),
    "text": Edited(
        "TextForm",
        "message-text",
        both=("template", "{mairie} : RDV {jour} {heure}", "{mairie} : venez {jour} {heure}"),
    ),
    "screen": Edited(
        "ScreenForm",
        "screen-edit",
        both=("name", "Tablette", "Écran du fond"),
        apart=(("name", "Tablette"), ("theme", "dark")),
    ),
    "appointment": Edited(
        "AlterForm",
        "appointment-change",
        both=("note", "RIB", "Passeport"),
        apart=(("party", "2"), ("note", "RIB")),
    ),
    "visit note": Edited(
        "VisitNoteForm",
        "visit-note",
        both=("outcome", "solved", "partly"),
        apart=(("autonomy", "autonome"), ("outcome", "solved")),
        shown=("fait", "fait en partie"),
    ),
    "note": Edited(
        "NoteForm",
        "my-day-follow-up",
        sends_to="my-day-note",
        both=("note", "RIB", "Passeport"),
    ),
}
OWN = ("address", "own phone", "note")
"""What one agent changes in two windows."""
APART = [name for name, each in EDITS.items() if each.apart]


@dataclass
class Two:
    """Two agents with all roles, each at a computer, and the pages that they have open."""

    world: World
    agents: tuple[Agent, Agent]
    clients: tuple[Client, Client]

    def page(self, edited: Edited) -> str:
        if edited.form == "VisitNoteForm":
            return reverse("visit-note", args=[self.world.rows["noted"].pk])
        return self.world.address(edited.page) + edited.query

    def address(self, edited: Edited) -> str:
        if edited.form == "NoteForm":
            return reverse("my-day-note", args=[self.world.rows["coming"].pk])
        if edited.form == "VisitNoteForm":
            return self.page(edited)
        return self.world.address(edited.sends_to or edited.page) + edited.query

    def open(self, edited: Edited, who: int) -> Form:
        action = self.address(edited) if edited.sends_to else ""
        return edit_form(self.clients[who].get(self.page(edited)), action)

    def send(self, edited: Edited, who: int, form: Form, *values: tuple[str, str]) -> Any:
        typed = {self.name(name): value for name, value in values}
        return self.clients[who].post(self.address(edited), {**form.sent, **edited.also, **typed})

    def name(self, name: str) -> str:
        """The name of a field, with the numbers of the rows that are in it."""
        return name.format(pattern=self.world.rows["pattern"].pk, second=self.world.rows["second"].pk)

    def shown(self, edited: Edited, name: str) -> Any:
        """The value of a field on the page as it is opened now."""
        return self.open(edited, 0).data.get(self.name(name), [""])


@pytest.fixture
def two(settings: Any, django_capture_on_commit_callbacks: Any) -> Two:
    settings.DEBUG = True
    settings.SENDS_EMAIL = True
    world = make_world()
    Site.objects.filter(pk=world.rows["site"].pk).update(
        opening_hours="Mo-Fr 09:00-12:00,14:00-17:00; PH off"
    )
    agents = [
        make_agent(world.commune, *Role, first_name=name, skills=[world.rows["service"]])
        for name in ("Nadia", "Sophie")
    ]
    # The visit whose helper writes a note for the next one: the same helper at two computers.
    nadia, rows = agents[0], world.rows
    rows["appointment"].helper = nadia
    rows["appointment"].save()
    rows["coming"] = make_appointment(
        rows["cabin"], rows["service"], at(9, day=26), helper=nadia, resident=rows["resident"]
    )
    rows["noted"] = make_appointment(rows["cabin"], rows["service"], at(9, day=23), helper=nadia)
    record_attendance(appointment=rows["noted"], by=Actor.system(), now=TUESDAY)
    rows["second"] = ShiftPattern.objects.create(
        agent=rows["helper"],
        site=rows["site"],
        weekdays=[4],
        starts=time(14),
        ends=time(17),
        anchor_on=TUESDAY.date(),
        from_on=TUESDAY.date(),
    )
    clients = (Client(), Client())
    for client, agent in zip(clients, agents, strict=True):
        client.force_login(agent)
    return Two(world, (agents[0], agents[1]), clients)


def one_agent(two: Two, name: str) -> None:
    """Some records are one agent's own: that agent is at both computers."""
    if name in OWN:
        two.clients[1].force_login(two.agents[0])


def page_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("name", APART)
def test_what_two_agents_change_apart_is_both_kept(two: Two, name: str) -> None:
    edited = EDITS[name]
    assert edited.apart is not None
    first, second = edited.apart
    mine = two.open(edited, 0)
    assert two.send(edited, 1, two.open(edited, 1), first).status_code == 302
    answer = two.send(edited, 0, mine, second)
    assert answer.status_code == 302, page_of(answer)
    for field_name, value in (first, second):
        assert two.shown(edited, field_name) == [value]


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_what_two_agents_change_differently_comes_back_with_both(two: Two, name: str, choice: str) -> None:
    edited = EDITS[name]
    one_agent(two, name)
    field_name, theirs, mine = edited.both
    form = two.open(edited, 0)
    assert two.send(edited, 1, two.open(edited, 1), (field_name, theirs)).status_code == 302
    answer = two.send(edited, 0, form, (field_name, mine))
    assert answer.status_code == 409
    page = page_of(answer)
    who = "Vous avez enregistré" if name in OWN else "Sophie a enregistré"
    assert who in page
    for text in edited.shown or (theirs, mine):
        assert text.replace("'", "&#x27;") in page
    action = two.address(edited) if name in ("note", "fault", "own phone") else ""
    again = edit_form(answer, action)
    assert mine in again.data[two.name(field_name)], "what was typed is still there"
    # Without a choice nothing is written.
    assert two.send(edited, 0, again).status_code in (409, 422)
    (choice_name,) = {
        each for each in page.split('"') if each.startswith(("choice-", "address-choice-", "phone-choice-"))
    }
    assert two.send(edited, 0, again, (choice_name, choice)).status_code == 302
    if name in ("cabin", "fault"):
        row = two.world.rows[name]
        row.refresh_from_db()
        end = row.out_until if name == "cabin" else row.expected_end_at
        assert end == at(0, day=28 if choice == "mine" else 27)
    else:
        assert two.shown(edited, field_name) == [mine if choice == "mine" else theirs]


@pytest.mark.parametrize("name", EDITS)
def test_a_form_that_does_not_say_what_it_started_from_changes_nothing_in_silence(
    two: Two, name: str
) -> None:
    edited = EDITS[name]
    form = two.open(edited, 0)
    before = {key: values for key, values in form.data.items() if "started-from" not in key}
    kept = Form(form.action, form.method, before)
    field_name, _theirs, mine = edited.both
    assert two.send(edited, 0, kept, (field_name, mine)).status_code == 409
    for broken in ("", "[]", "{}", '{"values": 1, "asked": []}', "{" * 3000, "null"):
        (start_name,) = form.start
        sent = two.send(edited, 0, form, (start_name, broken), (field_name, mine))
        assert sent.status_code == 409, broken


FORGED = [17, "\ud83d", ["+33639980099", "x", 1, "25:99", "25:99", 2], [["25:99", "x"]]]


@pytest.mark.parametrize("name", EDITS)
def test_what_somebody_forged_changes_nothing_and_breaks_nothing(two: Two, name: str) -> None:
    edited = EDITS[name]
    one_agent(two, name)
    form = two.open(edited, 0)
    (start_name,) = form.start
    started = json.loads(form.sent[start_name][0])["values"]
    for value in FORGED:
        for mine, choice in ((value, ""), (edited.both[1], "theirs")):
            asked = {each: {"mine": mine, "who": value, "at": value} for each in started}
            forged = json.dumps({"values": dict.fromkeys(started, value), "asked": asked})
            chosen = [(f"choice-{each}", choice) for each in started]
            sent = two.send(edited, 0, form, (start_name, forged), edited.both[:2], *chosen)
            assert sent.status_code < 500, value
    assert two.shown(edited, edited.both[0]) != [edited.both[1]]


ONE_LIST = {"HelpersForm"}
"""A form with one list, whose members are merged, so that nothing is ever asked back: it is tried in
tests/agents/test_service_helpers.py."""


def test_each_form_that_edits_a_record_is_tried_here() -> None:
    def below(form: type[Any]) -> set[str]:
        names: set[str] = set()
        for each in form.__subclasses__():
            names |= {each.__name__, *below(each)}
        return names

    tried = {each.form for each in EDITS.values()}
    own = {name for name in below(EditForm) if not name.startswith("_")}
    assert own == tried | ONE_LIST


NEW = {
    "cabin-new": "a new cabin, of which nothing is known yet",
    "places-import": "a number of cabins, none as a rule",
    "site-new": "a new place, of which nothing is known yet",
    "appointment-cancel": "a reason and an asker, chosen beforehand",
    "appointment-give": "a new resident",
    "message-log": "what is looked for",
    "message-trial": "a text or a call",
    "resident-consents": "how it was said, at the desk as a rule",
    "resident-erase": "a reason and a way of asking, chosen beforehand",
    "resident-held": "how a request came, at the desk as a rule",
    "resident-limitation": "what becomes of visits and how it was asked for, chosen beforehand",
    "rights-request-new": "a new request, of today as a rule",
    "service-new": "a new service, with the usual lengths",
    "shift-new": "a new shift, on the day that was clicked",
    "team": "what is looked for",
}
"""Pages with a form that shows values which are not those of a record, and what they are."""


def test_each_form_that_shows_stored_values_says_what_it_started_from(two: Two) -> None:
    """A new page that edits a record with a plain form fails here."""
    silent = set()
    for name in WALKED:
        if name in STREAMS or name == "logout":
            continue
        answer = two.clients[0].get(two.world.address(name))
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            forms = (form for form in forms_of(answer) if form.method == "post" and not form.start)
            silent |= {name for form in forms if form.filled}
    assert silent == NEW.keys()


GONE: dict[str, Callable[[World], Any]] = {
    "resident": lambda world: Resident.objects.filter(pk=world.rows["resident"].pk).delete(),
    "shift": lambda world: Shift.objects.all().delete(),
    "usual_week": lambda world: Membership.objects.filter(pk=world.rows["membership"].pk).delete(),
    "screen": lambda world: Screen.objects.update(revoked_at=TUESDAY),
    "account": lambda world: Membership.objects.filter(pk=world.rows["membership"].pk).delete(),
    "note": lambda world: Appointment.objects.filter(pk=world.rows["coming"].pk).update(helper=None),
}


@pytest.mark.parametrize("name", GONE)
def test_what_was_typed_is_shown_when_the_record_is_gone(two: Two, name: str) -> None:
    edited = EDITS[name]
    form = two.open(edited, 0)
    GONE[name](two.world)
    field_name, _theirs, mine = edited.both
    answer = two.send(edited, 0, form, (field_name, mine))
    assert answer.status_code == 404
    assert "Rien n’a été enregistré." in page_of(answer) and mine in page_of(answer)


def test_what_was_typed_is_shown_when_the_resident_was_merged_into_another(two: Two) -> None:
    edited, rows = EDITS["resident"], two.world.rows
    form = two.open(edited, 0)
    keep = make_resident(two.world.commune, first_name="Zébulonne", last_name="Quatrevingt")
    by = Actor.agent(two.agents[1])
    merge_residents(keep=keep, duplicate=rows["resident"], by=by, now=TUESDAY)
    answer = two.send(edited, 0, form, ("postal_address", "1 rue du Bac"))
    assert answer.status_code == 404
    assert "1 rue du Bac" in page_of(answer)
    assert f'href="{reverse("resident", args=[keep.pk])}"' in page_of(answer)


PHONE, OTHER = "06 39 98 00 11", "06 39 98 00 22"


def numbers(two: Two) -> list[str]:
    return sorted(two.world.rows["resident"].phones.values_list("number", flat=True))


def test_one_desk_adds_a_phone_while_another_corrects_one(two: Two) -> None:
    edited = EDITS["phone"]
    form = two.open(edited, 0)
    two.send(edited, 1, two.open(edited, 1), ("phones-1-number", OTHER))
    answer = two.send(edited, 0, form, ("phones-0-number", PHONE))
    assert answer.status_code == 302
    assert numbers(two) == ["+33639980011", "+33639980022"]
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert said == ["Enregistré."]


def test_a_phone_that_two_desks_correct_differently_comes_back_and_loses_neither_number(two: Two) -> None:
    edited = EDITS["phone"]
    form = two.open(edited, 0)
    two.send(edited, 1, two.open(edited, 1), ("phones-0-number", OTHER))
    answer = two.send(edited, 0, form, ("phones-0-number", PHONE))
    again = edit_form(answer)
    assert answer.status_code == 409
    assert [again.data[f"phones-{row}-number"] for row in (0, 1)] == [[PHONE], [OTHER]]
    two.send(edited, 0, again, ("choice-phone:+33639980099", "mine"))
    assert numbers(two) == ["+33639980011", "+33639980022"]


def test_a_phone_that_two_desks_correct_alike_is_no_conflict(two: Two) -> None:
    edited = EDITS["phone"]
    form = two.open(edited, 0)
    two.send(edited, 1, two.open(edited, 1), ("phones-0-number", PHONE))
    assert two.send(edited, 0, form, ("phones-0-number", PHONE)).status_code == 302
    assert numbers(two) == ["+33639980011"]


def test_a_phone_that_one_desk_removes_while_another_says_when_to_call_is_asked_about(two: Two) -> None:
    edited = EDITS["phone"]
    form = two.open(edited, 0)
    two.send(edited, 1, two.open(edited, 1), ("phones-0-call_from", "14:00"))
    answer = two.send(edited, 0, form, ("phones-0-number", ""))
    assert answer.status_code == 409
    assert "Pas avant 14:00" in page_of(answer)
    two.send(edited, 0, edit_form(answer), ("choice-phone:+33639980099", "theirs"))
    assert numbers(two) == ["+33639980099"]
    assert two.world.rows["resident"].phones.get().call_from == time(14)


def test_skills_that_two_managers_add_and_remove_are_merged(two: Two) -> None:
    world, edited = two.world, EDITS["account"]
    more = make_service(world.commune, name="Impôts")
    hidden = make_service(world.commune, name="Ancienne démarche", is_active=False)
    world.rows["membership"].skills.add(hidden)
    form = two.open(edited, 0)
    theirs = two.open(edited, 1)
    theirs.data["skills"].append(str(more.pk))
    assert two.send(edited, 1, theirs).status_code == 302
    form.data["skills"].remove(str(world.rows["service"].pk))
    assert two.send(edited, 0, form).status_code == 302
    assert set(world.rows["membership"].skills.all()) == {more, hidden}


def test_roles_that_two_managers_take_away_leave_one_at_least(two: Two) -> None:
    """Each leaves one role; both together would leave none."""
    edited = EDITS["account"]
    Membership.objects.filter(pk=two.world.rows["membership"].pk).update(is_desk=True)
    form, theirs = two.open(edited, 0), two.open(edited, 1)
    del theirs.data["is_desk"], form.data["is_helper"]
    assert two.send(edited, 1, theirs).status_code == 302
    answer = two.send(edited, 0, form)
    assert answer.status_code == 422
    assert "au moins un rôle" in page_of(answer)
    again = edit_form(answer)
    assert not {"is_desk", "is_helper"} & again.data.keys(), "no box is ticked that the error speaks of"
    assert two.send(edited, 0, again, ("is_manager", "on")).status_code == 302


def test_what_is_refused_only_together_with_what_others_have_saved_is_shown_with_it(two: Two) -> None:
    """From nine to ten is in order, but the shift begins at half past ten by now."""
    edited = EDITS["shift"]
    form = two.open(edited, 0)
    two.send(edited, 1, two.open(edited, 1), ("starts", "10:30"))
    answer = two.send(edited, 0, form, ("ends", "10:00"))
    assert answer.status_code == 422
    assert "La fin de la présence doit venir après son début." in page_of(answer)
    assert "Un collègue a aussi changé entre-temps, et c’est gardé : De" in page_of(answer)
    again = edit_form(answer)
    assert (again.data["starts"], again.data["ends"]) == (["10:30"], ["10:00"])
    assert two.send(edited, 0, again, ("starts", "09:00")).status_code == 302
    assert two.shown(edited, "starts") == ["09:00"]


def test_a_seventh_phone_of_two_desks_is_refused_with_all_that_were_added(two: Two) -> None:
    edited = EDITS["phone"]
    form, theirs = two.open(edited, 0), two.open(edited, 1)
    rows = [(f"phones-{row}-number", f"06 39 98 01 0{row}") for row in range(1, 5)]
    assert two.send(edited, 1, theirs, *rows, ("phones-TOTAL_FORMS", "5")).status_code == 302
    more = [(f"phones-{row}-number", f"06 39 98 02 0{row}") for row in range(1, 4)]
    answer = two.send(edited, 0, form, *more, ("phones-TOTAL_FORMS", "4"))
    assert answer.status_code == 422
    shown = [value for name, (value, *_) in edit_form(answer).data.items() if name.endswith("-number")]
    assert len([value for value in shown if value]) == 8


def test_the_hours_of_a_week_that_others_have_written_as_text_come_back_as_text(two: Two) -> None:
    week, hours = EDITS["week"], EDITS["hours"]
    form = two.open(week, 0)
    two.send(hours, 1, two.open(hours, 1), ("opening_hours", "Mo 09:00-12:00; easter off"))
    answer = two.send(week, 0, form, ("until_2_1", "19:00"))
    assert answer.status_code == 409
    page = page_of(answer)
    assert "Sophie a enregistré" in page
    assert "easter off" in page
    assert "14:00-19:00" in page
    site = two.world.rows["site"]
    site.refresh_from_db()
    assert site.opening_hours == "Mo 09:00-12:00; easter off"


def test_whoever_takes_the_others_value_and_then_types_a_third_gets_the_third(two: Two) -> None:
    edited = EDITS["screen"]
    form = two.open(edited, 0)
    two.send(edited, 1, two.open(edited, 1), ("name", "Tablette"))
    again = edit_form(two.send(edited, 0, form, ("name", "Écran du fond")))
    two.send(edited, 0, again, ("choice-name", "theirs"), ("name", "Écran de l’entrée"))
    assert two.shown(edited, "name") == ["Écran de l’entrée"]


def test_a_third_agent_who_saves_during_the_choice_is_not_overwritten_either(two: Two) -> None:
    edited = EDITS["screen"]
    form = two.open(edited, 0)
    two.send(edited, 1, two.open(edited, 1), ("name", "Tablette"))
    again = edit_form(two.send(edited, 0, form, ("name", "Écran du fond")))
    two.send(edited, 1, two.open(edited, 1), ("name", "Tablette bleue"))
    answer = two.send(edited, 0, again, ("choice-name", "mine"))
    assert answer.status_code == 409 and "Tablette bleue" in page_of(answer)
    assert two.shown(edited, "name") == ["Tablette bleue"]


def test_what_others_changed_is_filled_in_beside_what_is_asked_and_named_when_saved(two: Two) -> None:
    edited = EDITS["screen"]
    form = two.open(edited, 0)
    two.send(edited, 1, two.open(edited, 1), ("name", "Tablette"), ("theme", "dark"))
    again = edit_form(two.send(edited, 0, form, ("name", "Écran du fond")))
    assert again.data["theme"] == ["dark"]
    form = two.open(edited, 0)
    two.send(edited, 1, two.open(edited, 1), ("theme", "light"))
    answer = two.send(edited, 0, form, ("name", "Écran du fond"))
    (said,) = [str(message) for message in get_messages(answer.wsgi_request)]
    assert "Un collègue a aussi changé entre-temps" in said
    assert two.shown(edited, "theme") == ["light"]


def test_a_shift_that_was_changed_is_not_removed_unseen(two: Two) -> None:
    edited, shift = EDITS["shift"], two.world.rows["shift"]
    address = reverse("shift-delete", args=[shift.pk])
    page = two.clients[0].get(two.page(edited))
    two.send(edited, 1, two.open(edited, 1), ("ends", "11:00"))
    two.clients[0].post(address, edit_form(page, address).sent)
    assert Shift.objects.exists()
    page = two.clients[0].get(two.page(edited))
    two.clients[0].post(address, edit_form(page, address).sent)
    assert not Shift.objects.exists()


def test_a_shift_that_was_moved_is_not_dragged_from_where_it_was(two: Two) -> None:
    shift = two.world.rows["shift"]
    drag = {"agent": shift.agent_id, "was_agent": shift.agent_id, "was_on": "2026-11-24"}
    address = reverse("shift-move", args=[shift.pk])
    two.clients[1].post(address, {**drag, "on": "2026-11-25"})
    two.clients[0].post(address, {**drag, "on": "2026-11-27"})
    shift.refresh_from_db()
    assert shift.starts_at == at(9, day=25)


def test_undo_does_not_take_back_what_another_manager_has_changed_since(two: Two) -> None:
    edited, shift = EDITS["shift"], two.world.rows["shift"]
    two.send(edited, 0, two.open(edited, 0), ("ends", "11:00"))
    two.send(edited, 1, two.open(edited, 1), ("starts", "08:30"))
    two.clients[0].post(reverse("team-undo"))
    shift.refresh_from_db()
    assert (shift.starts_at, shift.ends_at) == (at(8, 30), at(11))


def test_the_own_text_that_was_changed_is_not_reset_unseen(two: Two) -> None:
    edited = EDITS["text"]
    field_name, theirs, mine = edited.both
    two.send(edited, 0, two.open(edited, 0), (field_name, mine))
    address = reverse("message-text-reset", args=PAGES["message-text"].args)
    page = two.clients[0].get(two.page(edited))
    two.send(edited, 1, two.open(edited, 1), (field_name, theirs))
    two.clients[0].post(address, edit_form(page, address).sent)
    assert two.shown(edited, field_name) == [theirs]


def test_who_edited_is_known_for_some_days_and_never_which_number(two: Two, set_clock: SetClock) -> None:
    edited = EDITS["phone"]
    two.send(edited, 0, two.open(edited, 0), ("phones-0-number", PHONE))
    trace = EditTrace.objects.get()
    assert (trace.by, trace.at, trace.names) == (two.agents[0], TUESDAY, ["phone"])
    set_clock(TUESDAY + TRACED_FOR - timedelta(minutes=1))
    forget_edit_traces.func()
    assert EditTrace.objects.exists()
    set_clock(TUESDAY + TRACED_FOR)
    forget_edit_traces.func()
    assert not EditTrace.objects.exists()
