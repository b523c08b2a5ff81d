"""What the check of templates and style sheets finds, and what it lets pass."""

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


def test_a_template_at_the_top_is_a_fault():
    assert found_in("templates/desk.html", "") == [
        "templates/desk.html: outside the folder of a family of pages"
    ]


def test_a_sheet_that_no_folder_has_the_name_of_is_a_fault():
    assert found_in("static/css/agenda.css", "") == [
        "static/css/agenda.css: neither shared nor named after a folder of templates/"
    ]


def test_the_sheet_of_another_family_is_linked_only_with_a_part_of_it():
    link = "{% static 'css/desk.css' %}"
    assert found_in("templates/login/login.html", link) == [
        "templates/login/login.html: links the style sheet of another family: desk.css"
    ]
    assert found_in("templates/login/login.html", link + '{% include "desk/_person.html" %}') == []
