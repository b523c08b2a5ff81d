"""Managers are reminded of requests ten and three days before the deadline, and when it is over."""

import multiprocessing
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django_q.models import OrmQ
from hypothesis import given
from hypothesis import strategies as st

from agents.models import Agent, Membership
from booking.models import Resident
from communes.models import Commune
from core.roles import Role
from privacy import actions, tasks
from privacy.actions.reminding import LEASE
from privacy.deadlines import step_on
from privacy.enums import CameBy, Refusal, ReminderStep, Right
from privacy.models import RequestReminder, RightsRequest
from tests.clocks import SetClock
from tests.factories import make_agent, make_commune, make_resident
from tests.privacy.purging import remind_and_die

DUE = date(2026, 12, 4)
ASKED = date(2026, 11, 4)


def night(on: date) -> datetime:
    """When the worker runs what it runs once a night: half past four of that day in Paris."""
    return datetime.combine(on, time(3, 30), UTC)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(-400, 400))
def test_the_steps_follow_each_other_and_the_deadline_itself_is_not_late(due: date, left: int):
    steps = [None, ReminderStep.SOON, ReminderStep.CLOSE, ReminderStep.LATE]
    today, tomorrow = due - timedelta(days=left), due - timedelta(days=left - 1)
    assert steps.index(step_on(today, due)) <= steps.index(step_on(tomorrow, due))
    assert (step_on(today, due) == ReminderStep.LATE) == (today > due)
    assert step_on(due - timedelta(days=10), due) == ReminderStep.SOON
    assert step_on(due - timedelta(days=11), due) is None
    assert step_on(due - timedelta(days=3), due) == ReminderStep.CLOSE


@pytest.fixture
def manager(commune: Commune, settings: Any) -> Agent:
    settings.SENDS_EMAIL = True
    return make_agent(
        commune, Role.MANAGER, first_name="Dana", email="dana@example.org", email_confirmed=True
    )


@pytest.fixture
def resident(commune: Commune) -> Resident:
    return make_resident(commune)


@pytest.fixture
def asked(commune: Commune, alice: Agent, resident: Resident) -> Any:
    def ask(on: date = ASKED, commune: Commune = commune) -> RightsRequest:
        return actions.open_request(
            commune=commune,
            resident=resident if resident.commune_id == commune.pk else None,
            right=Right.ACCESS,
            came_by=CameBy.LETTER,
            asked_on=on,
            by=alice,
            now=night(on),
        )

    return ask


@pytest.fixture
def run(set_clock: SetClock) -> Any:
    """Run a night; returns the e-mails that left in it."""

    def run(on: date) -> list[EmailMessage]:
        mail.outbox.clear()
        set_clock(night(on))
        tasks.remind_of_requests.call()
        for row in OrmQ.objects.order_by("pk"):
            row.delete()
            with suppress(OSError):  # a task that fails keeps no other from running
                tasks.send_reminder.call(*row.task["args"][1])
        return list(mail.outbox)

    return run


@pytest.mark.django_db
def test_each_step_is_mailed_once(manager: Agent, asked: Any, run: Any):
    asked()
    nights = [ASKED + timedelta(days=n) for n in range(60)]
    assert [on for on in nights if run(on)] == [date(2026, 11, 24), date(2026, 12, 1), date(2026, 12, 5)]
    assert set(RequestReminder.objects.values_list("step", flat=True)) == {"soon", "close", "late"}


@pytest.mark.django_db
def test_it_says_how_many_until_when_and_nobodys_name(
    manager: Agent, asked: Any, resident: Resident, run: Any
):
    asked()
    asked(ASKED - timedelta(days=40))
    asked(ASKED + timedelta(days=2))
    (sent,) = run(date(2026, 11, 28))
    assert sent.to == ["dana@example.org"]
    body = str(sent.body).replace("\xa0", " ")
    assert "1 demande est en retard : elle était à traiter au plus tard le 25 octobre 2026." in body
    assert "2 demandes à traiter, la première au plus tard le 4 décembre 2026." in body
    assert "/demandes/" in body
    for word in (resident.last_name, resident.first_name, "Accès"):
        assert word not in sent.subject + body


@pytest.mark.django_db
def test_one_sentence_is_the_subject_too(manager: Agent, asked: Any, run: Any):
    asked()
    asked()
    (sent,) = run(date(2026, 12, 4))
    subject = sent.subject.replace("\xa0", " ")
    assert subject == "Permanence : 2 demandes à traiter au plus tard le 4 décembre 2026"


@pytest.mark.django_db
def test_a_step_that_was_missed_is_mailed_the_next_night(manager: Agent, asked: Any, run: Any):
    asked()
    assert len(run(date(2026, 11, 26))) == 1
    assert len(run(date(2026, 11, 27))) == 0


@pytest.mark.django_db
def test_whoever_is_not_a_manager_with_a_confirmed_address_gets_none(
    commune: Commune, manager: Agent, asked: Any, run: Any
):
    make_agent(commune, Role.DESK, email="desk@example.org", email_confirmed=True)
    make_agent(commune, Role.MANAGER, email="typed@example.org", email_confirmed=False)
    make_agent(commune, Role.MANAGER, email="", email_confirmed=True)
    make_agent(commune, Role.MANAGER, email="off@example.org", email_confirmed=True, is_active=False)
    gone = make_agent(commune, Role.MANAGER, email="gone@example.org", email_confirmed=True)
    Membership.objects.filter(agent=gone).update(last_on=DUE - timedelta(days=30))
    make_agent(make_commune(), Role.MANAGER, email="elsewhere@example.org", email_confirmed=True)
    asked()
    assert [each.to for each in run(DUE)] == [["dana@example.org"]]


@pytest.mark.django_db
def test_an_installation_without_e_mail_notes_nothing(manager: Agent, asked: Any, run: Any, settings: Any):
    settings.SENDS_EMAIL = False
    asked()
    assert run(DUE) == []
    assert not RequestReminder.objects.exists()


@pytest.mark.django_db
def test_a_manager_of_two_communes_has_one_e_mail(manager: Agent, asked: Any, run: Any):
    other = make_commune(name="Autreville")
    Membership.objects.create(agent=manager, commune=other, is_manager=True)
    asked()
    asked(commune=other)
    (sent,) = run(DUE)
    assert "Autreville" in str(sent.body)
    assert RequestReminder.objects.exclude(mailed_at=None).count() == 2


@pytest.mark.django_db
def test_a_request_that_is_closed_is_not_mailed(manager: Agent, asked: Any, alice: Agent, run: Any):
    actions.close_request(request=asked(), by=alice, now=night(ASKED))
    actions.refuse_request(request=asked(), why=Refusal.LAW, by=alice, now=night(ASKED))
    assert run(DUE) == []


@pytest.mark.django_db
def test_a_deadline_that_was_moved_starts_again(manager: Agent, asked: Any, run: Any):
    row = asked()
    assert len(run(date(2026, 11, 24))) == 1
    actions.extend_request(request=row)
    row.refresh_from_db()
    assert row.due_on == date(2027, 2, 4)
    nights = [date(2026, 11, 25) + timedelta(days=n) for n in range(80)]
    assert [on for on in nights if run(on)] == [date(2027, 1, 25), date(2027, 2, 1), date(2027, 2, 5)]


@pytest.mark.django_db
def test_a_request_that_is_opened_again_does_not_repeat_a_step(
    manager: Agent, asked: Any, alice: Agent, run: Any
):
    row = asked()
    assert len(run(date(2026, 11, 24))) == 1
    actions.close_request(request=row, by=alice, now=night(date(2026, 11, 25)))
    actions.reopen_request(request=row, now=night(date(2026, 11, 25)))
    assert run(date(2026, 11, 26)) == []
    assert len(run(date(2026, 12, 1))) == 1


@pytest.mark.django_db
def test_one_address_that_fails_keeps_no_other_from_theirs(
    commune: Commune, manager: Agent, asked: Any, run: Any, monkeypatch: pytest.MonkeyPatch
):
    make_agent(commune, Role.MANAGER, email="other@example.org", email_confirmed=True)
    asked()
    send = EmailMessage.send

    def broken(self: EmailMessage, *args: Any, **named: Any) -> int:
        if self.to == ["dana@example.org"]:
            raise SMTPServerDisconnected
        return send(self, *args, **named)

    monkeypatch.setattr(EmailMessage, "send", broken)
    assert [each.to for each in run(date(2026, 11, 24))] == [["other@example.org"]]
    monkeypatch.setattr(EmailMessage, "send", send)
    assert [each.to for each in run(date(2026, 11, 25))] == [["dana@example.org"]]
    assert run(date(2026, 11, 26)) == []


@pytest.mark.django_db
def test_what_another_worker_has_begun_is_left_to_it(manager: Agent, asked: Any, run: Any):
    asked()
    now = night(DUE)
    actions.write_reminders(now=now)
    RequestReminder.objects.update(claimed_at=now - LEASE / 2)
    assert run(DUE) == []


@pytest.mark.django_db
def test_a_clock_that_was_ahead_silences_no_reminder(manager: Agent, asked: Any, run: Any):
    asked()
    assert len(run(DUE + timedelta(days=400))) == 1
    assert len(run(date(2026, 11, 24))) == 1
    assert len(run(DUE + timedelta(days=1))) == 1


@pytest.mark.django_db
def test_reminders_go_with_their_request(manager: Agent, asked: Any, run: Any):
    row = asked()
    run(DUE)
    assert row.reminders.count() == 1
    row.delete()
    assert not RequestReminder.objects.exists()


spawn = multiprocessing.get_context("spawn")


@pytest.mark.crash
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["before it is claimed", "before it leaves"])
def test_a_worker_that_is_killed_loses_no_reminder_and_repeats_none(
    where: str, manager: Agent, asked: Any, run: Any
):
    asked()
    now = night(date(2026, 11, 24))
    database = str(connection.settings_dict["NAME"])
    process = spawn.Process(target=remind_and_die, args=(database, manager.pk, now, where), daemon=True)
    process.start()
    process.join(120)
    assert process.exitcode == -9
    assert RequestReminder.objects.get().mailed_at is None
    assert len(run(date(2026, 11, 25))) == 1
    assert run(date(2026, 11, 26)) == []
    assert RequestReminder.objects.get().mailed_at == night(date(2026, 11, 25))
