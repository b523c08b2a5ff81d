"""When a closed screen says that the site opens again, and when its day ends."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from agents.models import Agent
from booking.models import Appointment
from communes.models import Cabin, Closure, Service, Site
from kiosk.day import board_day
from kiosk.templatetags.kiosk import until
from tests.clocks import SetClock
from tests.factories import PARIS, at, make_appointment, make_resident


@pytest.mark.parametrize(
    ("opens", "words"),
    [
        (at(13, 30), "13:30"),
        (at(9, day=25), "demain à 09:00"),
        (at(9, day=30), "lundi à 09:00"),
        (datetime(2026, 12, 1, 9, tzinfo=PARIS), "mardi 1er décembre à 09:00"),
        (datetime(2026, 12, 2, 9, tzinfo=PARIS), "mercredi 2 décembre à 09:00"),
    ],
)
def test_a_day_of_another_week_has_its_date(opens: datetime, words: str) -> None:
    with timezone.override(PARIS), translation.override("fr"):
        assert until(opens, at(12, 30)) == words


@pytest.mark.django_db
def test_a_site_that_is_closed_for_weeks_knows_until_when(site: Site) -> None:
    reopens = datetime(2027, 1, 18, 9, tzinfo=PARIS)
    Closure.objects.create(site=site, starts_at=at(0), ends_at=reopens)
    assert board_day(site, at(10)).opens_after(at(10)) == reopens


@pytest.mark.django_db
def test_a_site_that_never_opens_again_knows_no_such_time(site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(opening_hours="2020 Mo-Fr 09:00-12:00")
    site.refresh_from_db()
    assert board_day(site, at(10)).opens_after(at(10)) is None


# ---- a site that is open across midnight ----


@pytest.fixture
def night(site: Site, cabin: Cabin, service: Service, bob: Agent) -> Appointment:
    """Open 20:00 to 02:00; Fatima from 00:10 to 00:55 on Wednesday, with Bob."""
    Site.objects.filter(pk=site.pk).update(opening_hours="Mo-Fr 20:00-02:00")
    resident = make_resident(site.commune)
    return make_appointment(cabin, service, at(0, 10, day=25), resident=resident, number="482913", helper=bob)


def test_who_comes_after_midnight_is_awaited_before(
    night: Appointment, kiosk: Client, set_clock: SetClock
) -> None:
    for now, words in (
        (at(21), ["Libre jusqu’à", "00:10", "réservé"]),
        (at(23, 52), ["Nous attendons", "00:10", "Fatima B."]),
        (at(0, 5, day=25), ["Nous attendons", "00:10", "Fatima B."]),
        (at(0, 17, day=25), ["En retard de 7\N{NO-BREAK SPACE}min", "Fatima B."]),
    ):
        set_clock(now)
        board = kiosk.get(reverse("screen-board")).content.decode()
        for each in words:
            assert each in board


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (at(23), "other_day"),
        (at(23, 45), "welcome"),
        (at(0, 5, day=25), "welcome"),
        (at(0, 20, day=25), "late"),
        (at(1, day=25), "passed"),
    ],
)
def test_who_comes_around_midnight_is_told_what_is_true(
    now: datetime, verdict: str, night: Appointment, kiosk: Client, set_clock: SetClock
) -> None:
    set_clock(now)
    answer = kiosk.post(reverse("screen-arrival-number"), {"number": "482913"}).content.decode()
    assert f'data-verdict="{verdict}"' in answer


def test_who_was_due_before_midnight_is_late_after(
    night: Appointment, kiosk: Client, set_clock: SetClock
) -> None:
    night.starts_at, night.ends_at = at(23, 50), at(0, 35, day=25)
    night.blocked_until = at(0, 45, day=25)
    night.save()
    set_clock(at(0, 5, day=25))
    assert "En retard de 15\N{NO-BREAK SPACE}min" in kiosk.get(reverse("screen-board")).content.decode()
    answer = kiosk.post(reverse("screen-arrival-number"), {"number": "482913"}).content.decode()
    assert 'data-verdict="late"' in answer


def test_nobody_walks_in_to_stay_beyond_who_comes_after_midnight(
    night: Appointment, kiosk: Client, service: Service, set_clock: SetClock
) -> None:
    set_clock(at(23, 35))
    url = reverse("screen-walk-in-service", args=[service.pk])
    assert "au lieu de 45" in kiosk.get(url).content.decode()
