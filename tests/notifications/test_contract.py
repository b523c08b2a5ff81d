"""Our requests against a mock server made from the provider's own description of its API.

    npx @stoplight/prism-cli mock twilio_api_v2010.json --port 4010
    PRISM_URL=http://127.0.0.1:4010 pytest tests/notifications/test_contract.py

Skipped where PRISM_URL is not set: the description is the provider's, and not kept here.
"""

import os

import pytest

from notifications.channels.base import Outgoing
from notifications.channels.twilio import Twilio
from notifications.enums import Channel
from tests.notifications.fake_twilio import ACCOUNT, TOKEN

PRISM_URL = os.environ.get("PRISM_URL", "")
pytestmark = pytest.mark.skipif(not PRISM_URL, reason="PRISM_URL is not set")


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
def test_what_we_send_is_what_the_provider_describes(channel):
    twilio = Twilio(ACCOUNT, TOKEN, PRISM_URL)
    message = Outgoing(1, channel, "+33199000010", "+33639981234", "Bonjour")

    assert twilio.send(message).provider_id


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
def test_what_we_ask_for_is_what_the_provider_lists(channel):
    twilio = Twilio(ACCOUNT, TOKEN, PRISM_URL)

    twilio.find(Outgoing(1, channel, "+33199000010", "+33639981234", "Bonjour"), frozenset())
