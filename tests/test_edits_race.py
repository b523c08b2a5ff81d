"""Two agents who save at the same instant: the comparison is made under the lock of the record.

On SQLite writers are serial by themselves, so there they run one after the other.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from agents.models import Agent
from booking.actions import edit_resident
from booking.actions.residents import resident_values
from booking.models import Resident
from core.edits import Edit, EditConflict, plain_values
from core.roles import Role
from tests.factories import TUESDAY, make_agent, make_commune, make_resident

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 12


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """Run these in threads that start together; returns how each ended."""
    gate = threading.Barrier(len(calls) if connection.vendor == "postgresql" else 1)
    ends: list[str] = []

    def run(call: Callable[[], Any]) -> None:
        try:
            gate.wait(20)
            call()
            ends.append("saved")
        except EditConflict:
            ends.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
        if connection.vendor == "sqlite":
            thread.join(20)
    for thread in threads:
        thread.join(20)
    return sorted(ends)


def edit(resident: Resident, agent: Agent, **wanted: Any) -> Callable[[], Any]:
    """The saving of a form that was opened now, in which everything else was left alone."""
    start = resident_values(resident)
    own = Resident.objects.get(pk=resident.pk)
    values = {**start, **wanted}
    return lambda: edit_resident(resident=own, wanted=values, edit=Edit(plain_values(start), agent, TUESDAY))


def test_two_who_save_different_values_at_once_both_have_their_way() -> None:
    commune = make_commune()
    nadia, sophie = make_agent(commune, Role.DESK), make_agent(commune, Role.DESK)
    for _ in range(ROUNDS):
        resident = make_resident(commune)
        ends = at_once(
            edit(resident, nadia, email="fatima@example.org"),
            edit(resident, sophie, postal_address="1 rue du Bac"),
        )
        resident.refresh_from_db()
        assert ends == ["saved", "saved"]
        assert (resident.email, resident.postal_address) == ("fatima@example.org", "1 rue du Bac")


def test_of_two_who_save_one_value_at_once_the_second_is_asked() -> None:
    commune = make_commune()
    nadia, sophie = make_agent(commune, Role.DESK), make_agent(commune, Role.DESK)
    for _ in range(ROUNDS):
        resident = make_resident(commune)
        ends = at_once(
            edit(resident, nadia, contact_name="Paul"), edit(resident, sophie, contact_name="Marie")
        )
        assert ends == ["conflict", "saved"]
