"""What French asks of names that are put into a sentence. Pure."""

import unicodedata


def with_de(name: str) -> str:
    """The name of a commune after « de »: « du Havre », « des Lilas », « d'Amiens », « de La Rochelle »,
    « de Honfleur »."""
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    first = unicodedata.normalize("NFD", name[:1]).upper()[:1]
    if name[:1] in "ŒœÆæ" or first in "AEIOU" or name.startswith(("Yv", "Yp", "Ys")):
        return f"d'{name}"
    return f"de {name}"


def town_hall(commune: str) -> str:
    """« Mairie du Havre », « Mairie d'Amiens »: the mairie of the commune of this name, with the apostrophe
    that text messages have."""
    return f"Mairie {with_de(commune)}"
