"""Alarms about agents who were shown very many people in an hour: the worker raises, a manager closes."""

from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from agents.models import Agent
from booking.actions.base import action
from communes.models import Commune
from core.looked import Shown
from privacy.errors import OwnAlarm
from privacy.looked.mails import mail_consultations
from privacy.looked.rings import HOUR, Seen, rings
from privacy.looked.stretches import OPENED, SEARCHED
from privacy.models import Consultation, ConsultationAlarm

LOOKED_BACK = timedelta(hours=24)
"""A worker that stood still for so long still finds what there was."""


def raise_alarms(*, now: datetime) -> int:
    """Look at the last day of every commune and write down what is new; returns how many alarms that is.
    Looking again changes nothing."""
    return sum(_raise_in(commune, now) for commune in Commune.objects.order_by("pk"))


@action
def _raise_in(commune: Commune, now: datetime) -> int:
    since = now - LOOKED_BACK - HOUR
    rows = Consultation.objects.filter(commune=commune, at__gt=since, at__lte=now, kind__in=OPENED | SEARCHED)
    rows = rows.exclude(agent=None).exclude(resident=None)
    many = rows.order_by().values("agent").annotate(people=Count("resident", distinct=True))
    bound, made = commune.consultations_alarm, 0
    for agent_id in many.filter(people__gt=bound).order_by("agent").values_list("agent", flat=True):
        # Locked, so that two workers who look at once write one alarm.
        Agent.objects.select_for_update().filter(pk=agent_id).first()
        # One of an instant still to come was made by a wrong clock, and would silence all until then.
        alarms = ConsultationAlarm.objects.filter(commune=commune, agent=agent_id, at__lte=now)
        before = alarms.order_by("-at").first()
        own = rows.filter(agent=agent_id).order_by("at", "pk").values_list("at", "kind", "resident")
        seen = [Seen(at, Shown(kind), resident or 0) for at, kind, resident in own]
        for each in rings(seen, bound=bound, last=before.at if before else None):
            _row, is_new = ConsultationAlarm.objects.get_or_create(
                commune=commune,
                agent_id=agent_id,
                at=each.at,
                defaults={"kind": each.kind, "people": each.people},
            )
            made += is_new
    return made


def mail_alarms(*, now: datetime) -> int:
    """Write to managers about what they have not been written to about; returns how many e-mails left. What
    cannot leave is tried again for a day. Not in a transaction: a slow mail server would keep others from
    writing. Raises OSError where the mail server is away."""
    waiting = ConsultationAlarm.objects.filter(mailed_at=None, seen_at=None, at__gt=now - LOOKED_BACK)
    sent = 0
    for alarm in waiting.select_related("commune", "agent").order_by("at"):
        if not ConsultationAlarm.objects.filter(pk=alarm.pk, mailed_at=None).update(mailed_at=now):
            continue  # another worker does
        try:
            left = mail_consultations(alarm)
        except OSError:
            ConsultationAlarm.objects.filter(pk=alarm.pk).update(mailed_at=None)
            raise
        if not left:  # nobody has an address: the page says it
            ConsultationAlarm.objects.filter(pk=alarm.pk).update(mailed_at=None)
        sent += left
    return sent


@action
def see_alarm(*, alarm: ConsultationAlarm, by: Agent, now: datetime) -> ConsultationAlarm:
    """Note that a manager has looked into it; the second one changes nothing. Raises OwnAlarm."""
    row = ConsultationAlarm.objects.select_for_update().get(pk=alarm.pk)
    if row.agent_id == by.pk:
        raise OwnAlarm(_("This alarm is about you: somebody else has to look into it."))
    if row.seen_at is None:
        row.seen_at, row.seen_by = now, by
        row.save(update_fields=["seen_at", "seen_by"])
    return row
