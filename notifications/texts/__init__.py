"""What messages say: wordings by language and kind, with named placeholders. Pure.

A text names the mairie first, then weekday, date, time and site. It never names the service or a reason for
the visit, since a whole family may read the phone. It is folded to the characters of a plain text message,
and the longest wording that fits in one message is used.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.enums import Channel, MessageKind
from notifications.texts.ar import ARABIC
from notifications.texts.en import ENGLISH
from notifications.texts.fr import FRENCH
from notifications.texts.gsm7 import Segments, fold, measure
from notifications.texts.names import PLACEHOLDER
from notifications.texts.words import MessageLanguage, SayDay, SayTime

LANGUAGES: Mapping[str, MessageLanguage] = {language.code: language for language in (FRENCH, ENGLISH, ARABIC)}
ASKING = (
    MessageKind.CONFIRMATION,
    MessageKind.REMINDER,
    MessageKind.CHANGE,
    MessageKind.MAINTAINED,
    MessageKind.OFFER,
)
"""Kinds that ask for an answer, if the sender can receive one."""
NAMING = (
    MessageKind.CONFIRMATION,
    MessageKind.REMINDER,
    MessageKind.CHANGE,
    MessageKind.MAINTAINED,
)
"""Kinds that name the helper whom the resident asked for."""
SPOKEN = (Channel.DESK, Channel.VOICE)
"""Channels by which a text is spoken, so that it needs no line about a written answer."""
EDITABLE = (
    MessageKind.CONFIRMATION,
    MessageKind.REMINDER,
    MessageKind.CHANGE,
    MessageKind.CANCELLATION,
    MessageKind.MAINTAINED,
    MessageKind.NOT_YOURS,
    MessageKind.LATE,
    MessageKind.OFFER,
    MessageKind.MISSED,
)
OFFERED = ("mairie", "day", "time", "place", "number", "phone", "reply")
_SENTENCE = re.compile(r"(?<=[.?!])\s+")


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about. `phone` is the place's own, else the mairie's, as people dial it."""

    commune: str
    phone: str
    time_zone: ZoneInfo
    start: datetime
    place: str
    number: str = ""
    until: datetime | None = None
    who: str = ""
    must_say_number: bool = False
    """The resident gave no name, so only the appointment's number identifies them."""
    helper: str = ""
    """The helper whom the resident asked for by name."""
    for_whom: str = ""
    """First name and initial, where several residents share the phone."""
    was: datetime | None = None
    """The time before, where the person has several appointments and must know which one is moved."""


@dataclass(frozen=True, slots=True)
class ComposedText:
    """A finished text. `subject` is for e-mails; `asks` says whether the text invites an answer."""

    text: str
    subject: str
    segments: Segments
    asks: bool
    language: str


def language_for(languages: Iterable[str]) -> str:
    """The first of a resident's languages in which we write; French otherwise."""
    return next((code for code in languages if code in LANGUAGES), FRENCH.code)


def compose(
    kind: MessageKind,
    about: About,
    *,
    channel: Channel,
    language: str = "fr",
    two_way: bool = False,
    template: str = "",
    to_contact: bool = False,
) -> ComposedText:
    """The exact text that is sent. `template` is the commune's own wording, if it has one."""
    words = LANGUAGES[language]
    two_way = two_way and channel == Channel.SMS
    values = placeholders(words, about, in_mail=channel == Channel.EMAIL)
    if about.helper and kind in NAMING:
        values["place"] = where(words, about)
    wordings = _wordings(words, kind, about, template, to_contact=to_contact)
    candidates = list(_candidates(words, kind, wordings, values, two_way=two_way, silent=channel in SPOKEN))
    text, has_reply = candidates[0]
    if channel == Channel.SMS:
        text, has_reply = shortest([(fold(each), invites) for each, invites in candidates])
    if channel == Channel.EMAIL:
        text = in_full(words, text)
    asks = two_way and kind in ASKING and has_reply
    return ComposedText(text, subject(words, kind, about), measure(text), asks, language)


def _wordings(
    words: MessageLanguage, kind: MessageKind, about: About, template: str, *, to_contact: bool
) -> tuple[str, ...]:
    wordings = (template,) if template else words.texts[kind]
    if to_contact:
        wordings = words.to_contact.get(kind, wordings)
    if kind == MessageKind.CHANGE and about.was:
        wordings = (words.changes_from_to_contact if to_contact else ()) or words.changes_from
    if about.must_say_number:
        saying = [each for each in (*wordings, *words.texts[kind]) if "{number}" in each]
        wordings = tuple(saying) or wordings
    if about.for_whom:
        wordings = tuple(each if "{mairie}" in each else f"{{mairie}} : {each}" for each in wordings)
    return wordings


def compose_answer(name: str, about: About, *, language: str = "fr", listed: str = "") -> ComposedText:
    """The text that answers a resident's reply. `name` is a key of `MessageLanguage.answers`; `listed` fills
    in {list}."""
    words = LANGUAGES[language]
    values = {**placeholders(words, about), "list": listed}
    text = fold(_tidy(fill(words.answers[name], values)))
    return ComposedText(text, subject(words, MessageKind.ANSWER, about), measure(text), False, language)


def joined(answers: Iterable[ComposedText]) -> ComposedText:
    """Several answers as one message."""
    each = list(answers)
    text = " ".join(answer.text for answer in each)
    return replace(each[0], text=text, segments=measure(text))


def subject(words: MessageLanguage, kind: MessageKind, about: About) -> str:
    """The subject of an e-mail."""
    values = placeholders(words, about, in_mail=True)
    return fill(words.subjects.get(kind, words.subjects[MessageKind.ANSWER]), values)


def in_full(words: MessageLanguage, text: str) -> str:
    """The text without the words that only text messages shorten."""
    for short, full in words.short_words.items():
        text = text.replace(short, full)
    return text


def shortest(candidates: list[tuple[str, bool]]) -> tuple[str, bool]:
    """The first of those that need the fewest text messages. Candidates come longest wording first."""
    fewest = min(measure(text).count for text, _ in candidates)
    return next(each for each in candidates if measure(each[0]).count == fewest)


def placeholders(words: MessageLanguage, about: About, *, in_mail: bool = False) -> dict[str, str]:
    say_day = (in_mail and words.mail_day) or words.day
    say_time = (in_mail and words.mail_time) or words.time
    local = about.start.astimezone(about.time_zone)
    until = about.until.astimezone(about.time_zone) if about.until else None
    mairie = words.town_hall(about.commune)
    if about.for_whom:
        mairie = words.for_whom.format(mairie=mairie, who=about.for_whom)
    return {
        "mairie": mairie,
        "was": _before(about, say_day, say_time),
        "day": say_day(local.date()),
        "time": say_time(local.time()),
        "place": about.place,
        "number": about.number,
        "phone": about.phone,
        "until": say_time(until.time()) if until else "",
        "who": about.who,
    }


def where(words: MessageLanguage, about: About) -> str:
    """The site, and with whom, if the resident asked for somebody by name."""
    if not about.helper:
        return about.place
    return words.with_helper.format(place=about.place, helper=about.helper)


def _before(about: About, say_day: SayDay, say_time: SayTime) -> str:
    """The day before the move, without its weekday; with the hour, where the day stays."""
    if about.was is None:
        return ""
    was, local = (each.astimezone(about.time_zone) for each in (about.was, about.start))
    _weekday, _, day = say_day(was.date()).partition(" ")
    return f"{day} ({say_time(was.time())})" if was.date() == local.date() else day


def fill(template: str, values: Mapping[str, str]) -> str:
    """Fill in the placeholders; an unknown one stays as it is written. Where the commune has given no
    phone number, a sentence that would state it is left out."""
    if not values.get("phone", "-"):
        template = " ".join(part for part in _SENTENCE.split(template) if "{phone}" not in part)
    return PLACEHOLDER.sub(lambda found: values.get(found.group(1), found.group()), template)


def offered_placeholders(kind: MessageKind) -> tuple[str, ...]:
    """The placeholders that a text of this kind may use: never the person or the service; the answer only for
    kinds that ask for one, and a second time only for kinds that have one."""
    left_out = () if kind in ASKING else ("reply",)
    more = ("until",) if kind in (MessageKind.OFFER, MessageKind.LATE) else ()
    return (*(name for name in OFFERED if name not in left_out), *more)


def unknown_placeholders(template: str, kind: MessageKind) -> list[str]:
    return sorted({name for name in PLACEHOLDER.findall(template) if name not in offered_placeholders(kind)})


def _candidates(
    words: MessageLanguage,
    kind: MessageKind,
    wordings: Iterable[str],
    values: Mapping[str, str],
    *,
    two_way: bool,
    silent: bool,
) -> Iterator[tuple[str, bool]]:
    """Finished texts in order of preference, each with whether it invites an answer."""
    by_kind = words.replies if two_way else words.no_replies
    replies = ("",) if silent else by_kind.get(kind, by_kind[MessageKind.CONFIRMATION])
    if not values["phone"]:
        replies = tuple(reply for reply in replies if "{phone}" not in reply) or ("",)
    for wording in wordings:
        for reply in replies if "{reply}" in wording else ("",):
            invites = two_way and "{reply}" in wording
            yield _tidy(fill(fill(wording, {"reply": fill(reply, values)}), values)), invites


def _tidy(text: str) -> str:
    """Without the double spaces and other gaps that empty values leave."""
    return re.sub(r" +([,.])", r"\1", re.sub(r" {2,}", " ", text)).strip()
