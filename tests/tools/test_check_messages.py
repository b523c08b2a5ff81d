import gettext
from pathlib import Path

import polib
import pytest

from scripts import check_messages, french_rules, messages

NBSP = "\u00a0"


def entry(msgstr: str, msgid: str = "text", **more: object) -> polib.POEntry:
    return polib.POEntry(msgid=msgid, msgstr=msgstr, **more)


@pytest.mark.parametrize(
    "text",
    [
        f"Aujourd’hui{NBSP}: trois rendez-vous",
        "À 09:00, salle 2",
        "Voulez-vous venir\u202f?",
        f"«{NBSP}sans téléphone{NBSP}»",
        "Continuer…",
        "Voir https://exemple.fr/a?b=1",
        '<a class="x:y" href="?page=2">Suite</a>',
        f"Vraiment{NBSP}?!",
        f"14{NBSP}h{NBSP}30, pendant %(n)s{NBSP}min, n°{NBSP}12",
        "Annuler le rendez-vous",
        f"{'Un mot et ' * 6}un autre ({'puis ' * 9}la fin). {'Un mot et ' * 6}un autre.",
        "Accueil · Permanence",
        "Présence ajoutée\u00a0: %(name)s.",
        "Un courriel est envoyé à %(email)s.",
        "Bonjour %(name)s, à %(time)s (%(count)d&nbsp;min)",
    ],
)
def test_well_set_french_passes(text):
    assert list(check_messages.french_faults(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Aujourd'hui",
        "Rendez-vous :",
        "Rendez-vous: mardi",
        "Annuler?",
        "Attention !",
        "« oui »",
        "«oui»",
        "Suite...",
        "Le %(day)s: complet",
        "14 h 30",
        "%(n)s min de plus",
        "Rendez-vous n° 12",
        "Est arrivé·e",
        "Annuler",
        "Le début est annulé\u00a0: j’annule aussi la fin",
        "La présence de %(name)s est ajoutée.",
        "Quelqu’un d’autre que %(resident)s",
        "Mairie de %(commune)s",
        "Rendez-vous à %(commune)s",
        "Un mot " + "puis un autre " * 7,
    ],
)
def test_badly_set_french_is_refused(text):
    assert list(check_messages.french_faults(text)) != []


@pytest.mark.parametrize(
    "term", [*french_rules.TERMS, *french_rules.PAGE_TERMS], ids=lambda term: term.pattern
)
def test_a_word_that_the_glossary_has_replaced_is_refused_with_the_better_one(term: french_rules.Term):
    (fault,) = check_messages.french_faults(term.example)
    assert fault.startswith(f"not a word of the glossary; better: {term.better}")


def test_the_api_may_speak_as_programmers_do():
    programmers = [("booking/schemas.py", ""), ("booking/models/residents.py", "")]
    text = entry("E.164", "E.164", occurrences=programmers)
    assert list(check_messages.faults(text, "fr")) == []
    on_a_page = entry("E.164", "E.164", occurrences=[*programmers, ("templates/desk/desk.html", "")])
    assert len(list(check_messages.faults(on_a_page, "fr"))) == 1


def test_texts_of_messages_and_calls_and_the_notices_are_looked_at(tmp_path):
    for name in ("notifications/texts", "docs"):
        (tmp_path / name).mkdir(parents=True)
    messages_fr = tmp_path / "notifications/texts/fr.py"
    messages_fr.write_text(
        '"""Offre."""\n\nFRENCH = {\n    "gone": "Cette place n\'est plus libre.",\n}\n', "utf-8"
    )
    calls = tmp_path / "notifications/texts/spoken.py"
    calls.write_text('ENGLISH = ("An e-mail.",)\nFRENCH = ("Êtes-vous arrivé·e ?",)\n', "utf-8")
    notices = tmp_path / "docs/privacy.md"
    notices.write_text(
        "An e-mail.\n\n## Affiche\n\n> une personne de\n> confiance\n\n## Who receives data\n\ne-mail\n",
        "utf-8",
    )
    found = [fault.split(": ")[0] for fault in check_messages.check_texts_in_code(tmp_path)]
    assert found == ["notifications/texts/fr.py:4", "notifications/texts/spoken.py:2", "docs/privacy.md:5"]


def test_every_text_must_be_translated_and_read():
    assert list(check_messages.faults(entry(""), "fr")) == ["not translated"]
    assert "fuzzy" in next(check_messages.faults(entry("texte", flags=["fuzzy"]), "fr"))
    half = polib.POEntry(msgid="day", msgid_plural="days", msgstr_plural={0: "jour", 1: ""})
    assert list(check_messages.faults(half, "fr")) == ["not translated"]


def test_placeholders_stay_as_they_are():
    lost = entry("à l’accueil", msgid="at %(place)s")
    renamed = entry("à %(lieu)s", msgid="at %(place)s")
    assert [fault.split(":")[0] for fault in check_messages.faults(lost, "fr")] == ["placeholder lost"]
    assert [fault.split(":")[0] for fault in check_messages.faults(renamed, "fr")] == [
        "placeholder not in the original",
        "placeholder lost",
    ]


def test_a_plural_may_leave_its_number_out():
    one = polib.POEntry(
        msgid="%(n)d day", msgid_plural="%(n)d days", msgstr_plural={0: "un jour", 1: "%(n)d jours"}
    )
    assert list(check_messages.faults(one, "fr")) == []


def po(path: Path, *entries: polib.POEntry) -> Path:
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8", "POT-Creation-Date": "now"}
    catalogue.extend(entries)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    return path


def test_merging_fills_what_lacks_and_leaves_what_is_there(tmp_path):
    target = po(
        tmp_path / "fr" / "LC_MESSAGES" / "django.po",
        entry("", "a"),
        entry("bé", "b"),
        entry("cé ?", "c", flags=["fuzzy"], previous_msgid="k"),
        entry("", "d", msgctxt="verb"),
    )
    source = po(
        tmp_path / "one.po",
        entry("a un", "a"),
        entry("b un", "b"),
        entry("c un", "c"),
        entry("d sans contexte", "d"),
        entry("nulle part", "z"),
    )
    assert messages.merge(target, [source]) == 2
    merged = {(e.msgctxt or "", e.msgid): e for e in polib.pofile(str(target))}
    assert {key: e.msgstr for key, e in merged.items()} == {
        ("", "a"): "a un",
        ("", "b"): "bé",
        ("", "c"): "c un",
        ("verb", "d"): "",
    }
    assert merged["", "c"].flags == []
    assert "POT-Creation-Date" not in target.read_text("utf-8")


def test_every_plural_form_of_the_language_is_needed(tmp_path):
    days = polib.POEntry(msgid="day", msgid_plural="days", msgstr_plural={0: "jour", 1: "jours"})
    path = po(tmp_path / "fr" / "LC_MESSAGES" / "django.po", days)
    messages.merge(path, [])
    assert list(check_messages.check(path)) == []

    path.write_text(path.read_text("utf-8").replace('msgstr[1] "jours"\n', ""), encoding="utf-8")
    assert [fault.split(": ")[1] for fault in check_messages.check(path)] == ["2 plural forms needed · 'day'"]


def test_compiled_texts_are_what_gettext_reads(tmp_path):
    days = polib.POEntry(msgid="day", msgid_plural="days", msgstr_plural={0: "jour", 1: "jours"})
    path = po(tmp_path / "fr" / "LC_MESSAGES" / "django.po", entry("à l’accueil", "at the desk"), days)
    messages.merge(path, [])
    messages.compile_messages(path)
    french = gettext.translation("django", tmp_path, ["fr"])
    assert french.gettext("at the desk") == "à l’accueil"
    assert [french.ngettext("day", "days", n) for n in (0, 1, 2)] == ["jour", "jour", "jours"]
