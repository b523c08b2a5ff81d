"""« Réglages »: what each setting says of itself, what it does, who changed it, and how it is put back."""

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.actions import WaitingRequest, join_waiting_list, offer_freed_times
from booking.enums import Status
from booking.free.slots import find_slots
from booking.models import Appointment
from communes.models import Cabin, Commune, Service, SetupChange, Site
from core.edits import Edit
from notifications.actions import can_be_put_back, put_back, save_settings
from notifications.histories import calendar
from notifications.models import MessageSettings
from notifications.pages.commune_settings import GROUPS
from notifications.plan.hours import Urgency, may_leave
from tests.edits import edit_form, send_edit
from tests.factories import TUESDAY, at, make_resident
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")

BOOKING = {
    "cancel_grace_min": "5",
    "lead_min_hours": "2",
    "lead_max_days": "56",
    "offers_freed_times": "on",
    "offer_lasts_min": "30",
}


@pytest.fixture
def page(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


def saved(commune: Commune, dana: Agent, **changes: Any) -> SetupChange:
    start = {name: getattr(commune, name) for name in changes}
    edit = Edit(
        {name: str(value) if isinstance(value, time) else value for name, value in start.items()},
        dana,
        TUESDAY,
    )
    assert save_settings(commune=commune, changes=changes, now=TUESDAY, edit=edit)
    return commune.setup_changes.order_by("-pk")[0]


def test_the_page_shows_every_setting_with_its_default_and_links_to_its_form(page: Client) -> None:
    shown = page.get(reverse("settings"))

    text = words(shown)
    for group in GROUPS:
        assert f'href="{reverse(group.page)}"' in shown.content.decode()
    assert "Valeur par défaut : 12" not in text
    assert text.count("C’est la valeur par défaut.") >= 15
    assert "déconnectée après 12 heures" in text
    assert "12 caractères" in text


def test_a_changed_setting_says_who_changed_it_when_and_its_default(page: Client) -> None:
    answer = send_edit(page, reverse("booking-settings"), {**BOOKING, "cancel_grace_min": "10"})

    assert answer.status_code == 302
    text = words(page.get(reverse("settings")))
    assert "Valeur par défaut : 5." in text
    assert "Modifié par Dana mardi 24 novembre 2026, 10 h." in text


def test_out_of_bounds_is_said_at_the_field_and_nothing_is_saved(page: Client, commune: Commune) -> None:
    sent = {**BOOKING, "cancel_grace_min": "31", "lead_min_hours": "3"}

    answer = send_edit(page, reverse("booking-settings"), sent)

    assert answer.status_code == 422
    assert "cancel_grace_min" in answer.context["form"].errors
    commune.refresh_from_db()
    assert (commune.lead_min_hours, SetupChange.objects.count()) == (2, 0)


def test_the_screens_of_all_places_are_read_again(page: Client, commune: Commune, site: Site) -> None:
    before = site.version
    sent = {"name_shown_minutes_before": "15", "dark_screen_min": "10", "screen_languages": ["ar"]}

    assert send_edit(page, reverse("screen-settings"), sent).status_code == 302

    commune.refresh_from_db()
    assert (commune.name_shown_minutes_before, commune.screen_languages, commune.walk_ins) == (
        15,
        ["ar"],
        False,
    )
    site.refresh_from_db()
    assert site.version > before


def test_reminders_keep_within_hours_that_people_accept(page: Client, commune: Commune) -> None:
    form = edit_form(page.get(reverse("message-settings")))
    wrong = {**form.sent, "reminders_from": "06:30", "reminders_until": "22:00"}

    answer = page.post(reverse("message-settings"), wrong)

    errors = answer.context["form"].errors
    assert answer.status_code == 422
    assert "entre 7 h et 12 h" in errors["reminders_from"][0].replace("\u00a0", " ")
    assert "entre 14 h et 21 h" in errors["reminders_until"][0].replace("\u00a0", " ")


# ---- what they do -------------------------------------------------------------------------------------


def test_reminders_leave_in_the_hours_of_the_commune(commune: Commune) -> None:
    assert may_leave(calendar(commune), at(9), Urgency.CALM)
    commune.reminders_from, commune.reminders_until = time(11), time(20)
    assert not may_leave(calendar(commune), at(10, 59), Urgency.CALM)
    assert may_leave(calendar(commune), at(11), Urgency.CALM)
    assert may_leave(calendar(commune), at(19, 59), Urgency.CALM)
    assert may_leave(calendar(commune), at(7), Urgency.NOW)


def test_lead_times_of_the_commune_hold_where_a_service_has_none(
    commune: Commune, service: Service, cabin: Cabin
) -> None:
    def first(public: bool = True) -> Any:
        found = find_slots(
            commune=commune,
            service=service,
            with_helper=False,
            start=TUESDAY.date(),
            end=TUESDAY.date() + timedelta(days=7),
            now=TUESDAY,
            public=public,
        )
        return next(iter(found.offers)).start

    assert first() == at(14)
    commune.lead_min_hours = 24
    assert first() == at(10, day=25)
    assert first(public=False) < at(14)
    service.lead_min_hours = 5
    assert first() == at(15)


def waiting(service: Service, commune: Commune) -> None:
    resident = make_resident(commune, "+33639981234")
    wish = WaitingRequest(
        resident=resident,
        service=service,
        with_helper=False,
        from_on=TUESDAY.date() + timedelta(days=1),
        until_on=TUESDAY.date() + timedelta(days=7),
    )
    join_waiting_list(request=wish, now=TUESDAY)


def test_an_offer_lasts_as_long_as_the_commune_says(commune: Commune, service: Service, cabin: Cabin) -> None:
    Commune.objects.update(offer_lasts_min=90)
    waiting(service, commune)

    offer_freed_times(now=TUESDAY)

    assert Appointment.objects.get(status=Status.HELD).held_until == TUESDAY + timedelta(minutes=90)


def test_nothing_is_offered_by_message_where_the_commune_does_not_want_it(
    commune: Commune, service: Service, cabin: Cabin
) -> None:
    Commune.objects.update(offers_freed_times=False)
    waiting(service, commune)

    assert offer_freed_times(now=TUESDAY) == 0


# ---- the log, and back --------------------------------------------------------------------------------


def test_a_change_is_put_back_and_that_is_logged_too(page: Client, dana: Agent, commune: Commune) -> None:
    change = saved(commune, dana, cancel_grace_min=10, reminders_until=time(20))
    log = page.get(reverse("settings-log"))
    assert "Dana" in words(log) and "20 h" in words(log)

    page.post(reverse("settings-undo", args=[change.pk]))

    commune.refresh_from_db()
    assert (commune.cancel_grace_min, commune.reminders_until) == (5, time(19))
    latest = commune.setup_changes.order_by("-pk")[0]
    assert (latest.kind, latest.by, latest.values["cancel_grace_min"]) == ("put_back", dana, [10, 5])
    assert can_be_put_back(latest)


def test_what_was_changed_since_is_not_put_back(page: Client, dana: Agent, commune: Commune) -> None:
    change = saved(commune, dana, cancel_grace_min=10, lead_min_hours=4)
    saved(commune, dana, cancel_grace_min=12)
    shown = page.get(reverse("settings-log")).content.decode()
    assert reverse("settings-undo", args=[change.pk]) not in shown

    answer = page.post(reverse("settings-undo", args=[change.pk]), follow=True)

    commune.refresh_from_db()
    assert (commune.cancel_grace_min, commune.lead_min_hours) == (12, 4)
    assert "modifiée de nouveau" in words(answer)


def test_settings_of_messages_are_in_the_same_log(page: Client, dana: Agent, commune: Commune) -> None:
    edit = Edit({"price_sms_cents": 8, "remind_same_day": False}, dana, TUESDAY)
    wanted = {"price_sms_cents": "7.5", "remind_same_day": True}
    save_settings(commune=commune, changes=wanted, now=TUESDAY, edit=edit)

    put_back(change=commune.setup_changes.get(), by=dana, now=TUESDAY)

    settings = MessageSettings.objects.get()
    assert (settings.price_sms_cents, settings.remind_same_day) == (Decimal(8), False)


def test_a_form_that_changes_one_setting_logs_that_one(page: Client, commune: Commune) -> None:
    MessageSettings.objects.filter(commune=commune).delete()
    address = reverse("message-settings")
    form = edit_form(page.get(address))
    page.post(address, {**form.sent, "sender": "MairiePQ"})
    assert list(commune.setup_changes.get().values) == ["sender"]
    form = edit_form(page.get(address))
    page.post(address, {**form.sent, "remind_same_day": "on"})
    assert list(commune.setup_changes.order_by("-pk")[0].values) == ["remind_same_day"]


def test_a_changed_cabin_is_put_back_from_the_same_log(page: Client, cabin: Cabin) -> None:
    form = edit_form(page.get(reverse("cabin-edit", args=[cabin.pk])))
    page.post(reverse("cabin-edit", args=[cabin.pk]), {**form.sent, "directions": "au fond"})
    change = SetupChange.objects.get()
    assert list(change.values) == ["directions"]

    page.post(reverse("settings-undo", args=[change.pk]))

    cabin.refresh_from_db()
    assert cabin.directions == ""


def test_the_log_of_another_commune_is_not_there(
    client: Client, charlie: Agent, dana: Agent, commune: Commune
) -> None:
    change = saved(commune, dana, cancel_grace_min=10)
    client.force_login(charlie)
    assert client.post(reverse("settings-undo", args=[change.pk])).status_code == 404


def test_the_log_goes_on_to_earlier_changes(page: Client, dana: Agent, commune: Commune) -> None:
    for minutes in range(1, 60):
        saved(commune, dana, cancel_grace_min=minutes % 30 + 1 if minutes % 30 + 1 != 5 else 30)
        commune.refresh_from_db()
    first = page.get(reverse("settings-log"))
    assert len(first.context["log"].entries) == 50
    second = page.get(reverse("settings-log"), {"before": first.context["log"].earlier})
    assert len(second.context["log"].entries) == SetupChange.objects.count() - 50
    assert not any(each.can_be_put_back for each in second.context["log"].entries)
    assert sum(each.can_be_put_back for each in first.context["log"].entries) == 1
