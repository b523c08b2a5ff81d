"""« Rien ne convient »: what was asked for at the desk and not found is counted once, and without a name."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.actions.unmet import fold_unmet
from booking.enums import UnmetWhy
from booking.models import MonthlySum, UnmetRequest
from communes.enums import HelperPolicy
from communes.models import Cabin, Commune, Service
from core.roles import Role
from tests.booking.shown import Shown
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_commune,
    make_resident,
    make_service,
    make_shift,
)
from tests.html import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday", "cabin")]
TODAY = date(2026, 11, 24)
TALK = UUID("11111111-2222-4333-8444-555555555555")
DAY = timedelta(days=1)


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


def press(desk: Client, service: Service, name: str = "desk-unmet", **asked: Any) -> Page:
    sent = {"talk": TALK, "service": service.pk, "helper": "0", **asked}
    response = desk.post(reverse(name), sent, follow=True)
    assert response.status_code == 200
    return Page(response.content.decode())


def rows() -> list[tuple[date, str]]:
    return [(row.wanted_on, row.why) for row in UnmetRequest.objects.order_by("wanted_on")]


def note(commune: Commune, service: Service | None, *days: actions.WantedDay, talk: UUID = TALK) -> int:
    asked = actions.Unmet(talk=talk, service=service, days=days)
    return actions.note_unmet(commune=commune, request=asked, now=TUESDAY)


# ---- what is counted ------------------------------------------------------------------------------------


def test_days_with_times_count_as_not_suiting(desk: Client, service: Service) -> None:
    shown = Shown(desk, service, days="3", half="pm")
    press(desk, service, days="3", half="pm")
    assert rows() == [(on, UnmetWhy.NOT_SUITING) for on in shown.days]
    row = UnmetRequest.objects.first()
    assert row is not None
    assert (row.half, row.service_name, row.theme) == ("pm", service.name, service.theme)
    assert (row.site_ref, row.asked_on) == (0, TODAY)


def test_a_weekday_on_which_nothing_opens_counts_where_it_was_asked_for(
    desk: Client, service: Service
) -> None:
    press(desk, service, days="6")
    assert {why for _on, why in rows()} == {UnmetWhy.CLOSED}
    assert {on.isoweekday() for on, _why in rows()} == {7}


def test_closed_days_do_not_count_where_nobody_asked_for_them(desk: Client, service: Service) -> None:
    press(desk, service)
    assert {on.weekday() for on, _why in rows()} <= set(range(5))
    assert UnmetWhy.CLOSED not in {why for _on, why in rows()}
    assert min(on for on, _why in rows()) >= TODAY


def test_a_day_that_lacks_only_a_helper_says_so(desk: Client, commune: Commune, cabin: Cabin) -> None:
    helped = make_service(commune, helper_policy=HelperPolicy.REQUIRED)
    helper = make_agent(commune, Role.HELPER, skills=[helped])
    make_shift(helper, cabin.site, at(8, day=25), at(17, day=25))
    press(desk, helped, helper="1", days=["2", "3"], before="2026-11-28")
    found = {row.wanted_on: (row.why, row.lacked_helper) for row in UnmetRequest.objects.all()}
    assert found == {
        TODAY + DAY: (UnmetWhy.NOT_SUITING, False),
        TODAY + 2 * DAY: (UnmetWhy.NO_HELPER, True),
    }


def test_a_full_day_does_not_lack_a_helper(desk: Client, commune: Commune, cabin: Cabin) -> None:
    whole = make_service(commune, helper_policy=HelperPolicy.NONE)
    helped = make_service(commune, helper_policy=HelperPolicy.REQUIRED)
    make_appointment(cabin, whole, at(7, day=25), ends_at=at(20, day=25))
    press(desk, helped, helper="1", days="2", before="2026-11-26")
    row = UnmetRequest.objects.get()
    assert not row.lacked_helper


# ---- once, and back again --------------------------------------------------------------------------------


def test_one_conversation_counts_a_service_and_day_once(desk: Client, service: Service) -> None:
    press(desk, service, days="3")
    count = UnmetRequest.objects.count()
    press(desk, service, days="3")
    assert UnmetRequest.objects.count() == count
    press(desk, service, days="4")
    assert UnmetRequest.objects.count() == 2 * count
    assert UnmetRequest.objects.filter(is_first=True).count() == 1


def test_another_service_of_the_conversation_is_another_request(commune: Commune, service: Service) -> None:
    other = make_service(commune, slug="autre", name="Autre")
    note(commune, service, actions.WantedDay(TODAY, UnmetWhy.FULL))
    note(commune, other, actions.WantedDay(TODAY, UnmetWhy.FULL))
    assert UnmetRequest.objects.filter(is_first=True).count() == 2


def test_the_page_says_that_it_is_counted_and_takes_it_back(desk: Client, service: Service) -> None:
    page = press(desk, service, days="3")
    assert page.text(page.one(id="nothing-suits")) == "Ne pas compter"
    page = press(desk, service, "desk-unmet-undo", days="3")
    assert not UnmetRequest.objects.exists()
    assert page.text(page.one(id="nothing-suits")) == "Rien ne convient"


def test_the_page_alone_counts_nothing(desk: Client, service: Service) -> None:
    Shown(desk, service, days="6", talk=TALK)
    assert not UnmetRequest.objects.exists()


def test_a_request_that_no_service_is_for(desk: Client, service: Service) -> None:
    sent = {"talk": TALK, "theme": "logement"}
    page = Page(desk.post(reverse("desk-other"), sent, follow=True).content.decode())
    row = UnmetRequest.objects.get()
    assert (row.service_ref, row.theme, row.why) == (0, "logement", UnmetWhy.NOT_OFFERED)
    assert "Ne pas compter" in page.text(page.one(id="plan"))
    desk.post(reverse("desk-unmet-undo"), {"talk": TALK})
    assert not UnmetRequest.objects.exists()


def test_a_theme_of_no_list_is_refused(desk: Client, service: Service) -> None:
    response = desk.post(reverse("desk-other"), {"talk": TALK, "theme": "plomberie"})
    assert response.status_code == 422
    assert not UnmetRequest.objects.exists()


@pytest.mark.parametrize("talk", ["", "x", "1" * 200])
def test_a_conversation_that_cannot_be_read_is_a_new_one(desk: Client, service: Service, talk: str) -> None:
    press(desk, service, days="3", talk=talk)
    assert UnmetRequest.objects.exists()


def test_the_service_of_another_commune_counts_nothing(desk: Client) -> None:
    press(desk, make_service(make_commune()), days="3")
    assert not UnmetRequest.objects.exists()


def test_another_commune_takes_nothing_back(commune: Commune, service: Service) -> None:
    note(commune, service, actions.WantedDay(TODAY, UnmetWhy.FULL))
    assert not actions.forget_unmet(commune=make_commune(), talk=TALK, service=service)
    assert UnmetRequest.objects.exists()


# ---- closing and summing ---------------------------------------------------------------------------------


def test_a_closed_day_has_no_key_and_stays_counted(commune: Commune, service: Service) -> None:
    note(commune, service, actions.WantedDay(TODAY, UnmetWhy.FULL))
    assert actions.close_unmet(now=TUESDAY + 7 * DAY) == 0
    assert actions.close_unmet(now=TUESDAY + 8 * DAY) == 1
    assert not actions.forget_unmet(commune=commune, talk=TALK, service=service)
    assert UnmetRequest.objects.get().talk == ""


def test_old_requests_become_sums_once(commune: Commune, service: Service) -> None:
    note(
        commune,
        service,
        actions.WantedDay(TODAY, UnmetWhy.NO_HELPER, True),
        actions.WantedDay(TODAY + DAY, UnmetWhy.FULL),
    )
    note(commune, None, actions.WantedDay(TODAY, UnmetWhy.NOT_OFFERED), talk=UUID(int=7))
    assert fold_unmet(commune=commune, now=TUESDAY + 300 * DAY) == 0
    later = TUESDAY + 366 * DAY
    assert fold_unmet(commune=commune, now=later) == 3
    assert fold_unmet(commune=commune, now=later) == 0
    found = {(row.dimension, row.code): row.visits for row in MonthlySum.objects.all()}
    assert found == {
        ("unmet_service", str(service.pk)): 1,
        ("unmet_theme", "unknown"): 1,
        ("unmet_why", "no_helper"): 1,
        ("unmet_why", "full"): 1,
        ("unmet_lacked", "helper"): 1,
    }
    assert not UnmetRequest.objects.exists()


def test_a_resident_stays_chosen(desk: Client, commune: Commune, service: Service) -> None:
    fatima = make_resident(commune, "+33639981234")
    page = press(desk, service, days="3", resident=fatima.pk)
    assert page.all("form", "to-waiting"), "the waiting list stays one press away"


def test_what_is_booked_after_all_in_the_same_conversation_is_not_counted(
    desk: Client, commune: Commune, service: Service
) -> None:
    fatima = make_resident(commune, "+33639981234")
    press(desk, service, days="3", resident=fatima.pk)
    talk = {"talk": str(TALK)}
    assert UnmetRequest.objects.exists()
    slot = Shown(desk, service, days="3", resident=fatima.pk, **talk)
    chosen = slot.page.all("name", "slot")[0]["value"]
    asked = {"service": service.pk, "helper": "0", "party": 1, "resident": fatima.pk, **talk}
    held = desk.post(reverse("desk-hold"), {**asked, "slot": chosen}, follow=True)
    form = Page(held.content.decode())
    assert [each["form"] for each in form.all("name", "talk") if each.get("form") == "booking"] == ["booking"]
    hold = held.context["desk"].hold
    desk.post(reverse("desk-confirm"), {**asked, "hold": hold.pk})
    assert hold.events.filter(kind="booked").exists()
    assert not UnmetRequest.objects.exists()
