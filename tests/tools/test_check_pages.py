"""What the check of templates and style sheets finds, and what it lets pass."""

import re

import pytest

from scripts.check_pages import ROOT, faults, read

FILES = {
    "templates/base.html": "<link href=\"{% static 'css/app.css' %}\">",
    "templates/404.html": "",
    "templates/desk/desk.html": "<link href=\"{% static 'css/desk.css' %}\">",
    "templates/login/login.html": "",
    "static/css/app.css": "",
    "static/css/tokens.css": "  --ink: #14302e;",
    "static/css/desk.css": "#add {\n  color: var(--ink);\n  white-space: pre;\n}",
    "static/js/desk.js": 'document.querySelector("#sheet");',
}


def found_in(name: str, text: str) -> list[str]:
    return list(faults({**FILES, name: text}))


def test_this_product_keeps_its_own_rules():
    assert list(faults(read(ROOT))) == []


def test_a_good_page_has_no_fault():
    assert list(faults(FILES)) == []


@pytest.mark.parametrize(
    "value", ["#fff", "#14302e26", "rgb(20 48 46 / 0.25)", "hsl(0 0% 0%)", "white", "1px solid DarkRed"]
)
def test_a_colour_in_a_sheet_is_a_fault(value):
    css = f"/* a\n   comment #abc */\n.a {{\n  background: {value};\n}}"
    (fault,) = found_in("static/css/desk.css", css)
    assert fault.startswith("static/css/desk.css:4: a colour outside tokens.css")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("templates/desk/_drawn.html", '<path fill="#123456">'),
        ("templates/desk/_drawn.html", '<path stroke="red">'),
        ("static/js/desk.js", 'line.color = "#b3261e";'),
    ],
)
def test_a_colour_in_a_template_or_a_script_is_a_fault(name, text):
    (fault,) = found_in(name, text)
    assert "a colour outside tokens.css" in fault


def test_a_line_of_160_characters_is_a_fault():
    assert found_in("templates/desk/_long.html", "x" * 159) == []
    assert found_in("templates/desk/_long.html", "\n" + "x" * 160) == [
        "templates/desk/_long.html:2: a line of 160 characters, 159 at most"
    ]


def test_a_comment_over_two_lines_is_a_fault():
    (fault,) = found_in("templates/desk/who.html", "alone{#\n  #}:")
    assert fault.startswith("templates/desk/who.html:1: a comment")


def test_a_template_at_the_top_is_a_fault():
    assert found_in("templates/desk.html", "") == [
        "templates/desk.html: outside the folder of a family of pages"
    ]


def test_a_sheet_that_no_folder_has_the_name_of_is_a_fault():
    assert found_in("static/css/agenda.css", "") == [
        "static/css/agenda.css: neither shared nor named after a folder of templates/"
    ]


def test_a_sheet_may_be_cut_in_parts_that_only_its_own_family_links():
    assert found_in("static/css/desk/who.css", "") == []
    link = "{% static 'css/desk/who.css' %}"
    assert found_in("templates/desk/desk.html", link) == []
    assert found_in("templates/login/login.html", link) == [
        "templates/login/login.html: links the style sheet of another family: desk/who.css"
    ]


def test_the_sheet_of_another_family_is_linked_only_with_a_part_of_it():
    link = "{% static 'css/desk.css' %}"
    assert found_in("templates/login/login.html", link) == [
        "templates/login/login.html: links the style sheet of another family: desk.css"
    ]
    assert found_in("templates/login/login.html", link + '{% include "desk/_person.html" %}') == []


SENTENCE = "{% blocktranslate with time=starts_at|FILTER %}It begins at {{ time }}.{% endblocktranslate %}"


@pytest.mark.parametrize("clock", ["hour", "clock"])
def test_a_time_in_a_sentence_is_not_written_as_in_a_table(clock):
    sentence = SENTENCE.replace("FILTER", clock)
    (fault,) = found_in("templates/desk/desk.html", f"\n{sentence}")
    assert fault == "templates/desk/desk.html:2: a time in a sentence: hour_in_sentence"
    tile = sentence.replace("{{ time }}.", "{{ time }}")
    assert found_in("templates/desk/desk.html", tile) == []
    assert found_in("templates/desk/desk.html", SENTENCE.replace("FILTER", "hour_in_sentence")) == []


@pytest.mark.parametrize("shown", ["{{ name }} :", "{% endif %} ?", "oui !", "<p>{{ day }} ;</p>"])
def test_a_plain_space_before_a_high_sign_is_a_fault(shown):
    (fault,) = found_in("templates/desk/desk.html", f"<p>\n{shown}\n</p>")
    assert fault.startswith("templates/desk/desk.html:2: a plain space before")
    assert found_in("templates/desk/desk.html", re.sub(r" (?=[:;?!])", "&nbsp;", shown)) == []


def test_a_comment_for_developers_may_have_plain_spaces():
    assert found_in("templates/desk/desk.html", "{# what : a name, or none #}") == []


def test_a_middle_dot_in_a_word_of_a_page_is_a_fault():
    (fault,) = found_in("templates/desk/desk.html", "<p>Est arrivé·e</p>")
    assert fault == "templates/desk/desk.html:1: a middle dot in a word: é·e"
    assert found_in("templates/desk/desk.html", "<p>Accueil · Permanence</p>") == []
