"""E-mail through Django's mailer."""

import smtplib
from collections.abc import Set
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from notifications.channels.base import CannotAsk, ChannelError, Outgoing, Receipt, ReplyLost
from notifications.enums import Failure


class Email:
    def send(self, message: Outgoing) -> Receipt:
        # The same message always has the same id: should it ever leave twice, mailboxes keep one.
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
            raise ChannelError(str(code), Failure.INVALID if code >= 500 else Failure.TRANSIENT) from error
        except smtplib.SMTPAuthenticationError as error:
            raise ChannelError(str(error.smtp_code), Failure.OPERATOR) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPHeloError, smtplib.SMTPNotSupportedError) as error:
            raise ChannelError(type(error).__name__, Failure.OPERATOR) from error
        except smtplib.SMTPConnectError as error:
            raise ChannelError(str(error.smtp_code), Failure.TRANSIENT) from error
        except smtplib.SMTPDataError as error:
            permanent = error.smtp_code >= 500
            raise ChannelError(
                str(error.smtp_code), Failure.NUMBER if permanent else Failure.TRANSIENT
            ) from error
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionResetError, BrokenPipeError) as error:
            raise ReplyLost from error
        except OSError as error:
            raise ChannelError(type(error).__name__, Failure.TRANSIENT) from error
        return Receipt(message_id)

    def find(self, message: Outgoing, known_ids: Set[str]) -> Receipt | None:
        raise CannotAsk
