"""« Tout ce qui est gardé »: the page of it, its file, and the note that the person has received it."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from privacy.enums import CameBy, RequestState, Right
from privacy.models import RightsRequest
from tests.factories import TUESDAY
from tests.notifications.test_pages import words
from tests.privacy.everything import Everything
from tests.privacy.marks import rows_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

IN_THE_FILE_ALONE = ("body",)
"""Keyed hashes and the like, which nobody can read."""


@pytest.fixture
def here() -> Everything:
    return Everything()


@pytest.fixture
def desk(client: Client, here: Everything) -> Client:
    client.force_login(here.desk)
    return client


def page(client: Client, here: Everything) -> str:
    return words(client.get(reverse("resident-held", args=[here.resident.pk])))


def given(client: Client, here: Everything, **fields: Any) -> Any:
    return client.post(reverse("resident-held-given", args=[here.resident.pk]), {"came_by": "desk", **fields})


def test_the_page_has_every_word_that_is_kept(desk: Client, here: Everything) -> None:
    shown = page(desk, here).lower().replace("\N{NO-BREAK SPACE}", " ")
    stored = {word for _model, _pk, word in rows_with(here.marks) if not word.startswith("+")}
    readable = {word for word in stored if not word.rstrip("q").endswith(IN_THE_FILE_ALONE)}
    assert {word for word in readable if word not in shown} == set()
    for phone in here.resident.phones.all():
        assert f"0{phone.number[3]} {phone.number[4:6]} {phone.number[6:8]}" in shown


def test_the_page_has_nothing_of_anybody_else(desk: Client, here: Everything) -> None:
    shown = page(desk, here).lower()
    assert [word for word in here.others if word.lower() in shown] == []
    assert "quelqu’un d’autre" in shown, "it says that there was somebody"


def test_opening_the_page_writes_no_request(desk: Client, here: Everything) -> None:
    before = list(RightsRequest.objects.values())
    page(desk, here)
    desk.get(reverse("resident-held-file", args=[here.resident.pk]))
    assert list(RightsRequest.objects.values()) == before


def test_the_file_is_read_by_programs(desk: Client, here: Everything) -> None:
    response = desk.get(reverse("resident-held-file", args=[here.resident.pk]))
    assert response["Content-Type"] == "application/json"
    assert here.resident.last_name not in response["Content-Disposition"]
    file = json.loads(response.content)
    assert file["data"]["record"]["rows"][0]["first_name"] == here.resident.first_name


def test_noting_it_closes_the_oldest_open_request(desk: Client, here: Everything) -> None:
    waiting = RightsRequest.objects.get(right=Right.ACCESS, state=RequestState.OPEN)
    response = given(desk, here)
    assert response["Location"] == reverse("resident", args=[here.resident.pk])
    waiting.refresh_from_db()
    assert waiting.state == RequestState.DONE
    assert waiting.closed_by == here.desk
    assert waiting.closed_at == TUESDAY
    assert waiting.came_by == CameBy.LETTER, "as it came"


def test_the_proof_is_numbers_alone(desk: Client, here: Everything) -> None:
    given(desk, here)
    (proof,) = RightsRequest.objects.filter(right=Right.ACCESS).values_list("proof", flat=True)
    assert proof["shown"]["booking.Resident"] == 3
    assert all(isinstance(number, int) for number in proof["shown"].values())


def test_without_a_request_one_is_written_down_as_answered(desk: Client, here: Everything) -> None:
    RightsRequest.objects.all().delete()
    given(desk, here, came_by="email")
    (row,) = RightsRequest.objects.all()
    assert (row.state, row.came_by, row.right) == (RequestState.DONE, CameBy.EMAIL, Right.ACCESS)


def test_pressing_twice_notes_it_once(desk: Client, here: Everything) -> None:
    RightsRequest.objects.all().delete()
    given(desk, here)
    given(desk, here)
    assert RightsRequest.objects.count() == 1


def test_how_it_came_must_be_one_of_the_list(desk: Client, here: Everything) -> None:
    response = given(desk, here, came_by="pigeon")
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()


def test_a_stranger_finds_nothing(client: Client, here: Everything, charlie: Any) -> None:
    client.force_login(charlie)
    for name in ("resident-held", "resident-held-file"):
        assert client.get(reverse(name, args=[here.resident.pk])).status_code == 404
    assert given(client, here).status_code == 404
