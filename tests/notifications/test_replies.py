"""What residents' replies mean: a corpus, and nothing that cancels by mistake."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.replies import NO, NO_AR, Intent, Reading, fold, read

CORPUS = [
    tuple(line.rstrip("\n").split("\t", 1))
    for line in (Path(__file__).parent / "replies.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_the_corpus_is_large_and_says_everything_once():
    assert len(CORPUS) >= 300
    assert len({text for _, text in CORPUS}) == len(CORPUS)
    assert {outcome for outcome, _ in CORPUS} == set(Intent)


@pytest.mark.parametrize(("outcome", "text"), CORPUS)
def test_a_reply_means_what_it_says(outcome: str, text: str):
    assert read(text).intent == outcome


def test_nothing_outside_the_list_cancels():
    cancelling = {text for outcome, text in CORPUS if read(text).intent == Intent.NO}

    assert cancelling == {text for outcome, text in CORPUS if outcome == "no"}


def test_a_number_may_be_named():
    assert read("2 482 913") == Reading(Intent.NO, "482913")
    assert read("1 482913") == Reading(Intent.YES, "482913")


@given(
    st.sampled_from([text for _, text in CORPUS]), st.sampled_from(["", " ", "\n", "\u00a0", "!", " .", "…"])
)
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
