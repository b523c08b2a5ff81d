"""Queries compiled once and asked often."""

from datetime import datetime
from typing import Any

import pytest

from booking.models import Appointment
from communes.models import Cabin, Service
from core.compiled import Compiled
from tests.factories import at, make_appointment

pytestmark = pytest.mark.django_db


def test_a_compiled_query_passes_on_what_it_is_given(cabin: Cabin, service: Service) -> None:
    early, late = (make_appointment(cabin, service, at(hour)) for hour in (9, 11))

    @Compiled
    def ids(commune: int, before: datetime) -> Any:
        rows = Appointment.objects.filter(commune=commune, starts_at__lt=before)
        return rows.order_by("pk").values_list("pk")

    commune = early.commune_id
    assert ids(commune=commune, before=at(10)) == [(early.pk,)]
    assert ids(commune=commune, before=at(12)) == [(early.pk,), (late.pk,)]
    assert ids(commune=commune + 1, before=at(12)) == []


def test_a_compiled_query_must_use_every_argument(db: None) -> None:
    @Compiled
    def forgetful(commune: int, before: datetime) -> Any:
        return Appointment.objects.filter(commune=commune).values_list("pk")

    with pytest.raises(TypeError, match="forgetful does not pass on before"):
        forgetful(commune=1, before=at(9))
