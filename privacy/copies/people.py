"""People who do not exist: names, numbers and days, drawn without a look at anybody."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import cycle
from random import SystemRandom


def _words(text: str) -> list[str]:
    return text.split()


FIRST_NAMES = _words(
    "Adèle Agnès Alain Alice Amina André Anne Armand Aurore Basile Béatrice Bruno Camille Carine "
    "Célia Chantal Claude Colette Damien Denise Didier Édith Élodie Émile Fanny Fernand Florence "
    "Gaston Gisèle Hélène Henri Irène Jacques Jeanne Joël Josette Karim Laure Léon Lucie Malika "
    "Marcel Marthe Maud Nadège Noël Odile Pascal Paulette Quentin Rachid Régine Rémi Rose Samira "
    "Serge Simone Sylvain Thérèse Ulysse Valérie Victor Yvette"
)
LAST_NAMES = _words(
    "Aubry Barbier Bazin Bertin Blondel Boulay Brunet Caron Chauvin Colin Cordier Dumas Dupuy Fabre "
    "Ferrand Fleury Gaillard Gautier Germain Gillet Grenier Guérin Hamel Hubert Humbert Jacquet Joly "
    "Lacroix Lambert Langlois Leblanc Lebrun Leclerc Legrand Lemoine Levasseur Maillard Marchal "
    "Masson Mercier Meunier Millet Morel Noël Pasquier Pelletier Perrin Poirier Prévost Renard Renaud "
    "Rivière Rolland Roussel Sauvage Tessier Thibault Vallet Vasseur Verdier Vidal Voisin"
)
OFFICE_PHONE = "+33199000000"
"""Reserved for fiction, as all numbers here: nobody can be reached at it."""
ARABIC_SHARE, WHEELCHAIR_SHARE, PHONE_SHARE = 0.05, 0.04, 0.85

rng = SystemRandom()


def first_name() -> str:
    return rng.choice(FIRST_NAMES)


def last_name() -> str:
    return rng.choice(LAST_NAMES)


def mobiles(taken: Collection[str]) -> Iterator[str]:
    """Of the ten thousand mobile numbers for fiction, each once before one comes again; none of those that
    somebody has, as in a demonstration, as long as there are others."""
    every = [f"+3363998{number:04}" for number in range(10_000)]
    free = [number for number in every if number not in taken] or every
    rng.shuffle(free)
    yield from cycle(free)


def happens(share: float) -> bool:
    return rng.random() < share


def some_instant(since: datetime, until: datetime) -> datetime:
    return since + timedelta(seconds=rng.uniform(0, (until - since).total_seconds()))
