"""Lists of weekdays in words: « lundi, mardi, jeudi »."""

from collections.abc import Iterable

from django import template
from django.utils.dates import WEEKDAYS

register = template.Library()


@register.filter
def weekday_names(numbers: Iterable[int]) -> str:
    return ", ".join(str(WEEKDAYS[number]) for number in numbers if number in WEEKDAYS)
