"""What messages say."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.enums import Channel, MessageKind
from notifications.texts import (
    EDITABLE,
    LANGUAGES,
    About,
    compose,
    compose_answer,
    language_for,
    unknown_placeholders,
)
from notifications.texts.gsm7 import is_gsm7
from notifications.texts.spoken import SPOKEN
from tests.factories import PARIS, at

ABOUT = About(
    commune="Petit-Quevilly",
    phone="02 61 91 00 00",
    time_zone=PARIS,
    start=at(10, 30),
    place="Hôtel de ville",
    number="482913",
    until=at(9, 15),
)
# The longest name of a commune in France, and as long a short name of a place as the model takes.
LONGEST = About(
    commune="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson",
    phone="02 61 91 00 00",
    time_zone=PARIS,
    start=datetime(2026, 9, 30, 10, 45, tzinfo=PARIS),
    place="Maison des services du Val-de-la-Marne X",
    number="482913",
)


def test_every_language_of_messages_has_its_sentences_for_calls():
    assert SPOKEN.keys() == LANGUAGES.keys()


def test_a_confirmation_says_who_when_and_where_and_how_to_answer():
    text = compose(MessageKind.CONFIRMATION, ABOUT, channel=Channel.SMS, two_way=True)

    assert text.text == (
        "Mairie de Petit-Quevilly : vous avez rendez-vous mardi 24 nov. à 10h30, Hotel de ville. "
        "Répondez 1 si vous venez, 2 pour annuler."
    )
    assert (text.segments.count, text.segments.encoding, text.asks) == (1, "GSM-7", True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["", "{mairie} : RDV {day}, {place}."])
def test_whoever_gave_no_name_is_told_the_number(language, template):
    told = replace(ABOUT, must_say_number=True)
    text = compose(MessageKind.CONFIRMATION, told, channel=Channel.SMS, language=language, template=template)

    assert ABOUT.number in text.text


def test_where_no_answer_can_arrive_none_is_asked_for():
    text = compose(MessageKind.CONFIRMATION, ABOUT, channel=Channel.SMS, two_way=False)

    assert "Répondez" not in text.text
    assert text.text.endswith("Un empechement ? Appelez le 02 61 91 00 00.")
    assert not text.asks


def test_without_a_phone_of_the_mairie_no_number_is_promised():
    silent = About(**{**_fields(ABOUT), "phone": ""})

    cancelled = compose(MessageKind.CANCELLATION, silent, channel=Channel.SMS)
    confirmed = compose(MessageKind.CONFIRMATION, silent, channel=Channel.SMS)

    assert cancelled.text == (
        "Mairie de Petit-Quevilly : votre RDV du mardi 24 nov. à 10h30, Hotel de ville, est annulé."
    )
    assert confirmed.text.endswith("10h30, Hotel de ville.")


@pytest.mark.parametrize("kind", list(EDITABLE))
@pytest.mark.parametrize("two_way", [True, False])
def test_every_text_is_one_message_even_with_the_longest_names(kind: MessageKind, two_way: bool):
    for about in (ABOUT, LONGEST):
        for language in ("fr", "en"):
            text = compose(kind, about, channel=Channel.SMS, language=language, two_way=two_way)
            assert text.segments.count == 1, (language, text.segments.units, text.text)
            assert is_gsm7(text.text)


@pytest.mark.parametrize("kind", list(EDITABLE))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mairie_comes_first_and_nothing_is_left_to_fill(kind: MessageKind, language: str):
    text = compose(kind, ABOUT, channel=Channel.SMS, language=language, two_way=True)

    assert text.text.startswith(LANGUAGES[language].town_hall("Petit-Quevilly"))
    assert not set("{}") & set(text.text)
    assert "  " not in text.text
    assert not set("{}") & set(text.subject)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: str):
    words = LANGUAGES[language]

    assert set(words.texts) == {
        *EDITABLE,
        MessageKind.PHONE_CANCEL,
        MessageKind.CALL_BACK,
        MessageKind.IMPOSSIBLE,
    }
    assert set(words.answers) == set(LANGUAGES["fr"].answers)
    assert set(words.subjects) == set(LANGUAGES["fr"].subjects)
    for kind in EDITABLE:
        wordings = [words.texts[kind], words.replies.get(kind, ()), words.no_replies.get(kind, ())]
        for wording in chain(*wordings, words.to_contact.get(kind, ())):
            assert unknown_placeholders(wording, kind) == []
    for name in words.answers:
        answer = compose_answer(name, ABOUT, language=language)
        assert not set("{}") & set(answer.text)
        assert answer.segments.count <= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_come_again_by_the_word_that_operators_know(language: str):
    """After a STOP an operator carries nothing more to that number until it sends START."""
    assert compose_answer("stopped", ABOUT, language=language).text.endswith("START.")


def test_no_reminder_speaks_of_cancelling_before_it_has_said_when_and_where():
    for kind in (MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.CHANGE):
        text = compose(kind, ABOUT, channel=Channel.SMS, two_way=True).text
        assert "nnul" not in text[: text.index("Hotel de ville")]


def test_a_time_is_that_of_the_commune():
    reunion = About(**{**_fields(ABOUT), "time_zone": ZoneInfo("Indian/Reunion")})

    assert "mardi 24 nov. à 13h30" in compose(MessageKind.REMINDER, reunion, channel=Channel.SMS).text


def test_days_and_hours_are_said_as_people_say_them():
    fr, en = LANGUAGES["fr"], LANGUAGES["en"]
    first = datetime(2026, 12, 1, 9, 0, tzinfo=PARIS)

    assert fr.day(first.date()) == "mardi 1er déc."
    assert (fr.time(first.time()), fr.time(at(14, 5).time())) == ("9h", "14h05")
    assert (en.day(first.date()), en.time(first.time())) == ("Tuesday 1 Dec", "9:00")


@pytest.mark.parametrize(
    ("commune", "mairie"),
    [
        ("Petit-Quevilly", "Mairie de Petit-Quevilly"),
        ("Le Havre", "Mairie du Havre"),
        ("Les Lilas", "Mairie des Lilas"),
        ("La Rochelle", "Mairie de La Rochelle"),
        ("Amiens", "Mairie d'Amiens"),
        ("Évreux", "Mairie d'Évreux"),
        ("L'Haÿ-les-Roses", "Mairie de L'Haÿ-les-Roses"),
        ("Honfleur", "Mairie de Honfleur"),
        ("Yvetot", "Mairie d'Yvetot"),
        ("Œting", "Mairie d'Œting"),
    ],
)
def test_the_name_of_a_commune_bends_as_in_speech(commune: str, mairie: str):
    assert LANGUAGES["fr"].town_hall(commune) == mairie


def test_the_first_language_that_we_write_is_taken():
    assert language_for(["tr", "ar", "fr"]) == "ar"
    assert language_for(["tr"]) == "fr"
    assert language_for([]) == "fr"


def test_a_text_in_arabic_is_not_broken_to_fit():
    text = compose(MessageKind.CONFIRMATION, ABOUT, channel=Channel.SMS, language="ar", two_way=True)

    assert text.segments.encoding == "UCS-2"
    assert text.segments.count <= 2
    assert "الثلاثاء 24 نوفمبر" in text.text


def test_an_e_mail_keeps_its_accents_and_asks_for_no_key():
    text = compose(MessageKind.CONFIRMATION, ABOUT, channel=Channel.EMAIL, two_way=True)

    assert "Hôtel de ville" in text.text
    assert "Un empêchement ?" in text.text
    assert (
        text.subject == "Votre rendez-vous du mardi 24 novembre à 10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30"
    )
    assert not text.asks


def test_an_e_mail_writes_in_full_what_a_text_message_shortens():
    noon = About(**{**_fields(ABOUT), "start": datetime(2026, 12, 1, 12, 0, tzinfo=PARIS)})

    mail = compose(MessageKind.CHANGE, noon, channel=Channel.EMAIL).text
    sms = compose(MessageKind.CHANGE, noon, channel=Channel.SMS).text

    assert (
        "votre rendez-vous est déplacé. Nouveau rendez-vous mardi 1er décembre à 12\N{NO-BREAK SPACE}h,"
        in mail
    )
    assert "votre RDV est déplacé. Nouveau RDV mardi 1er déc. à 12h," in sms


def test_a_communes_own_wording_is_filled_and_folded():
    text = compose(
        MessageKind.REMINDER,
        ABOUT,
        channel=Channel.SMS,
        two_way=True,
        template="{mairie} : à bientôt {day} à {time}, {place} ! {reply} {unknown}",
    )

    assert text.text == (
        "Mairie de Petit-Quevilly : à bientot mardi 24 nov. à 10h30, Hotel de ville ! "
        "Répondez 1 si vous venez, 2 pour annuler. {unknown}"
    )
    assert unknown_placeholders("{mairie} {service} {day}", MessageKind.REMINDER) == ["service"]


@given(
    minutes=st.integers(0, 60 * 24 * 400),
    kind=st.sampled_from(EDITABLE),
    language=st.sampled_from(sorted(LANGUAGES)),
    two_way=st.booleans(),
)
def test_texts_stay_short_at_any_date(minutes: int, kind: MessageKind, language: str, two_way: bool):
    about = About(**{**_fields(LONGEST), "start": at(0) + timedelta(minutes=minutes)})

    text = compose(kind, about, channel=Channel.SMS, language=language, two_way=two_way)

    assert text.segments.count <= (1 if language != "ar" else 3)


@pytest.mark.parametrize("kind", LANGUAGES["fr"].to_contact)
def test_a_contact_person_gets_one_text_message_in_words_of_their_own(kind: MessageKind):
    text = compose(kind, LONGEST, channel=Channel.SMS, to_contact=True)

    assert "votre proche" in text.text
    assert text.segments.count == 1


def _fields(about: About) -> dict:
    return {name: getattr(about, name) for name in About.__slots__}
