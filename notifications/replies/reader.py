"""What a person means by their answer to a text message. Pure.

Only an exact keyword counts as an answer about an appointment. Only differences of spelling are ignored:
case, accents, punctuation, emoji around it. A longer message may mean the contrary of its first word (« oui
mais plus tard », « non pas de problème »), so we ask back once, and then a human reads it. STOP, which
changes no appointment, is understood in plain words (`stops.py`), and so is « mauvais numéro ».
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from notifications.replies.stops import Wish, is_start, wish_of


class Intent(StrEnum):
    YES = "yes"
    NO = "no"
    STOP = "stop"
    START = "start"
    HELP = "help"
    THANKS = "thanks"
    """Politeness that needs no answer."""
    WRONG_NUMBER = "wrong_number"
    """The number does not belong to the person we write about."""
    DESK = "desk"
    """A wish that only a human can fulfil, so asking back would not help."""
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reading:
    intent: Intent
    number: str = ""
    """The number of the appointment, if one was named."""
    says_more: bool = False
    """It is a STOP, but also says something that a human must read."""


# Keywords in their folded form: no accents, lower case, no punctuation.
YES = frozenset(
    {"1", "oui", "confirme", "je confirme", "confirmer", "je viens", "ok", "d accord", "yes", "confirm"}
)
NO = frozenset({"2", "non", "annuler", "annule", "j annule", "je l annule", "no"})
HELP = frozenset({"aide", "help", "info", "infos", "?"})
# In Arabic letters, without vowel signs.
YES_AR = frozenset({"نعم", "اي", "موافق", "اكيد", "اوكد", "ساحضر", "تاكيد"})
NO_AR = frozenset({"لا", "الغاء", "الغي", "لن احضر"})
HELP_AR = frozenset({"مساعده"})
# Words allowed around a « oui »: they do not change what it means.
COURTESY = frozenset(
    [
        "bonjour",
        "bonsoir",
        "bjr",
        "bsr",
        "salut",
        "merci",
        "mr",
        "mme",
        "madame",
        "monsieur",
        "beaucoup",
        "bcp",
        "bien",
        "sur",
        "cordialement",
        "cdt",
        "svp",
        "stp",
        "parfait",
        "super",
        "entendu",
        "a",
        "vous",
        "hello",
        "thanks",
        "thank",
        "you",
        "شكرا",
        "مرحبا",
        "السلام",
        "عليكم",
    ]
)
THANKS = frozenset(
    [
        "merci",
        "mrc",
        "mercii",
        "merciii",
        "et",
        "very",
        "remerciements",
        "bonne",
        "bon",
        "journee",
        "soiree",
        "apres",
        "midi",
        "week",
        "end",
        "a",
        "bientot",
        "vous",
        "cordialement",
        "cdt",
        "bien",
        "recu",
        "note",
        "c",
        "est",
        "parfait",
        "super",
        "beaucoup",
        "bcp",
        "de",
        "rien",
        "thanks",
        "thank",
        "you",
        "thx",
        "much",
        "شكرا",
        "جزيلا",
        "infiniment",
        "tres",
        "gentil",
        "pour",
        "tout",
        "le",
        "rappel",
        "rappeler",
        "message",
        "votre",
    ]
)
THANKING = frozenset(
    {
        "merci",
        "mrc",
        "mercii",
        "merciii",
        "thanks",
        "thank",
        "thx",
        "شكرا",
        "recu",
        "note",
        "parfait",
        "super",
        "remerciements",
    }
)
_PATTERNS = (
    (Intent.YES, YES | YES_AR),
    (Intent.NO, NO | NO_AR),
    (Intent.HELP, HELP | HELP_AR),
)
_NUMBERED = re.compile(r"([12])\s+(\d{3}\s?\d{3})")
_YES_WORDS = "|".join(sorted((re.escape(each) for each in YES | YES_AR), key=len, reverse=True))
_YES_ONLY = re.compile(rf"(?:{_YES_WORDS})(?: (?:{_YES_WORDS}))*")
_WISHES = {
    Wish.STOP: Reading(Intent.STOP),
    Wish.STOP_AND_MORE: Reading(Intent.STOP, says_more=True),
    Wish.WRONG_NUMBER: Reading(Intent.WRONG_NUMBER),
    Wish.DESK: Reading(Intent.DESK),
}
_BETWEEN_SENTENCES = re.compile(r"[.,;:!?؟\n…]+")
_MOST_SENTENCES = 20
_THUMBS = frozenset("👍👌✅🙏❤😊🙂😉😀😃")


def read(text: str) -> Reading:
    folded = fold(text)
    if numbered := _NUMBERED.fullmatch(folded):
        intent = Intent.YES if numbered.group(1) == "1" else Intent.NO
        return Reading(intent, numbered.group(2).replace(" ", ""))
    asks = "?" in text or "؟" in text
    for intent, keywords in _PATTERNS:
        if folded in keywords and not (asks and intent in (Intent.YES, Intent.NO)):
            return Reading(intent)
    if wish := wish_of(folded, sentences=_sentences(text), asks=asks):
        return _WISHES[wish]
    if asks:
        return Reading(Intent.UNCLEAR)  # « Annulé ? » is a question, not an answer
    if is_start(folded):
        return Reading(Intent.START)
    words = folded.split()
    if _is_polite_yes(words):
        return Reading(Intent.YES)
    if _is_thanks(words, text):
        return Reading(Intent.THANKS)
    return Reading(Intent.UNCLEAR)


def _is_polite_yes(words: list[str]) -> bool:
    """« Bonjour, oui je confirme merci »: a yes, once or twice, and otherwise only words of COURTESY.
    There is no such rule for a no."""
    rest = " ".join(word for word in words if word not in COURTESY)
    return _YES_ONLY.fullmatch(rest) is not None


def _is_thanks(words: list[str], text: str) -> bool:
    if not words:
        return bool(_THUMBS & set(text))
    return bool(THANKING & set(words)) and set(words) <= THANKS


def _sentences(text: str) -> list[str]:
    """The parts of the text between punctuation marks, folded; empty if there is only one."""
    parts = [folded for part in _BETWEEN_SENTENCES.split(text, _MOST_SENTENCES) if (folded := fold(part))]
    return parts if len(parts) > 1 else []


def fold(text: str) -> str:
    """Lower case, without accents, punctuation or emoji; digits of any script as 0 to 9."""
    decomposed = unicodedata.normalize("NFKD", text.strip())
    if decomposed.strip() == "?":
        return "?"
    kept = []
    for char in decomposed:
        if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
            continue
        if char.isdecimal():
            kept.append(str(unicodedata.decimal(char)))
        elif char.isalpha():
            kept.append(_LETTERS.get(char, char.casefold()))
        else:
            kept.append(" ")
    return " ".join("".join(kept).split())


# Arabic letters that are often written in place of one another.
_LETTERS = {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": ""}
