"""When a text message is a yes, a no, thanks, a call for help, or a wish to be called. Pure.

A message is a yes, a no, thanks or a call for help only if all of it consists of phrases that say so and of
words that change nothing (« Bonjour, oui pour mardi, merci »). One unknown word may mean the contrary (« oui
mais plus tard »), so the message is none of them. A no has the fewest ways to be said: it cancels.

A wish to be called is found anywhere in a message: it only brings a human to read it.

The words are in `answer_words.py`. Texts are as `reader.fold` returns them.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from notifications.replies.answer_words import TABLE
from notifications.replies.phrases import Phrases, Sought

_PHRASES = Phrases(TABLE)
_MOST_WORDS = 30
"""A longer message is no answer, whatever it begins with."""
_AROUND_YES = ("courtesy", "with_yes", "when", "which", "god_willing", "numbered")
_AROUND_NO = ("plain_courtesy",)
_AROUND_THANKS = ("courtesy", "meeting", "for", "god_willing")
_ALONE_YES = frozenset({"un"})
_ALONE_NO = frozenset({"non", "no", "لا"})
"""With anything else they may be politeness (« non merci », « non non c'est bon »)."""
_NO_NAMES = frozenset(
    """non no ne pas mais ou si stop plus jamais rien sauf peut annule annuler reporter decaler change changer
    malade absent absente retard impossible aussi autre demain quand comment pourquoi quoi qui est
    """.split()  # noqa: SIM905 a long list
)
_TWICE = re.compile(r"\b([12]) \1\b")
"""« 2 2 »: two persons, 22, or a key that stuck."""
_SEVERAL = re.compile(r"(?:(?:[12]) \d{6} ?){2,}|(?:\d{6} [12] ?){2,}")
_EACH = re.compile(r"\d+")
_SPLIT_NUMBER = re.compile(r"\b(\d{3}) (\d{3})\b")
_JOINING = frozenset(
    [
        "et",
        "pour",
        "puis",
        "ensuite",
        "le",
        "la",
        "celui",
        "du",
        "rdv",
        "n",
        "numero",
        "merci",
        "bonjour",
        "svp",
    ]
)
_AS_DIGITS = {
    "oui": "1",
    "confirme": "1",
    "viens": "1",
    "non": "2",
    "annule": "2",
    "annuler": "2",
    "je": "",
    "j": "",
}


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    THANKS = "thanks"
    HELP = "help"


def answer_of(folded: str) -> Answer | None:
    """What the message says, if it says that and nothing else."""
    if folded in _ALONE_YES:
        return Answer.YES
    if folded in _ALONE_NO:
        return Answer.NO
    together = Sought(_PHRASES, _PHRASES.words(folded, at_most=_MOST_WORDS + 1))
    if len(together.words) > _MOST_WORDS:
        return None
    if _TWICE.search(folded):
        return None
    apart = Sought(_PHRASES, _PHRASES.words(folded, at_most=_MOST_WORDS, split=False))
    if any(_is_yes(message) for message in (together, apart)):
        return Answer.YES
    if _consists_of(apart, Answer.NO, _AROUND_NO):
        return Answer.NO
    if _consists_of(together, Answer.HELP, ("courtesy",)):
        return Answer.HELP
    return Answer.THANKS if _consists_of(together, Answer.THANKS, _AROUND_THANKS) else None


def asks_to_be_called(folded: str) -> bool:
    """« Merci de me rappeler », « appelez ma fille »; not « pas besoin de m'appeler »."""
    message = Sought(_PHRASES, _PHRASES.words(folded, at_most=2 * _MOST_WORDS))
    places = range(len(message.words))
    return any(message.ends("call_order", place) for place in places) or any(
        _is_wanted(message, place, end) for place in places for end in message.ends("call_me", place)
    )


def several_answers(folded: str) -> tuple[tuple[Answer, str], ...]:
    """« 1 412345 2 556677 »: what is answered about each appointment number; empty if it is nothing of the
    kind, or contradicts itself."""
    words = [_AS_DIGITS.get(word, word) for word in _SPLIT_NUMBER.sub(r"\1\2", folded).split()]
    text = " ".join(word for word in words if word and word not in _JOINING)
    if not _SEVERAL.fullmatch(text):
        return ()
    each = _EACH.findall(text)
    pairs = list(zip(each[::2], each[1::2], strict=True))
    if len(each[0]) > 1:
        pairs = [(answer, number) for number, answer in pairs]
    if len({number for _, number in pairs}) < len(pairs):
        return ()
    return tuple((Answer.YES if answer == "1" else Answer.NO, number) for answer, number in pairs)


def _is_yes(message: Sought) -> bool:
    is_put_off = any(message.ends("put_off", place) for place in range(len(message.words)))
    return not is_put_off and _consists_of(message, Answer.YES, _AROUND_YES, may_be_signed=True)


def _consists_of(
    message: Sought, answer: Answer, around: Iterable[str], *, may_be_signed: bool = False
) -> bool:
    """Whether the phrase of the answer, at least once, and phrases around it make up the whole message."""
    reached = {(0, False)}
    left = list(reached)
    while left:
        place, was_said = left.pop()
        ends = {(end, True) for end in message.ends(answer, place)}
        ends |= {(end, was_said) for name in around for end in message.ends(name, place)}
        if may_be_signed:
            ends |= {(end, was_said) for end in _signature(message, place)}
        left += ends - reached
        reached |= ends
    return (len(message.words), True) in reached


def _signature(message: Sought, place: int) -> set[int]:
    """« Mme Benali », as the first or the last words."""
    ends = message.ends("signed", place)
    names = {end for end in ends if message.words[end - 1] not in _NO_NAMES}
    return {end for end in names if place == 0 or end == len(message.words)}


def _is_wanted(message: Sought, place: int, end: int) -> bool:
    is_refused = any(place in message.ends("no_call", before) for before in range(max(0, place - 5), place))
    return not is_refused and not message.ends("not_now", end)
