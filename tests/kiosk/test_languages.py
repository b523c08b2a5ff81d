"""A screen in three languages: everything is translated, and plurals follow each language."""

from datetime import timedelta
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from booking import errors
from booking.actions.base import refusal_text
from booking.enums import Status
from communes.models import Cabin, Service
from kiosk.errors import FaultNotPossible, TooManyFaults
from kiosk.languages import LANGUAGES
from tests.clocks import SetClock
from tests.factories import at, make_appointment, make_service

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {
    "core/templatetags/times.py",
    "kiosk/words.py",
    "kiosk/templatetags/kiosk.py",
    *(
        str(template.relative_to(ROOT))
        for family in ("board", "sheets")
        for template in (ROOT / "templates" / "kiosk" / family).glob("*.html")
    ),
}
REFUSALS = (
    errors.SlotTaken,
    errors.NotOffered,
    errors.TooLate,
    errors.TooEarly,
    errors.CabinBusy,
    errors.HelperBusy,
    errors.StatusRefused,
    FaultNotPossible,
    TooManyFaults,
)


type Text = tuple[str | None, str]
"""Its context, and the text in the sources."""


def catalogue(lang: str) -> polib.POFile:
    return polib.pofile(str(Path(settings.LOCALE_PATHS[0]) / lang / "LC_MESSAGES" / "django.po"))


@pytest.mark.parametrize("lang", sorted(LANGUAGES.keys() - {"fr", "en"}))
def test_nothing_on_a_screen_is_french_for_want_of_another_language(lang: str) -> None:
    texts: set[Text] = {
        (entry.msgctxt, entry.msgid)
        for entry in catalogue("fr")
        if TEXTS & {path for path, _ in entry.occurrences}
    }
    with translation.override(None):
        refused = [each.text for each in REFUSALS] + [refusal_text(status) for status in Status]
        texts |= {(None, str(text)) for text in refused}
    assert len(texts) > 100
    assert texts - {(entry.msgctxt, entry.msgid) for entry in catalogue(lang)} == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("late", "arabic", "english", "french"),
    [
        (6, "6 دقائق", "6 minutes late", "il y a 6 minutes"),
        (10, "10 دقائق", "10 minutes late", "il y a 10 minutes"),
        (11, "11 دقيقة", "11 minutes late", "il y a 11 minutes"),
        (40, "40 دقيقة", "40 minutes late", "il y a 40 minutes"),
    ],
)
def test_minutes_late_are_counted_as_each_language_does(
    late: int,
    arabic: str,
    english: str,
    french: str,
    kiosk: Client,
    cabin: Cabin,
    service: Service,
    set_clock: SetClock,
) -> None:
    helped = make_appointment(cabin, service, at(10, 30), number="482913", with_helper=True)
    set_clock(at(10, 30) + timedelta(minutes=late))
    assert f"تأخر {arabic}" in kiosk.get(reverse("screen-board"), {"lang": "ar"}).content.decode()
    for lang, words in (("ar", arabic), ("en", english), ("fr", french)):
        type(helped).objects.update(status=Status.BOOKED)
        url = f"{reverse('screen-arrival-number')}?lang={lang}"
        assert words in kiosk.post(url, {"number": "482913"}).content.decode().replace(
            "\N{NO-BREAK SPACE}", " "
        )


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "arabic"), [(75, "75 دقيقة"), (105, "105 دقائق"), (120, "120 دقيقة")])
def test_minutes_to_come_are_counted_as_in_arabic(
    minutes: int, arabic: str, kiosk: Client, service: Service, set_clock: SetClock
) -> None:
    long = make_service(service.commune, name="Atelier", duration_min=180)
    set_clock(at(12) - timedelta(minutes=minutes))
    assert f"الآن، {arabic}" in kiosk.get(reverse("screen-walk-in"), {"lang": "ar"}).content.decode()
    url = reverse("screen-walk-in-service", args=[long.pk])
    assert f"سيكون لديكم {arabic} بدل 180" in kiosk.get(url, {"lang": "ar"}).content.decode()


@pytest.mark.django_db
def test_attempts_left_are_counted_as_in_arabic(kiosk: Client) -> None:
    url = f"{reverse('screen-arrival-number')}?lang=ar"
    pages = [kiosk.post(url, {"number": "000000"}).content.decode() for _ in range(4)]
    for page, words in zip(
        pages, ("بقيت 4 محاولات", "بقيت 3 محاولات", "بقيت محاولتان", "بقيت محاولة واحدة"), strict=True
    ):
        assert words in page
