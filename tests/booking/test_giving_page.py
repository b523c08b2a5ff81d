"""« Ce n'est pas la bonne personne », on the page of an appointment."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import AskedBy, EventKind, Reason, Status
from booking.errors import StatusRefused
from booking.forms.desk import slot_value
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service, Site
from tests.booking.test_placing import written
from tests.edits import started
from tests.factories import TUESDAY, at, make_appointment, make_commune, make_resident

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def abdelkader(commune: Commune) -> Resident:
    return make_resident(commune, "+33639982054", first_name="Abdelkader", last_name="Mansouri")


@pytest.fixture
def zoe(commune: Commune) -> Resident:
    return make_resident(commune, "+33639984107", first_name="Zoé", last_name="Inconnue")


@pytest.fixture
def booked(cabin: Cabin, service: Service, abdelkader: Resident) -> Appointment:
    return make_appointment(cabin, service, at(14), resident=abdelkader)


def address(name: str, booked: Appointment) -> str:
    return reverse(f"appointment-give{name}", args=[booked.pk])


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_page_of_an_appointment_leads_to_the_right_person(
    desk: Client, booked: Appointment, abdelkader: Resident, zoe: Resident
) -> None:
    assert address("", booked) in text(desk.get(reverse("appointment", args=[booked.pk])))
    found = desk.post(address("-search", booked), {"q": "06 39 98 41 07"})
    assert found["Location"] == f"{address('', booked)}?resident={zoe.pk}"
    page = text(desk.get(found["Location"]))
    assert "Donner à Zoé Inconnue le rendez-vous prévu pour Abdelkader Mansouri" in page
    assert f'hx-post="{address("-to", booked)}" hx-headers' in page

    number = booked.number
    pressed = {"resident": zoe.pk, "instead_of": abdelkader.pk}
    shown = text(desk.post(address("-to", booked), pressed, follow=True))
    booked.refresh_from_db()
    assert booked.resident == zoe
    assert booked.number != number
    assert f"{booked.number[:3]} {booked.number[3:]}" in shown
    assert "au lieu de </span>Abdelkader Mansouri</s>" in shown and "<strong>Zoé Inconnue</strong>" in shown
    assert booked.events.get().kind == EventKind.GIVEN


def test_somebody_new_is_written_down_and_whoever_is_alike_shown_first(
    desk: Client, booked: Appointment, commune: Commune
) -> None:
    searched = text(desk.post(address("-search", booked), {"q": "zoé inconnue"}))
    assert 'value="Zoé"' in searched
    assert desk.post(address("-new", booked), written("", "Inconnue")).status_code == 422
    known = make_resident(commune, "+33639984455", first_name="Awa", last_name="Sarr")
    alike = desk.post(address("-new", booked), written("Zoé", "Inconnue", "06 39 98 44 55"))
    assert alike.status_code == 409
    assert f"resident={known.pk}" in text(alike)
    new = desk.post(address("-search", booked), {"q": "", **written("Zoé", "Inconnue")})
    zoe = Resident.objects.get(first_name="Zoé")
    assert new["Location"].endswith(f"?resident={zoe.pk}")
    booked.refresh_from_db()
    assert booked.resident != zoe, "nothing is given before the messages were shown"


def test_who_has_it_is_not_among_those_to_choose(
    desk: Client, booked: Appointment, abdelkader: Resident
) -> None:
    page = text(desk.post(address("-search", booked), {"q": "06 39 98 20 54"}))
    assert f"resident={abdelkader.pk}" not in page
    page = text(desk.get(address("", booked), {"resident": abdelkader.pk}))
    assert 'id="give-button"' not in page


@pytest.mark.parametrize(
    "state", [{"status": Status.ARRIVED}, {"status": Status.CANCELLED}, {"starts_at": at(9, 30)}]
)
def test_what_has_begun_or_ended_is_refused_with_the_reason(
    desk: Client, booked: Appointment, abdelkader: Resident, zoe: Resident, state: dict[str, Any]
) -> None:
    Appointment.objects.filter(pk=booked.pk).update(**state)
    shown = desk.get(reverse("appointment", args=[booked.pk]))
    assert address("", booked) not in text(shown)
    assert "donné à quelqu’un d’autre" in text(desk.get(address("", booked), follow=True)) or (
        "peut être donné" in text(desk.get(address("", booked), follow=True))
    )
    desk.post(address("-to", booked), {"resident": zoe.pk, "instead_of": abdelkader.pk})
    booked.refresh_from_db()
    assert booked.resident == abdelkader


def test_whoever_was_faster_is_not_overruled(
    desk: Client, booked: Appointment, zoe: Resident, commune: Commune
) -> None:
    georges = make_resident(commune, first_name="Georges", last_name="Petit")
    pressed = {"resident": georges.pk, "instead_of": zoe.pk}
    assert "plus rapide" in text(desk.post(address("-to", booked), pressed, follow=True))
    booked.refresh_from_db()
    assert booked.resident != georges


def test_only_people_of_the_commune_and_only_for_those_who_may(
    desk: Client, booked: Appointment, abdelkader: Resident, bob: Agent, charlie: Agent, zoe: Resident
) -> None:
    stranger = make_resident(make_commune(name="Rouen"))
    for odd in (stranger.pk, "x", ""):
        pressed = {"resident": odd, "instead_of": abdelkader.pk}
        assert desk.post(address("-to", booked), pressed).status_code == 404
    assert desk.get(address("", booked), {"resident": stranger.pk}).status_code == 404
    pressed = {"resident": zoe.pk, "instead_of": abdelkader.pk}
    for nobody in (bob, charlie):
        desk.force_login(nobody)
        assert desk.get(address("", booked)).status_code == 404
        assert desk.post(address("-to", booked), pressed).status_code == 404
    Appointment.objects.filter(pk=booked.pk).update(helper=bob)
    desk.force_login(bob)
    assert desk.post(address("-to", booked), pressed).status_code == 302
    booked.refresh_from_db()
    assert booked.resident == zoe


def ask_live(desk: Client, booked: Appointment, typed: str, **written_down: Any) -> Any:
    """What the page asks for with each letter."""
    asked = {"q": typed, **written_down}
    return desk.post(address("-search", booked), asked, headers={"HX-Request": "true"})


def test_who_is_found_shows_while_it_is_typed_and_somebody_new_stays_folded(
    desk: Client, booked: Appointment, zoe: Resident
) -> None:
    shown = text(ask_live(desk, booked, "inconnu"))
    assert shown.strip().startswith('<div id="found">')
    assert f'href="{address("", booked)}?resident={zoe.pk}"' in shown
    assert '<details class="new" id="new">' in shown
    assert "autofocus" not in shown  # it would take the focus from the field
    whole = text(desk.post(address("-search", booked), {"q": "inconnu"}))
    assert '<details class="new" id="new">' in whole
    assert f'<button class="soft" formaction="{address("-new", booked)}"' in whole
    unknown = text(ask_live(desk, booked, "quatrebarbes"))
    assert '<details class="new" id="new" open>' in unknown


def test_a_last_name_that_is_known_is_not_put_into_the_field_of_the_first_name(
    desk: Client, booked: Appointment, zoe: Resident
) -> None:
    found = text(ask_live(desk, booked, "inconnue"))
    assert 'name="last_name" value="Inconnue"' in found
    assert 'name="first_name" value=' not in found


def test_a_number_typed_to_its_end_leads_on_without_a_press(
    desk: Client, booked: Appointment, zoe: Resident
) -> None:
    answer = ask_live(desk, booked, "06 39 98 41 07")
    assert answer["HX-Redirect"] == f"{address('', booked)}?resident={zoe.pk}"


def test_somebody_new_who_is_being_written_down_stays_open_while_it_is_searched(
    desk: Client, booked: Appointment, zoe: Resident
) -> None:
    shown = text(ask_live(desk, booked, "inconnue", first_name="Awa", last_name="Sarr", prefilled="||"))
    assert 'value="Awa"' in shown
    assert '<details class="new" id="new" open>' in shown


def test_emptying_the_search_records_nobody(desk: Client, booked: Appointment) -> None:
    known = Resident.objects.count()
    shown = ask_live(desk, booked, "", **written("Awa", "Sarr", "06 39 98 44 55"))
    assert shown.status_code == 200
    assert 'value="Awa"' in text(shown)
    assert Resident.objects.count() == known


def test_the_page_begins_with_the_search(desk: Client, booked: Appointment) -> None:
    page = text(desk.get(address("", booked)))
    assert re.search(r'<input type="search" name="q"[^>]* autofocus', page)


# ---- pages that were drawn before ----------------------------------------------------------------------

WHY = {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RESIDENT}
FASTER = "Quelqu’un d’autre a été plus rapide"


def drawn_form(page: str, address: str) -> dict[str, str]:
    """What the form that posts there sends, besides the token."""
    form = page.split(f'action="{address}"')[1].split("</form>", maxsplit=1)[0]
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def given(booked: Appointment, to: Resident) -> None:
    row = Appointment.objects.get(pk=booked.pk)
    actions.give_to(appointment=row, resident=to, by=Actor.system(), now=TUESDAY)


@pytest.mark.parametrize(
    ("page", "button"),
    [
        ("step", "appointment-cancel"),
        ("appointment", "appointment-check-in"),
        ("appointment", "appointment-confirm"),
        ("today-list", "appointment-check-in"),
    ],
)
def test_a_button_drawn_for_the_first_one_changes_nothing_of_the_other_s(
    desk: Client, booked: Appointment, abdelkader: Resident, zoe: Resident, page: str, button: str
) -> None:
    shown = {
        "appointment": reverse("appointment", args=[booked.pk]),
        "step": reverse("appointment-cancel", args=[booked.pk]),
        "desk": f"{reverse('desk')}?resident={abdelkader.pk}",
    }.get(page) or reverse(page)
    html = desk.get(shown).content.decode()
    where = reverse(button, args=[booked.pk])
    given(booked, zoe)
    answer = desk.post(where, drawn_form(html, where) | WHY, follow=True)

    booked.refresh_from_db()
    assert (booked.status, booked.confirmed_at) == (Status.BOOKED, None)
    assert FASTER in html_unescaped(answer)


def html_unescaped(response: Any) -> str:
    return unescape(response.content.decode())


def test_a_button_drawn_before_a_move_does_not_cancel_the_new_time(
    desk: Client, booked: Appointment, site: Site
) -> None:
    where = reverse("appointment-cancel", args=[booked.pk])
    html = desk.get(where).content.decode()
    row = Appointment.objects.get(pk=booked.pk)
    actions.reschedule(appointment=row, site=site, start=at(16), by=Actor.system(), now=TUESDAY)
    desk.post(where, drawn_form(html, where) | WHY)
    booked.refresh_from_db()
    assert booked.status == Status.BOOKED

    html = desk.get(where).content.decode()
    desk.post(where, drawn_form(html, where) | WHY)
    booked.refresh_from_db()
    assert booked.status == Status.CANCELLING


def test_a_button_drawn_before_two_records_were_merged_still_works(
    desk: Client, booked: Appointment, abdelkader: Resident, zoe: Resident
) -> None:
    where = reverse("appointment-cancel", args=[booked.pk])
    html = desk.get(where).content.decode()
    actions.merge_residents(keep=zoe, duplicate=abdelkader, by=Actor.system(), now=TUESDAY)
    desk.post(where, drawn_form(html, where) | WHY)
    booked.refresh_from_db()
    assert booked.status == Status.CANCELLING


def test_a_move_begun_for_the_first_one_does_not_move_the_other_s(
    desk: Client, booked: Appointment, zoe: Resident, site: Site
) -> None:
    shown = booked.shown
    given(booked, zoe)
    asked, where = (
        {"slot": slot_value(site.pk, at(16)), "helper": "0"},
        reverse("desk-move", args=[booked.pk]),
    )
    answer = desk.post(where, {**asked, "shown": shown})
    booked.refresh_from_db()
    assert (answer.status_code, booked.starts_at) == (409, at(14))

    desk.post(where, {**asked, "shown": booked.shown})
    booked.refresh_from_db()
    assert booked.starts_at == at(16)


def test_a_helper_s_note_for_the_first_one_is_not_kept_for_the_other(
    client: Client, bob: Agent, booked: Appointment, zoe: Resident
) -> None:
    Appointment.objects.filter(pk=booked.pk).update(helper=bob, with_helper=True)
    client.force_login(bob)
    where, note = (
        reverse("my-day-note", args=[booked.pk]),
        {"note": "Apporter l'avis d'impôt", **started(note="")},
    )
    shown = booked.shown
    given(booked, zoe)
    client.post(where, {**note, "shown": shown})
    booked.refresh_from_db()
    assert booked.note == ""

    client.post(where, {**note, "shown": booked.shown})
    booked.refresh_from_db()
    assert booked.note == note["note"]


@pytest.mark.parametrize("junk", ["", "/", "x/y", "²/1", "9" * 40, "/".join("1" * 9)])
def test_nonsense_of_a_form_is_refused(desk: Client, booked: Appointment, junk: str) -> None:
    desk.post(reverse("appointment-cancel", args=[booked.pk]), {"shown": junk, **WHY})
    booked.refresh_from_db()
    assert booked.status == Status.BOOKED


def test_who_reads_before_the_gift_and_writes_after_it_is_refused(booked: Appointment, zoe: Resident) -> None:
    """The same between two transactions: whoever took the appointment for another's must look again."""
    seen = Appointment.objects.get(pk=booked.pk)
    given(booked, zoe)
    with pytest.raises(StatusRefused):
        actions.cancel(appointment=seen, by=Actor.system(), now=TUESDAY)
