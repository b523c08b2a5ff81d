"""Search for names whatever the accents, the order of words, and small typing errors.

No ORM here: a resident is an id and a folded name.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "ı": "i"})
_TITLES = frozenset({"m", "mr", "mme", "mlle", "madame", "monsieur", "mademoiselle"})

# How well a word of a name matches a typed word, from 0 to 1.
_SAME = 1.0
_BEGINS = 0.95
_INITIAL = 0.85
_ALIKE = 0.7
"""The least similarity: one wrong, missing, doubled or swapped letter in four, two in seven."""
_SHORTEST_ALIKE = 4
_MOST_WORDS = 8
"""At most this many typed words are used. The work grows with their square: forty took a second among
20,000 people."""

type Scores = dict[int, float]
"""Resident id → how well the name matches."""


def folded(text: str) -> str:
    """« Jean-François D’Arcy » → « jean francois d arcy »."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    kept = "".join(
        letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter)
    )
    return " ".join(kept.split())


def search_name(first_name: str, last_name: str) -> str:
    """The folded name that is stored with a resident for the search."""
    return folded(f"{first_name} {last_name}")[:130]


def is_wide(text: str) -> bool:
    """Whether the text holds a character that may be a whole name: Chinese, Japanese or Korean."""
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in text)


class NameIndex:
    """The words of many names: each word is compared once, however many people have it."""

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self.names: dict[int, str] = dict(names)
        bearers: dict[str, list[int]] = defaultdict(list)
        for pk, name in self.names.items():
            words = name.split()
            for word in words:
                bearers[word].append(pk)
            # « ben said » is also looked for as « bensaid ».
            if len(words) > 2:
                for one, other in pairwise(words):
                    bearers[one + other].append(pk)
        self.bearers = bearers
        self.words = list(bearers)

    def best(self, text: str, most: int) -> list[int]:
        """The ids of at most `most` residents whose names match every typed word, best first."""
        scores: Scores = {}
        answers: dict[str, Scores] = {}
        for words in _readings(folded(text).split()[:_MOST_WORDS]):
            for pk, score in self._answering(words, answers).items():
                scores[pk] = max(score, scores.get(pk, 0.0))
        ranked = sorted(scores, key=lambda pk: (-round(scores[pk], 2), self.names[pk], pk))
        return ranked[:most]

    def _answering(self, words: tuple[str, ...], answers: dict[str, Scores]) -> Scores:
        """The residents who match all the words, with their mean score."""
        found: Scores | None = None
        for word in words:
            if word not in answers:
                answers[word] = self._bearing(word)
            these = answers[word]
            if found is None:
                found = these
            else:
                few, many = sorted((found, these), key=len)
                found = {pk: few[pk] + many[pk] for pk in few if pk in many}
        return {pk: score / len(words) for pk, score in (found or {}).items()}

    def _bearing(self, typed: str) -> Scores:
        scores: Scores = {}
        for word, score in self._like(typed):
            for pk in self.bearers[word]:
                if score > scores.get(pk, 0.0):
                    scores[pk] = score
        return scores

    def _like(self, typed: str) -> Iterator[tuple[str, float]]:
        begins = _INITIAL if len(typed) == 1 else _BEGINS
        parts_of_words = is_wide(typed)  # such names are written without a space: 小明 is found in 王小明
        for word in self.words:
            if word.startswith(typed):
                yield word, _SAME if word == typed else begins
            elif parts_of_words and typed in word:
                yield word, _INITIAL
        if len(typed) >= _SHORTEST_ALIKE:
            for word, score, _ in process.extract(
                typed, self.words, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE, limit=None
            ):
                yield word, min(score, _INITIAL)


def _readings(words: list[str]) -> Iterator[tuple[str, ...]]:
    """The typed words; also without a title, and with each two neighbours joined."""
    yield tuple(words)
    if len(words) > 1 and words[0] in _TITLES:
        yield tuple(words[1:])
    for n in range(len(words) - 1):
        yield (*words[:n], words[n] + words[n + 1], *words[n + 2 :])


# ---- first name and last name ----------------------------------------------------------------------

type NameWeights = Mapping[str, float]
"""Folded word → from -1 (always a last name) to 1 (always a first name)."""


def weigh_names(names: Iterable[tuple[str, str]]) -> NameWeights:
    """How the words of these people's names are used; `names`: first and last names."""
    used: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pair in names:
        for part, text in enumerate(pair):
            for word in folded(text).split():
                used[word][part] += 1
    return {word: (first - last) / (first + last) for word, (first, last) in used.items()}


def split_name(text: str, weights: NameWeights) -> tuple[str, str]:
    """The first and the last name in what was typed, each with capitals.

    Capitals say what a last name is (« BENSAÏD Fatima »), else the names that are known here do. What they
    leave open is read as a first name and then a last name; a single word is a last name.
    """
    words = text.split()
    while len(words) > 1 and folded(words[0]) in _TITLES:
        words = words[1:]
    if not words:
        return "", ""
    scores = [_first_name_score(word, weights) for word in words]
    if any(map(_is_capitals, words)) and not all(map(_is_capitals, words)):
        scores = [-1.0 if _is_capitals(word) else 1.0 for word in words]
    if len(words) == 1:
        return (_capitalised(words), "") if scores[0] > 0 else ("", _capitalised(words))
    count = len(words)
    ways = [(words[:n], words[n:], sum(scores[:n]) - sum(scores[n:])) for n in range(1, count)]
    ways += [(words[n:], words[:n], sum(scores[n:]) - sum(scores[:n])) for n in range(count - 1, 0, -1)]
    first, last, _score = max(ways, key=lambda way: way[2])  # the first of equals: in the order typed
    return _capitalised(first), _capitalised(last)


def _first_name_score(word: str, weights: NameWeights) -> float:
    parts = folded(word).split()
    return sum(weights.get(part, 0.0) for part in parts) / len(parts) if parts else 0.0


def _is_capitals(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _capitalised(words: Iterable[str]) -> str:
    """« fatima » and « FATIMA » become « Fatima »; « McDonald » stays as it was typed."""
    return " ".join(word.title() if word.islower() or _is_capitals(word) else word for word in words)
