"""The scripts of calls, in TwiML, which Twilio speaks. Pure.

The rules come from usability studies with old people. A call says at once who calls and that it is
automatic, then pauses for a second. It says day and time twice, slowly. It names the action before the key,
waits nine seconds for the key, and offers the keys twice. It says no name before a key is pressed (a relative
or a machine may hear it), and never the reason of the visit. Cancelling asks for a second key, confirming
does not. The last sentence repeats the outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from twilio.twiml.voice_response import Gather, Say, VoiceResponse

from notifications.enums import MessageKind
from notifications.texts import LANGUAGES, About, where
from notifications.texts.spoken import SPOKEN, Spoken

WAIT_S = 9
TIMES = 2
SLOWLY = "85%"
DESK_RINGS_S = 25
NUMBER_DIGITS = 6
NEWS = (MessageKind.CANCELLATION, MessageKind.PHONE_CANCEL, MessageKind.LATE, MessageKind.NOT_YOURS)
"""Kinds that inform and ask for no decision."""
YOURS = (MessageKind.CONFIRMATION, MessageKind.REMINDER)
SLOW = (
    "confirmation",
    "reminder",
    "change",
    "maintained",
    "cancellation",
    "phone_cancel",
    "not_yours",
    "late",
    "offer",
    "again",
    "again_late",
    "inbound_found",
)


@dataclass(frozen=True, slots=True)
class Script:
    """The sentences of a call about one appointment, in one language."""

    about: About
    language: str
    to_contact: bool = False
    """The contact person is called: they are informed and decide nothing."""

    @property
    def words(self) -> Spoken:
        return SPOKEN[self.language]

    def message(self, kind: MessageKind, *, heard_url: str) -> str:
        """The first reading of a message. Its end leads to `heard_url`, which tells us that whoever picked up
        has heard it, even if they hang up there; the keys follow from there."""
        response = VoiceResponse()
        self._say(response, "intro_contact" if self.to_contact else "intro")
        response.pause(length=1)
        self._say(response, self._news(kind), again_for(kind))
        response.redirect(heard_url, method="POST")
        return str(response)

    def keys(self, kind: MessageKind, *, key_url: str, end_url: str) -> str:
        """After the first reading: what each key does, twice, then goodbye."""
        return self._offer_keys(VoiceResponse(), self._menu(kind), key_url, end_url)

    def again(self, kind: MessageKind, *, key_url: str, end_url: str) -> str:
        """After key 3: the text again, without the introduction."""
        response = VoiceResponse()
        self._say(response, self._news(kind), again_for(kind))
        return self._offer_keys(response, self._menu(kind), key_url, end_url)

    def tells_only(self, kind: MessageKind) -> bool:
        """Whether the call asks for no decision."""
        return self.to_contact or kind in NEWS

    def no_key_for(self, kind: MessageKind) -> str:
        if kind == MessageKind.OFFER:
            return "no_key_offer"
        return "no_key_told" if self.tells_only(kind) else "no_key"

    def second_key(self, *, key_url: str, end_url: str) -> str:
        return self._offer_keys(VoiceResponse(), "menu_cancel", key_url, end_url)

    def goodbye(self, *sentences: str) -> str:
        response = VoiceResponse()
        self._say(response, *sentences)
        response.hangup()
        return str(response)

    def voicemail(self, kind: MessageKind) -> str:
        """What is left on an answering machine, twice: mairie, time, site, number to call; no name."""
        response = VoiceResponse()
        response.pause(length=1)
        what = self._news(kind if kind in (*NEWS, MessageKind.OFFER) else MessageKind.REMINDER)
        how = "voicemail_offer" if kind == MessageKind.OFFER else "voicemail_phone"
        sentences = ["voicemail_contact" if self.to_contact else "voicemail", what] + (
            [how] if self.about.phone else []
        )
        for _ in range(TIMES):
            self._say(response, *sentences)
            response.pause(length=1)
        response.hangup()
        return str(response)

    # ---- someone calls us ----------------------------------------------------------------------------

    def ask_number(self, *, key_url: str, end_url: str, after: str = "") -> str:
        """Say who we are and ask for the number of the appointment. Nothing personal is said before that.
        `after` names the sentence that asks again, without the welcome, when a number was not known."""
        response = VoiceResponse()
        for _ in range(TIMES):
            gather = Gather(
                action=key_url, method="POST", num_digits=NUMBER_DIGITS, timeout=WAIT_S, finish_on_key="#"
            )
            self._say(gather, after or "inbound")
            response.append(gather)
        response.redirect(end_url, method="POST")
        return str(response)

    def found(self, *, key_url: str, end_url: str) -> str:
        response = VoiceResponse()
        self._say(response, "inbound_found", "again")
        return self._offer_keys(response, "menu", key_url, end_url)

    def connect(self, *, number: str, caller: str, after_url: str) -> str:
        """Put the caller through to the desk."""
        response = VoiceResponse()
        self._say(response, "connecting")
        dial = response.dial(timeout=DESK_RINGS_S, action=after_url, method="POST", caller_id=caller)
        dial.number(number)
        return str(response)

    # ---- how it is said ------------------------------------------------------------------------------

    def _news(self, kind: MessageKind) -> str:
        """The name of the sentence with the news. Only the resident hears « Vous avez rendez-vous »."""
        return "inbound_found" if self.to_contact and kind in YOURS else kind

    def _menu(self, kind: MessageKind) -> str:
        if kind == MessageKind.OFFER:
            return "menu_offer"
        return "menu_told" if self.tells_only(kind) else "menu"

    def _offer_keys(self, response: VoiceResponse, menu: str, key_url: str, end_url: str) -> str:
        for _ in range(TIMES):
            gather = Gather(action=key_url, method="POST", num_digits=1, timeout=WAIT_S)
            self._say(gather, menu)
            response.append(gather)
        response.redirect(end_url, method="POST")
        return str(response)

    def _say(self, into: VoiceResponse | Gather, *names: str) -> None:
        for name in names:
            say = Say(voice=self.words.voice, language=self.words.locale)
            say.prosody(self.sentence(name), rate=SLOWLY if name in SLOW else "95%")
            into.append(say)

    def sentence(self, name: str) -> str:
        local = self.about.start.astimezone(self.about.time_zone)
        when = self.words.joined.format(day=self.words.day(local.date()), time=self.words.time(local.time()))
        mairie = LANGUAGES[self.language].town_hall(self.about.commune)
        mairie = mairie[0].lower() + mairie[1:] if self.language == "fr" else mairie
        return self.words.sentences[name].format(
            mairie=mairie,
            when=when,
            place=where(LANGUAGES[self.language], self.about),
            phone=spoken_number(self.about.phone),
            until=self._until(),
        )

    def _until(self) -> str:
        until = self.about.until
        return self.words.time(until.astimezone(self.about.time_zone).time()) if until else ""


def again_for(kind: MessageKind) -> str:
    return "again_late" if kind == MessageKind.LATE else "again"


def spoken_number(phone: str) -> str:
    """A phone number, spoken in pairs with a pause after each."""
    return ", ".join(phone.split())


def spoken(sentences: Sequence[str], language: str, *, then_url: str = "") -> str:
    """Say these sentences after a pause, then go on at `then_url`, or hang up."""
    words = SPOKEN[language]
    response = VoiceResponse()
    response.pause(length=1)
    for sentence in sentences:
        say = Say(voice=words.voice, language=words.locale)
        say.prosody(sentence, rate=SLOWLY)
        response.append(say)
    if then_url:
        response.redirect(then_url, method="POST")
    else:
        response.hangup()
    return str(response)


def nothing() -> str:
    """The answer to a request that needs none."""
    return str(VoiceResponse())


__all__: Sequence[str] = ("SPOKEN", "Script", "nothing", "spoken", "spoken_number")
