"""Whoever has the name or the number already is shown before somebody new is recorded at the desk."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.enums import Status
from booking.models import Appointment, Resident
from communes.models import Commune
from tests.booking.test_desk_who import HTMX, abdelkader, desk, held, page_of, written
from tests.factories import make_resident

__all__ = ["abdelkader", "desk", "held"]

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def zoe(commune: Commune) -> Resident:
    return make_resident(
        commune, "+33639984107", first_name="Zoé", last_name="Inconnue", search_name="zoe inconnue"
    )


def ask(desk: Client, held: Appointment, **more: Any) -> str:
    data = {"hold": held.pk, "note": "RIB", "times": "1", **written(email="zoe@example.org"), **more}
    response = desk.post(reverse("desk-confirm"), data)
    assert response.status_code == 409
    return page_of(response)


@pytest.mark.parametrize(
    "changed", [{"phones-0-number": "06 39 98 44 55"}, {"first_name": "Awa"}], ids=["name", "number"]
)
def test_the_desk_asks_before_it_records_somebody_alike(
    desk: Client, held: Appointment, zoe: Resident, changed: dict[str, str]
) -> None:
    page = ask(desk, held, **changed)
    assert re.search(r'<h3 id="alike" tabindex="-1" autofocus>Déjà une fiche', page)
    assert f'name="known" value="{zoe.pk}" formaction="{reverse("desk-confirm")}"' in page
    assert "06 39 98 41 07" in page
    held.refresh_from_db()
    assert (held.status, Resident.objects.count()) == (Status.HELD, 1)


def test_nothing_that_was_typed_is_lost_by_the_question(
    desk: Client, held: Appointment, zoe: Resident
) -> None:
    page = ask(desk, held, once="the mark of this form")
    who = ["Zoé", "Inconnue", "06 39 98 41 07", "zoe@example.org"]
    typed = [*who, "RIB", str(held.pk), "the mark of this form"]
    assert [text for text in typed if f'value="{text}"' not in page] == []


@pytest.mark.parametrize("answer", ["known", "sure"])
def test_one_press_answers_and_books(desk: Client, held: Appointment, zoe: Resident, answer: str) -> None:
    data = {"hold": held.pk, "note": "RIB", **written(), answer: str(zoe.pk) if answer == "known" else "1"}
    for _ in range(2):
        response = desk.post(reverse("desk-confirm"), data)
        assert response.headers["Location"] == reverse("appointment", args=[held.pk])
    held.refresh_from_db()
    assert (held.status, held.note) == (Status.BOOKED, "RIB")
    assert (held.resident == zoe, Resident.objects.count()) == (
        (True, 1) if answer == "known" else (False, 2)
    )


def test_enter_in_a_field_does_not_answer_the_question(
    desk: Client, held: Appointment, zoe: Resident
) -> None:
    """Browsers press the first button of the form."""
    form = ask(desk, held).partition('<form id="booking"')[2].partition("</form>")[0]
    first = re.search(r"<button([^>]*)>", form)
    assert first is not None
    assert "name=" not in first.group(1)
    assert "formaction" not in first.group(1)


def test_somebody_unknown_is_no_answer(desk: Client, held: Appointment, zoe: Resident) -> None:
    for known in ("999999", "²", "x" * 90):
        assert (
            desk.post(reverse("desk-confirm"), {"hold": held.pk, **written(), "known": known}).status_code
            == 422
        )
    held.refresh_from_db()
    assert held.status == Status.HELD


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in place", "without script"])
def test_recording_alone_asks_too(
    desk: Client, held: Appointment, zoe: Resident, headers: dict[str, str]
) -> None:
    data = {"hold": held.pk, **written()}
    asked = desk.post(reverse("resident-create"), data, headers=headers)
    assert asked.status_code == 409
    page = page_of(asked)
    assert f'name="known" value="{zoe.pk}" formaction="{reverse("resident-create")}"' in page
    assert Resident.objects.count() == 1
    known = desk.post(reverse("resident-create"), {**data, "known": zoe.pk}, headers=headers)
    assert f"resident={zoe.pk}" in known.headers["Location"]
    assert f"hold={held.pk}" in known.headers["Location"]
    desk.post(reverse("resident-create"), {**data, "sure": "1"}, headers=headers)
    assert Resident.objects.count() == 2


def test_a_number_said_to_be_right_is_not_asked_about_again_after_the_question(
    desk: Client, held: Appointment, zoe: Resident
) -> None:
    unlikely = {"phones-0-number": "06 12 34 56 7", "phones-0-sure": "on"}
    page = ask(desk, held, **unlikely)
    assert re.search(r'name="phones-0-sure"[^>]*checked', page)
