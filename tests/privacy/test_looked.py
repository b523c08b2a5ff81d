"""The log of consultations: who looked at whom."""

from datetime import datetime, timedelta

import pytest

from agents.models import Agent
from booking import actions
from booking.log import Actor
from booking.models import Resident
from communes.models import Commune
from core.looked import Shown
from privacy import looked
from privacy.models import Consultation
from tests.factories import TUESDAY, make_resident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


def noted(
    commune: Commune, agent: Agent, resident: Resident, at: datetime = TUESDAY, kind: Shown = Shown.RECORD
) -> Consultation:
    return Consultation.objects.create(
        commune=commune, agent=agent, resident=resident, at=at, stretch_at=at, kind=kind
    )


def test_who_looked_at_a_person_also_before_their_records_were_merged(commune: Commune, alice: Agent):
    kept, double = make_resident(commune), make_resident(commune)
    stranger = make_resident(commune, first_name="Yann")
    first = noted(commune, alice, double, TUESDAY - timedelta(days=2))
    second = noted(commune, alice, kept, TUESDAY - timedelta(days=1))
    noted(commune, alice, stranger)
    actions.merge_residents(keep=kept, duplicate=double, by=Actor.system(), now=TUESDAY)
    assert list(looked.of_resident(kept)) == [second, first]


def test_once_a_person_is_erased_the_log_says_no_more_whom_it_was_about(commune: Commune, alice: Agent):
    gone = make_resident(commune)
    row = noted(commune, alice, gone)
    Resident.objects.filter(pk=gone.pk).delete()
    row.refresh_from_db()
    assert (row.resident_id, row.agent_id) == (None, alice.pk)


def test_the_log_outlives_an_account(commune: Commune, alice: Agent):
    row = noted(commune, alice, make_resident(commune))
    alice.delete()
    row.refresh_from_db()
    assert row.agent_id is None
