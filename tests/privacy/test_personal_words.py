"""No word about a person where it does not belong: in logs, addresses, titles, the queue, names of files.

One walk over all pages that there are, as the agents of a commune in which there is a resident about whom
everything is kept.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django_q.models import OrmQ

from booking.models import Appointment
from core.clock import now
from notifications.models import Message
from notifications.sending.sweep import sweep
from privacy.tasks import purge_all
from tests.addresses import STREAMS, patterns
from tests.privacy.everything import Everything

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

LINK = re.compile(r"""(?:href|action|src|hx-[a-z]+|data-[a-z-]+)=["']([^"']*)["']""")
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
CALLING = ("tel:", "sms:", "mailto:")
"""Not addresses: what a phone dials stands on the page, as it must."""


@dataclass
class Walk:
    """What was seen on the way, by where it stood."""

    marks: list[str]
    opened: int = 0
    named: int = 0
    logs: str = ""
    links: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    queue: list[str] = field(default_factory=list)
    open_to_all: list[str] = field(default_factory=list)

    def among(self, texts: list[str]) -> list[tuple[str, str]]:
        found = [(mark, text) for text in texts for mark in self.marks if mark.lower() in text.lower()]
        return [(mark, text[max(0, text.lower().find(mark.lower()) - 80) :][:200]) for mark, text in found]


_walked: list[Walk] = []


@pytest.fixture
def walk(caplog: pytest.LogCaptureFixture, settings: Any) -> Walk:
    """Made once for all tests of this file."""
    if not _walked:
        settings.METRICS_TOKEN = "token"
        world = Everything()
        # Colleagues are called by their names on the pages of the team, in titles too.
        marks = [mark for mark in (*world.marks, *world.others) if "agent" not in mark]
        seen = Walk([*marks, *(mark.removeprefix("+33") for mark in marks if mark.startswith("+"))])
        caplog.clear()
        caplog.set_level(logging.DEBUG)
        for agent in (world.desk, world.manager):
            client = Client(headers={"host": "localhost"}, raise_request_exception=True)
            client.force_login(agent)
            for address in addresses(world):
                look(client, address, seen)
            search(client, seen)
        sweep(now=now())
        purge_all.func()
        stranger = Client()
        for name in ("health", "metrics"):
            answer = stranger.get(f"/{name}", headers={"authorization": "Bearer token"})
            seen.open_to_all.append(answer.content.decode())
        seen.logs = caplog.text
        seen.mails = [f"{each.subject}\n{each.body}" for each in mail.outbox]
        seen.queue = [repr(row.task()) for row in OrmQ.objects.all()]
        _walked.append(seen)
    return _walked[0]


def addresses(world: Everything) -> Iterator[str]:
    """Every page, with the rows of the resident wherever its address has a number."""
    ids = {
        world.resident.pk,
        *Appointment.objects.filter(resident=world.resident).values_list("pk", flat=True)[:1],
        *Message.objects.filter(resident=world.resident).values_list("pk", flat=True)[:1],
    }
    for pattern in patterns(get_resolver()):
        if pattern.name and pattern.name not in STREAMS | {"logout", "health"} and only_numbers(pattern):
            some = pattern.pattern.converters
            for args in [[pk] for pk in sorted(ids)] if some else [[]]:
                yield reverse(pattern.name, args=args)


def only_numbers(pattern: URLPattern) -> bool:
    converters = pattern.pattern.converters.values()
    return len(converters) <= 1 and all(type(each).__name__ == "IntConverter" for each in converters)


def look(client: Client, address: str, seen: Walk, **sent: Any) -> None:
    answer = client.get(address, **sent)
    assert answer.status_code < 500, address
    seen.headers += [f"{name}: {value}" for name, value in answer.headers.items()]
    if answer.streaming:
        return
    seen.opened += answer.status_code == 200
    page = answer.content.decode(errors="replace")
    seen.named += any(mark in page for mark in seen.marks)
    seen.titles += TITLE.findall(page)
    seen.links += [link for link in LINK.findall(page) if not link.startswith(CALLING)]


def search(client: Client, seen: Walk) -> None:
    """Somebody looks for the person by their words."""
    for word in seen.marks[:8]:
        for name in ("desk-search", "team-search"):
            for answer in (client.get(reverse(name), {"q": word}), client.post(reverse(name), {"q": word})):
                assert answer.status_code < 500
                seen.headers += [f"{each}: {value}" for each, value in answer.headers.items()]


def test_the_walk_has_seen_the_person(walk: Walk) -> None:
    assert walk.opened > 100
    assert walk.named > 10
    assert walk.titles
    assert walk.logs


def test_no_personal_word_is_logged_at_any_level(walk: Walk) -> None:
    assert walk.among([walk.logs]) == []


def test_no_personal_word_stands_in_a_link_or_in_an_attribute_for_scripts(walk: Walk) -> None:
    assert walk.among(walk.links) == []


def test_no_personal_word_stands_in_a_title_of_a_page(walk: Walk) -> None:
    assert walk.among(walk.titles) == []


def test_no_personal_word_stands_in_a_header_a_redirect_or_the_name_of_a_file(walk: Walk) -> None:
    assert walk.among(walk.headers) == []


def test_no_personal_word_is_mailed_to_agents(walk: Walk) -> None:
    assert walk.among(walk.mails) == []


def test_no_personal_word_waits_in_the_queue(walk: Walk) -> None:
    assert walk.among(walk.queue) == []


def test_no_personal_word_is_told_to_a_monitor(walk: Walk) -> None:
    assert walk.open_to_all
    assert walk.among(walk.open_to_all) == []
