import json
import os
import random
import shutil
import subprocess
import unicodedata
from typing import Literal

import pytest
from gsm0338 import Codec
from hypothesis import given
from hypothesis import strategies as st

from notifications.texts.gsm7 import BASIC, EXTENSION, Segments, fold, is_gsm7, measure

GSM0338 = Codec()
ESCAPE = "\x1b"  # in the table, but no character of a text

PHRASES = (
    "Mairie de Petit-Quevilly : rendez-vous mardi 24 novembre à 10 h 30, hôtel de ville.",
    "Répondez 1 pour confirmer, 2 pour annuler.",
    "N’oubliez pas votre pièce d’identité, s’il vous plaît…",
    "« L’accès est gratuit », 12 € [hors frais] ~ {voir} ^ le n° 5\\6 | 20 °C",
    "Œuvre, cœur, sœur, bœuf : Noël à l'Haÿ-les-Roses, été, Àé Êé Ôé ÉÉ çÇ ùû ïî",
    "Centre social Saint-Julien — 2ᵉ étage",
    "À bientôt 😀 👍🏽",
    "موعدك يوم الثلاثاء",
    "Σας περιμένουμε",
)


def french_text(source, length):
    """A text as a mairie might write it: words of the phrases in any order, with slips of the keyboard."""
    words = " ".join(PHRASES[:6] if source.random() < 0.8 else PHRASES).split()
    text = ""
    while len(text) < length:
        word = source.choice(words)
        if source.random() < 0.1:
            word = source.choice([word.upper(), word.title(), unicodedata.normalize("NFD", word)])
        text += word + source.choice([" ", " ", " ", "\u00a0", "\u202f", "\n", ", "])
    return text[:length]


def slow_measure(text: str) -> Segments:
    """Unit by unit: put each character whole into the present message, or begin another."""
    try:
        if ESCAPE in text:
            raise UnicodeError
        encoding: Literal["GSM-7", "UCS-2"] = "GSM-7"
        blocks = [GSM0338.encode(char, "strict")[0] for char in text]
        single, part = 160, 153
    except UnicodeError:
        encoding = "UCS-2"
        blocks = [char.encode("utf-16-be", "surrogatepass")[::2] for char in text]
        single, part = 70, 67
    room = single if sum(map(len, blocks)) <= single else part
    messages: list[bytes] = []
    for block in blocks:
        if not messages or len(messages[-1]) + len(block) > room:
            messages.append(b"")
        messages[-1] += block
    free = room - len(messages[-1]) if messages else room
    return Segments(encoding, sum(map(len, blocks)), len(messages), room, free)


def test_the_alphabet_is_that_of_an_independent_codec():
    ours, theirs = set(), set()
    for point in range(0x10000):
        char = chr(point)
        if is_gsm7(char):
            ours.add(char)
        if encoded := GSM0338.encode(char, "ignore")[0]:
            theirs.add(char)
            assert len(encoded) == (2 if char in EXTENSION else 1)
    assert ours == theirs - {ESCAPE} == BASIC | EXTENSION


@pytest.mark.parametrize("char", sorted(BASIC | EXTENSION))
def test_every_character_of_the_alphabet_is_measured_alone_and_in_bulk(char):
    assert measure(char) == slow_measure(char)
    for length in (79, 80, 81, 152, 153, 154, 159, 160, 161, 306, 307):
        assert measure(char * length) == slow_measure(char * length)
        assert measure("a" + char * length) == slow_measure("a" + char * length)
    assert fold(char) == char


def test_ten_thousand_random_french_texts_are_measured_like_the_slow_oracle():
    source = random.Random(20261124)
    for _ in range(10_000):
        text = french_text(
            source, source.choice([source.randint(1, 500), 69, 70, 71, 134, 135, 159, 160, 161, 307])
        )
        assert measure(text) == slow_measure(text), text
        folded = fold(text)
        assert measure(folded) == slow_measure(folded), text


@given(
    st.text(max_size=400) | st.text(st.sampled_from([*sorted(BASIC | EXTENSION), "ê", "😀"]), max_size=400)
)
def test_any_text_is_measured_like_the_slow_oracle(text):
    assert measure(text) == slow_measure(text)


def test_the_npm_calculator_agrees_where_it_is_installed():
    """Run with NODE_PATH naming a folder that holds `sms-segments-calculator`."""
    node = shutil.which("node")
    script = """
        const {SegmentedMessage} = require('sms-segments-calculator');
        const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        console.log(JSON.stringify(texts.map((text) => {
            const message = new SegmentedMessage(text);
            return [message.encodingName, message.segmentsCount, message.messageSize];
        })));
    """
    source = random.Random(1)
    texts = [french_text(source, source.randint(1, 400)) for _ in range(2_000)]
    texts += [
        char * length for char in sorted(BASIC | EXTENSION) for length in (80, 81, 153, 154, 160, 161, 307)
    ]
    if node is None:
        pytest.skip("node is not installed")
    result = subprocess.run(
        [node, "-e", script],
        check=False,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ,
    )
    if "Cannot find module" in result.stderr:
        pytest.skip("sms-segments-calculator is not installed")
    assert result.returncode == 0, result.stderr
    for text, (encoding, count, bits) in zip(texts, json.loads(result.stdout), strict=True):
        ours = measure(text)
        assert (ours.encoding, ours.count) == (encoding, count), text
        assert ours.units == bits // (7 if encoding == "GSM-7" else 16), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 0, 160, 160)),
        ("a" * 160, Segments("GSM-7", 160, 1, 160, 0)),
        ("a" * 161, Segments("GSM-7", 161, 2, 153, 145)),
        ("€" * 80, Segments("GSM-7", 160, 1, 160, 0)),
        # The escape pair that would straddle the 153rd septet goes whole into the second message.
        ("a" * 152 + "€" + "a" * 10, Segments("GSM-7", 164, 2, 153, 141)),
        ("ê" * 70, Segments("UCS-2", 70, 1, 70, 0)),
        ("ê" * 71, Segments("UCS-2", 71, 2, 67, 63)),
        # So does the surrogate pair that would straddle the 67th unit.
        ("😀" * 36, Segments("UCS-2", 72, 2, 67, 61)),
    ],
)
def test_the_edges(text, expected):
    assert measure(text) == expected


def test_one_circumflex_makes_three_messages_of_one_and_folding_mends_it():
    text = "a" * 154 + "ê"
    assert measure(text).count == 3
    assert measure(fold(text)).count == 1


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("être à l’heure", "etre à l'heure"),
        ("Ça ira, François, ça ira", "Ça ira, Francois, ca ira"),
        ("Œuvre, cœur, bœuf", "OEuvre, coeur, boeuf"),
        ("« Saint-Julien »", '"Saint-Julien"'),
        ("«\u00a0Saint-Julien\u00a0»", '"Saint-Julien"'),
        ("“oui” ‘non’ ‹bof›", "\"oui\" 'non' 'bof'"),
        ("à suivre…", "à suivre..."),
        ("10\u00a0h\u202f30", "10 h 30"),
        ("lundi – mardi — mercredi − 2‑3", "lundi - mardi - mercredi - 2-3"),
        ("n° 5, N°6, nº 7, nos 8, n°s 9", "no 5, No6, no 7, nos 8, nos 9"),
        ("20 °C, 1° et 2ᵉ étage, m²", "20 C, 1 et 2e étage, m2"),
        ("À Ê Ô È Ù Ç É Î Œ", "A E O E U Ç É I OE"),
        ("é è à ù ä ö ü ñ É Ç Æ æ @ # ß", "é è à ù ä ö ü ñ É Ç Æ æ @ # ß"),
        ("â î ô û ë ï ÿ", "a i o u e i y"),
        ("12 € [a] {b} ~ ^ | \\", "12 € [a] {b} ~ ^ | \\"),
        ("e\u0301te\u0301, tre\u0302s", "été, tres"),
        ("Łódź, Đorđe, Şükrü, İzmir, Nguyễn", "Lodz, Dorde, Sükrü, Izmir, Nguyen"),
        ("soft\u00adhyphen, zero\u200bwidth", "softhyphen, zerowidth"),
        ("une\tcolonne\r\nune ligne", "une colonne\nune ligne"),
    ],
)
def test_what_is_folded(written, sent):
    assert fold(written) == sent
    assert is_gsm7(sent)


@pytest.mark.parametrize("text", ["موعدك يوم الثلاثاء", "À bientôt 😀", "Привет, ça va ?", "您好"])
def test_a_text_that_cannot_be_gsm_7_stays_as_it_was(text):
    assert fold(text) == text


@given(st.text(max_size=200))
def test_folding_twice_is_folding_once_and_never_costs_a_message_more(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert is_gsm7(folded) or folded == unicodedata.normalize("NFC", text)
    assert measure(folded).count <= max(
        measure(text).count, measure(unicodedata.normalize("NFC", text)).count
    )
