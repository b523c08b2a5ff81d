"""Outages of screens while the clock is set back, the server comes back, sweeps meet, and cabins go."""

from datetime import datetime, timedelta

import pytest

from agents.models import Agent
from communes.enums import IncidentStepKind
from communes.incident_actions import close_fault
from communes.models import Cabin, Commune, Incident, IncidentStep, Site
from core.roles import Role
from kiosk import outages
from kiosk.live import _report
from kiosk.models import PairingCode, Screen, ScreenOutage, SpentToken
from kiosk.outages import months_online, watch_screens
from kiosk.pairing import ScreenPosition, pair_screen, replace_device
from notifications.models import Message
from notifications.sending.plan_faults import plan_faults
from tests.factories import at, make_agent, make_cabin, make_site
from tests.kiosk.conftest import make_screen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated", "tuesday")]

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def place(commune: Commune) -> Site:
    return make_site(commune, opening_hours="Mo-Fr 09:00-12:00,14:00-17:00")


@pytest.fixture
def dark(place: Site, tuesday: datetime) -> Screen:
    """Seen at ten, and not since."""
    watch_screens(now=at(9, 58))
    return make_screen(place, make_cabin(place), name="Borne 12", last_seen_at=at(10))[0]


@pytest.fixture
def theo(commune: Commune) -> Agent:
    return make_agent(
        commune, Role.TECHNICIAN, username="theo", email="theo@example.fr", email_confirmed=True
    )


def pass_minutes(start: datetime, end: datetime, *, online: Screen | None = None) -> None:
    now = start
    while now <= end:
        if online is not None:
            Screen.objects.filter(pk=online.pk).update(last_seen_at=now)
        watch_screens(now=now)
        plan_faults(now=now)
        now += MINUTE


def steps() -> list[tuple[str, datetime]]:
    return [(step.kind, step.at) for step in IncidentStep.objects.order_by("at", "pk")]


def test_what_came_back_at_night_and_went_again_is_not_told_as_back(dark: Screen, theo: Agent) -> None:
    Screen.objects.update(last_seen_at=at(16, 40))
    watch_screens(now=at(16, 39))
    pass_minutes(at(16, 40), at(17, 10))
    pass_minutes(at(17, 11), at(17, 15), online=dark)
    watch_screens(now=at(8, 55, day=25))
    pass_minutes(at(8, 56, day=25), at(9, 30, day=25))
    assert steps() == [(IncidentStepKind.CONFIRMED, at(16, 50))]
    pass_minutes(at(9, 31, day=25), at(9, 32, day=25), online=dark)
    assert steps()[1:] == [(IncidentStepKind.CLOSED, at(9, 31, day=25))]


def test_screens_get_time_to_come_back_also_where_they_were_dark_before_the_server_was_away(
    dark: Screen, theo: Agent
) -> None:
    pass_minutes(at(9, 59), at(10, 3))
    assert ScreenOutage.objects.filter(ended_at=None).exists()
    watch_screens(now=at(10, 33))
    pass_minutes(at(10, 34), at(10, 36), online=dark)
    assert not Incident.objects.exists()


def test_one_that_stays_dark_after_the_server_was_away_is_told_then(dark: Screen, theo: Agent) -> None:
    pass_minutes(at(9, 59), at(10, 3))
    pass_minutes(at(10, 33), at(10, 36))
    assert [at for _kind, at in steps()] == [at(10, 35)]


# ---- a clock that goes back ------------------------------------------------------------------------


def test_a_clock_that_was_a_day_ahead_and_is_put_right_leaves_nothing_open(dark: Screen, theo: Agent) -> None:
    Screen.objects.update(last_seen_at=at(10, day=25))
    watch_screens(now=at(9, 59, day=25))
    pass_minutes(at(10, day=25), at(10, 20, day=25))
    assert Incident.objects.open().exists()
    pass_minutes(at(10, 21), at(10, 25), online=dark)
    assert not Incident.objects.open().exists()
    assert not ScreenOutage.objects.filter(ended_at=None).exists()
    assert not [each for each in ScreenOutage.objects.all() if each.ended_at and each.ended_at > at(10, 25)]


def test_one_that_went_dark_while_the_clock_was_ahead_is_told_of_when_it_is_put_right(
    dark: Screen, theo: Agent
) -> None:
    Screen.objects.update(last_seen_at=at(10, day=25))
    watch_screens(now=at(10, day=25))
    assert not Screen.objects.get().is_online(at(10, 1))
    pass_minutes(at(10, 1), at(10, 20))
    (incident,) = Incident.objects.all()
    assert incident.opened_at == at(10, 1), "not a last sign of life that is still to come"
    assert steps() == [(IncidentStepKind.CONFIRMED, at(10, 11))]


def test_an_outage_of_the_wrong_clock_does_not_silence_the_next_one(dark: Screen, theo: Agent) -> None:
    Screen.objects.update(last_seen_at=at(10, day=25))
    watch_screens(now=at(9, 59, day=25))
    pass_minutes(at(10, day=25), at(10, 15, day=25))
    pass_minutes(at(10, 16, day=25), at(10, 17, day=25), online=dark)
    pass_minutes(at(10, 1), at(10, 3), online=dark)
    pass_minutes(at(10, 4), at(10, 20))
    assert Incident.objects.open().count() == 1


def test_a_listening_screen_is_noted_again_at_once_when_the_clock_was_put_right(
    dark: Screen, tuesday: datetime
) -> None:
    Screen.objects.update(last_seen_at=tuesday + DAY)
    _report({dark.token_hash})
    assert Screen.objects.get().last_seen_at == tuesday


def test_a_fault_reported_while_the_clock_was_ahead_can_be_closed(dark: Screen, theo: Agent) -> None:
    incident = Incident.objects.create(
        commune=theo.communes.get(), site=dark.site, cabin=dark.cabin, kind="door", opened_at=at(10) + DAY
    )
    assert close_fault(incident=incident, by=theo, now=at(10))
    assert not Incident.objects.open().exists()


# ---- sweeps that meet ------------------------------------------------------------------------------


def test_a_slow_sweep_reports_nothing_whose_end_another_one_has_seen(dark: Screen, theo: Agent) -> None:
    pass_minutes(at(9, 59), at(10, 9))
    slow = ScreenOutage.objects.select_related("screen__site__commune", "screen__cabin").get()
    pass_minutes(at(10, 10), at(10, 12))
    pass_minutes(at(10, 13), at(10, 15), online=dark)
    outages._report(slow, at(10, 16))
    assert not Incident.objects.open().exists()
    assert Incident.objects.count() == 1


# ---- what hangs nowhere any more -------------------------------------------------------------------


def test_the_screen_of_a_retired_cabin_is_nobodys_alert(dark: Screen, theo: Agent) -> None:
    Cabin.objects.update(retired_at=at(10, 1))
    pass_minutes(at(9, 59), at(10, 40))
    assert not Incident.objects.exists()
    assert not ScreenOutage.objects.exists()


def test_a_cabin_that_is_retired_during_an_outage_ends_it_without_a_word(dark: Screen, theo: Agent) -> None:
    pass_minutes(at(9, 59), at(10, 12))
    Cabin.objects.update(retired_at=at(10, 13))
    pass_minutes(at(10, 13), at(10, 30))
    assert not Incident.objects.open().exists()
    assert not ScreenOutage.objects.filter(ended_at=None).exists()
    assert Message.objects.count() == 1


# ---- the share of opening time ---------------------------------------------------------------------


def waiting(code: str, claim: str) -> PairingCode:
    return PairingCode.objects.create(code=code, claim_hash=claim, seen_at=at(10), expires_at=at(10) + DAY)


def test_another_device_in_its_place_begins_no_new_history(place: Site, theo: Agent) -> None:
    waiting("AAAAAA", "a" * 64)
    screen = pair_screen(
        code="AAAAAA", place=ScreenPosition(place), name="Hall", agent=theo, now=at(9, day=23)
    )
    waiting("CCCCCC", "c" * 64)
    screen = replace_device(screen=screen, code="CCCCCC", agent=theo, now=at(10))
    (month,) = months_online(screen, [at(10).date().replace(day=1)], at(10, 1))
    assert month.open_for == timedelta(hours=7, minutes=1)


def test_of_a_screen_paired_by_an_earlier_version_the_first_replacement_is_known(dark: Screen) -> None:
    SpentToken.objects.create(screen=dark, token_hash="s" * 64, spent_at=at(9, day=24))
    Screen.objects.update(paired_at=at(9, 30))
    dark.refresh_from_db()
    (month,) = months_online(dark, [at(10).date().replace(day=1)], at(10))
    assert month.open_for == timedelta(hours=1)
