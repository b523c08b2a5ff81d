"""The resident about whom everything is kept: a world that other tests search."""

import pytest
from django.apps import apps

from notifications.enums import InboundOutcome, State
from notifications.models import InboundMessage, Message
from privacy.register import REGISTER
from tests.privacy.everything import Everything
from tests.privacy.marks import rows_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

OF_NOBODY_HERE = {
    "privacy.ErasedResident": "written when the record goes; here it is still kept",
    "booking.UnmetRequest": "nobody is named in it, and it has no link to a person",
    "notifications.WebhookReceipt": "the answer to a provider's request, by its token alone",
}


def test_every_table_about_residents_has_a_row_of_theirs() -> None:
    Everything()
    about = [table.name for table in REGISTER if table.resident and table.name not in OF_NOBODY_HERE]
    assert [name for name in about if not apps.get_model(name)._meta.base_manager.exists()] == []
    assert set(Message.objects.values_list("state", flat=True)) == set(State)
    assert set(InboundMessage.objects.values_list("outcome", flat=True)) == {"", *InboundOutcome}


def test_the_marks_of_two_people_never_stand_in_one_row_but_where_they_share_something() -> None:
    here = Everything()
    mine = {(model, pk) for model, pk, _word in rows_with(here.marks)}
    theirs = {(model, pk) for model, pk, _word in rows_with(here.others)}
    shared = {model._meta.label for model, _pk in mine & theirs}
    assert shared <= {"booking.ResidentPhone"}
