"""In the night when clocks go forward, 2:30 to 3:30 has no duration: it is refused, not a server error."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from agents.models import Absence, AbsenceRequest, Agent, Shift
from communes.models import Closure, Commune, Site
from core.days import Week
from planning.actions.shifts import copy_week
from tests.factories import PARIS, TUESDAY, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

NIGHT = "2027-03-28"
SKIPPED = {"starts": "02:30", "ends": "03:30"}


def test_a_shift_in_the_hour_that_clocks_skip_is_refused(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    values = {"agent": bob.pk, "site": site.pk, "on": NIGHT, **SKIPPED}
    assert client.post("/equipe/presences/nouvelle/", values).status_code == 422
    assert not Shift.objects.exists()


def test_an_absence_in_it_is_refused(client: Client, bob: Agent, dana: Agent) -> None:
    values = {"agent": bob.pk, "kind": "leave", "first_on": NIGHT, "last_on": NIGHT, **SKIPPED}
    client.force_login(dana)
    assert client.post("/equipe/absences/nouvelle/", values).status_code == 422
    client.force_login(bob)
    assert client.post("/equipe/absences/demander/", values).status_code == 422
    assert not Absence.objects.exists() and not AbsenceRequest.objects.exists()


def test_a_closure_in_it_is_refused(client: Client, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    values = {"reason": "works", "first_on": NIGHT, "last_on": NIGHT, **SKIPPED}
    assert client.post(f"/lieux/{site.pk}/fermeture/", values).status_code == 422
    assert not Closure.objects.exists()


def test_a_shift_that_would_fall_into_it_is_not_copied(commune: Commune, bob: Agent, site: Site) -> None:
    start = datetime(2027, 3, 21, 2, 30, tzinfo=PARIS)
    make_shift(bob, site, start, start + timedelta(hours=1))
    monday = Week.of(start.date())
    done = copy_week(commune=commune, source=monday, target=Week(monday.after), now=TUESDAY)
    assert (done.added, done.in_the_way) == ([], [])
