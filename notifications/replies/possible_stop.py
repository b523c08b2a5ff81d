"""Finds words that may mean « no more messages » in a text that was not read as a STOP. Pure.

`stops.py` decides alone only where there is no doubt. An agent who reads any other text may note a STOP.
"""

import re

from notifications.replies.reader import fold

_WORDS = re.compile(
    r"\b(?:st+o+p+\w*|arr?et+(?:e|er|es|ez|ons)?|cess(?:e|er|ez)|desinscri\w*|desabonn\w*|tranquilles?"
    r"|harcel\w*|spams?|pubs?|unsubscribe|opt ?out"
    r"|(?:plus|pas|no more) (?:de |d |vos |ces |any )?(?:messages?|sms|textos?|appels?|mails?|texts?|calls?)"
    r"|(?:supprim|effac|retir|enlev)\w* (?:moi|mon|mes)|توقف\w*|ايقاف)\b"
)


def may_be_stop(text: str) -> bool:
    return any(_WORDS.search(fold(line)) for line in text.splitlines())
