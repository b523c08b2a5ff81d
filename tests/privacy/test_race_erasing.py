"""Somebody is erased while others work with them: nothing breaks, nothing comes back."""

import multiprocessing
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from booking.models import Appointment, Resident
from core.roles import Role
from notifications.enums import State
from notifications.models import Message, ProviderErasure
from notifications.providers.twilio import conf
from notifications.tasks import erase_at_providers_now
from privacy import actions
from privacy.actions import Erasing
from privacy.enums import CameBy, ComingVisits, ErasureReason
from tests.factories import TUESDAY, make_agent, make_cabin, make_commune, make_service, make_site
from tests.notifications.conftest import SENDER
from tests.notifications.fake_twilio import ACCOUNT, TOKEN, FakeTwilio
from tests.notifications.many import make_messages
from tests.notifications.sweepers import sweep_to_the_end

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tuesday")]

MESSAGES = 96
"""Three batches of a sweep."""
PATIENCE_S = 60
spawn = multiprocessing.get_context("spawn")


@pytest.fixture
def slow_provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    with FakeTwilio(delay_s=0.5, clock=lambda: TUESDAY) as fake:
        monkeypatch.setattr(conf, "ACCOUNT_SID", ACCOUNT)
        monkeypatch.setattr(conf, "AUTH_TOKEN", TOKEN)
        monkeypatch.setattr(conf, "BASE_URL", fake.url)
        settings.PUBLIC_BASE_URL = "https://permanence.example"
        yield fake


def test_a_message_that_is_being_sent_brings_nobody_back(slow_provider: FakeTwilio) -> None:
    """The sender, a process of its own, has claimed the messages when their people are erased. It learns the
    provider's ids afterwards: the texts are deleted there all the same."""
    commune = make_commune(insee_code="76498", sender=SENDER)
    make_messages(commune, make_cabin(make_site(commune)), make_service(commune), MESSAGES)
    manager = make_agent(commune, Role.MANAGER)
    given = (connection.settings_dict["NAME"], slow_provider.url, time.time(), 40)
    sender = spawn.Process(target=sweep_to_the_end, args=given)
    sender.start()
    deadline = time.monotonic() + PATIENCE_S
    while not Message.objects.filter(state=State.SENDING).exists():
        assert time.monotonic() < deadline, "it never began"
        time.sleep(0.01)
    in_between = 0
    for resident in Resident.objects.filter(commune=commune):
        in_between += Message.objects.filter(resident=resident, state=State.SENDING).exists()
        how = Erasing(ErasureReason.ASKED, CameBy.DESK, ComingVisits.CANCEL)
        actions.erase(resident=resident, how=how, by=manager, now=TUESDAY)
    sender.join(PATIENCE_S)
    assert sender.exitcode == 0
    assert in_between, "nobody was erased while their message was being sent"
    assert not Resident.objects.filter(commune=commune).exists()
    assert not Appointment.objects.filter(commune=commune).exists()
    assert not Message.objects.filter(commune=commune).exists()
    slow_provider.delay_s = 0
    assert slow_provider.taken
    erase_at_providers_now.func()
    assert slow_provider.taken == []
    assert not ProviderErasure.objects.exists()
