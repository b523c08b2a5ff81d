"""Each question of a privacy officer is answered by a page, a command or a test that there is."""

import re
from pathlib import Path

from django.core.management import get_commands
from django.urls import Resolver404, resolve

from tests.collected import is_test

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "privacy-questions.md").read_text(encoding="utf-8")
QUESTION = re.compile(r"^(\d+)\. \*\*(.+?)\*\*(.*?)(?=^\d+\. \*\*|^## |\Z)", re.MULTILINE | re.DOTALL)
QUESTIONS = [(int(number), question, answer) for number, question, answer in QUESTION.findall(TEXT)]
ADDRESS = re.compile(r"`(/[^`]*)`")
COMMAND = re.compile(r"`manage\.py (\w+)[^`]*`")
TEST = re.compile(r"`(tests/[^`]+)`")


def is_page(address: str) -> bool:
    filled = address.replace("<pk>", "1").replace("<insee>", "76498")
    try:
        resolve(filled)
    except Resolver404:
        return False
    return True


def test_there_are_thirty_questions_or_more_in_order() -> None:
    assert [number for number, _question, _answer in QUESTIONS] == list(range(1, len(QUESTIONS) + 1))
    assert len(QUESTIONS) >= 30


def test_each_question_names_a_page_a_command_or_a_test() -> None:
    named = {
        question: [*ADDRESS.findall(answer), *COMMAND.findall(answer), *TEST.findall(answer)]
        for _number, question, answer in QUESTIONS
    }
    assert [question for question, found in named.items() if not found] == []


def test_the_pages_there_are() -> None:
    assert [address for address in ADDRESS.findall(TEXT) if not is_page(address)] == []


def test_the_commands_there_are() -> None:
    assert set(COMMAND.findall(TEXT)) - get_commands().keys() == set()


def test_the_tests_there_are() -> None:
    assert [each for each in TEST.findall(TEXT) if not is_test(each)] == []


def test_the_parameters_named_are_of_pages_that_open_for_somebody() -> None:
    assert is_page("/reglages/donnees/papiers/affiche/")
    assert not is_page("/nulle-part/")
