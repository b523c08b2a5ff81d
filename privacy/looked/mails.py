"""The e-mail to managers about an agent who was shown very many people: nobody's name but the agent's."""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agents.mails import link_to, mail_text
from agents.models import Membership, current
from core.clock import now
from privacy.looked.rings import HOUR
from privacy.models import ConsultationAlarm


def told_of(alarm: ConsultationAlarm) -> list[Membership]:
    """Who is told: the managers of the commune but the agent; where there is no other, its technicians."""
    rows = Membership.objects.filter(commune=alarm.commune, agent__is_active=True).select_related(
        "agent", "commune"
    )
    others = rows.exclude(agent=alarm.agent_id).order_by("pk")
    managers = current(others.filter(is_manager=True), now)
    return managers or current(others.filter(is_technician=True), now)


def mail_consultations(alarm: ConsultationAlarm) -> int:
    """Write to those who are told and have a confirmed address; returns to how many. Raises OSError where the
    mail server is away."""
    if not settings.SENDS_EMAIL or alarm.agent is None:
        return 0
    told = [each for each in told_of(alarm) if each.agent.email and each.agent.email_confirmed]
    with translation.override("fr"), timezone.override(alarm.commune.tz):
        for each in told:
            context = {
                "agent": each.agent,
                "alarm": alarm,
                "since": alarm.at - HOUR,
                "link": link_to("consultations") if each.is_manager else "",
            }
            subject = _("Permanence: very many records were opened")
            mail_text(each.agent.email, subject, "privacy/mail_consultations.txt", context)
    return len(told)
