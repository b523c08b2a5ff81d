"""Search for names whatever the accents, the order of words, and small typing errors.

No ORM here: a resident is an id and a folded name.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
        for word in self.words:
            if word.startswith(typed):
                yield word, _SAME if word == typed else begins
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
