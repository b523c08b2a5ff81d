"""A night's deletion stops where something looks wrong, says so, and goes on when somebody says so."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from booking.models import Resident
from core import clock
from notifications.pages.health import look
from privacy import guards, over, runs
from privacy.alarms import alarming_run
from privacy.enums import RunState, RunTrouble
from privacy.forgetting import forget_residents
from privacy.models import PurgeRun
from privacy.purge import purge
from privacy.tasks import mail_purge_alarm, purge_all
from tests.edits import send_edit
from tests.factories import TUESDAY
from tests.privacy.purging import forgettable_people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

LONG_AGO = TUESDAY - timedelta(days=500)
RETENTION = "/reglages/conservation/"
OTHERS = {"rota_months": "24", "consultations_months": "12", "consultations_alarm": "40"}


def test_fifty_may_go_in_a_night_and_one_more_stops_it(commune):
    forgettable_people(commune, 50, LONG_AGO)
    assert purge(commune=commune, now=TUESDAY).residents == 50
    forgettable_people(commune, 51, LONG_AGO)
    stopped = purge(commune=commune, now=TUESDAY + timedelta(days=1))
    assert (stopped.stopped, stopped.residents) == (RunTrouble.MANY, 0)
    assert Resident.objects.count() == 51


def test_of_many_residents_one_in_ten_may_go(commune):
    forgettable_people(commune, 60, LONG_AGO)
    forgettable_people(commune, 540, TUESDAY)
    assert purge(commune=commune, now=TUESDAY).residents == 60


def test_nothing_at_all_goes_when_it_stops(commune, bob, site):
    from tests.factories import make_shift

    old = make_shift(bob, site, TUESDAY - timedelta(days=900), TUESDAY - timedelta(days=899))
    forgettable_people(commune, 51, LONG_AGO)
    purge(commune=commune, now=TUESDAY)
    old.refresh_from_db()


def test_a_clock_that_jumps_ahead_stops_it_each_night_until_it_is_right(commune):
    purge(commune=commune, now=TUESDAY)
    forgettable_people(commune, 1, TUESDAY)
    for day in range(400, 403):
        gone = purge(commune=commune, now=TUESDAY + timedelta(days=day))
        assert gone.stopped == RunTrouble.CLOCK
    assert purge(commune=commune, now=TUESDAY + timedelta(days=2)).stopped == ""
    assert Resident.objects.count() == 1


def test_a_week_of_standstill_is_no_reason_to_stop(commune):
    purge(commune=commune, now=TUESDAY)
    assert purge(commune=commune, now=TUESDAY + timedelta(days=8)).stopped == ""
    assert purge(commune=commune, now=TUESDAY + timedelta(days=17)).stopped == RunTrouble.CLOCK


def test_the_manager_says_go_on(client, commune, dana, monkeypatch):
    forgettable_people(commune, 60, LONG_AGO)
    purge(commune=commune, now=TUESDAY)
    client.force_login(dana)
    run = PurgeRun.objects.get()
    assert client.get(RETENTION).context["alarm"] == run
    assert "60" in client.get(reverse("provider-alarm")).content.decode()
    assert client.post(reverse("purge-anyway", args=[run.pk])).status_code == 302
    purge(commune=commune, now=TUESDAY)
    run.refresh_from_db()
    assert (run.state, run.allowed_by, run.why) == (RunState.DONE, dana, "")
    assert not Resident.objects.exists()
    assert client.get(RETENTION).context["alarm"] is None


def test_what_was_allowed_and_then_killed_goes_on_the_next_night(commune, monkeypatch):
    monkeypatch.setattr(runs, "LEASE", timedelta(0))
    forgettable_people(commune, 60, LONG_AGO)
    purge(commune=commune, now=TUESDAY)
    run = PurgeRun.objects.get()
    runs.allow(run=run, by=None, now=TUESDAY)
    PurgeRun.objects.update(state=RunState.RUNNING, ended_at=None)
    assert purge(commune=commune, now=TUESDAY + timedelta(days=1)).residents == 60


def test_who_said_go_on_said_it_of_that_night_and_not_of_a_year_later(commune, monkeypatch):
    """The clock jumps after the press: everybody's time would be over."""
    monkeypatch.setattr(runs, "LEASE", timedelta(0))
    forgettable_people(commune, 60, LONG_AGO)
    purge(commune=commune, now=TUESDAY)
    runs.allow(run=PurgeRun.objects.get(), by=None, now=TUESDAY)
    PurgeRun.objects.update(state=RunState.RUNNING, ended_at=None)
    forgettable_people(commune, 100, TUESDAY)
    later = purge(commune=commune, now=TUESDAY + timedelta(days=400))
    assert (later.stopped, Resident.objects.count()) == (RunTrouble.MANY, 160)


def test_a_shorter_retention_says_who_goes_before_it_is_saved(client, commune, dana):
    purge(commune=commune, now=TUESDAY - timedelta(days=1))
    forgettable_people(commune, 80, TUESDAY - timedelta(days=100))
    client.force_login(dana)
    address, shorter = reverse("data-settings"), {**OTHERS, "retention_months": "3"}
    asked = send_edit(client, address, shorter)
    commune.refresh_from_db()
    assert (asked.status_code, asked.context["going"], commune.retention_months) == (200, 80, 12)
    assert send_edit(client, address, {**shorter, "going": "80"}).status_code == 302
    commune.refresh_from_db()
    assert commune.retention_months == 3
    assert purge(commune=commune, now=TUESDAY + timedelta(hours=17)).residents == 80


def test_a_longer_retention_is_saved_at_once(client, commune, dana):
    commune.retention_months = 3
    commune.save()
    forgettable_people(commune, 80, TUESDAY - timedelta(days=100))
    client.force_login(dana)
    assert send_edit(client, reverse("data-settings"), {**OTHERS, "retention_months": "6"}).status_code == 302


def test_more_people_than_the_manager_was_told_of_are_asked_about_again(client, commune, dana):
    forgettable_people(commune, 80, TUESDAY - timedelta(days=100))
    client.force_login(dana)
    answer = send_edit(client, reverse("data-settings"), {**OTHERS, "retention_months": "3", "going": "79"})
    assert answer.context["going"] == 80


def test_counts_that_do_not_add_up_are_an_alarm(commune, monkeypatch):
    forgettable_people(commune, 3, LONG_AGO)
    forgettable_people(commune, 3, TUESDAY)
    forget = forget_residents

    def takes_one_more(commune, ids, limit):
        gone = forget(commune, ids, limit)
        Resident.objects.earliest("pk").delete()
        return gone

    monkeypatch.setattr(over, "forget_residents", takes_one_more)
    assert purge(commune=commune, now=TUESDAY).stopped == RunTrouble.SUM
    run = alarming_run(commune, TUESDAY)
    assert run is not None and run.why == RunTrouble.SUM
    count = run.counts.get(kind="residents")
    assert (count.before, count.deleted, count.after) == (6, 3, 2)


def test_who_comes_during_the_purge_is_counted_apart(commune, monkeypatch):
    forgettable_people(commune, 3, LONG_AGO)
    forget = forget_residents

    def meanwhile(commune, ids, limit):
        forgettable_people(commune, 2, TUESDAY)
        return forget(commune, ids, limit)

    monkeypatch.setattr(over, "forget_residents", meanwhile)
    assert purge(commune=commune, now=TUESDAY).stopped == ""
    count = PurgeRun.objects.get().counts.get(kind="residents")
    assert (count.before, count.deleted, count.created, count.after) == (3, 3, 2, 2)


def test_managers_and_technicians_of_the_commune_are_written_to(commune, dana, settings):
    from core.roles import Role
    from tests.factories import make_agent, make_commune

    settings.SENDS_EMAIL = True
    reachable: dict[str, Any] = {"email_confirmed": True}
    dana.email, dana.email_confirmed = "dana@example.org", True
    dana.save()
    make_agent(commune, Role.TECHNICIAN, email="theo@example.org", **reachable)
    make_agent(commune, Role.DESK, email="desk@example.org", **reachable)
    make_agent(make_commune(), Role.MANAGER, email="charlie@example.org", **reachable)
    forgettable_people(commune, 51, LONG_AGO)
    purge_all.call()
    mail_purge_alarm.call(PurgeRun.objects.get(commune=commune).pk)
    assert sorted(each.to[0] for each in mail.outbox) == ["dana@example.org", "theo@example.org"]
    assert "51" in mail.outbox[0].body and RETENTION in mail.outbox[0].body


def test_a_monitor_is_told_and_the_status_does_not_depend_on_it(commune):
    before = look(now=TUESDAY)
    forgettable_people(commune, 51, LONG_AGO)
    purge(commune=commune, now=TUESDAY)
    after = look(now=TUESDAY)
    assert (before.problems, after.problems) == ((), ("purge_stopped",))
    assert after.status == before.status


def test_the_command_says_all_kinds_and_goes_on_anyway(commune):
    forgettable_people(commune, 51, LONG_AGO)
    said = StringIO()
    call_command("purge", "--dry-run", stdout=said)
    assert ": 51" in said.getvalue() and Resident.objects.count() == 51
    with pytest.raises(CommandError):
        call_command("purge", stdout=said)
    call_command("purge", "--anyway", stdout=said)
    assert not Resident.objects.exists()


def test_another_process_at_it_is_waited_for(commune):
    purge(commune=commune, now=TUESDAY)
    PurgeRun.objects.update(state=RunState.RUNNING, ended_at=None)
    assert purge(commune=commune, now=TUESDAY).is_busy
    assert guards.last_done(commune, TUESDAY) is None


def test_a_sign_of_life_that_is_still_to_come_keeps_nobody_waiting(commune):
    """It ran while the clock was a year ahead, and was killed."""
    forgettable_people(commune, 1, LONG_AGO)
    ahead = clock.machine_now() + timedelta(days=365)
    values = {"state": RunState.RUNNING, "alive_at": ahead}
    for days in (0, 365):
        began = TUESDAY + timedelta(days=days)
        PurgeRun.objects.create(commune=commune, night=began.date(), began_at=began, **values)
    assert purge(commune=commune, now=TUESDAY).residents == 1
