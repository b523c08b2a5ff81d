"""What residents' replies mean: corpora of examples, and no reply that cancels by mistake."""

import json
import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.replies.reader import Intent, Reading, fold, read

HERE = Path(__file__).parent
SHORT_NAMES = {"stop+": Intent.STOP, "wrong": Intent.WRONG_NUMBER, "call": Intent.CALL_BACK}
STARTS, WRITTEN = datetime.fromisoformat("2026-11-24T10:30"), datetime.fromisoformat("2026-11-23T15:00")

CORPUS = [
    tuple(line.rstrip("\n").split("\t", 1))
    for line in (HERE / "replies.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
ACCEPTED = {
    "no?": {Intent.UNCLEAR, Intent.DESK, Intent.CALL_BACK},
    "unclear": {Intent.UNCLEAR, Intent.DESK, Intent.CALL_BACK, Intent.WRONG_NUMBER},
}
"""What may be understood where a human reads it or we ask back; elsewhere the meaning itself."""


@dataclass(frozen=True)
class Fixed:
    """A corpus whose outcomes were written down before the reader was tried on it, and the question that
    its replies answer."""

    number: str
    starts: datetime
    written: datetime
    replies: tuple[tuple[str, str], ...]

    @classmethod
    def load(cls, name: str) -> "Fixed":
        data = json.loads((HERE / name).read_text(encoding="utf-8"))
        return cls(
            data["appointment"]["number"],
            datetime.fromisoformat(data["appointment"]["starts"]),
            datetime.fromisoformat(data["written"]),
            tuple((meant, text) for meant, text in data["replies"]),
        )

    def understood(self, text: str) -> Intent:
        """As the conversation takes it: an answer that names something else is unclear."""
        reading = read(text)
        named_other = reading.number not in ("", self.number)
        return Intent.UNCLEAR if named_other else _fitting(reading, self.starts, self.written)


def _fitting(reading: Reading, starts: datetime, written: datetime) -> Intent:
    return reading.intent if reading.fits(starts, written) else Intent.UNCLEAR


MENDED_WITH, HELD_OUT = Fixed.load("replies.json"), Fixed.load("replies_held_out.json")
ALL_TEXTS = [text for _, text in (*CORPUS, *MENDED_WITH.replies, *HELD_OUT.replies)]

# ---- the corpora -------------------------------------------------------------------------------------


def test_the_corpora_are_large_and_say_everything_once():
    fixed = [*MENDED_WITH.replies, *HELD_OUT.replies]

    assert len(CORPUS) >= 300
    assert len({text for _, text in CORPUS}) == len(CORPUS)
    assert {_meant(outcome) for outcome, _ in CORPUS} == set(Intent) - {Intent.SEVERAL}
    assert len({text for _, text in fixed}) == len(fixed) == 1000


@pytest.mark.parametrize(("outcome", "text"), CORPUS)
def test_a_reply_means_what_it_says(outcome: str, text: str):
    found = read(text)

    assert (_fitting(found, STARTS, WRITTEN), found.says_more) == (_meant(outcome), outcome == "stop+")


def _meant(outcome: str) -> Intent:
    return SHORT_NAMES.get(outcome) or Intent(outcome)


@pytest.mark.parametrize("corpus", [MENDED_WITH, HELD_OUT], ids=["mended with", "held out"])
def test_few_replies_are_missed_and_none_confirms_or_cancels_wrongly(corpus: Fixed):
    found = Counter((meant, corpus.understood(text)) for meant, text in corpus.replies)
    for (meant, intent), count in sorted(found.items()):
        print(f"{meant:8} read as {intent:12} {count}")  # noqa: T201 with -s

    assert _recall(found, "yes", Intent.YES) >= 0.95
    assert _recall(found, "no", Intent.NO) >= 0.9
    assert _recall(found, "stop", Intent.STOP) == 1
    assert _recall(found, "call", Intent.CALL_BACK) == 1
    assert _wrongly(found, "yes", Intent.YES) == 0
    assert _wrongly(found, "no", Intent.NO) == 0
    others = sum(count for (meant, _), count in found.items() if meant != "stop")
    assert _wrongly(found, "stop", Intent.STOP) <= others / 100
    assert _wrongly(found, "thanks", Intent.THANKS) == 0


@pytest.mark.parametrize("corpus", [MENDED_WITH, HELD_OUT], ids=["mended with", "held out"])
def test_what_is_neither_yes_nor_no_is_asked_back_or_read_by_a_human(corpus: Fixed):
    lost = [
        (text, corpus.understood(text))
        for meant, text in corpus.replies
        if meant in ACCEPTED and corpus.understood(text) not in {*ACCEPTED[meant], Intent.STOP}
    ]

    assert lost == []


def _recall(found: Counter[tuple[str, Intent]], meant: str, intent: Intent) -> float:
    return found[meant, intent] / sum(count for (each, _), count in found.items() if each == meant)


def _wrongly(found: Counter[tuple[str, Intent]], meant: str, intent: Intent) -> int:
    return sum(count for (each, read_as), count in found.items() if read_as == intent and each != meant)


# ---- what is named -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("2 482 913", Reading(Intent.NO, "482913")),
        ("1 482913", Reading(Intent.YES, "482913")),
        ("oui 412345", Reading(Intent.YES, "412345")),
        ("annuler 412345", Reading(Intent.NO, "412345")),
        ("CANCEL", Reading(Intent.NO, opts_out=True)),
        ("2, je ne peux pas venir", Reading(Intent.NO)),
    ],
)
def test_a_number_may_be_named(text: str, reading: Reading):
    assert read(text) == reading


@pytest.mark.parametrize(
    "text",
    [
        "1 412345 2 556677",
        "1 412 345, 2 556 677",
        "1 pour 412345 et 2 pour 556677 merci",
        "oui 412345 non 556677",
        "412345 : 1\n556677 : 2",
        "je viens 412345, j'annule 556677",
    ],
)
def test_several_appointments_may_be_answered_at_once(text: str):
    assert read(text) == Reading(Intent.SEVERAL, several=((Intent.YES, "412345"), (Intent.NO, "556677")))


@pytest.mark.parametrize("text", ["1 412345 2 412345", "1 412345 556677", "1 412345 2 556677 3 111222"])
def test_what_contradicts_itself_answers_nothing(text: str):
    assert read(text).intent is Intent.UNCLEAR


@pytest.mark.parametrize("answer", ["je confirme le rdv {}", "j'annule le rdv {}"])
@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ("de mardi", True),
        ("du mardi 24 novembre", True),
        ("du 24", True),
        ("de demain", True),
        ("de demain matin", True),
        ("du mardi 24 à 10h30", True),
        ("du 24/11 à 10:30", True),
        ("du mardi 24/11/2026", True),
        ("du 25/11", False),
        ("du 24/11 à 10:00", False),
        ("de jeudi", False),
        ("du 26", False),
        ("du mardi 1er décembre", False),
        ("du mardi 24 à 14h", False),
        ("de demain soir", False),
    ],
)
def test_an_answer_that_names_another_day_or_hour_is_about_something_else(answer: str, when: str, fits: bool):
    reading = read(answer.format(when))

    assert reading.intent in (Intent.YES, Intent.NO)
    assert reading.fits(STARTS, WRITTEN) == fits


# ---- the question copied -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("1 (je le prends)", Intent.YES),
        ("je le prends", Intent.YES),
        ("1 (je viens)", Intent.YES),
        ("1 si vous venez", Intent.YES),
        ("1 si vous venez, merci", Intent.YES),
        ("1 pour confirmer le RDV", Intent.YES),
        ("1 pour prendre le RDV du mardi 24 nov. à 11h15", Intent.YES),
        ("1 = I will come", Intent.YES),
        ("1 (I take it)", Intent.YES),
        ("1 (سأحضر)", Intent.YES),
        ("1 (آخذه)", Intent.YES),
        ("2 pour annuler", Intent.NO),
        ("2 pour l'annuler", Intent.NO),
        ("2 (j'annule)", Intent.NO),
        ("2 (non merci)", Intent.NO),
        ("2 si vous n'en voulez pas", Intent.NO),
        ("2 = I cancel", Intent.NO),
        ("2 (no, thank you)", Intent.NO),
        ("2 (ألغي)", Intent.NO),
        ("2 (لا شكرا)", Intent.NO),
        ("Répondez 1 si vous venez, 2 pour annuler.", Intent.UNCLEAR),
        ("1 si vous venez, 2 pour annuler", Intent.UNCLEAR),
        ("1 (je le prends) ou 2 (non merci)", Intent.UNCLEAR),
        ("1 pour annuler", Intent.UNCLEAR),
        ("2 si vous venez", Intent.UNCLEAR),
        ("2 je le prends", Intent.UNCLEAR),
        ("je ne le prends pas", Intent.UNCLEAR),
        ("1 si vous venez me chercher", Intent.UNCLEAR),
        ("1 si je peux", Intent.UNCLEAR),
        ("2 pour annuler et reporter", Intent.UNCLEAR),
        ("2 pour annuler ?", Intent.UNCLEAR),
    ],
)
def test_an_answer_may_copy_the_words_of_the_question(text: str, intent: Intent):
    assert read(text).intent is intent


# ---- properties --------------------------------------------------------------------------------------

NO_WORDS = {"2", "non", "no", "cancel", "لا", "الغاء", "الغي", "الغ", "الغوا"}
DECLINED = re.compile(
    r"\b2 (?:non )?je (?:ne )?(?:viens|viendrai|peux|pourrai|serai) (?:pas|plus)\b"
    r"(?: venir| la\b| presente?\b)?"
)
COPIED = re.compile(
    r"\b2 (?:pour (?:l )?annuler\b(?: (?:le|mon|ce) rdv\b)?"
    r"|si (?:vous|je) (?:ne? )?(?:en )?(?:voulez|veux|venez|viens) pas\b)"
)
"""The question copied with its key."""
TURNING = {
    "1", "oui", "ok", "si", "mais", "pas", "ne", "n", "plus", "jamais", "viens", "viendrai", "confirme", "ou",
    "personnes", "personne", "heures", "h", "pourquoi", "comment", "quand", "peut", "veux", "faut", "est",
    "reporter", "autre", "retard", "nous", "vous", "on", "il", "quoi", "tout", "d", "pour", "et",
}  # fmt: skip


def _is_unmistakable(text: str) -> bool:
    """By other means than the reader's: it says no, and no word of it turns that round."""
    plain = COPIED.sub("2", DECLINED.sub("2", fold(text).replace("rendez vous", "rdv")))
    words = plain.split()
    says_no = any(word in NO_WORDS or "anul" in word.replace("nn", "n") for word in words)
    return says_no and not TURNING & set(words) and not {"?", "؟", "👍", "👌", "✅"} & set(text)


WORDS = sorted({word for text in ALL_TEXTS for word in text.split()})


def test_every_no_of_the_corpora_is_unmistakable():
    noes = [text for text in ALL_TEXTS if read(text).intent is Intent.NO]

    assert len(noes) > 100
    assert [text for text in noes if not _is_unmistakable(text)] == []


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join))
@settings(deadline=None, max_examples=500)
def test_no_words_of_residents_in_any_order_cancel_unless_they_say_so(text: str):
    assert read(text).intent is not Intent.NO or _is_unmistakable(text)


@given(st.text(max_size=200))
def test_no_random_text_cancels_unless_it_says_so(text: str):
    assert read(text).intent is not Intent.NO or _is_unmistakable(text)


@given(
    st.sampled_from(["2", "annuler", "j'annule mon rdv", "annuler 412345", "non 2", "2 merci", "CANCEL"]),
    st.sampled_from(sorted(TURNING - {"d", "h"})),
    st.booleans(),
)
def test_a_no_with_a_word_that_turns_it_round_never_cancels(no: str, turn: str, is_first: bool):
    text = f"{turn} {no}" if is_first else f"{no} {turn}"

    assert read(text).intent is not Intent.NO


@given(st.sampled_from(ALL_TEXTS), st.sampled_from(["", " ", "\n", "\u00a0", "!", " .", "…"]))
@settings(deadline=None)
def test_case_and_what_stands_around_change_nothing(text: str, around: str):
    if read(text).intent is Intent.HELP or not fold(text):
        return  # « ? » is made of what is ignored elsewhere
    expected = read(text)

    assert read(f"{around}{text}{around}") == expected
    assert read(text.upper()).intent == expected.intent or "ß" in text


@pytest.mark.parametrize("outcome", ["stop", "stop+", "wrong", "desk", "call"])
def test_no_such_wish_confirms_or_cancels(outcome: str):
    found = {read(text).intent for each, text in CORPUS if each == outcome}

    assert found == {_meant(outcome)}


def test_a_stop_among_explanations_of_any_length_is_one():
    explained = "Stop, " + "je vous explique pourquoi je ne veux plus de cela, " * 30

    assert read(explained) == Reading(Intent.STOP, says_more=True)


@pytest.mark.parametrize(
    "part",
    ["stop ", "a", "de ", "arretez de ", "nemecontactezplus", "je ne suis pas ", ",stop", "de les vos ces ",
     "ne m envoyez plus de tous les messages et ", "nemecontactezplux" * 2 + " ", "1", "m'", "توقف ",
     "oui ", "2 annuler ", "oui pour mardi 24 novembre a 10h30 ", "rappelez moi ", "1 412345 ", "mme "],
)  # fmt: skip
def test_no_text_takes_long(part: str):
    text = (part * 10_000)[:10_000]
    began = time.process_time()
    read(text)

    assert time.process_time() - began < 2


# What everyone who writes one of these means, however they type it.
STOPS = [
    "stop", "arrêtez", "arrêtez de m'envoyer des messages", "ne m'envoyez plus de messages",
    "je ne veux plus de sms", "ne me contactez plus", "désinscrivez-moi", "merci de ne plus m'écrire",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(STOPS), min_size=1, max_size=4), st.sampled_from([" ", ". ", ", ", " merci "])
)
@settings(deadline=None)
def test_stops_in_a_row_are_a_plain_stop(stops: list[str], between: str):
    assert read(between.join(stops)) == Reading(Intent.STOP)


@given(st.sampled_from(STOPS), st.text(alphabet="abcdefghilmnoprstuvé ", max_size=60))
@settings(deadline=None)
def test_whatever_is_added_behind_a_sentence_a_stop_is_never_lost(stop: str, more: str):
    found = read(f"{stop}. {more}")

    assert found.intent in (Intent.STOP, Intent.DESK) or stop in ("stop", "arrêtez")
