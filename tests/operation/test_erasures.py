"""Whoever was erased stays erased when an older backup is put back: read before, carried out after."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from booking.models import Appointment, Resident
from core.roles import Role
from operation import erasures
from privacy import actions
from privacy.actions import Erasing
from privacy.enums import CameBy, ComingVisits, ErasureReason
from privacy.models import ErasedResident
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_resident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def erase(resident: Resident) -> None:
    by = make_agent(resident.commune, Role.MANAGER)
    how = Erasing(ErasureReason.ASKED, CameBy.DESK, ComingVisits.KEEP)
    actions.erase(resident=resident, how=how, by=by, now=TUESDAY)


def test_what_an_older_backup_brings_back_is_erased_again(commune, cabin, service, var, capsys):
    fatima, ali = make_resident(commune), make_resident(commune, first_name="Ali")
    erase(fatima)
    assert erasures.carry() == 1
    # The older backup: it knows of no erasure, and has the person with a coming visit.
    ErasedResident.objects.all().delete()
    old = make_resident(commune, pk=fatima.pk)
    visit = make_appointment(cabin, service, at(14, day=26), resident=old)
    assert erasures.is_left()
    call_command("erase_again")
    assert list(Resident.objects.all()) == [ali]
    assert Appointment.objects.get() == visit
    assert Appointment.objects.get().resident is None
    assert ErasedResident.objects.get().resident_ref == fatima.pk
    assert not erasures.is_left()
    assert "1" in capsys.readouterr().out


def test_the_list_holds_ids_alone_and_is_for_its_owner(commune, var):
    fatima = make_resident(commune)
    erase(fatima)
    erasures.carry()
    (path,) = var.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Fatima" not in path.read_text()


def test_a_second_restore_forgets_nobody_of_the_first(commune):
    erase(make_resident(commune))
    erasures.carry()
    ErasedResident.objects.all().delete()
    erase(make_resident(commune))
    assert erasures.carry() == 2


def test_a_database_that_cannot_be_read_names_nobody(monkeypatch):
    def broken(*_args: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(ErasedResident.objects, "values_list", broken)
    assert erasures.carry() == 0
    assert not erasures.is_left()
