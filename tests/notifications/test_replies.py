"""What residents' replies mean: a corpus of examples, and no reply that cancels by mistake."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.replies.reader import NO, NO_AR, Intent, Reading, fold, read

SHORT_NAMES = {
    "stop+": Reading(Intent.STOP, says_more=True),
    "wrong": Reading(Intent.WRONG_NUMBER),
}

CORPUS = [
    tuple(line.rstrip("\n").split("\t", 1))
    for line in (Path(__file__).parent / "replies.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_the_corpus_is_large_and_says_everything_once():
    assert len(CORPUS) >= 300
    assert len({text for _, text in CORPUS}) == len(CORPUS)
    assert {_meant(outcome).intent for outcome, _ in CORPUS} == set(Intent)


@pytest.mark.parametrize(("outcome", "text"), CORPUS)
def test_a_reply_means_what_it_says(outcome: str, text: str):
    found = read(text)

    assert (found.intent, found.says_more) == (_meant(outcome).intent, _meant(outcome).says_more)


def _meant(outcome: str) -> Reading:
    return SHORT_NAMES.get(outcome) or Reading(Intent(outcome))


def test_nothing_outside_the_list_cancels():
    cancelling = {text for outcome, text in CORPUS if read(text).intent == Intent.NO}

    assert cancelling == {text for outcome, text in CORPUS if outcome == "no"}


def test_a_number_may_be_named():
    assert read("2 482 913") == Reading(Intent.NO, "482913")
    assert read("1 482913") == Reading(Intent.YES, "482913")


@given(
    st.sampled_from([text for _, text in CORPUS]), st.sampled_from(["", " ", "\n", "\u00a0", "!", " .", "…"])
)
@settings(deadline=None)
def test_case_and_what_stands_around_change_nothing(text: str, around: str):
    if read(text).intent is Intent.HELP or not fold(text):
        return  # « ? » is made of what is ignored elsewhere
    expected = read(text)

    assert read(f"{around}{text}{around}") == expected
    assert read(text.upper()).intent == expected.intent or "ß" in text


@given(st.text(max_size=200))
def test_no_random_text_cancels_unless_it_is_the_keyword(text: str):
    if read(text).intent is Intent.NO:
        folded = fold(text)
        assert folded in NO | NO_AR or (folded.startswith("2 ") and folded[2:].replace(" ", "").isdecimal())


@given(
    st.lists(
        st.sampled_from(["oui", "non", "annuler", "2", "1", "mais", "pas", "merci", "je viens", "ok"]),
        min_size=2,
        max_size=5,
    )
)
def test_a_keyword_among_other_words_never_cancels(words: list[str]):
    assert read(" ".join(words)).intent is not Intent.NO


@pytest.mark.parametrize("outcome", ["stop", "stop+", "wrong", "desk"])
def test_no_such_wish_confirms_or_cancels(outcome: str):
    found = {read(text).intent for each, text in CORPUS if each == outcome}

    assert found == {_meant(outcome).intent}


def test_a_stop_among_explanations_of_any_length_is_one():
    explained = "Stop, " + "je vous explique pourquoi je ne veux plus de cela, " * 30

    assert read(explained) == Reading(Intent.STOP, says_more=True)


@pytest.mark.parametrize(
    "part",
    ["stop ", "a", "de ", "arretez de ", "nemecontactezplus", "je ne suis pas ", ",stop", "de les vos ces ",
     "ne m envoyez plus de tous les messages et ", "nemecontactezplux" * 2 + " ", "1", "m'", "توقف "],
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
