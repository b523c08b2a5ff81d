"""What is mailed to agents: plain text, in the language of the installation."""

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from agents.models import Agent, Invitation


def mail_invitation(invitation: Invitation, token: str) -> None:
    context = {"invitation": invitation, "link": link_to("invitation", token)}
    subject = _("%(commune)s invites you to Permanence") % {"commune": invitation.commune}
    mail_text(invitation.email, subject, "accounts/mail_invitation.txt", context)


def mail_address_check(agent: Agent, token: str) -> None:
    context = {"agent": agent, "link": link_to("address-confirm", token)}
    mail_text(agent.email, _("Your e-mail address in Permanence"), "accounts/mail_address.txt", context)


def mail_password_link(agent: Agent) -> None:
    uid = urlsafe_base64_encode(force_bytes(agent.pk))
    link = link_to("password-reset-confirm", uid, default_token_generator.make_token(agent))
    context = {"agent": agent, "link": link}
    mail_text(agent.email, _("A new password for Permanence"), "accounts/mail_password.txt", context)


def mail_notice(sentence: str) -> str:
    """The sentence of a page that says that an e-mail is sent. In development no e-mail is sent: then it
    names the folder where the e-mail is kept."""
    if settings.EMAIL_FOLDER is None:
        return sentence
    return _("Nothing leaves this machine: the e-mail is kept in %(folder)s.") % {
        "folder": settings.EMAIL_FOLDER
    }


def link_to(name: str, *args: str) -> str:
    return settings.PUBLIC_BASE_URL + reverse(name, args=args)


def mail_text(address: str, subject: str, template: str, context: dict[str, Any]) -> None:
    text = render_to_string(template, context).strip() + "\n"
    EmailMessage(subject, text, to=[address], headers={"Auto-Submitted": "auto-generated"}).send()
