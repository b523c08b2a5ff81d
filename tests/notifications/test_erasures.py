"""Texts and calls are deleted at the provider when the commune keeps them no longer."""

from datetime import timedelta

import pytest

from booking.models import Appointment
from core.days import months_before
from notifications.models import InboundMessage, Message, ProviderErasure
from privacy.purge import purge
from tests.factories import TUESDAY, make_commune
from tests.nights import run_night
from tests.notifications.conftest import run
from tests.notifications.fake_twilio import FakeTwilio
from transfer.removal import remove_commune

pytestmark = pytest.mark.usefixtures("tuesday")
OLD = TUESDAY - timedelta(days=400)
YOUNG = TUESDAY - timedelta(days=300)


def sent(provider: FakeTwilio, commune, *, at, **fields) -> Message:
    """A text message that the provider has, too."""
    taken = provider.take("Messages", {"To": "+33639981234", "Body": "texte"})
    return Message.objects.create(
        commune=commune,
        recipient="+33639981234",
        cause=f"test:{taken.sid}",
        kind="reminder",
        channel="sms",
        state="delivered",
        provider_id=taken.sid,
        due_at=at,
        expires_at=at,
        created_at=at,
        **fields,
    )


def kept(provider: FakeTwilio) -> set[str]:
    return {each.sid for each in provider.taken}


def test_what_is_older_than_the_commune_keeps_it_is_deleted_at_the_provider(provider, commune):
    sent(provider, commune, at=OLD)
    young = sent(provider, commune, at=YOUNG)
    answer = provider.take("Messages", {"From": "+33639981234", "Body": "OUI"})
    InboundMessage.objects.create(
        commune=commune, provider_id=answer.sid, sender="+33639981234", text="OUI", received_at=OLD
    )
    other = sent(provider, make_commune(retention_months=6), at=YOUNG)

    run_night()

    assert kept(provider) == {young.provider_id}
    assert other.provider_id in provider.deleted
    assert not ProviderErasure.objects.exists()


def test_nothing_is_asked_twice(provider, commune):
    sent(provider, commune, at=OLD)
    run_night()
    asked = list(provider.deleted)
    run_night()

    assert provider.deleted == asked


def test_what_goes_with_a_resident_goes_at_the_provider_too(provider, appointment, fatima, commune):
    run()
    (taken,) = provider.taken
    later = months_before(TUESDAY, -14)
    purge(commune=commune, now=later)
    assert not Appointment.objects.exists()
    assert not Message.objects.exists()

    run_night()

    assert taken.sid in provider.deleted


def test_a_provider_that_refuses_is_asked_again_the_next_night(provider, commune):
    message = sent(provider, commune, at=OLD)
    provider.deleting_fails = True
    run_night()
    assert ProviderErasure.objects.get().asked_at == TUESDAY
    Message.objects.all().delete()

    provider.deleting_fails = False
    run_night()

    assert message.provider_id in provider.deleted
    assert not ProviderErasure.objects.exists()


def test_what_the_provider_has_lost_already_is_done(provider, commune):
    message = sent(provider, commune, at=OLD)
    provider.taken.clear()

    run_night()

    assert provider.deleted == [message.provider_id]
    assert not ProviderErasure.objects.exists()


def test_a_provider_that_refuses_everything_is_left_in_peace_after_five(provider, commune):
    for _ in range(8):
        sent(provider, commune, at=OLD)
    provider.deleting_fails = True

    run_night()

    assert ProviderErasure.objects.filter(asked_at=None).count() == 3


def test_ids_of_providers_that_cannot_be_asked_are_not_kept(provider, commune):
    Message.objects.filter(pk=sent(provider, commune, at=OLD).pk).update(provider_id="77123456")

    run_night()

    assert (provider.deleted, ProviderErasure.objects.count()) == ([], 0)


def test_strangers_are_deleted_at_the_provider_too(provider, commune):
    caller = provider.take("Calls", {"From": "+33639980000"})
    InboundMessage.objects.create(
        commune=commune, provider_id=caller.sid, sender="+33639980000", received_at=OLD
    )
    purge(commune=commune, now=TUESDAY)
    assert not InboundMessage.objects.exists()

    run_night()

    assert provider.deleted == [caller.sid]


def test_messages_of_a_commune_that_is_removed_are_deleted_at_the_provider(
    provider: FakeTwilio, commune
) -> None:
    for at in (OLD, YOUNG):
        sent(provider, commune, at=at)
    remove_commune(commune=commune)
    assert list(ProviderErasure.objects.values_list("commune", flat=True)) == [None, None]
    run_night()
    assert not kept(provider)
    assert not ProviderErasure.objects.exists()
