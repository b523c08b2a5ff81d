"""The digest of the day's outages: once, wherever and whenever the last place closes."""

from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection

from agents.mails import mail_text
from agents.models import Agent, Membership
from communes.models import Commune, Site
from core.roles import Role
from kiosk.digest import send_digests
from kiosk.models import DigestSent, Screen, ScreenOutage
from tests.factories import at, make_agent, make_commune, make_site
from tests.kiosk.conftest import make_screen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

MINUTE, QUARTER, DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1)


@pytest.fixture(autouse=True)
def mails(settings: Any) -> None:
    settings.SENDS_EMAIL = True


@pytest.fixture
def theo(commune: Commune) -> Agent:
    return make_agent(
        commune, Role.TECHNICIAN, username="theo", email="theo@example.fr", email_confirmed=True
    )


def cut_at(site: Site, began_at: datetime, minutes: int = 10) -> Screen:
    screen, _browser = make_screen(site, name="Hall", last_seen_at=began_at)
    ScreenOutage.objects.create(screen=screen, began_at=began_at, ended_at=began_at + minutes * MINUTE)
    return screen


def sent_at(start: datetime, end: datetime) -> list[datetime]:
    found = []
    now = start
    while now < end:
        found += [now] * send_digests(now=now)
        now += QUARTER
    return found


def bodies() -> list[str]:
    return [str(each.body).replace("\xa0", " ") for each in mail.outbox]


@pytest.mark.parametrize(
    ("hours", "sent"),
    [
        ("Mo-Fr 09:00-24:00", at(0, day=25)),
        ("Mo-Fr 09:00-02:00", at(2, day=25)),
        ("Mo-Fr 09:00-12:00,20:00-23:50", at(0, day=25)),
        ("24/7", at(0, day=25)),
    ],
)
def test_a_place_that_closes_at_midnight_or_later_has_its_digest(
    commune: Commune, theo: Agent, hours: str, sent: datetime
) -> None:
    cut_at(make_site(commune, opening_hours=hours), at(11))
    assert sent_at(at(9), at(20, day=25)) == [sent]
    (message,) = mail.outbox
    assert "24 novembre" in message.subject and "11:00" in bodies()[0]


@pytest.mark.parametrize("zone", ["America/Martinique", "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti"])
@pytest.mark.parametrize("is_in_both", [False, True])
def test_the_digest_of_a_place_in_another_time_zone_leaves_once(
    theo: Agent, zone: str, is_in_both: bool
) -> None:
    far, tz = make_commune(time_zone=zone), ZoneInfo(zone)
    if is_in_both:
        Membership.objects.create(agent=theo, commune=far, is_technician=True)
    else:
        Membership.objects.filter(agent=theo).update(commune=far)
    cut_at(make_site(far, opening_hours="Mo-Fr 09:00-20:00"), datetime(2026, 11, 24, 15, tzinfo=tz))
    assert sent_at(at(0, day=23), at(20, day=26)) == [datetime(2026, 11, 24, 20, tzinfo=tz)]
    assert "15:00" in bodies()[0]


def test_an_outage_of_the_day_before_says_its_day(commune: Commune, theo: Agent) -> None:
    screen = cut_at(make_site(commune, opening_hours="Mo-Fr 09:00-17:00"), at(16, 30, day=23))
    ScreenOutage.objects.filter(screen=screen).update(ended_at=at(9, 20))
    assert send_digests(now=at(17)) == 1
    assert "23 nov. à 16:30" in bodies()[0] and "à 9:20" in bodies()[0]


def test_an_address_that_is_refused_keeps_nobody_else_from_theirs(
    commune: Commune, theo: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agent(commune, Role.TECHNICIAN, username="ines", email="ines@example.fr", email_confirmed=True)
    cut_at(make_site(commune, opening_hours="Mo-Fr 09:00-17:00"), at(11))

    def refuse_theo(address: str, *rest: Any) -> None:
        if address == theo.email:
            raise SMTPRecipientsRefused({address: (550, b"no such user")})
        mail_text(address, *rest)

    monkeypatch.setattr("kiosk.digest.mail_text", refuse_theo)
    for _ in range(2):
        with pytest.raises(SMTPRecipientsRefused):
            send_digests(now=at(17))
    assert [each.to for each in mail.outbox] == [["ines@example.fr"]]
    assert [each.agent.username for each in DigestSent.objects.all()] == ["ines"], "theo’s is tried again"


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_slow_mail_server(
    commune: Commune, theo: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_at(make_site(commune, opening_hours="Mo-Fr 09:00-17:00"), at(11))
    held = []
    monkeypatch.setattr("kiosk.digest.mail_text", lambda *_: held.append(connection.in_atomic_block))
    assert send_digests(now=at(17)) == 1
    assert held == [False]


@pytest.mark.django_db
def test_what_does_not_fit_into_the_time_of_a_task_leaves_with_the_next_one(
    commune: Commune, theo: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agent(commune, Role.TECHNICIAN, username="ines", email="ines@example.fr", email_confirmed=True)
    cut_at(make_site(commune, opening_hours="Mo-Fr 09:00-17:00"), at(11))
    monkeypatch.setattr("kiosk.digest.BUDGET_S", 0.0)
    assert [send_digests(now=at(17) + number * QUARTER) for number in range(3)] == [1, 1, 0]
    assert sorted(each.to[0] for each in mail.outbox) == ["ines@example.fr", "theo@example.fr"]
