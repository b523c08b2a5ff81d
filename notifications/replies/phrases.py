"""Finds phrases in a message that was typed in a hurry. Pure.

A table gives each phrase a name, and the ways to say it, separated by line ends or commas. In a way to say
it, `<name>` stands for any way to say another phrase, `*` for any one word, `#` for a digit, and `?` after a
word means that the word may be missing. Words are compared by their sound, so that « arretter », « arrêté »
and « arrêtez » are the same.

All ways are followed at the same time, word by word, so that the time needed stays short for any text.
"""

from collections.abc import Mapping

_ENDINGS = ("ez", "er", "es", "ais", "ait", "ai")
"""Endings that sound alike (« envoyez », « envoyer », « envoyais »)."""
_SHORTEST = 5
"""In letters: shorter words keep their ending. A silent « s » is dropped from words of four letters on."""
_LONGEST_JOINED = 40
_LONGEST_PART = 15
_ELIDED = frozenset("cdjlmnst")
"""Words that are one letter before an apostrophe: « m'écrire »."""


def _sound(word: str) -> str:
    """One form for all spellings of a word that sound alike. Only Latin letters are changed."""
    if not word.isascii() or not word.isalpha():
        return word
    short = "".join(char for i, char in enumerate(word) if i == 0 or char != word[i - 1])
    if len(short) >= _SHORTEST:
        for ending in _ENDINGS:
            if short.endswith(ending):
                return short.removesuffix(ending) + "e"
    return short[:-1] if len(short) > 3 and short.endswith("s") else short


class Phrases:
    """A table of phrases, prepared for searching."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.ways = {name: [_parts(way) for way in _split_ways(text)] for name, text in table.items()}
        parts = {part for ways in self.ways.values() for way in ways for part, _ in way}
        self._known = frozenset(part for part in parts if part != "*" and not part.startswith("<"))

    def words(self, folded: str, *, at_most: int, split: bool = True) -> list[str]:
        """The words of a text in their `_sound` form. Unless `split` is false, words written as one
        (« nemecontactezplus ») are separated."""
        found: list[str] = []
        for word in folded.split(maxsplit=at_most)[:at_most]:
            sound = _sound(word[:_LONGEST_JOINED])
            is_one = not split or sound in self._known
            found += [sound] if is_one else self._apart(word) or [sound]
        return found[:at_most]

    def _apart(self, word: str) -> list[str]:
        """The fewest known words that make up this one; empty if no known words make it up."""
        if len(word) > _LONGEST_JOINED:
            return []
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - _LONGEST_PART), end):
                before, part = best[start], word[start:end]
                if before is None or not self._may_be_joined(part):
                    continue
                shortest = best[end]
                if shortest is None or len(before) + 1 < len(shortest):
                    best[end] = [*before, _sound(part)]
        parts = best[-1] or []
        return parts if any(len(part) > 2 for part in parts) else []

    def _may_be_joined(self, part: str) -> bool:
        return part in _ELIDED or (len(part) > 1 and _sound(part) in self._known)


class Sought:
    """One message in which phrases are searched for."""

    def __init__(self, phrases: Phrases, words: list[str]) -> None:
        self.words = words
        self._ways = phrases.ways
        self._ends: dict[tuple[str, int], frozenset[int]] = {}

    def ends(self, name: str, start: int) -> frozenset[int]:
        """Where the phrase may end (the index after its last word) if it begins at word `start`."""
        key = name, start
        if key not in self._ends:
            found = (self._follow(way, start) for way in self._ways[name])
            self._ends[key] = frozenset().union(*found)
        return self._ends[key]

    def _follow(self, way: tuple[tuple[str, bool], ...], start: int) -> set[int]:
        places = {start}
        for part, is_optional in way:
            after = {end for place in places for end in self._step(part, place)}
            places = places | after if is_optional else after
            if not places:
                break
        return places - {start}

    def _step(self, part: str, place: int) -> frozenset[int] | set[int]:
        if part.startswith("<"):
            return self.ends(part[1:-1], place)
        if place < len(self.words) and part in ("*", self.words[place], _shape(self.words[place])):
            return {place + 1}
        return set()


def _shape(word: str) -> str:
    """« 482913 » becomes « ###### »."""
    return "".join("#" if char.isdecimal() else char for char in word)


def _split_ways(text: str) -> list[str]:
    return [way for line in text.splitlines() for way in line.split(",") if way.strip()]


def _parts(way: str) -> tuple[tuple[str, bool], ...]:
    """The parts of one way to say something, each with whether it may be missing."""
    parts = []
    for written in way.split():
        part = written.removesuffix("?")
        parts.append((part if part.startswith("<") else _sound(part), written.endswith("?")))
    return tuple(parts)
