"""The e-mail to managers when the provider refuses the messages of their commune, or everybody's."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from agents.models import Agent
from notifications.alarms.advice import Alarm
from notifications.enums import Channel
from notifications.models import ProviderAlarm
from notifications.providers import provider_for


def mail_alarm(alarm: ProviderAlarm) -> int:
    """Write to each manager whose address is confirmed; returns to how many. Writes to nobody where this
    installation has no mail server, or where the mail server is what fails."""
    if not settings.EMAIL_URL.hostname or alarm.channel == Channel.EMAIL:
        return 0
    if provider_for(Channel.EMAIL) is None:
        return 0
    subject = _("Permanence: messages are waiting")
    text = render_to_string("messages/mail_alarm.txt", {"alarm": Alarm(alarm)}).strip() + "\n"
    managers = _managers(alarm)
    for address in managers:
        EmailMessage(subject, text, to=[address], headers={"Auto-Submitted": "auto-generated"}).send()
    return len(managers)


def _managers(alarm: ProviderAlarm) -> list[str]:
    managers = Agent.objects.filter(
        is_active=True, email_confirmed=True, memberships__is_manager=True
    ).exclude(email="")
    if alarm.commune_id is not None:
        managers = managers.filter(memberships__is_manager=True, memberships__commune=alarm.commune_id)
    return list(managers.order_by("email").values_list("email", flat=True).distinct())
