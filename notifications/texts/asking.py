"""Whether a commune's own text invites an answer in words of its own. Pure.

An answer is understood only if the text has the placeholder of the answer: it marks the message as a question,
and its words fit the sender. « Répondez 1 » written by hand would be answered, and the answer lost.
"""

import re
import unicodedata

_ANSWER = (
    r"(?:\b(?:oui|non|yes|no)\b|[١٢]"
    r"|\b(?:1|2|un|deux|one|two)\b(?!\s+(?!(?:si|pour|ou|et|par|if|to|or|and|by|au|a)\b)[a-z]))"
)
"""A yes or a no as people write it; a number before a noun (« 2 photos ») is none."""
_INVITES = re.compile(
    rf"\b(?:repond|renvoy|envoy|tap|compos|reply|respond|answer|text|send|press|type)\w*\W[^.!?]{{0,25}}?{_ANSWER}"
    r"|(?<![\w:/])[12]\s*="
    r"|(?:^|[.!?:,])\s*[12]\s*(?::|(?:pour|si|to|if)\b)"
    rf"|(?:اجب|اجيب|ارسل|رد|اضغط)\w*\W[^.!?؟]{{0,25}}?(?:{_ANSWER}|[12])"
)


def invitation_in(template: str) -> str:
    """The words that invite an answer; empty if there are none. Placeholders do not count."""
    text = re.sub(r"\{[^{}]*\}", " ", template)
    found = _INVITES.search(_plain(text))
    return text[found.start() : found.end()].strip() if found else ""


def _plain(text: str) -> str:
    """Small letters without accents, one for one, so that a place in it is a place in the text."""
    return "".join(unicodedata.normalize("NFD", char)[0].lower()[:1] for char in text)
