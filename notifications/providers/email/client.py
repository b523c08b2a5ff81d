"""E-mail through Django's mailer."""

import smtplib
from collections.abc import Set
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from notifications.enums import ErrorScope, Failure
from notifications.providers.base import (
    TRY_AGAIN_SOON,
    CannotAsk,
    ChannelError,
    Outgoing,
    Receipt,
    Refusal,
    ReplyLost,
)


class EmailProvider:
    def send(self, message: Outgoing) -> Receipt:
        # The same message always has the same id: if it ever leaves twice, mailboxes keep one.
        message_id = f"<message-{message.id}@{urlsplit(settings.PUBLIC_BASE_URL).hostname}>"
        mail = EmailMessage(
            subject=message.subject,
            body=message.text,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.recipient],
            headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            failure = Failure.INVALID if code >= 500 else Failure.TRANSIENT
            raise ChannelError(Refusal(str(code), failure)) from error
        except smtplib.SMTPAuthenticationError as error:
            raise ChannelError(_of_the_account(str(error.smtp_code))) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPHeloError, smtplib.SMTPNotSupportedError) as error:
            raise ChannelError(_of_the_account(type(error).__name__)) from error
        except smtplib.SMTPConnectError as error:
            raise ChannelError(_unreachable(str(error.smtp_code))) from error
        except smtplib.SMTPDataError as error:
            failure = Failure.NUMBER if error.smtp_code >= 500 else Failure.TRANSIENT
            raise ChannelError(Refusal(str(error.smtp_code), failure)) from error
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionResetError, BrokenPipeError) as error:
            raise ReplyLost from error
        except ValueError as error:
            # It is no address at all: Django refuses it before anything leaves.
            raise ChannelError(Refusal("address", Failure.INVALID)) from error
        except OSError as error:
            raise ChannelError(_unreachable(type(error).__name__)) from error
        return Receipt(message_id)

    def find(self, message: Outgoing, known_ids: Set[str]) -> Receipt | None:
        raise CannotAsk

    def state_of(self, message: Outgoing, provider_id: str) -> Receipt | None:
        raise CannotAsk


def _of_the_account(code: str) -> Refusal:
    """Refused for all communes, since they share one mail server and one sender."""
    return Refusal(code, Failure.ACCOUNT, ErrorScope.ACCOUNT)


def _unreachable(code: str) -> Refusal:
    return Refusal(code, Failure.ACCOUNT, ErrorScope.ACCOUNT, try_again_after=TRY_AGAIN_SOON, is_loud=False)
