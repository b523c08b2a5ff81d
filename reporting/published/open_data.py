"""The published numbers as files for everybody, and the description of each file: a TableSchema
(specs.frictionlessdata.io/table-schema) with the licence. Pure but for the rows."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from communes.models import Commune
from reporting.figures.rows import harmless
from reporting.models import PublishedNumber
from reporting.publication.rules import K

type Cell = str | int

LICENCE = {
    "name": "etalab-2.0",
    "title": "Licence Ouverte 2.0",
    "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
}
INSEE = {
    "name": "code_insee",
    "type": "string",
    "title": "Code Insee de la commune",
    "description": "Code officiel géographique, sur cinq caractères ; c’est un texte.",
    "example": "76498",
    "constraints": {"required": True, "pattern": "^([013-9]\\d|2[AB1-9])\\d{3}$"},
}
TEXT = {"type": "string", "constraints": {"required": True}}
DAY = {"type": "date", "format": "default", "constraints": {"required": True}}
VISITS = {
    "name": "visites",
    "type": "integer",
    "title": "Nombre de visites",
    "description": "Visites qui ont eu lieu. Une personne venue deux fois compte deux fois.",
    "constraints": {"required": True, "minimum": K},
}
COMMUNE = {"name": "commune", "title": "Nom de la commune", **TEXT}
PLACE = {"name": "lieu", "title": "Nom du lieu", "description": "Nom au jour de la publication.", **TEXT}
PLACE_ID = {
    "name": "id_lieu",
    "title": "Identifiant du lieu",
    "description": "Distingue les lieux qui ont eu le même nom.",
    "type": "integer",
    "constraints": {"required": True},
}
FROM = {"name": "debut", "title": "Premier jour compté", **DAY}
UNTIL = {"name": "fin", "title": "Dernier jour compté", "description": "Compris.", **DAY}

TABLE_CODES = {"help": "aidant", "theme": "famille_de_themes", "moment": "moment"}
CATEGORY_CODES = {
    "helper": "avec_aidant",
    "nobody": "seul",
    "procedures": "demarches_administratives",
    "digital": "numerique",
    "morning": "matin",
    "afternoon": "apres_midi",
}


@dataclass(frozen=True)
class OpenFile:
    """One file of a commune. `fields`: its columns, as a TableSchema describes them."""

    name: str
    title: str
    description: str
    fields: list[dict[str, Any]]
    key: list[str]

    def rows(self, commune: Commune) -> Iterator[list[Cell]]:
        numbers = PublishedNumber.objects.filter(commune=commune).order_by("last_on", "site_ref", "pk")
        for row in numbers.filter(table="") if self is VISITS_FILE else numbers.exclude(table=""):
            days: list[Cell] = [row.first_on.isoformat(), row.last_on.isoformat()]
            yield [commune.insee_code, commune.name, row.site_ref, row.site_name, *days, *self._told(row)]

    def _told(self, row: PublishedNumber) -> Iterator[Cell]:
        if self is not VISITS_FILE:
            yield from (row.last_on.year, TABLE_CODES[row.table], CATEGORY_CODES[row.category])
        yield row.number

    @property
    def schema(self) -> dict[str, Any]:
        return {
            "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "licenses": [LICENCE],
            "encoding": "utf-8",
            "fields": self.fields,
            "missingValues": [""],
            "primaryKey": self.key,
        }


VISITS_FILE = OpenFile(
    name="frequentation",
    title="Fréquentation des cabines de services",
    description="Nombre de visites par lieu. Un mois de moins de 11 visites, ou de moins de 11 personnes, "
    "est réuni avec le suivant. Un nombre publié n’est jamais modifié.",
    fields=[INSEE, COMMUNE, PLACE_ID, PLACE, FROM, UNTIL, VISITS],
    key=["code_insee", "id_lieu", "debut"],
)
BREAKDOWN_FILE = OpenFile(
    name="repartition-annuelle",
    title="Répartition annuelle des visites des cabines de services",
    description="Visites d’une année, par une seule chose à la fois. Un tableau est publié si chacune de ses "
    "catégories compte 11 visites de 11 personnes. Il couvre les mois publiés avec cette année.",
    fields=[
        INSEE,
        COMMUNE,
        PLACE_ID,
        PLACE,
        FROM,
        UNTIL,
        {"name": "annee", "type": "year", "title": "Année", "constraints": {"required": True}},
        {
            "name": "tableau",
            "type": "string",
            "title": "Ce par quoi les visites sont réparties",
            "constraints": {"required": True, "enum": list(TABLE_CODES.values())},
        },
        {
            "name": "categorie",
            "type": "string",
            "title": "Catégorie",
            "constraints": {"required": True, "enum": list(CATEGORY_CODES.values())},
        },
        VISITS,
    ],
    key=["code_insee", "id_lieu", "annee", "tableau", "categorie"],
)
FILES = {file.name: file for file in (VISITS_FILE, BREAKDOWN_FILE)}


def as_csv(file: OpenFile, rows: Iterable[Iterable[Cell]]) -> bytes:
    """In UTF-8, with commas; no cell is calculated by a spreadsheet."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(each["name"] for each in file.fields)
    for row in rows:
        writer.writerow([harmless(each) if isinstance(each, str) else each for each in row])
    return text.getvalue().encode()
