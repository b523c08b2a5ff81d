"""The rules for French texts that a program can check: typography, words of the glossary, names.

A rule looks at one text and yields what is wrong with it, in English. Placeholders such as %(name)s are in
the text when it is looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NO_BREAK = "\u00a0\u202f"

# %(name)s, %s, {name} — and text that is not prose: tags, URLs, times like 09:00.
PLACEHOLDER = re.compile(r"%\([^)]+\)[#0\- +]?[\d.]*[a-zA-Z]|%[sdrif%]|\{[^{}]*\}")
NOT_PROSE = re.compile(r"<[^>]*>|&#?\w+;|[a-z+]+://\S+|\b\d{1,2}:\d{2}\b|\b[a-z]+:[a-z]+\b(?=\()")
STRAIGHT_APOSTROPHE = re.compile(r"\w'\w")
SPACE_MISSING = re.compile(rf"[^\s:;?!(\[«\"'](?=[:;?!»])|«(?![{NO_BREAK}])")
BREAKING_SPACE = re.compile(r"[ \t\n](?=[:;?!»])|«[ \t\n]")
UNIT = re.compile(r"(?:\d|\bX) (?:h|min|%|€)(?!\w)|\bn° ")
MIDDLE_DOT = re.compile(r"\w[·•]\w")

NAMES = r"(?:agent|by|cabin|commune|former|helper|mairie|name|names|place|resident|service|site|to)"
NAME_AFTER_DE = re.compile(rf"\b(?:de|que|jusque|lorsque) (?:%\({NAMES}\)s|\{{{NAMES}\}})", re.IGNORECASE)
COMMUNE_AFTER_A = re.compile(
    r"\b(?:à|Mairie de) (?:%\((?:commune|mairie)\)s|\{(?:commune|mairie)\})", re.IGNORECASE
)

MOST_WORDS = 20
SENTENCE_END = re.compile(r"(?<=[.?!…])\s+")
IN_BRACKETS = re.compile(r"\([^()]*\)")
WORD = re.compile(r"[^\W\d_][\w’-]*")

CANCEL = re.compile(r"\bannul(?:e|er|ez|ons)\b", re.IGNORECASE)
CANCELLED = re.compile(r"\brendez-vous\b|\bRDV\b|\bsi vous venez\b|\(je viens\)", re.IGNORECASE)


@dataclass(frozen=True)
class Term:
    """A word that pages do not use, what they say instead, and a text with the word."""

    pattern: str
    better: str
    example: str

    @property
    def found(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE | re.DOTALL)


VISIT = Term(
    r"\A(?!.*\b(?:mois|effacés|passées)\b).*\bvisites?\b",
    "rendez-vous (to come or past), venue; « visite » only for figures and retention",
    "Visites précédentes",
)
"""What figures count is a visit: their own texts may say so."""

TERMS = (
    Term(r"\bdéfaite?s?\b", "effacé, rétabli", "annulation défaite"),
    Term(r"\b(?:n’est|n'est|est) (?:pas )?venu\b", "absence; venue notée", "n’est pas venu"),
    Term(r"\b(?:l’|cet |un |d’un |nouvel |aucun )habitant\b", "la personne", "à la demande de l’habitant"),
    Term(r"\baides? numériques?\b", "aidant", "aide numérique en retard"),
    Term(r"\bcet aidant\b", "cette personne, or her name", "Cet aidant a déjà une présence."),
    Term(
        r"\b(?:un|la personne) responsable\b", "votre responsable", "Adressez-vous à la personne responsable."
    ),
    Term(
        r"\b(?:par|à) qui gère\b|s’occupe de l’installation",
        "la personne qui gère l’installation",
        "Les clés sont créées par qui gère l’installation.",
    ),
    Term(
        r"\be-?mails?\b", "courriel (message), adresse électronique (to type)", "Aucun e-mail ne part d’ici."
    ),
    Term(r"\bnom d’utilisateur\b", "identifiant", "Ce nom d’utilisateur est déjà pris."),
    Term(
        r"\b(?:heures?|temps) libres?\b|\bplaces? (?:libres?|libérées?|se libère)\b|\bcette place\b",
        "horaire libre; un rendez-vous se libère",
        "Les prochaines heures libres",
    ),
    Term(r"\bretenue?s?\b", "gardé", "Cet horaire est seulement retenu."),
    Term(r"\boffres?\b", "proposition", "Cette offre a expiré."),
    VISIT,
    Term(
        r"\bfiches? (?:du|de) rendez-vous\b|\b(?:imprime[rz]|poste[rz]) (?:de nouveau )?la fiche\b",
        "feuille de rendez-vous",
        "Imprimer la fiche",
    ),
    Term(r"\bpersonne (?:à prévenir|de confiance)\b", "proche", "une personne de confiance"),
    Term(r"\b(?:aidants?|pas) (?:n’est |est )?en service\b", "présent, présence", "aucun aidant en service"),
    Term(r"\bremises? en état\b", "préparation de la cabine", "minutes de remise en état"),
    Term(r"\bl’issue\b|\bnon renseignée?s?\b", "le résultat; suite non notée", "noter l’issue"),
    Term(r"\bprestataires?\b", "opérateur de messages", "Dernier refus du prestataire."),
    Term(r"\bmobiles?\b", "portable", "depuis un mobile"),
    Term(r"\bjumel\w+|\brévo(?:qu|c)\w+", "associer; retirer", "Jumeler un écran"),
    Term(r"\bretour à l’accueil\b", "première page", "Retour à l’accueil"),
    Term(
        r"\bouvr\w+ .*\bdans la (?:journée|semaine)\b",
        "dans les 24 heures, dans les 7 jours",
        "Ouvrez ce lien dans la journée.",
    ),
    Term(r"\binclus(?:es?)?\b", "ce jour compris", "Dernier jour inclus"),
    Term(r"\b(?:re)?march(?:e|ent|er|é|era)\b", "fonctionner", "Ce lien ne marche plus."),
    Term(r"\bgenre\b", "type", "genre"),
)
"""Old words of the glossary, for texts on pages, in messages and in calls."""

PAGE_TERMS = (
    Term(r"\bRDV\b", "rendez-vous (RDV in text messages only)", "3 RDV à replacer"),
    Term(r"(?<!de )\bpatientez\b", "Merci de patienter", "Patientez ici."),
    Term(r"\bworker\b|\bprogramme de fond\b", "what the reader can do", "Le programme de fond (worker)"),
    Term(r"\bE\.164\b|\bIdempotency\b", "a word of the desk; this one only in the API", "Numéro E.164"),
)
"""Those that text messages or calls may say, or that the API may."""


def typography(text: str) -> Iterator[str]:
    """Of pages: the apostrophe ’ and no-break spaces. Text messages have neither."""
    prose = NOT_PROSE.sub("", PLACEHOLDER.sub("X", text))
    if found := STRAIGHT_APOSTROPHE.search(prose):
        yield f"straight apostrophe (’ in French): {around(prose, found)}"
    if found := BREAKING_SPACE.search(prose):
        yield f"breaking space where French has a no-break one: {around(prose, found)}"
    elif found := SPACE_MISSING.search(prose):
        yield f"no-break space missing: {around(prose, found)}"
    if found := UNIT.search(prose):
        yield f"breaking space between a number and its unit, or after n°: {around(prose, found)}"
    if "..." in prose:
        yield "three dots (… in French)"


def wording(text: str, *, terms: tuple[Term, ...] = TERMS) -> Iterator[str]:
    """Of pages, messages and calls alike."""
    written = text.replace("'", "’")
    prose = PLACEHOLDER.sub("X", written)
    if found := MIDDLE_DOT.search(prose):
        yield f"middle dot: turn the sentence (absence, la personne, ne vient pas): {around(prose, found)}"
    if found := NAME_AFTER_DE.search(written):
        yield f"« de » or « que » before a name that may begin with a vowel: {around(written, found)}"
    if found := COMMUNE_AFTER_A.search(written):
        yield f"« à » or « de » before a commune (Le Havre, Amiens): {around(written, found)}"
    if (found := CANCEL.search(prose)) and not CANCELLED.search(prose):
        yield f"« annuler » is said of appointments, with the word « rendez-vous »: {around(prose, found)}"
    for term in terms:
        if found := term.found.search(prose):
            yield f"not a word of the glossary; better: {term.better}: {around(prose, found)}"


def length(text: str) -> Iterator[str]:
    """Of what people read at a glance or hear; what stands in brackets is not counted."""
    prose = IN_BRACKETS.sub("", NOT_PROSE.sub("", PLACEHOLDER.sub("X", text)))
    for sentence in SENTENCE_END.split(prose):
        if (words := len(WORD.findall(sentence))) > MOST_WORDS:
            yield f"a sentence of {words} words, {MOST_WORDS} at most: {sentence.strip()[:40]!r}"


def around(text: str, found: re.Match[str]) -> str:
    return repr(text[max(0, found.start() - 12) : found.end() + 12])
