"""What the texts of one language are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time

from notifications.enums import MessageKind

type SayDay = Callable[[date], str]
type SayTime = Callable[[time], str]


@dataclass(frozen=True)
class MessageLanguage:
    """A language of messages; see docs/messages.md for how to add one."""

    code: str
    day: SayDay
    """The date as people say it, short weekday first: `2026-11-24` → « mardi 24 nov. »."""
    time: SayTime
    town_hall: Callable[[str], str]
    """The mairie of the commune of this name."""
    texts: Mapping[MessageKind, tuple[str, ...]]
    """Wordings by kind, the longest first. The first one that fits in one text message is sent."""
    replies: Mapping[MessageKind, tuple[str, ...]]
    """How to answer, where an answer can arrive; longest first. Kinds without an entry use that of the
    confirmation."""
    no_replies: Mapping[MessageKind, tuple[str, ...]]
    """What to do where no answer can arrive. May use {phone}."""
    answers: Mapping[str, str]
    """Our answers to residents' replies; see `notifications/actions/inbound.py`."""
    subjects: Mapping[MessageKind, str]
    """Subjects of e-mails."""
    with_helper: str
    """The {place} and the {helper} whom the resident asked for by name."""
    for_whom: str
    """The {mairie} that writes, and {who} it is for, on a phone that several residents share."""
    changes_from: tuple[str, ...]
    """Wordings of a change to somebody with several appointments: {was} says which one it is about."""
    to_contact: Mapping[MessageKind, tuple[str, ...]] = field(default_factory=dict)
    """Wordings for a contact person, for whom « votre RDV » would be wrong. They are in French only."""
    mail_day: SayDay | None = None
    """The date in an e-mail, which has more room: « mardi 24 novembre »; None: as in a text message."""
    mail_time: SayTime | None = None
    short_words: Mapping[str, str] = field(default_factory=dict)
    """Words that text messages shorten, and what e-mails write instead."""
    changes_from_to_contact: tuple[str, ...] = ()
