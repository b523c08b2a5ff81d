"""No secret and nobody's address reaches a log, whatever its level, nor the tables of the queue."""

import logging
import os
import re
import smtplib
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from django_q.models import OrmQ

from agents.models import Agent, Invitation
from agents.tasks import send_address_check, send_password_link
from config.checks import check_email
from config.worker import task_backend
from kiosk.requests import CODE_COOKIE, COOKIE
from tests.agents.test_addresses import with_address
from tests.agents.test_invitations import NEW, PAGE, invited, link_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
TYPED = "a-password-typed-wrongly"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, tuesday: object) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def refused(link: str) -> None:
    """Whatever has Django write the address of a request down."""
    client = Client(enforce_csrf_checks=True)
    client.post(link, NEW)
    client.put(link)
    client.get(f"{link}plus/")
    client.get(f"/x{link}")
    client.get(f"{link[:-1]}x/")


@pytest.mark.parametrize("sends", [True, False])
def test_no_link_and_no_password_is_written(
    client: Client,
    dana: Agent,
    alice: Agent,
    settings: Any,
    sends: bool,
    log: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    settings.SENDS_EMAIL, settings.EMAIL_FOLDER = sends, None
    links = [invited(client, dana, **({"email": "erin@example.org"} if sends else {}))]
    reset = client.post(f"{PAGE}{alice.memberships.get().pk}/mot-de-passe/").context["password"]
    mail.outbox.clear()
    send_address_check.call(with_address(alice, confirmed=False).pk)
    send_password_link.call(with_address(alice).pk)
    links += [link_in(each.body) for each in mail.outbox]
    for link in links:
        refused(link)
    Invitation.objects.all().delete()
    client.get(links[0])
    client.post("/connexion/", {"username": "alice", "password": TYPED})
    text = "".join((log.text, *capfd.readouterr()))
    assert "/invitation/<str:token>/" in text
    secrets = [part for link in links for part in link.split("/") if len(part) >= 20]
    assert len(secrets) == (3 if sends else 1)
    for secret in (*secrets, reset, PASSWORD, TYPED, "erin@example.org", "alice@example.org"):
        assert secret not in text


def test_the_address_of_a_calendar_is_not_written(
    client: Client, bob: Agent, log: pytest.LogCaptureFixture
) -> None:
    client.force_login(bob)
    page = client.post("/agendas/le-mien/").content.decode()
    (token,) = set(re.findall(r"/agendas/([\w-]{20,})\.ics", page))
    refused(f"/agendas/{token}.ics")
    assert token not in log.text
    assert "/agendas/<str:token>.ics" in log.text


def test_neither_the_secret_of_a_screen_nor_its_code_is_written(log: pytest.LogCaptureFixture) -> None:
    screen = Client()
    code = screen.get("/ecran/").context["code"]
    assert screen.get("/ecran/jumelage/").json() == {"reload": False}
    screen.post("/ecran/jumelage/")
    screen.get("/ecran/tableau/")
    assert log.text
    for secret in (code, screen.cookies[COOKIE].value, screen.cookies[CODE_COOKIE].value):
        assert secret not in log.text


def test_what_waits_in_the_queue_holds_ids_alone(
    client: Client, dana: Agent, alice: Agent, log: pytest.LogCaptureFixture
) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}inviter/", {"is_helper": "on", "email": "erin@example.org"})
    with_address(alice)
    client.post("/connexion/oubli/", {"name": "alice"})
    args = [row.task["args"] for row in OrmQ.objects.order_by("pk")]
    assert args == [
        ("agents.tasks.send_invitation", [Invitation.objects.get().pk], {}),
        ("agents.tasks.send_password_link", [alice.pk], {}),
    ]


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"alice@example.org": (550, b"no such alice@example.org")}),
        IntegrityError("Key (email)=(alice@example.org) already exists."),
        ValueError("alice@example.org"),
    ],
)
def test_what_a_failed_task_leaves_behind_tells_the_kind_and_the_place_and_quotes_nobody(
    alice: Agent, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(agent: Agent) -> None:
        try:
            raise KeyError(agent.email)
        except KeyError:
            raise error  # noqa: B904 the one before is told too, by its kind

    monkeypatch.setattr("agents.tasks.mail_password_link", fails)
    with_address(alice)
    with pytest.raises(task_backend.TaskFailed) as failure:
        task_backend.run("agents.tasks.send_password_link", [alice.pk], {})
    told = str(failure.value)
    assert "alice@example.org" not in told
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
    for what in (type(error).__name__, "KeyError", "agents/tasks.py", "send_password_link"):
        assert what in told


@pytest.mark.parametrize(
    ("environment", "backend", "sends"),
    [
        ({"SECRET_KEY": "k" * 50}, "dummy", False),
        ({"DEBUG": "1"}, "filebased", True),
        ({"SECRET_KEY": "k" * 50, "EMAIL_URL": "smtp://127.0.0.1:2525"}, "smtp", True),
        ({"DEBUG": "1", "EMAIL_URL": "smtp://127.0.0.1:2525"}, "smtp", True),
    ],
)
def test_no_installation_prints_its_e_mails(
    environment: dict[str, str], backend: str, sends: bool, tmp_path: Path
) -> None:
    code = (
        "from django.conf import settings as s;"
        "print(s.MAILERS['default']['BACKEND'].split('.')[-2], s.SENDS_EMAIL, s.EMAIL_FOLDER)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PERMANENCE_VAR": str(tmp_path),
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    kept = str(tmp_path / "mails") if backend == "filebased" else "None"
    assert told == [backend, str(sends), kept]


@pytest.mark.parametrize(
    ("url", "is_right"),
    [
        ("", True),
        ("smtp://127.0.0.1:25", True),
        ("smtp+tls://u:p@mail.example.org:587", True),
        ("mail.example.org:25", False),
        ("mail.example.org", False),
        ("smtps://mail.example.org", False),
        ("smtp://", False),
    ],
)
def test_an_address_of_no_mail_server_is_an_error_rather_than_silence(
    url: str, is_right: bool, settings: Any
) -> None:
    settings.EMAIL_URL = urlsplit(url)
    assert (check_email(None) == []) is is_right


def test_the_password_of_a_mail_server_may_have_any_sign(tmp_path: Path) -> None:
    code = (
        "from django.conf import settings as s;"
        "o = s.MAILERS['default']['OPTIONS']; print(o['username'], o['password'], o['host'])"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "k" * 50,
        "PERMANENCE_VAR": str(tmp_path),
        "EMAIL_URL": "smtp+tls://mairie%40example.org:a%2Fb%3Fc%23d%25@mail.example.org:587",
    }
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["mairie@example.org", "a/b?c#d%", "mail.example.org"]
