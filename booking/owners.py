"""Whose a phone number is, as the words beside it say: « sa fille », « chez la voisine », « poste 12 »."""

from booking.enums import PhoneOwner
from booking.names import folded


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FAMILY = _words(
    "fils fille filles mere pere maman papa frere soeur mari femme epouse epoux conjoint conjointe compagnon "
    "compagne oncle tante niece cousine bru parent parents famille proche enfant enfants tata tonton mamie "
    "papi papy daughter son mother father brother sister wife husband"
)
_FAMILY_OR_SURNAME = _words("cousin neveu gendre beau belle petit petite grand")
_NEIGHBOUR = _words("voisine voisins gardien gardienne concierge neighbour")
_NEIGHBOUR_OR_SURNAME = _words("voisin")
_SOCIAL_WORKER = _words(
    "social sociale tuteur tutrice curateur curatrice educateur educatrice mandataire referent referente ccas"
)
_LABELS = _words("tel telephone numero no n port portable mobile gsm fixe perso domicile maison ou et")
"""Words that say what a number is, and nothing of whose it is."""
_AROUND = _words(
    "sa son ses ma mon mes leur leurs la le les l de du des d a au chez un une his her the of "
    "aine ainee cadet cadette jeune assistant assistante travailleur travailleuse poste bureau travail "
    "professionnel pro soir matin midi"
)
_SAYS_ENOUGH = _FAMILY | _NEIGHBOUR | _SOCIAL_WORKER | _LABELS | {"poste", "bureau", "travail", "pro"}
_KNOWN = _SAYS_ENOUGH | _FAMILY_OR_SURNAME | _NEIGHBOUR_OR_SURNAME | _AROUND


def owner_of(remark: str) -> PhoneOwner | None:
    """Whose the number is, or None if the words do not tell."""
    words = set(folded(remark).split())
    if words & _SOCIAL_WORKER:
        return PhoneOwner.SOCIAL_WORKER
    if words & (_NEIGHBOUR | _NEIGHBOUR_OR_SURNAME):
        return PhoneOwner.NEIGHBOUR
    if words & (_FAMILY | _FAMILY_OR_SURNAME):
        return PhoneOwner.FAMILY
    return None


def detail_of(remark: str) -> str:
    """What is kept of the words: nothing if they are but « portable » or « tél. »."""
    is_label = all(word in _LABELS for word in folded(remark).split())
    return "" if is_label else remark


def is_remark(words: str) -> bool:
    """Whether words beside a number say whose it is, and are not a name. « Cousin » and « Voisin » alone are
    surnames; « son cousin » is not."""
    each = folded(words).split()
    known = [word in _KNOWN or word[:1].isdigit() for word in each]
    return bool(each) and all(known) and (len(each) > 1 or each[0] in _SAYS_ENOUGH)
