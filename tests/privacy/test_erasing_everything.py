"""Somebody about whom everything is kept is erased: the same search finds nothing more, here and there."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models

from booking.models import Appointment, Resident, ResidentPhone, VisitRecord
from notifications.models import ProviderErasure, Suppression
from notifications.providers.twilio import conf
from notifications.tasks import erase_at_providers_now
from privacy import actions
from privacy.actions import Erasing
from privacy.enums import CameBy, ComingVisits, ErasureReason
from privacy.models import ErasedResident
from tests.factories import TUESDAY
from tests.notifications.fake_twilio import ACCOUNT, TOKEN, FakeTwilio
from tests.privacy.everything import Everything
from tests.privacy.marks import every_row, rows_with

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    with FakeTwilio(clock=lambda: TUESDAY) as fake:
        monkeypatch.setattr(conf, "ACCOUNT_SID", ACCOUNT)
        monkeypatch.setattr(conf, "AUTH_TOKEN", TOKEN)
        monkeypatch.setattr(conf, "BASE_URL", fake.url)
        settings.PUBLIC_BASE_URL = "https://permanence.example"
        yield fake


def erase(here: Everything, coming: ComingVisits) -> None:
    how = Erasing(ErasureReason.ASKED, CameBy.DESK, coming)
    actions.erase(resident=here.resident, how=how, by=here.manager, now=TUESDAY)


@pytest.mark.parametrize("coming", ComingVisits)
def test_nothing_is_left_in_any_table_nor_at_the_provider(provider: FakeTwilio, coming: ComingVisits) -> None:
    here = Everything(provider)
    marks = [each for each in here.marks if each != here.shared_number]
    assert len({word for _model, _pk, word in rows_with(marks)}) > 30
    assert said_at(provider, marks)
    assert len(naming(here)) > 30
    erase(here, coming)
    erase_at_providers_now.func()

    assert list(rows_with(marks)) == []
    assert naming(here) == []
    assert said_at(provider, marks) == []
    assert not ProviderErasure.objects.exists()
    assert set(ErasedResident.objects.values_list("resident_ref", flat=True)) == set(here.records)


def test_others_keep_what_is_theirs(provider: FakeTwilio) -> None:
    here = Everything(provider)

    def theirs() -> list[Any]:
        return sorted((model._meta.label, pk, word) for model, pk, word in rows_with(here.others))

    before = theirs()
    erase(here, ComingVisits.CANCEL)
    gone = set(before) - set(theirs())
    # What the neighbour was told of an appointment that the person had last goes with that appointment.
    of_theirs = {("notifications.Message", pk) for _label, pk, _word in gone}
    assert {(label, pk) for label, pk, _word in gone} <= of_theirs
    assert ResidentPhone.objects.filter(number=here.shared_number, resident=here.neighbour).exists()
    given = Appointment.objects.get(pk=here.given_away.pk)
    assert given.resident == here.neighbour


def test_figures_and_objections_stay(provider: FakeTwilio) -> None:
    here = Everything(provider)
    columns = [each.name for each in VisitRecord._meta.concrete_fields if each.name != "key"]
    before = list(VisitRecord.objects.order_by("pk").values(*columns))
    listed = Suppression.objects.count()
    assert before and listed
    erase(here, ComingVisits.KEEP)
    assert list(VisitRecord.objects.order_by("pk").values(*columns)) == before
    assert Suppression.objects.count() == listed


def said_at(provider: FakeTwilio, marks: list[str]) -> list[str]:
    said = " ".join(repr(each.params) for each in provider.taken)
    return [mark for mark in marks if mark in said]


def naming(here: Everything) -> list[str]:
    """Columns that refer to one of the person's records, or name its id in words; but those of the list of
    what was erased."""
    ids = set(here.records)
    named = re.compile(rf"resident['\":\s]+\[?[^\]]*\b({'|'.join(map(str, ids))})\b")
    found = []
    for model, pk, values in every_row():
        links = [
            key.attname
            for key in model._meta.concrete_fields
            if isinstance(key, models.ForeignKey) and key.related_model is Resident
        ]
        is_linked = any(values[name] in ids for name in links)
        texts = [text for name, text in values.items() if name not in links and not isinstance(text, int)]
        if is_linked or any(named.search(str(text)) for text in texts):
            found.append(f"{model._meta.label} {pk}")
    return found
