"""After a backup was put back: what may have left in the lost hours is asked of the provider first."""

from datetime import datetime, timedelta

import pytest

from notifications.actions.restored import mark_restored
from notifications.enums import Channel, State
from notifications.models import Message
from tests.factories import TUESDAY
from tests.notifications.conftest import book_for, run

AN_HOUR = timedelta(hours=1)
A_MINUTE = timedelta(minutes=1)


def lose_what_was_written_since(backup_at: datetime, *, now: datetime) -> None:
    """As a restore does: no row knows of the messages that have left."""
    Message.objects.all().delete()
    mark_restored(backup_at=backup_at, now=now)


def states() -> list[str]:
    return list(Message.objects.exclude(channel=Channel.DESK).values_list("state", flat=True))


def test_what_had_left_before_the_restore_does_not_leave_again(appointment, provider):
    run()
    assert len(provider.taken) == 1
    lose_what_was_written_since(TUESDAY - AN_HOUR, now=TUESDAY + A_MINUTE)

    run(TUESDAY + 2 * A_MINUTE)
    run(TUESDAY + 3 * A_MINUTE)

    assert len(provider.taken) == 1
    assert states() == [State.SENT]
    assert Message.objects.get().provider_id == provider.taken[0].sid


def test_what_had_not_left_leaves_within_a_minute(appointment, provider):
    lose_what_was_written_since(TUESDAY - AN_HOUR, now=TUESDAY)

    run(TUESDAY + A_MINUTE)
    assert provider.taken == []
    run(TUESDAY + 2 * A_MINUTE)

    assert len(provider.taken) == 1
    assert states() == [State.SENT]


@pytest.mark.parametrize("away", [True, False], ids=["away", "answers"])
def test_nothing_leaves_on_a_guess_while_the_provider_cannot_be_asked(appointment, provider, away):
    run()
    lose_what_was_written_since(TUESDAY - AN_HOUR, now=TUESDAY + A_MINUTE)
    provider.list_fails = away

    run(TUESDAY + 2 * A_MINUTE)

    assert len(provider.taken) == 1
    assert states() == [State.UNKNOWN if away else State.SENT]


def test_a_call_that_had_left_is_not_made_again(cabin, service, georges, provider, commune):
    from notifications.models import MessageSettings

    MessageSettings.objects.create(commune=commune, voice_number="+33199000011", confirm_by_call=True)
    book_for(georges, cabin, service)
    run()
    assert len(provider.taken) == 1
    lose_what_was_written_since(TUESDAY - AN_HOUR, now=TUESDAY + A_MINUTE)

    run(TUESDAY + 2 * A_MINUTE)
    run(TUESDAY + 3 * A_MINUTE)

    assert len(provider.taken) == 1


def test_a_day_later_messages_leave_at_once_again(appointment, provider):
    lose_what_was_written_since(TUESDAY - timedelta(days=2), now=TUESDAY - timedelta(days=1, minutes=1))

    run()

    assert len(provider.taken) == 1
    assert states() == [State.SENT]
