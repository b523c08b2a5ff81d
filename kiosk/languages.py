"""The languages that a screen speaks, by code, as their own speakers call them. French is the first.

Texts come from `locale/<code>/LC_MESSAGES/django.po`. English has no such file: the sources are in English.
"""

LANGUAGES = {"fr": "Français", "en": "English", "ar": "العربية"}
