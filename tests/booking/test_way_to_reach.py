"""« Joindre par SMS » is offered to whoever has a mobile."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.enums import ReachBy
from booking.models import Resident
from communes.models import Commune
from tests.factories import make_resident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

MOBILE, LANDLINE = "+33639981234", "+33261910042"


def person(commune: Commune, *numbers: str, **fields: str) -> Resident:
    resident = make_resident(commune, **fields)
    for number in numbers:
        resident.phones.create(number=number, is_mobile=number == MOBILE)
    return resident


@pytest.mark.parametrize(
    ("numbers", "email", "way"),
    [
        ([MOBILE], "", ReachBy.SMS),
        ([LANDLINE, MOBILE], "", ReachBy.SMS),
        ([LANDLINE], "", ReachBy.VOICE),
        ([LANDLINE], "zoe@example.org", ReachBy.EMAIL),
        ([], "", None),
    ],
)
def test_the_desk_is_told_the_way_that_reaches(
    client: Client, alice: Agent, commune: Commune, numbers: list[str], email: str, way: ReachBy | None
) -> None:
    resident = person(commune, *numbers, email=email)
    client.force_login(alice)

    card = client.get(reverse("desk"), {"resident": resident.pk}).context["desk"].person

    assert card.reach_by == (str(way.label) if way else "")


@pytest.mark.parametrize(("number", "offered"), [(MOBILE, True), (LANDLINE, False)])
def test_a_text_message_is_offered_only_where_there_is_a_mobile(
    client: Client, alice: Agent, commune: Commune, number: str, offered: bool
) -> None:
    resident = person(commune, number)
    client.force_login(alice)

    form = client.get(reverse("resident", args=[resident.pk])).context["form"]

    assert (ReachBy.SMS in [value for value, _ in form.fields["reach_by"].choices]) == offered
    assert form["reach_by"].value() == (ReachBy.SMS if offered else ReachBy.VOICE)


@pytest.mark.parametrize(("typed", "offered"), [("06 39 98 41 07", True), ("02 61 91 00 42", False)])
def test_somebody_new_who_calls_from_a_landline_is_not_offered_text_messages(
    client: Client, alice: Agent, typed: str, offered: bool
) -> None:
    client.force_login(alice)

    form = client.post(reverse("desk-search"), {"q": typed}).context["new"]

    assert (ReachBy.SMS in [value for value, _ in form.fields["reach_by"].choices]) == offered
