"""Our requests against a mock server made from the provider's own description of its API.

`make contract` fetches both and runs this. The tests are skipped if PRISM_URL is not set, because the
description belongs to the provider and is not kept here.
"""

import os

import pytest

from notifications.enums import Channel
from notifications.providers.base import ChannelError, Outgoing
from notifications.providers.twilio.client import Twilio
from tests.notifications.fake_twilio import ACCOUNT, TOKEN

PRISM_URL = os.environ.get("PRISM_URL", "")
pytestmark = pytest.mark.skipif(not PRISM_URL, reason="PRISM_URL is not set")
CHANNELS = pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])


@pytest.fixture(autouse=True)
def public_address(settings):
    settings.PUBLIC_BASE_URL = "https://permanence.example"


def outgoing(channel: Channel) -> Outgoing:
    return Outgoing(1, channel, "+33199000010", "+33639981234", "Bonjour")


@CHANNELS
def test_what_we_send_is_what_the_provider_describes(channel):
    assert Twilio(ACCOUNT, TOKEN, PRISM_URL).send(outgoing(channel)).provider_id


@CHANNELS
def test_what_we_ask_for_is_what_the_provider_lists(channel):
    Twilio(ACCOUNT, TOKEN, PRISM_URL).find(outgoing(channel), frozenset())


@CHANNELS
def test_what_we_ask_about_one_is_what_the_provider_describes(channel):
    prefix = "CA" if channel == Channel.VOICE else "SM"
    assert Twilio(ACCOUNT, TOKEN, PRISM_URL).state_of(outgoing(channel), prefix + "0" * 32)


@CHANNELS
def test_the_mock_server_refuses_what_is_not_described(channel, settings):
    """Otherwise the tests above would show nothing."""
    settings.PUBLIC_BASE_URL = "no address"

    with pytest.raises(ChannelError) as refused:
        Twilio(ACCOUNT, TOKEN, PRISM_URL).send(outgoing(channel))

    assert refused.value.refusal.code == "422"
