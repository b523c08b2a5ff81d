"""Phone numbers as people say them: « 06 39 98 12 34 »."""

from django import template

from core.phones import format_national

register = template.Library()


@register.filter
def national(number: str | None) -> str:
    """A stored number (E.164) in pairs of digits, kept together on one line."""
    return format_national(number).replace(" ", "\N{NO-BREAK SPACE}") if number else ""
