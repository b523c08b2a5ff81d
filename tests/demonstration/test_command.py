"""`manage.py demo`: when it is refused, what it prints, and that it loads on any day."""

import re
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment, Resident
from communes.models import Commune
from communes.opening.holidays import is_public_holiday
from core.roles import Role
from demo.load import DemoRefused, load
from demo.people import PASSWORD
from tests.demonstration.loaded import TUESDAY_MORNING
from tests.factories import PARIS, make_agent, make_commune


@pytest.mark.process
@pytest.mark.sqlite
@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2027, 1, 1, 0, 1, tzinfo=PARIS), id="New Year"),
        pytest.param(
            datetime(2026, 12, 24, 16, 45, tzinfo=PARIS), id="Christmas Eve", marks=pytest.mark.long
        ),
        pytest.param(
            datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1), id="clocks", marks=pytest.mark.long
        ),
        pytest.param(datetime(2027, 8, 13, 12, 7, tzinfo=PARIS), id="August", marks=pytest.mark.long),
    ],
)
def test_it_loads_on_any_day(db: None, now: datetime):
    now = now.replace(tzinfo=PARIS)
    town = load(now=now, password=PASSWORD)
    for appointment in Appointment.objects.all():
        assert not is_public_holiday(
            town.commune.insee_code, town.commune.local(appointment.starts_at).date()
        )
    assert Appointment.objects.filter(starts_at__gt=now, status=Status.BOOKED).count() >= 20
    assert Resident.objects.get(phones__number="+33639981234").appointments.count() == 3


def test_it_is_refused_where_debug_is_off(db: None):
    with override_settings(DEBUG=False), pytest.raises(CommandError):
        call_command("demo")
    assert not Commune.objects.exists()


@pytest.mark.process
@pytest.mark.sqlite
def test_forced_where_debug_is_off_it_makes_up_passwords(db: None, tuesday: datetime):
    output = StringIO()
    with override_settings(DEBUG=False):
        call_command("demo", "--force", stdout=output)
    nadia = Agent.objects.get(username="nadia")
    assert PASSWORD not in output.getvalue()
    assert not nadia.check_password(PASSWORD)
    shown = re.search(r"nadia +(\S+)", output.getvalue())
    assert shown and nadia.check_password(shown[1])


@pytest.mark.process
@pytest.mark.sqlite
@override_settings(DEBUG=True)
def test_it_says_who_can_log_in_and_how(db: None, tuesday: datetime):
    output = StringIO()
    call_command("demo", stdout=output)
    for username in ("nadia", "sophie", "camille", "yanis", "odile", "marc"):
        assert re.search(rf"^ *{username} +{PASSWORD} ", output.getvalue(), re.MULTILINE)
    assert "06 39 98 12 34" in output.getvalue()


def test_it_does_not_take_over_a_real_commune(db: None):
    real = make_commune(insee_code="76498")
    with pytest.raises(DemoRefused):
        load(now=TUESDAY_MORNING, password=PASSWORD)
    assert not real.residents.exists()


def test_it_does_not_take_over_a_real_account(db: None):
    make_agent(make_commune(), Role.HELPER, username="camille", first_name="Camille")
    with pytest.raises(DemoRefused, match="camille"):
        load(now=TUESDAY_MORNING, password=PASSWORD)
    assert not Commune.objects.filter(insee_code="76498").exists()
