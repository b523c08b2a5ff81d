"""Nothing that is typed is cut: no field of a page has a `maxlength`, which browsers apply in silence."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment
from communes.models import Cabin, Service, Site
from tests.booking.test_desk_who import desk, held, page_of
from tests.factories import at, make_appointment, make_resident, make_shift

__all__ = ["desk", "held"]

LONG = "numéro fiscal, avis d’impôt, RIB, " * 7  # 238 characters


def test_no_template_cuts_what_is_typed() -> None:
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    assert [str(each) for each in templates if "maxlength" in each.read_text()] == []


def test_a_form_field_tells_its_length_to_the_counter_instead() -> None:
    class NoteForm(forms.Form):
        note = forms.CharField(max_length=200)
        text = forms.CharField(max_length=500, widget=forms.Textarea)

    drawn = str(NoteForm())
    assert "maxlength" not in drawn
    assert re.findall(r'data-most="(\d+)"', drawn) == ["200", "500"]


@pytest.mark.usefixtures("tuesday")
def test_a_note_too_long_comes_back_to_the_desk_as_it_was_typed(desk: Client, held: Appointment) -> None:
    who = make_resident(held.commune)
    data = {"hold": held.pk, "resident": who.pk, "note": LONG}
    response = desk.post(reverse("desk-confirm"), data)
    page = page_of(response)
    assert response.status_code == 422
    assert f'value="{LONG.strip()}"' in page or f'value="{LONG}"' in page
    assert 'aria-describedby="note_error"' in page
    assert "200" in page.partition('id="note_error"')[2][:200]
    held.refresh_from_db()
    assert held.status == Status.HELD


@pytest.mark.usefixtures("tuesday")
def test_a_note_too_long_comes_back_to_the_helper_as_it_was_typed(
    client: Client, bob: Agent, service: Service, cabin: Cabin, site: Site
) -> None:
    make_shift(bob, site, at(9), at(17))
    who = make_resident(site.commune)
    done = make_appointment(cabin, service, at(9), helper=bob, resident=who, status=Status.DONE)
    coming = make_appointment(cabin, service, at(14), helper=bob, resident=who)
    client.force_login(bob)
    data = {"note": LONG, "after": done.pk}
    response = client.post(reverse("my-day-note", args=[coming.pk]), data)
    page = page_of(response)
    assert response.status_code == 422
    assert LONG.strip() in page
    assert f'aria-describedby="note-{coming.pk}_error"' in page
    assert f'id="note-{coming.pk}_error"' in page
    coming.refresh_from_db()
    assert coming.note == ""


@pytest.mark.usefixtures("tuesday")
def test_a_long_search_stays_as_it_was_typed(desk: Client) -> None:
    page = page_of(desk.post(reverse("desk-search"), {"q": LONG}))
    assert LONG.strip() in page
    assert "trop long pour une recherche" in page
