"""Several questions to one phone: of one commune, of two with one sender; and phones that answer by
themselves."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from booking.enums import Status
from booking.models import Appointment, VisitRecord
from core.bodies import storable
from notifications.actions import receive
from notifications.callers import caller_of
from notifications.enums import Channel, DeskReason, InboundOutcome, MessageKind, State
from notifications.models import InboundMessage, Message
from notifications.replies.reader import Intent, read
from tests.factories import TUESDAY, at, make_cabin, make_commune, make_resident, make_service, make_site
from tests.notifications.conftest import SENDER, book_for, run
from tests.notifications.fake_twilio import FakeTwilio
from tests.notifications.test_inbound import PHONE, answers, outcomes, write
from tests.notifications.test_pages import words
from tests.notifications.test_replies import ALL_TEXTS, WORDS

pytestmark = pytest.mark.usefixtures("provider", "tuesday")

CAR = "Je conduis, je vous rappelle plus tard."


def states(*appointments: Appointment) -> list[tuple[str, bool]]:
    """The status of each, and whether it is confirmed."""
    for each in appointments:
        each.refresh_from_db()
    return [(each.status, each.confirmed_at is not None) for each in appointments]


BOOKED, CONFIRMED = (Status.BOOKED, False), (Status.BOOKED, True)
CANCELLED = (Status.CANCELLED, False)

# ---- several appointments ----------------------------------------------------------------------------


@pytest.fixture
def two(cabin, service, fatima, site, commune, set_clock) -> tuple[Appointment, Appointment]:
    """Fatima on Friday morning, and Karim, who has the same phone, in the afternoon."""
    karim = make_resident(commune, PHONE, first_name="Karim")
    both = book_for(fatima, cabin, service), book_for(karim, make_cabin(site), service, at(14, day=27))
    run()
    set_clock(at(10, 1))
    return both


def test_a_bare_answer_to_two_questions_lists_both_with_their_numbers(two):
    first, second = two

    write("2")

    assert states(*two) == [BOOKED, BOOKED]
    assert answers() == [
        f"Mairie de Petit-Quevilly : vous avez plusieurs RDV : {first.number} vendredi 27 nov. à 10h30, "
        f"{second.number} vendredi 27 nov. à 14h. "
        f"Répondez 1 (je viens) ou 2 (j'annule), puis le numéro du RDV. Exemple : 1 {second.number}"
    ]


def test_both_may_be_answered_one_after_the_other(two, set_clock):
    first, second = two
    write("1")
    set_clock(at(10, 5))
    write(f"1 {first.number}")
    write(f"2 {second.number}")

    assert states(*two) == [CONFIRMED, CANCELLED]
    assert outcomes() == [InboundOutcome.ASKED_BACK, InboundOutcome.CONFIRMED, InboundOutcome.CANCELLED]


@pytest.mark.parametrize("text", ["1 {} 2 {}", "1 {}, 2 {}. Merci", "oui {} et non {}"])
def test_both_may_be_answered_in_one_message(two, text):
    first, second = two

    write(text.format(first.number, second.number))

    assert states(*two) == [CONFIRMED, CANCELLED]
    (answer,) = answers()
    assert "merci, nous vous attendons vendredi 27 nov. à 10h30" in answer
    assert "votre RDV du vendredi 27 nov. à 14h est annulé" in answer


def test_one_number_that_nobody_asked_about_makes_the_whole_message_unclear(two):
    first, _ = two

    write(f"1 {first.number} 2 999999")

    assert states(*two) == [BOOKED, BOOKED]
    assert Message.objects.get(channel=Channel.DESK).text == f"1 {first.number} 2 999999"


def test_the_hour_that_is_named_picks_the_appointment(two):
    write("J'annule celui de vendredi à 14h")
    write("oui pour 10h30")

    assert states(*two) == [CONFIRMED, CANCELLED]


def test_a_second_bare_answer_is_read_by_a_human(two):
    write("1")
    write("1")

    assert states(*two) == [BOOKED, BOOKED]
    assert outcomes() == [InboundOutcome.ASKED_BACK, InboundOutcome.TO_DESK]


# ---- two communes with one sender --------------------------------------------------------------------


@pytest.fixture
def elsewhere(service) -> Appointment:
    """Fatima has an appointment in another commune too, which writes from the same number. She has not been
    told."""
    other = make_commune(name="Yvetot", insee_code="76758", sender=SENDER)
    cabin = make_cabin(make_site(other))
    return book_for(
        make_resident(other, PHONE),
        cabin,
        make_service(other),
        at(9, day=26),
        now=TUESDAY + timedelta(minutes=5),
    )


@pytest.fixture
def here(appointment, set_clock) -> Appointment:
    """Asked at ten o'clock."""
    run()
    set_clock(at(10, 1))
    return appointment


@pytest.fixture
def there(here, elsewhere, set_clock) -> Appointment:
    """Asked five minutes later."""
    run(TUESDAY + timedelta(minutes=5))
    set_clock(at(10, 6))
    return elsewhere


@pytest.mark.parametrize(("text", "state"), [("1", CONFIRMED), ("2", CANCELLED)])
def test_a_reply_belongs_to_the_commune_that_asked_last(here, there, text, state):
    write(text)

    assert states(here, there) == [BOOKED, state]
    assert answers()[0].startswith("Mairie d'Yvetot : ")
    assert InboundMessage.objects.get().commune == there.commune


def test_a_message_that_asks_nothing_does_not_take_the_reply(
    here, elsewhere, set_clock, provider: FakeTwilio
):
    """The answer of the first commune leaves after the question of the second."""
    write("1")
    set_clock(at(10, 5))
    run(TUESDAY + timedelta(minutes=5))
    latest = Message.objects.get(kind=MessageKind.ANSWER)
    Message.objects.filter(pk=latest.pk).update(sent_at=TUESDAY + timedelta(minutes=6))
    assert Message.objects.filter(appointment=elsewhere, asks=True, state=State.SENT).exists()

    set_clock(at(10, 7))
    write("1")

    assert states(here, elsewhere) == [CONFIRMED, CONFIRMED]


def test_a_number_names_the_appointment_of_either_commune(here, there):
    write(f"2 {here.number}")
    write(f"1 {there.number}")

    assert states(here, there) == [CANCELLED, CONFIRMED]
    assert [each.commune for each in InboundMessage.objects.order_by("id")] == [here.commune, there.commune]
    assert [text.partition(" : ")[0] for text in answers()] == ["Mairie de Petit-Quevilly", "Mairie d'Yvetot"]


def test_both_communes_may_be_answered_in_one_message(here, there):
    write(f"1 {here.number} 2 {there.number}")

    assert states(here, there) == [CONFIRMED, CANCELLED]
    inbound = InboundMessage.objects.get()
    (noted,) = [each for each in (here, there) if each == inbound.appointment]
    assert (inbound.commune, inbound.resident) == (noted.commune, noted.resident)


@pytest.mark.parametrize("second", ["1", "2"])
def test_a_second_bare_answer_may_be_for_either_so_it_is_asked_back(here, there, second):
    write("1")
    write(second)

    assert states(here, there) == [BOOKED, CONFIRMED]
    assert outcomes() == [InboundOutcome.CONFIRMED, InboundOutcome.ASKED_BACK]
    assert f"{there.number} jeudi 26 nov. à 9h" in answers()[1]
    assert f"{here.number} vendredi 27 nov. à 10h30 (Mairie de Petit-Quevilly)" in answers()[1]


def test_after_a_cancellation_the_other_commune_asks_whether_it_is_meant(here, there, set_clock):
    write("2")
    run(TUESDAY + timedelta(minutes=6))
    set_clock(at(10, 7))
    write("2")
    run(TUESDAY + timedelta(minutes=7))

    assert states(here, there) == [BOOKED, CANCELLED]
    assert answers()[-1] == (
        "Mairie de Petit-Quevilly : pour le RDV du vendredi 27 nov. à 10h30, "
        "répondez seulement 1 (je viens) ou 2 (j'annule)."
    )
    set_clock(at(10, 9))
    write("1")
    assert states(here, there) == [CONFIRMED, CANCELLED]


def test_no_desk_sees_what_was_written_to_the_other_commune(client, here, there, dana):
    write("oui mais plus tard")
    write("oui mais plus tard")

    line = Message.objects.get(channel=Channel.DESK)
    client.force_login(dana)
    assert line.commune == there.commune != dana_commune(dana)
    assert "oui mais plus tard" not in client.get(reverse("call-list")).content.decode()


def dana_commune(dana) -> object:
    return dana.memberships.get().commune


# ---- phones that answer by themselves ----------------------------------------------------------------


def test_a_phone_that_answers_by_itself_gets_two_answers_and_is_one_line(here, set_clock, client, dana):
    for n in range(60):
        set_clock(at(10, 1) + timedelta(seconds=20 * n))
        write(CAR)

    assert len(answers()) == 2
    line = Message.objects.get(channel=Channel.DESK)
    assert (line.text, line.times_asked) == (CAR, 59)
    assert line.asked_at == at(10, 1) + timedelta(seconds=20 * 59)
    client.force_login(dana)
    page = client.get(reverse("call-list")).content.decode()
    assert page.count("Je conduis") == 1
    assert "a écrit ou appelé 59 fois" in words(client.get(reverse("call-list")))
    file = words(client.get(reverse("resident-messages", args=[here.resident_id])))
    assert file.count("message reçu") == 2  # asked back once, then passed on
    assert "La même chose 59 fois de suite." in file


def test_the_same_words_about_something_else_are_counted_on_the_same_line(
    here, cabin, service, fatima, set_clock
):
    write(CAR)
    write(CAR)
    book_for(fatima, cabin, service, at(15, day=30), now=TUESDAY + timedelta(minutes=9))
    run(TUESDAY + timedelta(minutes=10))
    set_clock(at(10, 11))
    write("JE CONDUIS je vous rappelle plus tard")

    line = Message.objects.get(channel=Channel.DESK)
    assert (line.times_asked, line.text.count("\n")) == (2, 0)


def test_other_words_of_the_same_number_are_kept(here):
    for text in ("c'est où ?", "c'est où ?", "c'est où ? je suis perdue"):
        write(text)

    assert Message.objects.get(channel=Channel.DESK).text == "c'est où ?\nc'est où ? je suis perdue"


@pytest.mark.parametrize(
    "texts",
    [
        ["aide"] * 9,
        ["1"] * 9,
        [CAR, "?", "1", "c'est où ?", "2", "stop", "start", "aide", "non merci"],
        ["stop", "start"] * 5,
    ],
)
def test_no_number_gets_more_than_two_answers_an_hour(here, texts, set_clock):
    for n, text in enumerate(texts):
        set_clock(at(10, 1) + timedelta(minutes=n))
        write(text)

    said = Message.objects.filter(kind=MessageKind.ANSWER).exclude(state=State.EXPIRED)
    leave = sorted(said.values_list("due_at", flat=True))
    for first in leave:
        assert sum(first <= each < first + timedelta(hours=1) for each in leave) <= 2


def test_answers_of_two_communes_to_one_number_count_together(here, there):
    write("1")
    write(f"1 {here.number}")
    write("aide")

    assert len(answers()) == 2


def test_a_third_answer_that_is_news_leaves_within_the_hour(here, set_clock, provider: FakeTwilio):
    write(CAR)
    write(CAR)
    run()
    set_clock(at(10, 20))
    write("2")
    run(at(10, 21))
    assert states(here) == [CANCELLED]
    assert "est annulé, comme demandé" not in provider.bodies()[-1]

    run(at(11, 1))
    assert "est annulé, comme demandé" in provider.bodies()[-1]


def test_what_is_true_no_longer_does_not_leave_late(here, set_clock, provider: FakeTwilio):
    write(CAR)
    write(CAR)
    set_clock(at(10, 20))
    write("1")
    set_clock(at(10, 30))
    write("2")
    run(at(11, 31))

    bodies = " ".join(provider.bodies())
    assert "merci, nous vous attendons" not in bodies
    assert bodies.count("est annulé, comme demandé") == 1


# ---- whatever is written -----------------------------------------------------------------------------


@example(text="non\0")
@given(
    text=st.one_of(
        st.sampled_from(ALL_TEXTS),
        st.text(max_size=60),
        st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
    )
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_cancels_what_it_was_not_asked_about(here, cabin, service, georges, text):
    other = book_for(
        georges, cabin, service, at(16, day=27) + timedelta(days=7 * Appointment.objects.count())
    )
    _receive(text)
    _receive(f"2 {other.number} {text}")
    _receive(f"{text} {other.number}")

    assert states(other) == [BOOKED]
    here.refresh_from_db()
    if here.status == Status.CANCELLED:
        assert _says_no(text)
        Appointment.objects.filter(pk=here.pk).update(status=Status.BOOKED)
        VisitRecord.objects.all().delete()


def _says_no(text: str) -> bool:
    reading = read(text)
    return reading.intent is Intent.NO and not reading.number


def _receive(text: str, *, now: datetime = TUESDAY + timedelta(minutes=1)) -> None:
    caller = caller_of(ours=SENDER, theirs=PHONE)
    assert caller is not None
    # Both providers' webhooks hand over what a database can store.
    receive(caller=caller, provider_id=f"SM-{InboundMessage.objects.count()}", text=storable(text), now=now)


def test_every_no_of_the_corpora_leaves_an_appointment_alone_that_was_not_asked_about(appointment):
    """Nothing has been sent to Fatima yet."""
    noes = [text for text in ALL_TEXTS if read(text).intent in (Intent.NO, Intent.YES)]
    for text in noes[::5]:
        _receive(text)

    assert states(appointment) == [BOOKED]
    found = Counter(outcomes())
    assert not set(found) & {InboundOutcome.CANCELLED, InboundOutcome.CONFIRMED}
    assert Message.objects.filter(channel=Channel.DESK, why=DeskReason.UNCLEAR).count() == 1
