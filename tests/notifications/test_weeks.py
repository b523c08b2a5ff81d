"""Weeks in which the provider refuses, is slow, loses messages or is dead, and so is the worker at times."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from booking.enums import Status
from booking.log import Actor
from booking.models import Appointment
from communes.models import Commune
from core.roles import Role
from notifications.enums import TELLING, Audience, Channel, MessageKind, State
from notifications.models import Message, MessageSettings
from notifications.providers.twilio import conf
from notifications.sending import plan_messages, reconcile, send, sweep, unreported
from tests.clocks import SetClock
from tests.factories import PARIS, make_agent, make_cabin, make_resident, make_service, make_site
from tests.notifications.conftest import stop
from tests.notifications.fake_twilio import ACCOUNT, TOKEN
from tests.notifications.weeks import BASE, Chances, MoodyProvider, SweepTime, Weeks

AT_ONCE = timedelta(minutes=2)
MONDAY = datetime(2026, 10, 19, 7, 0, tzinfo=PARIS)
"""A clock change and All Saints' Day follow."""


@pytest.fixture
def moody(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MoodyProvider]:
    fake = MoodyProvider()
    sweep_time = SweepTime()
    for module in (sweep, send, plan_messages, reconcile, unreported):
        monkeypatch.setattr(module, "time", sweep_time)
    with fake:
        monkeypatch.setattr(conf, "ACCOUNT_SID", ACCOUNT)
        monkeypatch.setattr(conf, "AUTH_TOKEN", TOKEN)
        monkeypatch.setattr(conf, "BASE_URL", fake.url)
        settings.PUBLIC_BASE_URL = BASE
        yield fake


def weeks_of(commune: Commune, moody: MoodyProvider, set_clock: SetClock, seed: int) -> Weeks:
    """A dozen people: mobiles, landlines, both, a relative, no phone, one who wrote STOP."""
    MessageSettings.objects.create(commune=commune, voice_number="+33199000011")
    sites = [make_site(commune), make_site(commune, name="Centre social", short_name="Centre social")]
    for site in sites:
        make_cabin(site)
        make_cabin(site)
    residents = [
        *(make_resident(commune, f"+3363998{n:04d}") for n in range(1, 7)),
        make_resident(commune, "+33261910042"),
        make_resident(commune, "+33261910043", "+33639980043"),
        make_resident(commune, "+33639980044", contact_phone="+33639980045", contact_is_told=True),
        make_resident(commune),
        make_resident(commune, "+33639980046"),
    ]
    stop("+33639980046", commune, now=MONDAY)
    chance = Random(seed)
    moody.chances = Chances(seed)
    weeks = Weeks(
        provider=moody,
        set_clock=set_clock,
        now=MONDAY,
        chance=chance,
        reports=Chances(seed),
        desk=Actor.agent(make_agent(commune, Role.DESK)),
        service=make_service(commune),
        sites=sites,
        residents=residents,
    )
    moody.clock = lambda: weeks.now
    return weeks


@pytest.mark.parametrize(
    ("seed", "days"),
    [(1, 3), *(pytest.param(seed, 21, marks=pytest.mark.long) for seed in range(2, 10))],
)
def test_in_bad_weeks_everybody_is_told_or_listed_and_nobody_twice(
    commune: Commune, moody: MoodyProvider, set_clock: SetClock, seed: int, days: int
) -> None:
    weeks = weeks_of(commune, moody, set_clock, seed)

    weeks.live(days)

    assert [text for text, times in weeks.received().items() if times > 1] == []
    known = list(weeks.must_know())
    assert len(known) >= days, "too little happened"
    assert [story_of(each, weeks) for each in known if not is_told_or_listed(each, weeks)] == []


def story_of(appointment: Appointment, weeks: Weeks) -> str:
    """What happened to an appointment and what was owed, for whoever reads the failure."""
    changed_at, _ = weeks.last_change[appointment.pk]
    rows = Message.objects.filter(appointment=appointment).order_by("id")
    events = appointment.events.order_by("id")
    return "\n".join(
        [
            f"{appointment} {appointment.status}, last changed {changed_at}",
            *(f"  {each.at} {each.kind} {each.changes}" for each in events),
            *(
                f"  {each.created_at} {each.audience} {each.kind} {each.channel} {each.state}"
                f" {each.error_code} due {each.due_at} until {each.expires_at} {each.told_start}"
                for each in rows
            ),
        ]
    )


def is_told_or_listed(appointment: Appointment, weeks: Weeks) -> bool:
    """Whether the last thing that the resident heard or said is true, or the desk was asked to tell them
    after the last change: before the time, or, where a message was thought to have arrived, as soon as the
    provider said that it had not."""
    changed_at, _ = weeks.last_change[appointment.pk]
    to_resident = Message.objects.filter(appointment=appointment, audience=Audience.RESIDENT)
    heard = (
        to_resident.exclude(channel=Channel.DESK)
        .filter(kind__in=TELLING, state__in=[State.SENT, State.DELIVERED])
        .order_by("id")
        .last()
    )
    said_at, said = weeks.own_word[appointment.pk]
    truth = None if appointment.status == Status.CANCELLED else appointment.starts_at
    if heard is None or heard.created_at < said_at:
        knows = said == truth
    elif truth is None or heard.kind == MessageKind.CANCELLATION:
        knows = truth is None and heard.kind == MessageKind.CANCELLATION
    else:
        knows = (heard.told_start, heard.told_site_id) == (truth, appointment.site_id)
    failures = [each.failed_at for each in to_resident if each.failed_at]
    in_time = max([appointment.starts_at, *(each + AT_ONCE for each in failures)])
    listed = to_resident.filter(channel=Channel.DESK, created_at__gte=changed_at, created_at__lt=in_time)
    return knows or listed.exists()
