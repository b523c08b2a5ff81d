"""Who hears of a fault of a cabin: each recipient once of each step, whatever runs twice."""

from datetime import timedelta
from typing import Any

import pytest

from agents.models import Agent
from communes.enums import IncidentKind
from communes.incident_actions import change_fault_end, close_fault, confirm_fault, report_fault, take_fault
from communes.models import Cabin, Commune, Incident, IncidentStep
from core.edits import Edit, plain_values
from core.roles import Role
from notifications.enums import Channel, MessageKind, State
from notifications.models import Message
from notifications.sending.plan_faults import plan_faults, subject_of
from notifications.sending.send import outgoing_for
from tests.factories import TUESDAY, at, make_agent, make_commune, make_fault
from tests.notifications.conftest import SENDER, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated", "tuesday")]


@pytest.fixture
def fault(commune: Commune, cabin: Cabin, alice: Agent) -> Incident:
    """Reported by the desk. Told are a manager by e-mail, a technician by text message, and who repairs."""
    Commune.objects.filter(pk=commune.pk).update(sender=SENDER)
    commune.refresh_from_db()
    make_agent(commune, Role.MANAGER, email="sophie@mairie.example", email_confirmed=True)
    make_agent(commune, Role.TECHNICIAN, phone="+33639980011")
    make_agent(commune, Role.MANAGER, email="unconfirmed@mairie.example")
    make_agent(commune, Role.HELPER, email="camille@mairie.example", email_confirmed=True)
    make_agent(make_commune(), Role.MANAGER, email="elsewhere@mairie.example", email_confirmed=True)
    type(cabin.site).objects.filter(pk=cabin.site_id).update(maintainer="+33639980012")
    incident, _ = report_fault(cabin=cabin, kind=IncidentKind.SCANNER, note="bourrage", by=alice, now=TUESDAY)
    return incident


ALL = {"sophie@mairie.example", "+33639980011", "+33639980012"}


def told() -> list[tuple[str, int]]:
    rows = Message.objects.filter(kind=MessageKind.FAULT)
    return sorted(rows.values_list("recipient", "step"))


def test_a_report_alone_is_told_to_nobody(fault: Incident) -> None:
    run()
    assert told() == []
    assert not IncidentStep.objects.filter(told_at=None).exists()


def test_confirmed_each_hears_of_it_once_by_their_own_way(fault: Incident, alice: Agent) -> None:
    confirm_fault(incident=fault, end=at(14, day=25), by=alice, now=TUESDAY)
    run()
    run()
    assert told() == sorted((recipient, 0) for recipient in ALL)
    rows = {row.recipient: row for row in Message.objects.all()}
    assert {row.state for row in rows.values()} <= {State.SENT, State.DELIVERED}
    assert rows["sophie@mairie.example"].channel == Channel.EMAIL
    assert rows["+33639980011"].channel == Channel.SMS
    text = rows["sophie@mairie.example"].text
    assert "le scanner" in text and "mercredi 25 novembre à 14" in text and "bourrage" in text


def test_an_end_at_midnight_is_the_evening_before(fault: Incident, alice: Agent) -> None:
    confirm_fault(incident=fault, end=at(0, day=27), by=alice, now=TUESDAY)
    run()
    assert {row.text.count("jeudi 26 novembre au soir") for row in Message.objects.all()} == {1}


def test_the_subject_of_an_e_mail_says_what_and_where(fault: Incident, alice: Agent) -> None:
    confirm_fault(incident=fault, end=None, by=alice, now=TUESDAY)
    run()
    close_fault(incident=fault, by=alice, now=TUESDAY)
    run()
    mails = Message.objects.filter(channel=Channel.EMAIL).select_related("commune").order_by("step")
    where = f"{fault.where}, {fault.site.short_name}"
    assert [each.subject for each in outgoing_for(list(mails), now=TUESDAY)] == [
        f"Panne\xa0: scanner, {where}",
        f"Panne terminée\xa0: scanner, {where}",
    ]


def test_a_subject_is_one_line_whatever_a_cabin_is_called(fault: Incident, alice: Agent) -> None:
    assert fault.cabin is not None
    Cabin.objects.filter(pk=fault.cabin.pk).update(name="Bleue\r\nBcc: x@example.org")
    confirm_fault(incident=fault, end=None, by=alice, now=TUESDAY)
    run()
    mails = Message.objects.filter(channel=Channel.EMAIL).select_related("commune")
    (subject,) = [each.subject for each in outgoing_for(list(mails), now=TUESDAY)]
    assert len(subject.splitlines()) == 1


def test_each_kind_has_a_name_for_the_subject(cabin: Cabin, commune: Commune) -> None:
    for kind in IncidentKind:
        incident = make_fault(cabin, kind, TUESDAY)
        message = Message(commune=commune, cause=f"incident:{incident.pk}", kind=MessageKind.FAULT, step=0)
        assert subject_of(message).startswith("Panne\xa0: ")


def test_each_step_is_told_and_whoever_took_it_knows(fault: Incident, alice: Agent, commune: Commune) -> None:
    sophie = Agent.objects.get(email="sophie@mairie.example")
    confirm_fault(incident=fault, end=None, by=alice, now=TUESDAY)
    take_fault(incident=fault, by=sophie, now=TUESDAY)
    for end in (at(15), at(16)):
        change_fault_end(incident=fault, end=end, edit=_edit(fault, alice), now=TUESDAY)
    run()
    close_fault(incident=fault, by=sophie, now=TUESDAY)
    run()
    others = ALL - {"sophie@mairie.example"}
    steps = {(each, step) for each in ALL for step in (0, 10, 11)}
    assert told() == sorted(steps | {(each, step) for each in others for step in (1, 2)})


def _edit(fault: Incident, by: Agent) -> Edit:
    fault.refresh_from_db()
    return Edit(plain_values({"end": fault.end}), by, TUESDAY)


def test_what_has_not_left_when_it_is_closed_leaves_no_more(fault: Incident, alice: Agent) -> None:
    confirm_fault(incident=fault, end=None, by=alice, now=TUESDAY)
    plan_faults(now=TUESDAY)
    close_fault(incident=fault, by=alice, now=TUESDAY)
    run()
    left = Message.objects.exclude(state=State.EXPIRED)
    assert {row.step for row in left} == {2}
    assert left.count() == len(ALL)


def test_a_crash_between_writing_and_marking_owes_nothing_twice(
    fault: Incident, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are one transaction; and should a step be read again, its messages are there already."""
    confirm_fault(incident=fault, end=None, by=alice, now=TUESDAY)

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("django.db.models.query.QuerySet.update", dies)
        with pytest.raises(KeyboardInterrupt):
            plan_faults(now=TUESDAY)
    assert told() == []
    run()
    IncidentStep.objects.update(told_at=None)
    run()
    assert told() == sorted((recipient, 0) for recipient in ALL)


def test_an_old_step_is_not_told_any_more(fault: Incident, alice: Agent) -> None:
    confirm_fault(incident=fault, end=None, by=alice, now=TUESDAY - timedelta(days=2))
    run()
    assert told() == []
