"""What a file of places holds: its columns, one checked record per site, and the problems found in it.

Schema `LaMednum/standard-mediation-num` on schema.data.gouv.fr. A column that holds a list separates its
items by `|`.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext

COLUMNS = (
    *("id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse"),
    *("latitude", "longitude", "typologie", "telephone", "courriels", "site_web", "horaires"),
    *("presentation_resume", "presentation_detail", "source", "itinerance", "structure_parente", "date_maj"),
    *("services", "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge"),
    *("dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels"),
    *("modalites_acces", "modalites_accompagnement", "fiche_acces_libre", "prise_rdv"),
)
NEEDED = ("id", "nom", "commune", "code_postal", "code_insee", "adresse")
LISTS = (
    *("typologie", "courriels", "site_web", "itinerance", "services", "publics_specifiquement_adresses"),
    *("prise_en_charge_specifique", "frais_a_charge", "dispositif_programmes_nationaux"),
    *("formations_labels", "autres_formations_labels", "modalites_acces", "modalites_accompagnement"),
)
TEXTS = (
    *("presentation_resume", "presentation_detail", "source", "structure_parente"),
    *("fiche_acces_libre", "prise_rdv"),
)


class Severity(StrEnum):
    ERROR = "error"
    """The line cannot be imported, so nothing of the file is imported."""
    LEFT_OUT = "left out"
    """The commune of the line cannot be told: the line is not imported, the others are."""
    WARNING = "warning"
    """Something is left out or corrected; the line is imported."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line (from 1, the header's) and field of the file."""

    line: int
    field: str
    severity: Severity
    text: str | Promise
    position: int | None = None
    """Offset in the field, from 0, where that is known."""

    def __str__(self) -> str:
        where = {"line": self.line, "field": self.field, "text": self.text}
        if self.field:
            return gettext("line %(line)d, %(field)s: %(text)s") % where
        return gettext("line %(line)d: %(text)s") % where


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """One line of the file, checked."""

    line: int
    ref: str
    name: str
    city: str
    postal_code: str
    insee_code: str
    address: str
    address_extra: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    """E.164."""
    opening_hours: str = ""
    """As written in the file; empty if they cannot be honoured."""
    hours_refused: bool = False
    """Whether hours were written that could not be honoured."""
    pivot: str = ""
    updated_on: date | None = None
    texts: dict[str, str] = field(default_factory=dict)
    """The columns of TEXTS, by name."""
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns of LISTS, by name."""


@dataclass(slots=True)
class PlacesFile:
    """What a file holds; `places` only has the lines that can be imported."""

    places: list[SiteRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    elsewhere: int = 0
    """Number of lines of communes that were not asked for; they are not checked."""

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def left_out(self) -> int:
        """Number of lines whose commune cannot be told."""
        return sum(problem.severity is Severity.LEFT_OUT for problem in self.problems)

    def problems_of(self, line: int) -> list[Problem]:
        return [problem for problem in self.problems if problem.line == line]

    def problems_of_no_place(self) -> list[Problem]:
        """Problems of the file itself, and of lines that give no site."""
        lines = {place.line for place in self.places}
        return [problem for problem in self.problems if problem.line not in lines]
