"""Whether what is owed to people leaves."""

import smtplib
from collections.abc import Iterator

from django.conf import settings
from django.core.mail import get_connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communes.models import Commune
from core import clock
from notifications.alarms import loud
from notifications.enums import Channel
from notifications.pages.health import OVERDUE, STALE, look
from notifications.providers import provider_for, real_providers
from operation.doctor.finding import Finding, bad, doubtful, good


def worker() -> Iterator[Finding]:
    about = _("Worker")
    to_do = _(
        "Start it (systemctl start permanence-worker) and read its log (journalctl -u permanence-worker)."
    )
    age = look(now=clock.now()).heartbeat_age_s
    if age is None:
        yield bad(about, _("It has never run."), to_do)
    elif age > STALE.total_seconds():
        yield bad(about, _("No sign of life for %s minutes: nothing leaves.") % (age // 60), to_do)
    else:
        age = max(age, 0)
        yield good(
            about,
            ngettext("Last sign of life %s second ago.", "Last sign of life %s seconds ago.", age) % age,
        )


def late_messages() -> Iterator[Finding]:
    about = _("Messages")
    late = look(now=clock.now()).oldest_overdue_s or 0
    if late > OVERDUE.total_seconds():
        yield bad(
            about,
            _("The oldest has waited for %s minutes.") % (late // 60),
            _("See “Worker” and “Provider”; at « Envois et réception » stands what waits."),
        )
    else:
        yield good(about, _("None is late."))


def provider() -> Iterator[Finding]:
    about = _("Provider")
    texts, calls = provider_for(Channel.SMS), provider_for(Channel.VOICE)
    if not any(each.is_configured() and Channel.SMS in each.channels for each in real_providers()):
        yield bad(
            about,
            _("None is set for text messages: nobody is told by phone."),
            _("Set SEVEN_API_KEY or TWILIO_ACCOUNT_SID with its secrets: docs/providers.md."),
        )
        return
    if texts is not None and calls is None:
        yield doubtful(
            about,
            _("None is set for calls: who has only a landline is on the desk’s list."),
            _("Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."),
        )
    if alarm := loud(clock.now()).filter(commune=None).first():
        yield bad(
            about,
            _("It refuses all messages with the code %s.") % alarm.code,
            _("Look at the account at the provider: credit, limits, keys."),
        )
    else:
        yield good(about, _("Set, and no alarm."))


def senders() -> Iterator[Finding]:
    about = _("Senders")
    communes = Commune.objects.order_by("insee_code")
    without = [each.insee_code for each in communes.filter(sender="").exclude(opened_at=None)]
    refused = sorted(
        set(loud(clock.now()).exclude(commune=None).values_list("commune__insee_code", flat=True))
    )
    if without:
        yield doubtful(
            about,
            _("Communes without one: %s.") % ", ".join(without),
            _("A manager sets it at « Réglages », « Messages »."),
        )
    if refused:
        yield bad(
            about,
            _("The provider refuses those of %s.") % ", ".join(refused),
            _("A manager sees why at « Envois et réception », and sets another one."),
        )
    if not (without or refused):
        yield good(about, _("Each open commune has one, and none is refused."))


def mail_server() -> Iterator[Finding]:
    about = _("Mail server")
    if not settings.EMAIL_URL.hostname:
        yield doubtful(
            about,
            _("No mail server is set: managers hand links over themselves."),
            _("Set EMAIL_URL (smtp+tls://user:password@host:587)."),
        )
        return
    mails = get_connection()
    try:
        mails.open()
        mails.close()
    except (OSError, UnicodeError, smtplib.SMTPException) as error:
        yield bad(
            about,
            _("The mail server does not take us (%s).") % type(error).__name__,
            _("Compare EMAIL_URL: name, port, user, password, smtp+tls."),
        )
        return
    yield good(about, _("The mail server takes us."))
