"""The agents and the sixty residents of the demonstration, all invented.

Phone numbers come only from the ranges reserved for fiction (02 61 91 and 06 39 98), so that the
demonstration can never call a real person.
"""

from dataclasses import dataclass

from booking.enums import AccessNeed, Language, PhoneOwner, ReachBy
from core.roles import Role

PASSWORD = "permanence-demo"  # noqa: S105 (printed by the command, and given only where DEBUG is on)


@dataclass(frozen=True)
class Colleague:
    username: str
    first_name: str
    last_name: str
    roles: tuple[Role, ...]
    skills: tuple[str, ...] = ()
    does: str = ""
    weekly_hours: int | None = None
    """By contract; None for a volunteer."""


_EVERYDAY = ("caf", "impots", "france-travail", "cpam", "crous", "cantine", "email")

COLLEAGUES = (
    Colleague("nadia", "Nadia", "Belkacem", (Role.DESK,), does="accueil de la mairie"),
    Colleague("sophie", "Sophie", "Lemaire", (Role.MANAGER,), does="responsable"),
    Colleague(
        "camille",
        "Camille",
        "Roussel",
        (Role.HELPER,),
        (*_EVERYDAY, "teleconsultation"),
        "aidante numérique",
        35,
    ),
    Colleague("yanis", "Yanis", "Haddad", (Role.HELPER,), _EVERYDAY, "aidant numérique", 28),
    Colleague("odile", "Odile", "Marchand", (Role.HELPER,), ("email", "cantine", "impots"), "bénévole"),
    Colleague(
        "marc",
        "Marc",
        "Delaunay",
        (Role.DESK, Role.HELPER),
        ("caf", "cpam", "impots", "email", "cantine", "teleconsultation"),
        "accueil et aidant à Saint-Julien",
        35,
    ),
    Colleague("theo", "Théo", "Vidal", (Role.TECHNICIAN,), does="écrans et pannes, sans aucun nom"),
    Colleague("helene", "Hélène", "Roussel", (Role.ELECTED,), does="élue : les chiffres publiés"),
)


@dataclass(frozen=True)
class DemoPhone:
    number: str
    owner: PhoneOwner = PhoneOwner.SELF
    may_call: bool = True
    hours: tuple[int, int] | None = None
    """Between which hours of the day this phone may be called, if that matters."""


@dataclass(frozen=True)
class Contact:
    name: str
    relation: str
    phone: str
    is_told: bool = True


@dataclass(frozen=True)
class DemoPerson:
    first_name: str
    last_name: str
    birth_year: int | None
    phones: tuple[DemoPhone | str, ...] = ()
    email: str = ""
    address: str = ""
    languages: tuple[Language, ...] = (Language.FRENCH,)
    needs: tuple[AccessNeed, ...] = ()
    contact: Contact | None = None
    reach_by: ReachBy | None = None
    number_on_screen: bool = False


FR, EN, AR, TR, PT, ES, RU, UK, XX = Language
SELF, FAMILY, NEIGHBOUR, SOCIAL_WORKER = PhoneOwner

FATIMA = DemoPerson(
    "Fatima",
    "Bensaïd",
    1958,
    ("06 39 98 12 34",),
    languages=(FR, AR),
    needs=(AccessNeed.WHEELCHAIR,),
    contact=Contact("Karim", "fils", "06 39 98 12 35"),
)
MEHDI = DemoPerson("Mehdi", "Amrani", 1991, ("06 39 98 20 01",), "mehdi.amrani@example.org")
AMINATA = DemoPerson("Aminata", "Diallo", 1974, ("06 39 98 20 02",), languages=(FR, XX))
NEVER_AT_HOME = "02 61 91 20 03"
GEORGES = DemoPerson(
    "Georges", "Lefebvre", 1941, (NEVER_AT_HOME,), needs=(AccessNeed.HARD_OF_HEARING, AccessNeed.SLOWLY)
)
JACQUES = DemoPerson(
    "Jacques", "Duval", 1946, ("02 61 91 20 10",), address="14, rue des Lilas, 76140 Petit-Quevilly"
)
BRIGITTE = DemoPerson("Brigitte", "Langlois", 1956, ("06 39 98 20 40", "02 61 91 20 40"))
SAMIR = DemoPerson("Samir", "Benali", 1990, ("06 39 98 20 41",), languages=(FR, AR))
COLETTE = DemoPerson(
    "Colette", "Bazin", 1937, address="22, rue des Roses, 76140 Petit-Quevilly", needs=(AccessNeed.SLOWLY,)
)

RESIDENTS = (
    FATIMA,
    MEHDI,
    AMINATA,
    GEORGES,
    # Husband and wife with the same landline number.
    JACQUES,
    DemoPerson("Monique", "Duval", 1949, ("02 61 91 20 10",), needs=(AccessNeed.LOW_VISION,)),
    # A landline and nothing else
    DemoPerson(
        "Simone", "Vasseur", 1938, ("02 61 91 20 11",), needs=(AccessNeed.LOW_VISION, AccessNeed.SLOWLY)
    ),
    DemoPerson("Bernard", "Quesnel", 1944, ("02 61 91 20 12",)),
    DemoPerson(
        "Lucienne",
        "Grandin",
        1936,
        (DemoPhone("02 61 91 20 13", hours=(9, 12)),),
        needs=(AccessNeed.HARD_OF_HEARING,),
    ),
    DemoPerson(
        "Raymond", "Leroux", 1947, ("02 61 91 20 14",), contact=Contact("Sylvie", "fille", "06 39 98 20 15")
    ),
    DemoPerson("Ginette", "Morel", 1942, ("02 61 91 20 16",)),
    DemoPerson("Manuel", "Ferreira", 1951, ("02 61 91 20 17",), languages=(PT, FR)),
    DemoPerson("Rosa", "Pinto", 1953, ("02 61 91 20 18",), languages=(PT, FR), needs=(AccessNeed.READING,)),
    DemoPerson(
        "Ahmed",
        "Bouzid",
        1945,
        (DemoPhone("02 61 91 20 19", FAMILY),),
        languages=(AR, FR),
        needs=(AccessNeed.READING,),
    ),
    DemoPerson("Huguette", "Lecomte", 1940, ("02 61 91 20 20",)),
    DemoPerson("Marcel", "Hébert", 1939, ("02 61 91 20 21",), needs=(AccessNeed.WHEELCHAIR,)),
    DemoPerson("Yvette", "Renault", 1948, ("02 61 91 20 22",)),
    DemoPerson("Nicole", "Aubert", 1952, (DemoPhone("02 61 91 20 23", hours=(14, 18)),)),
    DemoPerson("Joseph", "N’Guessan", 1955, ("02 61 91 20 24",)),
    DemoPerson("Thi Lan", "Nguyen", 1950, (DemoPhone("02 61 91 20 25", NEIGHBOUR),), languages=(XX, FR)),
    DemoPerson("Denise", "Lamy", 1943, ("02 61 91 20 26",), number_on_screen=True),
    DemoPerson("Roger", "Carpentier", 1946, ("02 61 91 20 27",)),
    DemoPerson(
        "Christiane", "Poulain", 1954, ("02 61 91 20 28",), "c.poulain@example.org", reach_by=ReachBy.EMAIL
    ),
    # No phone
    DemoPerson(
        "Sergiu", "Popescu", 1987, address="Foyer Émile-Bernard, 76140 Petit-Quevilly", languages=(XX, FR)
    ),
    DemoPerson("Gérard", "Lebrun", 1963, address="CCAS, 3, rue de la République, 76140 Petit-Quevilly"),
    DemoPerson(
        "Halima", "Saïdi", 1969, address="8, allée des Tulipes, 76140 Petit-Quevilly", languages=(AR,)
    ),
    COLETTE,
    DemoPerson("Wilfried", "Mbala", 1996),
    # A mobile phone
    DemoPerson("Karim", "Ouali", 1983, ("06 39 98 20 30",)),
    DemoPerson("Élodie", "Marchal", 1989, ("06 39 98 20 31",), "elodie.marchal@example.org"),
    DemoPerson(
        "Oksana", "Kovalenko", 1985, ("06 39 98 20 32",), languages=(UK, RU), needs=(AccessNeed.INTERPRETER,)
    ),
    DemoPerson("Zeynep", "Yılmaz", 1979, ("06 39 98 20 33",), languages=(TR, FR)),
    DemoPerson("Thomas", "Bellanger", 1994, ("06 39 98 20 34",)),
    DemoPerson("Inès", "Cherif", 2005, ("06 39 98 20 35",), "ines.cherif@example.org"),
    DemoPerson("Lucas", "Petit", 2004, ("06 39 98 20 36",)),
    DemoPerson("Mariam", "Traoré", 1981, ("06 39 98 20 37", "02 61 91 20 37")),
    DemoPerson("Ousmane", "Traoré", 1978, ("06 39 98 20 38", "02 61 91 20 37")),
    DemoPerson("Jean-Pierre", "Le Goff", 1957, ("06 39 98 20 39",)),
    BRIGITTE,
    SAMIR,
    DemoPerson("Nour", "El Khoury", 1993, ("06 39 98 20 42",), languages=(AR, FR, EN)),
    DemoPerson("Grace", "Adeyemi", 1992, ("06 39 98 20 43",), languages=(EN,)),
    DemoPerson("Carlos", "Moreno", 1968, ("06 39 98 20 44",), languages=(ES, FR)),
    DemoPerson("Stéphanie", "Joly", 1977, ("06 39 98 20 45",), "s.joly@example.org"),
    DemoPerson("Cédric", "Fontaine", 1980, ("06 39 98 20 46",), number_on_screen=True),
    DemoPerson("Laëtitia", "Gosselin", 1986, ("06 39 98 20 47",)),
    DemoPerson("Anaïs", "Prévost", 1998, ("06 39 98 20 48",)),
    DemoPerson(
        "Kevin", "Lesage", 1999, (DemoPhone("06 39 98 20 49", SOCIAL_WORKER),), needs=(AccessNeed.READING,)
    ),
    DemoPerson("Aïssatou", "Barry", 1988, ("06 39 98 20 50",), languages=(FR, XX)),
    DemoPerson("Dimitri", "Volkov", 1971, ("06 39 98 20 51",), languages=(RU, FR)),
    DemoPerson("Françoise", "Dubois", 1960, ("06 39 98 20 52",)),
    DemoPerson("Françoise", "Dubost", 1964, ("06 39 98 20 53",)),
    DemoPerson(
        "Abdelkader",
        "Mansouri",
        1959,
        (DemoPhone("06 39 98 20 54", FAMILY),),
        languages=(AR,),
        needs=(AccessNeed.READING,),
    ),
    DemoPerson("Valérie", "Caron", 1972, ("06 39 98 00 00",)),  # does not exist, see the simulator
    DemoPerson(
        "Noémie", "Lucas", 2001, ("06 39 98 20 56",), "noemie.lucas@example.org", reach_by=ReachBy.EMAIL
    ),
    DemoPerson("Moussa", "Keïta", 1984, ("06 39 98 20 57",)),
    DemoPerson("Sandrine", "Leblond", 1975, (DemoPhone("06 39 98 20 58", hours=(12, 14)),)),
    DemoPerson("Hugo", "Vallée", 1997, ("06 39 98 00 01",)),  # switched off
    DemoPerson(
        "Patrick", "Thuillier", 1962, (DemoPhone("06 39 98 20 60", may_call=False),), reach_by=ReachBy.NONE
    ),
    DemoPerson("Leïla", "Hamidi", 1995, ("06 39 98 20 61",), languages=(FR, AR)),
)
