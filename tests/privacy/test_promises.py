"""What the notice for residents promises, where no other test shows it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from booking.actions import cancel, edit_resident, reschedule
from booking.enums import AccessNeed, Reason
from booking.forms.residents import PhoneForm, ResidentForm
from booking.log import Actor
from booking.models import Resident
from communes.models import Cabin, Commune
from core.edits import Edit, plain_values
from core.roles import Role
from notifications.enums import Channel
from notifications.models import Message
from notifications.texts import EDITABLE, offered_placeholders
from privacy.register import REGISTER
from tests.factories import TUESDAY, at, make_agent, make_resident, make_service
from tests.notifications.conftest import book_for, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

PURPOSE = "Zkjwdemande"
ABOUT_RESIDENTS = [table for table in REGISTER if table.resident]


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
@pytest.mark.parametrize("number", ["+33639981234", "+33261910042"])
def test_no_message_says_what_the_visit_is_for(
    commune: Commune, cabin: Cabin, settings: Any, number: str, language: str
) -> None:
    settings.DEBUG = True  # the simulator sends by all channels
    service = make_service(commune, name=PURPOSE, what_to_bring=f"{PURPOSE} papiers")
    resident = make_resident(commune, number, languages=[language])
    by = Actor.agent(make_agent(commune, Role.DESK))
    appointment = book_for(resident, cabin, service, note=f"{PURPOSE} note")
    run()
    reschedule(appointment=appointment, site=cabin.site, start=at(15, day=27), by=by, now=TUESDAY)
    run(TUESDAY + timedelta(minutes=1))
    appointment.refresh_from_db()
    cancel(appointment=appointment, reason=Reason.SITE_CLOSED, by=by, now=TUESDAY + timedelta(minutes=2))
    run(TUESDAY + timedelta(minutes=20))
    written = list(Message.objects.exclude(channel=Channel.DESK))
    assert len({message.kind for message in written}) > 1
    assert [message.text for message in written if PURPOSE in message.text] == []


def test_a_wording_of_the_mairie_cannot_name_the_person_or_the_service() -> None:
    offered = {name for kind in EDITABLE for name in offered_placeholders(kind)}
    assert offered == {"mairie", "day", "time", "place", "number", "phone", "reply", "until"}


def test_nothing_asks_for_a_file_number_or_a_document() -> None:
    asked = {*ResidentForm.base_fields, *PhoneForm.base_fields}
    assert asked == {
        "first_name", "last_name", "email", "postal_address", "birth_year", "languages", "needs", "reach_by",
        "number_on_screen", "contact_name", "contact_relation", "contact_phone", "contact_is_told",
        "number", "which", "was", "sure", "owner", "owner_detail", "may_call", "call_from", "call_until",
    }  # fmt: skip


def test_no_column_holds_a_file_or_what_was_looked_at() -> None:
    files = [
        f"{table.name}.{field.name}"
        for table in ABOUT_RESIDENTS
        for field in apps.get_model(table.name)._meta.concrete_fields
        if isinstance(field, models.FileField | models.BinaryField)
    ]
    assert files == []
    looked_at = re.compile(r"url|browser|history|scan|document|file|picture|image")
    named = [
        f"{table.name}.{column}"
        for table in ABOUT_RESIDENTS
        for column in table.resident.split()
        if looked_at.search(column)
    ]
    assert named == []


def test_what_helps_the_visit_is_taken_out_at_any_time(commune: Commune) -> None:
    resident = make_resident(commune, needs=[AccessNeed.WHEELCHAIR])
    by = make_agent(commune, Role.DESK)
    edit = Edit(plain_values({"needs": resident.needs}), by, TUESDAY)
    edit_resident(resident=resident, wanted={"needs": []}, edit=edit)
    assert Resident.objects.get(pk=resident.pk).needs == []
