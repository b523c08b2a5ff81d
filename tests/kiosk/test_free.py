"""« Libre jusqu'à » is green only where a visit can begin; else it is plain and says why."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from communes.actions import bump_sites
from communes.enums import Booker, Equipment, HelperPolicy
from communes.models import Cabin, Service, Site
from kiosk.board.layout import board
from kiosk.board.types import CabinDay, LineKind, NoWalkIn, WalkInKind
from kiosk.models import Screen
from tests.clocks import SetClock
from tests.factories import at, make_appointment, make_cabin, make_shift
from tests.kiosk.test_board import card, day, visit


def only_kind(**fields: object) -> CabinDay:
    return CabinDay(1, "Cabine du hall", walk_ins=(WalkInKind(**fields),))  # type: ignore[arg-type]


def test_a_cabin_is_usable_as_long_as_the_shortest_visit_fits() -> None:
    shown = card(day(), at(11, 45))
    assert (shown.is_usable, shown.no_walk_in) == (True, None)
    shown = card(day(), at(11, 46))
    assert (shown.is_usable, shown.no_walk_in) == (False, NoWalkIn.SHORT)


def test_the_time_to_make_the_cabin_ready_counts() -> None:
    cabin = only_kind(turnaround=timedelta(minutes=10))
    assert card(day(visit(11), cabins=[cabin]), at(10, 35)).is_usable
    assert card(day(visit(11), cabins=[cabin]), at(10, 36)).no_walk_in == NoWalkIn.SHORT


def test_the_board_knows_when_it_becomes_too_short() -> None:
    cabin = only_kind(turnaround=timedelta(minutes=10))
    changes_at = board(day(visit(11), cabins=[cabin]), 1, at(10, 32)).changes_at
    assert changes_at == at(10, 35) + timedelta(microseconds=1)


def test_a_cabin_in_which_nothing_can_be_done_is_by_appointment_only() -> None:
    cabin = CabinDay(1, "Cabine du hall", walk_ins=())
    shown = board(day(visit(11), cabins=[cabin]), 1, at(10))
    assert shown.cards[0].no_walk_in == NoWalkIn.NO_SERVICE
    assert [line.can_begin for line in shown.lines if line.kind == LineKind.FREE] == [False]


def test_a_helper_who_leaves_soon_is_too_short() -> None:
    assert card(day(cabins=[only_kind(helped_until=at(10, 30))]), at(10, 15)).is_usable
    assert card(day(cabins=[only_kind(helped_until=at(10, 30))]), at(10, 16)).no_walk_in == NoWalkIn.SHORT


def test_a_cabin_that_is_retired_today_is_free_until_then_and_no_longer() -> None:
    cabin = CabinDay(1, "Cabine du hall", retired_at=at(11))
    shown = board(day(visit(9), cabins=[cabin]), 1, at(10))
    assert (shown.cards[0].until, shown.cards[0].is_usable) == (at(11), True)
    assert LineKind.FREE not in {line.kind for line in shown.lines}
    assert card(day(cabins=[cabin]), at(10, 46)).no_walk_in == NoWalkIn.SHORT
    assert board(day(cabins=[cabin]), 1, at(10, 50)).changes_at == at(11)


def test_a_cabin_that_is_retired_before_the_site_opens_again_says_no_time() -> None:
    cabin = CabinDay(1, "Cabine du hall", retired_at=at(13))
    assert card(day(cabins=[cabin]), at(12, 30)).until is None
    assert card(day(), at(12, 30)).until == at(13, 30)


def test_nobody_stays_longer_than_the_cabin() -> None:
    running = visit(10, status=Status.IN_SESSION)
    assert card(day(running), at(10, 20)).can_extend
    cabin = CabinDay(1, "Cabine du hall", retired_at=running.ends_at + timedelta(minutes=10))
    assert not card(day(running, cabins=[cabin]), at(10, 20)).can_extend


def test_who_has_not_come_keeps_the_cabin() -> None:
    assert card(day(visit(9)), at(9, 50)).no_walk_in == NoWalkIn.KEPT


# ---- as it is shown ----


def shown(kiosk: Client) -> str:
    return kiosk.get(reverse("screen")).content.decode()


@pytest.mark.django_db
def test_a_free_cabin_is_green_and_can_be_used(kiosk: Client, service: Service) -> None:
    page = shown(kiosk)
    assert " data-usable" in page
    assert 'class="main-button" id="use"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"booker": Booker.DESK}, "Uniquement sur rendez-vous."),
        ({"is_active": False}, "Uniquement sur rendez-vous."),
        ({"equipment_needed": [Equipment.MEDICAL_KIT]}, "Uniquement sur rendez-vous."),
        (
            {"helper_policy": HelperPolicy.REQUIRED},
            "Aucun aidant ne s’occupe en ce moment des démarches de cette cabine.",
        ),
    ],
)
def test_a_cabin_where_nobody_can_begin_is_plain_and_says_why(
    fields: dict[str, object], words: str, kiosk: Client, service: Service
) -> None:
    Service.objects.filter(pk=service.pk).update(**fields)
    page = shown(kiosk)
    assert "Libre jusqu’à" in page
    assert " data-usable" not in page
    assert words in page
    assert 'class="main-button" id="use"' not in page


@pytest.mark.django_db
def test_a_helper_who_is_there_and_can_help_makes_it_usable(
    kiosk: Client, service: Service, site: Site, bob: Agent, upstairs: Cabin
) -> None:
    Service.objects.update(helper_policy=HelperPolicy.REQUIRED)
    make_shift(bob, site, at(9), at(12))
    assert " data-usable" in shown(kiosk)
    make_appointment(upstairs, service, at(10), helper=bob, status=Status.IN_SESSION)
    assert " data-usable" not in shown(kiosk)


@pytest.mark.django_db
def test_what_is_green_can_begin_and_what_is_plain_cannot(
    kiosk: Client, screen: Screen, service: Service, cabin: Cabin, set_clock: SetClock
) -> None:
    make_appointment(cabin, service, at(11))
    url = reverse("screen-walk-in-service", args=[service.pk])
    for minute in range(20, 41, 5):
        set_clock(at(10, minute))
        can_begin = "Commencer maintenant" in kiosk.get(url).content.decode()
        assert (" data-usable" in shown(kiosk)) == can_begin, minute


@pytest.mark.django_db
def test_who_is_missing_is_said_as_it_is(
    kiosk: Client, service: Service, site: Site, bob: Agent, set_clock: SetClock
) -> None:
    """A helper who is there without the skill is a helper all the same."""
    set_clock(at(10))
    Service.objects.filter(pk=service.pk).update(helper_policy=HelperPolicy.REQUIRED)
    nobody = "Aucun aidant numérique n’est disponible pour le moment."
    unskilled = "Aucun aidant ne s’occupe en ce moment des démarches de cette cabine."
    assert nobody in shown(kiosk), "Bob can, and is not there"
    make_shift(bob, site, at(9), at(12))
    bump_sites([site.pk])
    assert " data-usable" in shown(kiosk)
    bob.memberships.get().skills.clear()
    bump_sites([site.pk])
    assert unskilled in shown(kiosk) and nobody not in shown(kiosk)


@pytest.mark.django_db
def test_a_helper_who_is_with_somebody_is_not_available(
    kiosk: Client, service: Service, site: Site, bob: Agent, cabin: Cabin, set_clock: SetClock
) -> None:
    set_clock(at(10))
    Service.objects.filter(pk=service.pk).update(helper_policy=HelperPolicy.REQUIRED)
    make_shift(bob, site, at(9), at(12))
    make_appointment(make_cabin(site), service, at(9, 45), helper=bob, status=Status.IN_SESSION)
    assert "Aucun aidant numérique n’est disponible pour le moment." in shown(kiosk)


@pytest.mark.django_db
def test_board_and_sheet_say_the_same_hour_until_which_the_cabin_is_free(
    kiosk: Client, service: Service, cabin: Cabin, set_clock: SetClock
) -> None:
    """The time to make the cabin ready, ten minutes, belongs to nobody."""
    set_clock(at(10))
    make_appointment(cabin, service, at(11, 5))
    assert "<time>10:55</time>" in shown(kiosk)
    sheet = kiosk.get(reverse("screen-walk-in-service", args=[service.pk])).content.decode()
    assert "La cabine est libre jusqu’à 10\xa0h\xa055." in sheet
