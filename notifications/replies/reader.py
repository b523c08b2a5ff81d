"""What a person means by their answer to a text message. Pure.

A message is an answer about an appointment only if every word of it belongs to a known way of giving that
answer (`answers.py`), since one more word may turn it into the contrary (« oui mais plus tard », « non pas de
problème »). What is not understood is asked back once, and then a human reads it. STOP, which changes no
appointment, is understood in plain words (`stops.py`), and so are « mauvais numéro » and « rappelez-moi ».
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notifications.replies.answers import Answer, answer_of, asks_to_be_called, several_answers
from notifications.replies.named_time import NamedTime, named_time, spell_out
from notifications.replies.stops import Wish, is_start, wish_of


class Intent(StrEnum):
    YES = "yes"
    NO = "no"
    SEVERAL = "several"
    """An answer about each of several appointments, with their numbers."""
    STOP = "stop"
    START = "start"
    HELP = "help"
    THANKS = "thanks"
    """Politeness that needs no answer."""
    CALL_BACK = "call_back"
    """They ask to be called."""
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
    named: NamedTime | None = None
    """The day and the hour that a yes, a no or thanks name."""
    several: tuple[tuple[Intent, str], ...] = ()
    """For SEVERAL: YES or NO, and the number of the appointment."""
    opts_out: bool = False
    """The phone operator takes the very word as a STOP too."""

    def fits(self, start: datetime, written: datetime) -> bool:
        """Whether it may be about an appointment at `start`. Both instants in the commune's time zone."""
        return self.named is None or self.named.fits(start, written)


_INTENTS = {
    Answer.YES: Intent.YES,
    Answer.NO: Intent.NO,
    Answer.THANKS: Intent.THANKS,
    Answer.HELP: Intent.HELP,
}
_WISHES = {
    Wish.STOP: Reading(Intent.STOP),
    Wish.STOP_AND_MORE: Reading(Intent.STOP, says_more=True),
    Wish.WRONG_NUMBER: Reading(Intent.WRONG_NUMBER),
    Wish.DESK: Reading(Intent.DESK),
}
OPTING_OUT = "cancel"
"""A no that operators take as a STOP as well. Their other words are no answers."""
_THE_KEY = "le 1"
"""The key that we asked for, not the first of the month."""
_NUMBER = re.compile(r"(?<!\d)(\d{3}) ?(\d{3})(?!\d)")
_BETWEEN_SENTENCES = re.compile(r"[.,;:!?؟\n…]+")
_MOST_SENTENCES = 20
_LONGEST = 400
"""In characters: a longer message is no answer."""
_CHECKS = frozenset("✅✔☑🆗")
_AGREEING = _CHECKS | frozenset("👍👌")
_REFUSING = frozenset("❌✖👎🚫🙅❎")
_FRIENDLY = frozenset("👍👌🙏❤😊🙂😉😀😃")


def read(text: str) -> Reading:
    folded = fold(text)
    if folded == OPTING_OUT and not _asks(text):
        return Reading(Intent.NO, opts_out=True)
    found = _answer(folded, text)
    if found and found.intent is Intent.HELP:
        return found
    if wish := wish_of(folded, sentences=_sentences(text), asks=_asks(text)):
        return _WISHES[wish]
    if asks_to_be_called(folded):
        return Reading(Intent.CALL_BACK)
    if _asks(text):
        return Reading(Intent.UNCLEAR)  # « Annulé ? » is a question, not an answer
    if is_start(folded):
        return Reading(Intent.START)
    return found or Reading(Intent.UNCLEAR)


def _asks(text: str) -> bool:
    return "?" in text or "؟" in text


def _answer(folded: str, text: str) -> Reading | None:
    if len(text) > _LONGEST:
        return None
    folded = fold(spell_out(text)) if folded != "?" else folded
    if folded == "?":
        return Reading(Intent.HELP)
    if several := several_answers(folded):
        return Reading(Intent.SEVERAL, several=tuple((_INTENTS[each], number) for each, number in several))
    answer = answer_of(folded) if folded else _of_symbols(text)
    against = _AGREEING if answer is Answer.NO else _REFUSING
    if answer is None or against & set(text):
        return None
    if answer is Answer.HELP:
        return Reading(Intent.HELP)
    numbers = {"".join(found) for found in _NUMBER.findall(folded)}
    if len(numbers) > 1:
        return None
    is_key = folded == _THE_KEY
    return Reading(_INTENTS[answer], "".join(numbers), named=None if is_key else named_time(folded))


def _of_symbols(text: str) -> Answer | None:
    """A message without any word: « ✅ » is a yes, « 👍 » only politeness."""
    if _CHECKS & set(text):
        return Answer.YES
    return Answer.THANKS if _FRIENDLY & set(text) else None


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
