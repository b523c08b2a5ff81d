"""French names in sentences of pages: « Mairie du Havre »."""

from django import template

from core import french

register = template.Library()


@register.filter
def town_hall(commune: object) -> str:
    """« Mairie d’Amiens »: the mairie of this commune, or of the commune of this name."""
    return french.town_hall(str(commune)).replace("'", "’")
