"""The languages that a screen speaks, by code, as their own speakers call them. French is the first.

Texts come from `locale/<code>/LC_MESSAGES/django.po`. English has no such file: the sources are in English.
"""

from collections.abc import Iterable

LANGUAGES = {"fr": "Français", "en": "English", "ar": "العربية"}


def chosen_languages(codes: Iterable[str]) -> dict[str, str]:
    """French, and those of the other languages that a commune has chosen for its screens."""
    return {code: name for code, name in LANGUAGES.items() if code == "fr" or code in codes}
