"""E-mails, through a mail server of our own that accepts, refuses or hangs up."""

import logging
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string, policy
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.mail import EmailMessage

from booking.enums import ReachBy
from booking.models import Resident
from notifications.enums import Channel, Failure, State
from notifications.models import Message, ProviderAlarm
from tests.factories import TUESDAY, make_resident
from tests.notifications.conftest import book_for, run


class MailHandler(socketserver.StreamRequestHandler):
    """As much of SMTP as one client speaks."""

    def handle(self) -> None:
        server: Any = self.server
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].split(" ")[0].upper()
            if verb == server.hangs_up_at:
                return
            if verb == "DATA":
                self.say("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += self.rfile.readline()
                server.mails.append(text.decode())
                if server.hangs_up_at == ".":
                    return
            self.say(server.answers.get(verb, "250 fine"))

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.mails: list[str] = []
        self.answers: dict[str, str] = {}
        self.hangs_up_at = ""


@pytest.fixture
def mail(settings: Any) -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        host, port = "127.0.0.1", server.server_address[1]
        settings.EMAIL_URL = urlsplit(f"smtp://{host}:{port}")
        settings.DEFAULT_FROM_EMAIL = "mairie@example.org"
        settings.MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {"host": host, "port": port, "timeout": 2},
            }
        }
        yield server
        server.shutdown()


@pytest.fixture
def appointment(cabin, service, commune):
    resident = make_resident(commune, email="f.bensaid@example.org", reach_by=ReachBy.EMAIL)
    return book_for(resident, cabin, service)


def the_message() -> Message:
    return Message.objects.get(channel=Channel.EMAIL)


def test_an_e_mail_leaves_with_its_subject_its_text_and_an_id_of_its_own(mail, appointment):
    run()

    (text,) = mail.mails
    assert the_message().state == State.SENT
    assert "To: f.bensaid@example.org" in text
    subject = message_from_string(text, policy=policy.default)["Subject"]
    assert subject == "Votre rendez-vous du vendredi 27 novembre à 10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30"
    assert f"Message-ID: <message-{the_message().pk}@localhost>" in text
    assert "Auto-Submitted: auto-generated" in text


def test_a_mailbox_that_does_not_exist_is_not_tried_again(mail, appointment):
    mail.answers["RCPT"] = "550 no such user"

    run()

    assert (the_message().state, the_message().failure) == (State.FAILED, Failure.INVALID)


def test_a_mailbox_that_is_full_for_now_is_tried_again(mail, appointment):
    mail.answers["RCPT"] = "452 mailbox full"

    run()

    assert (the_message().state, the_message().error_code) == (State.PENDING, "452")


def test_a_server_that_refuses_our_address_alerts(mail, appointment):
    mail.answers["MAIL"] = "550 not you"

    run()

    assert the_message().state == State.PENDING
    assert ProviderAlarm.objects.get().channel == Channel.EMAIL


def test_a_lost_reply_is_never_answered_by_a_second_e_mail(mail, appointment):
    mail.hangs_up_at = "."
    run()
    assert the_message().state == State.UNKNOWN

    mail.hangs_up_at = ""
    run(TUESDAY + timedelta(minutes=1))
    run(TUESDAY + timedelta(minutes=2))

    assert len(mail.mails) == 1
    assert (the_message().state, the_message().failure) == (State.FAILED, Failure.LOST)


def test_what_is_no_address_ends_at_once_and_is_quoted_in_no_log(mail, appointment, caplog):
    caplog.set_level(logging.DEBUG)
    Resident.objects.update(email="fatima bensaid@example.org")

    run()

    assert (the_message().state, the_message().failure, mail.mails) == (State.FAILED, Failure.INVALID, [])
    assert str(the_message().pk) in caplog.text
    assert "bensaid" not in caplog.text


def test_an_error_that_nobody_foresaw_is_told_by_its_kind_and_its_place_alone(
    mail, appointment, caplog, monkeypatch
):
    caplog.set_level(logging.DEBUG)

    def breaks(mail: EmailMessage) -> None:
        raise RuntimeError(mail.to)

    monkeypatch.setattr("notifications.providers.email.client.EmailMessage.send", breaks)
    run()

    assert the_message().state == State.UNKNOWN
    assert "RuntimeError" in caplog.text
    assert "providers/email/client.py" in caplog.text
    assert "bensaid" not in caplog.text
