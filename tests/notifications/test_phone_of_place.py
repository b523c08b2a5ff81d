"""A place with a phone of its own: every text, call, letter and screen about a visit there gives that number,
and whoever asks for an agent is put through to it."""

from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agents.models import Agent
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service, Site
from core.templatetags.phones import national
from notifications import texts, writing
from notifications.enums import Audience, Channel, MessageKind
from notifications.models import MessageSettings
from notifications.providers.twilio.script import Script
from notifications.texts.spoken import SPOKEN
from tests.factories import at, make_site
from tests.notifications.conftest import book_for, run
from tests.notifications.fake_twilio import FakeTwilio
from tests.notifications.test_calls import LINE, Conversation, ring

pytestmark = pytest.mark.usefixtures("tuesday")

MAIRIE, OWN = "+33261910000", "+33261910077"
SAID, SHOWN = "02, 61, 91, 00, 77", "02 61 91 00 77"


@pytest.fixture
def site(site: Site) -> Site:
    assert site.commune.public_phone == MAIRIE
    site.phone = OWN
    site.save()
    return site


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def about(appointment: Appointment) -> texts.About:
    return writing.about(
        appointment.commune, appointment.site, appointment.starts_at, until=at(12, day=27), was=at(9, day=27)
    )


def test_no_text_of_a_visit_there_gives_the_number_of_the_mairie(
    appointment: Appointment, site: Site
) -> None:
    given = 0
    for kind, language in product((*texts.EDITABLE, MessageKind.PHONE_CANCEL), texts.LANGUAGES):
        text = writing.write(
            kind,
            about(appointment),
            commune=appointment.commune,
            channel=Channel.SMS,
            audience=Audience.RESIDENT,
            languages=[language],
            wordings={},
        ).text
        assert "91 00 00" not in plain(text), (kind, language)
        given += SHOWN in plain(text)
    assert given >= len(texts.LANGUAGES) * 3


def test_a_text_of_the_commune_gives_it_too(appointment: Appointment, site: Site) -> None:
    wording = {
        (appointment.commune_id, "confirmation", "fr"): "{mairie} : {day} à {time}, {place}. Tél {phone}"
    }
    text = writing.write(
        MessageKind.CONFIRMATION,
        about(appointment),
        commune=appointment.commune,
        channel=Channel.SMS,
        audience=Audience.RESIDENT,
        languages=["fr"],
        wordings=wording,
    ).text
    assert SHOWN in plain(text)


def test_the_text_that_leaves_gives_it(provider: FakeTwilio, appointment: Appointment, site: Site) -> None:
    Commune.objects.update(sender="PtQuevilly")  # nobody can answer a name: the text says whom to call
    run()
    assert SHOWN in plain(provider.bodies()[-1])


@pytest.mark.parametrize("language", sorted(SPOKEN))
def test_what_a_machine_hears_gives_it(appointment: Appointment, site: Site, language: str) -> None:
    for kind in (MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.OFFER, MessageKind.CANCELLATION):
        said = Script(about(appointment), language).voicemail(kind)
        assert SAID in said, (kind, said)
        assert "91, 00, 00" not in said


def test_the_letter_gives_it(client: Client, alice: Agent, appointment: Appointment, site: Site) -> None:
    client.force_login(alice)
    slip = plain(client.get(reverse("slip", args=[appointment.pk])).content.decode())
    assert SHOWN in slip
    assert "02 61 91 00 00" not in slip


# ---- put through --------------------------------------------------------------------------------------


@pytest.fixture
def line(provider: FakeTwilio, commune: Commune) -> None:
    MessageSettings.objects.create(commune=commune, voice_number=LINE)


def dialled(talk: Conversation) -> str | None:
    dial = talk.root.find("Dial")
    return None if dial is None else dial.findtext("Number")


@pytest.fixture
def booked(line: None, site: Site, cabin: Cabin, service: Service, georges: Resident) -> Appointment:
    return book_for(georges, cabin, service)


def test_whoever_keyed_a_visit_there_is_put_through_to_the_place(booked: Appointment) -> None:
    talk = ring().press(booked.number).press("0")

    assert dialled(talk) == OWN


def test_whoever_keyed_no_visit_is_put_through_to_the_mairie(booked: Appointment) -> None:
    assert dialled(ring().press("0")) == MAIRIE


def test_where_the_place_has_no_phone_the_mairie_rings(booked: Appointment, site: Site) -> None:
    Site.objects.update(phone="")
    assert dialled(ring().press(booked.number).press("0")) == MAIRIE


def test_while_the_place_is_closed_the_mairie_rings_if_it_is_open(
    booked: Appointment, commune: Commune
) -> None:
    Site.objects.update(opening_hours="Mo-Fr 14:00-17:00")
    make_site(commune)
    assert dialled(ring().press(booked.number).press("0")) == MAIRIE


def test_while_all_is_closed_an_agent_calls_back(booked: Appointment, set_clock: Any) -> None:
    set_clock(at(20, 30))
    talk = ring().press(booked.number).press("0")
    assert dialled(talk) is None
    assert "vous rappellera" in talk.said


def test_a_place_whose_phone_is_this_very_line_does_not_ring_itself(booked: Appointment) -> None:
    Site.objects.update(phone=LINE)
    assert dialled(ring().press(booked.number).press("0")) == MAIRIE


def test_nobody_picked_up_at_the_place_so_an_agent_calls_back(booked: Appointment) -> None:
    talk = ring().press(booked.number).press("0")
    talk.ask(talk.verb("Dial").attrib["action"], DialCallStatus="no-answer")
    assert "vous rappellera" in talk.said


def test_numbers_are_shown_as_people_dial_them() -> None:
    with translation.override("fr"):
        assert plain(str(national(OWN))) == SHOWN
