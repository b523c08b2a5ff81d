"""The page « Changer sans déplacer »: what it says before, what it does, for whom it opens."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from booking import actions
from booking.enums import Status
from booking.models import Appointment
from communes.enums import HelperPolicy
from core.roles import Role
from tests.booking.towns import Town, fresh, last_event
from tests.edits import edit_form, forms_of
from tests.factories import at, make_agent, make_resident, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def nadia(town: Town, client: Client) -> Client:
    client.force_login(make_agent(town.commune, Role.DESK, first_name="Nadia"))
    return client


def address(appointment: Appointment) -> str:
    return reverse("appointment-change", args=[appointment.pk])


def send(client: Client, appointment: Appointment, *, htmx: bool = False, **changes):
    form = edit_form(client.get(address(appointment)))
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(address(appointment), {**form.sent, **changes}, headers=headers)


def text(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_three_people_take_longer_and_it_says_until_when_it_is_free(town: Town, nadia: Client) -> None:
    booked = town.book(at(14))
    town.book(at(16))
    looked = send(nadia, booked, party="3", look="1")
    assert looked.status_code == 200
    assert "14:00–14:45 → 14:00–15:35. La cabine et" in text(looked)
    assert "libres jusqu’à 16 h ✓" in text(looked)
    assert "Enregistrer 2 changements" in text(looked)
    assert fresh(booked).party_size == 1, "nothing is changed by looking"
    answer = send(nadia, booked, party="3", asked_by="relative")
    assert answer.status_code == 302
    assert [str(each) for each in get_messages(answer.wsgi_request)] == ["Les changements sont enregistrés."]
    assert (fresh(booked).party_size, fresh(booked).ends_at) == (3, at(15, 35))
    assert last_event(booked).asked_by == "relative"


def test_a_look_with_htmx_draws_the_choices_and_the_effect_alone(town: Town, nadia: Client) -> None:
    booked = town.book(at(14))
    looked = send(nadia, booked, htmx=True, look="1", party="2")
    assert "<html" not in looked.content.decode()
    assert 'id="details-fields"' in looked.content.decode() and "70 min" in text(looked)


def test_what_does_not_fit_offers_to_move_it_with_these_choices(town: Town, nadia: Client) -> None:
    booked = town.book(at(14), helper=town.bob)
    town.book(at(15))
    answer = send(nadia, booked, party="3")
    assert answer.status_code == 409 and fresh(booked).party_size == 1
    page = answer.content.decode()
    links = re.findall(r'href="(/rendez-vous/\?move=[^"]+as_party[^"]+)"', page)
    asked = [parse_qs(urlsplit(link.replace("&amp;", "&")).query) for link in links]
    assert len(asked) > 1
    for each in asked:
        assert (each["as_party"], each["as_length"], each["helper"]) == (["3"], ["95"], [f"c{town.bob.pk}"])
    assert asked[0]["slot"] == [f"{town.site.pk}@2026-11-24T09:00Z"]
    opened = nadia.get(links[0].replace("&amp;", "&"))
    assert "3 personnes" in text(opened)
    address_of_move = reverse("desk-move", args=[booked.pk])
    (form,) = (each for each in forms_of(opened) if each.action == address_of_move)
    moved = nadia.post(address_of_move, {**form.sent, "asked_by": "mairie"})
    assert moved.status_code == 302
    after = fresh(booked)
    assert last_event(booked).asked_by == "mairie"
    assert (after.starts_at, after.ends_at, after.party_size) == (at(10), at(11, 35), 3)


def test_the_helpers_that_can_be_chosen_follow_the_service(town: Town, nadia: Client) -> None:
    alone = make_service(town.commune, name="Impression", helper_policy=HelperPolicy.NONE)
    booked = town.book(at(14))
    looked = send(nadia, booked, htmx=True, look="1", service=str(alone.pk))
    assert "sans aidant" in text(looked) and town.bob.short_name not in text(looked).split("Avec")[1][:60]
    answer = send(nadia, booked, service=str(alone.pk))
    assert answer.status_code == 302
    assert (fresh(booked).service, fresh(booked).helper) == (alone, None)


def test_a_helper_who_cannot_help_with_it_is_refused_at_the_field(town: Town, nadia: Client) -> None:
    other = make_service(town.commune)
    town.add_helper(other)
    booked = town.book(at(14), helper=town.bob)
    answer = send(nadia, booked, service=str(other.pk))
    assert answer.status_code == 422
    assert "id_helper_error" in answer.content.decode()


@pytest.mark.parametrize("status", [Status.DONE, Status.CANCELLED, Status.IN_SESSION])
def test_what_is_not_to_come_leads_back(town: Town, nadia: Client, status: Status) -> None:
    given = town.given(at(14), status=status)
    assert nadia.get(address(given)).status_code == 302
    page = nadia.get(reverse("appointment", args=[given.pk])).content.decode()
    assert address(given) not in page


def test_a_helper_changes_their_own_and_may_hand_it_on(town: Town, client: Client) -> None:
    carla = town.add_helper()
    booked, other = town.book(at(14), helper=town.bob), town.book(at(16), helper=carla)
    client.force_login(town.bob)
    assert client.get(address(other)).status_code == 404
    answer = send(client, booked, helper=f"c{carla.pk}")
    assert (answer.status_code, answer["Location"]) == (302, reverse("my-day"))
    assert fresh(booked).helper == carla


def test_a_page_shown_before_the_appointment_was_moved_changes_nothing_and_keeps_what_is_typed(
    town: Town, nadia: Client
) -> None:
    booked = town.book(at(14), resident=make_resident(town.commune))
    form = edit_form(nadia.get(address(booked)))
    Appointment.objects.filter(pk=booked.pk).update(
        starts_at=at(15), ends_at=at(15, 45), blocked_until=at(15, 55)
    )
    answer = nadia.post(address(booked), {**form.sent, "note": "avis d’impôt"})
    assert (answer.status_code, fresh(booked).note) == (409, "")
    assert "15:00" in text(answer)
    again = edit_form(answer)
    assert again.sent["note"] == ["avis d’impôt"]
    assert nadia.post(address(booked), again.sent).status_code == 302
    assert fresh(booked).note == "avis d’impôt"


def test_a_page_shown_before_the_appointment_was_cancelled_leads_to_its_page(
    town: Town, nadia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is cancelled between the look and the change."""
    booked = town.book(at(14), resident=make_resident(town.commune))
    form = edit_form(nadia.get(address(booked)))
    alter = actions.alter

    def too_late(**how):
        Appointment.objects.filter(pk=booked.pk).update(status=Status.CANCELLED)
        return alter(**how)

    monkeypatch.setattr(actions, "alter", too_late)
    answer = nadia.post(address(booked), {**form.sent, "note": "x"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("appointment", args=[booked.pk]))
    assert fresh(booked).note == ""


def test_what_the_page_shows_costs_the_same_whatever_there_is(
    town: Town, nadia: Client, django_assert_max_num_queries
) -> None:
    booked = town.book(at(14))
    for _ in range(8):
        town.add_helper()
        town.add_cabin()
    form = edit_form(nadia.get(address(booked)))
    with django_assert_max_num_queries(22):
        nadia.post(address(booked), {**form.sent, "party": "3", "look": "1"})
