"""When a text message means « no more messages », or « messages again ». Pure.

We must not write to someone who asked us to stop, and nobody may lose their reminders because of a word that
meant something else. So there are four meanings:

- STOP: consists only of phrases that say so, and of courtesy.
- STOP_AND_MORE: says so and something else; or begins with « stop » or « arrêtez » and goes on in any way;
  or may have another meaning (« plus de rappels », « ne m'appelez plus »). The messages end and a human reads
  the words. A STOP changes no appointment, so a mistaken one costs a call, not a visit.
- WRONG_NUMBER: the number belongs to somebody else.
- DESK: a wish about how or when we write (« pas de mail », « pas le dimanche »), which only a human can
  fulfil.

The words are in `stop_words.py`. All texts here are as `reader.fold` returns them: no accents, lower case, no
punctuation.
"""

from collections.abc import Iterable
from enum import Flag, StrEnum, auto

from notifications.replies.phrases import Phrases, Sought
from notifications.replies.stop_words import TABLE

_PHRASES = Phrases(TABLE)
_MOST_WORDS = 60
"""Of a longer message only the beginning is read, and it counts as saying more than STOP."""


class Wish(StrEnum):
    STOP = "stop"
    STOP_AND_MORE = "stop_and_more"
    WRONG_NUMBER = "wrong_number"
    DESK = "desk"


class _Said(Flag):
    """What the phrases of a message say, taken together."""

    NOTHING = 0
    FIRM = auto()
    SHORT = auto()
    DOUBT = auto()
    FAINT = auto()
    WRONG = auto()
    CHANNEL = auto()
    BESIDES = auto()


_ROLES = {
    "firm": _Said.FIRM,
    "short": _Said.SHORT,
    "doubt": _Said.DOUBT,
    "faint": _Said.FAINT,
    "wrong": _Said.WRONG,
    "channel": _Said.CHANNEL,
    "besides": _Said.BESIDES,
    "greeting": _Said.NOTHING,
    "asking": _Said.NOTHING,
}
_CLEAR = _Said.FIRM | _Said.SHORT
_STOPPING = ("firm", "short", "doubt", "faint", "opening")


def wish_of(folded: str, *, sentences: Iterable[str] = (), asks: bool = False) -> Wish | None:
    """What the message says about our messages; None if nothing. `sentences`: its parts, split at
    punctuation. `asks`: it has a question mark, so that only long phrases count."""
    message = _sought(folded)
    if _ends_vaguely(message):
        return None
    is_whole = len(folded.split(maxsplit=_MOST_WORDS)) <= _MOST_WORDS
    found = _meaning(_all_said(message), message, asks=asks) if is_whole else None
    if found is None:
        found = _beginning(message, asks=asks)
    if found is None and not _begins(message, "none"):
        found = _inside(message) or _of_sentences(sentences, asks=asks)
        if found is None and is_whole and not asks and _ends_with_stop(message):
            found = Wish.STOP_AND_MORE
    return found


def is_start(folded: str) -> bool:
    """Whether the message says that messages are welcome again."""
    message = _sought(folded)
    reached = _reach(message, {0}, ("start_courtesy",))
    starts = {end for place in reached for end in message.ends("start", place)}
    return len(message.words) < _MOST_WORDS and len(message.words) in _reach(
        message, starts, ("start_courtesy",)
    )


def _sought(folded: str) -> Sought:
    return Sought(_PHRASES, _PHRASES.words(folded, at_most=_MOST_WORDS))


# ---- the message as a whole --------------------------------------------------------------------------


def _all_said(message: Sought) -> set[_Said]:
    """What a message says if it consists of known phrases only: one result for each way to read it."""
    said: list[set[_Said]] = [{_Said.NOTHING}] + [set() for _ in message.words]
    for place, before in enumerate(said):
        if not before:
            continue
        for name, role in _ROLES.items():
            for end in message.ends(name, place):
                said[end] |= {each | role for each in before}
    return said[-1]


def _meaning(readings: set[_Said], message: Sought, *, asks: bool) -> Wish | None:
    """The clearest STOP among the ways to read it."""
    if asks:
        is_bare = message.words in (["stop"], ["aret"])
        readings = {each for each in readings if each & (_Said.FIRM | _Said.DOUBT) or is_bare}
    if any(each & _CLEAR and not each & ~(_CLEAR | _Said.FAINT) for each in readings):
        return Wish.STOP
    if any(each & (_CLEAR | _Said.DOUBT | _Said.FAINT) for each in readings):
        return Wish.STOP_AND_MORE
    if any(each & _Said.WRONG for each in readings):
        return Wish.WRONG_NUMBER
    return Wish.DESK if any(each & _Said.CHANNEL for each in readings) else None


def _ends_vaguely(message: Sought) -> bool:
    return any(len(message.words) in message.ends("vague", place) for place in range(len(message.words)))


# ---- a part of it ------------------------------------------------------------------------------------


def _reach(message: Sought, places: Iterable[int], names: Iterable[str]) -> set[int]:
    """The places in the message that can be reached by any number of these phrases."""
    reached, left = set(places), list(places)
    while left:
        place = left.pop()
        new = {end for name in names for end in message.ends(name, place)} - reached
        reached |= new
        left += new
    return reached


def _firsts(message: Sought) -> set[int]:
    """The places where the message may begin after greetings and the like."""
    return _reach(message, {0}, ("greeting", "besides", "wrong"))


def _begins(message: Sought, name: str) -> bool:
    return any(message.ends(name, place) for place in _firsts(message))


def _beginning(message: Sought, *, asks: bool) -> Wish | None:
    """« Stop » or « arrêtez » at the beginning, followed by words that we do not know."""
    firsts = _firsts(message)
    if any(_is_limited(message, name, place) for place in firsts for name in _STOPPING):
        return None if asks else Wish.DESK
    if any(message.ends("channel", place) for place in firsts):
        return None if asks else Wish.DESK
    opening = "stop" if asks else "opening"
    goes_on = any(end < len(message.words) for place in firsts for end in message.ends(opening, place))
    if goes_on and not _begins(message, "none"):
        return Wish.STOP_AND_MORE
    return None


def _is_limited(message: Sought, name: str, place: int) -> bool:
    """A STOP that is limited by more words: « Arrêtez de m'écrire le dimanche »."""
    return any(message.ends("limit", end) for end in message.ends(name, place))


def _inside(message: Sought) -> Wish | None:
    """A long phrase somewhere in the message, unless the word before it changes its meaning."""
    for place in range(len(message.words)):
        ends = message.ends("firm", place)
        if not ends or (place and message.ends("takes_back", place - 1)):
            continue
        is_partial = _is_limited(message, "firm", place) or message.ends("article", max(ends))
        return Wish.DESK if is_partial else Wish.STOP_AND_MORE
    return None


def _ends_with_stop(message: Sought) -> bool:
    """« Je bloque ce numéro stop », « pitié stop svp »."""
    last = len(message.words)
    return any(
        last in _reach(message, message.ends("stop", place), ("greeting",))
        and not message.ends("no_order", place - 1)
        for place in range(1, last)
    )


def _of_sentences(sentences: Iterable[str], *, asks: bool) -> Wish | None:
    """One sentence among several is a STOP, or says that the number is wrong: « C'est plus ma commune,
    stop »."""
    wishes = set()
    for sentence in sentences:
        message = _sought(sentence)
        readings = {each for each in _all_said(message) if not each & _Said.FAINT}
        wishes.add(_meaning(readings, message, asks=asks))
    if wishes & {Wish.STOP, Wish.STOP_AND_MORE}:
        return Wish.STOP_AND_MORE
    return Wish.WRONG_NUMBER if Wish.WRONG_NUMBER in wishes else None
